package sandbox_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wneessen/go-mail"

	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

func noon() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }

func newMail(t *testing.T, cfg sandbox.MailConfig) *sandbox.Mail {
	t.Helper()
	if cfg.Now == nil {
		cfg.Now = noon
	}
	m, err := sandbox.NewMail(cfg)
	if err != nil {
		t.Fatalf("starting the mail sandbox: %v", err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Errorf("closing the mail sandbox: %v", err)
		}
	})
	return m
}

// newEmail is an email as the relay writes them: two bodies, one address.
func newEmail(t *testing.T, to string, also ...func(*mail.Msg)) *mail.Msg {
	t.Helper()
	msg := mail.NewMsg()
	if err := msg.FromFormat("Northlight Média", "requests@access.northlight.example"); err != nil {
		t.Fatalf("writing an email: %v", err)
	}
	if err := msg.To(to); err != nil {
		t.Fatalf("writing an email: %v", err)
	}
	if err := msg.ReplyTo("hello@northlight.example"); err != nil {
		t.Fatalf("writing an email: %v", err)
	}
	msg.Subject("Onboarding Request: Northlight Média")
	msg.SetMessageIDWithValue("one@access.northlight.example")
	msg.SetDateWithValue(noon())
	msg.SetBodyString(mail.TypeTextPlain, "Hello Oskar, open http://localhost:7420/r/abc.\n")
	msg.AddAlternativeString(mail.TypeTextHTML,
		`<p>Hello Oskar, <a href="http://localhost:7420/r/abc">Grant Permission Now</a></p>`)
	for _, change := range also {
		change(msg)
	}
	return msg
}

func send(ctx context.Context, m *sandbox.Mail, email *mail.Msg, also ...mail.Option) error {
	host, port, err := net.SplitHostPort(m.SMTPAddr())
	if err != nil {
		return err
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return err
	}
	options := append(
		[]mail.Option{mail.WithPort(number), mail.WithTLSPolicy(mail.NoTLS), mail.WithTimeout(2 * time.Second)}, also...)
	client, err := mail.NewClient(host, options...)
	if err != nil {
		return err
	}
	return client.DialAndSendWithContext(ctx, email)
}

func mustSend(t *testing.T, m *sandbox.Mail, email *mail.Msg) {
	t.Helper()
	if err := send(t.Context(), m, email); err != nil {
		t.Fatalf("sending an email: %v", err)
	}
}

