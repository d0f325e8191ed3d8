// Package wire is the protocol of hub and relay: the methods with their params
// and results, the errors on the wire, the client and the server.
//
// It decides nothing and stores nothing.
package wire

import (
	"cmp"
	"fmt"
	"log/slog"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Version is the wire version of this program, sent with each call. A relay
// refuses hubs below its Minimum with ErrUpdateNeeded.
const (
	Version = 1
	Minimum = 1
)

const versionHeader = "Latchkey-Wire"

// Auth is the authorization that a method requires.
type Auth int

// The zero value requires a member.
const (
	AuthMember   Auth = iota // any member's active device
	AuthMainUser             // a main user's active device
	AuthNone                 // no token
)

// What a method's params may take, in bytes of JSON. The zero value is
// usualParams.
const (
	fewParams     = 1 << 10   // nothing
	enrolParams   = 8 << 10   // a code, a key and a name
	usualParams   = 16 << 10  // ids, names and addresses
	textParams    = 64 << 10  // a request's message, a check, a refresh token
	listParams    = 128 << 10 // a thousand ids
	largestParams = 3 << 20   // a logo of 2 MB in base64, a request with its items, sealed credentials
)

// Method is one API method. Every method is idempotent: a repeat with the same
// params is harmless.
type Method[P, R any] struct {
	Path      string
	Auth      Auth
	MaxParams int64 // bytes of JSON; zero: usualParams
}

// MethodInfo is a method without its types, for lists and tests.
type MethodInfo struct {
	Path      string
	Auth      Auth
	MaxParams int64
	NewParams func() any // returns a new, empty params value
}

func (m Method[P, R]) info() MethodInfo {
	return MethodInfo{
		Path: m.Path, Auth: m.Auth, MaxParams: m.maxParams(), NewParams: func() any { return new(P) },
	}
}

func (m Method[P, R]) maxParams() int64 { return cmp.Or(m.MaxParams, usualParams) }

// Empty is a params or result without content.
type Empty struct{}

// SecretText is a secret in JSON: it is encoded in the clear but hidden when
// printed or logged. Both ends convert it to an onboarding.Secret.
type SecretText string

// NewSecretText makes a secret that JSON encodes in the clear.
func NewSecretText(s onboarding.Secret) SecretText { return SecretText(s.Reveal()) }

// Secret returns the secret for use.
func (c SecretText) Secret() onboarding.Secret { return onboarding.NewSecret(string(c)) }

// String hides the secret.
func (c SecretText) String() string { return onboarding.Redacted }

// Format hides the secret from every verb of fmt. It drops the write error:
// fmt.State has no way to report it.
func (c SecretText) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(onboarding.Redacted)) }

// LogValue hides the secret from slog.
func (c SecretText) LogValue() slog.Value { return slog.StringValue(onboarding.Redacted) }
