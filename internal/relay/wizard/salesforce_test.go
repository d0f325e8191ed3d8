package wizard_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

const harbourDomain = "harbourpine.my.salesforce.com"

// atSalesforce is Marta in the wizard, before the page that leads to Salesforce
// at this address.
func atSalesforce(t *testing.T, s *relaytest.Scene, address string) *relaytest.Browser {
	t.Helper()
	return leaveForSalesforce(t, s, s.Link(onboarding.Salesforce), address)
}

func leaveForSalesforce(t *testing.T, s *relaytest.Scene, link, address string) *relaytest.Browser {
	t.Helper()
	v := s.Browser()
	v.Enter(link, "Marta Lind", "marta@harbourpine.example")
	v.Press("Add Salesforce")
	v.Reads("Where do you sign in to Salesforce?")
	v.Fill("Your Salesforce address", address)
	v.Press("Continue")
	return v
}

func act(t *testing.T, s *relaytest.Scene, action, person, asset string) {
	t.Helper()
	if _, err := s.World.Trigger(sandbox.Action{
		Platform: "salesforce", Action: action, Person: person, Asset: asset,
	}); err != nil {
		t.Fatal(err)
	}
}

func TestAnOrganisationIsConnectedAtItsOwnAddress(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.Salesforce)
	v := leaveForSalesforce(t, s, link, "https://HarbourPine.my.salesforce.com/lightning/page/home")
	v.Reads("Your Salesforce admin installs the app once", "Open the install page", "A note to copy")
	v.Follow("Proceed")
	v.Press("Lars Holm")
	v.Press("Allow")
	v.Reads("Salesforce is connected", "Harbour & Pine AB", harbourDomain, "lars.holm@harbourpine.example")
	v.Follow("Close")
	v.Press("Add Salesforce") // another user of the same organisation
	v.Fill("Your Salesforce address", harbourDomain)
	v.Press("Continue")
	v.Follow("Proceed")
	v.Press("Log out, I am someone else")
	v.Press("Elsa Lind")
	v.Press("Allow")
	v.Reads("was in the list already")
	s.Sync()
	s.HasItems(id, 1)
	if item := s.Details(id).Items[0]; item.Name != "Harbour & Pine AB" || !strings.HasPrefix(item.Detail, harbourDomain) {
		t.Errorf("the hub has %q, %q", item.Name, item.Detail)
	}
}

func TestF42WhereSomebodySignsInIsAskedAndPutRight(t *testing.T) {
	s := relaytest.NewScene(t)
	v := atSalesforce(t, s, "https://harbourpine.lightning.force.com/lightning/page/home")
	v.Sees(http.StatusUnprocessableEntity)
	v.Reads("This is a page inside Salesforce")
	v.Press("Use " + harbourDomain)
	v.Follow("Proceed")
	v.Press("Lars Holm")
	v.Press("Allow")
	v.Reads("Salesforce is connected")
}

func TestF42AnAddressThatIsNotSalesforcesIsNeverLeftFor(t *testing.T) {
	s := relaytest.NewScene(t)
	for _, typed := range []string{
		"evil.example", "harbourpine.my.salesforce.com.evil.example", "https://evil.example/?harbourpine.my.salesforce.com",
	} {
		v := atSalesforce(t, s, typed)
		v.Sees(http.StatusUnprocessableEntity)
		v.Reads("Nobody signs in to Salesforce at this address")
		if v.Page.Has("Proceed") {
			t.Errorf("%q can be left for", typed)
		}
	}
}

func TestF42AnAddressThatIsNotTypedIsAskedFor(t *testing.T) {
	v := atSalesforce(t, relaytest.NewScene(t), " ")
	v.Sees(http.StatusUnprocessableEntity)
	v.Reads("Enter the address where you sign in")
	if v.Page.Has("Proceed") || v.Page.Says("Nobody signs in") {
		t.Error("an empty address is taken for a wrong one")
	}
}

func TestF42ASandboxSignsInAtItsOwnHost(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.Salesforce)
	v := s.Browser()
	v.Enter(link, "Marta Lind", "marta@harbourpine.example")
	for _, c := range []struct{ option, wants string }{
		{"At login.salesforce.com", "check your username"}, {"At test.salesforce.com", "Allow access?"},
	} {
		v.Press("Add Salesforce")
		list := v.Page.URL.String()
		v.Tick(c.option)
		v.Press("Continue")
		v.Follow("Proceed")
		if v.Page.Has("Petra Sund") {
			v.Press("Petra Sund")
		}
		v.Reads(c.wants)
		if v.Page.Has("Allow") {
			break
		}
		v.Open(strings.TrimSuffix(list, "/salesforce/before")) // nobody is sent back from there
	}
	v.Press("Allow")
	v.Reads("Salesforce is connected", "harbourpine--uat.sandbox.my.salesforce.com")
	s.Sync()
	s.HasItems(id, 1)
}

