package wizard

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// signIns lead to a platform and back.
type signIns struct {
	*core
	failures *failureReporter
}

// signInTTL is how long a sign-in at a platform may take.
const signInTTL = 10 * time.Minute

// signInPurpose is what a sign-in is for, as its row stores it. SignInID names the
// sign-in in addresses: with the cookie, state and verifier follow from it.
type signInPurpose struct {
	SignInID string             `json:"sign_in_id"`
	Service  onboarding.Service `json:"service,omitempty"`
	Again    bool               `json:"again,omitempty"`
	Target   string             `json:"target,omitempty"` // as platform.TargetTaker gave it
	Host     string             `json:"host,omitempty"`   // the agency's domain that it began at
}

func stateHash(state string) []byte {
	digest := sha256.Sum256([]byte(state))
	return digest[:]
}

// callbackAddress is the one address that a platform sends people back to.
func (s *signIns) callbackAddress(of onboarding.Platform) string {
	return s.origin + "/callback/" + string(of)
}

// signInDriver is the driver's way to sign in; ErrNotOffered: it has none here.
func (s *signIns) signInDriver(of onboarding.Platform) (platform.SignIn, error) {
	driver, err := platform.Find(s.drivers, of)
	if err != nil {
		return nil, err
	}
	signIn, able := driver.(platform.SignIn)
	if !able {
		return nil, onboarding.ErrNotOffered
	}
	return signIn, nil
}

// beginSignIn stores the state of a sign-in that starts, and returns its id.
func (s *signIns) beginSignIn(
	ctx context.Context, p visitKey, row store.OAuthState, purpose signInPurpose,
) (string, error) {
	purpose.SignInID = store.NewID()
	extra, err := json.Marshal(purpose)
	if err != nil {
		return "", fmt.Errorf("writing what a sign-in is for: %w", err)
	}
	row.StateHash, row.Purpose = stateHash(p.state(purpose.SignInID)), string(extra)
	row.Expires = s.store.Now().Add(signInTTL)
	return purpose.SignInID, s.store.OAuthStates.Create(ctx, row)
}

func parsePurpose(row store.OAuthState) (signInPurpose, error) {
	var purpose signInPurpose
	if err := json.Unmarshal([]byte(row.Purpose), &purpose); err != nil {
		return purpose, fmt.Errorf("reading what a sign-in is for: %w", err)
	}
	return purpose, nil
}

// platformAddress is where a leaving page's link leads, and the host in it.
func (s *signIns) platformAddress(
	of onboarding.Platform, p visitKey, purpose signInPurpose, agency bool,
) (link, host string, err error) {
	signIn, err := s.signInDriver(of)
	if err != nil {
		return "", "", err
	}
	start := platform.SignInStart{
		State: p.state(purpose.SignInID), Redirect: s.callbackAddress(of), Rerequest: purpose.Again, Agency: agency,
		Target: purpose.Target,
	}
	if signIn.UsesPKCE() {
		start.Challenge = oauth2.S256ChallengeFromVerifier(p.verifier(purpose.SignInID).Reveal())
	}
	return addressOf(signIn, start)
}

// addressWith is where the page at the relay's own address leads on to, from a visit at an
// agency's domain.
func (s *signIns) addressWith(
	of onboarding.Platform, state, challenge string, purpose signInPurpose,
) (link, host string, err error) {
	signIn, err := s.signInDriver(of)
	if err != nil {
		return "", "", err
	}
	if signIn.UsesPKCE() != (challenge != "") {
		return "", "", onboarding.ErrNotFound
	}
	return addressOf(signIn, platform.SignInStart{
		State: state, Redirect: s.callbackAddress(of), Rerequest: purpose.Again, Target: purpose.Target,
		Challenge: challenge,
	})
}

func addressOf(signIn platform.SignIn, start platform.SignInStart) (link, host string, err error) {
	link = signIn.Address(start)
	u, err := url.Parse(link)
	if err != nil {
		return "", "", fmt.Errorf("reading a sign-in address: %w", platform.WithoutAddress(err))
	}
	return link, u.Host, nil
}

// startVisitSignIn stores a sign-in of the visit. ErrNotOffered: the relay has no app
// there. ErrNoDevice: no device could receive the credential.
func (s *signIns) startVisitSignIn(
	r *http.Request, v *visitScope, purpose signInPurpose,
) (signInID string, err error) {
	service := purpose.Service
	if _, err := s.signInDriver(service.Platform()); err != nil {
		return "", err
	}
	if service != onboarding.Facebook {
		if err := s.failures.checkEntitledDevice(r.Context(), v, service); err != nil {
			return "", err
		}
	}
	purpose.Host = s.at(r).name
	return s.beginSignIn(r.Context(), v.key, store.OAuthState{Visit: v.visit.ID, Platform: service.Platform()}, purpose)
}

// findSignIn finds the sign-in of a leaving page, which may be loaded again.
// ErrNotFound: it is over.
func (s *signIns) findSignIn(
	r *http.Request, v *visitScope, service onboarding.Service,
) (link, host string, err error) {
	signInID := r.PathValue("sign")
	row, err := s.store.OAuthStates.Peek(r.Context(), stateHash(v.key.state(signInID)))
	if err != nil {
		return "", "", err
	}
	purpose, err := parsePurpose(row)
	if err != nil {
		return "", "", err
	}
	if purpose.Service != service || purpose.SignInID != signInID || row.Visit != v.visit.ID {
		return "", "", onboarding.ErrNotFound
	}
	if s.at(r).agency != "" {
		return s.leavingAddress(service.Platform(), v.key, purpose)
	}
	return s.platformAddress(service.Platform(), v.key, purpose, false)
}

