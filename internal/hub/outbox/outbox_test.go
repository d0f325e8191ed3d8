package outbox

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/hub/session"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// offline returns the outbox of a computer that is enrolled but offline.
func offline(t *testing.T) *Outbox {
	t.Helper()
	copied, err := replica.Open(t.Context(), replica.Config{
		Catalog: catalogtest.New(t), Dir: t.TempDir(), Now: time.Now, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := copied.Close(); err != nil {
			t.Errorf("closing the replica: %v", err)
		}
	})
	id := session.Identity{Member: "ana", Device: "laptop"}
	err = copied.Update(t.Context(), func(tx *replica.Tx) error {
		return tx.WriteMetadataJSON(t.Context(), replica.MetaIdentity, id)
	})
	if err != nil {
		t.Fatal(err)
	}
	return New(Config{
		Replica:  copied,
		Now:      time.Now,
		Log:      slog.New(slog.DiscardHandler),
		OnQueued: func() {},
	})
}

func TestEntriesOfOneRequestGoInTheirOrderAndARefusedSaveHoldsUpTheRest(t *testing.T) {
	o := offline(t)
	first, err := o.SaveRequest(t.Context(), RequestForm{
		Client: "One", Services: []onboarding.Service{onboarding.HubSpot},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := o.Send(t.Context(), first, []string{"a@x.example"}); err != nil {
		t.Fatal(err)
	}
	if _, err := o.SaveRequest(t.Context(), RequestForm{
		Client: "Two", Services: []onboarding.Service{onboarding.HubSpot},
	}); err != nil {
		t.Fatal(err)
	}
	e, err := o.claimNext(t.Context())
	if err != nil || e.Kind != replica.EntrySave || e.Title != "One" || e.Attempts != 1 {
		t.Fatalf("first goes %+v, %v", e, err)
	}
	if err := o.handleFailure(t.Context(), e, onboarding.Invalid("client", "No.")); err != nil {
		t.Fatal(err)
	}
	if e, err = o.claimNext(t.Context()); err != nil || e.Title != "Two" {
		t.Errorf("behind a refused save goes %+v, %v", e, err)
	}
	d, err := o.config.Replica.Request(t.Context(), first)
	if err != nil || d.Phase != replica.PhaseRefused || d.RefusalCode != "invalid" || d.Outbox[0].Message != "No." ||
		!d.Attention {
		t.Errorf("a refused request is shown as %+v, %v", d, err)
	}
	// Saving again replaces the refused entry.
	if err := o.DiscardEntry(t.Context(), d.Outbox[1].Seq); !errors.Is(err, onboarding.ErrConflict) {
		t.Errorf("discarding what was not refused: %v", err)
	}
	if err := o.RetryEntry(t.Context(), d.Outbox[0].Seq); err != nil {
		t.Fatal(err)
	}
	if e, err = o.claimNext(t.Context()); err != nil || e.Title != "One" {
		t.Errorf("after a retry goes %+v, %v", e, err)
	}
}
