package wizard

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// errorPage is where a client describes a platform's error page, which nobody
// else saw: what they say is never taken for a fact.
type errorPage struct {
	visit   *visitScope
	service onboarding.Service
	step    string                // address of the step
	path    string                // of the service; its error page is below
	add     string                // where another try begins
	role    *catalog.RequiredRole // that the platform asks of a user; nil: none
}

func (s *failureReporter) askErrorPage(w http.ResponseWriter, r *http.Request, at errorPage) error {
	s.render(w, r, http.StatusOK, s.errorPageForm(at))
	return nil
}

func (s *failureReporter) errorPageForm(at errorPage) pages.ErrorPage {
	return pages.ErrorPage{
		Frame: at.visit.Frame, Service: at.service, Post: at.path + "/error-page", Back: at.step,
	}
}

// takeErrorPage records the page's words and leads to what helps. Where that
// may be the agency's to fix, it gets an email, without the client's own words.
func (s *failureReporter) takeErrorPage(w http.ResponseWriter, r *http.Request, at errorPage) error {
	if err := parseForm(w, r, maxForm); err != nil {
		return err
	}
	page := s.errorPageForm(at)
	page.Said, page.Text = onboarding.PageSaid(r.PostFormValue("said")), r.PostFormValue("text")
	if !slices.Contains(page.Choices(), page.Said) {
		page.Error = s.pages.Text("error_page.missing")
		s.render(w, r, http.StatusUnprocessableEntity, page)
		return nil
	}
	detail := string(page.Said)
	if typed := strings.Join(strings.Fields(page.Text), " "); page.Said == onboarding.PageSaidOther && typed != "" {
		text, err := onboarding.ValidateLine("text", typed, onboarding.MaxReason, "")
		if err != nil {
			page.TextError = s.fieldMessage(err)
			s.render(w, r, http.StatusUnprocessableEntity, page)
			return nil
		}
		detail += " " + text
	}
	v := at.visit
	if err := s.store.Requests.RecordErrorPage(r.Context(), v.visit, at.service, detail); err != nil {
		return err
	}
	if page.Said == onboarding.PageSaidUnavailable {
		s.emailAgency(r.Context(), v, store.Email{
			Kind: store.EmailAgencySideProblem, Service: at.service, Failure: string(catalog.PageSaidUnavailable),
		})
	}
	return seeOther(w, r, at.path+"/error-page/"+string(page.Said))
}

// showAdvice shows what helps against what the page said.
func (s *failureReporter) showAdvice(w http.ResponseWriter, r *http.Request, at errorPage) error {
	code, found := map[onboarding.PageSaid]catalog.FailureCode{
		onboarding.PageSaidUnavailable: catalog.PageSaidUnavailable,
		onboarding.PageSaidDenied:      catalog.PageSaidDenied,
		onboarding.PageSaidLater:       catalog.PageSaidLater,
		onboarding.PageSaidOther:       catalog.PageSaidOther,
	}[onboarding.PageSaid(r.PathValue("said"))]
	if !found {
		return onboarding.ErrNotFound
	}
	args := s.args(at.visit, at.service)
	described := s.catalog.Describe(code, args)
	if code == catalog.PageSaidDenied && at.role != nil {
		described = s.catalog.Describe(cmp.Or(at.role.Means, catalog.MayNotConnect), args)
		described.Message = cmp.Or(at.role.Likely, described.Message)
	}
	view := pages.FailureView{
		Failure: described, Again: at.add, AgainPost: true, Skip: at.visit.skipPath(string(at.service)),
		HandOver: at.visit.handOverPath(at.service),
	}
	if at.service == onboarding.Facebook {
		view.ByHand = at.visit.byHandPath()
	}
	s.render(w, r, http.StatusOK, pages.Problem{
		Frame: at.visit.Frame, Service: at.service, Back: at.step, Failure: view,
	})
	return nil
}
