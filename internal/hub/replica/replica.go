// Package replica is this computer's copy of the relay's data, overlaid with
// the queued changes of the outbox, and the lists, searches and views of it.
//
// It owns the hub's database and its schema. It never calls the relay.
package replica

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/collation"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

//go:embed migrations
var migrations embed.FS

// Config is what a replica needs.
type Config struct {
	// Dir is the data folder; it exists.
	Dir string
	// Catalog has the texts of services and failures.
	Catalog *catalog.Catalog
	// Now is the clock.
	Now func() time.Time
	// Log gets details for support.
	Log *slog.Logger
	// SortKey makes the sort keys of names; nil: collation.FoldKey. Data that was
	// sorted by another one is in no order.
	SortKey func(text string) []byte
	// OnChange is called after a commit: one call at a time, by PublishLoop.
	// Nil: no calls.
	OnChange func(Change)
}

// Replica is the copy on one computer. It is safe for concurrent use.
type Replica struct {
	config Config
	db     *sqldb.DB

	changed chan struct{} // wakes PublishLoop
	mu      sync.Mutex    // guards the field below
	pending Change        // not published yet
}

// ErrForeignSchema means that the database has other tables than this program's.
var ErrForeignSchema = errors.New("the database has the tables of another program, or of an early version of this one")

// fileName is the database in the data folder.
const fileName = "hub.db"

// Open opens the database in the data folder, and creates it if missing. One with
// other tables stays unchanged, and the error is ErrForeignSchema.
func Open(ctx context.Context, config Config) (*Replica, error) {
	if config.SortKey == nil {
		config.SortKey = collation.FoldKey
	}
	db, err := sqldb.Open(ctx, sqldb.Config{
		Source: filepath.Join(config.Dir, fileName), Migrations: migrations, Accept: checkSchema,
	})
	if err != nil {
		return nil, fmt.Errorf("opening the hub's data: %w", err)
	}
	r := &Replica{config: config, db: db, changed: make(chan struct{}, 1)}
	if err := r.checkProjection(ctx); err != nil {
		_ = db.Close() // the first error is the one to report
		return nil, err
	}
	return r, nil
}

func (r *Replica) Close() error { return r.db.Close() }

// Catalog returns the texts of services and failures.
func (r *Replica) Catalog() *catalog.Catalog { return r.config.Catalog }

// DB returns the database, for the Read functions.
func (r *Replica) DB() *sqldb.DB { return r.db }

func (r *Replica) now() onboarding.Timestamp { return onboarding.TimestampOf(r.config.Now()) }

// checkSchema refuses a database that has tables, but not this program's: the
// first versions numbered other migrations.
func checkSchema(ctx context.Context, q sqldb.Queryer) error {
	var tables, ours int
	err := q.QueryRowContext(ctx, `
		SELECT COUNT(*), COUNT(*) FILTER (WHERE name = 'metadata') FROM sqlite_master
		WHERE type = 'table' AND name NOT LIKE 'goose_%' AND name NOT LIKE 'sqlite_%'`).Scan(&tables, &ours)
	if err == nil && tables > 0 && ours == 0 {
		err = ErrForeignSchema
	}
	return err
}

// checkProjection triggers a full read if another projectionVersion wrote the
// rows.
func (r *Replica) checkProjection(ctx context.Context) error {
	version, err := ReadMetadata(ctx, r.db, metaProjection)
	if err != nil || version == projectionVersion {
		return err
	}
	err = r.Update(ctx, func(tx *Tx) error {
		if err := tx.DeleteMetadata(ctx, MetaCursor); err != nil {
			return err
		}
		return tx.WriteMetadata(ctx, metaProjection, projectionVersion)
	})
	if err != nil {
		return fmt.Errorf("preparing to read all again: %w", err)
	}
	return nil
}

// Update runs fn in a transaction, updates the projections of what it changed,
// commits, and publishes the change. fn may run more than once.
func (r *Replica) Update(ctx context.Context, fn func(tx *Tx) error) error {
	var change Change
	err := r.db.InTx(ctx, func(sqlTx *sqldb.Tx) error {
		tx, err := r.newTx(ctx, sqlTx)
		if err != nil {
			return err
		}
		if err := fn(tx); err != nil {
			return err
		}
		if err := tx.flush(ctx); err != nil {
			return err
		}
		change = tx.Change
		return nil
	})
	if err != nil {
		return err
	}
	r.Publish(change)
	return nil
}
