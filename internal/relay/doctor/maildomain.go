package doctor

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"slices"
	"strings"

	"github.com/emersion/go-msgauth/authres"
	"github.com/emersion/go-msgauth/dkim"
	"github.com/emersion/go-msgauth/dmarc"
)

// Resolver answers from DNS; *net.Resolver is one.
type Resolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
}

// checkMailDomain reads what the domain of the sender says of who may send in its name.
func checkMailDomain(ctx context.Context, c Config) []Finding {
	_, domain, found := strings.Cut(c.From, "@")
	if !found || domain == "localhost" || c.OnlyMailServer {
		return nil
	}
	lines := []Finding{c.checkMX(ctx, domain), c.checkSPF(ctx, domain), c.checkDMARC(ctx, domain)}
	if c.Selector != "" {
		lines = append(lines, c.checkSelector(ctx, domain))
	} else if len(c.Received) == 0 {
		lines = append(lines, Finding{
			Check: "DKIM", State: Unknown, Text: "Whether emails are signed is seen in one that arrived.",
			Fix: "Run this with --send-to your own address, save the email with its headers, and run it with --received FILE. " +
				"Or name the selector that your mail provider gave you: --selector NAME.",
		})
	}
	return lines
}

// records are the TXT records of a name that begin as asked; known is false where DNS
// does not answer.
func (c Config) records(ctx context.Context, name, begins string) (texts []string, known bool) {
	all, err := c.Resolver.LookupTXT(ctx, name)
	var dns *net.DNSError
	if err != nil && (!errors.As(err, &dns) || !dns.IsNotFound) {
		return nil, false
	}
	for _, text := range all {
		if strings.HasPrefix(strings.ToLower(strings.TrimSpace(text)), begins) {
			texts = append(texts, text)
		}
	}
	return texts, true
}

func noAnswer(check, name string) Finding {
	return Finding{
		Check: check, State: Unknown, Text: "DNS did not answer for " + name + ".", Fix: "Try again later.",
	}
}

func (c Config) checkMX(ctx context.Context, domain string) Finding {
	servers, err := c.Resolver.LookupMX(ctx, domain)
	var dns *net.DNSError
	switch {
	case err == nil && len(servers) > 0:
		return Finding{Check: "MX", State: OK, Text: domain + " takes emails: what bounces comes back."}
	case err != nil && (!errors.As(err, &dns) || !dns.IsNotFound):
		return noAnswer("MX", domain)
	}
	return Finding{
		Check: "MX", State: Warning, Text: domain + " takes no emails: bounces are lost, and some servers refuse its emails.",
		Fix: "Enter an MX record for it, or send from an address of a domain with one.",
	}
}

// checkSPF reads the record of RFC 7208. Whether it allows the server that emails leave
// from is seen in one that arrived: providers send from others than they take emails at.
func (c Config) checkSPF(ctx context.Context, domain string) Finding {
	records, known := c.records(ctx, domain, "v=spf1")
	line := Finding{Check: "SPF", State: OK, Text: "The SPF record of " + domain + " says who may send in its name."}
	switch {
	case !known:
		return noAnswer("SPF", domain)
	case len(records) == 0:
		line.State, line.Text = Failed, domain+" has no SPF record: many servers take its emails for spam."
		line.Fix = "Enter the TXT record that your mail provider names, as \"v=spf1 include:… -all\"."
	case len(records) > 1:
		line.State, line.Text = Failed, domain+" has several SPF records, so none counts."
		line.Fix = "Make one of them."
	default:
		terms := strings.Fields(strings.ToLower(records[0]))
		switch {
		case slices.Contains(terms, "+all"), slices.Contains(terms, "all"), slices.Contains(terms, "?all"):
			line.State, line.Text = Warning, "The SPF record of "+domain+" lets everybody send in its name."
			line.Fix = "Let it end with ~all or -all."
		case !slices.Contains(terms, "-all") && !slices.Contains(terms, "~all") &&
			!slices.ContainsFunc(terms, func(term string) bool { return strings.HasPrefix(term, "redirect=") }):
			line.State, line.Text = Warning, "The SPF record of "+domain+" does not say what of all other servers."
			line.Fix = "Let it end with ~all or -all."
		}
	}
	return line
}

// checkDMARC looks for the policy of a domain, or of one above it.
// https://www.rfc-editor.org/rfc/rfc7489
func (c Config) checkDMARC(ctx context.Context, domain string) Finding {
	line := Finding{Check: "DMARC", State: OK}
	for name := domain; strings.Contains(name, "."); _, name, _ = strings.Cut(name, ".") {
		records, known := c.records(ctx, "_dmarc."+name, "v=dmarc1")
		if !known {
			return noAnswer("DMARC", "_dmarc."+name)
		}
		if len(records) == 0 {
			continue
		}
		policy, err := dmarc.Parse(records[0])
		switch {
		case err != nil || len(records) > 1:
			line.State, line.Text = Failed, "The DMARC record at _dmarc."+name+" cannot be read."
			line.Fix = "Make it one record, as \"v=DMARC1; p=quarantine; rua=mailto:you@" + domain + "\"."
		case policy.Policy == dmarc.PolicyNone:
			line.State, line.Text = Warning, "The DMARC policy of "+name+" is none: whoever forges its emails is not stopped."
			line.Fix = "When the reports show that your own emails pass, set p=quarantine."
		default:
			line.Text = fmt.Sprintf("The DMARC policy of %s is %s.", name, policy.Policy)
		}
		return line
	}
	line.State, line.Text = Failed, domain+" has no DMARC record: Gmail and Yahoo ask for one."
	line.Fix = "Enter a TXT record at _dmarc." + domain + ": \"v=DMARC1; p=none; rua=mailto:you@" + domain + "\" to " +
		"begin with."
	return line
}

