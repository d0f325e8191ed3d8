package onboarding

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"

	"github.com/latchkeyhq/latchkey/internal/grapheme"
)

// isInvisible matches characters that nobody sees: controls, format characters,
// and what Unicode tells a renderer to ignore. Some of them still spell: see
// spells.
func isInvisible(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' ||
		unicode.Is(unicode.Cf, r) && !unicode.Is(unicode.Prepended_Concatenation_Mark, r) ||
		unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) || unicode.Is(unicode.Variation_Selector, r)
}

// isBlank matches what stands at the ends of pasted text without being part of it.
func isBlank(r rune) bool {
	return unicode.IsSpace(r) || isInvisible(r) && r != leftToRightOverride && r != rightToLeftOverride
}

const (
	zeroWidthNonJoiner  = '\u200c'
	zeroWidthJoiner     = '\u200d'
	leftToRightOverride = '\u202d' // text within an override is read otherwise than it is stored
	rightToLeftOverride = '\u202e'
	keycap              = '\u20e3'
	blackFlag           = '\U0001f3f4'
)

// TrimPasted removes from the ends of a typed or pasted text what is not seen:
// spaces, line breaks, byte order marks, zero width characters, direction marks.
func TrimPasted(text string) string { return strings.TrimFunc(text, isBlank) }

// trimLine removes from the ends what is not seen and can spell nothing.
func trimLine(text string) string {
	return strings.TrimFunc(text, func(r rune) bool {
		maySpell := r == zeroWidthJoiner || r == zeroWidthNonJoiner || unicode.Is(unicode.Variation_Selector, r) || isTag(r)
		return isBlank(r) && !maySpell
	})
}

// isTag matches the characters that follow the black flag in those of Scotland and
// others.
func isTag(r rune) bool { return r >= '\U000e0020' && r <= '\U000e007f' }

// ValidatePasted trims a typed or pasted key, code or web address. A character
// inside that nobody sees is an InvalidError that names it; spaces are for the
// caller. The text itself is in no error: it may be a secret.
func ValidatePasted(field, typed string) (string, error) {
	text := TrimPasted(typed)
	if r, found := hidden(text); found {
		return "", invisibleInText(field, r)
	}
	return text, nil
}

func invisibleInText(field string, r rune) error {
	found := characterOf(r)
	return &InvalidError{
		Field:     field,
		Message:   fmt.Sprintf("This has an invisible character inside: %s. Delete it, or type the text again.", found),
		MessageID: "invalid.invisible",
		Args:      found.args(),
	}
}

// hidden finds the first character of a text that nobody sees and that spells
// nothing. Spaces of all kinds and line breaks are seen.
func hidden(text string) (rune, bool) {
	runes := []rune(text)
	for i, r := range runes {
		if isInvisible(r) && !unicode.IsSpace(r) && !spells(runes[:i], r, visibleAfter(runes[i+1:])) {
			return r, true
		}
	}
	return 0, false
}

// strangeSpace finds the first character that takes space but is no plain space.
func strangeSpace(text string) (rune, bool) {
	for _, r := range text {
		if unicode.IsSpace(r) && r != ' ' {
			return r, true
		}
	}
	return 0, false
}

// CleanLine makes one line of a text: every space is a plain one, and there are
// none at the ends and no two in a row; what is not seen is left out unless it
// spells, as in Persian words and in emoji; of a pile of marks the lowest are left. The
// text is valid, in the normal form NFC.
func CleanLine(text string) string {
	runes := []rune(ClipMarks(strings.ToValidUTF8(text, "")))
	var kept []rune
	for i, r := range runes {
		switch {
		case unicode.IsSpace(r):
			if len(kept) > 0 && kept[len(kept)-1] != ' ' {
				kept = append(kept, ' ')
			}
		case !isInvisible(r) || spells(kept, r, visibleAfter(runes[i+1:])):
			kept = append(kept, r)
		}
	}
	return strings.TrimRight(string(kept), " ")
}

// maxMarks is how many marks one character may bear, as UTS #39, 5.4, advises. No language
// writes more; a pile of them covers the lines above and below.
const maxMarks = 4

// ClipMarks leaves the lowest marks of each character, and gives the text in the form
// NFC. It is for texts that nobody here typed, as a platform's names.
func ClipMarks(text string) string {
	marks := 0
	return norm.NFC.String(strings.Map(func(r rune) rune {
		if !unicode.In(r, unicode.Mn, unicode.Me) {
			marks = 0
			return r
		}
		if marks++; marks > maxMarks {
			return -1
		}
		return r
	}, norm.NFD.String(text)))
}

// maxPlatformName is how long a platform's name is kept.
const maxPlatformName = 200

// ClipName is ClipMarks for a name that is kept: at most so many code points of it, since
// a platform may allow any length.
func ClipName(name string) string { return grapheme.Truncate(ClipMarks(name), maxPlatformName) }

