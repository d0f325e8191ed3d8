package replica

import (
	"testing"
)

func TestClientsWithOtherAccentsAreTwo(t *testing.T) {
	for _, c := range []struct {
		a, b        string
		same, typed bool
	}{
		{a: "Harbour & Pine", b: " harbour & PINE ", same: true, typed: true},
		{a: "M\u00fcller", b: "MU\u0308LLER", same: true, typed: true},
		{a: "Müller", b: "Muller", same: false, typed: true},
		{a: "Rosé", b: "Rose", same: false, typed: true},
		{a: "Rose", b: "Rosen", same: false, typed: false},
	} {
		if same, typed := IsSameClient(c.a, c.b), IsTyped(c.b, c.a); same != c.same || typed != c.typed {
			t.Errorf("%q and %q: same %t, typed %t", c.a, c.b, same, typed)
		}
	}
}
