//go:build !quick

package platforms

import "github.com/latchkeyhq/latchkey/internal/onboarding"

func metaRehearsal() rehearsal {
	return rehearsal{
		service:  onboarding.Facebook,
		presses:  []string{"Mina Ito", "Allow", "Continue"},
		other:    []string{"Ana Ruiz", "Allow", "Continue"},
		accounts: 2,
		identities: []change{
			{"nobody's", set("id", nil)},
			{"an empty id", set("id", "")},
			{"an id that is a list", set("id", []string{"1"})},
			{"no permissions", set("data", []any{})},
			{"permissions that are text", set("data", "business_management")},
			{"permissions that are gone", set("data", nil)},

			{"permissions of which none is granted", set("data",
				[]map[string]any{{"permission": "business_management", "status": "declined"}})},
			{"permissions without an end", set("paging", map[string]any{"next": "https://evil.example/next"})},
		},
	}
}
