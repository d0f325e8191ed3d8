package ingress

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// relay is a server behind a gate, on loopback.
func relay(t *testing.T, config Config, next http.HandlerFunc) (addr string, gate *Gate) {
	t.Helper()
	gate = New(config)
	busy := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) })
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: gate.Handler(next, busy), ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(gate.Listen(listener)) }() // it ends with the test
	t.Cleanup(func() { _ = server.Close() })
	return listener.Addr().String(), gate
}

// line is a connection on which a test writes what it wants to.
type line struct {
	net.Conn
	t       *testing.T
	replies *bufio.Reader
}

func dial(t *testing.T, addr string) *line {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() }) // it may be closed already
	if err := conn.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	return &line{conn, t, bufio.NewReader(conn)}
}

func (l *line) send(format string, args ...any) {
	l.t.Helper()
	if _, err := fmt.Fprintf(l, strings.ReplaceAll(format, "\n", "\r\n"), args...); err != nil {
		l.t.Fatal(err)
	}
}

func (l *line) status() int {
	l.t.Helper()
	reply, err := http.ReadResponse(l.replies, nil)
	if err != nil {
		l.t.Fatalf("reading a reply: %v", err)
	}
	if _, err := io.Copy(io.Discard, reply.Body); err != nil {
		l.t.Fatal(err)
	}
	return reply.StatusCode
}

// ends reports whether the other side closes the connection.
func (l *line) ends() bool {
	_, err := io.Copy(io.Discard, l.replies)
	var timeout net.Error
	return !errors.As(err, &timeout) || !timeout.Timeout()
}

func ok(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }

func TestABodyWithoutALengthIsRefusedAndEndsTheConnection(t *testing.T) {
	addr, _ := relay(t, Config{}, ok)
	for _, header := range []string{
		"Transfer-Encoding: chunked",
		"Content-Length: 5\nTransfer-Encoding: chunked",
		"Transfer-Encoding: chunked\nContent-Length: 5",
		"transfer-encoding:CHUNKED\nContent-Length: 0",
	} {
		for _, method := range []string{"POST", "GET"} {
			l := dial(t, addr)
			l.send("%s / HTTP/1.1\nHost: relay\n%s\n\n0\n\nGET /hidden HTTP/1.1\nHost: relay\n\n", method, header)
			if status := l.status(); status != http.StatusLengthRequired {
				t.Errorf("%s with %q: status %d", method, header, status)
			}
			if rest, err := io.ReadAll(l.replies); len(rest) > 0 {
				t.Errorf("%s with %q: what stands behind it is answered (%v): %s", method, header, err, rest)
			}
		}
	}
}

// A GET whose body never comes would hold one of its address's turns.
func TestAGetWithABodyIsRefusedAtOnce(t *testing.T) {
	var served atomic.Bool
	addr, _ := relay(t, Config{Limits: Limits{Send: time.Minute}}, func(http.ResponseWriter, *http.Request) {
		served.Store(true)
	})
	for _, method := range []string{"GET", "HEAD"} {
		l := dial(t, addr)
		began := time.Now()
		l.send("%s / HTTP/1.1\nHost: relay\nContent-Length: 100\n\nunfinished", method)
		request := &http.Request{Method: method}
		reply, err := http.ReadResponse(l.replies, request)
		if err != nil {
			t.Fatal(err)
		}
		_ = reply.Body.Close() // it was only opened
		if reply.StatusCode != http.StatusBadRequest || served.Load() {
			t.Errorf("%s: status %d, served: %t", method, reply.StatusCode, served.Load())
		}
		if !l.ends() || time.Since(began) > 20*time.Second {
			t.Errorf("%s: the connection stays open", method)
		}
	}
	l := dial(t, addr)
	l.send("GET / HTTP/1.1\nHost: relay\nContent-Length: 0\n\n")
	if status := l.status(); status != http.StatusOK || !served.Load() {
		t.Errorf("an empty body: status %d, served: %t", status, served.Load())
	}
}