// takeState uses an open sign-in up: of two calls one goes on, the other gets ErrNotFound.
func (s *signIns) takeState(r *http.Request, back callbackParams) error {
	_, err := s.store.OAuthStates.Take(r.Context(), back.hash)
	return err
}

// callbackParams is what a platform sent the browser back with.
type callbackParams struct {
	from    onboarding.Platform
	state   string
	hash    []byte
	query   url.Values
	company string // who asks, as clients read it; set once the visit is known
}

// issuer is what a platform calls itself in a callback's iss.
type issuer interface{ Issuer() string }

// exchange checks what came back and turns it into a grant. Its error is a
// *platform.Failure.
func (s *signIns) exchange(
	r *http.Request, p visitKey, purpose signInPurpose, back callbackParams, agency bool,
) (platform.Grant, error) {
	signIn, err := s.signInDriver(back.from)
	if err != nil {
		return platform.Grant{}, &platform.Failure{Code: catalog.NotConfigured, Err: err}
	}
	if named, has := signIn.(issuer); has && back.query.Has("iss") && single(back.query, "iss") != named.Issuer() {
		return platform.Grant{}, &platform.Failure{Code: catalog.SignInElsewhere, Err: errors.New("another issuer answered")}
	}
	if isRefusal(back.query) {
		return platform.Grant{}, refusedAtPlatform(signIn, back.query)
	}
	code := single(back.query, "code")
	if code == "" || len(code) > 4096 {
		return platform.Grant{}, &platform.Failure{
			Code: catalog.SignInCancelled, Err: errors.New("it came back without a code"),
		}
	}
	ctx, cancel := detached(r.Context(), time.Minute)
	defer cancel()
	in := platform.SignInReturn{
		Code: onboarding.NewSecret(code), Redirect: s.callbackAddress(back.from), Agency: agency,
		Target: purpose.Target, Picked: platform.PickedFiles(back.query), Company: back.company,
	}
	if signIn.UsesPKCE() {
		in.Verifier = p.verifier(purpose.SignInID)
	}
	return signIn.Exchange(ctx, in)
}

// isRefusal reports whether a platform sent the browser back with an error: OAuth's error, also an empty one, or what
// comes without it.
func isRefusal(query url.Values) bool { return query.Has("error") || namesError(query) }

// namesError reports whether a callback names an error: by OAuth's parameters, by Facebook's error_code and
// error_message, or by denied of OAuth 1. A parameter without a value does not count.
// https://www.rfc-editor.org/rfc/rfc6749#section-3.1
func namesError(query url.Values) bool {
	for _, name := range []string{
		"error", "error_code", "error_message", "error_description", "error_reason", "error_subtype", "denied",
	} {
		if slices.ContainsFunc(query[name], func(value string) bool { return value != "" }) {
			return true
		}
	}
	return false
}

// refusedAtPlatform reads the error a platform sent the browser back with: as its
// driver reads it, else as OAuth defines it.
func refusedAtPlatform(signIn platform.SignIn, query url.Values) error {
	if reader, able := signIn.(platform.CallbackReader); able {
		if failure := reader.ReadCallbackError(query); failure != nil {
			failure.PlatformCode = printable(failure.PlatformCode)
			return failure
		}
	}
	code := single(query, "error")
	failure := &platform.Failure{
		Code: catalog.Unexpected, PlatformCode: printable(cmp.Or(code, single(query, "error_code"))),
		Err: errors.New("the platform sent an error back"),
	}
	switch reason := single(query, "error_reason"); {
	case isCancelled(code), !namesError(query), code == "" && (isCancelled(reason) || query.Has("denied")):
		failure.Code, failure.PlatformCode = catalog.SignInCancelled, ""
	case code == "temporarily_unavailable", code == "server_error":
		failure.Code = catalog.PlatformDown
	case code == "invalid_scope", code == "insufficient_scope":
		failure.Code = catalog.ProductNotInPlan
	case code == "unauthorized_client", code == "invalid_client":
		failure.Code = catalog.AgencySide
	}
	return failure
}

// isCancelled reports whether an error means that the person declined.
func isCancelled(code string) bool {
	switch strings.ReplaceAll(strings.ToLower(code), "-", "_") {
	case "access_denied", "user_denied", "user_cancelled", "user_canceled", "user_cancelled_login",
		"user_cancelled_authorize", "cancelled", "canceled", "denied",
		"consent_required", "interaction_required", "login_required", "account_selection_required":
		return true
	}
	return false
}

// printable drops from a platform's code all but A to Z, digits and _-./, for
// pages and logs.
func printable(code string) string {
	kept := strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("_-./", c) {
			return c
		}
		return -1
	}, code)
	return kept[:min(len(kept), 60)]
}

// single is a parameter that is there exactly once.
func single(query url.Values, name string) string {
	if values := query[name]; len(values) == 1 {
		return values[0]
	}
	return ""
}
