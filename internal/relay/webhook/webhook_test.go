package webhook

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

func TestADeliveryIsSignedAsTheSpecificationSays(t *testing.T) {
	var got http.Header
	var body []byte
	receiver := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.Header
		body, _ = io.ReadAll(r.Body)
		_, _ = io.WriteString(w, "thank\tyou\n")
	}))
	defer receiver.Close()
	trust := x509.NewCertPool()
	trust.AddCert(receiver.Certificate())
	sender := newSender(Loopback, nil, &tls.Config{RootCAs: trust})
	former, secret := NewSecret(), NewSecret()
	to := Target{
		Address: onboarding.NewSecret(receiver.URL + "/hook"), Secret: secret, Former: []FormerSecret{{Secret: former}},
	}
	answer := sender.Post(t.Context(), to, "msg1", time.Now(), []byte(`{"type":"x"}`))
	if answer != (Answer{Status: http.StatusOK, Reply: "thank you"}) {
		t.Fatalf("the answer is %+v", answer)
	}
	for name, key := range map[string]onboarding.Secret{"new": secret, "former": former} {
		verifier, err := standardwebhooks.NewWebhook(key.Reveal())
		if err != nil {
			t.Fatal(err)
		}
		if err := verifier.Verify(body, got); err != nil {
			t.Errorf("with the %s secret: %v", name, err)
		}
		if err := verifier.Verify([]byte(`{"type":"y"}`), got); err == nil {
			t.Errorf("with the %s secret another body is verified", name)
		}
	}
	if got.Get("webhook-id") != "msg1" || got.Get("Content-Type") != "application/json" {
		t.Errorf("the headers are %v", got)
	}
	if !strings.HasPrefix(secret.Reveal(), "whsec_") {
		t.Error("the secret does not begin as the specification says")
	}
}

func TestWhyADeliveryFailedIsKnown(t *testing.T) {
	for want, handler := range map[onboarding.DeliveryError]http.HandlerFunc{
		onboarding.DeliveryStatus:   func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) },
		onboarding.DeliveryGone:     func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(410) },
		onboarding.DeliveryRedirect: http.RedirectHandler("/x", http.StatusFound).ServeHTTP,
		onboarding.DeliveryConnection: func(w http.ResponseWriter, _ *http.Request) {
			conn, _, _ := http.NewResponseController(w).Hijack()
			_ = conn.Close()
		},
	} {
		var calls atomic.Int64
		receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			calls.Add(1)
			handler(w, r)
		}))
		to := Target{Address: onboarding.NewSecret(receiver.URL), Secret: NewSecret()}
		got := NewSender(Loopback, nil).Post(t.Context(), to, "m", time.Now(), nil)
		if got.Error != want || calls.Load() != 1 {
			t.Errorf("%s: got %+v after %d calls", want, got, calls.Load())
		}
		receiver.Close()
	}
	untrusted := httptest.NewTLSServer(http.NotFoundHandler())
	defer untrusted.Close()
	for address, want := range map[string]onboarding.DeliveryError{
		untrusted.URL:                 onboarding.DeliveryTLS,
		"http://127.0.0.1:1/":         onboarding.DeliveryConnection,
		"https://nowhere.invalid/abc": onboarding.DeliveryName,
	} {
		to := Target{Address: onboarding.NewSecret(address), Secret: NewSecret()}
		got := NewSender(Loopback, nil).Post(t.Context(), to, "m", time.Now(), nil)
		if got.Error != want {
			t.Errorf("%s: got %+v, want %s", address, got, want)
		}
	}
}

func TestASlowReceiverIsNotWaitedForLonger(t *testing.T) {
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer slow.Close()
	sender := NewSender(Loopback, nil)
	if sender.client.Timeout != 10*time.Second {
		t.Errorf("a delivery takes up to %v", sender.client.Timeout)
	}
	sender.client.Timeout = 50 * time.Millisecond
	to := Target{Address: onboarding.NewSecret(slow.URL), Secret: NewSecret()}
	if got := sender.Post(t.Context(), to, "m", time.Now(), nil); got.Error != onboarding.DeliveryTimeout {
		t.Errorf("got %+v", got)
	}
}

