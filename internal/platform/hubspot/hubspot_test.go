package hubspot

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/i18n"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/platform/hubspot/hubspotfake"
	"github.com/latchkeyhq/latchkey/internal/platform/platformtest"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

// scene is a driver and the fake HubSpot.
type scene struct {
	*platformtest.Scene
	driver *Relay
}

func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{Scene: platformtest.New(t, onboarding.HubSpot.Platform(), hubspotfake.New)}
	var err error
	if s.driver, err = NewForRelay(s.App); err != nil {
		t.Fatal(err)
	}
	return s
}

// connect signs a person in and exchanges the returned code.
func (s *scene) connect(presses ...string) (platform.Grant, error) {
	return s.SignIn(s.driver, append(presses, "Allow")...)
}

func TestAPortalIsConnectedAndItsContactsAreRead(t *testing.T) {
	s := newScene(t)
	grant, err := s.connect("Lars Holm", "Harbour & Pine Outlet")
	if err != nil {
		t.Fatal(err)
	}
	if grant.Account != (onboarding.Account{ID: "26120447", Name: "outlet.harbourpine.example"}) ||
		grant.User != "lars.holm@harbourpine.example" || grant.Credential.Kind != platform.RefreshToken {
		t.Errorf("connected %+v as %s", grant.Account, grant.User)
	}
	finding, err := s.driver.Check(t.Context(), platform.CheckParams{Access: grant.Access, Credential: grant.Credential})
	if err != nil || finding.State != onboarding.AccessWorks ||
		!slices.Contains(finding.Tasks, "crm.objects.contacts.read") {
		t.Errorf("checking: got %+v and %v", finding, err)
	}
	want := []onboarding.Capability{
		{Name: "contacts", Level: onboarding.CanChange},
		{Name: "contacts", Count: 12},
		{Name: "lists", Level: onboarding.CanRead},
		{Name: "lists", Count: 3},
	}
	if len(grant.Missing) > 0 || !slices.Equal(finding.Capabilities, want) {
		t.Errorf("missing %q; it gives %+v, want %+v", grant.Missing, finding.Capabilities, want)
	}
}

func TestWhatIsOptionalAndNotGrantedIsNamed(t *testing.T) {
	s := newScene(t)
	grant, err := s.connect("Jonas Reuter")
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"crm.objects.contacts.write", "crm.lists.read"}; !slices.Equal(grant.Missing, want) {
		t.Errorf("missing %q, want %q", grant.Missing, want)
	}
	finding, err := s.driver.Check(t.Context(), platform.CheckParams{Access: grant.Access, Credential: grant.Credential})
	want := []onboarding.Capability{
		{Name: "contacts", Level: onboarding.CanRead},
		{Name: "contacts", Level: onboarding.CanNot},
		{Name: "contacts", Count: 12},
		{Name: "lists", Level: onboarding.CanNot},
	}
	if words := texts(t).CapabilityText(finding.Capabilities); words != "12 contacts, contacts can be read but not "+
		"written, lists cannot be read" {
		t.Errorf("in words it is %q", words)
	}
	if err != nil || finding.State != onboarding.AccessWorks || !slices.Equal(finding.Capabilities, want) {
		t.Errorf("it gives %+v and %v, want %+v", finding.Capabilities, err, want)
	}
}

func TestACredentialFromBeforeScopesWereKeptShowsWhatTheCallsShow(t *testing.T) {
	s := newScene(t)
	grant, err := s.connect("Jonas Reuter")
	if err != nil {
		t.Fatal(err)
	}
	finding, err := s.driver.Check(t.Context(), platform.CheckParams{Access: grant.Access})
	want := []onboarding.Capability{{Name: "contacts", Level: onboarding.CanRead}, {Name: "contacts", Count: 12}}
	if err != nil || !slices.Equal(finding.Capabilities, want) {
		t.Errorf("it gives %+v and %v, want %+v", finding.Capabilities, err, want)
	}
}

func TestACountThatFailsIsNamed(t *testing.T) {
	s := newScene(t)
	got := s.driver.capabilities(t.Context(), onboarding.NewSecret("ended"), slices.Concat(scopes(), optional()))
	const want = "Contacts could not be counted, lists could not be counted, contacts can be read and changed"
	if words := texts(t).CapabilityText(got); words != want {
		t.Errorf("got %q, want %q", words, want)
	}
}

