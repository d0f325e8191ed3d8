package bidi_test

import (
	"testing"

	"github.com/latchkeyhq/latchkey/internal/bidi"
)

func TestATextFromOutsideTurnsNothingBeyondItsEnd(t *testing.T) {
	for text, want := range map[string][2]string{ // cleaned, isolated
		"":                        {"", ""},
		"Harbour Café":            {"Harbour Café", "Harbour Café"},
		"日本 👩\u200d💻":             {"日本 👩\u200d💻", "日本 👩\u200d💻"},
		"\u202egnp.exe":           {"gnp.exe", "gnp.exe"},
		"\u202aa\u202bb\u202dc":   {"abc", "abc"},
		"\u2069\u202eout":         {"out", "out"},
		"\u2067open":              {"open", "open"},
		"a\u2066b\u2067c\u2069d":  {"ab\u2067c\u2069d", "\u2068ab\u2067c\u2069d\u2069"},
		"\u2067in\u2069":          {"\u2067in\u2069", "\u2068\u2067in\u2069\u2069"},
		"שלום":                    {"שלום", "\u2068שלום\u2069"},
		"سلام 5":                  {"سلام 5", "\u2068سلام 5\u2069"},
		"٣":                       {"٣", "\u2068٣\u2069"},
		"mark\u200f!":             {"mark\u200f!", "\u2068mark\u200f!\u2069"},
		"می\u200cخواهم":           {"می\u200cخواهم", "\u2068می\u200cخواهم\u2069"},
		"\xffשלום":                {"\xffשלום", "\u2068\xffשלום\u2069"},
		"𐤀":                       {"𐤀", "\u2068𐤀\u2069"},
		"\u2068שלום\u2069 & Sons": {"\u2068שלום\u2069 & Sons", "\u2068\u2068שלום\u2069 & Sons\u2069"},
	} {
		if got := bidi.Clean(text); got != want[0] {
			t.Errorf("%q: cleaned it is %q, want %q", text, got, want[0])
		}
		if got := bidi.Isolate(text); got != want[1] {
			t.Errorf("%q: isolated it is %q, want %q", text, got, want[1])
		}
	}
}
