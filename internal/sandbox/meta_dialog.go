package sandbox

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

func (w *World) metaHandler(s *Server) http.Handler {
	pages := http.NewServeMux()
	w.sessionPages(pages, platformMeta)
	w.settingsPages(pages)
	for _, at := range []string{"/dialog/oauth", "/{version}/dialog/oauth"} {
		pages.Handle("GET "+at, w.answering(func(r *http.Request) Response { return w.metaDialog(r, false) }))
		pages.Handle("GET "+at+"/edit", w.answering(func(r *http.Request) Response { return w.metaDialog(r, true) }))
	}
	pages.Handle("POST /dialog/decide", w.answering(w.metaDecide))
	return w.front(s, HostRouter{
		platform: platformMeta,
		Hosts:    "graph.facebook.com",
		IsHost:   func(host string) bool { return host == "graph.facebook.com" },
		Calls:    w.answering(w.graph),
		Pages:    pages,
	})
}

// metaAsking is a dialog's address, read and found to be in order.
type metaAsking struct {
	AuthRequest
	scopes    []string
	config    bool // all of it or nothing
	rerequest bool
}

func (w *World) readMetaAsking(q url.Values) (metaAsking, *Problem) {
	common, wrong := w.readAsking(platformMeta, q, "scope", "response_type", "auth_type", "config_id", "override_default_response_type", "display")
	if wrong != nil {
		return metaAsking{}, wrong
	}
	ask := metaAsking{AuthRequest: common}
	stop := func(text string) (metaAsking, *Problem) {
		return ask, &Problem{"This address cannot be used", text}
	}
	if ask.State == "" {
		return stop("The parameter state is required.")
	}
	if q.Get("response_type") != "code" {
		return stop("The response_type of this app is code.")
	}
	if kind := q.Get("auth_type"); kind != "" && kind != "rerequest" {
		return stop("The only auth_type is rerequest.")
	}
	ask.rerequest = q.Get("auth_type") == "rerequest"
	if q.Has("config_id") {
		scopes := metaConfigs()[q.Get("config_id")]
		if scopes == nil || q.Has("scope") {
			return stop("The config_id is not one of this app's, or scope is given beside it.")
		}
		ask.config, ask.scopes = true, scopes
		return ask, nil
	}
	if w.isOn(platformMeta, "login_for_business", "") {
		return ask, &Problem{"It looks like this app isn't available", "This app needs at least one supported permission."}
	}
	ask.scopes = strings.FieldsFunc(q.Get("scope"), func(c rune) bool { return c == ',' || c == ' ' })
	for _, scope := range ask.scopes {
		if !slices.Contains(metaScopes(), scope) {
			return ask, &Problem{"Invalid scopes: " + scope, "This permission does not exist."}
		}
	}
	if !slices.Contains(ask.scopes, "public_profile") {
		ask.scopes = append([]string{"public_profile"}, ask.scopes...)
	}
	return ask, nil
}

// metaDialog is the way through: sign in, then allow all, some or nothing.
func (w *World) metaDialog(r *http.Request, edit bool) Response {
	ask, wrong := w.readMetaAsking(r.URL.Query())
	if _, _, ok := w.graphPath("/" + r.PathValue("version")); !ok {
		wrong = &Problem{"This address cannot be used", "There is no such version, or it has ended."}
	}
	if wrong != nil {
		return w.refusal(platformMeta, http.StatusBadRequest, wrong.Head, wrong.Text)
	}
	key := w.signedIn(platformMeta, r)
	if w.isOn(platformMeta, "feature_unavailable", key) {
		return w.refusal(platformMeta, http.StatusOK, "Feature unavailable", "Facebook Login is currently unavailable for this app, since we are updating additional details for this app. Please try again later.")
	}
	person := w.meta.people[key]
	if person == nil {
		return w.signIn(platformMeta, r.URL.RequestURI(), w.sendBack(platformMeta, "", ask.AuthRequest, metaDenied())+"#_=_")
	}
	known := person.grant != nil
	if known && !ask.rerequest && !edit && w.isOn(platformMeta, "silent_reconnect", key) && !slices.ContainsFunc(ask.scopes, func(s string) bool { return !person.grant.has(s) }) {
		return w.metaSendCode(ask, person)
	}
	if edit || ask.rerequest && known {
		return w.metaEdit(r, ask, person)
	}
	p := ConsentPage{
		Frame:  w.frame(platformMeta, "Log in with Facebook"),
		Head:   AppName + " wants to use what you have here",
		Text:   "Allow gives all of it, for every Page, ad account and business of yours.",
		Person: person.name,
		Next:   r.URL.RequestURI(),
		Decide: "/dialog/decide",
		Edit:   strings.TrimSuffix(r.URL.Path, "/") + "/edit?" + r.URL.RawQuery,
	}
	if known {
		p.Head = "You used " + AppName + " before"
		p.Text = "Allow goes on with your earlier choice. Edit settings changes it."
	}
	for _, scope := range ask.scopes {
		p.Asks = append(p.Asks, metaScopeWords(scope))
	}
	return w.page(http.StatusOK, "consent.html", p)
}

