package relay

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/klauspost/compress/gzhttp"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
)

// policy lets a page load what the relay itself serves, and nothing inline.
const policy = "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// securityHeaders has every response carry what keeps it safe, also those to
// hubs, and the redirects and refusals of Go's own routing. Only pages may load
// anything: they have a policy of their own.
func securityHeaders(next http.Handler, https bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()")
		h.Set("X-Robots-Tag", "noindex, nofollow")
		if https {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

// pagePolicy lets what the wizard serves load what belongs to its pages.
func pagePolicy(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		next.ServeHTTP(w, r)
	})
}

// minCompressed is the size from which a page is sent compressed: only the
// lists of assets are that large. They hold no secret that their length could
// tell: what opens them is the cookie, which no page repeats.
const minCompressed = 16 << 10

// compress sends large pages compressed to browsers that take it.
func compress(next http.Handler) (http.Handler, error) {
	wrap, err := gzhttp.NewWrapper(gzhttp.MinSize(minCompressed))
	if err != nil {
		return nil, fmt.Errorf("preparing compression: %w", err)
	}
	return wrap(next), nil
}

// crossOriginProtection refuses every form that came from another site, and one that does
// not say where it comes from: a browser always does.
func (z *wizard) crossOriginProtection(next http.Handler) (http.Handler, error) {
	protection := http.NewCrossOriginProtection()
	// Behind a proxy the Host may be another than the one in the address bar.
	if err := protection.AddTrustedOrigin(z.origin); err != nil {
		return nil, fmt.Errorf("trusting the relay's own address: %w", err)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodGet, http.MethodHead, http.MethodOptions:
			next.ServeHTTP(w, r)
			return
		}
		silent := r.Header.Get("Sec-Fetch-Site") == "" && r.Header.Get("Origin") != z.origin
		if silent || protection.Check(r) != nil {
			z.show(w, r, http.StatusForbidden, pages.RefusedPost{Frame: z.neutral(r)})
			return
		}
		next.ServeHTTP(w, r)
	}), nil
}

// rejectInvalidPaths answers addresses with what is no text: no page has one,
// and PostgreSQL would not look for it.
func (z *wizard) rejectInvalidPaths(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !utf8.ValidString(r.URL.Path) || strings.IndexByte(r.URL.Path, 0) >= 0 {
			z.show(w, r, http.StatusNotFound, pages.NotFound{Frame: z.neutral(r)})
			return
		}
		next.ServeHTTP(w, r)
	})
}

// logAndRecover answers a panic with a page, and logs every response under the
// pattern of its route: paths and queries hold what logs must not.
func (z *wizard) logAndRecover(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := &statusRecorder{ResponseWriter: w}
		defer func() {
			fault := recover()
			if fault == http.ErrAbortHandler {
				panic(fault)
			}
			if fault != nil {
				reference := newReference()
				z.log.ErrorContext(r.Context(), "recovering a page", "route", r.Pattern, "reference", reference,
					"panic", fmt.Sprint(fault), "stack", string(debug.Stack()))
				if rec.status == 0 {
					z.show(rec, r, http.StatusInternalServerError, pages.TryLater{Frame: z.neutral(r), Reference: reference})
				}
			}
			if z.log.Enabled(r.Context(), slog.LevelDebug) {
				z.log.DebugContext(r.Context(), "answering", "method", r.Method, "route", r.Pattern, "status", rec.status)
			}
		}()
		next.ServeHTTP(rec, r)
	})
}

// statusRecorder remembers the status of a response; zero: it has not begun.
type statusRecorder struct {
	http.ResponseWriter
	status int
}

func (r *statusRecorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *statusRecorder) Write(p []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.ResponseWriter.Write(p)
}

// Unwrap is for http.ResponseController.
func (r *statusRecorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// caught keeps a fault in what goes on beside a page from ending the relay for
// everybody: the server catches only what happens in the answer itself.
func (z *wizard) caught(ctx context.Context, doing string) {
	if fault := recover(); fault != nil {
		z.log.ErrorContext(ctx, "recovering beside a page", "doing", doing, "reference", newReference(), "panic", fmt.Sprint(fault), "stack", string(debug.Stack()))
	}
}

// show answers with a page. The status is sent with the page's first byte, so
// that a page that cannot be rendered is still a proper failure.
func (z *wizard) show(w http.ResponseWriter, r *http.Request, status int, page pages.Page) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	if status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests {
		h.Set("Retry-After", "30")
	}
	sent := &pageWriter{w: w, status: status}
	if err := z.pages.Render(sent, page); err != nil && !sent.begun {
		reference := newReference()
		z.log.ErrorContext(r.Context(), "showing a page", "route", r.Pattern, "reference", reference, "error", err)
		h.Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(http.StatusInternalServerError)
		// The caller may have gone: nobody to tell.
		_, _ = fmt.Fprintf(w, "This page cannot be shown. Nothing was changed. Reference: %s\n", reference)
	}
}

// pageWriter begins a response with the first byte of its page. A page is
// written whole: its length is known.
type pageWriter struct {
	w      http.ResponseWriter
	status int
	begun  bool
}

func (p *pageWriter) Write(page []byte) (int, error) {
	if !p.begun {
		p.begun = true
		p.w.Header().Set("Content-Length", strconv.Itoa(len(page)))
		p.w.WriteHeader(p.status)
	}
	return p.w.Write(page)
}

// newReference is what a person quotes and the log has too.
func newReference() string { return rand.Text()[:8] }

// maxForm bounds a form of words; maxChoice one of ticks.
const (
	maxForm   = 64 << 10
	maxChoice = 1 << 20
)

// formPatience is how long a browser may take to send a form. Who takes longer
// only holds a connection.
const formPatience = 10 * time.Second

// form reads a form of at most so many bytes.
func form(w http.ResponseWriter, r *http.Request, most int64) error {
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(formPatience)) // a recorder in a test has none
	r.Body = http.MaxBytesReader(w, r.Body, most)
	if err := r.ParseForm(); err != nil {
		var long *http.MaxBytesError
		if errors.As(err, &long) {
			return errTooLong
		}
		return fmt.Errorf("reading a form: %w", onboarding.ErrInvalid)
	}
	return nil
}

// visitorIP is the address of whoever asks: the proxy's word counts only as
// far as proxies are trusted.
func (z *wizard) visitorIP(r *http.Request) netip.Addr {
	peer := netip.Addr{}
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		if ip, err := netip.ParseAddr(host); err == nil {
			peer = ip.Unmap()
		}
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && z.trusted(peer); i-- {
		ip, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		peer = ip.Unmap()
	}
	return peer
}

func (z *wizard) trusted(ip netip.Addr) bool {
	for _, proxy := range z.proxies {
		if proxy.Contains(ip) {
			return true
		}
	}
	return false
}

// goneAway says that nobody waits for the answer any more.
func goneAway(ctx context.Context, err error) bool {
	return errors.Is(err, context.Canceled) && ctx.Err() != nil
}

// logAttr names the failure for the log.
func logAttr(err error) slog.Attr { return slog.Any("error", err) }
