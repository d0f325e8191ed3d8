package worker_test

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

func accepted(r onboarding.Recipient) bool { return r.EmailState == onboarding.EmailAccepted }

func TestAnInvitationCarriesOneLinkThatIsItsReceiversOwn(t *testing.T) {
	p := relaytest.NewMailRelay(t)
	r := p.Save(t, p.Ana)
	p.Send(t, r.ID, "lena@harbour.example")
	p.Send(t, r.ID, "max@harbour.example")
	links := regexp.MustCompile(regexp.QuoteMeta(p.URL) + `/r/[A-Za-z0-9_-]+`)
	seen := map[string]bool{}
	for _, to := range []string{"lena@harbour.example", "max@harbour.example"} {
		m := p.Await(t, to)
		for part, text := range map[string]string{"text": m.Text, "html": m.HTML} {
			found := links.FindAllString(text, -1)
			if len(found) != 1 {
				t.Errorf("the %s to %s has %d links, want 1", part, to, len(found))
				continue
			}
			seen[found[0]] = true
		}
		if m.Subject != "Onboarding Request: Acme Media" {
			t.Errorf("the subject is %q", m.Subject)
		}
		for _, header := range []string{m.Text, m.HTML, m.Headers["From"]} {
			if strings.Contains(header, "Ana Ruiz") {
				t.Errorf("the email to %s names the requester, who did not ask for that", to)
			}
		}
	}
	if len(seen) != 2 || seen[r.Link] {
		t.Errorf("%d different links, want one for each, and not the one that is copied", len(seen))
	}
}

func TestARefusedEmailIsShownWithTheServersReply(t *testing.T) {
	p := relaytest.NewMailRelay(t)
	request := p.Save(t, p.Ana)
	r := p.Send(t, request.ID, "nobody@bounce.example")
	shown := p.AwaitState(t, r.ID, func(r onboarding.Recipient) bool { return r.EmailState == onboarding.EmailRefused })
	if shown.ServerReply == "" || shown.Sent != 0 || shown.Count != 0 {
		t.Errorf("shown as %+v", shown)
	}
	again, err := p.Store.Requests.Get(t.Context(), p.Ana.Agency.ID, request.ID)
	if err != nil || again.Events[len(again.Events)-1].Kind != onboarding.EventEmailRefused {
		t.Errorf("the timeline ends with %+v and %v", again.Events, err)
	}
}

func TestAnEmailWaitsForAServerThatIsDown(t *testing.T) {
	p := relaytest.NewMailRelay(t)
	if err := p.World.Mail.SetFaults(sandbox.MailFaults{Down: true}); err != nil {
		t.Fatal(err)
	}
	r := p.Send(t, p.Save(t, p.Ana).ID, "lena@harbour.example")
	waiting := p.AwaitState(t, r.ID, func(r onboarding.Recipient) bool { return r.ServerReply != "" })
	if waiting.EmailState != onboarding.EmailQueued || waiting.Count != 0 {
		t.Errorf("while the server is down: %+v", waiting)
	}
	if err := p.World.Mail.SetFaults(sandbox.MailFaults{}); err != nil {
		t.Fatal(err)
	}
	p.Clock.Advance(2 * time.Minute)
	p.Send(t, p.Save(t, p.Ana).ID, "max@harbour.example") // it wakes the loop, as time does
	p.Await(t, "lena@harbour.example")
	if r := p.AwaitState(t, r.ID, accepted); r.ServerReply != "" || r.Count != 1 {
		t.Errorf("afterwards: %+v", r)
	}
}

func TestAnEmailIsGivenUpAfterThreeDays(t *testing.T) {
	p := relaytest.NewMailRelay(t)
	if err := p.World.Mail.SetFaults(sandbox.MailFaults{Greylist: 1000}); err != nil {
		t.Fatal(err)
	}
	r := p.Send(t, p.Save(t, p.Ana).ID, "lena@harbour.example")
	p.AwaitState(t, r.ID, func(r onboarding.Recipient) bool { return r.ServerReply != "" })
	p.Clock.Advance(4 * 24 * time.Hour)
	p.Send(t, p.Save(t, p.Ana).ID, "max@harbour.example")
	given := p.AwaitState(t, r.ID, func(r onboarding.Recipient) bool { return r.EmailState == onboarding.EmailRefused })
	if given.ServerReply == "" {
		t.Error("it was given up without the server's words")
	}
}

