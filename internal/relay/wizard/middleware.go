package wizard

import (
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"unicode/utf8"

	"github.com/klauspost/compress/gzhttp"

	"github.com/latchkeyhq/latchkey/internal/pages"
)

// policy lets a page load what the relay itself serves, and nothing inline.
const policy = "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// pagePolicy lets what the wizard serves load what belongs to its pages.
func (s *core) pagePolicy(next http.Handler) http.Handler {
	// At an agency's domain a form may lead to the page from which the browser leaves.
	ofDomain := strings.Replace(policy, "form-action 'self'", "form-action 'self' "+s.origin, 1)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		policy := policy
		if _, found := s.domains.AgencyAt(r.Context(), r.Host); found {
			policy = ofDomain
		}
		w.Header().Set("Content-Security-Policy", policy)
		next.ServeHTTP(w, r)
	})
}

// minCompressed is the size from which a page is sent compressed: only the
// lists of assets and long receipts are that large. They hold no secret that their
// length could tell: what opens the lists is the cookie, which no page repeats, and a
// receipt repeats nothing that somebody without its link could choose.
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
// not name its origin: a browser always does.
func (s *core) crossOriginProtection(next http.Handler) (http.Handler, error) {
	protection := http.NewCrossOriginProtection()
	// Behind a proxy the Host may be another than the one in the address bar.
	if err := protection.AddTrustedOrigin(s.origin); err != nil {
		return nil, fmt.Errorf("trusting the relay's own address: %w", err)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodGet, http.MethodHead, http.MethodOptions:
			next.ServeHTTP(w, r)
			return
		}
		at, checks := s.at(r), protection
		if at.agency != "" { // whose forms are its own pages' alone, not those of the relay's address
			checks = http.NewCrossOriginProtection()
			if err := checks.AddTrustedOrigin(at.origin); err != nil {
				s.renderError(w, r, s.neutralFrame(r), err)
				return
			}
		}
		silent := r.Header.Get("Sec-Fetch-Site") == "" && r.Header.Get("Origin") != at.origin
		if silent || checks.Check(r) != nil {
			s.render(w, r, http.StatusForbidden, pages.RefusedPost{Frame: s.neutralFrame(r)})
			return
		}
		next.ServeHTTP(w, r)
	}), nil
}

// rejectInvalidPaths answers addresses with what is no text: no page has one,
// and PostgreSQL would not look for it.
func (s *core) rejectInvalidPaths(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !utf8.ValidString(r.URL.Path) || strings.IndexByte(r.URL.Path, 0) >= 0 {
			s.render(w, r, http.StatusNotFound, pages.NotFound{Frame: s.neutralFrame(r)})
			return
		}
		next.ServeHTTP(w, r)
	})
}

// logAndRecover answers a panic with a page, and logs every response under the
// pattern of its route: paths and queries hold what logs must not.
func (s *core) logAndRecover(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := &statusRecorder{ResponseWriter: w}
		defer func() {
			fault := recover()
			if fault == http.ErrAbortHandler {
				panic(fault)
			}
			if fault != nil {
				reference := newReference()
				s.log.ErrorContext(r.Context(), "recovering a page", "route", r.Pattern, "reference", reference,
					"panic", fmt.Sprint(fault), "stack", string(debug.Stack()))
				if rec.status == 0 {
					s.render(rec, r, http.StatusInternalServerError, pages.TryLater{Frame: s.neutralFrame(r), Reference: reference})
				}
			}
			if s.log.Enabled(r.Context(), slog.LevelDebug) {
				s.log.DebugContext(r.Context(), "answering", "method", r.Method, "route", r.Pattern, "status", rec.status)
			}
		}()
		next.ServeHTTP(rec, r)
	})
}

// statusRecorder records the status of a response; zero: it has not begun.
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
