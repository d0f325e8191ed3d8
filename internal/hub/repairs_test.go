package hub_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

// breakage is what breaks the access to an account, and how its client repairs it.
type breakage struct {
	name    string
	connect func(t *testing.T, s *relaytest.Scene) (request string)
	breaks  []sandbox.Action
	failure catalog.FailureCode
	heals   []sandbox.Action // what only the client's admin can undo there, before
	reads   []string         // by the client, behind the link
	repair  func(v *relaytest.Browser)
}

// breakages are the failures that appear later and that a client can repair: F51 and F53 to
// F56, and what was wrong of a user or a key from the start, as in F40 and F45.
func breakages() []breakage {
	var key sandbox.Key
	again := func(platform string, then ...string) func(v *relaytest.Browser) {
		return func(v *relaytest.Browser) {
			v.Press("Add " + platform)
			for _, words := range then {
				switch {
				case words == "Proceed":
					v.Follow(words)
				case strings.Contains(words, "salesforce.com"):
					v.Fill("Your Salesforce address", words)
				default:
					v.Press(words)
				}
			}
			v.Follow("Close")
		}
	}
	share := func(v *relaytest.Browser) {
		v.Press("Add Facebook")
		v.Follow("Log In")
		v.Press("Mina Ito")
		v.Press("Allow")
		if boxes := v.Page.Boxes(); len(boxes) != 1 {
			panic("the page offers " + strings.Join(boxes, ", "))
		}
		v.Press("Connect Assets")
		v.Follow("Next Step")
	}
	salesforce := again("Salesforce", "harbourpine.my.salesforce.com", "Continue", "Proceed", "Lars Holm", "Allow")
	return []breakage{
		{
			name: "F51, the client withdrew it at HubSpot", connect: connectedHubSpot,
			breaks:  []sandbox.Action{{Platform: "hubspot", Action: "revoke", Person: "lars-holm"}},
			failure: catalog.CredentialRefused, reads: []string{"HubSpot no longer accepts this access"},
			repair: again("HubSpot", "Proceed", "Lars Holm", "Harbour & Pine AB", "Allow"),
		},
		{
			name: "F53, the share was removed at Facebook", connect: connectedPine,
			breaks:  []sandbox.Action{{Platform: "meta", Action: "withdraw"}},
			failure: catalog.ShareRemoved, reads: []string{"was removed at Facebook on"}, repair: share,
		},
		{
			name: "F54, its level was lowered at Facebook", connect: connectedPine,
			breaks:  []sandbox.Action{{Platform: "meta", Action: "lower"}},
			failure: catalog.LevelLowered, reads: []string{"has been read-only since", "Open Business settings"},
		},
		{
			name: "F55, who connected it was switched off", connect: connectedSalesforce,
			breaks:  []sandbox.Action{{Platform: "salesforce", Action: "deactivate", Person: "lars-holm"}},
			failure: catalog.UserInactive, reads: []string{"is not active at Salesforce any more"},
			repair: func(v *relaytest.Browser) { salesforce(v) },
		},
		{
			name: "F40, the role was lowered at Mailchimp", connect: connectedNewsletter,
			breaks:  []sandbox.Action{{Platform: "mailchimp", Action: "make_viewer", Person: "marta-lindqvist"}},
			failure: catalog.RoleTooLow, reads: []string{"has a role at Mailchimp that is too low"},
			heals:  []sandbox.Action{{Platform: "mailchimp", Action: "make_manager", Person: "marta-lindqvist"}},
			repair: again("Mailchimp", "Proceed", "Marta Lindqvist", "Allow"),
		},
		{
			name: "F45, the key was reset at ActiveCampaign", connect: func(_ *testing.T, s *relaytest.Scene) string {
				request, link := s.Request(onboarding.ActiveCampaign, onboarding.Mailchimp)
				key = s.World.Keys(string(onboarding.ActiveCampaign.Platform()))[0]
				v := s.Browser()
				v.Enter(link, "Nadia Berger", "nadia@northwind.example")
				v.Press("Add ActiveCampaign")
				typeKey(v, key)
				return request
			},
			breaks:  []sandbox.Action{{Platform: "activecampaign", Action: "revoke", Person: "nadia-berger"}},
			failure: catalog.KeyRefused, reads: []string{"ActiveCampaign no longer accepts the key"},
			heals:  []sandbox.Action{{Platform: "activecampaign", Action: "restore", Person: "nadia-berger"}},
			repair: func(v *relaytest.Browser) { v.Press("Add ActiveCampaign"); typeKey(v, key); v.Follow("Close") },
		},
		{
			name: "F56, the app was uninstalled at Salesforce", connect: connectedSalesforce,
			breaks:  []sandbox.Action{{Platform: "salesforce", Action: "uninstall"}},
			failure: catalog.CredentialRefused, reads: []string{"the app was uninstalled"}, repair: salesforce,
		},
	}
}

