package wizard

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// recoverGoroutine keeps a fault in what goes on beside a page from ending the relay for
// everybody: the server catches only what happens in the answer itself.
func (s *core) recoverGoroutine(ctx context.Context, doing string) {
	if fault := recover(); fault != nil {
		s.log.ErrorContext(
			ctx, "recovering beside a page", "doing", doing, "reference", newReference(), "panic", fmt.Sprint(fault), "stack",
			string(debug.Stack()),
		)
	}
}

// render answers with a page. The status is sent with the page's first byte, so
// that a page that cannot be rendered is still a proper failure.
func (s *core) render(w http.ResponseWriter, r *http.Request, status int, page pages.Page) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	if status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests {
		h.Set("Retry-After", "30")
	}
	sent := &pageWriter{w: w, status: status}
	if err := s.pages.Render(sent, page); err != nil && !sent.begun {
		reference := newReference()
		s.log.ErrorContext(r.Context(), "showing a page", "route", r.Pattern, "reference", reference, "error", err)
		h.Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(http.StatusInternalServerError)
		// The caller may have gone: nobody to tell.
		_, _ = fmt.Fprintln(w, s.pages.Text("end.broken.message", "Reference", reference))
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

// logAttr names the failure for the log.
func logAttr(err error) slog.Attr { return slog.Any("error", err) }

func (s *core) setCookie(w http.ResponseWriter, name string, p visitKey, ends onboarding.Timestamp) {
	// An age and not a date: the visitor's clock may be wrong.
	age := max(1, int(time.Duration(ends-s.store.Now())*time.Millisecond/time.Second))
	http.SetCookie(w, &http.Cookie{
		Name: name, Value: p.text(), Path: "/", MaxAge: age, Secure: s.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

func (s *core) clearCookie(w http.ResponseWriter, name string) {
	http.SetCookie(w, &http.Cookie{
		Name: name, Path: "/", MaxAge: -1, Secure: s.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

// Sentinels of the wizard alone.
var (
	errFormTooLarge = errors.New("the form is too long")
	errNoVisit      = errors.New("this browser has no visit here")
)

// isExpected says that an error means only: not now, and nobody has to know.
func isExpected(err error) bool {
	return errors.Is(err, onboarding.ErrRateLimited) || errors.Is(err, onboarding.ErrNotFound)
}

// renderError answers an error with a page: a sentence and what to do. The log gets
// the error, both get the same reference.
func (s *core) renderError(w http.ResponseWriter, r *http.Request, frame pages.Frame, err error) {
	if isClientGone(r.Context(), err) {
		return
	}
	switch {
	case errors.Is(err, onboarding.ErrNotFound), errors.Is(err, onboarding.ErrNotOffered):
		s.render(w, r, http.StatusNotFound, pages.NotFound{Frame: frame})
		return
	case errors.Is(err, errNoVisit):
		s.render(w, r, http.StatusForbidden, s.elsewhere(r, frame))
		return
	case errors.Is(err, onboarding.ErrRateLimited):
		s.render(w, r, http.StatusTooManyRequests, pages.TryLater{Frame: frame, TooOften: true})
		return
	}
	reference := newReference()
	status, level := http.StatusInternalServerError, slog.LevelError
	var page pages.Page = pages.TryLater{Frame: frame, Reference: reference}
	switch {
	case errors.Is(err, onboarding.ErrUnavailable), sqldb.IsUnavailable(err), errors.Is(err, context.DeadlineExceeded):
		status = http.StatusServiceUnavailable
	case errors.Is(err, errFormTooLarge):
		status, level = http.StatusRequestEntityTooLarge, slog.LevelInfo
		page = s.problem(frame, catalog.Unexpected, reference)
	case errors.Is(err, onboarding.ErrInvalid):
		status, level = http.StatusBadRequest, slog.LevelInfo
		page = s.problem(frame, catalog.Unexpected, reference)
	}
	s.log.Log(r.Context(), level, "refusing a page", "route", r.Pattern, "reference", reference, logAttr(err))
	s.render(w, r, status, page)
}

// elsewhere is the page for a browser without the visit's cookie.
func (s *core) elsewhere(r *http.Request, frame pages.Frame) pages.Problem {
	return pages.Problem{Frame: frame, Failure: pages.FailureView{
		Failure: s.catalog.Describe(catalog.SignInElsewhere, catalog.Args{Agency: frame.Company, Address: s.at(r).host}),
	}}
}

func (s *core) problem(frame pages.Frame, code catalog.FailureCode, reference string) pages.Problem {
	return pages.Problem{Frame: frame, Failure: pages.FailureView{
		Failure: s.catalog.Describe(code, catalog.Args{Agency: frame.Company}), Reference: reference,
	}}
}

// seeOther answers a form: the next page is an address of its own.
func seeOther(w http.ResponseWriter, r *http.Request, address string) error {
	http.Redirect(w, r, address, http.StatusSeeOther)
	return nil
}
