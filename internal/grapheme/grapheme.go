// Package grapheme cuts texts between the characters that readers see: those
// with their marks, emoji of several parts, syllables of Hangul and Devanagari
// (UAX #29). The screens do the same with Intl.Segmenter (lib/grapheme.ts).
//
// It measures no limits of what may be typed: those count code points.
package grapheme

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"
	"golang.org/x/text/cases"
	"golang.org/x/text/language"
)

// First is the first character of a text that is seen; empty: there is none.
func First(text string) string {
	for each := graphemes.FromString(strings.ToValidUTF8(text, "")); each.Next(); {
		if strings.ContainsFunc(each.Value(), isSeen) {
			return each.Value()
		}
	}
	return ""
}

func isSeen(r rune) bool {
	return unicode.IsGraphic(r) && !unicode.IsSpace(r) && !unicode.Is(unicode.M, r)
}

// Initials are the first characters of the first and the last word of a name, as
// capitals where those are one character too.
func Initials(name string) string {
	var first, last string
	for word := range strings.FieldsSeq(name) {
		switch initial := First(word); {
		case initial == "":
		case first == "":
			first = capital(initial)
		default:
			last = capital(initial)
		}
	}
	return first + last
}

// Capitalize begins a text with a capital letter.
func Capitalize(text string) string { return changeFirst(text, capital) }

// Uncapitalize begins a text with a small letter.
func Uncapitalize(text string) string { return changeFirst(text, cases.Lower(language.Und).String) }

func changeFirst(text string, change func(string) string) string {
	first := graphemes.FromString(text)
	if !first.Next() {
		return text
	}
	return change(first.Value()) + text[first.End():]
}

// capital is a character as a capital: ß stays what it is, for SS is two.
func capital(character string) string {
	upper := cases.Upper(language.Und).String(character)
	if both := graphemes.FromString(upper); both.Next() && both.End() < len(upper) {
		return character
	}
	return upper
}

// Truncate shortens a text to at most so many code points, the "…" at its end
// included. It cuts a character only if that alone is longer.
func Truncate(text string, limit int) string {
	if utf8.RuneCountInString(text) <= limit {
		return text
	}
	return strings.TrimSpace(Cut(text, limit-1)) + "…"
}

// Cut is the beginning of a text, of at most so many code points. It cuts a
// character only if that alone is longer.
func Cut(text string, limit int) string {
	end, left := 0, limit
	for each := graphemes.FromString(text); each.Next(); end = each.End() {
		if left -= utf8.RuneCountInString(each.Value()); left < 0 {
			break
		}
	}
	if end == 0 && text != "" {
		return string([]rune(text)[:limit])
	}
	return text[:end]
}
