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

// maxBatch is how many transactions share a commit.
const maxBatch = 64

// maxStmts bounds the statement cache. Queries with lists in them come in many
// lengths: what does not fit is parsed each time.
const maxStmts = 256

// errClosed is what a write gets after Close.
var errClosed = errors.New("the database is closed")

// writer is the goroutine that writes to a SQLite file. It commits in groups:
// transactions that arrive close together share a commit, because most of what
// a commit costs is waiting for the disk. Each runs behind a savepoint of its
// own, so that an error undoes its own writes alone, and each is answered after
// the commit.
type writer struct {
	pool *sql.DB // of one connection
	// Unbuffered: a job that was not received yet ends with its context.
	normal, priority chan *job
	stop, stopped    chan struct{}
	stopOnce         sync.Once
	stmts            stmtCache
}

// job is one transaction.
type job struct {
	ctx      context.Context
	fn       func(tx *Tx) error
	priority bool
	err      error      // of fn, or of its savepoint
	done     chan error // buffered: the writer never waits for a caller
}

func startWriter(pool *sql.DB) *writer {
	w := &writer{
		pool:     pool,
		normal:   make(chan *job),
		priority: make(chan *job),
		stop:     make(chan struct{}),
		stopped:  make(chan struct{}),
		stmts:    stmtCache{pool: pool, byText: map[string]*sql.Stmt{}},
	}
	go w.run()
	return w
}

// close commits what is being written and what waits, and ends the goroutine.
// It gives up on a transaction that hangs. Closing again does nothing.
func (w *writer) close() {
	w.stopOnce.Do(func() { close(w.stop) })
	select {
	case <-w.stopped:
	case <-time.After(commitTimeout):
	}
}

// write hands fn to the writer and returns when its commit is on the disk. A
// panic of fn is raised again here.
func (w *writer) write(ctx context.Context, priority bool, fn func(tx *Tx) error) error {
	j := &job{ctx: ctx, fn: fn, priority: priority, done: make(chan error, 1)}
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
		return errClosed // fn has ended the writer's goroutine
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

// next gives a job that waits, those with priority first; nil: none does.
func (w *writer) next() *job {
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

// commitBatch runs a job and those that arrive meanwhile, commits, and answers.
func (w *writer) commitBatch(j *job) {
	b, err := w.begin(j.ctx)
	if err != nil {
		j.done <- err
		return
	}
	var jobs []*job
	for j != nil {
		j.err = b.run(j)
		jobs = append(jobs, j)
		if j.err == nil {
			b.kept++
		}
		if b.broken != nil || b.kept == maxBatch || j.priority && j.err == nil {
			break
		}
		j = w.next()
	}
	// A job that failed waits for the commit, too: what it saw may be of a job
	// before it, and is true only when that one's writes are on the disk.
	err = b.commit()
	for _, j := range jobs {
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
	conn    *sql.Conn
	tx      *sql.Tx
	stmts   *stmtCache
	txStmts map[string]*sql.Stmt // those of stmts that this transaction has used
	unknown []string             // what it asked that is not in stmts
	kept    int                  // jobs whose writes are in it
	broken  error                // SQLite has ended the transaction by itself
}

func (w *writer) begin(ctx context.Context) (*batch, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("beginning to write: %w", err)
	}
	// What others write in this batch does not end with this caller.
	ctx = context.WithoutCancel(ctx)
	conn, err := w.pool.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("reaching the database: %w", err)
	}
	tx, err := conn.BeginTx(ctx, nil) // immediate
	if err != nil {
		_ = conn.Close() // back into the pool; the first error is the one to report
		return nil, fmt.Errorf("beginning to write: %w", err)
	}
	return &batch{conn: conn, tx: tx, stmts: &w.stmts, txStmts: map[string]*sql.Stmt{}}, nil
}

// run runs a job behind a savepoint, and keeps its writes or undoes them.
func (b *batch) run(j *job) error {
	tx := &Tx{tx: b.tx, batch: b}
	if err := j.ctx.Err(); err != nil {
		return fmt.Errorf("beginning to write: %w", err)
	}
	if err := tx.exec("SAVEPOINT job"); err != nil {
		b.broken = err
		return fmt.Errorf("beginning to write: %w", err)
	}
	err := call(j.fn, tx)
	if ctxErr := j.ctx.Err(); err == nil && ctxErr != nil {
		err = fmt.Errorf("before committing: %w", ctxErr)
	}
	var endErr error
	if err != nil {
		endErr = tx.exec("ROLLBACK TO job")
	}
	if endErr == nil {
		endErr = tx.exec("RELEASE job")
	}
	b.broken = endErr // a full disk, for one, ends the whole transaction
	return err
}

// commit ends the batch. With an error nothing of it counts.
func (b *batch) commit() error {
	defer func() { _ = b.conn.Close() }() // back into the pool; the commit has its own error
	if b.broken != nil {
		_ = b.tx.Rollback() // of what is left
		return fmt.Errorf("committing: %w", b.broken)
	}
	if b.kept == 0 {
		_ = b.tx.Rollback() // there is nothing to lose
		return nil
	}
	if err := b.tx.Commit(); err != nil {
		// Pages in this connection's memory may be what the disk did not take.
		_ = b.conn.Raw(func(any) error { return driver.ErrBadConn })
		return fmt.Errorf("committing: %w", err)
	}
	return nil
}

// stmt gives the prepared statement of a query; nil: it has to be parsed.
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

// stmtCache keeps prepared statements of the connection that writes: to parse
// them anew costs SQLite more than most of them. Only the writer's goroutine
// uses it.
type stmtCache struct {
	pool   *sql.DB
	byText map[string]*sql.Stmt
}

// prepare caches queries, while the connection is free.
func (c *stmtCache) prepare(queries []string) {
	ctx, cancel := context.WithTimeout(context.Background(), commitTimeout)
	defer cancel()
	for _, query := range queries {
		if len(c.byText) >= maxStmts {
			return
		}
		// What cannot be prepared is reported to whoever asks it.
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

// Unwrap gives the error that was raised, if it was one.
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
