package googlesheetsfake

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

// authRequest is a validated authorization URL.
type authRequest struct {
	sandbox.AuthRequest
	prompt  []string
	offline bool
	pick    bool
	many    bool
	files   []string // of file_ids: the Picker shows only these
	hint    string
}

// authParams are the extra parameters of the authorization URL.
// https://developers.google.com/identity/protocols/oauth2/web-server
// https://developers.google.com/workspace/drive/picker/guides/desktop-mobile-picker
func authParams() []string {
	return []string{
		"response_type", "scope", "access_type", "prompt", "include_granted_scopes", "login_hint",
		"trigger_onepick", "allow_multiple", "mimetypes", "file_ids",
	}
}

func (f *Fake) readAuthRequest(query url.Values) (authRequest, *sandbox.Problem) {
	common, wrong := f.env.ReadAuthRequest(query, authParams()...)
	if wrong != nil {
		return authRequest{}, wrong
	}
	ask := authRequest{
		AuthRequest: common,
		prompt:      strings.Fields(query.Get("prompt")),
		offline:     query.Get("access_type") == "offline",
		pick:        query.Get("trigger_onepick") == "true",
		many:        query.Get("allow_multiple") == "true",
		hint:        query.Get("login_hint"),
	}
	if ids := query.Get("file_ids"); ids != "" {
		ask.files = strings.Split(ids, ",")
	}
	return ask, ask.wrong(query)
}

// refuseRequest refuses an authorization URL.
func refuseRequest(text string) *sandbox.Problem {
	return &sandbox.Problem{Head: "Access blocked: this app’s request is invalid", Text: text}
}

// wrong returns a violation of the documentation in a URL; nil: it is valid.
func (ask authRequest) wrong(query url.Values) *sandbox.Problem {
	if query.Get("response_type") != "code" {
		return refuseRequest("Error 400: invalid_request. The response_type has to be code.")
	}
	scopes := strings.Fields(query.Get("scope"))
	if len(scopes) == 0 {
		return refuseRequest("Error 400: invalid_request. Missing required parameter: scope.")
	}
	if ask.pick {
		if wrong := ask.wrongPick(query, scopes); wrong != nil {
			return wrong
		}
	}
	for _, scope := range scopes {
		if scope != driveScope {
			text := "Error 400: invalid_scope. This app is registered for drive.file alone, not for %q."
			return refuseRequest(fmt.Sprintf(text, scope))
		}
	}
	for name, allowed := range map[string][]string{
		"access_type":            {"online", "offline"},
		"include_granted_scopes": {"true", "false"},
		"trigger_onepick":        {"true", "false"},
		"allow_multiple":         {"true", "false"},
	} {
		if query.Has(name) && !slices.Contains(allowed, query.Get(name)) {
			return refuseRequest(fmt.Sprintf("Error 400: invalid_request. Invalid %s.", name))
		}
	}
	for _, word := range ask.prompt {
		if !slices.Contains([]string{"consent", "select_account"}, word) {
			return refuseRequest(fmt.Sprintf("Error 400: invalid_request. Invalid prompt: %s.", word))
		}
	}
	return nil
}

// wrongPick is wrong for a URL with the Picker.
func (ask authRequest) wrongPick(query url.Values, scopes []string) *sandbox.Problem {
	switch {
	case len(scopes) != 1 || scopes[0] != driveScope:
		return refuseRequest("Error 400: invalid_scope. With trigger_onepick, drive.file has to be the only scope.")
	case query.Get("include_granted_scopes") == "true":
		return refuseRequest("Error 400: invalid_scope. With trigger_onepick, no other scope may come along.")
	case !slices.Contains(ask.prompt, "consent"):
		return refuseRequest("Error 400: invalid_request. With trigger_onepick, prompt has to contain consent.")
	}
	return nil
}

