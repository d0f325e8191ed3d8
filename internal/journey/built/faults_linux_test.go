//go:build built && faults

package built

import "testing"

func TestFaultsAThousandKillsOfTheHub(t *testing.T) { hubKilling(t, 1000) }
