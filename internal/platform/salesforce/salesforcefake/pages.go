package salesforcefake

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

// allScopes are the scopes selected in the app.
func allScopes() []string { return []string{"api", "refresh_token", "offline_access"} }

// authRequest is a validated authorization URL.
type authRequest struct {
	sandbox.AuthRequest
	host     string
	username string // the chosen user; empty: not chosen
	scopes   []string
}

func (f *Fake) readAuthRequest(path string, query url.Values) (authRequest, *sandbox.Problem) {
	host, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if !f.host(host) {
		return authRequest{}, &sandbox.Problem{
			Head: "There is no organisation at this address",
			Text: fmt.Sprintf("%s is the My Domain of nobody.", host),
		}
	}
	chosen := query.Get("chosen_user") // a parameter between the fake's own pages
	own := url.Values{}
	for name, values := range query {
		if name != "chosen_user" {
			own[name] = values
		}
	}
	common, wrong := f.env.ReadAuthRequest(own, "response_type", "scope", "prompt", "display", "login_hint", "nonce")
	if wrong != nil {
		return authRequest{}, wrong
	}
	ask := authRequest{AuthRequest: common, host: host, username: chosen, scopes: strings.Fields(query.Get("scope"))}
	if query.Get("response_type") != "code" {
		return ask, &sandbox.Problem{Head: "OAuth Error", Text: "error=unsupported_response_type: the response_type is code."}
	}
	if len(ask.scopes) == 0 {
		ask.scopes = []string{"api", "refresh_token"} // all scopes selected in the app
	}
	for _, scope := range ask.scopes {
		if !slices.Contains(allScopes(), scope) {
			return ask, &sandbox.Problem{
				Head: "OAuth Error",
				Text: fmt.Sprintf("error=invalid_scope: the scope %q is not selected in the app.", scope),
			}
		}
	}
	return ask, nil
}

// authorize shows the pages in turn: sign in, choose among several users,
// allow.
func (f *Fake) authorize(r *http.Request) sandbox.Response {
	ask, wrong := f.readAuthRequest(r.URL.Path, r.URL.Query())
	if wrong != nil {
		return f.env.Refuse(http.StatusBadRequest, wrong.Head, wrong.Text)
	}
	key := f.env.SignedIn(r)
	if key == "" {
		return f.env.SignIn(r.URL.RequestURI(), "")
	}
	users := f.usersAt(key, ask.host)
	if ask.username != "" {
		users = slices.DeleteFunc(users, func(u *orgUser) bool { return u.username != ask.username })
	}
	switch len(users) {
	case 0:
		return f.wrongHost(r.URL.RequestURI(), ask.host)
	case 1:
		return f.consent(r.URL.RequestURI(), ask, users[0])
	}
	p := sandbox.ChooserPage{
		Frame:  f.env.Frame("Choose a username"),
		Head:   "Choose a username",
		Text:   "You have more than one user at simulated Salesforce.",
		Person: f.env.NameOf(key),
		Next:   r.URL.RequestURI(),
		Choose: "/choose",
	}
	for _, user := range users {
		p.Accounts = append(p.Accounts, sandbox.AccountButton{
			ID: user.username, Name: user.org.name, Says: user.username + " · " + user.org.domain,
			Initials: sandbox.Initials(user.org.name),
		})
	}
	return f.env.Page(http.StatusOK, "chooser.html", p)
}

// wrongHost is the page for people without a user at a host, without a callback
// (F42).
func (f *Fake) wrongHost(next, host string) sandbox.Response {
	return f.env.Page(http.StatusForbidden, "error.html", sandbox.ErrorPage{
		Frame: f.env.Frame("Error"),
		Head:  "Please check your username and password",
		Text: "Nobody of this name can sign in at " + host +
			". If you still cannot sign in, contact your Salesforce administrator.",
		Next: next,
	})
}

// choose redirects to the URL with the user.
func (f *Fake) choose(r *http.Request) sandbox.Response {
	path, query := sandbox.NextQuery(r)
	query.Set("chosen_user", r.PostFormValue("account"))
	return sandbox.Redirect(path + "?" + query.Encode())
}

// consent shows the requested scopes, or refuses users who may not grant them.
func (f *Fake) consent(next string, ask authRequest, user *orgUser) sandbox.Response {
	if no := f.mayNot(next, ask, user); no != nil {
		return *no
	}
	p := sandbox.ConsentPage{
		Frame:   f.env.Frame("Allow access"),
		Head:    "Allow access?",
		Text:    sandbox.AppName + " is asking to:",
		Person:  f.env.NameOf(user.person),
		Account: user.org.name + " · " + user.username,
		Next:    next,
		Decide:  "/decide",
	}
	for _, scope := range ask.scopes {
		p.Asks = append(p.Asks, map[string]string{
			"api":            "Manage user data via APIs (api)",
			"refresh_token":  "Perform requests at any time (refresh_token, offline_access)",
			"offline_access": "Perform requests at any time (refresh_token, offline_access)",
		}[scope])
	}
	return f.env.Page(http.StatusOK, "consent.html", p)
}

