// Package wire is how hub and relay talk: the methods with their questions and
// answers, the errors that cross the network, the caller's half and the
// handler's half. It decides nothing and stores nothing.
package wire

import (
	"fmt"
	"log/slog"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Version is what this program speaks. Each call names it; a relay refuses
// hubs below its Minimum with ErrUpdateNeeded.
const (
	Version = 1
	Minimum = 1
)

const versionHeader = "Latchkey-Wire"

// Auth says who may ask a method.
type Auth int

// Every member may ask a method unless it says otherwise.
const (
	AuthMember   Auth = iota // any member's live device
	AuthMainUser             // a main user's live device
	AuthNone                 // without a token
)

// Method is one thing a hub can ask of the relay. Asking twice with the same
// question is harmless.
type Method[Q, A any] struct {
	Path string
	Auth Auth
}

// MethodInfo is a method without its types, for lists and tests.
type MethodInfo struct {
	Path      string
	Auth      Auth
	NewParams func() any // a new, empty question
}

func (m Method[Q, A]) info() MethodInfo {
	return MethodInfo{Path: m.Path, Auth: m.Auth, NewParams: func() any { return new(Q) }}
}

// Empty is a question or an answer without content.
type Empty struct{}

// SecretText is a secret while it travels: JSON carries it, printing and logging
// hide it. At both ends it becomes an onboarding.Secret.
type SecretText string

// NewSecretText readies a secret for the way.
func NewSecretText(s onboarding.Secret) SecretText { return SecretText(s.Reveal()) }

// Secret is what arrived.
func (c SecretText) Secret() onboarding.Secret { return onboarding.NewSecret(string(c)) }

// String hides the secret.
func (c SecretText) String() string { return onboarding.Redacted }

// Format hides the secret from every verb of fmt.
// a fmt.State has nowhere to report to
func (c SecretText) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(onboarding.Redacted)) }

// LogValue hides the secret from slog.
func (c SecretText) LogValue() slog.Value { return slog.StringValue(onboarding.Redacted) }
