//go:build web

package window

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/latchkeyhq/latchkey/internal/loopback/loopbacktest"
)

// opened is a window of the web build that runs until the test ends.
type opened struct {
	address   *url.URL // with the key that works once
	window    Window
	exchanged string // the key of calls
}

func open(t *testing.T, change func(*Config)) *opened {
	t.Helper()
	ready, ended := make(chan string, 1), make(chan error, 1)
	ctx, stop := context.WithCancel(t.Context())
	o := &opened{}
	config := Config{
		Screens: fstest.MapFS{
			"index.html":    {Data: []byte(`<head><meta name="style-nonce" content="{{nonce}}"></head>the screens`)},
			"assets/app.js": {Data: []byte("the script")},
		},
		Bridge:  http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) }),
		Log:     slog.New(slog.DiscardHandler),
		OnOpen:  func(w Window) { o.window = w },
		OnReady: func(address string) { ready <- address },
	}
	if change != nil {
		change(&config)
	}
	go func() { ended <- Run(ctx, config) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the window ended with %v", err)
		}
	})
	select {
	case address := <-ready:
		var err error
		if o.address, err = url.Parse(address); err != nil {
			t.Fatal(err)
		}
	case err := <-ended:
		ended <- nil
		t.Fatalf("the window did not open: %v", err)
	}
	return o
}

// firstKey is the key of the printed address.
func (o opened) firstKey() string { return strings.TrimPrefix(o.address.Fragment, "key=") }

// key is the key of calls, for which the first one is exchanged.
func (o *opened) key(t *testing.T) string {
	t.Helper()
	if o.exchanged == "" {
		reply, key := do(t, o.request(t, http.MethodPost, "/bridge/key", o.firstKey()))
		if reply.StatusCode != http.StatusOK || len(key) < 26 {
			t.Fatalf("exchanging the key: got %s and %d characters", reply.Status, len(key))
		}
		o.exchanged = key
	}
	return o.exchanged
}

// request has a key in its header, as the screens' script sends it; empty: none.
func (o opened) request(t *testing.T, method, path, key string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, "http://"+o.address.Host+path, strings.NewReader("[]"))
	if err != nil {
		t.Fatal(err)
	}
	if key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
	}
	return r
}

func do(t *testing.T, r *http.Request) (*http.Response, string) {
	t.Helper()
	transport := &http.Transport{DisableKeepAlives: true}
	reply, err := transport.RoundTrip(r) // it follows no redirect
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(reply.Body)
	if err := errors.Join(err, reply.Body.Close()); err != nil {
		t.Fatal(err)
	}
	return reply, string(body)
}

func wantStatus(t *testing.T, r *http.Request, status int) {
	t.Helper()
	if reply, body := do(t, r); reply.StatusCode != status {
		t.Errorf("%s %s: got status %d (%s), want %d", r.Method, r.URL, reply.StatusCode, body, status)
	}
}

func TestThePrintedAddressWorksOnce(t *testing.T) {
	o := open(t, nil)
	if o.address.RawQuery != "" || len(o.firstKey()) < 26 {
		t.Fatalf("the address is %s, want a key behind its # alone", o.address.Redacted())
	}
	for _, wrong := range []string{"", "wrong", o.firstKey() + "x", o.firstKey()[1:]} {
		wantStatus(t, o.request(t, http.MethodPost, "/bridge/key", wrong), http.StatusUnauthorized)
	}
	key := o.key(t)
	for _, again := range []string{o.firstKey(), key, ""} {
		wantStatus(t, o.request(t, http.MethodPost, "/bridge/key", again), http.StatusUnauthorized)
	}
	wantStatus(t, o.request(t, http.MethodPost, "/bridge/call/x", key), http.StatusOK)
	wantStatus(t, o.request(t, http.MethodPost, "/bridge/call/x", o.firstKey()), http.StatusUnauthorized)
}

func TestOfManyWhoOpenThePrintedAddressOneGetsTheKey(t *testing.T) {
	o := open(t, nil)
	var got atomic.Int32
	var all sync.WaitGroup
	for range 20 {
		r := o.request(t, http.MethodPost, "/bridge/key", o.firstKey())
		all.Go(func() {
			if reply, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(r); err == nil {
				if reply.StatusCode == http.StatusOK {
					got.Add(1)
				}
				_ = reply.Body.Close() // its status is enough
			}
		})
	}
	all.Wait()
	if got.Load() != 1 {
		t.Errorf("%d browsers got a key", got.Load())
	}
}

