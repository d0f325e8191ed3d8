package relay

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// pass is what a browser's cookie carries: 32 random bytes. The relay keeps
// none of it. What it looks up by, what it seals under, and what it sends to a
// platform are derived from it, each for itself, so that none tells another.
type pass struct{ secret []byte }

func newPass() pass {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // it never fails: crypto/rand stops the program instead
	return pass{secret}
}

func readPass(text string) (pass, bool) {
	secret, err := base64.RawURLEncoding.Strict().DecodeString(text)
	return pass{secret}, err == nil && len(secret) == 32
}

func (p pass) text() string { return base64.RawURLEncoding.EncodeToString(p.secret) }

func (p pass) derive(purpose string) []byte {
	derived, err := hkdf.Expand(sha256.New, p.secret, "latchkey visit: "+purpose, 32)
	if err != nil {
		panic("deriving 32 bytes cannot fail: " + err.Error())
	}
	return derived
}

// lookUp is what the database knows the browser by.
func (p pass) lookUp() []byte { return p.derive("look up") }

// key is what the client's Facebook token is sealed under.
func (p pass) key() []byte { return p.derive("seal") }

// state is what goes to a platform and comes back. A leaving page can be
// loaded again, on any day, without the state being kept anywhere.
func (p pass) state(sign string) string {
	return base64.RawURLEncoding.EncodeToString(p.derive("state of " + sign))
}

// verifier is the PKCE verifier of a sign-in.
func (p pass) verifier(sign string) onboarding.Secret {
	return onboarding.NewSecret(base64.RawURLEncoding.EncodeToString(p.derive("verifier of " + sign)))
}

// cookieName tells the cookies of two requests apart in one browser.
func (z *wizard) cookieName(request string) string {
	digest := sha256.Sum256([]byte("visit of request " + request))
	return z.cookiePrefix() + hex.EncodeToString(digest[:8])
}

func (z *wizard) cookiePrefix() string {
	if z.secure {
		return "__Host-visit-"
	}
	return "visit-" // over http, which is for loopback only, browsers drop the other
}

