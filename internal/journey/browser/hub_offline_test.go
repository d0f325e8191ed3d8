//go:build browser && linux

package browser

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/journey"
)

// switchFor serves /cut and /restore of a network link, for a script.
func switchFor(t *testing.T, link *journey.NetworkLink) (address string) {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /cut", func(http.ResponseWriter, *http.Request) { link.Cut() })
	mux.HandleFunc("POST /restore", func(http.ResponseWriter, *http.Request) { link.Restore() })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

func TestARequestIsPreparedOfflineAndGoesOutOnce(t *testing.T) {
	demo, _ := journey.StartDemo(t)
	network := journey.NewNetworkLink(t, demo.Relay)
	hub, running := journey.StartHub(t, journey.Session(t), "--data", filepath.Join(t.TempDir(), "data"))
	check(t, 8*time.Minute, "hub-offline", staff{
		URL: hub.URL, Relay: network.URL(), Code: demo.EnrolmentCode, Mailbox: demo.Mailbox,
		To: "kim@tidewater.example", Network: switchFor(t, network), Pictures: pictureFolder("hub-offline")})
	if t.Failed() {
		t.Log(running.Log)
	}
}
