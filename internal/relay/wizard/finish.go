package wizard

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// visitPages are the pages of a visit around its sign-ins.
type visitPages struct {
	*core
	visits *visits
}

// skipping is what a Skip page is about: one service, or all the platforms
// that have nothing yet.
func skipping(
	r *http.Request, v *visitScope, progress requestProgress,
) (services []onboarding.Service, step pages.StepName, err error) {
	skipped := r.PathValue("what")
	if skipped == "platforms" {
		return progress.open(pages.StepPlatforms), pages.StepPlatforms, nil
	}
	service := onboarding.Service(skipped)
	if !slices.Contains(v.Request.Services, service) {
		return nil, "", onboarding.ErrNotFound
	}
	return []onboarding.Service{service}, stepOf(service), nil
}

// skipPage readies the page; false: it has answered.
func (s *visitPages) skipPage(
	w http.ResponseWriter, r *http.Request, v *visitScope,
) (page pages.Skip, progress requestProgress, step pages.StepName, ready bool, err error) {
	if progress, err = s.visits.loadProgress(r, v); err != nil {
		return page, progress, step, false, err
	}
	services, step, err := skipping(r, v, progress)
	if err != nil {
		return page, progress, step, false, err
	}
	if first := progress.blockedBy(v, step); first != "" {
		return page, progress, step, false, seeOther(w, r, first)
	}
	if len(services) == 0 {
		return page, progress, step, false, seeOther(w, r, v.path(stepPath(step)))
	}
	v.Frame.Steps = pages.Progress(v.Request.Services, step)
	page = pages.Skip{
		Frame: v.Frame, Services: services, Reason: progress.skipped[services[0]],
		Post: v.path("skip/" + r.PathValue("what")), Back: v.path(stepPath(step)),
		HandOver: v.path("hand-over/" + r.PathValue("what")),
	}
	page.Rest = len(services) == 1 && progress.hasConnected(services[0])
	if !progress.hasAnything() && v.part() == "" {
		page.Decline = v.path("decline")
	}
	return page, progress, step, true, nil
}

func (s *visitPages) showSkip(w http.ResponseWriter, r *http.Request, v *visitScope) error {
	page, _, _, ready, err := s.skipPage(w, r, v)
	if err != nil || !ready {
		return err
	}
	s.render(w, r, http.StatusOK, page)
	return nil
}

// skip keeps the reason and goes on. Without a reason nothing is skipped.
func (s *visitPages) skip(w http.ResponseWriter, r *http.Request, v *visitScope) error {
	page, progress, step, ready, err := s.skipPage(w, r, v)
	if err != nil || !ready {
		return err
	}
	if err := parseForm(w, r, maxForm); err != nil {
		return err
	}
	page.Reason = r.PostFormValue(pages.FieldReason)
	reason, err := onboarding.ValidateLine(
		pages.FieldReason, strings.Join(strings.Fields(page.Reason), " "), onboarding.MaxReason,
		s.pages.Text("skip.reason_missing", "Company", v.Agency.CompanyName()),
	)
	if err != nil {
		page.Error = s.fieldMessage(err)
		s.render(w, r, http.StatusUnprocessableEntity, page)
		return nil
	}
	for _, service := range page.Services { // of one that has something: the rest of it
		if err := s.store.Requests.Skip(r.Context(), v.Agency.ID, v.Request.ID, v.visit.Name, onboarding.Skip{
			Service: service, Reason: reason,
		}); err != nil {
			return err
		}
		progress.skipped[service] = reason
		v.state.setFailure(service, failure{})
	}
	if err := s.visits.saveState(r, v); err != nil {
		return err
	}
	if len(progress.open(step)) > 0 {
		return seeOther(w, r, v.path(stepPath(step)))
	}
	return seeOther(w, r, progress.after(v, step))
}

func (s *visitPages) showSummary(w http.ResponseWriter, r *http.Request, v *visitScope) error {
	progress, done, err := s.visits.enterStep(w, r, v, pages.StepSummary)
	if done || err != nil {
		return err
	}
	s.render(w, r, http.StatusOK, pages.Summary{
		Frame: v.Frame, Client: v.Request.Client, Lines: progress.lines(s.catalog, v), Empty: !progress.hasAnything(),
		Post: v.path("finish"), Back: progress.before(v, pages.StepSummary),
		Awaited: progress.awaited(v), Part: v.part() != "", Rest: s.restProgress(v, progress),
	})
	return nil
}

// something reports whether anything at all is connected or waiting.
func (p requestProgress) hasAnything() bool {
	return slices.ContainsFunc(p.services, p.hasConnected)
}

// finish closes the request in this person's name. The first one wins; a
// double click of the winner's sees the receipt again.
func (s *visitPages) finish(w http.ResponseWriter, r *http.Request, v *visitScope) error {
	if s.isPhone(r) {
		s.render(w, r, http.StatusForbidden, pages.PhoneRefused{Frame: v.Frame})
		return nil
	}
	if err := s.visits.checkVisit(v); err != nil {
		return s.orDone(w, r, v, err)
	}
	if _, done, err := s.visits.enterStep(w, r, v, pages.StepSummary); done || err != nil {
		return err
	}
	if err := parseForm(w, r, maxForm); err != nil {
		return err
	}
	finish := s.store.Requests.Finish
	if r.PostFormValue(pages.FieldWithout) != "" {
		finish = s.store.Requests.FinishWithout
	}
	ended, err := finish(r.Context(), v.visit, s.mailbox(v.visit))
	if err != nil {
		return s.orDone(w, r, v, err)
	}
	s.assets.forget(v.visit.ID)
	if ended.Outcome == store.FinishedEmpty {
		if v.state.FinishedEmptyAt.Since(s.store.Now()) >= seenInterval { // else it is the same press again
			v.state.FinishedEmptyAt = s.store.Now()
		}
		if err := s.visits.saveState(r, v); err != nil {
			return err
		}
	}
	return seeOther(w, r, v.path("done"))
}

