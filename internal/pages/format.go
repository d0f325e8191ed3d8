package pages

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/a-h/templ"
)

// initials are the first letters of the first and the last name.
func initials(name string) string {
	words := strings.Fields(name)
	if len(words) == 0 {
		return ""
	}
	first, _ := utf8.DecodeRuneInString(words[0])
	if len(words) == 1 {
		return strings.ToUpper(string(first))
	}
	last, _ := utf8.DecodeRuneInString(words[len(words)-1])
	return strings.ToUpper(string(first) + string(last))
}

// capitalised begins our own words with a capital letter.
func capitalised(words string) string {
	if words == "" {
		return ""
	}
	return strings.ToUpper(words[:1]) + words[1:]
}

// sentences are whole sentences, one after the other; empty ones are left out.
func sentences(all ...string) string {
	all = slices.DeleteFunc(slices.Clone(all), func(sentence string) bool { return sentence == "" })
	return strings.Join(all, " ")
}

// long reports whether a message needs a scroll bar of its own, so that the
// button below it stays in sight.
func long(message string) bool {
	return utf8.RuneCountInString(message) > 900 || strings.Count(message, "\n") > 12
}

// mailto writes to an address and to no other: of "a?bcc=b@c.example" the question
// mark is a part (RFC 6068, 2).
func mailto(address string) templ.SafeURL { return templ.URL("mailto:" + url.PathEscape(address)) }

func monogramClass(size int) string {
	return "service-icon service-icon--monogram service-icon--" + strconv.Itoa(size)
}
