// Package ingress bounds what one address may take of the relay: connections,
// requests at a time, and the time and the form in which they are sent.
//
// It reads no tokens, links or pages: what a request may do is decided behind it.
package ingress

import (
	"cmp"
	"context"
	"io"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
)

// Limits bound what is served at a time; a zero field is the usual limit.
type Limits struct {
	// Connections of one address that is no trusted proxy.
	Connections int
	// Requests of one address that were begun. The event streams do not count:
	// they have a limit by device.
	Requests int
	// Running are those of them that are served at a time; the others wait.
	Running int
	// Large requests of all addresses that are served at a time: those with
	// more than LargeBody bytes. One address has half of them.
	Large int
	// Send is the time to send a body.
	Send time.Duration
	// Progress is the time in which a client has to take a part of a reply.
	Progress time.Duration
	// Wait is the time in which a request has to get its turn.
	Wait time.Duration
}

// LargeBody is the size in bytes above which few requests are served at a time.
const LargeBody = 256 << 10

func (l Limits) withDefaults() Limits {
	return Limits{
		Connections: cmp.Or(l.Connections, 256),
		Requests:    cmp.Or(l.Requests, 256),
		Running:     cmp.Or(l.Running, 64),
		Large:       cmp.Or(l.Large, 4),
		Send:        cmp.Or(l.Send, 10*time.Second),
		Progress:    cmp.Or(l.Progress, 10*time.Second),
		Wait:        cmp.Or(l.Wait, 10*time.Second),
	}
}

// unreadGrace is how long the rest of a body that nobody reads is waited for.
// A client that is just sending it then reads the reply.
const unreadGrace = time.Second

// maxParsed is what is kept of a header that is parsed for each page. Real ones
// are shorter; the time to parse one grows with its length.
const maxParsed = 1 << 10

// Config is what a Gate needs.
type Config struct {
	Proxies Proxies
	Limits  Limits
	// Count gets the reason of each refusal; nil: nothing.
	Count func(reason string)
}

// Gate counts connections and requests by address. It is safe for concurrent use.
type Gate struct {
	proxies Proxies
	limits  Limits
	count   func(reason string)
	conns   counter
	large   *semaphore.Weighted

	mu      sync.Mutex
	clients map[netip.Prefix]*client
}

// client is one address with requests under way.
type client struct {
	requests int
	running  *semaphore.Weighted
	large    *semaphore.Weighted
}

// New makes a Gate.
func New(config Config) *Gate {
	if config.Count == nil {
		config.Count = func(string) {}
	}
	limits := config.Limits.withDefaults()
	return &Gate{
		proxies: config.Proxies,
		limits:  limits,
		count:   config.Count,
		conns:   counter{limit: limits.Connections, at: map[netip.Prefix]int{}},
		large:   semaphore.NewWeighted(int64(limits.Large)),
		clients: map[netip.Prefix]*client{},
	}
}

// Handler serves next within the limits. busy answers a request that gets no
// turn.
func (g *Gate) Handler(next, busy http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(r.TransferEncoding) > 0 {
			// No client of ours sends one. A proxy that reads the length where the
			// relay reads chunks, or the other way round, would see other requests.
			g.refuse(w, "no_content_length", http.StatusLengthRequired, "A body needs a Content-Length.")
			return
		}
		if (r.Method == http.MethodGet || r.Method == http.MethodHead) && r.ContentLength > 0 {
			// Nothing reads it (RFC 9110, 9.3.1), and waiting for its end holds a turn.
			g.refuse(w, "body_of_get", http.StatusBadRequest, "A GET has no body.")
			return
		}
		if !r.ProtoAtLeast(1, 1) {
			// net/http drops its Transfer-Encoding: what stands behind it may be its body
			// (RFC 9112, 6.1).
			w.Header().Set("Connection", "close")
		}
		for _, name := range []string{"User-Agent", "Accept-Encoding", "Sec-Ch-Ua-Mobile"} {
			if value := r.Header.Get(name); len(value) > maxParsed {
				r.Header.Set(name, value[:maxParsed])
			}
		}
		leave, ok := g.enter(r)
		if !ok {
			w.Header().Set("Connection", "close")
			busy.ServeHTTP(w, r)
			g.stopReading(w)
			return
		}
		defer leave()
		g.serve(w, r.WithContext(context.WithValue(r.Context(), leaveKey{}, leave)), next)
	})
}

