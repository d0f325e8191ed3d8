package worker_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/keyset"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// finish walks a request of its own to its end, in the name of an address.
func finish(t *testing.T, p *relaytest.MailRelay, address string) {
	t.Helper()
	ctx, r := t.Context(), p.Save(t, p.Ana)
	keys, err := keyset.Open(p.KeysetFile, p.Clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	v := store.Visit{
		ID: store.NewID(), Request: r.ID, Agency: p.Ana.Agency.ID, CookieHash: []byte(r.ID), Version: r.LinkVersion,
		Name: "Victor Timm", Email: address,
	}
	if err := p.Store.Visits.Start(ctx, v); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Store.Items.Put(ctx, v.Agency, store.SharedItem{Item: onboarding.Item{
		ID: store.NewID(), Request: r.ID, Service: onboarding.HubSpot, Kind: onboarding.CRMAccount, Account: r.ID,
		Name: "Portal", State: onboarding.ItemConnected, By: onboarding.Person{Name: v.Name, Email: address},
	}}); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Store.Requests.Finish(ctx, v, store.Mailbox{Hashes: keys.HashAddresses(address)}); err != nil {
		t.Fatal(err)
	}
}

// awaitQueue waits until no receipt waits for anything but its time.
func awaitQueue(t *testing.T, p *relaytest.MailRelay) {
	t.Helper()
	for deadline := time.Now().Add(15 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		var due int
		if err := p.Store.DB().QueryRowContext(t.Context(), `
			SELECT count(*) FROM emails
			WHERE kind = 'receipt' AND state IN ('queued', 'sending', 'handed_over') AND not_before_ms <= $1`,
			p.Store.Now()).Scan(&due); err != nil {
			t.Fatal(err)
		}
		if due == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d receipts are still due", due)
		}
	}
}

func TestManyReceiptsInOneNameAreFewEmails(t *testing.T) {
	p := relaytest.NewMailRelay(t)
	const requests = 12
	for n := range requests {
		finish(t, p, []string{
			"v.timm@gmail.com", "V.Timm@GMail.com", fmt.Sprintf("vtimm+%d@gmail.com", n), "vti.mm@googlemail.com",
		}[n%4])
	}
	received := func() (n int) {
		awaitQueue(t, p)
		for _, m := range p.World.Mail.Messages() {
			if strings.HasSuffix(strings.ToLower(m.To[0]), "mail.com") {
				n++
			}
		}
		return n
	}
	if n := received(); n != 1 {
		t.Errorf("%d emails went to one mailbox at once, want 1", n)
	}
	for minute := range 2 * requests {
		p.Clock.Advance(61 * time.Second)
		p.Send(t, p.Save(t, p.Ana).ID, fmt.Sprintf("a%d@x.example", minute)) // it wakes the loop, as time does
		received()
	}
	if n := received(); n != 6 {
		t.Errorf("%d emails went to one mailbox in all, want 6", n)
	}
}

func TestNotForMeBelowACodeStopsTheAddressThatGotIt(t *testing.T) {
	p := relaytest.NewMailRelay(t)
	propose := func(address string) {
		t.Helper()
		if _, err := wire.Call(
			t.Context(), p.Ana.Client, wire.ProposeReplyTo, wire.AddressParams{Address: address},
		); err != nil {
			t.Fatal(err)
		}
	}
	propose("victim@x.example")
	m := p.Await(t, "victim@x.example")
	propose("hello@acme.example")
	p.Await(t, "hello@acme.example")
	notForMe := regexp.MustCompile(regexp.QuoteMeta(p.URL) + `/l/[A-Za-z0-9_-]+/not-for-me`).FindString(m.Text)
	answer, _ := relaytest.Do(t, nil, http.MethodPost, notForMe, nil, relaytest.SameOrigin())
	if answer.StatusCode != http.StatusOK {
		t.Errorf("saying not for me: status %d", answer.StatusCode)
	}
	p.Clock.Advance(time.Hour)
	for address, want := range map[string]onboarding.EmailState{
		"victim@x.example": onboarding.EmailCancelled, "victim+2@x.example": onboarding.EmailCancelled,
		"hello@acme.example": onboarding.EmailAccepted,
	} {
		r := p.Send(t, p.Save(t, p.Ana).ID, address)
		p.AwaitState(t, r.ID, func(r onboarding.Recipient) bool { return r.EmailState == want })
	}
}

func TestThePromiseToWriteWhenAccessWorksIsKeptBeyondTheLimit(t *testing.T) {
	p := relaytest.NewMailRelay(t)
	r := p.Save(t, p.Ana)
	const address = "max@harbour.example"
	v := store.Visit{
		ID: store.NewID(), Request: r.ID, Agency: p.Ana.Agency.ID, CookieHash: []byte(r.ID), Version: r.LinkVersion,
		Name: "Max Holt", Email: address,
	}
	if err := p.Store.Visits.Start(t.Context(), v); err != nil {
		t.Fatal(err)
	}
	for range 6 {
		p.Send(t, p.Save(t, p.Ana).ID, address)
		p.Clock.Advance(time.Hour)
	}
	if err := p.Store.Emails.Enqueue(t.Context(), store.Email{
		Agency: v.Agency, Kind: store.EmailAccessWorks, Request: r.ID, Visit: v.ID, Service: onboarding.HubSpot,
	}, 0); err != nil {
		t.Fatal(err)
	}
	state := func() (state onboarding.EmailState, due onboarding.Timestamp) {
		if err := p.Store.DB().QueryRowContext(t.Context(), `
			SELECT state, not_before_ms FROM emails WHERE kind = 'access_works'`).Scan(&state, &due); err != nil {
			t.Fatal(err)
		}
		return state, due
	}
	await := func(done func(onboarding.EmailState, onboarding.Timestamp) bool) {
		t.Helper()
		for deadline := time.Now().Add(15 * time.Second); !done(state()); time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				got, due := state()
				t.Fatalf("the email is %s until %d", got, due)
			}
		}
	}
	await(func(state onboarding.EmailState, due onboarding.Timestamp) bool {
		return state == onboarding.EmailQueued && due > p.Store.Now()
	})
	p.Clock.Advance(24 * time.Hour)
	p.Send(t, p.Save(t, p.Ana).ID, "a@x.example") // it wakes the loop, as time does
	await(func(state onboarding.EmailState, _ onboarding.Timestamp) bool {
		return state == onboarding.EmailAccepted
	})
}
