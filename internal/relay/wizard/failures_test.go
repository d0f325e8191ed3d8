package wizard_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

// What goes wrong for real people, row by row, walked as they would.

func TestF1LookingUsesNothingUp(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.HubSpot)
	for range 50 {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			r, err := http.NewRequestWithContext(t.Context(), method, link, nil)
			if err != nil {
				t.Fatal(err)
			}
			answer, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			_ = answer.Body.Close() // only the status counts
			if answer.StatusCode != http.StatusOK {
				t.Fatalf("%s of the link: status %d", method, answer.StatusCode)
			}
		}
	}
	s.Sync()
	if d := s.Details(id); d.Opened != 0 {
		t.Error("looking at the link counts as opening it")
	}
	v := s.Browser()
	v.Open(link)
	v.Press("Grant Permission Now")
	s.Sync()
	if d := s.Details(id); d.Opened == 0 {
		t.Error("pressing the button does not count as opening")
	}
}

func TestF2AnExpiredLinkSaysUntilWhenItWasValid(t *testing.T) {
	s := relaytest.NewScene(t)
	link := s.Link(onboarding.HubSpot)
	v := s.Browser()
	v.Enter(link, "Marta Lind", "marta@harbourpine.example")
	step := v.Page.URL.String()
	s.Pass(32 * 24 * time.Hour)
	v.Open(link)
	v.Sees(http.StatusGone)
	v.Reads("This link has expired", "UTC")
	v.Open(step)
	v.Sees(http.StatusGone)
}

func TestF3AWithdrawnLinkAsksForNothing(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.HubSpot)
	v := s.Browser()
	v.Enter(link, "Marta Lind", "marta@harbourpine.example")
	if err := s.Hub.Outbox.Withdraw(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	s.Sync()
	v.Press("Add HubSpot")
	v.Sees(http.StatusGone)
	v.Reads("Northlight Media has withdrawn this request", "You do not need to do anything")
	if v.Page.Says("receipt") {
		t.Errorf("who shared nothing reads of a receipt: %s", v.Page.Text())
	}
	v.Open(link)
	v.Sees(http.StatusGone)
}

