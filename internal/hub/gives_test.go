package hub_test

import (
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/hub/hubtest"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// anotherComputer enrols a device of the scene's main user, without a hub.
func anotherComputer(t testing.TB, s *relaytest.Scene) relaytest.Device {
	t.Helper()
	_, code, err := s.Admin.MemberCode(t.Context(), s.Agency.Name, s.Agency.Main.Email)
	must(t, err)
	return s.Enrol(t, code.Code)
}

// reports reports a check of an item from another computer of the agency.
func reports(t testing.TB, d relaytest.Device, item string, found onboarding.Access) {
	t.Helper()
	_, err := wire.Call(t.Context(), d.Client, wire.ReportAccess, wire.ReportAccessParams{Item: item, Access: found})
	must(t, err)
}

func TestWhatAnItemGivesIsShownWithItsLastChecksAlsoOffline(t *testing.T) {
	s := relaytest.NewScene(t)
	request, link := s.Request(onboarding.HubSpot)
	s.Browser().ConnectHubSpot(link)
	s.Sync()
	until(t, "the first check", func() bool {
		d := s.Details(request)
		return len(d.Items) == 1 && d.Items[0].Access == onboarding.AccessWorks
	})
	item := s.Details(request).Items[0].ID
	other := anotherComputer(t, s)
	gives := []onboarding.Capability{
		{Name: "lists", Count: 3},
		{Name: "contacts", Count: 41_207},
		{Name: "leads", Level: onboarding.CanNot},
	}
	s.Pass(time.Minute)
	reports(t, other, item, onboarding.Access{State: onboarding.AccessWorks, Capabilities: gives})
	s.Pass(time.Minute)
	reports(t, other, item, onboarding.Access{State: onboarding.AccessBroken, Failure: "credential_refused", Code: "BAD"})
	const line = "3 lists, 41,207 contacts, leads cannot be written"
	shown := func() replica.ItemRow {
		t.Helper()
		s.Sync()
		return s.Details(request).Items[0]
	}
	i := shown()
	if i.Gives != line || len(i.Checks) != 3 {
		t.Fatalf("gives %q with the checks %+v", i.Gives, i.Checks)
	}
	newest, before := i.Checks[0], i.Checks[1]
	if newest.State != onboarding.AccessBroken || newest.Title == "" || newest.Title != i.Title || newest.Code != "BAD" ||
		newest.Gives != "" || newest.At <= before.At {
		t.Errorf("the newest check is %+v", newest)
	}
	if before.State != onboarding.AccessWorks || before.Title != "" || before.Gives != line {
		t.Errorf("the check before is %+v", before)
	}
	s.Pass(time.Minute)
	reports(t, other, item, onboarding.Access{State: onboarding.AccessWorks, Capabilities: gives[:2]})
	shown()
	s.Stop(t)
	d := s.Details(request)
	if got := d.Items[0].Gives; got != "3 lists, 41,207 contacts" || d.Services[0].Gives != got {
		t.Errorf("offline it gives %q and its service %q", got, d.Services[0].Gives)
	}
	csv, err := s.Hub.ExportAccounts(t.Context(), replica.AccountsParams{})
	must(t, err)
	if !strings.Contains(string(csv), `"3 lists, 41,207 contacts"`) {
		t.Errorf("the file has it not: %s", csv)
	}
}

func TestWhatAPlanLacksIsShownByTheHubsOwnCheck(t *testing.T) {
	s := relaytest.NewScene(t)
	request, link := s.Request(onboarding.HubSpot)
	v := s.Browser()
	v.Enter(link, "Jonas Reuter", "jonas@kiefertimber.example")
	v.Press("Add HubSpot")
	v.Follow("Proceed")
	v.Press("Jonas Reuter")
	v.Press("Allow")
	v.Reads("HubSpot is connected")
	s.Sync()
	const line = "12 contacts, contacts can be read but not written, lists cannot be read"
	until(t, "the hub's own check", func() bool {
		s.Sync()
		d := s.Details(request)
		return len(d.Items) == 1 && d.Items[0].Access == onboarding.AccessWorks && d.Items[0].Gives == line
	})
	s.Fault("hubspot", "rotates", true)
	id := s.Details(request).Items[0].ID
	must(t, hubtest.Renew(t.Context(), s.Hub, id))
	s.Sync()
	must(t, s.Hub.Checks.CheckNow(t.Context(), id))
	s.Sync()
	if got := s.Details(request).Items[0].Gives; got != line {
		t.Errorf("after its credential was rotated it gives %q, want %q", got, line)
	}
}
