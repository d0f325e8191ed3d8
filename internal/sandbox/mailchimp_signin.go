package sandbox

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// readMailchimpAsking checks an authorize address. There are no scopes and no
// challenge: either is refused as unknown. The account that was chosen stands in
// the path.
func (w *World) readMailchimpAsking(path string, q url.Values) (ask AuthRequest, account string, wrong *Problem) {
	ask, wrong = w.readAsking(platformMailchimp, q, "response_type")
	if wrong == nil && q.Get("response_type") != "code" {
		wrong = &Problem{"This address cannot be used", "The parameter response_type has to be code."}
	}
	account, _ = strings.CutSuffix(strings.TrimPrefix(path, "/oauth2/"), "authorize")
	return ask, strings.TrimSuffix(account, "/"), wrong
}

// mailchimpAuthorize is the way through: sign in, choose an account, allow.
// https://mailchimp.com/developer/marketing/guides/access-user-data-oauth-2/
func (w *World) mailchimpAuthorize(r *http.Request) Response {
	ask, chosen, wrong := w.readMailchimpAsking(r.URL.Path, r.URL.Query())
	if wrong != nil {
		return w.refusal(platformMailchimp, http.StatusBadRequest, wrong.Head, wrong.Text)
	}
	cancel := w.sendBack(platformMailchimp, "", ask, mailchimpDenied())
	key := w.signedIn(platformMailchimp, r)
	person := w.mailchimp.people[key]
	if person == nil {
		return w.signIn(platformMailchimp, r.URL.RequestURI(), cancel)
	}
	if person.disabled {
		return w.page(http.StatusForbidden, "error.html", ErrorPage{
			Frame: w.frame(platformMailchimp, "Error"),
			Head:  "This user is disabled",
			Text:  "Ask an admin of the account to enable it again.",
			Next:  r.URL.RequestURI(),
		})
	}
	seats := person.seats
	if chosen != "" {
		seats = slices.DeleteFunc(slices.Clone(seats), func(s mailchimpSeat) bool { return s.account.id != chosen })
	}
	switch len(seats) {
	case 0:
		return w.refusal(platformMailchimp, http.StatusForbidden, "You have no access to this account", "Choose one of your own.")
	case 1:
		return w.mailchimpConsent(r.URL, key, seats[0], len(person.seats) > 1)
	}
	p := ChooserPage{
		Frame:  w.frame(platformMailchimp, "Choose an account"),
		Head:   "Choose an account",
		Text:   "You can sign in to more than one account at pretend Mailchimp. Which one do you want to connect to " + AppName + "?",
		Person: nameOf(platformMailchimp, key),
		Next:   r.URL.RequestURI(),
		Choose: "/oauth2/choose",
		Cancel: cancel,
	}
	for _, seat := range seats {
		p.Accounts = append(p.Accounts, AccountButton{
			ID:       seat.account.id,
			Name:     seat.account.name,
			Says:     seat.account.dc + " · " + seat.role,
			Initials: Initials(seat.account.name),
		})
	}
	return w.page(http.StatusOK, "chooser.html", p)
}

// mailchimpChoose leads on to the address that names the account.
func (w *World) mailchimpChoose(r *http.Request) Response {
	_, q := NextQuery(r)
	return Redirect("/oauth2/" + url.PathEscape(r.PostFormValue("account")) + "/authorize?" + q.Encode())
}

// mailchimpConsent shows what the app will be able to do: all that the user can.
func (w *World) mailchimpConsent(at *url.URL, key string, seat mailchimpSeat, others bool) Response {
	p := ConsentPage{
		Frame:   w.frame(platformMailchimp, "Connect app"),
		Head:    "Allow " + AppName + " to access your account?",
		Text:    "There are no single permissions at pretend Mailchimp. The app gets this account:",
		Person:  nameOf(platformMailchimp, key),
		Account: seat.account.name + " · " + seat.account.dc,
		Asks:    []string{"Do all that your role can: " + seat.role},
		Next:    at.RequestURI(),
		Decide:  "/oauth2/decide",
	}
	if others {
		p.Other = "/oauth2/authorize?" + at.RawQuery
	}
	return w.page(http.StatusOK, "consent.html", p)
}

func mailchimpDenied() url.Values { return url.Values{"error": {"access_denied"}} }

// mailchimpDecide is the form of the consent page.
func (w *World) mailchimpDecide(r *http.Request) Response {
	path, q := NextQuery(r)
	ask, chosen, wrong := w.readMailchimpAsking(path, q)
	if wrong != nil {
		return w.refusal(platformMailchimp, http.StatusBadRequest, wrong.Head, wrong.Text)
	}
	key := w.signedIn(platformMailchimp, r)
	person := w.mailchimp.people[key]
	if person == nil || person.disabled {
		return Redirect(LocalPath(r.PostFormValue("next"))) // the sign-in ended meanwhile
	}
	if chosen == "" && len(person.seats) == 1 {
		chosen = person.seats[0].account.id
	}
	if !slices.ContainsFunc(person.seats, func(s mailchimpSeat) bool { return s.account.id == chosen }) {
		return w.refusal(platformMailchimp, http.StatusForbidden, "You have no access to this account", "Choose one of your own.")
	}
	if r.PostFormValue("decision") != "allow" {
		return Redirect(w.sendBack(platformMailchimp, key, ask, mailchimpDenied()))
	}
	value := w.issueCode(Code{platform: platformMailchimp, Person: key, Redirect: ask.Redirect, Account: chosen})
	return Redirect(w.sendBack(platformMailchimp, key, ask, url.Values{"code": {value}}))
}
