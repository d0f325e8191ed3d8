package wizard_test

import (
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
)

// A request to see results only says so wherever its level is named: on the
// link, before and after the sign-in, in the summary and on the receipt.
func TestARequestToSeeResultsSaysSoOnEveryPage(t *testing.T) {
	s := relaytest.NewScene(t)
	_, link := s.FacebookRequest(onboarding.LevelView)
	v := s.Browser()
	v.Open(link)
	v.Reads("See the results of the ad accounts and Pages you pick, and change nothing")
	v.Enter(link, "Marta Lind", "marta@harbourpine.example")
	v.Reads("to see results only")
	v.Press("Add Facebook")
	v.Follow("Log In")
	v.Press("Mina Ito")
	v.Press("Allow")
	v.Reads("to see results only")
	v.Tick("Harbour & Pine EU")
	v.Press("Connect Assets")
	v.Follow("Next Step")
	v.Reads("see results only")
	v.Press("Finish")
	v.Reads("see results only")
	if v.Page.Says("run ads") {
		t.Errorf("the receipt speaks of running ads: %s", v.Page.Text())
	}
}

func TestARequestToSeeResultsAsksForNothingElseByHand(t *testing.T) {
	s := relaytest.NewScene(t)
	s.Fault("meta", "limited", true)
	_, link := s.FacebookRequest(onboarding.LevelView)
	v := s.Browser()
	v.SignInAtFacebook(link, "Mina Ito")
	v.Tick("Harbour & Pine EU")
	v.Press("Connect Assets")
	v.Follow("Next Step")
	v.Reads("Switch on Insights, nothing else")
}

func TestThePagesOfAnUsualRequestNameNoOtherKinds(t *testing.T) {
	s := relaytest.NewScene(t)
	v := s.AtAssets("Mina Ito")
	v.Reads("to run ads and see results")
	for _, never := range []string{"dataset", "Instagram", "catalogue"} {
		if strings.Contains(strings.ToLower(v.Page.Text()), strings.ToLower(never)) {
			t.Errorf("a page that asks for none says %q", never)
		}
	}
}

func TestEachAskedKindHasAListAndAResult(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.FacebookRequest(onboarding.LevelAdvertise, onboarding.ExtraKinds()...)
	v := s.Browser()
	v.Open(link)
	v.Reads("the ad accounts, Pages, datasets, Instagram accounts and catalogues you pick")
	v.SignInAtFacebook(link, "Mina Ito")
	v.Reads("Datasets (pixels)", "Instagram accounts", "Catalogues", "@harbourcafe")
	for _, box := range []string{"Harbour & Pine website", "@harbourandpine", "Furniture 2026"} {
		v.Tick(box)
	}
	v.Press("Connect Assets")
	v.Reads("1 dataset and 1 Instagram account connected, 1 waits")
	v.Follow("Next Step")
	v.Reads("Facebook wants you to share Furniture 2026 yourself", "Choose Catalogues, tick Furniture 2026")
	s.HasItems(id, 3)
	for _, item := range s.Details(id).Items {
		want := map[onboarding.Kind]onboarding.ItemState{
			onboarding.Dataset: onboarding.ItemConnected, onboarding.InstagramAccount: onboarding.ItemConnected,
			onboarding.Catalogue: onboarding.ItemWaiting,
		}[item.Kind]
		if item.State != want {
			t.Errorf("%s, a %s, is %s, want %s", item.Name, item.Kind, item.State, want)
		}
	}
}

func TestADatasetThatTheAgencyHasToAcceptIsNotTheClientsFault(t *testing.T) {
	s := relaytest.NewScene(t)
	s.Fault("meta", "pixel_request", true)
	_, link := s.FacebookRequest(onboarding.LevelAdvertise, onboarding.Dataset)
	v := s.Browser()
	v.SignInAtFacebook(link, "Mina Ito")
	v.Tick("Harbour & Pine website")
	v.Press("Connect Assets")
	v.Reads("Northlight Media has to accept it")
}

func TestWhoIsNoAdminSharesNoDataset(t *testing.T) {
	s := relaytest.NewScene(t)
	_, link := s.FacebookRequest(onboarding.LevelAdvertise, onboarding.Dataset)
	v := s.Browser()
	v.SignInAtFacebook(link, "Ed Novak")
	v.Reads("Novak Tools website", "You are not an admin of its Business Manager")
}
