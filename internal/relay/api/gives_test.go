package api_test

import (
	"maps"
	"reflect"
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

func TestWhatACheckFoundAnItemGivesReachesEveryHub(t *testing.T) {
	c := relaytest.NewTeam(t)
	i := c.Portal(t)
	other := c.Another(t, c.Ana)
	after := relaytest.Call(t, other, wire.ReadChanges, wire.ChangesParams{}).Next
	gives := []onboarding.Capability{
		{Name: "lists", Count: 12},
		{Name: "contacts", Level: onboarding.CanRead},
		{Name: "of_a_newer_hub", Level: "borrow"},
	}
	found := onboarding.Access{State: onboarding.AccessWorks, Capabilities: gives}
	kept := relaytest.Call(t, c.Ana, wire.ReportAccess, wire.ReportAccessParams{Item: i.ID, Access: found}).Access
	want := []onboarding.CheckRecord{{Checked: kept.Checked, State: onboarding.AccessWorks, Capabilities: gives}}
	page := relaytest.Call(t, other, wire.ReadChanges, wire.ChangesParams{After: after})
	if len(page.Items) != 1 || !reflect.DeepEqual(page.Items[0].Checks, want) ||
		!reflect.DeepEqual(page.Items[0].Access.Capabilities, gives) {
		t.Errorf("the other hub reads %+v, want the checks %+v", page.Items, want)
	}
}

// nonsense are capabilities that no hub reports.
func nonsense() map[string][]onboarding.Capability {
	return map[string][]onboarding.Capability{
		"no name":         {{Count: 1}},
		"less than none":  {{Name: "contacts", Count: -1}},
		"a sentence":      {{Name: "Contacts of Ana", Count: 1}},
		"a long name":     {{Name: onboarding.CapabilityName(strings.Repeat("x", 41)), Count: 1}},
		"a level of text": {{Name: "contacts", Level: "can be read"}},
		"too many":        make([]onboarding.Capability, onboarding.MaxCapabilities+1),
	}
}

func TestACheckThatReportsNonsenseIsRefused(t *testing.T) {
	c := relaytest.NewTeam(t)
	i := c.Portal(t)
	for name, gives := range nonsense() {
		t.Run(name, func(t *testing.T) {
			found := onboarding.Access{State: onboarding.AccessWorks, Capabilities: gives}
			relaytest.Refused(t, c.Ana, wire.ReportAccess, wire.ReportAccessParams{Item: i.ID, Access: found},
				onboarding.ErrInvalid)
		})
	}
}

func TestARestoredRelayTakesTheChecksOfAnItemBackAndNoNonsense(t *testing.T) {
	c := relaytest.NewTeam(t)
	lost := relaytest.Call(t, c.Ana, wire.SaveRequest, relaytest.HubSpotRequest(store.NewID())).Request
	loseRequest(t, c, lost.ID)
	item := asset("a", lost.ID, "1")
	item.Access = onboarding.Access{State: onboarding.AccessWorks, Checked: lost.Accepted}
	item.Checks = []onboarding.CheckRecord{{
		Checked:      lost.Accepted,
		State:        onboarding.AccessWorks,
		Capabilities: []onboarding.Capability{{Name: "results", Level: onboarding.CanRead}},
	}}
	for name, checks := range map[string][]onboarding.CheckRecord{
		"a fourth check":       make([]onboarding.CheckRecord, onboarding.MaxCheckRecords+1),
		"a check full of text": {{State: onboarding.AccessBroken, Code: strings.Repeat("x", 5000)}},
	} {
		bad := item
		bad.Checks = checks
		offer := wire.ResubmitRequestParams{Request: lost, Items: []onboarding.Item{bad}}
		t.Run(name, func(t *testing.T) { relaytest.Refused(t, c.Ana, wire.ResubmitRequest, offer, onboarding.ErrInvalid) })
	}
	for name := range maps.Keys(nonsense()) {
		bad, worse := item, item
		bad.Access.Capabilities = nonsense()[name]
		worse.Checks = []onboarding.CheckRecord{{State: onboarding.AccessWorks, Capabilities: nonsense()[name]}}
		for _, one := range []onboarding.Item{bad, worse} {
			offer := wire.ResubmitRequestParams{Request: lost, Items: []onboarding.Item{one}}
			t.Run(name, func(t *testing.T) { relaytest.Refused(t, c.Ana, wire.ResubmitRequest, offer, onboarding.ErrInvalid) })
		}
	}
	relaytest.Call(t, c.Ana, wire.ResubmitRequest, wire.ResubmitRequestParams{Request: lost,
		Items: []onboarding.Item{item}})
	items := relaytest.Call(t, c.Ana, wire.ReadChanges, wire.ChangesParams{}).Items
	if len(items) != 1 || !reflect.DeepEqual(items[0].Checks, item.Checks) {
		t.Errorf("it came back as %+v", items)
	}
}
