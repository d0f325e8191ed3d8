package wizard

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
	"github.com/latchkeyhq/latchkey/internal/relay/link"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// linkPages are the pages that a link opens before there is a visit.
type linkPages struct {
	*core
	visits   *visits
	receipts *receiptPages
	reviews  *reviewPages
}

// linkScope is a link that was opened: what it leads to, and how its pages look.
type linkScope struct {
	link.Link
	*store.ClientView
	token   string
	receipt store.Receipt        // of a receipt's link
	handed  onboarding.Recipient // whose link to a part of the request it is
	repair  *repairTarget        // of a repair's link; nil: it is another
	Frame   pages.Frame
}

// path is an address of the link's own.
func (l *linkScope) path(rest string) string {
	if rest == "" {
		return link.Path + l.token
	}
	return link.Path + l.token + "/" + rest
}

func (l *linkScope) pageFrame() pages.Frame { return l.Frame }

func (l *linkScope) back() string { return l.path("") }

func (l *linkScope) requested() (string, []onboarding.Service) {
	return l.Request.ID, l.Request.Services
}

func (l *linkScope) reported() store.Email { return reportedPage(l.ClientView) }

type linkHandler func(w http.ResponseWriter, r *http.Request, l *linkScope) error

// withLink opens the link of an address and lets the handler answer, also on a
// phone, and whatever became of the request.
func (s *linkPages) withLink(handle linkHandler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token := r.PathValue("token")
		opened, err := s.keys.VerifyLink(token)
		if errors.Is(err, onboarding.ErrNotFound) {
			s.rejectToken(w, r)
			return
		} else if err != nil {
			s.renderError(w, r, s.neutralFrame(r), err)
			return
		}
		if opened.Kind == link.KindReview {
			s.reviews.serve(w, r, opened, token)
			return
		}
		l, err := s.loadLink(r.Context(), opened)
		if errors.Is(err, onboarding.ErrNotFound) { // it was ours: the request is gone
			s.render(w, r, http.StatusGone, s.gonePage(r, opened.Kind))
			return
		} else if err != nil {
			s.renderError(w, r, s.neutralFrame(r), err)
			return
		}
		if !s.serves(r, l.Agency.ID) {
			s.rejectToken(w, r)
			return
		}
		l.token = token
		l.Frame = s.requestFrame(r, l.ClientView, link.Path+token)
		err = s.rates.checkForm(r, l.Request.ID, "")
		if err == nil {
			err = handle(w, r, l)
		}
		if err != nil {
			s.visits.renderRequestError(w, r, l, err)
		}
	})
}

// gonePage stands where a link led to something that was deleted.
func (s *linkPages) gonePage(r *http.Request, kind link.Kind) pages.Page {
	if kind == link.KindReceipt {
		return pages.ReceiptOver{Frame: s.neutralFrame(r)}
	}
	return pages.Expired{Frame: s.neutralFrame(r)}
}

// loadLink reads what a link leads to. An email's own link leads to none.
func (s *linkPages) loadLink(ctx context.Context, opened link.Link) (*linkScope, error) {
	l := &linkScope{Link: opened}
	var err error
	switch opened.Kind {
	case link.KindRequest:
		l.ClientView, err = s.store.Requests.ClientViewByLink(ctx, opened.ID)
	case link.KindHandOver:
		err = s.loadHandedPart(ctx, l)
	case link.KindRepair:
		l.repair, l.ClientView, err = s.openRepairLink(ctx, opened)
	case link.KindReceipt:
		if l.receipt, err = s.store.Receipts.GetByLink(ctx, opened.ID); err == nil {
			l.ClientView, err = s.store.Requests.ClientView(ctx, l.receipt.Request)
		}
	default:
		err = onboarding.ErrNotFound
	}
	return l, err
}

