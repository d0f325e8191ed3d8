package catalog_test

import (
	"testing"

	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

func counted(name onboarding.CapabilityName, n int64) onboarding.Capability {
	return onboarding.Capability{Name: name, Count: n}
}

func able(name onboarding.CapabilityName, level onboarding.CapabilityLevel) onboarding.Capability {
	return onboarding.Capability{Name: name, Level: level}
}

func TestWhatAnItemGivesIsOneLine(t *testing.T) {
	texts := catalogtest.New(t)
	for want, all := range map[string][]onboarding.Capability{
		"":                                     nil,
		"3 audiences, 41,207 contacts":         {counted("audiences", 3), counted("contacts", 41_207)},
		"1 audience, 1 contact":                {counted("audiences", 1), counted("contacts", 1)},
		"No contacts":                          {counted("contacts", 0)},
		"1,000,000 leads":                      {counted("leads", 1_000_000)},
		"999 leads":                            {counted("leads", 999)},
		"Contacts can be read":                 {able("contacts", onboarding.CanRead)},
		"Contacts can be read and changed":     {able("contacts", onboarding.CanChange)},
		"Contacts cannot be read":              {able("contacts", onboarding.CanNot)},
		"Lists cannot be read":                 {able("lists", onboarding.CanNot)},
		"Leads cannot be written":              {able("leads", onboarding.CanNot)},
		"Results cannot be read":               {able("results", onboarding.CanNot)},
		"Rows can only be read":                {able("rows", onboarding.CanRead)},
		"3 tabs, rows can be read and changed": {able("rows", onboarding.CanChange), counted("sheet_tabs", 3)},
		"Leads can be written, contacts can be read": {
			able("leads", onboarding.CanWrite), able("contacts", onboarding.CanRead)},
		"Contacts can be read but not written": {
			able("contacts", onboarding.CanRead), able("contacts", onboarding.CanNot)},
		// Nothing is guessed about unknown names.
		"2 lists, contacts could not be counted, contacts can be read but not written": {
			able("contacts", onboarding.CanRead), able("contacts", onboarding.CanNot), counted("lists", 2),
			able("contacts", onboarding.NotCounted)},
		"1 list": {counted("lists", 1), counted("dreams", 7), able("dreams", onboarding.CanRead), able("lists", "own")},
	} {
		if got := texts.CapabilityText(all); got != want {
			t.Errorf("%v: got %q, want %q", all, got, want)
		}
	}
}

func TestWhatSeveralItemsGiveIsOneLine(t *testing.T) {
	texts := catalogtest.New(t)
	item := func(kind onboarding.Kind, all ...onboarding.Capability) onboarding.Item {
		return onboarding.Item{Kind: kind, State: onboarding.ItemConnected, Access: onboarding.Access{Capabilities: all}}
	}
	sheet := func(level onboarding.CapabilityLevel) onboarding.Item {
		return item(onboarding.Sheet, counted("sheet_tabs", 3), able("rows", level))
	}
	crm := func(all ...onboarding.Capability) onboarding.Item { return item(onboarding.CRMAccount, all...) }
	waits := onboarding.Item{Kind: onboarding.Page, State: onboarding.ItemWaiting}
	for want, items := range map[string][]onboarding.Item{
		"":                                nil,
		"2 sheets":                        {sheet(onboarding.CanChange), sheet(onboarding.CanChange)},
		"2 sheets, one can only be read":  {sheet(onboarding.CanChange), sheet(onboarding.CanRead)},
		"2 sheets, both can only be read": {sheet(onboarding.CanRead), sheet(onboarding.CanRead)},
		"3 sheets, all can only be read":  {sheet(onboarding.CanRead), sheet(onboarding.CanRead), sheet(onboarding.CanRead)},

		"3 sheets, 2 can only be read":  {sheet(onboarding.CanRead), sheet(onboarding.CanChange), sheet(onboarding.CanRead)},
		"3 tabs, rows can only be read": {sheet(onboarding.CanRead), waits}, // one: as it is of itself
		"2 accounts, 5 audiences, 82,414 contacts": {
			crm(counted("audiences", 3), counted("contacts", 41_207)), crm(counted("audiences", 2),
				counted("contacts", 41_207))},
		"2 accounts, 3 audiences": { // the contacts of one are not known
			crm(counted("audiences", 3), counted("contacts", 41_207)), crm(counted("audiences", 0))},
		"2 accounts, contacts can be read": {
			crm(able("contacts", onboarding.CanRead)), crm(able("contacts", onboarding.CanRead))},
		"2 accounts, 24 contacts, one can only be read": {
			crm(counted("contacts", 12), able("contacts", onboarding.CanChange), able("lists", onboarding.CanRead)),
			crm(counted("contacts", 12), able("contacts", onboarding.CanRead), able("contacts", onboarding.CanNot),
				able("lists", onboarding.CanNot))},
		"2 accounts, contacts can be read but not written": {
			crm(able("contacts", onboarding.CanRead), able("contacts", onboarding.CanNot)),
			crm(able("contacts", onboarding.CanRead), able("contacts", onboarding.CanNot))},
		"2 accounts, not all give the same": {
			crm(able("contacts", onboarding.CanChange), able("lists", onboarding.CanRead)),
			crm(able("contacts", onboarding.CanChange), able("lists", onboarding.CanNot))},
		"2 accounts": { // what one of them gives is not known
			crm(able("contacts", onboarding.CanChange)), crm()},
		"2 accounts, not all can be written": {
			crm(able("leads", onboarding.CanWrite)), crm(able("leads", onboarding.CanNot))},
		"2 accounts, contacts could not be counted, contacts can be read": {
			crm(able("contacts", onboarding.CanRead), able("contacts", onboarding.NotCounted)),
			crm(able("contacts", onboarding.CanRead), counted("contacts", 12))},
		"2 ad accounts, 1 Page": {item(onboarding.AdAccount), item(onboarding.AdAccount), item(onboarding.Page), waits},
	} {
		if got := texts.CapabilitySummary(items); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
