package sqldb_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/sqldb/sqldbtest"
)

const counterOf = `SELECT n FROM counters WHERE id = $1`

func TestAGlanceSeesWhatThisProgramCommittedBefore(t *testing.T) {
	sqldbtest.Each(t, func(t *testing.T, source string) {
		db := open(t, source)
		exec1(t, db, insertCounter, "a", 0, nil)
		for want := range int64(300) {
			exec1(t, db, `UPDATE counters SET n = $1 WHERE id = 'a'`, want)
			var n int64
			if err := db.GlanceRow(t.Context(), counterOf, "a").Scan(&n); err != nil || n != want {
				t.Fatalf("got %d and %v, want %d", n, err, want)
			}
		}
	})
}

func TestAGlanceSeesSoonWhatAnotherProgramCommitted(t *testing.T) {
	sqldbtest.Each(t, func(t *testing.T, source string) {
		db, other := open(t, source), open(t, source)
		exec1(t, db, insertCounter, "a", 0, nil)
		for want := range int64(20) {
			exec1(t, other, `UPDATE counters SET n = $1 WHERE id = 'a'`, want)
			var n int64
			for end := time.Now().Add(10 * time.Second); ; {
				if err := db.GlanceRow(t.Context(), counterOf, "a").Scan(&n); err != nil {
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

func TestAGlanceReadsAsAQueryDoes(t *testing.T) {
	type word string
	type count int32
	type row struct {
		id     word
		n      count
		big    int64
		yes    bool
		secret []byte
		text   string
	}
	const query = `SELECT id, n, n * 1000000000, CASE WHEN n > 1 THEN 1 ELSE 0 END, secret, id FROM counters WHERE n >= $1 AND id <> $2 ORDER BY n`
	scan := func(r sqldb.Scanner) (row, error) {
		var one row
		err := r.Scan(&one.id, &one.n, &one.big, &one.yes, &one.secret, &one.text)
		return one, err
	}
	sqldbtest.Each(t, func(t *testing.T, source string) {
		db := open(t, source)
		for n, id := range []string{"", "süß 'n' \"odd\"", strings.Repeat("long ", 5000)} {
			exec1(t, db, insertCounter, id, n, []byte(id))
		}
		rows, err := db.QueryContext(t.Context(), query, 0, "none")
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for rows.Next() {
			one, err := scan(rows)
			if err != nil {
				t.Fatal(err)
			}
			want = append(want, fmt.Sprintf("%+v", one))
		}
		if err := rows.Close(); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			list, err := sqldb.Glance(t.Context(), db, scan, query, 0, "none")
			if err != nil || len(list) != 3 {
				t.Fatalf("got %d rows and %v", len(list), err)
			}
			for i, one := range list {
				if got := fmt.Sprintf("%+v", one); got != want[i] {
					t.Errorf("row %d: got %.80s, want %.80s", i, got, want[i])
				}
			}
		}
		if list, err := sqldb.Glance(t.Context(), db, scan, query, 9, ""); err != nil || len(list) != 0 {
			t.Errorf("of no rows: got %d and %v", len(list), err)
		}
		var n int64
		if err := db.GlanceRow(t.Context(), `SELECT n FROM counters WHERE n = $2 AND id <> $1 AND n <> $3 AND n = $2`, "none", 1, 2).Scan(&n); err != nil || n != 1 {
			t.Errorf("with its arguments in another order: got %d and %v", n, err)
		}
		var id string
		if err := db.GlanceRow(t.Context(), `SELECT id FROM counters WHERE secret = $1`, []byte("süß 'n' \"odd\"")).Scan(&id); err != nil || id != "süß 'n' \"odd\"" {
			t.Errorf("by bytes: got %q and %v", id, err)
		}
	})
}

func TestAGlanceFailsAsAQueryDoes(t *testing.T) {
	sqldbtest.Each(t, func(t *testing.T, source string) {
		db := open(t, source)
		exec1(t, db, insertCounter, "a", 1, nil)
		var n int64
		var text string
		if err := db.GlanceRow(t.Context(), counterOf, "missing").Scan(&n); !errors.Is(err, sql.ErrNoRows) {
			t.Errorf("of no row: got %v", err)
		}
		if err := db.GlanceRow(t.Context(), `SELECT n FROM nothing`).Scan(&n); err == nil || !strings.Contains(err.Error(), "nothing") {
			t.Errorf("of no table: got %v, want its name", err)
		}
		if err := db.GlanceRow(t.Context(), counterOf, "a").Scan(&n, &text); err == nil {
			t.Error("of one column into two: no error")
		}
		if err := db.GlanceRow(t.Context(), `SELECT secret FROM counters WHERE id = $1`, "a").Scan(&text); err == nil {
			t.Error("of a null into a text: no error")
		}
		if err := db.GlanceRow(t.Context(), counterOf).Scan(&n); err == nil {
			t.Error("without its argument: no error")
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if err := db.GlanceRow(gone, counterOf, "a").Scan(&n); !errors.Is(err, context.Canceled) {
			t.Errorf("of somebody who went away: got %v", err)
		}
		wrong := errors.New("no")
		if _, err := sqldb.Glance(t.Context(), db, func(sqldb.Scanner) (int, error) { return 0, wrong }, counterOf, "a"); !errors.Is(err, wrong) {
			t.Errorf("of a reader that refuses: got %v", err)
		}
		if err := db.GlanceRow(t.Context(), counterOf, "a").Scan(&n); err != nil || n != 1 {
			t.Errorf("after all that: got %d and %v", n, err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if err := db.GlanceRow(t.Context(), counterOf, "a").Scan(&n); err == nil {
			t.Error("of a closed database: no error")
		}
	})
}

func TestGlancesCannotWrite(t *testing.T) {
	db := open(t, sqldbtest.SQLite(t))
	var id string
	if err := db.GlanceRow(t.Context(), `INSERT INTO counters (id, n) VALUES ('a', 1) RETURNING id`).Scan(&id); !sqldb.IsReadOnly(err) {
		t.Errorf("got %v, want an error that IsReadOnly knows", err)
	}
}

// Two rows that every transaction changes together are never seen apart, and
// nobody misses what was answered before they asked.
func TestManyGlanceWhileOthersWrite(t *testing.T) {
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
					list, err := sqldb.Glance(t.Context(), db, func(r sqldb.Scanner) (n int64, err error) { return n, r.Scan(&n) }, `SELECT n FROM counters ORDER BY id`)
					if err != nil || len(list) != 2 || list[0] != list[1] || list[0] < before {
						t.Errorf("got %v and %v after %d", list, err, before)
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

func TestGlancesDoNotKeepTheLogFromBeingEmptied(t *testing.T) {
	db := open(t, sqldbtest.SQLite(t))
	exec1(t, db, insertCounter, "a", 0, nil)
	var over atomic.Bool
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for n := int64(0); !over.Load(); {
				if err := db.GlanceRow(t.Context(), counterOf, "a").Scan(&n); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for range 20 {
		exec1(t, db, `UPDATE counters SET n = n + 1`)
		if err := db.Checkpoint(t.Context()); err != nil {
			t.Errorf("while others look: %v", err)
		}
	}
	over.Store(true)
	all.Wait()
	exec1(t, db, `UPDATE counters SET n = n + 1`)
	if err := db.Checkpoint(t.Context()); err != nil { // what nobody uses ends by itself
		t.Errorf("when nobody looks: %v", err)
	}
}

// Of two glances the later one never sees less, also while a commit is under way.
func TestGlancesDoNotGoBackInTime(t *testing.T) {
	db := open(t, sqldbtest.SQLite(t))
	if err := db.InTx(t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(t.Context(), insertCounter, "time", 0, nil)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	var seen atomic.Int64
	var over atomic.Bool
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for !over.Load() {
				before := seen.Load()
				var now int64
				if err := db.GlanceRow(t.Context(), counterOf, "time").Scan(&now); err != nil {
					t.Error(err)
					return
				}
				if now < before {
					t.Errorf("a glance sees %d after another saw %d", now, before)
					return
				}
				for last := seen.Load(); last < now && !seen.CompareAndSwap(last, now); last = seen.Load() {
				}
			}
		})
	}
	for n := range 1500 {
		if err := db.InTx(t.Context(), func(tx *sqldb.Tx) error {
			_, err := tx.ExecContext(t.Context(), `UPDATE counters SET n = $1 WHERE id = $2`, n+1, "time")
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	over.Store(true)
	readers.Wait()
}
