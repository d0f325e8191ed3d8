package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// Tx is a transaction that InTx has open.
type Tx struct {
	tx    *sql.Tx
	batch *batch // of SQLite
}

// stmtContext is the context of a statement. On SQLite one that has begun is
// not cancelled: it is short, and others' writes would end with it.
func (tx *Tx) stmtContext(ctx context.Context) context.Context {
	if tx.batch == nil {
		return ctx
	}
	return begun(ctx)
}

// stmt gives the prepared statement of a query; nil: it has to be parsed.
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

// QueryContext asks inside the transaction. The rows must be closed before
// the next statement.
func (tx *Tx) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if stmt := tx.stmt(query); stmt != nil {
		return stmt.QueryContext(tx.stmtContext(ctx), args...)
	}
	return tx.tx.QueryContext(tx.stmtContext(ctx), query, args...)
}

// QueryRowContext asks for one row inside the transaction.
func (tx *Tx) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if stmt := tx.stmt(query); stmt != nil {
		return stmt.QueryRowContext(tx.stmtContext(ctx), args...)
	}
	return tx.tx.QueryRowContext(tx.stmtContext(ctx), query, args...)
}

// ExecContext changes something inside the transaction.
func (tx *Tx) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if stmt := tx.stmt(query); stmt != nil {
		return stmt.ExecContext(tx.stmtContext(ctx), args...)
	}
	return tx.tx.ExecContext(tx.stmtContext(ctx), query, args...)
}

// How often a PostgreSQL transaction is tried, and after how many of these it
// runs alone in its process.
const (
	maxTries     = 20
	sharingTries = 3
)

// InTx runs fn in a transaction and commits. It is the one door for writes.
//
// When it returns nil, what fn wrote is on the disk and survives a power cut.
// On SQLite those that come close together share a commit, and are answered
// after it.
// When it returns an error, nothing of it counts: not even after an I/O error
// in the commit, whose connection is thrown away. An error of fn comes back
// as it is.
//
// Transactions are serializable: fn sees and writes as if it ran alone. To
// that end fn may run several times, so it must set, not add to, what lies
// outside of it, and send nothing. It must write through its tx only: InTx
// within fn waits for itself, and db's own queries do not see what tx wrote.
func (db *DB) InTx(ctx context.Context, fn func(tx *Tx) error) error {
	if db.engine == SQLite {
		return db.writer.write(ctx, false, fn)
	}
	return db.retryTx(ctx, fn)
}

// InTxPriority is InTx ahead of all who wait for their turn: for a small write
// about something that has happened outside, and that a stop would forget.
func (db *DB) InTxPriority(ctx context.Context, fn func(tx *Tx) error) error {
	if db.engine == SQLite {
		return db.writer.write(ctx, true, fn)
	}
	return db.retryTx(ctx, fn) // PostgreSQL's do not wait for each other
}

// retryTx tries a PostgreSQL transaction until it does not fail because of
// others that run at the same time.
func (db *DB) retryTx(ctx context.Context, fn func(tx *Tx) error) error {
	tries := 0
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		tries++
		slots := int64(1)
		if tries > sharingTries {
			slots = poolSize // against other processes only time helps
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

// tryTx is one try on PostgreSQL.
func (db *DB) tryTx(ctx context.Context, fn func(tx *Tx) error) error {
	conn, err := db.pool.Conn(ctx)
	if err != nil {
		return fmt.Errorf("reaching the database: %w", err)
	}
	defer func() { _ = conn.Close() }() // back into the pool; the commit has its own error

	// The statements of fn end with ctx. The commit does not: a caller that
	// goes away must not leave its outcome unknown.
	lasting, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("beginning to write: %w", err)
	}
	tx, err := conn.BeginTx(lasting, &sql.TxOptions{Isolation: sql.LevelSerializable})
	if err != nil {
		return fmt.Errorf("beginning to write: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing; it also ends a panic's transaction

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
