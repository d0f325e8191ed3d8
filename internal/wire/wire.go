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

// Caller says who may ask a method.
type Caller int

// Every member may ask a method unless it says otherwise.
const (
	Members   Caller = iota // any member's live device
	MainUsers               // a main user's live device
	Anyone                  // without a token
)

// Method is one thing a hub can ask of the relay. Asking twice with the same
// question is harmless.
type Method[Q, A any] struct {
	Path string
	By   Caller
}

// Described is a method without its types, for lists and tests.
type Described struct {
	Path     string
	By       Caller
	Question func() any // a new, empty question
}

func (m Method[Q, A]) describe() Described {
	return Described{Path: m.Path, By: m.By, Question: func() any { return new(Q) }}
}

// Nothing is a question or an answer without content.
type Nothing struct{}

// Carried is a secret while it travels: JSON carries it, printing and logging
// hide it. At both ends it becomes an onboarding.Secret.
type Carried string

// Carry readies a secret for the way.
func Carry(s onboarding.Secret) Carried { return Carried(s.Reveal()) }

// Secret is what arrived.
func (c Carried) Secret() onboarding.Secret { return onboarding.NewSecret(string(c)) }

// String hides the secret.
func (c Carried) String() string { return onboarding.Hidden }

// Format hides the secret from every verb of fmt.
func (c Carried) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(onboarding.Hidden)) } // a fmt.State has nowhere to report to

// LogValue hides the secret from slog.
func (c Carried) LogValue() slog.Value { return slog.StringValue(onboarding.Hidden) }
