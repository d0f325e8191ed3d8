package relay

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// skipping is what a Skip page is about: one service, or all the platforms
// that have nothing yet.
func skipping(r *http.Request, v *visitor, have progress) (services []onboarding.Service, step pages.StepName, err error) {
	what := r.PathValue("what")
	if what == "platforms" {
		return have.open(pages.StepPlatforms), pages.StepPlatforms, nil
	}
	service := onboarding.Service(what)
	if !slices.Contains(v.Request.Services, service) {
		return nil, "", onboarding.ErrNotFound
	}
	return []onboarding.Service{service}, stepOf(service), nil
}

// skipPage readies the page; false: it has answered.
func (z *wizard) skipPage(w http.ResponseWriter, r *http.Request, v *visitor) (page pages.Skip, have progress, step pages.StepName, ready bool, err error) {
	if have, err = z.progress(r, v); err != nil {
		return page, have, step, false, err
	}
	services, step, err := skipping(r, v, have)
	if err != nil {
		return page, have, step, false, err
	}
	if first := have.allow(v, step); first != "" {
		return page, have, step, false, seeOther(w, r, first)
	}
	if len(services) == 0 {
		return page, have, step, false, seeOther(w, r, v.path(stepPath(step)))
	}
	v.Frame.Steps = pages.Progress(v.Request.Services, step)
	page = pages.Skip{Frame: v.Frame, Services: services, Reason: have.skipped[services[0]], Post: v.path("skip/" + r.PathValue("what")), Back: v.path(stepPath(step))}
	return page, have, step, true, nil
}

func (z *wizard) showSkip(w http.ResponseWriter, r *http.Request, v *visitor) error {
	page, _, _, ready, err := z.skipPage(w, r, v)
	if err != nil || !ready {
		return err
	}
	z.show(w, r, http.StatusOK, page)
	return nil
}

// skip keeps the reason and goes on. Without a reason nothing is skipped.
func (z *wizard) skip(w http.ResponseWriter, r *http.Request, v *visitor) error {
	page, have, step, ready, err := z.skipPage(w, r, v)
	if err != nil || !ready {
		return err
	}
	if err := form(w, r, maxForm); err != nil {
		return err
	}
	page.Reason = r.PostFormValue(pages.FieldReason)
	reason, err := onboarding.ValidateLine(pages.FieldReason, strings.Join(strings.Fields(page.Reason), " "), onboarding.MaxReason, "Say in a few words why, so that "+v.Agency.CompanyName()+" knows.")
	if err != nil {
		page.Error = sentenceOf(err)
		z.show(w, r, http.StatusUnprocessableEntity, page)
		return nil
	}
	for _, service := range page.Services {
		if have.any(service) {
			continue // what is connected is not skipped
		}
		if err := z.store.Skip(r.Context(), v.Agency.ID, v.Request.ID, v.visit.Name, onboarding.Skip{Service: service, Reason: reason}); err != nil {
			return err
		}
		have.skipped[service] = reason
		v.choices.failed(service, trouble{})
	}
	if err := z.remember(r, v); err != nil {
		return err
	}
	if len(have.open(step)) > 0 {
		return seeOther(w, r, v.path(stepPath(step)))
	}
	return seeOther(w, r, have.after(v, step))
}

func (z *wizard) showSummary(w http.ResponseWriter, r *http.Request, v *visitor) error {
	have, done, err := z.enterStep(w, r, v, pages.StepSummary)
	if done || err != nil {
		return err
	}
	z.show(w, r, http.StatusOK, pages.Summary{
		Frame: v.Frame, Client: v.Request.Client, Lines: have.lines(v), Empty: !have.something(),
		Post: v.path("finish"), Back: have.before(v, pages.StepSummary),
	})
	return nil
}

// something says whether anything at all is connected or waiting.
func (p progress) something() bool {
	return slices.ContainsFunc(p.services, p.any)
}

// finish closes the request in this person's name. The first one wins; a
// double click of the winner's sees the receipt again.
func (z *wizard) finish(w http.ResponseWriter, r *http.Request, v *visitor) error {
	if z.isPhone(r) {
		z.show(w, r, http.StatusForbidden, pages.PhoneRefused{Frame: v.Frame})
		return nil
	}
	if err := z.aliveVisit(v); err != nil {
		return z.orDone(w, r, v, err)
	}
	if _, done, err := z.enterStep(w, r, v, pages.StepSummary); done || err != nil {
		return err
	}
	ended, err := z.store.Finish(r.Context(), v.visit)
	if err != nil {
		return z.orDone(w, r, v, err)
	}
	z.lists.forget(v.visit.ID)
	if ended.Outcome == store.FinishedEmpty {
		v.choices.Empty = z.store.Now()
		if err := z.remember(r, v); err != nil {
			return err
		}
	}
	return seeOther(w, r, v.path("done"))
}

