package hubspotfake

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

// authRequest is a validated authorization URL.
type authRequest struct {
	sandbox.AuthRequest
	hub      int64 // the account in the URL; 0: none
	required []string
	optional []string
}

func (f *Fake) readAuthRequest(path string, query url.Values) (authRequest, *sandbox.Problem) {
	common, wrong := f.env.ReadAuthRequest(query, "scope", "optional_scope", "response_type")
	if wrong != nil {
		return authRequest{}, wrong
	}
	ask := authRequest{
		AuthRequest: common,
		required:    strings.Fields(query.Get("scope")),
		optional:    strings.Fields(query.Get("optional_scope")),
	}
	if kind := query.Get("response_type"); kind != "" && kind != "code" {
		return ask, &sandbox.Problem{Head: "This address cannot be used", Text: "The only response_type is code."}
	}
	if len(ask.required) == 0 {
		return ask, &sandbox.Problem{Head: "This address cannot be used", Text: "The parameter scope is required."}
	}
	for _, scope := range slices.Concat(ask.required, ask.optional) {
		if !slices.Contains(allScopes(), scope) {
			return ask, &sandbox.Problem{
				Head: "This address cannot be used",
				Text: fmt.Sprintf("The scope %q does not exist.", scope),
			}
		}
	}
	if middle, ok := strings.CutSuffix(strings.TrimPrefix(path, "/oauth/"), "/authorize"); ok {
		hub, err := strconv.ParseInt(middle, 10, 64)
		if err != nil {
			return ask, &sandbox.Problem{
				Head: "This address cannot be used",
				Text: "The account in the address is not a number.",
			}
		}
		ask.hub = hub
	}
	return ask, nil
}

// authorize shows the pages in turn: sign in, choose an account, allow.
func (f *Fake) authorize(r *http.Request) sandbox.Response {
	ask, wrong := f.readAuthRequest(r.URL.Path, r.URL.Query())
	if wrong != nil {
		return f.env.Refuse(http.StatusBadRequest, wrong.Head, wrong.Text)
	}
	cancel := f.env.SendBack("", ask.AuthRequest, denied())
	key := f.env.SignedIn(r)
	person := f.state.people[key]
	if person == nil {
		return f.env.SignIn(r.URL.RequestURI(), cancel)
	}
	portals := person.portals
	if ask.hub != 0 {
		if !slices.Contains(portals, ask.hub) {
			return f.stopPage(r, "You have no access to this account", fmt.Sprintf("Account %d is not one of yours.", ask.hub))
		}
		portals = []int64{ask.hub}
	}
	if len(portals) == 1 {
		return f.consent(r.URL.RequestURI(), ask, key, f.state.portals[portals[0]], person)
	}
	p := sandbox.ChooserPage{
		Frame: f.env.Frame("Choose an account"),
		Head:  "Choose an account",
		Text: "You have more than one account at simulated HubSpot. Which one do you want to connect to " + sandbox.AppName +
			"?",
		Person: f.env.NameOf(key),
		Next:   r.URL.RequestURI(),
		Choose: "/oauth/choose",
		Cancel: cancel,
	}
	for _, id := range portals {
		one := f.state.portals[id]
		p.Accounts = append(p.Accounts, sandbox.AccountButton{
			ID:       strconv.FormatInt(id, 10),
			Name:     one.name,
			Says:     fmt.Sprintf("%s · Hub ID %d", one.domain, id),
			Initials: sandbox.Initials(one.name),
		})
	}
	return f.env.Page(http.StatusOK, "chooser.html", p)
}

// choose redirects to the URL with the account.
func (f *Fake) choose(r *http.Request) sandbox.Response {
	_, query := sandbox.NextQuery(r)
	hub, err := strconv.ParseInt(r.PostFormValue("account"), 10, 64)
	if err != nil {
		return f.env.Refuse(http.StatusBadRequest, "This account is not known", "Go back and choose one of the list.")
	}
	return sandbox.Redirect(fmt.Sprintf("/oauth/%d/authorize?%s", hub, query.Encode()))
}

// consent shows the requested scopes, or an error to people who may not grant
// them, without a callback.
func (f *Fake) consent(next string, ask authRequest, key string, to *portal, person *portalUser) sandbox.Response {
	if stop := f.mayNot(next, ask, key, to, person); stop != nil {
		return *stop
	}
	p := sandbox.ConsentPage{
		Frame:   f.env.Frame("Connect app"),
		Head:    "Connect " + sandbox.AppName + " to your account",
		Text:    "You are connecting this account of simulated HubSpot:",
		Person:  f.env.NameOf(key),
		Account: fmt.Sprintf("%s · Hub ID %d", to.name, to.id),
		Next:    next,
		Decide:  "/oauth/decide",
	}
	for _, scope := range f.grantedScopes(ask, key, to) {
		p.Asks = append(p.Asks, scopeWords(scope))
	}
	if len(person.portals) > 1 {
		if at, err := url.Parse(next); err == nil {
			p.Other = "/oauth/authorize?" + at.RawQuery
		}
	}
	return f.env.Page(http.StatusOK, "consent.html", p)
}

