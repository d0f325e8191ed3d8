package checks

import (
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// said is a platform's refusal as a driver returns it.
func said(code catalog.FailureCode, platformCode string) error {
	return &platform.Failure{Code: code, PlatformCode: platformCode}
}

// passedOn is a platform's refusal that the relay met.
func passedOn(code catalog.FailureCode, platformCode string) error {
	return fmt.Errorf("renewing: %w", &wire.RefusedError{Code: string(code), PlatformCode: platformCode})
}

func TestWhoseFailureItIsThatAnItemCouldNotBeChecked(t *testing.T) {
	const (
		ofUser = "connection:C1"
		item   = "" // the platform's word about the item: a result
	)
	type refusal struct {
		name    string
		service onboarding.Service
		err     error
	}
	for want, refusals := range map[string][]refusal{
		ofUser: {
			{"190/463", onboarding.Facebook, said(catalog.SignInExpired, "190/463")},
			{"190/460", onboarding.Facebook, said(catalog.SignInEnded, "190/460")},
			{"190/458", onboarding.Facebook, said(catalog.AppRemoved, "190/458")},
			{"190/459", onboarding.Facebook, said(catalog.SecurityCheck, "190/459")},
			{"Require App Secret", onboarding.Facebook, said(catalog.SignInEnded, "100/appsecret_proof")},
			{"two-factor", onboarding.Facebook, said(catalog.TwoFactorNeeded, "415")},
			{"abuse check", onboarding.Facebook, said(catalog.TemporarilyBlocked, "368")},
			{"no admin any more", onboarding.Facebook, said(catalog.AgencySide, "100/33")},
			{"a permission taken back", onboarding.Facebook, said(catalog.PermissionUnticked, "200")},
		},
		"app:meta": {
			{"the app deleted", onboarding.Facebook, said(catalog.AgencySide, "101")},
			{"the version ended", onboarding.Facebook, said(catalog.AgencySide, "2635")},
			{"not approved", onboarding.Facebook, said(catalog.AppNotApproved, "10")},
		},
		"platform:meta": {
			{"rate limited", onboarding.Facebook, said(catalog.PlatformBusy, "4")},
			{"down", onboarding.Facebook, platform.Down(errors.New("status 500"))},
			{"a code that nobody knows", onboarding.Facebook, said(catalog.Unexpected, "100")},
			{"a list without an end", onboarding.Facebook, said(catalog.ListCut, "")},
		},
		item: {
			{"a revoked refresh token", onboarding.HubSpot, passedOn(catalog.CredentialRefused, "BAD_REFRESH_TOKEN")},
			{"a key that was reset", onboarding.ActiveCampaign, said(catalog.KeyRefused, "403")},
			{"a role that is too low", onboarding.Mailchimp, said(catalog.RoleTooLow, "viewer")},
			{"a user switched off", onboarding.Salesforce, passedOn(catalog.UserInactive, "inactive_user")},
			{"a company's session rule", onboarding.GoogleSheets, passedOn(catalog.SessionLimited, "invalid_grant")},
			{"a sheet in the bin", onboarding.GoogleSheets, said(catalog.InTrash, "")},
			{"a box left unticked", onboarding.GoogleSheets, said(catalog.PermissionUnticked, "403")},
			{"a session that ended twice", onboarding.Salesforce, said(catalog.SessionEnded, "INVALID_SESSION_ID")},
		},
		"app:googlesheets": {
			{"our secret revoked", onboarding.GoogleSheets, passedOn(catalog.AgencySide, "invalid_client")},
		},
		"app:hubspot": {
			{"our app switched off", onboarding.HubSpot, passedOn(catalog.AgencySide, "BAD_CLIENT_SECRET")},
		},
		"app:mailchimp": {
			{"no app at the relay", onboarding.Mailchimp, onboarding.ErrNotOffered},
		},
		"platform:hubspot": {
			{"what only a newer relay knows", onboarding.HubSpot, passedOn("moon_phase", "7")},
			{"refused without a word", onboarding.HubSpot, onboarding.ErrPlatformRefused},
		},
		"platform:salesforce": {
			{"no answer at the relay", onboarding.Salesforce, onboarding.ErrPlatformDown},
		},
		replica.SubjectRelay: {
			{"the relay down", onboarding.HubSpot, onboarding.ErrUnavailable},
			{"the relay busy", onboarding.HubSpot, onboarding.ErrBusy},
			{"the agency suspended", onboarding.HubSpot, onboarding.ErrSuspended},
			{"an update needed", onboarding.HubSpot, onboarding.ErrUpdateNeeded},
		},
		replica.SubjectKeychain: {
			{"the keychain locked", onboarding.HubSpot, keychain.ErrLocked},
			{"the keychain silent", onboarding.Facebook, keychain.ErrTimeout},
		},
	} {
		for _, c := range refusals {
			t.Run(c.name, func(t *testing.T) { wantCause(t, c.service, c.err, want) })
		}
	}
}

// wantCause fails unless a refusal has the cause; an empty one: it is a result.
func wantCause(t *testing.T, service onboarding.Service, err error, want string) {
	t.Helper()
	connection := ""
	if service == onboarding.Facebook {
		connection = "C1"
	}
	got := classify(catalogtest.New(t), onboarding.Item{Service: service}, connection, platform.CheckResult{}, err)
	if got.cause.Subject != want {
		t.Errorf("got %q, want %q", got.cause.Subject, want)
	}
	if isResult := got.err == nil && got.result.State == onboarding.AccessBroken; isResult != (want == "") {
		t.Errorf("got the result %+v and %v", got.result, got.err)
	}
}

func TestOnlyADefiniteWordAboutAnItemIsAResult(t *testing.T) {
	texts := catalogtest.New(t)
	for _, code := range catalog.Codes() {
		for _, service := range texts.IDs() {
			found := platform.CheckResult{State: onboarding.AccessBroken, Failure: code, Code: "7"}
			got := classify(texts, onboarding.Item{Service: service}, "C1", found, nil)
			isItems := catalog.ScopeOf(texts, code, service, "7") == catalog.ScopeItem
			if isItems != (got.err == nil) || isItems != (got.cause.Subject == "") {
				t.Errorf("%s at %s: got %+v, %v", code, service, got.cause, got.err)
			}
		}
	}
	for _, never := range []catalog.FailureCode{
		catalog.Unexpected, catalog.PlatformDown, catalog.PlatformBusy, catalog.AgencySide, catalog.NotConfigured,
		catalog.SignInEnded, catalog.AppNotApproved, "moon_phase",
	} {
		for _, service := range texts.IDs() {
			if catalog.ScopeOf(texts, never, service, "") == catalog.ScopeItem {
				t.Errorf("%s would make an item of %s red", never, service)
			}
		}
	}
}

func TestAWorkingOrWaitingItemIsAResultWhateverItsFailure(t *testing.T) {
	for _, state := range []onboarding.AccessState{onboarding.AccessWorks, onboarding.AccessWaiting} {
		found := platform.CheckResult{State: state, Failure: catalog.ApproveInBusiness}
		got := classify(catalogtest.New(t), onboarding.Item{Service: onboarding.Facebook}, "C1", found, nil)
		if got.err != nil || got.result.State != state || got.cause.Subject != "" {
			t.Errorf("%s: got %+v", state, got)
		}
	}
}

func TestARefusalThatAGatewayCouldHaveSentHasToBeConfirmed(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		bare bool
	}{
		"a code of the API":       {said(catalog.KeyRefused, "403"), false},
		"a mere status":           {&platform.Failure{Code: catalog.KeyRefused, PlatformCode: "403", Bare: true}, true},
		"a token just renewed":    {said(catalog.SessionEnded, "INVALID_SESSION_ID"), true},
		"the token endpoint's no": {passedOn(catalog.CredentialRefused, "invalid_grant"), false},
	} {
		item := onboarding.Item{Service: onboarding.Salesforce}
		got := classify(catalogtest.New(t), item, "", platform.CheckResult{}, c.err)
		if got.err != nil || got.result.Bare != c.bare {
			t.Errorf("%s: got %+v, %v, want it to be confirmed: %t", name, got.result, got.err, c.bare)
		}
	}
}

