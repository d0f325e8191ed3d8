package sandbox

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/webtest"
)

const (
	googleLeads     = "1Hp4LeadsAutumnCampaign_x7Qm2VbTnR5wKc8ZsYdJ"
	googleTradeFair = "1Hp4SharedDriveTradeFair_m8Rt3QxVb6WcLk2ZsYd"
	googlePriceList = "1Kw7OnlyReadPriceList_t5Yb9NcXr3QmVk6ZsWdHpJ"
)

// googleAddress is an authorize address with the Picker, as documented.
func googleAddress(w *World) url.Values {
	return url.Values{
		"client_id": {w.ClientID(platformGoogleSheets)}, "redirect_uri": {callback}, "response_type": {"code"},
		"scope": {googleScope}, "access_type": {"offline"}, "prompt": {"select_account consent"}, "state": {"s"},
		"include_granted_scopes": {"false"}, "trigger_onepick": {"true"}, "allow_multiple": {"true"},
		"mimetypes": {googleSheetType},
	}
}

// googleVisitor is at Google with an address; back is what they come back with.
func googleVisitor(t *testing.T, w *World, address url.Values) (v *webtest.Browser, back *url.Values) {
	t.Helper()
	v, back = webtest.New(), &url.Values{}
	v.OnRedirect(func(to *url.URL) bool {
		if strings.HasPrefix(to.String(), callback) {
			*back = to.Query()
			return false
		}
		return true
	})
	if err := v.Open(w.Server(platformGoogleSheets).URL() + "/o/oauth2/v2/auth?" + address.Encode()); err != nil {
		t.Fatal(err)
	}
	return v, back
}

// googlePick signs a person in who ticks these sheets; it gives the way back.
func googlePick(t *testing.T, w *World, person string, titles ...string) url.Values {
	t.Helper()
	v, back := googleVisitor(t, w, googleAddress(w))
	press := func(words string) {
		t.Helper()
		if err := v.Press(words); err != nil {
			t.Fatal(err)
		}
	}
	press(person)
	press("Allow")
	for _, title := range titles {
		if err := v.Tick(title); err != nil {
			t.Fatal(err)
		}
	}
	press("Select")
	return *back
}

func googleForm(w *World, more ...string) url.Values {
	form := url.Values{"client_id": {w.ClientID(platformGoogleSheets)},
		"client_secret": {w.ClientSecret(platformGoogleSheets)}}
	return with(form, more...)
}

func askGoogle(t *testing.T, w *World, form url.Values) said {
	t.Helper()
	return call(t, w.Server(platformGoogleSheets), "POST", "oauth2.googleapis.com", "/token", form)
}

// googleTokens exchanges a way back.
func googleTokens(t *testing.T, w *World, back url.Values) said {
	t.Helper()
	tokens := askGoogle(t, w, googleForm(w, "grant_type", "authorization_code", "code", back.Get("code"),
		"redirect_uri", callback))
	if tokens.status != http.StatusOK {
		t.Fatalf("exchanging: got %d %s", tokens.status, tokens.text)
	}
	return tokens
}

func googleGet(t *testing.T, w *World, host, path, token string) said {
	t.Helper()
	return call(t, w.Server(platformGoogleSheets), "GET", host, path, nil, "Authorization", "Bearer "+token)
}

func googleSend(t *testing.T, w *World, method, path, token, body string) said {
	t.Helper()
	r, err := http.NewRequest(method, w.Server(platformGoogleSheets).URL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Host = "sheets.googleapis.com"
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+token)
	return do(t, http.DefaultClient, r)
}

