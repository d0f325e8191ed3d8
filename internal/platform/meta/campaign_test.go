package meta

import (
	"errors"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

func TestACampaignNeedsTheAccountAndThePageToBeAssigned(t *testing.T) {
	s := newScene(t)
	access, business := s.agency(t)
	account, _, err := s.shared(t, onboarding.AdAccount, "Harbour & Pine EU", business)
	if err != nil {
		t.Fatal(err)
	}
	page, _, err := s.shared(t, onboarding.Page, "Harbour & Pine", business)
	if err != nil {
		t.Fatal(err)
	}
	create := func(what catalog.FailureCode, asset string) string {
		t.Helper()
		id, err := s.hub.Campaign(t.Context(), access, platform.CampaignParams{
			AdAccount: account.Account,
			Page:      page.Account,
			Name:      "First light",
			Objective: "OUTCOME_TRAFFIC",
		})
		var failure *platform.Failure
		if errors.As(err, &failure); what == "" && err != nil ||
			what != "" && (failure == nil || failure.Code != what || failure.Asset != asset) {
			t.Fatalf("got %+v, want %q about %s", err, what, asset)
		}
		return id
	}
	// Shared with the Business Manager, but assigned to none of its users.
	create(catalog.NotAssigned, page.Account)
	if err := s.hub.Assign(t.Context(), access, platform.AssignParams{Item: page, Business: business}); err != nil {
		t.Fatal(err)
	}
	create(catalog.NotAssigned, account.Account)
	if err := s.hub.Assign(t.Context(), access, platform.AssignParams{Item: account, Business: business}); err != nil {
		t.Fatal(err)
	}
	first, second := create("", ""), create("", "")
	if first == "" || first == second {
		t.Errorf("two campaigns have the ids %q and %q", first, second)
	}
	var campaign struct {
		Status    string `json:"status"`
		Objective string `json:"objective"`
		Name      string `json:"name"`
	}
	if err := s.hub.graph.get(t.Context(), callerOf(access), first,
		map[string][]string{"fields": {"id,name,status,objective"}}, &campaign); err != nil {
		t.Fatal(err)
	}
	if campaign.Status != "PAUSED" || campaign.Objective != "OUTCOME_TRAFFIC" || campaign.Name != "First light" {
		t.Errorf("Facebook has %+v", campaign)
	}

	s.Act(sandbox.Action{Action: "disable", Asset: account.Account})
	create(catalog.AccountRestricted, account.Account)
	s.Act(sandbox.Action{Action: "enable", Asset: account.Account})
	s.Act(sandbox.Action{Action: "withdraw", Asset: account.Account, Business: business.ID})
	create(catalog.NotAssigned, account.Account)
	s.Act(sandbox.Action{Action: "withdraw", Asset: page.Account, Business: business.ID})
	create(catalog.NotAssigned, page.Account)
	s.Fault("token_revoked")
	create(catalog.SignInEnded, "")
}

func TestAnObjectiveThatIsNoneIsRefusedBeforeFacebookIsAsked(t *testing.T) {
	s := newScene(t)
	s.Fault("down")
	_, err := s.hub.Campaign(t.Context(), platform.Credential{Secret: onboarding.NewSecret("x")},
		platform.CampaignParams{AdAccount: "act_1", Page: "1", Name: "x", Objective: "REACH"})
	if !errors.Is(err, onboarding.ErrInvalid) {
		t.Errorf("got %v", err)
	}
}
