package sqldb

import (
	"context"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

// migrate brings the schema to the newest version that migrations holds. Each
// file is one transaction, so that a kill leaves the version before or after.
func (db *DB) migrate(ctx context.Context, migrations fs.FS) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return fmt.Errorf("reading the migrations: %w", err)
	}
	dialect := goose.DialectSQLite3
	if db.engine == PostgreSQL {
		dialect = goose.DialectPostgres
	}
	provider, err := goose.NewProvider(dialect, db.pool, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("reading the migrations: %w", err)
	}
	// The provider is not closed: that would close the database.
	for {
		current, known, err := provider.GetVersions(ctx)
		if err != nil {
			return fmt.Errorf("reading the schema's version: %w", err)
		}
		// goose itself would take a newer schema for one that is up to date.
		if current > known {
			return fmt.Errorf("%w: the database has schema %d, this program knows up to %d", ErrNewerSchema, current, known)
		}
		if current == known {
			return nil
		}
		_, err = provider.Up(ctx)
		if err == nil {
			continue
		}
		// Another process that migrates at the same time makes this one fail on
		// what is there already: as long as the version rises, look again.
		if after, versionErr := provider.GetDBVersion(ctx); versionErr != nil || after <= current {
			return fmt.Errorf("migrating from schema %d to %d: %w", current, known, err)
		}
	}
}
