package googlesheets

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/platform/googlesheets/googlesheetsfake"
	"github.com/latchkeyhq/latchkey/internal/platform/platformtest"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

// The files in Lars Holm's Drive, by the fake's ids.
const (
	leads     = "1Hp4LeadsAutumnCampaign_x7Qm2VbTnR5wKc8ZsYdJ"
	tradeFair = "1Hp4SharedDriveTradeFair_m8Rt3QxVb6WcLk2ZsYd"
	priceList = "1Kw7OnlyReadPriceList_t5Yb9NcXr3QmVk6ZsWdHpJ"
)

// scene is a driver and the fake Google.
type scene struct {
	*platformtest.Scene
	t      *testing.T
	driver *Relay
}

func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{Scene: platformtest.New(t, onboarding.GoogleSheets.Platform(), googlesheetsfake.New), t: t}
	var err error
	if s.driver, err = NewForRelay(s.App); err != nil {
		t.Fatal(err)
	}
	return s
}

// pick signs in as a person, ticks these sheets and exchanges the returned
// code.
func (s *scene) pick(person string, titles ...string) (platform.Grant, error) {
	s.t.Helper()
	visitor := s.Visitor(s.driver, person, "Allow")
	for _, title := range titles {
		if err := visitor.Tick(title); err != nil {
			s.t.Fatal(err)
		}
	}
	if err := visitor.Press("Select"); err != nil {
		s.t.Fatal(err)
	}
	return s.driver.Exchange(s.t.Context(), s.LastReturn())
}

// must is pick that must succeed.
func (s *scene) must(person string, titles ...string) platform.Grant {
	s.t.Helper()
	grant, err := s.pick(person, titles...)
	if err != nil {
		s.t.Fatal(err)
	}
	return grant
}

func (s *scene) check(access onboarding.Secret, id string) platform.CheckResult {
	s.t.Helper()
	finding, err := s.driver.Check(s.t.Context(), platform.CheckParams{Access: access, Item: onboarding.Item{Account: id}})
	if err != nil {
		s.t.Fatal(err)
	}
	return finding
}

func capability(of platform.CheckResult, name onboarding.CapabilityName) onboarding.Capability {
	i := slices.IndexFunc(of.Capabilities, func(c onboarding.Capability) bool { return c.Name == name })
	if i < 0 {
		return onboarding.Capability{}
	}
	return of.Capabilities[i]
}

func TestEachPickedSheetIsAnItemOfItsOwn(t *testing.T) {
	s := newScene(t)
	grant := s.must("Lars Holm", "Leads autumn campaign", "Trade fair contacts")
	if grant.User != "lars.holm@harbourpine.example" || grant.Account.ID != "06841273395517204418" {
		t.Errorf("signed in as %q, account %+v", grant.User, grant.Account)
	}
	want := []platform.GrantedItem{
		{Kind: onboarding.Sheet, Account: onboarding.Account{ID: leads, Name: "Leads autumn campaign"},
			Detail: "lars.holm@harbourpine.example"},
		{Kind: onboarding.Sheet, Account: onboarding.Account{ID: tradeFair, Name: "Trade fair contacts"},
			Detail: "lars.holm@harbourpine.example"},
	}
	if !slices.Equal(grant.Items, want) {
		t.Errorf("connected %+v", grant.Items)
	}
	for _, id := range []string{leads, tradeFair} {
		finding := s.check(grant.Access, id)
		if finding.State != onboarding.AccessWorks || capability(finding, "sheet_tabs").Count != 2 || capability(finding,
			"rows").Level != onboarding.CanChange {
			t.Errorf("checking %s: got %+v", id, finding)
		}
	}
	if grant.Credential.Kind != platform.RefreshToken || grant.Credential.Ends != 0 {
		t.Errorf("what lasts: got %s, ending %v", grant.Credential.Kind, grant.Credential.Ends)
	}
}

func TestASheetThatCanOnlyBeReadIsKeptAndSaidSo(t *testing.T) {
	s := newScene(t)
	grant := s.must("Lars Holm", "Price list 2026")
	if len(grant.Items) != 1 || grant.Items[0].Detail != "ana@northlight.example" || !grant.Items[0].ReadOnly {
		t.Errorf("connected %+v", grant.Items)
	}
	finding := s.check(grant.Access, priceList)
	if finding.State != onboarding.AccessWorks || capability(finding, "rows").Level != onboarding.CanRead {
		t.Errorf("got %+v", finding)
	}
}

