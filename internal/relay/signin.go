package relay

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// signInLasts is how long somebody may take at a platform.
const signInLasts = 10 * time.Minute

// errand is what a sign-in is for, as its row keeps it. Sign names the
// sign-in in addresses: with the cookie, state and verifier follow from it.
type errand struct {
	Sign    string             `json:"sign"`
	Service onboarding.Service `json:"service,omitempty"`
	Again   bool               `json:"again,omitempty"`
	Target  string             `json:"target,omitempty"` // as platform.TargetTaker gave it
}

func stateHash(state string) []byte {
	digest := sha256.Sum256([]byte(state))
	return digest[:]
}

func challengeOf(verifier onboarding.Secret) string {
	digest := sha256.Sum256([]byte(verifier.Reveal()))
	return base64.RawURLEncoding.EncodeToString(digest[:])
}

// callbackAddress is the one address that a platform sends people back to.
func (z *wizard) callbackAddress(of onboarding.Platform) string {
	return z.origin + "/callback/" + string(of)
}

// signInOf is the driver's way to sign in; ErrNotOffered: it has none here.
func (z *wizard) signInOf(of onboarding.Platform) (platform.SignIn, error) {
	driver, err := platform.Find(z.drivers, of)
	if err != nil {
		return nil, err
	}
	signIn, able := driver.(platform.SignIn)
	if !able {
		return nil, onboarding.ErrNotOffered
	}
	return signIn, nil
}

// startSignIn remembers that somebody goes to a platform, and gives the name
// of the sign-in.
func (z *wizard) startSignIn(ctx context.Context, p pass, row store.SignIn, what errand) (string, error) {
	what.Sign = store.NewID()
	extra, err := json.Marshal(what)
	if err != nil {
		return "", fmt.Errorf("writing what a sign-in is for: %w", err)
	}
	row.StateHash, row.Extra, row.Until = stateHash(p.state(what.Sign)), string(extra), z.store.Now().Add(signInLasts)
	return what.Sign, z.store.StartSignIn(ctx, row)
}

func readErrand(row store.SignIn) (errand, error) {
	var what errand
	if err := json.Unmarshal([]byte(row.Extra), &what); err != nil {
		return what, fmt.Errorf("reading what a sign-in is for: %w", err)
	}
	return what, nil
}

// platformAddress is where a leaving page's link leads, and the host in it.
func (z *wizard) platformAddress(of onboarding.Platform, p pass, what errand, agency bool) (link, host string, err error) {
	signIn, err := z.signInOf(of)
	if err != nil {
		return "", "", err
	}
	start := platform.SignInStart{State: p.state(what.Sign), Redirect: z.callbackAddress(of), Rerequest: what.Again, Agency: agency, Target: what.Target}
	if signIn.UsesPKCE() {
		start.Challenge = challengeOf(p.verifier(what.Sign))
	}
	link = signIn.Address(start)
	u, err := url.Parse(link)
	if err != nil {
		return "", "", fmt.Errorf("reading a sign-in address: %w", platform.WithoutAddress(err))
	}
	return link, u.Host, nil
}

// leave is the way to a platform, for what is wanted there: checked before it starts, since what a
// client would bring back must have somewhere to go.
func (z *wizard) leave(r *http.Request, v *visitor, what errand) (sign string, err error) {
	service := what.Service
	if _, err := z.signInOf(service.Platform()); err != nil {
		return "", err
	}
	if service != onboarding.Facebook {
		if err := z.receivable(r.Context(), v, service); err != nil {
			return "", err
		}
	}
	return z.startSignIn(r.Context(), v.pass, store.SignIn{Visit: v.visit.ID, Platform: service.Platform()}, what)
}

// leaving finds the sign-in of a leaving page, which may be loaded again.
// ErrNotFound: it is over.
func (z *wizard) leaving(r *http.Request, v *visitor, service onboarding.Service) (link, host string, err error) {
	sign := r.PathValue("sign")
	row, err := z.store.OpenSignIn(r.Context(), stateHash(v.pass.state(sign)))
	if err != nil {
		return "", "", err
	}
	what, err := readErrand(row)
	if err != nil {
		return "", "", err
	}
	if what.Service != service || what.Sign != sign || row.Visit != v.visit.ID {
		return "", "", onboarding.ErrNotFound
	}
	return z.platformAddress(service.Platform(), v.pass, what, false)
}