// visibleAfter is the first character that is seen, or 0.
func visibleAfter(runes []rune) rune {
	for _, r := range runes {
		if !isInvisible(r) {
			return r
		}
	}
	return 0
}

// spells reports whether an invisible character changes how the characters
// around it look, as the scripts that need it write it: between before and next,
// which is 0 at the end.
func spells(before []rune, r, next rune) bool {
	if len(before) == 0 {
		return false
	}
	last := before[len(before)-1]
	switch {
	case r == zeroWidthJoiner && isPictograph(next):
		return last != zeroWidthJoiner && isPictograph(baseOf(before))
	case r == zeroWidthJoiner || r == zeroWidthNonJoiner:
		return joins(before, r, next)
	case r == '\ufe0e' || r == '\ufe0f': // shown as text, or as an emoji
		return isPictograph(last) || next == keycap
	case unicode.Is(unicode.Mongolian, last): // its variation selectors and vowel separator
		return unicode.Is(unicode.Variation_Selector, r) || r == '\u180e'
	case unicode.Is(unicode.Variation_Selector, r): // a form of a character, as in Japanese family names
		return unicode.In(last, unicode.Han, unicode.Myanmar, unicode.Phags_Pa)
	case isTag(r):
		return last == blackFlag || isTag(last)
	}
	return false
}

// joins reports whether a joiner is one that its script uses: by the rules of
// IDNA for joiners (RFC 5892, appendix A), before the virama of Bengali and
// Kannada, and for the form of a character of Arabic that joins nothing.
func joins(before []rune, r, next rune) bool {
	start := len(before) - 1
	for start > 0 && unicode.IsMark(before[start]) {
		start--
	}
	around := append(append([]rune{}, before[start:]...), r)
	if unicode.IsLetter(next) {
		around = append(around, next)
	}
	if _, err := idna.New(idna.CheckJoiners(true)).ToUnicode(string(around)); err == nil {
		return true
	}
	const virama = 9 // a class of combining characters
	if next != 0 && norm.NFC.PropertiesString(string(next)).CCC() == virama {
		return unicode.IsLetter(before[start])
	}
	return r == zeroWidthJoiner && unicode.Is(unicode.Arabic, before[start]) && !unicode.IsLetter(next)
}

// isPictograph matches what emoji are made of.
func isPictograph(r rune) bool {
	return unicode.Is(unicode.So, r) || r >= '\u2190' && r <= '\u21ff' ||
		strings.ContainsRune("\u203c\u2049\u2139\u2934\u2935\u25fb\u25fc\u3030\u303d", r)
}

// baseOf is the last character without the skin tones and selectors behind it.
func baseOf(before []rune) rune {
	for i := len(before) - 1; i >= 0; i-- {
		if r := before[i]; !isInvisible(r) && (r < '\U0001f3fb' || r > '\U0001f3ff') {
			return r
		}
	}
	return 0
}

// character names an invisible character: in English for members, with its number,
// and by the id of a message for clients.
type character struct{ name, id, number string }

func (c character) String() string { return c.name + " (" + c.number + ")" }

// args are those of an InvalidError about the character.
func (c character) args() map[string]string {
	return map[string]string{"character": c.id, "number": c.number}
}

func characterOf(r rune) character {
	number := fmt.Sprintf("U+%04X", r)
	for _, known := range []struct {
		name, id string
		from, to rune
	}{
		{name: "tab", id: "character.tab", from: '\t', to: '\t'},
		{name: "line break", id: "character.line_break", from: '\n', to: '\r'},
		{name: "line break", id: "character.line_break", from: '\u2028', to: '\u2029'},
		{name: "no-break space", id: "character.no_break_space", from: '\u00a0', to: '\u00a0'},
		{name: "no-break space", id: "character.no_break_space", from: '\u202f', to: '\u202f'},
		{name: "soft hyphen", id: "character.soft_hyphen", from: '\u00ad', to: '\u00ad'},
		{name: "zero width space", id: "character.zero_width_space", from: '\u200b', to: '\u200b'},
		{name: "zero width joiner", id: "character.zero_width_joiner", from: zeroWidthNonJoiner, to: zeroWidthJoiner},
		{name: "direction mark", id: "character.direction_mark", from: '\u200e', to: '\u200f'},
		{name: "direction mark", id: "character.direction_mark", from: '\u061c', to: '\u061c'},
		{name: "direction mark", id: "character.direction_mark", from: '\u202a', to: '\u202e'},
		{name: "direction mark", id: "character.direction_mark", from: '\u2066', to: '\u2069'},
		{name: "word joiner", id: "character.word_joiner", from: '\u2060', to: '\u2060'},
		{name: "byte order mark", id: "character.byte_order_mark", from: '\ufeff', to: '\ufeff'},
	} {
		if r >= known.from && r <= known.to {
			return character{name: known.name, id: known.id, number: number}
		}
	}
	return character{name: "character", id: "character.unnamed", number: number}
}
