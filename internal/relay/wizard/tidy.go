package wizard

import (
	"strings"

	"github.com/latchkeyhq/latchkey/internal/relay/link"
)

// tidyPath drops from the path of an address what cannot belong to a link's
// token, before, inside and after it: what stands beside a link in a sentence
// and is taken along, like a full stop, a bracket, a quote, an escape of HTML or
// of an address, and the end of a line. changed is false for a path that has
// nothing of the kind, and for one without a token.
func tidyPath(path string) (tidy string, changed bool) {
	for _, kind := range []string{link.Path, link.EmailPath} {
		if rest, found := strings.CutPrefix(path, kind); found {
			tidy, found = tidyToken(rest)
			tidy = kind + tidy
			return tidy, found && tidy != path
		}
	}
	for _, kind := range []string{"/connect/", "/w/", "/help"} {
		if strings.HasPrefix(path, kind) {
			tidy = strings.TrimRightFunc(path, func(c rune) bool { return !isOfToken(c) })
			return tidy, len(tidy) >= len(kind) && tidy != path
		}
	}
	if place, found := strings.CutPrefix(path, link.OpenPath); found {
		place = strings.TrimRightFunc(place, func(c rune) bool { return !isOfPlace(c) })
		tidy = link.OpenPath + place
		return tidy, place != "" && tidy != path && strings.IndexFunc(place, func(c rune) bool { return !isOfPlace(c) }) < 0
	}
	return path, false
}

// isOfPlace reports whether a character can be in the name of a place in the hub.
func isOfPlace(c rune) bool { return isOfToken(c) || c == '/' }

// tidyToken reads a token, and the name of a page behind it, off what follows a
// link's prefix.
func tidyToken(rest string) (tidy string, found bool) {
	var token strings.Builder
	for token.Len() < link.TokenSize {
		if rest = skipForeign(rest); rest == "" || rest[0] == '/' {
			return "", false
		}
		token.WriteByte(rest[0])
		rest = rest[1:]
	}
	rest = strings.TrimLeft(rest, "_-") // emphasis; anything else makes it another token
	page, below := strings.CutPrefix(rest, "/")
	switch {
	case rest == "":
		return token.String(), true
	case !below:
		return token.String(), !isOfToken(rune(rest[0]))
	}
	name := page[:len(page)-len(strings.TrimLeft(page, "abcdefghijklmnopqrstuvwxyz-"))]
	after := page[len(name):]
	if after != "" && (isOfToken(rune(after[0])) || after[0] == '/' && strings.ContainsFunc(after, isOfToken)) {
		return "", false // a page that does not exist
	}
	if name != "" {
		name = "/" + name
	}
	return token.String() + name, true
}

// skipForeign drops characters that no token has from the front, up to a slash. An escape
// is dropped whole: it has bytes of a token.
func skipForeign(rest string) string {
	for rest != "" && rest[0] != '/' && !isOfToken(rune(rest[0])) {
		rest = rest[escapeSize(rest):]
	}
	return rest
}

// escapeSize is the length of what begins a text that does not begin with a
// token: "%3E", "&gt;", or a byte.
func escapeSize(text string) int {
	const longest = len("&zwnj;") + 2
	switch end := strings.IndexByte(text, ';'); {
	case text[0] == '%' && len(text) >= 3 && isHexDigit(text[1]) && isHexDigit(text[2]):
		return len("%3E")
	case text[0] == '&' && end > 1 && end < longest:
		return end + 1
	}
	return 1
}

func isHexDigit(c byte) bool { return strings.IndexByte("0123456789abcdefABCDEF", c) >= 0 }

func isOfToken(c rune) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_'
}
