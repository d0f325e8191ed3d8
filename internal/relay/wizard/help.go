package wizard

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/latchkeyhq/latchkey/internal/grapheme"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
	"github.com/latchkeyhq/latchkey/internal/relay/link"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// helpPages are what stands below every page and every email.
type helpPages struct{ *core }

// pageScope is what a page belongs to: a link, a visit or an email.
type pageScope interface {
	// pageFrame is how its pages look.
	pageFrame() pages.Frame
	// path is an address of its own; nothing: its first page.
	path(rest string) string
	// back is where its help leads back to; empty: nowhere.
	back() string
	// requested is the request and what it asks for; no id: none.
	requested() (id string, services []onboarding.Service)
	// reported is the content of a report of its page.
	reported() store.Email
}

type scopeHandler func(w http.ResponseWriter, r *http.Request, p pageScope) error

// onLink, onVisit and onEmail let a link, a visit and an email have the same page.
func onLink(handle scopeHandler) linkHandler {
	return func(w http.ResponseWriter, r *http.Request, l *linkScope) error { return handle(w, r, l) }
}

func onVisit(handle scopeHandler) stepHandler {
	return func(w http.ResponseWriter, r *http.Request, v *visitScope) error { return handle(w, r, v) }
}

func onEmail(handle scopeHandler) emailHandler {
	return func(w http.ResponseWriter, r *http.Request, l emailScope) error { return handle(w, r, l) }
}

func (s *helpPages) showGenuine(w http.ResponseWriter, r *http.Request, p pageScope) error {
	page := pages.Genuine{Frame: p.pageFrame(), Back: p.back()}
	if id, _ := p.requested(); id != "" {
		page.VerificationWords = onboarding.VerificationWords(id)
	}
	s.render(w, r, http.StatusOK, page)
	return nil
}

func (s *helpPages) showHelp(w http.ResponseWriter, r *http.Request, p pageScope) error {
	_, services := p.requested()
	s.render(w, r, http.StatusOK, pages.Help{
		Frame: p.pageFrame(), Services: s.catalog.Sort(services), Back: p.back(),
	})
	return nil
}

func (s *helpPages) showHelpOutside(w http.ResponseWriter, r *http.Request) {
	s.render(w, r, http.StatusOK, pages.Help{Frame: s.neutralFrame(r)})
}

// showOpen leads from an email into the hub. It is the same for every id, and looks
// nothing up: who has the hub has the request.
func (s *helpPages) showOpen(w http.ResponseWriter, r *http.Request) {
	page := pages.OpenHub{Frame: s.neutralFrame(r), What: pages.OpenHome}
	id, isRequest := strings.CutPrefix(r.PathValue("route"), link.OpenRequest)
	switch route := r.PathValue("route"); {
	case isRequest && isOpenID(id):
		page.What, page.ID = pages.OpenRequest, id
	case route == link.OpenFacebook, route == link.OpenAccounts, route == link.OpenHome:
		page.What = pages.OpenTarget(route)
	default:
		s.renderError(w, r, page.Frame, onboarding.ErrNotFound)
		return
	}
	s.render(w, r, http.StatusOK, page)
}

// isOpenID reports whether a text has the form of an id.
func isOpenID(id string) bool {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	return id != "" && len(id) <= 64 && strings.Trim(id, alphabet) == ""
}

func (s *helpPages) showReport(w http.ResponseWriter, r *http.Request, p pageScope) error {
	s.render(w, r, http.StatusOK, pages.Report{Frame: p.pageFrame(), Post: p.path("report"), Back: p.back()})
	return nil
}

// report tells the operator, once a day about one request. What was typed goes
// to the operator's log only: no email carries a stranger's words.
func (s *helpPages) report(w http.ResponseWriter, r *http.Request, p pageScope) error {
	about := p.reported()
	about.About = s.pages.Text(about.About)
	page := pages.Report{Frame: p.pageFrame(), Post: p.path("report"), Back: p.back()}
	if err := parseForm(w, r, maxForm); err != nil {
		return err
	}
	page.Text, page.Email = r.PostFormValue(pages.FieldText), r.PostFormValue(pages.FieldEmail)
	if strings.TrimSpace(page.Text) == "" {
		page.TextError = s.pages.Text("report.text_missing")
	}
	address := ""
	if page.Email != "" {
		var err error
		address, err = onboarding.ValidateTypedAddress(pages.FieldEmail, page.Email)
		page.EmailError = s.fieldMessage(err)
	}
	if page.TextError != "" || page.EmailError != "" {
		s.render(w, r, http.StatusUnprocessableEntity, page)
		return nil
	}
	if !s.rates.reports.allow(about.Agency + " " + about.Request) {
		return onboarding.ErrRateLimited
	}
	about.Kind, about.Reference = store.EmailReport, newReference()
	if err := s.store.Emails.Enqueue(r.Context(), about, s.store.Now().Add(-24*time.Hour)); err != nil {
		return err
	}
	s.log.WarnContext(r.Context(), "a page or an email was reported", "about", about.About,
		"agency", about.Agency, "request", about.Request,
		"reference", about.Reference, "text", grapheme.Cut(page.Text, onboarding.MaxReason), "address", address)
	page.Sent = true
	s.render(w, r, http.StatusOK, page)
	return nil
}

