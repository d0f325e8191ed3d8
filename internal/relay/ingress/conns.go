package ingress

import (
	"net"
	"net/netip"
	"sync"
	"time"
)

// maxWritten is how many bytes a client has to take within the progress time.
const maxWritten = 16 << 10

// Listen returns a listener whose connections end when the other side does not
// read on, and of which one address has a bounded number. Those of trusted
// proxies are not counted: of these, Handler counts the requests.
func (g *Gate) Listen(l net.Listener) net.Listener { return &listener{Listener: l, gate: g} }

type listener struct {
	net.Listener
	gate *Gate
}

func (l *listener) Accept() (net.Conn, error) {
	for {
		accepted, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		c := &conn{Conn: accepted, progress: l.gate.limits.Progress, ended: func() {}}
		addr := addrOf(accepted.RemoteAddr().String())
		if l.gate.proxies.Trust(addr) {
			return c, nil
		}
		network := Network(addr)
		if l.gate.conns.add(network) {
			c.ended = func() { l.gate.conns.remove(network) }
			return c, nil
		}
		l.gate.count("connections_of_address")
		_ = accepted.Close() // nothing was exchanged on it
	}
}

// counter counts by network, up to a limit.
type counter struct {
	limit int

	mu sync.Mutex
	at map[netip.Prefix]int
}

func (c *counter) add(network netip.Prefix) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.at[network] >= c.limit {
		return false
	}
	c.at[network]++
	return true
}

func (c *counter) remove(network netip.Prefix) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.at[network]--; c.at[network] <= 0 {
		delete(c.at, network)
	}
}

// conn is a connection whose writes fail when the other side takes nothing for
// the progress time, however long the whole reply may take.
type conn struct {
	net.Conn
	progress time.Duration
	once     sync.Once
	ended    func()

	mu    sync.Mutex
	limit time.Time // of the whole reply, as the server sets it; zero: none
}

func (c *conn) Write(p []byte) (int, error) {
	written := 0
	for {
		part := p[written:min(len(p), written+maxWritten)]
		if err := c.Conn.SetWriteDeadline(c.deadline()); err != nil {
			return written, err
		}
		n, err := c.Conn.Write(part)
		if written += n; err != nil || written == len(p) {
			return written, err
		}
	}
}

func (c *conn) deadline() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	next := time.Now().Add(c.progress)
	if !c.limit.IsZero() && c.limit.Before(next) {
		return c.limit
	}
	return next
}

// SetWriteDeadline bounds all writes from now on.
func (c *conn) SetWriteDeadline(t time.Time) error {
	c.mu.Lock()
	c.limit = t
	c.mu.Unlock()
	return c.Conn.SetWriteDeadline(t)
}

// SetDeadline bounds reads and writes.
func (c *conn) SetDeadline(t time.Time) error {
	if err := c.SetReadDeadline(t); err != nil {
		return err
	}
	return c.SetWriteDeadline(t)
}

// CloseWrite lets the server end a reply before the connection: a client that
// still sends then reads it.
func (c *conn) CloseWrite() error {
	if half, able := c.Conn.(interface{ CloseWrite() error }); able {
		return half.CloseWrite()
	}
	return nil
}

func (c *conn) Close() error {
	c.once.Do(c.ended)
	return c.Conn.Close()
}