// metaEdit shows the boxes, ticked as the person left them.
func (w *World) metaEdit(r *http.Request, ask metaAsking, person *metaPerson) Response {
	g := person.grant
	if g == nil {
		g = &metaGrant{}
	}
	path := strings.TrimSuffix(strings.TrimSuffix(r.URL.Path, "/edit"), "/")
	p := EditPage{
		Frame:  w.frame(platformMeta, "Edit settings"),
		Head:   "What may " + AppName + " use?",
		Person: person.name,
		Next:   path + "?" + r.URL.RawQuery,
		Decide: "/dialog/decide",
	}
	businesses, pages, accounts := BoxGroup{Name: "business", Title: "Businesses"}, BoxGroup{Name: "page", Title: "Pages"}, BoxGroup{Name: "account", Title: "Ad accounts"}
	for _, b := range w.meta.businesses {
		if b.user(person) != nil {
			businesses.Boxes = append(businesses.Boxes, Box{Value: b.id, Label: b.name, Says: b.id, Ticked: g.businesses == nil || g.businesses[b.id]})
		}
	}
	for _, a := range w.meta.assets {
		if !w.reaches(person, a) {
			continue
		}
		one := Box{Value: a.id, Label: a.name, Says: a.id, Ticked: g.sees(a)}
		if a.isAccount() {
			accounts.Boxes = append(accounts.Boxes, one)
		} else {
			pages.Boxes = append(pages.Boxes, one)
		}
	}
	permissions := BoxGroup{Name: "permission", Title: "Permissions"}
	for _, scope := range ask.scopes {
		fixed := scope == "public_profile" || ask.config
		permissions.Boxes = append(permissions.Boxes, Box{Value: scope, Label: metaScopeWords(scope), Says: scope, Ticked: fixed || g.status[scope] != "declined", Fixed: fixed})
	}
	p.Groups = []BoxGroup{businesses, pages, accounts, permissions}
	return w.page(http.StatusOK, "edit.html", p)
}

func metaScopeWords(scope string) string {
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

func metaDenied() url.Values {
	return url.Values{"error": {"access_denied"}, "error_code": {"200"}, "error_description": {"Permissions error"}, "error_reason": {"user_denied"}}
}

// metaDecide is the form of the dialog's pages.
func (w *World) metaDecide(r *http.Request) Response {
	_, q := NextQuery(r)
	ask, wrong := w.readMetaAsking(q)
	if wrong != nil {
		return w.refusal(platformMeta, http.StatusBadRequest, wrong.Head, wrong.Text)
	}
	person := w.meta.people[w.signedIn(platformMeta, r)]
	if person == nil {
		return Redirect(LocalPath(r.PostFormValue("next"))) // the sign-in ended meanwhile
	}
	if r.PostFormValue("decision") != "allow" {
		return Redirect(w.sendBack(platformMeta, person.key, ask.AuthRequest, metaDenied()) + "#_=_")
	}
	before := person.grant
	if before == nil {
		before = &metaGrant{status: map[string]string{}}
	}
	// Tokens of this person hang on one grant: a change of mind reaches them all.
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
		g.businesses, g.pages, g.accounts = w.ticked(person, r.PostForm)
	}
	if w.isOn(platformMeta, "scope_unticked", person.key) && !ask.config {
		left := ask.scopes[len(ask.scopes)-1]
		if slices.Contains(ask.scopes, "ads_management") {
			left = "ads_management"
		}
		g.status[left] = "declined"
	}
	person.grant = g
	return w.metaSendCode(ask, person)
}

// ticked reads the boxes: a list with every box ticked is no limit.
func (w *World) ticked(person *metaPerson, form url.Values) (businesses, pages, accounts map[string]bool) {
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
	for _, b := range w.meta.businesses {
		if b.user(person) != nil {
			businessIDs = append(businessIDs, b.id)
		}
	}
	for _, a := range w.meta.assets {
		if !w.reaches(person, a) {
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

func (w *World) metaSendCode(ask metaAsking, person *metaPerson) Response {
	value := w.issueCode(Code{platform: platformMeta, Person: person.key, Redirect: ask.Redirect, Challenge: ask.Challenge, Scopes: ask.scopes})
	// The fragment is the platform's own, and no part of what an app reads.
	return Redirect(w.sendBack(platformMeta, person.key, ask.AuthRequest, url.Values{"code": {value}}) + "#_=_")
}

// newMetaToken issues a token for a person under their grant.
func (w *World) newMetaToken(p *metaPerson, long bool) (string, int) {
	life := metaShortLife
	if long {
		life = metaLongLife
	}
	value := fmt.Sprintf("EAAU%s", RandomHex(96))
	w.meta.tokens[value] = &metaToken{person: p, grant: p.grant, issued: w.now(), ends: w.now().Add(life), long: long}
	return value, int(life.Seconds())
}
