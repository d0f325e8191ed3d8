package relay_test

import (
	"maps"
	"reflect"
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

func TestWhatACheckFoundAnItemGivesReachesEveryHub(t *testing.T) {
	c := newCrew(t)
	i := c.portal(t)
	other := c.another(t, c.ana)
	after := asks(t, other, wire.ReadChanges, wire.ChangesParams{}).Next
	gives := []onboarding.Capability{
		{Name: "lists", Count: 12},
		{Name: "contacts", Level: onboarding.CanRead},
		{Name: "of_a_newer_hub", Level: "borrow"},
	}
	found := onboarding.Access{State: onboarding.AccessWorks, Capabilities: gives}
	kept := asks(t, c.ana, wire.ReportAccess, wire.ReportAccessParams{Item: i.ID, Access: found}).Access
	want := []onboarding.CheckRecord{{Checked: kept.Checked, State: onboarding.AccessWorks, Capabilities: gives}}
	page := asks(t, other, wire.ReadChanges, wire.ChangesParams{After: after})
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
		"a long name":     {{Name: strings.Repeat("x", 41), Count: 1}},
		"a level of text": {{Name: "contacts", Level: "can be read"}},
		"too many":        make([]onboarding.Capability, onboarding.MaxCapabilities+1),
	}
}

func TestACheckThatReportsNonsenseIsRefused(t *testing.T) {
	c := newCrew(t)
	i := c.portal(t)
	for name, gives := range nonsense() {
		t.Run(name, func(t *testing.T) {
			found := onboarding.Access{State: onboarding.AccessWorks, Capabilities: gives}
			refused(t, c.ana, wire.ReportAccess, wire.ReportAccessParams{Item: i.ID, Access: found}, onboarding.ErrInvalid)
		})
	}
}

func TestARestoredRelayTakesTheChecksOfAnItemBackAndNoNonsense(t *testing.T) {
	c := newCrew(t)
	lost := asks(t, c.ana, wire.SaveRequest, wish(cell{}, store.NewID())).Request
	c.lose(t, lost.ID)
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
		t.Run(name, func(t *testing.T) { refused(t, c.ana, wire.ResubmitRequest, offer, onboarding.ErrInvalid) })
	}
	for name := range maps.Keys(nonsense()) {
		bad, worse := item, item
		bad.Access.Capabilities = nonsense()[name]
		worse.Checks = []onboarding.CheckRecord{{State: onboarding.AccessWorks, Capabilities: nonsense()[name]}}
		for _, one := range []onboarding.Item{bad, worse} {
			offer := wire.ResubmitRequestParams{Request: lost, Items: []onboarding.Item{one}}
			t.Run(name, func(t *testing.T) { refused(t, c.ana, wire.ResubmitRequest, offer, onboarding.ErrInvalid) })
		}
	}
	asks(t, c.ana, wire.ResubmitRequest, wire.ResubmitRequestParams{Request: lost, Items: []onboarding.Item{item}})
	items := asks(t, c.ana, wire.ReadChanges, wire.ChangesParams{}).Items
	if len(items) != 1 || !reflect.DeepEqual(items[0].Checks, item.Checks) {
		t.Errorf("it came back as %+v", items)
	}
}
