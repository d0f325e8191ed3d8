package mail_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"log/slog"
	"maps"
	"mime"
	netmail "net/mail"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
	"github.com/latchkeyhq/latchkey/internal/mail"
	"github.com/latchkeyhq/latchkey/internal/mail/mailtest"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

func testComposer(t *testing.T) *mail.Composer {
	t.Helper()
	c, err := mail.NewComposer(catalogtest.New(t))
	if err != nil {
		t.Fatalf("making the composer: %v", err)
	}
	return c
}

func mustCompose(t *testing.T, email mail.Email) *mail.Message {
	t.Helper()
	message, err := testComposer(t).Compose(email)
	if err != nil {
		t.Fatal(err)
	}
	return message
}

// sent is the message as it travels, read again.
func sent(t *testing.T, message *mail.Message) *netmail.Message {
	t.Helper()
	var raw bytes.Buffer
	if _, err := message.WriteTo(&raw); err != nil {
		t.Fatal(err)
	}
	read, err := netmail.ReadMessage(&raw)
	if err != nil {
		t.Fatalf("reading the email as sent: %v", err)
	}
	return read
}

func TestEveryEmailHasAState(t *testing.T) {
	shown := map[string]bool{}
	for _, example := range mailtest.Gallery() {
		name := reflect.TypeOf(example.Email).Name()
		shown[name] = true
		if !strings.HasPrefix(example.Name, name) {
			t.Errorf("the example %q shows a %s", example.Name, name)
		}
	}
	emails := 0
	for _, name := range []string{"emails.go", "notices.go"} {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, declared := range file.Decls {
			if f, ok := declared.(*ast.FuncDecl); ok && f.Recv != nil && f.Name.Name == "content" {
				emails++
				if name := f.Recv.List[0].Type.(*ast.Ident).Name; !shown[name] {
					t.Errorf("no state of %s is in the gallery", name)
				}
			}
		}
	}
	if emails != 15 {
		t.Errorf("found %d kinds of emails in the source", emails)
	}
}

func TestAnInvitationWithoutAMessageHasTheDefaultOne(t *testing.T) {
	for _, example := range mailtest.Gallery() {
		if invitation, is := example.Email.(mail.Invitation); is {
			invitation.Message = " "
			text := strings.Join(strings.Fields(mustCompose(t, invitation).Text), " ")
			if want := catalogtest.New(t).DefaultMessage(); !strings.Contains(text, want) {
				t.Errorf("%s does not say %q:\n%s", example.Name, want, text)
			}
		}
	}
}

func TestEveryEmailIsComplete(t *testing.T) {
	for _, example := range mailtest.Gallery() {
		t.Run(example.Name, func(t *testing.T) {
			message := mustCompose(t, example.Email)
			head := mail.EnvelopeOf(example.Email)
			footer := "For " + head.Agency.Name + ", through " + head.Operator.Name + "."
			for part, text := range map[string]string{"HTML": text(t, message.HTML), "text": message.Text} {
				for _, wanted := range []string{footer, "Is this genuine?", "Report", "You get this", "This was not meant for me"} {
					if !strings.Contains(text, wanted) {
						t.Errorf("the %s part lacks %q", part, wanted)
					}
				}
				if strings.Contains(text, "ZgotmplZ") || strings.Contains(text, "<no value>") || strings.Contains(text, "  .") {
					t.Errorf("the %s part has a hole in it:\n%s", part, text)
				}
			}
			for _, page := range []string{head.Footer.Genuine, head.Footer.Report, head.Footer.Suppress} {
				if !strings.Contains(message.HTML, `href="`+page+`"`) || !strings.Contains(message.Text, page) {
					t.Errorf("no link to %s in both parts", page)
				}
			}
			if !strings.HasSuffix(message.ID, "@access.northlight.example") {
				t.Errorf("Message-ID %q is not of the operator's domain", message.ID)
			}
			var raw bytes.Buffer
			if _, err := message.WriteTo(&raw); err != nil {
				t.Fatal(err)
			}
			if raw.Len() > 100<<10 {
				t.Errorf("the email weighs %d bytes", raw.Len())
			}
			for _, line := range strings.Split(raw.String(), "\r\n") {
				if len(line) > 998 {
					t.Errorf("a line of %d characters", len(line))
				}
			}
			checkLines(t, raw.String())
		})
	}
}

