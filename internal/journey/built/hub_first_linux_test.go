//go:build built

package built

import (
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/hub/hubtest"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/journey"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

func TestAFirstReadingThatIsKilledGoesOnWhereItWas(t *testing.T) {
	const requests, perPage = 6000, 500
	r := hubtest.Serve(t, requests)
	g, front := newFaultProxy(t)
	g.lead(strings.TrimPrefix(r.URL, "http://"))
	data, environment := filepath.Join(t.TempDir(), "data"), journey.Session(t)

	// The hub enrols and begins to read; it is killed some pages later, after a
	// reply that it has not stored yet.
	var pages, upTo atomic.Int64
	var strike atomic.Value
	g.onPoint = func(at point) {
		if at == (point{wire.ReadChanges.Path, "processed"}) && pages.Add(1) == upTo.Load() {
			strike.Load().(func())()
		}
	}
	kills := 0
	for _, page := range []int64{2, 5, 9} {
		struck := make(chan struct{})
		arm := func(running *journey.Running) *journey.Running {
			strike.Store(func() { running.Kill(); close(struck) })
			upTo.Store(max(page, pages.Load()+1))
			return running
		}
		var running *journey.Running
		if kills == 0 {
			var screens journey.Screens
			screens, running = journey.RunHub(t, environment, "--data", data)
			c := screens.BridgeClient(t)
			arm(running)
			// killed before it returns
			_ = c.Call(t.Context(), "enrol", params{"address": front, "code": r.Code.Reveal(), "name": "Ana's laptop"}, nil)
		} else {
			running = arm(journey.LaunchHub(t, environment, "--data", data)) // it reads as soon as it runs
		}
		select {
		case <-struck:
		case <-time.After(time.Minute):
			t.Fatalf("after %d pages it reads no more\n%s", pages.Load(), running.Log)
		}
		kills++
	}
	screens, _ := journey.StartHub(t, environment, "--data", data)
	c := screens.BridgeClient(t)
	var totals replica.Totals
	soon(t, "all is read", time.Minute, func() bool {
		must(t, c.Call(t.Context(), "totals", nil, &totals))
		return totals.All+totals.Archived == requests
	})
	must(t, c.Call(t.Context(), "sync", nil, nil))
	// Each kill costs the current page; each start may make one more empty
	// call.
	if most := int64(requests/perPage + kills + 4); pages.Load() > most {
		t.Errorf("%d pages were sent for %d, with %d kills", pages.Load(), requests/perPage, kills)
	}
}
