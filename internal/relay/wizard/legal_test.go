package wizard_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform/all"
	"github.com/latchkeyhq/latchkey/internal/relay"
	"github.com/latchkeyhq/latchkey/internal/relay/keyset"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/relay/wizard"
)

// withTexts is a relay's handler with an operator's own texts.
func withTexts(t *testing.T, rl *relaytest.Relay, texts relay.LegalTexts) http.Handler {
	t.Helper()
	keys, err := keyset.Open(rl.KeysetFile, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	drivers, err := all.ForRelay(relaytest.Apps(rl.World, rl.URL), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	made, err := relay.New(relay.Config{
		Catalog: catalogtest.New(t), URL: "https://access.example", DB: rl.DB, Keyset: keys, Operator: "Kestrel Hosting",
		OperatorContact: onboarding.Contact{Email: "help@kestrel.example"}, Legal: texts, Drivers: drivers,
	})
	if err != nil {
		t.Fatal(err)
	}
	return made.Handler()
}

func body(t *testing.T, answer *http.Response) string {
	t.Helper()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTheTextsThatPlatformsAskForAreOpenToEverybody(t *testing.T) {
	rl := relaytest.Start(t, relaytest.Config{Idle: true})
	h := withTexts(t, rl, relay.LegalTexts{})
	for path, says := range map[string][]string{
		"/":              {"Kestrel Hosting", "help@kestrel.example", "Mailchimp", "Salesforce", "/privacy", "/terms"},
		"/privacy":       {"Kestrel Hosting", "help@kestrel.example", "Your name, and your role", "/data-deletion"},
		"/terms":         {"Kestrel Hosting", "help@kestrel.example", "/data-deletion"},
		"/data-deletion": {"help@kestrel.example", `id="take-back-facebook"`, "HubSpot"},
	} {
		answer := asked(h, http.MethodGet, "https://access.example"+path, nil, http.Header{
			"User-Agent": {"facebookexternalhit/1.1"}, "Sec-Fetch-Site": nil,
		})
		text := body(t, answer)
		if answer.StatusCode != http.StatusOK || answer.Header.Get("X-Robots-Tag") != "" ||
			strings.Contains(text, "noindex") {
			t.Errorf("%s: status %d, X-Robots-Tag %q", path, answer.StatusCode, answer.Header.Get("X-Robots-Tag"))
		}
		for _, want := range says {
			if !strings.Contains(text, want) {
				t.Errorf("%s does not say %q", path, want)
			}
		}
		if answer := asked(h, http.MethodPost, "https://access.example"+path, nil,
			nil); answer.StatusCode != http.StatusMethodNotAllowed {
			t.Errorf("POST %s: status %d", path, answer.StatusCode)
		}
	}
	for path, status := range map[string]int{"/privacy/": 301, "/privacy/x": 404, "/data-deletion/x": 404, "/help": 200} {
		answer := asked(h, http.MethodGet, "https://access.example"+path, nil, nil)
		if answer.Header.Get("X-Robots-Tag") == "" || answer.StatusCode != status && status != 301 {
			t.Errorf("%s: status %d, X-Robots-Tag %q", path, answer.StatusCode, answer.Header.Get("X-Robots-Tag"))
		}
	}
	robots := body(t, asked(h, http.MethodGet, "https://access.example/robots.txt", nil, nil))
	want := "User-agent: *\nAllow: /$\nAllow: /privacy\nAllow: /terms\nAllow: /data-deletion\n" +
		"Disallow: /data-deletion/\nDisallow: /\n"
	if robots != want {
		t.Errorf("robots.txt is %q", robots)
	}
}

// What is not offered is not promised.
func TestTheTextsNameOnlyWhatTheRelayOffers(t *testing.T) {
	rl := relaytest.Start(t, relaytest.Config{Idle: true})
	h := fronted(t, rl, "https://access.example", time.Now)
	for _, path := range []string{"/", "/privacy", "/data-deletion"} {
		text := body(t, asked(h, http.MethodGet, "https://access.example"+path, nil, nil))
		if strings.Contains(text, "HubSpot") || strings.Contains(text, "Salesforce") {
			t.Errorf("%s names a platform of which the relay has no app", path)
		}
	}
}

// The figures are those of the code, here and on the page for operators.
func TestTheTextAboutPrivacyNamesTheTimesOfTheCode(t *testing.T) {
	rl := relaytest.Start(t, relaytest.Config{Idle: true})
	h := withTexts(t, rl, relay.LegalTexts{})
	text := body(t, asked(h, http.MethodGet, "https://access.example/privacy", nil, nil))
	manual, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "relay.md"))
	if err != nil {
		t.Fatal(err)
	}
	days := func(t onboarding.Timestamp) int { return int(t / (24 * 60 * 60 * 1000)) }
	for _, want := range []struct{ page, manual string }{
		{fmt.Sprintf("%d months after the request was completed", store.CompletedMonths),
			fmt.Sprintf("else %d months after completion", store.CompletedMonths)},
		{fmt.Sprintf("%d days after it expired or was withdrawn", days(store.EndedRetention)),
			fmt.Sprintf("%d days after expiry or withdrawal", days(store.EndedRetention))},
		{fmt.Sprintf("%d hours after the request has ended", 24*days(store.VisitRetention)),
			"until a day after the request's end"},
		{fmt.Sprintf("an email was sent: %d days", days(store.EmailRetention)),
			fmt.Sprintf("never a body or a link | %d days", days(store.EmailRetention))},
		{fmt.Sprintf("after %d days at the latest", days(store.DeliveryRetention)),
			fmt.Sprintf("until that device has it, %d days at most", days(store.DeliveryRetention))},
		{fmt.Sprintf("%.0f minutes without use", wizard.TokenIdleTimeout.Minutes()), "or an idle hour"},
		{fmt.Sprintf("your receipt: %d months", 12*onboarding.ReceiptYears), "the year of its receipts"},
	} {
		if !strings.Contains(text, want.page) {
			t.Errorf("/privacy does not say %q", want.page)
		}
		if !strings.Contains(string(manual), want.manual) {
			t.Errorf("docs/relay.md does not say %q", want.manual)
		}
	}
}

func TestAnOperatorsOwnTextsAreShownAsTheyAre(t *testing.T) {
	rl := relaytest.Start(t, relaytest.Config{Idle: true})
	h := withTexts(t, rl, relay.LegalTexts{
		Home:     "# Welcome to <b>Kestrel</b>\r\n\r\nOne line\r\nand another.\r\n",
		Privacy:  "No title.\n\n# Part\n- a\n- b\n  c\n",
		TermsURL: "https://kestrel.example/terms?v=2",
	})
	get := func(path string) *http.Response {
		return asked(h, http.MethodGet, "https://access.example"+path, nil, nil)
	}
	if text := body(t, get("/")); !strings.Contains(text, "Welcome to &lt;b&gt;Kestrel&lt;/b&gt;</span></h1>") ||
		!strings.Contains(text, "One line and another.") || strings.Contains(text, "You got a link?") {
		t.Errorf("the first page is %s", text)
	}
	if text := body(t, get("/privacy")); !strings.Contains(text, "<h1>Privacy</h1>") ||
		!strings.Contains(text, "No title.") || !strings.Contains(text, "b c</span></li>") {
		t.Errorf("the text about privacy is %s", text)
	}
	answer := get("/terms")
	if answer.StatusCode != http.StatusFound || answer.Header.Get("Location") != "https://kestrel.example/terms?v=2" ||
		answer.Header.Get("X-Robots-Tag") != "" {
		t.Errorf("the terms: status %d, leads to %q", answer.StatusCode, answer.Header.Get("Location"))
	}
}
