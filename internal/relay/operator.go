package relay

import (
	"archive/tar"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	netmail "net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/keyset"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// OperatorConfig says which relay's data the operator works on.
type OperatorConfig struct {
	// DB is open, with store.Migrations. It is not closed.
	DB *sqldb.DB
	// KeyFile is the relay's.
	KeyFile *keyset.Keyset
	// Now is the clock; nil: time.Now.
	Now func() time.Time
}

// Operator does what whoever runs a relay does by command, also beside a relay
// that serves: it notices within seconds.
type Operator struct {
	relay *Relay // without a listener, platforms or mail
}

// NewOperator refuses a key file that is not this database's with
// ErrOtherKeyFile.
func NewOperator(config OperatorConfig) (*Operator, error) {
	if config.Now == nil {
		config.Now = time.Now
	}
	s := &Relay{db: config.DB, keys: config.KeyFile, now: config.Now, news: newNews(), wake: make(chan struct{}, 1)}
	var err error
	if s.store, err = store.New(context.Background(), store.Config{DB: config.DB, Now: config.Now}); err != nil {
		return nil, fmt.Errorf("reading the relay's database: %w", err)
	}
	if err := s.identify(context.Background()); err != nil {
		return nil, err
	}
	return &Operator{relay: s}, nil
}

// NewAgency is an agency that was added, with the code for its first device.
type NewAgency struct {
	Agency onboarding.Agency
	Member onboarding.Member
	Code   wire.CodeA
}

// AddAgency makes an agency. main is its first main user, as in a mail:
// "Ana Ruiz <ana@acme.example>".
func (o *Operator) AddAgency(ctx context.Context, name, main string) (NewAgency, error) {
	name, err := onboarding.OneLine("name", name, onboarding.MaxCompany, "Give the agency a name.")
	if err != nil {
		return NewAgency{}, err
	}
	if name, err = onboarding.CheckCompany(name); err != nil {
		return NewAgency{}, err
	}
	person, err := netmail.ParseAddress(main)
	if err != nil || person.Name == "" {
		return NewAgency{}, onboarding.Invalid("main", `Name the first main user as "Ana Ruiz <ana@acme.example>".`)
	}
	m, err := checkMember(store.NewID(), person.Name, person.Address, onboarding.MainUser)
	if err != nil {
		return NewAgency{}, err
	}
	agencies, err := o.relay.store.Agencies(ctx)
	if err != nil {
		return NewAgency{}, err
	}
	for _, there := range agencies {
		if strings.EqualFold(there.Name, name) {
			return NewAgency{}, onboarding.Invalid("name", fmt.Sprintf("There is an agency %s already.", there.Name))
		}
	}
	a := onboarding.Agency{ID: store.NewID(), Name: name}
	if err := o.relay.store.AddAgency(ctx, a, m); err != nil {
		return NewAgency{}, err
	}
	code, err := o.relay.newCodeFor(ctx, a.ID, m.ID, codeLives)
	return NewAgency{Agency: a, Member: m, Code: code}, err
}

// ListedAgency is an agency with its people.
type ListedAgency struct {
	onboarding.Agency
	Members []onboarding.Member // removed ones are left out
	Devices int                 // that live
}

// ListAgencies lists all agencies, oldest first.
func (o *Operator) ListAgencies(ctx context.Context) ([]ListedAgency, error) {
	agencies, err := o.relay.store.Agencies(ctx)
	if err != nil {
		return nil, err
	}
	var list []ListedAgency
	for _, a := range agencies {
		listed := ListedAgency{Agency: a}
		members, err := o.relay.store.Members(ctx, a.ID)
		if err != nil {
			return nil, err
		}
		for _, m := range members {
			if m.Removed == 0 {
				listed.Members = append(listed.Members, m)
			}
		}
		devices, err := o.relay.store.Devices(ctx, a.ID)
		if err != nil {
			return nil, err
		}
		for _, d := range devices {
			if d.Revoked == 0 {
				listed.Devices++
			}
		}
		list = append(list, listed)
	}
	return list, nil
}

// findAgency takes an agency's id or its name.
func (o *Operator) findAgency(ctx context.Context, named string) (onboarding.Agency, error) {
	agencies, err := o.relay.store.Agencies(ctx)
	if err != nil {
		return onboarding.Agency{}, err
	}
	for _, a := range agencies {
		if a.ID == named || strings.EqualFold(a.Name, named) {
			return a, nil
		}
	}
	return onboarding.Agency{}, fmt.Errorf("finding the agency %q: %w", named, onboarding.ErrNotFound)
}

// SuspendAgency stops an agency's hubs, links and letters, or lets them go on.
func (o *Operator) SuspendAgency(ctx context.Context, named string, on bool) (onboarding.Agency, error) {
	a, err := o.findAgency(ctx, named)
	if err != nil {
		return onboarding.Agency{}, err
	}
	return o.relay.store.ChangeAgency(ctx, a.ID, func(a *onboarding.Agency) error {
		a.Suspended = on
		return nil
	})
}

// MemberCode gives a member a new code. agency may be empty where the address
// is one agency's only.
func (o *Operator) MemberCode(ctx context.Context, agency, email string) (onboarding.Member, wire.CodeA, error) {
	agencies, err := o.ListAgencies(ctx)
	if err != nil {
		return onboarding.Member{}, wire.CodeA{}, err
	}
	var found onboarding.Member
	var of string
	for _, a := range agencies {
		if agency != "" && a.ID != agency && !strings.EqualFold(a.Name, agency) {
			continue
		}
		for _, m := range a.Members {
			if !onboarding.SameAddress(m.Email, email) {
				continue
			}
			if of != "" {
				return onboarding.Member{}, wire.CodeA{}, onboarding.Invalid("agency", fmt.Sprintf("%s is a member of several agencies. Name one.", email))
			}
			found, of = m, a.ID
		}
	}
	if of == "" {
		return onboarding.Member{}, wire.CodeA{}, fmt.Errorf("finding the member %s: %w", email, onboarding.ErrNotFound)
	}
	code, err := o.relay.newCodeFor(ctx, of, found.ID, codeLives)
	return found, code, err
}

// PersonShow lists where an address appears, with the agencies' names in place
// of their ids.
func (o *Operator) PersonShow(ctx context.Context, email string) ([]store.Mention, error) {
	email, err := onboarding.Address("email", email)
	if err != nil {
		return nil, err
	}
	mentions, err := o.relay.store.Mentions(ctx, email)
	if err != nil {
		return nil, err
	}
	agencies, err := o.relay.store.Agencies(ctx)
	if err != nil {
		return nil, err
	}
	for i := range mentions {
		if at := slices.IndexFunc(agencies, func(a onboarding.Agency) bool { return a.ID == mentions[i].Agency }); at >= 0 {
			mentions[i].Agency = agencies[at].Name
		}
	}
	return mentions, nil
}

// PersonForget takes a client's name and address out of every request, and
// says of how many.
func (o *Operator) PersonForget(ctx context.Context, email string) (int, error) {
	email, err := onboarding.Address("email", email)
	if err != nil {
		return 0, err
	}
	n, err := o.relay.store.ForgetPerson(ctx, email)
	if err != nil {
		return n, err
	}
	if err := o.relay.db.Checkpoint(ctx); err != nil && !sqldb.IsUnavailable(err) {
		return n, err
	}
	return n, nil
}

// ErrNotABackup is a file that Restore cannot read to its end as a backup.
var ErrNotABackup = errors.New("this is not a backup, or not a whole one")

// The parts of a backup.
const (
	backupAbout = "backup.json"
	backupKeys  = "relay.key"
	backupDB    = "relay.db"
)

// backupText says what a backup is.
type backupText struct {
	Latchkey string            `json:"latchkey"`
	Relay    string            `json:"relay"`
	Made     onboarding.Moment `json:"made"`
}

// Backup writes database and key file into one new file (0600), as of one
// moment, while the relay goes on. Whoever has that file can make links. With
// PostgreSQL it is sqldb.ErrNoBackup: there, pg_dump and the key file.
func (o *Operator) Backup(ctx context.Context, path string) (err error) {
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("backing up to %s: %w", path, fs.ErrExist)
	}
	relayID, err := o.relay.store.Fact(ctx, "relay", store.NewID)
	if err != nil {
		return err
	}
	made := o.relay.store.Now()
	copied := path + ".db"
	if err := o.relay.db.Backup(ctx, copied); err != nil {
		return err
	}
	defer func() { _ = os.Remove(copied) }() // it is in the backup, or of no use
	about, err := json.Marshal(backupText{Latchkey: "relay backup 1", Relay: relayID, Made: made})
	if err != nil {
		return fmt.Errorf("describing the backup: %w", err)
	}
	if err := writeBackup(path, about, o.relay.keys.Path(), copied); err != nil {
		return fmt.Errorf("backing up to %s: %w", path, err)
	}
	return nil
}

