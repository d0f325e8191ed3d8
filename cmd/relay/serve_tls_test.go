//go:build !quick

package main

import (
	"crypto/tls"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/loopback/loopbacktest"
	"github.com/latchkeyhq/latchkey/internal/relay/certs/certstest"
)

// An operator sets LATCHKEY_TLS, and nothing else has to be done, also after a restart.
func TestServeFetchesItsCertificateOnce(t *testing.T) {
	at, plain := loopbacktest.FreeAddress(t), loopbacktest.FreeAddress(t)
	authority := certstest.New(t, certstest.Config{TLS: at, HTTP: plain})
	roots := filepath.Join(t.TempDir(), "roots.pem")
	if err := os.WriteFile(roots, authority.RootsPEM, 0o600); err != nil {
		t.Fatal(err)
	}
	p := newPlace(t).with("LATCHKEY_URL", "https://relay.example").with("LATCHKEY_TLS", "auto").
		with("LATCHKEY_LISTEN", at).with("LATCHKEY_LISTEN_HTTP", plain).
		with("LATCHKEY_ACME_CA", authority.Directory).with("LATCHKEY_ACME_CA_ROOTS", roots)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{
		RootCAs: authority.Issued, ServerName: "relay.example", MinVersion: tls.VersionTLS12,
	}}}
	for range 2 {
		_, log, stop := serving(t, p)
		for {
			answer, err := client.Get("https://" + at + "/healthz")
			if err == nil {
				_ = answer.Body.Close() // it was not read
				break
			}
			select {
			case <-t.Context().Done():
				t.Fatalf("no page is served: %v, %s", err, log)
			case <-time.After(20 * time.Millisecond):
			}
		}
		if code := stop(); code != 0 || strings.Contains(log.String(), "no certificate was fetched") {
			t.Errorf("it ended with %d: %s", code, log)
		}
	}
	if orders := authority.Orders(); orders != 1 {
		t.Errorf("%d certificates were ordered", orders)
	}
}
