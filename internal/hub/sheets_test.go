package hub_test

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

// The fake Google's ids of two sheets that Lars Holm sees.
const (
	leadsSheet = "1Hp4LeadsAutumnCampaign_x7Qm2VbTnR5wKc8ZsYdJ"
	pricesOnly = "1Kw7OnlyReadPriceList_t5Yb9NcXr3QmVk6ZsWdHpJ"
)

// pickSheets has a client pick these sheets, and returns the request.
func pickSheets(t *testing.T, s *relaytest.Scene, titles ...string) (request string) {
	t.Helper()
	request, link := s.Request(onboarding.GoogleSheets)
	v := s.Browser()
	v.Enter(link, "Lars Holm", "lars@harbourpine.example")
	v.Press("Add Google Sheets")
	v.Tick("Pick sheets I have")
	v.Press("Continue")
	v.Follow("Proceed")
	v.Press("Lars Holm")
	v.Press("Allow")
	for _, title := range titles {
		v.Tick(title)
	}
	v.Press("Select")
	v.Reads(titles...)
	s.Sync()
	return request
}

func TestTheAgencysOwnSheetsSayWhichWereLeftOut(t *testing.T) {
	s := relaytest.NewScene(t)
	started, err := s.Hub.StartConnection(t.Context(), onboarding.GoogleSheets.Platform())
	if err != nil {
		t.Fatal(err)
	}
	v := s.Browser()
	v.Open(started.Address)
	v.Tick("Pick sheets I have")
	v.Press("Continue")
	v.Follow("Proceed")
	v.Press("Lars Holm")
	v.Press("Allow")
	v.Tick("Leads autumn campaign")
	v.Tick("Price list 2026")
	v.OnRedirect(func(to *url.URL) bool {
		if strings.HasPrefix(to.String(), s.URL+"/callback/") {
			if _, err := s.World.Trigger(
				sandbox.Action{Platform: "googlesheets", Action: "trash", Asset: pricesOnly},
			); err != nil {
				t.Error(err)
			}
		}
		return true
	})
	v.Press("Select")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	item, left, err := s.Hub.WaitAccount(ctx, started.ID)
	if err != nil || item.Name != "Leads autumn campaign" || left != "Price list 2026 (in the bin)" {
		t.Errorf("connected is %q, left out %q, %v", item.Name, left, err)
	}
}

// sheet returns the item of one sheet.
func sheet(s *relaytest.Scene, request, account string) replica.ItemRow {
	for _, item := range s.Details(request).Items {
		if item.Account == account {
			return item
		}
	}
	return replica.ItemRow{}
}

func TestPickedSheetsAreTriedEachAndOneThatIsOnlyReadSaysSo(t *testing.T) {
	s := relaytest.NewScene(t)
	request := pickSheets(t, s, "Leads autumn campaign", "Price list 2026")
	until(t, "the checks by themselves", func() bool {
		return sheet(s, request, leadsSheet).Access == onboarding.AccessWorks &&
			sheet(s, request, pricesOnly).Access == onboarding.AccessWorks
	})
	if got := sheet(s, request, leadsSheet).Gives; got != "2 tabs, rows can be read and changed" {
		t.Errorf("the sheet with leads gives %q", got)
	}
	if got := sheet(s, request, pricesOnly).Gives; got != "2 tabs, rows can only be read" {
		t.Errorf("the price list gives %q", got)
	}
	if got := sheet(s, request, pricesOnly).Detail; got != "ana@northlight.example · can be read, not written" {
		t.Errorf("the price list has the detail %q", got)
	}
	_, err := s.World.Trigger(sandbox.Action{Platform: "googlesheets", Action: "trash", Asset: leadsSheet})
	must(t, err)
	must(t, s.Hub.Checks.CheckNow(t.Context(), sheet(s, request, leadsSheet).ID))
	until(t, "the check of what is in the bin", func() bool {
		return sheet(s, request, leadsSheet).Access == onboarding.AccessBroken
	})
	if got := sheet(s, request, leadsSheet); got.Failure != string(catalog.InTrash) ||
		sheet(s, request, pricesOnly).Access != onboarding.AccessWorks {
		t.Errorf("after it was thrown away: got %+v", got)
	}
	_, err = s.World.Trigger(sandbox.Action{Platform: "googlesheets", Action: "restore", Asset: leadsSheet})
	must(t, err)
	leads := sheet(s, request, leadsSheet).ID
	if got := checked(t, s, s.Hub, leads); got.Access != onboarding.AccessWorks || got.Attention {
		t.Errorf("after it was restored: got %+v", got)
	}
	s.Fault("googlesheets", "session_rule", true)
	s.Pass(2 * time.Hour)
	if got := checked(t, s, s.Hub, leads); got.Failure != string(catalog.SessionLimited) ||
		got.Fix != catalog.FixRepair || got.Next == "" {
		t.Errorf("after a rule ended the sign-in: got %+v", got)
	}
}

func TestAnAppInTestingIsShownToTheAgencyByTheDaysThatAreLeft(t *testing.T) {
	s := relaytest.NewScene(t)
	s.Fault("googlesheets", "testing", true)
	request := pickSheets(t, s, "Leads autumn campaign")
	until(t, "the first check", func() bool { return sheet(s, request, leadsSheet).Access == onboarding.AccessWorks })
	if got := sheet(s, request, leadsSheet).Gives; got != "2 tabs, 7 days until it ends, rows can be read and changed" {
		t.Errorf("it gives %q", got)
	}
	s.Pass(8 * 24 * time.Hour)
	s.Hub.Resume()
	until(t, "the check after its end", func() bool {
		return sheet(s, request, leadsSheet).Access == onboarding.AccessBroken
	})
}
