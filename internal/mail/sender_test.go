package mail_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/latchkeyhq/latchkey/internal/mail"
	"github.com/latchkeyhq/latchkey/internal/mail/mailtest"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

const from = "requests@access.northlight.example"

func mailServer(t *testing.T, config sandbox.MailConfig) *sandbox.Mail {
	t.Helper()
	server, err := sandbox.NewMail(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() }) // what it kept has been looked at
	return server
}

func newSender(t *testing.T, config mail.Config) *mail.Sender {
	t.Helper()
	config.From = from
	if config.StepTimeout == 0 {
		config.StepTimeout, config.ReplyTimeout = 5*time.Second, 5*time.Second
	}
	sender, err := mail.NewSender(config)
	if err != nil {
		t.Fatal(err)
	}
	return sender
}

func invitationTo(t *testing.T, address string) *mail.Message {
	t.Helper()
	invitation := mailtest.Invitation()
	invitation.To = address
	return mustCompose(t, invitation)
}

const marta = "marta@harbourpine.example"

func TestEveryEmailArrivesAsItWasComposed(t *testing.T) {
	server := mailServer(t, sandbox.MailConfig{})
	sender := newSender(t, mail.Config{URL: "smtp://" + server.SMTPAddr()})
	for _, example := range mailtest.Gallery() {
		message := mustCompose(t, example.Email)
		if err := server.Empty(); err != nil {
			t.Fatal(err)
		}
		if err := sender.Send(t.Context(), message); err != nil {
			t.Fatalf("sending %s: %v", example.Name, err)
		}
		arrived := server.Messages()
		if len(arrived) != 1 {
			t.Fatalf("%s: %d emails arrived", example.Name, len(arrived))
		}
		got := arrived[0]
		if got.Subject != message.Subject || got.From != message.From.Name+" <"+from+">" || len(got.To) != 1 ||
			got.To[0] != message.To {
			t.Errorf("%s: from %q to %q: %q", example.Name, got.From, got.To, got.Subject)
		}
		if unix(got.HTML) != unix(message.HTML) || unix(got.Text) != unix(message.Text) {
			t.Errorf("%s: a part changed on the way", example.Name)
		}
		if got.Headers["Message-ID"] != "<"+message.ID+">" {
			t.Errorf("%s: Message-ID %q", example.Name, got.Headers["Message-ID"])
		}
	}
}

func unix(text string) string { return strings.TrimRight(strings.ReplaceAll(text, "\r\n", "\n"), "\n") }

func TestRefusalHasTheServersWords(t *testing.T) {
	server := mailServer(t, sandbox.MailConfig{})
	err := newSender(t, mail.Config{
		URL: "smtp://" + server.SMTPAddr(),
	}).Send(t.Context(), invitationTo(t, "nobody@bounce.example"))
	var refused *mail.RefusedError
	if !errors.As(err, &refused) || refused.Code != 550 || !strings.Contains(refused.Reply, "mailbox unavailable") {
		t.Errorf("got %v", err)
	}
}

func TestGreylistedEmailIsDeferred(t *testing.T) {
	server := mailServer(t, sandbox.MailConfig{})
	if err := server.SetFaults(sandbox.MailFaults{Greylist: 1}); err != nil {
		t.Fatal(err)
	}
	sender := newSender(t, mail.Config{URL: "smtp://" + server.SMTPAddr()})
	err := sender.Send(t.Context(), invitationTo(t, marta))
	var deferred *mail.DeferredError
	if !errors.As(err, &deferred) || deferred.Doing != "naming the receiver" ||
		!strings.HasPrefix(deferred.Reply, "451 ") {
		t.Errorf("the first time: %v", err)
	}
	if err := sender.Send(t.Context(), invitationTo(t, marta)); err != nil {
		t.Errorf("the second time: %v", err)
	}
}

