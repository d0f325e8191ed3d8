package metafake

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

// Handler serves the API and the pages.
func (f *Fake) Handler() http.Handler {
	pages := http.NewServeMux()
	f.env.SessionPages(pages)
	f.settingsPages(pages)
	for _, at := range []string{"/dialog/oauth", "/{version}/dialog/oauth"} {
		pages.Handle("GET "+at, f.serve(func(r *http.Request) sandbox.Response { return f.dialog(r, false) }))
		pages.Handle("GET "+at+"/edit", f.serve(func(r *http.Request) sandbox.Response { return f.dialog(r, true) }))
	}
	pages.Handle("POST /dialog/decide", f.serve(f.decide))
	return f.env.Route(sandbox.HostRouter{

		Hosts:  "graph.facebook.com",
		IsHost: func(host string) bool { return host == "graph.facebook.com" },
		Calls:  f.serve(f.graph),
		Pages:  pages,
	})
}

// authRequest is a dialog's address, read and found to be in order.
type authRequest struct {
	sandbox.AuthRequest
	scopes    []string
	config    bool // a configuration permits no partial consent
	rerequest bool
}

func (f *Fake) readAuthRequest(query url.Values) (authRequest, *sandbox.Problem) {
	common, wrong := f.env.ReadAuthRequest(query, "scope", "response_type", "auth_type", "config_id",
		"override_default_response_type", "display")
	if wrong != nil {
		return authRequest{}, wrong
	}
	ask := authRequest{AuthRequest: common}
	stop := func(text string) (authRequest, *sandbox.Problem) {
		return ask, &sandbox.Problem{Head: "This address cannot be used", Text: text}
	}
	if ask.State == "" {
		return stop("The parameter state is required.")
	}
	if query.Get("response_type") != "code" {
		return stop("The response_type of this app is code.")
	}
	if kind := query.Get("auth_type"); kind != "" && kind != "rerequest" {
		return stop("The only auth_type is rerequest.")
	}
	ask.rerequest = query.Get("auth_type") == "rerequest"
	if query.Has("config_id") {
		scopes := configs()[query.Get("config_id")]
		if scopes == nil || query.Has("scope") {
			return stop("The config_id is not one of this app's, or scope is given beside it.")
		}
		ask.config, ask.scopes = true, scopes
		return ask, nil
	}
	if f.env.IsOn("login_for_business", "") {
		return ask, &sandbox.Problem{
			Head: "It looks like this app isn't available",
			Text: "This app needs at least one supported permission.",
		}
	}
	ask.scopes = strings.FieldsFunc(query.Get("scope"), func(c rune) bool { return c == ',' || c == ' ' })
	for _, scope := range ask.scopes {
		if !slices.Contains(allScopes(), scope) {
			return ask, &sandbox.Problem{Head: "Invalid scopes: " + scope, Text: "This permission does not exist."}
		}
	}
	if !slices.Contains(ask.scopes, "public_profile") {
		ask.scopes = append([]string{"public_profile"}, ask.scopes...)
	}
	return ask, nil
}

// dialog shows the pages in turn: sign in, then allow all, some or nothing.
func (f *Fake) dialog(r *http.Request, edit bool) sandbox.Response {
	ask, wrong := f.readAuthRequest(r.URL.Query())
	if _, _, ok := f.graphPath("/" + r.PathValue("version")); !ok {
		wrong = &sandbox.Problem{Head: "This address cannot be used", Text: "There is no such version, or it has ended."}
	}
	if wrong != nil {
		return f.env.Refuse(http.StatusBadRequest, wrong.Head, wrong.Text)
	}
	key := f.env.SignedIn(r)
	if a, unserved := f.unserved(ask, key); unserved {
		return a
	}
	person := f.state.people[key]
	if person == nil {
		return f.env.SignIn(r.URL.RequestURI(), f.env.SendBack("", ask.AuthRequest, denied())+"#_=_")
	}
	known := person.grant != nil
	if known && !ask.rerequest && !edit && f.env.IsOn("silent_reconnect", key) &&
		!slices.ContainsFunc(ask.scopes, func(s string) bool { return !person.grant.has(s) }) {
		return f.sendCode(ask, person)
	}
	if edit || ask.rerequest && known {
		return f.edit(r, ask, person)
	}
	p := sandbox.ConsentPage{
		Frame:  f.env.Frame("Log in with Facebook"),
		Head:   sandbox.AppName + " wants to use what you have here",
		Text:   "Allow gives all of it, for every Page, ad account and business of yours.",
		Person: person.name,
		Next:   r.URL.RequestURI(),
		Decide: "/dialog/decide",
		Edit:   strings.TrimSuffix(r.URL.Path, "/") + "/edit?" + r.URL.RawQuery,
	}
	if known {
		p.Head = "You used " + sandbox.AppName + " before"
		p.Text = "Allow goes on with your earlier choice. Edit settings changes it."
	}
	for _, scope := range ask.scopes {
		p.Asks = append(p.Asks, scopeWords(scope))
	}
	return f.env.Page(http.StatusOK, "consent.html", p)
}