func TestAnEmailThatAStoppedRelayWasSendingIsSentAgainAsTheSame(t *testing.T) {
	clock := relaytest.NewClock()
	rl := relaytest.Start(t, relaytest.Config{Now: clock.Now, Idle: true})
	p := &relaytest.MailRelay{Relay: rl, Clock: clock}
	p.Ana = p.Enrol(t, p.AddAgency(t, "Acme Media", "Ana Ruiz <ana@acme.example>").Code)
	r := p.Send(t, p.Save(t, p.Ana).ID, "lena@harbour.example")
	instance := strings.TrimPrefix(rl.URL, "http://localhost:")
	former := store.LeaseOwner{Instance: "127.0.0.1:" + instance, Run: "former"}
	email, err := p.Store.Emails.Claim(t.Context(), former, nil, p.Store.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	lena := store.NewRecipient{Address: "lena@harbour.example", Hashes: [][]byte{[]byte("hash")}}
	if _, err := p.Store.Emails.MarkSending(t.Context(), email, former, lena, onboarding.Limits{}); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- rl.Relay.Run(ctx) }()
	m := p.Await(t, "lena@harbour.example")
	p.AwaitState(t, r.ID, accepted)
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if !strings.Contains(m.Headers["Message-ID"]+m.Headers["Message-Id"], email.MessageID) {
		t.Errorf("it went out as %v, want %s", m.Headers, email.MessageID)
	}
	if all := p.World.Mail.Messages(); len(all) != 1 {
		t.Errorf("%d emails went out, want 1", len(all))
	}
}

func TestAnEmailWhoseRequestIsWithdrawnIsNotSent(t *testing.T) {
	p := relaytest.NewMailRelay(t)
	if err := p.World.Mail.SetFaults(sandbox.MailFaults{Down: true}); err != nil {
		t.Fatal(err)
	}
	request := p.Save(t, p.Ana)
	r := p.Send(t, request.ID, "lena@harbour.example")
	p.AwaitState(t, r.ID, func(r onboarding.Recipient) bool { return r.ServerReply != "" })
	_, err := wire.Call(t.Context(), p.Ana.Client, wire.WithdrawRequest, wire.RequestParams{ID: request.ID})
	if err != nil {
		t.Fatal(err)
	}
	if r, err := p.Store.Requests.Recipient(t.Context(), r.ID); err != nil || r.EmailState != onboarding.EmailCancelled {
		t.Errorf("after the withdrawal the recipient is %+v and %v", r, err)
	}
	if err := p.World.Mail.SetFaults(sandbox.MailFaults{}); err != nil {
		t.Fatal(err)
	}
	p.Clock.Advance(time.Hour)
	p.Send(t, p.Save(t, p.Ana).ID, "max@harbour.example")
	p.Await(t, "max@harbour.example")
	if all := p.World.Mail.Messages(); len(all) != 1 {
		t.Errorf("%d emails went out, want only Max's", len(all))
	}
}

func TestAReplyToWorksOnceItsCodeCameBack(t *testing.T) {
	p := relaytest.NewMailRelay(t)
	ctx := t.Context()
	proposed, err := wire.Call(ctx, p.Ana.Client, wire.ProposeReplyTo, wire.AddressParams{Address: "Hello@Acme.example"})
	if err != nil {
		t.Fatal(err)
	}
	if b := proposed.Agency.Brand; b.ReplyTo != "" || b.PendingReplyTo != "Hello@acme.example" {
		t.Errorf("proposed: %+v", b)
	}
	m := p.Await(t, "Hello@acme.example")
	code := regexp.MustCompile(`\b\d{4}[ \x{a0}\x{202f}]?\d{4}\b`).FindString(m.Text)
	if code == "" {
		t.Fatalf("no code in %q", m.Text)
	}
	if _, err := wire.Call(
		ctx, p.Ana.Client, wire.ConfirmReplyTo, wire.ConfirmReplyToParams{Code: "00000000"},
	); !errors.Is(err, onboarding.ErrInvalid) {
		t.Errorf("a wrong code: got %v", err)
	}
	confirmed, err := wire.Call(ctx, p.Ana.Client, wire.ConfirmReplyTo, wire.ConfirmReplyToParams{
		Code: wire.SecretText(code),
	})
	if err != nil || confirmed.Agency.Brand.ReplyTo != "Hello@acme.example" ||
		confirmed.Agency.Brand.PendingReplyTo != "" {
		t.Errorf("confirmed: %+v and %v", confirmed.Agency.Brand, err)
	}
	p.Send(t, p.Save(t, p.Ana).ID, "lena@harbour.example")
	if m := p.Await(t, "lena@harbour.example"); !strings.Contains(m.Headers["Reply-To"], "Hello@acme.example") {
		t.Errorf("answers go to %q", m.Headers["Reply-To"])
	}
}

