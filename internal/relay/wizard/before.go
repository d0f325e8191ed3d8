package wizard

import (
	"net/http"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
)

// beforeForm builds the form; a nil page without an error: the response is written.
func (s *crmSteps) beforeForm(w http.ResponseWriter, r *http.Request, v *visitScope) (*pages.BeforeForm, error) {
	service, err := asked(r, v)
	if err != nil {
		return nil, err
	}
	if _, takes := s.targetTaker(service); !takes {
		return nil, onboarding.ErrNotFound
	}
	progress, done, err := s.visits.enterStep(w, r, v, pages.StepPlatforms)
	if done || err != nil {
		return nil, err
	}
	return &pages.BeforeForm{
		Frame:    v.Frame,
		Choosing: pages.Choosing{Before: *s.catalog.Service(service).Before},
		Service:  service,
		Accounts: s.accountsOf(v, progress.itemsOf(service)),
		Post:     v.path("platforms/" + string(service) + "/before"),
		Cancel:   v.path("platforms"),
		Skip:     v.skipPath(string(service)),
		HandOver: v.handOverPath(service),
	}, nil
}

func (s *crmSteps) showBefore(w http.ResponseWriter, r *http.Request, v *visitScope) error {
	page, err := s.beforeForm(w, r, v)
	if err != nil || page == nil {
		return err
	}
	s.render(w, r, http.StatusOK, *page)
	return nil
}

// answerBefore takes the choice and leads to the page before the platform. What
// was typed stays typed when it cannot be used.
func (s *crmSteps) answerBefore(w http.ResponseWriter, r *http.Request, v *visitScope) error {
	page, err := s.beforeForm(w, r, v)
	if err != nil || page == nil {
		return err
	}
	if err := parseForm(w, r, maxForm); err != nil {
		return err
	}
	target, err := s.chooseTarget(r, page.Service, &page.Choosing, v.args(page.Service))
	if err != nil {
		return err
	}
	if page.Error != nil {
		s.render(w, r, http.StatusUnprocessableEntity, *page)
		return nil
	}
	return s.leaveForPlatform(w, r, v, signInPurpose{Service: page.Service, Target: target})
}
