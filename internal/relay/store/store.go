// Package store keeps the relay's tables and queries.
//
// It knows no HTTP, no link and no key: what it keeps of a secret is a hash
// that its caller made, or bytes that its caller sealed. It asks no clock: its
// Now is the relay's.
//
// Everything that hubs have a copy of changes inside change, which takes the
// agency's next number first, so that no reader's cursor can pass a slow
// transaction.
package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations are the tables, for sqldb.Open.
func Migrations() embed.FS { return migrations }

// Config is what a Store needs.
type Config struct {
	DB *sqldb.DB
	// Now is the relay's clock; nil: time.Now.
	Now func() time.Time
	// OnChange is called after each commit that hubs care for; nil: nobody is told.
	OnChange func(agency string)
	// OnQueued is called after a commit that queued an email and is no news; nil:
	// nobody is told.
	OnQueued func()
}

// Store is the relay's database: a field for each noun, all on one handle. It
// is safe for concurrent use.
type Store struct {
	handle *handle

	Agencies    *Agencies
	Members     *Members
	Devices     *Devices
	Codes       *Codes
	Connections *Connections
	OAuthStates *OAuthStates
	Deliveries  *Deliveries
	Credentials *Credentials
	Requests    *Requests
	Items       *Items
	Emails      *Emails
	Jobs        *Jobs
	Receipts    *Receipts
	Visits      *Visits
	People      *People
	Changes     *ChangeLog
}

type (
	// Agencies are the agencies and their brand.
	Agencies struct{ *handle }
	// Members are the people of the agencies.
	Members struct{ *handle }
	// Devices are the members' computers.
	Devices struct{ *handle }
	// Codes enrol devices.
	Codes struct{ *handle }
	// Connections are an agency's own sign-ins at platforms.
	Connections struct{ *handle }
	// OAuthStates are the sign-ins under way at platforms.
	OAuthStates struct{ *handle }
	// Deliveries are credentials that wait, sealed, for a device.
	Deliveries struct{ *handle }
	// Credentials are what the relay stores about credentials: all but them.
	Credentials struct{ *handle }
	// Items are the accounts that clients, and the agency itself, connected.
	Items struct{ *handle }
	// Emails are the emails to be sent, and who wants none.
	Emails struct{ *handle }
	// Jobs are what the relay does later, without a call.
	Jobs struct{ *handle }
	// Receipts are the receipts of visits.
	Receipts struct{ *handle }
	// Visits are the people in the wizard.
	Visits struct{ *handle }
	// People are clients by their address, wherever they appear.
	People struct{ *handle }
	// ChangeLog is what changed, in order, for the hubs' copies.
	ChangeLog struct{ *handle }
)

// Requests are what agencies asked clients for.
type Requests struct {
	*handle
	// Read for each page that a client opens.
	clientViewByLink *sqldb.Stmt
	clientViewByID   *sqldb.Stmt
}

// handle is the database with what every noun needs beside it.
type handle struct {
	db       *sqldb.DB
	now      func() time.Time
	onChange func(agency string)
	onQueued func()
}

// New makes a Store on an open database with the tables of Migrations.
func New(ctx context.Context, config Config) (*Store, error) {
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.OnChange == nil {
		config.OnChange = func(string) {}
	}
	if config.OnQueued == nil {
		config.OnQueued = func() {}
	}
	h := &handle{db: config.DB, now: config.Now, onChange: config.OnChange, onQueued: config.OnQueued}
	byLink, err := h.db.Prepare(ctx, clientViewByLink)
	if err != nil {
		return nil, err
	}
	byID, err := h.db.Prepare(ctx, clientViewByID)
	if err != nil {
		return nil, err
	}
	return &Store{
		handle:      h,
		Agencies:    &Agencies{h},
		Members:     &Members{h},
		Devices:     &Devices{h},
		Codes:       &Codes{h},
		Connections: &Connections{h},
		OAuthStates: &OAuthStates{h},
		Deliveries:  &Deliveries{h},
		Credentials: &Credentials{h},
		Requests:    &Requests{handle: h, clientViewByLink: byLink, clientViewByID: byID},
		Items:       &Items{h},
		Emails:      &Emails{h},
		Jobs:        &Jobs{h},
		Receipts:    &Receipts{h},
		Visits:      &Visits{h},
		People:      &People{h},
		Changes:     &ChangeLog{h},
	}, nil
}

