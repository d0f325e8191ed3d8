//go:build !quick

package journey_test

import (
	"context"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/hub/hubtest"
	"github.com/latchkeyhq/latchkey/internal/hub/outbox"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/journey"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
	"github.com/latchkeyhq/latchkey/internal/sqldb/sqldbtest"
)

func TestMain(m *testing.M) { os.Exit(sqldbtest.Main(m)) }

const ana = "ana@northlight.example"

// scene is a relaytest.Scene with helpers for journeys.
type scene struct {
	*relaytest.Scene
	t testing.TB
}

func newScene(t testing.TB, source string) scene {
	t.Helper()
	return scene{relaytest.NewSceneOn(t, relaytest.Config{Source: source}), t}
}

// email waits for the newest email to an address with the text in its subject.
func (s scene) email(to, subject string) sandbox.Message {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 20*time.Second)
	defer cancel()
	email, err := s.World.Mail.Await(ctx, func(m sandbox.Message) bool {
		return slices.Contains(m.To, to) && strings.Contains(m.Subject, subject)
	})
	if err != nil {
		var got []string
		for _, m := range s.World.Mail.Messages() {
			got = append(got, strings.Join(m.To, " ")+": "+m.Subject)
		}
		s.t.Fatalf("waiting for an email to %s about %q: %v; there are %q", to, subject, err, got)
	}
	return email
}

// invite sends a request and returns the link in the email.
func (s scene) invite(id, to string) string {
	s.t.Helper()
	if err := s.Hub.Outbox.Send(s.t.Context(), id, []string{to}); err != nil {
		s.t.Fatalf("sending the request: %v", err)
	}
	link, err := journey.LinkIn(s.email(to, "Onboarding Request").Text)
	if err != nil {
		s.t.Fatal(err)
	}
	return link
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// works has the hub check all items of a request.
func (s scene) works(id string, want int) replica.RequestDetails {
	s.t.Helper()
	return hubWorks(s.t, s.Hub, id, want)
}

func hubWorks(t testing.TB, h *hub.Hub, id string, want int) replica.RequestDetails {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 40*time.Second)
	defer cancel()
	must(t, h.Sync(ctx))
	must(t, h.Checks.CheckNow(ctx))
	must(t, h.Sync(ctx))
	d, err := h.Replica.Request(ctx, id)
	must(t, err)
	if d.Status != onboarding.Connected || len(d.Items) != want {
		t.Fatalf("the hub has the request as %s with %d items, want connected with %d", d.Status, len(d.Items), want)
	}
	for _, item := range d.Items {
		if item.Access != onboarding.AccessWorks || item.Managed || item.Attention {
			t.Errorf(
				"%s: access %q, managed %v, attention %v: %s %s", item.Name, item.Access, item.Managed, item.Attention,
				item.Failure, item.Message,
			)
		}
		if item.Kind != onboarding.CRMAccount {
			continue
		}
		if access, _, err := hubtest.Credential(ctx, h, item.ID); err != nil || access.Empty() {
			t.Errorf("using %s: %v", item.Name, err)
		}
	}
	return d
}

// isDead opens a link in a new browser and expects the sentence.
func isDead(t testing.TB, link, sentence string) {
	t.Helper()
	other := journey.NewClient("Somebody Else", "else@harbourpine.example")
	must(t, other.Open(link))
	if other.Page.Status != http.StatusGone || !other.Page.Says(sentence) {
		t.Errorf("a second browser gets %d and reads %q", other.Page.Status, other.Page.Text())
	}
}

func TestAClientSharesHubSpotAndTheAgencyUsesIt(t *testing.T) {
	sqldbtest.Each(t, func(t *testing.T, source string) {
		s := newScene(t, source)
		id := s.Save(outbox.RequestForm{Services: []onboarding.Service{onboarding.HubSpot}})
		link := s.invite(id, "priya.nair@lumenoptics.example")

		priya := journey.NewClient("Priya Nair", "priya.nair@lumenoptics.example")
		must(t, priya.Enter(link))
		must(t, priya.ConnectHubSpot("Priya Nair", ""))
		must(t, priya.NextStep())
		must(t, priya.Finish())

		d := s.works(id, 1)
		if !d.Confirmed || d.CompletedBy != "Priya Nair" {
			t.Errorf("completed by %q, confirmed %v: she came by her own email", d.CompletedBy, d.Confirmed)
		}
		isDead(t, link, "Priya has finished this")
		notice := s.email(ana, "Harbour & Pine")
		if !strings.Contains(notice.Text, "HubSpot") {
			t.Errorf("the notice does not say what was shared: %s", notice.Text)
		}
		receipt := s.email("priya.nair@lumenoptics.example", "receipt")
		if !strings.Contains(receipt.Text, "HubSpot") || !strings.Contains(receipt.Text, "lumenoptics") {
			t.Errorf("the receipt does not say what was shared: %s", receipt.Text)
		}
	})
}

func TestStory(t *testing.T) {
	sqldbtest.Each(t, func(t *testing.T, source string) {
		s := newScene(t, source)
		id := s.Save(outbox.RequestForm{Services: []onboarding.Service{
			onboarding.Facebook, onboarding.HubSpot, onboarding.ActiveCampaign,
		}})
		link := s.invite(id, "mina@harbourpine.example")

		mina := journey.NewClient("Mina Ito", "mina@harbourpine.example")
		must(t, mina.Enter(link))
		must(t, mina.SignInAtFacebook("Mina Ito"))
		must(t, mina.Share("Harbour & Pine EU", "Harbour Café Ads", "Harbour Garden"))
		must(t, mina.ConnectHubSpot("Lars Holm", "Harbour & Pine AB"))
		must(t, mina.ConnectHubSpot("Lars Holm", "Harbour & Pine Outlet"))
		account := s.World.Keys("activecampaign")[0]
		must(t, mina.ConnectActiveCampaign(account.URL, account.Key))
		must(t, mina.NextStep())
		must(t, mina.Finish())

		d := s.works(id, 6)
		kinds := map[onboarding.Kind]int{}
		for _, item := range d.Items {
			kinds[item.Kind]++
			if item.Kind != onboarding.CRMAccount && !slices.Equal(item.Tasks, []string{"ADVERTISE", "ANALYZE"}) {
				t.Errorf("%s was confirmed with the tasks %q", item.Name, item.Tasks)
			}
		}
		if kinds[onboarding.AdAccount]+kinds[onboarding.Page] != 3 || kinds[onboarding.CRMAccount] != 3 {
			t.Errorf("the hub has %v", kinds)
		}
		isDead(t, link, "Mina has finished this")
		s.email(ana, "Harbour & Pine")
		s.email("mina@harbourpine.example", "receipt")
	})
}
