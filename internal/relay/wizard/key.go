package wizard

import (
	"net/http"
	"strings"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
	"github.com/latchkeyhq/latchkey/internal/platform"
)

func (s *crmSteps) showKeyForm(w http.ResponseWriter, r *http.Request, v *visitScope) error {
	page, _, _, err := s.keyForm(w, r, v)
	if err != nil || page == nil {
		return err
	}
	s.render(w, r, http.StatusOK, *page)
	return nil
}

// keyForm readies the form; a nil page without an error: it has answered.
func (s *crmSteps) keyForm(
	w http.ResponseWriter, r *http.Request, v *visitScope,
) (*pages.KeyForm, onboarding.Service, platform.KeyTaker, error) {
	service, err := asked(r, v)
	if err != nil {
		return nil, "", nil, err
	}
	taker, takes := s.keyTaker(service)
	if !takes {
		return nil, "", nil, onboarding.ErrNotFound
	}
	progress, done, err := s.visits.enterStep(w, r, v, pages.StepPlatforms)
	if done || err != nil {
		return nil, "", nil, err
	}
	return &pages.KeyForm{
		Frame: v.Frame, Service: service, Accounts: s.accountsOf(v, progress.itemsOf(service)),
		Post: v.path("platforms/" + string(service) + "/key"), Cancel: v.path("platforms"),
		Skip: v.skipPath(string(service)), HandOver: v.handOverPath(service),
	}, service, taker, nil
}

// tryKey tries address and key for real before they count. What was typed
// stays typed, but for a key that was refused.
func (s *crmSteps) tryKey(w http.ResponseWriter, r *http.Request, v *visitScope) error {
	page, service, taker, err := s.keyForm(w, r, v)
	if err != nil || page == nil {
		return err
	}
	if err := parseForm(w, r, maxForm); err != nil {
		return err
	}
	page.URL, page.Key = r.PostFormValue(pages.FieldAPIURL), r.PostFormValue(pages.FieldAPIKey)
	if repaired := r.PostFormValue(pages.FieldUseURL); repaired != "" {
		page.URL = repaired
	}
	if err := s.failures.checkEntitledDevice(r.Context(), v, service); err != nil {
		return s.cannotStart(w, r, v, service, err)
	}
	v.Frame.Steps = v.steps(pages.StepPlatforms)
	page.Frame = v.Frame
	if s.refuseInvisible(page) || s.missesField(page) {
		s.render(w, r, http.StatusUnprocessableEntity, *page)
		return nil
	}
	address, err := taker.NormalizeAddress(page.URL)
	if err == nil && !s.rates.allowKey(v, address) {
		page.Failure = &pages.FailureView{Failure: catalog.Failure{
			Severity: catalog.SeverityWarning, Message: s.pages.Text("key.too_often"),
		}}
		s.render(w, r, http.StatusTooManyRequests, *page)
		return nil
	}
	if err == nil {
		ctx, cancel := detached(r.Context(), time.Minute)
		defer cancel()
		page.URL = address
		var grant platform.Grant
		if grant, err = taker.VerifyKey(ctx, address, onboarding.NewSecret(page.Key)); err == nil {
			return s.storeAccount(w, r, v, service, grant)
		}
	}
	s.refuseKey(r, v, service, page, err)
	s.render(w, r, http.StatusUnprocessableEntity, *page)
	return nil
}

// refuseInvisible removes what is not seen at the ends of address and key, and
// shows beside the field what is invisible inside. It reports whether something is.
func (s *crmSteps) refuseInvisible(page *pages.KeyForm) bool {
	url, err := onboarding.ValidatePasted(pages.FieldAPIURL, page.URL)
	if err != nil {
		page.URLError = &catalog.Failure{Message: s.fieldMessage(err)}
		return true
	}
	key, err := onboarding.ValidatePasted(pages.FieldAPIKey, page.Key)
	if err != nil {
		page.KeyError = &catalog.Failure{Message: s.fieldMessage(err)}
		return true
	}
	page.URL, page.Key = url, key
	return false
}

// missesField shows beside each empty field what belongs there.
func (s *crmSteps) missesField(page *pages.KeyForm) bool {
	if strings.TrimSpace(page.URL) == "" {
		page.URLError = &catalog.Failure{Message: s.pages.Text("key.url_missing")}
	}
	if strings.TrimSpace(page.Key) == "" {
		page.KeyError = &catalog.Failure{Message: s.pages.Text("key.key_missing")}
	}
	return page.URLError != nil || page.KeyError != nil
}

// refuseKey shows beside the right field what is wrong.
func (s *crmSteps) refuseKey(
	r *http.Request, v *visitScope, service onboarding.Service, page *pages.KeyForm, err error,
) {
	failure := platform.AsFailure(err)
	args := v.args(service)
	args.Address = failure.Suggestion
	described := s.catalog.Describe(failure.Code, args)
	switch failure.Code {
	case catalog.AddressOfApp, catalog.AddressNotHTTPS, catalog.AddressUnknown:
		page.URLError, page.Repair = &described, failure.Suggestion
	case catalog.KeyRefused, catalog.KeySeesNothing:
		page.KeyError, page.Key = &described, ""
	default:
		t := s.failures.reportFailure(r, v, service, err)
		args = s.failures.until(args, t)
		// Skip stands below
		page.Failure = &pages.FailureView{
			Failure: s.catalog.Describe(t.Code, args), Platform: t.Platform, Reference: t.Reference,
			HandOver: v.handOverPath(service),
		}
	}
}
