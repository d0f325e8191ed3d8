package hub_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/hub/checks"
	"github.com/latchkeyhq/latchkey/internal/hub/outbox"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
)

// sharedToView has a client share an ad account and a Page to see results only.
func sharedToView(t *testing.T, s *relaytest.Scene) (account, page replica.ItemRow) {
	t.Helper()
	id := s.Save(outbox.RequestForm{Services: []onboarding.Service{onboarding.Facebook}, Level: onboarding.LevelView})
	v := s.Browser()
	v.SignInAtFacebook(s.LinkOf(id), "Mina Ito")
	v.Tick("Harbour & Pine EU")
	v.Tick("Harbour Garden")
	v.Press("Connect Assets")
	s.Sync()
	must(t, s.Hub.Checks.CheckNow(t.Context()))
	s.Sync()
	return listed(t, s, "Harbour & Pine EU"), listed(t, s, "Harbour Garden")
}

func TestWhatIsSharedToSeeResultsWorksWithThatRightAlone(t *testing.T) {
	s := relaytest.NewScene(t)
	account, page := sharedToView(t, s)
	for _, item := range []replica.ItemRow{account, page} {
		if item.Access != onboarding.AccessWorks || !slices.Equal(item.Tasks, []string{"ANALYZE"}) {
			t.Errorf("%s: access %s with %v, want it to work with ANALYZE alone", item.Name, item.Access, item.Tasks)
		}
	}
}

func TestNoCampaignIsMadeWithWhatIsSharedToSeeResults(t *testing.T) {
	s := relaytest.NewScene(t)
	account, page := sharedToView(t, s)
	form := checks.CampaignForm{AdAccount: account.ID, Page: page.ID, Name: "First light", Objective: "OUTCOME_LEADS"}
	var wrong *onboarding.InvalidError
	if _, err := s.Hub.Checks.CreateCampaign(t.Context(), form); !errors.As(err, &wrong) || wrong.Field != "ad_account" {
		t.Errorf("got %v, want the ad account refused", err)
	}
	for _, kind := range []onboarding.Kind{onboarding.AdAccount, onboarding.Page} {
		offered, err := s.Hub.Replica.Accounts(t.Context(), replica.AccountsParams{Kind: kind, Advertise: true})
		if err != nil || len(offered.Accounts) != 0 {
			t.Errorf("of the kind %s a campaign is offered %v and %v", kind, offered.Accounts, err)
		}
		not, err := s.Hub.Replica.Accounts(t.Context(), replica.AccountsParams{Kind: kind, Results: true})
		if err != nil || len(not.Accounts) != 1 {
			t.Errorf("of the kind %s a campaign names %v and %v as not usable", kind, not.Accounts, err)
		}
		all, err := s.Hub.Replica.Accounts(t.Context(), replica.AccountsParams{Kind: kind})
		if err != nil || len(all.Accounts) != 1 {
			t.Errorf("of the kind %s Accounts has %v and %v", kind, all.Accounts, err)
		}
	}
}

func TestWhatMayAdvertiseIsOfferedForACampaign(t *testing.T) {
	s := relaytest.NewScene(t)
	account, page := shared(t, s)
	for _, item := range []replica.ItemRow{account, page} {
		n, err := s.Hub.Replica.CountAccounts(t.Context(), replica.AccountsParams{Kind: item.Kind, Advertise: true})
		if err != nil || n != 1 {
			t.Errorf("%s: %d are offered, with %v, want one", item.Name, n, err)
		}
		n, err = s.Hub.Replica.CountAccounts(t.Context(), replica.AccountsParams{Kind: item.Kind, Results: true})
		if err != nil || n != 0 {
			t.Errorf("%s: %d are named as not usable, with %v, want none", item.Name, n, err)
		}
	}
}

func TestARequestKeepsItsKindsAndItsLevelOnTheHub(t *testing.T) {
	s := relaytest.NewScene(t)
	kinds := []onboarding.Kind{onboarding.Catalogue, onboarding.Dataset}
	id := s.Save(outbox.RequestForm{
		Services: []onboarding.Service{onboarding.Facebook}, Kinds: kinds, Level: onboarding.LevelView,
	})
	d := s.Details(id)
	if !slices.Equal(d.Kinds, []onboarding.Kind{onboarding.Dataset, onboarding.Catalogue}) ||
		d.Level != onboarding.LevelView {
		t.Errorf("the hub has %v, to %s", d.Kinds, d.Level)
	}
	_, err := s.Hub.Outbox.SaveRequest(t.Context(), outbox.RequestForm{Client: "Cedar Dental",
		Services: []onboarding.Service{onboarding.HubSpot}, Kinds: kinds})
	if !errors.Is(err, onboarding.ErrInvalid) {
		t.Errorf("kinds of no Facebook: got %v", err)
	}
}

func TestDatasetsAndInstagramAccountsAreGivenAndTried(t *testing.T) {
	for _, level := range []onboarding.AccessLevel{onboarding.LevelAdvertise, onboarding.LevelView} {
		s := relaytest.NewScene(t)
		_, link := s.FacebookRequest(level, onboarding.Dataset, onboarding.InstagramAccount)
		v := s.Browser()
		v.SignInAtFacebook(link, "Mina Ito")
		v.Tick("Harbour & Pine website")
		v.Tick("@harbourandpine")
		v.Press("Connect Assets")
		s.Sync()
		must(t, s.Hub.Checks.CheckNow(t.Context()))
		s.Sync()
		for _, name := range []string{"Harbour & Pine website", "@harbourandpine"} {
			item := listed(t, s, name)
			if item.Access != onboarding.AccessWorks ||
				slices.Contains(item.Tasks, onboarding.TaskAdvertise) != (level == onboarding.LevelAdvertise) {
				t.Errorf("%s, asked to %s: access %s with %v", name, level, item.Access, item.Tasks)
			}
		}
	}
}