func TestANewSheetIsMadeForTheAgencyAndIsTheItem(t *testing.T) {
	s := newScene(t)
	for option, want := range map[string]string{"": "", "pick": "", "new": "new"} {
		if target, err := s.driver.Target(option, ""); err != nil || target != want {
			t.Errorf("choosing %q: got %q, %v", option, target, err)
		}
	}
	if _, err := s.driver.Target("everything", ""); err == nil {
		t.Error("an option that does not exist was taken")
	}
	s.Target = "new"
	s.Visitor(s.driver, "Marta Lindqvist", "Allow")
	back := s.LastReturn()
	back.Company = "Northlight Media"
	grant, err := s.driver.Exchange(t.Context(), back)
	if err != nil {
		t.Fatal(err)
	}
	if len(grant.Items) != 1 || grant.Items[0].Account.Name != "Leads for Northlight Media" ||
		grant.Items[0].Detail != "marta.lindqvist@mail.example" {
		t.Fatalf("connected %+v", grant.Items)
	}
	if finding := s.check(grant.Access, grant.Items[0].Account.ID); capability(finding,
		"rows").Level != onboarding.CanChange {
		t.Errorf("checking it: got %+v", finding)
	}
}

func TestNoPickedSheetConnectsNothing(t *testing.T) {
	s := newScene(t)
	_, err := s.pick("Marta Lindqvist")
	platformtest.Wants(t, err, catalog.NothingPicked, onboarding.ErrPlatformRefused)
}

func TestIdsThatGoogleDoesNotGiveAreRefused(t *testing.T) {
	s := newScene(t)
	many := make([]string, 51)
	for i := range many {
		many[i] = leads[:40] + string(rune('a'+i/26)) + string(rune('a'+i%26))
	}
	for _, c := range []struct {
		picked []string
		what   catalog.FailureCode
	}{
		{[]string{leads, "../../about"}, catalog.Unexpected},
		{[]string{"short"}, catalog.Unexpected},
		{[]string{""}, catalog.Unexpected},
		{many, catalog.TooManyPicked},
		{[]string{many[0]}, catalog.ShareRemoved}, // well formed, but not picked
	} {
		s.Visitor(s.driver, "Lars Holm", "Allow", "Select")
		back := s.LastReturn()
		back.Picked = c.picked
		_, err := s.driver.Exchange(t.Context(), back)
		platformtest.Wants(t, err, c.what, onboarding.ErrPlatformRefused)
	}
}

func TestWhatIsPickedAndCannotBeConnectedIsNamedWithItsReason(t *testing.T) {
	leftOut := func(s *scene, picked ...string) (platform.Grant, error) {
		visitor := s.Visitor(s.driver, "Lars Holm", "Allow")
		if err := errors.Join(
			visitor.Tick("Leads autumn campaign"), visitor.Tick("Price list 2026"), visitor.Press("Select"),
		); err != nil {
			t.Fatal(err)
		}
		back := s.LastReturn()
		back.Picked = picked
		s.Act(sandbox.Action{Action: "trash", Asset: priceList})
		return s.driver.Exchange(t.Context(), back)
	}
	const gone = "1Hp4GoneForGood_x7Qm2VbTnR5wKc8ZsYdJ"
	want := []onboarding.LeftOut{
		{Name: "Price list 2026", Why: string(catalog.InTrash)}, {Why: string(catalog.ShareRemoved)},
	}
	grant, err := leftOut(newScene(t), priceList, leads, gone)
	if err != nil || len(grant.Items) != 1 || grant.Items[0].Account.ID != leads || !slices.Equal(grant.LeftOut, want) {
		t.Errorf("got %+v, left out %+v, %v", grant.Items, grant.LeftOut, err)
	}
	_, err = leftOut(newScene(t), priceList, gone)
	platformtest.Wants(t, err, catalog.ShareRemoved, onboarding.ErrPlatformRefused)
	if failure := platform.AsFailure(err); !slices.Equal(failure.LeftOut, want) {
		t.Errorf("where nothing is left: %+v", failure)
	}
	s := newScene(t)
	s.Fault("api_disabled")
	_, err = leftOut(s, priceList, leads)
	platformtest.Wants(t, err, catalog.AgencySide, onboarding.ErrPlatformRefused)
}

func TestASheetPickedTwiceIsOneItem(t *testing.T) {
	s := newScene(t)
	visitor := s.Visitor(s.driver, "Lars Holm", "Allow")
	if err := errors.Join(visitor.Tick("Leads autumn campaign"), visitor.Press("Select")); err != nil {
		t.Fatal(err)
	}
	back := s.LastReturn()
	back.Picked = []string{leads, leads}
	grant, err := s.driver.Exchange(t.Context(), back)
	if err != nil || len(grant.Items) != 1 {
		t.Errorf("got %+v, %v", grant.Items, err)
	}
}

