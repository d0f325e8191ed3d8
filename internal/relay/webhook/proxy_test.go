package webhook

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/egress"
	"github.com/latchkeyhq/latchkey/internal/egress/egresstest"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

func TestThroughAProxyNoDeliveryIsForWhatMayNotBeCalled(t *testing.T) {
	hosts := map[string]http.Handler{}
	for _, name := range []string{"hooks.example", "inside.example", "unknown.example", "none.example", "127.1"} {
		hosts[name] = http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	}
	n := egresstest.New(t, hosts)
	sender := NewSender(PublicNetworks, n.Route(t))
	sender.lookUp = func(_ context.Context, host string) ([]netip.Addr, error) {
		switch host {
		case "hooks.example":
			return []netip.Addr{netip.MustParseAddr("1.1.1.1")}, nil
		case "inside.example":
			return []netip.Addr{netip.MustParseAddr("1.1.1.1"), netip.MustParseAddr("10.0.0.7")}, nil
		case "none.example":
			return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
		}
		return nil, errors.New("no name server answers")
	}
	for address, want := range map[string]onboarding.DeliveryError{
		"https://hooks.example/x": "", "https://unknown.example/x": "",
		"https://inside.example/x":    onboarding.DeliveryAddress,
		"https://none.example/x":      onboarding.DeliveryName,
		"https://127.1/x":             onboarding.DeliveryAddress,
		"https://10.0.0.7/x":          onboarding.DeliveryAddress,
		"https://169.254.169.254/x":   onboarding.DeliveryAddress,
		"https://127.0.0.1:8443/x":    onboarding.DeliveryConnection, // never through the proxy, and nothing else is open
		"https://elsewhere.example/x": onboarding.DeliveryConnection, // which the proxy does not find
	} {
		to := Target{Address: onboarding.NewSecret(address), Secret: NewSecret()}
		if got := sender.Post(t.Context(), to, "msg", time.Now(), nil); got.Error != want {
			t.Errorf("%s: got %+v, want %q", address, got, want)
		}
	}
	if got := n.Asked(); !slices.Equal(got, []string{"elsewhere.example", "hooks.example", "unknown.example"}) {
		t.Errorf("the proxy was asked for %v", got)
	}
}

func TestAFaultOfTheRelaysOwnProxyIsNeverTheReceivers(t *testing.T) {
	n := egresstest.New(t, map[string]http.Handler{"hooks.example": http.NotFoundHandler()})
	works := n.Route(t)
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusForbidden)
	}))
	defer refusing.Close()
	through := func(address string) *egress.Route {
		proxy, err := egress.ParseProxy(address)
		if err != nil {
			t.Fatal(err)
		}
		return egress.New(egress.Config{Proxy: egress.Fixed(proxy)})
	}
	post := func(route *egress.Route) Answer {
		sender := NewSender(PublicNetworks, route)
		sender.lookUp = func(context.Context, string) ([]netip.Addr, error) { return nil, nil }
		to := Target{Address: onboarding.NewSecret("https://hooks.example/x"), Secret: NewSecret()}
		return sender.Post(t.Context(), to, "msg", time.Now(), nil)
	}
	if got := post(works); got.Error != onboarding.DeliveryStatus {
		t.Errorf("the receiver's own fault: got %+v", got)
	}
	unreadable := egress.New(egress.Config{Proxy: func(*url.URL) (*url.URL, error) { return nil, errors.New("no") }})
	routes := map[string]*egress.Route{
		"unreachable": through(closed.URL), "of no name": through("http://proxy.invalid:3128"),
		"refusing": through(refusing.URL), "inspecting": through(n.Proxy.String()), "unreadable": unreadable,
	}
	for name, route := range routes {
		if got := post(route); got.Error != onboarding.DeliveryProxy {
			t.Errorf("a proxy that is %s: got %+v", name, got)
		}
	}
	n.RequireSignIn("anna:password")
	if got := post(works); got.Error != onboarding.DeliveryProxy {
		t.Errorf("a proxy that wants a sign-in: got %+v", got)
	}
	for kind, state := range map[string]onboarding.DeliveryState{
		string(onboarding.NewsCompleted): onboarding.DeliveryWaiting, onboarding.WebhookTest: onboarding.DeliveryFailed,
	} {
		d := store.WebhookDelivery{WebhookDelivery: onboarding.WebhookDelivery{Kind: kind, Attempts: 100}}
		got := resultOf(d, Answer{Error: onboarding.DeliveryProxy}, 0)
		if got.State != state || !got.Blameless || (got.NotBefore > 0) != (state == onboarding.DeliveryWaiting) {
			t.Errorf("%s: got %+v", kind, got)
		}
	}
}
