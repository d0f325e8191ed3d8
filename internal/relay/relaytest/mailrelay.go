package relaytest

import (
	"context"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// MailRelay is a relay with a mailbox and one enrolled main user.
type MailRelay struct {
	*Relay
	Clock *Clock
	Ana   Device
}

func NewMailRelay(t *testing.T) *MailRelay {
	t.Helper()
	clock := NewClock()
	p := &MailRelay{Relay: Start(t, Config{Now: clock.Now}), Clock: clock}
	p.Ana = p.Enrol(t, p.AddAgency(t, "Acme Media", "Ana Ruiz <ana@acme.example>").Code)
	return p
}

// Save is a request for HubSpot.
func (p *MailRelay) Save(t *testing.T, by Device) onboarding.Request {
	t.Helper()
	answer, err := wire.Call(t.Context(), by.Client, wire.SaveRequest, HubSpotRequest(store.NewID()))
	if err != nil {
		t.Fatal(err)
	}
	return answer.Request
}

func (p *MailRelay) Send(t *testing.T, request, address string) onboarding.Recipient {
	t.Helper()
	params := wire.SendRequestParams{ID: request, Recipients: []wire.NewRecipient{{ID: store.NewID(), Address: address}}}
	answer, err := wire.Call(t.Context(), p.Ana.Client, wire.SendRequest, params)
	if err != nil {
		t.Fatal(err)
	}
	return answer.Request.Recipients[len(answer.Request.Recipients)-1]
}

// Await is the email to an address.
func (p *MailRelay) Await(t *testing.T, to string) sandbox.Message {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
	defer cancel()
	m, err := p.World.Mail.Await(ctx, func(m sandbox.Message) bool { return len(m.To) == 1 && m.To[0] == to })
	if err != nil {
		t.Fatalf("waiting for an email to %s: %v", to, err)
	}
	return m
}

// AwaitState waits until a recipient's email has come so far.
func (p *MailRelay) AwaitState(
	t *testing.T, recipient string, want func(onboarding.Recipient) bool,
) onboarding.Recipient {
	t.Helper()
	for deadline := time.Now().Add(15 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		r, err := p.Store.Requests.Recipient(t.Context(), recipient)
		if err != nil {
			t.Fatal(err)
		}
		if want(r) {
			return r
		}
		if time.Now().After(deadline) {
			t.Fatalf("the recipient's email stays %s (%q)", r.EmailState, r.ServerReply)
		}
	}
}
