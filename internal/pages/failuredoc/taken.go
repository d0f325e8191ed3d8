package main

import (
	"slices"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/catalog"
)

// way is a way out of a situation, and the tests that take it: they press what the page
// or the hub offers, and see what follows. A test of the screens or of a browser is
// named with its file.
type way struct {
	words string
	tests []string
}

// What many rows have.
const (
	again  = "try again"
	skip   = "skip with a reason"
	note   = "copy a note for a colleague"
	goOn   = "go on"
	absent = "it cannot happen"

	walked   = "TestEachFailureIsSkippedAndTriedAgainFromWhereItIsSaid"
	copied   = "gallery.spec.ts: copies"
	repaired = "TestWhatBrokeIsRepairedByOneLink"
)

// fixWords are the labels of what the hub offers.
func fixWords() map[catalog.Fix]string {
	return map[catalog.Fix]string{
		catalog.FixCheck: "*Check now*", catalog.FixRequest: "*Request it again*", catalog.FixNote: "*Copy a note*",
		catalog.FixUsers: "*Sign in again*", catalog.FixConnect: "*Connect it again*",
		catalog.FixOpen: "*Open Business settings*", catalog.FixRepair: "*Repair link*",
	}
}

// fixTests press the buttons of the hub, which are the same at each account.
func fixTests() map[catalog.Fix][]string {
	const pressed = "hub-dots.spec.ts: a dot says what to do and its button does it"
	return map[catalog.Fix][]string{
		catalog.FixCheck:   {"Home.test.tsx: repairs what is broken from its line", pressed},
		catalog.FixRequest: {"Home.test.tsx: asks again for what is broken with the recipients of its request"},
		catalog.FixNote:    {"Home.test.tsx: copies the note for the client"},
		catalog.FixRepair:  {repaired, pressed},
		catalog.FixUsers:   {pressed},
		catalog.FixConnect: {"Home.test.tsx: connects an own account again, and opens the platform's page"},
		catalog.FixOpen:    {"Home.test.tsx: connects an own account again, and opens the platform's page"},
	}
}

// walkedWays are those of a failure of the table that the wizard's test walks.
func walkedWays(words ...string) []way {
	var list []way
	for _, w := range words {
		tests := []string{walked}
		if w == note {
			tests = append(tests, copied)
		}
		list = append(list, way{w, tests})
	}
	return list
}

// takenBy is which test takes each way out, by row.
func takenBy() map[string][]way {
	all := map[string][]way{}
	for _, part := range []map[string][]way{linksTaken(), facebookTaken(), platformsTaken(), laterTaken()} {
		for row, ways := range part {
			all[row] = ways
		}
	}
	return all
}

func linksTaken() map[string][]way {
	const (
		asked = "TestF2WhoHasAnExpiredLinkAsksForANewOneThatGoesToTheInvited"
		sent  = "TestF5AnOlderLinkIsSentAgainToItsAddress"
		phone = "TestAPhoneAsksForTheLinkAndLearnsNothing"
	)
	return map[string][]way{
		"F1": {{goOn, []string{"TestF1LookingUsesNothingUp", "TestAThousandPreviewsChangeNothing"}}},
		"F2": {
			{"ask for a new link", []string{asked}},
			{"the agency: *Renew and send*", []string{asked, "Home.test.tsx: says who asks for a new link"}},
		},
		"F3": {{"nothing to do", []string{"TestF3AWithdrawnLinkAsksForNothing"}}},
		"F4": {
			{"nothing to do", []string{"TestF4AFinishedLinkNamesNobodysAccounts"}},
			{"*Show my receipt*, *Email me my receipt*", []string{"TestEverybodyGetsTheReceiptOfWhatTheyDid"}},
		},
		"F5": {
			{"send the newest link again, to the address that was invited", []string{sent}},
			{"ask for a new link", []string{sent}},
		},
		"F6": {{"have the link emailed", []string{phone}}, {"copy the link", []string{copied}}},
		"F7": {{goOn, []string{"TestF7WhoElseHasStartedIsSaid", "TestOfManyWhoFinishAtOnceOneWins"}}},
		"F8": walkedWays(note, skip, again),
		"F9": {
			{"check it by the address, the name and the words", []string{"TestF9ThePageSaysHowToCheckIt"}},
			{"*Report*", []string{"TestAReportTellsTheOperatorOnceADayAndIsCutOff"}},
		},
		"F10": {
			{"the agency: another address", []string{
				"TestAnAddressThatIsWrongIsATodoUntilAnotherOneGotTheLink",
				"Home.test.tsx: leads from a refused email to its address, to be corrected",
			}},
			{"the agency: copy the link instead", []string{"TestAnAddressThatIsWrongIsATodoUntilAnotherOneGotTheLink"}},
		},
		"F11": {{absent, []string{"TestTheMainActionOfLeavingIsAPlainLink"}}},
		"F12": {{absent, []string{"TestNothingIsInline", "TestEveryPageCarriesTheseHeadersAndNoOthers"}}},
		"F13": {
			{again, []string{walked, "TestWhatAPlatformRefusesIsNoCancelling"}},
			{skip, []string{walked, "TestWhatDidNotConnectCanBeSkippedFromWhereItIsSaid"}},
		},
	}
}

