package hubspot

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/platform/platformtest"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

// scene is a driver and the pretend HubSpot.
type scene struct {
	*platformtest.Scene
	driver *Relay
}

func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{Scene: platformtest.New(t, onboarding.HubSpot.Platform())}
	var err error
	if s.driver, err = NewForRelay(s.App); err != nil {
		t.Fatal(err)
	}
	return s
}

// connect sends a person there and exchanges what they come back with.
func (s *scene) connect(presses ...string) (platform.Grant, error) {
	return s.SignIn(s.driver, append(presses, "Allow")...)
}

func TestAPortalIsConnectedAndItsContactsAreRead(t *testing.T) {
	s := newScene(t)
	grant, err := s.connect("Lars Holm", "Harbour & Pine Outlet")
	if err != nil {
		t.Fatal(err)
	}
	if grant.Account != (onboarding.Account{ID: "26120447", Name: "outlet.harbourpine.example"}) || grant.User != "lars.holm@harbourpine.example" || grant.Lasting.Kind != platform.RefreshToken {
		t.Errorf("connected %+v as %s", grant.Account, grant.User)
	}
	finding, err := s.driver.Check(t.Context(), platform.CheckQ{Access: grant.Access})
	if err != nil || finding.State != onboarding.AccessWorks || !slices.Contains(finding.Tasks, "crm.objects.contacts.read") {
		t.Errorf("checking: got %+v and %v", finding, err)
	}
}

func TestAnAccessTokenEndsByTheRelaysClock(t *testing.T) {
	s := newScene(t)
	s.Now = time.Date(2031, 5, 1, 12, 0, 0, 0, time.UTC)
	grant, err := s.connect("Priya Nair")
	if err != nil {
		t.Fatal(err)
	}
	if want := s.Now.Add(30 * time.Minute); !grant.Expires.Equal(want) {
		t.Errorf("the first ends %s, want %s", grant.Expires, want)
	}
	s.Now = s.Now.Add(24 * time.Hour)
	if grant, err = s.driver.Renew(t.Context(), grant.Lasting); err != nil {
		t.Fatal(err)
	}
	if want := s.Now.Add(30 * time.Minute); !grant.Expires.Equal(want) {
		t.Errorf("the renewed one ends %s, want %s", grant.Expires, want)
	}
}

func TestAPlanWithoutContactsIsNotConnected(t *testing.T) {
	s := newScene(t)
	visitor := s.Visitor(s.driver, "Tom Becker")
	if visitor.Page.Has("Allow") || s.Back != nil {
		t.Errorf("the page %q lets Tom go on, or sent him back with %v", visitor.Page.Title(), s.Back)
	}
}

func TestFewerScopesThanAskedAreNotConnected(t *testing.T) {
	s := newScene(t)
	s.Fault("scope_unticked")
	_, err := s.connect("Priya Nair")
	platformtest.Wants(t, err, catalog.ProductNotInPlan, onboarding.ErrRefused)
}

func TestARotatedRefreshTokenIsTheCredentialFromThenOn(t *testing.T) {
	s := newScene(t)
	s.Fault("rotates")
	grant, err := s.connect("Priya Nair")
	if err != nil {
		t.Fatal(err)
	}
	next, err := s.driver.Renew(t.Context(), grant.Lasting)
	if err != nil || next.Lasting.Secret == grant.Lasting.Secret || next.Access.Empty() {
		t.Fatalf("renewing: got %v", err)
	}
	_, err = s.driver.Renew(t.Context(), grant.Lasting)
	platformtest.Wants(t, err, catalog.CredentialRefused, onboarding.ErrRefused)
	finding, err := s.driver.Check(t.Context(), platform.CheckQ{Access: next.Access})
	if err != nil || finding.State != onboarding.AccessBroken || finding.Failure != catalog.CredentialRefused {
		t.Errorf("after the replay: got %+v and %v", finding, err)
	}
}

func TestWithoutRotationTheCredentialStays(t *testing.T) {
	s := newScene(t)
	grant, err := s.connect("Priya Nair")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		next, err := s.driver.Renew(t.Context(), grant.Lasting)
		if err != nil || next.Lasting.Secret != grant.Lasting.Secret || !next.Expires.After(time.Now()) {
			t.Fatalf("renewing: got %v", err)
		}
	}
}

func TestEveryShapeOfARefusalIsUnderstood(t *testing.T) {
	s := newScene(t)
	s.Fault("shifting_errors")
	for range 4 {
		_, err := s.driver.Renew(t.Context(), platform.Credential{Kind: platform.RefreshToken, Secret: onboarding.NewSecret("na1-unknown")})
		platformtest.Wants(t, err, catalog.CredentialRefused, onboarding.ErrRefused)
	}
}

func TestACodeWorksOnceAndOnlyWithItsVerifier(t *testing.T) {
	s := newScene(t)
	if _, err := s.connect("Priya Nair"); err != nil {
		t.Fatal(err)
	}
	for _, verifier := range []string{"", oauth2.GenerateVerifier()} {
		_, err := s.driver.Exchange(t.Context(), s.Return(verifier))
		platformtest.Wants(t, err, catalog.SignInTooLate, onboarding.ErrRefused)
	}
}

func TestAHubSpotThatIsNotThereIsDown(t *testing.T) {
	for _, fault := range []string{"down", "malformed", "huge", "reset", "throttled"} {
		s := newScene(t)
		grant, err := s.connect("Priya Nair")
		if err != nil {
			t.Fatal(err)
		}
		s.Fault(fault)
		if _, err := s.driver.Check(t.Context(), platform.CheckQ{Access: grant.Access}); !errors.Is(err, onboarding.ErrPlatformDown) {
			t.Errorf("%s: checking gave %v", fault, err)
		}
		if _, err := s.driver.Renew(t.Context(), grant.Lasting); !errors.Is(err, onboarding.ErrPlatformDown) || strings.Contains(err.Error(), grant.Lasting.Secret.Reveal()) {
			t.Errorf("%s: renewing gave %v", fault, err)
		}
	}
}

func TestWhatWasUninstalledIsBroken(t *testing.T) {
	s := newScene(t)
	grant, err := s.connect("Priya Nair")
	if err != nil {
		t.Fatal(err)
	}
	s.Act(sandbox.Action{Action: "uninstall", Asset: grant.Account.ID})
	finding, err := s.driver.Check(t.Context(), platform.CheckQ{Access: grant.Access})
	if err != nil || finding.State != onboarding.AccessBroken {
		t.Errorf("got %+v and %v", finding, err)
	}
}
