package wizard

import (
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// callbacks take in what platforms send browsers back with.
type callbacks struct {
	*core
	visits   *visits
	failures *failureReporter
	signIns  *signIns
	facebook *facebookSteps
	crm      *crmSteps
	connect  *connectPages
	leaving  *leavingPages
}

// serveCallback is where platforms send people back to. It is used up by the browser
// that began the sign-in, whatever comes of it; whoever else asks, like a link
// scanner or a page that a browser loads ahead, changes nothing.
func (s *callbacks) serveCallback(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet { // Go's GET patterns serve HEAD too, and this one changes state
		w.Header().Set("Allow", http.MethodGet)
		s.render(w, r, http.StatusMethodNotAllowed, pages.NotFound{Frame: s.neutralFrame(r)})
		return
	}
	if isPrefetch(r) {
		s.render(w, r, http.StatusServiceUnavailable, pages.TryLater{Frame: s.neutralFrame(r)})
		return
	}
	if s.isPhone(r) {
		s.render(w, r, http.StatusForbidden, pages.PhoneRefused{Frame: s.neutralFrame(r)})
		return
	}
	from := onboarding.Platform(r.PathValue("platform"))
	if _, err := s.signIns.signInDriver(from); err != nil {
		s.renderError(w, r, s.neutralFrame(r), onboarding.ErrNotFound)
		return
	}
	back := callbackParams{from: from, query: r.URL.Query()}
	back.state = single(back.query, "state")
	back.hash = stateHash(back.state)
	address, err := s.leaving.wayBack(r, back)
	switch {
	case err != nil:
		s.renderElsewhere(w, r, err)
	case address != "":
		_ = seeOther(w, r, address) // it never fails
	default:
		s.serveHere(w, r, back)
	}
}

// serveHere takes in a callback at the address that its visit is at.
func (s *callbacks) serveHere(w http.ResponseWriter, r *http.Request, back callbackParams) {
	row, err := s.peekState(r, back)
	switch {
	case errors.Is(err, onboarding.ErrNotFound):
		s.unknownCallback(w, r, back)
		return
	case err != nil:
		s.renderError(w, r, s.neutralFrame(r), err)
		return
	}
	purpose, err := parsePurpose(row)
	if err != nil {
		s.renderError(w, r, s.neutralFrame(r), err)
		return
	}
	if row.Connection != "" {
		s.connect.finishOwnSignIn(w, r, row, purpose, back)
		return
	}
	v, err := s.visits.openVisit(r, row.Visit)
	if err != nil || !isStateOf(v.key, purpose, back) {
		s.renderElsewhere(w, r, errors.Join(errNoVisit, err))
		return
	}
	err = s.signIns.takeState(r, back)
	if errors.Is(err, onboarding.ErrNotFound) { // the same callback, a moment ago
		s.unknownCallback(w, r, back)
		return
	}
	if err == nil {
		err = s.handleCallback(w, r, v, purpose, back)
	}
	if err != nil {
		s.visits.renderRequestError(w, r, v, err)
	}
}

// renderElsewhere answers a browser that comes back without the visit's cookie. Some keep cookies back from whoever
// comes from another site: to those the same address works from here, as nothing is used up.
func (s *callbacks) renderElsewhere(w http.ResponseWriter, r *http.Request, err error) {
	if !errors.Is(err, errNoVisit) {
		s.renderError(w, r, s.neutralFrame(r), err)
		return
	}
	page := s.elsewhere(r, s.neutralFrame(r))
	page.Failure.Again = r.URL.RequestURI()
	s.render(w, r, http.StatusForbidden, page)
}

// isPrefetch reports whether a browser loads a page ahead, which nobody may ever see.
// https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-Purpose
func isPrefetch(r *http.Request) bool {
	for _, name := range []string{"sec-purpose", "purpose", "x-moz", "x-purpose"} {
		if strings.Contains(strings.ToLower(r.Header.Get(name)), "prefetch") {
			return true
		}
	}
	return false
}

// isStateOf reports whether a callback has the state that the browser with this key was given.
func isStateOf(p visitKey, purpose signInPurpose, back callbackParams) bool {
	return subtle.ConstantTimeCompare([]byte(p.state(purpose.SignInID)), []byte(back.state)) == 1
}

// peekState finds the sign-in that a callback belongs to. ErrNotFound: there is
// none, not any more, or it is another platform's.
func (s *callbacks) peekState(r *http.Request, back callbackParams) (store.OAuthState, error) {
	if back.state == "" {
		return store.OAuthState{}, onboarding.ErrNotFound
	}
	row, err := s.store.OAuthStates.Peek(r.Context(), back.hash)
	if err == nil && row.Platform != back.from {
		return row, onboarding.ErrNotFound
	}
	return row, err
}

// handleCallback continues the visit that a sign-in was started in.
func (s *callbacks) handleCallback(
	w http.ResponseWriter, r *http.Request, v *visitScope, purpose signInPurpose, back callbackParams,
) error {
	if err := s.visits.checkVisit(v); err != nil {
		return err
	}
	if !slices.Contains(v.Request.Services, purpose.Service) {
		return onboarding.ErrNotFound
	}
	back.company = v.Agency.CompanyName()
	grant, err := s.signIns.exchange(r, v.key, purpose, back, false)
	if err == nil {
		v.state.recordCallback(back.from, back.hash)
		if purpose.Service == onboarding.Facebook {
			return s.facebook.storeToken(w, r, v, grant)
		}
		return s.crm.storeAccount(w, r, v, purpose.Service, grant)
	}
	return s.failures.saveFailure(w, r, v, purpose.Service, err)
}

// unknownCallback answers a callback that belongs to no open sign-in: used, too old,
// another platform's, or made up. The browser's own visit goes on at its step;
// where its link has died meanwhile, the page shows that. Any site can lead a
// browser here, so it stores nothing.
func (s *callbacks) unknownCallback(w http.ResponseWriter, r *http.Request, back callbackParams) {
	refused := s.statelessRefusal(back)
	v, err := s.newestVisit(r, back.from)
	switch {
	case err != nil && refused != nil:
		s.connect.renderFailure(w, r, back.from, refused)
		return
	case err != nil:
		s.renderError(w, r, s.neutralFrame(r), err)
		return
	case v.dead != nil:
		s.visits.renderRequestError(w, r, v.visitScope, v.dead)
		return
	}
	// The same callback once more, as a reload makes it: it did work.
	if v.state.Callbacks[back.from] == hex.EncodeToString(back.hash) {
		to := "facebook/assets"
		if v.service != onboarding.Facebook {
			to = "platforms/" + string(v.service) + "/result"
		}
		_ = seeOther(w, r, v.path(to)) // it never fails
		return
	}
	failed, err := s.unknownFailure(r, v.visitScope, v.service, refused)
	if err == nil {
		v.state.setFailure(v.service, failed)
		delete(v.state.Result, v.service)
		if v.service == onboarding.Facebook {
			err = s.facebook.showFacebook(w, r, v.visitScope)
		} else {
			r.SetPathValue("service", string(v.service))
			err = s.crm.showResult(w, r, v.visitScope)
		}
	}
	if err != nil {
		s.visits.renderRequestError(w, r, v.visitScope, err)
	}
}

// statelessRefusal is a refusal that a platform sends back without the state, as
// Facebook does to an app that it does not serve; nil: it is none.
func (s *callbacks) statelessRefusal(back callbackParams) *platform.Failure {
	signIn, err := s.signIns.signInDriver(back.from)
	reader, able := signIn.(platform.CallbackReader)
	if err != nil || !able || back.query.Has("state") {
		return nil
	}
	return reader.ReadCallbackError(back.query)
}

// unknownFailure is what a callback without an open sign-in means for the browser's
// visit. The agency is told of a refusal without a state only while the visit is
// on its way to the platform: else it is from another site.
func (s *callbacks) unknownFailure(
	r *http.Request, v *visitScope, service onboarding.Service, refused *platform.Failure,
) (failure, error) {
	if refused == nil {
		return s.failures.recordFailure(r, v, service, &platform.Failure{
			Code: catalog.SignInTooLate, Err: errors.New("no open sign-in has this state"),
		}), nil
	}
	refused.PlatformCode = printable(refused.PlatformCode)
	away, err := s.store.OAuthStates.IsOpen(r.Context(), v.visit.ID, service.Platform())
	if err != nil {
		return failure{}, err
	}
	if away {
		return s.failures.reportFailure(r, v, service, refused), nil
	}
	return s.failures.recordFailure(r, v, service, refused), nil
}

// resumable is a visit of this browser that an unknown callback may go on in.
type resumable struct {
	*visitScope
	service onboarding.Service // the one that belongs to the callback's platform
	dead    error              // why the visit cannot go on; nil: it can
}

// isPreferredTo reports whether a visit is to go on rather than another: one that
// can, or else the one that was seen last.
func (v resumable) isPreferredTo(other resumable) bool {
	if (v.dead == nil) != (other.dead == nil) {
		return v.dead == nil
	}
	return v.visit.Seen >= other.visit.Seen
}

// maxVisits is how many of a browser's visits newestVisit reads.
const maxVisits = 20

// newestVisit finds, among the visits this browser has cookies of, the newest
// that asks for the platform and can go on; where none can, the newest one with
// the reason why. errNoVisit: there is none.
func (s *callbacks) newestVisit(r *http.Request, of onboarding.Platform) (resumable, error) {
	var newest resumable
	read := 0
	for _, cookie := range r.Cookies() {
		key, valid := parseVisitKey(cookie.Value)
		if !strings.HasPrefix(cookie.Name, s.visits.cookiePrefix()) || !valid || read == maxVisits {
			continue
		}
		read++
		v, err := s.visitOfCookie(r, cookie.Name, key)
		if errors.Is(err, onboarding.ErrNotFound) {
			continue
		} else if err != nil {
			return resumable{}, err
		}
		found := resumable{visitScope: v, service: serviceAt(v.Request.Services, of), dead: s.visits.checkVisit(v)}
		if found.service != "" && (newest.visitScope == nil || found.isPreferredTo(newest)) {
			newest = found
		}
	}
	if newest.visitScope == nil {
		return resumable{}, errNoVisit
	}
	return newest, nil
}

// visitOfCookie opens the visit whose cookie has this name and key. ErrNotFound: there
// is none.
func (s *callbacks) visitOfCookie(r *http.Request, name string, key visitKey) (*visitScope, error) {
	visit, err := s.store.Visits.GetByCookie(r.Context(), key.cookieHash())
	if err == nil && s.visits.cookieName(visit.Request, visitPart(visit)) != name {
		err = onboarding.ErrNotFound
	}
	if err == nil && !s.serves(r, visit.Agency) {
		err = onboarding.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return s.visits.enter(r, visit, key)
}

// serviceAt is the service among some that a platform runs; empty: it runs none.
func serviceAt(services []onboarding.Service, of onboarding.Platform) onboarding.Service {
	for _, service := range services {
		if service.Platform() == of {
			return service
		}
	}
	return ""
}