// refuse answers a request without a turn, and ends its connection.
func (g *Gate) refuse(w http.ResponseWriter, reason string, status int, text string) {
	g.count(reason)
	w.Header().Set("Connection", "close")
	http.Error(w, text, status)
	g.stopReading(w)
}

// serve gives the client its time to send the body, and none to send what
// nobody reads.
func (g *Gate) serve(w http.ResponseWriter, r *http.Request, next http.Handler) {
	if r.ContentLength == 0 {
		next.ServeHTTP(w, r)
		return
	}
	// A recorder in a test has no deadline.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(g.limits.Send))
	body := &trackedBody{ReadCloser: r.Body}
	r.Body = body
	next.ServeHTTP(w, r)
	if !body.read {
		g.stopReading(w)
	}
}

// stopReading ends the wait for a body that nobody has read: the server would
// read on, to use the connection again.
func (g *Gate) stopReading(w http.ResponseWriter) {
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(unreadGrace)) // as above
}

// trackedBody records whether a body was read to its end.
type trackedBody struct {
	io.ReadCloser
	read bool
}

func (b *trackedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.read = b.read || err == io.EOF
	return n, err
}

// leaveKey is where a request's context has the function that ends its turn.
type leaveKey struct{}

// Leave ends the turn of the context's request before its handler does: for a
// stream, which has a limit of its own.
func Leave(ctx context.Context) {
	if leave, has := ctx.Value(leaveKey{}).(func()); has {
		leave()
	}
}

// enter waits for a request's turn; false: it does not get one.
func (g *Gate) enter(r *http.Request) (leave func(), ok bool) {
	network := Network(g.proxies.ClientAddr(r))
	c := g.begin(network)
	if c == nil {
		g.count("requests_of_address")
		return nil, false
	}
	if !g.acquire(r.Context(), c.running) {
		g.end(network, c)
		g.count("requests_of_address")
		return nil, false
	}
	large := r.ContentLength > LargeBody
	if large && !g.enterLarge(r.Context(), c) {
		c.running.Release(1)
		g.end(network, c)
		g.count("large_requests")
		return nil, false
	}
	return sync.OnceFunc(func() {
		if large {
			g.large.Release(1)
			c.large.Release(1)
		}
		c.running.Release(1)
		g.end(network, c)
	}), true
}

// enterLarge waits for the turn of a large request: first behind those of its own
// address, which would else keep those of all others out.
func (g *Gate) enterLarge(ctx context.Context, c *client) bool {
	if !g.acquire(ctx, c.large) {
		return false
	}
	if !g.acquire(ctx, g.large) {
		c.large.Release(1)
		return false
	}
	return true
}

// acquire waits for a place as long as a request may wait.
func (g *Gate) acquire(ctx context.Context, places *semaphore.Weighted) bool {
	if places.TryAcquire(1) {
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, g.limits.Wait)
	defer cancel()
	return places.Acquire(ctx, 1) == nil
}

// begin counts a request of a network; nil: it has too many.
func (g *Gate) begin(network netip.Prefix) *client {
	g.mu.Lock()
	defer g.mu.Unlock()
	c := g.clients[network]
	if c == nil {
		c = &client{
			running: semaphore.NewWeighted(int64(g.limits.Running)),
			large:   semaphore.NewWeighted(int64(max(1, g.limits.Large/2))),
		}
		g.clients[network] = c
	}
	if c.requests >= g.limits.Requests {
		return nil
	}
	c.requests++
	return c
}

func (g *Gate) end(network netip.Prefix, c *client) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if c.requests--; c.requests == 0 {
		delete(g.clients, network)
	}
}
