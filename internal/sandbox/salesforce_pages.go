package sandbox

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// salesforceScopes are the scopes that are selected in the app.
func salesforceScopes() []string { return []string{"api", "refresh_token", "offline_access"} }

// salesforceAsking is an authorize address, read and found to be in order.
type salesforceAsking struct {
	AuthRequest
	host     string
	username string // the user the person chose of several, or ""
	scopes   []string
}

func (w *World) readSalesforceAsking(path string, q url.Values) (salesforceAsking, *Problem) {
	host, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if !w.salesforceHost(host) {
		return salesforceAsking{}, &Problem{"There is no organisation at this address", fmt.Sprintf("%s is the My Domain of nobody.", host)}
	}
	chosen := q.Get("chosen_user") // the fake's own, between its pages
	own := url.Values{}
	for name, values := range q {
		if name != "chosen_user" {
			own[name] = values
		}
	}
	common, wrong := w.readAsking(platformSalesforce, own, "response_type", "scope", "prompt", "display", "login_hint", "nonce")
	if wrong != nil {
		return salesforceAsking{}, wrong
	}
	ask := salesforceAsking{AuthRequest: common, host: host, username: chosen, scopes: strings.Fields(q.Get("scope"))}
	if q.Get("response_type") != "code" {
		return ask, &Problem{"OAuth Error", "error=unsupported_response_type: the response_type is code."}
	}
	if len(ask.scopes) == 0 {
		ask.scopes = []string{"api", "refresh_token"} // all that are selected in the app
	}
	for _, scope := range ask.scopes {
		if !slices.Contains(salesforceScopes(), scope) {
			return ask, &Problem{"OAuth Error", fmt.Sprintf("error=invalid_scope: the scope %q is not selected in the app.", scope)}
		}
	}
	return ask, nil
}

// salesforceAuthorize is the way through: sign in, choose the user where there
// are several, allow.
func (w *World) salesforceAuthorize(r *http.Request) Response {
	ask, wrong := w.readSalesforceAsking(r.URL.Path, r.URL.Query())
	if wrong != nil {
		return w.refusal(platformSalesforce, http.StatusBadRequest, wrong.Head, wrong.Text)
	}
	key := w.signedIn(platformSalesforce, r)
	if key == "" {
		return w.signIn(platformSalesforce, r.URL.RequestURI(), "")
	}
	users := w.salesforceUsersAt(key, ask.host)
	if ask.username != "" {
		users = slices.DeleteFunc(users, func(u *salesforceUser) bool { return u.username != ask.username })
	}
	switch len(users) {
	case 0:
		return w.salesforceWrongHost(r.URL.RequestURI(), ask.host)
	case 1:
		return w.salesforceConsent(r.URL.RequestURI(), ask, users[0])
	}
	p := ChooserPage{
		Frame:  w.frame(platformSalesforce, "Choose a username"),
		Head:   "Choose a username",
		Text:   "You have more than one user at pretend Salesforce.",
		Person: nameOf(platformSalesforce, key),
		Next:   r.URL.RequestURI(),
		Choose: "/choose",
	}
	for _, user := range users {
		p.Accounts = append(p.Accounts, AccountButton{
			ID: user.username, Name: user.org.name, Says: user.username + " · " + user.org.domain, Initials: Initials(user.org.name),
		})
	}
	return w.page(http.StatusOK, "chooser.html", p)
}

// salesforceWrongHost is what a host says to who has no user there. Nobody comes
// back from it (F42).
func (w *World) salesforceWrongHost(next, host string) Response {
	return w.page(http.StatusForbidden, "error.html", ErrorPage{
		Frame: w.frame(platformSalesforce, "Error"),
		Head:  "Please check your username and password",
		Text:  "Nobody of this name can sign in at " + host + ". If you still cannot sign in, contact your Salesforce administrator.",
		Next:  next,
	})
}

// salesforceChoose leads on to the address that names the user.
func (w *World) salesforceChoose(r *http.Request) Response {
	path, q := NextQuery(r)
	q.Set("chosen_user", r.PostFormValue("account"))
	return Redirect(path + "?" + q.Encode())
}

// salesforceConsent shows what is asked, or refuses who may not give it.
func (w *World) salesforceConsent(next string, ask salesforceAsking, user *salesforceUser) Response {
	if no := w.salesforceMayNot(next, ask, user); no != nil {
		return *no
	}
	p := ConsentPage{
		Frame:   w.frame(platformSalesforce, "Allow access"),
		Head:    "Allow access?",
		Text:    AppName + " is asking to:",
		Person:  nameOf(platformSalesforce, user.person),
		Account: user.org.name + " · " + user.username,
		Next:    next,
		Decide:  "/decide",
	}
	for _, scope := range ask.scopes {
		p.Asks = append(p.Asks, map[string]string{
			"api": "Manage user data via APIs (api)", "refresh_token": "Perform requests at any time (refresh_token, offline_access)",
			"offline_access": "Perform requests at any time (refresh_token, offline_access)",
		}[scope])
	}
	return w.page(http.StatusOK, "consent.html", p)
}

