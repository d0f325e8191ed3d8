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
	// News is called after each commit that hubs care for; nil: nobody is told.
	News func(agency string)
	// Queued is called after a commit that queued a letter and is no news; nil:
	// nobody is told.
	Queued func()
}

// Store is the relay's memory. It is safe for concurrent use.
type Store struct {
	db     *sqldb.DB
	now    func() time.Time
	news   func(agency string)
	queued func()

	// Read for each page that a client opens.
	clientViewByLink *sqldb.Stmt
	clientViewByID   *sqldb.Stmt
}

// New makes a Store on an open database with the tables of Migrations.
func New(ctx context.Context, config Config) (*Store, error) {
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.News == nil {
		config.News = func(string) {}
	}
	if config.Queued == nil {
		config.Queued = func() {}
	}
	s := &Store{db: config.DB, now: config.Now, news: config.News, queued: config.Queued}
	var err error
	if s.clientViewByLink, err = s.db.Prepare(ctx, fmt.Sprintf(clientView, "link_id")); err != nil {
		return nil, err
	}
	if s.clientViewByID, err = s.db.Prepare(ctx, fmt.Sprintf(clientView, "id")); err != nil {
		return nil, err
	}
	return s, nil
}

// Now is the moment by the relay's clock.
func (s *Store) Now() onboarding.Moment { return onboarding.At(s.now()) }

// DB is the database underneath, for what is not about a table: health,
// backups, listening.
func (s *Store) DB() *sqldb.DB { return s.db }

// NewID makes a key: 128 random bits and a little more, in letters and digits.
func NewID() string { return strings.ToLower(rand.Text()) }

// Fact gives a fact about this database, made by first when there is none yet.
// Of two relays that start at once, one makes it and both get the same.
func (s *Store) Fact(ctx context.Context, name string, first func() string) (string, error) {
	var value string
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		err := tx.QueryRowContext(ctx, `SELECT value FROM facts WHERE name = $1`, name).Scan(&value)
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		value = first()
		_, err = tx.ExecContext(ctx, `INSERT INTO facts (name, value) VALUES ($1, $2)`, name, value)
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
	everybody Audience = "all"
	theOwner  Audience = "owner"
	theMains  Audience = "mains" // the owner and the main users
)

// The kinds of things hubs have copies of, as in wire.Gone.
const (
	kindAgency     = "agency"
	kindMember     = "member"
	kindDevice     = "device"
	kindConnection = "connection"
	kindRequest    = "request"
	kindItem       = "item"
)

// changing is a transaction in which shared rows change.
type changing struct {
	*sqldb.Tx
	ctx     context.Context
	agency  string
	now     onboarding.Moment
	n       int64 // the number for the next touched rows
	first   int64
	touched map[string]bool
	under   int   // rows touched under n
	events  int64 // noted so far: they keep their order
}

// rowsPerNumber bounds how many rows share a number, so that a page of
// changes, which holds whole numbers, stays small.
const rowsPerNumber = 50

// eventsPerChange bounds how many events of one change keep their order.
const eventsPerChange = 1000

// change runs fn with the agency's row taken and its number risen. fn may run
// several times: it sets, it does not add. With an error nothing of it counts.
func (s *Store) change(ctx context.Context, agency string, fn func(c *changing) error) error {
	silent := false
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		mark := rand.Text()
		c := &changing{Tx: tx, ctx: ctx, agency: agency, now: s.Now(), touched: map[string]bool{}}
		err := tx.QueryRowContext(ctx, `UPDATE agencies SET n = n + 1, mark = $1 WHERE id = $2 RETURNING n`, mark, agency).Scan(&c.n)
		if errors.Is(err, sql.ErrNoRows) {
			return onboarding.ErrNotFound
		} else if err != nil {
			return fmt.Errorf("numbering a change: %w", err)
		}
		c.first = c.n
		if err := fn(c); err != nil {
			return err
		}
		silent = len(c.touched) == 0
		if c.n > c.first {
			if err := c.exec(`UPDATE agencies SET n = $1 WHERE id = $2`, c.n, agency); err != nil {
				return fmt.Errorf("numbering a long change: %w", err)
			}
		}
		if err := c.exec(`INSERT INTO commits (agency, mark, n, made_ms) VALUES ($1, $2, $3, $4)`, agency, mark, c.n, c.now); err != nil {
			return fmt.Errorf("marking a commit: %w", err)
		}
		if s.db.Engine() == sqldb.PostgreSQL && !silent {
			return c.exec(`SELECT pg_notify('`+NewsChannel+`', $1)`, agency)
		}
		return nil
	})
	if err == nil && !silent {
		s.news(agency)
	}
	return err
}