func TestSilentServerIsNotWaitedForAtAnyStep(t *testing.T) {
	for _, step := range sandbox.MailSteps() {
		t.Run(string(step), func(t *testing.T) {
			server := mailServer(t, sandbox.MailConfig{})
			if err := server.SetFaults(sandbox.MailFaults{Stall: step}); err != nil {
				t.Fatal(err)
			}
			sender := newSender(t, mail.Config{
				URL: "smtp://" + server.SMTPAddr(), StepTimeout: 200 * time.Millisecond, ReplyTimeout: 300 * time.Millisecond,
			})
			begun := time.Now()
			err := sender.Send(t.Context(), invitationTo(t, marta))
			if took := time.Since(begun); took > 3*time.Second {
				t.Errorf("took %v", took)
			}
			var deferred *mail.DeferredError
			var unknown *mail.OutcomeUnknownError
			reply := testComposer(t).DescribeFailure(err)
			switch {
			case step == sandbox.StepEnd && !errors.As(err, &unknown):
				t.Errorf("after the whole email: %v", err)
			case step != sandbox.StepEnd && !errors.As(err, &deferred):
				t.Errorf("got %v", err)
			case step != sandbox.StepEnd && reply != "The mail server does not answer.":
				t.Errorf("the agency reads %q", reply)
			case step != sandbox.StepEnd && !strings.Contains(deferred.Error(), "timeout"):
				t.Errorf("the log would not say why: %v", deferred)
			}
		})
	}
}

func TestLineCutAfterTheEmailIsUnanswered(t *testing.T) {
	server := mailServer(t, sandbox.MailConfig{})
	if err := server.SetFaults(sandbox.MailFaults{CutAfterData: 1}); err != nil {
		t.Fatal(err)
	}
	sender := newSender(t, mail.Config{URL: "smtp://" + server.SMTPAddr()})
	message := invitationTo(t, marta)
	err := sender.Send(t.Context(), message)
	var unknown *mail.OutcomeUnknownError
	if !errors.As(err, &unknown) {
		t.Fatalf("got %v", err)
	}
	if err := sender.Send(t.Context(), message); err != nil {
		t.Fatal(err)
	}
	twins := server.Messages()
	if len(twins) != 2 || twins[0].Headers["Message-ID"] != twins[1].Headers["Message-ID"] {
		t.Errorf("%d emails, with other Message-IDs", len(twins))
	}
}

func TestServerThatIsDownPostpones(t *testing.T) {
	server := mailServer(t, sandbox.MailConfig{})
	if err := server.SetFaults(sandbox.MailFaults{Down: true}); err != nil {
		t.Fatal(err)
	}
	sender := newSender(t, mail.Config{URL: "smtp://" + server.SMTPAddr()})
	var deferred *mail.DeferredError
	if err := sender.Send(t.Context(), invitationTo(t, marta)); !errors.As(err, &deferred) ||
		deferred.Doing != "connecting" {
		t.Errorf("hanging up: %v", err)
	}
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	if err := sender.Send(t.Context(), invitationTo(t, marta)); !errors.As(err, &deferred) {
		t.Errorf("gone: %v", err)
	}
}

