package relay

import (
	"compress/gzip"
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

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
)

// guarded sets what every answer of the relay carries, also where no page
// answers: hubs' answers, and the redirects and refusals of Go's own routing.
func guarded(next http.Handler) http.Handler {
	bare := newHeaders(
		"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'",
		"Referrer-Policy", "same-origin",
		"Cache-Control", "no-store",
		"X-Content-Type-Options", "nosniff",
	)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		bare.set(w.Header())
		next.ServeHTTP(w, r)
	})
}

// headers are set on every answer of a kind. The lists of values are made
// once and shared: whoever wants another value sets another list.
type headers []header

type header struct {
	name   string // as http.CanonicalHeaderKey writes it
	values []string
}

func newHeaders(pairs ...string) headers {
	var all headers
	for i := 0; i < len(pairs); i += 2 {
		all = append(all, header{pairs[i], []string{pairs[i+1]}})
	}
	return all
}

func (all headers) set(h http.Header) {
	for _, one := range all {
		h[one.name] = one.values
	}
}

// policy lets a page load what the relay itself serves, and nothing inline.
const policy = "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// secured sets what every answer to a browser carries beside what guarded has
// set, before anybody answers.
func (z *wizard) secured(next http.Handler) http.Handler {
	pairs := []string{
		"Content-Security-Policy", policy,
		"X-Frame-Options", "DENY",
		"Cross-Origin-Opener-Policy", "same-origin",
		"Cross-Origin-Resource-Policy", "same-origin",
		"Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()",
		"X-Robots-Tag", "noindex, nofollow",
	}
	if z.secure {
		pairs = append(pairs, "Strict-Transport-Security", "max-age=31536000")
	}
	safe := newHeaders(pairs...)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		safe.set(w.Header())
		next.ServeHTTP(w, r)
	})
}

// sameSite refuses every form that came from another site, and one that does
// not say where it comes from: a browser always does.
func (z *wizard) sameSite(next http.Handler) (http.Handler, error) {
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

// watched answers a panic with a page, and notes every answer under the
// pattern of its route: paths and queries hold what logs must not.
func (z *wizard) watched(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		noted := &noting{ResponseWriter: w}
		defer func() {
			fault := recover()
			if fault == http.ErrAbortHandler {
				panic(fault)
			}
			if fault != nil {
				reference := newReference()
				z.log.ErrorContext(r.Context(), "recovering a page", "route", r.Pattern, "reference", reference, "panic", fmt.Sprint(fault), "stack", string(debug.Stack()))
				if noted.status == 0 {
					z.show(noted, r, http.StatusInternalServerError, pages.TryLater{Frame: z.neutral(r), Reference: reference})
				}
			}
			if z.log.Enabled(r.Context(), slog.LevelDebug) {
				z.log.DebugContext(r.Context(), "answering", "method", r.Method, "route", r.Pattern, "status", noted.status)
			}
		}()
		next.ServeHTTP(noted, r)
	})
}

// caught keeps a fault in what goes on beside a page from ending the relay for
// everybody: the server catches only what happens in the answer itself.
func (z *wizard) caught(ctx context.Context, doing string) {
	if fault := recover(); fault != nil {
		z.log.ErrorContext(ctx, "recovering beside a page", "doing", doing, "reference", newReference(), "panic", fmt.Sprint(fault), "stack", string(debug.Stack()))
	}
}

// noting remembers the status of an answer.
type noting struct {
	http.ResponseWriter
	status int
}

func (n *noting) WriteHeader(status int) {
	if n.status == 0 {
		n.status = status
	}
	n.ResponseWriter.WriteHeader(status)
}

func (n *noting) Write(p []byte) (int, error) {
	if n.status == 0 {
		n.status = http.StatusOK
	}
	return n.ResponseWriter.Write(p)
}

// Unwrap is for http.ResponseController.
func (n *noting) Unwrap() http.ResponseWriter { return n.ResponseWriter }

// show answers with a page. The status is sent with the page's first byte, so
// that a page that cannot be rendered is still a proper failure.
func (z *wizard) show(w http.ResponseWriter, r *http.Request, status int, page pages.Page) {
	h := w.Header()
	z.paged.set(h)
	if status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests {
		h.Set("Retry-After", "30")
	}
	answer := &whole{w: w, to: joinedOf(r), status: status, packs: strings.Contains(r.Header.Get("Accept-Encoding"), "gzip")}
	if err := z.pages.Render(answer, page); err != nil && !answer.begun {
		reference := newReference()
		z.log.ErrorContext(r.Context(), "showing a page", "route", r.Pattern, "reference", reference, "error", err)
		h["Content-Type"] = []string{"text/plain; charset=utf-8"}
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = fmt.Fprintf(w, "This page cannot be shown. Nothing was changed. Reference: %s\n", reference) // the caller has gone: nobody to tell
	}
}

// whole writes a page that comes in one piece.
type whole struct {
	w      http.ResponseWriter
	to     *joined // the connection; nil: one that joins nothing
	status int
	packs  bool // the browser takes gzip
	begun  bool
}

// worthPacking is the size from which a page is sent compressed: only the
// lists of assets are that large. They hold no secret that their length could
// tell: what opens them is the cookie, which no page repeats.
const worthPacking = 16 << 10

func (a *whole) Write(page []byte) (int, error) {
	if a.begun {
		return a.w.Write(page)
	}
	a.begun = true
	h := a.w.Header()
	if a.packs && len(page) >= worthPacking {
		h["Content-Encoding"], h["Vary"] = []string{"gzip"}, []string{"Accept-Encoding"}
		a.w.WriteHeader(a.status)
		zip := gzip.NewWriter(a.w)
		if _, err := zip.Write(page); err != nil {
			return 0, err
		}
		return len(page), zip.Close()
	}
	h["Content-Length"] = []string{strconv.Itoa(len(page))}
	a.to.hold()
	a.w.WriteHeader(a.status)
	n, err := a.w.Write(page)
	if a.to != nil && err == nil {
		err = http.NewResponseController(a.w).Flush()
	}
	return n, errors.Join(err, a.to.release())
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
