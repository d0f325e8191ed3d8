package sandbox

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	hubspotAccessLife = 30 * time.Minute

	// A portal takes this many calls in ten seconds from an app.
	hubspotCalls  = 110
	hubspotWindow = 10 * time.Second
)

// hubspotScopes are the scopes an app can ask for.
func hubspotScopes() []string {
	return []string{
		"oauth", "account-info.security.read", "automation", "content", "crm.lists.read", "crm.lists.write",
		"crm.objects.companies.read", "crm.objects.companies.write", "crm.objects.contacts.read", "crm.objects.contacts.write",
		"crm.objects.deals.read", "crm.objects.deals.write", "crm.objects.owners.read", "crm.schemas.contacts.read",
		"crm.schemas.custom.read", "crm.objects.custom.read", "forms", "marketing.campaigns.read", "sales-email-read", "tickets", "timeline",
	}
}

// hubspotState is everything HubSpot remembers.
type hubspotState struct {
	people  map[string]*hubspotPerson
	portals map[int64]*portal
	access  map[string]*hubspotToken
	refresh map[string]*hubspotToken
	worded  int // errors worded so far, for shifting_errors
}

type hubspotPerson struct {
	userID  int64
	email   string
	admin   bool // Super Admin, or with the right to install apps
	portals []int64
}

type portal struct {
	id       int64
	name     string
	domain   string
	lacks    []string // scopes that are not part of its plan
	contacts []contact
	calls    []time.Time // of the last hubspotWindow, in real time
}

type contact struct{ first, last, email string }

// install is one consent: one app in one portal by one person. Its tokens die with it.
type install struct {
	person string
	portal *portal
	scopes []string
	dead   bool
}

type hubspotToken struct {
	install *install
	ends    time.Time // zero for a refresh token: it has no end of its own
	spent   bool      // a refresh token that was rotated away
	revoked bool
}

func hubspotPretend() pretend {
	return pretend{
		name: platformHubSpot, title: "HubSpot",
		app:    credentials{"b3f9c7a2-4d18-4e56-9a07-2c61f8d0e945", "71e4a0d8-96b3-4c2f-8e15-d03a7b9f6c24"},
		rules:  signInRules{httpHosts: []string{"localhost"}},
		serves: (*World).hubspotHandler,
		reset:  func(w *World) { *w.hubspot = *newHubSpotState() },
		people: hubspotPeople, faults: hubspotFaults, actions: hubspotActions, act: (*World).hubspotAct,
		nameable: (*World).hubspotNameable, settle: (*World).hubspotSettle, accounts: (*World).hubspotPortals,
	}
}

func hubspotFaults() []fault {
	return slices.Concat(transport(), signIn(), []fault{
		{"rotates", "Each renewal gives a new refresh token; a replay revokes everything", true},
		{"not_super_admin", "The person may not connect apps; nobody comes back", true},
		{"shifting_errors", "The token endpoint words its errors in another shape each time", false},
		{"v1_deprecated", "The v1 OAuth endpoints are gone", false},
	})
}

func hubspotPeople() []Person {
	return []Person{
		{"lars-holm", "Lars Holm", "Super Admin of two portals"},
		{"priya-nair", "Priya Nair", "Super Admin of one portal"},
		{"marta-lindqvist", "Marta Lindqvist", "Not a Super Admin"},
		{"tom-becker", "Tom Becker", "One portal on a small plan, without contacts access"},
		{"ana-ruiz", "Ana Ruiz", "Super Admin of the agency's own portal"},
	}
}

