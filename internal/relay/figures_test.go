package relay_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/webtest"
)

// BenchmarkLandingPage is the whole answer to a link, but for the network.
func BenchmarkLandingPage(b *testing.B) {
	s := relaytest.Begin(b)
	s.Hub = s.Relay.Hub(b, s.Agency.Code)
	s.Sync()
	link, err := url.Parse(s.Link(onboarding.HubSpot))
	if err != nil {
		b.Fatal(err)
	}
	handler := s.Relay.Relay.Handler()
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		r := httptest.NewRequest(http.MethodGet, link.Path, nil)
		r.Header.Set("User-Agent", webtest.DesktopBrowser)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			b.Fatal(w.Code)
		}
	}
}

// BenchmarkAssetPage is the page with a visitor's lists, which lie in memory.
func BenchmarkAssetPage(b *testing.B) {
	s := relaytest.Begin(b)
	s.Hub = s.Relay.Hub(b, s.Agency.Code)
	s.Sync()
	v := s.AtAssets("Mina Ito")
	handler := s.Relay.Relay.Handler()
	cookies := v.Jar().Cookies(v.Page.URL)
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		r := httptest.NewRequest(http.MethodGet, strings.TrimPrefix(v.Page.URL.String(), s.URL), nil)
		r.Header.Set("User-Agent", webtest.DesktopBrowser)
		for _, cookie := range cookies {
			r.AddCookie(cookie)
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			b.Fatal(w.Code)
		}
	}
}
