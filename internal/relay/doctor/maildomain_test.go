package doctor_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"net"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"
	"github.com/miekg/dns"

	"github.com/latchkeyhq/latchkey/internal/relay/doctor"
)

// zone is a name server with these TXT records; a name without any does not exist. The
// domain example.com takes emails.
func zone(t *testing.T, txt map[string][]string) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	must(t, err)
	server := &dns.Server{PacketConn: conn, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		answer := new(dns.Msg).SetReply(q)
		name := q.Question[0].Name
		header := dns.RR_Header{Name: name, Rrtype: q.Question[0].Qtype, Class: dns.ClassINET}
		switch {
		case q.Question[0].Qtype == dns.TypeMX && name == "example.com.":
			answer.Answer = append(answer.Answer, &dns.MX{Hdr: header, Mx: "mail.example.com."})
		case q.Question[0].Qtype == dns.TypeTXT:
			for _, text := range txt[strings.TrimSuffix(name, ".")] {
				answer.Answer = append(answer.Answer, &dns.TXT{Hdr: header, Txt: []string{text}})
			}
		}
		if strings.HasPrefix(name, "broken.") || strings.Contains(name, ".broken.") {
			answer.SetRcode(q, dns.RcodeServerFailure)
		} else if len(answer.Answer) == 0 {
			answer.SetRcode(q, dns.RcodeNameError)
		}
		_ = w.WriteMsg(answer) // the doctor says so
	})}
	go func() { _ = server.ActivateAndServe() }() // it ends with the test
	t.Cleanup(func() { _ = conn.Close() })
	dialer := new(net.Dialer)
	at := conn.LocalAddr().String()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return dialer.DialContext(ctx, "udp", at)
	}}
}

func TestTheDomainOfTheSenderIsLookedAt(t *testing.T) {
	spf := func(texts ...string) map[string][]string { return map[string][]string{"example.com": texts} }
	policy := func(text string) map[string][]string { return map[string][]string{"_dmarc.example.com": {text}} }
	key := func(text string) map[string][]string { return map[string][]string{"s1._domainkey.example.com": {text}} }
	for name, c := range map[string]struct {
		from     string // empty: requests@example.com
		selector string
		txt      map[string][]string
		check    string
		state    doctor.State
		words    string
	}{
		"SPF of one's own": {txt: spf("other", "v=spf1 include:mail.example -all"), check: "SPF", state: doctor.OK},
		"no SPF":           {check: "SPF", state: doctor.Failed, words: "no SPF record"},
		"SPF twice": {
			txt: spf("v=spf1 -all", "v=spf1 mx ~all"), check: "SPF",
			state: doctor.Failed, words: "several",
		},
		"SPF for everybody":  {txt: spf("v=spf1 +all"), check: "SPF", state: doctor.Warning, words: "everybody"},
		"SPF without an end": {txt: spf("v=spf1 mx"), check: "SPF", state: doctor.Warning, words: "~all"},
		"SPF of another":     {txt: spf("v=spf1 redirect=mail.example"), check: "SPF", state: doctor.OK},
		"SPF, no answer": {
			from: "a@broken.example.com", check: "SPF",
			state: doctor.Unknown, words: "did not answer",
		},
		"DMARC": {txt: policy("v=DMARC1; p=reject"), check: "DMARC", state: doctor.OK, words: "reject"},
		"DMARC above": {
			from: "a@mail.example.com", txt: policy("v=DMARC1; p=quarantine"), check: "DMARC",
			state: doctor.OK, words: "quarantine",
		},
		"DMARC that does none": {
			txt: policy("v=DMARC1; p=none"), check: "DMARC",
			state: doctor.Warning, words: "forges",
		},
		"no DMARC": {check: "DMARC", state: doctor.Failed, words: "_dmarc.example.com"},
		"a wrong DMARC": {
			txt: policy("v=DMARC1; p=perhaps"), check: "DMARC",
			state: doctor.Failed, words: "cannot be read",
		},
		"MX":    {check: "MX", state: doctor.OK, words: "takes emails"},
		"no MX": {from: "a@mail.example.com", check: "MX", state: doctor.Warning, words: "bounces are lost"},
		"a selector": {
			selector: "s1", txt: key("v=DKIM1; k=rsa; p=MIIB"), check: "DKIM",
			state: doctor.OK, words: "There is a key",
		},
		"a withdrawn key": {
			selector: "s1", txt: key("v=DKIM1; p="), check: "DKIM",
			state: doctor.Failed, words: "no key",
		},
		"no key":      {selector: "s2", check: "DKIM", state: doctor.Failed, words: "s2._domainkey.example.com"},
		"no selector": {check: "DKIM", state: doctor.Unknown, words: "--send-to"},
	} {
		t.Run(name, func(t *testing.T) {
			from := c.from
			if from == "" {
				from = "requests@example.com"
			}
			lines := doctor.Run(t.Context(), doctor.Config{From: from, Selector: c.selector, Resolver: zone(t, c.txt)})
			wants(t, lines, c.check, c.state, c.words)
		})
	}
}

