package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"time"
)

// Tx is a transaction that InTx has open.
type Tx struct {
	tx    *sql.Tx
	group *group // of SQLite
}

// asking is the context of a statement. On SQLite one that has begun is not
// called off: it is short, and others' writes would end with it.
func (tx *Tx) asking(ctx context.Context) context.Context {
	if tx.group == nil || ctx.Err() != nil {
		return ctx
	}
	return context.WithoutCancel(ctx)
}

// statement gives what was prepared of a text; nil: it is to be asked as it is.
func (tx *Tx) statement(query string) *sql.Stmt {
	if tx.group == nil {
		return nil
	}
	return tx.group.statement(query)
}

// exec runs a statement without arguments, on SQLite.
func (tx *Tx) exec(query string) (sql.Result, error) {
	return tx.ExecContext(context.Background(), query)
}

// QueryContext asks inside the transaction. The rows must be closed before
// the next statement.
func (tx *Tx) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if stmt := tx.statement(query); stmt != nil {
		return stmt.QueryContext(tx.asking(ctx), args...)
	}
	return tx.tx.QueryContext(tx.asking(ctx), query, args...)
}

// QueryRowContext asks for one row inside the transaction.
func (tx *Tx) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if stmt := tx.statement(query); stmt != nil {
		return stmt.QueryRowContext(tx.asking(ctx), args...)
	}
	return tx.tx.QueryRowContext(tx.asking(ctx), query, args...)
}

// ExecContext changes something inside the transaction.
func (tx *Tx) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if stmt := tx.statement(query); stmt != nil {
		return stmt.ExecContext(tx.asking(ctx), args...)
	}
	return tx.tx.ExecContext(tx.asking(ctx), query, args...)
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
		return db.inGroup(ctx, false, fn)
	}
	var err error
	for try := 0; try < maxTries; try++ {
		places := int64(1)
		if try >= sharingTries {
			places = poolSize
			// Against other processes only time helps.
			if err := wait(ctx, time.Duration(rand.Int64N(int64(try)*int64(4*time.Millisecond)))); err != nil {
				return err
			}
		}
		if err := db.places.Acquire(ctx, places); err != nil {
			return fmt.Errorf("waiting to write: %w", err)
		}
		err = func() error {
			defer db.places.Release(places)
			return db.tryTx(ctx, fn)
		}()
		if !lostToAnother(err) {
			return err
		}
	}
	return fmt.Errorf("writing after %d tries: %w", maxTries, err)
}

// InTxAhead is InTx ahead of all who wait for their turn: for a small write
// about something that has happened outside, and that a stop would forget.
func (db *DB) InTxAhead(ctx context.Context, fn func(tx *Tx) error) error {
	if db.engine == SQLite {
		return db.inGroup(ctx, true, fn)
	}
	return db.InTx(ctx, fn) // PostgreSQL's do not wait for each other
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return fmt.Errorf("waiting to write: %w", ctx.Err())
	}
}

// tryTx is one try on PostgreSQL.
func (db *DB) tryTx(ctx context.Context, fn func(tx *Tx) error) error {
	conn, err := db.writer.Conn(ctx)
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
	limit := time.AfterFunc(commitLimit, cancel)
	defer limit.Stop()
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("committing: %w", err)
	}
	db.commits.Add(2) // before anybody hears of it
	return nil
}
