package wizard

import (
	"cmp"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
	"github.com/latchkeyhq/latchkey/internal/relay/sealing"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// visits open the visit of a browser, and check that it may go on.
type visits struct{ *core }

// TokenIdleTimeout is how long an unused Facebook sign-in is kept.
const TokenIdleTimeout = time.Hour

// token opens the visit's Facebook sign-in; false: it is over.
func (s *visits) token(v *visitScope) (onboarding.Secret, bool) {
	now := s.store.Now()
	if len(v.visit.SealedToken) == 0 || v.visit.TokenUsed.Since(now) >= TokenIdleTimeout || v.visit.TokenExpires != 0 &&
		v.visit.TokenExpires <= now {
		return onboarding.Secret{}, false
	}
	token, err := sealing.OpenToken(v.key.key(), v.visit.ID, v.visit.SealedToken)
	return token, err == nil
}

// cookieName differs by request, and by the part of it that a link is for, so that one
// browser can have a visit of each. An empty part is the whole request.
func (s *visits) cookieName(request, part string) string {
	digest := sha256.Sum256([]byte("visit of request " + request + part))
	return s.cookiePrefix() + hex.EncodeToString(digest[:8])
}

func (s *visits) cookiePrefix() string {
	if s.secure {
		return "__Host-visit-"
	}
	return "visit-" // over http, which is for loopback only, browsers drop the other
}

// handedPart names the part of a request that was handed to a recipient, for a cookie.
func handedPart(scoped bool, recipient int) string {
	if !scoped {
		return ""
	}
	return "-" + strconv.Itoa(recipient)
}

// visitPart names the part of a request that a visit is of.
func visitPart(v store.Visit) string {
	if v.Repair != "" {
		return repairPart(v.Repair)
	}
	return handedPart(v.Scoped, v.Recipient)
}

// repairPart names the part of a request that an item is which is to be repaired.
func repairPart(item string) string { return "-repair-" + item }

// visitKeyOf reads the browser's cookie for a request, or a part of it.
func (s *visits) visitKeyOf(r *http.Request, request, part string) (visitKey, bool) {
	if r.Header.Get("Cookie") == "" { // as most who open a link
		return visitKey{}, false
	}
	cookie, err := r.Cookie(s.cookieName(request, part))
	if err != nil {
		return visitKey{}, false
	}
	return parseVisitKey(cookie.Value)
}

// visitScope is a visit of the wizard, proved by its cookie.
type visitScope struct {
	*store.ClientView
	visit  store.Visit
	repair *repairTarget // the item that it repairs; nil: it is of the request's link
	key    visitKey
	state  visitState
	Frame  pages.Frame
	rest   []onboarding.Service // of the request, and not of what was handed to this visit's client
}

// path is an address of the visit's own.
func (v *visitScope) path(rest string) string { return visitPath(v.visit.ID, rest) }

// visitPath is an address of a visit; nothing: its first page.
func visitPath(visit, rest string) string {
	if rest == "" {
		return "/w/" + visit
	}
	return "/w/" + visit + "/" + rest
}

// args are what the catalog's sentences are filled with.
func (v *visitScope) args(service onboarding.Service) catalog.Args {
	args := catalog.Args{Agency: v.Agency.CompanyName(), Service: service, Asked: v.asked()}
	if v.repair != nil {
		args.Asset, args.Repair = v.repair.item.Name, true
	}
	return args
}

// asked is what the request asks for at Facebook.
func (v *visitScope) asked() catalog.Asked { return askedBy(v.Request) }

// askedBy is what a request asks for at Facebook.
func askedBy(r store.ClientRequest) catalog.Asked {
	return catalog.Asked{Level: r.Level, Kinds: r.Kinds}
}

func (v *visitScope) pageFrame() pages.Frame { return v.Frame }

func (v *visitScope) back() string { return v.path("") }

func (v *visitScope) requested() (string, []onboarding.Service) {
	return v.Request.ID, v.Request.Services
}

func (v *visitScope) reported() store.Email { return reportedPage(v.ClientView) }

// reportedPage is the content of a report of a request's page.
func reportedPage(shown *store.ClientView) store.Email {
	return store.Email{Agency: shown.Agency.ID, Request: shown.Request.ID, About: "report.about_page"}
}

type stepHandler func(w http.ResponseWriter, r *http.Request, v *visitScope) error

// withVisit opens the visit of an address for the browser that has its cookie,
// whatever became of the request.
func (s *visits) withVisit(handle stepHandler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v, err := s.openVisit(r, r.PathValue("visit"))
		var moved *movedError
		if errors.As(err, &moved) {
			_ = seeOther(w, r, "/w/"+moved.to) // it never fails
			return
		}
		if err != nil {
			s.renderError(w, r, s.neutralFrame(r), err)
			return
		}
		err = v.checkAllowed(r)
		if err == nil {
			err = s.rates.checkForm(r, v.Request.ID, v.visit.ID)
		}
		if err == nil {
			err = handle(w, r, v)
		}
		if err != nil {
			s.renderRequestError(w, r, v, err)
		}
	})
}

