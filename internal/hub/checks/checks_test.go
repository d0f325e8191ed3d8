package checks

import (
	"log/slog"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// A check without a credential is rescheduled by hours. A credential that
// arrives meanwhile makes the item due.
func TestAnItemThatBecomesDueDuringItsCheckStaysDue(t *testing.T) {
	now := time.UnixMilli(1_000_000)
	clock := func() time.Time { return now }
	copied, err := replica.Open(t.Context(), replica.Config{Catalog: catalogtest.New(t),
		Dir: t.TempDir(), Now: clock, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := copied.Close(); err != nil {
			t.Errorf("closing the replica: %v", err)
		}
	})
	c := New(Config{Replica: copied, Now: clock, Log: slog.New(slog.DiscardHandler), OnQueued: func() {}})
	sheet := onboarding.Item{ID: "sheet", State: onboarding.ItemConnected}
	err = copied.Update(t.Context(), func(tx *replica.Tx) error { return tx.StoreItem(t.Context(), sheet) })
	if err != nil {
		t.Fatal(err)
	}
	for _, comes := range []bool{true, false} {
		began, err := replica.ReadCheckDue(t.Context(), copied.DB(), "sheet")
		if err != nil {
			t.Fatal(err)
		}
		now = now.Add(time.Second)
		if comes {
			if err := copied.RecordCredential(t.Context(), replica.SubjectItem+"sheet", 0, 1); err != nil {
				t.Fatal(err)
			}
		}
		check := replica.ScheduledCheck{Item: "sheet", Due: began}
		if err := c.reschedule(t.Context(), check, 1, replica.CheckInterval); err != nil {
			t.Fatal(err)
		}
		due, err := replica.ReadCheckDue(t.Context(), copied.DB(), "sheet")
		if err != nil {
			t.Fatal(err)
		}
		if soon := due <= onboarding.TimestampOf(now); soon != comes {
			t.Errorf(
				"its credential comes during the check: %t; it is due at %d, now is %d", comes, due, onboarding.TimestampOf(now),
			)
		}
	}
	if due, err := replica.ReadCheckDue(t.Context(), copied.DB(), "nothing"); due != 0 || err != nil {
		t.Errorf("what is not scheduled is due at %d, %v", due, err)
	}
}
