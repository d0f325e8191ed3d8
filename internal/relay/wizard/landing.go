package wizard

import (
	"errors"
	"net/http"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
	"github.com/latchkeyhq/latchkey/internal/relay/link"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// currentVisit finds the visit that this browser has of a request and can go on
// with. ErrNotFound: none.
func (s *linkPages) currentVisit(r *http.Request, l *linkScope) (*visitScope, error) {
	p, found := s.visits.visitKeyOf(r, l.Request.ID, l.part())
	if !found {
		return nil, onboarding.ErrNotFound
	}
	visit, err := s.store.Visits.GetByCookie(r.Context(), p.cookieHash())
	if err != nil {
		return nil, err
	}
	version := l.Request.LinkVersion
	if l.repair != nil {
		version = l.repair.Version
	}
	if visit.Request != l.Request.ID || visitPart(visit) != l.part() || visit.Ended != 0 || visit.Version != version {
		return nil, onboarding.ErrNotFound
	}
	return s.visits.enter(r, visit, p)
}

// showLanding is what the link opens. It changes nothing, however often mail
// scanners and previews look.
func (s *linkPages) showLanding(w http.ResponseWriter, r *http.Request, l *linkScope) error {
	if l.repair != nil {
		return s.showRepair(w, r, l)
	}
	v, err := s.currentVisit(r, l)
	if err == nil {
		return s.showContinue(w, r, l, v)
	} else if !errors.Is(err, onboarding.ErrNotFound) {
		return err
	}
	page := pages.Landing{
		Frame: l.Frame, Client: l.Request.Client, Message: l.Request.Message,
		Services: s.catalog.Sort(l.Request.Services),
		Asked:    askedBy(l.Request), Post: l.path(""), Decline: l.path("decline")}
	if l.Agency.ShowRequester {
		page.Requester = l.Requester
	}
	if l.Kind == link.KindHandOver { // who cannot do a part skips it
		page.HandedBy, page.Decline = l.handed.HandedBy.Name, ""
	}
	s.render(w, r, http.StatusOK, page)
	return nil
}

// showContinue greets a browser that has been here before.
func (s *linkPages) showContinue(w http.ResponseWriter, r *http.Request, l *linkScope, v *visitScope) error {
	progress, err := s.visits.loadProgress(r, v)
	if err != nil {
		return err
	}
	_, signedIn := s.visits.token(v)
	s.render(w, r, http.StatusOK, pages.ContinueAs{
		Frame: l.Frame, Client: l.Request.Client, Name: v.visit.Name, Email: v.visit.Email, Started: v.visit.Created,
		Progress:  append(progress.serviceProgress(s.catalog, v), s.restProgress(v, progress)...),
		SignedOut: !signedIn && progress.hasConnected(onboarding.Facebook),
		Continue:  v.path(""), SomeoneElse: l.path("someone-else"),
	})
	return nil
}

// grantPermission is the first thing that changes anything: the request counts as opened.
func (s *linkPages) grantPermission(w http.ResponseWriter, r *http.Request, l *linkScope) error {
	if l.repair != nil {
		return s.startRepair(w, r, l)
	}
	if err := s.store.Requests.MarkOpened(r.Context(), l.Agency.ID, l.Request.ID, l.Recipient); err != nil {
		return err
	}
	return seeOther(w, r, l.path("about"))
}

func (s *linkPages) showAboutYou(w http.ResponseWriter, r *http.Request, l *linkScope) error {
	s.render(w, r, http.StatusOK, s.aboutYou(l))
	return nil
}

func (s *linkPages) aboutYou(l *linkScope) pages.AboutYou {
	page := pages.AboutYou{Frame: l.Frame, Services: s.catalog.Sort(l.Request.Services), Post: l.path("about")}
	if l.repair == nil {
		page.Steps = pages.Progress(l.Request.Services, pages.StepAboutYou)
	}
	return page
}

// startVisit begins a visit in the name of a person.
func (s *linkPages) startVisit(w http.ResponseWriter, r *http.Request, l *linkScope) error {
	return s.beginVisit(w, r, l, s.aboutYou(l))
}

// beginVisit begins a visit in the name of the person whom a form names.
func (s *linkPages) beginVisit(w http.ResponseWriter, r *http.Request, l *linkScope, page pages.AboutYou) error {
	if err := parseForm(w, r, maxForm); err != nil {
		return err
	}
	next, state := "", ""
	if page.Declines {
		next, state = "decline", declining
	}
	page.Name, page.Email = r.PostFormValue(pages.FieldName), r.PostFormValue(pages.FieldEmail)
	missing := s.pages.Text("about_you.name_missing")
	name, err := onboarding.ValidatePersonName(page.Name, s.catalog.ServiceNames(), missing)
	page.NameError = s.fieldMessage(err)
	email, err := onboarding.ValidateTypedAddress(pages.FieldEmail, page.Email)
	page.EmailError = s.fieldMessage(err)
	if page.NameError != "" || page.EmailError != "" {
		s.render(w, r, http.StatusUnprocessableEntity, page)
		return nil
	}
	// A double click, or the same person once more: the visit goes on.
	before, err := s.currentVisit(r, l)
	if err == nil && before.visit.Name == name && onboarding.SameAddress(before.visit.Email, email) {
		return seeOther(w, r, before.path(next))
	} else if err != nil && !errors.Is(err, onboarding.ErrNotFound) {
		return err
	}
	p := newVisitKey()
	visit := store.Visit{
		ID: store.NewID(), Request: l.Request.ID, Agency: l.Agency.ID, CookieHash: p.cookieHash(),
		Version: l.Version, Recipient: l.Recipient, Scoped: l.Kind == link.KindHandOver, Repair: l.repaired(), Name: name,
		Email: email, State: state,
	}
	if err := s.store.Visits.Start(r.Context(), visit); err != nil {
		return err
	}
	if before != nil { // somebody else at the same browser: the other's sign-in is dropped
		if err := s.visits.endVisit(r, before); err != nil {
			return err
		}
	}
	s.setCookie(w, s.visits.cookieName(l.Request.ID, l.part()), p, l.Request.Expires)
	return seeOther(w, r, l.path("started"))
}

// showStarted leads a browser that was just given its cookie to its first step.
// One that has not kept it reads so, with the way to allow it: no page of the
// visit could know it again.
func (s *linkPages) showStarted(w http.ResponseWriter, r *http.Request, l *linkScope) error {
	if _, kept := s.visits.visitKeyOf(r, l.Request.ID, l.part()); !kept {
		s.render(w, r, http.StatusForbidden, pages.Problem{Frame: l.Frame, Failure: pages.FailureView{
			Failure: s.catalog.Describe(catalog.CookiesBlocked, catalog.Args{
				Agency: l.Agency.CompanyName(), Address: s.at(r).host,
			}),
			Again: l.path(""),
		}})
		return nil
	}
	v, err := s.currentVisit(r, l)
	if errors.Is(err, onboarding.ErrNotFound) {
		return seeOther(w, r, l.path(""))
	} else if err != nil {
		return err
	}
	switch {
	case v.repair != nil:
		return seeOther(w, r, v.path(""))
	case v.state.Declines:
		return seeOther(w, r, v.path("decline"))
	}
	progress, err := s.visits.loadProgress(r, v)
	if err != nil {
		return err
	}
	return seeOther(w, r, progress.firstOpenPath(v))
}

// someoneElse ends the browser's visit: its sign-in is dropped, what was
// connected stays.
func (s *linkPages) someoneElse(w http.ResponseWriter, r *http.Request, l *linkScope) error {
	v, err := s.currentVisit(r, l)
	if err != nil && !errors.Is(err, onboarding.ErrNotFound) {
		return err
	}
	if err == nil {
		if err := s.visits.endVisit(r, v); err != nil {
			return err
		}
	}
	s.clearCookie(w, s.visits.cookieName(l.Request.ID, l.part()))
	return seeOther(w, r, l.path(""))
}

// repaired is the id of the item that a link is for; empty: it is of a request.
func (l *linkScope) repaired() string {
	if l.repair == nil {
		return ""
	}
	return l.repair.item.ID
}