// mayNot is the response to a user who may not approve the app; nil: they may.
func (f *Fake) mayNot(next string, ask authRequest, user *orgUser) *sandbox.Response {
	on := func(fault string) bool { return f.env.IsOn(fault, user.person) }
	var code, description string
	switch {
	case user.inactive:
		a := f.wrongHost(next, ask.host)
		return &a
	case !user.org.installed, on("login_host_refuses") && ask.host == user.org.loginHost():
		code, description = "OAUTH_EC_APP_NOT_FOUND", "External client app is not installed in this org"
	case user.apiOnly, on("not_approved"):
		code, description = "OAUTH_APPROVAL_ERROR_GENERIC", "An unexpected error has occured during authentication. Please "+
			"try again."
	default:
		return nil
	}
	if !on("refused_on_page") {
		a := sandbox.Redirect(f.env.SendBack(user.person, ask.AuthRequest, url.Values{
			"error": {code}, "error_description": {description},
		}))
		return &a
	}
	if code == "OAUTH_EC_APP_NOT_FOUND" {
		code, description = "invalid_client", "app must be installed into org"
	}
	a := sandbox.Redirect("/" + ask.host + "/setup/secur/RemoteAccessErrorPage.apexp?" + url.Values{
		"error": {code}, "error_description": {description},
	}.Encode())
	return &a
}

// showError is the error page without a callback.
func (f *Fake) showError(r *http.Request) sandbox.Response {
	query := r.URL.Query()
	return f.env.Refuse(http.StatusForbidden, "We can't authorize you because of an OAuth error.",
		"For more information, contact your Salesforce administrator. "+
			query.Get("error")+" : "+query.Get("error_description"))
}

// decide handles the form of the consent page.
func (f *Fake) decide(r *http.Request) sandbox.Response {
	path, query := sandbox.NextQuery(r)
	ask, wrong := f.readAuthRequest(path, query)
	if wrong != nil {
		return f.env.Refuse(http.StatusBadRequest, wrong.Head, wrong.Text)
	}
	next := sandbox.LocalPath(r.PostFormValue("next"))
	key := f.env.SignedIn(r)
	users := f.usersAt(key, ask.host)
	if ask.username != "" {
		users = slices.DeleteFunc(users, func(u *orgUser) bool { return u.username != ask.username })
	}
	if len(users) != 1 {
		return sandbox.Redirect(next) // the sign-in has ended, or another person's began
	}
	user := users[0]
	if r.PostFormValue("decision") != "allow" {
		return sandbox.Redirect(f.env.SendBack(key, ask.AuthRequest, url.Values{
			"error": {"access_denied"}, "error_description": {"end-user denied authorization"},
		}))
	}
	if no := f.mayNot(next, ask, user); no != nil {
		return *no
	}
	granted := slices.Clone(ask.scopes)
	if f.env.IsOn("scope_unticked", key) {
		granted = granted[:1] // scopes cannot be unticked here: this is an app with fewer scopes
	}
	value := f.env.IssueCode(sandbox.Code{
		Person: key, Redirect: ask.Redirect, Challenge: ask.Challenge, Account: user.id, Scopes: granted,
	})
	return sandbox.Redirect(f.env.SendBack(key, ask.AuthRequest, url.Values{"code": {value}}))
}

// installPage is where an admin installs the app's package.
func (f *Fake) installPage(r *http.Request) sandbox.Response {
	host := r.PathValue("host")
	if query := r.URL.Query(); !f.host(host) || len(query) != 1 || query.Get("p0") != packageVersion {
		return f.env.Refuse(http.StatusNotFound, "This package cannot be found", "The install link is not one of the app's.")
	}
	key := f.env.SignedIn(r)
	if key == "" {
		return f.env.SignIn(r.URL.RequestURI(), "")
	}
	users := f.usersAt(key, host)
	if len(users) != 1 || !users[0].admin || users[0].inactive {
		return f.env.Page(http.StatusForbidden, "error.html", sandbox.ErrorPage{
			Frame: f.env.Frame("Error"),
			Head:  "You cannot install packages here",
			Text:  "Only an admin of the organisation can. Ask yours to open this link.",
			Next:  r.URL.RequestURI(),
		})
	}
	return f.env.Page(http.StatusOK, "consent.html", sandbox.ConsentPage{
		Frame:   f.env.Frame("Install package"),
		Head:    "Install " + sandbox.AppName,
		Text:    "The package is installed for all users of:",
		Person:  f.env.NameOf(key),
		Account: users[0].org.name,
		Asks:    []string{"External client app: " + sandbox.AppName},
		Next:    r.URL.RequestURI(),
		Decide:  "/install",
	})
}

// install handles the form of the install page.
func (f *Fake) install(r *http.Request) sandbox.Response {
	path, query := sandbox.NextQuery(r)
	host, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	users := f.usersAt(f.env.SignedIn(r), host)
	if query.Get("p0") != packageVersion || len(users) != 1 || !users[0].admin {
		return sandbox.Redirect(sandbox.LocalPath(r.PostFormValue("next")))
	}
	if r.PostFormValue("decision") != "allow" {
		return f.env.Refuse(http.StatusOK, "Not installed", "You can open the link again at any time.")
	}
	users[0].org.installed = true
	return f.env.Refuse(http.StatusOK, "Installation complete", sandbox.AppName+
		" is installed. Its users can sign in now.")
}
