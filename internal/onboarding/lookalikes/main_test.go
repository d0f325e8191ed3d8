package main

import (
	"os"
	"strings"
	"testing"
)

// The lines of Unicode's file that decide each rule.
const confusables = "\ufeff# confusables.txt\n# Version: 17.0.0\n" + `
05AD ;	0596 ;	MA	# a mark looks like a mark
0430 ;	0061 ;	MA	# a Cyrillic letter
0410 ;	0041 ;	MA	# its capital is in lower case
00D8 ;	004F 0338 ;	MA	# the marks of the prototype do not count
A733 ;	0061 0061 ;	MA	# one is two
FF41 ;	0061 ;	MA	# a decomposition tells it
0031 ;	006C ;	MA	# ASCII itself
0391 0301 ;	0041 0301 ;	MA	# two characters
203A ;	276F ;	MA	# not like ASCII
`

func TestTheListHasWhatLooksLikeASCII(t *testing.T) {
	var made strings.Builder
	if err := write(&made, strings.NewReader(confusables)); err != nil {
		t.Fatal(err)
	}
	if _, list, _ := strings.Cut(made.String(), "license.txt\n"); list != "a 0410 0430\naa A733\no 00D8\n" {
		t.Errorf("got %q", list)
	}
	for _, wrong := range []string{"", "<html>", "# Version: 17.0.0\n", "0430 ; 0061 ; MA\n", "04Z0 ;\t0061 ;\tMA\t#\n"} {
		if err := write(&made, strings.NewReader(wrong)); err == nil {
			t.Errorf("%q is taken for the list", wrong)
		}
	}
}

// What is there was made by this: the same beginning, and lines of its form.
func TestTheListThatIsThereNamesThisCommand(t *testing.T) {
	there, err := os.ReadFile("../lookalikes.txt")
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Replace(header, "%s", "17.0.0", 1)
	if !strings.HasPrefix(string(there), want) {
		t.Errorf("lookalikes.txt does not begin with\n%s", want)
	}
}
