package wizard

import (
	"context"
	"errors"
	"net/http"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
	"github.com/latchkeyhq/latchkey/internal/relay/link"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// linkPages are the pages that a link opens before there is a visit.
type linkPages struct {
	*visits
	limits onboarding.Limits
}

// linkScope is a link that was opened: what it leads to, and how its pages look.
type linkScope struct {
	link.Link
	*store.ClientView
	token   string
	receipt store.Receipt // of a receipt's link
	Frame   pages.Frame
}

// path is an address of the link's own.
func (l *linkScope) path(rest string) string {
	if rest == "" {
		return "/r/" + l.token
	}
	return "/r/" + l.token + "/" + rest
}

func (l *linkScope) pageFrame() pages.Frame { return l.Frame }

func (l *linkScope) back() string { return l.path("") }

func (l *linkScope) requested() onboarding.Request { return l.Request.Request }

func (l *linkScope) reported() store.Letter { return reportedPage(l.ClientView) }

type linkHandler func(w http.ResponseWriter, r *http.Request, l *linkScope) error

// withLink opens the link of an address and lets the handler answer, also on a
// phone, and whatever became of the request.
func (s *linkPages) withLink(handle linkHandler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token := r.PathValue("token")
		opened, err := s.keys.VerifyLink(token)
		if err != nil {
			s.rejectToken(w, r)
			return
		}
		shown, receipt, err := s.loadLink(r.Context(), opened)
		if errors.Is(err, onboarding.ErrNotFound) { // it was ours: the request is gone
			s.render(w, r, http.StatusGone, pages.Expired{Frame: s.neutralFrame(r)})
			return
		} else if err != nil {
			s.renderError(w, r, s.neutralFrame(r), err)
			return
		}
		l := &linkScope{Link: opened, ClientView: shown, token: token, receipt: receipt}
		l.Frame = s.requestFrame(r, shown, "/r/"+token)
		if err := handle(w, r, l); err != nil {
			s.failLinked(w, r, l, err)
		}
	})
}

// loadLink reads what a link leads to. A letter's own link leads to none.
func (s *linkPages) loadLink(
	ctx context.Context, opened link.Link,
) (shown *store.ClientView, receipt store.Receipt, err error) {
	switch opened.Kind {
	case link.KindRequest:
		shown, err = s.store.ClientViewByLink(ctx, opened.ID)
	case link.KindReceipt:
		if receipt, err = s.store.LinkedReceipt(ctx, opened.ID); err == nil {
			shown, err = s.store.ClientView(ctx, receipt.Request)
		}
	default:
		err = onboarding.ErrNotFound
	}
	return shown, receipt, err
}

// requireLiveLink is withLink for the wizard's own pages: on a computer, while the link works.
func (s *linkPages) requireLiveLink(handle linkHandler) http.Handler {
	return s.withLink(func(w http.ResponseWriter, r *http.Request, l *linkScope) error {
		if l.Kind == link.KindReceipt {
			return s.showReceipt(w, r, l)
		}
		if err := s.checkLink(l.ClientView, l.Version); err != nil {
			return err
		}
		if s.isPhone(r) {
			s.refusePhone(w, r, l)
			return nil
		}
		return handle(w, r, l)
	})
}

// failLinked answers an error on a page of a request: the end pages for a dead
// link, else as renderError does.
func (s *linkPages) failLinked(w http.ResponseWriter, r *http.Request, l *linkScope, err error) {
	if page := s.endPage(r, l.ClientView, l.Frame, err); page != nil {
		s.render(w, r, http.StatusGone, page)
		return
	}
	s.renderError(w, r, l.Frame, err)
}
