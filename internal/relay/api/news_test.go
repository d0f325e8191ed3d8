package api_test

import (
	"testing"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

func TestAnAppIsReportedOnlyByWhoSeesAnAccountThere(t *testing.T) {
	c := relaytest.NewTeam(t)
	ben := c.Invite(t, c.Ana, "Ben Okoro", "ben@acme.example", onboarding.SubUser)
	broken := wire.ReportOutageParams{Outage: onboarding.Outage{
		Subject: onboarding.OutageApp + "hubspot", Service: onboarding.HubSpot, Failure: string(catalog.NotConfigured),
	}}
	works := wire.ReportOutageParams{Outage: onboarding.Outage{Subject: broken.Outage.Subject}, Works: true}
	outages := func(d relaytest.Device) int {
		t.Helper()
		return len(relaytest.Call(t, d, wire.ReadChanges, wire.ChangesParams{}).Agency.Outages)
	}
	relaytest.Refused(t, c.Ana, wire.ReportOutage, broken, onboarding.ErrInvalid)
	c.Portal(t)
	for _, said := range []wire.ReportOutageParams{broken, works} {
		relaytest.Refused(t, ben, wire.ReportOutage, said, onboarding.ErrInvalid)
	}
	relaytest.Call(t, c.Ana, wire.ReportOutage, broken)
	if outages(c.Ana) != 1 || outages(ben) != 1 {
		t.Errorf("Ana reads %d outages, Ben %d, want one each", outages(c.Ana), outages(ben))
	}
	relaytest.Call(t, c.Ana, wire.ReportOutage, works)
	relaytest.Call(t, c.Ana, wire.ShareRequests, wire.SwitchParams{On: true})
	relaytest.Call(t, ben, wire.ReportOutage, broken)
	if outages(c.Ana) != 0 || outages(ben) != 1 {
		t.Errorf("by Ben’s word alone Ana reads %d outages, Ben %d", outages(c.Ana), outages(ben))
	}
	relaytest.Call(t, c.Ana, wire.ReportOutage, broken)
	if outages(c.Ana) != 1 {
		t.Error("once her computer finds it too, Ana reads nothing")
	}
}
