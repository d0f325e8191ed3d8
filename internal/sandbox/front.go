package sandbox

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
)

// front is a platform's door. Pages are for the loopback address, calls for
// the platform's own host names; anything else is refused, so that a caller
// who would miss the real platform misses this one too.
type HostRouter struct {
	platform string
	Hosts    string                 // the host names of calls, in words
	IsHost   func(host string) bool // the same, decided
	Calls    http.Handler
	Pages    http.Handler
}

func (w *World) front(s *Server, f HostRouter) http.Handler {
	calls := w.faulty(f.platform, f.Calls)
	pages := w.downPages(f.platform, f.Pages)
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		switch {
		case r.Host == s.host:
			pages.ServeHTTP(rw, r)
		case f.IsHost(r.Host):
			calls.ServeHTTP(rw, r)
		default:
			Text(http.StatusMisdirectedRequest, fmt.Sprintf(
				"This is the sandbox's %s. It answers calls for %s and shows pages at %s; this call was for %q.",
				title(f.platform), f.Hosts, s.host, r.Host)).Send(rw)
		}
	})
}

// faulty puts a platform's transport in the state its switches say.
func (w *World) faulty(platform string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		on := func(fault string) bool {
			w.mu.Lock()
			defer w.mu.Unlock()
			return w.isOn(platform, fault, "")
		}
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

// downPages keeps the pages in step with the calls for what a person would see.
func (w *World) downPages(platform string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		down, slow := w.isOn(platform, "down", ""), w.isOn(platform, "slow", "")
		var sorry Response
		if down {
			sorry = w.page(http.StatusServiceUnavailable, "error.html", ErrorPage{
				Frame: w.frame(platform, "Not available"),
				Head:  "This page is not available right now",
				Text:  title(platform) + " has trouble at the moment. Try again in a while.",
			})
		}
		w.mu.Unlock()
		if slow && !w.wait(r, w.slowBy) {
			return
		}
		if down && !strings.HasPrefix(r.URL.Path, "/static/") {
			sorry.Send(rw)
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