func TestASuspendedAgencyWritesToNobody(t *testing.T) {
	p := relaytest.NewMailRelay(t)
	if err := p.World.Mail.SetFaults(sandbox.MailFaults{Down: true}); err != nil {
		t.Fatal(err)
	}
	r := p.Send(t, p.Save(t, p.Ana).ID, "lena@harbour.example")
	p.AwaitState(t, r.ID, func(r onboarding.Recipient) bool { return r.ServerReply != "" })
	if _, err := p.Admin.SuspendAgency(t.Context(), "Acme Media", true); err != nil {
		t.Fatal(err)
	}
	if err := p.World.Mail.SetFaults(sandbox.MailFaults{}); err != nil {
		t.Fatal(err)
	}
	p.Clock.Advance(time.Hour)
	other := p.Enrol(t, p.AddAgency(t, "Other Ltd", "Eve Moss <eve@other.example>").Code)
	p.Ana = other
	p.Send(t, p.Save(t, other).ID, "max@harbour.example")
	p.AwaitState(t, r.ID, func(r onboarding.Recipient) bool { return r.EmailState == onboarding.EmailCancelled })
	if all := p.World.Mail.Messages(); len(all) > 1 || len(all) == 1 && all[0].To[0] != "max@harbour.example" {
		t.Errorf("emails went out: %v", all)
	}
}

func TestWhoCouldNotGoOnIsToldWhenTheyCan(t *testing.T) {
	s := relaytest.NewScene(t)
	_, link := s.Request(onboarding.HubSpot)
	devices, err := s.Hub.Credentials.Devices(t.Context())
	if err != nil || len(devices) != 1 {
		t.Fatalf("listing devices: %v, %v", devices, err)
	}
	v := s.Browser()
	v.Enter(link, "Lars Holm", "lars@harbourpine.example")
	if _, err := s.Hub.Credentials.Revoke(t.Context(), devices[0].ID); err != nil {
		t.Fatal(err)
	}
	v.Press("Add HubSpot")
	v.Reads("They have been told")
	p := &relaytest.MailRelay{Relay: s.Relay}
	p.Await(t, "ana@northlight.example")
	for range 2 { // two computers, one email
		_, code, err := s.Admin.MemberCode(t.Context(), "", "ana@northlight.example")
		if err != nil {
			t.Fatal(err)
		}
		s.Enrol(t, code.Code)
	}
	m := p.Await(t, "lars@harbourpine.example")
	if !strings.HasPrefix(m.Subject, "You can go on") || !strings.Contains(m.Text, "HubSpot") ||
		!strings.Contains(m.Text, s.URL+"/r/") {
		t.Errorf("he got %q: %.400s", m.Subject, m.Text)
	}
	if all := s.World.Mail.Messages(); len(all) != 2 {
		t.Errorf("%d emails went out, want 2", len(all))
	}
}

func TestNotForMeIsHeardInEveryRequest(t *testing.T) {
	p := relaytest.NewMailRelay(t)
	first, second := p.Save(t, p.Ana), p.Save(t, p.Ana)
	for _, request := range []onboarding.Request{first, second} {
		p.AwaitState(t, p.Send(t, request.ID, "lena@harbour.example").ID, accepted)
		p.Clock.Advance(2 * time.Minute)
	}
	m := p.Await(t, "lena@harbour.example")
	notForMe := regexp.MustCompile(regexp.QuoteMeta(p.URL) + `/l/[A-Za-z0-9_-]+/not-for-me`).FindString(m.Text)
	if answer, _ := relaytest.Do(t, nil, http.MethodPost, notForMe, nil,
		relaytest.SameOrigin()); answer.StatusCode != http.StatusOK {
		t.Fatalf("saying not for me: status %d", answer.StatusCode)
	}
	p.Clock.Advance(time.Hour)
	for _, request := range []onboarding.Request{first, second} {
		r, err := p.Store.Requests.Recipients(t.Context(), request.ID)
		if err != nil {
			t.Fatal(err)
		}
		_, err = wire.Call(t.Context(), p.Ana.Client, wire.ResendRequest, wire.ResendRequestParams{
			ID: request.ID, Send: store.NewID(), Recipients: []string{r[0].ID},
		})
		if !errors.Is(err, onboarding.ErrInvalid) {
			t.Errorf("writing again to who wants no emails: %v", err)
		}
	}
}