func TestAServerThatTakesEmailsIsReadyAndOneThatDoesNotIsNot(t *testing.T) {
	server := mailServer(t, sandbox.MailConfig{})
	sender := newSender(t, mail.Config{URL: "smtp://" + server.SMTPAddr(), StepTimeout: 200 * time.Millisecond})
	if err := sender.Ready(t.Context()); err != nil {
		t.Errorf("a server in order: %v", err)
	}
	for name, faults := range map[string]sandbox.MailFaults{
		"down":          {Down: true},
		"silent":        {Stall: sandbox.StepGreeting},
		"silent, later": {Stall: sandbox.StepSender},
	} {
		if err := server.SetFaults(faults); err != nil {
			t.Fatal(err)
		}
		var later *mail.DeferredError
		if err := sender.Ready(t.Context()); !errors.As(err, &later) || mail.Reply(err) != "" {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if n := len(server.Messages()); n != 0 {
		t.Errorf("%d emails were sent", n)
	}
}

func TestSignsInWhereAUserIsNamed(t *testing.T) {
	server := mailServer(t, sandbox.MailConfig{User: "relay", Password: "correct horse"})
	right := newSender(t, mail.Config{
		URL: "smtp://relay@" + server.SMTPAddr(), Password: onboarding.NewSecret("correct horse"),
	})
	if err := right.Send(t.Context(), invitationTo(t, marta)); err != nil {
		t.Errorf("with the right password: %v", err)
	}
	wrong := newSender(t, mail.Config{
		URL: "smtp://relay@" + server.SMTPAddr(), Password: onboarding.NewSecret("battery staple"),
	})
	err := wrong.Send(t.Context(), invitationTo(t, marta))
	var deferred *mail.DeferredError
	if !errors.As(err, &deferred) || strings.Contains(err.Error(), "battery") {
		t.Errorf("with a wrong password, which is no fault of the email: %v", err)
	}
	if len(server.Messages()) != 1 {
		t.Errorf("%d emails arrived", len(server.Messages()))
	}
}

func TestSendingEndsWithItsContext(t *testing.T) {
	server := mailServer(t, sandbox.MailConfig{})
	if err := server.SetFaults(sandbox.MailFaults{Stall: sandbox.StepRecipient}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	begun := time.Now()
	err := newSender(t, mail.Config{URL: "smtp://" + server.SMTPAddr()}).Send(ctx, invitationTo(t, marta))
	var deferred *mail.DeferredError
	if !errors.As(err, &deferred) || !errors.Is(err, context.DeadlineExceeded) || time.Since(begun) > 2*time.Second {
		t.Errorf("after %v: %v", time.Since(begun), err)
	}
	cancel()
	if err := newSender(t, mail.Config{
		URL: "smtp://" + server.SMTPAddr(),
	}).Send(ctx, invitationTo(t, marta)); !errors.As(err, &deferred) {
		t.Errorf("with a context that has ended: %v", err)
	}
}

func TestNobodySendsFromAnotherAddress(t *testing.T) {
	server := mailServer(t, sandbox.MailConfig{})
	message := invitationTo(t, marta)
	message.From.Address = "boss@bank.example"
	var refused *mail.RefusedError
	if err := newSender(t, mail.Config{
		URL: "smtp://" + server.SMTPAddr(),
	}).Send(t.Context(), message); !errors.As(err, &refused) {
		t.Errorf("got %v", err)
	}
	if len(server.Messages()) != 0 {
		t.Error("it arrived")
	}
}

func TestMistakesInTheConfigurationAreSaid(t *testing.T) {
	for name, config := range map[string]mail.Config{
		"nothing":               {From: from},
		"no scheme":             {URL: "mail.example:587", From: from},
		"another scheme":        {URL: "http://mail.example", From: from},
		"no host":               {URL: "smtp://:587", From: from},
		"a port that is none":   {URL: "smtp://mail.example:70000", From: from},
		"a path":                {URL: "smtp://mail.example/x", From: from},
		"a password inside":     {URL: "smtp://relay:geheim@mail.example", From: from},
		"a user, no password":   {URL: "smtp://relay@mail.example", From: from},
		"a password, no user":   {URL: "smtp://mail.example", From: from, Password: onboarding.NewSecret("geheim")},
		"no from":               {URL: "smtp://mail.example"},
		"a from with a name":    {URL: "smtp://mail.example", From: "Kestrel <a@b.example>"},
		"a greeting of two":     {URL: "smtp://mail.example", From: from, HELO: "a\r\nMAIL FROM:<x>"},
		"an address in pieces":  {URL: "smtp://mail example", From: from},
		"a password in pieces":  {URL: "smtp://relay:geheim%zz@mail.example", From: from},
		"a from in two domains": {URL: "smtp://mail.example", From: "a@b@c.example"},
	} {
		_, err := mail.NewSender(config)
		if err == nil {
			t.Errorf("%s: taken", name)
		} else if strings.Contains(err.Error(), "geheim") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: said as %q", name, err)
		}
	}
}

// encrypted is a mail server with a certificate for 127.0.0.1.
func encrypted(t *testing.T, wrapped bool) (address string, roots *x509.CertPool, kept *heard) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots = x509.NewCertPool()
	roots.AddCert(certificate)
	settings := &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}

	kept = &heard{}
	server := smtp.NewServer(
		smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &session{conn: c, heard: kept}, nil }),
	)
	server.ErrorLog = log{}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address = listener.Addr().String()
	if wrapped {
		listener = tls.NewListener(listener, settings)
	} else {
		server.TLSConfig = settings
	}
	go func() { _ = server.Serve(listener) }() // ends with Close
	t.Cleanup(func() { _ = server.Close() })
	return address, roots, kept
}

type log struct{}