// TestWhoSharedSomethingGetsAReceiptThoughNobodyFinished: the agency withdrew the request, or
// its link expired. What was shared can be withdrawn there.
func TestWhoSharedSomethingGetsAReceiptThoughNobodyFinished(t *testing.T) {
	s := relaytest.NewScene(t)
	withdrawn, withdrawnLink := s.Request(onboarding.HubSpot)
	expired, expiredLink := s.Request(onboarding.HubSpot)
	for _, c := range []struct {
		link, id, says string
		end            func()
	}{
		{link: withdrawnLink, id: withdrawn, says: "withdrew its request on", end: func() {
			if err := s.Hub.Outbox.Withdraw(t.Context(), withdrawn); err != nil {
				t.Fatal(err)
			}
			s.Sync()
		}},
		{link: expiredLink, id: expired, says: "before anybody finished", end: func() {
			s.Pass(32 * 24 * time.Hour)
			if err := s.Relay.Relay.RunDueJobs(t.Context()); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		v := s.Browser()
		v.ConnectHubSpot(c.link)
		c.end()
		v.Open(c.link)
		v.Sees(http.StatusGone)
		v.Reads("Your receipt")
		receipt := receiptThatSays(t, s, c.says)
		v.Open(receipt)
		v.Reads("What you shared with", "Portal 26114873")
		v.Follow("Withdraw")
		v.Press("Withdraw")
		s.Sync()
		if items := s.Details(c.id).Items; len(items) != 1 || items[0].Withdrawn == 0 {
			t.Errorf("%s: after Withdraw the hub has %+v", c.says, items)
		}
	}
}

func TestF4AFinishedLinkNamesNobodysAccounts(t *testing.T) {
	s := relaytest.NewScene(t)
	link := s.Link(onboarding.HubSpot)
	v := s.Browser()
	v.ConnectHubSpot(link)
	v.Follow("Next Step")
	v.Press("Finish")
	other := s.Browser()
	other.Open(link)
	other.Sees(http.StatusGone)
	other.Reads("Lars has finished this")
	if other.Page.Says("harbourpine") || other.Page.Says("26114873") {
		t.Errorf("the page tells what was connected: %s", other.Page.Text())
	}
}

func TestF5AnOlderLinkPointsToTheNewerOne(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.HubSpot)
	s.Pass(32 * 24 * time.Hour)
	if err := s.Hub.Outbox.Renew(t.Context(), id, false); err != nil {
		t.Fatal(err)
	}
	s.Sync()
	v := s.Browser()
	v.Open(link)
	v.Sees(http.StatusGone)
	v.Reads("There is a newer link")
	v.Open(s.LinkOf(id))
	v.Sees(http.StatusOK)
}

// awaitEmail is the newest email to an address whose text has these words.
func awaitEmail(t *testing.T, s *relaytest.Scene, to, words string) sandbox.Message {
	t.Helper()
	mail, err := s.World.Mail.Await(t.Context(), func(m sandbox.Message) bool {
		return slices.Contains(m.To, to) && strings.Contains(m.Text, words)
	})
	if err != nil {
		t.Fatalf("no email to %s with %q: %v", to, words, err)
	}
	return mail
}

// linkIn is the request's link in an email.
func linkIn(t *testing.T, s *relaytest.Scene, mail sandbox.Message) string {
	t.Helper()
	_, rest, found := strings.Cut(mail.Text, s.URL+"/r/")
	if !found {
		t.Fatalf("the email has no link: %s", mail.Text)
	}
	return s.URL + "/r/" + strings.FieldsFunc(rest, func(r rune) bool { return !isTokenRune(r) })[0]
}

func isTokenRune(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '-' || r == '_'
}

func TestF2WhoHasAnExpiredLinkAsksForANewOneThatGoesToTheInvited(t *testing.T) {
	s := relaytest.NewScene(t)
	id, _ := s.Request(onboarding.HubSpot)
	const marta = "marta@harbourpine.example"
	if err := s.Hub.Outbox.Send(t.Context(), id, []string{marta}); err != nil {
		t.Fatal(err)
	}
	s.Sync()
	old := linkIn(t, s, awaitEmail(t, s, marta, "Grant Permission Now"))
	s.Pass(32 * 24 * time.Hour)
	v := s.Browser()
	v.Open(old)
	v.Reads("This link has expired", "Northlight Media is told at once")
	before := relaytest.SettledDigest(t, s)
	for range 3 {
		v.Open(old)
	}
	if relaytest.DatabaseDigest(t, s) != before {
		t.Error("looking at the page changes something")
	}
	for range 3 { // whatever is typed
		answer, _ := relaytest.Do(t, nil, http.MethodPost, old+"/ask",
			url.Values{"email": {"eve@elsewhere.example"}}, relaytest.SameOrigin())
		if answer.StatusCode != http.StatusSeeOther {
			t.Fatalf("asking: status %d", answer.StatusCode)
		}
	}
	v.Open(old)
	v.Reads("They were told on", "The new link goes by email to the people they invited")
	s.Sync()
	if n := s.Emails(id, store.EmailLinkAsked); n != 1 {
		t.Errorf("the requester gets %d emails, want 1", n)
	}
	todos, err := s.Hub.Todos(t.Context(), 9)
	if err != nil {
		t.Fatal(err)
	}
	offered := false
	for _, todo := range todos {
		offered = offered || todo.Kind == "asked" && todo.Request == id && todo.Row.Can.Renew && todo.Row.Can.SendLink
	}
	if !offered {
		t.Fatalf("the hub does not offer to renew and send: %+v", todos)
	}
	if err := errors.Join(s.World.Mail.Empty(), s.Hub.Outbox.Renew(t.Context(), id, true)); err != nil {
		t.Fatal(err)
	}
	s.Sync()
	if d := s.Details(id); d.LinkAsked != 0 || d.Phase == "link_asked" {
		t.Errorf("once renewed it is still asked for: %+v", d.RequestRow)
	}
	v.Open(linkIn(t, s, awaitEmail(t, s, marta, "Grant Permission Now")))
	v.Sees(http.StatusOK)
	for _, m := range s.World.Mail.Messages() {
		if slices.Contains(m.To, "eve@elsewhere.example") {
			t.Error("an address that was typed got an email")
		}
	}
}

func TestF5AnOlderLinkIsSentAgainToItsAddress(t *testing.T) {
	s := relaytest.NewScene(t)
	id, copied := s.Request(onboarding.HubSpot)
	const marta = "marta@harbourpine.example"
	if err := s.Hub.Outbox.Send(t.Context(), id, []string{marta}); err != nil {
		t.Fatal(err)
	}
	s.Sync()
	old := linkIn(t, s, awaitEmail(t, s, marta, "Grant Permission Now"))
	s.Pass(32 * 24 * time.Hour)
	if err := s.Hub.Outbox.Renew(t.Context(), id, false); err != nil {
		t.Fatal(err)
	}
	s.Sync()
	v := s.Browser()
	v.Open(old)
	v.Reads("There is a newer link", "let us send it to")
	v.Press("Send it again")
	v.Reads("The newest link is on its way to")
	if v.Page.Says(marta) {
		t.Error("the page shows the address in full")
	}
	v.Open(linkIn(t, s, awaitEmail(t, s, marta, "The newest link")))
	v.Sees(http.StatusOK)
	v.Open(old)
	v.Press("Send it again")
	v.Reads("An email went to")
	v.Open(copied)
	v.Reads("yours is a copied one")
	v.Press("Ask for the newest link")
	v.Reads("They were told on")
	s.Sync()
	if s.Details(id).LinkAsked == 0 {
		t.Error("the hub is not told that a copied link was opened")
	}
}

func TestWhoCannotDoItDeclinesWithAReasonAndMayChangeTheirMind(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.HubSpot)
	v := s.Browser()
	v.Open(link)
	v.Follow("I cannot do this")
	v.Fill("Your name", "Lars Holm")
	v.Fill("Your work email", "lars@harbourpine.example")
	v.Press("Go on")
	v.Press("Decline the request")
	v.Sees(http.StatusUnprocessableEntity)
	v.Reads("Say in a few words why")
	const reason = "We left HubSpot in May"
	v.Fill("Reason", reason)
	v.Press("Decline the request")
	v.Reads("Northlight Media knows that you cannot do this", reason, "You can change your mind")
	s.Sync()
	d := s.Details(id)
	if d.Phase != "declined" || d.DeclineReason != reason || d.DeclinedBy != "Lars Holm" {
		t.Errorf("the hub has %+v", d)
	}
	if n := s.Emails(id, store.EmailDeclined); n != 1 || s.Emails(id, store.EmailSkipped) != 0 {
		t.Errorf("%d emails say that it was declined, want 1, and none that something is skipped", n)
	}
	told, err := s.World.Mail.Await(t.Context(), func(m sandbox.Message) bool {
		return strings.HasSuffix(m.Subject, " declined your request")
	})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(fmt.Sprint(told), reason) {
		t.Errorf("the email has the reason: %+v", told)
	}
	// A name is typed: another person of the same name is a colleague as well.
	var colleague *relaytest.Browser
	for _, name := range []string{"Lars Holm", "Marta Lind"} {
		colleague = s.Browser()
		colleague.Enter(link, name, "marta@harbourpine.example")
		colleague.Open(visitOf(colleague) + "/decline")
		colleague.Reads("Lars Holm has said that they cannot do this")
		if colleague.Page.Says(reason) {
			t.Errorf("a colleague who says they are %s reads the reason", name)
		}
	}
	colleague.Open(visitOf(colleague) + "/platforms")
	colleague.Press("Add HubSpot")
	colleague.Follow("Proceed")
	colleague.Press("Lars Holm")
	colleague.Press("Harbour & Pine AB")
	colleague.Press("Allow")
	s.Sync()
	if d := s.Details(id); d.Phase == "declined" || d.DeclineReason != "" || len(d.Skipped) != 0 {
		t.Errorf("what was connected after all is declined still: %+v", d)
	}
}