func TestAnUntickedScopeIsNotConnected(t *testing.T) {
	s := newScene(t)
	s.Fault("scope_unticked")
	_, err := s.SignIn(s.driver, "Lars Holm", "Allow")
	platformtest.Wants(t, err, catalog.PermissionUnticked, onboarding.ErrPlatformRefused)
}

func TestWithoutARefreshTokenItIsAskedAgain(t *testing.T) {
	s := newScene(t)
	s.Fault("no_refresh_token")
	_, err := s.pick("Lars Holm", "Leads autumn campaign")
	platformtest.Wants(t, err, catalog.PlatformDown, onboarding.ErrPlatformDown)
}

func TestTheAccountIsAlwaysChosenAndTheScopeIsOneAlone(t *testing.T) {
	s := newScene(t)
	for _, target := range []string{"", "new"} {
		u, err := url.Parse(s.driver.Address(platform.SignInStart{State: "s", Redirect: s.Redirect, Challenge: "c",
			Target: target}))
		if err != nil {
			t.Fatal(err)
		}
		query := u.Query()
		for name, want := range map[string]string{
			"scope": scope, "access_type": "offline", "prompt": "select_account consent", "include_granted_scopes": "false",
			"response_type": "code", "code_challenge_method": "S256",
		} {
			if query.Get(name) != want {
				t.Errorf("%s is %q, want %q", name, query.Get(name), want)
			}
		}
		if picks := query.Get("trigger_onepick") == "true" && query.Get("allow_multiple") == "true" &&
			query.Get("mimetypes") == sheetType; picks != (target == "") {
			t.Errorf("with target %q the Picker is asked for: %v", target, picks)
		}
	}
}

func TestWhoseAdminBlocksTheAppNeverComesBack(t *testing.T) {
	s := newScene(t)
	visitor := s.Visitor(s.driver, "Tom Becker")
	if visitor.Page.Has("Allow") || s.Back != nil || !visitor.Page.Says("admin_policy_enforced") {
		t.Errorf("the page %q lets Tom go on, or sent him back with %v", visitor.Page.Title(), s.Back)
	}
	for code, what := range map[string]catalog.FailureCode{
		"admin_policy_enforced": catalog.MayNotConnect, "org_internal": catalog.MayNotConnect,
		"deleted_client": catalog.AgencySide,
	} {
		if failure := s.driver.ReadCallbackError(url.Values{"error": {code}}); failure == nil || failure.Code != what {
			t.Errorf("%s: got %v", code, failure)
		}
	}
	if failure := s.driver.ReadCallbackError(url.Values{"error": {"access_denied"}}); failure != nil {
		t.Errorf("a cancelled sign-in was read as %v", failure)
	}
	if s.driver.AppID() != s.App.ClientID {
		t.Errorf("the app is named %q", s.driver.AppID())
	}
}

func TestRenewingKeepsTheRefreshTokenAndTheClock(t *testing.T) {
	s := newScene(t)
	s.Now = time.Date(2031, 5, 1, 12, 0, 0, 0, time.UTC)
	grant := s.must("Priya Nair", "Waiting list")
	if want := s.Now.Add(3599 * time.Second); !grant.Expires.Equal(want) {
		t.Errorf("the first access token ends %s, want %s", grant.Expires, want)
	}
	s.Now = s.Now.Add(24 * time.Hour)
	next, err := s.driver.Renew(t.Context(), grant.Credential)
	if err != nil || next.Credential != grant.Credential || next.Access == grant.Access {
		t.Fatalf("renewing: got %v", err)
	}
	if want := s.Now.Add(3599 * time.Second); !next.Expires.Equal(want) {
		t.Errorf("the renewed one ends %s, want %s", next.Expires, want)
	}
	if s.driver.IdleLimit() != 180*24*time.Hour {
		t.Errorf("unused, it lives %s", s.driver.IdleLimit())
	}
}

func TestAnAppInTestingSaysWhenItsCredentialEnds(t *testing.T) {
	s := newScene(t)
	s.Fault("testing")
	grant := s.must("Priya Nair", "Waiting list")
	want := onboarding.TimestampOf(s.Now.Add(7*24*time.Hour - time.Second))
	if grant.Credential.Ends != want {
		t.Fatalf("it ends %v, want %v", grant.Credential.Ends, want)
	}
	next, err := s.driver.Renew(t.Context(), grant.Credential)
	if err != nil || next.Credential != grant.Credential {
		t.Errorf("renewing: got %v, ending %v", err, next.Credential.Ends)
	}
	id := grant.Items[0].Account.ID
	for passed, left := range map[time.Duration]int64{0: 7, 36 * time.Hour: 6, 8 * 24 * time.Hour: 0} {
		finding, err := s.driver.Check(t.Context(), platform.CheckParams{
			Access: next.Access, Item: onboarding.Item{Account: id}, Credential: next.Credential,
			Now: onboarding.TimestampOf(s.Now.Add(passed)),
		})
		if err != nil || capability(finding, "days_left").Count != left || len(finding.Capabilities) != 3 {
			t.Errorf("after %s: got %+v and %v, want %d days", passed, finding.Capabilities, err, left)
		}
	}
}