func TestNothingInAnEmailIsLoadedFromElsewhere(t *testing.T) {
	for _, example := range mailtest.Gallery() {
		message := mustCompose(t, example.Email)
		for _, element := range elements(t, message.HTML) {
			for _, attribute := range element.Attr {
				switch attribute.Key {
				case "src":
					if len(message.Inline) != 1 || attribute.Val != "cid:"+message.Inline[0].CID {
						t.Errorf("%s: src=%q", example.Name, attribute.Val)
					}
				case "background", "srcset", "poster", "data":
					t.Errorf("%s: %s=%q", example.Name, attribute.Key, attribute.Val)
				}
			}
			if slices.Contains([]string{"script", "link", "iframe", "form", "object", "embed", "input"}, element.Data) {
				t.Errorf("%s: has <%s>", example.Name, element.Data)
			}
		}
		if strings.Contains(message.HTML, "url(") || strings.Contains(message.HTML, "@import") {
			t.Errorf("%s: its style loads something", example.Name)
		}
	}
}

func TestBothPartsSayTheSameInTheSameOrder(t *testing.T) {
	for _, example := range mailtest.Gallery() {
		message := mustCompose(t, example.Email)
		page, plain := text(t, message.HTML), strings.Join(strings.Fields(message.Text), " ")
		inPage, inPlain := 0, 0
		for _, words := range append(mail.TextsOf(testComposer(t), example.Email), "This was not meant for me") {
			words = strings.Join(strings.Fields(words), " ")
			atPage, atPlain := strings.Index(page[inPage:], words), strings.Index(plain[inPlain:], words)
			if atPage < 0 || atPlain < 0 {
				t.Errorf("%s: %q is missing or out of order (HTML %d, text %d)", example.Name, words, atPage, atPlain)
				continue
			}
			inPage, inPlain = inPage+atPage+len(words), inPlain+atPlain+len(words)
		}
	}
}

func TestInvitationHasTheCompanyAndExactlyOneRequestLink(t *testing.T) {
	link := mailtest.Link("request").Reveal()
	for _, example := range mailtest.Gallery() {
		var invitation mail.Invitation
		switch email := example.Email.(type) {
		case mail.Invitation:
			invitation = email
		case mail.PhoneLink:
			invitation = email.Invitation
		default:
			continue
		}
		message := mustCompose(t, example.Email)
		company := invitation.Agency.CompanyName()
		if want := "Onboarding Request: " + company; message.Subject != want {
			t.Errorf("%s: subject %q, want %q", example.Name, message.Subject, want)
		}
		if message.From.Name != company || message.From.Address != "requests@access.northlight.example" {
			t.Errorf("%s: from %s", example.Name, message.From.String())
		}
		if !strings.Contains(text(t, message.HTML), company) || !strings.Contains(message.Text, company) {
			t.Errorf("%s: a part lacks the company's name", example.Name)
		}
		if n := strings.Count(message.HTML, "/r/"); n != 1 {
			t.Errorf("%s: %d request links in the HTML part", example.Name, n)
		}
		if n := strings.Count(message.Text, "/r/"); n != 1 || !strings.Contains(message.Text, link) {
			t.Errorf("%s: %d request links in the text part", example.Name, n)
		}
		if !strings.Contains(message.HTML, `href="`+link+`"`) ||
			!regexp.MustCompile(`<a href="[^"]*/r/[^>]*>Grant Permission Now</a>`).MatchString(message.HTML) {
			t.Errorf("%s: the link is not labelled Grant Permission Now", example.Name)
		}
	}
}

