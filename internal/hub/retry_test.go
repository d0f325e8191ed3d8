package hub_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
)

// Of two relays behind one address the one that answers calls ends, while the event
// stream is open at the other: nothing but time makes the hub call again.
func TestARoundThatFailedIsTriedAgainSoon(t *testing.T) {
	s := relaytest.NewSceneOn(t, relaytest.Config{Idle: true}) // nothing changes but by the test
	code, err := s.Hub.IssueCode(t.Context(), "")
	must(t, err)
	wall := newFirewall(t, s.URL, nil)
	h := newComputer(t).open(t, s)
	defer closed(t, h)
	must(t, h.Enrol(t.Context(), wall.URL, code.Code.Secret(), "Laptop"))
	synced(t, h)
	until(t, "the event stream", func() bool { return wall.streams.Load() > 0 })

	refused := wall.refused.Load()
	wall.all.Store(&reply{status: http.StatusBadGateway})
	id, _ := s.Request(hubSpot()...)
	until(t, "a round that fails", func() bool { return wall.refused.Load() > refused })
	time.Sleep(500 * time.Millisecond) // every event of the change has arrived
	wall.all.Store(nil)
	until(t, "the next round", func() bool {
		d, err := h.Replica.Request(t.Context(), id)
		return err == nil && d.Client != ""
	})
	if n := wall.streams.Load(); n != 1 {
		t.Errorf("the event stream was opened %d times: this shows nothing", n)
	}
}