func TestARequestHiddenInABodyIsNeverServed(t *testing.T) {
	var hidden atomic.Int64
	addr, _ := relay(t, Config{}, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/hidden" {
			hidden.Add(1)
		}
		w.WriteHeader(http.StatusOK)
	})
	const request = "GET /hidden HTTP/1.1\nHost: relay\n\n"
	for _, header := range []string{
		"Transfer-Encoding: chunked", "Transfer-Encoding: identity", "Transfer-Encoding: identity, chunked",
		"Transfer-Encoding: chunked\nTransfer-Encoding: identity", "Transfer-Encoding:\n chunked",
		"Transfer-Encoding: \x0bchunked", "Transfer-Encoding : chunked",
		"Content-Length: 0\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\nContent-Length: 0",
		"Content-Length: 0\nContent-Length: 42", "Content-Length: 42\nContent-Length: 0", "Content-Length: 0, 42",
		"Content-Length: +0", "Content-Length: -0", "Content-Length: 0x0", "Content-Length:\n 42\nContent-Length: 0",
		"Content-Length : 0", "Content-Length: 99999999999999999999",
		"Transfer-Encoding:\n\tchunked", "Transfer-Encoding: \n chunked",
		"X-Folded: a\n Transfer-Encoding: chunked\nContent-Length: 42", "X-Folded: a\n Content-Length: 0\nContent-Length: 42",
	} {
		for _, version := range []string{"1.0", "1.1"} {
			for _, method := range []string{"GET", "POST"} {
				l := dial(t, addr)
				l.send("%s / HTTP/%s\nHost: relay\nConnection: keep-alive\n%s\n\n%s%s",
					method, version, header, request, request)
				if _, err := io.Copy(io.Discard, l.replies); err != nil && !errors.Is(err, syscall.ECONNRESET) {
					t.Errorf("%s of HTTP/%s with %q: the connection stays open: %v", method, version, header, err)
				}
				if n := hidden.Swap(0); n > 0 {
					t.Errorf("%s of HTTP/%s with %q: what stands behind it is served", method, version, header)
				}
			}
		}
	}
}

func TestABodyThatNobodyReadsIsNotWaitedFor(t *testing.T) {
	addr, _ := relay(t, Config{Limits: Limits{Send: time.Hour}}, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusForbidden)
	})
	lines := map[int]*line{}
	for _, length := range []int{1, 5000, 200 << 10, 3 << 20} {
		lines[length] = dial(t, addr)
		lines[length].send("POST / HTTP/1.1\nHost: relay\nContent-Length: %d\n\n", length)
	}
	for length, l := range lines {
		if status := l.status(); status != http.StatusForbidden {
			t.Errorf("a body of %d bytes that does not come: status %d", length, status)
		}
		if !l.ends() {
			t.Errorf("a body of %d bytes that does not come holds its connection", length)
		}
	}
	l := dial(t, addr)
	for range 2 { // one that has come leaves the connection as it is
		l.send("POST / HTTP/1.1\nHost: relay\nContent-Length: 5\n\nhello")
		if status := l.status(); status != http.StatusForbidden {
			t.Errorf("a body that came: status %d", status)
		}
	}
}

func TestABodyHasToComeInItsTime(t *testing.T) {
	read := make(chan error, 1)
	addr, _ := relay(t, Config{Limits: Limits{Send: 50 * time.Millisecond}}, func(_ http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(r.Body)
		read <- err
	})
	l := dial(t, addr)
	l.send("POST / HTTP/1.1\nHost: relay\nContent-Length: 5000\n\nname=Lena")
	var timeout net.Error
	if err := <-read; !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("reading it: %v", err)
	}
	if !l.ends() {
		t.Error("it holds its connection")
	}
}

func TestAReplyThatNobodyReadsEndsItsConnection(t *testing.T) {
	written := make(chan error, 1)
	addr, _ := relay(t, Config{Limits: Limits{Progress: 50 * time.Millisecond}},
		func(w http.ResponseWriter, _ *http.Request) {
			_, err := w.Write(make([]byte, 64<<20))
			written <- err
		})
	dial(t, addr).send("GET / HTTP/1.1\nHost: relay\n\n")
	if err := <-written; err == nil {
		t.Error("64 MB were written, and nobody read them")
	}
}