func TestAnAnswerIsReadUpToItsLimit(t *testing.T) {
	sent := 0
	endless := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for sent < 64<<20 {
			n, err := w.Write(make([]byte, 32<<10))
			if sent += n; err != nil {
				return
			}
		}
	}))
	to := Target{Address: onboarding.NewSecret(endless.URL), Secret: NewSecret()}
	got := NewSender(Loopback, nil).Post(t.Context(), to, "m", time.Now(), nil)
	if got.Error != "" || len(got.Reply) > 2*maxShown {
		t.Errorf("got %+v", got)
	}
	endless.Close() // waits for its handler
	if sent >= 64<<20 {
		t.Error("the whole answer was read")
	}
}

func TestOnlyAllowedNetworksAreCalled(t *testing.T) {
	private := []string{"10.0.0.1", "172.16.5.5", "192.168.1.1", "100.64.0.1", "fd00::1"}
	never := []string{
		"127.0.0.1", "::1", "169.254.169.254", "fe80::1", "224.0.0.1", "ff02::1", "0.0.0.0", "::ffff:127.0.0.1",
		"::ffff:169.254.169.254", "2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "255.255.255.255",
	}
	for networks, allowed := range map[Networks][]string{
		PublicNetworks: {"93.184.216.34", "2606:4700::1111"}, PrivateNetworks: private, NoNetworks: nil,
	} {
		for _, ip := range allowed {
			if !networks.allows(netip.MustParseAddr(ip)) {
				t.Errorf("%q refuses %s", networks, ip)
			}
		}
		refused := never
		if networks != PrivateNetworks {
			refused = append(refused, private...)
			refused = append(refused, "::ffff:10.0.0.1")
		}
		for _, ip := range refused {
			if networks.allows(netip.MustParseAddr(ip)) {
				t.Errorf("%q allows %s", networks, ip)
			}
		}
	}
}

func TestANameThatLeadsToThisComputerIsNotCalled(t *testing.T) {
	called := false
	receiver := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { called = true }))
	defer receiver.Close()
	_, port, _ := strings.Cut(strings.TrimPrefix(receiver.URL, "http://"), ":")
	for _, networks := range []Networks{PublicNetworks, PrivateNetworks, NoNetworks} {
		// It is found by its name only when it is dialled, as with DNS rebinding.
		to := Target{Address: onboarding.NewSecret("http://localhost:" + port), Secret: NewSecret()}
		got := NewSender(networks, nil).Post(t.Context(), to, "m", time.Now(), nil)
		if got.Error != onboarding.DeliveryAddress {
			t.Errorf("%q: got %+v", networks, got)
		}
	}
	if called {
		t.Error("it was called")
	}
}

func TestATypedAddressIsHTTPSAndOutside(t *testing.T) {
	for typed, valid := range map[string]bool{
		" https://hooks.slack.com/services/T0/B0/x ": true,
		"https://news.example:8443/a?b=c":            true,
		"http://hooks.slack.com/services/T0":         false,
		"hooks.slack.com/services/T0":                false,
		"https://user:password@news.example/":        false,
		"https://news.example/#x":                    false,
		"https://10.0.0.1/":                          false,
		"https://[::1]/":                             false,
		"https://127.1/":                             false,
		"https://2130706433/":                        false,
		"https://0X7f000001/":                        false,
		"https://10.0.0.1./":                         false,
		"https://1.1.1.1/":                           true,
		"https://1.example/":                         true,
		"https://localhost/":                         false,
		"http://localhost:8080/":                     false,
		"https://":                                   false,
		"":                                           false,
		"ftp://news.example/":                        false,
		"https://news.example/" + strings.Repeat("x", 3000): false,
	} {
		_, err := NewSender(PublicNetworks, nil).Validate(typed)
		if (err == nil) != valid || err != nil && !errors.Is(err, onboarding.ErrInvalid) {
			t.Errorf("%.60q: %v", typed, err)
		}
	}
	if _, err := NewSender(Loopback, nil).Validate("http://localhost:8080/"); err != nil {
		t.Errorf("in the demo: %v", err)
	}
	if _, err := NewSender(PrivateNetworks, nil).Validate("https://10.0.0.1/"); err != nil {
		t.Errorf("where private networks are allowed: %v", err)
	}
}

