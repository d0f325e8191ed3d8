package mail_test

import (
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/mail"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

func TestAMailServersAddressIsReadOrRefusedWithASentence(t *testing.T) {
	const form, host = "is not of the form smtp://", "neither a name nor an IP address"
	for address, want := range map[string]struct {
		server mail.Server
		wrong  string
	}{
		"smtp://mail.example":                  {mail.Server{Host: "mail.example", Port: 587}, ""},
		"smtps://mail.example":                 {mail.Server{Host: "mail.example", Port: 465, TLS: true}, ""},
		"smtp://mail.example:":                 {mail.Server{Host: "mail.example", Port: 587}, ""},
		"smtp://mail.example:2525/":            {mail.Server{Host: "mail.example", Port: 2525}, ""},
		"SMTP://MAIL.Example:25":               {mail.Server{Host: "mail.example", Port: 25}, ""},
		" smtp://mail.example:25\n":            {mail.Server{Host: "mail.example", Port: 25}, ""},
		"smtp://mail.example.:25":              {mail.Server{Host: "mail.example", Port: 25}, ""},
		"smtp://Localhost.":                    {mail.Server{Host: "localhost", Port: 587}, ""},
		"smtp://mail_relay:25":                 {mail.Server{Host: "mail_relay", Port: 25}, ""},
		"smtp://mail.bücher.example":           {mail.Server{Host: "mail.xn--bcher-kva.example", Port: 587}, ""},
		"smtp://10.0.0.1:25":                   {mail.Server{Host: "10.0.0.1", Port: 25}, ""},
		"smtp://[::1]:2525":                    {mail.Server{Host: "::1", Port: 2525}, ""},
		"smtp://[::1]":                         {mail.Server{Host: "::1", Port: 587}, ""},
		"smtp://[2001:DB8::0:25]:25":           {mail.Server{Host: "2001:db8::25", Port: 25}, ""},
		"smtp://[fe80::1%25eth0]:25":           {mail.Server{Host: "fe80::1%eth0", Port: 25}, ""},
		"smtps://relay@mail.example":           {mail.Server{Host: "mail.example", Port: 465, TLS: true, User: "relay"}, ""},
		"smtp://relay@acme.example@mail.x.org": {mail.Server{Host: "mail.x.org", Port: 587, User: "relay@acme.example"}, ""},
		"smtp://relay%40acme.example@mail.x":   {mail.Server{Host: "mail.x", Port: 587, User: "relay@acme.example"}, ""},
		"smtp://a%3Ab@mail.x":                  {mail.Server{Host: "mail.x", Port: 587, User: "a:b"}, ""},
		"":                                     {wrong: form},
		"mail.example:587":                     {wrong: form},
		"mail.example":                         {wrong: form},
		"//mail.example":                       {wrong: form},
		"smtp:mail.example":                    {wrong: form},
		"http://mail.example":                  {wrong: form},
		"smtp+starttls://mail.example":         {wrong: form},
		"smtp://":                              {wrong: form},
		"smtp://:587":                          {wrong: form},
		"smtp://::1":                           {wrong: form},
		"smtp://::1:2525":                      {wrong: form},
		"smtp://[::1":                          {wrong: form},
		"smtp://[fe80::1%eth0]:25":             {wrong: form},
		"smtp://mail.example:0":                {wrong: form},
		"smtp://mail.example:65536":            {wrong: form},
		"smtp://mail.example:smtp":             {wrong: form},
		"smtp://mail.example:25:25":            {wrong: form},
		"smtp://mail.example/x":                {wrong: form},
		"smtp://mail.example?tls=no":           {wrong: form},
		"smtp://mail.example#x":                {wrong: form},
		"smtp://mail example":                  {wrong: form},
		"smtp://re%lay@mail.example":           {wrong: form},
		"smtp://127.1:25":                      {wrong: host},
		"smtp://300.0.0.1:25":                  {wrong: host},
		"smtp://mail..example":                 {wrong: host},
		"smtp://.example":                      {wrong: host},
		"smtp://mail!.example":                 {wrong: host},
		"smtp://" + strings.Repeat("a.", 130):  {wrong: host},
		"smtp://relay:geheim@mail.example":     {wrong: "holds a password"},
		"smtp://relay:@mail.example":           {wrong: "holds a password"},
	} {
		got, err := mail.ParseServer(address)
		switch {
		case want.wrong == "" && (err != nil || got != want.server):
			t.Errorf("%q: got %+v, %v, want %+v", address, got, err, want.server)
		case want.wrong != "" && (err == nil || !strings.Contains(err.Error(), want.wrong)):
			t.Errorf("%q: got %+v, %v, want that it %s", address, got, err, want.wrong)
		case err != nil && strings.Contains(err.Error(), "geheim"):
			t.Errorf("%q: the password is told: %v", address, err)
		}
	}
}

func TestAMailServerIsReachedByItsIPv6Address(t *testing.T) {
	server := mailServer(t, sandbox.MailConfig{})
	_, port, err := net.SplitHostPort(server.SMTPAddr())
	if err != nil {
		t.Fatal(err)
	}
	// Of the same machine, also where it has no IPv6.
	sender := newSender(t, mail.Config{URL: "smtp://[::ffff:127.0.0.1]:" + port})
	if err := sender.Send(t.Context(), invitationTo(t, marta)); err != nil || len(server.Messages()) != 1 {
		t.Errorf("%d emails arrived, %v", len(server.Messages()), err)
	}
}

func TestOnlyThisMachineIsWrittenToInTheClear(t *testing.T) {
	for address, want := range map[string]bool{
		"smtp://[::1%25lo]:25": true, "smtp://LOCALHOST.:25": true, "smtp://127.0.0.1": true, "smtps://127.0.0.1": false,
		"smtp://[fe80::1%25lo]": false, "smtp://mail.example": false,
	} {
		if got := mail.MaySendInTheClear(newSender(t, mail.Config{URL: address})); got != want {
			t.Errorf("%s: got %v", address, got)
		}
	}
}

func TestAReplyKeepsItsLettersWhateverItsCodePage(t *testing.T) {
	for reply, want := range map[string]string{
		"Postfach voll: Müller":                  "Postfach voll: Müller",
		"Postfach voll: M\xfcller":               "Postfach voll: Müller",
		"bo\xeete pleine \x96 r\xe9essayez":      "boîte pleine – réessayez",
		"\x93unbekannt\x94: 5 \x80":              "“unbekannt”: 5 €",
		"\xa1No!":                                "¡No!",
		"Müller, M\xfcller":                      "Müller, Müller",
		"line\r\nfeed \x07bell \x81 \u202eright": "line feed bell right",
	} {
		err := mail.Classify(reply)
		var refused *mail.RefusedError
		if !errors.As(err, &refused) || refused.Reply != want {
			t.Errorf("%q: got %v, want %q", reply, err, want)
		}
	}
}
