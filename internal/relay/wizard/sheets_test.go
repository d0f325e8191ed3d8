package wizard_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

// enterSheets is Lars at the platforms' list of a request for sheets.
func enterSheets(s *relaytest.Scene) (v *relaytest.Browser, request string) {
	request, link := s.Request(onboarding.GoogleSheets)
	v = s.Browser()
	v.Enter(link, "Lars Holm", "lars@harbourpine.example")
	return v, request
}

// leaveForSheets goes from the platforms' list to Google, and signs in there.
func leaveForSheets(v *relaytest.Browser, option, person string) {
	v.Press("Add Google Sheets")
	v.Reads("Which sheets do you want to connect?")
	v.Tick(option)
	v.Press("Continue")
	v.Reads("Read and change the sheets you pick", "cannot do", "Open any other file in your Drive")
	v.Follow("Proceed")
	v.Press(person)
}

// pickSheets connects these sheets.
func pickSheets(v *relaytest.Browser, person string, titles ...string) {
	leaveForSheets(v, "Pick sheets I have", person)
	v.Press("Allow")
	for _, title := range titles {
		v.Tick(title)
	}
	v.Press("Select")
}

func TestTwoPickedSheetsAreTwoItemsAndOneOfThemCanOnlyBeRead(t *testing.T) {
	s := relaytest.NewScene(t)
	v, request := enterSheets(s)
	pickSheets(v, "Lars Holm", "Leads autumn campaign", "Price list 2026")
	v.Reads(
		"Leads autumn campaign, lars.holm@harbourpine.example",
		"Price list 2026, ana@northlight.example · can be read, not written",
		"Signed in as lars.holm@harbourpine.example", // F34: before anything is finished
		"Read and change, 1 of 2 read only",
		"Reading alone is less than was asked for. You can leave it so.",
	)
	v.Follow("Close")
	s.HasItems(request, 2)
	for _, item := range s.Details(request).Items {
		if item.Kind != onboarding.Sheet || item.Service != onboarding.GoogleSheets {
			t.Errorf("the item is %+v", item)
		}
	}
	pickSheets(v, "Lars Holm", "Leads autumn campaign") // the same once more
	if v.Page.Says("less than was asked for") {
		t.Error("a sheet that can be changed is called less than was asked for")
	}
	v.Follow("Close")
	s.HasItems(request, 2)
}

// onTheWayBack acts at Google while the browser goes from its picker to the relay.
func onTheWayBack(t *testing.T, s *relaytest.Scene, v *relaytest.Browser, action sandbox.Action) {
	t.Helper()
	v.OnRedirect(func(to *url.URL) bool {
		if strings.HasPrefix(to.String(), s.URL+"/callback/") {
			if _, err := s.World.Trigger(action); err != nil {
				t.Error(err)
			}
		}
		return true
	})
}

func TestF36WhatWasPickedAndIsNotConnectedIsNamed(t *testing.T) {
	s := relaytest.NewScene(t)
	v, request := enterSheets(s)
	leaveForSheets(v, "Pick sheets I have", "Lars Holm")
	v.Press("Allow")
	v.Tick("Leads autumn campaign")
	v.Tick("Price list 2026")
	const prices = "1Kw7OnlyReadPriceList_t5Yb9NcXr3QmVk6ZsWdHpJ"
	onTheWayBack(t, s, v, sandbox.Action{Platform: "googlesheets", Action: "trash", Asset: prices})
	v.Press("Select")
	v.Reads("Leads autumn campaign", "Not connected: Price list 2026 (in the bin).", "restore what is in the bin")
	s.HasItems(request, 1)
	v.Follow("Close")
	leaveForSheets(v, "Pick sheets I have", "Lars Holm")
	v.Press("Allow")
	v.Tick("Newsletter sign-ups")
	const newsletter = "1Hp4NewsletterSignups-k3Vq9TmXb2RwLc7ZsYdJ5nE"
	onTheWayBack(t, s, v, sandbox.Action{Platform: "googlesheets", Action: "delete", Asset: newsletter})
	v.Press("Select")
	v.Reads("Not connected: one file that cannot be opened.")
	s.HasItems(request, 1)
}

func TestF36WhoPickedNoSheetIsToldSoAndCanTryAgain(t *testing.T) {
	s := relaytest.NewScene(t)
	v, request := enterSheets(s)
	pickSheets(v, "Lars Holm")
	v.Reads("You picked no sheet", "Nothing was connected", "its owner has to share it with you first")
	s.HasItems(request, 0)
	v.Press("Try again")
	v.Reads("Which sheets do you want to connect?")
	v.Tick("Pick sheets I have")
	v.Press("Continue")
	v.Follow("Proceed")
	v.Press("Lars Holm") // the account is chosen every time
	v.Press("Allow")
	v.Tick("Trade fair contacts")
	v.Press("Select")
	v.Reads("Trade fair contacts")
	s.HasItems(request, 1)
}

func TestANewSheetBearsTheAgencysName(t *testing.T) {
	s := relaytest.NewScene(t)
	v, request := enterSheets(s)
	leaveForSheets(v, "Make a new sheet for the leads", "Marta Lindqvist")
	v.Press("Allow")
	v.Reads("Leads for Northlight Media, marta.lindqvist@mail.example")
	s.HasItems(request, 1)
}

func TestF33AnUntickedScopeConnectsNoSheet(t *testing.T) {
	s := relaytest.NewScene(t)
	s.Fault("googlesheets", "scope_unticked", true)
	v, request := enterSheets(s)
	leaveForSheets(v, "Pick sheets I have", "Lars Holm")
	v.Press("Allow")
	v.Reads("One permission was left out", "leave every box ticked")
	s.HasItems(request, 0)
}

func TestF35TheNoteForAnAdminNamesTheAppByItsID(t *testing.T) {
	s := relaytest.NewScene(t)
	v, _ := enterSheets(s)
	v.Press("Add Google Sheets")
	v.Tick("Pick sheets I have")
	v.Press("Continue")
	leaving := v.Page.URL.String()
	v.Follow("Proceed")
	v.Press("Tom Becker")
	v.Sees(http.StatusForbidden)
	v.Open(leaving) // Google's page leads nowhere: back in the browser
	v.Follow("I saw an error page there")
	v.Tick("I may not do this")
	v.Press("What can I do?")
	v.Reads("an admin of their Google Workspace has allowed")
	if id := s.World.ClientID("googlesheets"); !strings.Contains(v.Page.HTML, id) {
		t.Errorf("the note does not name the app %s: %s", id, v.Page.Text())
	}
}

func TestASignInAtGoogleThatIsCancelledConnectsNothing(t *testing.T) {
	s := relaytest.NewScene(t)
	v, request := enterSheets(s)
	leaveForSheets(v, "Pick sheets I have", "Lars Holm")
	v.Press("Allow")
	v.Press("Cancel")
	v.Reads("The sign-in at Google Sheets was cancelled")
	s.HasItems(request, 0)
}