func TestAPlatformThatFailsForOneAccountDoesNotStopTheOthers(t *testing.T) {
	r := newRound(false)
	down := outcome{cause: replica.Cause{Subject: "platform:activecampaign"}, err: onboarding.ErrPlatformDown}
	for range stopsAfter - 1 {
		r.record(down)
	}
	if _, is := r.stops("activecampaign", "", ""); is {
		t.Error("two accounts stop the others")
	}
	r.works("activecampaign", "")
	r.record(down)
	if _, is := r.stops("activecampaign", "", ""); is {
		t.Error("failures that are not in a row stop the others")
	}
	r.record(down)
	r.record(down)
	if _, is := r.stops("activecampaign", "", ""); !is {
		t.Error("three in a row do not stop the others")
	}
	r.record(outcome{cause: replica.Cause{Subject: "connection:C1"}, err: onboarding.ErrPlatformRefused})
	if _, is := r.stops("meta", "C1", "B1"); !is {
		t.Error("a sign-in that has ended does not stop its other items")
	}
	if _, is := r.stops("meta", "C2", "B1"); is {
		t.Error("a sign-in that has ended stops the items of another")
	}
	r.record(outcome{
		cause: replica.Cause{Subject: "connection:C2", Failure: catalog.AgencySide}, business: "B1",
		err: onboarding.ErrPlatformRefused,
	})
	if _, is := r.stops("meta", "C2", "B1"); !is {
		t.Error("a role that is missing in a Business Manager does not stop the other items in it")
	}
	if _, is := r.stops("meta", "C2", "B2"); is {
		t.Error("a role that is missing in a Business Manager stops the items in another")
	}
}