// checkSelector looks for the public key that a selector names.
// https://www.rfc-editor.org/rfc/rfc6376
func (c Config) checkSelector(ctx context.Context, domain string) Finding {
	name := c.Selector + "._domainkey." + domain
	texts, err := c.Resolver.LookupTXT(ctx, name)
	var dns *net.DNSError
	if err != nil && (!errors.As(err, &dns) || !dns.IsNotFound) {
		return noAnswer("DKIM", name)
	}
	for tag := range strings.SplitSeq(strings.Join(texts, ""), ";") {
		if key, value, _ := strings.Cut(strings.TrimSpace(tag), "="); key == "p" && strings.TrimSpace(value) != "" {
			return Finding{Check: "DKIM", State: OK, Text: "There is a key at " + name + "."}
		}
	}
	return Finding{
		Check: "DKIM", State: Failed, Text: "There is no key at " + name + ".",
		Fix: "Enter the record that your mail provider names, or name its selector.",
	}
}

// checkReceived reads an email that arrived: whether its signature holds, and what the
// server that took it found.
func checkReceived(ctx context.Context, c Config) []Finding {
	if len(c.Received) == 0 {
		return nil
	}
	email, err := netmail.ReadMessage(bytes.NewReader(c.Received))
	if err != nil {
		return []Finding{{
			Check: "received email", State: Failed, Text: "The file is not an email with its headers.",
			Fix: "Save it as a file (.eml), or copy all that your mail program shows as the source.",
		}}
	}
	sender, err := netmail.ParseAddress(email.Header.Get("From"))
	if err != nil || !strings.EqualFold(sender.Address, c.From) {
		return []Finding{{
			Check: "received email", State: Failed, Text: "The email is not from " + c.From + ".",
			Fix: "Save one that this relay sent: --send-to sends one.",
		}}
	}
	lines := []Finding{c.checkSignature(ctx)}
	for _, field := range email.Header["Authentication-Results"] {
		_, results, err := authres.Parse(field)
		if err != nil {
			continue
		}
		return append(lines, authenticated(results)...)
	}
	return lines
}

func (c Config) checkSignature(ctx context.Context) Finding {
	_, domain, _ := strings.Cut(c.From, "@")
	found, err := dkim.VerifyWithOptions(bytes.NewReader(withCRLF(c.Received)), &dkim.VerifyOptions{
		LookupTXT:        func(name string) ([]string, error) { return c.Resolver.LookupTXT(ctx, name) },
		MaxVerifications: 5,
	})
	line := Finding{Check: "DKIM", State: Failed}
	for _, signature := range found {
		if signature.Err == nil && aligned(signature.Domain, domain) {
			return Finding{
				Check: "DKIM", State: OK, Text: "The email is signed by " + signature.Domain + ", and the signature holds.",
			}
		}
	}
	switch {
	case err != nil && len(found) == 0:
		line.State, line.Text = Unknown, "The signatures could not be read."
		line.Fix = "Save the email once more, as it arrived."
	case len(found) == 0:
		line.Text, line.Fix = "The email is not signed.", "Turn on DKIM at your mail provider for "+domain+"."
	case !slices.ContainsFunc(found, func(v *dkim.Verification) bool { return aligned(v.Domain, domain) }):
		line.Text = "The email is signed by " + found[0].Domain + ", and not by " + domain + ": DMARC does not count that."
		line.Fix = "Turn on DKIM at your mail provider for " + domain + "."
	default:
		line.Text = "The signature of " + domain + " does not hold."
		line.Fix = "Save the email as it arrived: a changed line breaks it. Else compare the DKIM record with " +
			"your mail provider's."
	}
	return line
}

// authenticated tells what the server that took the email found.
func authenticated(results []authres.Result) []Finding {
	var lines []Finding
	add := func(check string, value authres.ResultValue) {
		line := Finding{
			Check: "received " + check, State: OK,
			Text: fmt.Sprintf("The server that took the email found: %s %s.", check, value),
		}
		if value != authres.ResultPass {
			line.State, line.Fix = Failed, "Compare the record with what your mail provider names."
		}
		lines = append(lines, line)
	}
	for _, result := range results {
		switch result := result.(type) {
		case *authres.SPFResult:
			add("SPF", result.Value)
		case *authres.DMARCResult:
			add("DMARC", result.Value)
		}
	}
	return lines
}

// aligned reports whether a signature's domain is the sender's or above it, or below it.
func aligned(signer, sender string) bool {
	signer, sender = strings.ToLower(signer), strings.ToLower(sender)
	return signer == sender || strings.HasSuffix(sender, "."+signer) && strings.Contains(signer, ".") ||
		strings.HasSuffix(signer, "."+sender)
}

// withCRLF gives an email the line ends that it was signed with.
func withCRLF(text []byte) []byte {
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	return bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n"))
}