// A request that is being written asks for nothing yet, and is previewed.
func TestAPreviewBeforeAnythingIsAskedForIsWhole(t *testing.T) {
	invitation := mailtest.Invitation()
	invitation.Services = nil
	if message := mustCompose(t, invitation); !strings.Contains(message.Text, "Asked for: nothing yet\n") {
		t.Errorf("got %s", message.Text)
	}
}

func TestRequesterIsNamedOnlyIfTheAgencySaysSo(t *testing.T) {
	invitation := mailtest.Invitation()
	invitation.Agency.Brand.ReplyTo = ""
	invitation.Requester = onboarding.Member{Name: "Quirina Zebedäus", Email: "team7@northlight.example"}

	for _, shows := range []bool{false, true} {
		invitation.Agency.Brand.ShowRequester = shows
		for _, email := range []mail.Email{invitation, mail.PhoneLink{Invitation: invitation}} {
			message := mustCompose(t, email)
			var raw bytes.Buffer
			if _, err := message.WriteTo(&raw); err != nil {
				t.Fatal(err)
			}
			found := strings.Contains(text(t, message.HTML), "Quirina Zebedäus") &&
				strings.Contains(message.Text, "Quirina Zebedäus")
			anywhere := strings.Contains(message.HTML+message.Text+raw.String(), "Quirina")
			if shows && !found || !shows && anywhere {
				t.Errorf("%T: requester shown: %v; found in both parts: %v, anywhere: %v", email, shows, found, anywhere)
			}
			if header := sent(t, message).Header; header.Get("Reply-To") != "<team7@northlight.example>" {
				t.Errorf("%T: answers go to %q", email, header.Get("Reply-To"))
			}
		}
	}
}

func TestAnswersGoToTheConfirmedAddress(t *testing.T) {
	invitation := mailtest.Invitation()
	if got := mustCompose(t, invitation).ReplyTo; got != "hello@northlight.example" {
		t.Errorf("answers go to %q", got)
	}
	invitation.Agency.Brand.ReplyTo, invitation.Agency.Brand.PendingReplyTo = "", "new@northlight.example"
	if got := mustCompose(t, invitation).ReplyTo; got != "ana@northlight.example" {
		t.Errorf("while an address waits for its code, answers go to %q", got)
	}
}

// What may be typed can be mailed: both ask onboarding.
func TestEveryAddressThatIsTakenCanBeMailedAndNoOther(t *testing.T) {
	c := testComposer(t)
	label := strings.Repeat("a", 63)
	for _, typed := range []string{
		"ana@x.example", "name@r3---sn.example", "a@a--b.example", "ana@bücher.example", "ana@xn--bcher-kva.example",
		"ana@straße.example", "josé@x.example", "o'neil+x@x.example", "a/b=c@x.example", "ana@例え.example", "ANA@X.EXAMPLE",
		"ana@نامه\u200cای.example", strings.Repeat("a", 64) + "@x.example", "a@" + label + ".example",
		strings.Repeat("a", 65) + "@x.example", "a@" + label + "a.example", "a@b_c.example", "a@-b.example", "a@b-.example",
		"a@x.example.", "a@.example", ".a@x.example", "a.@x.example", "a..b@x.example", `"a b"@x.example`, `"a"@x.example`,
		"a@[127.0.0.1]", "a(b)@x.example", "Ana <a@x.example>", "a@xn--b.example", "a@b\u200b.example", "a\u202eb@x.example",
		"a@x!.example", "a@" + strings.Repeat("ü", 60) + ".example", "a b@x.example",
	} {
		address, err := onboarding.ValidateAddress("email", typed)
		email := mailtest.Invitation()
		email.To, email.Requester.Email = typed, typed
		if err == nil {
			email.To, email.Requester.Email = address, address
		}
		message, composed := c.Compose(email)
		if (err == nil) != (composed == nil) {
			t.Errorf("%.80q: typed it gives %v, mailed %v", typed, err, composed)
		}
		if composed == nil {
			if _, err := message.WriteTo(io.Discard); err != nil {
				t.Errorf("%.80q: writing gives %v", typed, err)
			}
		}
	}
}

