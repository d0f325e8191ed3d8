package onboarding_test

import (
	"testing"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// TestWhatAClientTookBackHasNotArrived: neither is it awaited.
func TestWhatAClientTookBackHasNotArrived(t *testing.T) {
	connected := onboarding.Item{State: onboarding.ItemConnected}
	waiting := onboarding.Item{State: onboarding.ItemWaiting}
	withdrawn, never := connected, waiting
	withdrawn.Withdrawn, never.Withdrawn = 1, 1
	ended := onboarding.Item{State: onboarding.ItemEnded}
	arrived, awaited := onboarding.CountArrived([]onboarding.Item{connected, connected, waiting, withdrawn, never, ended})
	if arrived != 2 || awaited != 1 {
		t.Errorf("%d have arrived and %d are awaited, want 2 and 1", arrived, awaited)
	}
}