func TestARoundReportsWhatNothingContradicts(t *testing.T) {
	r := newRound(false)
	ended := outcome{cause: replica.Cause{Subject: "connection:C1"}, err: onboarding.ErrPlatformRefused}
	r.record(ended)
	r.record(outcome{cause: replica.Cause{Subject: "app:hubspot"}, err: onboarding.ErrPlatformRefused})
	r.record(outcome{
		cause: replica.Cause{Subject: "connection:C3", Failure: catalog.TemporarilyBlocked},
		err:   onboarding.ErrPlatformRefused,
	})
	r.record(outcome{cause: replica.Cause{Subject: replica.SubjectRelay}, err: onboarding.ErrUnavailable})
	r.record(outcome{cause: replica.Cause{Subject: "platform:mailchimp"}, err: onboarding.ErrPlatformDown})
	r.works("hubspot", "")
	r.works("meta", "C2")
	failing, working := r.outages()
	if _, is := failing["connection:C1"]; !is || len(failing) != 1 {
		t.Errorf("it reports %v, want the sign-in alone", failing)
	}
	if !working["connection:C2"] || !working["app:meta"] || len(working) != 2 {
		t.Errorf("it reports that %v work", working)
	}
}

func TestOneAccountsTroubleIsNoOutageOfTheApp(t *testing.T) {
	copied, err := replica.Open(t.Context(), replica.Config{
		Catalog: catalogtest.New(t), Dir: t.TempDir(), Now: time.Now, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := copied.Close(); err != nil {
			t.Errorf("closing the replica: %v", err)
		}
	})
	c := New(Config{Replica: copied, Now: time.Now, Log: slog.New(slog.DiscardHandler), OnQueued: func() {}})
	cause := replica.Cause{
		Subject: "app:salesforce", Service: onboarding.Salesforce, Failure: catalog.AgencySide, Code: "ip restricted",
	}
	for n, want := range []bool{false, true, false, false} { // of one account; of one of two; of both; of three of four
		if n == 1 || n == 3 {
			for _, id := range []string{"a", "b", "c", "d"}[n-1 : n+1] {
				item := onboarding.Item{ID: id, Service: onboarding.Salesforce, State: onboarding.ItemConnected}
				item.Access = onboarding.Access{State: onboarding.AccessWorks, Checked: 1}
				if err := copied.Update(t.Context(), func(tx *replica.Tx) error {
					return tx.StoreItem(t.Context(), item)
				}); err != nil {
					t.Fatal(err)
				}
			}
		}
		if n > 0 {
			id := []string{"a", "b", "c"}[n-1]
			due, err := replica.ReadCheckDue(t.Context(), copied.DB(), id)
			if err != nil {
				t.Fatal(err)
			}
			check := replica.ScheduledCheck{Item: id, Due: due}
			if err := copied.StoreCause(t.Context(), check, cause, due+1); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := c.isContradicted(t.Context(), cause); err != nil || got != want {
			t.Errorf("with %d accounts that it stopped: contradicted %t, %v; want %t", n, got, err, want)
		}
	}
}
