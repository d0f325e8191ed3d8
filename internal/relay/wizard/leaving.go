package wizard

import (
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/oauth2"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// leavingPages lead from an agency's own domain to a platform and back.
//
// Platforms send people back to the relay's own address alone, where the browser has no
// cookie of the visit. So it leaves from there too: from a page that names the agency, and
// that gives the browser a cookie. Without that cookie nobody is led on to a domain: else
// an agency could send people straight to a platform's consent page, and take what comes
// back at its domain.
type leavingPages struct {
	*core
	visits  *visits
	signIns *signIns
}

const leavingPath = "/leaving/"

// leavingMaxAge is in seconds. It is longer than a sign-in may take: who comes back too late
// reads so at the domain.
const leavingMaxAge = 60 * 60

// leavingAddress is the page at the relay's own address from which a visit at an agency's
// domain leaves for a platform.
func (s *signIns) leavingAddress(
	of onboarding.Platform, p visitKey, purpose signInPurpose,
) (link, host string, err error) {
	signIn, err := s.signInDriver(of)
	if err != nil {
		return "", "", err
	}
	query := url.Values{"state": {p.state(purpose.SignInID)}}
	if signIn.UsesPKCE() {
		query.Set("challenge", oauth2.S256ChallengeFromVerifier(p.verifier(purpose.SignInID).Reveal()))
	}
	return s.origin + leavingPath + string(of) + "?" + query.Encode(), s.host, nil
}

func (s *core) leavingPrefix() string {
	if s.secure {
		return "__Host-leaving-"
	}
	return "leaving-" // over http, which is for loopback only, browsers drop the other
}

// leavingCookie is the name of the cookie of a sign-in.
func (s *core) leavingCookie(hash []byte) string {
	return s.leavingPrefix() + hex.EncodeToString(hash[:8])
}

// show is the last page before the platform.
func (s *leavingPages) show(w http.ResponseWriter, r *http.Request) {
	page, hash, name, err := s.page(r)
	if err != nil {
		s.renderError(w, r, s.neutralFrame(r), err)
		return
	}
	if s.isPhone(r) {
		s.render(w, r, http.StatusForbidden, pages.PhoneRefused{Frame: page.Frame})
		return
	}
	http.SetCookie(w, &http.Cookie{
		Name: s.leavingCookie(hash), Value: name, Path: "/", MaxAge: leavingMaxAge, Secure: s.secure, HttpOnly: true,
		SameSite: http.SameSiteLaxMode,
	})
	s.render(w, r, http.StatusOK, page)
}

// page is the page of a sign-in that was begun at an agency's domain. ErrNotFound: there is
// none, or not any more.
func (s *leavingPages) page(r *http.Request) (page pages.Leaving, hash []byte, name string, err error) {
	state, challenge := single(r.URL.Query(), "state"), single(r.URL.Query(), "challenge")
	of := onboarding.Platform(r.PathValue("platform"))
	if !isDigest(state) || challenge != "" && !isDigest(challenge) {
		return page, nil, "", onboarding.ErrNotFound
	}
	hash = stateHash(state)
	row, purpose, visit, err := s.begun(r, hash)
	if err == nil && (purpose.Host == "" || row.Platform != of) {
		err = onboarding.ErrNotFound
	}
	if err != nil {
		return page, nil, "", err
	}
	shown, err := s.store.Requests.ClientView(r.Context(), visit.Request)
	if err != nil {
		return page, nil, "", err
	}
	link, host, err := s.signIns.addressWith(of, state, challenge, purpose)
	if err != nil {
		return page, nil, "", err
	}
	origin, path := s.domains.Origin(purpose.Host), "facebook"
	page = pages.Leaving{
		Service: purpose.Service, Asked: askedBy(shown.Request), Client: shown.Request.Client, Host: host, Link: link,
	}
	stopped := path
	if purpose.Service != onboarding.Facebook {
		path, stopped = "platforms", "platforms/"+string(purpose.Service)
	}
	if path == stopped || s.catalog.Service(purpose.Service).RequiredRole != nil {
		page.Stopped = withOrigin(origin, visitPath(visit.ID, stopped+"/error-page"))
	}
	page.Frame = s.requestFrame(r, shown, withOrigin(origin, visitPath(visit.ID, "")))
	page.Back = withOrigin(origin, visitPath(visit.ID, path))
	return page, hash, purpose.Host, nil
}

// begun is a sign-in that is under way, with its visit. ErrNotFound: there is none, or it
// was begun at a domain that is no longer the agency's.
func (s *leavingPages) begun(r *http.Request, hash []byte) (
	row store.OAuthState, purpose signInPurpose, visit store.Visit, err error,
) {
	if row, err = s.store.OAuthStates.Peek(r.Context(), hash); err != nil {
		return row, purpose, visit, err
	}
	if purpose, err = parsePurpose(row); err != nil || purpose.Host == "" {
		return row, purpose, visit, err
	}
	if visit, err = s.store.Visits.Get(r.Context(), row.Visit); err != nil {
		return row, purpose, visit, err
	}
	if agency, found := s.domains.AgencyAt(r.Context(), purpose.Host); !found || agency != visit.Agency {
		err = onboarding.ErrNotFound
	}
	return row, purpose, visit, err
}

// wayBack is the address at an agency's domain that a callback at the relay's own address
// belongs to; empty: it belongs here. errNoVisit: this browser did not leave from here.
func (s *leavingPages) wayBack(r *http.Request, back callbackParams) (string, error) {
	if s.at(r).agency != "" {
		return "", nil
	}
	name := ""
	if back.state != "" {
		if cookie, err := r.Cookie(s.leavingCookie(back.hash)); err == nil {
			name = cookie.Value
		}
		_, purpose, _, err := s.begun(r, back.hash)
		switch {
		case err == nil && purpose.Host == "":
			return "", nil
		case err == nil && purpose.Host != name, err != nil && purpose.Host != "":
			return "", errNoVisit
		case err != nil && !errors.Is(err, onboarding.ErrNotFound):
			return "", err
		}
	} else {
		name = s.onlyDomain(r) // as Facebook sends back what it refuses at once
	}
	if _, found := s.domains.AgencyAt(r.Context(), name); name == "" || !found {
		return "", nil
	}
	return s.domains.Origin(name) + r.URL.RequestURI(), nil
}

// onlyDomain is the domain that this browser has left from; empty: none, or several.
func (s *leavingPages) onlyDomain(r *http.Request) string {
	name := ""
	for _, cookie := range r.Cookies() {
		if !strings.HasPrefix(cookie.Name, s.leavingPrefix()) || cookie.Value == name {
			continue
		}
		if name != "" {
			return ""
		}
		name = cookie.Value
	}
	return name
}

// isDigest reports whether a text is 32 bytes in base64url, as states and challenges are.
func isDigest(text string) bool {
	const size = 43
	return len(text) == size && strings.IndexFunc(text, func(c rune) bool { return !isOfToken(c) }) < 0
}
