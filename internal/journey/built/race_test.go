//go:build built

package built

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/latchkeyhq/latchkey/internal/hub/outbox"
	"github.com/latchkeyhq/latchkey/internal/journey"
	"github.com/latchkeyhq/latchkey/internal/loopback/loopbacktest"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb/sqldbtest"
)

const (
	crowd      = 50
	crowdLinks = 50
)

func TestOnFiftyLinksOneOfFiftyFinishes(t *testing.T) {
	s := newSite(t, "", "")
	s.start()
	crowds(t, s, crowdLinks)
}

func TestOnTwoProcessesAndOneDatabaseOneOfFiftyFinishes(t *testing.T) {
	source := sqldbtest.PostgreSQL(t)
	s := newSite(t, source, "")
	s.start()
	// The second relay has another port but the same keys and public address.
	second := *s
	second.listen = loopbacktest.FreeAddress(t)
	second.settings = append([]string(nil), s.settings...)
	second.set("LATCHKEY_LISTEN", second.listen)
	second.set("LATCHKEY_KEY_FILE", filepath.Join(s.dir, "relay.key"))
	second.start()
	crowds(t, s, 20, "http://"+strings.Replace(second.listen, "127.0.0.1", "localhost", 1))
}

// crowds has fifty people finish concurrently on each of the links.
func crowds(t *testing.T, s *site, links int, others ...string) {
	h := s.hub()
	addresses := append([]string{s.url}, others...)
	ids := make([]string, links)
	for n := range ids {
		var err error
		ids[n], err = h.Outbox.SaveRequest(t.Context(), outbox.RequestForm{
			Client: fmt.Sprintf("Client %d", n), Services: []onboarding.Service{onboarding.HubSpot},
		})
		must(t, err)
	}
	must(t, h.Sync(t.Context()))
	winners := make([]string, links)
	for n, id := range ids {
		d, err := h.Replica.Request(t.Context(), id)
		must(t, err)
		winners[n] = oneOfACrowd(t, s, n, d.Link, addresses)
	}
	must(t, h.Sync(t.Context()))
	for n, id := range ids {
		d, err := h.Replica.Request(t.Context(), id)
		must(t, err)
		if d.Status != onboarding.Connected || d.CompletedBy != winners[n] || len(d.Items) != 1 {
			t.Errorf(
				"link %d: %s is told to have finished; the hub has it %s by %q, with %d items", n, winners[n], d.Status,
				d.CompletedBy, len(d.Items),
			)
		}
	}
}

func oneOfACrowd(t *testing.T, s *site, n int, link string, addresses []string) string {
	t.Helper()
	owner := s.owner(n)
	must(t, owner.Enter(link))
	must(t, owner.ConnectHubSpot("", ""))
	must(t, owner.NextStep())
	people := []*journey.Actor{owner}
	var ready, group errgroup.Group
	ready.SetLimit(8)
	for i := range crowd - 1 {
		person := journey.NewClient(fmt.Sprintf("Person%d of link %d", i, n), fmt.Sprintf("person%d@client.example", i))
		people = append(people, person)
		ready.Go(func() error { return person.Enter(strings.Replace(link, s.url, addresses[(i+1)%len(addresses)], 1)) })
	}
	must(t, ready.Wait())
	var mu sync.Mutex
	var winners []string
	start := make(chan struct{})
	for _, person := range people {
		group.Go(func() error {
			<-start
			if err := person.Press("Finish"); err != nil {
				return err
			}
			switch {
			case person.Page.Status == http.StatusOK && person.Page.Says("You are done."):
				mu.Lock()
				defer mu.Unlock()
				winners = append(winners, person.Name)
				return nil
			case person.Page.Status == http.StatusGone && person.Page.Says("has finished this"):
				return nil
			}
			return fmt.Errorf("%s gets %d and reads %.500q", person.Name, person.Page.Status, person.Page.Text())
		})
	}
	close(start)
	must(t, group.Wait())
	if len(winners) != 1 {
		t.Fatalf("link %d: %d people are told that they have finished: %q", n, len(winners), winners)
	}
	return winners[0]
}
