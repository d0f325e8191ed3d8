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

// asking is a request to the web build.
type asking struct {
	method, path, host, key, kind string
	header                        http.Header
}

// do asks like a program of this computer, and follows no redirect.
func (a asking) do(t *testing.T, address string) (*http.Response, string) {
	t.Helper()
	if a.method == "" {
		a.method = http.MethodPost
	}
	r, err := http.NewRequestWithContext(t.Context(), a.method, "http://"+address+a.path, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range a.header {
		r.Header[name] = values
	}
	if a.host != "" {
		r.Host = a.host
	}
	if a.key != "" {
		r.Header.Set("Authorization", "Bearer "+a.key)
	}
	if a.kind != "" {
		r.Header.Set("Content-Type", a.kind)
	}
	answer, err := (&http.Transport{}).RoundTrip(r)
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

// The web build replies only to the browser with the key, at its exact address,
// and to no page of another site or port.
func TestTheScreensAnswerToTheirOwnBrowserAlone(t *testing.T) {
	hub, running := journey.StartHub(t, bare(t), "--data", filepath.Join(t.TempDir(), "data"), "--demo")
	at, err := url.Parse(hub.URL)
	if err != nil {
		t.Fatal(err)
	}
	first, key := strings.TrimPrefix(at.Fragment, "key="), hub.Key(t)
	if len(first) < 26 || len(key) < 26 || first == key {
		t.Fatalf("the keys have %d and %d characters", len(first), len(key))
	}
	const call, json = "/bridge/call/session", "application/json"
	own := asking{path: call, key: key, kind: json, header: http.Header{"Sec-Fetch-Site": {"same-origin"}}}
	if answer, text := own.do(t, at.Host); answer.StatusCode != http.StatusOK || !strings.Contains(text, "Ana") {
		t.Fatalf("its own browser gets %d: %.300s", answer.StatusCode, text)
	}
	from := func(site string) http.Header { return http.Header{"Sec-Fetch-Site": {site}} }
	cookie := http.Header{"Cookie": {"latchkey-screens=" + key + "; latchkey-key=" + key}}
	for name, a := range map[string]asking{
		"without the key":                {path: call, kind: json},
		"with the key of the address":    {path: call, kind: json, key: first},
		"the address opened again":       {path: "/bridge/key", key: first},
		"with another key":               {path: call, kind: json, key: strings.Repeat("A", len(key))},
		"with half of the key":           {path: call, kind: json, key: key[:len(key)/2]},
		"the key as a cookie":            {path: call, kind: json, header: cookie},
		"the key in the address alone":   {path: call + "?key=" + key, kind: json},
		"the events without the key":     {method: http.MethodGet, path: "/bridge/events"},
		"the events with a cookie":       {method: http.MethodGet, path: "/bridge/events", header: cookie},
		"a preview that nobody made":     {method: http.MethodGet, path: "/preview/light/x"},
		"a name that leads here":         {path: call, kind: json, key: key, host: "rebound.example"},
		"a name that leads here, a port": {path: call, kind: json, key: key, host: "rebound.example:" + at.Port()},
		"localhost":                      {path: call, kind: json, key: key, host: "localhost:" + at.Port()},
		"another port":                   {path: call, kind: json, key: key, host: at.Hostname() + ":1"},
		"no port":                        {path: call, kind: json, key: key, host: at.Hostname()},

		"a form":                 {path: call, kind: "application/x-www-form-urlencoded", key: key},
		"plain text":             {path: call, kind: "text/plain", key: key},
		"JSON in name only":      {path: call, kind: "text/plain; application/json", key: key},
		"no kind":                {path: call, key: key},
		"by GET":                 {method: http.MethodGet, path: call, key: key, kind: json},
		"a page of another port": {path: call, kind: json, key: key, header: from("same-site")},
		"a page of another site": {path: call, kind: json, key: key, header: from("cross-site")},
		"a page of another origin": {path: call, kind: json, key: key,
			header: http.Header{"Origin": {"http://127.0.0.1:1"}}},
		"the events for another port": {method: http.MethodGet, path: "/bridge/events", key: key,
			header: from("same-site")},
		"a preview framed by another one": {method: http.MethodGet, path: "/preview/light/x",
			header: from("same-site")},
	} {
		answer, text := a.do(t, at.Host)
		if answer.StatusCode < 400 || answer.StatusCode >= 500 || answer.Header.Get("Set-Cookie") != "" ||
			answer.Header.Get("Access-Control-Allow-Origin") != "" || strings.Contains(text, "Ana") {
			t.Errorf("%s: it gets %d: %.200s", name, answer.StatusCode, text)
		}
	}
	for _, path := range []string{"/", "/preview/light/x", "/index.html"} {
		answer, _ := asking{method: http.MethodGet, path: path}.do(t, at.Host)
		if policy := answer.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") ||
			!strings.Contains(policy, "frame-ancestors") || answer.Header.Get("Set-Cookie") != "" {
			t.Errorf("%s: its policy is %q", path, policy)
		}
	}
	if log := running.Log.String(); strings.Contains(log, key) || strings.Contains(log, first) {
		t.Error("the log holds a key")
	}
}
