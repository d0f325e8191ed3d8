package store

import "testing"

func TestAListOfAnyLengthIsOneQuery(t *testing.T) {
	one, _ := inClause([]string{"a"}, "before")
	many, args := inClause([]string{"a", "b", `c"`}, "before")
	if one != many || len(args) != 2 || args[1] != `{"a":true,"b":true,"c\"":true}` {
		t.Errorf("got %q for one and %q for three, with %v", one, many, args)
	}
}
