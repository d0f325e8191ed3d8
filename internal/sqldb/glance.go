package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// Scanner is a row, alone or among others.
type Scanner interface{ Scan(dest ...any) error }

// glanceAge is how long the glances of this process share one state of the
// database. It is no longer than a question is under way anyhow, and long
// enough that, when thousands ask at once, hardly one has to take locks.
const glanceAge = 2 * time.Millisecond

// glancers is how many glances run at once; each is over in microseconds.
const glancers = 4

// GlanceRow asks for one row, as QueryRowContext does, where a page is read a
// great deal: on SQLite in a tenth of its time. It sees all that this program
// has committed, and what other processes committed a few milliseconds ago.
// The row is read when it is scanned, into texts, bytes, whole numbers and
// bools.
func (db *DB) GlanceRow(ctx context.Context, query string, args ...any) Scanner {
	if db.glances == nil {
		return db.QueryRowContext(ctx, query, args...)
	}
	return glanced{db, ctx, query, args}
}

// glanced is a row that is read when it is scanned.
type glanced struct {
	db    *DB
	ctx   context.Context
	query string
	args  []any
}

func (g glanced) Scan(dest ...any) error {
	found := false
	err := g.db.glances.ask(g.ctx, g.query, g.args, func(r Scanner) (bool, error) {
		found = true
		return false, r.Scan(dest...)
	})
	switch {
	case errors.Is(err, errNoGlance):
		return g.db.QueryRowContext(g.ctx, g.query, g.args...).Scan(dest...)
	case err == nil && !found:
		return sql.ErrNoRows
	}
	return err
}

// Glance asks for all rows, as GlanceRow does for one.
func Glance[T any](ctx context.Context, db *DB, scan func(Scanner) (T, error), query string, args ...any) ([]T, error) {
	var list []T
	if db.glances != nil {
		err := db.glances.ask(ctx, query, args, func(r Scanner) (bool, error) {
			one, err := scan(r)
			list = append(list, one)
			return true, err
		})
		if !errors.Is(err, errNoGlance) {
			return list, err
		}
		list = nil
	}
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // its error is rows.Err
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, rows.Err()
}

// Sight is a moment at which something was read, for what is kept of it.
type Sight struct {
	commits uint64
	at      time.Time
}

// Sight is now. What is read after it may be kept as long as InSight.
func (db *DB) Sight() Sight { return Sight{db.commits.Load(), time.Now()} }

// InSight says whether a glance would see what was read then: this program has
// committed nothing since, and others hardly had the time to.
func (db *DB) InSight(s Sight) bool {
	return s.commits == db.commits.Load() && s.commits%2 == 0 && time.Since(s.at) < glanceAge
}

// errNoGlance says that something is in the way: asked the slow way, the
// database says what.
var errNoGlance = errors.New("a glance is not enough")

// glances are connections to one SQLite file that only read, without what
// database/sql does around each question. A statement is prepared once, and
// the state of the database that a transaction has fixed is used by whoever
// asks within glanceAge, unless something was committed here meanwhile.
type glances struct {
	path    string
	commits *atomic.Uint64 // of this process
	places  chan struct{}  // one for each glance that runs

	mu      sync.Mutex
	idle    []*glancer // the one used last at the end
	resting bool       // a timer ends the transactions that nobody uses
	closed  bool
}

func newGlances(path string, commits *atomic.Uint64) *glances {
	return &glances{path: path, commits: commits, places: make(chan struct{}, glancers)}
}

// ask runs a query; each says whether it wants the next row, too. errNoGlance
// means that what each was given is to be forgotten.
func (s *glances) ask(ctx context.Context, query string, args []any, each func(Scanner) (more bool, err error)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case s.places <- struct{}{}:
	default:
		select {
		case s.places <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	defer func() { <-s.places }()
	g, err := s.take()
	if err != nil {
		return err
	}
	whole := false
	defer func() { s.give(g, whole) }()
	err = g.ask(s.commits, query, args, each)
	whole = !errors.Is(err, errNoGlance)
	return err
}

func (s *glances) take() (*glancer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, errNoGlance
	}
	if last := len(s.idle) - 1; last >= 0 {
		g := s.idle[last]
		s.idle = s.idle[:last]
		return g, nil
	}
	return openGlancer(s.path)
}