// auth is the first page: choose an account, then consent. A signed-in account
// is used at once, unless select_account forces a choice.
func (f *Fake) auth(r *http.Request) sandbox.Response {
	if f.env.IsOn("client_disabled", "") {
		return f.env.Refuse(http.StatusUnauthorized,
			"Access blocked: authorization error", "Error 401: disabled_client. The OAuth client was disabled.")
	}
	query := r.URL.Query()
	ask, wrong := f.readAuthRequest(query)
	if wrong != nil {
		return f.env.Refuse(http.StatusBadRequest, wrong.Head, wrong.Text)
	}
	next := "/signin/consent?" + r.URL.RawQuery
	cancel := f.back("", ask, url.Values{"error": {"access_denied"}})
	key := f.env.SignedIn(r)
	person := f.state.people[key]
	if person == nil {
		return f.env.SignIn(next, cancel)
	}
	if !slices.Contains(ask.prompt, "select_account") {
		return sandbox.Redirect(next)
	}
	name := cmp.Or(f.env.NameOf(key), person.email)
	return f.env.Page(http.StatusOK, "chooser.html", sandbox.ChooserPage{
		Frame:    f.env.Frame("Choose an account"),
		Head:     "Choose an account",
		Text:     "to continue to " + sandbox.AppName,
		Person:   name,
		Next:     r.URL.RequestURI(),
		Choose:   "/signin/account",
		Accounts: []sandbox.AccountButton{{ID: key, Name: name, Says: person.email, Initials: sandbox.Initials(name)}},
		Cancel:   cancel,
	})
}

// chooseAccount handles the chooser's form: the account that is signed in.
func (f *Fake) chooseAccount(r *http.Request) sandbox.Response {
	_, query := sandbox.NextQuery(r)
	if r.PostFormValue("account") != f.env.SignedIn(r) {
		return sandbox.Redirect("/o/oauth2/v2/auth?" + query.Encode())
	}
	return sandbox.Redirect("/signin/consent?" + query.Encode())
}

// enter parses the URL of a page after the account choice. A response replaces
// the page.
func (f *Fake) enter(r *http.Request, query url.Values) (string, authRequest, *sandbox.Response) {
	ask, wrong := f.readAuthRequest(query)
	if wrong != nil {
		a := f.env.Refuse(http.StatusBadRequest, wrong.Head, wrong.Text)
		return "", ask, &a
	}
	key := f.env.SignedIn(r)
	person := f.state.people[key]
	if person == nil {
		a := sandbox.Redirect("/o/oauth2/v2/auth?" + query.Encode())
		return "", ask, &a
	}
	if stop := f.mayNot(key, person, query); stop != nil {
		return key, ask, stop
	}
	return key, ask, nil
}

// mayNot stops people who may not connect the app, without a callback.
func (f *Fake) mayNot(key string, person *account, query url.Values) *sandbox.Response {
	stop := func(head, text string) *sandbox.Response {
		a := f.env.Page(http.StatusForbidden, "error.html", sandbox.ErrorPage{
			Frame: f.env.Frame("Error"), Head: head, Text: text, Next: "/o/oauth2/v2/auth?" + query.Encode(),
		})
		return &a
	}
	if person.blocked || f.env.IsOn("admin_blocks", key) {
		return stop("Access blocked: your institution’s admin needs to review "+sandbox.AppName,
			"Error 400: admin_policy_enforced. Ask the admin of "+person.email+" to allow the app in the Admin console.")
	}
	if f.env.IsOn("not_a_tester", key) {
		return stop("Access blocked: "+sandbox.AppName+" has not completed the verification process",
			"Error 403: access_denied. The app is being tested, and only testers that its developer has approved can use it.")
	}
	return nil
}

// consent shows the requested scopes.
func (f *Fake) consent(r *http.Request) sandbox.Response {
	key, ask, instead := f.enter(r, r.URL.Query())
	if instead != nil {
		return *instead
	}
	person := f.state.people[key]
	if len(ask.prompt) == 0 && f.state.grants[key] != nil && !f.state.grants[key].dead {
		return sandbox.Redirect(f.code(key, ask, nil)) // consented before: no page
	}
	p := sandbox.ConsentPage{
		Frame:   f.env.Frame("Allow access"),
		Head:    sandbox.AppName + " wants access to your Google Account",
		Text:    "You are signed in at simulated Google as:",
		Person:  cmp.Or(f.env.NameOf(key), person.email),
		Account: person.email,
		Asks:    []string{"See, edit, create and delete only the specific Google Drive files that you use with this app"},
		Next:    r.URL.RequestURI(),
		Decide:  "/signin/decide",
	}
	return f.env.Page(http.StatusOK, "consent.html", p)
}

// decide handles the form of the consent page.
func (f *Fake) decide(r *http.Request) sandbox.Response {
	_, query := sandbox.NextQuery(r)
	key, ask, instead := f.enter(r, query)
	if instead != nil {
		return *instead
	}
	if r.PostFormValue("decision") != "allow" {
		return sandbox.Redirect(f.back(key, ask, url.Values{"error": {"access_denied"}}))
	}
	if ask.pick && !f.env.IsOn("scope_unticked", key) {
		f.state.granted(key)
		return sandbox.Redirect("/picker?" + query.Encode())
	}
	return sandbox.Redirect(f.code(key, ask, nil))
}

