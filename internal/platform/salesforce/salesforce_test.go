package salesforce

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/i18n"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/platform/platformtest"
	"github.com/latchkeyhq/latchkey/internal/platform/salesforce/salesforcefake"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
	"github.com/latchkeyhq/latchkey/internal/webtest"
)

const (
	harbour      = "harbourpine.my.salesforce.com"
	harbourUAT   = "harbourpine--uat.sandbox.my.salesforce.com"
	harbourMoved = "https://harbourpine-group.my.salesforce.com"
)

// scene is a driver and the fake Salesforce.
type scene struct {
	*platformtest.Scene
	driver *Relay
}

func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{Scene: platformtest.New(t, onboarding.Salesforce.Platform(), salesforcefake.New)}
	s.Target = harbour
	var err error
	if s.driver, err = NewForRelay(s.App); err != nil {
		t.Fatal(err)
	}
	return s
}

// connect signs a person in and exchanges the returned code.
func (s *scene) connect(person string) (platform.Grant, error) {
	return s.SignIn(s.driver, person, "Allow")
}

// connected is connect that must succeed.
func (s *scene) connected(t *testing.T, person string) platform.Grant {
	t.Helper()
	grant, err := s.connect(person)
	if err != nil {
		t.Fatal(err)
	}
	return grant
}

func (s *scene) check(t *testing.T, grant platform.Grant) platform.CheckResult {
	t.Helper()
	finding, err := s.driver.Check(t.Context(), platform.CheckParams{Access: grant.Access, Credential: grant.Credential})
	if err != nil {
		t.Fatal(err)
	}
	return finding
}

