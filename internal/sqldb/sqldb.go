// Package sqldb opens, migrates and transacts on SQLite or PostgreSQL.
//
// It never knows a table: the packages that own tables bring their migrations
// and their queries, one text for both engines (TEXT, BIGINT, BYTEA, $1).
package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"strings"
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
	// Ephemeral is for a SQLite file that goes with the program: commits do not
	// wait for the disk, and a power cut may damage it.
	Ephemeral bool
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
	path   string  // of the SQLite file
	pool   *sql.DB // what writes: one connection on SQLite
	reader *sql.DB // pool itself on PostgreSQL
	writer *writer // of SQLite; nil until the schema is up to date

	// slots is held once by each PostgreSQL transaction, and whole by one that
	// lost against others too often: that one then runs alone in this process.
	slots *semaphore.Weighted
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
		db, err = openSQLite(ctx, c.Source, c.Ephemeral)
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
	if db.engine == SQLite {
		db.writer = startWriter(db.pool)
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
	return db.reader.QueryContext(db.queryContext(ctx), query, args...)
}

// QueryRowContext asks the readers for one row.
func (db *DB) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return db.reader.QueryRowContext(db.queryContext(ctx), query, args...)
}

// Read runs fn on one snapshot: all of its queries see the same commit, which
// is no older than the call.
func (db *DB) Read(ctx context.Context, fn func(q Queryer) error) error {
	options := &sql.TxOptions{ReadOnly: true} // every SQLite transaction is a snapshot
	if db.engine == PostgreSQL {
		options.Isolation = sql.LevelRepeatableRead
	}
	tx, err := db.reader.BeginTx(db.queryContext(ctx), options)
	if err != nil {
		return fmt.Errorf("beginning to read: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // nothing was written: there is nothing to lose
	return fn(snapshot{db: db, tx: tx})
}

// snapshot is the Queryer of Read.
type snapshot struct {
	db *DB
	tx *sql.Tx
}

func (s snapshot) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return s.tx.QueryContext(s.db.queryContext(ctx), query, args...)
}

func (s snapshot) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return s.tx.QueryRowContext(s.db.queryContext(ctx), query, args...)
}

// Stmt is a query that was prepared once, for where it is asked a great deal.
// It asks the readers, and lives as long as its DB.
type Stmt struct {
	db   *DB
	stmt *sql.Stmt
}

// Prepare parses a query once.
func (db *DB) Prepare(ctx context.Context, query string) (*Stmt, error) {
	stmt, err := db.reader.PrepareContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("preparing a query: %w", err)
	}
	return &Stmt{db: db, stmt: stmt}, nil
}

// QueryRowContext asks for one row.
func (s *Stmt) QueryRowContext(ctx context.Context, args ...any) *sql.Row {
	return s.stmt.QueryRowContext(s.db.queryContext(ctx), args...)
}

// queryContext is the context of a query. On SQLite one that has begun is not
// cancelled: to watch the context costs the driver as much as the query does.
func (db *DB) queryContext(ctx context.Context) context.Context {
	if db.engine == PostgreSQL {
		return ctx
	}
	return begun(ctx)
}

// begun is ctx if it has ended, or else one that does not end.
func begun(ctx context.Context) context.Context {
	if ctx.Err() != nil {
		return ctx
	}
	return context.WithoutCancel(ctx)
}

// Close waits for what runs and closes all connections. Closing again does
// nothing.
func (db *DB) Close() error {
	// The readers first: the writer that closes last moves the log into the
	// file and removes it.
	var readErr error
	if db.writer != nil {
		db.writer.close()
	}
	if db.reader != db.pool {
		readErr = db.reader.Close()
	}
	if err := db.pool.Close(); err != nil {
		return fmt.Errorf("closing the database: %w", err)
	}
	if readErr != nil {
		return fmt.Errorf("closing the database's readers: %w", readErr)
	}
	return nil
}

// Times bound what could else wait for ever.
const (
	busyTimeout   = 10 * time.Second // for a transaction of another process on the same file
	commitTimeout = 30 * time.Second // for an answer to COMMIT
)
