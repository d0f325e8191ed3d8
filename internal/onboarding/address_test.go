package onboarding

import (
	"strings"
	"testing"
)

func TestAnAddressIsKeptInOneFormHoweverItIsTyped(t *testing.T) {
	const ana, buecher = "ana@x.example", "ana@bücher.example"
	for typed, want := range map[string]string{
		"\u200bana@x.example":                  ana,
		"ana@x.example\u200b\ufeff":            ana,
		"\ufeffana@x.example":                  ana,
		"\u00a0ana@x.example\u3000\r\n":        ana,
		"\u202aana@x.example\u202c":            ana, // as copied from a window of Windows
		"\u2068ana@x.example\u2069\u200f":      ana,
		"\u00ad\u2060ana@x.example\t":          ana,
		"ａｎａ＠ｘ．ｅｘａｍｐｌｅ":                        ana,
		"ana@X.EXAMPLE":                        ana,
		"ana@bücher.example":                   buecher,
		"ana@BÜCHER.example":                   buecher,
		"ana@bu\u0308cher.example":             buecher,
		"ana@xn--bcher-kva.example":            buecher,
		"ana@XN--BCHER-KVA.Example":            buecher,
		"jose\u0301@x.example":                 "josé@x.example",
		"name@r3---sn.example":                 "name@r3---sn.example",
		"ana@a--b.example":                     "ana@a--b.example",
		"ana@straße.example":                   "ana@straße.example",
		"ana@例え.example":                       "ana@例え.example",
		"ana@xn--pple-43d.example":             "ana@xn--pple-43d.example", // with a Cyrillic а
		"می\u200cخواهم@x.example":              "می\u200cخواهم@x.example",
		"ana@نامه\u200cای.example":             "ana@نامه\u200cای.example",
		"o'hara+tag=1/2@x.example":             "o'hara+tag=1/2@x.example",
		"Ana.Ruiz@x.example":                   "Ana.Ruiz@x.example",
		strings.Repeat("a", 64) + "@x.example": strings.Repeat("a", 64) + "@x.example",
	} {
		got, err := ValidateAddress("email", typed)
		if err != nil || got != want {
			t.Errorf("%q: got %q and %v, want %q", typed, got, err, want)
			continue
		}
		if _, err := ASCIIAddress(got); err != nil {
			t.Errorf("%q cannot be written to: %v", got, err)
		}
	}
}

func TestWhatIsNoFullAddressIsRefused(t *testing.T) {
	label := strings.Repeat("a", 63)
	for _, typed := range []string{
		"marta", "office@harbourpine", "a@b@c.example", "a b@c.example", "@c.example", "a@.example", ".a@c.example",
		"a.@c.example", "a..b@c.example", "a@c.example.", "a@-c.example", "a@c-.example", "a@b_c.example", "a@c.e",
		"a@1.2.3.4", "a@[1.2.3.4]", "a@[IPv6:::1]", `"a b"@c.example`, `"ana"@c.example`, "a(comment)@c.example",
		"a@c.example (Ana)", "<a@c.example>", "a@c..example", "a@xn--b.example", "a@xn--.example", "a@b!c.example",
		strings.Repeat("a", 65) + "@c.example", "a@" + label + "a.example",
		"a@" + label + "." + label + "." + label + "." + label + ".example",
		strings.Repeat("a", 64) + "@" + label + "." + label + "." + label + ".example", // 263 bytes
		"a@" + strings.Repeat("ü", 60) + ".example",                                    // longer than 63 as it is looked up
		"a@c.example,b@c.example", "a@c.example; b@c.example", "a\xff@c.example", "a@\u200d.example",
	} {
		if got, err := ValidateAddress("email", typed); saying(err) == "" {
			t.Errorf("%.80q was taken as %q", typed, got)
		}
	}
}