func TestSlacksAddressesAreKnown(t *testing.T) {
	const slack = "https://hooks.slack.com/services/T0/B0/x"
	for _, c := range []struct {
		form    onboarding.WebhookForm
		address string
		refused string // what the sentence has; empty: it is taken
	}{
		{onboarding.WebhookSlack, slack, ""},
		{onboarding.WebhookSlack, "https://hooks.slack-gov.com/services/T0/B0/x", ""},
		{onboarding.WebhookSlack, "https://HOOKS.slack.com/services/T0/B0/x", ""},
		{onboarding.WebhookSlack, "https://example.com/hook", "https://hooks.slack.com/services/"},
		{onboarding.WebhookSlack, "https://acme.slack.com/archives/C0", "https://hooks.slack.com/services/"},
		{onboarding.WebhookSlack, "https://hooks.slack.com/services/T0/B0", "https://hooks.slack.com/services/"},
		{onboarding.WebhookSlack, "https://hooks.slack.com/triggers/T0/1/x", "starts a workflow"},
		{onboarding.WebhookSlack, "https://hooks.slack.com.evil.example/services/T0/B0/x", "no address of a webhook"},
		{onboarding.WebhookSlack, "http://hooks.slack.com/services/T0/B0/x", "https://"},
		{onboarding.WebhookTeams, slack, "Choose Slack above"},
		{onboarding.WebhookProgram, slack, "Choose Slack above"},
		{onboarding.WebhookProgram, "https://example.com/hook", ""},
		{onboarding.WebhookTeams, "https://prod-1.logic.azure.com/workflows/x", ""},
	} {
		_, err := NewSender(PublicNetworks, nil).ValidateFor(c.form, c.address)
		var invalid *onboarding.InvalidError
		switch {
		case c.refused == "" && err != nil:
			t.Errorf("%s at %s: %v", c.form, c.address, err)
		case c.refused != "" && (!errors.As(err, &invalid) || !strings.Contains(invalid.Message, c.refused)):
			t.Errorf("%s at %s: got %v, want %q", c.form, c.address, err, c.refused)
		}
	}
	if _, err := NewSender(Loopback, nil).ValidateFor(onboarding.WebhookSlack, "http://localhost:8080/"); err != nil {
		t.Errorf("in the demo: %v", err)
	}
}

// attack is a name that would ping, link and format, were it read as markup.
const attack = "<!channel> & <https://evil.example|Harbour> [x](https://evil.example) *b* <at>all</at>"

