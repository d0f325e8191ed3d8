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

// guarded has every answer of the relay carry what keeps it safe, also where no
// page answers: hubs' answers, and the redirects and refusals of Go's own
// routing.
func guarded(next http.Handler) http.Handler {
	bare := newHeaders(
		"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'",
		"Referrer-Policy", "same-origin",
		"Cache-Control", "no-store",
		"X-Content-Type-Options", "nosniff",
	)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := answering(w)
		a.standing = bare
		next.ServeHTTP(a, r)
		a.begin(http.StatusOK) // an answer without a body begins here
	})
}

// headers are carried by every answer of a kind. They are made once and
// shared: whoever wants another value sets another list.
type headers struct {
	all   []header
	lines []byte // as they are sent
}

type header struct {
	name   string // as http.CanonicalHeaderKey writes it
	values []string
}

func newHeaders(pairs ...string) *headers {
	h := &headers{}
	for i := 0; i < len(pairs); i += 2 {
		h.all = append(h.all, header{pairs[i], []string{pairs[i+1]}})
		h.lines = fmt.Appendf(h.lines, "%s: %s\r\n", pairs[i], pairs[i+1])
	}
	return h
}

// set sets those that the handler did not set itself.
func (h *headers) set(into http.Header) {
	for _, one := range h.all {
		if _, other := into[one.name]; !other {
			into[one.name] = one.values
		}
	}
}

// answer is an answer of the relay. It remembers its status, and sets the
// standing headers when it begins.
type answer struct {
	http.ResponseWriter
	standing *headers
	status   int // zero: it has not begun
}

// answering gives the answer that is written.
func answering(w http.ResponseWriter) *answer {
	if a, already := w.(*answer); already {
		return a
	}
	return &answer{ResponseWriter: w, standing: &headers{}}
}

func (a *answer) begin(status int) {
	if a.status == 0 {
		a.status = status
		a.standing.set(a.Header())
	}
}

func (a *answer) WriteHeader(status int) {
	a.begin(status)
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(p []byte) (int, error) {
	a.begin(http.StatusOK)
	return a.ResponseWriter.Write(p)
}

// FlushError is for http.ResponseController.
func (a *answer) FlushError() error {
	a.begin(http.StatusOK)
	return http.NewResponseController(a.ResponseWriter).Flush()
}

// Unwrap is for http.ResponseController.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// page begins an answer whose only own header is its type, on a connection
// that sends the standing ones itself: net/http would copy, sort and write
// them anew for each page, which takes as long as the page.
func (a *answer) page(status int, size int, to *joined) {
	h := a.Header()
	if a.status == 0 && len(h) == 1 && to.hold(a.standing.lines) {
		a.status = status
	} else {
		to.hold(nil)
	}
	h["Content-Length"] = []string{strconv.Itoa(size)}
	a.WriteHeader(status)
}

// policy lets a page load what the relay itself serves, and nothing inline.
const policy = "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// secured has every answer to a browser carry what its pages need.
func (z *wizard) secured(next http.Handler) http.Handler {
	pairs := []string{
		"Content-Security-Policy", policy,
		"Referrer-Policy", "same-origin",
		"Cache-Control", "no-store",
		"X-Content-Type-Options", "nosniff",
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
		a := answering(w)
		a.standing = safe
		next.ServeHTTP(a, r)
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
		a := answering(w)
		defer func() {
			fault := recover()
			if fault == http.ErrAbortHandler {
				panic(fault)
			}
			if fault != nil {
				reference := newReference()
				z.log.ErrorContext(r.Context(), "recovering a page", "route", r.Pattern, "reference", reference, "panic", fmt.Sprint(fault), "stack", string(debug.Stack()))
				if a.status == 0 {
					z.show(a, r, http.StatusInternalServerError, pages.TryLater{Frame: z.neutral(r), Reference: reference})
				}
			}
			if z.log.Enabled(r.Context(), slog.LevelDebug) {
				z.log.DebugContext(r.Context(), "answering", "method", r.Method, "route", r.Pattern, "status", a.status)
			}
		}()
		next.ServeHTTP(a, r)
	})
}

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
	h["Content-Type"] = z.paged
	if status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests {
		h.Set("Retry-After", "30")
	}
	sent := &whole{w: answering(w), to: joinedOf(r), status: status, packs: strings.Contains(r.Header.Get("Accept-Encoding"), "gzip")}
	if err := z.pages.Render(sent, page); err != nil && !sent.begun {
		reference := newReference()
		z.log.ErrorContext(r.Context(), "showing a page", "route", r.Pattern, "reference", reference, "error", err)
		h["Content-Type"] = []string{"text/plain; charset=utf-8"}
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = fmt.Fprintf(w, "This page cannot be shown. Nothing was changed. Reference: %s\n", reference) // the caller has gone: nobody to tell
	}
}

// whole writes a page that comes in one piece.
type whole struct {
	w      *answer
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
	a.w.page(a.status, len(page), a.to)
	n, err := a.w.Write(page)
	if a.to != nil && err == nil {
		err = a.w.FlushError()
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
