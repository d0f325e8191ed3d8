// Package sqldb opens, migrates and transacts on SQLite or PostgreSQL.
//
// It never names a table: the packages that own tables bring their migrations
// and their queries, one text for both engines (TEXT, BIGINT, BYTEA, $1).
package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/semaphore"
)

// Engine is the database engine of a DB.
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

type Config struct {
	// Source is a file's path, or a postgres:// address. A missing file is
	// created (0600), and its folder, too (0700).
	Source string
	// Migrations holds a folder "migrations" of goose files, one text for both
	// engines. Nil leaves the schema unchanged.
	Migrations fs.FS
	// Accept looks at the database before it is migrated. With an error it stays
	// as it is, and Open returns the error. Nil accepts every database.
	Accept func(ctx context.Context, q Queryer) error
	// Ephemeral is for a temporary SQLite file: commits do not wait for the
	// disk, and a power cut may damage it.
	Ephemeral bool
}

// Queryer reads without changing anything.
type Queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// DB is an open database, safe for concurrent use. SQLite has one writer and a
// pool of readers, PostgreSQL one pool.
//
// QueryContext and QueryRowContext read the last commit; on SQLite their
// connections cannot write.
type DB struct {
	engine Engine
	path   string  // of the SQLite file
	pool   *sql.DB // for writes: one connection on SQLite
	reader *sql.DB // equals pool on PostgreSQL
	writer *writer // of SQLite; nil until the schema is up to date

	prepared map[string]*sql.Stmt // of reader, by their text
	schema   int64                // the version that this program needs; zero: none

	// slots limits PostgreSQL transactions. One that lost to others too often
	// takes all slots, to run alone in this process.
	slots *semaphore.Weighted
}

// Open opens the database, migrates its schema and verifies that it is
// writable. Several processes may open the same database. It refuses a newer
// schema with ErrNewerSchema and a damaged file with ErrDamaged, and changes
// neither. If a PostgreSQL server refuses, the error is a *ServerError.
func Open(ctx context.Context, c Config) (*DB, error) {
	var db *DB
	var err error
	if IsPostgreSQL(c.Source) {
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
		if err := db.prepare(ctx, c); err != nil {
			// The error messages of a damaged file rarely mention the damage.
			if damage := db.Check(ctx); db.engine == SQLite && errors.Is(damage, ErrDamaged) {
				err = damage
			}
			if db.engine == PostgreSQL && !errors.Is(err, ErrNewerSchema) {
				err = serverError(err)
			}
			_ = db.Close() // the first error is the one to report
			return nil, err
		}
	}
	if db.engine == SQLite {
		db.writer = startWriter(db.pool)
	}
	return db, nil
}

func (db *DB) prepare(ctx context.Context, c Config) error {
	if c.Accept != nil {
		if err := c.Accept(ctx, db); err != nil {
			return err
		}
	}
	return db.migrate(ctx, c.Migrations)
}

// IsPostgreSQL reports whether a source is the address of a PostgreSQL server,
// not a file.
func IsPostgreSQL(source string) bool {
	return strings.HasPrefix(source, "postgres://") || strings.HasPrefix(source, "postgresql://")
}

// Describe names a database for people, without user and password.
func Describe(source string) string {
	if !IsPostgreSQL(source) {
		if absolute, err := filepath.Abs(source); err == nil {
			source = absolute
		}
		return "database " + source
	}
	config, err := pgx.ParseConfig(source)
	if err != nil {
		return "a PostgreSQL database"
	}
	return fmt.Sprintf("PostgreSQL database %s at %s", config.Database, config.Host)
}

// Engine returns the database engine.
func (db *DB) Engine() Engine { return db.engine }

// QueryContext reads the last commit.
func (db *DB) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if stmt := db.prepared[query]; stmt != nil {
		return stmt.QueryContext(db.queryContext(ctx), args...)
	}
	return db.reader.QueryContext(db.queryContext(ctx), query, args...)
}

// QueryRowContext reads one row of the last commit.
func (db *DB) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if stmt := db.prepared[query]; stmt != nil {
		return stmt.QueryRowContext(db.queryContext(ctx), args...)
	}
	return db.reader.QueryRowContext(db.queryContext(ctx), query, args...)
}

// Read runs fn on one snapshot: all of its queries read the same commit, which
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
	defer func() { _ = tx.Rollback() }() // read-only: nothing to lose
	return fn(snapshot{db: db, tx: tx})
}

// snapshot is the Queryer that Read passes to fn.
type snapshot struct {
	db *DB
	tx *sql.Tx
}

func (s snapshot) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if stmt := s.db.prepared[query]; stmt != nil {
		return s.tx.StmtContext(ctx, stmt).QueryContext(s.db.queryContext(ctx), args...)
	}
	return s.tx.QueryContext(s.db.queryContext(ctx), query, args...)
}

func (s snapshot) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if stmt := s.db.prepared[query]; stmt != nil {
		return s.tx.StmtContext(ctx, stmt).QueryRowContext(s.db.queryContext(ctx), args...)
	}
	return s.tx.QueryRowContext(s.db.queryContext(ctx), query, args...)
}

// Prepare prepares queries, which from then on run as prepared wherever their text is
// read: SQLite parses any other query each time, which takes as long as running it.
// Call it before the database is used concurrently.
func (db *DB) Prepare(ctx context.Context, queries ...string) error {
	if db.prepared == nil {
		db.prepared = map[string]*sql.Stmt{}
	}
	for _, query := range queries {
		stmt, err := db.reader.PrepareContext(ctx, query)
		if err != nil {
			return fmt.Errorf("preparing a query: %w", err)
		}
		db.prepared[query] = stmt
	}
	return nil
}

// queryContext is the context of a query. On SQLite a running query is not
// cancelled: watching the context costs the driver as much as a query.
func (db *DB) queryContext(ctx context.Context) context.Context {
	if db.engine == PostgreSQL {
		return ctx
	}
	return uncancelled(ctx)
}

// uncancelled returns ctx if it is done already, else ctx without its cancellation.
func uncancelled(ctx context.Context) context.Context {
	if ctx.Err() != nil {
		return ctx
	}
	return context.WithoutCancel(ctx)
}

// Close waits for running transactions and closes all connections. A repeat
// does nothing.
func (db *DB) Close() error {
	if db.writer != nil {
		db.writer.close()
	}
	// The readers close before the writer's connection: SQLite checkpoints and removes
	// the log when its last connection closes.
	var readErr error
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

// Timeouts of operations that could block forever.
const (
	busyTimeout   = 10 * time.Second // for a transaction of another process on the same file
	commitTimeout = 30 * time.Second // for the reply to COMMIT
)
