package mail

import (
	"bytes"
	"image"
	"image/png"
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

func TestAnAddressInAHeaderIsOneBareAddress(t *testing.T) {
	const none, odd = "not one bare email address", "an address with characters that mail servers trip over"
	long := func(size int) string { // two labels of 63 bytes, one of what is left
		label := strings.Repeat("b", 63)
		end := "@" + label + "." + label + "."
		return strings.Repeat("a", 60) + end + strings.Repeat("c", size-60-len(end)-len(".example")) + ".example"
	}
	for address, want := range map[string]string{
		"ana@x.example":               "",
		"o'neil+x@x.example":          "",
		long(254):                     "",
		long(255):                     none,
		"":                            none,
		"Ana <ana@x.example>":         none,
		"<ana@x.example>":             none,
		" ana@x.example":              none,
		"a@x.example, b@x.example":    none,
		"a@x.example\r\nBcc: b@y.org": none,
		`"a b"@x.example`:             none,
		"a\u202eb@x.example":          odd,
	} {
		got, err := onboarding.ASCIIAddress(address)
		if want == "" && (err != nil || got != address) || want != "" && (err == nil || err.Error() != want) {
			t.Errorf("%.60q: got %q and %v, want %q", address, got, err, want)
		}
	}
	if got, err := onboarding.ASCIIAddress("ana@Bücher.example"); err != nil || got != "ana@xn--bcher-kva.example" {
		t.Errorf("a domain in another script: got %q and %v", got, err)
	}
}

func TestALineOfAnEmailIsOneLine(t *testing.T) {
	for text, want := range map[string]string{
		"Harbour\r\nBcc: x@y.example":   "Harbour Bcc: x@y.example",
		"a\x00b\x07c\u0085d":            "a b c d",
		"a\u2028b\u2029c\td":            "a b c d",
		"a\u202ab\u202ec\u2066d\u2069e": "abcde",
		"a\u2065b\u206ac\u202fd":        "abc d",
		"می\u200cخواهم 👩\u200d💻":        "می\u200cخواهم 👩\u200d💻",
		"=?utf-8?B?RmFjZQ==?= b":        "= ?utf-8?B?RmFjZQ== ?= b",
		"=\u200b?utf-8?q?a?=":           "= ?utf-8?q?a?=",
		"==??utf-8?q?a?=":               "== ??utf-8?q?a?=",
		"a\xffb\ufffdc":                 "abc",
		strings.Repeat("é", 320):        strings.Repeat("é", 320),
		strings.Repeat("é", 321):        strings.Repeat("é", 319) + "…",
		"  ":                            "",
	} {
		if got := sanitizeLine(text); got != want {
			t.Errorf("%.60q: got %q, want %q", text, got, want)
		}
	}
	for words, want := range map[string]string{
		strings.Repeat("x", 240): strings.Repeat("x", 240), strings.Repeat("x", 241): strings.Repeat("x", 239) + "…",
		"550 no\r\n such user": "550 no such user",
	} {
		if got := sanitizeReply(words); got != want {
			t.Errorf("a server's words %.30q: got %q, want %q", words, got, want)
		}
	}
	message := strings.Join(messageLines("\n a\r\nb\rc\u2028d\u2029e\tf\x00g\u202eh\xff\n"), "|")
	if message != "a|b|c|d|e fgh" {
		t.Errorf("the lines of a message are %q", message)
	}
}

func TestAnEmailLeadsToWebPagesAlone(t *testing.T) {
	for address, host := range map[string]string{
		"https://a.example/r/x": "a.example", "http://localhost:1/": "localhost:1",
		"": "", "https://": "", "https:///x": "", "https://u@a.example/": "", "javascript:alert(1)": "",
		"ftp://a.example/": "",
		"//a.example/":     "", "a.example": "", "%": "",
	} {
		got, err := webAddress(address)
		if got != host || (err == nil) != (host != "") || err != nil && address != "" &&
			strings.Contains(err.Error(), address) {
			t.Errorf("%q: got %q and %v, want %q", address, got, err, host)
		}
	}
}

func TestALogoInAnEmailIsShownInItsFrame(t *testing.T) {
	for _, c := range []struct{ width, height, shownWidth, shownHeight int }{
		{width: 34, height: 34, shownWidth: 34, shownHeight: 34},
		{width: 480, height: 102, shownWidth: 160, shownHeight: 34},
		{width: 484, height: 102, shownWidth: 160, shownHeight: 33},
		{width: 320, height: 34, shownWidth: 160, shownHeight: 17},
		{width: 1, height: 480, shownWidth: 1, shownHeight: 34},
		{width: 480, height: 1, shownWidth: 160, shownHeight: 1},
	} {
		var file bytes.Buffer
		if err := png.Encode(&file, image.NewGray(image.Rect(0, 0, c.width, c.height))); err != nil {
			t.Fatal(err)
		}
		width, height, err := logoSize(file.Bytes())
		if err != nil || width != c.shownWidth || height != c.shownHeight {
			t.Errorf("%d×%d: got %d×%d and %v", c.width, c.height, width, height, err)
		}
	}
	for _, file := range [][]byte{nil, []byte("GIF89a")} {
		if _, _, err := logoSize(file); err == nil {
			t.Errorf("%q is shown as a logo", file)
		}
	}
}
