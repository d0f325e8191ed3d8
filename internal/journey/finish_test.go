//go:build !quick

package journey_test

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
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
	"github.com/latchkeyhq/latchkey/internal/sqldb/sqldbtest"
)

const raceClients = 50

func TestOfFiftyWhoFinishAtOnceOneWins(t *testing.T) {
	s := newScene(t, sqldbtest.SQLite(t))
	race(t, s, 3) // SQLite is about thirty times slower under the race detector; the built suite runs two hundred links
}

// Two relays on one database act as one.
func TestOfFiftyWhoFinishAtTwoRelaysAtOnceOneWins(t *testing.T) {
	source, keys := sqldbtest.PostgreSQL(t), filepath.Join(t.TempDir(), "relay.key")
	s := scene{relaytest.NewSceneOn(t, relaytest.Config{Source: source, KeysetFile: keys}), t}
	second := relaytest.Start(t, relaytest.Config{Source: source, KeysetFile: keys, World: s.World, Now: s.Now})
	race(t, s, 20, second.URL)
}

// race has fifty people press Finish concurrently on each of some links, spread
// over the scene's relay and the others.
func race(t *testing.T, s scene, links int, others ...string) {
	addresses := append([]string{s.URL}, others...)
	for n := range links {
		key := s.World.AddClient(sandbox.Client{
			Person: fmt.Sprintf("Owner %d", n), Email: fmt.Sprintf("owner%d@client.example", n), Business: "Client",
			Accounts: []string{fmt.Sprintf("Portal %d", n)},
		})
		id := s.Save(outbox.RequestForm{
			Client: fmt.Sprintf("Client %d", n), Services: []onboarding.Service{onboarding.HubSpot},
		})
		link := s.LinkOf(id)

		people := make([]*journey.Actor, raceClients)
		var getReady errgroup.Group
		getReady.SetLimit(8)
		for i := range people {
			people[i] = journey.NewClient(fmt.Sprintf("Person %d", i), fmt.Sprintf("person%d@client.example", i))
			at := strings.Replace(link, s.URL, addresses[i%len(addresses)], 1)
			if i == 0 {
				must(t, s.World.SignIn(people[0].Jar(), key))
				must(t, people[0].Enter(at))
				must(t, people[0].ConnectHubSpot("", ""))
				must(t, people[0].NextStep())
				continue
			}
			getReady.Go(func() error {
				return people[i].Enter(at) // everything is connected: the summary is next
			})
		}
		must(t, getReady.Wait())
		winners := finishTogether(t, people)
		if len(winners) != 1 {
			t.Fatalf("link %d: %d people are told that they have finished: %q", n, len(winners), winners)
		}
		s.Sync()
		if d := s.Details(id); d.CompletedBy != winners[0] || len(d.Items) != 1 {
			t.Fatalf(
				"link %d: %s is told to have finished, the hub says %q with %d items", n, winners[0], d.CompletedBy, len(d.Items),
			)
		}
	}
}

// finishTogether returns the names of those who read that they are done. All
// others must read who was.
func finishTogether(t *testing.T, people []*journey.Actor) []string {
	t.Helper()
	var winners []string
	var mu sync.Mutex
	var group errgroup.Group
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
	return winners
}