func TestGooglesWayThroughThePickerAsDocumented(t *testing.T) {
	w, _ := newWorld(t)
	back := googlePick(t, w, "Lars Holm", "Leads autumn campaign", "Trade fair contacts")
	if back.Get("picked_file_ids") != googleLeads+","+googleTradeFair || back.Get("scope") != googleScope ||
		back.Get("state") != "s" || back.Get("iss") != googleIssuer {
		t.Errorf("came back with %v", back)
	}
	tokens := googleTokens(t, w, back)
	access := tokens.str("access_token")
	if tokens.str("refresh_token") == "" || tokens.str("scope") != googleScope ||
		tokens.str("token_type") != "Bearer" || tokens.num("expires_in") != 3599 ||
		tokens.str("id_token") != "" || len(access) < 2000 || len(access) > 2048 {
		t.Errorf("exchanging: got %d characters and %s", len(access), tokens.text)
	}
	about := googleGet(t, w, "www.googleapis.com",
		"/drive/v3/about?fields=user(displayName,emailAddress,permissionId)", access)
	if about.str("user", "emailAddress") != "lars.holm@harbourpine.example" || about.str("user", "kind") != "" {
		t.Errorf("the account: got %s", about.text)
	}
	file := googleGet(t, w, "www.googleapis.com",
		"/drive/v3/files/"+googleTradeFair+"?supportsAllDrives=true&fields=id,trashed,"+
			"capabilities(canEdit),isAppAuthorized,owners(emailAddress)", access)
	if file.str("id") != googleTradeFair || file.json["trashed"] != false || file.json["isAppAuthorized"] != true ||
		file.json["owners"] != nil {
		t.Errorf("the file: got %s", file.text)
	}
	sheet := googleGet(t, w, "sheets.googleapis.com",
		"/v4/spreadsheets/"+googleLeads+"?fields=spreadsheetId,properties.title,sheets.properties.title", access)
	want := `{"properties":{"title":"Leads autumn campaign"},"sheets":[{"properties":{"title":"Sheet1"}},` +
		`{"properties":{"title":"Notes"}}],"spreadsheetId":"` + googleLeads + `"}`
	if sheet.text != want {
		t.Errorf("the sheet: got %s", sheet.text)
	}
}

func TestGoogleRefusesAddressesThatAreNotInOrder(t *testing.T) {
	w, _ := newWorld(t)
	w.AllowRedirect("http://access.example/callback")
	for _, wrong := range [][2]string{
		{"client_id", "another"}, {"redirect_uri", callback + "/"}, {"redirect_uri", "http://access.example/callback"},
		{"scope", ""}, {"scope", googleScope + " openid"}, {"scope", "openid"},
		{"scope", "https://www.googleapis.com/auth/spreadsheets"},
		{"prompt", ""}, {"prompt", "select_account"}, {"prompt", "consent please"}, {"include_granted_scopes", "true"},
		{"response_type", "token"}, {"response_type", ""}, {"access_type", "forever"}, {"trigger_onepick", "yes"},
		{"nonsense", "1"},
	} {
		v, back := googleVisitor(t, w, with(googleAddress(w), wrong[0], wrong[1]))
		if v.Page.Status != http.StatusBadRequest || len(*back) > 0 {
			t.Errorf("opening with %s=%q: got %d, want a page that says no", wrong[0], wrong[1], v.Page.Status)
		}
	}
}

func TestGoogleKeepsWhomTheirAdminBlocksAndWhoIsNoTester(t *testing.T) {
	w, _ := newWorld(t)
	if err := w.SetFaultFor(platformGoogleSheets, "not_a_tester", "priya-nair", true); err != nil {
		t.Fatal(err)
	}
	for person, reason := range map[string]string{
		"Tom Becker": "admin_policy_enforced", "Priya Nair": "Error 403: access_denied",
	} {
		v, back := googleVisitor(t, w, googleAddress(w))
		if err := v.Press(person); err != nil {
			t.Fatal(err)
		}
		if v.Page.Status != http.StatusForbidden || !v.Page.Says(reason) || len(*back) > 0 {
			t.Errorf("%s: got %d %q, back with %v", person, v.Page.Status, v.Page.Text(), *back)
		}
	}
}

func TestGoogleLetsPeopleCancelAndPickNothing(t *testing.T) {
	w, _ := newWorld(t)
	if back := googlePick(t, w, "Marta Lindqvist"); back.Get("code") == "" || back.Has("picked_file_ids") {
		t.Errorf("picking nothing: came back with %v", back)
	}
	v, back := googleVisitor(t, w, googleAddress(w))
	for _, words := range []string{"Priya Nair", "Allow", "Cancel"} {
		if err := v.Press(words); err != nil {
			t.Fatal(err)
		}
	}
	if back.Get("error") != "access_denied" || back.Has("code") {
		t.Errorf("cancelling in the Picker: came back with %v", *back)
	}
}

