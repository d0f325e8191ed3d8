package mailchimpfake

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

// readAuthRequest validates an authorization URL. Scopes and challenges are
// refused as unknown. The path has the chosen account.
func (f *Fake) readAuthRequest(
	path string, query url.Values,
) (ask sandbox.AuthRequest, account string, wrong *sandbox.Problem) {
	ask, wrong = f.env.ReadAuthRequest(query, "response_type")
	if wrong == nil && query.Get("response_type") != "code" {
		wrong = &sandbox.Problem{Head: "This address cannot be used", Text: "The parameter response_type has to be code."}
	}
	account, _ = strings.CutSuffix(strings.TrimPrefix(path, "/oauth2/"), "authorize")
	return ask, strings.TrimSuffix(account, "/"), wrong
}

// authorize shows the pages in turn: sign in, choose an account, allow.
// https://mailchimp.com/developer/marketing/guides/access-user-data-oauth-2/
func (f *Fake) authorize(r *http.Request) sandbox.Response {
	ask, chosen, wrong := f.readAuthRequest(r.URL.Path, r.URL.Query())
	if wrong != nil {
		return f.env.Refuse(http.StatusBadRequest, wrong.Head, wrong.Text)
	}
	cancel := f.env.SendBack("", ask, denied())
	key := f.env.SignedIn(r)
	person := f.state.people[key]
	if person == nil {
		return f.env.SignIn(r.URL.RequestURI(), cancel)
	}
	if person.disabled {
		return f.env.Page(http.StatusForbidden, "error.html", sandbox.ErrorPage{
			Frame: f.env.Frame("Error"),
			Head:  "This user is disabled",
			Text:  "Ask an admin of the account to enable it again.",
			Next:  r.URL.RequestURI(),
		})
	}
	seats := person.seats
	if chosen != "" {
		seats = slices.DeleteFunc(slices.Clone(seats), func(s membership) bool { return s.account.id != chosen })
	}
	switch len(seats) {
	case 0:
		return f.env.Refuse(http.StatusForbidden, "You have no access to this account", "Choose one of your own.")
	case 1:
		return f.consent(r.URL, key, seats[0], len(person.seats) > 1)
	}
	p := sandbox.ChooserPage{
		Frame: f.env.Frame("Choose an account"),
		Head:  "Choose an account",
		Text: "You can sign in to more than one account at simulated Mailchimp. Which one do you want to connect to " +
			sandbox.AppName + "?",
		Person: f.env.NameOf(key),
		Next:   r.URL.RequestURI(),
		Choose: "/oauth2/choose",
		Cancel: cancel,
	}
	for _, seat := range seats {
		p.Accounts = append(p.Accounts, sandbox.AccountButton{
			ID:       seat.account.id,
			Name:     seat.account.name,
			Says:     seat.account.dc + " · " + seat.role,
			Initials: sandbox.Initials(seat.account.name),
		})
	}
	return f.env.Page(http.StatusOK, "chooser.html", p)
}

// choose redirects to the URL with the account.
func (f *Fake) choose(r *http.Request) sandbox.Response {
	_, query := sandbox.NextQuery(r)
	return sandbox.Redirect("/oauth2/" + url.PathEscape(r.PostFormValue("account")) + "/authorize?" + query.Encode())
}

// consent shows what the app may do: everything that the user may.
func (f *Fake) consent(at *url.URL, key string, seat membership, others bool) sandbox.Response {
	p := sandbox.ConsentPage{
		Frame:   f.env.Frame("Connect app"),
		Head:    "Allow " + sandbox.AppName + " to access your account?",
		Text:    "There are no single permissions at simulated Mailchimp. The app gets this account:",
		Person:  f.env.NameOf(key),
		Account: seat.account.name + " · " + seat.account.dc,
		Asks:    []string{"Do all that your role can: " + seat.role},
		Next:    at.RequestURI(),
		Decide:  "/oauth2/decide",
	}
	if others {
		p.Other = "/oauth2/authorize?" + at.RawQuery
	}
	return f.env.Page(http.StatusOK, "consent.html", p)
}

func denied() url.Values { return url.Values{"error": {"access_denied"}} }

// decide handles the form of the consent page.
func (f *Fake) decide(r *http.Request) sandbox.Response {
	path, query := sandbox.NextQuery(r)
	ask, chosen, wrong := f.readAuthRequest(path, query)
	if wrong != nil {
		return f.env.Refuse(http.StatusBadRequest, wrong.Head, wrong.Text)
	}
	key := f.env.SignedIn(r)
	person := f.state.people[key]
	if person == nil || person.disabled {
		return sandbox.Redirect(sandbox.LocalPath(r.PostFormValue("next"))) // the sign-in has ended meanwhile
	}
	if chosen == "" && len(person.seats) == 1 {
		chosen = person.seats[0].account.id
	}
	if !slices.ContainsFunc(person.seats, func(s membership) bool { return s.account.id == chosen }) {
		return f.env.Refuse(http.StatusForbidden, "You have no access to this account", "Choose one of your own.")
	}
	if r.PostFormValue("decision") != "allow" {
		return sandbox.Redirect(f.env.SendBack(key, ask, denied()))
	}
	value := f.env.IssueCode(sandbox.Code{Person: key, Redirect: ask.Redirect, Account: chosen})
	return sandbox.Redirect(f.env.SendBack(key, ask, url.Values{"code": {value}}))
}
