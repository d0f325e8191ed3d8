package sandbox

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Client is a business with one person who has everything in order. It stands
// on no sign-in page: it is for a past that somebody else tells.
type Client struct {
	Person     string // "Julie Moreau"
	Email      string
	Business   string // "Maison Claire"
	AdAccounts []string
	Pages      []string
	Accounts   []string // at each CRM that it signs in to: a portal, an organisation
}

// AddClient settles a client at Facebook and at every CRM with a sign-in, and
// gives the key of its person, for SignIn.
func (w *World) AddClient(c Client) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	key := strings.ReplaceAll(strings.ToLower(c.Person), " ", "-") + "-of-" + strconv.Itoa(len(w.meta.people))
	person := &metaPerson{key: key, id: w.meta.nextID("1016"), name: c.Person, email: c.Email}
	w.meta.people[key] = person
	business := w.meta.found(w.meta.nextID("44012"), c.Business, key, "Admin")
	for _, name := range c.AdAccounts {
		w.meta.account(w.meta.nextID("66"), name, "EUR", business, 1).all(person)
	}
	for i, name := range c.Pages {
		w.meta.page(w.meta.nextID("51"), name, "Local business", 800+311*(i+len(name)), business).all(person)
	}
	for _, one := range pretends() {
		if one.settle != nil {
			one.settle(w, key, c)
		}
	}
	return key
}

// SignIn signs a browser in as a client's person, at every platform that has
// sign-ins, as if they had done so before. The jar is the browser's.
func (w *World) SignIn(jar http.CookieJar, key string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, one := range pretends() {
		if one.app == (Credentials{}) {
			continue
		}
		at, err := url.Parse(w.Server(one.name).URL())
		if err != nil {
			return fmt.Errorf("signing in: %w", err)
		}
		id := RandomHex(20)
		w.sessions[id] = session{one.name, key}
		jar.SetCookies(at, []*http.Cookie{{Name: cookieName(one.name), Value: id, Path: "/"}})
	}
	return nil
}

// AccountsOf lists the names of what a client's person has at a platform, as
// its chooser shows them.
func (w *World) AccountsOf(platform, key string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if p := find(platform); p.accounts != nil {
		return p.accounts(w, key)
	}
	return nil
}
