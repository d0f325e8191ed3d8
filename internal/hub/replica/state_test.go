package replica

import (
	"testing"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

func TestARefusedAddressIsListedUnlessSomebodyWhoWasInvitedLaterHasTheLink(t *testing.T) {
	wrong := onboarding.Recipient{Address: "wrong@client.example", Added: 10, EmailState: onboarding.EmailRefused}
	reached := func(added onboarding.Timestamp) onboarding.Recipient {
		return onboarding.Recipient{
			Address: "other@client.example", Added: added, Sent: added, EmailState: onboarding.EmailAccepted,
		}
	}
	refused := onboarding.Event{At: 20, Kind: onboarding.EventEmailRefused, Detail: wrong.Address}
	for name, c := range map[string]struct {
		other  onboarding.Recipient
		events []onboarding.Event
		listed int
	}{
		"invited later":                         {reached(30), []onboarding.Event{refused}, 0},
		"invited together":                      {reached(10), []onboarding.Event{refused}, 1},
		"no event says any more when it was so": {reached(10), nil, 1},
	} {
		var state RequestState
		state.Events, state.Recipients = c.events, []onboarding.Recipient{wrong, c.other}
		if got := state.refused(); len(got) != c.listed {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestWhatWasWithdrawnIsNotRepairable(t *testing.T) {
	i := onboarding.Item{
		Request: "r1", State: onboarding.ItemConnected,
		Access: onboarding.Access{State: onboarding.AccessBroken, Failure: string(catalog.ShareRemoved)},
	}
	if !IsRepairable(i) {
		t.Error("what its client shares again is not repairable")
	}
	if i.Withdrawn = 1; IsRepairable(i) {
		t.Error("what its client has withdrawn is repairable")
	}
}
