// Package collation searches and orders what people and platforms wrote, alike
// in every list. The screens and the wizard's script fold in the same way
// (lib/fold.ts and script.js).
//
// It compares no addresses and judges no lookalikes: those have rules of their own.
package collation

import (
	"bytes"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Fold makes texts equal that a search takes for the same: NFKC, full case
// folding, and no accents, strokes or invisible characters. A fold is a fold of
// itself. What spells a word in its script stays: voiced kana, vowel signs.
func Fold(text string) string {
	if isASCII(text) {
		return strings.ToLower(text)
	}
	bare := strings.Map(withoutAccent, norm.NFKD.String(strings.ToValidUTF8(text, "\ufffd")))
	var folded strings.Builder
	// Capitals first: x/text folds the two cases of Cherokee into each other.
	for _, r := range cases.Fold().String(strings.ToUpper(bare)) {
		folded.WriteString(withoutStroke(r))
	}
	return norm.NFC.String(folded.String())
}

// FoldCase makes texts equal that differ in case, or in how Unicode encodes an accent, and
// in nothing else: two names with other accents are two names.
func FoldCase(text string) string {
	return norm.NFC.String(cases.Fold().String(norm.NFC.String(strings.ToValidUTF8(text, "\ufffd"))))
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// withoutStroke replaces a lower-case letter that Unicode does not decompose by
// what its root collation sorts it with, as in "Łódź" and "Ørsted". The dotless
// i is the i of a keyboard that has no other.
func withoutStroke(r rune) string {
	switch r {
	case 'æ':
		return "ae"
	case 'đ', 'ð':
		return "d"
	case 'ħ':
		return "h"
	case 'ı':
		return "i"
	case 'ł':
		return "l"
	case 'œ':
		return "oe"
	case 'ø':
		return "o"
	}
	return string(r)
}

// withoutAccent drops the marks of alphabets that are read without them, and
// what is not seen.
func withoutAccent(r rune) rune {
	switch {
	case r == '\u3099', r == '\u309a': // the voicing marks of kana make other syllables
		return r
	case unicode.Is(unicode.Mn, r) && unicode.In(r, unicode.Inherited, unicode.Hebrew, unicode.Arabic):
		return -1
	case unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point):
		return -1
	}
	return r
}

// FoldKey is a sort key for programs without the tables of package rootorder:
// of names that differ by accents or case alone none comes first. It is never
// empty.
func FoldKey(text string) []byte {
	return append([]byte(strings.Map(beforeWords, Fold(text))), 0)
}

// beforeWords puts what is neither letter nor digit in front of both.
func beforeWords(r rune) rune {
	if r >= utf8.RuneSelf && unicode.In(r, unicode.P, unicode.S, unicode.Z) {
		return '!'
	}
	return r
}

// SortStable orders a list by a name of its elements, by their fold keys.
func SortStable[E any](list []E, name func(E) string) {
	keys := make(map[string][]byte, len(list))
	for _, e := range list {
		keys[name(e)] = FoldKey(name(e))
	}
	slices.SortStableFunc(list, func(a, b E) int { return bytes.Compare(keys[name(a)], keys[name(b)]) })
}