func writeBackup(path string, about []byte, keys, database string) error {
	part, err := os.OpenFile(path+".part", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(part.Name()) }() // renamed when all went well
	archive := tar.NewWriter(part)
	err = errors.Join(
		addToBackup(archive, backupAbout, int64(len(about)), strings.NewReader(string(about))),
		addFileToBackup(archive, backupKeys, keys),
		addFileToBackup(archive, backupDB, database),
		archive.Close(),
		part.Sync(),
		part.Close(),
	)
	if err != nil {
		return err
	}
	return os.Rename(part.Name(), path)
}

func addFileToBackup(archive *tar.Writer, name, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // it was only read
	info, err := file.Stat()
	if err != nil {
		return err
	}
	return addToBackup(archive, name, info.Size(), file)
}

func addToBackup(archive *tar.Writer, name string, size int64, content io.Reader) error {
	if err := archive.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: size}); err != nil {
		return err
	}
	_, err := io.Copy(archive, content)
	return err
}

// Restored is what Restore did.
type Restored struct {
	Made      onboarding.Moment // when the backup was made
	Cancelled int64             // letters that will not go out again
}

// Restore writes a backup's database and key file to places where there are
// none yet. Letters that waited in it are cancelled: some have gone out since.
// Every hub notices that the database is an older one, reads all again and
// offers what is missing.
// After an error nothing is left there. A file that is no backup is
// ErrNotABackup, a PostgreSQL address is sqldb.ErrNoBackup.
func Restore(ctx context.Context, backup, database, keys string, now func() time.Time) (_ Restored, err error) {
	if strings.Contains(database, "://") {
		return Restored{}, sqldb.ErrNoBackup
	}
	// A log left beside the database would be played over the restored one.
	places := []string{database, keys, database + "-wal", database + "-shm"}
	for _, path := range places {
		if _, err := os.Lstat(path); err == nil {
			return Restored{}, fmt.Errorf("restoring to %s: %w: move it away first", path, fs.ErrExist)
		}
	}
	defer func() {
		for _, path := range places {
			if err != nil {
				_ = os.Remove(path) // what is left of a failure would be in the way
			}
		}
	}()
	about, err := unpack(backup, database, keys)
	if err != nil {
		return Restored{}, fmt.Errorf("restoring %s: %w", backup, err)
	}
	db, err := sqldb.Open(ctx, sqldb.Config{Source: database, Migrations: store.Migrations()})
	if err != nil {
		return Restored{}, err
	}
	defer func() { _ = db.Close() }() // everything was committed
	kept, err := keyset.Open(keys, now)
	if err != nil {
		return Restored{}, err
	}
	o, err := NewOperator(OperatorConfig{DB: db, KeyFile: kept, Now: now})
	if err != nil {
		return Restored{}, err
	}
	done := Restored{Made: about.Made}
	if done.Cancelled, err = o.relay.store.CancelLettersBefore(ctx, about.Made); err != nil {
		return Restored{}, err
	}
	return done, o.relay.store.Restored(ctx)
}

func unpack(backup, database, keys string) (backupText, error) {
	var about backupText
	file, err := os.Open(backup)
	if err != nil {
		return about, err
	}
	defer func() { _ = file.Close() }() // it was only read
	archive := tar.NewReader(file)
	places := map[string]string{backupKeys: keys, backupDB: database}
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return about, ErrNotABackup
		}
		if header.Name == backupAbout {
			if err := json.NewDecoder(io.LimitReader(archive, 4<<10)).Decode(&about); err != nil {
				return about, ErrNotABackup
			}
			continue
		}
		place, expected := places[header.Name]
		if !expected || about.Latchkey == "" {
			return about, ErrNotABackup
		}
		delete(places, header.Name)
		if err := writePart(place, archive); errors.Is(err, io.ErrUnexpectedEOF) {
			return about, ErrNotABackup
		} else if err != nil {
			return about, err
		}
	}
	if len(places) > 0 {
		return about, ErrNotABackup
	}
	return about, nil
}

func writePart(path string, content io.Reader) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if _, err := io.Copy(file, content); err != nil {
		_ = file.Close() // the first error is the one to tell
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}
