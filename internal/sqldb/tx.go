package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// Tx is an open transaction of InTx.
type Tx struct {
	tx    *sql.Tx
	batch *batch // of SQLite
}

// stmtContext is the context of a statement. On SQLite a running one is not
// cancelled: it is short, and cancelling would roll back the whole batch.
func (tx *Tx) stmtContext(ctx context.Context) context.Context {
	if tx.batch == nil {
		return ctx
	}
	return uncancelled(ctx)
}

// stmt returns the cached statement of a query; nil: it is not cached.
func (tx *Tx) stmt(query string) *sql.Stmt {
	if tx.batch == nil {
		return nil
	}
	return tx.batch.stmt(query)
}

// exec runs a statement without arguments, on SQLite.
func (tx *Tx) exec(query string) error {
	_, err := tx.ExecContext(context.Background(), query)
	return err
}

// QueryContext queries inside the transaction. Close the rows before the next
// statement.
func (tx *Tx) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if stmt := tx.stmt(query); stmt != nil {
		return stmt.QueryContext(tx.stmtContext(ctx), args...)
	}
	return tx.tx.QueryContext(tx.stmtContext(ctx), query, args...)
}

// QueryRowContext reads one row inside the transaction.
func (tx *Tx) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if stmt := tx.stmt(query); stmt != nil {
		return stmt.QueryRowContext(tx.stmtContext(ctx), args...)
	}
	return tx.tx.QueryRowContext(tx.stmtContext(ctx), query, args...)
}

// ExecContext executes a statement inside the transaction.
func (tx *Tx) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if stmt := tx.stmt(query); stmt != nil {
		return stmt.ExecContext(tx.stmtContext(ctx), args...)
	}
	return tx.tx.ExecContext(tx.stmtContext(ctx), query, args...)
}

// The maximum of attempts of a PostgreSQL transaction, and after how many it
// runs alone in its process.
const (
	maxTries     = 20
	sharingTries = 3
)

// InTx runs fn in a transaction and commits. All writes go through it.
//
// When it returns nil, fn's writes are durable. On SQLite, concurrent
// transactions share a commit (group commit) and return after it. When it
// returns an error, nothing is written, even after an I/O error in the commit,
// whose connection is discarded. An error of fn is returned unchanged.
//
// Transactions are serializable: fn reads and writes as if it ran alone. For
// that, fn may run several times: it must assign results, not append to them,
// and have no other effect. It must use its tx only: a nested InTx deadlocks,
// and queries of the DB do not read uncommitted writes.
func (db *DB) InTx(ctx context.Context, fn func(tx *Tx) error) error {
	if db.engine == SQLite {
		return db.writer.write(ctx, false, fn)
	}
	return db.retryTx(ctx, fn)
}

// InTxPriority runs before queued transactions: for results of external calls
// that a crash would lose.
func (db *DB) InTxPriority(ctx context.Context, fn func(tx *Tx) error) error {
	if db.engine == SQLite {
		return db.writer.write(ctx, true, fn)
	}
	return db.retryTx(ctx, fn) // PostgreSQL has no queue
}

// retryTx repeats a PostgreSQL transaction while it fails by serialization.
func (db *DB) retryTx(ctx context.Context, fn func(tx *Tx) error) error {
	tries := 0
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		tries++
		slots := int64(1)
		if tries > sharingTries {
			slots = poolSize // take all: only other processes can conflict then
		}
		if err := db.slots.Acquire(ctx, slots); err != nil {
			return struct{}{}, backoff.Permanent(fmt.Errorf("waiting to write: %w", err))
		}
		defer db.slots.Release(slots)
		err := db.tryTx(ctx, fn)
		if err != nil && !isSerializationFailure(err) {
			err = backoff.Permanent(err)
		}
		return struct{}{}, err
	}, backoff.WithBackOff(&backoff.ExponentialBackOff{
		InitialInterval:     time.Millisecond,
		RandomizationFactor: 0.9,
		Multiplier:          1.5,
		MaxInterval:         40 * time.Millisecond,
	}), backoff.WithMaxTries(maxTries), backoff.WithMaxElapsedTime(0))
	if isSerializationFailure(err) {
		return fmt.Errorf("writing after %d tries: %w", tries, err)
	}
	return err
}

// tryTx is one attempt on PostgreSQL.
func (db *DB) tryTx(ctx context.Context, fn func(tx *Tx) error) error {
	conn, err := db.pool.Conn(ctx)
	if err != nil {
		return fmt.Errorf("reaching the database: %w", err)
	}
	defer func() { _ = conn.Close() }() // back into the pool; the commit has its own error

	// The statements of fn end with ctx. The commit does not: cancelling it
	// would leave its outcome unknown.
	detached, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("beginning to write: %w", err)
	}
	tx, err := conn.BeginTx(detached, &sql.TxOptions{Isolation: sql.LevelSerializable})
	if err != nil {
		return fmt.Errorf("beginning to write: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // no effect after a commit; it also ends the transaction of a panic

	if err := fn(&Tx{tx: tx}); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("before committing: %w", err)
	}
	limit := time.AfterFunc(commitTimeout, cancel)
	defer limit.Stop()
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("committing: %w", err)
	}
	return nil
}
