package catalog

import (
	"slices"
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Every failure that an item can have answers what failed, who can fix it,
// what is next, and offers one thing that helps.
func TestTheAgencyIsToldWhoCanFixItAndWhatIsNext(t *testing.T) {
	facts := everyFact()
	facts.Client, facts.By, facts.Kind, facts.Business = "Harbour & Pine", "Lars Holm", onboarding.AdAccount, "Northlight – Clients (4471)"
	own := facts
	own.Own, own.Client, own.By = true, "Northlight Media", "Ana Ruiz"
	for _, code := range append(Codes(), "from_a_newer_relay") {
		for name, f := range map[string]Facts{"all facts": facts, "its own account": own, "no facts": {}} {
			said := SayToAgency(code, f)
			where := string(code) + " with " + name
			if said.Title == "" || said.Sentence == "" || said.Who == "" || said.Next == "" || said.Fix == "" {
				t.Errorf("%s: something is missing: %+v", where, said)
			}
			for _, text := range []string{said.Title, said.Sentence, said.Who, said.Next, said.Note} {
				checkVoice(t, where, text)
			}
			if (said.Fix == FixNote) != (said.Note != "") || (said.Fix == FixOpen) != strings.HasPrefix(said.Open.URL, "https://") {
				t.Errorf("%s: what is offered and what is there differ: %+v", where, said)
			}
			if name == "its own account" && said.Fix == FixRequest && slices.Contains(ofOwnAccounts(), code) {
				t.Errorf("%s: the agency cannot ask itself", where)
			}
		}
	}
}

// ofOwnAccounts are the codes that a check of an agency's own account can find.
func ofOwnAccounts() []FailureCode {
	return []FailureCode{
		CredentialRefused, KeyRefused, ShareRemoved, RoleTooLow, UserInactive, PermissionUnticked, MayNotConnect,
		ProductNotInPlan, KeySeesNothing, AddressUnknown,
	}
}

// TestTheAgencyHasItsOwnWordsForEachCauseThatAnItemCanHave: only what no item
// ends with, and what nobody knows the cause of, is left to another check.
func TestTheAgencyHasItsOwnWordsForEachCauseThatAnItemCanHave(t *testing.T) {
	ofNoItem := []FailureCode{
		LinkPreviewed, LinkExpired, LinkWithdrawn, LinkCompleted, LinkOlder, OnAPhone, AlsoStarted, WrongPerson, FearsFraud,
		LetterUnseen, SignInCancelled, SignInTooLate, SignInElsewhere, RequestPaused, SignedOutHere, WrongFacebookUser,
		AlreadyShared, PartlyDone, OnlyAdsAndPages, WhichAccount, AddressOfApp, AddressNotHTTPS, KeyIsPersonal,
		AccountRefreshed, FeatureNotGiven, NothingPicked, TooManyPicked, Unexpected,
	}
	for _, code := range Codes() {
		for _, service := range onboarding.Services() {
			said := SayToAgency(code, Facts{Client: "Harbour & Pine", Asset: "Harbour Café", Service: service})
			if left := strings.HasPrefix(said.Next, "Check again. If"); left && !slices.Contains(ofNoItem, code) {
				t.Errorf("%s at %s: the agency reads %q", code, service, said.Next)
			}
		}
	}
}

// TestAnEndedVersionOfFacebooksAPIIsTheOperatorsToReplace: a role in Business
// Manager would change nothing.
func TestAnEndedVersionOfFacebooksAPIIsTheOperatorsToReplace(t *testing.T) {
	said := SayToAgency(AgencySide, Facts{Asset: "Harbour Café", Service: onboarding.Facebook, Code: "2635"})
	if said.Who != "Whoever runs your relay" || said.NoteFor != "" || !strings.Contains(said.Note, "LATCHKEY_META_API_VERSION") {
		t.Errorf("got %+v", said)
	}
}

// What a client is told to do in the wizard is no use in the hub.
func TestTheAgencyReadsNothingThatIsMeantForTheClient(t *testing.T) {
	for _, code := range []FailureCode{ApproveInBusiness, ShareByHand, NewPageAdmin, AccountRestricted, SignInEnded, CredentialRefused, KeyRefused, ShareRemoved, LevelLowered, NotAssigned, AgencySide, AppNotApproved, PlatformDown, PlatformBusy} {
		said := SayToAgency(code, Facts{Client: "Harbour & Pine", Asset: "Harbour Café", Service: onboarding.Facebook})
		for _, text := range []string{said.Title, said.Sentence, said.Next} {
			for _, never := range []string{"Come back here", "skip", "Skip", "your choices", "same link", "Your plan", "this page", "We look"} {
				if strings.Contains(text, never) {
					t.Errorf("%s: the agency would read %q", code, text)
				}
			}
		}
	}
}
