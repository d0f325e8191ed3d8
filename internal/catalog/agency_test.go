package catalog_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Every failure that an item can have answers what failed, who can fix it,
// what is next, and offers one thing that helps.
func TestTheAgencyIsToldWhoCanFixItAndWhatIsNext(t *testing.T) {
	texts := catalogtest.New(t)
	facts := everyFact()
	facts.Client, facts.By, facts.Kind, facts.Business = "Harbour & Pine", "Lars Holm", onboarding.AdAccount,
		"Northlight – Clients (4471)"
	own := facts
	own.Own, own.Client, own.By = true, "Northlight Media", "Ana Ruiz"
	for _, code := range append(catalog.Codes(), "from_a_newer_relay") {
		for name, f := range map[string]catalog.Args{"all facts": facts, "its own account": own, "no facts": {}} {
			said := texts.DescribeForAgency(code, f)
			where := string(code) + " with " + name
			if said.Title == "" || said.Message == "" || said.FixedBy == "" || said.NextStep == "" || said.Fix == "" {
				t.Errorf("%s: something is missing: %+v", where, said)
			}
			for _, text := range []string{said.Title, said.Message, said.FixedBy, said.NextStep, said.Note} {
				checkVoice(t, where, text)
			}
			if (said.Fix == catalog.FixNote) != (said.Note != "") ||
				(said.Fix == catalog.FixOpen) != strings.HasPrefix(said.Open.URL, "https://") {
				t.Errorf("%s: what is offered and what is there differ: %+v", where, said)
			}
			if name == "its own account" && said.Fix == catalog.FixRequest && slices.Contains(ofOwnAccounts(), code) {
				t.Errorf("%s: the agency cannot ask itself", where)
			}
		}
	}
}

// ofOwnAccounts are the codes that a check of an agency's own account can find.
func ofOwnAccounts() []catalog.FailureCode {
	return []catalog.FailureCode{
		catalog.CredentialRefused, catalog.KeyRefused, catalog.ShareRemoved, catalog.RoleTooLow, catalog.UserInactive,
		catalog.PermissionUnticked, catalog.MayNotConnect,
		catalog.ProductNotInPlan, catalog.KeySeesNothing, catalog.AddressUnknown, catalog.AccountUnpaid,
	}
}

// TestTheAgencyHasItsOwnWordsForEachCauseThatAnItemCanHave: only what no item
// ends with, and what nobody knows the cause of, is left to another check.
func TestTheAgencyHasItsOwnWordsForEachCauseThatAnItemCanHave(t *testing.T) {
	texts := catalogtest.New(t)
	ofNoItem := []catalog.FailureCode{
		catalog.LinkPreviewed, catalog.LinkExpired, catalog.LinkWithdrawn, catalog.LinkCompleted, catalog.LinkSuperseded,
		catalog.OnAPhone, catalog.AlsoStarted, catalog.WrongPerson, catalog.SuspectsFraud,
		catalog.EmailUnconfirmed, catalog.SignInCancelled, catalog.SignInTooLate, catalog.SignInElsewhere,
		catalog.CookiesBlocked,
		catalog.RequestPaused, catalog.SignedOutHere, catalog.WrongFacebookUser,
		catalog.AlreadyShared, catalog.PartlyDone, catalog.OnlyAdsAndPages, catalog.WhichAccount, catalog.AddressOfApp,
		catalog.AddressNotHTTPS, catalog.KeyIsPersonal,
		catalog.AccountRefreshed, catalog.FeatureNotGiven, catalog.NothingPicked, catalog.TooManyPicked, catalog.LeftOut,
		catalog.Unexpected,
	}
	for _, code := range catalog.Codes() {
		for _, service := range texts.IDs() {
			said := texts.DescribeForAgency(code, catalog.Args{
				Client: "Harbour & Pine", Asset: "Harbour Café", Service: service,
			})
			if left := strings.HasPrefix(said.NextStep, "Check again. If"); left && !slices.Contains(ofNoItem, code) {
				t.Errorf("%s at %s: the agency reads %q", code, service, said.NextStep)
			}
		}
	}
}

// TestAnEndedVersionOfFacebooksAPIIsTheOperatorsToReplace: a role in Business
// Manager would change nothing.
func TestAnEndedVersionOfFacebooksAPIIsTheOperatorsToReplace(t *testing.T) {
	texts := catalogtest.New(t)
	said := texts.DescribeForAgency(catalog.AgencySide, catalog.Args{
		Asset: "Harbour Café", Service: onboarding.Facebook, Code: "2635",
	})
	if said.FixedBy != "Whoever runs your relay" || said.NoteFor != "" ||
		!strings.Contains(said.Note, "LATCHKEY_META_API_VERSION") {
		t.Errorf("got %+v", said)
	}
}

// What a client is told to do in the wizard is no use in the hub.
func TestTheAgencyReadsNothingThatIsMeantForTheClient(t *testing.T) {
	texts := catalogtest.New(t)
	for _, code := range []catalog.FailureCode{
		catalog.ApproveInBusiness, catalog.ManualShare, catalog.NewPageAdmin, catalog.AccountRestricted, catalog.SignInEnded,
		catalog.CredentialRefused, catalog.KeyRefused, catalog.ShareRemoved, catalog.LevelLowered, catalog.NotAssigned,
		catalog.AgencySide, catalog.AppNotApproved, catalog.PlatformDown, catalog.PlatformBusy,
	} {
		said := texts.DescribeForAgency(code, catalog.Args{
			Client: "Harbour & Pine", Asset: "Harbour Café", Service: onboarding.Facebook,
		})
		for _, text := range []string{said.Title, said.Message, said.NextStep} {
			for _, never := range []string{
				"Come back here", "skip", "Skip", "your choices", "same link", "Your plan", "this page", "We look",
			} {
				if strings.Contains(text, never) {
					t.Errorf("%s: the agency would read %q", code, text)
				}
			}
		}
	}
}
