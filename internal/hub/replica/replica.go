// Package replica is this computer's copy of what the relay has, with what
// waits in the outbox applied to it, and the lists, searches and views that
// are read of it.
//
// It owns the hub's database and its schema. It never calls the relay.
package replica

import (
	"context"
	"embed"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
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
	// Log gets what the user need not read.
	Log *slog.Logger
	// OnChange is called with what has changed, after it is on the disk: one
	// call at a time, by PublishLoop. Nil: nobody is called.
	OnChange func(Change)
}

// Replica is the copy on one computer. All of its methods may be called
// concurrently.
type Replica struct {
	config Config
	db     *sqldb.DB

	changed chan struct{} // there is something to publish
	mu      sync.Mutex    // guards what follows
	pending Change        // what OnChange has not been called with yet
}

// Open opens the database in the data folder, and makes it when it is missing.
func Open(ctx context.Context, config Config) (*Replica, error) {
	db, err := sqldb.Open(ctx, sqldb.Config{Source: filepath.Join(config.Dir, "hub.db"), Migrations: migrations})
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

// Close closes the database.
func (r *Replica) Close() error { return r.db.Close() }

// Catalog has the texts of services and failures.
func (r *Replica) Catalog() *catalog.Catalog { return r.config.Catalog }

// DB is the database, for reads of tables that another part of the hub owns.
func (r *Replica) DB() *sqldb.DB { return r.db }

func (r *Replica) now() onboarding.Timestamp { return onboarding.TimestampOf(r.config.Now()) }

// checkProjection has everything read again when this program stores other
// things of a row than the last one did.
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

// Update runs fn in a transaction, writes anew what lists and searches see of
// what it changed, commits, and publishes the change. fn may run more than once.
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
