package mailchimp

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/platform/mailchimp/mailchimpfake"
	"github.com/latchkeyhq/latchkey/internal/platform/platformtest"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

// scene is a driver and the fake Mailchimp.
type scene struct {
	*platformtest.Scene
	driver *Relay
}

func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{Scene: platformtest.New(t, onboarding.Mailchimp.Platform(), mailchimpfake.New)}
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

func (s *scene) connected(t *testing.T, presses ...string) platform.Grant {
	t.Helper()
	grant, err := s.connect(presses...)
	if err != nil {
		t.Fatalf("connecting: %v", err)
	}
	return grant
}

func (s *scene) check(t *testing.T, grant platform.Grant) (platform.CheckResult, error) {
	t.Helper()
	return s.driver.Check(t.Context(), platform.CheckParams{Access: grant.Credential.Secret, Credential: grant.Credential})
}

// finds checks the result of a check.
func (s *scene) finds(t *testing.T, grant platform.Grant, state onboarding.AccessState, failure catalog.FailureCode) {
	t.Helper()
	finding, err := s.check(t, grant)
	if err != nil || finding.State != state || finding.Failure != failure {
		t.Errorf("checking: got %+v and %v, want %s %s", finding, err, state, failure)
	}
}

func TestAnAccountIsConnectedWithATokenThatLasts(t *testing.T) {
	s := newScene(t)
	grant := s.connected(t, "Marta Lindqvist")
	if grant.Account.Name != "Harbour & Pine" || len(grant.Account.ID) != 25 ||
		grant.User != "marta.lindqvist@harbourpine.example" {
		t.Errorf("connected %+v as %s", grant.Account, grant.User)
	}
	if grant.Detail != "marta.lindqvist@harbourpine.example · Owner" {
		t.Errorf("its second line is %q", grant.Detail)
	}
	lasting := grant.Credential
	if lasting.Kind != platform.Token || lasting.Address != "https://us6.api.mailchimp.com" || lasting.Secret.Empty() ||
		!grant.Expires.IsZero() {
		t.Errorf("what lasts is of the kind %s, at %s, and ends %s", lasting.Kind, lasting.Address, grant.Expires)
	}
}

func TestACheckCountsAudiencesAndContacts(t *testing.T) {
	s := newScene(t)
	for person, want := range map[string][]onboarding.Capability{
		"Marta Lindqvist": {{Name: "audiences", Count: 3}, {Name: "contacts", Count: 41207}},
		"Greta Falk":      {{Name: "audiences", Count: 1204}, {Name: "contacts", Count: 12040}}, // more than one page
	} {
		finding, err := s.check(t, s.connected(t, person))
		if err != nil || finding.State != onboarding.AccessWorks || !slices.Equal(finding.Capabilities, want) {
			t.Errorf("the account of %s: got %+v and %v", person, finding, err)
		}
	}
}

func TestTheSignInAsksForNoScopeAndSendsNoChallenge(t *testing.T) {
	s := newScene(t)
	if s.driver.UsesPKCE() {
		t.Error("it sends a challenge")
	}
	at := s.driver.Address(platform.SignInStart{State: "s", Redirect: s.Redirect})
	for _, never := range []string{"scope", "code_challenge", "access_type"} {
		if strings.Contains(at, never) {
			t.Errorf("the address %s has %s", at, never)
		}
	}
}

func TestWhoHasTwoAccountsConnectsTheChosenOne(t *testing.T) {
	s := newScene(t)
	outlet := s.connected(t, "Lars Holm", "Harbour & Pine Outlet")
	pine := s.connected(t, "Lars Holm", "Harbour & Pine")
	if outlet.Account.ID == pine.Account.ID || outlet.Credential.Address != "https://us21.api.mailchimp.com" ||
		pine.Credential.Address != "https://us6.api.mailchimp.com" {
		t.Errorf("connected %+v at %s and %+v at %s", outlet.Account, outlet.Credential.Address, pine.Account,
			pine.Credential.Address)
	}
	s.finds(t, outlet, onboarding.AccessWorks, "")
}

func TestARoleThatIsTooLowIsSaidAtOnce(t *testing.T) {
	s := newScene(t)
	for person, role := range map[string]string{"Ida Berg": "viewer", "Tom Becker": "author"} {
		_, err := s.connect(person)
		platformtest.Wants(t, err, catalog.RoleTooLow, onboarding.ErrPlatformRefused)
		if failure := platform.AsFailure(err); failure.PlatformCode != role {
			t.Errorf("the role of %s is said to be %q", person, failure.PlatformCode)
		}
	}
}