// returned is what a platform sent somebody back with.
type returned struct {
	from    onboarding.Platform
	state   string
	hash    []byte
	query   url.Values
	company string // who asks, as clients read it; set once the visit is known
}

// callback is where platforms send people back to. It is used up by the first
// call, whatever comes of it.
func (z *wizard) callback(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet { // Go's GET patterns serve HEAD too, and this one changes state
		w.Header().Set("Allow", http.MethodGet)
		z.show(w, r, http.StatusMethodNotAllowed, pages.NotFound{Frame: z.neutral(r)})
		return
	}
	if z.isPhone(r) {
		z.show(w, r, http.StatusForbidden, pages.PhoneRefused{Frame: z.neutral(r)})
		return
	}
	from := onboarding.Platform(r.PathValue("platform"))
	if _, err := z.signInOf(from); err != nil {
		z.fail(w, r, z.neutral(r), onboarding.ErrNotFound)
		return
	}
	back := returned{from: from, query: r.URL.Query()}
	back.state = single(back.query, "state")
	back.hash = stateHash(back.state)
	row, err := z.takeSignIn(r, back)
	switch {
	case errors.Is(err, onboarding.ErrNotFound):
		z.stray(w, r, back)
		return
	case err != nil:
		z.fail(w, r, z.neutral(r), err)
		return
	}
	what, err := readErrand(row)
	if err != nil {
		z.fail(w, r, z.neutral(r), err)
		return
	}
	if row.Connection != "" {
		z.connectReturned(w, r, row, what, back)
		return
	}
	v, err := z.openVisit(r, row.Visit)
	if err != nil || subtle.ConstantTimeCompare([]byte(v.pass.state(what.Sign)), []byte(back.state)) != 1 {
		z.fail(w, r, z.neutral(r), errors.Join(errElsewhere, err))
		return
	}
	if err := z.cameBack(w, r, v, what, back); err != nil {
		z.failVisited(w, r, v, err)
	}
}

// takeSignIn uses a sign-in up. ErrNotFound: there is none, not any more, or
// it is another platform's.
func (z *wizard) takeSignIn(r *http.Request, back returned) (store.SignIn, error) {
	if back.state == "" {
		return store.SignIn{}, onboarding.ErrNotFound
	}
	row, err := z.store.TakeSignIn(r.Context(), back.hash)
	if err == nil && row.Platform != back.from {
		return row, onboarding.ErrNotFound
	}
	return row, err
}

// cameBack goes on in the visit that somebody left from.
func (z *wizard) cameBack(w http.ResponseWriter, r *http.Request, v *visitor, what errand, back returned) error {
	if err := z.aliveVisit(v); err != nil {
		return err
	}
	if !slices.Contains(v.Request.Services, what.Service) {
		return onboarding.ErrNotFound
	}
	back.company = v.Agency.CompanyName()
	grant, err := z.exchange(r, v.pass, what, back, false)
	if err == nil {
		v.choices.cameBack(back.from, back.hash)
		if what.Service == onboarding.Facebook {
			return z.signedInAtFacebook(w, r, v, grant)
		}
		return z.keepAccount(w, r, v, what.Service, grant)
	}
	return z.noteTrouble(w, r, v, what.Service, err)
}

// noteTrouble remembers why a try did not work and leads back to its step.
func (z *wizard) noteTrouble(w http.ResponseWriter, r *http.Request, v *visitor, service onboarding.Service, err error) error {
	v.choices.failed(service, z.troubleOf(r, v, service, err))
	delete(v.choices.Result, service)
	if err := z.remember(r, v); err != nil {
		return err
	}
	if service == onboarding.Facebook {
		return seeOther(w, r, v.path("facebook"))
	}
	return seeOther(w, r, v.path("platforms/"+string(service)+"/result"))
}

// issuer is what a platform calls itself in a callback's iss.
type issuer interface{ Issuer() string }