func (z *wizard) setCookie(w http.ResponseWriter, name string, p pass, ends onboarding.Timestamp) {
	// An age and not a date: the visitor's clock may be wrong.
	age := max(1, int(time.Duration(ends-z.store.Now())*time.Millisecond/time.Second))
	http.SetCookie(w, &http.Cookie{Name: name, Value: p.text(), Path: "/", MaxAge: age, Secure: z.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

func (z *wizard) clearCookie(w http.ResponseWriter, name string) {
	http.SetCookie(w, &http.Cookie{Name: name, Path: "/", MaxAge: -1, Secure: z.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

// passOf reads the browser's cookie for a request.
func (z *wizard) passOf(r *http.Request, request string) (pass, bool) {
	if r.Header.Get("Cookie") == "" { // as most who open a link
		return pass{}, false
	}
	cookie, err := r.Cookie(z.cookieName(request))
	if err != nil {
		return pass{}, false
	}
	return readPass(cookie.Value)
}

// visitor is somebody in the wizard, proved by their cookie.
type visitor struct {
	*store.ClientView
	visit   store.Visit
	pass    pass
	choices choices
	Frame   pages.Frame
}

// choices is what the wizard remembers of a visit beside its items.
type choices struct {
	Trouble map[onboarding.Service]trouble    `json:"trouble,omitempty"` // how the last try ended, when it did not work
	Result  map[onboarding.Service]connection `json:"result,omitempty"`  // the newest account of each CRM
	Back    map[onboarding.Platform]string    `json:"back,omitempty"`    // the newest sign-in that came back and worked
	Looked  onboarding.Timestamp              `json:"looked,omitempty"`  // Look again was pressed and something still waits
	Nothing bool                              `json:"nothing,omitempty"` // Connect Assets was pressed with nothing ticked
	Empty   onboarding.Timestamp              `json:"empty,omitempty"`   // Finish was pressed with nothing connected
}

// trouble is a try that did not work, as it is said on the next page.
type trouble struct {
	Code      catalog.FailureCode  `json:"code"`
	Platform  string               `json:"platform,omitempty"` // its own code
	Reference string               `json:"reference,omitempty"`
	Name      string               `json:"name,omitempty"`
	Until     onboarding.Timestamp `json:"until,omitempty"`
}

// connection is an account that was connected just now.
type connection struct {
	Item      string   `json:"item"`
	Also      []string `json:"also,omitempty"`      // further items of the same sign-in
	Refreshed bool     `json:"refreshed,omitempty"` // it was in the list already
	Missing   []string `json:"missing,omitempty"`   // optional scopes that were not granted
}

// path is an address of the visit's own.
func (v *visitor) path(rest string) string {
	if rest == "" {
		return "/w/" + v.visit.ID
	}
	return "/w/" + v.visit.ID + "/" + rest
}

// facts are what the catalog's sentences are filled with.
func (v *visitor) facts(service onboarding.Service) catalog.Facts {
	return catalog.Facts{Agency: v.Agency.CompanyName(), Service: service, Asked: v.asked()}
}

// asked is what the request asks for at Facebook.
func (v *visitor) asked() catalog.Asked { return catalog.AskedBy(v.Request.Request) }

type stepHandler func(w http.ResponseWriter, r *http.Request, v *visitor) error

// visited opens the visit of an address for the browser that has its cookie,
// whatever became of the request.
func (z *wizard) visited(handle stepHandler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v, err := z.openVisit(r, r.PathValue("visit"))
		var moved *movedError
		if errors.As(err, &moved) {
			_ = seeOther(w, r, "/w/"+moved.to) // it never fails
			return
		}
		if err != nil {
			z.fail(w, r, z.neutral(r), err)
			return
		}
		if err := handle(w, r, v); err != nil {
			z.failVisited(w, r, v, err)
		}
	})
}

// step is visited for the wizard's own pages: on a computer, while the link works.
func (z *wizard) step(handle stepHandler) http.Handler {
	return z.visited(func(w http.ResponseWriter, r *http.Request, v *visitor) error {
		if z.isPhone(r) {
			z.show(w, r, http.StatusForbidden, pages.PhoneRefused{Frame: v.Frame})
			return nil
		}
		if err := z.aliveVisit(v); err != nil {
			return err
		}
		return handle(w, r, v)
	})
}

// aliveVisit says why a visit cannot go on; nil: it can.
func (z *wizard) aliveVisit(v *visitor) error {
	if err := z.alive(v.ClientView, v.visit.Version); err != nil {
		return err
	}
	if v.visit.Ended != 0 {
		return errElsewhere
	}
	return nil
}

// failVisited answers an error on a step: the end pages for a dead link, else
// as fail does.
func (z *wizard) failVisited(w http.ResponseWriter, r *http.Request, v *visitor, err error) {
	if page := z.endPage(r, v.ClientView, v.Frame, err); page != nil {
		z.show(w, r, http.StatusGone, page)
		return
	}
	z.fail(w, r, v.Frame, err)
}

// movedError says that the browser has a newer visit of the same request.
type movedError struct{ to string }

func (e *movedError) Error() string { return "the browser has a newer visit" }

// openVisit finds a visit and proves that the browser is its own. Whoever has
// no cookie of it learns nothing: not even whether there is such a visit.
func (z *wizard) openVisit(r *http.Request, id string) (*visitor, error) {
	visit, err := z.store.Visit(r.Context(), id)
	if errors.Is(err, onboarding.ErrNotFound) {
		return nil, errElsewhere
	} else if err != nil {
		return nil, err
	}
	p, found := z.passOf(r, visit.Request)
	if !found {
		return nil, errElsewhere
	}
	if subtle.ConstantTimeCompare(p.lookUp(), visit.LookUp) != 1 {
		newer, err := z.store.VisitByCookie(r.Context(), p.lookUp())
		if err == nil && newer.Request == visit.Request {
			return nil, &movedError{newer.ID}
		}
		return nil, errElsewhere
	}
	return z.enter(r, visit, p)
}

// enter makes a visitor out of a proved visit.
func (z *wizard) enter(r *http.Request, visit store.Visit, p pass) (*visitor, error) {
	shown, err := z.store.ClientView(r.Context(), visit.Request)
	if errors.Is(err, onboarding.ErrNotFound) {
		return nil, errElsewhere
	} else if err != nil {
		return nil, err
	}
	v := &visitor{ClientView: shown, visit: visit, pass: p}
	if visit.Choices != "" {
		if err := json.Unmarshal([]byte(visit.Choices), &v.choices); err != nil {
			return nil, fmt.Errorf("reading the choices of visit %s: %w", visit.ID, err)
		}
	}
	v.Frame = z.frame(r, shown, "/w/"+visit.ID)
	return v, nil
}

// remember keeps the visit's choices.
func (z *wizard) remember(r *http.Request, v *visitor) error {
	text, err := json.Marshal(v.choices)
	if err != nil {
		return fmt.Errorf("writing the choices of visit %s: %w", v.visit.ID, err)
	}
	return z.store.KeepChoices(r.Context(), v.visit.ID, string(text))
}

// failed remembers how a try ended; an empty code forgets the last one.
func (c *choices) failed(service onboarding.Service, t trouble) {
	if t.Code == "" {
		delete(c.Trouble, service)
		return
	}
	if c.Trouble == nil {
		c.Trouble = map[onboarding.Service]trouble{}
	}
	c.Trouble[service] = t
}

func (c *choices) connected(service onboarding.Service, done connection) {
	if c.Result == nil {
		c.Result = map[onboarding.Service]connection{}
	}
	c.Result[service] = done
	c.failed(service, trouble{})
}

func (c *choices) cameBack(from onboarding.Platform, stateHash []byte) {
	if c.Back == nil {
		c.Back = map[onboarding.Platform]string{}
	}
	c.Back[from] = hex.EncodeToString(stateHash)
}

// ownVisit finds the visit that this browser has of a request and can go on
// with. ErrNotFound: none.
func (z *wizard) ownVisit(r *http.Request, l *linked) (*visitor, error) {
	p, found := z.passOf(r, l.Request.ID)
	if !found {
		return nil, onboarding.ErrNotFound
	}
	visit, err := z.store.VisitByCookie(r.Context(), p.lookUp())
	if err != nil {
		return nil, err
	}
	if visit.Request != l.Request.ID || visit.Ended != 0 || visit.Version != l.Request.LinkVersion {
		return nil, onboarding.ErrNotFound
	}
	return z.enter(r, visit, p)
}

// showLanding is what the link opens. It changes nothing, however often mail
// scanners and previews look.
func (z *wizard) showLanding(w http.ResponseWriter, r *http.Request, l *linked) error {
	v, err := z.ownVisit(r, l)
	if err == nil {
		return z.showContinue(w, r, l, v)
	} else if !errors.Is(err, onboarding.ErrNotFound) {
		return err
	}
	page := pages.Landing{Frame: l.Frame, Client: l.Request.Client, Message: l.Request.Message, Services: onboarding.SortServices(l.Request.Services),
		Asked: catalog.AskedBy(l.Request.Request), Post: l.path("")}
	if page.Message == "" {
		page.Message = onboarding.DefaultMessage
	}
	if l.Agency.Brand.ShowRequester {
		page.Requester = l.Requester
	}
	z.show(w, r, http.StatusOK, page)
	return nil
}

// showContinue greets a browser that has been here before.
func (z *wizard) showContinue(w http.ResponseWriter, r *http.Request, l *linked, v *visitor) error {
	have, err := z.progress(r, v)
	if err != nil {
		return err
	}
	_, signedIn := z.token(v)
	z.show(w, r, http.StatusOK, pages.ContinueAs{
		Frame: l.Frame, Client: l.Request.Client, Name: v.visit.Name, Email: v.visit.Email, Started: v.visit.Created,
		SoFar:     have.soFar(),
		SignedOut: !signedIn && have.any(onboarding.Facebook),
		Continue:  v.path(""), SomeoneElse: l.path("someone-else"),
	})
	return nil
}

// grantPermission is the first thing that changes anything: the request counts as opened.
func (z *wizard) grantPermission(w http.ResponseWriter, r *http.Request, l *linked) error {
	if err := z.store.MarkOpened(r.Context(), l.Request.Agency, l.Request.ID, l.Number); err != nil {
		return err
	}
	return seeOther(w, r, l.path("about"))
}

func (z *wizard) showAboutYou(w http.ResponseWriter, r *http.Request, l *linked) error {
	z.show(w, r, http.StatusOK, z.aboutYou(l))
	return nil
}

func (z *wizard) aboutYou(l *linked) pages.AboutYou {
	page := pages.AboutYou{Frame: l.Frame, Services: onboarding.SortServices(l.Request.Services), Post: l.path("about")}
	page.Steps = pages.Progress(l.Request.Services, pages.StepAboutYou)
	return page
}

// viewRequest begins a visit in the name of a person.
func (z *wizard) viewRequest(w http.ResponseWriter, r *http.Request, l *linked) error {
	if err := form(w, r, maxForm); err != nil {
		return err
	}
	page := z.aboutYou(l)
	page.Name, page.Email = r.PostFormValue(pages.FieldName), r.PostFormValue(pages.FieldEmail)
	name, err := onboarding.ValidateLine(pages.FieldName, page.Name, onboarding.MaxName, "Enter your name.")
	page.NameError = sentenceOf(err)
	email, err := onboarding.ValidateAddress(pages.FieldEmail, page.Email)
	page.EmailError = sentenceOf(err)
	if page.NameError != "" || page.EmailError != "" {
		z.show(w, r, http.StatusUnprocessableEntity, page)
		return nil
	}
	// A double click, or the same person once more: the visit goes on.
	before, err := z.ownVisit(r, l)
	if err == nil && before.visit.Name == name && onboarding.SameAddress(before.visit.Email, email) {
		return seeOther(w, r, before.path(""))
	} else if err != nil && !errors.Is(err, onboarding.ErrNotFound) {
		return err
	}
	p := newPass()
	visit := store.Visit{
		ID: store.NewID(), Request: l.Request.ID, Agency: l.Request.Agency, LookUp: p.lookUp(),
		Version: l.Version, Recipient: l.Number, Name: name, Email: email,
	}
	if err := z.store.StartVisit(r.Context(), visit); err != nil {
		return err
	}
	if before != nil { // somebody else at the same browser: the other's sign-in is dropped
		if err := z.endVisit(r, before); err != nil {
			return err
		}
	}
	z.setCookie(w, z.cookieName(l.Request.ID), p, l.Request.Expires)
	v := &visitor{ClientView: l.ClientView, visit: visit}
	have, err := z.progress(r, v)
	if err != nil {
		return err
	}
	return seeOther(w, r, have.begin(v))
}

// someoneElse ends the browser's visit: its sign-in is dropped, what was
// connected stays.
func (z *wizard) someoneElse(w http.ResponseWriter, r *http.Request, l *linked) error {
	v, err := z.ownVisit(r, l)
	if err != nil && !errors.Is(err, onboarding.ErrNotFound) {
		return err
	}
	if err == nil {
		if err := z.endVisit(r, v); err != nil {
			return err
		}
	}
	z.clearCookie(w, z.cookieName(l.Request.ID))
	return seeOther(w, r, l.path(""))
}

func (z *wizard) endVisit(r *http.Request, v *visitor) error {
	if err := z.store.EndVisit(r.Context(), v.visit.ID); err != nil {
		return err
	}
	z.lists.forget(v.visit.ID)
	return nil
}

// together is how long somebody else's start is worth knowing.
const together = 24 * time.Hour

// noteOthers says on the page who else has started (F7).
func (z *wizard) noteOthers(r *http.Request, v *visitor) error {
	visits, err := z.store.Visits(r.Context(), v.Request.ID)
	if err != nil {
		return err
	}
	for _, other := range visits {
		if other.ID != v.visit.ID && !onboarding.SameAddress(other.Email, v.visit.Email) && other.Seen.Since(z.store.Now()) < together {
			v.Frame.Also, v.Frame.AlsoSome = other.Name, true
		}
	}
	return nil
}