// However often a mail program decodes a header, it shows no other name.
func TestNoHeaderHoldsAnEncodedWordWithinItsText(t *testing.T) {
	for _, name := range []string{
		"=?utf-8?B?RmFjZWJvb2sgU3VwcG9ydA==?=", "Acme =?UTF-8?q?Facebook?=", "=\u200b?utf-8?q?Facebook?=",
		"=?utf-8?B?RmFjZWJv?= =?utf-8?B?b2s=?= Ünï", "=?utf-8*en?Q?Facebook?=",
	} {
		email := mailtest.Invitation()
		email.Agency.Name, email.Agency.Brand.Company, email.Requester.Name = name, name, name
		message := mustCompose(t, email)
		var decoder mime.WordDecoder
		for field, values := range sent(t, message).Header {
			for _, value := range values {
				for range 3 {
					decoded, err := decoder.DecodeHeader(value)
					if err != nil {
						t.Errorf("%s: %q: %v", field, value, err)
					}
					value = decoded
				}
				if strings.Contains(value, "Facebook") && !strings.Contains(name, "Facebook") || strings.Contains(value, "=?") {
					t.Errorf("called %q, %s is read as %q", name, field, value)
				}
			}
		}
	}
}

func TestClientsNeverReadOurName(t *testing.T) {
	for _, example := range mailtest.Gallery() {
		message := mustCompose(t, example.Email)
		var raw bytes.Buffer
		if _, err := message.WriteTo(&raw); err != nil {
			t.Fatal(err)
		}
		all := strings.ToLower(message.HTML + message.Text + message.Subject + message.From.String() + raw.String())
		if ours := mail.IsOwn(testComposer(t), example.Email); ours != strings.Contains(all, "latchkey") {
			t.Errorf("%s: an email to a member: %v, names Latchkey: %v", example.Name, ours, !ours)
		}
	}
}

func TestWhatAClientTypedIsInNoEmail(t *testing.T) {
	const canary = "Kanarienvogel"
	for _, example := range mailtest.Gallery() {
		email := reflect.New(reflect.TypeOf(example.Email)).Elem()
		email.Set(reflect.ValueOf(example.Email))
		planted := plant(email, canary)
		message := mustCompose(t, email.Interface().(mail.Email))
		if strings.Contains(message.HTML+message.Text+message.Subject, canary) {
			t.Errorf("%s: says what a client typed", example.Name)
		}
		if _, receipt := example.Email.(mail.Receipt); receipt && planted == 0 {
			t.Errorf("%s: nothing was planted", example.Name)
		}
	}
}

// plant puts the canary where a client's words can be, and counts the places.
func plant(value reflect.Value, canary string) int {
	planted := 0
	switch value.Kind() {
	case reflect.Struct:
		switch words := value.Addr().Interface().(type) {
		case *onboarding.Person:
			words.Name, words.Email = canary, canary+"@typed.example"
			return 1
		case *onboarding.Skip:
			words.Reason = canary
			return 1
		}
		for i := range value.NumField() {
			if value.Field(i).CanSet() {
				planted += plant(value.Field(i), canary)
			}
		}
	case reflect.Slice:
		fresh := reflect.MakeSlice(value.Type(), value.Len(), value.Len())
		reflect.Copy(fresh, value)
		for i := range fresh.Len() {
			planted += plant(fresh.Index(i), canary)
		}
		if !value.IsNil() {
			value.Set(fresh)
		}
	}
	return planted
}

func TestNoMailProgramMakesALinkOfAnAccountsName(t *testing.T) {
	receipt := mail.Receipt{
		Envelope: mailtest.Envelope(mailtest.Agency(), "victim@harbourpine.example"), Number: "1", Finished: 1,
		Link: mailtest.Link("receipt"),
		Items: []onboarding.Item{{
			Service: onboarding.HubSpot, Kind: onboarding.CRMAccount, State: onboarding.ItemConnected,
			Name: "You won! https://evil.example/claim or mail claim@evil.example " + strings.Repeat("now ", 100),
		}},
	}
	message := mustCompose(t, receipt)
	for _, bait := range []string{"evil.example", "https://evil", "claim@evil"} {
		if strings.Contains(message.HTML, bait) || strings.Contains(message.Text, bait) {
			t.Errorf("the email has %q", bait)
		}
	}
	if strings.Count(message.Text, "now") > 30 {
		t.Error("the name is as long as somebody likes")
	}
}

