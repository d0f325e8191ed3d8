package sqldb_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/sqldb/sqldbtest"
)

const counterOf = `SELECT n FROM counters WHERE id = $1`

// readCounter reads one counter on a snapshot.
func readCounter(ctx context.Context, db *sqldb.DB, id string) (n int64, err error) {
	err = db.Read(ctx, func(q sqldb.Queryer) error { return q.QueryRowContext(ctx, counterOf, id).Scan(&n) })
	return n, err
}

func TestAReadSeesWhatThisProgramCommittedBefore(t *testing.T) {
	sqldbtest.Each(t, func(t *testing.T, source string) {
		db := open(t, source)
		exec1(t, db, insertCounter, "a", 0, nil)
		const counterAlone = `SELECT n FROM counters`
		if err := db.Prepare(t.Context(), counterOf); err != nil {
			t.Fatal(err)
		}
		for want := range int64(300) {
			exec1(t, db, `UPDATE counters SET n = $1 WHERE id = 'a'`, want)
			if n, err := readCounter(t.Context(), db, "a"); err != nil || n != want {
				t.Fatalf("got %d and %v, want %d", n, err, want)
			}
			var n int64
			if err := db.QueryRowContext(t.Context(), counterOf, "a").Scan(&n); err != nil || n != want {
				t.Fatalf("without a snapshot: got %d and %v, want %d", n, err, want)
			}
			if err := db.QueryRowContext(t.Context(), counterAlone).Scan(&n); err != nil || n != want {
				t.Fatalf("not prepared: got %d and %v, want %d", n, err, want)
			}
		}
	})
}

func TestAReadSeesSoonWhatAnotherProgramCommitted(t *testing.T) {
	sqldbtest.Each(t, func(t *testing.T, source string) {
		db, other := open(t, source), open(t, source)
		exec1(t, db, insertCounter, "a", 0, nil)
		for want := range int64(20) {
			exec1(t, other, `UPDATE counters SET n = $1 WHERE id = 'a'`, want)
			for end := time.Now().Add(10 * time.Second); ; {
				n, err := readCounter(t.Context(), db, "a")
				if err != nil {
					t.Fatal(err)
				}
				if n == want {
					break
				}
				if time.Now().After(end) {
					t.Fatalf("got %d, want %d", n, want)
				}
			}
		}
	})
}

