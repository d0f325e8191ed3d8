package onboarding

import (
	"net/url"
	"strings"
	"unicode"
)

// Contact is where an operator is reached: an email address or a web page. The
// zero value is nobody.
type Contact struct {
	Email string // as ValidateAddress returns it
	Page  string // an https address
}

// ParseContact reads an email address or an https address without a user. What is
// neither is an InvalidError.
func ParseContact(field, typed string) (Contact, error) {
	u, err := url.Parse(typed)
	if err == nil && u.Scheme == "https" && u.Hostname() != "" && u.User == nil &&
		!strings.ContainsFunc(typed, func(r rune) bool { return unicode.IsSpace(r) || isForbidden(r) }) {
		return Contact{Page: typed}, nil
	}
	email, err := ValidateAddress(field, typed)
	return Contact{Email: email}, err
}

// String is what ParseContact reads.
func (c Contact) String() string {
	if c.Page != "" {
		return c.Page
	}
	return c.Email
}