func TestTheSameEmailGivesTheSameMessage(t *testing.T) {
	first, second := mailtest.Gallery(), mailtest.Gallery()
	for i := range first {
		if a, b := mustCompose(t, first[i].Email), mustCompose(t, second[i].Email); !reflect.DeepEqual(a, b) {
			t.Errorf("%s differs from itself", first[i].Name)
		}
	}
}

func TestStandaloneNeedsNothingElse(t *testing.T) {
	message := mustCompose(t, mailtest.Invitation())
	if page := message.Standalone(); strings.Contains(page, "cid:") ||
		!strings.Contains(page, `src="data:image/png;base64,`) {
		t.Error("the page still names its image by cid")
	}
}

func TestMessagesDoNotShowTheirLinks(t *testing.T) {
	message := mustCompose(t, mailtest.Invitation())
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("sent", "message", message, "value", *message)
	slog.New(slog.NewTextHandler(&log, nil)).Info("sent", "message", message, "email", mailtest.Invitation())
	fmt.Fprintf(&log, "%v %+v %#v %s %v", message, *message, *message, message, mailtest.Invitation())
	if strings.Contains(log.String(), "/r/") {
		t.Errorf("a link was logged: %s", log.String())
	}
}

func TestErrorsDoNotShowLinks(t *testing.T) {
	invitation := mailtest.Invitation()
	invitation.Link = onboarding.NewSecret("javascript://access.example/r/geheim")
	if _, err := testComposer(t).Compose(invitation); err == nil || strings.Contains(err.Error(), "geheim") {
		t.Errorf("got %v", err)
	}
}

func TestEmailsThatCannotBeSentAreNotComposed(t *testing.T) {
	for name, spoil := range map[string]func(*mail.Invitation){
		"no receiver":            func(l *mail.Invitation) { l.To = "" },
		"two receivers":          func(l *mail.Invitation) { l.To = "a@b.example, c@d.example" },
		"a receiver with a name": func(l *mail.Invitation) { l.To = "Marta <a@b.example>" },
		"a line break":           func(l *mail.Invitation) { l.To = "a@b.example\r\nBcc: c@d.example" },
		"a space":                func(l *mail.Invitation) { l.To = `"a b"@c.example` },
		"an angle bracket":       func(l *mail.Invitation) { l.To = "<a@b.example>" },
		"no such domain":         func(l *mail.Invitation) { l.To = "a@-b-.example" },
		"a broken answer":        func(l *mail.Invitation) { l.Agency.Brand.ReplyTo = "a@b.example\nX: y" },
		"no operator's address":  func(l *mail.Invitation) { l.Operator.From = "Kestrel" },
		"no operator":            func(l *mail.Invitation) { l.Operator.Name = "" },
		"no agency":              func(l *mail.Invitation) { l.Agency.Name = "" },
		"no id":                  func(l *mail.Invitation) { l.ID = "" },
		"an id with a bracket":   func(l *mail.Invitation) { l.ID = "a>b" },
		"no date":                func(l *mail.Invitation) { l.Date = 0 },
		"no link":                func(l *mail.Invitation) { l.Link = onboarding.Secret{} },
		"a link to a script":     func(l *mail.Invitation) { l.Link = onboarding.NewSecret("javascript:alert(1)") },
		"a link with a name":     func(l *mail.Invitation) { l.Link = onboarding.NewSecret("https://bank@evil.example/r/x") },
		"no way to say no":       func(l *mail.Invitation) { l.Footer.Suppress = "" },
		"a logo that is none":    func(l *mail.Invitation) { l.Agency.Brand.Logo = []byte("<svg/>") },
	} {
		invitation := mailtest.Invitation()
		spoil(&invitation)
		if _, err := testComposer(t).Compose(invitation); err == nil {
			t.Errorf("with %s it was composed", name)
		}
	}
}