func TestAnOrganisationIsConnectedWhereverItsUserSignsIn(t *testing.T) {
	s := newScene(t)
	s.Now = time.Date(2031, 5, 1, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct{ target, person, name, domain, user string }{
		{
			target: harbour, person: "Lars Holm", name: "Harbour & Pine AB", domain: harbour,
			user: "lars.holm@harbourpine.example",
		},
		{
			target: production, person: "Lars Holm", name: "Harbour & Pine AB", domain: harbour,
			user: "lars.holm@harbourpine.example",
		},
		{person: "Lars Holm", name: "Harbour & Pine AB", domain: harbour, user: "lars.holm@harbourpine.example"},
		{
			target: sandboxes, person: "Petra Sund", name: "Harbour & Pine AB (sandbox)", domain: harbourUAT,
			user: "petra.sund@harbourpine.example.uat",
		},
		{
			target: harbourUAT, person: "Petra Sund", name: "Harbour & Pine AB (sandbox)", domain: harbourUAT,
			user: "petra.sund@harbourpine.example.uat",
		},
	} {
		s.Target = c.target
		grant := s.connected(t, c.person)
		if grant.Account.Name != c.name || len(grant.Account.ID) != 18 || grant.User != c.user ||
			grant.Detail != c.domain+" · "+c.user {
			t.Errorf("at %q: connected %+v, %q as %s", c.target, grant.Account, grant.Detail, grant.User)
		}
		if grant.Credential.Kind != platform.RefreshToken || grant.Credential.Address != "https://"+c.domain ||
			!grant.Expires.IsZero() {
			t.Errorf("at %q: keeps a %s at %s until %s, want a refresh token at the instance and no end", c.target,
				grant.Credential.Kind, grant.Credential.Address, grant.Expires)
		}
	}
}

func TestWhoMayNotReadTheOrganisationsNameIsConnectedWithoutIt(t *testing.T) {
	named := newScene(t).connected(t, "Lars Holm").Account.ID
	for _, fault := range []string{"organisation_hidden", "organisation_unsupported"} {
		s := newScene(t)
		s.Fault(fault)
		got := s.connected(t, "Lars Holm")
		if got.Account != (onboarding.Account{ID: named, Name: harbour}) || got.User != "lars.holm@harbourpine.example" ||
			got.Credential.Empty() {
			t.Errorf("%s: connected %+v as %q", fault, got.Account, got.User)
		}
		if finding := s.check(t, got); finding.State != onboarding.AccessWorks {
			t.Errorf("%s: a check finds %+v", fault, finding)
		}
	}
}

func TestOnlyADefiniteRefusalHidesTheName(t *testing.T) {
	for body, want := range map[string]map[int]bool{
		`[{"errorCode":"INSUFFICIENT_ACCESS"}]`:             {400: true, 403: true, 401: false, 500: false, 200: false},
		`[{"errorCode":"INSUFFICIENT_ACCESS_OR_READONLY"}]`: {403: true},
		`[{"errorCode":"INVALID_TYPE"}]`:                    {400: true, 404: false, 503: false},
		`[{"errorCode":"INVALID_FIELD"}]`:                   {400: false},
		`[{"errorCode":"API_DISABLED_FOR_ORG"}]`:            {403: false},
		`[{"errorCode":"REQUEST_LIMIT_EXCEEDED"}]`:          {403: false},
		`{}`:                               {200: false, 400: false, 403: false},
		`[]`:                               {400: false, 403: false},
		"<html>INSUFFICIENT_ACCESS</html>": {403: false},
		`{"errorCode":"INSUFFICIENT_ACCESS","message":"from a gateway"}`: {403: false},
	} {
		for status, hidden := range want {
			if got := isNameHidden(platform.Reply{Status: status, Body: []byte(body)}); got != hidden {
				t.Errorf("%d %s: got %t", status, body, got)
			}
		}
	}
}

func TestAnOrganisationWithoutANameHasItsDomainOrItsID(t *testing.T) {
	const short, long = "00Dx0000000BV7z", "00Dx0000000BV7zEAG"
	for address, name := range map[string]string{
		"https://acme.my.salesforce.com":              "acme.my.salesforce.com",
		"https://acme--uat.sandbox.my.salesforce.com": "acme--uat.sandbox.my.salesforce.com",
		"https://na139.salesforce.com":                "Organisation " + long,
	} {
		for _, id := range []string{short, long} {
			if got := hiddenName(id, address); got != (onboarding.Account{ID: long, Name: name}) {
				t.Errorf("%s at %s: got %+v", id, address, got)
			}
		}
	}
	if got := longID("001A0000006Vm9r"); got != "001A0000006Vm9rIAC" {
		t.Errorf("got %s", got)
	}
}

func TestTwoUsersOfOneOrganisationAreOneAccount(t *testing.T) {
	s := newScene(t)
	lars, elsa := s.connected(t, "Lars Holm"), s.connected(t, "Elsa Lind")
	if lars.Account != elsa.Account || lars.User == elsa.User {
		t.Errorf("connected %+v as %s and %+v as %s", lars.Account, lars.User, elsa.Account, elsa.User)
	}
}

func TestTheAddressThatIsTypedLeadsToASignInOrToASuggestion(t *testing.T) {
	s := newScene(t)
	for typed, want := range map[string]string{
		harbour:                                 harbour,
		" HarbourPine.My.Salesforce.com ":       harbour,
		"https://" + harbour + "/":              harbour,
		"http://" + harbour:                     harbour,
		harbour + "/lightning/page/home?x=1":    harbour,
		harbourUAT:                              harbourUAT,
		"acme-dev-ed.develop.my.salesforce.com": "acme-dev-ed.develop.my.salesforce.com",
		"acme.scratch.my.salesforce.com":        "acme.scratch.my.salesforce.com",
		"login.salesforce.com":                  production,
		"https://test.salesforce.com/?locale=x": sandboxes,
	} {
		if got, err := s.driver.Target("domain", typed); err != nil || got != want {
			t.Errorf("%q leads to %q and %v, want %s", typed, got, err, want)
		}
	}
	for typed, want := range map[string]struct {
		what       catalog.FailureCode
		suggestion string
	}{
		"https://acme.lightning.force.com/lightning/o/Lead/list": {catalog.SignInAddressOfApp, "acme.my.salesforce.com"},
		"acme--uat.sandbox.lightning.force.com": {
			catalog.SignInAddressOfApp, "acme--uat.sandbox.my.salesforce.com",
		},
		"acme.my.salesforce-setup.com":        {catalog.SignInAddressOfApp, "acme.my.salesforce.com"},
		"acme":                                {catalog.SignInAddressUnknown, "acme.my.salesforce.com"},
		"":                                    {catalog.SignInAddressUnknown, ""},
		"lightning.force.com":                 {catalog.SignInAddressUnknown, ""},
		"a.b.my.salesforce.com":               {catalog.SignInAddressUnknown, ""},
		".my.salesforce.com":                  {catalog.SignInAddressUnknown, ""},
		"my.salesforce.com":                   {catalog.SignInAddressUnknown, ""},
		"acme.my.salesforce.com.evil.example": {catalog.SignInAddressUnknown, ""},
		"acme.my.salesforce.com@evil.example": {catalog.SignInAddressUnknown, ""},
		"evil.example/acme.my.salesforce.com": {catalog.SignInAddressUnknown, ""},
		"acme.my.salesforce.com:8443":         {catalog.SignInAddressUnknown, ""},
		"ftp://acme.my.salesforce.com":        {catalog.SignInAddressUnknown, ""},
		"na139.salesforce.com":                {catalog.SignInAddressUnknown, ""},
		"acme.my.site.com":                    {catalog.SignInAddressUnknown, ""},
	} {
		got, err := s.driver.Target("domain", typed)
		platformtest.Wants(t, err, want.what, onboarding.ErrPlatformRefused)
		if failure := platform.AsFailure(err); got != "" || failure.Suggestion != want.suggestion {
			t.Errorf("%q leads to %q with the suggestion %q, want %q", typed, got, failure.Suggestion, want.suggestion)
		}
	}
	for option, want := range map[string]string{"production": production, "sandbox": sandboxes} {
		if got, err := s.driver.Target(option, "evil.example"); err != nil || got != want {
			t.Errorf("%s leads to %q and %v", option, got, err)
		}
	}
	_, err := s.driver.Target("somewhere", harbour)
	platformtest.Wants(t, err, catalog.SignInAddressUnknown, onboarding.ErrPlatformRefused)
}

func TestEveryOptionOfTheCatalogIsTaken(t *testing.T) {
	s := newScene(t)
	for _, option := range texts(t).Service(onboarding.Salesforce).Before.Options {
		typed := ""
		if option.Input != nil {
			typed = option.Input.Example
		}
		if host, err := s.driver.Target(option.ID, typed); err != nil || !platform.Allowed(signInHosts(), host) {
			t.Errorf("%s leads to %q and %v", option.ID, host, err)
		}
	}
}

func TestNobodyIsSentToAHostThatIsNotSalesforces(t *testing.T) {
	driver, err := NewForRelay(platform.App{ClientID: "1", ClientSecret: onboarding.NewSecret("s")})
	if err != nil {
		t.Fatal(err)
	}
	for target, want := range map[string]string{
		"evil.example": production, "acme.lightning.force.com": production, "": production, harbour: harbour,
		sandboxes: sandboxes,
	} {
		u, err := url.Parse(driver.Address(platform.SignInStart{
			State:     "s",
			Challenge: "c",
			Redirect:  "https://r.example/",
			Target:    target,
		}))
		if err != nil || u.Host != want || u.Path != "/services/oauth2/authorize" {
			t.Errorf("%q leads to %s", target, u)
		}
		query := u.Query()
		if query.Get("scope") != "api refresh_token" || query.Get("code_challenge") != "c" ||
			query.Get("code_challenge_method") != "S256" || query.Get("client_secret") != "" {
			t.Errorf("%q asks %s", target, u.RawQuery)
		}
	}
}

func TestAnInstanceAndAnIdentityAreChecked(t *testing.T) {
	for address, want := range map[string]string{
		"https://" + harbour: "https://" + harbour, "https://na139.salesforce.com/": "https://na139.salesforce.com",
		"https://acme.trailblaze.my.salesforce.com": "https://acme.trailblaze.my.salesforce.com",
		"http://" + harbour:                         "", "https://evil.example": "", "https://" + harbour + ":444": "",
		"https://" + harbour + "/x":   "",
		"https://" + harbour + "?x=1": "", "https://u@" + harbour: "", "": "", "https://salesforce.com.evil.example": "",
		"https://127.0.0.1": "",
	} {
		if got, err := instance(address); got != want || (err == nil) != (want != "") {
			t.Errorf("%s is called as %q, want %q", address, got, want)
		}
	}
	const path = "/id/00D5e0000010007EAA/0055e0000031004EAA"
	for address, allowed := range map[string]bool{
		"https://login.salesforce.com" + path: true, "https://test.salesforce.com" + path: true,
		"https://" + harbour + path:              true,
		"https://other.my.salesforce.com" + path: false, "http://login.salesforce.com" + path: false,
		"https://evil.example" + path:                false,
		"https://login.salesforce.com" + path + "/x": false, "https://login.salesforce.com/id/00D/005": false,
		"https://login.salesforce.com" + path + "?x":              false,
		"https://login.salesforce.com/id/00D5e0000010007EAA/../x": false, "": false,
	} {
		if _, _, err := identity(address, "https://"+harbour); (err == nil) != allowed {
			t.Errorf("%s is called: %v, want %v", address, err == nil, allowed)
		}
	}
}

func TestEachRenewalGivesTheNextCredentialAndAReplayEndsAll(t *testing.T) {
	s := newScene(t)
	first := s.connected(t, "Lars Holm")
	second, err := s.driver.Renew(t.Context(), first.Credential)
	if err != nil || second.Credential.Secret == first.Credential.Secret || second.Credential.Empty() ||
		second.Credential.Address != first.Credential.Address {
		t.Fatalf("renewing: got %v", err)
	}
	third, err := s.driver.Renew(t.Context(), second.Credential)
	if err != nil {
		t.Fatal(err)
	}
	for _, old := range []platform.Grant{first, third} { // the reused token, and the latest one
		_, err = s.driver.Renew(t.Context(), old.Credential)
		platformtest.Wants(t, err, catalog.CredentialRefused, onboarding.ErrPlatformRefused)
	}
	_, err = s.driver.Check(t.Context(), platform.CheckParams{Access: third.Access, Credential: third.Credential})
	platformtest.Wants(t, err, catalog.SessionEnded, onboarding.ErrPlatformRefused)
	if s.driver.IdleLimit() != 30*24*time.Hour {
		t.Errorf("an unused credential lives %s", s.driver.IdleLimit())
	}
}

func TestARenewalFollowsAnOrganisationThatMoved(t *testing.T) {
	s := newScene(t)
	grant := s.connected(t, "Lars Holm")
	s.Act(sandbox.Action{Action: "move", Asset: grant.Account.ID})
	_, err := s.driver.Check(t.Context(), platform.CheckParams{Access: grant.Access, Credential: grant.Credential})
	platformtest.Wants(t, err, catalog.SessionEnded, onboarding.ErrPlatformRefused)
	next, err := s.driver.Renew(t.Context(), grant.Credential)
	if err != nil || next.Credential.Address != harbourMoved {
		t.Fatalf("renewing: got %s and %v", next.Credential.Address, err)
	}
	if finding := s.check(t, next); finding.State != onboarding.AccessWorks {
		t.Errorf("checking at the new address: got %+v", finding)
	}
}

func TestACredentialWithoutAnAddressOfSalesforceIsNotSentAnywhere(t *testing.T) {
	s := newScene(t)
	grant := s.connected(t, "Lars Holm")
	for _, address := range []string{"", "https://evil.example", "http://" + harbour} {
		lasting := grant.Credential
		lasting.Address = address
		_, err := s.driver.Renew(t.Context(), lasting)
		platformtest.Wants(t, err, catalog.Unexpected, onboarding.ErrPlatformRefused)
		_, err = s.driver.Withdraw(t.Context(), platform.WithdrawParams{Credential: lasting, Access: grant.Access})
		platformtest.Wants(t, err, catalog.Unexpected, onboarding.ErrPlatformRefused)
		finding, err := s.driver.Check(t.Context(), platform.CheckParams{Access: grant.Access, Credential: lasting})
		if err != nil || finding.Failure != catalog.Unexpected {
			t.Errorf("checking at %q: got %+v and %v", address, finding, err)
		}
	}
	if _, err := s.driver.Renew(t.Context(), grant.Credential); err != nil {
		t.Errorf("the token was used up elsewhere: %v", err)
	}
}

func TestWhatAUserMayDoIsSaidThingByThing(t *testing.T) {
	s := newScene(t)
	for _, c := range []struct {
		person string
		state  onboarding.AccessState
		what   catalog.FailureCode
		levels []onboarding.CapabilityLevel // leads, contacts, campaign members
	}{
		{
			person: "Lars Holm", state: onboarding.AccessWorks,
			levels: []onboarding.CapabilityLevel{onboarding.CanChange, onboarding.CanChange, onboarding.CanChange},
		},
		{
			person: "Elsa Lind", state: onboarding.AccessWorks,
			levels: []onboarding.CapabilityLevel{onboarding.CanRead, onboarding.CanRead, onboarding.CanNot},
		},
		{
			person: "Ida Berg", state: onboarding.AccessBroken, what: catalog.LevelLowered,
			levels: []onboarding.CapabilityLevel{onboarding.CanNot, onboarding.CanNot, onboarding.CanRead},
		},
	} {
		finding := s.check(t, s.connected(t, c.person))
		var want []onboarding.Capability
		for i, name := range []onboarding.CapabilityName{"leads", "contacts", "campaign_members"} {
			want = append(want, onboarding.Capability{Name: name, Level: c.levels[i]})
		}
		if finding.State != c.state || finding.Failure != c.what || !slices.Equal(finding.Capabilities, want) {
			t.Errorf("%s: got %+v, want %s %s and %+v", c.person, finding, c.state, c.what, want)
		}
	}
}

func TestRightsThatAreLostLowerTheLevel(t *testing.T) {
	s := newScene(t)
	grant := s.connected(t, "Lars Holm")
	s.Act(sandbox.Action{Action: "lose_rights", Person: "lars-holm"})
	if finding := s.check(t, grant); finding.Failure != catalog.LevelLowered || finding.Code != "NOT_FOUND" {
		t.Errorf("with hidden objects: got %+v", finding)
	}
	s.Act(sandbox.Action{Action: "gain_rights", Person: "lars-holm"})
	if finding := s.check(t, grant); finding.State != onboarding.AccessWorks {
		t.Errorf("with rights again: got %+v", finding)
	}
	s.Fault("no_access")
	if finding := s.check(t, grant); finding.Failure != catalog.LevelLowered || finding.Code != "INSUFFICIENT_ACCESS" {
		t.Errorf("with closed objects: got %+v", finding)
	}
}

func TestWhoIsNotLetInIsSaidByCause(t *testing.T) {
	for _, c := range []struct {
		fault, target, person string
		what                  catalog.FailureCode
	}{
		{target: "lumenoptics.my.salesforce.com", person: "Priya Nair", what: catalog.AdminMustInstall},
		{fault: "login_host_refuses", target: production, person: "Lars Holm", what: catalog.AdminMustInstall},
		{fault: "not_approved", target: harbour, person: "Lars Holm", what: catalog.AdminMustApprove},
		{target: harbour, person: "Sync User", what: catalog.AdminMustApprove},
	} {
		s := newScene(t)
		s.Target = c.target
		if c.fault != "" {
			s.Fault(c.fault)
		}
		s.Visitor(s.driver, c.person)
		if failure := s.driver.ReadCallbackError(s.Back); failure == nil || failure.Code != c.what ||
			failure.PlatformCode == "" {
			t.Errorf("%s with %q came back with %v: got %v, want %s", c.person, c.fault, s.Back, failure, c.what)
		}
		s.Fault("refused_on_page")
		if visitor := s.Visitor(s.driver, c.person); s.Back != nil || !strings.Contains(visitor.Page.HTML, "OAuth error") {
			t.Errorf("%s with %q came back with %v", c.person, c.fault, s.Back)
		}
	}
}

func TestOnlyErrorsOfItsOwnAreReadAtTheCallback(t *testing.T) {
	s := newScene(t)
	for query, want := range map[string]catalog.FailureCode{
		"error=access_denied": "", "error=access-denied": "", "error=server_error": "", "error=invalid_client": "",
		"code=x": "",
		"error=invalid_client&error_description=app+must+be+installed+into+org": catalog.AdminMustInstall,
		"error=OAUTH_EC_APP_NOT_FOUND&error_description=" +
			"Cross-org+OAuth+flows+are+not+supported+for+this+external+client+app": catalog.AgencySide,
		"error=OAUTH_APP_BLOCKED": catalog.AdminMustApprove, "error=inactive_user": catalog.UserInactive,
		"error=inactive_org":  catalog.UserInactive,
		"error=invalid_scope": catalog.AgencySide, "error=redirect_uri_mismatch": catalog.AgencySide,
	} {
		values, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		failure := s.driver.ReadCallbackError(values)
		if got := failure; (got == nil) != (want == "") || got != nil && got.Code != want {
			t.Errorf("%s: got %v, want %q", query, got, want)
		}
	}
}

func TestNothingStaysBehindWhereTheAPIIsClosed(t *testing.T) {
	for target, person := range map[string]string{harbour: "Kim Olsen", "alpenrose.my.salesforce.com": "Tom Becker"} {
		s := newScene(t)
		s.Target = target
		_, err := s.connect(person)
		platformtest.Wants(t, err, catalog.NoAPIAccess, onboarding.ErrPlatformRefused)
		for _, grant := range s.World.State()["salesforce"].(salesforcefake.View).Grants {
			if grant.Alive {
				t.Errorf("%s: the grant of %s lives on", person, grant.Username)
			}
		}
	}
}

func TestAnAppThatLacksAScopeIsTheOperatorsFault(t *testing.T) {
	s := newScene(t)
	s.Fault("scope_unticked")
	_, err := s.connect("Lars Holm")
	platformtest.Wants(t, err, catalog.AgencySide, onboarding.ErrPlatformRefused)
}

func TestTheNetworkAddressOfTheRelayIsNeverTheClientsFault(t *testing.T) {
	s := newScene(t)
	grant := s.connected(t, "Lars Holm")
	s.Fault("ip_restricted")
	_, err := s.driver.Renew(t.Context(), grant.Credential)
	platformtest.Wants(t, err, catalog.AgencySide, onboarding.ErrPlatformRefused)
	_, err = s.connect("Lars Holm")
	platformtest.Wants(t, err, catalog.AgencySide, onboarding.ErrPlatformRefused)
	s.World.AllWell()
	if _, err := s.driver.Renew(t.Context(), grant.Credential); err != nil {
		t.Errorf("the refused renewal has used the token up: %v", err)
	}
}

func TestAnAppWithAWrongSecretIsTheOperatorsFault(t *testing.T) {
	s := newScene(t)
	grant := s.connected(t, "Lars Holm")
	s.App.ClientSecret = onboarding.NewSecret("wrong")
	wrong, err := NewForRelay(s.App)
	if err != nil {
		t.Fatal(err)
	}
	_, err = wrong.Renew(t.Context(), grant.Credential)
	platformtest.Wants(t, err, catalog.AgencySide, onboarding.ErrPlatformRefused)
	_, err = s.SignIn(wrong, "Lars Holm", "Allow")
	platformtest.Wants(t, err, catalog.AgencySide, onboarding.ErrPlatformRefused)
}

func TestAUserWhoIsSwitchedOffIsSaidSo(t *testing.T) {
	s := newScene(t)
	grant := s.connected(t, "Lars Holm")
	s.Act(sandbox.Action{Action: "deactivate", Person: "lars-holm"})
	_, err := s.driver.Check(t.Context(), platform.CheckParams{Access: grant.Access, Credential: grant.Credential})
	platformtest.Wants(t, err, catalog.SessionEnded, onboarding.ErrPlatformRefused)
	_, err = s.driver.Renew(t.Context(), grant.Credential)
	platformtest.Wants(t, err, catalog.UserInactive, onboarding.ErrPlatformRefused)
}

func TestAnUninstalledAppIsARefusedCredential(t *testing.T) {
	s := newScene(t)
	grant := s.connected(t, "Lars Holm")
	s.Act(sandbox.Action{Action: "uninstall", Asset: grant.Account.ID})
	_, err := s.driver.Renew(t.Context(), grant.Credential)
	platformtest.Wants(t, err, catalog.CredentialRefused, onboarding.ErrPlatformRefused)
}

func TestTheDaysCallsUsedUpSayNothingOfTheAccess(t *testing.T) {
	s := newScene(t)
	grant := s.connected(t, "Lars Holm")
	s.Act(sandbox.Action{Action: "use_up_calls", Asset: grant.Account.ID})
	_, err := s.driver.Check(t.Context(), platform.CheckParams{Access: grant.Access, Credential: grant.Credential})
	platformtest.Wants(t, err, catalog.PlatformBusy, onboarding.ErrPlatformDown)
	if failure := platform.AsFailure(err); failure.RetryAfter != time.Hour ||
		failure.PlatformCode != "REQUEST_LIMIT_EXCEEDED" {
		t.Errorf("got %+v", failure)
	}
}

func TestACodeWorksOnceAndOnlyWithItsVerifier(t *testing.T) {
	s := newScene(t)
	s.connected(t, "Lars Holm")
	_, err := s.driver.Exchange(t.Context(), s.Return(oauth2.GenerateVerifier()))
	platformtest.Wants(t, err, catalog.SignInTooLate, onboarding.ErrPlatformRefused)
	for _, verifier := range []string{"", oauth2.GenerateVerifier()} {
		s.Visitor(s.driver, "Lars Holm", "Allow")
		_, err := s.driver.Exchange(t.Context(), s.Return(verifier))
		platformtest.Wants(t, err, catalog.SignInTooLate, onboarding.ErrPlatformRefused)
	}
}

func TestAnAccessIsEndedAndThatIsProved(t *testing.T) {
	s := newScene(t)
	for _, withAccess := range []bool{true, false} {
		grant := s.connected(t, "Lars Holm")
		p := platform.WithdrawParams{Credential: grant.Credential}
		if withAccess {
			p.Access = grant.Access
		}
		for range 2 { // a repeat is success
			ended, err := s.driver.Withdraw(t.Context(), p)
			if err != nil || !ended.Ended || ended.Remaining != "" {
				t.Errorf("ending, with an access token %v: got %+v and %v", withAccess, ended, err)
			}
		}
		_, err := s.driver.Renew(t.Context(), grant.Credential)
		platformtest.Wants(t, err, catalog.CredentialRefused, onboarding.ErrPlatformRefused)
		s.World.AllWell()
	}
}

func TestAnOldCredentialEndsNothingAndIsNotSaidToHave(t *testing.T) {
	s := newScene(t)
	first := s.connected(t, "Lars Holm")
	next, err := s.driver.Renew(t.Context(), first.Credential)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.driver.Withdraw(t.Context(), platform.WithdrawParams{Credential: first.Credential, Access: next.Access})
	platformtest.Wants(t, err, catalog.Unexpected, onboarding.ErrPlatformRefused)
	if finding := s.check(t, next); finding.State != onboarding.AccessWorks {
		t.Errorf("the access after it: got %+v", finding)
	}
}

func TestASalesforceThatIsNotThereIsDown(t *testing.T) {
	for _, fault := range []string{"down", "malformed", "huge", "reset"} {
		s := newScene(t)
		grant := s.connected(t, "Lars Holm")
		s.Fault(fault)
		if _, err := s.driver.Check(t.Context(), platform.CheckParams{
			Access:     grant.Access,
			Credential: grant.Credential,
		}); !errors.Is(err, onboarding.ErrPlatformDown) {
			t.Errorf("%s: checking gave %v", fault, err)
		}
		if _, err := s.driver.Renew(t.Context(), grant.Credential); !errors.Is(err, onboarding.ErrPlatformDown) ||
			strings.Contains(err.Error(), grant.Credential.Secret.Reveal()) {
			t.Errorf("%s: renewing gave %v", fault, err)
		}
		if _, err := s.driver.Withdraw(t.Context(), platform.WithdrawParams{
			Access:     grant.Access,
			Credential: grant.Credential,
		}); !errors.Is(err, onboarding.ErrPlatformDown) {
			t.Errorf("%s: ending gave %v", fault, err)
		}
	}
}

func TestAnInstallLinkIsOneOfSalesforces(t *testing.T) {
	valid := Settings()[0].Valid
	const page = "/packaging/installPackage.apexp?p0="
	for link, want := range map[string]bool{
		"https://login.salesforce.com" + page + "04t5e000000LtKy":               true,
		"https://test.salesforce.com" + page + "04t5e000000LtKyAAK":             true,
		"https://" + harbour + page + "04t5e000000LtKyAAK":                      true,
		"http://login.salesforce.com" + page + "04t5e000000LtKyAAK":             false,
		"https://evil.example" + page + "04t5e000000LtKyAAK":                    false,
		"https://login.salesforce.com/packaging/installPackage.apexp":           false,
		"https://login.salesforce.com" + page + "0335e000000LtKyAAK":            false,
		"https://login.salesforce.com" + page + "04t5e000000LtKyAAK&x=1":        false,
		"https://login.salesforce.com/x?p0=04t5e000000LtKyAAK":                  false,
		"https://harbourpine.lightning.force.com" + page + "04t5e000000LtKyAAK": false, "": false,
		"javascript:alert(1)": false,
	} {
		if valid(link) != want {
			t.Errorf("%s can be used: %v, want %v", link, valid(link), want)
		}
	}
	s := newScene(t)
	if s.driver.InstallAddress() != "" {
		t.Errorf("without a setting it is %s", s.driver.InstallAddress())
	}
	s.App.Settings = s.World.Settings("salesforce")
	driver, err := NewForRelay(s.App)
	if err != nil {
		t.Fatal(err)
	}
	visitor := webtest.New()
	if err := visitor.Open(driver.InstallAddress()); err != nil {
		t.Fatal(err)
	}
	for _, words := range []string{"Lars Holm", "Allow"} {
		if err := visitor.Press(words); err != nil {
			t.Fatal(err)
		}
	}
	if !strings.Contains(visitor.Page.HTML, "Its users can sign in now") {
		t.Errorf("the link led to %q", visitor.Page.Title())
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