func TestF7WhoElseHasStartedIsSaid(t *testing.T) {
	s := relaytest.NewScene(t)
	link := s.Link(onboarding.HubSpot)
	marta, lars := s.Browser(), s.Browser()
	marta.Enter(link, "Marta Lind", "marta@harbourpine.example")
	lars.Enter(link, "Lars Holm", "lars@harbourpine.example")
	lars.Reads("Marta has also started", "You can continue")
	marta.Reload()
	marta.Reads("Lars has also started")
	third := s.Browser()
	third.Enter(link, "Marta Lind", "marta@harbourpine.example")
	if third.Page.Says("Marta has also started") {
		t.Error("the same person on another browser is called somebody else")
	}
}

func TestF8WhoMayShareNothingReadsItAbove(t *testing.T) {
	s := relaytest.NewScene(t)
	v := s.AtAssets("Ed Novak")
	v.Reads(
		"Facebook does not let Ed Novak share any of this", "often one colleague looks after Facebook",
		"Can you open the request and connect Facebook?",
	)
	v.Press("Look again")
	v.Reads("Facebook does not let Ed Novak share any of this")
	v.Follow("Skip, I cannot do this")
	v.Reads("What prevents you from doing this?")
}

func TestF9ThePageSaysHowToCheckIt(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.HubSpot)
	v := s.Browser()
	v.Open(link)
	v.Follow("Is this genuine?")
	v.Reads(onboarding.VerificationWords(id)...)
	v.Reads("Northlight Media", "Example Operations")
}

func TestF14AnAccountOutsideABusinessManagerIsShownWithTheWayIn(t *testing.T) {
	s := relaytest.NewScene(t)
	v := s.AtAssets("Mina Ito")
	v.Reads("Mina private", "Not in a Business Manager yet")
	if err := v.Browser.Tick("Mina private"); err == nil {
		t.Error("it can be ticked")
	}
	v.Follow("Add it, 3 steps for Mina private")
	v.Reads("Add Mina private to your Business Manager first")
	v.Press("Look again")
	v.Reads("Choose what to share")
}

func TestF15NobodyShowsNothingWithoutABusinessManager(t *testing.T) {
	s := relaytest.NewScene(t)
	v := s.AtAssets("Noor Haddad")
	v.Reads(
		"you have none yet", "Haddad Bakery", "choose Create account", "Can you tell me who looks after our Business Manager",
	)
	if to := v.Page.Target("Open Business Manager"); to != "https://business.facebook.com/" {
		t.Errorf("the way to make one leads to %q", to)
	}
	v.Press("Look again")
	v.Reads("you have none yet")
}

func TestF16APageOfAnotherBusinessNamesTheBusiness(t *testing.T) {
	s := relaytest.NewScene(t)
	v := s.AtAssets("Olga Lind")
	v.Reads("Belongs to Alte Werft Media")
	if err := v.Browser.Tick("Lind Keramik Outlet"); err == nil {
		t.Error("it can be ticked")
	}
}

func TestF17PartialAccessNamesWhoHasFullControl(t *testing.T) {
	s := relaytest.NewScene(t)
	v := s.AtAssets("Pia Berg")
	v.Reads("You can use it, but only Karl Berg has full control")
}

func TestF18FullControlWithoutBeingAdminIsTwoPermissions(t *testing.T) {
	s := relaytest.NewScene(t)
	v := s.AtAssets("Tomas Rey")
	v.Reads("You are not an admin of its Business Manager")
}

