package relay_test

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

// counting counts the pages that its connections write: at once, or in pieces.
type counting struct {
	net.Listener
	whole, pieces atomic.Int64
}

func (l *counting) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	return &counted{conn, l}, err
}

type counted struct {
	net.Conn
	by *counting
}

func (c *counted) Write(p []byte) (int, error) {
	if bytes.HasSuffix(p, []byte("</html>\n")) {
		if bytes.HasPrefix(p, []byte("HTTP/1.1 200 OK\r\n")) {
			c.by.whole.Add(1)
		} else {
			c.by.pieces.Add(1)
		}
	}
	return c.Conn.Write(p)
}

func TestAPageIsSentInOnePiece(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	count := &counting{Listener: listener}
	s := relaytest.NewSceneOn(t, relaytest.Config{Listener: count, Idle: true})
	link := s.Link(onboarding.Facebook, onboarding.HubSpot, onboarding.ActiveCampaign)
	own := &http.Transport{DisableCompression: true}
	t.Cleanup(own.CloseIdleConnections)
	for range 3 { // on one connection
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, link, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("User-Agent", sandbox.DesktopBrowser)
		answer, err := own.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		page, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close() // it was read
		if err != nil || answer.ContentLength != int64(len(page)) || !strings.HasSuffix(string(page), "</html>\n") {
			t.Fatalf("got %d of %d bytes and %v", len(page), answer.ContentLength, err)
		}
		if len(page) < 4096 {
			t.Errorf("the page has %d bytes: net/http alone would send it at once", len(page))
		}
	}
	if whole, pieces := count.whole.Load(), count.pieces.Load(); whole < 3 || pieces != 0 {
		t.Errorf("%d pages were sent at once, %d in pieces", whole, pieces)
	}
}
