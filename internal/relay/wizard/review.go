package wizard

import (
	"errors"
	"net/http"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
	"github.com/latchkeyhq/latchkey/internal/relay/link"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// reviewPages are behind the link for the reviewers of an app: each begins a request of
// their own, so that none is met by what another has finished.
type reviewPages struct{ *core }

// serve answers the link of a review. It has one page, and opens at the relay's own address
// alone.
func (s *reviewPages) serve(w http.ResponseWriter, r *http.Request, opened link.Link, token string) {
	frame := s.neutralFrame(r)
	review, err := s.store.Reviews.GetByLink(r.Context(), opened.ID)
	switch {
	case errors.Is(err, onboarding.ErrNotFound): // it was ours: the review is over
		s.render(w, r, http.StatusGone, pages.ReviewOver{Frame: frame})
		return
	case err != nil:
		s.renderError(w, r, frame, err)
		return
	case !s.serves(r, review.Agency):
		s.rejectToken(w, r)
		return
	case r.URL.Path != link.Path+token:
		s.render(w, r, http.StatusNotFound, pages.NotFound{Frame: frame})
		return
	case s.isPhone(r):
		status := http.StatusOK
		if r.Method == http.MethodPost {
			status = http.StatusForbidden
		}
		s.render(w, r, status, pages.PhoneRefused{Frame: frame, Link: s.origin + link.Path + token})
		return
	}
	err = s.rates.checkForm(r, review.Agency, "")
	switch {
	case err != nil:
	case r.Method == http.MethodPost:
		err = s.start(w, r, review)
	default:
		s.render(w, r, http.StatusOK, pages.Review{
			Frame: frame, App: review.App, Service: review.Service, Business: review.Business.Name, Ends: review.Ends,
			Days: int(store.ReviewRetention / dayInMS), Post: link.Path + token,
		})
	}
	if err != nil {
		s.renderError(w, r, frame, err)
	}
}

// start begins a request for one reviewer, and leads to its link.
func (s *reviewPages) start(w http.ResponseWriter, r *http.Request, review store.Review) error {
	request := link.Link{Kind: link.KindRequest, Version: 1, ID: link.NewID()}
	if err := s.store.Reviews.StartRequest(r.Context(), review.Agency, store.NewRequest{
		ID:      store.NewID(),
		Client:  s.pages.Text("review.client"),
		Message: s.pages.Text("review.message", "App", review.App),
		Created: s.store.Now(),
		LinkID:  request.ID,
		Who:     review.App,
	}); err != nil {
		return err
	}
	token, err := s.keys.SignLink(request)
	if err != nil {
		return err
	}
	return seeOther(w, r, link.Path+token.Reveal())
}
