package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// handle is the database, the clock and the callbacks that every noun uses.
type handle struct {
	db       *sqldb.DB
	signer   Signer
	rosters  rosterVersions
	now      func() time.Time
	onChange func(agency string)
	onQueued func()

	emailsTable atomic.Int64 // PostgreSQL's number of it at the start; zero: not checked
}

func (h *handle) timestamp() onboarding.Timestamp { return onboarding.TimestampOf(h.now()) }

// Audience selects the members of an agency who see a change.
type Audience string

// The audiences, each as who may do what with the changed row.
const (
	audienceAll           Audience = "all"             // every member
	audienceOwner         Audience = "owner"           // who may see what a client shared with the owner
	audienceOwnerAndMains Audience = "owner_and_mains" // who may see the agency's own that the owner connected
	audienceManagers      Audience = "managers"        // who may manage what is the owner's
)

// The kinds of rows that hubs have copies of, as in wire.Tombstone.
const (
	kindAgency     = "agency"
	kindMember     = "member"
	kindDevice     = "device"
	kindConnection = "connection"
	kindRequest    = "request"
	kindItem       = "item"
)

// ChangesChannel is the PostgreSQL channel that notifies other relays which
// agency has changes.
const ChangesChannel = "latchkey_changes"

// change runs fn in a transaction that has locked the agency's row and gives what
// fn bumps the agency's next number. fn may run several times, so it must not
// accumulate. An error rolls everything back. Without a bump no number is taken:
// what changes nothing writes nothing.
func (h *handle) change(ctx context.Context, agency string, fn func(c *changeTx) error) error {
	bumped := false
	err := h.db.InTx(ctx, func(tx *sqldb.Tx) error {
		c := h.changeTx(ctx, tx, agency)
		if err := c.lockAgency(h.db.Engine()); err != nil {
			return err
		}
		if err := fn(c); err != nil {
			return err
		}
		if bumped = len(c.bumped) > 0; !bumped {
			return nil
		}
		return c.commitNumber(h.db.Engine())
	})
	if errors.Is(err, errUnchanged) {
		return nil
	}
	if err == nil && bumped {
		h.onChange(agency)
	}
	return err
}

func (h *handle) changeTx(ctx context.Context, tx *sqldb.Tx, agency string) *changeTx {
	return &changeTx{agencyTx: h.agencyTx(ctx, tx, agency), bumped: map[string]bool{}}
}

// lockAgency reads the agency's next number. Nobody else takes it meanwhile:
// PostgreSQL locks the row, SQLite has one writer.
func (c *changeTx) lockAgency(engine sqldb.Engine) error {
	query := `SELECT seq + 1 FROM agencies WHERE id = $1`
	if engine == sqldb.PostgreSQL {
		query += ` FOR NO KEY UPDATE`
	}
	err := c.row(query, c.agency).Scan(&c.seq)
	if errors.Is(err, sql.ErrNoRows) {
		return onboarding.ErrNotFound
	} else if err != nil {
		return fmt.Errorf("numbering a change: %w", err)
	}
	return nil
}

// commitNumber stores the newest number, and the commit that hubs read on from.
func (c *changeTx) commitNumber(engine sqldb.Engine) error {
	commitID := rand.Text()
	if err := c.exec(`
		UPDATE agencies SET seq = $1, commit_id = $2 WHERE id = $3`, c.seq, commitID, c.agency); err != nil {
		return fmt.Errorf("numbering a change: %w", err)
	}
	if err := c.exec(`
		INSERT INTO commits (agency, commit_id, seq, created_ms)
		VALUES ($1, $2, $3, $4)`, c.agency, commitID, c.seq, c.now); err != nil {
		return fmt.Errorf("recording a commit: %w", err)
	}
	if err := c.exec(`DELETE FROM commits WHERE agency = $1 AND seq <= $2`, c.agency, c.seq-maxCommits); err != nil {
		return fmt.Errorf("forgetting old commits: %w", err)
	}
	return c.notify(engine)
}

// notify tells other relays on the database that the agency has changes.
func (c *changeTx) notify(engine sqldb.Engine) error {
	if engine != sqldb.PostgreSQL {
		return nil
	}
	return c.exec(`SELECT pg_notify('`+ChangesChannel+`', $1)`, c.agency)
}

// errUnchanged is what the function of a change returns if there is nothing to
// write: no number is taken, no hub is notified, and the caller gets no error.
var errUnchanged = errors.New("nothing changes")

// agencyTx is a transaction on an agency's rows. It numbers no changes: hubs have no
// copies of what it writes.
type agencyTx struct {
	*sqldb.Tx
	ctx    context.Context
	agency string
	now    onboarding.Timestamp
	signer Signer
}

func (h *handle) agencyTx(ctx context.Context, tx *sqldb.Tx, agency string) *agencyTx {
	return &agencyTx{Tx: tx, ctx: ctx, agency: agency, now: h.timestamp(), signer: h.signer}
}

// agencyRead reads an agency's rows, as of a time.
type agencyRead struct {
	q      queryer
	ctx    context.Context
	agency string
	now    onboarding.Timestamp
}

func (r agencyRead) row(query string, args ...any) *sql.Row {
	return r.q.QueryRowContext(r.ctx, query, args...)
}

func (t *agencyTx) reads() agencyRead {
	return agencyRead{q: t.Tx, ctx: t.ctx, agency: t.agency, now: t.now}
}

// changeTx is a transaction that changes rows of which hubs have copies. It
// numbers them.
type changeTx struct {
	*agencyTx
	seq      int64 // the number of the next changed rows
	underSeq int   // rows numbered seq
	bumped   map[string]bool
	inserted string // the request that this transaction inserted: its history begins
}

// inAgencyTx runs fn in a transaction on an agency's rows.
func (h *handle) inAgencyTx(ctx context.Context, agency string, fn func(t *agencyTx) error) error {
	return h.db.InTx(ctx, func(tx *sqldb.Tx) error {
		return fn(h.agencyTx(ctx, tx, agency))
	})
}

// maxCommits bounds the commits of an agency that a cursor may come from: a hub with
// an older one reads everything.
const maxCommits = 50_000

// rowsPerNumber bounds how many rows share a number, so that a page of
// changes, which holds whole numbers, stays small.
const rowsPerNumber = 50

func (t *agencyTx) exec(query string, args ...any) error {
	_, err := t.ExecContext(t.ctx, query, args...)
	return err
}

func (t *agencyTx) execNamed(query string, params named) error {
	return execNamed(t.ctx, t.Tx, query, params)
}

func (t *agencyTx) row(query string, args ...any) *sql.Row {
	return t.QueryRowContext(t.ctx, query, args...)
}

func (t *agencyTx) texts(query string, args ...any) ([]string, error) {
	rows, err := t.QueryContext(t.ctx, query, args...)
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

func (c *changeTx) recordChange(kind, id, owner string, audience Audience, deleted onboarding.Timestamp) error {
	key := fmt.Sprintf("%s %s %d", kind, id, deleted)
	if c.bumped[key] {
		return nil
	}
	c.bumped[key] = true
	if c.underSeq == rowsPerNumber {
		c.seq++
		c.underSeq = 0
	}
	c.underSeq++
	err := c.exec(`
		INSERT INTO changes (agency, kind, id, seq, owner, audience, deleted_ms) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (agency, kind, id) DO UPDATE SET seq = excluded.seq, owner = excluded.owner,
		audience = excluded.audience, deleted_ms = excluded.deleted_ms`,
		c.agency, kind, id, c.seq, owner, audience, deleted)
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