func facebookTaken() map[string][]way {
	const (
		arrives  = "TestAnAssetThatWaitsIsTriedAgainAfterMinutesUntilItArrives"
		approved = "TestF20AndF21WhatAnAdminHasToApproveWaitsAndIsLookedForAgain"
		finishes = "TestWhatWaitsForAnAdminKeepsNobodyFromFinishing"
		unticked = "TestF22WhatWasNotTickedAtFacebookCanBeTickedThere"
		nobody   = "TestF24WhoSeesNothingSignsInAsSomebodyElseOrSkips"
	)
	return map[string][]way{
		"F14": walkedWays(again, note, skip), "F15": walkedWays(again, note, skip), "F16": walkedWays(note, again, skip),
		"F17": walkedWays(note, again, skip), "F18": walkedWays(note, again, skip),
		"F19": {
			{goOn, []string{"TestF19ANewPageAdminWaitsWithoutBlame"}},
			{again, []string{"TestF19ANewPageAdminWaitsWithoutBlame"}},
			{"both: it is looked for by itself until it arrives", []string{arrives}},
		},
		"F20": {
			{goOn, []string{finishes}}, {again, []string{approved}}, {note, []string{approved, copied}},
			{"both: it is looked for by itself until it arrives", []string{arrives}},
			{"who shared it is reminded by email", []string{finishes, "TestWhoSharedWhatWaitsForAnAdminIsReminded"}},
		},
		"F21": {{again, []string{approved}}, {goOn, []string{finishes}}, {note, []string{approved, copied}}},
		"F22": {{again, []string{unticked}}, {goOn, []string{unticked}}},
		"F23": append(walkedWays(again, skip), way{absent, []string{
			"TestF23SixtyPagesAndFiveHundredAccountsAreAllThere", "TestLongListsAreReadToTheirEnd",
		}}),
		"F24": {
			{again, []string{nobody}}, {note, []string{nobody, copied}}, {skip, []string{nobody}},
			{handedOver.words, []string{nobody}},
		},
		"F25": walkedWays(again, skip),
		"F26": append(walkedWays(goOn, skip),
			way{"the agency: red until it is solved", []string{"TestARestrictedAdAccountIsNotShownAsFine"}},
			way{"one that is closed is offered to nobody, and red at the agency", []string{
				"TestF26AnAccountThatIsClosedIsOfferedToNobody", "TestACampaignCanUseAnAccountWhosePaymentIsOverdue",
			}}),
		"F27": append(walkedWays(again, skip),
			way{"the agency is told, and the client once it works", []string{
				"TestF27WithoutADeviceTheSignInIsNotStartedAndTheAgencyIsTold", "TestWhoCouldNotGoOnIsToldWhenTheyCan",
			}},
			way{"the agency: found before it is sent", []string{
				"TestEachCheckBeforeSendingFindsWhatIsWrongAndThatItIsMended",
			}}),
		"F28": walkedWays(again, skip),
		"F29": append(walkedWays(again, skip), way{"share it by hand", []string{
			"TestF29WhatTheAppMayNotShareIsSharedByHand", "TestWhereFacebookRefusesTheAppTheClientSharesByHand",
		}}),
		"F30": {{goOn, []string{"TestF30WhatIsSharedAlreadyIsSuccess"}}},
		"F31": {
			{again, []string{"TestF31PartOfTheChoiceIsSaidAsPart"}}, {goOn, []string{"TestF31PartOfTheChoiceIsSaidAsPart"}},
		},
		"F32": {{"the agency: ask for the other kinds, too", []string{
			"TestEachAskedKindHasAListAndAResult",
			"RequestForm.test.tsx: says at Facebook what it covers: ad accounts and Pages only, until more is chosen",
		}}},
	}
}

