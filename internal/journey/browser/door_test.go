//go:build browser

package browser

import (
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/journey"
)

// The web build serves only the browser with the key, at its exact address, and
// no page of another site or port.
func TestTheScreensAnswerToTheirOwnBrowserAlone(t *testing.T) {
	hub, _ := journey.StartHub(t, bare(t), "--data", filepath.Join(t.TempDir(), "data"), "--demo")
	at, err := url.Parse(hub.URL)
	if err != nil {
		t.Fatal(err)
	}
	key := at.Query().Get("key")
	if len(key) < 26 {
		t.Fatalf("the key has %d characters", len(key))
	}
	type asking struct {
		method, path, host, cookie, kind string
		header                           http.Header
	}
	ask := func(a asking) (*http.Response, string) {
		t.Helper()
		if a.method == "" {
			a.method = http.MethodPost
		}
		r, err := http.NewRequestWithContext(t.Context(), a.method, "http://"+at.Host+a.path, strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		for name, values := range a.header {
			r.Header[name] = values
		}
		if a.host != "" {
			r.Host = a.host
		}
		if a.cookie != "" {
			r.Header.Set("Cookie", "latchkey-screens="+a.cookie)
		}
		if a.kind != "" {
			r.Header.Set("Content-Type", a.kind)
		}
		answer, err := (&http.Transport{}).RoundTrip(r) // follows no redirect
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = answer.Body.Close() }()
		text, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer, string(text)
	}
	const call, json = "/bridge/call/session", "application/json"
	own := asking{path: call, cookie: key, kind: json, header: http.Header{"Sec-Fetch-Site": {"same-origin"}}}
	if answer, text := ask(own); answer.StatusCode != http.StatusOK || !strings.Contains(text, "Ana") {
		t.Fatalf("its own browser gets %d: %.300s", answer.StatusCode, text)
	}
	for name, a := range map[string]asking{
		"without the cookie":             {path: call, kind: json},
		"with another key":               {path: call, kind: json, cookie: strings.Repeat("A", len(key))},
		"with half of the key":           {path: call, kind: json, cookie: key[:len(key)/2]},
		"the key in the address alone":   {path: call + "?key=" + key, kind: json},
		"a page without the cookie":      {method: http.MethodGet, path: "/"},
		"a wrong key in the address":     {method: http.MethodGet, path: "/?key=" + strings.Repeat("A", len(key))},
		"the events without the cookie":  {method: http.MethodGet, path: "/bridge/events"},
		"a preview without the cookie":   {method: http.MethodGet, path: "/preview/light/x"},
		"a name that leads here":         {path: call, kind: json, cookie: key, host: "rebound.example"},
		"a name that leads here, a port": {path: call, kind: json, cookie: key, host: "rebound.example:" + at.Port()},
		"localhost":                      {path: call, kind: json, cookie: key, host: "localhost:" + at.Port()},
		"another port":                   {path: call, kind: json, cookie: key, host: at.Hostname() + ":1"},
		"no port":                        {path: call, kind: json, cookie: key, host: at.Hostname()},

		"the key for a name": {method: http.MethodGet, path: "/?key=" + key,
			host: "rebound.example:" + at.Port()},
		"a form":            {path: call, kind: "application/x-www-form-urlencoded", cookie: key},
		"plain text":        {path: call, kind: "text/plain", cookie: key},
		"JSON in name only": {path: call, kind: "text/plain; application/json", cookie: key},
		"no kind":           {path: call, cookie: key},
		"by GET":            {method: http.MethodGet, path: call, cookie: key, kind: json},
		"a page of another port": {path: call, kind: json, cookie: key,
			header: http.Header{"Sec-Fetch-Site": {"same-site"}}},
		"a page of another site": {path: call, kind: json, cookie: key,
			header: http.Header{"Sec-Fetch-Site": {"cross-site"}}},
		"the events for another port": {method: http.MethodGet, path: "/bridge/events", cookie: key,
			header: http.Header{"Sec-Fetch-Site": {"same-site"}}},
		"a preview framed by another one": {method: http.MethodGet, path: "/preview/light/x", cookie: key,
			header: http.Header{"Sec-Fetch-Site": {"same-site"}}},
	} {
		answer, text := ask(a)
		if answer.StatusCode < 400 || answer.StatusCode >= 500 || answer.Header.Get("Set-Cookie") != "" ||
			strings.Contains(text, "Ana") {
			t.Errorf("%s: it gets %d: %.200s", name, answer.StatusCode, text)
		}
	}
	// A CORS preflight is not allowed.
	answer, _ := ask(asking{method: http.MethodOptions, path: call, cookie: key,
		header: http.Header{"Origin": {"http://evil.example"}, "Access-Control-Request-Method": {"POST"},
			"Access-Control-Request-Headers": {"content-type"}}})
	if answer.StatusCode < 400 && answer.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("another site's question gets %d, allowed for %q", answer.StatusCode,
			answer.Header.Get("Access-Control-Allow-Origin"))
	}
	answer, _ = ask(asking{method: http.MethodGet, path: "/?key=" + key})
	cookie := answer.Header.Get("Set-Cookie")
	for _, want := range []string{"latchkey-screens=" + key, "HttpOnly", "SameSite=Strict", "Path=/"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("the cookie %q lacks %s", strings.ReplaceAll(cookie, key, "KEY"), strings.ReplaceAll(want, key, "KEY"))
		}
	}
	if answer.StatusCode != http.StatusSeeOther || answer.Header.Get("Location") != "/" {
		t.Errorf("the key leads to %d %q", answer.StatusCode, answer.Header.Get("Location"))
	}
	for _, path := range []string{"/", "/preview/light/x", "/index.html"} {
		answer, _ := ask(asking{method: http.MethodGet, path: path, cookie: key})
		if policy := answer.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") ||
			!strings.Contains(policy, "frame-ancestors") {
			t.Errorf("%s: its policy is %q", path, policy)
		}
	}
}