func TestF19ANewPageAdminWaitsWithoutBlame(t *testing.T) {
	s := relaytest.NewScene(t)
	v := s.AtAssets("Lena Roth")
	v.Tick("Roth & Söhne Carpenter")
	v.Press("Connect Assets")
	v.Reads("Facebook makes new admins wait up to 7 days")
	v.Follow("Next Step")
	v.Reads("Nothing to do")
	v.Press("Look again")
	v.Reads("Nothing to do")
	v.Follow("Next Step")
	v.Press("Finish")
	v.Sees(http.StatusOK)
}

func TestF20AndF21WhatAnAdminHasToApproveWaitsAndIsLookedForAgain(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.Facebook)
	s.Fault("meta", "requires_admin_approval", true)
	v := s.Browser()
	v.SignInAtFacebook(link, "Mina Ito")
	v.Tick("Harbour & Pine EU")
	v.Press("Connect Assets")
	v.Reads("Waiting")
	v.Follow("Next Step")
	v.Reads(
		"Approve", "Harbour & Pine EU", "Requests",
		"Can you approve the sharing of Harbour & Pine EU at business.facebook.com",
	)
	v.Press("Look again")
	v.Reads("Facebook still shows Harbour & Pine EU as waiting")
	s.Sync()
	if d := s.Details(id); len(d.Items) != 1 || d.Status != onboarding.Pending {
		t.Fatalf("the hub has %d items of a %s request", len(d.Items), d.Status)
	}
	v.Press("Look again") // not yet
	v.Reads("Facebook still shows Harbour & Pine EU as waiting")
	s.Fault("meta", "requires_admin_approval", false)
	if _, err := s.World.Trigger(sandbox.Action{
		Platform: "meta", Action: "approve", Asset: "act_44712096118",
	}); err != nil {
		t.Fatal(err)
	}
	v.Press("Look again")
	v.Reads("Everything has arrived")
	v.Follow("Next Step")
	v.Press("Finish")
	s.Sync()
	if d := s.Details(id); len(d.Items) != 1 || d.Items[0].State != onboarding.ItemConnected ||
		d.Status != onboarding.Connected {
		t.Errorf("once it is approved, the hub has %+v of a %s request", d.Items, d.Status)
	}
}

func TestWhatWaitsForAnAdminKeepsNobodyFromFinishing(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.Facebook)
	s.Fault("meta", "requires_admin_approval", true)
	v := s.Browser()
	v.SignInAtFacebook(link, "Mina Ito")
	v.Tick("Harbour & Pine EU")
	v.Press("Connect Assets")
	v.Follow("Next Step")
	v.Press("Look again")
	v.Follow("Next Step")
	v.Press("Finish")
	v.Sees(http.StatusOK)
	s.Sync()
	if d := s.Details(id); d.Finished == 0 || d.Status != onboarding.Pending {
		t.Errorf("the hub has a %s request, finished %d", d.Status, d.Finished)
	} else if d.Approval == 0 {
		t.Error("the hub does not say when they are reminded")
	}
	noon := s.Now().UTC().Truncate(24 * time.Hour).Add(36 * time.Hour) // reminders go out by day
	s.Pass(noon.Add(3 * 24 * time.Hour).Sub(s.Now()))
	if err := s.Relay.Relay.RunDueJobs(t.Context()); err != nil {
		t.Fatal(err)
	}
	mail := awaitEmail(t, s, "marta@harbourpine.example", "still has to approve that at Facebook")
	if !strings.Contains(mail.Subject, "Harbour & Pine EU still waits for an approval") {
		t.Errorf("the reminder's subject is %q", mail.Subject)
	}
	v.Open(linkIn(t, s, mail))
	v.Reads("Harbour & Pine EU", "Waiting")
}

func TestF22WhatWasNotTickedAtFacebookCanBeTickedThere(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.Facebook)
	v := s.Browser()
	v.Enter(link, "Marta Lind", "marta@harbourpine.example")
	v.Press("Add Facebook")
	v.Follow("Log In")
	v.Press("Mina Ito")
	v.Follow("Edit settings")
	v.Untick("Harbour Garden")
	v.Press("Allow")
	v.Reads("Choose what to share")
	if err := v.Browser.Tick("Harbour Garden"); err == nil {
		t.Error("what was not ticked at Facebook can be ticked here")
	}
	v.Press("Open Facebook’s choice again and tick it there")
	v.Follow("Log In")
	v.Tick("Harbour Garden")
	v.Press("Allow")
	v.Tick("Harbour Garden")
	v.Press("Connect Assets")
	v.Reads("Connected")
	s.HasItems(id, 1)
	v.Follow("Next Step")
	v.Press("Finish")
	v.Sees(http.StatusOK)
}

func TestF23SixtyPagesAndFiveHundredAccountsAreAllThere(t *testing.T) {
	s := relaytest.NewScene(t)
	link := s.Link(onboarding.Facebook)
	v := s.Browser()
	v.SignInAtFacebook(link, "Sam Xu")
	if n := len(v.Page.Boxes()); n != 100 {
		t.Errorf("%d boxes can be ticked, want 60 Pages and 40 ad accounts", n)
	}
	greta := s.Browser()
	greta.SignInAtFacebook(link, "Greta Vogt")
	if n := len(greta.Page.Boxes()); n != 501 {
		t.Errorf("%d boxes can be ticked, want 500 ad accounts and a Page", n)
	}
}

