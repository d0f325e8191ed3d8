// Package platformtest is what a driver's tests begin with: its
// fake, an app that is registered there, and a place to come back to.
// It is for tests alone and knows no driver.
package platformtest

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
	"github.com/latchkeyhq/latchkey/internal/webtest"
)

// Scene is one fake platform with an app of ours.
type Scene struct {
	World    *sandbox.World
	App      platform.App // where there are no apps, its addresses alone
	Redirect string       // the registered callback address
	Back     url.Values   // what the last way back carried
	Now      time.Time    // the clock of App
	Target   string       // what the next visitor chose before leaving
	Agency   bool         // the next visitor signs in for an agency

	t        testing.TB
	of       string
	verifier string // of the last visitor's challenge; empty: the platform takes none
}

// New starts the fake platforms; they end with the test. One of them is the
// platform that the test is of.
func New(t testing.TB, of onboarding.Platform, fakes ...func(*sandbox.Env) sandbox.Platform) *Scene {
	t.Helper()
	world, err := sandbox.New(sandbox.Config{Platforms: fakes})
	if err != nil {
		t.Fatalf("starting the fake platforms: %v", err)
	}
	s := &Scene{World: world, Now: time.Now(), t: t, of: string(of)}
	home := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { s.Back = r.URL.Query() }))
	t.Cleanup(func() {
		home.Close()
		if err := world.Close(); err != nil {
			t.Errorf("ending the fake platforms: %v", err)
		}
	})
	s.Redirect = strings.Replace(home.URL, "127.0.0.1", "localhost", 1) + "/callback/" +
		s.of // plain http is for localhost alone
	world.AllowRedirect(s.Redirect)
	at := world.Server(s.of).URL()
	s.App = platform.App{
		ClientID: world.ClientID(s.of), ClientSecret: onboarding.NewSecret(world.ClientSecret(s.of)),
		Endpoints: platform.Endpoints{Auth: at, Token: at, API: at},
		Now:       func() time.Time { return s.Now },
	}
	return s
}

// Fault switches a fault of the platform on.
func (s *Scene) Fault(name string) {
	s.t.Helper()
	if err := s.World.SetFault(s.of, name, true); err != nil {
		s.t.Fatal(err)
	}
}

// Act lets something happen at the platform.
func (s *Scene) Act(a sandbox.Action) {
	s.t.Helper()
	a.Platform = s.of
	if _, err := s.World.Trigger(a); err != nil {
		s.t.Fatal(err)
	}
}

// Visitor is somebody at the platform's sign-in, who has pressed these buttons.
func (s *Scene) Visitor(driver platform.SignIn, presses ...string) *webtest.Browser {
	s.t.Helper()
	start := platform.SignInStart{State: "state", Redirect: s.Redirect, Target: s.Target, Agency: s.Agency}
	s.verifier, s.Back = "", nil
	if driver.UsesPKCE() {
		s.verifier = oauth2.GenerateVerifier()
		start.Challenge = oauth2.S256ChallengeFromVerifier(s.verifier)
	}
	visitor := webtest.New()
	if err := visitor.Open(driver.Address(start)); err != nil {
		s.t.Fatal(err)
	}
	for _, words := range presses {
		if err := visitor.Press(words); err != nil {
			s.t.Fatal(err)
		}
	}
	return visitor
}

// SignIn sends somebody to the platform, has them press these buttons, and
// exchanges what they come back with.
func (s *Scene) SignIn(driver platform.SignIn, presses ...string) (platform.Grant, error) {
	s.t.Helper()
	s.Visitor(driver, presses...)
	if s.Back.Get("state") != "state" {
		s.t.Fatalf("came back with %v", s.Back)
	}
	return driver.Exchange(s.t.Context(), s.Return(s.verifier))
}

// LastReturn is the last way back, with the verifier it left with.
func (s *Scene) LastReturn() platform.SignInReturn { return s.Return(s.verifier) }

// Return is the last way back, with a verifier of one's own.
func (s *Scene) Return(verifier string) platform.SignInReturn {
	return platform.SignInReturn{
		Code: onboarding.NewSecret(s.Back.Get("code")), Redirect: s.Redirect, Verifier: onboarding.NewSecret(verifier),
		Agency: s.Agency, Target: s.Target, Picked: platform.PickedFiles(s.Back),
	}
}

// Wants says what an error has to mean, and whether waiting may mend it.
func Wants(t testing.TB, err error, what catalog.FailureCode, is error) {
	t.Helper()
	var failure *platform.Failure
	if !errors.As(err, &failure) || failure.Code != what || !errors.Is(err, is) {
		t.Errorf("got %v, want %s", err, what)
	}
}
