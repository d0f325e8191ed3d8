// Package bidi isolates texts from outside, so that right-to-left characters and marks in
// them do not reorder the text around them (Unicode's bidirectional algorithm, UAX #9).
//
// It removes nothing that can be seen. Lookalikes are onboarding's.
package bidi

import (
	"strings"
	"unicode/utf8"

	ucd "golang.org/x/text/unicode/bidi"
)

const (
	leftToRightIsolate = '\u2066'
	firstStrongIsolate = '\u2068'
	popIsolate         = '\u2069'
)

// Clean removes embeddings and overrides, and isolates that nothing ends or
// nothing began: what is left turns nothing beyond its end. Other texts come back
// as they are.
func Clean(text string) string {
	if isASCII(text) || !strings.ContainsFunc(text, IsControl) {
		return text
	}
	runes := []rune(text)
	remove := make([]bool, len(runes))
	var open []int
	for i, r := range runes {
		switch {
		case !IsControl(r):
		case r == popIsolate && len(open) > 0:
			remove[open[len(open)-1]] = false
			open = open[:len(open)-1]
		case r >= leftToRightIsolate && r <= firstStrongIsolate:
			open = append(open, i)
			remove[i] = true // unless it ends
		default:
			remove[i] = true
		}
	}
	var clean strings.Builder
	for i, r := range runes {
		if !remove[i] {
			clean.WriteRune(r)
		}
	}
	return clean.String()
}

// Isolate makes a text from outside fit to stand among our words, where no
// element can isolate it: cleaned, and within an isolate if any of it is read
// from right to left.
func Isolate(text string) string {
	if isASCII(text) {
		return text
	}
	text = Clean(text)
	if !strings.ContainsFunc(text, turns) {
		return text
	}
	return string(firstStrongIsolate) + text + string(popIsolate)
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// IsControl finds the characters that turn the direction of the text after them:
// embeddings, overrides, isolates and their ends.
func IsControl(r rune) bool {
	return r >= '\u202a' && r <= '\u202e' || r >= leftToRightIsolate && r <= popIsolate
}

// turns finds what is read from right to left, or makes its neighbours so.
func turns(r rune) bool {
	properties, _ := ucd.LookupRune(r)
	switch properties.Class() {
	case ucd.R, ucd.AL, ucd.AN, ucd.RLI, ucd.LRI, ucd.FSI, ucd.PDI:
		return true
	}
	return false
}