// orDone sends the one who finished to the receipt; everybody else reads err.
func (z *wizard) orDone(w http.ResponseWriter, r *http.Request, v *visitor, err error) error {
	if !errors.Is(err, onboarding.ErrCompleted) {
		return err
	}
	own, lookErr := z.ownReceipt(r, v)
	if lookErr != nil {
		return lookErr
	}
	if own {
		return seeOther(w, r, v.path("done"))
	}
	return err
}

// showDone is the receipt of the one who finished. It stays when the link is
// dead, for this browser alone. Of a finish with nothing it says that the
// link goes on working.
func (z *wizard) showDone(w http.ResponseWriter, r *http.Request, v *visitor) error {
	if z.isPhone(r) {
		z.show(w, r, http.StatusForbidden, pages.PhoneRefused{Frame: v.Frame})
		return nil
	}
	own, err := z.ownReceipt(r, v)
	if err != nil {
		return err
	}
	finished := v.Request.Finished != 0 || v.Request.Status == onboarding.Connected
	if !own || !finished {
		if err := z.aliveVisit(v); err != nil {
			return err
		}
		if v.choices.Empty == 0 {
			return seeOther(w, r, v.path(""))
		}
	}
	have, err := z.progress(r, v)
	if err != nil {
		return err
	}
	v.Frame.Steps = pages.Progress(v.Request.Services, pages.StepAllDone)
	page := pages.Done{Frame: v.Frame, Name: v.visit.Name, Lines: receiptLines(have.lines(v)), Receipt: onboarding.ReceiptNumber(v.Request.ID)}
	if slices.Contains(v.Request.Services, onboarding.Facebook) {
		page.Business = v.Request.Business.Name
	}
	if own && finished {
		page.Email, page.At = v.visit.Email, max(v.Request.Finished, v.Request.Completed)
		page.Waiting = v.Request.Status != onboarding.Connected
		switch state, err := z.store.ReceiptState(r.Context(), v.Request, v.visit); {
		case err != nil:
			return err
		case state == store.ReceiptOpen:
			page.Again = v.path("receipt")
		default:
			page.Sent = state == store.ReceiptAsked
		}
	} else {
		page.Empty, page.At, page.Back = true, v.choices.Empty, v.path("")
	}
	z.show(w, r, http.StatusOK, page)
	return nil
}

// receiptLines are the lines without the ways to change them.
func receiptLines(lines []pages.Line) []pages.Line {
	kept := make([]pages.Line, len(lines))
	for i, line := range lines {
		line.Fix, line.FixWord = "", ""
		kept[i] = line
	}
	return kept
}

// mailReceipt sends a visit its receipt, to the address it gave.
func (z *wizard) mailReceipt(w http.ResponseWriter, r *http.Request, v *visitor) error {
	asked, err := z.store.AskReceipt(r.Context(), v.visit)
	if err != nil {
		return err
	}
	own, err := z.ownReceipt(r, v)
	switch {
	case err != nil:
		return err
	case !asked:
		return onboarding.ErrNotFound
	case own:
		return seeOther(w, r, v.path("done"))
	}
	return seeOther(w, r, v.path(""))
}

// ownReceipt says whether this visit is the one that finished.
func (z *wizard) ownReceipt(r *http.Request, v *visitor) (bool, error) {
	receipt, err := z.store.ReceiptOf(r.Context(), v.visit.ID)
	if errors.Is(err, onboarding.ErrNotFound) {
		return false, nil
	}
	return err == nil && receipt.Whole(v.Request), err
}

// showReceipt is the page behind the link in a receipt's letter: whoever has
// that letter has read the same. It changes nothing, and leads nowhere.
func (z *wizard) showReceipt(w http.ResponseWriter, r *http.Request, l *linked) error {
	if r.PathValue("token") == "" || r.Method == http.MethodPost || r.URL.Path != l.path("") {
		return onboarding.ErrNotFound
	}
	visit, err := z.store.Visit(r.Context(), l.receipt.Visit)
	if err != nil {
		return err
	}
	v := &visitor{ClientView: l.ClientView, visit: visit, Frame: l.Frame}
	have, err := z.progress(r, v)
	if err != nil {
		return err
	}
	if !l.receipt.Whole(l.Request) {
		have = have.by(visit.Email)
	}
	page := pages.Done{
		Frame: v.Frame, Name: visit.Name, At: l.receipt.Made, Lines: receiptLines(have.lines(v)), Receipt: onboarding.ReceiptNumber(l.Request.ID),
		Waiting: l.Request.Status != onboarding.Connected,
	}
	if slices.Contains(have.services, onboarding.Facebook) {
		page.Business = l.Request.Business.Name
	}
	z.show(w, r, http.StatusOK, page)
	return nil
}