func TestNoCookieIsSetOrAccepted(t *testing.T) {
	o := open(t, nil)
	for _, r := range []*http.Request{
		o.request(t, http.MethodGet, "/", ""),
		o.request(t, http.MethodPost, "/bridge/key", o.firstKey()),
	} {
		if reply, _ := do(t, r); reply.StatusCode != http.StatusOK || len(reply.Cookies()) > 0 {
			t.Errorf("%s: got %s and the cookies %v", r.URL, reply.Status, reply.Cookies())
		}
	}
	o = open(t, nil)
	r := o.request(t, http.MethodPost, "/bridge/call/x", "")
	for _, name := range []string{"latchkey-screens", "latchkey-key", "key"} {
		r.AddCookie(&http.Cookie{Name: name, Value: o.key(t)})
	}
	wantStatus(t, r, http.StatusUnauthorized)
}

func TestNoCallAndNoEventIsServedWithoutTheKeyOfThisStart(t *testing.T) {
	o, another := open(t, nil), open(t, nil)
	for _, key := range []string{"", "wrong", o.key(t) + "x", o.key(t)[1:], o.firstKey(), another.key(t)} {
		for _, r := range []*http.Request{
			o.request(t, http.MethodGet, "/bridge/events", key),
			o.request(t, http.MethodPost, "/bridge/call/x", key),
			o.request(t, http.MethodPost, "/bridge/call/x?key="+o.key(t), key),
			o.request(t, http.MethodGet, "/bridge/events?key="+o.key(t), key),
		} {
			wantStatus(t, r, http.StatusUnauthorized)
		}
	}
}

func TestAnotherNameForThisComputerIsNotServed(t *testing.T) {
	o := open(t, nil)
	for _, host := range []string{"evil.example", "evil.example:" + o.address.Port(), "localhost:" + o.address.Port(),
		"127.0.0.1", "127.0.0.1:1", "[::1]:" + o.address.Port(), "localhost:5173", ""} {
		for _, r := range []*http.Request{
			o.request(t, http.MethodGet, "/", ""),
			o.request(t, http.MethodGet, "/bridge/events", o.key(t)),
			o.request(t, http.MethodPost, "/bridge/call/x", o.key(t)),
			o.request(t, http.MethodPost, "/bridge/key", o.firstKey()),
		} {
			if r.Host = host; host == "" {
				r.Host = "x"
			}
			wantStatus(t, r, http.StatusMisdirectedRequest)
		}
	}
}

func TestOnlyTheScreensThemselvesMayCall(t *testing.T) {
	o := open(t, nil)
	own := "http://" + o.address.Host
	for _, from := range []struct {
		site, origin string
		status       int
	}{
		{"same-origin", own, http.StatusOK},
		{"none", "", http.StatusOK},
		{"", own, http.StatusOK},
		{"same-site", "", http.StatusForbidden}, // another port of this computer
		{"cross-site", "", http.StatusForbidden},
		{"", "http://127.0.0.1:1", http.StatusForbidden},
		{"", "http://evil.example", http.StatusForbidden},
		{"", "https://" + o.address.Host, http.StatusForbidden},
		{"", "null", http.StatusForbidden},
		{"same-origin", "http://evil.example", http.StatusForbidden},
	} {
		for _, r := range []*http.Request{
			o.request(t, http.MethodPost, "/bridge/call/x", o.key(t)),
			o.request(t, http.MethodGet, "/assets/app.js", ""),
		} {
			r.Header.Set("Sec-Fetch-Site", from.site)
			r.Header.Set("Origin", from.origin)
			wantStatus(t, r, from.status)
		}
	}
	followed := o.request(t, http.MethodGet, "/", "")
	followed.Header.Set("Sec-Fetch-Site", "cross-site")
	wantStatus(t, followed, http.StatusOK)
}

func TestNoOtherOriginIsAllowedByCORS(t *testing.T) {
	o := open(t, nil)
	for _, path := range []string{"/", "/bridge/call/x", "/bridge/key", "/bridge/events", "/preview/x"} {
		r := o.request(t, http.MethodOptions, path, "")
		r.Header.Set("Origin", "http://127.0.0.1:1")
		r.Header.Set("Access-Control-Request-Method", http.MethodPost)
		r.Header.Set("Access-Control-Request-Headers", "authorization,content-type")
		reply, _ := do(t, r)
		if reply.StatusCode < 400 || reply.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: the preflight gets %s, allowed for %q", path, reply.Status,
				reply.Header.Get("Access-Control-Allow-Origin"))
		}
	}
}

