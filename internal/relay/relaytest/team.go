package relaytest

import (
	"errors"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/seal"
	"github.com/latchkeyhq/latchkey/internal/webtest"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// Team is an agency whose main user has computers, without a hub: what the
// relay promises to any caller that speaks the wire.
type Team struct {
	*Relay
	Ana Device
}

func NewTeam(t *testing.T) *Team {
	t.Helper()
	rl := New(t)
	return &Team{Relay: rl, Ana: rl.Enrol(t, rl.AddAgency(t, "Acme Media", "Ana Ruiz <ana@acme.example>").Code)}
}

// Another is one more computer of a device's member.
func (c *Team) Another(t *testing.T, of Device) Device {
	t.Helper()
	return c.Enrol(t, Call(t, of, wire.IssueCode, wire.IssueCodeParams{}).Code.Secret())
}

func Call[Q, A any](t *testing.T, d Device, m wire.Method[Q, A], p Q) A {
	t.Helper()
	a, err := wire.Call(t.Context(), d.Client, m, p)
	if err != nil {
		t.Fatalf("asking %s: %v", m.Path, err)
	}
	return a
}

func Refused[Q, A any](t *testing.T, d Device, m wire.Method[Q, A], p Q, want error) {
	t.Helper()
	if _, err := wire.Call(t.Context(), d.Client, m, p); !errors.Is(err, want) {
		t.Errorf("asking %s: got %v, want %v", m.Path, err, want)
	}
}

// HubSpotRequest is a request for HubSpot.
func HubSpotRequest(id string) wire.SaveRequestParams {
	return wire.SaveRequestParams{Request: wire.RequestInput{
		ID: id, Client: "Harbour & Pine", Services: []onboarding.Service{onboarding.HubSpot},
	}}
}

// Portal has a client connect a HubSpot portal, and gives its item.
func (c *Team) Portal(t *testing.T) onboarding.Item {
	t.Helper()
	answer := Call(t, c.Ana, wire.SaveRequest, HubSpotRequest(store.NewID()))
	v := webtest.New()
	for _, step := range []func() error{
		func() error { return v.Open(answer.Request.Link) },
		func() error { return v.Press("Grant Permission Now") },
		func() error { return v.Fill("Your name", "Lars Holm") },
		func() error { return v.Fill("Your work email", "lars@harbourpine.example") },
		func() error { return v.Press("View request") },
		func() error { return v.Press("Add HubSpot") },
		func() error { return v.Follow("Proceed") },
		func() error { return v.Press("Lars Holm") },
		func() error { return v.Press("Harbour & Pine AB") },
		func() error { return v.Press("Allow") },
	} {
		if err := step(); err != nil {
			t.Fatalf("%v\nthe page: %.800s", err, v.Page.Text())
		}
	}
	changes := Call(t, c.Ana, wire.ReadChanges, wire.ChangesParams{})
	if len(changes.Items) == 0 {
		t.Fatalf("nothing arrived; the page: %.800s", v.Page.Text())
	}
	return changes.Items[len(changes.Items)-1]
}

// Opened is what a device was sent for an item: the newest version of its
// credential, acknowledged.
func (c *Team) Opened(t *testing.T, d Device, i onboarding.Item) (platform.Credential, int64) {
	t.Helper()
	var credential platform.Credential
	var version int64
	for _, one := range Call(t, d, wire.ReadDeliveries, wire.DeliveriesParams{}).Deliveries {
		if one.Item != i.ID || one.Version < version {
			continue
		}
		names := seal.Binding{
			Relay: c.Relay.Relay.ID(), Agency: d.Agency.ID, Request: i.Request, Item: i.ID, Account: i.Account,
			Version: one.Version,
		}
		plain, err := seal.Open(d.Key, names, one.Sealed)
		if err != nil {
			t.Fatalf("opening a delivery: %v", err)
		}
		if credential, err = platform.ReadCredential(plain); err != nil {
			t.Fatal(err)
		}
		version = one.Version
		Call(t, d, wire.Acknowledge, wire.AcknowledgeParams{IDs: []string{one.ID}})
	}
	return credential, version
}