// Now is the timestamp of the relay's clock.
func (s *Store) Now() onboarding.Timestamp { return s.handle.timestamp() }

// DB is the database below, for what concerns no table: health, backups,
// notifications.
func (s *Store) DB() *sqldb.DB { return s.handle.db }

func (h *handle) timestamp() onboarding.Timestamp { return onboarding.TimestampOf(h.now()) }

// NewID makes a key: 128 random bits and a little more, in letters and digits.
func NewID() string { return strings.ToLower(rand.Text()) }

// Metadata gives a value of this database by its name, made by first when there is none yet.
// Of two relays that start at once, one makes it and both get the same.
func (s *Store) Metadata(ctx context.Context, name string, first func() string) (string, error) {
	var value string
	err := s.handle.db.InTx(ctx, func(tx *sqldb.Tx) error {
		err := tx.QueryRowContext(ctx, `SELECT value FROM metadata WHERE name = $1`, name).Scan(&value)
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		value = first()
		_, err = tx.ExecContext(ctx, `INSERT INTO metadata (name, value) VALUES ($1, $2)`, name, value)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("reading the fact %s: %w", name, err)
	}
	return value, nil
}

// Audience says which members of an agency a change is for.
type Audience string

// The audiences. With Share requests on, all of them are everybody.
const (
	audienceAll       Audience = "all"
	audienceOwner     Audience = "owner"
	audienceMainUsers Audience = "mains" // the owner and the main users
)

// The kinds of things hubs have copies of, as in wire.Tombstone.
const (
	kindAgency     = "agency"
	kindMember     = "member"
	kindDevice     = "device"
	kindConnection = "connection"
	kindRequest    = "request"
	kindItem       = "item"
)

// changeTx is a transaction in which rows change that hubs have copies of.
type changeTx struct {
	*sqldb.Tx
	ctx    context.Context
	agency string
	now    onboarding.Timestamp
	seq    int64 // the number of the next changed rows
	first  int64
	bumped map[string]bool
	under  int   // rows that have the number seq
	events int64 // recorded so far: they keep their order
}

// rowsPerNumber bounds how many rows share a number, so that a page of
// changes, which holds whole numbers, stays small.
const rowsPerNumber = 50

// eventsPerChange bounds how many events of one change keep their order.
const eventsPerChange = 1000

// change runs fn with the agency's row taken and its number risen. fn may run
// several times: it sets, it does not add. With an error nothing of it counts.
func (h *handle) change(ctx context.Context, agency string, fn func(c *changeTx) error) error {
	silent := false
	err := h.db.InTx(ctx, func(tx *sqldb.Tx) error {
		mark := rand.Text()
		c := &changeTx{Tx: tx, ctx: ctx, agency: agency, now: h.timestamp(), bumped: map[string]bool{}}
		err := tx.QueryRowContext(ctx, `
			UPDATE agencies SET seq = seq + 1, commit_id = $1 WHERE id = $2 RETURNING seq`, mark, agency).Scan(&c.seq)
		if errors.Is(err, sql.ErrNoRows) {
			return onboarding.ErrNotFound
		} else if err != nil {
			return fmt.Errorf("numbering a change: %w", err)
		}
		c.first = c.seq
		if err := fn(c); err != nil {
			return err
		}
		silent = len(c.bumped) == 0
		if c.seq > c.first {
			if err := c.exec(`UPDATE agencies SET seq = $1 WHERE id = $2`, c.seq, agency); err != nil {
				return fmt.Errorf("numbering a long change: %w", err)
			}
		}
		if err := c.exec(`
			INSERT INTO commits (agency, commit_id, seq, created_ms)
			VALUES ($1, $2, $3, $4)`, agency, mark, c.seq, c.now); err != nil {
			return fmt.Errorf("marking a commit: %w", err)
		}
		if h.db.Engine() == sqldb.PostgreSQL && !silent {
			return c.exec(`SELECT pg_notify('`+ChangesChannel+`', $1)`, agency)
		}
		return nil
	})
	if err == nil && !silent {
		h.onChange(agency)
	}
	return err
}

// NewsChannel is where PostgreSQL tells other relays which agency has news.
const ChangesChannel = "latchkey_news"

func (c *changeTx) exec(query string, args ...any) error {
	_, err := c.ExecContext(c.ctx, query, args...)
	return err
}

func (c *changeTx) row(query string, args ...any) *sql.Row {
	return c.QueryRowContext(c.ctx, query, args...)
}

// bump gives a row that changed the next number.
func (c *changeTx) bump(kind, id, owner string, audience Audience) error {
	return c.recordChange(kind, id, owner, audience, 0)
}

// tombstone records that a row was deleted.
func (c *changeTx) tombstone(kind, id, owner string, audience Audience) error {
	return c.recordChange(kind, id, owner, audience, c.now)
}

func (c *changeTx) recordChange(kind, id, owner string, audience Audience, gone onboarding.Timestamp) error {
	key := fmt.Sprintf("%s %s %d", kind, id, gone)
	if c.bumped[key] {
		return nil
	}
	c.bumped[key] = true
	if c.under == rowsPerNumber {
		c.seq++
		c.under = 0
	}
	c.under++
	err := c.exec(`
		INSERT INTO changes (agency, kind, id, seq, owner, audience, deleted_ms) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (agency, kind, id) DO UPDATE SET seq = excluded.seq, owner = excluded.owner,
		audience = excluded.audience, deleted_ms = excluded.deleted_ms`,
		c.agency, kind, id, c.seq, owner, audience, gone)
	if err != nil {
		return fmt.Errorf("numbering a %s: %w", kind, err)
	}
	return nil
}

// scanner is a row, alone or among others.
type scanner interface{ Scan(dest ...any) error }

// wrapNotFound turns "no rows" into ErrNotFound and adds what was done.
func wrapNotFound(err error, doing string) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("%s: %w", doing, onboarding.ErrNotFound)
	} else if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}

