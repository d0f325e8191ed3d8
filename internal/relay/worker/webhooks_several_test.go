//go:build !quick

package worker_test

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/sqldb/sqldbtest"
)

func TestOfTwoRelaysOnePostsADelivery(t *testing.T) {
	r := newReceiver(t)
	config := relaytest.Config{Source: sqldbtest.PostgreSQL(t), KeysetFile: filepath.Join(t.TempDir(), "relay.key")}
	h := newHooked(t, config, r.URL)
	config.World, config.Now = h.World, h.clock.Now
	relaytest.Start(t, config)
	for range 5 {
		h.breaks(t)
	}
	r.await(t, 5)
	waits := func(d onboarding.WebhookDelivery) bool { return d.State == onboarding.DeliveryWaiting }
	for deadline := time.Now().Add(15 * time.Second); slices.ContainsFunc(h.log(t), waits); {
		if time.Now().After(deadline) {
			t.Fatal("a delivery still waits")
		}
		time.Sleep(20 * time.Millisecond)
	}
	ids := map[string]bool{}
	for _, call := range r.all() {
		ids[call.header.Get("webhook-id")] = true
	}
	if len(ids) != 5 || len(r.all()) != 5 {
		t.Errorf("%d calls of %d deliveries, want 5 of 5", len(r.all()), len(ids))
	}
}