func testWriter(t *testing.T) *Writer {
	t.Helper()
	w, err := NewWriter(catalogtest.New(t))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func attackNews(kind onboarding.NewsKind) News {
	return News{
		Kind: kind, Agency: onboarding.Agency{ID: "A1", Name: "Acme"}, Request: "R1", Client: attack,
		Service: onboarding.HubSpot, Occurred: 1_700_000_000_000, Link: "https://relay.example/open/request/R1",
	}
}

func TestNoNameIsMarkupInSlack(t *testing.T) {
	body, err := testWriter(t).Body(onboarding.WebhookSlack, attackNews(onboarding.NewsCompleted))
	if err != nil {
		t.Fatal(err)
	}
	var m slackMessage
	if err := json.Unmarshal(body, &m); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(m.Text, "<>") || !strings.Contains(m.Text, "&lt;!channel&gt; &amp; &lt;") {
		t.Errorf("the text is %q", m.Text)
	}
	if len(m.Blocks) != 2 || m.Blocks[0].Text.Type != "plain_text" || m.Blocks[0].Text.Emoji == nil ||
		*m.Blocks[0].Text.Emoji || !strings.Contains(m.Blocks[0].Text.Text, attack) {
		t.Errorf("the blocks are %+v", m.Blocks)
	}
	if want := "<https://relay.example/open/request/R1|Open in Latchkey>"; m.Blocks[1].Text.Text != want {
		t.Errorf("the link is %q", m.Blocks[1].Text.Text)
	}
}

func TestNoNameIsMarkupInTeams(t *testing.T) {
	body, err := testWriter(t).Body(onboarding.WebhookTeams, attackNews(onboarding.NewsNothing))
	if err != nil {
		t.Fatal(err)
	}
	var m teamsMessage
	if err := json.Unmarshal(body, &m); err != nil {
		t.Fatal(err)
	}
	if m.Type != "message" || len(m.Attachments) != 1 ||
		m.Attachments[0].ContentType != "application/vnd.microsoft.card.adaptive" {
		t.Fatalf("the message is %+v", m)
	}
	card := m.Attachments[0].Content
	if card.Type != "AdaptiveCard" || card.Body[0].Type != "RichTextBlock" || card.Body[0].Inlines[0].Type != "TextRun" ||
		!strings.Contains(card.Body[0].Inlines[0].Text, attack) {
		t.Errorf("the card is %+v", card)
	}
	if len(card.Actions) != 1 || card.Actions[0].URL != "https://relay.example/open/request/R1" {
		t.Errorf("the actions are %+v", card.Actions)
	}
}

func TestEveryKindOfNewsHasASentenceAndAPayload(t *testing.T) {
	w := testWriter(t)
	for _, kind := range append(onboarding.AllNewsKinds(), onboarding.WebhookTest) {
		for _, change := range []func(*News){
			func(*News) {}, func(n *News) { n.Item = "I1" }, func(n *News) { n.Request, n.Item = "", "I1" },
			func(n *News) { n.Ends = n.Occurred + 86_400_000 },
		} {
			news := attackNews(kind)
			change(&news)
			if text := w.sentence(news); strings.HasPrefix(text, "webhook.") || strings.Contains(text, "{{") {
				t.Errorf("%s: the sentence is %q", kind, text)
			}
			body, err := w.Body(onboarding.WebhookProgram, news)
			if err != nil {
				t.Fatal(err)
			}
			var p payload
			if err := json.Unmarshal(body, &p); err != nil || !strings.Contains(p.Type, ".") ||
				p.Timestamp != "2023-11-14T22:13:20Z" || p.Data.Client != attack {
				t.Errorf("%s: %+v, %v", kind, p, err)
			}
		}
	}
}

func TestASentenceSaysWhatDoesNotWork(t *testing.T) {
	w := testWriter(t)
	soon := News{
		Kind: onboarding.NewsSignIn, Service: onboarding.Facebook, User: "Ana Ruiz", Occurred: 1_700_000_000_000,
		Ends: 1_700_000_000_000 + 3*86_400_000,
	}
	broken := soon
	broken.Broken = true
	app := News{Kind: onboarding.NewsAttention, Service: onboarding.Facebook, Occurred: soon.Occurred}
	for _, tc := range []struct {
		news News
		want string
	}{
		{soon, "ends on Friday, 17 November 2023"}, {broken, "does not work any more"}, {app, "the app of your relay"},
		{News{Kind: onboarding.NewsCompleted, Client: "Lund", ConfirmedBy: []string{"Ana Ruiz"}}, "It was not checked"},
	} {
		if text := w.sentence(tc.news); !strings.Contains(text, tc.want) {
			t.Errorf("%+v is %q, want %q", tc.news, text, tc.want)
		}
	}
}

func TestTheExampleOfTheDocumentationIsSignedSo(t *testing.T) {
	page, err := os.ReadFile("../../../docs/webhooks.md")
	if err != nil {
		t.Fatal(err)
	}
	example := map[string]string{}
	for _, name := range []string{"secret", "id", "timestamp", "body", "signature"} {
		found := regexp.MustCompile(`(?m)^` + name + `: +(\S+)$`).FindSubmatch(page)
		if found == nil {
			t.Fatalf("the page has no %s", name)
		}
		example[name] = string(found[1])
	}
	seconds, err := strconv.ParseInt(example["timestamp"], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	secret, at := onboarding.NewSecret(example["secret"]), time.Unix(seconds, 0)
	got, err := sign(secret, example["id"], at, []byte(example["body"]))
	if err != nil || got != example["signature"] {
		t.Errorf("the signature is %s, %v; the page says %s", got, err, example["signature"])
	}
	body, err := testWriter(t).Body(onboarding.WebhookProgram, News{
		Kind: onboarding.WebhookTest, Agency: onboarding.Agency{ID: "qk3v"}, Occurred: onboarding.Timestamp(seconds * 1000),
	})
	if err != nil || string(body) != example["body"] {
		t.Errorf("a test's body is %s, %v; the page says %s", body, err, example["body"])
	}
	for _, kind := range append(onboarding.AllNewsKinds(), onboarding.WebhookTest) {
		if !strings.Contains(string(page), "| `"+Type(kind)+"` |") {
			t.Errorf("the page does not name %s", Type(kind))
		}
	}
}

func TestACompletionSaysWhatIsStillAwaited(t *testing.T) {
	w := testWriter(t)
	part := News{Kind: onboarding.NewsCompleted, Client: "Fjord", Received: 1, Awaited: 2}
	confirmed := part
	confirmed.ConfirmedBy = []string{"Ana"}
	for _, news := range []News{part, confirmed} {
		if said := w.sentence(news); !strings.Contains(said, "1") || !strings.Contains(said, "3 accounts") {
			t.Errorf("with one of three it says %q", said)
		}
		body, err := w.Body(onboarding.WebhookProgram, news)
		if err != nil || !strings.Contains(string(body), `"awaited":2`) {
			t.Errorf("a program is told %s, %v", body, err)
		}
	}
}
