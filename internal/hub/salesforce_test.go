package hub_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/hub/checks"
	"github.com/latchkeyhq/latchkey/internal/hub/hubtest"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/platform/salesforce/salesforcefake"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

// connectSalesforce returns an item of Lars Holm's organisation. Its refresh
// token changes with each renewal; using an old one revokes all.
func connectSalesforce(t *testing.T, s *relaytest.Scene) string {
	t.Helper()
	request, link := s.Request(onboarding.Salesforce)
	v := s.Browser()
	v.Enter(link, "Lars Holm", "lars@harbourpine.example")
	v.Press("Add Salesforce")
	v.Fill("Your Salesforce address", "harbourpine.my.salesforce.com")
	v.Press("Continue")
	v.Follow("Proceed")
	v.Press("Lars Holm")
	v.Press("Allow")
	v.Reads("Salesforce is connected")
	s.Sync()
	d := s.Details(request)
	if len(d.Items) != 1 || !d.Items[0].Here {
		t.Fatalf("the hub has %+v", d.Items)
	}
	return d.Items[0].ID
}

func actAtSalesforce(t *testing.T, s *relaytest.Scene, action, person string) {
	t.Helper()
	a := sandbox.Action{Platform: "salesforce", Action: action, Person: person}
	if person == "" {
		a.Asset = s.World.State()["salesforce"].(salesforcefake.View).Grants[0].Organisation
	}
	_, err := s.World.Trigger(a)
	must(t, err)
}

// checked returns an item's row after a check by a hub.
func checked(t *testing.T, s *relaytest.Scene, h *hub.Hub, item string) replica.ItemRow {
	t.Helper()
	must(t, h.Checks.CheckNow(t.Context(), item))
	synced(t, h)
	i, err := h.Replica.Item(t.Context(), item)
	must(t, err)
	return i
}

// secondHub is another computer of the same member, with the item's credential.
func secondHub(t *testing.T, s *relaytest.Scene, c computer, item string) *hub.Hub {
	t.Helper()
	code, err := s.Hub.IssueCode(t.Context(), "")
	must(t, err)
	second := c.open(t, s)
	must(t, second.Enrol(t.Context(), s.URL, code.Code.Secret(), "Laptop"))
	synced(t, second)
	s.Sync()
	st, err := second.SessionInfo(t.Context())
	must(t, err)
	must(t, s.Hub.Credentials.Approve(t.Context(), st.Device, st.Fingerprint))
	until(
		t, "the credential", func() bool { i, err := second.Replica.Item(t.Context(), item); return err == nil && i.Here },
	)
	return second
}

func TestTwoHubsRenewAtOnceWhereAReplayEndsEverything(t *testing.T) {
	s := relaytest.NewScene(t)
	item := connectSalesforce(t, s)
	c := newComputer(t)
	second := secondHub(t, s, c, item)
	for round := range 6 {
		var both sync.WaitGroup
		errs := make([]error, 2)
		for n, h := range []*hub.Hub{s.Hub, second} {
			both.Go(func() { errs[n] = hubtest.Renew(t.Context(), h, item) })
		}
		both.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		if round == 3 { // one computer stops in between and returns with its old credential
			closed(t, second)
			must(t, hubtest.Renew(t.Context(), s.Hub, item))
			second = c.open(t, s)
			synced(t, second)
		}
	}
	defer closed(t, second)
	for _, h := range []*hub.Hub{s.Hub, second} {
		if i := checked(t, s, h, item); i.Access != onboarding.AccessWorks {
			t.Errorf("afterwards: %+v", i)
		}
	}
}

func TestARelayThatEndsBetweenTwoRenewalsLosesNoGrant(t *testing.T) {
	s := relaytest.NewScene(t)
	item := connectSalesforce(t, s)
	for range 3 {
		must(t, hubtest.Renew(t.Context(), s.Hub, item))
		s.Restart()
		s.Sync()
	}
	if i := checked(t, s, s.Hub, item); i.Access != onboarding.AccessWorks {
		t.Errorf("afterwards: %+v", i)
	}
}

func TestASessionThatEndedIsRenewedOnceAndTheItemWorks(t *testing.T) {
	s := relaytest.NewScene(t)
	item := connectSalesforce(t, s)
	before, _, err := hubtest.Credential(t.Context(), s.Hub, item)
	must(t, err)
	actAtSalesforce(t, s, "end_sessions", "lars-holm")
	if i := checked(t, s, s.Hub, item); i.Access != onboarding.AccessWorks {
		t.Fatalf("after the session's end: %+v", i)
	}
	if after, _, err := hubtest.Credential(t.Context(), s.Hub, item); err != nil || after == before {
		t.Errorf("it is called with the token of before: %v", err)
	}
}

func TestARenewedTokenComesWithTheCredentialOfTheSameVersion(t *testing.T) {
	s := relaytest.NewScene(t)
	item := connectSalesforce(t, s)
	seen := map[onboarding.Secret]bool{}
	for range 3 {
		must(t, hubtest.Renew(t.Context(), s.Hub, item))
		_, lasting, err := hubtest.Credential(t.Context(), s.Hub, item)
		must(t, err)
		if seen[lasting.Secret] || lasting.Kind != platform.RefreshToken {
			t.Fatal("a token was given with the credential of an older one")
		}
		seen[lasting.Secret] = true
	}
}

