package system

import (
	"errors"
	"fmt"
	"slices"

	"github.com/godbus/dbus/v5"

	"github.com/latchkeyhq/latchkey/internal/keychain"
)

// Names of the Secret Service API, draft 0.2:
// https://specifications.freedesktop.org/secret-service-spec/0.2/
const (
	secretsName         = "org.freedesktop.secrets"
	secretsPath         = dbus.ObjectPath("/org/freedesktop/secrets")
	defaultCollection   = dbus.ObjectPath("/org/freedesktop/secrets/aliases/default")
	loginCollection     = dbus.ObjectPath("/org/freedesktop/secrets/collection/login")
	serviceInterface    = "org.freedesktop.Secret.Service"
	collectionInterface = "org.freedesktop.Secret.Collection"
	itemInterface       = "org.freedesktop.Secret.Item"
	sessionInterface    = "org.freedesktop.Secret.Session"
	promptInterface     = "org.freedesktop.Secret.Prompt"
	noPrompt            = dbus.ObjectPath("/")
)

// backend is a connection of its own to the session bus. It lasts as long as the
// program, since KeePassXC asks the user about each item once a connection. The
// connection that a program shares cannot be used: a prompt's signals come to
// everything that listens on it.
type backend struct{ conn *dbus.Conn }

// secretService is a session of the Secret Service. The attributes and the label of
// its items are those that go-keyring gave the items which are there already.
type secretService struct {
	conn    *dbus.Conn
	session dbus.ObjectPath
	service string // the attribute
}

// secret is the structure Secret of the API.
type secret struct {
	Session     dbus.ObjectPath
	Parameters  []byte
	Value       []byte
	ContentType string
}

func (b *backend) open(service string) (entries, error) {
	if b.conn == nil || !b.conn.Connected() {
		conn, err := dbus.ConnectSessionBus()
		if err != nil {
			return nil, err
		}
		b.conn = conn
	}
	s := &secretService{conn: b.conn, service: service}
	var output dbus.Variant
	err := s.object(secretsPath).Call(serviceInterface+".OpenSession", 0, "plain", dbus.MakeVariant("")).
		Store(&output, &s.session)
	return s, err
}

func (s *secretService) close() {
	_ = s.object(s.session).Call(sessionInterface+".Close", 0).Err // it ends with the connection at the latest
}

func (s *secretService) object(path dbus.ObjectPath) dbus.BusObject {
	return s.conn.Object(secretsName, path)
}

func (s *secretService) attributes(name string) map[string]string {
	return map[string]string{"service": s.service, "username": name}
}

func (s *secretService) get(name string) (string, error) {
	item, err := s.find(name)
	if err != nil {
		return "", err
	}
	if err := s.unlock(item); err != nil { // an item can be locked alone
		return "", err
	}
	var found secret
	if err := s.object(item).Call(itemInterface+".GetSecret", 0, s.session).Store(&found); err != nil {
		return "", err
	}
	return string(found.Value), nil
}

func (s *secretService) set(name, value string) error {
	collection, err := s.collection()
	if err != nil {
		return err
	}
	properties := map[string]dbus.Variant{
		itemInterface + ".Label":      dbus.MakeVariant(fmt.Sprintf("Password for '%s' on '%s'", name, s.service)),
		itemInterface + ".Attributes": dbus.MakeVariant(s.attributes(name)),
	}
	text := secret{
		Session:     s.session,
		Parameters:  []byte{},
		Value:       []byte(value),
		ContentType: "text/plain; charset=utf8",
	}
	var item, prompt dbus.ObjectPath
	const replace = true
	err = s.object(collection).Call(collectionInterface+".CreateItem", 0, properties, text, replace).
		Store(&item, &prompt)
	if err != nil {
		return err
	}
	_, err = s.complete(prompt)
	return err
}

