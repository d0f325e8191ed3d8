package worker_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
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

func TestASuspendedAgencysMembersReadTheirNewsAfterwardsInOneEmail(t *testing.T) {
	p := relaytest.NewMailRelay(t)
	relaytest.Call(t, p.Ana, wire.SaveNews, wire.SaveNewsParams{Settings: onboarding.NewsSettings{
		Choices: []onboarding.NewsChoice{
			{Kind: onboarding.NewsExpiring, Mode: onboarding.NewsDaily}, {Kind: onboarding.NewsSignIn, Mode: onboarding.NewsNow},
		},
		UTCOffset: 120,
	}})
	first := p.Save(t, p.Ana)
	p.Clock.Advance(30 * time.Hour)
	second := p.Save(t, p.Ana)
	run := func(after time.Duration) {
		t.Helper()
		p.Clock.Advance(after)
		if err := p.Relay.Relay.RunDueJobs(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	suspend := func(on bool) {
		t.Helper()
		if _, err := p.Admin.SuspendAgency(t.Context(), "Acme Media", on); err != nil {
			t.Fatal(err)
		}
	}
	run(first.Expires.Time().Add(-3 * 24 * time.Hour).Sub(p.Clock.Now()))
	app := onboarding.Outage{
		Subject: onboarding.OutageApp + "hubspot", Service: onboarding.HubSpot, Failure: "not_configured",
	}
	suspend(true)
	if err := p.Store.Outages.Begin(t.Context(), p.Ana.Agency.ID, p.Ana.Member, app); err != nil {
		t.Fatal(err)
	}
	run(24 * time.Hour) // a daily email is due
	run(24 * time.Hour) // the second link ends soon as well, and another one is due
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		var held int
		if err := p.DB.QueryRowContext(t.Context(), `
			SELECT count(*) FROM emails WHERE state = 'queued' AND not_before_ms > $1`, p.Store.Now()).Scan(&held); err != nil {
			t.Fatal(err)
		}
		if held == 1 {
			break // that of the app
		} else if time.Now().After(deadline) {
			t.Fatalf("%d emails wait for the end of the suspension, want 1", held)
		}
	}
	if sent := p.World.Mail.Messages(); len(sent) != 0 {
		t.Fatalf("a suspended agency's members got %+v", sent)
	}
	suspend(false)
	run(22 * time.Hour) // the first link works for two hours more
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	about := func(subject string) sandbox.Message {
		t.Helper()
		m, err := p.World.Mail.Await(ctx, func(m sandbox.Message) bool { return strings.HasPrefix(m.Subject, subject) })
		if err != nil {
			t.Fatalf("waiting for %q: %v", subject, err)
		}
		return m
	}
	about("Latchkey cannot check accounts at HubSpot")
	m := about("Latchkey: 2 pieces of news")
	for _, r := range []onboarding.Request{first, second} {
		if !strings.Contains(m.HTML, p.URL+"/open/request/"+r.ID) {
			t.Errorf("the daily email does not open the request %s:\n%s", r.ID, m.Text)
		}
	}
	if want := "11:00 (UTC+2)"; !strings.Contains(m.Text, want) {
		t.Errorf("the daily email has no time %s, which is the member’s:\n%s", want, m.Text)
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
	if err := p.Store.Outages.Begin(t.Context(), p.Ana.Agency.ID, p.Ana.Member, app); err != nil {
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
