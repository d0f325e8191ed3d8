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

func TestALinkThatTheRelayDoesNotWithdrawKeepsNothingElseFromEnding(t *testing.T) {
	for _, c := range []struct {
		entry replica.Entry
		want  bool
	}{
		{entry: replica.Entry{Kind: replica.EntryWithdraw, Attempts: 1}},
		{entry: replica.Entry{Kind: replica.EntryWithdraw, Attempts: withdrawAttempts}, want: true},
		{entry: replica.Entry{Kind: replica.EntryWithdraw, Outcome: replica.Outcome{Refused: 1}}, want: true},
		{entry: replica.Entry{Kind: replica.EntrySend, Outcome: replica.Outcome{Refused: 1}}},
	} {
		if got := isWithdrawRefused(replica.RequestState{Entries: []replica.Entry{c.entry}}); got != c.want {
			t.Errorf("%+v: %v, want %v", c.entry, got, c.want)
		}
	}
}

func TestOnlyWhatWasBegunToBeSharedIsHalfShared(t *testing.T) {
	for want, items := range map[bool][]onboarding.Item{
		true: {
			{State: onboarding.ItemSharing}, {State: onboarding.ItemFailed, Failure: string(catalog.SharingInterrupted)},
		},
		false: {{State: onboarding.ItemFailed, Failure: "role_too_low"}, {State: onboarding.ItemConnected}},
	} {
		for _, i := range items {
			if isHalfShared(i) != want {
				t.Errorf("%+v: half shared %v", i, !want)
			}
		}
	}
}
