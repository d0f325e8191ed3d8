package replica_test

import (
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// TestARepairThatIsOpenAfterAllEndsAtNoRestoredRelay: a page of changes that was read before a
// repair was prepared may be stored after the call's reply, and lacks it.
func TestARepairThatIsOpenAfterAllEndsAtNoRestoredRelay(t *testing.T) {
	for name, c := range map[string]struct {
		open  bool // the relay says so in the end
		wants int
	}{
		"open":   {true, 0},
		"closed": {false, 1},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := replica.Open(t.Context(), replica.Config{Catalog: catalogtest.New(t), Dir: t.TempDir(), Now: time.Now})
			must(t, err)
			t.Cleanup(func() { must(t, r.Close()) })
			without := namedItem("1", "Alpenblick")
			without.State = onboarding.ItemConnected
			with := without
			with.Repair = &onboarding.Repair{Link: "https://relay.example/r/x", Created: 1, Expires: 2}
			last := without
			if c.open {
				last = with
			}
			must(t, r.Update(t.Context(), func(tx *replica.Tx) error {
				for _, item := range []onboarding.Item{with, without, last} {
					if err := tx.StoreItem(t.Context(), item); err != nil {
						return err
					}
				}
				return nil
			}))
			read, restored := wire.Cursor{Visibility: 2, Seq: 9}, wire.Cursor{Visibility: 1, Seq: 5}
			must(t, r.Apply(t.Context(), wire.Cursor{}, wire.ChangesResult{
				Items: []onboarding.Item{last}, Next: read,
			}))
			must(t, r.Apply(t.Context(), read, wire.ChangesResult{
				Reset: true, Restored: 7, Items: []onboarding.Item{with}, Next: restored,
			}))
			endings, err := replica.ReadEndings(t.Context(), r.DB())
			must(t, err)
			if len(endings) != c.wants {
				t.Errorf("the restored relay is told to end %+v", endings)
			}
		})
	}
}
