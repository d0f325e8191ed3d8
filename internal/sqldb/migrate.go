package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/pressly/goose/v3"
)

// migrate applies the missing migrations. Each file is one transaction, so that
// a kill leaves a complete version.
func (db *DB) migrate(ctx context.Context, migrations fs.FS) error {
	steps, err := readMigrations(migrations)
	if err != nil {
		return fmt.Errorf("reading the migrations: %w", err)
	}
	dialect := goose.DialectSQLite3
	if db.engine == PostgreSQL {
		dialect = goose.DialectPostgres
	}
	provider, err := goose.NewProvider(dialect, db.pool, nil,
		goose.WithGoMigrations(steps...), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("reading the migrations: %w", err)
	}
	// The provider is not closed: Close would close the database.
	for {
		current, known, err := provider.GetVersions(ctx)
		if err != nil {
			return fmt.Errorf("reading the schema's version: %w", err)
		}
		// goose treats a newer schema as up to date.
		if current > known {
			return fmt.Errorf("%w: the database has schema %d, this program knows up to %d", ErrNewerSchema, current, known)
		}
		db.schema = known
		if current == known {
			return nil
		}
		_, err = provider.Up(ctx)
		if err == nil {
			continue
		}
		// A concurrent migration by another process makes this one fail on
		// existing tables: retry while the version rises.
		if after, versionErr := provider.GetDBVersion(ctx); versionErr != nil || after <= current {
			return fmt.Errorf("migrating from schema %d to %d: %w", current, known, err)
		}
	}
}

// ErrOlderSchema is a database that was put back as it was before an upgrade, while a
// program runs on it.
var ErrOlderSchema = errors.New("the database's schema is older than this program needs")

// CheckSchema returns ErrOlderSchema while the schema is older than this program needs, as
// after the restore of an older dump under a running program. A newer one is in order:
// another program on the database may be newer.
func (db *DB) CheckSchema(ctx context.Context) error {
	var current int64
	err := db.QueryRowContext(ctx, `SELECT COALESCE(max(version_id), 0) FROM goose_db_version`).Scan(&current)
	if err != nil {
		return fmt.Errorf("reading the schema's version: %w", err)
	}
	if current < db.schema {
		return fmt.Errorf("%w: the database has schema %d, this program needs %d", ErrOlderSchema, current, db.schema)
	}
	return nil
}

// readMigrations passes each file's up part to the engine as one text: both
// engines accept several statements. goose's own parser splits statements with
// a buffer of four megabytes per line.
func readMigrations(migrations fs.FS) ([]*goose.Migration, error) {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	var steps []*goose.Migration
	for _, name := range names {
		version, err := goose.NumericComponent(name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		text, err := fs.ReadFile(migrations, name)
		if err != nil {
			return nil, err
		}
		up, _, _ := strings.Cut(string(text), "\n-- +goose Down")
		steps = append(steps, goose.NewGoMigration(version, &goose.GoFunc{
			RunTx: func(ctx context.Context, tx *sql.Tx) error {
				_, err := tx.ExecContext(ctx, up)
				return err
			},
		}, nil))
	}
	return steps, nil
}
