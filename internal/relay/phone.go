package relay

import (
	"net/http"
	"strings"

	"github.com/mileusna/useragent"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// isPhone says whether a phone or a tablet asks. Some tablets call themselves
// a Macintosh: of those the cookie tells, which the page's style sheet or
// script had set. A computer with a touch screen is none of these.
func (z *wizard) isPhone(r *http.Request) bool {
	if strings.TrimSpace(r.Header.Get("Sec-CH-UA-Mobile")) == "?1" {
		return true
	}
	text := r.UserAgent()
	if isMacintosh(text) {
		touch, err := r.Cookie(pages.TouchCookie)
		return err == nil && touch.Value == "1"
	}
	agent := useragent.Parse(text)
	return agent.Mobile || agent.Tablet || strings.Contains(text, "iPad") || strings.Contains(text, "Android")
}

func isMacintosh(agent string) bool { return strings.Contains(agent, "Macintosh") }

const touchPath = "/touch"

// touchStyle is loaded by browsers on a Macintosh only. One whose only pointer
// is a finger asks for the address behind it, and is known from then on.
const touchStyle = `@media (hover: none) and (pointer: coarse) { body::after { content: ""; position: fixed; width: 1px; height: 1px; background-image: url("` + touchPath + `"); } }` + "\n"

func (z *wizard) serveTouchStyle(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	_, _ = w.Write([]byte(touchStyle)) // the caller has gone: nobody to tell
}

// noteTouch tells the browser, not the relay, that it belongs to a tablet.
func (z *wizard) noteTouch(w http.ResponseWriter, r *http.Request) {
	if isMacintosh(r.UserAgent()) {
		http.SetCookie(w, &http.Cookie{Name: pages.TouchCookie, Value: "1", Path: "/", MaxAge: 24 * 60 * 60, Secure: z.secure, SameSite: http.SameSiteLaxMode})
	}
	w.WriteHeader(http.StatusNoContent)
}

// refusePhone is the whole wizard on a phone. The page itself is no error when
// the link was opened; every further call is.
func (z *wizard) refusePhone(w http.ResponseWriter, r *http.Request, l *linked) {
	status := http.StatusForbidden
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		status = http.StatusOK
	}
	page, err := z.phonePage(r, l)
	if err != nil {
		z.fail(w, r, l.Frame, err)
		return
	}
	z.show(w, r, status, page)
}

func (z *wizard) phonePage(r *http.Request, l *linked) (pages.PhoneRefused, error) {
	page := pages.PhoneRefused{Frame: l.Frame, Link: z.origin + l.path("")}
	recipients, err := z.store.Recipients(r.Context(), l.Request.ID)
	if err != nil {
		return page, err
	}
	if len(recipients) > 0 {
		page.Post = l.path("email-me")
	}
	return page, nil
}

// emailMe sends the link to an address that is one of the request's. Whoever
// asks, for whatever address, reads the same answer.
func (z *wizard) emailMe(w http.ResponseWriter, r *http.Request, l *linked) error {
	if l.Agency.Suspended {
		return onboarding.ErrSuspended
	}
	if err := form(w, r, maxForm); err != nil {
		return err
	}
	page, err := z.phonePage(r, l)
	if err != nil {
		return err
	}
	if page.Post == "" {
		return onboarding.ErrNotFound
	}
	page.Email = r.PostFormValue(pages.FieldEmail)
	address, err := onboarding.ValidateAddress(pages.FieldEmail, page.Email)
	if err != nil {
		page.Error = sentenceOf(err)
		z.show(w, r, http.StatusUnprocessableEntity, page)
		return nil
	}
	if err := z.store.SendLink(r.Context(), l.Request.Agency, l.Request.ID, store.NewRecipient{Address: address, Hashes: z.keys.HashAddresses(address)}, z.limits); err != nil && !harmless(err) {
		return err
	}
	page.Asked, page.Email = true, ""
	z.show(w, r, http.StatusOK, page)
	return nil
}