// requireLiveVisit is withVisit for the wizard's own pages: on a computer, while the link works.
func (s *visits) requireLiveVisit(handle stepHandler) http.Handler {
	return s.withVisit(func(w http.ResponseWriter, r *http.Request, v *visitScope) error {
		if s.isPhone(r) {
			s.render(w, r, http.StatusForbidden, pages.PhoneRefused{Frame: v.Frame})
			return nil
		}
		if err := s.checkVisit(v); err != nil {
			return err
		}
		return handle(w, r, v)
	})
}

// checkVisit returns why a visit cannot go on; nil: it can.
func (s *visits) checkVisit(v *visitScope) error {
	err := s.checkLink(v.ClientView, v.visit.Version)
	if v.repair != nil {
		err = s.checkRepair(v.ClientView, v.repair, v.visit.Version)
	}
	if err != nil {
		return err
	}
	if v.visit.Ended != 0 {
		return errNoVisit
	}
	return nil
}

// renderRequestError answers an error on a page of a request: the end pages for a dead
// link, else as renderError does.
func (s *visits) renderRequestError(w http.ResponseWriter, r *http.Request, p clientScope, err error) {
	page, pageErr := s.endPage(r, p, err)
	switch {
	case pageErr != nil:
		s.renderError(w, r, p.pageFrame(), pageErr)
	case page != nil:
		s.render(w, r, http.StatusGone, page)
	default:
		s.renderError(w, r, p.pageFrame(), err)
	}
}

// movedError means that the browser has a newer visit of the same request.
type movedError struct{ to string }

func (e *movedError) Error() string { return "the browser has a newer visit" }

// openVisit finds a visit and proves that the browser is its own. A browser
// without its cookie learns nothing, not even whether the visit exists.
func (s *visits) openVisit(r *http.Request, id string) (*visitScope, error) {
	visit, err := s.store.Visits.Get(r.Context(), id)
	if errors.Is(err, onboarding.ErrNotFound) {
		return nil, errNoVisit
	} else if err != nil {
		return nil, err
	}
	p, found := s.visitKeyOf(r, visit.Request, visitPart(visit))
	if !found || !s.serves(r, visit.Agency) {
		return nil, errNoVisit
	}
	if subtle.ConstantTimeCompare(p.cookieHash(), visit.CookieHash) != 1 {
		newer, err := s.store.Visits.GetByCookie(r.Context(), p.cookieHash())
		if err == nil && newer.Request == visit.Request && visitPart(newer) == visitPart(visit) {
			return nil, &movedError{newer.ID}
		}
		return nil, errNoVisit
	}
	return s.enter(r, visit, p)
}

