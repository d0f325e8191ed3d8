package wire

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/loopback/loopbacktest"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

func TestAReplyThatIsNotTheRelaysIsToldFromOneThatIs(t *testing.T) {
	const page = "<html><title>Access denied</title><p>Attack ID 20000051"
	for _, c := range []struct {
		name, body string
		status     int
		want       Obstacle
	}{
		{name: "a captive portal's page", status: http.StatusOK, body: page, want: ObstaclePage},
		{name: "an empty page", status: http.StatusOK, want: ObstaclePage},
		{name: "no content", status: http.StatusNoContent, want: ObstaclePage},
		{name: "a firewall's JSON", status: http.StatusOK, body: `{"supportID":"42"}`, want: ObstaclePage},
		{name: "a list", status: http.StatusOK, body: `[]`, want: ObstaclePage},
		{name: "a result cut in half", status: http.StatusOK, body: `{"operator":"A`, want: ObstaclePage},
		{name: "a redirect", status: http.StatusFound, body: page, want: ObstaclePage},
		{name: "another redirect", status: http.StatusTemporaryRedirect, want: ObstaclePage},
		{name: "a network's sign-in", status: http.StatusNetworkAuthenticationRequired, body: page, want: ObstaclePage},
		{name: "a proxy's sign-in", status: http.StatusProxyAuthRequired, body: page, want: ObstacleProxy},
		{name: "a firewall", status: http.StatusForbidden, body: page, want: ObstacleFilter},
		{name: "another firewall", status: http.StatusNotAcceptable, body: page, want: ObstacleFilter},
		{name: "a censor", status: http.StatusUnavailableForLegalReasons, body: page, want: ObstacleFilter},
		{name: "a firewall's 400", status: http.StatusBadRequest, body: page, want: ObstacleFilter},
		{name: "a firewall of its own number", status: 493, body: page, want: ObstacleFilter},
		{name: "a gateway's 401", status: http.StatusUnauthorized, body: `{"message":"Unauthorized"}`, want: ObstacleFilter},
		{name: "a code that is a number", status: http.StatusForbidden, body: `{"code":403}`, want: ObstacleFilter},
		{name: "a code of others", status: http.StatusForbidden, body: `{"code":"WAF_BLOCK"}`, want: ObstacleFilter},
		{name: "too large", status: http.StatusRequestEntityTooLarge, body: page, want: ObstacleSize},
		{name: "headers too large", status: http.StatusRequestHeaderFieldsTooLarge, want: ObstacleSize},
		{name: "too many", status: http.StatusTooManyRequests, body: page, want: ObstacleGateway},
		{name: "a slow proxy", status: http.StatusRequestTimeout, body: page, want: ObstacleGateway},
		{name: "a relay that is down", status: http.StatusBadGateway, body: page, want: ObstacleGateway},
		{name: "a relay that is slow", status: http.StatusGatewayTimeout, body: page, want: ObstacleGateway},
		{name: "a network of proxies", status: 522, body: page, want: ObstacleGateway},

		{name: "a result", status: http.StatusOK, body: `{"operator":"Acme","address":"x"}`},
		{name: "an error", status: http.StatusForbidden, body: `{"code":"forbidden","reference":"ABC"}`},
		{name: "a refused value", status: http.StatusUnprocessableEntity, body: `{"code":"invalid","message":"No."}`},
		{name: "a newer error", status: http.StatusConflict, body: `{"code":"newer","reference":"ABC"}`},
		{name: "an own fault", status: http.StatusInternalServerError, body: `{"code":"unavailable","reference":"ABC"}`},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "http://portal.example/")
			w.WriteHeader(c.status)
			if c.status != http.StatusNoContent {
				_, _ = io.WriteString(w, c.body) // the test's own server
			}
		}))
		_, err := Call(t.Context(), client(t, server.URL, "sub"), Probe, Empty{})
		if got := ObstacleOf(err); got != c.want || c.want != "" && !errors.Is(err, onboarding.ErrUnavailable) {
			t.Errorf("%s: got %q (%v), want %q", c.name, got, err, c.want)
		}
		if code := Code(err); c.want != "" && code != string(c.want) {
			t.Errorf("%s: its code is %q", c.name, code)
		}
		if c.status == http.StatusOK && c.want != "" {
			if err := Subscribe(t.Context(), client(t, server.URL, "sub"), func() {
				t.Errorf("%s: taken for a stream", c.name)
			}, func() {}); ObstacleOf(err) != ObstaclePage {
				t.Errorf("%s: the stream ended with %v", c.name, err)
			}
		}
		server.Close()
	}
}

