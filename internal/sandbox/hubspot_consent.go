package sandbox

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// hubspotAsking is an authorize address, read and found to be in order.
type hubspotAsking struct {
	AuthRequest
	hub      int64 // the account the address names, or 0
	required []string
	optional []string
}

func (w *World) readHubSpotAsking(path string, q url.Values) (hubspotAsking, *Problem) {
	common, wrong := w.readAsking(platformHubSpot, q, "scope", "optional_scope", "response_type")
	if wrong != nil {
		return hubspotAsking{}, wrong
	}
	ask := hubspotAsking{AuthRequest: common, required: strings.Fields(q.Get("scope")), optional: strings.Fields(q.Get("optional_scope"))}
	if kind := q.Get("response_type"); kind != "" && kind != "code" {
		return ask, &Problem{"This address cannot be used", "The only response_type is code."}
	}
	if len(ask.required) == 0 {
		return ask, &Problem{"This address cannot be used", "The parameter scope is required."}
	}
	for _, scope := range slices.Concat(ask.required, ask.optional) {
		if !slices.Contains(hubspotScopes(), scope) {
			return ask, &Problem{"This address cannot be used", fmt.Sprintf("The scope %q does not exist.", scope)}
		}
	}
	if middle, ok := strings.CutSuffix(strings.TrimPrefix(path, "/oauth/"), "/authorize"); ok {
		hub, err := strconv.ParseInt(middle, 10, 64)
		if err != nil {
			return ask, &Problem{"This address cannot be used", "The account in the address is not a number."}
		}
		ask.hub = hub
	}
	return ask, nil
}

// hubspotAuthorize is the way through: sign in, choose an account, allow.
func (w *World) hubspotAuthorize(r *http.Request) Response {
	ask, wrong := w.readHubSpotAsking(r.URL.Path, r.URL.Query())
	if wrong != nil {
		return w.refusal(platformHubSpot, http.StatusBadRequest, wrong.Head, wrong.Text)
	}
	cancel := w.sendBack(platformHubSpot, "", ask.AuthRequest, hubspotDenied())
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
	p := ChooserPage{
		Frame:  w.frame(platformHubSpot, "Choose an account"),
		Head:   "Choose an account",
		Text:   "You have more than one account at pretend HubSpot. Which one do you want to connect to " + AppName + "?",
		Person: nameOf(platformHubSpot, key),
		Next:   r.URL.RequestURI(),
		Choose: "/oauth/choose",
		Cancel: cancel,
	}
	for _, id := range portals {
		one := w.hubspot.portals[id]
		p.Accounts = append(p.Accounts, AccountButton{ID: strconv.FormatInt(id, 10), Name: one.name, Says: fmt.Sprintf("%s · Hub ID %d", one.domain, id), Initials: Initials(one.name)})
	}
	return w.page(http.StatusOK, "chooser.html", p)
}

// hubspotChoose leads on to the address that names the account.
func (w *World) hubspotChoose(r *http.Request) Response {
	_, q := NextQuery(r)
	hub, err := strconv.ParseInt(r.PostFormValue("account"), 10, 64)
	if err != nil {
		return w.refusal(platformHubSpot, http.StatusBadRequest, "This account is not known", "Go back and choose one of the list.")
	}
	return Redirect(fmt.Sprintf("/oauth/%d/authorize?%s", hub, q.Encode()))
}

// hubspotConsent shows what is asked, or stops who may not give it. Whoever is
// stopped never comes back to the app.
func (w *World) hubspotConsent(next string, ask hubspotAsking, key string, to *portal, person *hubspotPerson) Response {
	if stop := w.hubspotMayNot(next, ask, key, to, person); stop != nil {
		return *stop
	}
	p := ConsentPage{
		Frame:   w.frame(platformHubSpot, "Connect app"),
		Head:    "Connect " + AppName + " to your account",
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

func (w *World) hubspotMayNot(next string, ask hubspotAsking, key string, to *portal, person *hubspotPerson) *Response {
	if !person.admin || w.isOn(platformHubSpot, "not_super_admin", key) {
		a := w.page(http.StatusForbidden, "error.html", ErrorPage{
			Frame: w.frame(platformHubSpot, "Error"),
			Head:  "You don't have permission to connect this app",
			Text:  fmt.Sprintf("Only a Super Admin of %s, or someone with App Marketplace access, can connect apps. Ask one of them to do it.", to.name),
			Next:  next,
		})
		return &a
	}
	for _, scope := range ask.required {
		if slices.Contains(to.lacks, scope) {
			a := w.page(http.StatusForbidden, "error.html", ErrorPage{
				Frame: w.frame(platformHubSpot, "Error"),
				Head:  "This app can't be connected to your account",
				Text:  fmt.Sprintf("The app requires %s, and the plan of %s does not include it.", scope, to.name),
				Next:  next,
			})
			return &a
		}
	}
	return nil
}

func (w *World) hubspotStop(r *http.Request, head, text string) Response {
	return w.page(http.StatusForbidden, "error.html", ErrorPage{Frame: w.frame(platformHubSpot, "Error"), Head: head, Text: text, Next: r.URL.RequestURI()})
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
	case "crm.objects.contacts.write":
		return "Add and change contacts (crm.objects.contacts.write)"
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
func (w *World) hubspotDecide(r *http.Request) Response {
	path, q := NextQuery(r)
	ask, wrong := w.readHubSpotAsking(path, q)
	if wrong != nil {
		return w.refusal(platformHubSpot, http.StatusBadRequest, wrong.Head, wrong.Text)
	}
	key := w.signedIn(platformHubSpot, r)
	person := w.hubspot.people[key]
	if person == nil {
		return Redirect(LocalPath(r.PostFormValue("next"))) // the sign-in ended meanwhile
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
		return Redirect(w.sendBack(platformHubSpot, key, ask.AuthRequest, hubspotDenied()))
	}
	if stop := w.hubspotMayNot(r.PostFormValue("next"), ask, key, to, person); stop != nil {
		return *stop
	}
	value := w.issueCode(Code{
		platform: platformHubSpot, Person: key, Redirect: ask.Redirect, Challenge: ask.Challenge,
		Account: strconv.FormatInt(hub, 10), Scopes: w.hubspotGranted(ask, key, to),
	})
	return Redirect(w.sendBack(platformHubSpot, key, ask.AuthRequest, url.Values{"code": {value}}))
}