func TestF24WhoSeesNothingSignsInAsSomebodyElseOrSkips(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.Facebook)
	v := s.Browser()
	v.Enter(link, "Marta Lind", "marta@harbourpine.example")
	v.Press("Add Facebook")
	v.Follow("Log In")
	v.Press("Olga Lind")
	v.Follow("Edit settings")
	for _, box := range v.Page.Boxes() {
		if strings.Contains(box, "Lind ") && !strings.Contains(box, "440118831550682") { // their business stays
			v.Untick(box)
		}
	}
	v.Press("Allow")
	v.Reads("Olga Lind", "Can you open the request and sign in with the Facebook user who looks after our ad accounts?")
	lists := v.Page.URL.String()
	v.Follow("Skip, I cannot do this")
	v.Fill("Reason", "Mina has our Facebook.")
	v.Press("Skip it")
	s.Sync()
	if d := s.Details(id); len(d.Skipped) != 1 || d.Skipped[0].Reason != "Mina has our Facebook." {
		t.Errorf("the hub has the reasons %+v", d.Skipped)
	}
	v.Open(lists)
	v.Follow("Send it to a colleague")
	v.Fill("Your colleague’s email", "mina@harbourpine.example")
	v.Press("Send it to them")
	v.Reads("mina@harbourpine.example was asked on")
	v.Open(lists)
	v.Press("Not you?")
	v.Reads("You are signed in to Facebook as Olga Lind", "Sign out at facebook.com")
	v.Press("Add Facebook")
	v.Follow("Log In")
	v.Press("Log out, I am someone else")
	v.Press("Mina Ito")
	v.Press("Allow")
	v.Tick("Harbour Kitchens")
	v.Press("Connect Assets")
	v.Reads("Connected")
	s.HasItems(id, 1)
}

func TestF25TwoFactorIsAskedForInWords(t *testing.T) {
	s := relaytest.NewScene(t)
	v := s.AtAssets("Mina Ito")
	s.Fault("meta", "two_factor_required", true)
	v.Tick("Harbour & Pine EU")
	v.Press("Connect Assets")
	v.Reads("Two-factor")
	s.Fault("meta", "two_factor_required", false)
	v.Press("Connect Assets") // what failed is still ticked
	v.Reads("Connected")
}

func TestF26ARestrictedAccountCanBeSharedAndSaysSo(t *testing.T) {
	s := relaytest.NewScene(t)
	v := s.AtAssets("Dirk Maas")
	v.Reads("Restricted by Facebook")
	v.Tick("Maas Fietsen Verhuur")
	v.Press("Connect Assets")
	v.Reads("Connected")
}

func TestF26AnAccountThatIsClosedIsOfferedToNobody(t *testing.T) {
	s := relaytest.NewScene(t)
	for action, offered := range map[string]bool{"close": false, "enable": true} {
		if _, err := s.World.Trigger(sandbox.Action{Platform: "meta", Action: action, Asset: "act_54400870045"}); err != nil {
			t.Fatal(err)
		}
		v := s.AtAssets("Dirk Maas")
		if got := v.Page.Says("Maas Fietsen Verhuur"); got != offered {
			t.Errorf("after %s the account is offered: %t", action, got)
		}
	}
}

func TestF27WithoutADeviceTheSignInIsNotStartedAndTheAgencyIsTold(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.HubSpot)
	devices, err := s.Hub.Credentials.Devices(t.Context())
	if err != nil || len(devices) != 1 {
		t.Fatalf("listing devices: %v, %v", devices, err)
	}
	v := s.Browser()
	v.Enter(link, "Lars Holm", "lars@harbourpine.example")
	if _, err := s.Hub.Credentials.Revoke(t.Context(), devices[0].ID); err != nil {
		t.Fatal(err)
	}
	v.Press("Add HubSpot")
	v.Reads("on the side of Northlight Media", "They have been told")
	if told := s.Emails(id, store.EmailNoDevice); told != 1 {
		t.Errorf("the agency got %d emails about it, want 1", told)
	}
}

func TestF28FacebooksBlockIsWaitedFor(t *testing.T) {
	s := relaytest.NewScene(t)
	v := s.AtAssets("Mina Ito")
	s.Fault("meta", "blocked", true)
	v.Tick("Harbour & Pine EU")
	v.Press("Connect Assets")
	v.Reads(
		"Facebook asks to wait before this is tried again", "It is not about you", "Try again in an hour",
		"Your choices are kept",
	)
	s.Fault("meta", "blocked", false)
	v.Press("Connect Assets")
	v.Reads("1 of 9 connected", "1 ad account connected")
	if v.Page.Says("asks to wait") || v.Page.Says("Nothing chosen") {
		t.Errorf("it works now, and the page says: %s", v.Page.Text())
	}
}

func TestF29WhatTheAppMayNotShareIsSharedByHand(t *testing.T) {
	s := relaytest.NewScene(t)
	_, link := s.Request(onboarding.Facebook)
	v := s.Browser()
	v.SignInAtFacebook(link, "Mina Ito")
	s.Fault("meta", "app_not_approved", true)
	v.Tick("Harbour & Pine EU")
	v.Press("Connect Assets")
	v.Follow("Next Step")
	v.Reads(
		"1184 2090 3317 552", "Partners", "Harbour & Pine EU",
		"Can you share Harbour & Pine EU with the Business Manager Northlight – Clients, id 1184 2090 3317 552",
	)
	v.Follow("Next Step")
	v.Press("Finish")
	v.Sees(http.StatusOK)
	again := s.Browser()
	again.Open(link)
	again.Sees(http.StatusGone)
}