// exchange checks what came back and turns it into a grant. Its error is a
// *platform.Failure.
func (z *wizard) exchange(r *http.Request, p pass, what errand, back returned, agency bool) (platform.Grant, error) {
	signIn, err := z.signInOf(back.from)
	if err != nil {
		return platform.Grant{}, &platform.Failure{Code: catalog.NotConfigured, Err: err}
	}
	if named, has := signIn.(issuer); has && back.query.Has("iss") && single(back.query, "iss") != named.Issuer() {
		return platform.Grant{}, &platform.Failure{Code: catalog.SignInElsewhere, Err: errors.New("another issuer answered")}
	}
	if back.query.Has("error") {
		return platform.Grant{}, refusedAtPlatform(signIn, back.query)
	}
	code := single(back.query, "code")
	if code == "" || len(code) > 4096 {
		return platform.Grant{}, &platform.Failure{Code: catalog.SignInCancelled, Err: errors.New("it came back without a code")}
	}
	ctx, cancel := lasting(r.Context(), time.Minute)
	defer cancel()
	in := platform.SignInReturn{
		Code: onboarding.NewSecret(code), Redirect: z.callbackAddress(back.from), Agency: agency,
		Target: what.Target, Picked: platform.PickedFiles(back.query), Company: back.company,
	}
	if signIn.UsesPKCE() {
		in.Verifier = p.verifier(what.Sign)
	}
	return signIn.Exchange(ctx, in)
}

// refusedAtPlatform reads the error a platform sent somebody back with: as its
// driver knows it, else as OAuth defines it.
func refusedAtPlatform(signIn platform.SignIn, query url.Values) error {
	code := single(query, "error")
	if reader, able := signIn.(platform.CallbackReader); able {
		if failure := reader.ReadCallbackError(query); failure != nil {
			failure.PlatformCode = printable(failure.PlatformCode)
			return failure
		}
	}
	failure := &platform.Failure{Code: catalog.Unexpected, PlatformCode: printable(code), Err: errors.New("the platform sent an error back")}
	switch code {
	case "access_denied", "access-denied", "consent_required", "interaction_required", "login_required":
		failure.Code, failure.PlatformCode = catalog.SignInCancelled, ""
	case "temporarily_unavailable", "server_error":
		failure.Code = catalog.PlatformDown
	case "invalid_scope", "insufficient_scope":
		failure.Code = catalog.ProductNotInPlan
	case "unauthorized_client", "invalid_client":
		failure.Code = catalog.AgencySide
	}
	return failure
}

// printable keeps of a code from outside what can stand on a page and in a log.
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

// stray answers a callback that belongs to no open sign-in: used, too old,
// another platform's, or made up. The browser's own visit goes on at its step;
// where its link has died meanwhile, the page says so.
func (z *wizard) stray(w http.ResponseWriter, r *http.Request, back returned) {
	v, service, err := z.newestVisit(r, back.from)
	switch {
	case v == nil:
		z.fail(w, r, z.neutral(r), err)
		return
	case err != nil:
		z.failVisited(w, r, v, err)
		return
	}
	// The same callback once more, as a reload makes it: it did work.
	if v.choices.Back[back.from] == hex.EncodeToString(back.hash) {
		to := "facebook/assets"
		if service != onboarding.Facebook {
			to = "platforms/" + string(service) + "/result"
		}
		_ = seeOther(w, r, v.path(to)) // it never fails
		return
	}
	if err := z.noteTrouble(w, r, v, service, &platform.Failure{Code: catalog.SignInTooLate, Err: errors.New("no open sign-in has this state")}); err != nil {
		z.failVisited(w, r, v, err)
	}
}

// maxVisits is how many of a browser's visits are looked through.
const maxVisits = 20