func (log) Printf(string, ...any) {}
func (log) Println(...any)        {}

// heard is what a server heard.
type heard struct {
	mu      sync.Mutex
	senders int // conversations that named a sender
	clear   int // of these, without TLS
	emails  []string
}

type session struct {
	conn  *smtp.Conn
	heard *heard
}

func (c *session) Mail(string, *smtp.MailOptions) error {
	c.heard.mu.Lock()
	defer c.heard.mu.Unlock()
	c.heard.senders++
	if _, is := c.conn.TLSConnectionState(); !is {
		c.heard.clear++
	}
	return nil
}
func (c *session) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (c *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	c.heard.mu.Lock()
	defer c.heard.mu.Unlock()
	c.heard.emails = append(c.heard.emails, string(raw))
	return err
}
func (c *session) Reset()        {}
func (c *session) Logout() error { return nil }

func TestEmailsAreEncryptedOnTheWay(t *testing.T) {
	for scheme, wrapped := range map[string]bool{"smtp": false, "smtps": true} {
		address, roots, kept := encrypted(t, wrapped)
		trusting := newSender(t, mail.Config{URL: scheme + "://" + address, Roots: roots})
		mail.EncryptAlways(trusting) // as for any server that is not on this machine
		if err := trusting.Send(t.Context(), invitationTo(t, marta)); err != nil {
			t.Errorf("%s: %v", scheme, err)
		}
		wary := newSender(t, mail.Config{URL: scheme + "://" + address})
		mail.EncryptAlways(wary)
		var deferred *mail.DeferredError
		if err := wary.Send(t.Context(), invitationTo(t, marta)); !errors.As(err, &deferred) {
			t.Errorf("%s with a certificate of nobody known: %v", scheme, err)
		}
		kept.mu.Lock()
		if kept.senders != 1 || kept.clear != 0 || len(kept.emails) != 1 {
			t.Errorf("%s: %d conversations, %d in the clear, %d emails", scheme, kept.senders, kept.clear, len(kept.emails))
		}
		kept.mu.Unlock()
	}
}

func TestServerElsewhereWithoutEncryptionGetsNothing(t *testing.T) {
	server := mailServer(t, sandbox.MailConfig{}) // it offers no STARTTLS
	sender := newSender(t, mail.Config{URL: "smtp://" + server.SMTPAddr()})
	mail.EncryptAlways(sender)
	var deferred *mail.DeferredError
	if err := sender.Send(t.Context(), invitationTo(t, marta)); !errors.As(err, &deferred) ||
		!strings.Contains(deferred.Reply, "STARTTLS") {
		t.Errorf("got %v", err)
	}
	if len(server.Messages()) != 0 {
		t.Error("it arrived")
	}
	for host, want := range map[string]bool{
		"mail.example": false, "127.0.0.1.example": false, "10.0.0.1": false, "[::1]": true, "localhost": true,
	} {
		sender := newSender(t, mail.Config{URL: "smtp://" + host})
		if got := mail.MaySendInTheClear(sender); got != want {
			t.Errorf("%s: spoken to in the clear: %v, want %v", host, got, want)
		}
	}
}

// script is a server that answers each line in turn, and then what rest says.
func script(t *testing.T, serve func(net.Conn, *bufio.Reader)) (address string, closed <-chan struct{}) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }() // the test reads what came before
		lines := bufio.NewReader(conn)
		serve(conn, lines)
		_, _ = io.Copy(io.Discard, lines) // until the sender hangs up
	}()
	t.Cleanup(func() { _ = listener.Close() })
	return listener.Addr().String(), done
}

// talk answers lines until DATA has ended, with the given last word.
func talk(conn net.Conn, lines *bufio.Reader, lastWord string) {
	say := func(words string) { _, _ = fmt.Fprintf(conn, "%s\r\n", words) }
	say("220 here")
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		switch {
		case strings.HasPrefix(line, "DATA"):
			say("354 go on")
			for line != ".\r\n" {
				if line, err = lines.ReadString('\n'); err != nil {
					return
				}
			}
			say(lastWord)
			return
		default:
			say("250 fine")
		}
	}
}