func TestAnOrganisationThatMovedIsFoundAtItsNewAddress(t *testing.T) {
	s := relaytest.NewScene(t)
	item := connectSalesforce(t, s)
	if i := checked(t, s, s.Hub, item); i.Access != onboarding.AccessWorks {
		t.Fatalf("before: %+v", i)
	}
	actAtSalesforce(t, s, "move", "")
	if i := checked(t, s, s.Hub, item); i.Access != onboarding.AccessWorks {
		t.Fatalf("after the move: %+v", i)
	}
	_, lasting, err := hubtest.Credential(t.Context(), s.Hub, item)
	must(t, err)
	if lasting.Address != "https://harbourpine-group.my.salesforce.com" {
		t.Errorf("it is kept at %s", lasting.Address)
	}
}

func TestWhyASalesforceItemStoppedIsSaidByItsCause(t *testing.T) {
	for _, c := range []struct{ row, action, person, title, heals string }{
		{
			row: "F51", action: "revoke", person: "lars-holm",
			title: "Salesforce no longer accepts the access to Harbour & Pine AB",
		},
		{row: "F56", action: "uninstall", title: "Salesforce no longer accepts the access to Harbour & Pine AB"},
		{
			row: "F55", action: "deactivate", person: "lars-holm",
			title: "The user who connected Harbour & Pine AB is switched off", heals: "activate",
		},
		{
			row: "F54", action: "lose_rights", person: "lars-holm", title: "The user of Harbour & Pine AB has lost rights",
			heals: "gain_rights",
		},
	} {
		s := relaytest.NewScene(t)
		item := connectSalesforce(t, s)
		if i := checked(t, s, s.Hub, item); i.Access != onboarding.AccessWorks {
			t.Fatalf("%s: before: %+v", c.row, i)
		}
		actAtSalesforce(t, s, c.action, c.person)
		if i := checked(t, s, s.Hub, item); i.Access != onboarding.AccessBroken || i.Title != c.title || i.Next == "" {
			t.Errorf("%s: got %s, %q, next %q; want %q", c.row, i.Access, i.Title, i.Next, c.title)
		}
		if c.heals == "" { // only another sign-in helps
			continue
		}
		actAtSalesforce(t, s, c.heals, c.person)
		if i := checked(t, s, s.Hub, item); i.Access != onboarding.AccessWorks || i.Attention {
			t.Errorf("%s, healed: got %s with %q", c.row, i.Access, i.Title)
		}
	}
}

func TestARelaysAppThatSalesforceRefusesIsShownOnceAndNotAtItsItems(t *testing.T) {
	s := relaytest.NewScene(t)
	item := connectSalesforce(t, s)
	if i := checked(t, s, s.Hub, item); i.Access != onboarding.AccessWorks {
		t.Fatalf("before: %+v", i)
	}
	s.Fault("salesforce", "ip_restricted", true)
	actAtSalesforce(t, s, "end_sessions", "lars-holm")
	var notTried *checks.NotTriedError
	if err := s.Hub.Checks.CheckNow(t.Context(), item); !errors.As(err, &notTried) {
		t.Fatalf("checking: got %v, want that it could not be done", err)
	}
	s.Sync()
	i, err := s.Hub.Replica.Item(t.Context(), item)
	const title = "Salesforce refuses the app of your relay"
	if err != nil || i.Attention || i.Access != onboarding.AccessWorks ||
		i.Unchecked == nil || i.Unchecked.Title != title {
		t.Errorf("the item is %+v, %v", i, err)
	}
	causes := causesShown(t, s)
	if len(causes) != 1 || causes[0].Title != title || causes[0].Note == "" || causes[0].Items != 1 {
		t.Errorf("what needs the user is %+v", causes)
	}
	s.Fault("salesforce", "ip_restricted", false)
	must(t, s.Hub.Checks.CheckNow(t.Context(), item))
	s.Sync() // the relay has heard that it works again
	if causes := causesShown(t, s); len(causes) != 0 {
		t.Errorf("afterwards what needs the user is %+v", causes)
	}
}

func TestTheDaysCallsUsedUpLeaveAnItemAsItWas(t *testing.T) {
	s := relaytest.NewScene(t)
	item := connectSalesforce(t, s)
	if i := checked(t, s, s.Hub, item); i.Access != onboarding.AccessWorks {
		t.Fatalf("before: %+v", i)
	}
	actAtSalesforce(t, s, "use_up_calls", "")
	if err := s.Hub.Checks.CheckNow(t.Context(), item); err == nil {
		t.Error("a check that could not be made says nothing")
	}
	s.Sync()
	if i, err := s.Hub.Replica.Item(t.Context(), item); err != nil || i.Access != onboarding.AccessWorks {
		t.Errorf("meanwhile: %+v, %v", i, err)
	}
}
