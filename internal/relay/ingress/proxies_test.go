package ingress

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
)

func TestOnlyATrustedProxyIsBelieved(t *testing.T) {
	for _, c := range []struct {
		peer, forwarded, proxies, want string
	}{
		{peer: "203.0.113.9:1", forwarded: "", proxies: "", want: "203.0.113.9"},
		{peer: "203.0.113.9:1", forwarded: "198.51.100.1", proxies: "", want: "203.0.113.9"},
		{peer: "10.0.0.1:1", forwarded: "198.51.100.1", proxies: "10.0.0.0/8", want: "198.51.100.1"},
		{peer: "10.0.0.1:1", forwarded: "1.1.1.1, 198.51.100.1", proxies: "10.0.0.0/8", want: "198.51.100.1"},
		{peer: "10.0.0.1:1", forwarded: "198.51.100.1, 10.0.0.2", proxies: "10.0.0.0/8", want: "198.51.100.1"},
		{peer: "10.0.0.1:1", forwarded: "nonsense", proxies: "10.0.0.0/8", want: "10.0.0.1"},
		{peer: "10.0.0.1:1", forwarded: "198.51.100.1, nonsense", proxies: "10.0.0.0/8", want: "10.0.0.1"},
		{peer: "[::ffff:10.0.0.1]:1", forwarded: "2001:db8::1", proxies: "10.0.0.0/8", want: "2001:db8::1"},
	} {
		var proxies Proxies
		if c.proxies != "" {
			proxies = Proxies{netip.MustParsePrefix(c.proxies)}
		}
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = c.peer
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		if got := proxies.ClientAddr(r).String(); got != c.want {
			t.Errorf("%s behind %q, saying %q: got %s, want %s", c.peer, c.proxies, c.forwarded, got, c.want)
		}
	}
}
