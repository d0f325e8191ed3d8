// Package sqldb opens, migrates and transacts on SQLite or PostgreSQL.
//
// It never knows a table: the rooms that own tables bring their migrations
// and their queries, one text for both engines (TEXT, BIGINT, BYTEA, $1).
package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
)

// Engine is what stands behind a DB.
type Engine int

// The two engines.
const (
	SQLite Engine = iota + 1
	PostgreSQL
)

func (e Engine) String() string {
	switch e {
	case SQLite:
		return "SQLite"
	case PostgreSQL:
		return "PostgreSQL"
	}
	return fmt.Sprintf("Engine(%d)", int(e))
}

// Config says which database to open.
type Config struct {
	// Source is a file's path, or a postgres:// address. A missing file is
	// made (0600), and so is its folder (0700).
	Source string
	// Migrations holds a folder "migrations" of goose files, one text for both
	// engines. Nil opens the database as it is.
	Migrations fs.FS
	// Passing is for a SQLite file that goes with the program: commits do not
	// wait for the disk, and a power cut may damage it.
	Passing bool
}

// Queryer asks without changing anything.
type Queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// DB is an open database, safe for use by many goroutines. With SQLite it is
// one writer and some readers beside it, with PostgreSQL one pool.
//
// Its own QueryContext and QueryRowContext read what was last committed; on
// SQLite their connections cannot write.
type DB struct {
	engine Engine
	path   string // of the SQLite file
	writer *sql.DB
	reader *sql.DB
	known  *prepared // of reader; nil on PostgreSQL, whose driver keeps its own

	// On SQLite: whose turn it is to write, and what only they touch.
	turns   turns
	open    *group
	learned *prepared // of writer

	glances *glances      // nil on PostgreSQL
	commits atomic.Uint64 // grows by two with each of this process; odd: one is under way

	// places is held once by each PostgreSQL transaction, and whole by one that
	// lost against others too often: that one then runs alone in this process.
	places *semaphore.Weighted
}

// Open opens the database, brings its schema up to date and proves that it
// can be written. Several processes may open the same one at the same time.
// A database of a newer program is refused with ErrNewerSchema, a damaged
// file with ErrDamaged; neither is touched. Why a PostgreSQL server was of no
// use is in a *ServerError.
func Open(ctx context.Context, c Config) (*DB, error) {
	var db *DB
	var err error
	if isPostgreSQL(c.Source) {
		if db, err = openPostgreSQL(ctx, c.Source); err != nil {
			err = serverError(err)
		}
	} else {
		db, err = openSQLite(ctx, c.Source, c.Passing)
	}
	if err != nil {
		return nil, err
	}
	if c.Migrations != nil {
		if err := db.migrate(ctx, c.Migrations); err != nil {
			// A damaged file fails in words that name anything but the damage.
			if damage := db.Check(ctx); db.engine == SQLite && errors.Is(damage, ErrDamaged) {
				err = damage
			}
			if db.engine == PostgreSQL && !errors.Is(err, ErrNewerSchema) {
				err = serverError(err)
			}
			_ = db.Close() // the first error is the one to tell
			return nil, err
		}
	}
	return db, nil
}

func isPostgreSQL(source string) bool {
	return strings.HasPrefix(source, "postgres://") || strings.HasPrefix(source, "postgresql://")
}

// Engine says what stands behind db.
func (db *DB) Engine() Engine { return db.engine }

// QueryContext asks the readers.
func (db *DB) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if stmt, known := db.known.statement(ctx, query); known {
		return stmt.QueryContext(ctx, args...)
	}
	return db.reader.QueryContext(ctx, query, args...)
}

// QueryRowContext asks the readers for one row.
func (db *DB) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if stmt, known := db.known.statement(ctx, query); known {
		return stmt.QueryRowContext(ctx, args...)
	}
	return db.reader.QueryRowContext(ctx, query, args...)
}

// InSnapshot runs fn on one state of the database: whatever others commit
// meanwhile, all of its queries see the same.
func (db *DB) InSnapshot(ctx context.Context, fn func(q Queryer) error) error {
	tx, err := db.reader.BeginTx(ctx, &sql.TxOptions{Isolation: db.snapshotLevel(), ReadOnly: true})
	if err != nil {
		return fmt.Errorf("beginning to read: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // nothing was written: there is nothing to lose
	return fn(tx)
}

func (db *DB) snapshotLevel() sql.IsolationLevel {
	if db.engine == PostgreSQL {
		return sql.LevelRepeatableRead
	}
	return sql.LevelDefault // every SQLite transaction is a snapshot
}

// Close waits for what runs and closes all connections. Closing again does
// nothing.
func (db *DB) Close() error {
	// The readers first: the writer that closes last moves the log into the
	// file and removes it.
	var readErr error
	if db.glances != nil {
		db.glances.close()
		db.endWriting()
	}
	if db.reader != db.writer {
		readErr = db.reader.Close()
	}
	if err := db.writer.Close(); err != nil {
		return fmt.Errorf("closing the database: %w", err)
	}
	if readErr != nil {
		return fmt.Errorf("closing the database's readers: %w", readErr)
	}
	return nil
}

// Times bound what could else wait for ever.
const (
	busyTimeout = 10 * time.Second // for a transaction of another process on the same file
	commitLimit = 30 * time.Second // for an answer to COMMIT
)
