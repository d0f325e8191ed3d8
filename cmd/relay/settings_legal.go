package main

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/latchkeyhq/latchkey/internal/relay"
)

// maxLegalText is the longest text about privacy or terms, in bytes.
const maxLegalText = 64 << 10

// legal reads the operator's own texts. public is the relay's address.
func (r *reader) legal(public string) relay.LegalTexts {
	t := relay.LegalTexts{
		Home:       r.legalText("LATCHKEY_HOME_FILE"),
		Privacy:    r.legalText("LATCHKEY_PRIVACY_FILE"),
		Terms:      r.legalText("LATCHKEY_TERMS_FILE"),
		PrivacyURL: r.legalPage("LATCHKEY_PRIVACY_URL", public),
		TermsURL:   r.legalPage("LATCHKEY_TERMS_URL", public),
	}
	for _, name := range []string{"LATCHKEY_PRIVACY", "LATCHKEY_TERMS"} {
		if r.value(name+"_FILE") != "" && r.value(name+"_URL") != "" {
			r.wrong(name+"_FILE", "and "+name+"_URL are both set; keep one")
		}
	}
	return t
}

// legalText reads a file of plain text.
func (r *reader) legalText(name string) string {
	file := r.value(name)
	if file == "" {
		return ""
	}
	text, wrong := readLegalText(file)
	if wrong == "" {
		wrong = mistakeIn(text)
	}
	if wrong != "" {
		r.wrong(name, "names "+file+", which "+wrong)
		return ""
	}
	return text
}

// readLegalText reads a text, or returns what is wrong with its file.
func readLegalText(file string) (text, wrong string) {
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return "", "does not exist"
	case err != nil:
		return "", "cannot be read; the relay's user has to be allowed to"
	case info.IsDir():
		return "", "is a folder"
	case !info.Mode().IsRegular():
		return "", "is no file of text"
	case info.Size() > maxLegalText:
		return "", fmt.Sprintf("is longer than %d KB; shorten it", maxLegalText>>10)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return "", "cannot be read; the relay's user has to be allowed to"
	}
	return strings.TrimPrefix(string(content), "\ufeff"), ""
}

// mistakeIn is what is wrong with a text; empty: nothing.
func mistakeIn(text string) string {
	switch {
	case !utf8.ValidString(text):
		return "is not plain text in UTF-8. Save it as UTF-8; a file of a word processor has to be exported as text"
	case strings.ContainsFunc(text, isNoText):
		return "has a control character inside. Save it as plain text"
	case strings.TrimSpace(text) == "":
		return "is empty"
	case looksLikeHTML(text):
		return "begins with HTML, which would be shown as it is written. Save it as plain text"
	}
	return ""
}

func isNoText(c rune) bool {
	return unicode.IsControl(c) && c != '\n' && c != '\r' && c != '\t'
}

func looksLikeHTML(text string) bool {
	start := strings.ToLower(strings.TrimSpace(text))
	return strings.HasPrefix(start, "<!doctype") || strings.HasPrefix(start, "<html")
}

// legalPage is the address of a page of the operator's, outside the relay: it would lead
// to itself there.
func (r *reader) legalPage(name, public string) string {
	text := r.value(name)
	if text == "" {
		return ""
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil ||
		strings.ContainsFunc(text, unicode.IsSpace) {
		r.wrong(name, "is not the https:// address of a page")
		return ""
	}
	if own, err := url.Parse(public); err == nil && strings.EqualFold(u.Host, own.Host) {
		r.wrong(name, "is an address of this relay itself. Leave it out, or name a page of your own site")
		return ""
	}
	return text
}