func connectedNewsletter(_ *testing.T, s *relaytest.Scene) string {
	request, link := s.Request(onboarding.Mailchimp, onboarding.HubSpot)
	v := s.Browser()
	v.Enter(link, "Marta Lindqvist", "marta@harbourpine.example")
	v.Press("Add Mailchimp")
	v.Follow("Proceed")
	v.Press("Marta Lindqvist")
	v.Press("Allow")
	return request
}

func typeKey(v *relaytest.Browser, key sandbox.Key) {
	v.Fill("API URL", key.URL)
	v.Fill("API key", key.Key)
	v.Press("Connect")
}

func connectedHubSpot(_ *testing.T, s *relaytest.Scene) string {
	request, link := s.Request(onboarding.HubSpot, onboarding.Mailchimp)
	v := s.Browser()
	v.ConnectHubSpot(link)
	return request
}

func connectedPine(_ *testing.T, s *relaytest.Scene) string {
	request, link := s.FacebookRequest(onboarding.LevelAdvertise)
	v := s.Browser()
	v.SignInAtFacebook(link, "Mina Ito")
	v.Tick("Harbour & Pine EU")
	v.Press("Connect Assets")
	return request
}

func connectedSalesforce(t *testing.T, s *relaytest.Scene) string {
	item := connectSalesforce(t, s)
	row, err := s.Hub.Replica.Item(t.Context(), item)
	must(t, err)
	return row.Request
}

// repairLink is the link that *Copy link* copies.
func repairLink(t *testing.T, s *relaytest.Scene, item string) string {
	t.Helper()
	var link string
	until(t, "a link to copy", func() bool { // a page of changes that was read before may still be stored
		var err error
		link, err = s.Hub.Repairs.Links(t.Context(), []string{item})
		must(t, err)
		return link != ""
	})
	return link
}

func prepared(t *testing.T, s *relaytest.Scene, lost bool, repairs ...hub.RepairInput) hub.RepairsOutcome {
	t.Helper()
	outcome, err := s.Hub.Repairs.Prepare(t.Context(), hub.RepairsInput{Repairs: repairs, Lost: lost})
	must(t, err)
	return outcome
}

func onlyItem(t *testing.T, s *relaytest.Scene, request string) replica.ItemRow {
	t.Helper()
	d := s.Details(request)
	if len(d.Items) != 1 {
		t.Fatalf("the request has %+v", d.Items)
	}
	return d.Items[0]
}

// TestWhatBrokeIsRepairedByOneLink: at the fake something breaks, the dot offers a link, the
// client repairs by it, the check passes, and the link closes itself.
func TestWhatBrokeIsRepairedByOneLink(t *testing.T) {
	for _, b := range breakages() {
		t.Run(b.name, func(t *testing.T) {
			s := relaytest.NewScene(t)
			request := b.connect(t, s)
			worksAll(t, s, request, 1)
			before, events := onlyItem(t, s, request), s.Details(request).Events
			for _, action := range b.breaks {
				if action.Action == "uninstall" {
					actAtSalesforce(t, s, "uninstall", "")
					continue
				}
				if action.Platform == "meta" {
					action.Asset = before.Account
				}
				_, err := s.World.Trigger(action)
				must(t, err)
			}
			broken := checked(t, s, s.Hub, before.ID)
			if !broken.Attention || broken.Fix != catalog.FixRepair || broken.Failure != string(b.failure) {
				t.Fatalf("the dot is %v with %q for %q", broken.Attention, broken.Fix, broken.Failure)
			}
			for _, action := range b.heals {
				_, err := s.World.Trigger(action)
				must(t, err)
			}
			switch b.failure { // what only the client's admin can undo there
			case catalog.UserInactive:
				actAtSalesforce(t, s, "activate", "lars-holm")
			case catalog.CredentialRefused:
				if strings.HasPrefix(b.name, "F56") {
					actAtSalesforce(t, s, "install", "")
				}
			}

			if outcome := prepared(t, s, false, hub.RepairInput{ID: before.ID}); outcome.Prepared != 1 || outcome.Sent != 0 {
				t.Errorf("preparing the link came to %+v", outcome)
			}
			link := repairLink(t, s, before.ID)
			v := s.Browser()
			v.Open(link)
			v.Reads(append(b.reads, before.Name, "Only this one")...)
			if b.repair == nil { // the client does it at the platform
				_, err := s.World.Trigger(sandbox.Action{
					Platform: "meta", Action: "share", Asset: before.Account, Business: s.Details(request).BusinessID,
				})
				must(t, err)
				v.Press("I have done that")
				v.Reads("is being checked")
				repaired(t, s, request, link, before)
				return
			}
			v.Press("Continue")
			v.Fill("Your name", "Nora Dahl")
			v.Fill("Your work email", "nora@harbourpine.example")
			v.Press("View request")
			visit := v.Page.URL.String()
			b.repair(v)
			v.Reads("is being checked", "Your receipt")
			for _, elsewhere := range []string{"/summary", "/skip/" + string(before.Service), "/platforms/mailchimp/key"} {
				root := strings.Join(strings.SplitN(visit, "/", 6)[:5], "/")
				v.Open(root + elsewhere)
				// Once the check has passed, the repair is over.
				if v.Page.Status != http.StatusNotFound && v.Page.Status != http.StatusGone {
					t.Errorf("%s of a repair answers %d", elsewhere, v.Page.Status)
				}
			}

			repaired(t, s, request, link, before)
			history := s.Details(request).Events // the newest first
			if !slices.Equal(history[len(history)-len(events):], events) {
				t.Errorf("the history was %+v and is %+v", events, history)
			}
			for kind, who := range map[onboarding.EventKind]string{
				onboarding.EventItemConnected: "Nora Dahl", onboarding.EventRepaired: "",
			} {
				if !slices.ContainsFunc(history, func(e onboarding.Event) bool { return e.Kind == kind && e.Who == who }) {
					t.Errorf("the history has no %s by %q: %+v", kind, who, history)
				}
			}
		})
	}
}

