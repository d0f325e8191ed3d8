package wizard

import (
	"errors"
	"net/http"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
)

// showWhoDeclines asks who says that they cannot do it. A browser that has said who it is
// goes on.
func (s *linkPages) showWhoDeclines(w http.ResponseWriter, r *http.Request, l *linkScope) error {
	v, err := s.currentVisit(r, l)
	if err == nil {
		return seeOther(w, r, v.path("decline"))
	} else if !errors.Is(err, onboarding.ErrNotFound) {
		return err
	}
	s.render(w, r, http.StatusOK, s.whoDeclines(l))
	return nil
}

// onWholeLink and onWholeVisit keep what is about all of a request from who has a part.
func onWholeLink(handle linkHandler) linkHandler {
	return func(w http.ResponseWriter, r *http.Request, l *linkScope) error {
		if l.part() != "" {
			return onboarding.ErrNotFound
		}
		return handle(w, r, l)
	}
}

func onWholeVisit(handle stepHandler) stepHandler {
	return func(w http.ResponseWriter, r *http.Request, v *visitScope) error {
		if v.part() != "" {
			return onboarding.ErrNotFound
		}
		return handle(w, r, v)
	}
}

func (s *linkPages) whoDeclines(l *linkScope) pages.AboutYou {
	return pages.AboutYou{Frame: l.Frame, Post: l.path("decline"), Declines: true}
}

func (s *linkPages) startDeclining(w http.ResponseWriter, r *http.Request, l *linkScope) error {
	return s.beginVisit(w, r, l, s.whoDeclines(l))
}

// showDecline asks for the reason, or says that the agency knows.
func (s *visitPages) showDecline(w http.ResponseWriter, r *http.Request, v *visitScope) error {
	by, reason, err := s.store.Requests.Declined(r.Context(), v.visit)
	switch {
	case errors.Is(err, onboarding.ErrNotFound):
		s.render(w, r, http.StatusOK, s.declinePage(v))
		return nil
	case err != nil:
		return err
	}
	page := pages.Declined{Frame: v.Frame, Reason: reason, Back: v.path("")}
	if reason == "" { // a colleague did
		page.By = by
	}
	s.render(w, r, http.StatusOK, page)
	return nil
}

func (s *visitPages) declinePage(v *visitScope) pages.Decline {
	return pages.Decline{Frame: v.Frame, Post: v.path("decline"), Back: v.path("")}
}

// decline tells the agency. Without a reason nothing is declined.
func (s *visitPages) decline(w http.ResponseWriter, r *http.Request, v *visitScope) error {
	if err := parseForm(w, r, maxForm); err != nil {
		return err
	}
	page := s.declinePage(v)
	page.Reason = r.PostFormValue(pages.FieldReason)
	reason, err := onboarding.ValidateLine(
		pages.FieldReason, strings.Join(strings.Fields(page.Reason), " "), onboarding.MaxReason,
		s.pages.Text("decline.reason_missing", "Company", v.Agency.CompanyName()),
	)
	if err != nil {
		page.Error = s.fieldMessage(err)
		s.render(w, r, http.StatusUnprocessableEntity, page)
		return nil
	}
	if err := s.store.Requests.Decline(r.Context(), v.visit, reason); err != nil {
		return err
	}
	return seeOther(w, r, v.path("decline"))
}
