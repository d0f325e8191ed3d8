//go:build browser && faults

package browser

import "testing"

func TestFaultsAHundredTextsThatSomebodyTypes(t *testing.T) { hostile(t, 1) }