func get(t *testing.T, address string) (*http.Response, string) {
	t.Helper()
	answer, err := http.Get(address)
	if err != nil {
		t.Fatalf("getting %s: %v", address, err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatalf("reading %s: %v", address, err)
	}
	return answer, string(body)
}

func mustSet(t *testing.T, m *sandbox.Mail, faults sandbox.MailFaults) {
	t.Helper()
	if err := m.SetFaults(faults); err != nil {
		t.Fatalf("setting faults: %v", err)
	}
}

func TestEmailArrivesAsItWasWritten(t *testing.T) {
	m := newMail(t, sandbox.MailConfig{})
	mustSend(t, m, newEmail(t, "Oskar Lien <oskar.lien@fjordbikes.example>"))

	got := m.Messages()
	if len(got) != 1 {
		t.Fatalf("emails in the mailbox: got %d, want 1", len(got))
	}
	email := got[0]
	for what, pair := range map[string][2]string{
		"from":    {email.From, "Northlight Média <requests@access.northlight.example>"},
		"to":      {strings.Join(email.To, " "), "oskar.lien@fjordbikes.example"},
		"subject": {email.Subject, "Onboarding Request: Northlight Média"},
		"text":    {strings.TrimSpace(email.Text), "Hello Oskar, open http://localhost:7420/r/abc."},
		"html": {
			strings.TrimSpace(email.HTML), `<p>Hello Oskar, <a href="http://localhost:7420/r/abc">Grant Permission Now</a></p>`,
		},
		"message id": {email.Headers["Message-ID"], "<one@access.northlight.example>"},
		"reply-to":   {email.Headers["Reply-To"], "<hello@northlight.example>"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: got %q, want %q", what, pair[0], pair[1])
		}
	}
	if !email.Date.Equal(noon()) {
		t.Errorf("date: got %s, want %s", email.Date, noon())
	}
}

func TestAPIAnswersNewestFirstInItsShape(t *testing.T) {
	m := newMail(t, sandbox.MailConfig{})
	if _, body := get(t, m.URL()+"/api/messages"); strings.TrimSpace(body) != "[]" {
		t.Errorf("an empty mailbox answers %q, want []", body)
	}
	mustSend(t, m, newEmail(t, "first@fjordbikes.example"))
	mustSend(t, m, newEmail(t, "second@fjordbikes.example"))
	mustSend(t, m,
		newEmail(t, "last-week@fjordbikes.example", func(msg *mail.Msg) { msg.SetDateWithValue(noon().AddDate(0, 0, -7)) }))

	answer, body := get(t, m.URL()+"/api/messages")
	if kind := answer.Header.Get("Content-Type"); kind != "application/json" {
		t.Errorf("content type: got %q", kind)
	}
	var emails []map[string]any
	if err := json.Unmarshal([]byte(body), &emails); err != nil {
		t.Fatalf("reading the API's answer: %v", err)
	}
	var to []string
	for _, email := range emails {
		if len(email) != 8 {
			t.Errorf("fields of an email: got %d, want 8: %v", len(email), email)
		}
		for _, field := range []string{"id", "from", "subject", "date", "text", "html"} {
			if _, isText := email[field].(string); !isText {
				t.Errorf("field %s: got %T, want a string", field, email[field])
			}
		}
		if _, err := time.Parse(time.RFC3339, email["date"].(string)); err != nil {
			t.Errorf("date: %v", err)
		}
		if headers, isObject := email["headers"].(map[string]any); !isObject ||
			headers["Subject"] != "Onboarding Request: Northlight Média" {
			t.Errorf("headers: got %v", email["headers"])
		}
		to = append(to, email["to"].([]any)[0].(string))
	}
	if got, want := strings.Join(to, " "), "second@fjordbikes.example first@fjordbikes.example "+
		"last-week@fjordbikes.example"; got != want {
		t.Errorf("order: got %s, want %s", got, want)
	}
	if answer, source := get(t, m.URL()+"/api/messages/"+emails[0]["id"].(string)+
		"/source"); answer.StatusCode != http.StatusOK ||
		!strings.Contains(source, "Message-ID: <one@access.northlight.example>\r\n") ||
		!strings.HasPrefix(answer.Header.Get("Content-Type"), "text/plain") {
		t.Errorf("source: got status %d, %s:\n%s", answer.StatusCode, answer.Header.Get("Content-Type"), source)
	}
}

func TestRefusedAddressIsToldAndShown(t *testing.T) {
	m := newMail(t, sandbox.MailConfig{})
	mustSet(t, m, sandbox.MailFaults{Refuse: []string{"office@harbourpine.example", "closed.example"}})
	for _, to := range []string{
		"ana@bounce.example", "mailbox.unavailable@fjordbikes.example", "Office@HarbourPine.example",
		"anybody@closed.example",
	} {
		err := send(t.Context(), m, newEmail(t, to))
		var refused *mail.SendError
		if !errors.As(err, &refused) || refused.IsTemp() || refused.ErrorCode() != 550 {
			t.Errorf("sending to %s: got %v, want a lasting 550", to, err)
		}
	}
	mustSend(t, m, newEmail(t, "lars@harbourpine.example"))

	if got := len(m.Messages()); got != 1 {
		t.Errorf("emails delivered: got %d, want 1", got)
	}
	refusals := m.Refusals()
	if len(refusals) != 4 {
		t.Fatalf("refusals: got %d, want 4", len(refusals))
	}
	if refusals[0].Answer != "550 5.1.1 mailbox unavailable" || refusals[0].To[0] != "anybody@closed.example" {
		t.Errorf("newest refusal: got %+v", refusals[0])
	}
	if _, body := get(t, m.URL()+"/mailbox"); strings.Count(body, "Refused: mailbox unavailable") != 4 {
		t.Errorf("the mailbox does not show four refusals:\n%s", body)
	}
	if _, body := get(t, m.URL()+"/mailbox/"+refusals[0].ID); !strings.Contains(body, "550 5.1.1 mailbox unavailable") {
		t.Errorf("the refused email's page lacks the server's answer:\n%s", body)
	}
	if counts := m.Counts(); counts.Refused != 4 || counts.Accepted != 1 {
		t.Errorf("counts: got %+v", counts)
	}
}

func TestGreylistDefersEachAddressSoManyTimes(t *testing.T) {
	m := newMail(t, sandbox.MailConfig{})
	mustSet(t, m, sandbox.MailFaults{Greylist: 2})
	for _, to := range []string{"a@fjordbikes.example", "b@fjordbikes.example"} {
		for try := range 2 {
			err := send(t.Context(), m, newEmail(t, to))
			var deferred *mail.SendError
			if !errors.As(err, &deferred) || !deferred.IsTemp() || deferred.ErrorCode() != 451 {
				t.Errorf("try %d to %s: got %v, want a passing 451", try+1, to, err)
			}
		}
		mustSend(t, m, newEmail(t, to))
	}
	if got := len(m.Messages()); got != 2 {
		t.Errorf("emails: got %d, want 2", got)
	}
	if got := len(m.Refusals()); got != 0 {
		t.Errorf("a deferred email is no refusal: got %d", got)
	}
}

func TestStallEndsWhenItIsLifted(t *testing.T) {
	for _, step := range sandbox.MailSteps() {
		t.Run(string(step), func(t *testing.T) {
			t.Parallel()
			m := newMail(t, sandbox.MailConfig{})
			mustSet(t, m, sandbox.MailFaults{Stall: step})
			impatient := mail.WithTimeout(200 * time.Millisecond)
			if err := send(t.Context(), m, newEmail(t, "oskar@fjordbikes.example"), impatient); err == nil {
				t.Fatalf("a server that stalls at %s took the email", step)
			}
			wanted := 0
			if step == sandbox.StepEnd {
				wanted = 1 // kept, and its sender gave up waiting to hear so
			}
			if got := len(m.Messages()); got != wanted {
				t.Errorf("emails kept while stalled at %s: got %d, want %d", step, got, wanted)
			}
			if got := m.Counts().Cut; got != wanted {
				t.Errorf("emails whose sender heard nothing: got %d, want %d", got, wanted)
			}
			mustSet(t, m, sandbox.MailFaults{})
			mustSend(t, m, newEmail(t, "oskar@fjordbikes.example"))
			if got := len(m.Messages()); got != wanted+1 {
				t.Errorf("emails after the stall at %s: got %d, want %d", step, got, wanted+1)
			}
		})
	}
}

func TestEmailIsKeptWhenTheConnectionIsCutAfterData(t *testing.T) {
	m := newMail(t, sandbox.MailConfig{})
	mustSet(t, m, sandbox.MailFaults{CutAfterData: 1})
	if err := send(t.Context(), m, newEmail(t, "oskar@fjordbikes.example")); err == nil {
		t.Fatal("the sender was told of an email whose line was cut")
	}
	mustSend(t, m, newEmail(t, "oskar@fjordbikes.example"))

	emails := m.Messages()
	if len(emails) != 2 || emails[0].Headers["Message-ID"] != emails[1].Headers["Message-ID"] {
		t.Errorf("emails: got %d, want an email and its twin", len(emails))
	}
	if counts := m.Counts(); counts.Accepted != 2 || counts.Cut != 1 {
		t.Errorf("counts: got %+v, want 2 accepted, 1 of them cut", counts)
	}
	if m.Faults().Any() {
		t.Errorf("the cut was for one email, and is still on: %+v", m.Faults())
	}
}

func TestServerThatIsDownTakesNothing(t *testing.T) {
	m := newMail(t, sandbox.MailConfig{})
	mustSet(t, m, sandbox.MailFaults{Down: true})
	if err := send(t.Context(), m, newEmail(t, "oskar@fjordbikes.example")); err == nil {
		t.Error("a server that is down took an email")
	}
	mustSet(t, m, sandbox.MailFaults{})
	mustSend(t, m, newEmail(t, "oskar@fjordbikes.example"))
	if got := len(m.Messages()); got != 1 {
		t.Errorf("emails: got %d, want 1", got)
	}
}

func TestServerGoingDownCutsWhoIsSpeaking(t *testing.T) {
	m := newMail(t, sandbox.MailConfig{})
	conn, err := net.Dial("tcp", m.SMTPAddr())
	if err != nil {
		t.Fatalf("connecting: %v", err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := io.WriteString(conn, "EHLO relay.example\r\n"); err != nil {
		t.Fatalf("greeting: %v", err)
	}
	mustSet(t, m, sandbox.MailFaults{Down: true})
	if _, err := io.WriteString(conn, "MAIL FROM:<a@b.example>\r\n"); err != nil {
		t.Fatalf("writing: %v", err)
	}
	heard, _ := io.ReadAll(conn) // however the line ends, what came before it counts
	if bytes.Contains(heard, []byte("Roger")) || bytes.Contains(heard, []byte("250 2.0.0")) {
		t.Errorf("a server that went down went on answering:\n%s", heard)
	}
}

func TestFaultsThatDoNotExistAreRefused(t *testing.T) {
	m := newMail(t, sandbox.MailConfig{})
	for _, faults := range []sandbox.MailFaults{{Stall: "lunch"}, {Greylist: -1}, {CutAfterData: -1}} {
		if err := m.SetFaults(faults); err == nil {
			t.Errorf("setting %+v: no error", faults)
		}
	}
	if m.Faults().Any() {
		t.Errorf("a refused setting left something on: %+v", m.Faults())
	}
}

func TestSenderSignsInWhereAPasswordIsSet(t *testing.T) {
	m := newMail(t, sandbox.MailConfig{User: "relay", Password: "brass"})
	signIn := func(password string) []mail.Option {
		return []mail.Option{mail.WithSMTPAuth(mail.SMTPAuthPlain), mail.WithUsername("relay"), mail.WithPassword(password)}
	}
	if err := send(t.Context(), m, newEmail(t, "oskar@fjordbikes.example")); err == nil {
		t.Error("a sender without a password was let in")
	}
	if err := send(t.Context(), m, newEmail(t, "oskar@fjordbikes.example"), signIn("copper")...); err == nil {
		t.Error("a sender with a wrong password was let in")
	}
	if err := send(t.Context(), m, newEmail(t, "oskar@fjordbikes.example"), signIn("brass")...); err != nil {
		t.Errorf("signing in: %v", err)
	}
	if got := len(m.Messages()); got != 1 {
		t.Errorf("emails: got %d, want 1", got)
	}
}

func TestEmailsOutliveTheProgramInAFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "mail")
	first := newMail(t, sandbox.MailConfig{Dir: dir})
	mustSend(t, first, newEmail(t, "oskar@fjordbikes.example"))
	_ = send(t.Context(), first, newEmail(t, "ana@bounce.example")) // refused, and kept as that
	if err := first.Close(); err != nil {
		t.Fatalf("closing: %v", err)
	}
	// What a crash in the middle of a write leaves behind.
	file, err := os.OpenFile(filepath.Join(dir, "mailbox.jsonl"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatalf("opening the mailbox's file: %v", err)
	}
	if _, err := file.WriteString(`{"number":3,"arr`); err != nil {
		t.Fatalf("breaking the mailbox's file: %v", err)
	}
	if err := file.Close(); err != nil {
		t.Fatalf("closing the mailbox's file: %v", err)
	}

	second := newMail(t, sandbox.MailConfig{Dir: dir})
	before := second.Messages()
	if len(before) != 1 || len(second.Refusals()) != 1 {
		t.Fatalf("after a restart: got %d emails and %d refusals, want one of each", len(before), len(second.Refusals()))
	}
	mustSend(t, second, newEmail(t, "mina@fjordbikes.example"))
	if got := second.Messages(); len(got) != 2 || got[0].ID == before[0].ID {
		t.Errorf("after a restart a new email took an old one's number: %+v", got)
	}
	if err := second.Empty(); err != nil {
		t.Fatalf("emptying: %v", err)
	}
	if err := second.Close(); err != nil {
		t.Fatalf("closing: %v", err)
	}
	if third := newMail(t, sandbox.MailConfig{Dir: dir}); len(third.Messages()) != 0 {
		t.Errorf("an emptied mailbox came back with %d emails", len(third.Messages()))
	}
}

func TestOldestEmailsGiveWay(t *testing.T) {
	m := newMail(t, sandbox.MailConfig{Keep: 2})
	for _, to := range []string{"a@x.example", "b@x.example", "c@x.example"} {
		mustSend(t, m, newEmail(t, to))
	}
	emails := m.Messages()
	if len(emails) != 2 || emails[0].To[0] != "c@x.example" || emails[1].To[0] != "b@x.example" {
		t.Errorf("kept: got %+v, want c and b", emails)
	}
}

func TestAwaitReturnsAnEmailThatComesLater(t *testing.T) {
	m := newMail(t, sandbox.MailConfig{})
	sent := make(chan error, 1)
	go func() { sent <- send(t.Context(), m, newEmail(t, "oskar@fjordbikes.example")) }()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	email, err := m.Await(ctx, func(email sandbox.Message) bool { return email.To[0] == "oskar@fjordbikes.example" })
	if err != nil || email.Subject == "" {
		t.Errorf("waiting for an email: got %+v, %v", email, err)
	}
	if err := <-sent; err != nil {
		t.Errorf("sending: %v", err)
	}
	over, end := context.WithTimeout(t.Context(), time.Millisecond)
	defer end()
	if _, err := m.Await(over, func(sandbox.Message) bool { return false }); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("waiting in vain: got %v, want the end of the context", err)
	}
}

func TestMailboxAnswersToItsOwnNameOnly(t *testing.T) {
	m := newMail(t, sandbox.MailConfig{})
	address, err := url.Parse(m.URL())
	if err != nil {
		t.Fatalf("reading the address: %v", err)
	}
	for _, host := range []string{"mailbox.attacker.example", "localhost:" + address.Port(), "127.0.0.1", ""} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, m.URL()+"/api/messages", nil)
		if err != nil {
			t.Fatalf("asking: %v", err)
		}
		r.Host = host
		if host == "" {
			r.Host = "attacker.example:" + address.Port()
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatalf("asking as %q: %v", host, err)
		}
		_ = answer.Body.Close() // only the status counts
		if answer.StatusCode != http.StatusMisdirectedRequest {
			t.Errorf("asked as %q: got status %d, want %d", r.Host, answer.StatusCode, http.StatusMisdirectedRequest)
		}
	}
}

