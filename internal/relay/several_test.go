//go:build !quick

package relay_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/sqldb/sqldbtest"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

func TestSeveralRelaysOnOneDatabaseAreOne(t *testing.T) {
	shared := relaytest.Config{Source: sqldbtest.PostgreSQL(t), KeysetFile: filepath.Join(t.TempDir(), "relay.key")}
	first := relaytest.Start(t, shared)
	shared.World = first.World
	second := relaytest.Start(t, shared)
	ana := first.Enrol(t, first.AddAgency(t, "Acme Media", "Ana Ruiz <ana@acme.example>").Code)
	there := second.Client(t, ana.Token) // the same token works at both

	bell := make(chan struct{}, 1)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = wire.Subscribe(ctx, there, func() {
			select {
			case bell <- struct{}{}:
			default: // it rang already
			}
		}, func() {}) // it always ends with an error
	}()
	defer func() { cancel(); <-ended }()
	<-bell // the line stands
	heard := false
	// The second relay's own line to the database may stand a moment later.
	for deadline := time.Now().Add(15 * time.Second); !heard && time.Now().Before(deadline); {
		relaytest.Call(t, ana, wire.SaveRequest, relaytest.HubSpotRequest(store.NewID()))
		select {
		case <-bell:
			heard = true
		case <-time.After(300 * time.Millisecond):
		}
	}
	if !heard {
		t.Error("what one relay wrote was no news at the other")
	}

	p := &relaytest.MailRelay{Relay: first, Ana: ana}
	for range 5 { // each email is one relay's to send
		p.Send(t, p.Save(t, ana).ID, store.NewID()+"@harbour.example")
	}
	for deadline := time.Now().Add(15 * time.Second); len(first.World.Mail.Messages()) < 5 &&
		time.Now().Before(deadline); {
		time.Sleep(50 * time.Millisecond)
	}
	time.Sleep(300 * time.Millisecond) // a twin would come now
	if all := first.World.Mail.Messages(); len(all) != 5 {
		t.Errorf("%d emails went out, want 5", len(all))
	}
}