func platformsTaken() map[string][]way {
	const leftOut = "TestF36WhatWasPickedAndIsNotConnectedIsNamed"
	return map[string][]way{
		"F33": walkedWays(again, skip),
		"F34": {{"the account is chosen every time, and named before it counts", []string{
			"TestTheAccountIsAlwaysChosenAndTheScopeIsOneAlone",
			"TestTwoPickedSheetsAreTwoItemsAndOneOfThemCanOnlyBeRead",
		}}},
		"F35": walkedWays(note, again, skip),
		"F36": append(walkedWays(again, note, skip), way{goOn, []string{leftOut}}),
		"F37": walkedWays(note, again, skip),
		"F38": {
			{goOn, []string{"TestAClientConnectsHubSpotFromLinkToReceipt"}},
			{again, []string{"TestF38AnotherPortalIsAnotherItem"}},
			{"skip the rest with a reason", []string{"TestAReasonForTheRestOfAServiceIsKept"}},
		},
		"F39": append(walkedWays(again, skip),
			way{goOn, []string{"TestF39WhatThePlanDoesNotIncludeIsSaidAndTheRestWorks"}},
			way{"the agency is told at once", []string{walked}}),
		"F40": walkedWays(note, again, skip),
		"F41": {
			{note, []string{walked, copied}},
			{again, []string{walked, "TestF41AnAppThatIsNotInstalledComesWithTheLinkAndANoteForTheAdmin"}},
			{skip, []string{walked}},
			{"the admin installs it by the link", []string{
				"TestF41AnAppThatIsNotInstalledComesWithTheLinkAndANoteForTheAdmin",
			}},
		},
		"F42": walkedWays(again, skip),
		"F43": append(walkedWays(note, again, skip), way{"go on with the rest", []string{
			"TestF43AnOrganisationWithoutTheAPIIsNotConnectedAndTheRestGoesOn",
		}}),
		"F44": walkedWays(again, skip),
		"F45": append(walkedWays(note, again, skip), way{"the agency: red until it is paid", []string{
			"TestAnAccountThatIsNotPaidIsRedUntilItIs",
		}}),
		"F46": {{goOn, []string{"TestF46APersonalKeySaysThatItEndsWithItsUser"}}},
		"F47": {{goOn, []string{"TestF47TheSameAccountTwiceIsOneItem"}}},
		"F48": append(walkedWays(again, skip), way{"come back later with the same link", []string{
			"TestF48APlatformThatIsDownLosesNothing",
		}}),
	}
}

func laterTaken() map[string][]way {
	const (
		stopped = "TestWhyASalesforceItemStoppedIsSaidByItsCause"
		sheets  = "TestPickedSheetsAreTriedEachAndOneThatIsOnlyReadSaysSo"
		own     = "TestAnOwnPortalIsManagedCheckedRenewedAndConnectedAgain"
	)
	return map[string][]way{
		"F49": walkedWays(again, skip),
		"F50": append(walkedWays(again, skip), way{"the agency: told before it ends, and checked by itself after", []string{
			"TestAConnectedUsersSignInThatEndsSoonIsAPersonsBusiness",
			"TestAfterSigningInAgainEverythingIsCheckedAgainByItself",
		}}),
		"F51": {{again, []string{repaired, own}}, {note, []string{copied}}},
		"F52": {{"the agency: the days that are left", []string{
			"TestAnAppInTestingIsShownToTheAgencyByTheDaysThatAreLeft",
		}}},
		"F53": {{again, []string{repaired, sheets}}, {note, []string{copied}}, {"the agency: *Check now*", []string{sheets}}},
		"F54": {{again, []string{repaired, stopped}}, {"the agency: *Check now*", []string{stopped}}},
		"F55": walkedWays(again, note, skip),
		"F56": {{again, []string{repaired}}, {"the agency: *Repair link*", []string{repaired, stopped}}},
		"F57": {{absent, []string{
			"TestTwoHubsRenewAtOnceWhereAReplayEndsEverything", "TestTwoComputersRenewARotatingCredentialAndNobodyLosesIt",
			"TestOneRenewalAtATime",
		}}},
	}
}

// fixes are what the hub offers for an account with this code, if anything but checking
// it again helps. What cannot be chosen is in no hub.
func (d document) fixes(code catalog.FailureCode, r row) []catalog.Fix {
	if code.IsRepairable() {
		return []catalog.Fix{catalog.FixRepair}
	}
	fix := d.catalog.DescribeForAgency(code, example(r.service)).Fix
	if fix == catalog.FixCheck || d.catalog.Describe(code, example(r.service)).Blocks {
		return nil
	}
	return []catalog.Fix{fix}
}

// handedOver is the same at each failure that a colleague can help with.
var handedOver = way{
	"hand over to a colleague", []string{walked, "TestF8AColleagueDoesTheirPartAndBothSeeEachOther"},
}

// sharedByHand is the same wherever Facebook refuses the relay's app.
var sharedByHand = way{"share it by hand", []string{"TestWhereFacebookRefusesTheAppTheClientSharesByHand"}}

// waysOf are the ways out of a row, with the tests that take them: those of the table,
// handing over, and what the hub offers.
func (d document) waysOf(r row) []way {
	list := slices.Clone(takenBy()[r.name])
	add := func(offered way) {
		if !slices.ContainsFunc(list, func(w way) bool { return w.words == offered.words }) {
			list = append(list, offered)
		}
	}
	for _, code := range d.codesOf(r) {
		if slices.Contains(ways(d.catalog.Describe(code, example(r.service))), handedOver.words) {
			add(handedOver)
		}
		if slices.Contains(ways(d.catalog.Describe(code, example(r.service))), sharedByHand.words) {
			add(sharedByHand)
		}
		for _, fix := range d.fixes(code, r) {
			add(way{"the agency: " + fixWords()[fix], fixTests()[fix]})
		}
	}
	return list
}

// String is the way as the page has it.
func (w way) String() string {
	return w.words + ": `" + strings.Join(w.tests, "`, `") + "`"
}
