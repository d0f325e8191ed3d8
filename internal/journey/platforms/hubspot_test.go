//go:build !quick

package platforms

import "github.com/latchkeyhq/latchkey/internal/onboarding"

func hubspotRehearsal() rehearsal {
	return rehearsal{
		service:   onboarding.HubSpot,
		presses:   []string{"Lars Holm", "Harbour & Pine AB", "Allow"},
		other:     []string{"Priya Nair", "Allow"},
		refreshes: true,
		optional:  true,
		accounts:  1,
		identities: []change{
			{"portal zero", set("hub_id", 0)},
			{"no portal", set("hub_id", nil)},
			{"a portal that is text", set("hub_id", "26114873")},
			{"a portal beyond numbers", set("hub_id", 1e40)},
			{"a portal that is a fraction", set("hub_id", 1.5)},
			{"a portal that is a list", set("hub_id", []int{1})},
			{"a token that is not active", set("active", false)},
			{"a token of which nothing is told", set("active", nil)},
			{"no scopes", set("scopes", nil)},
			{"scopes that are text", set("scopes", "oauth crm.objects.contacts.read")},
			{"another scope alone", set("scopes", []string{"oauth"})},
		},
	}
}
