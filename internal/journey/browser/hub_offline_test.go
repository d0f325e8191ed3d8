//go:build browser && linux

package browser

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/journey"
)

// cable is the network between a hub and its relay, which a script pulls out
// and plugs in.
type cable struct {
	to string

	mu    sync.Mutex
	out   bool
	lines []net.Conn
}

// layCable gives the address at which the relay is behind the cable, and the
// one at which a script has /pull and /plug.
func layCable(t *testing.T, relay string) (address, hand string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cable{to: strings.TrimPrefix(relay, "http://")}
	t.Cleanup(func() { _ = listener.Close(); c.put(true) })
	go func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			c.join(near)
		}
	}()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /pull", func(http.ResponseWriter, *http.Request) { c.put(true) })
	mux.HandleFunc("POST /plug", func(http.ResponseWriter, *http.Request) { c.put(false) })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return "http://" + listener.Addr().String(), server.URL
}

func (c *cable) join(near net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	far, err := net.Dial("tcp", c.to)
	if c.out || err != nil {
		_ = near.Close()
		return
	}
	c.lines = append(c.lines, near, far)
	pipe := func(to, from net.Conn) {
		_, _ = io.Copy(to, from)
		_, _ = to.Close(), from.Close()
	}
	go pipe(far, near)
	go pipe(near, far)
}

func (c *cable) put(out bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.out = out
	if out {
		for _, line := range c.lines {
			_ = line.Close()
		}
		c.lines = nil
	}
}

func TestARequestIsPreparedOfflineAndGoesOutOnce(t *testing.T) {
	demo, _ := journey.StartDemo(t)
	relay, hand := layCable(t, demo.Relay)
	hub, running := journey.StartHub(t, journey.Session(t), "--data", filepath.Join(t.TempDir(), "data"))
	check(t, 8*time.Minute, "hub-offline", staff{
		URL: hub.URL, Relay: relay, Code: demo.EnrolmentCode, Mailbox: demo.Mailbox, To: "kim@tidewater.example", Hand: hand,
		Pictures: pictureFolder("hub-offline")})
	if t.Failed() {
		t.Log(running.Log)
	}
}