func TestWhatIsNotSeenInsideAnAddressIsNamed(t *testing.T) {
	for typed, want := range map[string]string{
		"ana\u200b@x.example":      "zero width space (U+200B)",
		"ana@x\u200b.example":      "zero width space (U+200B)",
		"ana@\ufeffx.example":      "byte order mark (U+FEFF)",
		"an\u00ada@x.example":      "soft hyphen (U+00AD)",
		"ana@x\u00ad.example":      "soft hyphen (U+00AD)",
		"ana\u00a0@x.example":      "no-break space (U+00A0)",
		"ana\u200c@x.example":      "zero width joiner (U+200C)",
		"a\u200dna@x.example":      "zero width joiner (U+200D)",
		"ana@x\u200d.example":      "zero width joiner (U+200D)",
		"ana\u2060@x.example":      "word joiner (U+2060)",
		"ana\u200e@x.example":      "direction mark (U+200E)",
		"ana\u202e@x.example":      "direction mark (U+202E)",
		"ana@x\ufe0f.example":      "character (U+FE0F)",
		"ana\n@x.example":          "line break (U+000A)",
		"ana@\tx.example":          "tab (U+0009)",
		"ana@x.\u3164example":      "character (U+3164)",
		"ana\U000e0041@x.example":  "character (U+E0041)",
		"ana\u180e@x.example":      "character (U+180E)",
		"\u202eana@x.example":      "direction mark (U+202E)",
		"ana@x.example\nb@x.other": "line break (U+000A)",
	} {
		_, err := ValidateAddress("email", typed)
		if !strings.Contains(saying(err), " has an invisible character inside: "+want+". ") {
			t.Errorf("%q: got %v, want the %s named", typed, err, want)
		}
	}
}

func TestTwoWritingsOfAnAddressAreOnePerson(t *testing.T) {
	for _, writings := range [][]string{
		{"ana@bücher.example", "ANA@BÜCHER.EXAMPLE", "ana@xn--bcher-kva.example", "ana@XN--BCHER-KVA.example",
			"ana@bu\u0308cher.example", "ana@bücher.example.", "\u200bana@bücher.example", "ana@ｂücher.example"},
		{"josé@x.example", "jose\u0301@x.example", "JOSÉ@x.example"},
		{"ana@x.example", "Ana@X.example", "ana@x.example."},
		{"no address", "No Address"}, {"", ""},
	} {
		for _, other := range writings {
			if !SameAddress(writings[0], other) || AddressKey(writings[0]) != AddressKey(other) {
				t.Errorf("%q and %q are two people", writings[0], other)
			}
		}
	}
	for a, b := range map[string]string{
		"ana@bücher.example": "ana@bucher.example", "ana@straße.example": "ana@strasse.example",
		"ana@x.example": "ben@x.example", "ana+1@x.example": "ana@x.example",
	} {
		if SameAddress(a, b) {
			t.Errorf("%q and %q are one person", a, b)
		}
	}
}

func TestAPastedTextLosesWhatIsNotSeenAtItsEndsOnly(t *testing.T) {
	for typed, want := range map[string]string{
		"\u200b\ufeff https://acme.api-us1.com\u00a0\r\n": "https://acme.api-us1.com",
		"\u202akey\u202c":    "key",
		"two words":          "two words",
		"wrapped\nkey":       "wrapped\nkey", // spaces are the caller's
		"❤️ \u200b":          "❤️ \u200b"[:len("❤️")-3],
		"\u200b\u2060\u00ad": "",
	} {
		if got, err := ValidatePasted("key", typed); err != nil || got != want {
			t.Errorf("%q: got %q and %v, want %q", typed, got, err, want)
		}
	}
	for typed, want := range map[string]string{
		"abc\u200bdef": "zero width space (U+200B)", "abc\ufeffdef": "byte order mark (U+FEFF)",
		"abc\u00addef": "soft hyphen (U+00AD)", "abc\u200edef": "direction mark (U+200E)", "abc\x00def": "character (U+0000)",
	} {
		got, err := ValidatePasted("key", typed)
		want = "key: This has an invisible character inside: " + want + ". Delete it, or type the text again."
		if got != "" || saying(err) != want {
			t.Errorf("%q: got %q and %v", typed, got, err)
		}
		if strings.Contains(saying(err), "abc") {
			t.Errorf("%q: the text, which may be a secret, is repeated: %v", typed, err)
		}
	}
}
