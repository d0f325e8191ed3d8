package wizard

import (
	"errors"
	"net/http"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
	"github.com/latchkeyhq/latchkey/internal/relay/link"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// expiredPages are the ways on from a link that no longer works. They never write to an
// address that was typed there.
type expiredPages struct {
	*core
	visits *visits
}

// clientScope is a page of a request: of a link, or of a visit.
type clientScope interface {
	pageScope
	view() *store.ClientView
	// oldLink is the link that led to it.
	oldLink() store.OldLink
	// part names the part of the request that it is of; empty: all of it.
	part() string
	// repairing is the item that it repairs; nil: it is of the request's link.
	repairing() *repairTarget
}

func (l *linkScope) repairing() *repairTarget { return l.repair }

func (v *visitScope) repairing() *repairTarget { return v.repair }

func (l *linkScope) view() *store.ClientView { return l.ClientView }

func (l *linkScope) part() string {
	if l.repair != nil {
		return repairPart(l.repair.item.ID)
	}
	return handedPart(l.Kind == link.KindHandOver, l.Recipient)
}

func (v *visitScope) part() string { return visitPart(v.visit) }

func (l *linkScope) oldLink() store.OldLink {
	return store.OldLink{Version: l.Version, Number: l.Recipient}
}

func (v *visitScope) view() *store.ClientView { return v.ClientView }

func (v *visitScope) oldLink() store.OldLink {
	return store.OldLink{Version: v.visit.Version, Number: v.visit.Recipient, Who: v.visit.Name}
}

type endHandler func(w http.ResponseWriter, r *http.Request, p clientScope) error

// onEndedLink and onEndedVisit let a request's link and its visits have the same form. A
// receipt's link leads to no request.
func onEndedLink(handle endHandler) linkHandler {
	return func(w http.ResponseWriter, r *http.Request, l *linkScope) error {
		if l.Kind == link.KindReceipt {
			return onboarding.ErrNotFound
		}
		return handle(w, r, l)
	}
}

func onEndedVisit(handle endHandler) stepHandler {
	return func(w http.ResponseWriter, r *http.Request, v *visitScope) error { return handle(w, r, v) }
}

// ask tells the agency that a client wants a new link. If the link works meanwhile, the
// page it leads to shows that.
func (s *expiredPages) ask(w http.ResponseWriter, r *http.Request, p clientScope) error {
	if p.view().Agency.Suspended {
		return onboarding.ErrSuspended
	}
	if of := p.repairing(); of != nil {
		if err := s.store.Repairs.Ask(r.Context(), of.Repair, p.oldLink().Who); err != nil {
			return err
		}
		return seeOther(w, r, p.path(""))
	}
	if err := s.store.Requests.AskLink(
		r.Context(), p.view().Agency.ID, p.view().Request.ID, p.oldLink(),
	); err != nil {
		return err
	}
	return seeOther(w, r, p.path(""))
}

// sendAgain sends the newest link to the recipient whose older one was opened.
func (s *expiredPages) sendAgain(w http.ResponseWriter, r *http.Request, p clientScope) error {
	if p.repairing() != nil {
		return onboarding.ErrNotFound
	}
	if err := s.visits.checkLink(p.view(), p.oldLink().Version); !errors.Is(err, onboarding.ErrLinkSuperseded) {
		if err != nil {
			return err
		}
		return seeOther(w, r, p.path(""))
	}
	page, err := s.visits.olderLinkPage(r, p)
	if err != nil {
		return err
	}
	if page.Send == "" { // who got the link wants no more emails, or nobody did
		return seeOther(w, r, p.path(""))
	}
	err = s.store.Requests.SendNewest(
		r.Context(), p.view().Agency.ID, p.view().Request.ID, p.oldLink(), s.keys.HashAddresses, s.limits,
	)
	switch {
	case errors.Is(err, onboarding.ErrRateLimited):
		page.Limited = true
	case err != nil:
		return err
	default:
		page.Sent = true
	}
	s.render(w, r, http.StatusOK, page)
	return nil
}

// expiredPage is the page of a link whose month is over.
func (s *visits) expiredPage(r *http.Request, p clientScope) (pages.Expired, error) {
	page := pages.Expired{Frame: p.pageFrame(), On: p.view().Request.Expires, Ask: p.path("ask")}
	_, page.Email = s.ownEmail(r, p)
	var err error
	page.Asked, err = s.store.Requests.LinkAsked(r.Context(), p.view().Request.ID)
	return page, err
}

// olderLinkPage is the page of a link that was replaced by one that works.
func (s *visits) olderLinkPage(r *http.Request, p clientScope) (pages.OlderLink, error) {
	request := p.view().Request
	page := pages.OlderLink{Frame: p.pageFrame(), Newer: request.Renewed}
	to, err := s.store.Requests.RecipientByNumber(r.Context(), request.ID, p.oldLink().Number)
	switch {
	case err == nil && to.Stopped == 0:
		page.Email, page.Send = to.Address, p.path("send-again")
		return page, nil
	case err != nil && !errors.Is(err, onboarding.ErrNotFound):
		return page, err
	}
	page.Ask = p.path("ask")
	page.Asked, err = s.store.Requests.LinkAsked(r.Context(), request.ID)
	return page, err
}
