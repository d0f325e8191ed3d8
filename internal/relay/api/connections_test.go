package api_test

import (
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

func TestOnlyThisComputersOwnListenerIsAWayBack(t *testing.T) {
	c := relaytest.NewTeam(t)
	challenge := "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
	for _, loopback := range []string{"", "https://127.0.0.1:1/x", "http://localhost:1/x", "http://127.0.0.1/x",
		"http://evil.example:1/x", "http://127.0.0.1:1/x?y=1", "http://a@127.0.0.1:1/x", "http://10.0.0.1:1/x",
		"javascript:alert(1)"} {
		relaytest.Refused(t, c.Ana, wire.StartConnection, wire.StartConnectionParams{ID: store.NewID(),
			Platform:  onboarding.Meta,
			Challenge: challenge, Loopback: loopback}, onboarding.ErrInvalid)
	}
	good := wire.StartConnectionParams{ID: store.NewID(), Platform: onboarding.Meta, Challenge: challenge,
		Loopback: "http://127.0.0.1:4711/back"}
	for _, wrong := range []string{"", "short", challenge + "A", strings.Repeat("=", 43)} {
		p := good
		p.Challenge = wrong
		relaytest.Refused(t, c.Ana, wire.StartConnection, p, onboarding.ErrInvalid)
	}
	crm := good
	crm.Platform = onboarding.ActiveCampaign.Platform()
	relaytest.Refused(t, c.Ana, wire.StartConnection, crm, onboarding.ErrNotOffered)
	first, second := relaytest.Call(t, c.Ana, wire.StartConnection, good), relaytest.Call(t, c.Ana,
		wire.StartConnection, good)
	if first.Address == second.Address || !strings.HasPrefix(first.Address, c.URL+"/connect/") {
		t.Errorf("addresses are %s and %s", first.Address, second.Address)
	}
	relaytest.Refused(t, c.Another(t, c.Ana), wire.StartConnection, good, onboarding.ErrConflict) // another computer's
}
