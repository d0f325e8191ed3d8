package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"slices"
	"sync"
)

// maxGroup is how many transactions a commit takes along.
const maxGroup = 64

// turns lets one of many write at a time, in the order in which they came.
type turns struct {
	mu    sync.Mutex
	taken bool
	line  []chan struct{} // closed when it is one's turn
}

// take waits for one's turn; ahead passes all who wait. Who has it passes it
// on, whatever happens.
func (t *turns) take(ctx context.Context, ahead bool) error {
	t.mu.Lock()
	if !t.taken {
		t.taken = true
		t.mu.Unlock()
		return nil
	}
	mine := make(chan struct{})
	if ahead {
		t.line = slices.Insert(t.line, 0, mine)
	} else {
		t.line = append(t.line, mine)
	}
	t.mu.Unlock()
	select {
	case <-mine:
		return nil
	case <-ctx.Done():
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	at := slices.Index(t.line, mine)
	if at < 0 {
		return nil // it came at the same moment
	}
	t.line = slices.Delete(t.line, at, at+1)
	return ctx.Err()
}

// pass gives the turn to the next; false: nobody waits, and it stays.
func (t *turns) pass() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.line) == 0 {
		return false
	}
	close(t.line[0])
	t.line = t.line[1:]
	return true
}

// end gives the turn back.
func (t *turns) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.line) == 0 {
		t.taken = false
		return
	}
	close(t.line[0])
	t.line = t.line[1:]
}

// group is transactions that came so close together that one commit makes all
// of them last: waiting for the disk is most of what a commit costs. Each
// stands behind a savepoint of its own, so that an error undoes its own writes
// alone, and each is answered after the commit, or with its error.
//
// Only who has the turn touches it.
type group struct {
	conn    *sql.Conn
	tx      *sql.Tx
	learned *prepared            // the writer's statements
	bound   map[string]*sql.Stmt // of them, what this transaction has asked
	unknown []string             // what it asked beside them
	members int                  // whose writes are in it
	broken  error                // SQLite has ended the transaction by itself
	done    chan struct{}        // closed after the commit
	err     error                // of the commit, for all members
}

// inGroup runs fn in the group that is open, or opens one, and returns when
// its commit is on the disk.
func (db *DB) inGroup(ctx context.Context, ahead bool, fn func(tx *Tx) error) error {
	if err := db.turns.take(ctx, ahead); err != nil {
		return fmt.Errorf("waiting to write: %w", err)
	}
	if db.open == nil {
		opened, err := db.openGroup(ctx)
		if err != nil {
			db.turns.end()
			return err
		}
		db.open = opened
	}
	g := db.open
	err := db.member(ctx, g, ahead, fn)
	// Also one that failed waits: what it saw may be of a member before it, and
	// is true only when that one's writes are on the disk.
	<-g.done
	if g.err != nil {
		return g.err
	}
	return err
}

func (db *DB) openGroup(ctx context.Context) (*group, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("beginning to write: %w", err)
	}
	// What others will write with it does not end with this caller.
	lasting := context.WithoutCancel(ctx)
	conn, err := db.writer.Conn(lasting)
	if err != nil {
		return nil, fmt.Errorf("reaching the database: %w", err)
	}
	tx, err := conn.BeginTx(lasting, nil) // immediate
	if err != nil {
		_ = conn.Close() // back into the pool; the first error is the one to tell
		return nil, fmt.Errorf("beginning to write: %w", err)
	}
	return &group{conn: conn, tx: tx, learned: db.learned, bound: map[string]*sql.Stmt{}, done: make(chan struct{})}, nil
}

// statement gives what was prepared of a text; nil: it is to be asked as it is.
func (g *group) statement(query string) *sql.Stmt {
	if stmt := g.bound[query]; stmt != nil {
		return stmt
	}
	kept, full := g.learned.kept(query)
	if kept == nil {
		// The one connection that writes is taken: it learns when it is free.
		if !full && !slices.Contains(g.unknown, query) {
			g.unknown = append(g.unknown, query)
		}
		return nil
	}
	stmt := g.tx.StmtContext(context.Background(), kept)
	g.bound[query] = stmt
	return stmt
}

// member runs fn as the next of the group. It has the turn, and has none when
// it returns, also by a panic.
func (db *DB) member(ctx context.Context, g *group, ahead bool, fn func(tx *Tx) error) error {
	keep := false
	defer func() { db.leave(g, keep, ahead) }()
	tx := &Tx{tx: g.tx, group: g}
	if _, err := tx.exec("SAVEPOINT member"); err != nil {
		g.broken = err
		return fmt.Errorf("beginning to write: %w", err)
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("beginning to write: %w", err)
	}
	if err := fn(tx); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("before committing: %w", err)
	}
	keep = true
	return nil
}

// leave keeps a member's writes or undoes them. Then the next one writes, or,
// when nobody waits, the group ends.
func (db *DB) leave(g *group, keep, ahead bool) {
	tx := &Tx{tx: g.tx, group: g}
	var err error
	if !keep {
		_, err = tx.exec("ROLLBACK TO member")
	}
	if err == nil {
		_, err = tx.exec("RELEASE member")
	}
	if err != nil && g.broken == nil {
		g.broken = err // a full disk, for one, ends the whole transaction
	}
	if keep {
		g.members++
	}
	if g.broken == nil && g.members < maxGroup && (!ahead || !keep) && db.turns.pass() {
		return
	}
	db.finish(g)
	if g.err == nil {
		db.learned.learn(g.unknown)
	}
	db.turns.end()
}

// finish ends the group that is open and answers its members.
func (db *DB) finish(g *group) {
	g.err = db.endGroup(g)
	db.open = nil
	close(g.done)
}

// endGroup commits. With an error nothing of the group counts.
func (db *DB) endGroup(g *group) error {
	defer func() { _ = g.conn.Close() }() // back into the pool; the commit has its own error
	if g.broken != nil {
		_ = g.tx.Rollback() // of what is left
		return fmt.Errorf("committing: %w", g.broken)
	}
	if g.members == 0 {
		_ = g.tx.Rollback() // there is nothing to lose
		return nil
	}
	// The count is odd while what is committed is perhaps seen already.
	db.commits.Add(1)
	defer db.commits.Add(1) // before anybody hears of it: the next glance sees it
	if err := g.tx.Commit(); err != nil {
		// Pages in this connection's memory may be what the disk did not take.
		_ = g.conn.Raw(func(any) error { return driver.ErrBadConn })
		return fmt.Errorf("committing: %w", err)
	}
	return nil
}

// endWriting ends the last group. The turn may come with one whose members
// wait for its commit.
func (db *DB) endWriting() {
	ctx, cancel := context.WithTimeout(context.Background(), commitLimit)
	defer cancel()
	if err := db.turns.take(ctx, false); err != nil {
		return // somebody hangs in the middle of a transaction
	}
	if db.open != nil {
		db.finish(db.open)
	}
	db.turns.end()
}