// repaired waits until a link has closed itself, since its item works again.
func repaired(t *testing.T, s *relaytest.Scene, request, link string, before replica.ItemRow) {
	t.Helper()
	worksAll(t, s, request, 1)
	until(t, "the link's end", func() bool { s.Sync(); return onlyItem(t, s, request).Repair == nil })
	v := s.Browser()
	v.Open(link)
	v.Sees(http.StatusGone)
	v.Reads("This works again. Nothing to do.")
	after := onlyItem(t, s, request)
	if after.ID != before.ID || after.Attention || after.State != onboarding.ItemConnected || !after.Here {
		t.Errorf("the item was %+v and is %+v", before, after)
	}
}

// brokenHubSpot is a request of which HubSpot no longer accepts the access, with the link to
// repair it.
func brokenHubSpot(t *testing.T, s *relaytest.Scene) (item replica.ItemRow, link string) {
	t.Helper()
	request := connectedHubSpot(t, s)
	worksAll(t, s, request, 1)
	_, err := s.World.Trigger(sandbox.Action{Platform: "hubspot", Action: "revoke", Person: "lars-holm"})
	must(t, err)
	item = checked(t, s, s.Hub, onlyItem(t, s, request).ID)
	prepared(t, s, false, hub.RepairInput{ID: item.ID})
	return item, repairLink(t, s, item.ID)
}

func TestARepairLinkTakesNoOtherAccountAndEndsInItsOwnWays(t *testing.T) {
	s := relaytest.NewScene(t)
	item, link := brokenHubSpot(t, s)
	v := s.Browser()
	for _, now := range []struct{ failure, reads string }{
		{"agency_side", "Nothing is asked of you now"},
		{"account_unpaid", "This account at HubSpot is not active"},
		{item.Failure, "HubSpot no longer accepts this access"},
	} {
		s.ReportBroken(t, s.Agency.ID, item.ID, now.failure)
		v.Open(link)
		v.Reads(now.reads)
		if asks := v.Page.Has("Continue"); asks != (now.failure == item.Failure) {
			t.Errorf("with %s the page asks to continue: %t", now.failure, asks)
		}
		if now.failure != item.Failure {
			outcome := prepared(t, s, false, hub.RepairInput{ID: item.ID, Address: item.ByEmail})
			if outcome.Sent+outcome.Working != 0 || len(outcome.Unsent) != 1 || outcome.Unsent[0].Why != "not_theirs" {
				t.Errorf("with %s another link comes to %+v", now.failure, outcome)
			}
		}
	}
	v.Press("Continue")
	v.Fill("Your name", "Nora Dahl")
	v.Fill("Your work email", "nora@harbourpine.example")
	v.Press("View request")
	v.Press("Add HubSpot")
	v.Follow("Proceed")
	v.Press("Lars Holm")
	v.Press("Harbour & Pine Outlet")
	v.Press("Allow")
	v.Reads("This is another account", "You signed in to", "outlet.harbourpine.example",
		"This link is for harbourpine.example alone")
	if s.Sync(); len(s.Details(item.Request).Items) != 1 {
		t.Errorf("the request has %+v", s.Details(item.Request).Items)
	}

	must(t, s.Hub.Repairs.Close(t.Context(), item.ID))
	v.Open(link)
	v.Sees(http.StatusGone)
	v.Reads("This is no longer needed")
	prepared(t, s, false, hub.RepairInput{ID: item.ID})
	if v.Open(link); v.Page.Status != http.StatusGone {
		t.Errorf("the older link answers %d", v.Page.Status)
	}
	v.Reads("There is a newer link")
	link = repairLink(t, s, item.ID)
	if prepared(t, s, false, hub.RepairInput{ID: item.ID}); repairLink(t, s, item.ID) != link {
		t.Error("preparing an open link once more gave another one")
	}
	s.Pass(32 * 24 * time.Hour)
	v.Open(link)
	v.Sees(http.StatusGone)
	v.Reads("This link has expired")
	v.Press("Ask for a new link")
	v.Reads("This link has expired", "You get a new link by email from them")
	answer, _ := relaytest.Do(t, v.Jar(), http.MethodPost, link+"/ask", nil, relaytest.SameOrigin())
	if answer.StatusCode != http.StatusSeeOther || s.Emails(item.Request, "link_asked") != 1 {
		t.Errorf("asked twice: status %d, %d emails", answer.StatusCode, s.Emails(item.Request, "link_asked"))
	}
	prepared(t, s, false, hub.RepairInput{ID: item.ID})
	v.Open(link)
	v.Reads("There is a newer link")
}