// give takes a connection back; one that is not whole is closed, also after a
// panic.
func (s *glances) give(g *glancer, whole bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || !whole {
		g.close()
		return
	}
	s.idle = append(s.idle, g)
	if g.inside && !s.resting {
		s.resting = true
		time.AfterFunc(glanceAge, s.rest)
	}
}

// rest ends the transactions that are old: they would keep SQLite from
// emptying its log.
func (s *glances) rest() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.resting = false
	for _, g := range s.idle {
		if g.inside && time.Since(g.began) >= glanceAge {
			g.leave()
		}
		s.resting = s.resting || g.inside
	}
	if s.resting {
		time.AfterFunc(glanceAge, s.rest)
	}
}

// close waits for the glances that run.
func (s *glances) close() {
	s.mu.Lock()
	s.closed = true
	for _, g := range s.idle {
		g.close()
	}
	s.idle = nil
	s.mu.Unlock()
	for range cap(s.places) {
		s.places <- struct{}{}
	}
	for range cap(s.places) {
		<-s.places
	}
}

// glancer is one connection, used by one goroutine at a time. It calls the
// SQLite that the driver is made of; addresses are in its memory, not in Go's.
type glancer struct {
	tls        *libc.TLS
	db         uintptr
	begin, end uintptr
	known      map[string]statement

	inside bool      // in a transaction
	began  time.Time // when
	seen   uint64    // commits of this process before it

	memory uintptr // of the arguments
	size   int
}

func openGlancer(path string) (*glancer, error) {
	g := &glancer{tls: libc.NewTLS(), known: map[string]statement{}}
	name, err := libc.CString(path)
	if err != nil {
		g.close()
		return nil, errNoGlance
	}
	defer libc.Xfree(g.tls, name)
	handle := g.tls.Alloc(8)
	defer g.tls.Free(8)
	code := sqlite3.Xsqlite3_open_v2(g.tls, name, handle, sqlite3.SQLITE_OPEN_READONLY|sqlite3.SQLITE_OPEN_NOMUTEX, 0)
	g.db = *(*uintptr)(at(handle)) // also after most errors, and to be closed then
	if code != sqlite3.SQLITE_OK {
		g.close()
		return nil, errNoGlance
	}
	_ = sqlite3.Xsqlite3_busy_timeout(g.tls, g.db, int32(busyTimeout.Milliseconds())) // it fails for a wrong handle only
	for _, setting := range []string{"PRAGMA temp_store = 2", "PRAGMA cache_size = -4096"} {
		if stmt := g.prepare(setting); stmt != 0 {
			_ = sqlite3.Xsqlite3_step(g.tls, stmt)     // a setting that is not taken
			_ = sqlite3.Xsqlite3_finalize(g.tls, stmt) // costs time, no more
		}
	}
	g.begin, g.end = g.prepare("BEGIN"), g.prepare("COMMIT")
	if g.begin == 0 || g.end == 0 {
		g.close()
		return nil, errNoGlance
	}
	return g, nil
}

func (g *glancer) close() {
	for _, stmt := range g.known {
		_ = sqlite3.Xsqlite3_finalize(g.tls, stmt.handle) // it repeats the statement's last error
	}
	if g.begin != 0 {
		_ = sqlite3.Xsqlite3_finalize(g.tls, g.begin) // the same
	}
	if g.end != 0 {
		_ = sqlite3.Xsqlite3_finalize(g.tls, g.end) // the same
	}
	if g.db != 0 {
		_ = sqlite3.Xsqlite3_close_v2(g.tls, g.db) // nothing was written: there is nothing to lose
	}
	if g.memory != 0 {
		libc.Xfree(g.tls, g.memory)
	}
	g.tls.Close()
}

