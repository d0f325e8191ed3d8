package onboarding

import (
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"

	"github.com/latchkeyhq/latchkey/internal/grapheme"
)

// The limits of an email address, in bytes (RFC 5321, 4.5.3.1).
const (
	MaxAddress   = 254
	maxLocalPart = 64
)

// ValidateAddress validates an email address and returns the one form in which
// it is stored and shown: without what is not seen at its ends, the domain in
// lower case and in its own script. It accepts only one bare address, no name
// and no comment, and each that it accepts can be written to: ASCIIAddress takes
// it.
func ValidateAddress(field, typed string) (string, error) {
	text := TrimPasted(typed)
	if text == "" {
		return "", &InvalidError{
			Field: field, Message: "Enter an email address.", MessageID: "invalid.address_missing",
		}
	}
	for _, find := range []func(string) (rune, bool){hidden, strangeSpace} {
		if r, found := find(text); found {
			return "", invisibleInAddress(field, text, r)
		}
	}
	local, domain, err := splitAddress(text)
	if err != nil || !isPublicDomain(domain) {
		return "", invalidAddress(field, text)
	}
	return local + "@" + shownDomain(domain), nil
}

// ASCIIAddress is an address as mail servers everywhere understand it: the
// domain in ASCII. It takes what ValidateAddress returns, and a host without a
// dot, as a relay's own address may have.
func ASCIIAddress(address string) (string, error) {
	if _, found := hidden(address); found {
		return "", errors.New("an address with characters that mail servers trip over")
	}
	local, domain, err := splitAddress(address)
	if err != nil {
		return "", err
	}
	return local + "@" + domain, nil
}

// SameAddress reports whether two addresses reach one person: however their
// domain is written, and in whichever case.
func SameAddress(a, b string) bool { return AddressKey(a) == AddressKey(b) }

// AddressKey is the form of an address that limits and lists compare: in lower
// case, the domain in ASCII. What is no address is only lowered.
func AddressKey(address string) string {
	if local, domain, err := splitAddress(strings.TrimSuffix(TrimPasted(address), ".")); err == nil {
		return strings.ToLower(local) + "@" + domain
	}
	return strings.ToLower(norm.NFC.String(address))
}

// splitAddress parts an address and returns its domain in ASCII.
func splitAddress(text string) (local, domain string, err error) {
	text = strings.ReplaceAll(text, "\uff20", "@")
	if folded := norm.NFKC.String(text); isASCII(folded) { // typed in full-width characters
		text = folded
	}
	text = norm.NFC.String(text)
	errNotBare := errors.New("not one bare email address")
	parsed, err := mail.ParseAddress(text)
	at := strings.LastIndexByte(text, '@')
	if err != nil || parsed.Address != text || parsed.Name != "" || at < 1 || at > maxLocalPart ||
		strings.ContainsAny(text[:at], " \"\\") {
		return "", "", errNotBare
	}
	if domain, err = asciiDomain(text[at+1:]); err != nil {
		return "", "", err
	}
	if at+len("@")+len(domain) > MaxAddress {
		return "", "", errNotBare
	}
	return text[:at], domain, nil
}

// asciiDomain is a domain as it is looked up. Labels such as r3---sn are in use,
// so hyphens are checked at the ends alone.
func asciiDomain(text string) (string, error) {
	domain, err := domainProfile().ToASCII(text)
	if err != nil {
		return "", fmt.Errorf("writing the domain in ASCII: %w", err)
	}
	for label := range strings.SplitSeq(domain, ".") {
		if label == "" || strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") {
			return "", fmt.Errorf("writing the domain in ASCII: no host is called %q", label)
		}
	}
	return domain, nil
}

func domainProfile() *idna.Profile {
	return idna.New(
		idna.MapForLookup(), idna.BidiRule(), idna.Transitional(false), idna.VerifyDNSLength(true),
		idna.CheckHyphens(false),
	)
}

// isPublicDomain reports whether a domain has a name below a top-level one, and
// is no IP address.
func isPublicDomain(domain string) bool {
	dot := strings.LastIndexByte(domain, '.')
	last := domain[dot+1:]
	return dot > 0 && len(last) > 1 && strings.Trim(last, "0123456789") != ""
}

// shownDomain is a domain in its own script; a label of mixed scripts stays as
// it is looked up, since it could look like another one.
func shownDomain(domain string) string {
	labels := strings.Split(domain, ".")
	for i, label := range labels {
		if shown, err := domainProfile().ToUnicode(label); err == nil && hasOneScript(shown) {
			labels[i] = shown
		}
	}
	return strings.Join(labels, ".")
}

// OtherDomainForm returns an address, or a domain, with its domain in ASCII if it is
// in its own script, and the other way round. Empty: it has one form, or is neither.
func OtherDomainForm(text string) string {
	at := strings.LastIndexByte(text, '@') + 1
	domain := text[at:]
	if !strings.Contains(domain, ".") {
		return ""
	}
	other := shownDomain(domain)
	if !isASCII(domain) {
		var err error
		if other, err = asciiDomain(domain); err != nil {
			return ""
		}
	}
	if strings.EqualFold(other, domain) {
		return ""
	}
	return text[:at] + other
}

func isASCII(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r >= utf8.RuneSelf })
}

func invalidAddress(field, typed string) error {
	shown := shorten(typed, 60)
	return &InvalidError{
		Field:     field,
		Message:   shown + " is not a full address.",
		MessageID: "invalid.address",
		Args:      map[string]string{"address": shown},
	}
}

func invisibleInAddress(field, typed string, r rune) error {
	shown, found := shorten(CleanLine(typed), 60), characterOf(r)
	args := found.args()
	args["address"] = shown
	return &InvalidError{
		Field: field,
		Message: fmt.Sprintf(
			"%s has an invisible character inside: %s. Delete it, or type the address again.", shown, found,
		),
		MessageID: "invalid.address_invisible",
		Args:      args,
	}
}

// MaskAddress hides most of an address such that its owner recognises it:
// "m•••@harbourpine.example".
func MaskAddress(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at < 1 {
		return "•••"
	}
	return grapheme.First(address[:at]) + "•••" + address[at:]
}
