package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"time"
)

// maxBatch bounds the transactions per commit.
const maxBatch = 64

// maxStmts bounds the statement cache, and is more than there are queries: a
// list is one argument, so that a query has one text. The rest is parsed each
// time.
const maxStmts = 256

// errClosed is the error of a write after Close.
var errClosed = errors.New("the database is closed")

// writer is the goroutine that writes to a SQLite file. Concurrent transactions
// share a commit (group commit), because most of a commit's cost is waiting for
// the disk. Each has its own savepoint, so that an error undoes only its own
// writes, and each returns after the commit.
type writer struct {
	pool *sql.DB // of one connection
	// Unbuffered: a transaction that was not received yet ends with its context.
	normal, priority chan *queuedTx
	stop, stopped    chan struct{}
	stopOnce         sync.Once
	stmts            stmtCache
}

// queuedTx is a transaction that waits for the writer.
type queuedTx struct {
	ctx      context.Context
	fn       func(tx *Tx) error
	priority bool
	err      error      // of fn, or of its savepoint
	done     chan error // buffered: the writer never waits for a caller
}

func startWriter(pool *sql.DB) *writer {
	w := &writer{
		pool:     pool,
		normal:   make(chan *queuedTx),
		priority: make(chan *queuedTx),
		stop:     make(chan struct{}),
		stopped:  make(chan struct{}),
		stmts:    stmtCache{pool: pool, byText: map[string]*sql.Stmt{}},
	}
	go w.run()
	return w
}

// close commits the queued transactions and ends the goroutine. It gives up on
// a transaction that hangs. A repeat does nothing.
func (w *writer) close() {
	w.stopOnce.Do(func() { close(w.stop) })
	select {
	case <-w.stopped:
	case <-time.After(commitTimeout):
	}
}

// write queues fn and returns after its commit. A panic of fn continues here.
func (w *writer) write(ctx context.Context, priority bool, fn func(tx *Tx) error) error {
	j := &queuedTx{ctx: ctx, fn: fn, priority: priority, done: make(chan error, 1)}
	queue := w.normal
	if priority {
		queue = w.priority
	}
	select {
	case queue <- j:
	case <-ctx.Done():
		return fmt.Errorf("waiting to write: %w", ctx.Err())
	case <-w.stopped:
		return errClosed
	}
	select {
	case err := <-j.done:
		return reraise(err)
	case <-w.stopped:
	}
	select {
	case err := <-j.done:
		return reraise(err)
	default:
		return errClosed // runtime.Goexit in fn ended the writer's goroutine
	}
}

func (w *writer) run() {
	defer close(w.stopped)
	for {
		j := w.next()
		if j == nil {
			select {
			case j = <-w.priority:
			case j = <-w.normal:
			case <-w.stop:
				if j = w.next(); j == nil {
					return
				}
			}
		}
		w.commitBatch(j)
	}
}

// next returns a queued transaction, those with priority first; nil: there is none.
func (w *writer) next() *queuedTx {
	select {
	case j := <-w.priority:
		return j
	default:
	}
	select {
	case j := <-w.priority:
		return j
	case j := <-w.normal:
		return j
	default:
		return nil
	}
}

// commitBatch runs a transaction and those that arrive meanwhile, commits, and notifies
// their callers.
func (w *writer) commitBatch(j *queuedTx) {
	b, err := w.begin(j.ctx)
	if err != nil {
		j.done <- err
		return
	}
	var txs []*queuedTx
	for j != nil {
		j.err = b.run(j)
		txs = append(txs, j)
		if j.err == nil {
			b.succeeded++
		}
		if b.broken != nil || b.succeeded == maxBatch || j.priority && j.err == nil {
			break
		}
		j = w.next()
	}
	// A failed transaction waits for the commit, too: it may have read writes of an
	// earlier one of the batch, which are final only after the commit.
	err = b.commit()
	for _, j := range txs {
		if _, panicked := j.err.(*panicError); err == nil || panicked {
			j.done <- j.err
		} else {
			j.done <- err
		}
	}
	if err == nil {
		w.stmts.prepare(b.unknown)
	}
}

// batch is an open transaction of the writer.
type batch struct {
	conn      *sql.Conn
	tx        *sql.Tx
	stmts     *stmtCache
	txStmts   map[string]*sql.Stmt // statements that this transaction has used
	unknown   []string             // queries that are not in stmts
	succeeded int                  // how many did
	broken    error                // SQLite has rolled back the transaction by itself
}

