package sandbox

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// googleAsking is an authorize address, read and found to be in order.
type googleAsking struct {
	AuthRequest
	prompt  []string
	offline bool
	pick    bool
	many    bool
	files   []string // of file_ids: the Picker shows these alone
	hint    string
}

// googleAuthParams are what the authorize address takes beside the common ones.
// https://developers.google.com/identity/protocols/oauth2/web-server
// https://developers.google.com/workspace/drive/picker/guides/desktop-mobile-picker
func googleAuthParams() []string {
	return []string{
		"response_type", "scope", "access_type", "prompt", "include_granted_scopes", "login_hint",
		"trigger_onepick", "allow_multiple", "mimetypes", "file_ids",
	}
}

func (w *World) readGoogleAsking(q url.Values) (googleAsking, *Problem) {
	common, wrong := w.readAsking(platformGoogleSheets, q, googleAuthParams()...)
	if wrong != nil {
		return googleAsking{}, wrong
	}
	ask := googleAsking{
		AuthRequest: common,
		prompt:      strings.Fields(q.Get("prompt")),
		offline:     q.Get("access_type") == "offline",
		pick:        q.Get("trigger_onepick") == "true",
		many:        q.Get("allow_multiple") == "true",
		hint:        q.Get("login_hint"),
	}
	if ids := q.Get("file_ids"); ids != "" {
		ask.files = strings.Split(ids, ",")
	}
	return ask, ask.wrong(q)
}

// wrong says what of an address is not as documented.
func (ask googleAsking) wrong(q url.Values) *Problem {
	refuse := func(text string) *Problem { return &Problem{"Access blocked: this app’s request is invalid", text} }
	if q.Get("response_type") != "code" {
		return refuse("Error 400: invalid_request. The response_type has to be code.")
	}
	scopes := strings.Fields(q.Get("scope"))
	if len(scopes) == 0 {
		return refuse("Error 400: invalid_request. Missing required parameter: scope.")
	}
	if ask.pick && (len(scopes) != 1 || scopes[0] != googleScope) {
		return refuse("Error 400: invalid_scope. With trigger_onepick, drive.file has to be the only scope.")
	}
	if ask.pick && q.Get("include_granted_scopes") == "true" {
		return refuse("Error 400: invalid_scope. With trigger_onepick, no other scope may come along.")
	}
	if ask.pick && !slices.Contains(ask.prompt, "consent") {
		return refuse("Error 400: invalid_request. With trigger_onepick, prompt has to contain consent.")
	}
	for _, scope := range scopes {
		if scope != googleScope {
			text := "Error 400: invalid_scope. This app is registered for drive.file alone, not for %q."
			return refuse(fmt.Sprintf(text, scope))
		}
	}
	for name, allowed := range map[string][]string{
		"access_type":            {"online", "offline"},
		"include_granted_scopes": {"true", "false"},
		"trigger_onepick":        {"true", "false"},
		"allow_multiple":         {"true", "false"},
	} {
		if q.Has(name) && !slices.Contains(allowed, q.Get(name)) {
			return refuse(fmt.Sprintf("Error 400: invalid_request. Invalid %s.", name))
		}
	}
	for _, word := range ask.prompt {
		if !slices.Contains([]string{"consent", "select_account"}, word) {
			return refuse(fmt.Sprintf("Error 400: invalid_request. Invalid prompt: %s.", word))
		}
	}
	return nil
}

// googleAuth is the way in: choose an account, then consent. Whoever is signed
// in is taken at once, unless select_account wants them to choose.
func (w *World) googleAuth(r *http.Request) Response {
	if w.isOn(platformGoogleSheets, "client_disabled", "") {
		return w.refusal(platformGoogleSheets, http.StatusUnauthorized,
			"Access blocked: authorization error", "Error 401: disabled_client. The OAuth client was disabled.")
	}
	q := r.URL.Query()
	ask, wrong := w.readGoogleAsking(q)
	if wrong != nil {
		return w.refusal(platformGoogleSheets, http.StatusBadRequest, wrong.Head, wrong.Text)
	}
	next := "/signin/consent?" + r.URL.RawQuery
	cancel := w.googleBack("", ask, url.Values{"error": {"access_denied"}})
	key := w.signedIn(platformGoogleSheets, r)
	person := w.google.people[key]
	if person == nil {
		return w.signIn(platformGoogleSheets, next, cancel)
	}
	if !slices.Contains(ask.prompt, "select_account") {
		return Redirect(next)
	}
	name := cmp.Or(nameOf(platformGoogleSheets, key), person.email)
	return w.page(http.StatusOK, "chooser.html", ChooserPage{
		Frame:    w.frame(platformGoogleSheets, "Choose an account"),
		Head:     "Choose an account",
		Text:     "to continue to " + AppName,
		Person:   name,
		Next:     r.URL.RequestURI(),
		Choose:   "/signin/account",
		Accounts: []AccountButton{{ID: key, Name: name, Says: person.email, Initials: Initials(name)}},
		Cancel:   cancel,
	})
}

