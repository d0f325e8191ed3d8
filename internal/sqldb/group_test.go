package sqldb_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/sqldb/sqldbtest"
)

// Of many that write at once some give up, panic or go away: what they wrote
// is not there, and what the others were told is.
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
				if (err == nil) != (n%4 == 0) || n%4 == 1 && !errors.Is(err, wrong) || n%4 == 3 && !errors.Is(err, context.Canceled) {
					t.Errorf("%d: got %v", n, err)
				}
			})
		}
		all.Wait()
		if kept, others := number(t, db, `SELECT count(*) FROM counters WHERE n % 4 = 0`), number(t, db, `SELECT count(*) FROM counters WHERE n % 4 <> 0`); kept != 30 || others != 0 {
			t.Errorf("%d of 30 are there, and %d of those that failed", kept, others)
		}
	})
}
