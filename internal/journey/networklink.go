package journey

import (
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
)

// NetworkLink is the network between a hub and its relay, which a test can cut.
// It is safe for concurrent use.
type NetworkLink struct {
	listener net.Listener
	to       string

	mu    sync.Mutex
	isCut bool
	conns map[net.Conn]bool
}

// NewNetworkLink forwards to the relay at address until the test ends.
func NewNetworkLink(t testing.TB, address string) *NetworkLink {
	t.Helper()
	to, err := url.Parse(address)
	if err != nil {
		t.Fatalf("parsing the relay's address: %v", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("listening: %v", err)
	}
	l := &NetworkLink{listener: listener, to: to.Host, conns: map[net.Conn]bool{}}
	t.Cleanup(func() { _ = listener.Close(); l.Cut() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go l.forward(conn)
		}
	}()
	return l
}

// URL is the relay's address behind this link.
func (l *NetworkLink) URL() string { return "http://" + l.listener.Addr().String() }

// Cut closes all connections, and each new one, until Restore.
func (l *NetworkLink) Cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.isCut = true
	for conn := range l.conns {
		_ = conn.Close()
	}
}

// Restore forwards new connections again.
func (l *NetworkLink) Restore() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.isCut = false
}

func (l *NetworkLink) forward(from net.Conn) {
	to, err := net.Dial("tcp", l.to)
	if err != nil {
		_ = from.Close()
		return
	}
	end := func() { _ = from.Close(); _ = to.Close() }
	defer end()
	defer l.remove(from, to)
	if !l.add(from, to) {
		return
	}
	go func() { _, _ = io.Copy(to, from); end() }()
	_, _ = io.Copy(from, to)
}

// add reports whether the link is not cut.
func (l *NetworkLink) add(conns ...net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, conn := range conns {
		l.conns[conn] = true
	}
	return !l.isCut
}

func (l *NetworkLink) remove(conns ...net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, conn := range conns {
		delete(l.conns, conn)
	}
}