// signed is an email of requests@example.com, signed by a domain, and the record of its key.
func signed(t *testing.T, domain string) (email string, txt map[string][]string) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	must(t, err)
	var out bytes.Buffer
	must(t, dkim.Sign(&out, strings.NewReader(plain), &dkim.SignOptions{Domain: domain, Selector: "s1", Signer: private}))
	return out.String(), map[string][]string{
		"s1._domainkey." + domain: {"v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public)},
	}
}

const plain = "From: Northlight <requests@example.com>\r\nTo: ops@example.net\r\nSubject: A test\r\n\r\nHello.\r\n"

func TestAnEmailThatArrivedIsRead(t *testing.T) {
	own, ownKey := signed(t, "example.com")
	other, otherKey := signed(t, "provider.example")
	results := "Authentication-Results: mx.example.net; spf=pass smtp.mailfrom=example.com;\r\n" +
		" dmarc=fail header.from=example.com\r\n"
	for name, c := range map[string]struct {
		email string
		txt   map[string][]string
		check string
		state doctor.State
		words string
	}{
		"signed": {email: own, txt: ownKey, check: "DKIM", state: doctor.OK, words: "signed by example.com"},
		"saved with other lines": {
			email: strings.ReplaceAll(own, "\r\n", "\n"), txt: ownKey, check: "DKIM",
			state: doctor.OK, words: "signed by example.com",
		},
		"changed": {
			email: strings.Replace(own, "Hello", "Hallo", 1), txt: ownKey, check: "DKIM",
			state: doctor.Failed, words: "does not hold",
		},
		"without the record": {email: own, check: "DKIM", state: doctor.Failed, words: "does not hold"},
		"signed by the provider": {
			email: other, txt: otherKey, check: "DKIM",
			state: doctor.Failed, words: "not by example.com",
		},
		"not signed": {email: plain, check: "DKIM", state: doctor.Failed, words: "is not signed"},
		"of somebody else": {
			email: strings.ReplaceAll(own, "requests@", "info@"), txt: ownKey, check: "received email",
			state: doctor.Failed, words: "is not from",
		},
		"no email": {email: "%PDF-1.7", check: "received email", state: doctor.Failed, words: "not an email"},
		"as the server found it": {
			email: results + own, txt: ownKey, check: "received SPF",
			state: doctor.OK, words: "pass",
		},
		"as the server refused it": {
			email: results + own, txt: ownKey, check: "received DMARC",
			state: doctor.Failed, words: "fail",
		},
	} {
		t.Run(name, func(t *testing.T) {
			txt := map[string][]string{"example.com": {"v=spf1 mx -all"}, "_dmarc.example.com": {"v=DMARC1; p=reject"}}
			for key, value := range c.txt {
				txt[key] = value
			}
			lines := doctor.Run(t.Context(), doctor.Config{
				From: "requests@example.com", Received: []byte(c.email), Resolver: zone(t, txt),
			})
			wants(t, lines, c.check, c.state, c.words)
		})
	}
}