func TestThePickerShowsOnlyWhatThePersonSees(t *testing.T) {
	w, _ := newWorld(t)
	for query, want := range map[string][]string{
		"": {
			"Leads autumn campaign Owned by me", "Newsletter sign-ups Owned by me",
			"Price list 2026 Owned by ana@northlight.example, view only", "Trade fair contacts In a shared drive",
		},
		googleLeads: {"Leads autumn campaign Owned by me"},
	} {
		address := googleAddress(w)
		if query != "" {
			address.Set("file_ids", query)
		}
		v, _ := googleVisitor(t, w, address)
		if err := v.Press("Lars Holm"); err != nil {
			t.Fatal(err)
		}
		if err := v.Press("Allow"); err != nil {
			t.Fatal(err)
		}
		if got := v.Page.Boxes(); !slices.Equal(got, want) {
			t.Errorf("with file_ids=%q the Picker shows %q", query, got)
		}
	}
}

func TestGoogleRefusesCallsAboutWhatWasNotPicked(t *testing.T) {
	w, _ := newWorld(t)
	access := googleTokens(t, w, googlePick(t, w, "Lars Holm", "Leads autumn campaign")).str("access_token")
	for _, c := range []struct{ host, path string }{
		{"www.googleapis.com", "/drive/v3/files/" + googleTradeFair + "?supportsAllDrives=true"},
		{"sheets.googleapis.com", "/v4/spreadsheets/" + googleTradeFair},
		{"sheets.googleapis.com", "/v4/spreadsheets/" + googleTradeFair + "/values/Sheet1"},
		{"sheets.googleapis.com", "/v4/spreadsheets/" + "1Lu2ContactLensWaitingList_b4Tn8RxQm5VcKw7ZsY"},
		{"sheets.googleapis.com", "/v4/spreadsheets/nothing"},
	} {
		if a := googleGet(t, w, c.host, c.path, access); a.status != http.StatusNotFound {
			t.Errorf("%s: got %d %s, want 404", c.path, a.status, a.text)
		}
	}
	if a := googleGet(t, w, "openidconnect.googleapis.com", "/v1/userinfo", access); a.status != http.StatusUnauthorized {
		t.Errorf("userinfo: got %d, want 401", a.status)
	}
	if a := googleGet(t, w, "www.googleapis.com", "/drive/v3/about", access); a.status != http.StatusBadRequest {
		t.Errorf("about without fields: got %d, want 400", a.status)
	}
	for _, bad := range []string{"?fields=nonsense", "?colour=red"} {
		if a := googleGet(t, w, "www.googleapis.com", "/drive/v3/files/"+googleLeads+bad,
			access); a.status != http.StatusBadRequest {
			t.Errorf("a file with %s: got %d, want 400", bad, a.status)
		}
	}
	if a := googleGet(t, w, "sheets.googleapis.com", "/drive/v3/files/"+googleLeads,
		access); a.status != http.StatusNotFound {
		t.Errorf("a file at the Sheets API: got %d, want 404", a.status)
	}
}

func TestASharedDriveNeedsTheWordForIt(t *testing.T) {
	w, _ := newWorld(t)
	access := googleTokens(t, w, googlePick(t, w, "Lars Holm", "Trade fair contacts")).str("access_token")
	if a := googleGet(t, w, "www.googleapis.com", "/drive/v3/files/"+googleTradeFair,
		access); a.status != http.StatusNotFound {
		t.Errorf("without supportsAllDrives: got %d, want 404", a.status)
	}
	if a := googleGet(t, w, "www.googleapis.com", "/drive/v3/files/"+googleTradeFair+"?supportsAllDrives=true",
		access); a.status != http.StatusOK {
		t.Errorf("with it: got %d %s", a.status, a.text)
	}
}

