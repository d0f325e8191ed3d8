package egress_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/egress"
	"github.com/latchkeyhq/latchkey/internal/egress/egresstest"
)

func hello(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") } // a test's server

// get calls an address by a route, and returns what it says.
func get(t *testing.T, route *egress.Route, address string) (string, error) {
	t.Helper()
	call, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	client := http.Client{Transport: route.Transport()}
	defer client.CloseIdleConnections()
	answer, err := client.Do(call)
	if err != nil {
		return "", err
	}
	defer func() { _ = answer.Body.Close() }() // it is only read
	text, err := io.ReadAll(answer.Body)
	return string(text), err
}

func TestEverythingLeavesThroughTheProxyButCallsOfThisComputer(t *testing.T) {
	n := egresstest.New(t, map[string]http.Handler{"access.example": http.HandlerFunc(hello)})
	route := n.Route(t)
	if text, err := get(t, route, "https://access.example/"); text != "hello" || err != nil {
		t.Errorf("through the proxy: got %q and %v", text, err)
	}
	own := httptest.NewServer(http.HandlerFunc(hello))
	defer own.Close()
	for _, host := range []string{"127.0.0.1", "localhost"} {
		target := "http://" + host + ":" + strings.Split(own.URL, ":")[2]
		parsed, err := url.Parse(target)
		if err != nil {
			t.Fatal(err)
		}
		if proxy, err := route.Proxy(parsed); proxy != nil || err != nil {
			t.Errorf("%s leaves through %v (%v)", target, proxy, err)
		}
	}
	if got := n.Asked(); !slices.Equal(got, []string{"access.example"}) || len(n.Past()) != 0 {
		t.Errorf("the proxy was asked for %v, and %v went past it", got, n.Past())
	}
	if text, err := get(t, nil, own.URL); text != "hello" || err != nil {
		t.Errorf("without a route: got %q and %v", text, err)
	}
}

func TestWhatTheWayIsToBlameForHasANameOfItsOwn(t *testing.T) {
	n := egresstest.New(t, map[string]http.Handler{"access.example": http.HandlerFunc(hello)})
	n.RequireSignIn("anna:canary-password")
	if _, err := get(t, n.Route(t), "https://access.example/"); egress.BarrierOf(err) != egress.ProxySignIn {
		t.Errorf("a proxy that wants a sign-in: got %v", err)
	}
	withAccount := *n.Proxy
	withAccount.User = url.UserPassword("anna", "canary-password")
	roots, err := egress.ReadRoots(n.CAFile)
	if err != nil {
		t.Fatal(err)
	}
	signedIn := egress.New(egress.Config{Proxy: egress.Fixed(&withAccount), Roots: roots})
	if text, err := get(t, signedIn, "https://access.example/"); text != "hello" || err != nil {
		t.Errorf("signed in: got %q and %v", text, err)
	}
	unknown := egress.New(egress.Config{Proxy: egress.Fixed(&withAccount)})
	_, err = get(t, unknown, "https://access.example/")
	if egress.BarrierOf(err) != egress.Inspection || strings.Contains(err.Error(), "canary") {
		t.Errorf("an authority that is not known: got %v", err)
	}
	_, err = get(t, signedIn, "https://other.example/")
	if egress.BarrierOf(err) != egress.NoBarrier || err == nil || strings.Contains(err.Error(), "canary") {
		t.Errorf("a host that the proxy does not find: got %v", err)
	}
	if name := egress.Name(&withAccount); name != n.Proxy.String() {
		t.Errorf("the proxy is shown as %s", name)
	}
}

func TestAProxysAddressIsReadWithoutRepeatingIt(t *testing.T) {
	for text, works := range map[string]bool{
		"http://proxy.example:3128": true, "http://anna:pw@10.0.0.1:8080/": true, "http://[::1]:3128": true,
		"proxy.example:3128": false, "http://proxy.example": false, "https://proxy.example:3128": false,
		"http://anna:canary@:3128": false, "http://anna:canary@proxy.example:0": false,
		"http://anna:can#ary@proxy.example:3128": false, "http://proxy.example:3128/?canary": false, "": false,
	} {
		_, err := egress.ParseProxy(text)
		if (err == nil) != works || err != nil && strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: got %v", text, err)
		}
	}
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{empty, empty + ".missing", filepath.Dir(empty)} {
		if _, err := egress.ReadRoots(path); err == nil || !strings.HasPrefix(err.Error(), "names "+path) {
			t.Errorf("%s: got %v", path, err)
		}
	}
}

func TestAChoiceThatFailsCallsNobody(t *testing.T) {
	route := egress.New(egress.Config{
		Proxy: func(*url.URL) (*url.URL, error) { return nil, errors.New("http://anna:canary@x") },
	})
	client := http.Client{Transport: route.Split(&http.Transport{})}
	call, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://access.example", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if answer, err := client.Do(call); err == nil || strings.Contains(err.Error(), "canary") {
		t.Errorf("got %v and %v", answer, err)
	}
}