// loadHandedPart reads the part of a request that a link leads to. ErrNotFound: nothing was
// handed to its recipient, or they were deleted.
func (s *linkPages) loadHandedPart(ctx context.Context, l *linkScope) (err error) {
	if l.ClientView, err = s.store.Requests.ClientViewByLink(ctx, l.ID); err != nil {
		return err
	}
	if l.handed, err = s.store.Requests.RecipientByNumber(ctx, l.Request.ID, l.Recipient); err != nil {
		return err
	}
	if l.handed.Handed == 0 {
		return onboarding.ErrNotFound
	}
	narrow(l.ClientView, l.handed)
	return nil
}

// requireLiveLink is withLink for the wizard's own pages: on a computer, while the link works.
func (s *linkPages) requireLiveLink(handle linkHandler) http.Handler {
	return s.withLink(func(w http.ResponseWriter, r *http.Request, l *linkScope) error {
		if l.Kind == link.KindReceipt {
			return s.receipts.onReceipt(s.receipts.show)(w, r, l)
		}
		err := s.visits.checkLink(l.ClientView, l.Version)
		if l.repair != nil {
			err = s.visits.checkRepair(l.ClientView, l.repair, l.Version)
		}
		if err != nil {
			return err
		}
		if s.isPhone(r) {
			s.refusePhone(w, r, l)
			return nil
		}
		return handle(w, r, l)
	})
}

// ofRequest refuses the link of a repair: the page is about a whole request.
func ofRequest(handle linkHandler) linkHandler {
	return func(w http.ResponseWriter, r *http.Request, l *linkScope) error {
		if l.repair != nil {
			return onboarding.ErrNotFound
		}
		return handle(w, r, l)
	}
}

// refusePhone is the whole wizard on a phone. The page itself is no error when
// the link was opened; every further call is.
func (s *linkPages) refusePhone(w http.ResponseWriter, r *http.Request, l *linkScope) {
	status := http.StatusForbidden
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		status = http.StatusOK
	}
	page, err := s.phonePage(r, l)
	if err != nil {
		s.renderError(w, r, l.Frame, err)
		return
	}
	s.render(w, r, status, page)
}

func (s *linkPages) phonePage(r *http.Request, l *linkScope) (pages.PhoneRefused, error) {
	page := pages.PhoneRefused{Frame: l.Frame, Link: s.at(r).origin + l.path("")}
	if l.repair != nil { // its email is the one to open on a computer
		return page, nil
	}
	recipients, err := s.store.Requests.Recipients(r.Context(), l.Request.ID)
	if err != nil {
		return page, err
	}
	if slices.ContainsFunc(recipients, func(to onboarding.Recipient) bool { return !to.IsOnlyTyped() }) {
		page.Post = l.path("email-me")
	}
	return page, nil
}

// emailMe sends the link to an address that is one of the request's. The page
// is the same for every address.
func (s *linkPages) emailMe(w http.ResponseWriter, r *http.Request, l *linkScope) error {
	if l.Agency.Suspended {
		return onboarding.ErrSuspended
	}
	if err := parseForm(w, r, maxForm); err != nil {
		return err
	}
	page, err := s.phonePage(r, l)
	if err != nil {
		return err
	}
	if page.Post == "" {
		return onboarding.ErrNotFound
	}
	page.Email = r.PostFormValue(pages.FieldEmail)
	address, err := onboarding.ValidateTypedAddress(pages.FieldEmail, page.Email)
	if err != nil {
		page.Error = s.fieldMessage(err)
		s.render(w, r, http.StatusUnprocessableEntity, page)
		return nil
	}
	if err := s.store.Requests.SendLink(
		r.Context(), l.Agency.ID, l.Request.ID,
		store.NewRecipient{Address: address, Hashes: s.keys.HashAddresses(address)}, s.limits,
	); err != nil && !isExpected(err) {
		return err
	}
	page.Asked, page.Email = true, ""
	s.render(w, r, http.StatusOK, page)
	return nil
}