// newestVisit finds, among the visits this browser has cookies of, the newest
// that asks for the platform and can go on; where none can, the newest one with
// the reason why. Without a visitor there is none at all: errElsewhere.
func (z *wizard) newestVisit(r *http.Request, of onboarding.Platform) (*visitor, onboarding.Service, error) {
	var newest *visitor
	var service onboarding.Service
	reason := errElsewhere
	looked := 0
	for _, cookie := range r.Cookies() {
		p, valid := readPass(cookie.Value)
		if !strings.HasPrefix(cookie.Name, z.cookiePrefix()) || !valid || looked == maxVisits {
			continue
		}
		looked++
		visit, err := z.store.VisitByCookie(r.Context(), p.lookUp())
		if errors.Is(err, onboarding.ErrNotFound) || err == nil && z.cookieName(visit.Request) != cookie.Name {
			continue
		} else if err != nil {
			return nil, "", err
		}
		v, err := z.enter(r, visit, p)
		if err != nil {
			return nil, "", err
		}
		dead := z.aliveVisit(v)
		if newest != nil && (dead != nil && reason == nil || (dead == nil) == (reason == nil) && newest.visit.Seen > visit.Seen) {
			continue
		}
		for _, asked := range v.Request.Services {
			if asked.Platform() == of {
				newest, service, reason = v, asked, dead
			}
		}
	}
	return newest, service, reason
}

// troubleOf turns a failure into what is said on the next page. The log gets
// the rest under the same reference; where only the agency can help, it is told.
func (z *wizard) troubleOf(r *http.Request, v *visitor, service onboarding.Service, err error) trouble {
	z.tellWhoCanHelp(r.Context(), v, service, err)
	return z.noted(r, v, service, err)
}

// noted is troubleOf for pages that are only looked at: it tells nobody.
func (z *wizard) noted(r *http.Request, v *visitor, service onboarding.Service, err error) trouble {
	failure := platform.AsFailure(err)
	said := trouble{Code: failure.Code, Platform: failure.PlatformCode, Reference: newReference()}
	if failure.RetryAfter > 0 {
		said.Until = z.store.Now().Add(failure.RetryAfter)
	}
	z.log.InfoContext(r.Context(), "a try at a platform did not work", "route", r.Pattern, "service", service, "failure", failure.Code, "reference", said.Reference, logAttr(err))
	return said
}

// tellWhoCanHelp writes to the agency about a failure that only it can mend.
func (z *wizard) tellWhoCanHelp(ctx context.Context, v *visitor, service onboarding.Service, err error) {
	what := platform.AsFailure(err).Code
	if catalog.Say(what, catalog.Facts{}).Who == catalog.TheAgency && !errors.Is(err, onboarding.ErrNoDevice) { // that has a letter of its own
		z.tellAgency(ctx, v, store.Letter{Kind: store.LetterAgencySide, Service: service, Failure: string(what)})
	}
}

// tellAgency writes to the requester, at most once a day about one thing.
func (z *wizard) tellAgency(ctx context.Context, v *visitor, letter store.Letter) {
	letter.Agency, letter.Request, letter.Member = v.Agency.ID, v.Request.ID, v.Request.Owner
	if err := z.store.Queue(ctx, letter, z.store.Now().Add(-24*time.Hour)); err != nil {
		z.log.ErrorContext(ctx, "telling the agency", "letter", letter.Kind, logAttr(err))
	}
}

// until says from when on, and in how long, a try may work again.
func (z *wizard) until(facts catalog.Facts, t trouble) catalog.Facts {
	if facts.When = t.Until; t.Until != 0 {
		facts.Wait = max(z.store.Now().Since(t.Until), time.Second)
	}
	return facts
}

// appID is what the platform's admins see the relay's app by, for the note to
// who has to allow it; empty: that is not said there.
func (z *wizard) appID(service onboarding.Service) string {
	driver, err := platform.Find(z.drivers, service.Platform())
	if err != nil {
		return ""
	}
	if named, has := driver.(platform.AppNamer); has {
		return named.AppID()
	}
	return ""
}

// said is the trouble of a service as its page shows it; nil: there is none.
func (z *wizard) said(v *visitor, service onboarding.Service, again string) *pages.Trouble {
	t, has := v.choices.Trouble[service]
	if !has {
		return nil
	}
	facts := z.until(z.facts(v, service), t)
	facts.Name, facts.Code = t.Name, t.Platform
	return &pages.Trouble{
		Failure: catalog.Say(t.Code, facts), Platform: t.Platform, Reference: t.Reference,
		Again: again, AgainPost: true, Skip: v.path("skip/" + string(service)),
	}
}
