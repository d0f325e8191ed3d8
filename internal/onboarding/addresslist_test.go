package onboarding

import (
	"slices"
	"strings"
	"testing"
)

func TestAListIsReadAsMailProgramsWriteIt(t *testing.T) {
	ab := []string{"a@x.example", "b@x.example"}
	for text, want := range map[string][]string{
		// Outlook
		"Last, First <a@x.example>; Last, First <b@x.example>":         ab,
		"Last, First <a@x.example>;Last, First <b@x.example>;":         ab,
		"Last, First <a@x.example>, Last, First <b@x.example>":         ab,
		"Last, First, PhD <a@x.example>; b@x.example":                  ab,
		"Last, First (Marketing; EMEA) <a@x.example>; <b@x.example>":   ab,
		"'a@x.example' <a@x.example>; 'b@x.example'":                   ab,
		"Last, First [mailto:a@x.example]; First Last [b@x.example]":   ab,
		"First <a@x.example<mailto:a@x.example>>; b@x.example":         ab,
		"First <mailto:a@x.example>; mailto:b@x.example?subject=Hello": ab,
		"To: Last, First <a@x.example>; Cc: b@x.example":               ab,
		"Acme, Inc. <a@x.example>; O'Brien, Pat <b@x.example>":         ab,
		"\u200bLast, First <a@x.example>\u200b;\u00a0<b@x.example>":    ab,
		"Last， First <a@x.example>； First <b@x.example>":               ab,
		"First <a@x.example>、Last <b@x.example>":                       ab,
		"First＜a＠x.example＞；b＠x.example":                               ab,
		// as the standard says
		`"Last, First" <a@x.example>, "Last; First" <b@x.example>`:       ab,
		`"Big \"Box\", Giant" <a@x.example>, b@x.example (Ben, Lee)`:     ab,
		"First <a@x.example>, =?utf-8?Q?Last=2C_J=C3=BC?= <b@x.example>": ab,
		"Team: First <a@x.example>, b@x.example;":                        ab,
		"First (a, b) <a@x.example>,,b@x.example,":                       ab,
		// lines, columns and tables
		"a@x.example\nb@x.example\r\n":                                 ab,
		"a@x.example b@x.example":                                      ab,
		"First <a@x.example> Last <b@x.example>":                       ab,
		"First Last\ta@x.example\tSales\nLast, First\tb@x.example":     ab,
		"a@old.example <a@x.example>, \"b@old.example\" <b@x.example>": ab,
		"“a@x.example”, \"b@x.example\"":                               ab,
		// what cannot be read stays
		"<b>x</b>":                         {"<b>x</b>"},
		"Lin <lin>":                        {"Lin <lin>"},
		"<b>lin@pine.example</b>":          {"<b>lin@pine.example</b>"},
		"marta, b@x.example":               {"marta", "b@x.example"},
		"marta; Last, First <b@x.example>": {"marta", "b@x.example"},
		"Last, First":                      {"Last", "First"},
		"a b@c.example":                    {"a b@c.example"},
		"office@harbour; a@x.example":      {"office@harbour", "a@x.example"},
		"undisclosed-recipients:;":         {"undisclosed-recipients:"},
		"First </o=Exchange/cn=first>":     {"First </o=Exchange/cn=first>"},
		`"Last, First <a@x.example>`:       {"a@x.example"},
		"a@x.example, \"":                  {"a@x.example", "\""},
		"a@x.example (":                    {"a@x.example ("},
		" ; , \n\t ":                       nil,
		"":                                 nil,
	} {
		got := SplitAddresses(text)
		if !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
		for _, entry := range got { // a list that is read entry by entry has the same
			if again := SplitAddresses(entry); !slices.Equal(again, []string{entry}) {
				t.Errorf("%q, of %q, becomes %q when it is read again", entry, text, again)
			}
		}
	}
}

func FuzzAddressList(f *testing.F) {
	for _, seed := range []string{
		"Last, First <a@x.example>; b@x.example", `"a, b" <c@d.example>`, "a(b,c)@d.example", "Team: a@b.example;", `"\`,
		"<<<",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, entry := range SplitAddresses(text) {
			if strings.TrimSpace(entry) == "" {
				t.Errorf("%q has the empty entry %q", text, entry)
			}
		}
	})
}

func TestAFieldOfOneAddressTakesItAsMailProgramsWriteIt(t *testing.T) {
	for typed, want := range map[string]string{
		"ana@x.example":                   "ana@x.example",
		"Ana Ruiz <ana@x.example>":        "ana@x.example",
		"Ruiz, Ana <ana@x.example>":       "ana@x.example",
		`"Ruiz, Ana" <ana@x.example>`:     "ana@x.example",
		"<ana@x.example>":                 "ana@x.example",
		"ana@x.example (Ana)":             "ana@x.example",
		"mailto:ana@x.example":            "ana@x.example",
		"Ana Ruiz [mailto:ana@x.example]": "ana@x.example",
		"\u200bAna <ana@bücher.example>;": "ana@bücher.example",
		"ana@x.example\n":                 "ana@x.example",
		"":                                "email: Enter an email address.",
		"Ana":                             "email: Ana is not a full address.",
		"ana@x":                           "email: ana@x is not a full address.",
		"ana@x.example, ben@x.example":    "email: Enter one address alone.",
		"Ana <ana@x.example>; Ben <ben@x.example>": "email: Enter one address alone.",
		"an\u200ba@x.example": "email: ana@x.example has an invisible character inside: zero width space (U+200B). " +
			"Delete it, or type the address again.",
	} {
		got, err := ValidateTypedAddress("email", typed)
		if err != nil {
			got = saying(err)
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", typed, got, want)
		}
	}
}
