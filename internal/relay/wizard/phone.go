package wizard

import (
	"net/http"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

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
	page := pages.PhoneRefused{Frame: l.Frame, Link: s.origin + l.path("")}
	recipients, err := s.store.Recipients(r.Context(), l.Request.ID)
	if err != nil {
		return page, err
	}
	if len(recipients) > 0 {
		page.Post = l.path("email-me")
	}
	return page, nil
}

// emailMe sends the link to an address that is one of the request's. Whoever
// asks, for whatever address, reads the same answer.
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
	address, err := onboarding.ValidateAddress(pages.FieldEmail, page.Email)
	if err != nil {
		page.Error = sentenceOf(err)
		s.render(w, r, http.StatusUnprocessableEntity, page)
		return nil
	}
	if err := s.store.SendLink(
		r.Context(), l.Request.Agency, l.Request.ID,
		store.NewRecipient{Address: address, Hashes: s.keys.HashAddresses(address)}, s.limits,
	); err != nil && !isExpected(err) {
		return err
	}
	page.Asked, page.Email = true, ""
	s.render(w, r, http.StatusOK, page)
	return nil
}
