//go:build built && faults

package built

import (
	"testing"
	"time"
)

func TestFaultsAThousandKillsOfTheHub(t *testing.T) { hubKilling(t, 1000) }

func TestFaultsAHubThatSleptTenMinutes(t *testing.T) { sleeping(t, 10*time.Minute) }