func TestRowsAreWrittenAndReadAgain(t *testing.T) {
	w, _ := newWorld(t)
	access := googleTokens(t, w, googlePick(t, w, "Lars Holm", "Leads autumn campaign",
		"Price list 2026")).str("access_token")
	at := "/v4/spreadsheets/" + googleLeads + "/values/"
	appended := googleSend(t, w, "POST", at+"Sheet1!A1:append?valueInputOption=RAW", access,
		`{"values":[["Jonas Weber","jonas@customers.example",7]]}`)
	if appended.status != http.StatusOK || appended.num("updates", "updatedRows") != 1 || appended.num("updates",
		"updatedCells") != 3 {
		t.Fatalf("appending: got %d %s", appended.status, appended.text)
	}
	if a := googleSend(t, w, "PUT", at+"Sheet1!A2:B2?valueInputOption=USER_ENTERED", access,
		`{"range":"Sheet1!A2:B2","values":[["Maria E."]]}`); a.status != http.StatusOK {
		t.Errorf("changing a row: got %d %s", a.status, a.text)
	}
	read := googleGet(t, w, "sheets.googleapis.com", at+"Sheet1!A2:C?fields=values", access)
	if want := `{"values":[["Maria E.","maria@customers.example"],["Jonas Weber","jonas@customers.example",7]]}`; read.text != want {
		t.Errorf("reading: got %s", read.text)
	}
	for _, c := range []struct {
		method, path, body string
		status             int
	}{
		{"POST", at + "Sheet1!A1:append", `{"values":[["x"]]}`, http.StatusBadRequest},
		{"POST", at + "Sheet1!A1:append?valueInputOption=GUESS", `{"values":[["x"]]}`, http.StatusBadRequest},
		{"POST", at + "Sheet1!A1:append?valueInputOption=RAW", `{"values":[[{"a":1}]]}`, http.StatusBadRequest},
		{"POST", at + "Sheet1!A1:append?valueInputOption=RAW", `{"rows":[["x"]]}`, http.StatusBadRequest},
		{"POST", at + "Nowhere!A1:append?valueInputOption=RAW", `{"values":[["x"]]}`, http.StatusBadRequest},
		{"POST", "/v4/spreadsheets/" + googlePriceList + "/values/A1:append?valueInputOption=RAW", `{"values":[["x"]]}`,
			http.StatusForbidden},
	} {
		if a := googleSend(t, w, c.method, c.path, access, c.body); a.status != c.status {
			t.Errorf("%s %s %s: got %d %s, want %d", c.method, c.path, c.body, a.status, a.text, c.status)
		}
	}
	made := googleSend(t, w, "POST", "/v4/spreadsheets?fields=spreadsheetId,properties.title", access,
		`{"properties":{"title":"Leads"}}`)
	if made.str("properties", "title") != "Leads" || googleGet(t, w, "sheets.googleapis.com",
		"/v4/spreadsheets/"+made.str("spreadsheetId"), access).status != http.StatusOK {
		t.Errorf("making a sheet: got %d %s", made.status, made.text)
	}
}

func TestGoogleRefusesExchangesThatAreNotInOrder(t *testing.T) {
	w, c := newWorld(t)
	good := func() url.Values {
		return googleForm(w, "grant_type", "authorization_code", "redirect_uri", callback, "code", googlePick(t, w,
			"Priya Nair", "Waiting list").Get("code"))
	}
	for _, wrong := range []struct {
		name, value string
		status      int
		code        string
	}{
		{"client_id", "x", http.StatusUnauthorized, "invalid_client"},
		{"client_secret", "x", http.StatusUnauthorized, "invalid_client"},
		{"client_secret", "", http.StatusBadRequest, "invalid_request"},
		{"redirect_uri", callback + "/", http.StatusBadRequest, "redirect_uri_mismatch"},
		{"redirect_uri", "", http.StatusBadRequest, "invalid_request"},
		{"code", "x", http.StatusBadRequest, "invalid_grant"},
		{"code_verifier", strings.Repeat("x", 50), http.StatusBadRequest, "invalid_grant"},
		{"grant_type", "password", http.StatusBadRequest, "unsupported_grant_type"},
		{"scope", googleScope, http.StatusBadRequest, "invalid_request"},
	} {
		if a := askGoogle(t, w, with(good(), wrong.name, wrong.value)); a.status != wrong.status ||
			a.str("error") != wrong.code {
			t.Errorf("%s=%q: got %d %s, want %d %s", wrong.name, wrong.value, a.status, a.text, wrong.status, wrong.code)
		}
	}
	used := good()
	if a := askGoogle(t, w, used); a.status != http.StatusOK {
		t.Fatalf("exchanging: got %d %s", a.status, a.text)
	}
	late := good()
	c.pass(15 * time.Minute)
	for what, form := range map[string]url.Values{"a used code": used, "an old code": late} {
		if a := askGoogle(t, w, form); a.str("error") != "invalid_grant" {
			t.Errorf("%s: got %d %s", what, a.status, a.text)
		}
	}
}

