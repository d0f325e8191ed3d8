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
	"testing"
	"testing/fstest"
	"time"
)

// opened is a window of the web build that runs until the test ends.
type opened struct {
	address *url.URL // with its key
	window  Window
}

func open(t *testing.T, change func(*Config)) opened {
	t.Helper()
	ready, ended := make(chan string, 1), make(chan error, 1)
	ctx, stop := context.WithCancel(t.Context())
	var o opened
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

func (o opened) key() string { return o.address.Query().Get("key") }

// request has the cookie for which the key is exchanged.
func (o opened) request(t *testing.T, method, path string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, "http://"+o.address.Host+path, strings.NewReader("[]"))
	if err != nil {
		t.Fatal(err)
	}
	r.AddCookie(&http.Cookie{Name: cookieName, Value: o.key()})
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

func TestTheKeyIsExchangedForACookieThatScriptsCannotRead(t *testing.T) {
	o := open(t, nil)
	r := o.request(t, http.MethodGet, "/?key="+o.key())
	r.Header.Del("Cookie")
	reply, _ := do(t, r)
	if reply.StatusCode != http.StatusSeeOther || reply.Header.Get("Location") != "/" {
		t.Fatalf("got status %d to %q, want 303 to /", reply.StatusCode, reply.Header.Get("Location"))
	}
	cookies := reply.Cookies()
	if len(cookies) != 1 || !cookies[0].HttpOnly || cookies[0].SameSite != http.SameSiteStrictMode {
		t.Fatalf("got cookies %v, want one that is HttpOnly and SameSite=Strict", cookies)
	}
	r = o.request(t, http.MethodGet, "/")
	r.Header.Del("Cookie")
	r.AddCookie(cookies[0])
	wantStatus(t, r, http.StatusOK)
}

func TestNothingIsServedWithoutTheKeyOfThisStart(t *testing.T) {
	o := open(t, nil)
	for _, path := range []string{"/", "/index.html", "/assets/app.js", "/bridge/events", "/?key=wrong", "/preview/x"} {
		for _, value := range []string{"", "wrong", o.key() + "x", open(t, nil).key()} {
			r := o.request(t, http.MethodGet, path)
			r.Header.Del("Cookie")
			if value != "" {
				r.AddCookie(&http.Cookie{Name: cookieName, Value: value})
			}
			wantStatus(t, r, http.StatusForbidden)
		}
	}
}

func TestTheKeyInAnAddressOpensTheFirstPageOnly(t *testing.T) {
	o := open(t, nil)
	for _, r := range []*http.Request{
		o.request(t, http.MethodGet, "/index.html?key="+o.key()),
		o.request(t, http.MethodGet, "/bridge/events?key="+o.key()),
		o.request(t, http.MethodPost, "/bridge/call/x?key="+o.key()),
		o.request(t, http.MethodPost, "/?key="+o.key()),
	} {
		r.Header.Del("Cookie")
		wantStatus(t, r, http.StatusForbidden)
	}
}

func TestAnotherNameForThisComputerIsNotServed(t *testing.T) {
	o := open(t, nil)
	for _, host := range []string{"evil.example", "localhost:" + o.address.Port(), "127.0.0.1", "localhost:5173", ""} {
		for _, path := range []string{"/", "/bridge/events", "/?key=" + o.key()} {
			r := o.request(t, http.MethodGet, path)
			if r.Host = host; host == "" {
				r.Host = "x"
			}
			wantStatus(t, r, http.StatusMisdirectedRequest)
		}
	}
}

func TestOnlyTheScreensThemselvesMayCall(t *testing.T) {
	o := open(t, nil)
	for site, status := range map[string]int{
		"same-origin": http.StatusOK,
		"none":        http.StatusOK,
		"same-site":   http.StatusForbidden, // another port of this computer
		"cross-site":  http.StatusForbidden,
	} {
		r := o.request(t, http.MethodPost, "/bridge/call/x")
		r.Header.Set("Sec-Fetch-Site", site)
		wantStatus(t, r, status)
	}
	followed := o.request(t, http.MethodGet, "/")
	followed.Header.Set("Sec-Fetch-Site", "cross-site")
	wantStatus(t, followed, http.StatusOK)
}

func TestEachPageHasANonceOfItsOwn(t *testing.T) {
	o := open(t, nil)
	seen := map[string]bool{}
	for range 3 {
		reply, body := do(t, o.request(t, http.MethodGet, "/"))
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
	for _, address := range []string{"0.0.0.0:0", ":0", "[::]:0"} {
		err := Run(t.Context(), Config{Address: address, OnReady: func(string) { t.Errorf("%s was served", address) }})
		if err == nil {
			t.Errorf("listening on %s: got no error", address)
		}
	}
}

func TestADevelopmentServerOnLoopbackPassesCallsOn(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	hub := listener.Addr().String()
	if err := listener.Close(); err != nil { // the window reuses the address
		t.Fatal(err)
	}
	o := open(t, func(c *Config) { c.Address, c.DevOrigin = hub, "http://localhost:5173" })
	if o.address.Host != "localhost:5173" {
		t.Errorf("the printed address is at %s, want the development server's", o.address.Host)
	}
	for host, status := range map[string]int{
		"localhost:5173": http.StatusOK,
		hub:              http.StatusOK,
		"localhost:5174": http.StatusMisdirectedRequest,
		"evil.example":   http.StatusMisdirectedRequest,
	} {
		r := o.request(t, http.MethodPost, "/bridge/call/x")
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
	reply, err := http.DefaultClient.Do(o.request(t, http.MethodGet, "/bridge/events"))
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
	reply, err := http.DefaultClient.Do(o.request(t, http.MethodGet, "/bridge/events").WithContext(ctx))
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
