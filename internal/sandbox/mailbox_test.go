package sandbox_test

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"net/textproto"
	"strings"
	"testing"

	"github.com/wneessen/go-mail"

	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

func TestPicturesThatAnEmailBringsAreShown(t *testing.T) {
	m := newMail(t, sandbox.MailConfig{})
	logo := []byte("\x89PNG\r\n\x1a\nnot much of a picture")
	mustSend(t, m, newEmail(t, "oskar@fjordbikes.example", func(msg *mail.Msg) {
		msg.AddAlternativeString(mail.TypeTextHTML, "")
		msg.SetBodyString(mail.TypeTextPlain, "Hello")
		msg.AddAlternativeString(mail.TypeTextHTML,
			`<img src="cid:logo@northlight.example" alt="Northlight"><img src="http://tracker.example/pixel.gif" alt="">`)
		if err := msg.EmbedReader("logo.png", bytes.NewReader(logo), mail.WithFileContentID("logo@northlight.example"),
			mail.WithFileContentType("image/png")); err != nil {
			t.Fatalf("embedding a logo: %v", err)
		}
	}))
	answer, body := get(t, m.URL()+"/mailbox/1/email")
	if want := `src="data:image/png;base64,` + base64.StdEncoding.EncodeToString(logo) +
		`"`; !strings.Contains(body, want) {
		t.Errorf("the logo is not in its place:\n%s", body)
	}
	if policy := answer.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "img-src data:;") {
		t.Errorf("an email may fetch pictures from elsewhere: %s", policy)
	}
}

func TestMailboxOpensTheNewestThatArrived(t *testing.T) {
	m := newMail(t, sandbox.MailConfig{})
	mustSend(t, m, newEmail(t, "oskar@fjordbikes.example",
		func(msg *mail.Msg) { msg.SetBodyString(mail.TypeTextPlain, "It has arrived.") }))
	if err := send(t.Context(), m, newEmail(t, "office@unavailable.example",
		func(msg *mail.Msg) { msg.SetBodyString(mail.TypeTextPlain, "Never read.") })); err == nil {
		t.Fatal("the second email was not refused")
	}
	if _, body := get(t, m.URL()+"/mailbox"); !strings.Contains(body, "Refused: mailbox unavailable") ||
		strings.Contains(body, "Not delivered") {
		t.Errorf("it opens on what was refused:\n%s", body)
	}
}

func TestEmailCannotRunAnything(t *testing.T) {
	m := newMail(t, sandbox.MailConfig{})
	const attack = `"><script>alert(1)</script><img src=x onerror=alert(1)>`
	mustSend(t, m, newEmail(t, "oskar@fjordbikes.example", func(msg *mail.Msg) {
		msg.Subject(attack)
		if err := msg.FromFormat("</dd><script>alert(1)</script>", "a@b.example"); err != nil {
			t.Fatalf("writing an email: %v", err)
		}
		msg.SetGenHeader("X-Name", attack)
		msg.SetBodyString(mail.TypeTextPlain, attack+" javascript:alert(1) https://ok.example/?q="+attack)
		msg.AddAlternativeString(mail.TypeTextHTML,
			`<base href="https://attacker.example/"><a href="javascript:alert(1)" target="_self">x</a>`+attack)
	}))

	for _, path := range []string{
		"/mailbox", "/mailbox/1?as=html", "/mailbox/1?as=text", "/mailbox/1?as=source", "/mailbox/1?as=" + `%22><script>`,
	} {
		answer, body := get(t, m.URL()+path)
		if answer.StatusCode != http.StatusOK {
			t.Fatalf("%s: got status %d", path, answer.StatusCode)
		}
		if strings.Contains(body, "<script>") || strings.Contains(body, "<img src=x") ||
			strings.Contains(body, `href="javascript:`) {
			t.Errorf("%s: what an email says became part of the page:\n%s", path, body)
		}
		if policy := answer.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "script-src 'self'") ||
			strings.Contains(policy, "unsafe") {
			t.Errorf("%s: policy: %s", path, policy)
		}
		if strings.Contains(body, "style=") || strings.Contains(body, "onclick") {
			t.Errorf("%s: something is inline:\n%s", path, body)
		}
	}
	_, page := get(t, m.URL()+"/mailbox/1")
	if !strings.Contains(page, `sandbox="allow-popups allow-popups-to-escape-sandbox"`) {
		t.Errorf("the frame is not sandboxed:\n%s", page)
	}
	answer, body := get(t, m.URL()+"/mailbox/1/email")
	policy := answer.Header.Get("Content-Security-Policy")
	for _, part := range []string{
		"sandbox allow-popups allow-popups-to-escape-sandbox;", "default-src 'none'", "base-uri 'none'", "form-action 'none'",
		"frame-ancestors 'self'",
	} {
		if !strings.Contains(policy, part) {
			t.Errorf("the email's policy lacks %q: %s", part, policy)
		}
	}
	if strings.Contains(policy, "script-src") || strings.Contains(policy, "allow-scripts") ||
		strings.Contains(policy, "allow-same-origin") {
		t.Errorf("the email's policy lets scripts run: %s", policy)
	}
	if strings.Contains(body, `target="_self"`) || !strings.Contains(body, `target="_blank" rel="noopener noreferrer"`) {
		t.Errorf("a link does not open in a tab of its own:\n%s", body)
	}
	if answer, _ := get(t, m.URL()+"/api/messages/1/source"); !strings.HasPrefix(answer.Header.Get("Content-Type"),
		"text/plain") || answer.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("a browser may run the source: %v", answer.Header)
	}
}