func TestALostComputersAccountsGetTheirLinksInOneClick(t *testing.T) {
	s := relaytest.NewScene(t)
	request := connectedHubSpot(t, s)
	worksAll(t, s, request, 1)
	item := onlyItem(t, s, request)
	devices, err := s.Hub.Credentials.Devices(t.Context())
	must(t, err)
	if _, err := s.Hub.Repairs.Prepare(t.Context(), hub.RepairsInput{
		Repairs: []hub.RepairInput{{ID: item.ID}},
	}); err != nil {
		t.Fatal(err)
	}
	if onlyItem(t, s, request).Repair != nil {
		t.Error("an account that works has a repair link")
	}
	outcome := prepared(t, s, true, hub.RepairInput{ID: item.ID, Address: item.ByEmail})
	if outcome.Sent != 1 || s.Emails(request, "repair") != 1 || len(devices) == 0 {
		t.Errorf("the click came to %+v", outcome)
	}
	must(t, s.Hub.Checks.CheckNow(t.Context(), item.ID)) // here the credential is not lost
	s.Sync()
	link := repairLink(t, s, item.ID)
	v := s.Browser()
	v.Open(link)
	v.Reads("asks you to connect harbourpine.example again", "on a computer that Northlight Media no longer has")
	v.Press("Continue")
	v.Fill("Your name", "Lars Holm")
	v.Fill("Your work email", item.ByEmail)
	v.Press("View request")
	v.Press("Add HubSpot")
	v.Follow("Proceed")
	v.Press("Lars Holm")
	v.Press("Harbour & Pine AB")
	v.Press("Allow")
	v.Follow("Close")
	s.Sync()
	must(t, s.Hub.Checks.CheckNow(t.Context(), item.ID))
	until(t, "the link's end", func() bool { s.Sync(); return onlyItem(t, s, request).Repair == nil })
}

func TestAShareThatWasRemovedCanBeSharedAgainAfterReopening(t *testing.T) {
	s := relaytest.NewScene(t)
	request := connectedPine(t, s)
	worksAll(t, s, request, 1)
	before := onlyItem(t, s, request)
	v := s.Browser()
	v.Enter(s.LinkOf(request), "Marta Lind", "marta@harbourpine.example")
	v.Open(strings.TrimSuffix(v.Page.URL.String(), "/summary") + "/summary")
	v.Press("Finish")
	s.Sync()
	_, err := s.World.Trigger(sandbox.Action{Platform: "meta", Action: "withdraw", Asset: before.Account})
	must(t, err)
	if broken := checked(t, s, s.Hub, before.ID); !broken.Attention {
		t.Fatalf("it is %+v", broken)
	}
	must(t, s.Hub.Outbox.Reopen(t.Context(), request, false))
	s.Sync()
	v = s.Browser()
	v.SignInAtFacebook(s.LinkOf(request), "Mina Ito")
	v.Press("Connect Assets")
	worksAll(t, s, request, 1)
	if after := onlyItem(t, s, request); after.ID != before.ID || after.Attention {
		t.Errorf("it was %+v and is %+v", before, after)
	}
}
