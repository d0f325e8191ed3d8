// Package store has the relay's tables and queries, by noun.
//
// It never handles HTTP, tokens or keys: of a secret it stores a hash that the
// caller made, or bytes that the caller sealed. Its Config has the relay's clock,
// and what signs the rows that decide who gets a credential.
//
// Rows that hubs have copies of change inside handle.change, which takes the
// agency's next number first, so that no reader's cursor can pass a slow
// transaction.
package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
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
	// Signer has the keys of the rows' MACs.
	Signer Signer
	// Now is the relay's clock; nil: time.Now.
	Now func() time.Time
	// OnChange is called after each commit that changed something in the hubs'
	// copies. It may be nil.
	OnChange func(agency string)
	// OnQueued is called after a commit that queued an email and called no
	// OnChange. It may be nil.
	OnQueued func()
}

// Store runs the relay's queries: a field for each noun, all on one database. It
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
	News        *NewsLog
	Outages     *Outages
	Jobs        *Jobs
	Receipts    *Receipts
	Repairs     *Repairs
	Visits      *Visits
	People      *People
	Users       *PlatformUsers
	Webhooks    *Webhooks
	Changes     *ChangeLog
	Integrity   *Integrity
	Resigning   *Resigning
	Operations  *Operations

	Certificates *Certificates
	Domains      *Domains
	Reviews      *Reviews
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
	h := &handle{
		db: config.DB, signer: config.Signer, now: config.Now, onChange: config.OnChange, onQueued: config.OnQueued,
	}
	if err := h.db.Prepare(ctx, hotReads()...); err != nil {
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
		Requests:    &Requests{h},
		Items:       &Items{h},
		Emails:      &Emails{h},
		News:        &NewsLog{h},
		Outages:     &Outages{h},
		Jobs:        &Jobs{h},
		Receipts:    &Receipts{h},
		Repairs:     &Repairs{h},
		Visits:      &Visits{h},
		People:      &People{h},
		Users:       &PlatformUsers{h},
		Webhooks:    &Webhooks{h},
		Changes:     &ChangeLog{h},
		Integrity:   &Integrity{h},
		Resigning:   &Resigning{h},
		Operations:  &Operations{h},

		Certificates: &Certificates{h},
		Domains:      &Domains{h},
		Reviews:      &Reviews{h},
	}, nil
}

// Now is the timestamp of the relay's clock.
func (s *Store) Now() onboarding.Timestamp { return s.handle.timestamp() }

// DB is the database below, for what concerns no table: health, backups,
// notifications.
func (s *Store) DB() *sqldb.DB { return s.handle.db }

// Metadata returns a value of this database by its name. Without one, first makes
// it: of two relays that start at once, one makes it and both get the same.
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
		return "", fmt.Errorf("reading the metadata %s: %w", name, err)
	}
	return value, nil
}

// sweepBatch is how many rows a transaction of Sweep deletes: others write between
// two of them.
const sweepBatch = 500

// sweep is what is too old in a table: the rows of a condition with one argument.
type sweep struct {
	table, key, where string
	before            onboarding.Timestamp
}

func sweeps(now onboarding.Timestamp) []sweep {
	return []sweep{
		{table: "oauth_states", key: "state_hash", where: `expires_ms <= $1`, before: now},
		{table: "reply_to_codes", key: "agency", where: `expires_ms <= $1`, before: now},
		{table: "pending_connections", key: "id", where: `expires_ms <= $1`, before: now},
		// A visit with a receipt stays with its request, which names the same
		// person: the receipt and the links in its email need it.
		{table: "visits", key: "id", before: now - VisitRetention, where: `ended_ms > 0 AND ended_ms <= $1
			AND id NOT IN (SELECT visit FROM emails WHERE state IN ('queued', 'sending'))
			AND NOT EXISTS (SELECT 1 FROM receipts r WHERE r.visit = visits.id)`},
		{table: "emails", key: "id", where: `finished_ms > 0 AND finished_ms <= $1`, before: now - EmailRetention},
		{table: "news", key: "id", where: `created_ms <= $1`, before: now - newsRetention},
		{table: "webhook_deliveries", key: "id", where: `finished_ms > 0 AND finished_ms <= $1`,
			before: now - EmailRetention},
		{table: "send_log", key: "email", before: now - day, where: `at_ms <= $1
			AND email NOT IN (SELECT id FROM emails WHERE state IN ('queued', 'sending'))`},
		{table: "operations", key: "id", where: `logged_ms > 0 AND at_ms <= $1`, before: now - operationRetention},
		{table: "deletions", key: "code_hash", where: `done_ms > 0 AND done_ms <= $1`, before: now - DeletionRetention},
		{table: "deliveries", key: "id", where: `created_ms <= $1`, before: now - DeliveryRetention},
		// Tombstones of requests stay: no hub may resubmit a deleted one.
		{table: "changes", key: "agency, kind, id", before: now - tombstoneRetention,
			where: `deleted_ms > 0 AND deleted_ms <= $1 AND kind <> 'request'`},
		{table: "commits", key: "agency, commit_id", before: now - commitRetention,
			where: `created_ms <= $1 AND commit_id NOT IN (SELECT commit_id FROM agencies)`},
	}
}

// Sweep deletes what is too old, of all agencies: sign-ins, codes, pending
// connections, visits of requests that ended, emails, news, deliveries that were not
// fetched, deletions, commits and tombstones that no cursor needs. It finishes deletions that
// were interrupted.
func (s *Store) Sweep(ctx context.Context) error {
	for _, old := range sweeps(s.Now()) {
		query := fmt.Sprintf(`DELETE FROM %s WHERE (%s) IN (SELECT %s FROM %s WHERE %s LIMIT %d)`,
			old.table, old.key, old.key, old.table, old.where, sweepBatch)
		for swept := int64(sweepBatch); swept == sweepBatch; {
			err := s.handle.db.InTx(ctx, func(tx *sqldb.Tx) error {
				result, err := tx.ExecContext(ctx, query, old.before)
				if err != nil {
					return err
				}
				swept, err = result.RowsAffected()
				return err
			})
			if err != nil {
				return fmt.Errorf("sweeping %s: %w", old.table, err)
			}
		}
	}
	return errors.Join(
		s.Visits.DropIdleTokens(ctx, s.Now()-hour), s.Codes.sweep(ctx), s.Users.FinishDeletions(ctx))
}