func TestOneAddressHasSoManyConnectionsAndAProxyAny(t *testing.T) {
	addr, _ := relay(t, Config{Limits: Limits{Connections: 2}}, ok)
	first, second := dial(t, addr), dial(t, addr)
	for _, l := range []*line{first, second} {
		l.send("GET / HTTP/1.1\nHost: relay\n\n")
		if status := l.status(); status != http.StatusOK {
			t.Errorf("within the limit: status %d", status)
		}
	}
	if !dial(t, addr).ends() {
		t.Error("a third connection stays open")
	}
	_ = first.Close() // another may come
	for again := false; !again; {
		l := dial(t, addr)
		_, err := fmt.Fprint(l, "GET / HTTP/1.1\r\nHost: relay\r\n\r\n")
		_, readErr := l.replies.ReadByte()
		again = err == nil && readErr == nil
		_ = l.Close() // the next try counts anew
	}
	proxied, _ := relay(t, Config{
		Proxies: Proxies{netip.MustParsePrefix("127.0.0.0/8")}, Limits: Limits{Connections: 1},
	}, ok)
	for n := range 5 {
		l := dial(t, proxied)
		l.send("GET / HTTP/1.1\nHost: relay\nX-Forwarded-For: 198.51.100.%d\n\n", n)
		if status := l.status(); status != http.StatusOK {
			t.Errorf("connection %d of a proxy: status %d", n, status)
		}
	}
}

// held is a handler whose requests last until they are let go.
type held struct{ begun, letGo chan struct{} }

func hold() held { return held{make(chan struct{}, 10), make(chan struct{})} }

func (h held) serve(http.ResponseWriter, *http.Request) {
	h.begun <- struct{}{}
	<-h.letGo
}

// ask sends a request as a client behind a proxy does.
func ask(t *testing.T, addr, client string, length int) *line {
	t.Helper()
	l := dial(t, addr)
	l.send("POST / HTTP/1.1\nHost: relay\nX-Forwarded-For: %s\nContent-Length: %d\n\n", client, length)
	return l
}

func behindProxy(limits Limits) Config {
	return Config{Proxies: Proxies{netip.MustParsePrefix("127.0.0.0/8")}, Limits: limits}
}

func TestOneClientBehindTheProxyHasSoManyRequestsAndOthersTheirOwn(t *testing.T) {
	h := hold()
	addr, _ := relay(t, behindProxy(Limits{Requests: 2}), h.serve)
	for _, client := range []string{"198.51.100.1", "198.51.100.1", "2001:db8::1", "2001:db8::2"} {
		ask(t, addr, client, 0)
		<-h.begun
	}
	for _, client := range []string{"198.51.100.1", "2001:db8::3"} {
		l := ask(t, addr, client, 0)
		if status := l.status(); status != http.StatusTooManyRequests {
			t.Errorf("a third request of %s: status %d", client, status)
		}
		if !l.ends() {
			t.Errorf("a third request of %s keeps its connection", client)
		}
	}
	for _, client := range []string{"198.51.100.2", "2001:db8:0:1::1"} {
		ask(t, addr, client, 0)
		<-h.begun // it is served
	}
	close(h.letGo)
}

func TestARequestWaitsForItsTurnAndNotForEver(t *testing.T) {
	h := hold()
	addr, _ := relay(t, behindProxy(Limits{Running: 1, Wait: time.Hour}), h.serve)
	first := ask(t, addr, "198.51.100.1", 0)
	<-h.begun
	second := ask(t, addr, "198.51.100.1", 0)
	h.letGo <- struct{}{}
	<-h.begun
	h.letGo <- struct{}{}
	if a, b := first.status(), second.status(); a != http.StatusOK || b != http.StatusOK {
		t.Errorf("one after the other: status %d and %d", a, b)
	}

	h = hold()
	addr, _ = relay(t, behindProxy(Limits{Running: 1, Wait: 10 * time.Millisecond}), h.serve)
	ask(t, addr, "198.51.100.1", 0)
	<-h.begun
	if status := ask(t, addr, "198.51.100.1", 0).status(); status != http.StatusTooManyRequests {
		t.Errorf("no turn in time: status %d", status)
	}
	close(h.letGo)
}