func newHubSpotState() *hubspotState {
	s := &hubspotState{
		people:  map[string]*hubspotPerson{},
		portals: map[int64]*portal{},
		access:  map[string]*hubspotToken{},
		refresh: map[string]*hubspotToken{},
	}
	for _, p := range []*portal{
		{id: 26114873, name: "Harbour & Pine AB", domain: "harbourpine.example", contacts: contacts("harbourpine-customers.example")},
		{id: 26120447, name: "Harbour & Pine Outlet", domain: "outlet.harbourpine.example", contacts: contacts("outlet-customers.example")},
		{id: 39920411, name: "Lumen Optics", domain: "lumenoptics.example", contacts: contacts("lumen-customers.example")},
		{id: 8123554, name: "Alpenrose Hotels", domain: "alpenrose.example", lacks: []string{"crm.objects.contacts.read", "crm.objects.contacts.write", "crm.schemas.custom.read", "crm.objects.custom.read"}},
		{id: 5580317, name: "Northlight Media", domain: "northlight.example", contacts: contacts("northlight-leads.example")},
	} {
		s.portals[p.id] = p
	}
	s.people["lars-holm"] = &hubspotPerson{51200881, "lars.holm@harbourpine.example", true, []int64{26114873, 26120447}}
	s.people["priya-nair"] = &hubspotPerson{51344102, "priya.nair@lumenoptics.example", true, []int64{39920411}}
	s.people["marta-lindqvist"] = &hubspotPerson{51200990, "marta.lindqvist@harbourpine.example", false, []int64{26114873}}
	s.people["tom-becker"] = &hubspotPerson{50871230, "tom.becker@alpenrose.example", true, []int64{8123554}}
	s.people["ana-ruiz"] = &hubspotPerson{50119907, "ana@northlight.example", true, []int64{5580317}}
	return s
}

func contacts(domain string) []contact {
	var list []contact
	for i, name := range []string{"Maria Engel", "Jonas Weber", "Aiko Tanaka", "Pedro Costa", "Lena Fuchs", "Omar Aziz", "Sofia Rossi", "Nils Berg", "Chloe Martin", "Viktor Hahn", "Emma Sand", "Ravi Menon"} {
		first, last, _ := strings.Cut(name, " ")
		list = append(list, contact{first, last, fmt.Sprintf("%s%d@%s", strings.ToLower(first), i+1, domain)})
	}
	return list
}

func (w *World) hubspotHandler(s *Server) http.Handler {
	calls := http.NewServeMux()
	for _, version := range []string{"2026-03", "2026-09"} {
		calls.Handle("POST /oauth/"+version+"/token", w.answering(func(r *http.Request) answer { return w.hubspotTokenCall(r, false) }))
		calls.Handle("POST /oauth/"+version+"/token/introspect", w.answering(w.hubspotIntrospect))
		calls.Handle("POST /oauth/"+version+"/token/revoke", w.answering(w.hubspotRevoke))
	}
	calls.Handle("POST /oauth/v1/token", w.answering(w.hubspotV1(func(r *http.Request) answer { return w.hubspotTokenCall(r, true) })))
	calls.Handle("GET /oauth/v1/access-tokens/{token}", w.answering(w.hubspotV1(w.hubspotV1Access)))
	calls.Handle("GET /oauth/v1/refresh-tokens/{token}", w.answering(w.hubspotV1(w.hubspotV1Refresh)))
	calls.Handle("DELETE /oauth/v1/refresh-tokens/{token}", w.answering(w.hubspotV1(w.hubspotV1Delete)))
	calls.Handle("GET /account-info/v3/details", w.answering(w.hubspotDetails))
	calls.Handle("GET /crm/v3/objects/contacts", w.answering(w.hubspotContacts))
	calls.Handle("/", w.answering(func(r *http.Request) answer {
		return hubspotError(http.StatusNotFound, "OBJECT_NOT_FOUND", "There is nothing at "+r.Method+" "+r.URL.Path, nil)
	}))

	pages := http.NewServeMux()
	w.sessionPages(pages, platformHubSpot)
	pages.Handle("GET /oauth/authorize", w.answering(w.hubspotAuthorize))
	pages.Handle("GET /oauth/{hub}/authorize", w.answering(w.hubspotAuthorize))
	pages.Handle("POST /oauth/choose", w.answering(w.hubspotChoose))
	pages.Handle("POST /oauth/decide", w.answering(w.hubspotDecide))

	return w.front(s, front{
		platform: platformHubSpot,
		hosts:    "api.hubapi.com",
		isHost:   func(host string) bool { return host == "api.hubapi.com" },
		calls:    calls,
		pages:    pages,
	})
}

