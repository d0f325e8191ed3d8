package sandbox

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
)

// HostRouter is a platform's door. Pages are for the loopback address, calls for
// the platform's own host names; anything else is refused, so that a caller
// who would miss the real platform misses this one too.
type HostRouter struct {
	Hosts  string                 // the host names of calls, in words
	IsHost func(host string) bool // the same, decided
	Calls  http.Handler
	Pages  http.Handler
}

// Route is a platform's handler, with the transport faults that are switched on.
func (e *Env) Route(to HostRouter) http.Handler {
	calls := e.faultyCalls(to.Calls)
	pages := e.faultyPages(to.Pages)
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		switch {
		case r.Host == e.server.host:
			pages.ServeHTTP(rw, r)
		case to.IsHost(r.Host):
			calls.ServeHTTP(rw, r)
		default:
			Text(http.StatusMisdirectedRequest, fmt.Sprintf(
				"This is the sandbox's %s. It answers calls for %s and shows pages at %s; this call was for %q.",
				e.info.Title, to.Hosts, e.server.host, r.Host)).Send(rw)
		}
	})
}

// faultyCalls breaks calls by the switches that are on.
func (e *Env) faultyCalls(next http.Handler) http.Handler {
	w := e.world
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		on := func(fault string) bool { return e.IsOn(fault, "") }
		if on("clock_skew") {
			rw.Header().Set("Date", w.now().Add(skew).UTC().Format(http.TimeFormat))
		}
		if on("slow") && !w.wait(r, w.slowBy) {
			return
		}
		switch {
		case on("reset"):
			cutCall(rw)
		case on("stall"):
			w.wait(r, time.Hour)
			cutCall(rw)
		case on("down"):
			RawPage(http.StatusServiceUnavailable, "503 Service Temporarily Unavailable").Send(rw)
		case on("malformed"):
			a := Text(http.StatusOK, `{"data":[{"id":"120330","name":"Harb`)
			a.With("Content-Type", "application/json").Send(rw)
		case on("huge"):
			flood(rw)
		default:
			next.ServeHTTP(rw, r)
		}
	})
}

// faultyPages keeps the pages in step with the calls for what a person would see.
func (e *Env) faultyPages(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if e.IsOn("slow", "") && !e.world.wait(r, e.world.slowBy) {
			return
		}
		if e.IsOn("down", "") && !strings.HasPrefix(r.URL.Path, "/static/") {
			e.Page(http.StatusServiceUnavailable, "error.html", ErrorPage{
				Frame: e.Frame("Not available"),
				Head:  "This page is not available right now",
				Text:  e.info.Title + " has trouble at the moment. Try again in a while.",
			}).Send(rw)
			return
		}
		next.ServeHTTP(rw, r)
	})
}

// wait sleeps in real time; false when the caller or the world is gone first.
func (w *World) wait(r *http.Request, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	case <-w.closed:
		return false
	}
}

// cutCall cuts the line without a word: the caller sees a reset connection.
func cutCall(rw http.ResponseWriter) {
	conn, _, err := http.NewResponseController(rw).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // the server cuts the line then, only less rudely
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // without it the line ends politely, which is another fault
	}
	_ = conn.Close() // it is being cut: there is nobody to tell
}

// flood answers valid JSON without an end in sight: 64 MB.
func flood(rw http.ResponseWriter) {
	rw.Header().Set("Content-Type", "application/json")
	chunk := []byte(strings.Repeat(`{"id":"0","name":"Harbour"},`, 2400))
	if _, err := rw.Write([]byte(`{"data":[`)); err != nil {
		return
	}
	for range 1000 {
		if _, err := rw.Write(chunk); err != nil {
			return
		}
	}
	_, _ = rw.Write([]byte(`{"id":"0"}]}`)) // the reader gave up long ago, or should have
}