func TestLastWordOfTheServerCounts(t *testing.T) {
	var refused *mail.RefusedError
	var deferred *mail.DeferredError
	var unknown *mail.OutcomeUnknownError
	for word, as := range map[string]any{
		"250 taken":                           nil,
		"554 5.7.1 spam\x1b[31m \u202eno\x00": &refused,
		"550-first\r\n550 second":             &refused,
		"452 4.2.2 mailbox full":              &deferred,
		"gibberish":                           &unknown,
	} {
		address, closed := script(t, func(conn net.Conn, lines *bufio.Reader) { talk(conn, lines, word) })
		sender := newSender(t, mail.Config{
			URL: "smtp://" + address, StepTimeout: 300 * time.Millisecond, ReplyTimeout: 300 * time.Millisecond,
		})
		err := sender.Send(t.Context(), invitationTo(t, marta))
		if as == nil && err != nil || as != nil && !errors.As(err, as) {
			t.Errorf("%q: %v", word, err)
		}
		if err != nil && strings.ContainsAny(err.Error(), "\x1b\x00\r\n\u202e") {
			t.Errorf("%q: said as %q", word, err)
		}
		select {
		case <-closed:
		case <-time.After(5 * time.Second):
			t.Errorf("%q: the line was left open", word)
		}
	}
}

func TestLineIsHungUpWhateverTheServerDoes(t *testing.T) {
	for name, serve := range map[string]func(net.Conn, *bufio.Reader){
		"no greeting":     func(net.Conn, *bufio.Reader) {},
		"a rude greeting": func(c net.Conn, _ *bufio.Reader) { _, _ = c.Write([]byte("554 go away\r\n")) },

		"no hello": func(c net.Conn, _ *bufio.Reader) {
			_,
				_ = c.Write([]byte("220 hi\r\n500 what\r\n500 what\r\n"))
		},
		"no sender": func(c net.Conn, _ *bufio.Reader) {
			_,
				_ = c.Write([]byte("220 hi\r\n250 hi\r\n550 not you\r\n"))
		},
		"an endless hello": func(c net.Conn, _ *bufio.Reader) { drip(c, "220-still here\r\n") },
		"a slow hello":     func(c net.Conn, _ *bufio.Reader) { drip(c, "2") },
	} {
		address, closed := script(t, serve)
		sender := newSender(t, mail.Config{
			URL: "smtp://" + address, StepTimeout: 200 * time.Millisecond, ReplyTimeout: 200 * time.Millisecond,
			TotalTimeout: 500 * time.Millisecond,
		})
		var deferred *mail.DeferredError
		if err := sender.Send(t.Context(), invitationTo(t, marta)); !errors.As(err, &deferred) {
			t.Errorf("%s: %v", name, err)
		}
		select {
		case <-closed:
		case <-time.After(5 * time.Second):
			t.Errorf("%s: the line was left open", name)
		}
	}
}

// drip says the same in small pieces until nobody listens.
func drip(conn net.Conn, words string) {
	for {
		if _, err := io.WriteString(conn, words); err != nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func TestAddressWithForeignCharactersNeedsAServerThatTakesThem(t *testing.T) {
	server := mailServer(t, sandbox.MailConfig{})
	if err := newSender(t, mail.Config{URL: "smtp://" + server.SMTPAddr()}).Send(t.Context(),
		invitationTo(t, "märta@harbourpine.example")); err != nil {
		t.Errorf("to a server that knows: %v", err)
	}
	address, _ := script(t, func(conn net.Conn, lines *bufio.Reader) { talk(conn, lines, "250 taken") })
	var refused *mail.RefusedError
	if err := newSender(t, mail.Config{URL: "smtp://" + address}).Send(t.Context(),
		invitationTo(t, "märta@harbourpine.example")); !errors.As(err, &refused) {
		t.Errorf("to one that does not: %v", err)
	}
}

func TestForeignScriptsTravelInTheShorterWay(t *testing.T) {
	invitation := mailtest.Invitation()
	invitation.Message = strings.Repeat("日本語", onboarding.MaxMessage/3)
	invitation.Agency.Brand.Logo = nil
	var raw bytes.Buffer
	if _, err := mustCompose(t, invitation).WriteTo(&raw); err != nil {
		t.Fatal(err)
	}
	if raw.Len() > 64<<10 {
		t.Errorf("5,000 characters weigh %d bytes", raw.Len())
	}
}