func TestDomainsAreWrittenInASCII(t *testing.T) {
	invitation := mailtest.Invitation()
	invitation.To = "büro@bücher.example"
	if got := mustCompose(t, invitation).To; got != "büro@xn--bcher-kva.example" {
		t.Errorf("goes to %q", got)
	}
}

func TestHeadersAreWhatTheyShouldBe(t *testing.T) {
	for _, example := range mailtest.Gallery() {
		message := mustCompose(t, example.Email)
		header := sent(t, message).Header
		for _, name := range []string{"X-Mailer", "User-Agent", "List-Unsubscribe", "Precedence", "Bcc", "Cc", "Sender"} {
			if header.Get(name) != "" {
				t.Errorf("%s: has %s: %s", example.Name, name, header.Get(name))
			}
		}
		_, invitation := example.Email.(mail.Invitation)
		if automatic := header.Get("Auto-Submitted") == "auto-generated"; automatic == invitation {
			t.Errorf("%s: Auto-Submitted %q", example.Name, header.Get("Auto-Submitted"))
		}
		if got := header.Get("Message-ID"); got != "<"+message.ID+">" {
			t.Errorf("%s: Message-ID %q", example.Name, got)
		}
		if date, err := header.Date(); err != nil || onboarding.TimestampOf(date) != message.Date {
			t.Errorf("%s: Date %q", example.Name, header.Get("Date"))
		}
	}
}

func TestNamesOfAnyScriptAndLengthAreReadAsTheyWereWritten(t *testing.T) {
	names := []string{
		"Walk Bakery 🎉🥐: connected", "Bäckerei Müller & Söhne: connected", "O’Brien, Sons; “Fish” <Co>",
		"株式会社さくらデザイン工房", "Ελληνικός Φούρνος", "مخبز الحي القديم", "बेकरी और मिठाई की दुकान", "👩‍👩‍👧‍👦 e\u0301",
		"Plain Bakery of the Old Harbour", `A "quoted" \ name, Inc.`, "=?utf-8?q?Bank?=", strings.Repeat("Unbroken", 9),
	}
	message := mustCompose(t, mailtest.Invitation())
	for _, name := range names {
		long := []rune(strings.Repeat(name+" ", 3) + "and ASCII to the end, longer than one encoded word: connected")
		for length := 1; length <= len(long); length++ {
			written := strings.TrimSpace(string(long[:length]))
			message.Subject, message.From.Name = written, written
			var raw bytes.Buffer
			if _, err := message.WriteTo(&raw); err != nil {
				t.Fatal(err)
			}
			checkLines(t, raw.String())
			header := sent(t, message).Header
			subject, err := new(mime.WordDecoder).DecodeHeader(header.Get("Subject"))
			if err != nil || subject != written {
				t.Errorf("the subject %q is read as %q, %v", written, subject, err)
			}
			from, err := header.AddressList("From")
			if err != nil || len(from) != 1 || *from[0] != message.From {
				t.Errorf("the sender %q is read as %v, %v", written, from, err)
			}
			if t.Failed() {
				return
			}
		}
	}
}

// checkLines fails if a line of the header, or an encoded word in it, is longer
// than RFC 5322 and RFC 2047 let it be.
func checkLines(t *testing.T, raw string) {
	t.Helper()
	header, _, _ := strings.Cut(raw, "\r\n\r\n")
	for line := range strings.SplitSeq(header, "\r\n") {
		name, value, _ := strings.Cut(line, ":")
		beginsEmpty := !strings.HasPrefix(name, " ") && strings.TrimSpace(value) == ""
		if strings.TrimSpace(line) == "" || beginsEmpty || len(line) > 78 {
			t.Errorf("the header line %q is empty or too long", line)
		}
		for word := range strings.FieldsSeq(line) {
			if strings.HasPrefix(word, "=?") && len(word) > 75 {
				t.Errorf("the encoded word %q is too long", word)
			}
		}
	}
}