func (s *secretService) delete(name string) error {
	item, err := s.find(name)
	if err != nil {
		return err
	}
	var prompt dbus.ObjectPath
	if err := s.object(item).Call(itemInterface+".Delete", 0).Store(&prompt); err != nil {
		return err
	}
	_, err = s.complete(prompt)
	return err
}

// find fails with keychain.ErrNotFound if there is no such item.
func (s *secretService) find(name string) (dbus.ObjectPath, error) {
	collection, err := s.collection()
	if err != nil {
		return "", err
	}
	var items []dbus.ObjectPath
	err = s.object(collection).Call(collectionInterface+".SearchItems", 0, s.attributes(name)).Store(&items)
	if err != nil {
		return "", err
	}
	if len(items) == 0 {
		return "", keychain.ErrNotFound
	}
	return items[0], nil
}

// collection is the unlocked collection for new items: the one that opens with
// the user's login, or the default one.
func (s *secretService) collection() (dbus.ObjectPath, error) {
	collection := defaultCollection
	if all, err := s.object(secretsPath).GetProperty(serviceInterface + ".Collections"); err == nil {
		if paths, ok := all.Value().([]dbus.ObjectPath); ok && slices.Contains(paths, loginCollection) {
			collection = loginCollection
		}
	}
	return collection, s.unlock(collection)
}

// unlock opens a collection or an item, which may ask the user.
func (s *secretService) unlock(path dbus.ObjectPath) error {
	var unlocked []dbus.ObjectPath
	var prompt dbus.ObjectPath
	err := s.object(secretsPath).Call(serviceInterface+".Unlock", 0, []dbus.ObjectPath{path}).Store(&unlocked, &prompt)
	if err != nil {
		return err
	}
	result, err := s.complete(prompt)
	if err != nil && !errors.Is(err, errDismissed) {
		return err
	}
	if paths, ok := result.Value().([]dbus.ObjectPath); ok {
		unlocked = append(unlocked, paths...)
	}
	// An alias is answered with the path that it stands for.
	if len(unlocked) != 1 || path != defaultCollection && unlocked[0] != path {
		return fmt.Errorf("failed to unlock %q", path)
	}
	return nil
}

var errDismissed = errors.New("the prompt was dismissed")

// complete shows a prompt, unless there is none, and waits until the user has
// answered it. It fails if the Secret Service ends in the meantime.
func (s *secretService) complete(prompt dbus.ObjectPath) (dbus.Variant, error) {
	if prompt == noPrompt {
		return dbus.Variant{}, nil
	}
	for _, match := range [][]dbus.MatchOption{
		{dbus.WithMatchObjectPath(prompt), dbus.WithMatchInterface(promptInterface)},
		{dbus.WithMatchInterface("org.freedesktop.DBus"), dbus.WithMatchMember("NameOwnerChanged"),
			dbus.WithMatchArg(0, secretsName)},
	} {
		if err := s.conn.AddMatchSignal(match...); err != nil {
			return dbus.Variant{}, err
		}
		defer func() { _ = s.conn.RemoveMatchSignal(match...) }() // fails only when the connection has ended
	}
	signals := make(chan *dbus.Signal, 8)
	s.conn.Signal(signals)
	defer s.conn.RemoveSignal(signals)

	if err := s.object(prompt).Call(promptInterface+".Prompt", 0, "").Err; err != nil {
		return dbus.Variant{}, err
	}
	for signal := range signals {
		switch {
		case signal.Name == "org.freedesktop.DBus.NameOwnerChanged":
			return dbus.Variant{}, errors.New("the Secret Service ended before its prompt was answered")
		case signal.Path == prompt && signal.Name == promptInterface+".Completed":
			var dismissed bool
			var result dbus.Variant
			if err := dbus.Store(signal.Body, &dismissed, &result); err != nil {
				return dbus.Variant{}, err
			}
			if dismissed {
				return result, errDismissed
			}
			return result, nil
		}
	}
	return dbus.Variant{}, dbus.ErrClosed
}