// hubspotAsking is an authorize address, read and found to be in order.
type hubspotAsking struct {
	asking
	hub      int64 // the account the address names, or 0
	required []string
	optional []string
}

func (w *World) readHubSpotAsking(path string, q url.Values) (hubspotAsking, *problem) {
	common, wrong := w.readAsking(platformHubSpot, q, "scope", "optional_scope", "response_type")
	if wrong != nil {
		return hubspotAsking{}, wrong
	}
	ask := hubspotAsking{asking: common, required: strings.Fields(q.Get("scope")), optional: strings.Fields(q.Get("optional_scope"))}
	if kind := q.Get("response_type"); kind != "" && kind != "code" {
		return ask, &problem{"This address cannot be used", "The only response_type is code."}
	}
	if len(ask.required) == 0 {
		return ask, &problem{"This address cannot be used", "The parameter scope is required."}
	}
	for _, scope := range slices.Concat(ask.required, ask.optional) {
		if !slices.Contains(hubspotScopes(), scope) {
			return ask, &problem{"This address cannot be used", fmt.Sprintf("The scope %q does not exist.", scope)}
		}
	}
	if middle, ok := strings.CutSuffix(strings.TrimPrefix(path, "/oauth/"), "/authorize"); ok {
		hub, err := strconv.ParseInt(middle, 10, 64)
		if err != nil {
			return ask, &problem{"This address cannot be used", "The account in the address is not a number."}
		}
		ask.hub = hub
	}
	return ask, nil
}

// hubspotAuthorize is the way through: sign in, choose an account, allow.
func (w *World) hubspotAuthorize(r *http.Request) answer {
	ask, wrong := w.readHubSpotAsking(r.URL.Path, r.URL.Query())
	if wrong != nil {
		return w.refusal(platformHubSpot, http.StatusBadRequest, wrong.head, wrong.text)
	}
	cancel := w.sendBack(platformHubSpot, "", ask.asking, hubspotDenied())
	key := w.signedIn(platformHubSpot, r)
	person := w.hubspot.people[key]
	if person == nil {
		return w.signIn(platformHubSpot, r.URL.RequestURI(), cancel)
	}
	portals := person.portals
	if ask.hub != 0 {
		if !slices.Contains(portals, ask.hub) {
			return w.hubspotStop(r, "You have no access to this account", fmt.Sprintf("Account %d is not one of yours.", ask.hub))
		}
		portals = []int64{ask.hub}
	}
	if len(portals) == 1 {
		return w.hubspotConsent(r.URL.RequestURI(), ask, key, w.hubspot.portals[portals[0]], person)
	}
	p := chooserPage{
		frame:  w.frame(platformHubSpot, "Choose an account"),
		Head:   "Choose an account",
		Text:   "You have more than one account at pretend HubSpot. Which one do you want to connect to " + appName + "?",
		Person: nameOf(platformHubSpot, key),
		Next:   r.URL.RequestURI(),
		Choose: "/oauth/choose",
		Cancel: cancel,
	}
	for _, id := range portals {
		one := w.hubspot.portals[id]
		p.Accounts = append(p.Accounts, accountButton{ID: strconv.FormatInt(id, 10), Name: one.name, Says: fmt.Sprintf("%s · Hub ID %d", one.domain, id), Initials: initials(one.name)})
	}
	return w.page(http.StatusOK, "chooser.html", p)
}

// hubspotChoose leads on to the address that names the account.
func (w *World) hubspotChoose(r *http.Request) answer {
	_, q := nextQuery(r)
	hub, err := strconv.ParseInt(r.PostFormValue("account"), 10, 64)
	if err != nil {
		return w.refusal(platformHubSpot, http.StatusBadRequest, "This account is not known", "Go back and choose one of the list.")
	}
	return redirect(fmt.Sprintf("/oauth/%d/authorize?%s", hub, q.Encode()))
}