func TestARoleThatIsLoweredLaterIsToldFromAnAccountThatIsClosed(t *testing.T) {
	s := newScene(t)
	grant := s.connected(t, "Priya Nair")
	s.Act(sandbox.Action{Action: "make_viewer", Person: "priya-nair"})
	s.finds(t, grant, onboarding.AccessBroken, catalog.RoleTooLow)
	s.Act(sandbox.Action{Action: "make_manager", Person: "priya-nair"})
	s.finds(t, grant, onboarding.AccessWorks, "")
	s.Act(sandbox.Action{Action: "close_account", Asset: grant.Account.ID})
	s.finds(t, grant, onboarding.AccessBroken, catalog.UserInactive)
}

func TestAUserWhoIsGoneLeavesAnAccountThatIsNotActive(t *testing.T) {
	for name, gone := range map[string]sandbox.Action{
		"disabled": {Action: "disable_user", Person: "marta-lindqvist"},
		"removed":  {Action: "remove_user", Person: "marta-lindqvist"},
	} {
		s := newScene(t)
		grant := s.connected(t, "Marta Lindqvist")
		if gone.Action == "remove_user" {
			gone.Asset = grant.Account.ID
		}
		s.Act(gone)
		finding, err := s.check(t, grant)
		if err != nil || finding.Failure != catalog.UserInactive {
			t.Errorf("%s: got %+v and %v", name, finding, err)
		}
	}
}

func TestAnAccountThatIsBlockedIsNotSaidToBeDown(t *testing.T) {
	s := newScene(t)
	grant := s.connected(t, "Marta Lindqvist")
	s.Fault("compliance")
	s.finds(t, grant, onboarding.AccessBroken, catalog.UserInactive)
	_, err := s.connect("Marta Lindqvist")
	platformtest.Wants(t, err, catalog.UserInactive, onboarding.ErrPlatformRefused)
}

func TestAnAccountThatMovesIsCheckedWhereItIs(t *testing.T) {
	s := newScene(t)
	grant := s.connected(t, "Marta Lindqvist")
	s.Act(sandbox.Action{Action: "move_account", Asset: grant.Account.ID})
	s.finds(t, grant, onboarding.AccessWorks, "")
}

func TestAClientWhoDisconnectsTheAppIsSeen(t *testing.T) {
	s := newScene(t)
	grant := s.connected(t, "Marta Lindqvist")
	other := s.connected(t, "Marta Lindqvist") // the same person again
	s.Act(sandbox.Action{Action: "disconnect", Asset: grant.Account.ID})
	s.finds(t, grant, onboarding.AccessBroken, catalog.CredentialRefused)
	s.finds(t, other, onboarding.AccessBroken, catalog.CredentialRefused)
}

func TestWithdrawingIsLeftToTheClientAndProvedAfterwards(t *testing.T) {
	s := newScene(t)
	grant := s.connected(t, "Marta Lindqvist")
	withdraw := func() (platform.Withdrawal, error) {
		return s.driver.Withdraw(t.Context(), platform.WithdrawParams{Access: grant.Access, Credential: grant.Credential})
	}
	left, err := withdraw()
	if err != nil || left.Ended || left.Remaining != catalog.WithdrawByHand {
		t.Errorf("before the client did it: got %+v and %v", left, err)
	}
	s.Fault("down")
	if _, err := withdraw(); !errors.Is(err, onboarding.ErrPlatformDown) {
		t.Errorf("while nothing can be proved: got %v", err)
	}
	s.World.AllWell()
	s.Act(sandbox.Action{Action: "disconnect", Asset: grant.Account.ID})
	for range 2 {
		if left, err = withdraw(); err != nil || !left.Ended || left.Remaining != "" {
			t.Errorf("after the client did it: got %+v and %v", left, err)
		}
	}
}