func TestNoPageOfTheScreensTellsOthersWhereItIs(t *testing.T) {
	o := open(t, nil)
	for _, path := range []string{"/", "/assets/app.js"} {
		reply, _ := do(t, o.request(t, http.MethodGet, path, ""))
		for name, want := range map[string]string{
			"Referrer-Policy": "no-referrer", "Cross-Origin-Resource-Policy": "same-origin",
			"Cross-Origin-Opener-Policy": "same-origin", "X-Content-Type-Options": "nosniff",
		} {
			if got := reply.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
	}
}

func TestEachPageHasANonceOfItsOwn(t *testing.T) {
	o := open(t, nil)
	seen := map[string]bool{}
	for range 3 {
		reply, body := do(t, o.request(t, http.MethodGet, "/", ""))
		_, nonce, _ := strings.Cut(body, `content="`)
		nonce, _, _ = strings.Cut(nonce, `"`)
		policy := reply.Header.Get("Content-Security-Policy")
		if len(nonce) < 20 || !strings.Contains(policy, "'nonce-"+nonce+"'") || seen[nonce] {
			t.Errorf("got nonce %q under the policy %q", nonce, policy)
		}
		seen[nonce] = true
	}
}

func TestTheScreensAreServedOnLoopbackOnly(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }() // the test is over
	for address, words := range map[string]string{
		"0.0.0.0:0": "loopback address only", ":0": "loopback address only", "[::]:0": "loopback address only",
		"screens.example:80": "loopback address only", "localhost.example:0": "loopback address only",
		"127.0.0.1": "give one with a port", "127.0.0.1:99999": "give one with a port",
		"127.0.0.1:http": "give one with a port", taken.Addr().String(): "another program listens on",
	} {
		err := Run(t.Context(), Config{Address: address, OnReady: func(string) { t.Errorf("%s was served", address) }})
		if err == nil || !strings.Contains(err.Error(), words) || strings.Contains(err.Error(), "listen tcp") {
			t.Errorf("listening on %s: got %v, want %q", address, err, words)
		}
	}
}

func TestADevelopmentServerOnLoopbackPassesCallsOn(t *testing.T) {
	hub := loopbacktest.FreeAddress(t)
	o := open(t, func(c *Config) { c.Address, c.DevOrigin = hub, "http://localhost:5173" })
	if o.address.Host != "localhost:5173" {
		t.Errorf("the printed address is at %s, want the development server's", o.address.Host)
	}
	exchange := o.request(t, http.MethodPost, "/bridge/key", o.firstKey())
	exchange.URL.Host = hub // the development server passes it on under its own name
	reply, key := do(t, exchange)
	if reply.StatusCode != http.StatusOK {
		t.Fatalf("exchanging the key: %s", reply.Status)
	}
	for host, status := range map[string]int{
		"localhost:5173": http.StatusOK,
		hub:              http.StatusOK,
		"localhost:5174": http.StatusMisdirectedRequest,
		"evil.example":   http.StatusMisdirectedRequest,
	} {
		r := o.request(t, http.MethodPost, "/bridge/call/x", key)
		r.URL.Host, r.Host = hub, host
		wantStatus(t, r, status)
	}
}

func TestADevelopmentServerElsewhereIsRefused(t *testing.T) {
	for _, origin := range []string{"http://evil.example", "https://localhost:5173", "http://192.168.0.7:5173", "x"} {
		config := Config{DevOrigin: origin, OnReady: func(string) { t.Errorf("%s was accepted", origin) }}
		if err := Run(t.Context(), config); err == nil {
			t.Errorf("a development server at %s: got no error", origin)
		}
	}
}

func TestAnEventReachesThePage(t *testing.T) {
	o := open(t, nil)
	reply, err := http.DefaultClient.Do(o.request(t, http.MethodGet, "/bridge/events", o.key(t)))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reply.Body.Close() }() // it was only read
	lines := bufio.NewScanner(reply.Body)
	for lines.Scan() {
		if lines.Text() == ": listening" {
			o.window.Emit("requests:changed", 7)
		}
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			if data != `{"data":7,"name":"requests:changed"}` {
				t.Errorf("got %s", data)
			}
			return
		}
	}
	t.Errorf("the stream ended: %v", lines.Err())
}

func TestAStreamThatMissedAnEventEnds(t *testing.T) {
	o := open(t, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	reply, err := http.DefaultClient.Do(o.request(t, http.MethodGet, "/bridge/events", o.key(t)).WithContext(ctx))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reply.Body.Close() }() // it was only read
	stream := bufio.NewReader(reply.Body)
	if line, err := stream.ReadString('\n'); err != nil || line != ": listening\n" {
		t.Fatalf("the stream begins with %q and %v", line, err)
	}
	large := strings.Repeat("x", 1<<16)
	for range 1000 { // more than all buffers on the way hold
		o.window.Emit("requests:changed", large)
	}
	if _, err := io.Copy(io.Discard, stream); err != nil {
		t.Errorf("the stream did not end: %v", err)
	}
}
