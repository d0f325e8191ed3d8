package wizard_test

import (
	"context"
	"math"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// receiptOf waits for the receipt of an address, and returns its email and its link.
func receiptOf(t *testing.T, s *relaytest.Scene, address string) (email sandbox.Message, link string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	email, err := s.World.Mail.Await(ctx, func(m sandbox.Message) bool {
		return strings.HasPrefix(m.Subject, "Your receipt") && m.To[0] == address
	})
	if err != nil {
		t.Fatal(err)
	}
	return email, linkOfReceipt(t, s, email)
}

// receiptThatSays waits for a receipt with a sentence, and returns its link.
func receiptThatSays(t *testing.T, s *relaytest.Scene, sentence string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	email, err := s.World.Mail.Await(ctx, func(m sandbox.Message) bool {
		return strings.HasPrefix(m.Subject, "Your receipt") &&
			strings.Contains(strings.Join(strings.Fields(m.Text), " "), sentence)
	})
	if err != nil {
		t.Fatal(err)
	}
	return linkOfReceipt(t, s, email)
}

func linkOfReceipt(t *testing.T, s *relaytest.Scene, email sandbox.Message) (link string) {
	t.Helper()
	link = regexp.MustCompile(regexp.QuoteMeta(s.URL) + `/r/[A-Za-z0-9_-]+`).FindString(email.Text)
	if link == "" {
		t.Fatalf("the receipt has no link: %s", email.Text)
	}
	return link
}

const iPhone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148"

// TestAReceiptCanBeReadAndKeptForAYear: on a phone, too, however much was shared. The file
// to keep leads nowhere.
func TestAReceiptCanBeReadAndKeptForAYear(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.HubSpot, onboarding.Salesforce)
	v := s.Browser()
	v.ConnectHubSpot(link)
	v.Follow("Skip Salesforce")
	v.Fill("Reason", "Lars looks after Salesforce.")
	v.Press("Skip it")
	v.Press("Finish")
	email, receipt := receiptOf(t, s, "lars@harbourpine.example")
	token := receipt[strings.LastIndex(receipt, "/")+1:]
	page, text := relaytest.Do(t, nil, http.MethodGet, receipt, nil, map[string]string{"User-Agent": iPhone})
	for _, told := range []string{email.Text, text} { // a computer may have fetched between them
		assertEntryOfHistory(t, s, id, told)
	}
	for _, wanted := range []string{
		"What you shared with", "Portal 26114873", "Lars looks after Salesforce.", "none was removed or changed",
		"Lars Holm finished.", "then Connected Apps",
	} {
		if !strings.Contains(text, wanted) {
			t.Errorf("the page lacks %q (status %d): %s", wanted, page.StatusCode, text)
		}
	}
	file, kept := relaytest.Do(t, nil, http.MethodGet, receipt+"/keep", nil, nil)
	if !strings.Contains(file.Header.Get("Content-Disposition"), `filename="receipt-`) ||
		!strings.Contains(kept, "Portal 26114873") || strings.Contains(kept, token) ||
		regexp.MustCompile(`(src|action)=|href="/|url\(`).MatchString(kept) {
		t.Errorf("the file is %v: %s", file.Header, kept)
	}
	for _, other := range []string{"/about", "/started", "/decline", "/keep/x"} {
		if refused, _ := relaytest.Do(t, nil, http.MethodGet, receipt+other, nil, nil); refused.StatusCode < 400 {
			t.Errorf("%s of a receipt: status %d", other, refused.StatusCode)
		}
	}
	if refused, _ := relaytest.Do(t, nil, http.MethodGet, link+"/keep", nil, nil); refused.StatusCode != 404 {
		t.Errorf("a request's link leads to a receipt: status %d", refused.StatusCode)
	}

	copyItem(t, s, id, 999)
	v.Open(receipt)
	v.Reads("1 to 50 of 1,000")
	_, packed := relaytest.Do(t, nil, http.MethodGet, receipt, nil, map[string]string{"Accept-Encoding": "gzip"})
	if len(packed) > 20_000 {
		t.Errorf("of 1,000 things the page has %d bytes", len(packed))
	}
	for range 19 {
		v.Follow("Show the next")
	}
	v.Reads("951 to 1,000 of 1,000", "Lars looks after Salesforce.")

	s.Pass(366 * 24 * time.Hour)
	if err := s.Relay.Relay.RunDueJobs(t.Context()); err != nil {
		t.Fatal(err)
	}
	v.Open(receipt)
	v.Sees(http.StatusGone)
	v.Reads("This receipt is no longer kept", "then Connected Apps")
	if v.Page.Says("Portal 26114873") {
		t.Errorf("after its year a receipt says: %s", v.Page.Text())
	}
}

// assertEntryOfHistory checks the code of an entry, as an email or a page tells it, against
// the request's history.
func assertEntryOfHistory(t *testing.T, s *relaytest.Scene, request, told string) {
	t.Helper()
	history, err := s.Store.Requests.Audit(t.Context(), request, 0, math.MaxInt32)
	if err != nil {
		t.Fatal(err)
	}
	plain := regexp.MustCompile(`<[^>]*>|\s+`).ReplaceAllString(told, " ")
	found := regexp.MustCompile(
		`Entry +(\d+) +of this request’s history has the code +([0-9A-Z]{4}(?:-[0-9A-Z]{4}){5})`).FindStringSubmatch(plain)
	if found == nil {
		t.Fatalf("no code of the history: %s", plain)
	}
	isTold := func(e onboarding.AuditEntry) bool {
		return strconv.FormatInt(e.Number, 10) == found[1] && onboarding.AuditCode(e.Hash) == found[2]
	}
	if !slices.ContainsFunc(history.Entries, isTold) {
		t.Errorf("entry %s of the history has not the code %s: %+v", found[1], found[2], history.Entries)
	}
}

// copyItem gives a request as many more things as its first one.
func copyItem(t *testing.T, s *relaytest.Scene, request string, count int) {
	t.Helper()
	db := s.Store.DB()
	var columns string
	if err := db.QueryRowContext(t.Context(), `
		SELECT group_concat(name) FROM pragma_table_info('items') WHERE name NOT IN ('id', 'account')`).
		Scan(&columns); err != nil {
		t.Fatal(err)
	}
	err := db.InTx(t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(t.Context(), `
			WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < $1)
			INSERT INTO items (id, account, `+columns+`)
			SELECT 'copy' || n, 'copy' || n, `+columns+` FROM items, numbers
			WHERE  id = (SELECT min(id) FROM items WHERE request = $2)`, count, request)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