func TestARefusedRenewalIsUnderstood(t *testing.T) {
	s := newScene(t)
	for _, c := range []struct {
		fault string
		what  catalog.FailureCode
	}{
		{"token_revoked", catalog.CredentialRefused},
		{"session_rule", catalog.SessionLimited},
		{"client_disabled", catalog.AgencySide},
	} {
		grant := s.must("Priya Nair", "Waiting list")
		s.Fault(c.fault)
		_, err := s.driver.Renew(t.Context(), grant.Credential)
		platformtest.Wants(t, err, c.what, onboarding.ErrPlatformRefused)
		if strings.Contains(err.Error(), grant.Credential.Secret.Reveal()) {
			t.Errorf("%s: the error holds the secret", c.fault)
		}
		s.World.AllWell()
	}
	wrong := s.App
	wrong.ClientSecret = onboarding.NewSecret("GOCSPX-other")
	other, err := NewForRelay(wrong)
	if err != nil {
		t.Fatal(err)
	}
	grant := s.must("Priya Nair", "Waiting list")
	_, err = other.Renew(t.Context(), grant.Credential)
	platformtest.Wants(t, err, catalog.AgencySide, onboarding.ErrPlatformRefused)
}

func TestACheckSaysWhatBecameOfASheet(t *testing.T) {
	for _, c := range []struct {
		action  sandbox.Action
		failure catalog.FailureCode
	}{
		{sandbox.Action{Action: "unshare", Person: "lars-holm"}, catalog.ShareRemoved},
		{sandbox.Action{Action: "delete"}, catalog.ShareRemoved},
		{sandbox.Action{Action: "trash"}, catalog.InTrash},
	} {
		s := newScene(t)
		grant := s.must("Lars Holm", "Price list 2026")
		c.action.Asset = priceList
		s.Act(c.action)
		if finding := s.check(grant.Access, priceList); finding.State != onboarding.AccessBroken ||
			finding.Failure != c.failure {
			t.Errorf("after %s: got %+v", c.action.Action, finding)
		}
	}
	for fault, failure := range map[string]catalog.FailureCode{
		"api_disabled": catalog.AgencySide, "scope_lost": catalog.PermissionUnticked,
		"token_revoked": catalog.CredentialRefused,
	} {
		s := newScene(t)
		grant := s.must("Lars Holm", "Leads autumn campaign")
		s.Fault(fault)
		if finding := s.check(grant.Access, leads); finding.State != onboarding.AccessBroken ||
			finding.Failure != failure || finding.Code == "" {
			t.Errorf("with %s: got %+v", fault, finding)
		}
	}
}

func TestASheetThatWasNotPickedIsNotThere(t *testing.T) {
	s := newScene(t)
	grant := s.must("Lars Holm", "Leads autumn campaign")
	if finding := s.check(grant.Access, tradeFair); finding.Failure != catalog.ShareRemoved ||
		finding.Code != "404/notFound" {
		t.Errorf("got %+v", finding)
	}
}

func TestAGoogleThatIsNotThereOrBusySaysNothing(t *testing.T) {
	for fault, what := range map[string]catalog.FailureCode{
		"down": catalog.PlatformDown, "malformed": catalog.PlatformDown, "huge": catalog.PlatformDown,
		"reset": catalog.PlatformDown, "throttled": catalog.PlatformBusy,
	} {
		s := newScene(t)
		grant := s.must("Lars Holm", "Leads autumn campaign")
		s.Fault(fault)
		_, err := s.driver.Check(t.Context(), platform.CheckParams{
			Access: grant.Access, Item: onboarding.Item{Account: leads},
		})
		platformtest.Wants(t, err, what, onboarding.ErrPlatformDown)
		_, err = s.driver.Renew(t.Context(), grant.Credential)
		platformtest.Wants(t, err, what, onboarding.ErrPlatformDown)
		if strings.Contains(err.Error(), grant.Credential.Secret.Reveal()) {
			t.Errorf("%s: the error holds the secret", fault)
		}
		_, err = s.driver.Withdraw(t.Context(), platform.WithdrawParams{Access: grant.Access, Credential: grant.Credential})
		if !errors.Is(err, onboarding.ErrPlatformDown) {
			t.Errorf("%s: withdrawing gave %v", fault, err)
		}
	}
}