// enter reads the request and the state of a visit that the browser has proved.
func (s *visits) enter(r *http.Request, visit store.Visit, p visitKey) (*visitScope, error) {
	v := &visitScope{visit: visit, key: p}
	var err error
	if visit.Repair == "" {
		v.ClientView, err = s.store.Requests.ClientView(r.Context(), visit.Request)
	} else if of, repairErr := s.store.Repairs.Get(r.Context(), visit.Repair); repairErr == nil {
		v.repair, v.ClientView, err = s.loadRepair(r.Context(), of)
	} else {
		err = repairErr
	}
	if errors.Is(err, onboarding.ErrNotFound) {
		return nil, errNoVisit
	} else if err != nil {
		return nil, err
	}
	if visit.Scoped {
		to, err := s.store.Requests.RecipientByNumber(r.Context(), visit.Request, visit.Recipient)
		if errors.Is(err, onboarding.ErrNotFound) || err == nil && to.Handed == 0 {
			return nil, errNoVisit
		} else if err != nil {
			return nil, err
		}
		v.rest = narrow(v.ClientView, to)
	}
	if visit.State != "" {
		if err := json.Unmarshal([]byte(visit.State), &v.state); err != nil {
			return nil, fmt.Errorf("reading the state of visit %s: %w", visit.ID, err)
		}
	}
	v.Frame = s.requestFrame(r, v.ClientView, "/w/"+visit.ID)
	return v, nil
}

// narrow leaves of a request what was handed to a recipient, and returns the rest.
func narrow(shown *store.ClientView, to onboarding.Recipient) (rest []onboarding.Service) {
	scope := to.Part(shown.Request.Services)
	for _, service := range shown.Request.Services {
		if !slices.Contains(scope, service) {
			rest = append(rest, service)
		}
	}
	shown.Request.Services = scope
	return rest
}

// seenInterval is how exactly it is known when a visit was seen last.
const seenInterval = time.Minute

// saveState keeps the visit's choices, if they are others.
func (s *visits) saveState(r *http.Request, v *visitScope) error {
	text, err := json.Marshal(v.state)
	if err != nil {
		return fmt.Errorf("writing the state of visit %s: %w", v.visit.ID, err)
	}
	if string(text) == cmp.Or(v.visit.State, "{}") && v.visit.Seen.Since(s.store.Now()) < seenInterval {
		return nil
	}
	return s.store.Visits.SaveState(r.Context(), v.visit.ID, string(text))
}

func (s *visits) endVisit(r *http.Request, v *visitScope) error {
	if err := s.store.Visits.End(r.Context(), v.visit.ID); err != nil {
		return err
	}
	s.assets.forget(v.visit.ID)
	return nil
}

// otherVisitWindow is how long another visit's start is shown.
const otherVisitWindow = 24 * time.Hour

// showOtherVisitors adds to the page who else has started (F7).
func (s *visits) showOtherVisitors(r *http.Request, v *visitScope) error {
	visits, err := s.store.Visits.ListByRequest(r.Context(), v.Request.ID)
	if err != nil {
		return err
	}
	for _, other := range visits {
		if visitPart(other) != visitPart(v.visit) {
			continue // they know of each other, and neither ends the other's link
		}
		if other.ID != v.visit.ID && !onboarding.SameAddress(other.Email, v.visit.Email) &&
			other.Seen.Since(s.store.Now()) < otherVisitWindow {
			v.Frame.OtherVisitorPresent, v.Frame.OtherVisitor = true, other.Name
		}
	}
	return nil
}

// ownReceipt reports whether this visit is the one that finished.
func (s *visits) ownReceipt(r *http.Request, visit string) (bool, error) {
	receipt, err := s.store.Receipts.GetByVisit(r.Context(), visit)
	if errors.Is(err, onboarding.ErrNotFound) {
		return false, nil
	}
	return err == nil && receipt.Whole, err
}