// TestSnapshots keeps what a client reads, with the brand on and off.
// LATCHKEY_UPDATE_SNAPSHOTS=1 writes them anew.
func TestSnapshots(t *testing.T) {
	for name, file := range map[string]string{
		"Invitation: white-label":                            "invitation-white-label",
		"Invitation: white-label, with the requester’s name": "invitation-requester",
		"Invitation: neutral":                                "invitation-neutral",
		"Receipt: connected, waiting and skipped":            "receipt",
		"CompletionNotice: connected, waiting and skipped":   "completion",
	} {
		at := slices.IndexFunc(mailtest.Gallery(), func(e mailtest.Example) bool { return e.Name == name })
		if at < 0 {
			t.Fatalf("no %q in the gallery", name)
		}
		message := mustCompose(t, mailtest.Gallery()[at].Email)
		for ending, got := range map[string]string{
			".html": message.HTML,

			".txt": "From: " + message.From.String() + "\nReply-To: " + message.ReplyTo + "\nTo: " + message.To +
				"\nSubject: " + message.Subject + "\n\n" + message.Text,
		} {
			path := filepath.Join("testdata", file+ending)
			if os.Getenv("LATCHKEY_UPDATE_SNAPSHOTS") == "1" {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s is not as in %s:\n%s", name, path, got)
			}
		}
	}
}

// elements are the opening tags of a page.
func elements(t *testing.T, page string) []html.Token {
	t.Helper()
	var found []html.Token
	tokens := html.NewTokenizer(strings.NewReader(page))
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			if tokens.Err() != io.EOF {
				t.Fatal(tokens.Err())
			}
			return found
		case html.StartTagToken, html.SelfClosingTagToken:
			found = append(found, tokens.Token())
		}
	}
}

// text is what a person reads of a page, in single spaces.
func text(t *testing.T, page string) string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var words strings.Builder
	for node := range root.Descendants() {
		if node.Type == html.TextNode && node.Parent.Data != "style" && node.Parent.Data != "title" {
			words.WriteString(node.Data)
		}
		if node.Data == "br" || node.Data == "td" || node.Data == "tr" {
			words.WriteString(" ")
		}
	}
	return strings.Join(strings.Fields(words.String()), " ")
}

// TestNothingCanBeInjected puts payloads into every field that takes words,
// and compares what comes out with the email without them: no header more,
// no element more, no address more (X19).
func TestNothingCanBeInjected(t *testing.T) {
	gallery := mailtest.Gallery()
	type shape struct {
		headers, elements, links []string
	}
	shapeOf := func(message *mail.Message) shape {
		elems := map[string]bool{}
		var links []string
		for _, element := range elements(t, message.HTML) {
			elems[element.Data] = true
			for _, attribute := range element.Attr {
				elems[element.Data+" "+attribute.Key] = true
				if attribute.Key == "href" || attribute.Key == "src" {
					links = append(links, attribute.Val)
				}
			}
		}
		header := sent(t, message).Header
		for name, values := range header {
			if len(values) != 1 {
				t.Errorf("%d headers %s", len(values), name)
			}
		}
		slices.Sort(links)
		return shape{slices.Sorted(maps.Keys(header)), slices.Sorted(maps.Keys(elems)), slices.Compact(links)}
	}
	plain := make([]shape, len(gallery))
	for i, example := range gallery {
		plain[i] = shapeOf(mustCompose(t, example.Email))
	}

	injected := payloads()
	if len(injected) < 500 {
		t.Fatalf("only %d payloads", len(injected))
	}
	for i, payload := range injected {
		at := i % len(gallery)
		email := reflect.New(reflect.TypeOf(gallery[at].Email)).Elem()
		email.Set(reflect.ValueOf(gallery[at].Email))
		inject(email, payload)
		message, err := testComposer(t).Compose(email.Interface().(mail.Email))
		if err != nil {
			t.Errorf("%s with %q: %v", gallery[at].Name, payload, err)
			continue
		}
		got := shapeOf(message)
		for _, header := range got.headers {
			if !slices.Contains(plain[at].headers, header) {
				t.Errorf("%s with %q: another header %s", gallery[at].Name, payload, header)
			}
		}
		for _, element := range got.elements {
			if !slices.Contains(plain[at].elements, element) {
				t.Errorf("%s with %q: another element %s", gallery[at].Name, payload, element)
			}
		}
		for _, link := range got.links {
			if !slices.Contains(plain[at].links, link) {
				t.Errorf("%s with %q: another address %s", gallery[at].Name, payload, link)
			}
		}
	}
}

