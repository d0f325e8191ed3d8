package grapheme_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/latchkeyhq/latchkey/internal/grapheme"
)

// testdata/initials.json is read by the tests of the screens too.
func TestInitialsAreWholeCharacters(t *testing.T) {
	file, err := os.ReadFile("testdata/initials.json")
	if err != nil {
		t.Fatalf("reading the names: %v", err)
	}
	var names []struct {
		Name     string `json:"name"`
		Initials string `json:"initials"`
	}
	if err := json.Unmarshal(file, &names); err != nil {
		t.Fatalf("reading the names: %v", err)
	}
	for _, n := range names {
		if got := grapheme.Initials(n.Name); got != n.Initials {
			t.Errorf("%q: got %q (%+q), want %q", n.Name, got, got, n.Initials)
		}
	}
	if got := grapheme.Initials("\xff\xfe"); got != "" {
		t.Errorf("what is no text has the initials %q", got)
	}
}

func TestACutTextEndsBetweenCharacters(t *testing.T) {
	for _, c := range []struct {
		text, want string
		most       int
	}{
		{"", "", 3},
		{"abc", "abc", 3},
		{"abcd", "ab…", 3},
		{"ab cd", "ab…", 4},
		{"ab👩\u200d💻cd", "ab…", 5},
		{"ab👩\u200d💻cd", "ab👩\u200d💻…", 6},
		{"a🇩🇪🇫🇷", "a…", 3},
		{"a🇩🇪🇫🇷", "a🇩🇪…", 4},
		{"cafe\u0301s", "caf…", 5},
		{"ᄒ\u1161\u11abᄀ\u1173\u11af", "ᄒ\u1161\u11ab…", 5},
		{"क\u094dष\u093fक", "क\u094dष\u093fक", 5},
		{"कक\u094dष\u093fक", "क…", 5},
		{"𝓑𝓮𝓵𝓵𝓪", "𝓑𝓮…", 3},
		{"e" + strings.Repeat("\u0301", 50), "e\u0301\u0301…", 4},
	} {
		got := grapheme.Truncate(c.text, c.most)
		if got != c.want || utf8.RuneCountInString(got) > c.most {
			t.Errorf("%q in %d: got %q, want %q", c.text, c.most, got, c.want)
		}
	}
}

func TestABeginningIsOfWholeCharacters(t *testing.T) {
	for _, c := range []struct {
		text, want string
		most       int
	}{
		{"", "", 2}, {"ab", "ab", 2}, {"abc", "ab", 2}, {"a🇩🇪b", "a", 2}, {"a🇩🇪b", "a🇩🇪", 3},
		{"e\u0301\u0302", "e\u0301", 2},
	} {
		if got := grapheme.Cut(c.text, c.most); got != c.want {
			t.Errorf("the first %d of %q: got %q, want %q", c.most, c.text, got, c.want)
		}
	}
}

func TestOnlyTheFirstLetterChangesItsCase(t *testing.T) {
	for text, want := range map[string][2]string{ // capitalized, uncapitalized
		"":           {"", ""},
		"portal 5":   {"Portal 5", "portal 5"},
		"Élan Vital": {"Élan Vital", "élan Vital"},
		"e\u0301lan": {"E\u0301lan", "e\u0301lan"},
		"ßeta":       {"ßeta", "ßeta"},
		"日本":         {"日本", "日本"},
		"𐐨x":         {"𐐀x", "𐐨x"},
	} {
		if got := grapheme.Capitalize(text); got != want[0] {
			t.Errorf("%q: capitalized it is %q, want %q", text, got, want[0])
		}
		if got := grapheme.Uncapitalize(text); got != want[1] {
			t.Errorf("%q: uncapitalized it is %q, want %q", text, got, want[1])
		}
	}
}
