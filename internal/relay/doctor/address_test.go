package doctor_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/relay/doctor"
	"github.com/latchkeyhq/latchkey/internal/relay/ingress"
)

// under is a checkup that is under way.
type under string

func (u under) IsCheckup(_ context.Context, code string) (bool, error) { return code == string(u), nil }

func relayOf(t *testing.T, trusted ...string) *httptest.Server {
	t.Helper()
	var proxies ingress.Proxies
	for _, text := range trusted {
		proxies = append(proxies, netip.MustParsePrefix(text))
	}
	mux := http.NewServeMux()
	mux.Handle("GET "+doctor.Path+"{code}", doctor.Handler(under("code"), proxies, http.NotFoundHandler()))
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

// behind is a proxy before a relay.
func behind(t *testing.T, s *httptest.Server, rewrite func(*httputil.ProxyRequest)) *httptest.Server {
	t.Helper()
	to, err := url.Parse(s.URL)
	must(t, err)
	proxy := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(to)
		r.Out.Host = r.In.Host
		rewrite(r)
	}})
	t.Cleanup(proxy.Close)
	return proxy
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// line is the line of a check; its zero value: there is none.
func line(lines []doctor.Finding, check string) doctor.Finding {
	for _, l := range lines {
		if l.Check == check {
			return l
		}
	}
	return doctor.Finding{}
}

// wants fails unless the line of a check stands as it should, and says so.
func wants(t *testing.T, lines []doctor.Finding, check string, state doctor.State, words string) {
	t.Helper()
	got := line(lines, check)
	if got.State != state || !strings.Contains(got.Text+" "+got.Fix, words) {
		t.Errorf("%s: got %+v, want %s with %q", check, got, state, words)
	}
	if state == doctor.Failed && got.Fix == "" {
		t.Errorf("%s: it does not say what to do", check)
	}
}

func examine(t *testing.T, c doctor.Config) []doctor.Finding {
	t.Helper()
	c.Begun = func(context.Context) (string, error) { return "code", nil }
	return doctor.Run(t.Context(), c)
}

func TestTheAddressIsAskedAsAClientWould(t *testing.T) {
	forwards := func(r *httputil.ProxyRequest) { r.SetXForwarded() }
	for name, c := range map[string]struct {
		at           *httptest.Server
		check        string
		state        doctor.State
		words        string
		addressState doctor.State
	}{
		"no proxy": {
			at: relayOf(t), check: "proxy", state: doctor.OK,
			words: "without a proxy", addressState: doctor.OK,
		},
		"a proxy that is not told": {
			at: behind(t, relayOf(t), forwards), check: "proxy", state: doctor.Warning,
			words: "LATCHKEY_TRUSTED_PROXY=127.0.0.1", addressState: doctor.OK,
		},
		"a proxy that is believed": {
			at: behind(t, relayOf(t, "127.0.0.0/8"), forwards), check: "proxy", state: doctor.OK,
			words: "is believed", addressState: doctor.OK,
		},
		"a proxy that does not say for whom": {
			at: behind(t, relayOf(t, "127.0.0.0/8"), func(*httputil.ProxyRequest) {}), check: "proxy", state: doctor.Warning,
			words: "X-Forwarded-For", addressState: doctor.OK,
		},
		"a proxy that asks for another name": {
			at:    behind(t, relayOf(t), func(r *httputil.ProxyRequest) { r.Out.Host = "10.0.0.5:8080" }),
			check: "proxy", state: doctor.Failed,
			words: "10.0.0.5:8080", addressState: doctor.OK,
		},
		"another program": {
			at: httptest.NewServer(http.NotFoundHandler()), check: "address", state: doctor.Failed,
			words: "status 404", addressState: doctor.Failed,
		},
	} {
		t.Run(name, func(t *testing.T) {
			defer c.at.Close()
			lines := examine(t, doctor.Config{URL: c.at.URL})
			wants(t, lines, c.check, c.state, c.words)
			wants(t, lines, "address", c.addressState, c.at.URL)
		})
	}
}

func TestAnAddressThatDoesNotAnswerSaysWhy(t *testing.T) {
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	wants(t, examine(t, doctor.Config{URL: closed.URL}), "address", doctor.Failed, "cannot be reached")
	wants(t, examine(t, doctor.Config{URL: "http://none.invalid"}), "address", doctor.Failed, "is not found by DNS")
}

func TestACertificateIsLookedAt(t *testing.T) {
	mux := http.NewServeMux()
	mux.Handle("GET "+doctor.Path+"{code}", doctor.Handler(under("code"), nil, http.NotFoundHandler()))
	s := httptest.NewUnstartedServer(mux)
	s.TLS = &tls.Config{}
	s.StartTLS()
	defer s.Close()
	wants(t, examine(t, doctor.Config{URL: s.URL}), "certificate", doctor.Failed, "does not trust")
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	wants(t, examine(t, doctor.Config{URL: s.URL, Roots: roots}), "certificate", doctor.OK, "good until")
	late := s.Certificate().NotAfter.Add(-24 * time.Hour)
	ending := examine(t, doctor.Config{URL: s.URL, Roots: roots, Now: func() time.Time { return late }})
	wants(t, ending, "certificate", doctor.Warning, "should have been renewed")
	name := strings.Replace(s.URL, "127.0.0.1", "localhost", 1)
	wants(t, examine(t, doctor.Config{URL: name, Roots: roots}), "certificate", doctor.Failed, "of another name")
}

func TestACodeThatIsNotOfACheckupIsLeftToTheNext(t *testing.T) {
	s := relayOf(t)
	answer, err := http.Get(s.URL + doctor.Path + "another")
	must(t, err)
	must(t, answer.Body.Close())
	if answer.StatusCode != http.StatusNotFound {
		t.Errorf("a wrong code is answered with %d", answer.StatusCode)
	}
}