func TestF41AnAppThatIsNotInstalledComesWithTheLinkAndANoteForTheAdmin(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.Salesforce)
	v := leaveForSalesforce(t, s, link, "lumenoptics.my.salesforce.com")
	v.Follow("Proceed")
	v.Press("Priya Nair")
	v.Reads(
		"Your Salesforce admin installs the app once", "OAUTH_EC_APP_NOT_FOUND", "/packaging/installPackage.apexp?p0=04t",
	)
	result := v.Page.URL.String()
	v.Follow("Open the install page")
	if !v.Page.Has("Allow") {
		v.Press("Priya Nair")
	}
	v.Press("Allow")
	v.Reads("Installation complete")
	v.Open(result)
	v.Press("Look again")
	v.Fill("Your Salesforce address", "lumenoptics.my.salesforce.com")
	v.Press("Continue")
	v.Follow("Proceed")
	v.Press("Allow")
	v.Reads("Salesforce is connected", "Lumen Optics")
	s.Sync()
	s.HasItems(id, 1)
}

func TestF41WhoIsLeftOnAnErrorPageReadsWhyAndCanSkip(t *testing.T) {
	s := relaytest.NewScene(t)
	s.Fault("salesforce", "refused_on_page", true)
	v := atSalesforce(t, s, "lumenoptics.my.salesforce.com")
	leaving := v.Page.URL.String()
	v.Follow("Proceed")
	v.Press("Priya Nair")
	v.Reads("app must be installed into org")
	v.Open(leaving)
	v.Follow("I saw an error page there")
	v.Tick("I may not do this")
	v.Press("What can I do?")
	v.Reads("Your Salesforce admin installs the app once", "lets your user use the app", "A note to copy",
		"the address was mistyped", "/packaging/installPackage.apexp?p0=04t")
	v.Follow("Skip, I cannot do this")
	v.Press("Skip")
	v.Sees(http.StatusUnprocessableEntity)
}

func TestF41AUserWhomTheAdminKeepsOutReadsSo(t *testing.T) {
	s := relaytest.NewScene(t)
	v := atSalesforce(t, s, harbourDomain)
	v.Follow("Proceed")
	v.Press("Sync User")
	v.Reads("Your Salesforce admin has to allow this app", "A user for programs alone cannot sign in", "A note to copy")
}

func TestF43AnOrganisationWithoutTheAPIIsNotConnectedAndTheRestGoesOn(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.Salesforce, onboarding.HubSpot)
	v := leaveForSalesforce(t, s, link, "alpenrose.my.salesforce.com")
	v.Follow("Proceed")
	v.Press("Tom Becker")
	v.Press("Allow")
	v.Reads(
		"This Salesforce cannot be connected yet",
		"Your edition of Salesforce has no access for apps, or your user may not use it", "API_DISABLED_FOR_ORG",
	)
	v.Follow("Close")
	v.Press("Add HubSpot")
	v.Follow("Proceed")
	v.Press("Priya Nair")
	v.Press("Allow")
	v.Reads("HubSpot is connected")
	s.Sync()
	s.HasItems(id, 1)
}

func TestF43AUserWithoutTheRightToTheAPIReadsBothCauses(t *testing.T) {
	s := relaytest.NewScene(t)
	v := atSalesforce(t, s, harbourDomain)
	v.Follow("Proceed")
	v.Press("Kim Olsen")
	v.Press("Allow")
	v.Reads("has no access for apps, or your user may not use it", "API Enabled")
}

func TestF55AUserWhoIsSwitchedOffMeanwhileIsNotConnected(t *testing.T) {
	s := relaytest.NewScene(t)
	v := atSalesforce(t, s, harbourDomain)
	v.Follow("Proceed")
	v.Press("Lars Holm")
	act(t, s, "deactivate", "lars-holm", "")
	v.Press("Allow")
	v.Reads("check your username and password") // the page of Salesforce: nobody comes back
}

func TestACancelledSignInAtSalesforceConnectsNothing(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.Salesforce)
	v := leaveForSalesforce(t, s, link, harbourDomain)
	v.Follow("Proceed")
	v.Press("Lars Holm")
	v.Press("Cancel")
	if v.Page.Says("Salesforce is connected") {
		t.Error("it is connected")
	}
	s.Sync()
	s.HasItems(id, 0)
}

func TestANetworkThatKeepsTheRelayOutIsTheAgencysSide(t *testing.T) {
	s := relaytest.NewScene(t)
	s.Fault("salesforce", "ip_restricted", true)
	v := atSalesforce(t, s, harbourDomain)
	v.Follow("Proceed")
	v.Press("Lars Holm")
	v.Press("Allow")
	v.Reads("the side of Northlight Media")
}
