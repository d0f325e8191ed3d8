package hub_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/hub/checks"
	"github.com/latchkeyhq/latchkey/internal/hub/credentials"
	"github.com/latchkeyhq/latchkey/internal/hub/outbox"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

// names has the browser of a client enter a link and name assets.
func names(t *testing.T, s *relaytest.Scene, link string, assets ...[2]string) *relaytest.Browser {
	t.Helper()
	v := s.Browser()
	v.Enter(link, "Marta Lind", "marta@harbourpine.example")
	v.Reads("Share your ad accounts and Pages at Facebook", "nobody signs in here")
	for _, asset := range assets {
		v.Tick(asset[0])
		v.Fill("Its name or id", asset[1])
		v.Press("Add")
	}
	return v
}

func givesByHand(t *testing.T, s *relaytest.Scene, assets ...string) {
	t.Helper()
	for _, asset := range assets {
		a := sandbox.Action{Platform: "meta", Action: "share", Asset: asset, Business: relaytest.Business}
		if _, err := s.World.Trigger(a); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWhatAClientSharesByHandIsFoundOrAsked(t *testing.T) {
	s := relaytest.NewScene(t)
	facebook := []onboarding.Service{onboarding.Facebook}
	givesByHand(t, s, "act_44712101206") // Harbour Trade Fair: too early, nobody asked for it
	id := s.Save(outbox.RequestForm{Services: facebook, ByHand: true})
	must(t, s.Hub.Checks.CheckNow(t.Context()))
	v := names(t, s, s.LinkOf(id), [2]string{"Ad account", "4471 2096 118"}, [2]string{"Page", "harbour  WORKSHOP"},
		[2]string{"Ad account", "Harbour Trade Fair"}, [2]string{"Page", "Pine"})
	v.Press("Next Step")
	v.Press("Finish")
	s.Sync()
	check := func() {
		t.Helper()
		must(t, s.Hub.Checks.CheckNow(t.Context()))
		s.Sync()
	}
	check()
	waiting := listed(t, s, "harbour WORKSHOP")
	if !waiting.Waiting || !waiting.Named || waiting.Failure != string(catalog.NamedByClient) {
		t.Errorf("before it was shared it is %+v", waiting)
	}
	givesByHand(t, s, "act_44712096118", "10482277006", "10482277004")
	check()
	for _, name := range []string{"Harbour & Pine EU", "Harbour Workshop"} {
		if found := listed(t, s, name); found.Access != onboarding.AccessWorks || found.Named {
			t.Errorf("%s was not found: %+v", name, found)
		}
	}
	early, near := listed(t, s, "Harbour Trade Fair"), listed(t, s, "Pine")
	for _, c := range []struct {
		item replica.ItemRow
		why  onboarding.CandidateReason
	}{{early, onboarding.CandidateBefore}, {near, onboarding.CandidateNear}} {
		view, err := s.Hub.Arrivals.Candidates(t.Context(), c.item.ID)
		must(t, err)
		if c.item.Failure != string(catalog.NamedUnclear) || !view.Able || view.Read == 0 ||
			len(view.Candidates) == 0 || view.Candidates[0].Why != c.why {
			t.Fatalf("%s is %s, of %+v; want it asked as %s", c.item.Name, c.item.Failure, view, c.why)
		}
	}
	err := s.Hub.Arrivals.Choose(t.Context(), checks.ChooseParams{Item: near.ID, Kind: onboarding.Page, Account: "1"})
	if !errors.Is(err, onboarding.ErrNotFound) {
		t.Errorf("choosing what has not arrived: %v", err)
	}
	must(t, s.Hub.Arrivals.Choose(t.Context(), checks.ChooseParams{
		Item: near.ID, Kind: onboarding.Page, Account: "10482277004",
	}))
	s.Sync()
	if found := listed(t, s, "Pine Kids"); found.Access != onboarding.AccessWorks || found.ID != near.ID {
		t.Errorf("what was chosen is %+v", found)
	}
	if d := s.Details(id); d.Status != onboarding.Connected || !d.ByHand {
		t.Errorf("the request is %s, by hand %v", d.Status, d.ByHand)
	}
	repairsByHand(t, s, check)
}

// repairsByHand has a client repair by hand what was shared so: the link says how, and
// nothing counts as done before the client says so.
func repairsByHand(t *testing.T, s *relaytest.Scene, check func()) {
	t.Helper()
	removes := sandbox.Action{Platform: "meta", Action: "withdraw", Asset: "act_44712096118"}
	if _, err := s.World.Trigger(removes); err != nil {
		t.Fatal(err)
	}
	check()
	broken := listed(t, s, "Harbour & Pine EU")
	if broken.Failure != string(catalog.ShareRemoved) {
		t.Fatalf("after the share was removed it is %+v", broken)
	}
	prepared(t, s, false, hub.RepairInput{ID: broken.ID})
	link := repairLink(t, s, broken.ID)
	v := s.Browser()
	v.Open(link)
	v.Reads("was removed at Facebook", "1184 2090 3317 552", "Manage campaigns", "Open Business settings")
	if v.Page.Has("Continue") {
		t.Errorf("the link leads to a sign-in: %s", v.Page.Text())
	}
	v.Press("I have done that")
	v.Reads("checks")
}

func TestAPartOfWhatAClientNamedIsNotAllOfIt(t *testing.T) {
	s := relaytest.NewScene(t)
	id := s.Save(outbox.RequestForm{Services: []onboarding.Service{onboarding.Facebook}, ByHand: true})
	must(t, s.Hub.Checks.CheckNow(t.Context()))
	v := names(t, s, s.LinkOf(id), [2]string{"Ad account", "4471 2096 118"}, [2]string{"Page", "Harbour Workshop"},
		[2]string{"Page", "Pine Kids"})
	v.Press("Next Step")
	v.Press("Finish")
	s.Sync()
	givesByHand(t, s, "act_44712096118")
	must(t, s.Hub.Checks.CheckNow(t.Context()))
	s.Sync()
	d := s.Details(id)
	if d.Status != onboarding.Connected || d.Phase != replica.PhaseAwaiting || d.Received != 1 || d.Awaited != 2 {
		t.Errorf("with one of three it is %s, %s: %d arrived, %d awaited", d.Status, d.Phase, d.Received, d.Awaited)
	}
	todos, err := s.Hub.Todos(t.Context(), 10)
	must(t, err)
	waiting := 0
	for _, todo := range todos {
		if todo.Kind == hub.TodoWaiting && todo.Row != nil && todo.Row.Received == 1 && todo.Row.Awaited == 2 {
			waiting++
		}
	}
	if waiting != 2 {
		t.Errorf("%d of the two that are awaited are to do: %+v", waiting, todos)
	}
	email, err := s.World.Mail.Await(t.Context(), func(m sandbox.Message) bool {
		return strings.HasSuffix(m.Subject, ": 1 of 3 accounts connected")
	})
	if err != nil || !strings.Contains(strings.Join(strings.Fields(email.Text), " "), "connected 1 of 3 accounts") {
		t.Errorf("the email about it says %s, %v", email.Text, err)
	}
	must(t, s.Hub.Outbox.Reopen(t.Context(), id, false))
	s.Sync()
	if d := s.Details(id); d.Status != onboarding.Pending || d.Phase != replica.PhasePartly ||
		d.Received != 1 || d.Awaited != 2 || d.CompletedBy != "" {
		t.Errorf("reopened it is %s, %s: %d arrived, %d awaited", d.Status, d.Phase, d.Received, d.Awaited)
	}
	givesByHand(t, s, "10482277006", "10482277004")
	must(t, s.Hub.Checks.CheckNow(t.Context()))
	s.Sync()
	if d := s.Details(id); d.Received != 3 || d.Awaited != 0 {
		t.Errorf("at last %d arrived, %d awaited", d.Received, d.Awaited)
	}
}

func TestWithoutAFacebookUserAPersonConfirms(t *testing.T) {
	s := relaytest.NewScene(t)
	facebook := []onboarding.Service{onboarding.Facebook}
	_, err := s.Hub.Outbox.SaveRequest(t.Context(), outbox.RequestForm{
		Client: "Harbour & Pine", Services: facebook, ByHand: true, Business: "none", BusinessName: "Northlight",
	})
	if !errors.Is(err, onboarding.ErrInvalid) {
		t.Errorf("a Business Manager without an id: %v", err)
	}
	id := s.Save(outbox.RequestForm{
		Services: facebook, ByHand: true, Business: "1184 2090 3317 552", BusinessName: "Northlight",
	})
	v := names(t, s, s.LinkOf(id), [2]string{"Ad account", "Harbour & Pine EU"})
	v.Reads("1184 2090 3317 552", "Northlight")
	v.Press("Next Step")
	v.Press("Finish")
	s.Sync()
	must(t, s.Hub.Checks.CheckNow(t.Context()))
	item := listed(t, s, "Harbour & Pine EU")
	view, err := s.Hub.Arrivals.Candidates(t.Context(), item.ID)
	if err != nil || view.Able || len(view.Candidates) != 0 || !item.Waiting {
		t.Errorf("nobody can look, and it is %+v, %v: %+v", view, err, item)
	}
	must(t, s.Hub.Arrivals.Confirm(t.Context(), item.ID, true))
	s.Sync()
	item = listed(t, s, "Harbour & Pine EU")
	if item.State != onboarding.ItemConnected || item.Confirmed == 0 || item.ConfirmedBy != "Ana Ruiz" {
		t.Errorf("what Ana has confirmed is %+v", item)
	}
	n, err := s.Hub.Replica.CountAccounts(t.Context(), replica.AccountsParams{Kind: item.Kind, Advertise: true})
	if err != nil || n != 0 {
		t.Errorf("%d accounts that nobody checked are offered for a campaign, %v", n, err)
	}
	file, err := s.Hub.ExportAccounts(t.Context(), replica.AccountsParams{})
	table := string(file)
	if err != nil || !strings.Contains(table, "confirmed, not checked") || strings.Contains(table, "named:") {
		t.Errorf("exported as %s, %v", table, err)
	}
	if item.Waiting || item.Account != "" {
		t.Errorf("what Ana has confirmed still waits, or has an id: %+v", item)
	}
	if d := s.Details(id); d.Status != onboarding.Connected || d.ConfirmedBy != "Ana Ruiz" {
		t.Errorf("the request is %s, confirmed by %q", d.Status, d.ConfirmedBy)
	}
	email, err := s.World.Mail.Await(t.Context(), func(m sandbox.Message) bool {
		return strings.HasSuffix(m.Subject, ": confirmed, not checked")
	})
	if err != nil || !strings.Contains(email.Text, "Ana Ruiz confirmed") || strings.Contains(email.Text, "arrived on") {
		t.Errorf("the email about it says %s, %v", email.Text, err)
	}
	must(t, s.Hub.Arrivals.Confirm(t.Context(), item.ID, false))
	s.Sync()
	if d := s.Details(id); d.Phase != replica.PhaseFinishedWaiting || d.Completed != 0 || d.ConfirmedBy != "" {
		t.Errorf("taken back the request is %s, completed at %d", d.Phase, d.Completed)
	}
	if item = listed(t, s, "Harbour & Pine EU"); item.Confirmed != 0 || !item.Waiting {
		t.Errorf("taken back it is %+v", item)
	}

	// Later a user is connected: what is there is found.
	givesByHand(t, s, "act_44712096118")
	s.ConnectFacebook()
	s.Sync()
	must(t, s.Hub.Checks.CheckNow(t.Context()))
	s.Sync()
	if item = listed(t, s, "Harbour & Pine EU"); item.Failure != string(catalog.NamedUnclear) {
		t.Errorf("without an earlier list it is %+v, want a person asked", item)
	}
}

// Only where nobody's computer can end a share by an admin is it left to people.
func TestAnotherComputersAdminIsKnown(t *testing.T) {
	s := relaytest.NewScene(t)
	s.ConnectFacebook()
	_, code, err := s.Admin.MemberCode(t.Context(), s.Agency.Name, s.Agency.Main.Email)
	must(t, err)
	there := s.Relay.Hub(t, code.Code)
	must(t, there.Sync(t.Context()))
	admins, err := there.Credentials.Admins(t.Context(), relaytest.Business)
	if err != nil || len(admins) != 1 {
		t.Errorf("the admins of the Business Manager are %+v, %v", admins, err)
	}
	_, _, err = there.Credentials.AdminOf(t.Context(), relaytest.Business)
	if !errors.Is(err, credentials.ErrNoCredential) {
		t.Errorf("it has a sign-in that was made on another computer: %v", err)
	}
	if admins, err := there.Credentials.Admins(t.Context(), "1184209033175520"); err != nil || len(admins) != 0 {
		t.Errorf("the admins of another Business Manager are %+v, %v", admins, err)
	}
}