// edit shows the checkboxes, as the person left them.
func (f *Fake) edit(r *http.Request, ask authRequest, person *profile) sandbox.Response {
	grant := person.grant
	if grant == nil {
		grant = &permissionGrant{}
	}
	path := strings.TrimSuffix(strings.TrimSuffix(r.URL.Path, "/edit"), "/")
	page := sandbox.EditPage{
		Frame:  f.env.Frame("Edit settings"),
		Head:   "What may " + sandbox.AppName + " use?",
		Person: person.name,
		Next:   path + "?" + r.URL.RawQuery,
		Decide: "/dialog/decide",
	}
	businesses, pages, accounts := sandbox.BoxGroup{
		Name:  "business",
		Title: "Businesses",
	}, sandbox.BoxGroup{Name: "page", Title: "Pages"}, sandbox.BoxGroup{Name: "account", Title: "Ad accounts"}
	for _, b := range f.state.businesses {
		if b.user(person) != nil {
			businesses.Boxes = append(businesses.Boxes, sandbox.Box{
				Value:  b.id,
				Label:  b.name,
				Says:   b.id,
				Ticked: grant.businesses == nil || grant.businesses[b.id],
			})
		}
	}
	for _, a := range f.state.assets {
		if !f.reaches(person, a) {
			continue
		}
		one := sandbox.Box{Value: a.id, Label: a.name, Says: a.id, Ticked: grant.sees(a)}
		if a.isAccount() {
			accounts.Boxes = append(accounts.Boxes, one)
		} else {
			pages.Boxes = append(pages.Boxes, one)
		}
	}
	permissions := sandbox.BoxGroup{Name: "permission", Title: "Permissions"}
	for _, scope := range ask.scopes {
		fixed := scope == "public_profile" || ask.config
		permissions.Boxes = append(permissions.Boxes, sandbox.Box{
			Value:  scope,
			Label:  scopeWords(scope),
			Says:   scope,
			Ticked: fixed || grant.status[scope] != "declined",
			Fixed:  fixed,
		})
	}
	page.Groups = []sandbox.BoxGroup{businesses, pages, accounts, permissions}
	return f.env.Page(http.StatusOK, "edit.html", page)
}

func scopeWords(scope string) string {
	switch scope {
	case "public_profile":
		return "Your name and picture"
	case "email":
		return "Your email address"
	case "business_management":
		return "Manage your businesses"
	case "ads_management":
		return "Manage ads for ad accounts that you have access to"
	case "ads_read":
		return "Read ads of ad accounts that you have access to"
	case "pages_show_list":
		return "Show a list of the Pages you manage"
	case "pages_read_engagement":
		return "Read content posted on the Page"
	case "pages_manage_metadata":
		return "Manage accounts, settings and webhooks for a Page"
	case "pages_manage_ads":
		return "Manage ads associated with a Page"
	}
	return "Use " + scope
}

func denied() url.Values {
	return url.Values{
		"error": {"access_denied"}, "error_code": {"200"}, "error_description": {"Permissions error"},
		"error_reason": {"user_denied"},
	}
}