func TestAnEmptyResultIsNoOtherJSON(t *testing.T) {
	for body, want := range map[string]Obstacle{
		`{}`: "", ` {} `: "", `{"error":"blocked"}`: ObstaclePage, `null`: ObstaclePage,
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, body) // the test's own server
		}))
		if _, err := Call(t.Context(), client(t, server.URL, ""), DeleteClient, RequestParams{}); ObstacleOf(err) != want {
			t.Errorf("%s: got %v, want %q", body, err, want)
		}
		server.Close()
	}
}

func TestNothingIsNoResultThatHasFields(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "{}") // the test's own server
	}))
	defer server.Close()
	_, err := Call(t.Context(), client(t, server.URL, ""), SaveRequest, SaveRequestParams{})
	if ObstacleOf(err) != ObstaclePage {
		t.Errorf("a request without anything was taken: %v", err)
	}
}

func TestACertificateThatIsNotTheRelaysNamesItsReason(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	trusted := x509.NewCertPool()
	trusted.AddCert(server.Certificate())
	for name, c := range map[string]struct {
		tls  *tls.Config
		want Obstacle
	}{
		"an issuer that is not trusted": {want: ObstacleInspection},
		"another name": {
			want: ObstacleCertificate, tls: &tls.Config{RootCAs: trusted, ServerName: "relay.test"},
		},
		"a clock of long ago": {want: ObstacleClock, tls: &tls.Config{RootCAs: trusted, Time: func() time.Time {
			return server.Certificate().NotBefore.Add(-time.Hour)
		}}},
		"a clock far ahead": {want: ObstacleClock, tls: &tls.Config{RootCAs: trusted, Time: func() time.Time {
			return server.Certificate().NotAfter.Add(time.Hour)
		}}},
	} {
		caller := client(t, server.URL, "sub")
		caller.http.Transport.(*http.Transport).TLSClientConfig = c.tls
		if _, err := Call(t.Context(), caller, Probe, Empty{}); ObstacleOf(err) != c.want {
			t.Errorf("%s: got %q of %v, want %q", name, ObstacleOf(err), err, c.want)
		}
	}
}

func TestAProxyThatDoesNotConnectNamesItsReason(t *testing.T) {
	for status, want := range map[int]Obstacle{
		http.StatusProxyAuthRequired: ObstacleProxy, http.StatusForbidden: ObstacleFilter,
		http.StatusBadGateway: ObstacleGateway,
	} {
		proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodConnect {
				t.Errorf("the proxy was asked to %s", r.Method)
			}
			w.WriteHeader(status)
		}))
		at, err := url.Parse(proxy.URL)
		if err != nil {
			t.Fatal(err)
		}
		caller := client(t, "https://relay.example", "sub")
		caller.http.Transport.(*http.Transport).Proxy = http.ProxyURL(at)
		if _, err := Call(t.Context(), caller, Probe, Empty{}); ObstacleOf(err) != want {
			t.Errorf("%d: got %q of %v, want %q", status, ObstacleOf(err), err, want)
		}
		proxy.Close()
	}
}

func TestSilenceIsWhereNothingAnswers(t *testing.T) {
	cut := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	defer cut.Close()
	plain := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer plain.Close()
	for address, want := range map[string]Obstacle{
		"http://" + loopbacktest.FreeAddress(t): ObstacleSilence,
		cut.URL:                                 ObstacleSilence,
		"https://" + strings.TrimPrefix(plain.URL, "http://"): ObstaclePage, // a portal without a certificate
	} {
		_, err := Call(t.Context(), client(t, address, "sub"), Probe, Empty{})
		if ObstacleOf(err) != want || !errors.Is(err, onboarding.ErrUnavailable) {
			t.Errorf("%s: got %q of %v, want %q", address, ObstacleOf(err), err, want)
		}
		if code := Code(err); want == ObstacleSilence && code != "unavailable" {
			t.Errorf("%s: its code is %q", address, code)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Call(ctx, client(t, plain.URL, "sub"), Probe, Empty{}); !errors.Is(err, context.Canceled) {
		t.Errorf("a call that was ended: %v", err)
	}
}