func (w *writer) begin(ctx context.Context) (*batch, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("beginning to write: %w", err)
	}
	// One caller's cancellation must not end the batch.
	ctx = context.WithoutCancel(ctx)
	conn, err := w.pool.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("reaching the database: %w", err)
	}
	tx, err := conn.BeginTx(ctx, nil) // BEGIN IMMEDIATE
	if err != nil {
		_ = conn.Close() // back into the pool; the first error is the one to report
		return nil, fmt.Errorf("beginning to write: %w", err)
	}
	return &batch{conn: conn, tx: tx, stmts: &w.stmts, txStmts: map[string]*sql.Stmt{}}, nil
}

// run runs a transaction in a savepoint, and releases it or rolls back to it.
func (b *batch) run(j *queuedTx) error {
	tx := &Tx{tx: b.tx, batch: b}
	if err := j.ctx.Err(); err != nil {
		return fmt.Errorf("beginning to write: %w", err)
	}
	if err := tx.exec("SAVEPOINT tx"); err != nil {
		b.broken = err
		return fmt.Errorf("beginning to write: %w", err)
	}
	err := call(j.fn, tx)
	if ctxErr := j.ctx.Err(); err == nil && ctxErr != nil {
		err = fmt.Errorf("before committing: %w", ctxErr)
	}
	var endErr error
	if err != nil {
		endErr = tx.exec("ROLLBACK TO tx")
	}
	if endErr == nil {
		endErr = tx.exec("RELEASE tx")
	}
	b.broken = endErr // a full disk rolls back the whole transaction
	return err
}

// commit ends the batch. After an error nothing of it is written.
func (b *batch) commit() error {
	defer func() { _ = b.conn.Close() }() // back into the pool; the commit has its own error
	if b.broken != nil {
		_ = b.tx.Rollback() // in case SQLite did not
		return fmt.Errorf("committing: %w", b.broken)
	}
	if b.succeeded == 0 {
		_ = b.tx.Rollback() // nothing to lose
		return nil
	}
	if err := b.tx.Commit(); err != nil {
		// Drop the connection: its page cache may differ from the disk.
		_ = b.conn.Raw(func(any) error { return driver.ErrBadConn })
		return fmt.Errorf("committing: %w", err)
	}
	return nil
}

// stmt returns the cached statement of a query; nil: it is not cached.
func (b *batch) stmt(query string) *sql.Stmt {
	if stmt := b.txStmts[query]; stmt != nil {
		return stmt
	}
	cached := b.stmts.byText[query]
	if cached == nil {
		if !slices.Contains(b.unknown, query) {
			b.unknown = append(b.unknown, query)
		}
		return nil
	}
	stmt := b.tx.StmtContext(context.Background(), cached)
	b.txStmts[query] = stmt
	return stmt
}

// stmtCache holds prepared statements of the writer's connection: parsing costs
// SQLite more than running most of them. Only the writer's goroutine uses it.
type stmtCache struct {
	pool   *sql.DB
	byText map[string]*sql.Stmt
}

// prepare adds queries to the cache. The connection must be idle.
func (c *stmtCache) prepare(queries []string) {
	ctx, cancel := context.WithTimeout(context.Background(), commitTimeout)
	defer cancel()
	for _, query := range queries {
		if len(c.byText) >= maxStmts {
			return
		}
		// The error appears when the query is used.
		if stmt, err := c.pool.PrepareContext(ctx, query); err == nil {
			c.byText[query] = stmt
		}
	}
}

// panicError carries a panic of fn from the writer's goroutine to the caller's.
type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string { return fmt.Sprintf("%v\n\n%s", e.value, e.stack) }

// Unwrap returns the panic's value if it is an error.
func (e *panicError) Unwrap() error {
	err, _ := e.value.(error)
	return err
}

// call runs fn and turns a panic into a *panicError.
func call(fn func(tx *Tx) error, tx *Tx) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = &panicError{value: fault, stack: debug.Stack()}
		}
	}()
	return fn(tx)
}

func reraise(err error) error {
	if fault, panicked := err.(*panicError); panicked {
		panic(fault)
	}
	return err
}