func TestLinksInPlainTextEndWhereTheyShould(t *testing.T) {
	m := newMail(t, sandbox.MailConfig{})
	mustSend(t, m, newEmail(t, "oskar@fjordbikes.example", func(msg *mail.Msg) {
		msg.SetBodyString(mail.TypeTextPlain,
			"Open http://localhost:7420/r/abc. Or (https://ok.example/a?b=1&c=2), <https://in.example/x>\nhttp://")
	}))
	_, body := get(t, m.URL()+"/mailbox/1?as=text")
	for _, want := range []string{
		`<a href="http://localhost:7420/r/abc" target="_blank" rel="noopener noreferrer">` +
			`http://localhost:7420/r/abc</a>. Or (`,
		`<a href="https://ok.example/a?b=1&amp;c=2" target="_blank" rel="noopener noreferrer">` +
			`https://ok.example/a?b=1&amp;c=2</a>), &lt;`,
		`>https://in.example/x</a>&gt;`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the text lacks %s:\n%s", want, body)
		}
	}
}

func TestGarbledEmailIsShownAsFarAsItGoes(t *testing.T) {
	m := newMail(t, sandbox.MailConfig{})
	for _, source := range []string{
		"",
		"no headers at all",
		": nameless\r\n folded onto nothing\r\nSubject: =?utf-8?q?broken",
		"Subject: a\r\nContent-Type: multipart/mixed\r\n\r\nno boundary",
		"Subject: b\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: " +
			"text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n%%%\r\n--x",
		"Subject: c\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p>=ZZ \xff\xfe",
		"Date: yesterday\r\nFrom: <<>>\r\n\r\n\r\nbody",
		"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + strings.Repeat(
			"--x\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n", 50),
	} {
		say(t, m, source)
	}
	emails := m.Messages()
	if len(emails) != 8 {
		t.Fatalf("emails: got %d, want 8", len(emails))
	}
	for _, email := range emails {
		if !email.Date.Equal(noon()) {
			t.Errorf("an email without a readable date: got %s, want its arrival", email.Date)
		}
		for _, as := range []string{"html", "text", "source"} {
			if answer, _ := get(t,
				fmt.Sprintf("%s/mailbox/%s?as=%s", m.URL(), email.ID, as)); answer.StatusCode != http.StatusOK {
				t.Errorf("email %s as %s: got status %d", email.ID, as, answer.StatusCode)
			}
		}
	}
}

// say sends source as it stands, which no mail library would.
func say(t *testing.T, m *sandbox.Mail, source string) {
	t.Helper()
	conn, err := net.Dial("tcp", m.SMTPAddr())
	if err != nil {
		t.Fatalf("connecting: %v", err)
	}
	defer func() { _ = conn.Close() }()
	line := textproto.NewConn(conn)
	answer := func(want int) {
		t.Helper()
		if _, _, err := line.ReadResponse(want); err != nil {
			t.Fatalf("speaking SMTP: %v", err)
		}
	}
	answer(220)
	for _, step := range []struct {
		say  string
		want int
	}{{"EHLO relay.example", 250}, {"MAIL FROM:<a@b.example>", 250}, {"RCPT TO:<c@d.example>", 250}, {"DATA", 354}} {
		if err := line.PrintfLine("%s", step.say); err != nil {
			t.Fatalf("saying %s: %v", step.say, err)
		}
		answer(step.want)
	}
	data := line.DotWriter()
	if _, err := data.Write([]byte(source)); err != nil {
		t.Fatalf("writing the email: %v", err)
	}
	if err := data.Close(); err != nil {
		t.Fatalf("ending the email: %v", err)
	}
	answer(250)
}

func TestNewsIsToldToWhoeverListens(t *testing.T) {
	m := newMail(t, sandbox.MailConfig{})
	answer, err := http.Get(m.URL() + "/api/news")
	if err != nil {
		t.Fatalf("listening: %v", err)
	}
	defer func() { _ = answer.Body.Close() }()
	lines := bufio.NewScanner(answer.Body)
	if !lines.Scan() || lines.Text() != "retry: 1000" {
		t.Fatalf("the stream begins with %q", lines.Text())
	}
	for range 2 {
		mustSend(t, m, newEmail(t, "oskar@fjordbikes.example"))
		for lines.Scan() && lines.Text() != "event: news" {
			continue
		}
		if lines.Text() != "event: news" {
			t.Fatalf("an email came and the stream ended: %v", lines.Err())
		}
	}
}

func TestWrittenFilesAreServedAndNothingElse(t *testing.T) {
	m := newMail(t, sandbox.MailConfig{})
	for path, want := range map[string]int{
		"/static/mailbox.css": http.StatusOK, "/static/mailbox.js": http.StatusOK, "/static/style.css": http.StatusOK,
		"/static/icon.svg": http.StatusOK,
		"/static/":         http.StatusNotFound, "/static/nothing.css": http.StatusNotFound,
		"/static/%2e%2e%2fmail.go": http.StatusBadRequest, "/templates/mailbox.html": http.StatusNotFound,
	} {
		if answer, _ := get(t, m.URL()+path); answer.StatusCode != want {
			t.Errorf("%s: got status %d, want %d", path, answer.StatusCode, want)
		}
	}
}
