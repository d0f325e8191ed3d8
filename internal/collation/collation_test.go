package collation_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/latchkeyhq/latchkey/internal/collation"
)

// search is one of testdata/searches.json, which the tests of the screens and of
// the wizard's script read too.
type search struct {
	Text  string `json:"text"`
	Typed string `json:"typed"`
	Found bool   `json:"found"`
}

func TestASearchFindsEveryWayOfWritingTheSame(t *testing.T) {
	file, err := os.ReadFile("testdata/searches.json")
	if err != nil {
		t.Fatalf("reading the searches: %v", err)
	}
	var all []search
	if err := json.Unmarshal(file, &all); err != nil {
		t.Fatalf("reading the searches: %v", err)
	}
	for _, s := range all {
		text, found := collation.Fold(s.Text), true
		for _, word := range strings.Fields(collation.Fold(s.Typed)) {
			found = found && strings.Contains(text, word)
		}
		if found != s.Found {
			t.Errorf("%q for %q: found is %v, want %v", s.Text, s.Typed, found, s.Found)
		}
	}
}

func TestFoldingDoesNotSeeCaseAndDoesNothingTwice(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if unicode.SimpleFold(r) == r || unicode.Is(unicode.M, r) {
			continue // without case
		}
		text := string(r)
		folded := collation.Fold(text)
		if again := collation.Fold(folded); again != folded {
			t.Errorf("%U: folded twice is %q, once %q", r, again, folded)
		}
		if upper := collation.Fold(strings.ToUpper(text)); upper != folded {
			t.Errorf("%U: in upper case it folds to %q, else to %q", r, upper, folded)
		}
		if lower := collation.Fold(strings.ToLower(text)); lower != folded {
			t.Errorf("%U: in lower case it folds to %q, else to %q", r, lower, folded)
		}
	}
}

func TestFoldingNeverFails(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "\xff\xfe": "\ufffd", "A\xffé": "a\ufffde", "\x00": "\x00", "\u0301": "",
	} {
		if got := collation.Fold(text); got != want {
			t.Errorf("%q folds to %q, want %q", text, got, want)
		}
	}
}

func TestASortedListHasNamesBesideThoseWithoutAccents(t *testing.T) {
	want := []string{
		"-dash", "10 Downing", "2 Doors", "Aachen", "Ångström", "Äpfel", "Apfelbaum", "Café", "cafeteria", "Éclair",
		"L’Oréal", "Lidl", "Łódź",
		"Orange", "Ørsted", "Otter", "Straße", "Strassen", "Zebra", "Ελλάς", "Яблоко", "שלום", "سلام", "かな", "日本",
	}
	shuffled := slices.Clone(want)
	slices.Sort(shuffled)
	collation.SortStable(shuffled, func(name string) string { return name })
	if !slices.Equal(shuffled, want) {
		t.Errorf("got  %q\nwant %q", shuffled, want)
	}
	same := []string{"b", "A", "a", "Á"}
	collation.SortStable(same, func(name string) string { return name })
	if want := []string{"A", "a", "Á", "b"}; !slices.Equal(same, want) {
		t.Errorf("names that differ by case and accents alone: got %q, want %q", same, want)
	}
}
