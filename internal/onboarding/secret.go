package onboarding

import (
	"fmt"
	"io"
	"log/slog"
)

// Secret is text that must not be seen: a token, a key, a code. Printed,
// logged or turned into JSON it is "[secret]"; only Reveal gives the text.
type Secret struct{ text string }

// Redacted is what a Secret shows of itself.
const Redacted = "[secret]"

// NewSecret wraps text.
func NewSecret(text string) Secret { return Secret{text} }

// Reveal is the text itself, for the one call that needs it.
func (s Secret) Reveal() string { return s.text }

// Empty says whether there is nothing to hide.
func (s Secret) Empty() bool { return s.text == "" }

// String hides the text.
func (s Secret) String() string { return Redacted }

// Format hides the text from every verb of fmt.
// a fmt.State has nowhere to report to
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, Redacted) }

// LogValue hides the text from slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(Redacted) }

// MarshalJSON hides the text from JSON.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + Redacted + `"`), nil }

// MarshalText hides the text from every other encoder.
func (s Secret) MarshalText() ([]byte, error) { return []byte(Redacted), nil }
