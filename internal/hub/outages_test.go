package hub_test

import (
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
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
