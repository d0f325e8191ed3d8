package hub_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/hub/checks"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

// shared has a client share an ad account and a Page, and the hub check them.
// It returns their rows in Accounts.
func shared(t *testing.T, s *relaytest.Scene) (account, page replica.ItemRow) {
	t.Helper()
	v := s.Browser()
	v.Enter(s.Link(onboarding.Facebook), "Marta Lind", "marta@harbourpine.example")
	v.Press("Add Facebook")
	v.Follow("Log In")
	v.Press("Mina Ito")
	v.Press("Allow")
	v.Tick("Harbour & Pine EU")
	v.Tick("Harbour Garden")
	v.Press("Connect Assets")
	s.Sync()
	if err := s.Hub.Checks.CheckNow(t.Context()); err != nil {
		t.Fatalf("checking: %v", err)
	}
	s.Sync()
	return listed(t, s, "Harbour & Pine EU"), listed(t, s, "Harbour Garden")
}

// listed returns the row in Accounts with the name.
func listed(t *testing.T, s *relaytest.Scene, name string) replica.ItemRow {
	t.Helper()
	found, err := s.Hub.Replica.Accounts(t.Context(), replica.AccountsParams{})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range found.Accounts {
		if row.Name == name {
			return row
		}
	}
	t.Fatalf("%s is not in Accounts: %+v", name, found.Accounts)
	return replica.ItemRow{}
}

func TestWhatAClientSharedMakesACampaignAndIsRememberedWithIt(t *testing.T) {
	s := relaytest.NewScene(t)
	account, page := shared(t, s)
	if account.Access != onboarding.AccessWorks || page.Access != onboarding.AccessWorks || account.Managed ||
		page.Managed {
		t.Fatalf("Accounts has %+v and %+v", account, page)
	}
	form := checks.CampaignForm{AdAccount: account.ID, Page: page.ID, Name: "  First light ", Objective: "OUTCOME_LEADS"}
	made, err := s.Hub.Checks.CreateCampaign(t.Context(), form)
	if err != nil {
		t.Fatal(err)
	}
	if made.ID == "" || made.Name != "First light" || made.User != "Ana Ruiz" || made.AdAccount != account.Name ||
		made.Page != page.Name || made.At == 0 {
		t.Errorf("got %+v", made)
	}
	again, err := s.Hub.Checks.CreateCampaign(t.Context(), form)
	if err != nil || again.ID == made.ID {
		t.Errorf("a second one: got %+v, %v", again, err)
	}
	if list, err := s.Hub.Replica.Campaigns(t.Context()); err != nil || len(list) != 2 || list[0].ID != again.ID &&
		list[1].ID != again.ID {
		t.Errorf("remembered are %+v, %v", list, err)
	}

	for field, wrong := range map[string]checks.CampaignForm{
		"name":       {AdAccount: account.ID, Page: page.ID, Name: " ", Objective: form.Objective},
		"ad_account": {AdAccount: page.ID, Page: page.ID, Name: "x", Objective: form.Objective},
		"page":       {AdAccount: account.ID, Page: "nothing", Name: "x", Objective: form.Objective},
		"objective":  {AdAccount: account.ID, Page: page.ID, Name: "x", Objective: "FAME"},
	} {
		_, err := s.Hub.Checks.CreateCampaign(t.Context(), wrong)
		var invalid *onboarding.InvalidError
		if !errors.As(err, &invalid) || invalid.Field != field {
			t.Errorf("a wrong %s: got %v", field, err)
		}
	}
}

func TestACampaignThatFacebookRefusesSaysWhyInWords(t *testing.T) {
	s := relaytest.NewScene(t)
	account, page := shared(t, s)
	form := checks.CampaignForm{AdAccount: account.ID, Page: page.ID, Name: "First light", Objective: "OUTCOME_SALES"}
	refused := func(words string) {
		t.Helper()
		_, err := s.Hub.Checks.CreateCampaign(t.Context(), form)
		var invalid *onboarding.InvalidError
		if !errors.As(err, &invalid) || !strings.Contains(invalid.Message, words) {
			t.Errorf("got %v, want it to say %q", err, words)
		}
	}
	act := func(action string) {
		t.Helper()
		if _, err := s.World.Trigger(sandbox.Action{Platform: "meta", Action: action, Asset: account.Account}); err != nil {
			t.Fatal(err)
		}
	}
	act("disable")
	refused("restricted Harbour & Pine EU")
	act("enable")
	act("withdraw")
	refused("could not be assigned to your Facebook user")

	// An item that is known to be broken is refused without a call.
	if err := s.Hub.Checks.CheckNow(t.Context(), account.ID); err != nil {
		t.Fatal(err)
	}
	s.Sync()
	refused("Harbour & Pine EU cannot be used now")
	if list, err := s.Hub.Replica.Campaigns(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("remembered are %+v, %v", list, err)
	}
}

func TestARestrictedAdAccountIsNotShownAsFine(t *testing.T) {
	s := relaytest.NewScene(t)
	account, _ := shared(t, s)
	act := func(action string) (replica.ItemRow, replica.Totals, replica.RequestRow) {
		t.Helper()
		if _, err := s.World.Trigger(sandbox.Action{Platform: "meta", Action: action, Asset: account.Account}); err != nil {
			t.Fatal(err)
		}
		if err := s.Hub.Checks.CheckNow(t.Context(), account.ID); err != nil {
			t.Fatal(err)
		}
		s.Sync()
		totals, err := s.Hub.Totals(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return listed(t, s, account.Name), totals, s.Details(account.Request).RequestRow
	}
	row, totals, request := act("disable")
	if row.Access != onboarding.AccessWorks || !row.Attention ||
		row.Title != "Facebook has restricted Harbour & Pine EU" || row.Code != "DISABLED" || row.Since == 0 ||
		!strings.HasPrefix(row.Note, "Hello Marta") ||
		row.Checks[0].Title != row.Title || row.Checks[1].Title != "" {
		t.Errorf("Accounts has %+v", row)
	}
	if totals.BrokenItems != 1 || totals.Attention != 1 || !request.Attention || request.Phase != replica.PhaseAttention {
		t.Errorf("the lists have %+v and %+v", totals, request)
	}
	todos, err := s.Hub.Todos(t.Context(), 5)
	if err != nil || len(todos) != 1 || todos[0].Item == nil || todos[0].Item.ID != account.ID {
		t.Errorf("to do is %+v, %v", todos, err)
	}
	for _, event := range s.Details(account.Request).Events {
		if event.Kind == onboarding.EventAccessBroken {
			t.Errorf("the timeline says that the access ended: %+v", event)
		}
	}
	row, totals, request = act("enable")
	if row.Attention || row.Title != "" || row.Code != "" || totals.BrokenItems != 0 || request.Attention {
		t.Errorf("after it was solved: %+v, %+v, %+v", row, totals, request)
	}
}

func TestACampaignCanUseAnAccountWhosePaymentIsOverdue(t *testing.T) {
	for failure, usable := range map[catalog.FailureCode]bool{
		"": true, catalog.PaymentOverdue: true, catalog.AccountRestricted: false, catalog.AccountClosed: false,
	} {
		item := onboarding.Item{State: onboarding.ItemConnected}
		item.Access.State, item.Access.Failure = onboarding.AccessWorks, string(failure)
		if got := replica.IsUsable(item); got != usable || replica.IsBroken(item) != (failure != "") {
			t.Errorf("%q: usable %t, with a red dot %t", failure, got, replica.IsBroken(item))
		}
	}
}
