package webhook

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/egress/egresstest"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
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