// checkLink returns why a link of this version no longer works; nil: it does.
func (s *visits) checkLink(shown *store.ClientView, version int) error {
	if shown.Agency.Suspended {
		return onboarding.ErrSuspended
	}
	err := shown.Request.LinkState(s.store.Now())
	if err == nil && version < shown.Request.LinkVersion {
		return onboarding.ErrLinkSuperseded
	}
	return err
}

// endPage is what stands where the wizard was; nil: err is about something else.
func (s *visits) endPage(r *http.Request, p clientScope, err error) (pages.Page, error) {
	frame := p.pageFrame()
	if p.repairing() != nil {
		return s.repairEnd(r, p, err)
	}
	switch {
	case errors.Is(err, onboarding.ErrSuspended):
		return pages.Paused{Frame: frame}, nil
	case errors.Is(err, onboarding.ErrWithdrawn):
		_, email := s.ownEmail(r, p)
		return pages.Withdrawn{Frame: frame, TakeBack: frame.Help + "#take-back", Email: email}, nil
	case errors.Is(err, onboarding.ErrCompleted):
		return s.completedPage(r, p, frame), nil
	case errors.Is(err, onboarding.ErrLinkSuperseded):
		return s.olderLinkPage(r, p)
	case errors.Is(err, onboarding.ErrExpired):
		return s.expiredPage(r, p)
	}
	return nil, nil
}

// completedPage is the same for everybody, but for the browser of a
// client who gets a receipt: who finished, or who connected something.
func (s *visits) completedPage(r *http.Request, of clientScope, frame pages.Frame) pages.Page {
	request := of.view().Request
	page := pages.Completed{Frame: frame, By: request.CompletedBy, At: max(request.Finished, request.Completed)}
	visit, email := s.ownEmail(r, of)
	if own, err := s.ownReceipt(r, visit.ID); err == nil && own {
		page.Show = visitPath(visit.ID, "done")
		return page
	}
	page.Email = email
	return page
}

// ownEmail is what the browser of a visit reads of its receipt's email, where its link has
// ended. It is a courtesy: the page is complete without it.
func (s *visits) ownEmail(r *http.Request, of clientScope) (visit store.Visit, email pages.ReceiptEmail) {
	request := of.view().Request
	p, found := s.visitKeyOf(r, request.ID, of.part())
	if !found {
		return visit, email
	}
	visit, err := s.store.Visits.GetByCookie(r.Context(), p.cookieHash())
	if err != nil || visit.Request != request.ID {
		return store.Visit{}, email
	}
	email, err = s.receiptEmail(r, visit)
	if err != nil {
		return visit, pages.ReceiptEmail{}
	}
	return visit, email
}

// receiptEmail is what a visit reads of its receipt's email, once it can do no more.
func (s *visits) receiptEmail(r *http.Request, visit store.Visit) (email pages.ReceiptEmail, err error) {
	state, err := s.store.Receipts.State(r.Context(), visit, s.mailbox(visit))
	if err != nil || !state.Gets {
		return email, err
	}
	if state.Ask {
		email.Ask = visitPath(visit.ID, "receipt")
	}
	switch {
	case state.Email == onboarding.EmailAccepted:
		email.State = pages.ReceiptSent
	case state.Blocked == store.BlockSuppressed:
		email.State = pages.ReceiptSuppressed
	case state.Blocked == store.BlockSuspended:
		email.State = pages.ReceiptSuspended
	case state.Email == onboarding.EmailRefused:
		email.State = pages.ReceiptRefused
	case state.Email != "" && state.Due > s.store.Now():
		email.State, email.At = pages.ReceiptDelayed, state.Due
	case state.Email != "":
		email.State = pages.ReceiptQueued
	case state.Blocked == store.BlockLimit:
		email.State = pages.ReceiptLimited
	}
	return email, nil
}

// mailbox is the one of the address that a visit's client gave.
func (s *core) mailbox(visit store.Visit) store.Mailbox {
	return store.Mailbox{Hashes: s.keys.HashAddresses(visit.Email), Limits: s.limits}
}