// The catalog names every optional scope, for the message about a missing one.
func TestEveryOptionalScopeHasAFeatureInTheCatalog(t *testing.T) {
	said := texts(t).Service(onboarding.HubSpot)
	for _, scope := range optional() {
		if said.Features([]string{scope}) == "" {
			t.Errorf("the catalog has no words for %s", scope)
		}
	}
	if len(said.Optional) != len(optional()) {
		t.Errorf("the catalog knows %d optional scopes, the driver %d", len(said.Optional), len(optional()))
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
	if grant, err = s.driver.Renew(t.Context(), grant.Credential); err != nil {
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

func TestWithoutARequiredScopeNothingIsConnected(t *testing.T) {
	s := newScene(t)
	s.driver.oauth.Scopes = []string{"oauth"}
	s.Fault("scope_unticked")
	_, err := s.connect("Priya Nair")
	platformtest.Wants(t, err, catalog.ProductNotInPlan, onboarding.ErrPlatformRefused)
}

func TestWithoutAnythingOptionalThePortalIsStillConnected(t *testing.T) {
	s := newScene(t)
	s.Fault("scope_unticked")
	grant, err := s.connect("Priya Nair")
	if err != nil || !slices.Equal(grant.Missing, optional()) {
		t.Errorf("missing %q and %v, want all that is optional", grant.Missing, err)
	}
}

func TestARotatedCredentialKeepsItsScopes(t *testing.T) {
	s := newScene(t)
	s.Fault("rotates")
	grant, err := s.connect("Jonas Reuter")
	if err != nil {
		t.Fatal(err)
	}
	next, err := s.driver.Renew(t.Context(), platform.Credential{
		Kind:   platform.RefreshToken,
		Secret: grant.Credential.Secret,
	})
	if err != nil || next.Credential.Secret == grant.Credential.Secret ||
		next.Credential.Scopes != grant.Credential.Scopes ||
		next.Credential.Scopes == "" {
		t.Errorf("the next version has the scopes %q and %v, want %q", next.Credential.Scopes, err, grant.Credential.Scopes)
	}
}

func TestAnAccessTokenThatEndedSaysNothingAboutTheGrant(t *testing.T) {
	s := newScene(t)
	grant, err := s.connect("Priya Nair")
	if err != nil {
		t.Fatal(err)
	}
	s.Act(sandbox.Action{Action: "expire_access"})
	if finding, err := s.driver.Check(t.Context(), platform.CheckParams{
		Access: grant.Access,
	}); !errors.Is(err, onboarding.ErrPlatformDown) {
		t.Errorf("checking: got %+v and %v, want that nothing is known", finding, err)
	}
	if done, err := s.driver.Withdraw(t.Context(), platform.WithdrawParams{Access: grant.Access}); err == nil ||
		done.Ended {
		t.Errorf("withdrawing: got %+v and %v, want that nothing is known", done, err)
	}
}

func TestWithoutAnAccessTokenNothingIsProved(t *testing.T) {
	s := newScene(t)
	grant, err := s.connect("Priya Nair")
	if err != nil {
		t.Fatal(err)
	}
	done, err := s.driver.Withdraw(t.Context(), platform.WithdrawParams{Credential: grant.Credential})
	if err != nil || done.Ended || done.Remaining != catalog.WithdrawByHand {
		t.Errorf("got %+v and %v", done, err)
	}
}

func TestWithdrawingUninstallsTheAppAndProvesIt(t *testing.T) {
	s := newScene(t)
	grant, err := s.connect("Priya Nair")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time it is already uninstalled
		done, err := s.driver.Withdraw(t.Context(), platform.WithdrawParams{Access: grant.Access})
		if err != nil || !done.Ended || done.Remaining != "" {
			t.Fatalf("withdrawing: got %+v and %v", done, err)
		}
	}
	_, err = s.driver.Renew(t.Context(), grant.Credential)
	platformtest.Wants(t, err, catalog.CredentialRefused, onboarding.ErrPlatformRefused)
}

func TestAPortalWithAnotherLivingItemIsNotUninstalled(t *testing.T) {
	s := newScene(t)
	grant, err := s.connect("Priya Nair")
	if err != nil {
		t.Fatal(err)
	}
	done, err := s.driver.Withdraw(t.Context(), platform.WithdrawParams{
		Access:      grant.Access,
		SharesGrant: platform.SharedGrant{Account: true},
	})
	if err != nil || done.Ended || done.Remaining != catalog.GrantShared {
		t.Errorf("withdrawing: got %+v and %v", done, err)
	}
	finding, err := s.driver.Check(t.Context(), platform.CheckParams{Access: grant.Access})
	if err != nil || finding.State != onboarding.AccessWorks {
		t.Errorf("checking afterwards: got %+v and %v", finding, err)
	}
}

// A person's other portals have their own grants.
func TestAnotherPortalOfThePersonDoesNotKeepAnAppInstalled(t *testing.T) {
	s := newScene(t)
	first, err := s.connect("Lars Holm", "Harbour & Pine AB")
	if err != nil {
		t.Fatal(err)
	}
	second, err := s.connect("Lars Holm", "Harbour & Pine Outlet")
	if err != nil {
		t.Fatal(err)
	}
	done, err := s.driver.Withdraw(t.Context(), platform.WithdrawParams{
		Access:      first.Access,
		SharesGrant: platform.SharedGrant{Person: true},
	})
	if err != nil || !done.Ended {
		t.Errorf("withdrawing: got %+v and %v", done, err)
	}
	finding, err := s.driver.Check(t.Context(), platform.CheckParams{Access: second.Access})
	if err != nil || finding.State != onboarding.AccessWorks {
		t.Errorf("the other portal afterwards: got %+v and %v", finding, err)
	}
}

func TestARotatedRefreshTokenIsTheCredentialFromThenOn(t *testing.T) {
	s := newScene(t)
	s.Fault("rotates")
	grant, err := s.connect("Priya Nair")
	if err != nil {
		t.Fatal(err)
	}
	next, err := s.driver.Renew(t.Context(), grant.Credential)
	if err != nil || next.Credential.Secret == grant.Credential.Secret || next.Access.Empty() {
		t.Fatalf("renewing: got %v", err)
	}
	_, err = s.driver.Renew(t.Context(), grant.Credential)
	platformtest.Wants(t, err, catalog.CredentialRefused, onboarding.ErrPlatformRefused)
	finding, err := s.driver.Check(t.Context(), platform.CheckParams{Access: next.Access})
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
		next, err := s.driver.Renew(t.Context(), grant.Credential)
		if err != nil || next.Credential.Secret != grant.Credential.Secret || !next.Expires.After(time.Now()) {
			t.Fatalf("renewing: got %v", err)
		}
	}
}

func TestEveryShapeOfARefusalIsUnderstood(t *testing.T) {
	s := newScene(t)
	unknown := platform.Credential{Kind: platform.RefreshToken, Secret: onboarding.NewSecret("na1-unknown")}
	_, err := s.driver.Renew(t.Context(), unknown)
	platformtest.Wants(t, err, catalog.CredentialRefused, onboarding.ErrPlatformRefused)
	if code := platform.AsFailure(err).PlatformCode; code != "BAD_REFRESH_TOKEN" {
		t.Errorf("of the four fields the code is %q, want BAD_REFRESH_TOKEN", code)
	}
	s.Fault("shifting_errors")
	codes := map[string]bool{}
	for range 3 {
		_, err := s.driver.Renew(t.Context(), unknown)
		platformtest.Wants(t, err, catalog.CredentialRefused, onboarding.ErrPlatformRefused)
		codes[platform.AsFailure(err).PlatformCode] = true
	}
	if !codes["BAD_REFRESH_TOKEN"] || !codes["invalid_grant"] || !codes["VALIDATION_ERROR"] {
		t.Errorf("the older shapes have the codes %v", codes)
	}
}

func TestAWrongSecretIsNeverTheClientsFault(t *testing.T) {
	s := newScene(t)
	s.driver.oauth.App.ClientSecret = onboarding.NewSecret("another")
	_, err := s.connect("Priya Nair")
	platformtest.Wants(t, err, catalog.AgencySide, onboarding.ErrPlatformRefused)
}

func TestACodeWorksOnceAndOnlyWithItsVerifier(t *testing.T) {
	s := newScene(t)
	if _, err := s.connect("Priya Nair"); err != nil {
		t.Fatal(err)
	}
	for _, verifier := range []string{"", oauth2.GenerateVerifier()} {
		_, err := s.driver.Exchange(t.Context(), s.Return(verifier))
		platformtest.Wants(t, err, catalog.SignInTooLate, onboarding.ErrPlatformRefused)
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
		if _, err := s.driver.Check(t.Context(), platform.CheckParams{
			Access: grant.Access,
		}); !errors.Is(err, onboarding.ErrPlatformDown) {
			t.Errorf("%s: checking gave %v", fault, err)
		}
		if done, err := s.driver.Withdraw(t.Context(), platform.WithdrawParams{
			Access: grant.Access,
		}); !errors.Is(err, onboarding.ErrPlatformDown) || done.Ended {
			t.Errorf("%s: withdrawing gave %+v and %v", fault, done, err)
		}
		if _, err := s.driver.Renew(t.Context(), grant.Credential); !errors.Is(err, onboarding.ErrPlatformDown) ||
			strings.Contains(err.Error(), grant.Credential.Secret.Reveal()) {
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
	finding, err := s.driver.Check(t.Context(), platform.CheckParams{Access: grant.Access})
	if err != nil || finding.State != onboarding.AccessBroken {
		t.Errorf("got %+v and %v", finding, err)
	}
}

// texts is a catalog of this platform alone.
func texts(t *testing.T) *catalog.Catalog {
	t.Helper()
	c, err := catalog.New(i18n.English, Service())
	if err != nil {
		t.Fatalf("reading the catalog: %v", err)
	}
	return c
}
