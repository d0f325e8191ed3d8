package worker_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
	"github.com/latchkeyhq/latchkey/internal/mail"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/relay/worker"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

func refused(r onboarding.Recipient) bool { return r.EmailState == onboarding.EmailRefused }

func replied(r onboarding.Recipient) bool { return r.ServerReply != "" }

func TestEmailsThatCannotBeMadeWaitAndDelayNobody(t *testing.T) {
	p := relaytest.NewMailRelay(t)
	acme := p.Ana
	broken := func(on string) {
		t.Helper()
		err := p.Store.DB().InTx(t.Context(), func(tx *sqldb.Tx) error {
			_, err := tx.ExecContext(t.Context(), `UPDATE agencies SET name = $1 WHERE id = $2`, on, acme.Agency.ID)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	broken("") // no email names its agency
	var waiting []onboarding.Recipient
	for n := range 9 { // more than are sent at once, twice
		waiting = append(waiting, p.Send(t, p.Save(t, acme).ID, fmt.Sprintf("lena%d@harbour.example", n)))
	}
	for _, r := range waiting {
		if got := p.AwaitState(t, r.ID, replied); got.EmailState != onboarding.EmailQueued ||
			got.ServerReply != "This email could not be written. The relay's log says why." {
			t.Errorf("an email that cannot be made is %s: %q", got.EmailState, got.ServerReply)
		}
	}
	p.Ana = p.Enrol(t, p.AddAgency(t, "Other Ltd", "Eve Moss <eve@other.example>").Code)
	p.Send(t, p.Save(t, p.Ana).ID, "max@harbour.example")
	p.Await(t, "max@harbour.example")

	broken("Acme Media")
	p.Clock.Advance(2 * time.Minute)
	p.Send(t, p.Save(t, p.Ana).ID, "mia@harbour.example") // it wakes the loop, as time does
	p.Await(t, "lena0@harbour.example")

	p.Ana = acme
	broken("")
	never := p.Send(t, p.Save(t, acme).ID, "lars@harbour.example")
	p.AwaitState(t, never.ID, replied)
	p.Clock.Advance(73 * time.Hour)
	p.Send(t, p.Save(t, acme).ID, "jo@harbour.example")
	p.AwaitState(t, never.ID, refused)
}

// noMailer is called for nothing.
type noMailer struct{ *testing.T }

func (m noMailer) Send(_ context.Context, message *mail.Message) error {
	m.Errorf("%s was sent", message)
	return nil
}

func TestAPanicWhileAnEmailIsMadeIsTriedLater(t *testing.T) {
	clock := relaytest.NewClock()
	p := &relaytest.MailRelay{Relay: relaytest.Start(t, relaytest.Config{Now: clock.Now, Idle: true}), Clock: clock}
	p.Ana = p.Enrol(t, p.AddAgency(t, "Acme Media", "Ana Ruiz <ana@acme.example>").Code)
	composer, err := mail.NewComposer(catalogtest.New(t))
	if err != nil {
		t.Fatal(err)
	}
	r := p.Send(t, p.Save(t, p.Ana).ID, "lena@harbour.example")
	w := worker.New(worker.Config{ // without keys: what needs one panics
		Store: p.Store, DB: p.Store.DB(), Mailer: noMailer{t}, Composer: composer,
		Owner: store.LeaseOwner{Instance: "here", Run: "1"}, Now: clock.Now, Log: slog.New(slog.DiscardHandler),
	})
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { w.Run(ctx) })
	defer running.Wait()
	defer stop()
	if got := p.AwaitState(t, r.ID, replied); got.EmailState != onboarding.EmailQueued {
		t.Errorf("after a panic it is %s", got.EmailState)
	}
	clock.Advance(73 * time.Hour)
	w.Wake()
	p.AwaitState(t, r.ID, refused)
}