// unserved is what a person gets for an app that the dialog does not serve: some
// come back, without the state, and some do not.
func (f *Fake) unserved(ask authRequest, key string) (sandbox.Response, bool) {
	switch {
	case f.env.IsOn("app_inactive", ""):
		ask.State = ""
		says := url.Values{"error_code": {"1349126"}, "error_message": {"App not active"}}
		return sandbox.Redirect(f.env.SendBack("", ask.AuthRequest, says) + "#_=_"), true
	case f.env.IsOn("feature_unavailable", key):
		return f.env.Refuse(http.StatusOK, "Feature unavailable", "Facebook Login is currently unavailable for this app, "+
			"since we are updating additional details for this app. Please try again later."), true
	}
	return sandbox.Response{}, false
}

// decide handles the forms of the dialog.
func (f *Fake) decide(r *http.Request) sandbox.Response {
	_, query := sandbox.NextQuery(r)
	ask, wrong := f.readAuthRequest(query)
	if wrong != nil {
		return f.env.Refuse(http.StatusBadRequest, wrong.Head, wrong.Text)
	}
	person := f.state.people[f.env.SignedIn(r)]
	if person == nil {
		return sandbox.Redirect(sandbox.LocalPath(r.PostFormValue("next"))) // the sign-in has ended meanwhile
	}
	if r.PostFormValue("decision") != "allow" {
		return sandbox.Redirect(f.env.SendBack(person.key, ask.AuthRequest, denied()) + "#_=_")
	}
	before := person.grant
	if before == nil {
		before = &permissionGrant{status: map[string]string{}}
	}
	// All tokens of this person share one grant: a change affects them all.
	g := before
	edited := r.PostFormValue("edited") == "1"
	for _, scope := range ask.scopes {
		granted := g.status[scope] != "declined" || ask.config
		if edited && !ask.config {
			granted = scope == "public_profile" || slices.Contains(r.PostForm["permission"], scope)
		}
		g.status[scope] = "declined"
		if granted {
			g.status[scope] = "granted"
		}
	}
	if edited {
		g.businesses, g.pages, g.accounts = f.ticked(person, r.PostForm)
	}
	if f.env.IsOn("scope_unticked", person.key) && !ask.config {
		left := ask.scopes[len(ask.scopes)-1]
		if slices.Contains(ask.scopes, "ads_management") {
			left = "ads_management"
		}
		g.status[left] = "declined"
	}
	person.grant = g
	return f.sendCode(ask, person)
}

// ticked parses the checkboxes: if every box of a list is ticked, there is no
// restriction.
func (f *Fake) ticked(person *profile, form url.Values) (businesses, pages, accounts map[string]bool) {
	set := func(name string, all []string) map[string]bool {
		chosen := map[string]bool{}
		for _, id := range form[name] {
			if slices.Contains(all, id) {
				chosen[id] = true
			}
		}
		if len(chosen) == len(all) {
			return nil
		}
		return chosen
	}
	var businessIDs, pageIDs, accountIDs []string
	for _, b := range f.state.businesses {
		if b.user(person) != nil {
			businessIDs = append(businessIDs, b.id)
		}
	}
	for _, a := range f.state.assets {
		if !f.reaches(person, a) {
			continue
		}
		if a.isAccount() {
			accountIDs = append(accountIDs, a.id)
		} else {
			pageIDs = append(pageIDs, a.id)
		}
	}
	return set("business", businessIDs), set("page", pageIDs), set("account", accountIDs)
}

func (f *Fake) sendCode(ask authRequest, person *profile) sandbox.Response {
	value := f.env.IssueCode(sandbox.Code{
		Person:    person.key,
		Redirect:  ask.Redirect,
		Challenge: ask.Challenge,
		Scopes:    ask.scopes,
	})
	// The fragment is Facebook's own; apps do not read it.
	return sandbox.Redirect(f.env.SendBack(person.key, ask.AuthRequest, url.Values{"code": {value}}) + "#_=_")
}

// newToken issues a token of a person's grant.
func (f *Fake) newToken(p *profile, long bool) (string, int) {
	life := shortLife
	if long {
		life = longLife
	}
	value := fmt.Sprintf("EAAU%s", sandbox.RandomHex(96))
	f.state.tokens[value] = &issuedToken{
		person: p,
		grant:  p.grant,
		issued: f.env.Now(),
		ends:   f.env.Now().Add(life),
		long:   long,
	}
	return value, int(life.Seconds())
}
