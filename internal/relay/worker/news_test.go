package worker_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

func TestAnEmailToAMemberOpensTheRequestInTheHub(t *testing.T) {
	p := relaytest.NewMailRelay(t)
	r := p.Save(t, p.Ana)
	p.Clock.Advance(r.Expires.Time().Add(-3 * 24 * time.Hour).Sub(p.Clock.Now()))
	if err := p.Relay.Relay.RunDueJobs(t.Context()); err != nil {
		t.Fatal(err)
	}
	m := p.Await(t, "ana@acme.example")
	address := p.URL + "/open/request/" + r.ID
	for part, text := range map[string]string{"text": m.Text, "html": m.HTML} {
		if !strings.Contains(text, address) {
			t.Errorf("the %s of %q does not lead to %s", part, m.Subject, address)
		}
	}
	response, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != http.StatusOK {
		t.Errorf("the page answers %d", response.StatusCode)
	}
}

func TestADailyEmailListsWhatHappened(t *testing.T) {
	p := relaytest.NewMailRelay(t)
	relaytest.Call(t, p.Ana, wire.SaveNews, wire.SaveNewsParams{Settings: onboarding.NewsSettings{
		Choices: []onboarding.NewsChoice{{Kind: onboarding.NewsExpiring, Mode: onboarding.NewsDaily}},
	}})
	r := p.Save(t, p.Ana)
	gone := p.Save(t, p.Ana)
	p.Clock.Advance(r.Expires.Time().Add(-3 * 24 * time.Hour).Sub(p.Clock.Now()))
	run := func() {
		t.Helper()
		if err := p.Relay.Relay.RunDueJobs(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	run()
	if err := p.Store.Requests.DeleteClient(t.Context(), p.Ana.Agency.ID, gone.ID); err != nil {
		t.Fatal(err)
	}
	p.Clock.Advance(24 * time.Hour)
	run()
	m := p.Await(t, "ana@acme.example")
	if m.Subject != "Latchkey: 1 piece of news" || !strings.Contains(m.Text, "Ends soon") ||
		!strings.Contains(m.HTML, p.URL+"/open/request/"+r.ID) {
		t.Errorf("the daily email %q says\n%s", m.Subject, m.Text)
	}
	if sent := p.World.Mail.Messages(); len(sent) != 1 {
		t.Errorf("%d emails went out, want 1", len(sent))
	}
}

func TestADailyEmailLeavesOutWhatIsNoLongerSo(t *testing.T) {
	p := relaytest.NewMailRelay(t)
	choices := []onboarding.NewsChoice{}
	for _, kind := range onboarding.AllNewsKinds() {
		choices = append(choices, onboarding.NewsChoice{Kind: kind, Mode: onboarding.NewsOff})
		if kind == onboarding.NewsAttention || kind == onboarding.NewsExpiring {
			choices[len(choices)-1].Mode = onboarding.NewsDaily
		}
	}
	relaytest.Call(t, p.Ana, wire.SaveNews, wire.SaveNewsParams{Settings: onboarding.NewsSettings{Choices: choices}})
	run := func() {
		t.Helper()
		if err := p.Relay.Relay.RunDueJobs(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	r := p.Save(t, p.Ana)
	p.Clock.Advance(r.Expires.Time().Add(-3 * 24 * time.Hour).Sub(p.Clock.Now()))
	run()
	team := relaytest.Team{Relay: p.Relay, Ana: p.Ana}
	team.Portal(t)
	team.Portal(t)
	items := relaytest.Call(t, p.Ana, wire.ReadChanges, wire.ChangesParams{}).Items
	mended, broken := items[0], items[1]
	report := func(item onboarding.Item, states ...onboarding.AccessState) {
		t.Helper()
		for _, state := range states {
			p.Clock.Advance(time.Second)
			relaytest.Call(t, p.Ana, wire.ReportAccess, wire.ReportAccessParams{Item: item.ID, Access: onboarding.Access{
				State: state, Failure: "access_revoked", Checked: onboarding.TimestampOf(p.Clock.Now()),
			}})
		}
	}
	report(mended, onboarding.AccessWorks, onboarding.AccessBroken, onboarding.AccessWorks)
	report(broken, onboarding.AccessWorks, onboarding.AccessBroken)
	app := onboarding.Outage{
		Subject: onboarding.OutageApp + "meta", Service: onboarding.Facebook, Failure: "not_configured",
	}
	if err := p.Store.Outages.Begin(t.Context(), p.Ana.Agency.ID, app); err != nil {
		t.Fatal(err)
	}
	if err := p.Store.Outages.End(t.Context(), p.Ana.Agency.ID, app.Subject); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Store.Requests.Withdraw(t.Context(), p.Ana.Agency.ID, r.ID, "Ana Ruiz"); err != nil {
		t.Fatal(err)
	}
	p.Clock.Advance(24 * time.Hour)
	run()
	m := p.Await(t, "ana@acme.example")
	if m.Subject != "Latchkey: 1 piece of news" || !strings.Contains(m.HTML, p.URL+"/open/request/"+broken.Request) {
		t.Errorf("the daily email %q says\n%s", m.Subject, m.Text)
	}
}