// prepare gives a statement; zero: SQLite does not take the text.
func (g *glancer) prepare(text string) uintptr {
	query, err := libc.CString(text)
	if err != nil {
		return 0
	}
	defer libc.Xfree(g.tls, query)
	handle := g.tls.Alloc(8)
	defer g.tls.Free(8)
	if sqlite3.Xsqlite3_prepare_v2(g.tls, g.db, query, -1, handle, 0) != sqlite3.SQLITE_OK {
		return 0
	}
	return *(*uintptr)(at(handle))
}

// statement is a prepared query. SQLite numbers the arguments as they come in
// the text, whatever their names say: numbers has, for each, what it is called.
type statement struct {
	handle  uintptr
	numbers []int
}

func (g *glancer) statement(query string) (statement, bool) {
	stmt, known := g.known[query]
	if known || len(g.known) >= maxPrepared {
		return stmt, known
	}
	if stmt.handle = g.prepare(query); stmt.handle == 0 {
		return stmt, false
	}
	for i := range sqlite3.Xsqlite3_bind_parameter_count(g.tls, stmt.handle) {
		name := libc.GoString(sqlite3.Xsqlite3_bind_parameter_name(g.tls, stmt.handle, i+1))
		number, err := strconv.Atoi(strings.TrimPrefix(name, "$"))
		if err != nil || number < 1 {
			_ = sqlite3.Xsqlite3_finalize(g.tls, stmt.handle) // it was never run
			return stmt, false
		}
		stmt.numbers = append(stmt.numbers, number)
	}
	g.known[query] = stmt
	return stmt, true
}

func (g *glancer) ask(commits *atomic.Uint64, query string, args []any, each func(Scanner) (bool, error)) error {
	stmt, known := g.statement(query)
	if !known || !g.bind(stmt, args) || !g.enter(commits) {
		return errNoGlance
	}
	defer func() { _ = sqlite3.Xsqlite3_reset(g.tls, stmt.handle) }() // it repeats the error of the step
	for more := true; more; {
		switch sqlite3.Xsqlite3_step(g.tls, stmt.handle) {
		case sqlite3.SQLITE_DONE:
			return nil
		case sqlite3.SQLITE_ROW:
			var err error
			if more, err = each(glancedRow{g.tls, stmt.handle}); err != nil {
				return err
			}
		default:
			return errNoGlance
		}
	}
	return nil
}

// enter makes sure of a transaction that is young enough.
func (g *glancer) enter(commits *atomic.Uint64) bool {
	// The count first: what is committed after it is perhaps seen, not missed.
	seen, now := commits.Load(), time.Now()
	// While a commit is under way each glance looks anew: of two the later one
	// would else see less, when the first has looked just after the commit.
	if g.inside && (g.seen != seen || seen%2 == 1 || now.Sub(g.began) >= glanceAge) {
		g.leave()
	}
	if !g.inside {
		g.inside = sqlite3.Xsqlite3_step(g.tls, g.begin) == sqlite3.SQLITE_DONE
		_ = sqlite3.Xsqlite3_reset(g.tls, g.begin) // it repeats the error of the step
		g.seen, g.began = seen, now
	}
	return g.inside
}

func (g *glancer) leave() {
	_ = sqlite3.Xsqlite3_step(g.tls, g.end)  // a transaction that only read
	_ = sqlite3.Xsqlite3_reset(g.tls, g.end) // ends without an error
	g.inside = false
}