func TestALineThatIsBusyOrGoneSaysNothingAboutTheAccess(t *testing.T) {
	for fault, what := range map[string]catalog.FailureCode{
		"throttled": catalog.PlatformBusy, "overloaded": catalog.PlatformBusy, "down": catalog.PlatformBusy,
		"malformed": catalog.PlatformDown, "huge": catalog.PlatformDown, "reset": catalog.PlatformDown,
	} {
		s := newScene(t)
		grant := s.connected(t, "Marta Lindqvist")
		s.Fault(fault)
		_, err := s.check(t, grant)
		platformtest.Wants(t, err, what, onboarding.ErrPlatformDown)
		if err != nil && strings.Contains(err.Error(), grant.Access.Reveal()) {
			t.Errorf("%s: the error quotes the token", fault)
		}
		if wait := platform.AsFailure(err).RetryAfter; what == catalog.PlatformBusy && wait != 30*time.Second {
			t.Errorf("%s: it says to wait %s", fault, wait)
		}
	}
}

func TestABusyMailchimpConnectsNothing(t *testing.T) {
	for _, fault := range []string{"throttled", "overloaded"} {
		s := newScene(t)
		s.Fault(fault)
		_, err := s.connect("Marta Lindqvist")
		platformtest.Wants(t, err, catalog.PlatformBusy, onboarding.ErrPlatformDown)
	}
}

func TestATokenThatIsRefusedAtOnceIsNotTheClientsFault(t *testing.T) {
	s := newScene(t)
	s.Fault("token_revoked") // the metadata then answers 200, with an error
	_, err := s.connect("Marta Lindqvist")
	platformtest.Wants(t, err, catalog.Unexpected, onboarding.ErrPlatformRefused)
}

func TestAnAddressThatIsNotOfItsDataCentreIsNotCalled(t *testing.T) {
	s := newScene(t)
	s.Fault("other_address")
	_, err := s.connect("Marta Lindqvist")
	platformtest.Wants(t, err, catalog.Unexpected, onboarding.ErrPlatformRefused)
	for dc, want := range map[string]bool{
		"us6": true, "us21": true, "eu1": true,
		"": false, "us": false, "6": false, "us6.evil": false, "us6a": false, "US6": false, "us-6": false, "us6/": false,
		"6us": false, "@x1": false,
	} {
		if isDataCentre(dc) != want {
			t.Errorf("%q is a data centre: %v", dc, !want)
		}
	}
}

func TestAnAddressOutsideOfMailchimpNeverGetsAToken(t *testing.T) {
	s := newScene(t)
	grant := s.connected(t, "Marta Lindqvist")
	for _, address := range []string{
		"https://evil.example", "https://us6.api.mailchimp.com.evil.example", "https://a.us6.api.mailchimp.com",
		"http://us6.api.mailchimp.com", "",
	} {
		grant.Credential.Address = address
		if _, err := s.check(t, grant); !errors.Is(err, onboarding.ErrPlatformDown) {
			t.Errorf("%s: got %v", address, err)
		}
	}
}

func TestACodeWorksOnce(t *testing.T) {
	s := newScene(t)
	s.connected(t, "Marta Lindqvist")
	_, err := s.driver.Exchange(t.Context(), s.Return(""))
	platformtest.Wants(t, err, catalog.SignInTooLate, onboarding.ErrPlatformRefused)
}

func TestWhatIsWrongWithTheAppIsTheAgencysSide(t *testing.T) {
	s := newScene(t)
	s.Visitor(s.driver, "Marta Lindqvist", "Allow")
	elsewhere := s.Return("")
	elsewhere.Redirect += "/other"
	_, err := s.driver.Exchange(t.Context(), elsewhere)
	platformtest.Wants(t, err, catalog.AgencySide, onboarding.ErrPlatformRefused)

	s.App.ClientSecret = onboarding.NewSecret("another")
	if s.driver, err = NewForRelay(s.App); err != nil {
		t.Fatal(err)
	}
	_, err = s.connect("Marta Lindqvist")
	platformtest.Wants(t, err, catalog.AgencySide, onboarding.ErrPlatformRefused)
}

func TestATokenEndpointThatIsNotThereIsDown(t *testing.T) {
	for _, fault := range []string{"down", "malformed", "reset"} {
		s := newScene(t)
		s.Visitor(s.driver, "Marta Lindqvist", "Allow")
		s.Fault(fault)
		if _, err := s.driver.Exchange(t.Context(), s.Return("")); !errors.Is(err, onboarding.ErrPlatformDown) {
			t.Errorf("%s: got %v", fault, err)
		}
	}
}

func TestWhoCancelsComesBackWithoutACode(t *testing.T) {
	s := newScene(t)
	s.Visitor(s.driver, "Marta Lindqvist", "Cancel")
	if s.Back.Get("error") != "access_denied" || s.Back.Get("code") != "" {
		t.Errorf("came back with %v", s.Back)
	}
}
