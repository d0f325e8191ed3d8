package mail

import (
	"strings"
	"unicode"

	"github.com/latchkeyhq/latchkey/internal/bidi"
	"github.com/latchkeyhq/latchkey/internal/grapheme"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// maxName is how long a name from outside may get in an email.
const maxName = 90

// sanitizeLine makes one clean line of a text: no control characters, nothing that
// turns the direction of reading or is not seen, single spaces, and no encoded
// word, which some mail programs would decode to another text.
func sanitizeLine(text string) string {
	return strings.ReplaceAll(onboarding.CleanLine(headerLine(strings.Map(func(r rune) rune {
		if bidi.IsControl(r) {
			return -1
		}
		return r
	}, text))), "=?", "= ?")
}

// headerLine makes one line of a text of ours for a header: no control characters,
// single spaces. A name in it stays isolated.
func headerLine(text string) string {
	kept := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), unicode.IsControl(r), r == '\u2028', r == '\u2029':
			return ' '
		case r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	return bidi.Clean(grapheme.Truncate(strings.Join(strings.Fields(kept), " "), 2*onboarding.MaxClient))
}

// untrustedName is a name that came from a platform. Whoever opens a link decides
// what their accounts are called, and a receipt goes to an address they
// typed: so it is short, and no mail program makes a link of it.
func untrustedName(name string) string {
	short := grapheme.Truncate(sanitizeLine(name), maxName)
	var still strings.Builder
	runes := []rune(short)
	for i, r := range runes {
		still.WriteRune(r)
		inWord := i+1 < len(runes) && runes[i+1] != ' '
		if inWord && (r == '.' || r == '@' || r == ':' || r == '/') {
			still.WriteRune(wordJoiner)
		}
	}
	return still.String()
}

// wordJoiner is not seen, and ends what mail programs take for an address.
const wordJoiner = '\u2060'

// messageLines splits a message as it was written, without what could garble it.
func messageLines(message string) []string {
	message = strings.NewReplacer(
		"\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n",
	).Replace(strings.ToValidUTF8(message, ""))
	message = strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t':
			return ' '
		case unicode.IsControl(r), bidi.IsControl(r):
			return -1
		}
		return r
	}, message)
	return strings.Split(strings.TrimSpace(message), "\n")
}
