package pages

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/a-h/templ"
)

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
