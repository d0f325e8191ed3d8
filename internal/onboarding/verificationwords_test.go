package onboarding

import (
	"strings"
	"testing"
)

func TestCheckWordsAreTheSameOnBothSides(t *testing.T) {
	first, again, other := VerificationWords("01JD"), VerificationWords("01JD"), VerificationWords("01JE")
	if len(first) != 4 || strings.Join(first, " ") != strings.Join(again, " ") {
		t.Errorf("the same request has %v and %v", first, again)
	}
	if strings.Join(first, " ") == strings.Join(other, " ") {
		t.Errorf("two requests have the same words %v", first)
	}
}

// The order is part of the protocol: an older hub shows the same words as a
// newer relay.
func TestCheckWordsNeverChange(t *testing.T) {
	if got := strings.Join(VerificationWords("fixed"), " "); got != "basket temple arrow heron" {
		t.Errorf("the words of the request \"fixed\" became %q", got)
	}
}

func TestCheckWordsCannotBeConfused(t *testing.T) {
	list := strings.Fields(verificationWords)
	if len(list) != 256 {
		t.Fatalf("there are %d words, want 256: one byte picks one", len(list))
	}
	for i, a := range list {
		if len(a) < 4 || len(a) > 9 || strings.Trim(a, "abcdefghijklmnopqrstuvwxyz") != "" {
			t.Errorf("%q is too short, too long, or not plain", a)
		}
		for _, b := range list[i+1:] {
			if differsByOne(a, b) {
				t.Errorf("%q and %q differ in one letter or none", a, b)
			}
		}
	}
}

func differsByOne(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	switch len(b) - len(a) {
	case 0:
		differ := 0
		for i := range a {
			if a[i] != b[i] {
				differ++
			}
		}
		return differ < 2
	case 1:
		for i := range b {
			if b[:i]+b[i+1:] == a {
				return true
			}
		}
	}
	return false
}
