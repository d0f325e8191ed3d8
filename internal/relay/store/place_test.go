package store

import "testing"

func TestAClusterThatWasUnknownOnceMayBeTheSame(t *testing.T) {
	for _, c := range []struct {
		known, now string
		same       bool
	}{
		{"77 1 2 3", "77 1 2 3", true},
		{"77 1 2 3", "78 1 2 3", false},
		{"77 1 2 3", "77 1 2 4", false},
		{"- 1 2 3", "77 1 2 3", true},
		{"77 1 2 3", "- 1 2 3", true},
		{"- 1 2 3", "77 1 5 3", false},
		{"77 1 2 3", "- 9 2 3", false},
	} {
		if got := isSamePlace(c.known, c.now); got != c.same {
			t.Errorf("%q and then %q: the same is %v", c.known, c.now, got)
		}
	}
}