func TestMailboxIsEmptiedByAFormOfItsOwnOnly(t *testing.T) {
	m := newMail(t, sandbox.MailConfig{})
	mustSend(t, m, newEmail(t, "oskar@fjordbikes.example"))
	post := func(origin string) int {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, m.URL()+"/empty", nil)
		if err != nil {
			t.Fatalf("asking: %v", err)
		}
		r.Header.Set("Origin", origin)
		answer, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatalf("posting: %v", err)
		}
		_ = answer.Body.Close() // only the status counts
		return answer.StatusCode
	}
	if status := post("http://localhost:7420"); status != http.StatusForbidden || len(m.Messages()) != 1 {
		t.Errorf("a form of another site: got status %d and %d emails", status, len(m.Messages()))
	}
	if answer, _ := get(t, m.URL()+"/empty"); answer.StatusCode != http.StatusMethodNotAllowed || len(m.Messages()) != 1 {
		t.Errorf("GET /empty: got status %d and %d emails", answer.StatusCode, len(m.Messages()))
	}
	if status := post(m.URL()); status != http.StatusSeeOther || len(m.Messages()) != 0 {
		t.Errorf("the mailbox's own form: got status %d and %d emails", status, len(m.Messages()))
	}
	if answer, body := get(t, m.URL()+"/mailbox/1"); answer.StatusCode != http.StatusNotFound ||
		!strings.Contains(body, "no longer here") {
		t.Errorf("an email that is gone: got status %d", answer.StatusCode)
	}
}

func TestMailboxMustBeOnLoopback(t *testing.T) {
	everywhere, err := net.Listen("tcp", "0.0.0.0:0")
	if err != nil {
		t.Fatalf("listening: %v", err)
	}
	defer func() { _ = everywhere.Close() }()
	if m, err := sandbox.NewMail(sandbox.MailConfig{HTTP: everywhere}); err == nil {
		t.Errorf("a mailbox without a password listens on every address: %s", m.URL())
	}
}