func TestGoogleGivesARefreshTokenOnceUnlessAskedForConsent(t *testing.T) {
	w, _ := newWorld(t)
	address := googleAddress(w)
	for _, name := range []string{"trigger_onepick", "allow_multiple", "mimetypes", "prompt"} {
		address.Del(name)
	}
	for i, want := range []bool{true, false} {
		v, back := googleVisitor(t, w, address)
		if err := v.Press("Priya Nair"); err != nil {
			t.Fatal(err)
		}
		if i == 0 { // the second time nothing is asked
			if err := v.Press("Allow"); err != nil {
				t.Fatal(err)
			}
		}
		if got := googleTokens(t, w, *back).str("refresh_token") != ""; got != want {
			t.Errorf("consent %d gives a refresh token: %v, want %v", i+1, got, want)
		}
	}
}

func TestTheHundredAndFirstRefreshTokenEndsTheOldest(t *testing.T) {
	w, _ := newWorld(t)
	first := googleTokens(t, w, googlePick(t, w, "Priya Nair", "Waiting list")).str("refresh_token")
	renew := func(token string) said {
		return askGoogle(t, w, googleForm(w, "grant_type", "refresh_token", "refresh_token", token))
	}
	var second string
	for i := range googleRefreshTokens {
		if a := renew(first); a.status != http.StatusOK {
			t.Fatalf("with %d tokens: got %d %s", i+1, a.status, a.text)
		}
		token := googleTokens(t, w, googlePick(t, w, "Priya Nair", "Waiting list")).str("refresh_token")
		if i == 0 {
			second = token
		}
	}
	if a := renew(first); a.str("error") != "invalid_grant" {
		t.Errorf("the oldest of 101: got %d %s", a.status, a.text)
	}
	if a := renew(second); a.status != http.StatusOK || a.str("refresh_token") != "" {
		t.Errorf("the next one: got %d %s", a.status, a.text)
	}
}

func TestGooglesTokensEndInTime(t *testing.T) {
	w, c := newWorld(t)
	renew := func(tokens said) said {
		return askGoogle(t, w, googleForm(w, "grant_type", "refresh_token", "refresh_token", tokens.str("refresh_token")))
	}
	tokens := googleTokens(t, w, googlePick(t, w, "Priya Nair", "Waiting list"))
	c.pass(time.Hour)
	if a := googleGet(t, w, "www.googleapis.com", "/drive/v3/about?fields=user",
		tokens.str("access_token")); a.status != http.StatusUnauthorized {
		t.Errorf("after an hour: got %d", a.status)
	}
	c.pass(179 * 24 * time.Hour)
	if a := renew(tokens); a.status != http.StatusOK {
		t.Errorf("after half a year: got %d %s", a.status, a.text)
	}
	c.pass(181 * 24 * time.Hour)
	if a := renew(tokens); a.str("error_description") != "Token has been expired or revoked." {
		t.Errorf("after more: got %d %s", a.status, a.text)
	}
	if err := w.SetFault(platformGoogleSheets, "testing", true); err != nil {
		t.Fatal(err)
	}
	tokens = googleTokens(t, w, googlePick(t, w, "Priya Nair", "Waiting list"))
	if tokens.num("refresh_token_expires_in") != 604799 {
		t.Errorf("in testing: got %s", tokens.text)
	}
	c.pass(6 * 24 * time.Hour)
	if a := renew(tokens); a.status != http.StatusOK {
		t.Errorf("after six days: got %d %s", a.status, a.text)
	}
	c.pass(24 * time.Hour)
	if a := renew(tokens); a.str("error") != "invalid_grant" {
		t.Errorf("after seven days: got %d %s", a.status, a.text)
	}
}

