package relaytest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/webtest"
)

const (
	IPhone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) " +
		"Version/18.5 Mobile/15E148 Safari/604.1"
	Pixel = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile " +
		"Safari/537.36"
	Tablet = "Mozilla/5.0 (Linux; Android 14; SM-X710) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 " +
		"Safari/537.36"
	OldIPad = "Mozilla/5.0 (iPad; CPU OS 12_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.1 " +
		"Mobile/15E148 Safari/604.1"
	MacSafari = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 " +
		"Safari/605.1.15"
	Firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
)

// Do makes one call with a browser's cookies and follows no redirect.
func Do(
	t *testing.T, jar http.CookieJar, method, address string, form url.Values, header map[string]string,
) (*http.Response, string) {
	t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(t.Context(), method, address, body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("User-Agent", webtest.DesktopBrowser)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, value := range header {
		r.Header.Set(name, value)
	}
	client := &http.Client{
		Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }() // it was read
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(text)
}

func SameOrigin() map[string]string { return map[string]string{"Sec-Fetch-Site": "same-origin"} }

// DatabaseDigest is a digest of every row of every table, but for the one by which /readyz
// tries whether the database can be written, and for when the relay logged an operation.
func DatabaseDigest(t *testing.T, s *Scene) string {
	t.Helper()
	digest := sha256.New()
	rows, err := s.DB.QueryContext(t.Context(), `SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name`)
	if err != nil {
		t.Fatal(err)
	}
	var tables []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		tables = append(tables, name)
	}
	if err := rows.Close(); err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		lines := linesOf(t, s, table)
		_, _ = fmt.Fprintln(digest, table, len(lines), strings.Join(lines, "\n")) // a hash takes everything
	}
	return hex.EncodeToString(digest.Sum(nil))
}

// linesOf are the rows of a table in a fixed order, as DatabaseDigest looks at them.
func linesOf(t *testing.T, s *Scene, table string) []string {
	t.Helper()
	rows, err := s.DB.QueryContext(t.Context(), `SELECT * FROM `+table)
	if err != nil {
		t.Fatal(err)
	}
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for rows.Next() {
		values := make([]any, len(columns))
		into := make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		if n := slices.Index(columns, "logged_ms"); table == "operations" && n >= 0 {
			values[n] = nil // the relay logs what the operator did when it comes to it
		}
		line := fmt.Sprint(values...)
		if table == "metadata" && strings.HasPrefix(line, "ready_ms") {
			continue // /readyz writes when it tried to write
		}
		lines = append(lines, line)
	}
	if err := rows.Close(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(lines)
	return lines
}

// SettledDigest waits until hub and emails have nothing to write any more.
func SettledDigest(t *testing.T, s *Scene) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	before := DatabaseDigest(t, s)
	for same := 0; same < 4; {
		select {
		case <-time.After(200 * time.Millisecond):
		case <-ctx.Done():
			t.Fatal("the database does not come to rest")
		}
		if after := DatabaseDigest(t, s); after == before {
			same++
		} else {
			before, same = after, 0
		}
	}
	return before
}
