package mail_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/goldentest"
	"github.com/latchkeyhq/latchkey/internal/mail/mailtest"
)

// Everything that receivers read is in testdata/golden: the envelope, the text
// part, and an outline of the HTML part.
func TestEveryExampleReadsAsItsGolden(t *testing.T) {
	var all strings.Builder
	for _, example := range mailtest.Gallery() {
		message := mustCompose(t, example.Email)
		outline, err := goldentest.Outline(message.HTML)
		if err != nil {
			t.Fatalf("%s: %v", example.Name, err)
		}
		all.WriteString("=== " + example.Name + "\nFrom: " + message.From.String() + "\nReply-To: " + message.ReplyTo +
			"\nTo: " + message.To + "\nSubject: " + message.Subject + "\n\n" + message.Text + "\n" + outline + "\n")
	}
	goldentest.Compare(t, "golden/emails.txt", all.String())
}

// A message without one of its values is printed as its id.
func TestEveryMessageGetsItsValues(t *testing.T) {
	id := regexp.MustCompile(`\b[a-z_]+(\.[a-z0-9_]+)+\b`)
	for _, example := range mailtest.Gallery() {
		message := mustCompose(t, example.Email)
		for _, word := range id.FindAllString(message.Subject+" "+message.Text+" "+text(t, message.HTML), -1) {
			if testComposer(t).HasMessage(word) {
				t.Errorf("%s shows %s", example.Name, word)
			}
		}
	}
}
