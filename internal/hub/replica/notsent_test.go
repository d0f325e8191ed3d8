package replica

import (
	"testing"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

func TestAnEmailThatTheRelayCancelledIsNotOnItsWay(t *testing.T) {
	const now = onboarding.Timestamp(1_000_000)
	to := func(state onboarding.EmailState, stopped onboarding.Timestamp) onboarding.Recipient {
		return onboarding.Recipient{ID: string(state), EmailState: state, Stopped: stopped}
	}
	for _, c := range []struct {
		recipients []onboarding.Recipient
		opened     onboarding.Timestamp
		row        RecipientState
		phase      Phase
	}{
		{recipients: []onboarding.Recipient{to(onboarding.EmailQueued, 0)}, row: RecipientQueued, phase: PhaseQueued},
		{recipients: []onboarding.Recipient{to(onboarding.EmailSending, 0)}, row: RecipientQueued, phase: PhaseQueued},
		{recipients: []onboarding.Recipient{to("", 0)}, row: RecipientWaiting, phase: PhaseQueued},
		{recipients: []onboarding.Recipient{to(onboarding.EmailCancelled, 0)}, row: RecipientNotSent, phase: PhaseNotSent},
		{
			recipients: []onboarding.Recipient{to(onboarding.EmailCancelled, 0), to(onboarding.EmailAccepted, 0)},
			row:        RecipientNotSent, phase: PhaseNotSent,
		},
		{
			recipients: []onboarding.Recipient{to(onboarding.EmailCancelled, 0)}, opened: now - 1, row: RecipientNotSent,
			phase: PhaseOpened,
		},
		{
			recipients: []onboarding.Recipient{{EmailState: onboarding.EmailCancelled, Sent: now - 1}}, // a reminder was
			row:        RecipientSent, phase: PhaseSent,
		},
		{recipients: []onboarding.Recipient{to(onboarding.EmailCancelled, now)}, row: RecipientStopped, phase: PhaseLinkOnly},
		{phase: PhaseLinkOnly},
	} {
		r := RequestState{Known: true, Request: onboarding.Request{
			Status: onboarding.Pending, Expires: now + 1000, Opened: c.opened, Recipients: c.recipients,
		}}
		if got := r.phase(now, RequestRow{}); got != c.phase {
			t.Errorf("%v: the phase is %s, want %s", c.recipients, got, c.phase)
		}
		if len(c.recipients) == 0 {
			continue
		}
		got := recipientRow(c.recipients[0], true, now)
		if got.State != c.row || got.Resend != (got.State != RecipientStopped && got.State != RecipientWaiting) {
			t.Errorf("%v: got %+v, want %s", c.recipients[0], got, c.row)
		}
	}
}