// hubspotConsent shows what is asked, or stops who may not give it. Whoever is
// stopped never comes back to the app.
func (w *World) hubspotConsent(next string, ask hubspotAsking, key string, to *portal, person *hubspotPerson) answer {
	if stop := w.hubspotMayNot(next, ask, key, to, person); stop != nil {
		return *stop
	}
	p := consentPage{
		frame:   w.frame(platformHubSpot, "Connect app"),
		Head:    "Connect " + appName + " to your account",
		Text:    "You are connecting this account of pretend HubSpot:",
		Person:  nameOf(platformHubSpot, key),
		Account: fmt.Sprintf("%s · Hub ID %d", to.name, to.id),
		Next:    next,
		Decide:  "/oauth/decide",
	}
	for _, scope := range w.hubspotGranted(ask, key, to) {
		p.Asks = append(p.Asks, hubspotScopeWords(scope))
	}
	if len(person.portals) > 1 {
		if at, err := url.Parse(next); err == nil {
			p.Other = "/oauth/authorize?" + at.RawQuery
		}
	}
	return w.page(http.StatusOK, "consent.html", p)
}

func (w *World) hubspotMayNot(next string, ask hubspotAsking, key string, to *portal, person *hubspotPerson) *answer {
	if !person.admin || w.isOn(platformHubSpot, "not_super_admin", key) {
		a := w.page(http.StatusForbidden, "error.html", errorPage{
			frame: w.frame(platformHubSpot, "Error"),
			Head:  "You don't have permission to connect this app",
			Text:  fmt.Sprintf("Only a Super Admin of %s, or someone with App Marketplace access, can connect apps. Ask one of them to do it.", to.name),
			Next:  next,
		})
		return &a
	}
	for _, scope := range ask.required {
		if slices.Contains(to.lacks, scope) {
			a := w.page(http.StatusForbidden, "error.html", errorPage{
				frame: w.frame(platformHubSpot, "Error"),
				Head:  "This app can't be connected to your account",
				Text:  fmt.Sprintf("The app requires %s, and the plan of %s does not include it.", scope, to.name),
				Next:  next,
			})
			return &a
		}
	}
	return nil
}

func (w *World) hubspotStop(r *http.Request, head, text string) answer {
	return w.page(http.StatusForbidden, "error.html", errorPage{frame: w.frame(platformHubSpot, "Error"), Head: head, Text: text, Next: r.URL.RequestURI()})
}

