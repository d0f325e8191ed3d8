package replica

import (
	"testing"
)

func TestClientsWithOtherAccentsAreTwo(t *testing.T) {
	for _, c := range []struct {
		a, b        string
		same, typed bool
	}{
		{"Harbour & Pine", " harbour & PINE ", true, true},
		{"M\u00fcller", "MU\u0308LLER", true, true},
		{"Müller", "Muller", false, true},
		{"Rosé", "Rose", false, true},
		{"Rose", "Rosen", false, false},
	} {
		if same, typed := IsSameClient(c.a, c.b), IsTyped(c.b, c.a); same != c.same || typed != c.typed {
			t.Errorf("%q and %q: same %t, typed %t", c.a, c.b, same, typed)
		}
	}
}
