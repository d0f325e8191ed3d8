package hub

import (
	"testing"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

func TestOnlyWhatACallVerifiedHadEndedBefore(t *testing.T) {
	for want, item := range map[replica.OffboardedOutcome]onboarding.Item{
		replica.OutcomeEndedBefore: {State: onboarding.ItemEnded, EndedProven: true},
		replica.OutcomeRemains:     {State: onboarding.ItemEnded, Failure: string(catalog.WithdrawByHand)},
		replica.OutcomeKept:        {State: onboarding.ItemEnded, Failure: string(catalog.GrantShared)},
		replica.OutcomeUnknown:     {}, // this computer has it no more
	} {
		if got := outcomeBefore(item); got != want {
			t.Errorf("%+v: %s, want %s", item, got, want)
		}
	}
}
