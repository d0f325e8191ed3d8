//go:build !quick

package platforms

import (
	"net/url"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
)

func googlesheetsRehearsal() rehearsal {
	picked := func(name string, ids ...string) negative {
		return query("picked: "+name, func(v url.Values) { v["picked_file_ids"] = ids })
	}
	return rehearsal{
		service: onboarding.GoogleSheets,
		before: func(v *relaytest.Browser) {
			v.Tick("Pick sheets I have")
			v.Press("Continue")
		},
		presses:   []string{"Select", "Allow", "Lars Holm"},
		other:     []string{"Select", "Allow", "Priya Nair"},
		ticks:     []string{"Leads autumn", "Waiting list"},
		refreshes: true,
		accounts:  3,
		identities: []change{
			{"nobody", set("user", nil)},
			{"text", set("user", "lars.holm@harbourpine.example")},

			{"without its number", set("user", map[string]any{"displayName": "Lars Holm",
				"emailAddress": "lars.holm@harbourpine.example"})},
			{"with a number that is a list", set("user", map[string]any{"permissionId": []string{"1"}})},
			{"null", set("user", map[string]any{})},
		},
		tokens: []change{
			{"no scope", set("scope", "")},
			{"another scope", set("scope", "https://www.googleapis.com/auth/drive.readonly")},
			{"the whole Drive", set("scope", "https://www.googleapis.com/auth/drive")},
			{"a scope that is a list", set("scope", []string{"https://www.googleapis.com/auth/drive.file"})},
		},
		backs: []negative{
			picked("none"),
			picked("an empty list", ""),
			picked("commas alone", ",,,"),
			picked("two lists", "1Hp1abcdefghij", "1Hp2abcdefghij"),
			picked("a file of nobody", "1NobodysFileabcdefghij"),
			picked("fifty-one files", strings.TrimSuffix(strings.Repeat("1NobodysFileabcdefghij,", 51), ",")),
			picked("markup", "<script>alert(1)</script>"),
			picked("a way up", "../../../oauth2/v3/userinfo"),
			picked("an encoded way up", "..%2f..%2fabout"),
			picked("a host", "//evil.example/abcdefghij"),
			picked("a query", "1NobodysFile?alt=media&x="),
			picked("a fragment", "1NobodysFile#abcdefghij"),
			picked("a line break", "1NobodysFile\r\nHost: evil.example"),
			picked("NUL", "1NobodysFile\x00abcdef"),
			picked("a short id", "x"),
			picked("a long id", strings.Repeat("a", 5000)),
		},
	}
}