// pickerPage is the Picker: checkboxes, or buttons if only one file can be
// picked.
type pickerPage struct {
	sandbox.Frame
	Person string
	Next   string
	Many   bool
	Files  []sandbox.Box
}

// picker lists the sheets that a person sees, including other people's.
func (f *Fake) picker(r *http.Request) sandbox.Response {
	key, ask, instead := f.enter(r, r.URL.Query())
	if instead != nil {
		return *instead
	}
	if !ask.pick || f.state.grants[key] == nil {
		return sandbox.Redirect("/signin/consent?" + r.URL.RawQuery)
	}
	p := pickerPage{
		Frame:  f.env.Frame("Select files"),
		Person: cmp.Or(f.env.NameOf(key), f.state.people[key].email),
		Next:   r.URL.RequestURI(),
		Many:   ask.many,
	}
	for _, file := range f.pickable(key, ask, r.URL.Query().Get("mimetypes")) {
		p.Files = append(p.Files, sandbox.Box{Value: file.id, Label: file.title, Says: f.where(key, file)})
	}
	return f.env.Page(http.StatusOK, "picker.html", p)
}

// pickable lists the Picker's files; every file here is a spreadsheet.
func (f *Fake) pickable(key string, ask authRequest, types string) []*spreadsheet {
	if types != "" && !slices.Contains(strings.Split(types, ","), sheetType) {
		return nil
	}
	return slices.DeleteFunc(f.state.visible(key), func(file *spreadsheet) bool {
		return ask.files != nil && !slices.Contains(ask.files, file.id)
	})
}

// where names a file's owner.
func (f *Fake) where(key string, file *spreadsheet) string {
	where := "In a shared drive"
	if file.owner == key {
		where = "Owned by me"
	} else if owner := f.state.people[file.owner]; owner != nil {
		where = "Owned by " + owner.email
	}
	if !file.shared[key] {
		where += ", view only"
	}
	return where
}

// picked handles the Picker's form. An empty selection returns a code, too, as
// far as is known.
func (f *Fake) picked(r *http.Request) sandbox.Response {
	_, query := sandbox.NextQuery(r)
	key, ask, instead := f.enter(r, query)
	if instead != nil {
		return *instead
	}
	if r.PostFormValue("decision") != "select" {
		return sandbox.Redirect(f.back(key, ask, url.Values{"error": {"access_denied"}}))
	}
	ids := r.PostForm["file"]
	shown := f.pickable(key, ask, query.Get("mimetypes"))
	for _, id := range ids {
		if !slices.ContainsFunc(shown, func(file *spreadsheet) bool { return file.id == id }) {
			return f.env.Refuse(http.StatusBadRequest,
				"This file is not in the list", "Go back and choose one of the list.")
		}
	}
	if len(ids) > 1 && !ask.many {
		return f.env.Refuse(http.StatusBadRequest,
			"Only one file can be picked", "Go back and choose one.")
	}
	return sandbox.Redirect(f.code(key, ask, ids))
}

// code stores the grant and returns the callback URL with a code.
func (f *Fake) code(key string, ask authRequest, ids []string) string {
	values := url.Values{"authuser": {"0"}, "prompt": {"consent"}}
	var scopes []string
	if !f.env.IsOn("scope_unticked", key) {
		scopes = []string{driveScope}
		grant := f.state.granted(key)
		for _, id := range ids {
			grant.files[id] = true
		}
	}
	value := f.env.IssueCode(sandbox.Code{

		Person:    key,
		Redirect:  ask.Redirect,
		Challenge: ask.Challenge,
		Account:   f.lasting(key, ask),
		Scopes:    scopes,
	})
	values.Set("code", value)
	values.Set("scope", strings.Join(scopes, " "))
	if len(ids) > 0 {
		values.Set("picked_file_ids", strings.Join(ids, ","))
	}
	return f.back(key, ask, values)
}

// lasting returns "offline" if an exchange includes a refresh token: only with
// offline access, and only at the first consent or with prompt=consent.
func (f *Fake) lasting(key string, ask authRequest) string {
	grant := f.state.grants[key]
	first := grant == nil || len(grant.live) == 0
	if !ask.offline || !first && !slices.Contains(ask.prompt, "consent") ||
		f.env.IsOn("no_refresh_token", key) {
		return ""
	}
	return "offline"
}

// back is the callback URL, with Google's iss.
func (f *Fake) back(key string, ask authRequest, values url.Values) string {
	values.Set("iss", issuer)
	return f.env.SendBack(key, ask.AuthRequest, values)
}