// bind gives a statement its arguments, in memory that stays until the next.
func (g *glancer) bind(stmt statement, args []any) bool {
	need := 0
	for _, arg := range args {
		switch value := arg.(type) {
		case string:
			need += len(value) + 1
		case []byte:
			need += len(value) + 1
		}
	}
	if need > g.size {
		if g.memory != 0 {
			libc.Xfree(g.tls, g.memory)
		}
		g.size = max(need, 256)
		if g.memory = libc.Xmalloc(g.tls, libc.Tsize_t(g.size)); g.memory == 0 {
			g.size = 0
			return false
		}
	}
	place := g.memory
	put := func(length int) (uintptr, []byte) {
		from := place
		place += uintptr(length) + 1 // one more: an empty text is not NULL
		return from, unsafe.Slice((*byte)(at(from)), length)
	}
	for i, number := range stmt.numbers {
		if number > len(args) {
			return false
		}
		arg := args[number-1]
		code, n := int32(sqlite3.SQLITE_MISMATCH), int32(i+1)
		switch value := arg.(type) {
		case string:
			from, into := put(len(value))
			copy(into, value)
			code = sqlite3.Xsqlite3_bind_text(g.tls, stmt.handle, n, from, int32(len(value)), 0)
		case []byte:
			from, into := put(len(value))
			copy(into, value)
			code = sqlite3.Xsqlite3_bind_blob(g.tls, stmt.handle, n, from, int32(len(value)), 0)
		default:
			if whole := reflect.ValueOf(arg); whole.CanInt() {
				code = sqlite3.Xsqlite3_bind_int64(g.tls, stmt.handle, n, whole.Int())
			}
		}
		if code != sqlite3.SQLITE_OK {
			return false
		}
	}
	return true
}

// glancedRow is the row a statement stands on.
type glancedRow struct {
	tls  *libc.TLS
	stmt uintptr
}

var errColumn = errors.New("a column that cannot be read")

// Scan copies the row's columns.
func (r glancedRow) Scan(dest ...any) error {
	if have := sqlite3.Xsqlite3_data_count(r.tls, r.stmt); int(have) != len(dest) {
		return fmt.Errorf("scanning %d columns into %d: %w", have, len(dest), errColumn)
	}
	for i, into := range dest {
		column := int32(i)
		err := error(nil)
		switch into := into.(type) {
		case *string:
			*into, err = r.text(column)
		case *[]byte:
			*into = append([]byte{}, r.bytes(sqlite3.Xsqlite3_column_blob(r.tls, r.stmt, column), column)...)
		case *int64:
			*into, err = r.number(column)
		default:
			err = r.other(column, into)
		}
		if err != nil {
			return fmt.Errorf("scanning column %d into a %T: %w", i, into, err)
		}
	}
	return nil
}

// other copies into a named type, or a narrower one.
func (r glancedRow) other(column int32, into any) error {
	place := reflect.ValueOf(into)
	if place.Kind() != reflect.Pointer {
		return errColumn
	}
	place = place.Elem()
	if place.Kind() == reflect.String {
		text, err := r.text(column)
		place.SetString(text)
		return err
	}
	n, err := r.number(column)
	switch {
	case place.Kind() == reflect.Bool:
		place.SetBool(n != 0)
	case !place.CanInt(), place.OverflowInt(n):
		return errColumn
	default:
		place.SetInt(n)
	}
	return err
}

func (r glancedRow) text(column int32) (string, error) {
	from := sqlite3.Xsqlite3_column_text(r.tls, r.stmt, column)
	if from == 0 {
		return "", errColumn // NULL
	}
	return string(r.bytes(from, column)), nil
}

func (r glancedRow) number(column int32) (int64, error) {
	n := sqlite3.Xsqlite3_column_int64(r.tls, r.stmt, column)
	if n == 0 && sqlite3.Xsqlite3_column_type(r.tls, r.stmt, column) != sqlite3.SQLITE_INTEGER {
		return 0, errColumn // NULL, or no number
	}
	return n, nil
}

// bytes are SQLite's own, until the statement moves on.
func (r glancedRow) bytes(from uintptr, column int32) []byte {
	length := sqlite3.Xsqlite3_column_bytes(r.tls, r.stmt, column)
	if from == 0 || length <= 0 {
		return nil
	}
	return unsafe.Slice((*byte)(at(from)), length)
}

// at is an address in SQLite's memory, of which Go knows nothing.
func at(address uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&address)) }
