// Package domains checks whose an agency's own domain is, and knows which agency is served
// at which host.
//
// What a browser calls itself to ask for decides nothing: a host is an agency's where the
// database has it, and only after the DNS has proved it.
package domains

import (
	"net"
	"net/netip"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// maxName leaves room for the name of the TXT record.
const maxName = 253 - len(onboarding.DomainProofName)

// Normalize returns a domain that a member typed as the DNS has it. An InvalidError: no
// agency can have it. relay is the relay's own host; services are the names of what can be
// asked for.
func Normalize(typed, relay string, services []string) (string, error) {
	text := strings.TrimSpace(typed)
	if _, rest, isAddress := strings.Cut(text, "://"); isAddress {
		text = rest
	}
	text = strings.TrimSuffix(strings.TrimSuffix(text, "/"), ".")
	switch {
	case text == "":
		return "", invalid("Enter a domain of your own, such as access.your-agency.com.")
	case strings.HasPrefix(text, "*"):
		return "", invalid("One name only, without a *: such as access.your-agency.com.")
	case isIP(text):
		return "", invalid("This is an IP address. Enter a name, such as access.your-agency.com.")
	case strings.ContainsAny(text, "/:@?# "):
		return "", invalid("Enter the name alone, without a path or a port: such as access.your-agency.com.")
	}
	name, err := idna.Lookup.ToASCII(text)
	if err != nil || !isDNSName(name) {
		return "", invalid("This is not a domain. Check how it is spelled: such as access.your-agency.com.")
	}
	suffix, _ := publicsuffix.PublicSuffix(name)
	switch {
	case name == suffix:
		return "", invalid("Everybody registers names below " + suffix + ". Enter a domain of your own.")
	case isIP(name):
		return "", invalid("This is an IP address. Enter a name, such as access.your-agency.com.")
	case name == relay || strings.HasSuffix(name, "."+relay):
		return "", invalid("This is the relay's own address. Enter a domain of your own.")
	}
	shown, err := idna.Lookup.ToUnicode(name)
	if err != nil {
		shown = name
	}
	return name, onboarding.ValidateDomainWords(shown, services)
}

func invalid(message string) error { return onboarding.Invalid("domain", message) }

func isIP(name string) bool {
	_, err := netip.ParseAddr(strings.Trim(name, "[]"))
	last := name[strings.LastIndexByte(name, '.')+1:]
	return err == nil || strings.Trim(last, "0123456789") == ""
}

// isDNSName reports whether an ASCII name can be one of a host in the DNS.
func isDNSName(name string) bool {
	if len(name) > maxName || !strings.Contains(name, ".") {
		return false
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' ||
			strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return false
		}
	}
	return true
}

// HostOf is the host that a Host header names: without port and final dot, in lower case.
func HostOf(header string) string {
	host := header
	if h, _, err := net.SplitHostPort(header); err == nil {
		host = h
	}
	return strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
}
