package hubspot

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

// scene is a driver, the pretend HubSpot, and where people come back to.
type scene struct {
	world    *sandbox.World
	driver   *Relay
	redirect string
	back     url.Values
	now      time.Time
}

func newScene(t *testing.T) *scene {
	t.Helper()
	world, err := sandbox.New(sandbox.Config{})
	if err != nil {
		t.Fatal(err)
	}
	s := &scene{world: world, now: time.Now()}
	home := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { s.back = r.URL.Query() }))
	t.Cleanup(func() {
		home.Close()
		if err := world.Close(); err != nil {
			t.Errorf("closing the world: %v", err)
		}
	})
	s.redirect = strings.Replace(home.URL, "127.0.0.1", "localhost", 1) + "/callback/hubspot" // plain http is for localhost alone
	world.AllowRedirect(s.redirect)
	at := world.At("hubspot").URL()
	s.driver, err = NewForRelay(platform.App{ClientID: world.ClientID("hubspot"), ClientSecret: onboarding.NewSecret(world.ClientSecret("hubspot")), Addresses: platform.Addresses{Auth: at, Token: at, API: at}, Now: func() time.Time { return s.now }})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// connect sends a person there and exchanges what they come back with.
func (s *scene) connect(t *testing.T, presses ...string) (platform.Grant, error) {
	t.Helper()
	verifier := oauth2.GenerateVerifier()
	visitor := sandbox.NewVisitor()
	if err := visitor.Open(s.driver.Address(platform.SignInStart{State: "state", Redirect: s.redirect, Challenge: oauth2.S256ChallengeFromVerifier(verifier)})); err != nil {
		t.Fatal(err)
	}
	for _, words := range append(presses, "Allow") {
		if err := visitor.Press(words); err != nil {
			t.Fatal(err)
		}
	}
	if s.back.Get("state") != "state" {
		t.Fatalf("came back with %v", s.back)
	}
	return s.driver.Exchange(t.Context(), platform.SignInReturn{Code: onboarding.NewSecret(s.back.Get("code")), Redirect: s.redirect, Verifier: onboarding.NewSecret(verifier)})
}

func wants(t *testing.T, err error, what catalog.FailureCode, is error) {
	t.Helper()
	var failure *platform.Failure
	if !errors.As(err, &failure) || failure.What != what || !errors.Is(err, is) {
		t.Errorf("got %v, want %s", err, what)
	}
}

func TestAPortalIsConnectedAndItsContactsAreRead(t *testing.T) {
	s := newScene(t)
	grant, err := s.connect(t, "Lars Holm", "Harbour & Pine Outlet")
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
	s.now = time.Date(2031, 5, 1, 12, 0, 0, 0, time.UTC)
	grant, err := s.connect(t, "Priya Nair")
	if err != nil {
		t.Fatal(err)
	}
	if want := s.now.Add(30 * time.Minute); !grant.Expires.Equal(want) {
		t.Errorf("the first ends %s, want %s", grant.Expires, want)
	}
	s.now = s.now.Add(24 * time.Hour)
	if grant, err = s.driver.Renew(t.Context(), grant.Lasting); err != nil {
		t.Fatal(err)
	}
	if want := s.now.Add(30 * time.Minute); !grant.Expires.Equal(want) {
		t.Errorf("the renewed one ends %s, want %s", grant.Expires, want)
	}
}

func TestAPlanWithoutContactsIsNotConnected(t *testing.T) {
	s := newScene(t)
	verifier := oauth2.GenerateVerifier()
	visitor := sandbox.NewVisitor()
	if err := visitor.Open(s.driver.Address(platform.SignInStart{State: "state", Redirect: s.redirect, Challenge: oauth2.S256ChallengeFromVerifier(verifier)})); err != nil {
		t.Fatal(err)
	}
	if err := visitor.Press("Tom Becker"); err != nil {
		t.Fatal(err)
	}
	if visitor.Page.Has("Allow") || s.back != nil {
		t.Errorf("the page %q lets Tom go on, or sent him back with %v", visitor.Page.Title(), s.back)
	}
}

func TestFewerScopesThanAskedAreNotConnected(t *testing.T) {
	s := newScene(t)
	if err := s.world.SetFault("hubspot", "scope_unticked", true); err != nil {
		t.Fatal(err)
	}
	_, err := s.connect(t, "Priya Nair")
	wants(t, err, catalog.ProductNotInPlan, onboarding.ErrRefused)
}

func TestARotatedRefreshTokenIsTheCredentialFromThenOn(t *testing.T) {
	s := newScene(t)
	if err := s.world.SetFault("hubspot", "rotates", true); err != nil {
		t.Fatal(err)
	}
	grant, err := s.connect(t, "Priya Nair")
	if err != nil {
		t.Fatal(err)
	}
	next, err := s.driver.Renew(t.Context(), grant.Lasting)
	if err != nil || next.Lasting.Secret == grant.Lasting.Secret || next.Access.Empty() {
		t.Fatalf("renewing: got %v", err)
	}
	_, err = s.driver.Renew(t.Context(), grant.Lasting)
	wants(t, err, catalog.CredentialRefused, onboarding.ErrRefused)
	finding, err := s.driver.Check(t.Context(), platform.CheckQ{Access: next.Access})
	if err != nil || finding.State != onboarding.AccessBroken || finding.Failure != catalog.CredentialRefused {
		t.Errorf("after the replay: got %+v and %v", finding, err)
	}
}

func TestWithoutRotationTheCredentialStays(t *testing.T) {
	s := newScene(t)
	grant, err := s.connect(t, "Priya Nair")
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
	if err := s.world.SetFault("hubspot", "shifting_errors", true); err != nil {
		t.Fatal(err)
	}
	for range 4 {
		_, err := s.driver.Renew(t.Context(), platform.Credential{Kind: platform.RefreshToken, Secret: onboarding.NewSecret("na1-unknown")})
		wants(t, err, catalog.CredentialRefused, onboarding.ErrRefused)
	}
}

func TestACodeWorksOnceAndOnlyWithItsVerifier(t *testing.T) {
	s := newScene(t)
	if _, err := s.connect(t, "Priya Nair"); err != nil {
		t.Fatal(err)
	}
	for _, verifier := range []string{"", oauth2.GenerateVerifier()} {
		_, err := s.driver.Exchange(t.Context(), platform.SignInReturn{Code: onboarding.NewSecret(s.back.Get("code")), Redirect: s.redirect, Verifier: onboarding.NewSecret(verifier)})
		wants(t, err, catalog.SignInTooLate, onboarding.ErrRefused)
	}
}

func TestAHubSpotThatIsNotThereIsDown(t *testing.T) {
	for _, fault := range []string{"down", "malformed", "huge", "reset", "throttled"} {
		s := newScene(t)
		grant, err := s.connect(t, "Priya Nair")
		if err != nil {
			t.Fatal(err)
		}
		if err := s.world.SetFault("hubspot", fault, true); err != nil {
			t.Fatal(err)
		}
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
	grant, err := s.connect(t, "Priya Nair")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.world.Act(sandbox.Action{Platform: "hubspot", Action: "uninstall", Asset: grant.Account.ID}); err != nil {
		t.Fatal(err)
	}
	finding, err := s.driver.Check(t.Context(), platform.CheckQ{Access: grant.Access})
	if err != nil || finding.State != onboarding.AccessBroken {
		t.Errorf("got %+v and %v", finding, err)
	}
}