// inject appends the payload to every field that holds words. Addresses,
// links and ids are left: Compose refuses them, which another test shows.
func inject(value reflect.Value, payload string) {
	for i := range value.NumField() {
		field, kind := value.Field(i), value.Type().Field(i)
		if !field.CanSet() {
			continue
		}
		switch {
		case field.Kind() == reflect.String && slices.Contains([]string{
			"Name", "Company", "Message", "Business", "Client", "Invited", "Number", "User", "Asset", "Code", "Account",
			"About", "Request", "Reference", "Colour",
		}, kind.Name):
			field.SetString(field.String() + payload)
		case field.Kind() == reflect.Struct && field.Type() != reflect.TypeFor[onboarding.Secret]():
			inject(field, payload)
		case field.Type() == reflect.TypeFor[[]onboarding.Item]():
			items := slices.Clone(field.Interface().([]onboarding.Item))
			for i := range items {
				items[i].Name += payload
			}
			field.Set(reflect.ValueOf(items))
		}
	}
}

func payloads() []string {
	breaks := []string{"\r\n", "\n", "\r", "\r\n\r\n",
		"\r\n ", "\r\n\t", "\n \r\n", " \r\n \r\n", // folded
		"\u2028", "\u0085", "\x00", "\v", "%0d%0a", "=0D=0A",
		"=?utf-8?q?=0D=0A?="}
	smuggled := []string{
		"Bcc: victim@evil.example", "To: victim@evil.example", "Subject: other", "Content-Type: text/html", "X-Mailer: evil",
		"From: Bank <bank@evil.example>", "Reply-To: evil@evil.example", "MIME-Version: 1.0",
		".\r\nMAIL FROM:<evil@evil.example>",
		"--boundary\r\nContent-Type: text/html\r\n\r\n<script>alert(1)</script>",
	}
	markup := []string{
		"<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>",
		`"><a href="https://evil.example">x</a>`,
		"'><iframe src=//evil.example>", "</style><script>alert(1)</script>",
		"</td></tr></table><form action=//evil.example>",
		"</title><script>1</script>", "<!--", "-->", "<![endif]--><script>1</script>", "{{.Pages}}",
		"{{template \"email.html\"}}", "&lt;script&gt;", "&#60;script&#62;",
		"javascript:alert(1)", "data:text/html,<script>1</script>", "<a href=javascript:alert(1)>x",
		"<meta http-equiv=refresh content=0;url=//evil.example>",
		"<link rel=stylesheet href=//evil.example>", "<base href=//evil.example>", "expression(alert(1))",
		"}body{background:url(//evil.example)}", "<style>@import '//evil.example'</style>",
		"\u202e" + "gnp.exe", "\ufeff<script>", "<scr\x00ipt>", "\xff\xfe<script>", "＜script＞", "<IMG SRC=cid:x>",
		`" onmouseover="alert(1)`, "`onerror=alert(1)`",
		"<plaintext>", "<textarea>", "<math><mi xlink:href=//evil.example>", "<object data=//evil.example>",
		"<video src=//evil.example>", "<input autofocus onfocus=alert(1)>",
	}
	var all []string
	for _, br := range breaks {
		for _, words := range slices.Concat(smuggled, markup) {
			all = append(all, br+words)
		}
	}
	return all
}
