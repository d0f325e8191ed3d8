package sandbox

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func FuzzAnyEmailCanBeShown(f *testing.F) {
	for _, source := range []string{
		"",
		"Subject: =?utf-8?q?Caf=C3=A9?=\r\nContent-Type: text/html\r\n\r\n<p>Hello https://ok.example/</p>",
		"Content-Type: multipart/related; boundary=a\r\n\r\n--a\r\nContent-Type: text/html\r\n\r\n<img " +
			"src=\"cid:x\">\r\n--a\r\nContent-Type: image/png\r\nContent-Id: <x>\r\nContent-Transfer-Encoding: " +
			"base64\r\n\r\nAAAA\r\n--a--\r\n",
		"From: \"A\" <a@b.example>\r\n folded\r\n\tagain\r\nFrom: c@d.example\r\n\r\nhttp://x",
	} {
		f.Add(source)
	}
	f.Fuzz(func(t *testing.T, source string) {
		l := storedMessage{Number: 1, ReceivedAt: time.Unix(0, 0), To: []string{"c@d.example"}, Source: []byte(source)}
		l.understand()
		for what, shown := range map[string]string{
			"subject": l.message.Subject, "from": l.message.From, "text": l.message.Text, "html": l.message.HTML,
		} {
			if !utf8.ValidString(shown) {
				t.Errorf("%s is not UTF-8: %q", what, shown)
			}
		}
		if _, err := framed(l.message.HTML, l.pictures); err != nil {
			t.Errorf("framing the email: %v", err)
		}
		var whole strings.Builder
		for _, piece := range findLinks(l.message.Text) {
			whole.WriteString(piece.Text)
		}
		if want := strings.ReplaceAll(l.message.Text, "\r\n", "\n"); whole.String() != want {
			t.Errorf("finding links changed the text: got %q, want %q", whole.String(), want)
		}
	})
}
