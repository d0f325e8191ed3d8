package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// handle is the database with what every noun needs beside it.
type handle struct {
	db       *sqldb.DB
	now      func() time.Time
	onChange func(agency string)
	onQueued func()
}

func (h *handle) timestamp() onboarding.Timestamp { return onboarding.TimestampOf(h.now()) }

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

// NewsChannel is where PostgreSQL tells other relays which agency has news.
const ChangesChannel = "latchkey_news"

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

func (c *changeTx) exec(query string, args ...any) error {
	_, err := c.ExecContext(c.ctx, query, args...)
	return err
}

func (c *changeTx) row(query string, args ...any) *sql.Row {
	return c.QueryRowContext(c.ctx, query, args...)
}

func (c *changeTx) texts(query string, args ...any) ([]string, error) {
	rows, err := c.QueryContext(c.ctx, query, args...)
	return scanAll(rows, err, scanText)
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

const (
	minute onboarding.Timestamp = 60_000
	hour                        = 60 * minute
	day                         = 24 * hour
)
