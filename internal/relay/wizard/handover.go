package wizard

import (
	"errors"
	"net/http"
	"slices"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// handOverPages let a client ask a colleague for services that they do not look after.
type handOverPages struct {
	*core
	visits *visits
}

// onFacebook serves the step at Facebook to who has it.
func onFacebook(handle stepHandler) stepHandler {
	return func(w http.ResponseWriter, r *http.Request, v *visitScope) error {
		if !slices.Contains(v.Request.Services, onboarding.Facebook) {
			return onboarding.ErrNotFound
		}
		return handle(w, r, v)
	}
}

// handOverPath is where somebody says that a colleague looks after a service.
func (v *visitScope) handOverPath(service onboarding.Service) string {
	if v.repair != nil { // its link can be forwarded
		return ""
	}
	return v.path("hand-over/" + string(service))
}

// handing is what a hand-over is about, as skipping is.
func (s *handOverPages) handing(
	r *http.Request, v *visitScope,
) (page pages.HandOver, progress requestProgress, step pages.StepName, err error) {
	if progress, err = s.visits.loadProgress(r, v); err != nil {
		return page, progress, step, err
	}
	services, step, err := skipping(r, v, progress)
	if err != nil {
		return page, progress, step, err
	}
	v.Frame.Steps = pages.Progress(v.Request.Services, step)
	return pages.HandOver{
		Frame: v.Frame, Services: services, Others: progress.besides(services), Left: progress.left,
		CanAskBefore: progress.canAskBefore(v, services),
		Post:         v.path("hand-over/" + r.PathValue("what")), Back: v.path(stepPath(step)),
		Skip: v.path("skip/" + r.PathValue("what")),
	}, progress, step, nil
}

func (s *handOverPages) show(w http.ResponseWriter, r *http.Request, v *visitScope) error {
	page, _, step, err := s.handing(r, v)
	if err != nil {
		return err
	}
	if len(page.Services) == 0 {
		return seeOther(w, r, v.path(stepPath(step)))
	}
	s.render(w, r, http.StatusOK, page)
	return nil
}

// handOver has the colleague get an email. Whether they want emails is not told.
func (s *handOverPages) handOver(w http.ResponseWriter, r *http.Request, v *visitScope) error {
	if v.Agency.Suspended {
		return onboarding.ErrSuspended
	}
	page, _, step, err := s.handing(r, v)
	if err != nil {
		return err
	}
	if len(page.Services) == 0 {
		return seeOther(w, r, v.path(stepPath(step)))
	}
	if err := parseForm(w, r, maxForm); err != nil {
		return err
	}
	page.Email = r.PostFormValue(pages.FieldEmail)
	for _, service := range page.Others { // of what came, nothing else counts
		if slices.Contains(r.PostForm[pages.FieldAlso], string(service)) {
			page.Also = append(page.Also, service)
		}
	}
	address, err := onboarding.ValidateTypedAddress(pages.FieldEmail, page.Email)
	if err != nil {
		page.Error = s.fieldMessage(err)
		s.render(w, r, http.StatusUnprocessableEntity, page)
		return nil
	}
	err = s.store.Requests.HandOver(r.Context(), v.visit, store.HandOver{
		To:       store.NewRecipient{ID: store.NewID(), Address: address, Hashes: s.keys.HashAddresses(address)},
		Services: slices.Concat(page.Services, page.Also),
	}, s.limits)
	switch {
	case errors.Is(err, store.ErrOwnAddress):
		page.Error = s.pages.Text("hand_over.own_address")
	case errors.Is(err, store.ErrHandOversUsed):
		page.Left, page.Error = 0, s.pages.Text("hand_over.no_more", "Company", v.Agency.CompanyName())
	case errors.Is(err, onboarding.ErrRateLimited):
		page.Error = s.pages.Text("hand_over.limited", "Company", v.Agency.CompanyName())
	case err != nil:
		return err
	default:
		return s.goOn(w, r, v, page)
	}
	s.render(w, r, http.StatusUnprocessableEntity, page)
	return nil
}

// goOn forgets why an attempt of the client's own failed: a colleague has it now.
func (s *handOverPages) goOn(w http.ResponseWriter, r *http.Request, v *visitScope, page pages.HandOver) error {
	for _, service := range slices.Concat(page.Services, page.Also) {
		v.state.setFailure(service, failure{})
	}
	if err := s.visits.saveState(r, v); err != nil {
		return err
	}
	return seeOther(w, r, page.Post+"/sent")
}

// showSent says who was asked, and what happens next.
func (s *handOverPages) showSent(w http.ResponseWriter, r *http.Request, v *visitScope) error {
	progress, err := s.visits.loadProgress(r, v)
	if err != nil {
		return err
	}
	page := pages.HandedOver{Frame: v.Frame}
	step, number := pages.StepPlatforms, 0
	for _, service := range progress.services {
		if what := r.PathValue("what"); what != "platforms" && what != string(service) ||
			what == "platforms" && stepOf(service) != pages.StepPlatforms {
			continue
		}
		if to, of, asked := progress.lastAsked(v, service); asked {
			page.To, step, number = to, stepOf(service), of
		}
	}
	for _, service := range progress.services { // with what they were asked for besides
		if _, of, asked := progress.lastAsked(v, service); asked && of == number {
			page.Services = append(page.Services, service)
		}
	}
	if len(page.Services) == 0 {
		return seeOther(w, r, v.path(""))
	}
	page.Steps = pages.Progress(v.Request.Services, step)
	page.Back, page.Next = v.path(stepPath(step)), progress.next(v, step)
	s.render(w, r, http.StatusOK, page)
	return nil
}

// besides lists the services that are not settled, without those of a list.
func (p requestProgress) besides(services []onboarding.Service) []onboarding.Service {
	return slices.DeleteFunc(slices.Clone(p.services), func(service onboarding.Service) bool {
		return slices.Contains(services, service) || p.settled(service)
	})
}

// canAskBefore reports whether a colleague who was asked can get services by the link that
// they have, without one of the emails that a request sends to colleagues.
func (p requestProgress) canAskBefore(v *visitScope, services []onboarding.Service) bool {
	return slices.ContainsFunc(p.handed, func(h store.HandedOver) bool {
		return h.Number != p.number && !onboarding.SameAddress(h.Address, v.visit.Email) && h.TakesMore(services)
	})
}

// handedTo is the colleague who was asked for a service last, as a page shows them: their
// whole address to who entered it.
func (p requestProgress) handedTo(v *visitScope, service onboarding.Service) (to pages.HandedTo, asked bool) {
	to, _, asked = p.lastAsked(v, service)
	return to, asked
}

// lastAsked is handedTo, with the colleague's number.
func (p requestProgress) lastAsked(
	v *visitScope, service onboarding.Service,
) (to pages.HandedTo, number int, asked bool) {
	for _, h := range p.handed {
		if !h.HasService(service) || h.Number == v.visit.Recipient || h.AskedFor(service) < to.At {
			continue
		}
		to, number, asked = pages.HandedTo{
			Address: onboarding.MaskAddress(h.Address), At: h.AskedFor(service), Opened: h.HasOpened(),
			Undelivered: h.Undelivered(), Declined: h.Declined(), Finished: h.Finished,
		}, h.Number, true
		if onboarding.SameAddress(h.HandedBy.Email, v.visit.Email) {
			to.Address = h.Address
		}
	}
	return to, number, asked
}

// awaits reports whether a service waits for a colleague who was asked for it.
func (p requestProgress) awaits(service onboarding.Service) bool {
	return slices.ContainsFunc(p.handed, func(h store.HandedOver) bool {
		return h.Number != p.number && h.Awaits(service, p.items, p.skipped[service] != "")
	})
}

// holds reports whether the request stays open for a colleague who has a service.
func (p requestProgress) holds(service onboarding.Service) bool {
	return slices.ContainsFunc(p.handed, func(h store.HandedOver) bool {
		return h.Number != p.number && h.Holds(service, p.items, p.skipped[service] != "")
	})
}

// awaited lists the services that wait for colleagues, of those that a visit has and those
// that it has not. One that is connected, and at which a colleague is still at work, counts
// only where nothing else is open.
func (p requestProgress) awaited(v *visitScope) []onboarding.Service {
	list := p.held(v)
	if open := slices.DeleteFunc(slices.Clone(list), p.hasConnected); len(open) > 0 {
		return open
	}
	return list
}

// held lists the services for which the request stays open.
func (p requestProgress) held(v *visitScope) []onboarding.Service {
	var list []onboarding.Service
	for _, service := range p.services {
		if p.holds(service) {
			list = append(list, service)
		}
	}
	for _, service := range v.rest {
		if p.holds(service) || p.skipped[service] == "" && !p.hasConnected(service) {
			list = append(list, service)
		}
	}
	return list
}

// restProgress is how far the services are that a colleague looks after: neither accounts
// nor names.
func (s *core) restProgress(v *visitScope, progress requestProgress) []pages.ServiceProgress {
	rest := progress
	rest.services = s.catalog.Sort(v.rest)
	var list []pages.ServiceProgress
	for _, so := range rest.serviceProgress(s.catalog, v) {
		so.Detail, so.Colleagues, so.Handed = "", true, pages.HandedTo{}
		list = append(list, so)
	}
	return list
}
