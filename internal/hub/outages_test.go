package hub_test

import (
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

func TestASignInThatEndedIsKnownToTheRelayUntilTheNextOne(t *testing.T) {
	s := relaytest.NewScene(t)
	sharedAtFacebook(t, s)
	_, err := s.World.Trigger(sandbox.Action{Platform: "meta", Action: "expire_tokens", Person: "ana-ruiz"})
	must(t, err)
	for range 2 {
		if err := s.Hub.Checks.CheckNow(t.Context()); err == nil {
			t.Fatal("a check with a token that has ended says nothing")
		}
	}
	s.Sync()
	outages, err := replica.ReadOutages(t.Context(), s.Hub.Replica.DB())
	must(t, err)
	if len(outages) != 1 {
		t.Fatalf("read from the relay: %+v, want one", outages)
	}
	for subject, o := range outages {
		if o.Subject != subject || o.Failure != "sign_in_expired" || o.Code != "190/463" || o.Service != onboarding.Facebook {
			t.Errorf("read from the relay: %+v", o)
		}
	}
	var emails int
	must(t, s.Store.DB().QueryRowContext(t.Context(), `
		SELECT count(*) FROM emails WHERE kind = 'sign_in_ends'`).Scan(&emails))
	if emails != 1 { // the member is the main user
		t.Errorf("%d emails about it, want one", emails)
	}
	s.Pass(time.Minute)
	s.ConnectFacebookAnew()
	s.Sync()
	outages, err = replica.ReadOutages(t.Context(), s.Hub.Replica.DB())
	must(t, err)
	if len(outages) != 0 {
		t.Errorf("after signing in again: %+v", outages)
	}
}

func TestAnAppThatAnotherComputerFindsBrokenIsShownUntilNoAccountIsLeftThere(t *testing.T) {
	seen := &alerts{}
	s := relaytest.NewSceneOn(t, relaytest.Config{HubChanged: seen.add})
	request, link := s.Request(onboarding.HubSpot)
	s.Browser().ConnectHubSpot(link)
	s.HasItems(request, 1)
	must(t, s.Hub.Checks.CheckNow(t.Context())) // the next one is hours away
	_, code, err := s.Admin.MemberCode(t.Context(), s.Agency.Name, s.Agency.Main.Email)
	must(t, err)
	other := s.Enrol(t, code.Code)
	relaytest.Call(t, other, wire.ReportOutage, wire.ReportOutageParams{Outage: onboarding.Outage{
		Subject: onboarding.OutageApp + "hubspot", Service: onboarding.HubSpot, Failure: string(catalog.NotConfigured),
	}})
	until(t, "a notification", func() bool { return seen.of(replica.ChecksStopped) > 0 })
	// The answer to a change of the agency has no outages. It is not the end of one.
	must(t, s.Hub.Outbox.ShareRequests(t.Context(), true))
	s.Sync()
	shown := causesShown(t, s)
	if len(shown) != 1 || shown[0].Service != onboarding.HubSpot || shown[0].Items != 0 {
		t.Errorf("what needs the user: %+v", shown)
	}
	if n := seen.of(replica.ChecksStopped); n != 1 {
		t.Errorf("%d notifications, want one", n)
	}
	must(t, s.Hub.Outbox.DeleteClient(t.Context(), request))
	s.Sync()
	s.Sync()
	if shown := causesShown(t, s); len(shown) != 0 {
		t.Errorf("with no account left there, needs the user: %+v", shown)
	}
}

func TestNewsByEmailAreChosenOnTheHubAndStoredByTheRelay(t *testing.T) {
	s := relaytest.NewScene(t)
	must(t, s.Hub.News.Choose(t.Context(), onboarding.NewsChoice{
		Kind: onboarding.NewsExpiring, Mode: onboarding.NewsDaily,
	}))
	settings, err := s.Hub.News.Read(t.Context())
	must(t, err)
	_, seconds := s.Now().In(time.Local).Zone()
	if settings.ModeOf(onboarding.NewsExpiring) != onboarding.NewsDaily || settings.UTCOffset != seconds/60 ||
		settings.ModeOf(onboarding.NewsCompleted) != onboarding.NewsNow {
		t.Errorf("the relay stores %+v", settings)
	}
}
