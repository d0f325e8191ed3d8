package mail

import (
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/goldentest"
)

// Everything that receivers read is in testdata/golden: the envelope, the text
// part, and an outline of the HTML part.
func TestEveryExampleReadsAsItsGolden(t *testing.T) {
	var all strings.Builder
	for _, example := range Gallery() {
		message := mustCompose(t, example.Letter)
		outline, err := goldentest.Outline(message.HTML)
		if err != nil {
			t.Fatalf("%s: %v", example.Name, err)
		}
		all.WriteString("=== " + example.Name + "\nFrom: " + message.From.String() + "\nReply-To: " + message.ReplyTo +
			"\nTo: " + message.To + "\nSubject: " + message.Subject + "\n\n" + message.Text + "\n" + outline + "\n")
	}
	goldentest.Compare(t, "golden/emails.txt", all.String())
}