// orDone sends the one who finished to the receipt; everybody else reads err.
func (s *visitPages) orDone(w http.ResponseWriter, r *http.Request, v *visitScope, err error) error {
	if !errors.Is(err, onboarding.ErrCompleted) {
		return err
	}
	own, lookErr := s.visits.ownReceipt(r, v.visit.ID)
	if lookErr != nil {
		return lookErr
	}
	if own {
		return seeOther(w, r, v.path("done"))
	}
	return err
}

// showDone is the receipt of the one who finished. It stays when the link is
// dead, for this browser alone. Of a finish with nothing it shows that the
// link goes on working.
func (s *visitPages) showDone(w http.ResponseWriter, r *http.Request, v *visitScope) error {
	if s.isPhone(r) {
		s.render(w, r, http.StatusForbidden, pages.PhoneRefused{Frame: v.Frame})
		return nil
	}
	own, err := s.visits.ownReceipt(r, v.visit.ID)
	if err != nil {
		return err
	}
	own = own && (v.Request.Finished != 0 || v.Request.Status == onboarding.Connected)
	if !own {
		if err := s.visits.checkVisit(v); err != nil {
			return err
		}
		if v.state.FinishedEmptyAt == 0 && v.visit.Part == 0 {
			return seeOther(w, r, v.path(""))
		}
	}
	progress, err := s.visits.loadProgress(r, v)
	if err != nil {
		return err
	}
	v.Frame.Steps = pages.Progress(v.Request.Services, pages.StepAllDone)
	page := pages.Done{
		Frame: v.Frame, Name: v.visit.Name, Lines: receiptLines(progress.lines(s.catalog, v)),
		Receipt: onboarding.ReceiptNumber(v.Request.ID),
	}
	if slices.Contains(v.Request.Services, onboarding.Facebook) {
		page.Business = v.Request.Business.Name
	}
	switch {
	case own:
		err = s.fillReceipt(r, v, &page)
	case v.visit.Part != 0:
		err = s.fillPart(r, v, progress, &page)
	default:
		page.Empty, page.At, page.Back = true, v.state.FinishedEmptyAt, v.path("")
	}
	if err != nil {
		return err
	}
	s.render(w, r, http.StatusOK, page)
	return nil
}

// fillReceipt is what a client reads who finished the request.
func (s *visitPages) fillReceipt(r *http.Request, v *visitScope, page *pages.Done) error {
	page.At, page.Waiting = max(v.Request.Finished, v.Request.Completed), v.Request.Status != onboarding.Connected
	var err error
	if page.Email, err = s.visits.receiptEmail(r, v.visit); err != nil {
		return err
	}
	history, err := s.store.Requests.Audit(r.Context(), v.Request.ID, 0, 0)
	page.History = pages.HistoryCodeOf(history.Head)
	return err
}

// fillPart says of a client's part that it is done, and what is still open.
func (s *visitPages) fillPart(r *http.Request, v *visitScope, progress requestProgress, page *pages.Done) error {
	page.Part, page.Awaited, page.At, page.Back = true, progress.awaited(v), v.visit.Part, v.path("")
	page.Rest = s.restProgress(v, progress)
	var err error
	page.Email, err = s.visits.receiptEmail(r, v.visit)
	page.Email.Ask = "" // they may ask once the request is finished
	return err
}

// mailReceipt sends a visit its receipt, to the address it gave. The page that it leads
// to shows what becomes of it.
func (s *visitPages) mailReceipt(w http.ResponseWriter, r *http.Request, v *visitScope) error {
	gets, err := s.store.Receipts.Ask(r.Context(), v.visit, s.mailbox(v.visit))
	if err != nil {
		return err
	}
	own, err := s.visits.ownReceipt(r, v.visit.ID)
	switch {
	case err != nil:
		return err
	case !gets:
		return onboarding.ErrNotFound
	case own:
		return seeOther(w, r, v.path("done"))
	}
	return seeOther(w, r, v.path(""))
}

// mailRepairReceipt sends a client the receipt of what they repaired, unless they have one:
// what they did is done, whatever becomes of the email.
func (s *core) mailRepairReceipt(ctx context.Context, v *visitScope) {
	if v.repair == nil {
		return
	}
	if _, err := s.store.Receipts.Ask(ctx, v.visit, s.mailbox(v.visit)); err != nil {
		s.log.ErrorContext(ctx, "mailing the receipt of a repair", "visit", v.visit.ID, logAttr(err))
	}
}

// showNextStep leads to the first step that holds the request up.
func (s *visitPages) showNextStep(w http.ResponseWriter, r *http.Request, v *visitScope) error {
	if v.repair != nil {
		return s.showRepairVisit(w, r, v)
	}
	progress, err := s.visits.loadProgress(r, v)
	if err != nil {
		return err
	}
	for _, s := range progress.steps() {
		if len(progress.open(s.name)) > 0 {
			return seeOther(w, r, v.path(s.path))
		}
	}
	return seeOther(w, r, v.path("summary"))
}
