package sqldb_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/sqldb/sqldbtest"
)

// Of many concurrent writes some fail, panic or are cancelled: theirs are not
// stored, and all that returned nil are.
func TestOneThatFailsTakesNobodysWritesWithIt(t *testing.T) {
	sqldbtest.Each(t, func(t *testing.T, source string) {
		db, wrong := open(t, source), errors.New("no")
		var all sync.WaitGroup
		for n := range 120 {
			all.Go(func() {
				ctx, goAway := context.WithCancel(t.Context())
				defer goAway()
				defer func() {
					if fault := recover(); (fault != nil) != (n%4 == 2) {
						t.Errorf("%d: recovered %v", n, fault)
					}
				}()
				err := db.InTx(ctx, func(tx *sqldb.Tx) error {
					if _, err := tx.ExecContext(ctx, insertCounter, fmt.Sprint(n), n, nil); err != nil {
						return err
					}
					switch n % 4 {
					case 1:
						return wrong
					case 2:
						panic("in the middle")
					case 3:
						goAway()
					}
					return nil
				})
				if (err == nil) != (n%4 == 0) || n%4 == 1 && !errors.Is(err, wrong) || n%4 == 3 &&
					!errors.Is(err, context.Canceled) {
					t.Errorf("%d: got %v", n, err)
				}
			})
		}
		all.Wait()
		if kept, others := number(t, db, `
			SELECT count(*) FROM counters
			WHERE n % 4 = 0`), number(t, db, `SELECT count(*) FROM counters WHERE n % 4 <> 0`); kept != 30 || others != 0 {
			t.Errorf("%d of 30 are there, and %d of those that failed", kept, others)
		}
	})
}

// A transaction that is refused because of another's write returns only after
// that one's commit: until then it may still be rolled back.
func TestARefusalWaitsForWhatItIsAbout(t *testing.T) {
	synctest.Test(t, testRefusalWaits)
}

func testRefusalWaits(t *testing.T) {
	db, refused := open(t, sqldbtest.SQLite(t)), errors.New("somebody was faster")
	var all sync.WaitGroup
	run := func(fn func(*sqldb.Tx) error) {
		all.Go(func() {
			if err := db.InTx(t.Context(), fn); err != nil {
				t.Errorf("writing: %v", err)
			}
		})
	}
	running, goOn, told := make(chan struct{}), make(chan struct{}), make(chan struct{})
	run(func(tx *sqldb.Tx) error {
		close(running)
		<-goOn
		_, err := tx.ExecContext(t.Context(), insertCounter, "first", 1, nil)
		return err
	})
	<-running
	all.Go(func() {
		defer close(told)
		err := db.InTx(t.Context(), func(tx *sqldb.Tx) error {
			var n int
			if err := tx.QueryRowContext(t.Context(), `SELECT count(*) FROM counters`).Scan(&n); err != nil {
				return err
			}
			if n == 1 {
				return refused
			}
			return nil
		})
		if !errors.Is(err, refused) {
			t.Errorf("the second one: got %v", err)
		}
	})
	synctest.Wait() // it is queued
	run(func(*sqldb.Tx) error {
		synctest.Wait() // whoever would have been told is
		select {
		case <-told:
			t.Error("the refusal came before the commit")
		default:
		}
		return nil
	})
	synctest.Wait() // and so is the third
	close(goOn)
	all.Wait()
}

// Cached statements see the current data, also after a rollback.
func TestStatementsThatWereAskedBeforeSeeWhatIsThere(t *testing.T) {
	sqldbtest.Each(t, func(t *testing.T, source string) {
		db, wrong := open(t, source), errors.New("no")
		for n := range 4 {
			err := db.InTx(t.Context(), func(tx *sqldb.Tx) error {
				for k := range 2 {
					if _, err := tx.ExecContext(t.Context(), insertCounter, fmt.Sprint(n, k), n, nil); err != nil {
						return err
					}
					var there int
					if err := tx.QueryRowContext(t.Context(), `
						SELECT count(*) FROM counters WHERE n = $1`, n).Scan(&there); err != nil || there != k+1 {
						t.Errorf("%d: the transaction sees %d of its %d rows, %v", n, there, k+1, err)
					}
				}
				if n%2 == 1 {
					return wrong
				}
				return nil
			})
			if n%2 == 1 != errors.Is(err, wrong) {
				t.Errorf("%d: got %v", n, err)
			}
		}
		if kept := number(t, db, `SELECT count(*) FROM counters`); kept != 4 {
			t.Errorf("%d rows are there, of 4", kept)
		}
	})
}

// Close commits queued writes: those that were enqueued before it return nil
// and are stored.
func TestClosingAnswersThoseWhoWrite(t *testing.T) {
	synctest.Test(t, testClosingAnswers)
}

func testClosingAnswers(t *testing.T) {
	source := sqldbtest.SQLite(t)
	for round := range 40 {
		db := open(t, source)
		inside, told := make(chan struct{}), make(chan error, 1)
		go func() {
			told <- db.InTx(context.Background(), func(tx *sqldb.Tx) error {
				close(inside)
				synctest.Wait() // it is being closed
				_, err := tx.ExecContext(context.Background(), insertCounter, fmt.Sprint("closing ", round), round, nil)
				return err
			})
		}()
		<-inside
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if err := <-told; err != nil {
			t.Fatalf("%d: %v", round, err)
		}
	}
	if kept := number(t, open(t, source), `SELECT count(*) FROM counters`); kept != 40 {
		t.Errorf("%d rows are there, of 40", kept)
	}
}
