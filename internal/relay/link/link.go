// Package link has the fields of a verified link, and makes its address.
//
// It never signs or verifies one: keys are relay/keyset's alone.
package link

import (
	"crypto/rand"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Kind is what a link opens.
type Kind byte

// The kinds of links.
const (
	KindRequest  Kind = 1
	KindHandOver Kind = 2 // the services of a request that a colleague handed to its recipient
	KindRepair   Kind = 3 // one item, whose access is broken
	KindReceipt  Kind = 4
	KindEmail    Kind = 5 // the pages below an email: it opens no request
	KindReview   Kind = 6 // begins a request of a review
)

// The limits of what a token has room for.
const (
	IDSize       = 16
	MaxVersion   = 1<<16 - 1
	MaxRecipient = 1<<24 - 1
)

// TokenSize is the length of a token in bytes.
const TokenSize = 52

// Link is the content of a token.
type Link struct {
	Kind      Kind
	Version   int
	Recipient int    // its number in the request; zero: a copied link
	ID        []byte // random, made by NewID
}

// NewID makes the random part of a link.
func NewID() []byte {
	id := make([]byte, IDSize)
	_, _ = rand.Read(id) // it cannot fail
	return id
}

// The paths of the pages behind links: those of a request or a receipt, and
// those below an email.
const (
	Path      = "/r/"
	EmailPath = "/l/"
	OpenPath  = "/open/" // opens the hub
)

// Signer makes the token of a link. The key set is one.
type Signer interface {
	SignLink(l Link) (onboarding.Secret, error)
}

// Links makes the addresses of links.
type Links struct {
	Signer Signer
	Base   string // the relay's public address, without a slash at its end
}

// At makes the addresses at another base; an empty one changes nothing.
func (s Links) At(base string) Links {
	if base != "" {
		s.Base = base
	}
	return s
}

// URL is the address that opens l.
func (s Links) URL(l Link) (onboarding.Secret, error) {
	token, err := s.Signer.SignLink(l)
	if err != nil {
		return onboarding.Secret{}, err
	}
	path := Path
	if l.Kind == KindEmail {
		path = EmailPath
	}
	return onboarding.NewSecret(s.Base + path + token.Reveal()), nil
}

// OpenURL is the address of the page that opens a place of the hub, as "accounts" or
// "request/…". It proves nothing and gives nothing away.
func (s Links) OpenURL(place string) string { return s.Base + OpenPath + place }