// googleAccount is the form of the chooser: its one account is who is signed in.
func (w *World) googleAccount(r *http.Request) Response {
	_, q := NextQuery(r)
	if r.PostFormValue("account") != w.signedIn(platformGoogleSheets, r) {
		return Redirect("/o/oauth2/v2/auth?" + q.Encode())
	}
	return Redirect("/signin/consent?" + q.Encode())
}

// googleEnter reads the address of a page behind the account's choice. An
// answer is what to show instead.
func (w *World) googleEnter(r *http.Request, q url.Values) (string, googleAsking, *Response) {
	ask, wrong := w.readGoogleAsking(q)
	if wrong != nil {
		a := w.refusal(platformGoogleSheets, http.StatusBadRequest, wrong.Head, wrong.Text)
		return "", ask, &a
	}
	key := w.signedIn(platformGoogleSheets, r)
	person := w.google.people[key]
	if person == nil {
		a := Redirect("/o/oauth2/v2/auth?" + q.Encode())
		return "", ask, &a
	}
	if stop := w.googleMayNot(key, person, q); stop != nil {
		return key, ask, stop
	}
	return key, ask, nil
}

// googleMayNot stops who may not connect the app. Nobody comes back from there.
func (w *World) googleMayNot(key string, person *googlePerson, q url.Values) *Response {
	stop := func(head, text string) *Response {
		a := w.page(http.StatusForbidden, "error.html", ErrorPage{
			Frame: w.frame(platformGoogleSheets, "Error"), Head: head, Text: text, Next: "/o/oauth2/v2/auth?" + q.Encode(),
		})
		return &a
	}
	if person.blocked || w.isOn(platformGoogleSheets, "admin_blocks", key) {
		return stop("Access blocked: your institution’s admin needs to review "+AppName,
			"Error 400: admin_policy_enforced. Ask the admin of "+person.email+" to allow the app in the Admin console.")
	}
	if w.isOn(platformGoogleSheets, "not_a_tester", key) {
		return stop("Access blocked: "+AppName+" has not completed the verification process",
			"Error 403: access_denied. The app is being tested, and only testers that its developer has approved can use it.")
	}
	return nil
}

// googleConsent shows what is asked.
func (w *World) googleConsent(r *http.Request) Response {
	key, ask, instead := w.googleEnter(r, r.URL.Query())
	if instead != nil {
		return *instead
	}
	person := w.google.people[key]
	if len(ask.prompt) == 0 && w.google.grants[key] != nil && !w.google.grants[key].dead {
		return Redirect(w.googleCode(key, ask, nil)) // given before: nothing is asked
	}
	p := ConsentPage{
		Frame:   w.frame(platformGoogleSheets, "Allow access"),
		Head:    AppName + " wants access to your Google Account",
		Text:    "You are signed in at pretend Google as:",
		Person:  cmp.Or(nameOf(platformGoogleSheets, key), person.email),
		Account: person.email,
		Asks:    []string{"See, edit, create and delete only the specific Google Drive files that you use with this app"},
		Next:    r.URL.RequestURI(),
		Decide:  "/signin/decide",
	}
	return w.page(http.StatusOK, "consent.html", p)
}

// googleDecide is the form of the consent page.
func (w *World) googleDecide(r *http.Request) Response {
	_, q := NextQuery(r)
	key, ask, instead := w.googleEnter(r, q)
	if instead != nil {
		return *instead
	}
	if r.PostFormValue("decision") != "allow" {
		return Redirect(w.googleBack(key, ask, url.Values{"error": {"access_denied"}}))
	}
	if ask.pick && !w.isOn(platformGoogleSheets, "scope_unticked", key) {
		w.google.granted(key)
		return Redirect("/picker?" + q.Encode())
	}
	return Redirect(w.googleCode(key, ask, nil))
}

// pickerPage is the Picker: a list of boxes, or of buttons where one is taken.
type pickerPage struct {
	Frame
	Person string
	Next   string
	Many   bool
	Files  []Box
}

