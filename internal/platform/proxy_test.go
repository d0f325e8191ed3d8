package platform

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/egress"
	"github.com/latchkeyhq/latchkey/internal/egress/egresstest"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

func TestAGuardBehindAProxyChecksTheNameAndLeavesTheAddressToIt(t *testing.T) {
	n := egresstest.New(t, map[string]http.Handler{
		"graph.facebook.com": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "hello") // the test's own server
		}),
		"evil.example": http.NotFoundHandler(),
	})
	config := GuardConfig{Hosts: []string{"graph.facebook.com", "graph.inside.example"}, Route: n.Route(t)}
	client, err := NewGuard(config)
	if err != nil {
		t.Fatal(err)
	}
	call := func(client *http.Client, address string) (Reply, error) {
		t.Helper()
		r, err := Get(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		return Do(client, r)
	}
	if reply, err := call(client, "https://graph.facebook.com/me"); err != nil || string(reply.Body) != "hello" {
		t.Errorf("got %s and %v", reply.Body, err)
	}
	for _, address := range []string{
		"https://evil.example/", "https://127.0.0.1/", "https://localhost/", "https://10.0.0.1/",
		"http://graph.facebook.com/", "https://graph.facebook.com:8443/",
	} {
		if _, err := call(client, address); err == nil {
			t.Errorf("%s was called", address)
		}
	}
	if got := n.Asked(); !slices.Equal(got, []string{"graph.facebook.com"}) || len(n.Past()) != 0 {
		t.Errorf("the proxy was asked for %v, and %v went past it", got, n.Past())
	}
	if _, err := call(client, "https://graph.inside.example/"); !errors.Is(err, onboarding.ErrPlatformDown) {
		t.Errorf("a host that the proxy does not find: got %v", err)
	}
	config.Route = egress.New(egress.Config{Proxy: egress.Fixed(n.Proxy)})
	if client, err = NewGuard(config); err != nil {
		t.Fatal(err)
	}
	if _, err := call(client, "https://graph.facebook.com/me"); egress.BarrierOf(err) != egress.Inspection {
		t.Errorf("an authority that is not known: got %v", err)
	}
	n.RequireSignIn("anna:pw")
	if _, err := call(client, "https://graph.facebook.com/me"); egress.BarrierOf(err) != egress.ProxySignIn {
		t.Errorf("a proxy that wants a sign-in: got %v", err)
	}
}