// NewsChannel is where PostgreSQL tells other relays which agency has news.
const NewsChannel = "latchkey_news"

func (c *changing) exec(query string, args ...any) error {
	_, err := c.ExecContext(c.ctx, query, args...)
	return err
}

func (c *changing) row(query string, args ...any) *sql.Row {
	return c.QueryRowContext(c.ctx, query, args...)
}

// touch numbers a row that changed.
func (c *changing) touch(kind, id, owner string, audience Audience) error {
	return c.mark(kind, id, owner, audience, 0)
}

// gone leaves a deletion mark.
func (c *changing) gone(kind, id, owner string, audience Audience) error {
	return c.mark(kind, id, owner, audience, c.now)
}

func (c *changing) mark(kind, id, owner string, audience Audience, gone onboarding.Moment) error {
	key := fmt.Sprintf("%s %s %d", kind, id, gone)
	if c.touched[key] {
		return nil
	}
	c.touched[key] = true
	if c.under == rowsPerNumber {
		c.n++
		c.under = 0
	}
	c.under++
	err := c.exec(`
		INSERT INTO changes (agency, kind, id, n, owner, audience, gone_ms) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (agency, kind, id) DO UPDATE SET n = excluded.n, owner = excluded.owner, audience = excluded.audience, gone_ms = excluded.gone_ms`,
		c.agency, kind, id, c.n, owner, audience, gone)
	if err != nil {
		return fmt.Errorf("numbering a %s: %w", kind, err)
	}
	return nil
}

// scanner is a row, alone or among others.
type scanner interface{ Scan(dest ...any) error }

// missing turns "no rows" into ErrNotFound and names what was done.
func missing(err error, doing string) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("%s: %w", doing, onboarding.ErrNotFound)
	} else if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}

// all reads every row with scan.
func all[T any](rows *sql.Rows, err error, scan func(scanner) (T, error)) ([]T, error) {
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

// bit is how a yes or no is kept.
func bit(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}

// bytes is never nil: the columns are not.
func bytes(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// join and split keep a short list of words in one column.
func join[T ~string](words []T) string {
	parts := make([]string, len(words))
	for i, word := range words {
		parts[i] = string(word)
	}
	return strings.Join(parts, ",")
}

func split[T ~string](text string) []T {
	words := []T{}
	for _, part := range strings.Split(text, ",") {
		if part != "" {
			words = append(words, T(part))
		}
	}
	return words
}

// listJSON writes a list for a column that is JSON; nil is "[]".
func listJSON[T onboarding.Capability | onboarding.CheckRecord](list []T) string {
	if len(list) == 0 {
		return "[]"
	}
	text, _ := json.Marshal(list) // it cannot fail: there is nothing in it but texts and numbers
	return string(text)
}

// jsonList reads a column that listJSON wrote; "[]" is nil.
func jsonList[T onboarding.Capability | onboarding.CheckRecord](text string) ([]T, error) {
	if text == "[]" {
		return nil, nil
	}
	var list []T
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return nil, err
	}
	return list, nil
}

// among writes "IN ($n, …)" for the ids and gives them as arguments after before.
func among(ids []string, before ...any) (string, []any) {
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