func TestFewLargeRequestsAreServedAtATime(t *testing.T) {
	h := hold()
	addr, _ := relay(t, behindProxy(Limits{Large: 1, Wait: 10 * time.Millisecond}), h.serve)
	ask(t, addr, "198.51.100.1", LargeBody+1)
	<-h.begun
	if status := ask(t, addr, "198.51.100.2", LargeBody+1).status(); status != http.StatusTooManyRequests {
		t.Errorf("a second large one: status %d", status)
	}
	ask(t, addr, "198.51.100.3", LargeBody)
	<-h.begun // one that is not large is served
	close(h.letGo)
	for served := false; !served; { // and the next large one, once the first has ended
		select {
		case <-h.begun:
			served = true
		default:
			ask(t, addr, "198.51.100.4", LargeBody+1)
		}
	}
}

func TestOneAddressKeepsTheLargeRequestsOfOthersNotOut(t *testing.T) {
	h := hold()
	defer close(h.letGo)
	addr, _ := relay(t, behindProxy(Limits{Large: 4, Wait: 10 * time.Millisecond}), h.serve)
	for range 2 {
		ask(t, addr, "198.51.100.1", LargeBody+1)
		<-h.begun
	}
	if status := ask(t, addr, "198.51.100.1", LargeBody+1).status(); status != http.StatusTooManyRequests {
		t.Errorf("a third large one of the same address: status %d", status)
	}
	ask(t, addr, "198.51.100.1", LargeBody)
	<-h.begun // one that is not large is served
	for _, other := range []string{"198.51.100.2", "2001:db8::1"} {
		ask(t, addr, other, LargeBody+1)
		<-h.begun
	}
}

func TestARequestThatLeavesCountsNoMore(t *testing.T) {
	h := hold()
	addr, gate := relay(t, behindProxy(Limits{Requests: 1}), func(w http.ResponseWriter, r *http.Request) {
		Leave(r.Context())
		h.serve(w, r)
	})
	for range 3 {
		ask(t, addr, "198.51.100.1", 0)
		<-h.begun
	}
	gate.mu.Lock()
	defer gate.mu.Unlock()
	if len(gate.clients) != 0 {
		t.Errorf("%d clients are counted still", len(gate.clients))
	}
	close(h.letGo)
}

func TestALongHeaderThatIsParsedIsCut(t *testing.T) {
	for _, name := range []string{"User-Agent", "Accept-Encoding", "Sec-CH-UA-Mobile"} {
		for _, length := range []int{100, maxParsed, maxParsed + 1, 14 << 10} {
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.Header.Set(name, strings.Repeat("x", length))
			got := 0
			New(Config{}).Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				got = len(r.Header.Get(name))
			}), nil).ServeHTTP(httptest.NewRecorder(), r)
			if want := min(length, maxParsed); got != want {
				t.Errorf("%s of %d bytes arrives with %d, want %d", name, length, got, want)
			}
		}
	}
}

// deadlines records the deadline of each write.
type deadlines struct {
	net.Conn
	now, all []time.Time
}

func (d *deadlines) SetWriteDeadline(t time.Time) error {
	d.all = append(d.all, t)
	return nil
}

func (d *deadlines) Write(p []byte) (int, error) {
	d.now = append(d.now, d.all[len(d.all)-1])
	return len(p), nil
}

func TestEachPartOfAReplyHasItsOwnTimeWithinThatOfTheWhole(t *testing.T) {
	d := &deadlines{}
	c := &conn{Conn: d, progress: time.Minute}
	if n, err := c.Write(make([]byte, 2*maxWritten+1)); n != 2*maxWritten+1 || err != nil {
		t.Fatalf("%d bytes written, %v", n, err)
	}
	if len(d.now) != 3 || time.Until(d.now[2]) < 30*time.Second || time.Until(d.now[2]) > time.Minute {
		t.Errorf("the deadlines of three parts are %v", d.now)
	}
	whole := time.Now().Add(time.Second)
	if err := c.SetWriteDeadline(whole); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Write([]byte("the end")); err != nil || !d.now[3].Equal(whole) {
		t.Errorf("a part may take until %v (%v), the whole until %v", d.now[3], err, whole)
	}
}