func TestASignInThatFacebookEndsIsSignedInAnewAndKeepsTheChoice(t *testing.T) {
	s := relaytest.NewScene(t)
	v := s.AtAssets("Mina Ito")
	v.Tick("Harbour & Pine EU")
	s.Fault("meta", "token_revoked", true)
	v.Press("Connect Assets")
	v.Reads("Facebook ended this sign-in", "your choices are kept")
	s.Fault("meta", "token_revoked", false)
	v.Press("Try again")
	v.Follow("Log In")
	v.Press("Allow")
	v.Reads("Choose what to share", "1 of 9 chosen")
	v.Press("Connect Assets") // what failed is still ticked
	v.Reads("1 of 9 connected")
}

func TestF29WhoIsStoppedByFacebooksOwnPageIsTheAgencysMatter(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.Facebook)
	v := s.Browser()
	v.Enter(link, "Marta Lind", "marta@harbourpine.example")
	v.Press("Add Facebook")
	leaving := v.Page.URL.String()
	s.Fault("meta", "feature_unavailable", true)
	v.Follow("Log In")
	v.Reads("Feature unavailable")
	s.Fault("meta", "feature_unavailable", false)
	v.Open(leaving) // back in the browser
	v.Follow("I saw an error page there")
	v.Reads("What did the page of Facebook say?")
	v.Press("What can I do?")
	v.Sees(http.StatusUnprocessableEntity)
	v.Reads("Choose what comes closest.")
	form := v.Page.URL.String()
	v.Tick("The app is not active or not available")
	v.Press("What can I do?")
	v.Reads("that is not your fault: Northlight Media can look into it", "Skip, I cannot do this")
	if s.Emails(id, store.EmailAgencySideProblem) != 1 {
		t.Error("the agency was not told")
	}
	// The same again is no second entry; the client's own words are one, cleaned.
	v.Open(form)
	v.Tick("The app is not active or not available")
	v.Press("What can I do?")
	v.Open(form)
	v.Tick("Something else")
	v.Fill("In your own words, if you like (for “Something else”)", "  a  red page ")
	v.Press("What can I do?")
	v.Reads("What you wrote stands with the request")
	s.Sync()
	var said []string
	for _, e := range s.Details(id).Events {
		if e.Kind == onboarding.EventErrorPage {
			said = append(said, e.Who+": "+e.Detail)
		}
	}
	if want := []string{"Marta Lind: other a red page", "Marta Lind: unavailable"}; !slices.Equal(said, want) {
		t.Errorf("the timeline has %q, want %q", said, want)
	}
	v.Open(form)
	v.Tick("I may not do this")
	v.Press("What can I do?")
	v.Reads("another user of your company may be allowed to", "A note to copy")
	v.Press("Try again")
	v.Follow("Log In")
	v.Press("Mina Ito")
	v.Press("Allow")
	v.Reads("Choose what to share")
}

func TestF30WhatIsSharedAlreadyIsSuccess(t *testing.T) {
	s := relaytest.NewScene(t)
	first, second := s.Link(onboarding.Facebook), s.Link(onboarding.Facebook)
	for _, link := range []string{first, second} {
		v := s.Browser()
		v.SignInAtFacebook(link, "Mina Ito")
		v.Tick("Harbour & Pine EU")
		v.Press("Connect Assets")
		v.Reads("Connected")
		if link == second {
			v.Reads("Already shared. Nothing to do.")
		}
		v.Follow("Next Step")
		v.Press("Finish")
		v.Sees(http.StatusOK)
	}
}

func TestF31PartOfTheChoiceIsSaidAsPart(t *testing.T) {
	s := relaytest.NewScene(t)
	for name, mended := range map[string]bool{"UK": true, "Nordics": false} { // the rest is shared after all, or left
		id, link := s.Request(onboarding.Facebook)
		v := s.Browser()
		v.SignInAtFacebook(link, "Mina Ito")
		v.Tick("Harbour & Pine EU")
		v.Press("Connect Assets")
		s.Fault("meta", "blocked", true)
		v.Tick("Harbour & Pine " + name + " 4471")
		v.Press("Connect Assets")
		v.Reads("1 of 2 are done. Harbour & Pine " + name + ":")
		if v.Page.Has("Go on") {
			t.Error("the page has Go on beside its Next Step")
		}
		s.Fault("meta", "blocked", false)
		want := 1
		if mended {
			v.Press("Connect Assets") // what failed is still ticked
			v.Reads("2 of 9 connected")
			want = 2
		}
		v.Follow("Next Step")
		v.Press("Finish")
		s.Sync()
		d, connected := s.Details(id), 0
		for _, item := range d.Items {
			if item.State == onboarding.ItemConnected {
				connected++
			}
		}
		if d.Status != onboarding.Connected || connected != want {
			t.Errorf("%s: the hub has %d connected of a %s request, want %d", name, connected, d.Status, want)
		}
	}
}

