package hub

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// textCells writes cells of a CSV file that no spreadsheet takes for a formula, a
// number, a date or a boolean. Names are chosen by clients, and an account's number would
// lose its leading zeros and every digit after the fifteenth.
//
// Where a comma is the decimal sign, spreadsheets part cells at semicolons, and
// quotes help only at the beginning of what they take for a cell. An apostrophe
// is what users write before a text that shall stay as it is.
type textCells struct{ value *regexp.Regexp }

func newTextCells() textCells {
	const (
		number = `[\p{Sc}(]*[.,]?\p{Nd}[\p{Nd}.,:/\-+%]*(e[+-]?\p{Nd}+)?[\p{Sc}%)]*`
		time   = `[\p{Nd}:.]+(am|pm|a\.m\.|p\.m\.)`
		month  = `(jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec|january|february|march|april|august|september|` +
			`october|november|december)`
		date = `[\p{Nd}./\-,]*` + month + `[\p{Nd}./\-,:]*\p{Nd}|\p{Nd}[\p{Nd}./\-,]*` + month + `[./\-,]*`
	)
	return textCells{regexp.MustCompile(`(?i)^(` + number + `|` + time + `|` + date + `|true|false)$`)}
}

// write returns the cell for a text.
func (c textCells) write(text string) string {
	var out strings.Builder
	begins := true
	for _, r := range text {
		if unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp) {
			r = ' ' // a tab or a new line would part cells
		}
		if begins && beginsFormula(r) {
			out.WriteByte('\'')
		}
		begins = r == ';' || begins && isSkipped(r)
		out.WriteRune(r)
	}
	if c.isValue(text) {
		return "'" + out.String()
	}
	return out.String()
}

// beginsFormula reports whether a spreadsheet may take what begins with r for a
// formula; those of East Asia take full-width signs too.
func beginsFormula(r rune) bool {
	return r == '\u2212' || strings.ContainsAny(norm.NFKC.String(string(r)), "=+-@") // a minus sign
}

// isSkipped reports whether a spreadsheet may skip r at the beginning of a cell:
// spaces, what cannot be seen, and quotes.
func isSkipped(r rune) bool {
	return r == '"' || r == '\'' ||
		unicode.In(r, unicode.Z, unicode.C, unicode.M, unicode.Other_Default_Ignorable_Code_Point)
}

// isValue reports whether a spreadsheet may take a text for a number, a date or a boolean
// value: digits with signs between them, as in 0123, 1.5E10, 1/2 or 12:30, and English
// words that it knows, as in 1 May, 12:30 PM or TRUE.
func (c textCells) isValue(text string) bool {
	return c.value.MatchString(strings.Map(func(r rune) rune {
		if isSkipped(r) {
			return -1
		}
		return r
	}, text))
}
