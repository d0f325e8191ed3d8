// Package platformtest sets up a driver's tests: its fake, an app registered
// there, and a callback server. It is for tests alone and imports no driver.
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

// Scene is a fake platform with a registered app.
type Scene struct {
	World    *sandbox.World
	App      platform.App // without an app only its addresses
	Redirect string       // the registered callback address
	Back     url.Values   // the query of the last callback
	Now      time.Time    // the time of App's clock
	Target   string       // the target of the next sign-in
	Agency   bool         // the next sign-in is an agency's

	t        testing.TB
	of       string
	verifier string // of the last sign-in; empty: without PKCE
}

// New starts the fake platforms until the test ends. One of them must be the
// tested platform.
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
		s.of // plain http is permitted for localhost only
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

// Act triggers an action at the platform.
func (s *Scene) Act(a sandbox.Action) {
	s.t.Helper()
	a.Platform = s.of
	if _, err := s.World.Trigger(a); err != nil {
		s.t.Fatal(err)
	}
}

// Visitor returns a browser at the platform's sign-in after pressing the
// buttons.
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

// SignIn signs in at the platform, presses the buttons, and exchanges the
// returned code.
func (s *Scene) SignIn(driver platform.SignIn, presses ...string) (platform.Grant, error) {
	s.t.Helper()
	s.Visitor(driver, presses...)
	if s.Back.Get("state") != "state" {
		s.t.Fatalf("came back with %v", s.Back)
	}
	return driver.Exchange(s.t.Context(), s.Return(s.verifier))
}

// LastReturn is the last callback, with its verifier.
func (s *Scene) LastReturn() platform.SignInReturn { return s.Return(s.verifier) }

// Return is the last callback, with another verifier.
func (s *Scene) Return(verifier string) platform.SignInReturn {
	return platform.SignInReturn{
		Code: onboarding.NewSecret(s.Back.Get("code")), Redirect: s.Redirect, Verifier: onboarding.NewSecret(verifier),
		Agency: s.Agency, Target: s.Target, Picked: platform.PickedFiles(s.Back),
	}
}

// Wants checks the meaning of an error, and its sentinel.
func Wants(t testing.TB, err error, what catalog.FailureCode, is error) {
	t.Helper()
	var failure *platform.Failure
	if !errors.As(err, &failure) || failure.Code != what || !errors.Is(err, is) {
		t.Errorf("got %v, want %s", err, what)
	}
}