// emailScope is a page below an email. It opens no request.
type emailScope struct {
	store.Email
	agency  onboarding.Agency
	address string // whom it went to; empty: nobody any more
	token   string
	Frame   pages.Frame
}

func (l emailScope) path(rest string) string { return link.EmailPath + l.token + "/" + rest }

func (l emailScope) pageFrame() pages.Frame { return l.Frame }

func (l emailScope) back() string { return "" }

func (l emailScope) requested() (string, []onboarding.Service) { return l.Request, nil }

func (l emailScope) reported() store.Email {
	return store.Email{Agency: l.agency.ID, Request: l.Request, About: "report.about_email"}
}

type emailHandler func(w http.ResponseWriter, r *http.Request, l emailScope) error

// withEmail finds the email that an address belongs to.
func (s *helpPages) withEmail(handle emailHandler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token := r.PathValue("token")
		opened, err := s.keys.VerifyLink(token)
		if err == nil && opened.Kind != link.KindEmail || errors.Is(err, onboarding.ErrNotFound) {
			s.rejectToken(w, r)
			return
		} else if err != nil {
			s.renderError(w, r, s.neutralFrame(r), err)
			return
		}
		l, err := s.loadEmail(r, opened, token)
		if errors.Is(err, onboarding.ErrNotFound) { // it was ours: what it was about is gone
			s.render(w, r, http.StatusGone, pages.Expired{Frame: s.neutralFrame(r)})
			return
		}
		if err == nil && !s.serves(r, l.agency.ID) {
			s.rejectToken(w, r)
			return
		}
		if err == nil {
			err = s.rates.checkForm(r, "email "+l.ID, "")
		}
		if err == nil {
			err = handle(w, r, l)
		}
		if err != nil {
			s.renderError(w, r, s.neutralFrame(r), err)
		}
	})
}

func (s *helpPages) loadEmail(r *http.Request, opened link.Link, token string) (emailScope, error) {
	email, err := s.store.Emails.GetByLink(r.Context(), opened.ID)
	if err != nil {
		return emailScope{}, err
	}
	l := emailScope{Email: email, token: token}
	if l.agency, err = s.store.Agencies.Get(r.Context(), email.Agency); err != nil {
		return l, err
	}
	l.Frame = s.agencyFrame(r, store.ClientAgencyOf(l.agency), link.EmailPath+token)
	l.Frame.Help = "/help"
	switch {
	case email.Recipient != "":
		recipient, err := s.store.Requests.Recipient(r.Context(), email.Recipient)
		if err != nil {
			return l, err
		}
		l.address = recipient.Address
	case email.Kind == store.EmailRepair:
		l.address = email.Address
	case email.IsToClient():
		visit, err := s.store.Visits.Get(r.Context(), email.Visit)
		if err != nil {
			return l, err
		}
		l.address = visit.Email
	default: // a row would have the address of now
		l.address = email.Address
	}
	return l, nil
}

// showSuppress offers an address an end of this agency's mail. Looking changes
// nothing: mail programs look too.
func (s *helpPages) showSuppress(w http.ResponseWriter, r *http.Request, l emailScope) error {
	if l.address == "" {
		return onboarding.ErrNotFound
	}
	s.render(w, r, http.StatusOK, pages.Suppress{Frame: l.Frame, Email: l.address, Post: l.path("not-for-me")})
	return nil
}

func (s *helpPages) suppress(w http.ResponseWriter, r *http.Request, l emailScope) error {
	if l.address == "" {
		return onboarding.ErrNotFound
	}
	if err := s.store.Emails.Suppress(r.Context(), l.agency.ID, l.address, s.keys.HashAddress(l.address)); err != nil {
		return err
	}
	s.render(w, r, http.StatusOK, pages.Suppress{Frame: l.Frame, Email: l.address, Done: true})
	return nil
}