func TestAReadReadsAsAQueryDoes(t *testing.T) {
	const query = `SELECT id, n, n * 1000000000, CASE WHEN n > 1 THEN 1 ELSE 0 END, secret, id
		FROM counters WHERE n >= $1 AND id <> $2 ORDER BY n`
	sqldbtest.Each(t, func(t *testing.T, source string) {
		db := open(t, source)
		odd := "süß 'n' \"odd\""
		for n, id := range []string{"", odd, strings.Repeat("long ", 5000)} {
			exec1(t, db, insertCounter, id, n, []byte(id))
		}
		want := rowsOf(t, db, query, 0, "none")
		if len(want) != 3 {
			t.Fatalf("a query gives %d rows", len(want))
		}
		for range 3 {
			err := db.Read(t.Context(), func(q sqldb.Queryer) error {
				if got := rowsOf(t, q, query, 0, "none"); !slices.Equal(got, want) {
					t.Errorf("got %.200q, want %.200q", got, want)
				}
				if got := rowsOf(t, q, query, 9, ""); len(got) != 0 {
					t.Errorf("of no rows: got %d", len(got))
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		err := db.Read(t.Context(), func(q sqldb.Queryer) error {
			const mixed = `SELECT n FROM counters WHERE n = $2 AND id <> $1 AND n <> $3 AND n = $2`
			if n := number(t, q, mixed, "none", 1, 2); n != 1 {
				t.Errorf("with its arguments in another order: got %d", n)
			}
			var id string
			row := q.QueryRowContext(t.Context(), `SELECT id FROM counters WHERE secret = $1`, []byte(odd))
			if err := row.Scan(&id); err != nil || id != odd {
				t.Errorf("by bytes: got %q and %v", id, err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// rowsOf scans the columns of TestAReadReadsAsAQueryDoes into types of all
// kinds.
func rowsOf(t *testing.T, q sqldb.Queryer, query string, args ...any) []string {
	t.Helper()
	type word string
	type count int32
	rows, err := q.QueryContext(t.Context(), query, args...)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for rows.Next() {
		var id word
		var n count
		var big int64
		var yes bool
		var secret []byte
		var text string
		if err := rows.Scan(&id, &n, &big, &yes, &secret, &text); err != nil {
			t.Fatal(err)
		}
		list = append(list, fmt.Sprint(id, n, big, yes, string(secret), text))
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		t.Fatal(err)
	}
	return list
}

func TestAReadFailsAsAQueryDoes(t *testing.T) {
	sqldbtest.Each(t, func(t *testing.T, source string) {
		db := open(t, source)
		exec1(t, db, insertCounter, "a", 1, nil)
		read := func(into []any, query string, args ...any) error {
			return db.Read(t.Context(), func(q sqldb.Queryer) error {
				return q.QueryRowContext(t.Context(), query, args...).Scan(into...)
			})
		}
		var n int64
		var text string
		if err := read([]any{&n}, counterOf, "missing"); !errors.Is(err, sql.ErrNoRows) {
			t.Errorf("of no row: got %v", err)
		}
		if err := read([]any{&n}, `SELECT n FROM nothing`); err == nil || !strings.Contains(err.Error(), "nothing") {
			t.Errorf("of no table: got %v, want its name", err)
		}
		if err := db.Prepare(t.Context(), `
			SELECT n FROM nothing`); err == nil || !strings.Contains(err.Error(), "nothing") {
			t.Errorf("preparing of no table: got %v, want its name", err)
		}
		if err := read([]any{&n, &text}, counterOf, "a"); err == nil {
			t.Error("of one column into two: no error")
		}
		if err := read([]any{&text}, `SELECT secret FROM counters WHERE id = $1`, "a"); err == nil {
			t.Error("of a null into a text: no error")
		}
		if err := read([]any{&n}, counterOf); err == nil {
			t.Error("without its argument: no error")
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := readCounter(gone, db, "a"); !errors.Is(err, context.Canceled) {
			t.Errorf("of somebody who went away: got %v", err)
		}
		wrong := errors.New("no")
		if err := db.Read(t.Context(), func(sqldb.Queryer) error { return wrong }); !errors.Is(err, wrong) {
			t.Errorf("of a reader that refuses: got %v", err)
		}
		if n, err := readCounter(t.Context(), db, "a"); err != nil || n != 1 {
			t.Errorf("after all that: got %d and %v", n, err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := readCounter(t.Context(), db, "a"); err == nil {
			t.Error("of a closed database: no error")
		}
	})
}

func TestReadsCannotWrite(t *testing.T) {
	db := open(t, sqldbtest.SQLite(t))
	err := db.Read(t.Context(), func(q sqldb.Queryer) error {
		var id string
		return q.QueryRowContext(t.Context(), `INSERT INTO counters (id, n) VALUES ('a', 1) RETURNING id`).Scan(&id)
	})
	if !sqldb.IsReadOnly(err) {
		t.Errorf("got %v, want an error that IsReadOnly knows", err)
	}
}

// Two rows that every transaction changes together are never seen apart, also
// by two queries, and a read includes all writes that returned before it.
func TestManyReadWhileOthersWrite(t *testing.T) {
	sqldbtest.Each(t, func(t *testing.T, source string) {
		db := open(t, source)
		exec1(t, db, insertCounter, "a", 0, nil)
		exec1(t, db, insertCounter, "b", 0, nil)
		var over atomic.Bool
		var answered atomic.Int64
		var all sync.WaitGroup
		for range 12 {
			all.Go(func() {
				for !over.Load() {
					before := answered.Load()
					var a, b int64
					err := db.Read(t.Context(), func(q sqldb.Queryer) error {
						if err := q.QueryRowContext(t.Context(), counterOf, "a").Scan(&a); err != nil {
							return err
						}
						return q.QueryRowContext(t.Context(), counterOf, "b").Scan(&b)
					})
					if err != nil || a != b || a < before {
						t.Errorf("got %d, %d and %v after %d", a, b, err, before)
						return
					}
				}
			})
		}
		for range 200 {
			exec1(t, db, `UPDATE counters SET n = n + 1`)
			answered.Add(1)
		}
		over.Store(true)
		all.Wait()
	})
}

func TestReadsDoNotKeepTheLogFromBeingEmptied(t *testing.T) {
	db := open(t, sqldbtest.SQLite(t))
	exec1(t, db, insertCounter, "a", 0, nil)
	var over atomic.Bool
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for !over.Load() {
				if _, err := readCounter(t.Context(), db, "a"); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for range 20 {
		exec1(t, db, `UPDATE counters SET n = n + 1`)
		if err := db.Checkpoint(t.Context()); err != nil {
			t.Errorf("while others read: %v", err)
		}
	}
	over.Store(true)
	all.Wait()
	exec1(t, db, `UPDATE counters SET n = n + 1`)
	if err := db.Checkpoint(t.Context()); err != nil {
		t.Errorf("when nobody reads: %v", err)
	}
}

// Of two reads the later one never sees an older state, also during a commit.
func TestReadsDoNotGoBackInTime(t *testing.T) {
	db := open(t, sqldbtest.SQLite(t))
	exec1(t, db, insertCounter, "time", 0, nil)
	var seen atomic.Int64
	var over atomic.Bool
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for !over.Load() {
				before := seen.Load()
				now, err := readCounter(t.Context(), db, "time")
				if err != nil {
					t.Error(err)
					return
				}
				if now < before {
					t.Errorf("a read sees %d after another saw %d", now, before)
					return
				}
				for last := seen.Load(); last < now && !seen.CompareAndSwap(last, now); last = seen.Load() {
				}
			}
		})
	}
	for n := range 1500 {
		exec1(t, db, `UPDATE counters SET n = $1 WHERE id = $2`, n+1, "time")
	}
	over.Store(true)
	readers.Wait()
}
