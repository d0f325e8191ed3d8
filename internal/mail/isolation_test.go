package mail_test

import (
	"mime"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/latchkeyhq/latchkey/internal/bidi/biditest"
	"github.com/latchkeyhq/latchkey/internal/mail/mailtest"
)

func TestATextFromOutsideNeverTurnsTheWordsOfAnEmailRound(t *testing.T) {
	fromOutside := []string{
		"Account", "Asset", "Business", "Client", "Code", "Company", "Invited", "Message", "Name", "Number", "User",
	}
	all := 0
	for _, example := range mailtest.Gallery() {
		email, marked := biditest.Mark(example.Email, fromOutside, nil)
		all += marked
		message := mustCompose(t, email)
		texts := append(strings.Split(message.Text, "\n"), message.Subject)
		root, err := html.Parse(strings.NewReader(message.HTML))
		if err != nil {
			t.Fatalf("parsing %s: %v", example.Name, err)
		}
		for node := range root.Descendants() {
			if node.Type == html.TextNode {
				texts = append(texts, node.Data)
			}
			for _, attribute := range node.Attr {
				texts = append(texts, attribute.Val)
			}
		}
		for _, text := range texts {
			if biditest.IsBare(text) {
				t.Errorf("%s: nothing isolates %q", example.Name, text)
			}
		}
		subject, err := new(mime.WordDecoder).DecodeHeader(sent(t, message).Header.Get("Subject"))
		if err != nil || subject != message.Subject {
			t.Errorf("%s: the subject travels as %q, want %q (%v)", example.Name, subject, message.Subject, err)
		}
	}
	if all < 100 {
		t.Errorf("%d texts are from outside: the walk misses some", all)
	}
}