// scanAll reads every row with scan.
func scanAll[T any](rows *sql.Rows, err error, scan func(scanner) (T, error)) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // its error is rows.Err
	var list []T
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, rows.Err()
}

// scanText reads a row of one text.
func scanText(r scanner) (string, error) {
	var text string
	err := r.Scan(&text)
	return text, err
}

// boolToInt is how a column stores yes or no.
func boolToInt(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}

// nonNil makes an empty slice of nil: the columns take no NULL.
func nonNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// joinList and splitList store a list in one column, as a JSON array. What is
// read is never nil: the wire has [] for an empty list.
func joinList[T any](list []T) string {
	if len(list) == 0 {
		return "[]"
	}
	text, _ := json.Marshal(list) // it cannot fail: the lists hold texts, numbers and times
	return string(text)
}

func splitList[T any](text string) ([]T, error) {
	list := []T{}
	if text == "[]" {
		return list, nil
	}
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return nil, fmt.Errorf("reading a list: %w", err)
	}
	return list, nil
}

// inClause writes "IN ($n, …)" for the ids and gives them as arguments after before.
func inClause(ids []string, before ...any) (string, []any) {
	var list strings.Builder
	list.WriteString("IN (")
	for i, id := range ids {
		if i > 0 {
			list.WriteString(", ")
		}
		fmt.Fprintf(&list, "$%d", len(before)+1)
		before = append(before, id)
	}
	list.WriteString(")")
	return list.String(), before
}