func TestF31WhatWaitsForAnApprovalIsNotDone(t *testing.T) {
	s := relaytest.NewScene(t)
	v := s.AtAssets("Mina Ito")
	s.Fault("meta", "requires_admin_approval", true)
	v.Tick("Harbour & Pine EU")
	v.Press("Connect Assets")
	v.Reads("Waiting")
	s.Fault("meta", "requires_admin_approval", false)
	s.Fault("meta", "blocked", true)
	v.Tick("Harbour & Pine UK 4471 2099 871 · GBP")
	v.Press("Connect Assets")
	if v.Page.Says("are done") {
		t.Errorf("one waits and one failed, and the page says that some are done: %.800s", v.Page.Text())
	}
	s.Fault("meta", "blocked", false)
	v.Tick("Harbour & Pine UK 4471 2099 871 · GBP")
	v.Press("Connect Assets")
	s.Fault("meta", "blocked", true)
	v.Tick("Harbour & Pine Outlet")
	v.Press("Connect Assets")
	v.Reads("1 of 3 are done, 1 waits. Harbour & Pine Outlet:")
}

func TestF37WhoMayNotConnectAppsGetsANoteForWhoMay(t *testing.T) {
	s := relaytest.NewScene(t)
	v := s.Browser()
	v.Enter(s.Link(onboarding.HubSpot), "Marta Lind", "marta@harbourpine.example")
	v.Press("Add HubSpot")
	leaving := v.Page.URL.String()
	v.Follow("Proceed")
	v.Press("Marta Lindqvist")
	v.Open(leaving) // HubSpot's error page leads nowhere: back in the browser
	v.Follow("I saw an error page there")
	v.Tick("I may not do this")
	v.Press("What can I do?")
	v.Reads("HubSpot lets only some people connect apps", "If HubSpot said that you may not", "Only a Super Admin may")
	v.Follow("Skip, I cannot do this")
	v.Press("Skip")
	if v.Page.Status != http.StatusUnprocessableEntity {
		t.Errorf("skipped without a reason: status %d", v.Page.Status)
	}
}

func TestF38AnotherPortalIsAnotherItem(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.HubSpot)
	v := s.Browser()
	v.ConnectHubSpot(link)
	v.Press("Add HubSpot")
	v.Follow("Proceed")
	v.Press("Harbour & Pine Outlet")
	v.Press("Allow")
	v.Reads("portal 26120447", "Wrong portal?")
	s.HasItems(id, 2)
}

func TestF39WhatThePlanDoesNotIncludeIsSaidAndTheRestWorks(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.HubSpot)
	v := s.Browser()
	v.Enter(link, "Jonas Reuter", "jonas@kiefertimber.example")
	v.Press("Add HubSpot")
	v.Follow("Proceed")
	v.Press("Jonas Reuter")
	v.Press("Allow")
	v.Reads("HubSpot is connected", "portal 40077120",
		"Your HubSpot plan or user does not include adding and changing contacts and reading lists.", "The rest works.",
		"Wrong portal?")
	s.HasItems(id, 1)
	v.Follow("Close")
	v.Follow("Next Step")
	v.Press("Finish")
	v.Sees(http.StatusOK)
}

func TestAPlanThatIncludesEverythingIsNotCalledIncomplete(t *testing.T) {
	s := relaytest.NewScene(t)
	_, link := s.Request(onboarding.HubSpot)
	v := s.Browser()
	v.ConnectHubSpot(link)
	if v.Page.Says("does not include") || v.Page.Says("The rest works") {
		t.Errorf("the page says %.800s", v.Page.Text())
	}
}

func TestF44AnAddressOfTheAppIsRepaired(t *testing.T) {
	s := relaytest.NewScene(t)
	v, account := s.AtKeyForm()
	v.Fill("API URL", "https://northwind.app-us1.com/app/settings")
	v.Fill("API key", account.Key)
	v.Press("Connect")
	v.Sees(http.StatusUnprocessableEntity)
	v.Reads("This is a page of the app")
	v.Press("Use https://northwind.api-us1.com")
	v.Reads("ActiveCampaign is connected", "northwind.api-us1.com")
}

func TestF44AnAddressWithoutHTTPSIsRepaired(t *testing.T) {
	s := relaytest.NewScene(t)
	v, account := s.AtKeyForm()
	v.Fill("API URL", "http://northwind.api-us1.com")
	v.Fill("API key", account.Key)
	v.Press("Connect")
	v.Sees(http.StatusUnprocessableEntity)
	v.Reads("The API URL begins with https://")
	if v.Page.Says("page of the app") {
		t.Errorf("an address of the API is called a page of the app: %.800s", v.Page.Text())
	}
	v.Press("Use https://northwind.api-us1.com")
	v.Reads("ActiveCampaign is connected", "northwind.api-us1.com")
}

func TestF45ARefusedKeyKeepsTheAddress(t *testing.T) {
	s := relaytest.NewScene(t)
	v, account := s.AtKeyForm()
	v.Fill("API URL", account.URL)
	v.Fill("API key", account.Key[:20])
	v.Press("Connect")
	v.Reads("ActiveCampaign rejected this key")
	if strings.Contains(v.Page.HTML, account.Key[:20]) {
		t.Error("the refused key stands in the page")
	}
	v.Fill("API key", "  "+account.Key[:10]+" "+account.Key[10:]+"\n")
	v.Press("Connect")
	v.Reads("ActiveCampaign is connected")
}