// salesforceMayNot is the answer to a user who cannot let the app in; nil: they can.
func (w *World) salesforceMayNot(next string, ask salesforceAsking, user *salesforceUser) *Response {
	on := func(fault string) bool { return w.isOn(platformSalesforce, fault, user.person) }
	var code, description string
	switch {
	case user.inactive:
		a := w.salesforceWrongHost(next, ask.host)
		return &a
	case !user.org.installed, on("login_host_refuses") && ask.host == user.org.loginHost():
		code, description = "OAUTH_EC_APP_NOT_FOUND", "External client app is not installed in this org"
	case user.apiOnly, on("not_approved"):
		code, description = "OAUTH_APPROVAL_ERROR_GENERIC", "An unexpected error has occured during authentication. Please try again."
	default:
		return nil
	}
	if !on("refused_on_page") {
		a := Redirect(w.sendBack(platformSalesforce, user.person, ask.AuthRequest, url.Values{"error": {code}, "error_description": {description}}))
		return &a
	}
	if code == "OAUTH_EC_APP_NOT_FOUND" {
		code, description = "invalid_client", "app must be installed into org"
	}
	a := Redirect("/" + ask.host + "/setup/secur/RemoteAccessErrorPage.apexp?" + url.Values{"error": {code}, "error_description": {description}}.Encode())
	return &a
}

// salesforceErrorPage is where people end whom nobody sends back.
func (w *World) salesforceErrorPage(r *http.Request) Response {
	q := r.URL.Query()
	return w.refusal(platformSalesforce, http.StatusForbidden, "We can't authorize you because of an OAuth error.",
		"For more information, contact your Salesforce administrator. "+q.Get("error")+" : "+q.Get("error_description"))
}

// salesforceDecide is the form of the consent page.
func (w *World) salesforceDecide(r *http.Request) Response {
	path, q := NextQuery(r)
	ask, wrong := w.readSalesforceAsking(path, q)
	if wrong != nil {
		return w.refusal(platformSalesforce, http.StatusBadRequest, wrong.Head, wrong.Text)
	}
	next := LocalPath(r.PostFormValue("next"))
	key := w.signedIn(platformSalesforce, r)
	users := w.salesforceUsersAt(key, ask.host)
	if ask.username != "" {
		users = slices.DeleteFunc(users, func(u *salesforceUser) bool { return u.username != ask.username })
	}
	if len(users) != 1 {
		return Redirect(next) // the sign-in ended meanwhile, or another person's began
	}
	user := users[0]
	if r.PostFormValue("decision") != "allow" {
		return Redirect(w.sendBack(platformSalesforce, key, ask.AuthRequest, url.Values{
			"error": {"access_denied"}, "error_description": {"end-user denied authorization"},
		}))
	}
	if no := w.salesforceMayNot(next, ask, user); no != nil {
		return *no
	}
	granted := slices.Clone(ask.scopes)
	if w.isOn(platformSalesforce, "scope_unticked", key) {
		granted = granted[:1] // nobody can untick here: it is an app in which less is selected
	}
	value := w.issueCode(Code{
		platform: platformSalesforce, Person: key, Redirect: ask.Redirect, Challenge: ask.Challenge, Account: user.id, Scopes: granted,
	})
	return Redirect(w.sendBack(platformSalesforce, key, ask.AuthRequest, url.Values{"code": {value}}))
}

// salesforceInstallPage is where an admin installs the app's package.
func (w *World) salesforceInstallPage(r *http.Request) Response {
	host := r.PathValue("host")
	if q := r.URL.Query(); !w.salesforceHost(host) || len(q) != 1 || q.Get("p0") != salesforcePackage {
		return w.refusal(platformSalesforce, http.StatusNotFound, "This package cannot be found", "The install link is not one of the app's.")
	}
	key := w.signedIn(platformSalesforce, r)
	if key == "" {
		return w.signIn(platformSalesforce, r.URL.RequestURI(), "")
	}
	users := w.salesforceUsersAt(key, host)
	if len(users) != 1 || !users[0].admin || users[0].inactive {
		return w.page(http.StatusForbidden, "error.html", ErrorPage{
			Frame: w.frame(platformSalesforce, "Error"),
			Head:  "You cannot install packages here",
			Text:  "Only an admin of the organisation can. Ask yours to open this link.",
			Next:  r.URL.RequestURI(),
		})
	}
	return w.page(http.StatusOK, "consent.html", ConsentPage{
		Frame:   w.frame(platformSalesforce, "Install package"),
		Head:    "Install " + AppName,
		Text:    "The package is installed for all users of:",
		Person:  nameOf(platformSalesforce, key),
		Account: users[0].org.name,
		Asks:    []string{"External client app: " + AppName},
		Next:    r.URL.RequestURI(),
		Decide:  "/install",
	})
}

// salesforceInstall is the form of the install page.
func (w *World) salesforceInstall(r *http.Request) Response {
	path, q := NextQuery(r)
	host, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	users := w.salesforceUsersAt(w.signedIn(platformSalesforce, r), host)
	if q.Get("p0") != salesforcePackage || len(users) != 1 || !users[0].admin {
		return Redirect(LocalPath(r.PostFormValue("next")))
	}
	if r.PostFormValue("decision") != "allow" {
		return w.refusal(platformSalesforce, http.StatusOK, "Not installed", "You can open the link again at any time.")
	}
	users[0].org.installed = true
	return w.refusal(platformSalesforce, http.StatusOK, "Installation complete", AppName+" is installed. Its users can sign in now.")
}