// googlePicker lists the sheets that a person sees, those of others too.
func (w *World) googlePicker(r *http.Request) Response {
	key, ask, instead := w.googleEnter(r, r.URL.Query())
	if instead != nil {
		return *instead
	}
	if !ask.pick || w.google.grants[key] == nil {
		return Redirect("/signin/consent?" + r.URL.RawQuery)
	}
	p := pickerPage{
		Frame:  w.frame(platformGoogleSheets, "Select files"),
		Person: cmp.Or(nameOf(platformGoogleSheets, key), w.google.people[key].email),
		Next:   r.URL.RequestURI(),
		Many:   ask.many,
	}
	for _, f := range w.googlePickable(key, ask, r.URL.Query().Get("mimetypes")) {
		p.Files = append(p.Files, Box{Value: f.id, Label: f.title, Says: w.googleWhere(key, f)})
	}
	return w.page(http.StatusOK, "picker.html", p)
}

// googlePickable is what the Picker shows; every file here is a spreadsheet.
func (w *World) googlePickable(key string, ask googleAsking, types string) []*googleFile {
	if types != "" && !slices.Contains(strings.Split(types, ","), googleSheetType) {
		return nil
	}
	return slices.DeleteFunc(w.google.visible(key), func(f *googleFile) bool {
		return ask.files != nil && !slices.Contains(ask.files, f.id)
	})
}

// googleWhere says whose a file is.
func (w *World) googleWhere(key string, f *googleFile) string {
	where := "In a shared drive"
	if f.owner == key {
		where = "Owned by me"
	} else if owner := w.google.people[f.owner]; owner != nil {
		where = "Owned by " + owner.email
	}
	if !f.shared[key] {
		where += ", view only"
	}
	return where
}

// googlePicked is the form of the Picker. Nothing ticked sends a code all the
// same, as far as is known.
func (w *World) googlePicked(r *http.Request) Response {
	_, q := NextQuery(r)
	key, ask, instead := w.googleEnter(r, q)
	if instead != nil {
		return *instead
	}
	if r.PostFormValue("decision") != "select" {
		return Redirect(w.googleBack(key, ask, url.Values{"error": {"access_denied"}}))
	}
	ids := r.PostForm["file"]
	shown := w.googlePickable(key, ask, q.Get("mimetypes"))
	for _, id := range ids {
		if !slices.ContainsFunc(shown, func(f *googleFile) bool { return f.id == id }) {
			return w.refusal(platformGoogleSheets, http.StatusBadRequest,
				"This file is not in the list", "Go back and choose one of the list.")
		}
	}
	if len(ids) > 1 && !ask.many {
		return w.refusal(platformGoogleSheets, http.StatusBadRequest,
			"Only one file can be picked", "Go back and choose one.")
	}
	return Redirect(w.googleCode(key, ask, ids))
}

// googleCode gives the app what was asked, and sends the person back with it.
func (w *World) googleCode(key string, ask googleAsking, ids []string) string {
	values := url.Values{"authuser": {"0"}, "prompt": {"consent"}}
	var scopes []string
	if !w.isOn(platformGoogleSheets, "scope_unticked", key) {
		scopes = []string{googleScope}
		grant := w.google.granted(key)
		for _, id := range ids {
			grant.files[id] = true
		}
	}
	value := w.issueCode(Code{
		platform:  platformGoogleSheets,
		Person:    key,
		Redirect:  ask.Redirect,
		Challenge: ask.Challenge,
		Account:   w.googleLasting(key, ask),
		Scopes:    scopes,
	})
	values.Set("code", value)
	values.Set("scope", strings.Join(scopes, " "))
	if len(ids) > 0 {
		values.Set("picked_file_ids", strings.Join(ids, ","))
	}
	return w.googleBack(key, ask, values)
}

// googleLasting says whether an exchange gives a refresh token: offline alone,
// and only with the first consent unless prompt=consent asks anew.
func (w *World) googleLasting(key string, ask googleAsking) string {
	grant := w.google.grants[key]
	first := grant == nil || len(grant.live) == 0
	if !ask.offline || !first && !slices.Contains(ask.prompt, "consent") ||
		w.isOn(platformGoogleSheets, "no_refresh_token", key) {
		return ""
	}
	return "offline"
}

// googleBack is the way back, with Google's name in it.
func (w *World) googleBack(key string, ask googleAsking, values url.Values) string {
	values.Set("iss", googleIssuer)
	return w.sendBack(platformGoogleSheets, key, ask.AuthRequest, values)
}
