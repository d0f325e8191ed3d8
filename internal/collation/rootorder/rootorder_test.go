package rootorder_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/collation/rootorder"
)

// ordered are names as a reader expects them.
func ordered() []string {
	return []string{
		"", " ", "-dash", "10 Downing", "2 Doors", "Aachen", "Ångström", "Äpfel", "Apfelbaum", "apple", "Apple", "Ävena",
		"café", "Café", "Cafeteria", "Éclair", "Łódź", "Orange", "Ørsted", "Otter", "Straße", "Strassen", "Zebra", "Ελλάς",
		"Яблоко", "שלום", "سلام", "かな", "日本",
	}
}

func TestNamesAreOrderedAsReadersLookForThem(t *testing.T) {
	want := ordered()
	shuffled := slices.Clone(want)
	slices.Sort(shuffled)
	slices.SortFunc(shuffled, rootorder.New().Compare)
	if !slices.Equal(shuffled, want) {
		t.Errorf("got  %q\nwant %q", shuffled, want)
	}
}

func TestSortKeysCompareAsTheirTexts(t *testing.T) {
	c := rootorder.New()
	names := ordered()
	for i, a := range names {
		if len(c.Key(a)) == 0 {
			t.Errorf("the sort key of %q is empty", a)
		}
		for j, b := range names {
			got, want := bytes.Compare(c.Key(a), c.Key(b)), c.Compare(a, b)
			if sign(got) != sign(want) || sign(want) != sign(i-j) {
				t.Errorf("%q and %q: their keys compare as %d, they as %d", a, b, got, want)
			}
		}
	}
}

func sign(n int) int { return max(-1, min(1, n)) }

func TestASortKeyOutlivesTheNext(t *testing.T) {
	c := rootorder.New()
	first := c.Key("first")
	kept := slices.Clone(first)
	c.Key("another")
	if !bytes.Equal(first, kept) {
		t.Error("the key of one text was changed by that of the next")
	}
}