// hubspotGranted is what an Allow gives: all that is required, and of what is
// optional silently only what the account has.
func (w *World) hubspotGranted(ask hubspotAsking, key string, to *portal) []string {
	granted := slices.Clone(ask.required)
	if w.isOn(platformHubSpot, "scope_unticked", key) {
		// Nobody can untick a required scope here; what an app learns is that it has fewer than it asked for.
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

func hubspotScopeWords(scope string) string {
	switch scope {
	case "oauth":
		return "Know which account this is (oauth)"
	case "crm.objects.contacts.read":
		return "Read contacts and their properties (crm.objects.contacts.read)"
	}
	verb := "Use"
	if strings.HasSuffix(scope, ".read") {
		verb = "Read"
	}
	return verb + " " + scope
}

func hubspotDenied() url.Values {
	return url.Values{"error": {"access_denied"}, "error_description": {"The user denied access to the app"}}
}

// hubspotDecide is the form of the consent page.
func (w *World) hubspotDecide(r *http.Request) answer {
	path, q := nextQuery(r)
	ask, wrong := w.readHubSpotAsking(path, q)
	if wrong != nil {
		return w.refusal(platformHubSpot, http.StatusBadRequest, wrong.head, wrong.text)
	}
	key := w.signedIn(platformHubSpot, r)
	person := w.hubspot.people[key]
	if person == nil {
		return redirect(localPath(r.PostFormValue("next"))) // the sign-in ended meanwhile
	}
	hub := ask.hub
	if hub == 0 && len(person.portals) == 1 {
		hub = person.portals[0]
	}
	to := w.hubspot.portals[hub]
	if to == nil || !slices.Contains(person.portals, hub) {
		return w.hubspotStop(r, "You have no access to this account", "Choose one of your own.")
	}
	if r.PostFormValue("decision") != "allow" {
		return redirect(w.sendBack(platformHubSpot, key, ask.asking, hubspotDenied()))
	}
	if stop := w.hubspotMayNot(r.PostFormValue("next"), ask, key, to, person); stop != nil {
		return *stop
	}
	value := w.issueCode(code{
		platform: platformHubSpot, person: key, redirect: ask.redirect, challenge: ask.challenge,
		account: strconv.FormatInt(hub, 10), scopes: w.hubspotGranted(ask, key, to),
	})
	return redirect(w.sendBack(platformHubSpot, key, ask.asking, url.Values{"code": {value}}))
}

// hubspotV1 guards the older endpoints, which a switch retires.
func (w *World) hubspotV1(next func(*http.Request) answer) func(*http.Request) answer {
	return func(r *http.Request) answer {
		if w.isOn(platformHubSpot, "v1_deprecated", "") {
			return hubspotError(http.StatusGone, "DEPRECATED", "The v1 OAuth endpoints have been removed. Use /oauth/2026-03/token.", nil)
		}
		return next(r)
	}
}

// hubspotTokenCall is the token endpoint. Its parameters come in the body only.
func (w *World) hubspotTokenCall(r *http.Request, v1 bool) answer {
	if w.isOn(platformHubSpot, "throttled", "") {
		return hubspotBusy()
	}
	form, refused := w.hubspotForm(r, "grant_type", "client_id", "client_secret", "redirect_uri", "code", "refresh_token", "code_verifier", "scope")
	if refused != nil {
		return *refused
	}
	switch form.Get("grant_type") {
	case "authorization_code":
		if form.Get("redirect_uri") == "" || form.Get("code") == "" || form.Has("refresh_token") {
			return w.hubspotTokenError("request", "authorization_code takes code and redirect_uri, and no refresh_token")
		}
		c, err := w.takeCode(platformHubSpot, form.Get("code"), form.Get("redirect_uri"), form.Get("code_verifier"))
		if errors.Is(err, errCodeRedirect) {
			return w.hubspotTokenError("redirect", "redirect_uri does not match the one the code was issued for")
		}
		if err != nil {
			return w.hubspotTokenError("code", "The authorization code cannot be used: "+err.Error())
		}
		hub, _ := strconv.ParseInt(c.account, 10, 64) // it was written from a number
		in := &install{person: c.person, portal: w.hubspot.portals[hub], scopes: c.scopes}
		return w.hubspotTokens(in, w.hubspotRefreshToken(in), v1)
	case "refresh_token":
		if form.Get("refresh_token") == "" || form.Has("code") || form.Has("redirect_uri") || form.Has("code_verifier") {
			return w.hubspotTokenError("request", "refresh_token takes the refresh_token, and neither code nor redirect_uri")
		}
		return w.hubspotRenew(form.Get("refresh_token"), v1)
	}
	return w.hubspotTokenError("request", "grant_type is authorization_code or refresh_token")
}

func (w *World) hubspotRenew(value string, v1 bool) answer {
	token := w.hubspot.refresh[value]
	if token == nil || token.revoked || token.install.dead || w.isOn(platformHubSpot, "token_revoked", token.install.person) {
		return w.hubspotTokenError("refresh", "missing or unknown refresh token")
	}
	if token.spent {
		// A token that was rotated away is only in the hands of a thief or of a second writer: nobody keeps anything.
		token.install.dead = true
		return w.hubspotTokenError("refresh", "refresh token was used before; the grant is revoked")
	}
	if w.isOn(platformHubSpot, "rotates", token.install.person) {
		token.spent = true
		value = w.hubspotRefreshToken(token.install)
	}
	return w.hubspotTokens(token.install, value, v1)
}

func (w *World) hubspotRefreshToken(in *install) string {
	value := "na1-" + random(18)
	w.hubspot.refresh[value] = &hubspotToken{install: in}
	return value
}

func (w *World) hubspotTokens(in *install, refresh string, v1 bool) answer {
	access := "CPf" + random(160) // real ones are longer than 300 characters, too
	w.hubspot.access[access] = &hubspotToken{install: in, ends: w.now().Add(hubspotAccessLife)}
	body := map[string]any{"access_token": access, "refresh_token": refresh, "token_type": "bearer", "expires_in": int(hubspotAccessLife.Seconds())}
	if !v1 {
		body["token_use"] = "access_token"
		body["hub_id"] = in.portal.id
		body["user_id"] = w.hubspot.people[in.person].userID
		body["scopes"] = in.scopes
	}
	return jsonAnswer(http.StatusOK, body)
}

// hubspotForm reads a call of an app: a form in the body, with the app's
// credentials in it, and nothing that is not known.
func (w *World) hubspotForm(r *http.Request, known ...string) (url.Values, *answer) {
	refuse := func(kind, message string) (url.Values, *answer) {
		a := w.hubspotTokenError(kind, message)
		return nil, &a
	}
	if kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";"); kind != "application/x-www-form-urlencoded" {
		a := hubspotError(http.StatusUnsupportedMediaType, "VALIDATION_ERROR", "The body has to be application/x-www-form-urlencoded", nil)
		return nil, &a
	}
	if r.URL.RawQuery != "" {
		return refuse("request", "Parameters are taken from the body only")
	}
	if name := unknownParam(r.PostForm, known); name != "" {
		return refuse("request", fmt.Sprintf("The parameter %q is not known, or is there twice", name))
	}
	if r.PostForm.Get("client_id") != app(platformHubSpot).id {
		return refuse("client", "missing or unknown client id")
	}
	if !same(r.PostForm.Get("client_secret"), app(platformHubSpot).secret) {
		return refuse("client", "missing or invalid client secret")
	}
	return r.PostForm, nil
}

// hubspotTokenError words an error of the token endpoint. Three shapes are in
// use, by what went wrong; shifting_errors deals them out in turn.
func (w *World) hubspotTokenError(kind, message string) answer {
	shape := map[string]int{"request": 0, "client": 0, "redirect": 1, "refresh": 1, "code": 2}[kind]
	if w.isOn(platformHubSpot, "shifting_errors", "") {
		shape = w.hubspot.worded % 3
		w.hubspot.worded++
	}
	switch shape {
	case 1:
		status := map[string]string{"request": "BAD_REQUEST", "client": "BAD_CLIENT_SECRET", "redirect": "BAD_REDIRECT_URI", "refresh": "BAD_REFRESH_TOKEN", "code": "BAD_AUTH_CODE"}[kind]
		return jsonAnswer(http.StatusBadRequest, map[string]string{"status": status, "message": message})
	case 2:
		name := map[string]string{"request": "invalid_request", "client": "invalid_client"}[kind]
		if name == "" {
			name = "invalid_grant"
		}
		return jsonAnswer(http.StatusBadRequest, map[string]string{"error": name, "error_description": message})
	}
	return hubspotError(http.StatusBadRequest, "VALIDATION_ERROR", message, nil)
}

// hubspotError is the shape of every other refusal.
func hubspotError(status int, category, message string, context map[string]any) answer {
	id := random(16)
	body := map[string]any{
		"status": "error", "message": message, "category": category,
		"correlationId": id[:8] + "-" + id[8:12] + "-" + id[12:16] + "-" + id[16:20] + "-" + id[20:],
	}
	if context != nil {
		body["context"] = context
	}
	return jsonAnswer(status, body)
}

func hubspotBusy() answer {
	return hubspotError(http.StatusTooManyRequests, "RATE_LIMITS", "You have reached your ten_secondly_rolling limit.", nil).
		with("Retry-After", "10").with("X-HubSpot-RateLimit-Remaining", "0")
}

func (w *World) hubspotIntrospect(r *http.Request) answer {
	form, refused := w.hubspotForm(r, "client_id", "client_secret", "token", "token_type_hint")
	if refused != nil {
		return *refused
	}
	value := form.Get("token")
	if value == "" {
		return w.hubspotTokenError("request", "token is required")
	}
	token, use := w.hubspot.access[value], "access_token"
	if token == nil {
		token, use = w.hubspot.refresh[value], "refresh_token"
	}
	if token == nil || !w.hubspotAlive(token) {
		return jsonAnswer(http.StatusOK, map[string]any{"active": false})
	}
	person := w.hubspot.people[token.install.person]
	body := map[string]any{
		"active": true, "token": value, "token_use": use, "token_type": "bearer", "client_id": app(platformHubSpot).id, "app_id": 3047712,
		"hub_id": token.install.portal.id, "hub_domain": token.install.portal.domain, "user": person.email, "user_id": person.userID,
		"scopes": token.install.scopes, "is_private_distribution": false, "signed_access_token": nil,
	}
	if use == "access_token" {
		body["expires_in"] = int(token.ends.Sub(w.clock(platformHubSpot)).Seconds())
	}
	return jsonAnswer(http.StatusOK, body)
}

// hubspotRevoke revokes a refresh token. Access tokens live to their end.
func (w *World) hubspotRevoke(r *http.Request) answer {
	form, refused := w.hubspotForm(r, "client_id", "client_secret", "token", "token_type_hint")
	if refused != nil {
		return *refused
	}
	token := w.hubspot.refresh[form.Get("token")]
	if token == nil {
		return w.hubspotTokenError("refresh", "missing or unknown refresh token")
	}
	token.revoked = true
	return answer{status: http.StatusNoContent}
}

func (w *World) hubspotAlive(token *hubspotToken) bool {
	return !token.install.dead && !token.revoked && !token.spent &&
		(token.ends.IsZero() || w.clock(platformHubSpot).Before(token.ends)) &&
		!w.isOn(platformHubSpot, "token_revoked", token.install.person)
}

func (w *World) hubspotV1Access(r *http.Request) answer {
	value := r.PathValue("token")
	token := w.hubspot.access[value]
	if token == nil || !w.hubspotAlive(token) {
		return jsonAnswer(http.StatusBadRequest, map[string]string{"status": "error", "message": "access token is not valid"})
	}
	person := w.hubspot.people[token.install.person]
	return jsonAnswer(http.StatusOK, map[string]any{
		"token": value, "user": person.email, "user_id": person.userID, "hub_domain": token.install.portal.domain, "hub_id": token.install.portal.id,
		"app_id": 3047712, "scopes": token.install.scopes, "token_type": "access", "expires_in": int(token.ends.Sub(w.clock(platformHubSpot)).Seconds()),
	})
}

func (w *World) hubspotV1Refresh(r *http.Request) answer {
	value := r.PathValue("token")
	token := w.hubspot.refresh[value]
	if token == nil || !w.hubspotAlive(token) {
		return jsonAnswer(http.StatusBadRequest, map[string]string{"status": "error", "message": "refresh token is not valid"})
	}
	person := w.hubspot.people[token.install.person]
	return jsonAnswer(http.StatusOK, map[string]any{
		"token": value, "user": person.email, "user_id": person.userID, "hub_domain": token.install.portal.domain, "hub_id": token.install.portal.id,
		"client_id": app(platformHubSpot).id, "scopes": token.install.scopes, "token_type": "refresh",
	})
}

func (w *World) hubspotV1Delete(r *http.Request) answer {
	token := w.hubspot.refresh[r.PathValue("token")]
	if token == nil {
		return jsonAnswer(http.StatusNotFound, map[string]string{"status": "error", "message": "refresh token is not known"})
	}
	token.revoked = true
	return answer{status: http.StatusNoContent}
}

// hubspotCaller checks a call's token and scope and counts it.
func (w *World) hubspotCaller(r *http.Request, scope string, known ...string) (*install, *answer) {
	refuse := func(a answer) (*install, *answer) { return nil, &a }
	if name := unknownParam(r.URL.Query(), known); name != "" {
		return refuse(hubspotError(http.StatusBadRequest, "VALIDATION_ERROR", fmt.Sprintf("The parameter %q is not known, or is there twice", name), nil))
	}
	token := w.hubspot.access[bearer(r)]
	if token == nil || token.install.dead || token.revoked || w.isOn(platformHubSpot, "token_revoked", token.install.person) {
		return refuse(hubspotError(http.StatusUnauthorized, "INVALID_AUTHENTICATION", "Authentication credentials not found or not valid.", nil))
	}
	if !w.hubspotAlive(token) {
		return refuse(hubspotError(http.StatusUnauthorized, "EXPIRED_AUTHENTICATION", "The OAuth token used to make this call expired.", nil))
	}
	if !slices.Contains(token.install.scopes, scope) {
		return refuse(hubspotError(http.StatusForbidden, "MISSING_SCOPES", "This app hasn't been granted all required scopes to make this call.", map[string]any{"missingScopes": []string{scope}}))
	}
	now := time.Now() // a limit on calls is real time: callers wait in it
	to := token.install.portal
	to.calls = slices.DeleteFunc(to.calls, func(at time.Time) bool { return now.Sub(at) > hubspotWindow })
	if len(to.calls) >= hubspotCalls || w.isOn(platformHubSpot, "throttled", token.install.person) {
		return refuse(hubspotBusy())
	}
	to.calls = append(to.calls, now)
	return token.install, nil
}

func (to *portal) counted(a answer) answer {
	return a.with("X-HubSpot-RateLimit-Max", strconv.Itoa(hubspotCalls)).
		with("X-HubSpot-RateLimit-Interval-Milliseconds", strconv.FormatInt(hubspotWindow.Milliseconds(), 10)).
		with("X-HubSpot-RateLimit-Remaining", strconv.Itoa(hubspotCalls-len(to.calls)))
}

func (w *World) hubspotDetails(r *http.Request) answer {
	in, refused := w.hubspotCaller(r, "oauth")
	if refused != nil {
		return *refused
	}
	return in.portal.counted(jsonAnswer(http.StatusOK, map[string]any{
		"portalId": in.portal.id, "accountType": "STANDARD", "timeZone": "Europe/Stockholm", "companyCurrency": "EUR", "additionalCurrencies": []string{},
		"utcOffset": "+01:00", "utcOffsetMilliseconds": 3600000, "uiDomain": "app.hubspot.com", "dataHostingLocation": "na1",
	}))
}

func (w *World) hubspotContacts(r *http.Request) answer {
	in, refused := w.hubspotCaller(r, "crm.objects.contacts.read", "limit", "after", "properties", "archived")
	if refused != nil {
		return *refused
	}
	limit, after := 10, 0
	for name, into := range map[string]*int{"limit": &limit, "after": &after} {
		if text := r.URL.Query().Get(name); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < 0 || name == "limit" && (n < 1 || n > 100) {
				return in.portal.counted(hubspotError(http.StatusBadRequest, "VALIDATION_ERROR", fmt.Sprintf("%q is not a valid %s", text, name), nil))
			}
			*into = n
		}
	}
	all := in.portal.contacts
	from, to := min(after, len(all)), min(after+limit, len(all))
	results := []map[string]any{}
	for i, c := range all[from:to] {
		created := time.Date(2026, 3, 2+from+i, 9, 30, 0, 0, time.UTC).Format(time.RFC3339)
		results = append(results, map[string]any{
			"id": strconv.Itoa(from + i + 101), "createdAt": created, "updatedAt": created, "archived": false,
			"properties": map[string]string{"firstname": c.first, "lastname": c.last, "email": c.email, "hs_object_id": strconv.Itoa(from + i + 101), "createdate": created},
		})
	}
	body := map[string]any{"results": results}
	if to < len(all) {
		next := strconv.Itoa(to)
		body["paging"] = map[string]any{"next": map[string]string{"after": next, "link": "https://api.hubapi.com/crm/v3/objects/contacts?limit=" + strconv.Itoa(limit) + "&after=" + next}}
	}
	return in.portal.counted(jsonAnswer(http.StatusOK, body))
}