func TestWhatIsNotSeenAroundAKeyIsRemovedAndInsideItIsNamed(t *testing.T) {
	s := relaytest.NewScene(t)
	v, account := s.AtKeyForm()
	try := func(address, key string) {
		t.Helper()
		v.Fill("API URL", address)
		v.Fill("API key", key)
		v.Press("Connect")
	}
	try(strings.Replace(account.URL, "api", "a\u200bpi", 1), account.Key)
	v.Sees(http.StatusUnprocessableEntity)
	v.Reads("This has an invisible character inside: zero width space (U+200B).")
	try(account.URL, account.Key[:9]+"\ufeff"+account.Key[9:])
	v.Sees(http.StatusUnprocessableEntity)
	v.Reads("This has an invisible character inside: byte order mark (U+FEFF).")
	try("\ufeff"+account.URL+"\u200b", "\u200b\u00a0"+account.Key+"\u2060\u200f")
	v.Reads("ActiveCampaign is connected")
}

func TestAKeyWhoseUserSeesNothingIsSaidBesideTheKey(t *testing.T) {
	s := relaytest.NewScene(t)
	v, account := s.AtKeyForm()
	v.Fill("API URL", account.URL)
	v.Fill("API key", "3b90e7d41fa258c60b7d1e94f3852ac7d06e19b4f58c23a7e0d9416b8f72c5301ade96b4")
	v.Press("Connect")
	v.Sees(http.StatusUnprocessableEntity)
	v.Reads("its user may see neither contacts nor lists")
}

func TestF46APersonalKeySaysThatItEndsWithItsUser(t *testing.T) {
	s := relaytest.NewScene(t)
	v, account := s.AtKeyForm()
	v.Reads("ends with that user")
	v.Fill("API URL", account.URL)
	v.Fill("API key", account.Key)
	v.Press("Connect")
	v.Reads("One made for Northlight Media is the better choice")
	v.Follow("Close")
	v.Follow("Next Step")
	v.Reads("northwind.api-us1.com")
}

func TestF47TheSameAccountTwiceIsOneItem(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.HubSpot)
	v := s.Browser()
	v.ConnectHubSpot(link)
	v.Press("Add HubSpot")
	v.Follow("Proceed")
	v.Press("Harbour & Pine AB")
	v.Press("Allow")
	v.Reads("It is counted once")
	v.Follow("Close")
	v.Follow("Next Step")
	v.Press("Finish")
	s.HasItems(id, 1)
}

func TestF48APlatformThatIsDownLosesNothing(t *testing.T) {
	s := relaytest.NewScene(t)
	v, link := s.Browser(), s.Link(onboarding.HubSpot)
	v.ReachConsent(link)
	s.Fault("hubspot", "reset", true)
	err := v.Browser.Press("Allow")
	s.Fault("hubspot", "reset", false)
	if err != nil {
		t.Fatal(err)
	}
	v.Reads("HubSpot does not answer right now", "What you did is saved")
	failed := v.Page.URL.String()
	v.Open(link) // later, with the same link
	v.Follow("Continue as Lars")
	v.Reads("Connect your other platforms")
	v.Open(failed)
	v.Press("Try again")
	v.Follow("Proceed")
	v.Press("Harbour & Pine AB")
	v.Press("Allow")
	v.Reads("HubSpot is connected")
}

func TestWhatDidNotConnectCanBeSkippedFromWhereItIsSaid(t *testing.T) {
	s := relaytest.NewScene(t)
	v := s.Browser()
	v.ReachConsent(s.Link(onboarding.HubSpot))
	v.Press("Cancel")
	v.Reads("The sign-in at HubSpot was cancelled")
	v.Follow("Skip, I cannot do this")
	v.Fill("Reason", "Ida does this.")
	v.Press("Skip it")
	v.Reads("You said: “Ida does this.”")
}

func TestAReasonForTheRestOfAServiceIsKept(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.HubSpot)
	v := s.Browser()
	v.ConnectHubSpot(link)
	v.Press("Add HubSpot")
	v.Follow("Proceed")
	v.Press("Harbour & Pine Outlet")
	v.Press("Cancel")
	v.Follow("Skip, I cannot do this")
	v.Reads("What is connected stays connected")
	v.Fill("Reason", "Ida has the outlet’s portal.")
	v.Press("Skip it")
	v.Reads("Portal 26114873", "The rest of HubSpot", "You said: “Ida has the outlet’s portal.”")
	if n := s.Emails(id, store.EmailSkipped); n != 1 {
		t.Errorf("%d emails tell the requester of it, want 1", n)
	}
	v.Press("Finish")
	v.Reads("The rest of HubSpot", "You said: “Ida has the outlet’s portal.”")
	s.HasItems(id, 1)
	if d := s.Details(id); len(d.Skipped) != 1 || d.Skipped[0].Reason != "Ida has the outlet’s portal." {
		t.Errorf("the hub has the reasons %+v", d.Skipped)
	}
	_, receipt := receiptOf(t, s, "lars@harbourpine.example")
	v.Open(receipt)
	v.Reads("Portal 26114873", "The rest of HubSpot", "You said: “Ida has the outlet’s portal.”", "left HubSpot out.")
}