func TestRevokingEndsEverythingThatThePersonGave(t *testing.T) {
	w, _ := newWorld(t)
	first := googleTokens(t, w, googlePick(t, w, "Lars Holm", "Leads autumn campaign"))
	second := googleTokens(t, w, googlePick(t, w, "Lars Holm", "Newsletter sign-ups"))
	other := googleTokens(t, w, googlePick(t, w, "Priya Nair", "Waiting list"))
	revoke := func(token string) said {
		return call(t, w.Server(platformGoogleSheets), "POST", "oauth2.googleapis.com", "/revoke", url.Values{"token": {token}})
	}
	if a := revoke("nothing"); a.status != http.StatusBadRequest || a.str("error") != "invalid_token" {
		t.Errorf("revoking nothing: got %d %s", a.status, a.text)
	}
	if a := revoke(first.str("refresh_token")); a.status != http.StatusOK {
		t.Fatalf("revoking: got %d %s", a.status, a.text)
	}
	for _, tokens := range []said{first, second} {
		if a := googleGet(t, w, "www.googleapis.com", "/drive/v3/about?fields=user",
			tokens.str("access_token")); a.status != http.StatusUnauthorized {
			t.Errorf("with an access token of the same person: got %d", a.status)
		}
		if a := askGoogle(t, w, googleForm(w, "grant_type", "refresh_token", "refresh_token",
			tokens.str("refresh_token"))); a.str("error") != "invalid_grant" {
			t.Errorf("with a refresh token of the same person: got %d %s", a.status, a.text)
		}
	}
	if a := googleGet(t, w, "www.googleapis.com", "/drive/v3/about?fields=user",
		other.str("access_token")); a.status != http.StatusOK {
		t.Errorf("another person: got %d", a.status)
	}
	again := googleTokens(t, w, googlePick(t, w, "Lars Holm", "Trade fair contacts")).str("access_token")
	if a := googleGet(t, w, "sheets.googleapis.com", "/v4/spreadsheets/"+googleLeads,
		again); a.status != http.StatusNotFound {
		t.Errorf("what was picked before the revoke: got %d, want 404", a.status)
	}
}

func TestGooglesAnswersToTooManyCalls(t *testing.T) {
	w, _ := newWorld(t)
	access := googleTokens(t, w, googlePick(t, w, "Lars Holm", "Leads autumn campaign")).str("access_token")
	for range googleCalls {
		if a := googleGet(t, w, "sheets.googleapis.com", "/v4/spreadsheets/"+googleLeads, access); a.status != http.StatusOK {
			t.Fatalf("got %d %s", a.status, a.text)
		}
	}
	if a := googleGet(t, w, "sheets.googleapis.com", "/v4/spreadsheets/"+googleLeads,
		access); a.status != http.StatusTooManyRequests || a.str("error", "status") != "RESOURCE_EXHAUSTED" {
		t.Errorf("one call too many: got %d %s", a.status, a.text)
	}
	if err := w.SetFaultFor(platformGoogleSheets, "throttled", "lars-holm", true); err != nil {
		t.Fatal(err)
	}
	if a := googleGet(t, w, "www.googleapis.com", "/drive/v3/about?fields=user",
		access); a.status != http.StatusForbidden || !strings.Contains(a.text, "userRateLimitExceeded") {
		t.Errorf("Drive, throttled: got %d %s", a.status, a.text)
	}
}

func TestGooglesActionsAreRealAndNamed(t *testing.T) {
	w, _ := newWorld(t)
	access := googleTokens(t, w, googlePick(t, w, "Lars Holm", "Price list 2026")).str("access_token")
	file := func() said {
		return googleGet(t, w, "www.googleapis.com",
			"/drive/v3/files/"+googlePriceList+"?fields=trashed,capabilities(canEdit)", access)
	}
	for _, c := range []struct{ action, person, want string }{
		{"make_editable", "lars-holm", `{"capabilities":{"canEdit":true},"trashed":false}`},
		{"make_read_only", "", `{"capabilities":{"canEdit":false},"trashed":false}`},
		{"trash", "", `{"capabilities":{"canEdit":false},"trashed":true}`},
		{"restore", "", `{"capabilities":{"canEdit":false},"trashed":false}`},
	} {
		if _, err := w.Trigger(Action{Platform: platformGoogleSheets, Action: c.action, Asset: googlePriceList,
			Person: c.person}); err != nil {
			t.Fatal(err)
		}
		if a := file(); a.text != c.want {
			t.Errorf("after %s: got %s", c.action, a.text)
		}
	}
	if _, err := w.Trigger(Action{Platform: platformGoogleSheets, Action: "unshare", Asset: googlePriceList}); err != nil {
		t.Fatal(err)
	}
	if a := file(); a.status != http.StatusNotFound {
		t.Errorf("after unshare: got %d %s", a.status, a.text)
	}
	for _, action := range []string{"trash", "unshare", "delete"} {
		if _, err := w.Trigger(Action{Platform: platformGoogleSheets, Action: action, Asset: "nowhere"}); err == nil {
			t.Errorf("%s of a sheet that is not there went well", action)
		}
	}
	view := w.State().Google.Grants
	if len(view) != 1 || view[0].Person != "lars-holm" || !view[0].Alive || view[0].RefreshTokens != 1 ||
		!slices.Equal(view[0].Sheets, []string{"Price list 2026"}) {
		t.Errorf("the state: got %+v", view)
	}
}
