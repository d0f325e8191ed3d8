package worker_test

import (
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// Nobody reminds a colleague who has not opened what was handed to them: the requester
// reads of it a day later, but not of one who has.
func TestTheRequesterReadsThatTheRestWaitsForAColleague(t *testing.T) {
	p := relaytest.NewMailRelay(t)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	part := func(colleague string) onboarding.Request {
		t.Helper()
		r := p.Save(t, p.Ana)
		v := store.Visit{
			ID: store.NewID(), Request: r.ID, Agency: p.Ana.Agency.ID, CookieHash: []byte(r.ID), Version: 1, Name: "Lena Park",
			Email: "lena@harbour.example",
		}
		must(p.Store.Visits.Start(t.Context(), v))
		must(p.Store.Requests.HandOver(t.Context(), v, store.HandOver{
			To:       store.NewRecipient{ID: store.NewID(), Address: colleague, Hashes: [][]byte{[]byte(colleague)}},
			Services: r.Services,
		}, onboarding.Limits{}))
		finish, err := p.Store.Requests.Finish(t.Context(), v, store.Mailbox{Hashes: [][]byte{[]byte(v.Email)}})
		must(err)
		if finish.Outcome != store.FinishedPart {
			t.Fatalf("the part ended as %s", finish.Outcome)
		}
		return r
	}
	opened := part("lars@harbour.example")
	must(p.Store.Requests.MarkOpened(t.Context(), p.Ana.Agency.ID, opened.ID, 1))
	p.Clock.Advance(time.Second)
	part("kim@harbour.example")
	p.Await(t, "kim@harbour.example")
	p.Clock.Advance(25 * time.Hour)
	part("omar@harbour.example") // it wakes the loop
	m := p.Await(t, "ana@acme.example")
	if !strings.Contains(m.Text, "handed to kim@harbour.example. Nobody has opened it yet") {
		t.Errorf("the email %q says\n%s", m.Subject, m.Text)
	}
	for _, sent := range p.World.Mail.Messages() {
		if sent.To[0] == "ana@acme.example" && strings.Contains(sent.Text, "lars@harbour.example") {
			t.Errorf("of who has opened it the requester reads\n%s", sent.Text)
		}
	}
}
