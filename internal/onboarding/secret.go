package onboarding

import (
	"fmt"
	"io"
	"log/slog"
)

// Secret is text that must not be printed: a token, a key, a code. Printing,
// logging and JSON yield "[secret]"; only Reveal returns the text.
type Secret struct{ text string }

// Redacted is the printed form of a Secret.
const Redacted = "[secret]"

// NewSecret wraps text.
func NewSecret(text string) Secret { return Secret{text} }

// Reveal returns the text, for the one call that needs it.
func (s Secret) Reveal() string { return s.text }

// Empty reports whether the text is empty.
func (s Secret) Empty() bool { return s.text == "" }

// String hides the text.
func (s Secret) String() string { return Redacted }

// Format hides the text from every verb of fmt. It drops the write error:
// fmt.State has no way to report it.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, Redacted) }

// LogValue hides the text from slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(Redacted) }

// MarshalJSON hides the text from JSON.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + Redacted + `"`), nil }

// MarshalText hides the text from every other encoder.
func (s Secret) MarshalText() ([]byte, error) { return []byte(Redacted), nil }