func (f *Fake) mayNot(next string, ask authRequest, key string, to *portal, person *portalUser) *sandbox.Response {
	if !person.admin || f.env.IsOn("not_super_admin", key) {
		a := f.env.Page(http.StatusForbidden, "error.html", sandbox.ErrorPage{
			Frame: f.env.Frame("Error"),
			Head:  "You don't have permission to connect this app",
			Text: fmt.Sprintf(
				"Only a Super Admin of %s, or someone with App Marketplace access, can connect apps. Ask one of them to do it.",
				to.name),
			Next: next,
		})
		return &a
	}
	for _, scope := range ask.required {
		if slices.Contains(to.lacks, scope) {
			a := f.env.Page(http.StatusForbidden, "error.html", sandbox.ErrorPage{
				Frame: f.env.Frame("Error"),
				Head:  "This app can't be connected to your account",
				Text:  fmt.Sprintf("The app requires %s, and the plan of %s does not include it.", scope, to.name),
				Next:  next,
			})
			return &a
		}
	}
	return nil
}

func (f *Fake) stopPage(r *http.Request, head, text string) sandbox.Response {
	return f.env.Page(http.StatusForbidden, "error.html", sandbox.ErrorPage{
		Frame: f.env.Frame("Error"),
		Head:  head,
		Text:  text,
		Next:  r.URL.RequestURI(),
	})
}

// grantedScopes is the result of Allow: all required scopes, and optional ones
// if the account has them.
func (f *Fake) grantedScopes(ask authRequest, key string, to *portal) []string {
	granted := slices.Clone(ask.required)
	if f.env.IsOn("scope_unticked", key) {
		// Required scopes cannot be unticked here; this fault removes one for
		// the app.
		if len(ask.optional) == 0 && len(granted) > 1 {
			granted = granted[:len(granted)-1]
		}
		return granted
	}
	for _, scope := range ask.optional {
		if !slices.Contains(to.lacks, scope) && !slices.Contains(granted, scope) {
			granted = append(granted, scope)
		}
	}
	return granted
}

func scopeWords(scope string) string {
	switch scope {
	case "oauth":
		return "Know which account this is (oauth)"
	case "crm.objects.contacts.read":
		return "Read contacts and their properties (crm.objects.contacts.read)"
	case "crm.objects.contacts.write":
		return "Add and change contacts (crm.objects.contacts.write)"
	}
	verb := "Use"
	if strings.HasSuffix(scope, ".read") {
		verb = "Read"
	}
	return verb + " " + scope
}

func denied() url.Values {
	return url.Values{"error": {"access_denied"}, "error_description": {"The user denied access to the app"}}
}

// decide handles the form of the consent page.
func (f *Fake) decide(r *http.Request) sandbox.Response {
	path, query := sandbox.NextQuery(r)
	ask, wrong := f.readAuthRequest(path, query)
	if wrong != nil {
		return f.env.Refuse(http.StatusBadRequest, wrong.Head, wrong.Text)
	}
	key := f.env.SignedIn(r)
	person := f.state.people[key]
	if person == nil {
		return sandbox.Redirect(sandbox.LocalPath(r.PostFormValue("next"))) // the sign-in has ended meanwhile
	}
	hub := ask.hub
	if hub == 0 && len(person.portals) == 1 {
		hub = person.portals[0]
	}
	to := f.state.portals[hub]
	if to == nil || !slices.Contains(person.portals, hub) {
		return f.stopPage(r, "You have no access to this account", "Choose one of your own.")
	}
	if r.PostFormValue("decision") != "allow" {
		return sandbox.Redirect(f.env.SendBack(key, ask.AuthRequest, denied()))
	}
	if stop := f.mayNot(r.PostFormValue("next"), ask, key, to, person); stop != nil {
		return *stop
	}
	value := f.env.IssueCode(sandbox.Code{
		Person: key, Redirect: ask.Redirect, Challenge: ask.Challenge,
		Account: strconv.FormatInt(hub, 10), Scopes: f.grantedScopes(ask, key, to),
	})
	return sandbox.Redirect(f.env.SendBack(key, ask.AuthRequest, url.Values{"code": {value}}))
}
