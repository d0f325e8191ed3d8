package store

import (
	"testing"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

func TestWhoFinishedByACopiedLinkIsFoundByTheirAddress(t *testing.T) {
	lars := onboarding.Recipient{Number: 2, Address: "Östen@bücher.example"}
	scoped := lars
	scoped.Scoped = true
	for _, c := range []struct {
		visit     Visit
		recipient onboarding.Recipient
		finished  bool
	}{
		{Visit{Recipient: 2, Email: "else@harbour.example"}, lars, true},
		{Visit{Recipient: 3, Email: lars.Address}, lars, false},
		{Visit{Email: "östen@BÜCHER.example"}, lars, true},
		{Visit{Email: "östen@xn--bcher-kva.example"}, lars, true},
		{Visit{Email: "else@harbour.example"}, lars, false},
		{Visit{Email: lars.Address}, scoped, false},
		{Visit{Recipient: 2}, scoped, true},
	} {
		if got := (finishes{c.visit}).of(c.recipient); got != c.finished {
			t.Errorf("%+v by %+v: finished is %v", c.recipient, c.visit, got)
		}
	}
}
