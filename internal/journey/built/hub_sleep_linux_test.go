//go:build built

package built

import (
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/hub/outbox"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/journey"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

func TestAHubThatSleptLearnsWhatItMissedAndSendsWhatItHad(t *testing.T) { sleeping(t, 3*time.Second) }

// sleeping suspends the hub's process for a while, like a closed lid.
func sleeping(t *testing.T, long time.Duration) {
	s := newSite(t, "", "")
	s.start()
	first := s.hub()
	screens, running := journey.StartHub(t, journey.Session(t), "--data", filepath.Join(t.TempDir(), "data"))
	c := screens.BridgeClient(t)
	joinOther(t, c, first, s.url)

	form := outbox.RequestForm{Client: "Just before", Services: []onboarding.Service{onboarding.HubSpot}}
	var before string
	must(t, c.Call(t.Context(), "saveRequest", form, &before))
	must(t, c.Call(t.Context(), "send", params{"id": before, "addresses": []string{"before@client.example"}}, nil))
	must(t, running.Process.Signal(syscall.SIGSTOP))
	meanwhile, _ := save(t, first, outbox.RequestForm{Client: "Meanwhile", Services: form.Services})
	must(t, first.Outbox.Send(t.Context(), meanwhile, []string{"meanwhile@client.example"}))
	must(t, first.Sync(t.Context()))
	time.Sleep(long)
	must(t, running.Process.Signal(syscall.SIGCONT))

	var d replica.RequestDetails
	soon(t, "what was missed is there", 2*time.Minute, func() bool {
		return c.Call(t.Context(), "request", params{"id": meanwhile}, &d) == nil && len(d.Recipients) == 1
	})
	soon(t, "what waited has gone out", 2*time.Minute, func() bool {
		must(t, c.Call(t.Context(), "request", params{"id": before}, &d))
		return d.Link != "" && len(d.Outbox) == 0 && d.Recipients[0].State == replica.RecipientSent
	})
	must(t, first.Sync(t.Context()))
	page, err := first.Replica.Requests(t.Context(), replica.ListParams{})
	must(t, err)
	if len(page.Requests) != 2 {
		t.Errorf("the other computer has %d requests, want 2", len(page.Requests))
	}
	for address, n := range invited(s.mail.Messages(), map[string]bool{
		"before@client.example": true, "meanwhile@client.example": true,
	}) {
		if n != 1 {
			t.Errorf("%s got %d emails", address, n)
		}
	}
}