func TestACodeWorksOnceAndOnlyWithItsVerifier(t *testing.T) {
	s := newScene(t)
	s.must("Lars Holm", "Leads autumn campaign")
	for _, verifier := range []string{"", oauth2.GenerateVerifier()} {
		_, err := s.driver.Exchange(t.Context(), s.Return(verifier))
		platformtest.Wants(t, err, catalog.SignInTooLate, onboarding.ErrPlatformRefused)
	}
}

func TestWithdrawingEndsTheGrantAndProvesIt(t *testing.T) {
	s := newScene(t)
	grant := s.must("Lars Holm", "Leads autumn campaign")
	params := platform.WithdrawParams{Access: grant.Access, Credential: grant.Credential}
	for range 2 { // a repeat is success
		done, err := s.driver.Withdraw(t.Context(), params)
		if err != nil || !done.Ended || done.Remaining != "" {
			t.Fatalf("withdrawing: got %+v and %v", done, err)
		}
	}
	_, err := s.driver.Renew(t.Context(), grant.Credential)
	platformtest.Wants(t, err, catalog.CredentialRefused, onboarding.ErrPlatformRefused)
	params.Access = onboarding.Secret{}
	if done, err := s.driver.Withdraw(t.Context(), params); err != nil || !done.Ended {
		t.Errorf("withdrawing without an access token: got %+v and %v", done, err)
	}
}

func TestWithdrawingIsNotMadeWhereMoreHangsOnTheGrant(t *testing.T) {
	s := newScene(t)
	grant := s.must("Lars Holm", "Leads autumn campaign", "Newsletter sign-ups")
	done, err := s.driver.Withdraw(t.Context(), platform.WithdrawParams{
		Access: grant.Access, Credential: grant.Credential, SharesGrant: platform.SharedGrant{Person: true},
	})
	if err != nil || done.Ended || done.Remaining != catalog.GrantShared {
		t.Errorf("got %+v and %v", done, err)
	}
	if finding := s.check(grant.Access, leads); finding.State != onboarding.AccessWorks {
		t.Errorf("afterwards: got %+v", finding)
	}
}

func TestAWithdrawalThatIsNotProvedIsNotSaid(t *testing.T) {
	s := newScene(t)
	s.Fault("slow_revoke")
	grant := s.must("Lars Holm", "Leads autumn campaign")
	done, err := s.driver.Withdraw(t.Context(), platform.WithdrawParams{
		Access: grant.Access, Credential: grant.Credential,
	})
	platformtest.Wants(t, err, catalog.PlatformBusy, onboarding.ErrPlatformDown)
	if done.Ended {
		t.Error("it is said to be ended")
	}
}

// TestAGrantThatIsRenewedNoMoreIsStillRevoked has no access token: the proof is
// that Google rejects the second revocation.
func TestAGrantThatIsRenewedNoMoreIsStillRevoked(t *testing.T) {
	s := newScene(t)
	params := platform.WithdrawParams{Credential: s.must("Lars Holm", "Leads autumn campaign").Credential}
	s.Fault("slow_revoke")
	done, err := s.driver.Withdraw(t.Context(), params)
	platformtest.Wants(t, err, catalog.PlatformBusy, onboarding.ErrPlatformDown)
	if done.Ended {
		t.Error("it is said to be ended while Google still knows it")
	}
	s.World.Reset()
	params.Credential = s.must("Lars Holm", "Leads autumn campaign").Credential
	if done, err := s.driver.Withdraw(t.Context(), params); err != nil || !done.Ended {
		t.Errorf("withdrawing: got %+v and %v", done, err)
	}
	_, err = s.driver.Renew(t.Context(), params.Credential)
	platformtest.Wants(t, err, catalog.CredentialRefused, onboarding.ErrPlatformRefused)
}

// TestAnotherPersonsAccessToTheSameSheetIsAnotherGrant: another person's items
// do not depend on this grant.
func TestAnotherPersonsAccessToTheSameSheetIsAnotherGrant(t *testing.T) {
	s := newScene(t)
	grant := s.must("Lars Holm", "Leads autumn campaign")
	done, err := s.driver.Withdraw(t.Context(), platform.WithdrawParams{
		Access: grant.Access, Credential: grant.Credential, SharesGrant: platform.SharedGrant{Account: true},
	})
	if err != nil || !done.Ended {
		t.Errorf("got %+v and %v", done, err)
	}
}
