package googlesheetsfake

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/sandbox"
	"github.com/latchkeyhq/latchkey/internal/sandbox/sandboxtest"
	"github.com/latchkeyhq/latchkey/internal/webtest"
)

const (
	googleLeads     = "1Hp4LeadsAutumnCampaign_x7Qm2VbTnR5wKc8ZsYdJ"
	googleTradeFair = "1Hp4SharedDriveTradeFair_m8Rt3QxVb6WcLk2ZsYd"
	googlePriceList = "1Kw7OnlyReadPriceList_t5Yb9NcXr3QmVk6ZsWdHpJ"
)

// googleAddress is an authorization URL with the Picker, as documented.
func googleAddress(w *sandbox.World) url.Values {
	return url.Values{
		"client_id": {w.ClientID(platformName)}, "redirect_uri": {sandboxtest.Callback}, "response_type": {"code"},
		"scope": {driveScope}, "access_type": {"offline"}, "prompt": {"select_account consent"}, "state": {"s"},
		"include_granted_scopes": {"false"}, "trigger_onepick": {"true"}, "allow_multiple": {"true"},
		"mimetypes": {sheetType},
	}
}

// googleVisitor opens an authorization URL; back has the callback's query.
func googleVisitor(t *testing.T, w *sandbox.World, address url.Values) (v *webtest.Browser, back *url.Values) {
	t.Helper()
	v, back = webtest.New(), &url.Values{}
	v.OnRedirect(func(to *url.URL) bool {
		if strings.HasPrefix(to.String(), sandboxtest.Callback) {
			*back = to.Query()
			return false
		}
		return true
	})
	if err := v.Open(w.Server(platformName).URL() + "/o/oauth2/v2/auth?" + address.Encode()); err != nil {
		t.Fatal(err)
	}
	return v, back
}

// googlePick signs in as a person who ticks these sheets, and returns the
// callback's query.
func googlePick(t *testing.T, w *sandbox.World, person string, titles ...string) url.Values {
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

func googleForm(w *sandbox.World, more ...string) url.Values {
	form := url.Values{"client_id": {w.ClientID(platformName)},
		"client_secret": {w.ClientSecret(platformName)}}
	return sandboxtest.With(form, more...)
}

func askGoogle(t *testing.T, w *sandbox.World, form url.Values) sandboxtest.Reply {
	t.Helper()
	return sandboxtest.Call(t, w.Server(platformName), "POST", "oauth2.googleapis.com", "/token", form)
}

// googleTokens exchanges a callback's code.
func googleTokens(t *testing.T, w *sandbox.World, back url.Values) sandboxtest.Reply {
	t.Helper()
	tokens := askGoogle(t, w, googleForm(w, "grant_type", "authorization_code", "code", back.Get("code"),
		"redirect_uri", sandboxtest.Callback))
	if tokens.Status != http.StatusOK {
		t.Fatalf("exchanging: got %d %s", tokens.Status, tokens.Text)
	}
	return tokens
}

func googleGet(t *testing.T, w *sandbox.World, host, path, token string) sandboxtest.Reply {
	t.Helper()
	return sandboxtest.Call(t, w.Server(platformName), "GET", host, path, nil, "Authorization", "Bearer "+token)
}

func googleSend(t *testing.T, w *sandbox.World, method, path, token, body string) sandboxtest.Reply {
	t.Helper()
	r, err := http.NewRequest(method, w.Server(platformName).URL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Host = "sheets.googleapis.com"
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+token)
	return sandboxtest.Do(t, http.DefaultClient, r)
}

func TestGooglesWayThroughThePickerAsDocumented(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	back := googlePick(t, w, "Lars Holm", "Leads autumn campaign", "Trade fair contacts")
	if back.Get("picked_file_ids") != googleLeads+","+googleTradeFair || back.Get("scope") != driveScope ||
		back.Get("state") != "s" || back.Get("iss") != issuer {
		t.Errorf("came back with %v", back)
	}
	tokens := googleTokens(t, w, back)
	access := tokens.Str("access_token")
	if tokens.Str("refresh_token") == "" || tokens.Str("scope") != driveScope ||
		tokens.Str("token_type") != "Bearer" || tokens.Num("expires_in") != 3599 ||
		tokens.Str("id_token") != "" || len(access) < 2000 || len(access) > 2048 {
		t.Errorf("exchanging: got %d characters and %s", len(access), tokens.Text)
	}
	about := googleGet(t, w, "www.googleapis.com",
		"/drive/v3/about?fields=user(displayName,emailAddress,permissionId)", access)
	if about.Str("user", "emailAddress") != "lars.holm@harbourpine.example" || about.Str("user", "kind") != "" {
		t.Errorf("the account: got %s", about.Text)
	}
	file := googleGet(t, w, "www.googleapis.com",
		"/drive/v3/files/"+googleTradeFair+"?supportsAllDrives=true&fields=id,trashed,"+
			"capabilities(canEdit),isAppAuthorized,owners(emailAddress)", access)
	if file.Str("id") != googleTradeFair || file.JSON["trashed"] != false || file.JSON["isAppAuthorized"] != true ||
		file.JSON["owners"] != nil {
		t.Errorf("the file: got %s", file.Text)
	}
	sheet := googleGet(t, w, "sheets.googleapis.com",
		"/v4/spreadsheets/"+googleLeads+"?fields=spreadsheetId,properties.title,sheets.properties.title", access)
	want := `{"properties":{"title":"Leads autumn campaign"},"sheets":[{"properties":{"title":"Sheet1"}},` +
		`{"properties":{"title":"Notes"}}],"spreadsheetId":"` + googleLeads + `"}`
	if sheet.Text != want {
		t.Errorf("the sheet: got %s", sheet.Text)
	}
}

func TestGoogleRefusesAddressesThatAreNotInOrder(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	w.AllowRedirect("http://access.example/callback")
	for _, wrong := range [][2]string{
		{"client_id", "another"}, {"redirect_uri", sandboxtest.Callback + "/"},
		{"redirect_uri", "http://access.example/callback"},
		{"scope", ""}, {"scope", driveScope + " openid"}, {"scope", "openid"},
		{"scope", "https://www.googleapis.com/auth/spreadsheets"},
		{"prompt", ""}, {"prompt", "select_account"}, {"prompt", "consent please"}, {"include_granted_scopes", "true"},
		{"response_type", "token"}, {"response_type", ""}, {"access_type", "forever"}, {"trigger_onepick", "yes"},
		{"nonsense", "1"},
	} {
		v, back := googleVisitor(t, w, sandboxtest.With(googleAddress(w), wrong[0], wrong[1]))
		if v.Page.Status != http.StatusBadRequest || len(*back) > 0 {
			t.Errorf("opening with %s=%q: got %d, want a page that says no", wrong[0], wrong[1], v.Page.Status)
		}
	}
}

func TestGoogleKeepsWhomTheirAdminBlocksAndWhoIsNoTester(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	if err := w.SetFaultFor(platformName, "not_a_tester", "priya-nair", true); err != nil {
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
	w, _ := sandboxtest.New(t, New)
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
	w, _ := sandboxtest.New(t, New)
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
	w, _ := sandboxtest.New(t, New)
	access := googleTokens(t, w, googlePick(t, w, "Lars Holm", "Leads autumn campaign")).Str("access_token")
	for _, c := range []struct{ host, path string }{
		{"www.googleapis.com", "/drive/v3/files/" + googleTradeFair + "?supportsAllDrives=true"},
		{"sheets.googleapis.com", "/v4/spreadsheets/" + googleTradeFair},
		{"sheets.googleapis.com", "/v4/spreadsheets/" + googleTradeFair + "/values/Sheet1"},
		{"sheets.googleapis.com", "/v4/spreadsheets/" + "1Lu2ContactLensWaitingList_b4Tn8RxQm5VcKw7ZsY"},
		{"sheets.googleapis.com", "/v4/spreadsheets/nothing"},
	} {
		if a := googleGet(t, w, c.host, c.path, access); a.Status != http.StatusNotFound {
			t.Errorf("%s: got %d %s, want 404", c.path, a.Status, a.Text)
		}
	}
	if a := googleGet(t, w, "openidconnect.googleapis.com", "/v1/userinfo", access); a.Status != http.StatusUnauthorized {
		t.Errorf("userinfo: got %d, want 401", a.Status)
	}
	if a := googleGet(t, w, "www.googleapis.com", "/drive/v3/about", access); a.Status != http.StatusBadRequest {
		t.Errorf("about without fields: got %d, want 400", a.Status)
	}
	for _, bad := range []string{"?fields=nonsense", "?colour=red"} {
		if a := googleGet(t, w, "www.googleapis.com", "/drive/v3/files/"+googleLeads+bad,
			access); a.Status != http.StatusBadRequest {
			t.Errorf("a file with %s: got %d, want 400", bad, a.Status)
		}
	}
	if a := googleGet(t, w, "sheets.googleapis.com", "/drive/v3/files/"+googleLeads,
		access); a.Status != http.StatusNotFound {
		t.Errorf("a file at the Sheets API: got %d, want 404", a.Status)
	}
}

func TestASharedDriveNeedsTheWordForIt(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	access := googleTokens(t, w, googlePick(t, w, "Lars Holm", "Trade fair contacts")).Str("access_token")
	if a := googleGet(t, w, "www.googleapis.com", "/drive/v3/files/"+googleTradeFair,
		access); a.Status != http.StatusNotFound {
		t.Errorf("without supportsAllDrives: got %d, want 404", a.Status)
	}
	if a := googleGet(t, w, "www.googleapis.com", "/drive/v3/files/"+googleTradeFair+"?supportsAllDrives=true",
		access); a.Status != http.StatusOK {
		t.Errorf("with it: got %d %s", a.Status, a.Text)
	}
}

func TestRowsAreWrittenAndReadAgain(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	access := googleTokens(t, w, googlePick(t, w, "Lars Holm", "Leads autumn campaign",
		"Price list 2026")).Str("access_token")
	at := "/v4/spreadsheets/" + googleLeads + "/values/"
	appended := googleSend(t, w, "POST", at+"Sheet1!A1:append?valueInputOption=RAW", access,
		`{"values":[["Jonas Weber","jonas@customers.example",7]]}`)
	if appended.Status != http.StatusOK || appended.Num("updates", "updatedRows") != 1 || appended.Num("updates",
		"updatedCells") != 3 {
		t.Fatalf("appending: got %d %s", appended.Status, appended.Text)
	}
	if a := googleSend(t, w, "PUT", at+"Sheet1!A2:B2?valueInputOption=USER_ENTERED", access,
		`{"range":"Sheet1!A2:B2","values":[["Maria E."]]}`); a.Status != http.StatusOK {
		t.Errorf("changing a row: got %d %s", a.Status, a.Text)
	}
	read := googleGet(t, w, "sheets.googleapis.com", at+"Sheet1!A2:C?fields=values", access)
	want := `{"values":[["Maria E.","maria@customers.example"],["Jonas Weber","jonas@customers.example",7]]}`
	if read.Text != want {
		t.Errorf("reading: got %s", read.Text)
	}
	for _, c := range []struct {
		path, body string
		status     int
	}{
		{at + "Sheet1!A1:append", `{"values":[["x"]]}`, http.StatusBadRequest},
		{at + "Sheet1!A1:append?valueInputOption=GUESS", `{"values":[["x"]]}`, http.StatusBadRequest},
		{at + "Sheet1!A1:append?valueInputOption=RAW", `{"values":[[{"a":1}]]}`, http.StatusBadRequest},
		{at + "Sheet1!A1:append?valueInputOption=RAW", `{"rows":[["x"]]}`, http.StatusBadRequest},
		{at + "Nowhere!A1:append?valueInputOption=RAW", `{"values":[["x"]]}`, http.StatusBadRequest},
		{"/v4/spreadsheets/" + googlePriceList + "/values/A1:append?valueInputOption=RAW", `{"values":[["x"]]}`,
			http.StatusForbidden},
	} {
		if a := googleSend(t, w, "POST", c.path, access, c.body); a.Status != c.status {
			t.Errorf("POST %s %s: got %d %s, want %d", c.path, c.body, a.Status, a.Text, c.status)
		}
	}
	made := googleSend(t, w, "POST", "/v4/spreadsheets?fields=spreadsheetId,properties.title", access,
		`{"properties":{"title":"Leads"}}`)
	if made.Str("properties", "title") != "Leads" || googleGet(t, w, "sheets.googleapis.com",
		"/v4/spreadsheets/"+made.Str("spreadsheetId"), access).Status != http.StatusOK {
		t.Errorf("making a sheet: got %d %s", made.Status, made.Text)
	}
}

func TestGoogleRefusesExchangesThatAreNotInOrder(t *testing.T) {
	w, c := sandboxtest.New(t, New)
	good := func() url.Values {
		return googleForm(w, "grant_type", "authorization_code", "redirect_uri", sandboxtest.Callback, "code",
			googlePick(t, w,
				"Priya Nair", "Waiting list").Get("code"))
	}
	for _, wrong := range []struct {
		name, value string
		status      int
		code        string
	}{
		{name: "client_id", value: "x", status: http.StatusUnauthorized, code: "invalid_client"},
		{name: "client_secret", value: "x", status: http.StatusUnauthorized, code: "invalid_client"},
		{name: "client_secret", status: http.StatusBadRequest, code: "invalid_request"},
		{
			name: "redirect_uri", value: sandboxtest.Callback + "/", status: http.StatusBadRequest,
			code: "redirect_uri_mismatch",
		},
		{name: "redirect_uri", status: http.StatusBadRequest, code: "invalid_request"},
		{name: "code", value: "x", status: http.StatusBadRequest, code: "invalid_grant"},
		{name: "code_verifier", value: strings.Repeat("x", 50), status: http.StatusBadRequest, code: "invalid_grant"},
		{name: "grant_type", value: "password", status: http.StatusBadRequest, code: "unsupported_grant_type"},
		{name: "scope", value: driveScope, status: http.StatusBadRequest, code: "invalid_request"},
	} {
		if a := askGoogle(t, w, sandboxtest.With(good(), wrong.name, wrong.value)); a.Status != wrong.status ||
			a.Str("error") != wrong.code {
			t.Errorf("%s=%q: got %d %s, want %d %s", wrong.name, wrong.value, a.Status, a.Text, wrong.status, wrong.code)
		}
	}
	used := good()
	if a := askGoogle(t, w, used); a.Status != http.StatusOK {
		t.Fatalf("exchanging: got %d %s", a.Status, a.Text)
	}
	late := good()
	c.Pass(15 * time.Minute)
	for what, form := range map[string]url.Values{"a used code": used, "an old code": late} {
		if a := askGoogle(t, w, form); a.Str("error") != "invalid_grant" {
			t.Errorf("%s: got %d %s", what, a.Status, a.Text)
		}
	}
}

func TestGoogleGivesARefreshTokenOnceUnlessAskedForConsent(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	address := googleAddress(w)
	for _, name := range []string{"trigger_onepick", "allow_multiple", "mimetypes", "prompt"} {
		address.Del(name)
	}
	for i, want := range []bool{true, false} {
		v, back := googleVisitor(t, w, address)
		if err := v.Press("Priya Nair"); err != nil {
			t.Fatal(err)
		}
		if i == 0 { // the second time there is no page
			if err := v.Press("Allow"); err != nil {
				t.Fatal(err)
			}
		}
		if got := googleTokens(t, w, *back).Str("refresh_token") != ""; got != want {
			t.Errorf("consent %d gives a refresh token: %v, want %v", i+1, got, want)
		}
	}
}

func TestTheHundredAndFirstRefreshTokenEndsTheOldest(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	first := googleTokens(t, w, googlePick(t, w, "Priya Nair", "Waiting list")).Str("refresh_token")
	renew := func(token string) sandboxtest.Reply {
		return askGoogle(t, w, googleForm(w, "grant_type", "refresh_token", "refresh_token", token))
	}
	var second string
	for i := range refreshTokenLimit {
		if a := renew(first); a.Status != http.StatusOK {
			t.Fatalf("with %d tokens: got %d %s", i+1, a.Status, a.Text)
		}
		token := googleTokens(t, w, googlePick(t, w, "Priya Nair", "Waiting list")).Str("refresh_token")
		if i == 0 {
			second = token
		}
	}
	if a := renew(first); a.Str("error") != "invalid_grant" {
		t.Errorf("the oldest of 101: got %d %s", a.Status, a.Text)
	}
	if a := renew(second); a.Status != http.StatusOK || a.Str("refresh_token") != "" {
		t.Errorf("the next one: got %d %s", a.Status, a.Text)
	}
}

func TestGooglesTokensEndInTime(t *testing.T) {
	w, c := sandboxtest.New(t, New)
	renew := func(tokens sandboxtest.Reply) sandboxtest.Reply {
		return askGoogle(t, w, googleForm(w, "grant_type", "refresh_token", "refresh_token", tokens.Str("refresh_token")))
	}
	tokens := googleTokens(t, w, googlePick(t, w, "Priya Nair", "Waiting list"))
	c.Pass(time.Hour)
	if a := googleGet(t, w, "www.googleapis.com", "/drive/v3/about?fields=user",
		tokens.Str("access_token")); a.Status != http.StatusUnauthorized {
		t.Errorf("after an hour: got %d", a.Status)
	}
	c.Pass(179 * 24 * time.Hour)
	if a := renew(tokens); a.Status != http.StatusOK {
		t.Errorf("after half a year: got %d %s", a.Status, a.Text)
	}
	c.Pass(181 * 24 * time.Hour)
	if a := renew(tokens); a.Str("error_description") != "Token has been expired or revoked." {
		t.Errorf("after more: got %d %s", a.Status, a.Text)
	}
	if err := w.SetFault(platformName, "testing", true); err != nil {
		t.Fatal(err)
	}
	tokens = googleTokens(t, w, googlePick(t, w, "Priya Nair", "Waiting list"))
	if tokens.Num("refresh_token_expires_in") != 604799 {
		t.Errorf("in testing: got %s", tokens.Text)
	}
	c.Pass(6 * 24 * time.Hour)
	if a := renew(tokens); a.Status != http.StatusOK {
		t.Errorf("after six days: got %d %s", a.Status, a.Text)
	}
	c.Pass(24 * time.Hour)
	if a := renew(tokens); a.Str("error") != "invalid_grant" {
		t.Errorf("after seven days: got %d %s", a.Status, a.Text)
	}
}

func TestRevokingEndsEverythingThatThePersonGave(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	first := googleTokens(t, w, googlePick(t, w, "Lars Holm", "Leads autumn campaign"))
	second := googleTokens(t, w, googlePick(t, w, "Lars Holm", "Newsletter sign-ups"))
	other := googleTokens(t, w, googlePick(t, w, "Priya Nair", "Waiting list"))
	revoke := func(token string) sandboxtest.Reply {
		return sandboxtest.Call(t, w.Server(platformName), "POST", "oauth2.googleapis.com", "/revoke",
			url.Values{"token": {token}})
	}
	if a := revoke("nothing"); a.Status != http.StatusBadRequest || a.Str("error") != "invalid_token" {
		t.Errorf("revoking nothing: got %d %s", a.Status, a.Text)
	}
	if a := revoke(first.Str("refresh_token")); a.Status != http.StatusOK {
		t.Fatalf("revoking: got %d %s", a.Status, a.Text)
	}
	for _, tokens := range []sandboxtest.Reply{first, second} {
		if a := googleGet(t, w, "www.googleapis.com", "/drive/v3/about?fields=user",
			tokens.Str("access_token")); a.Status != http.StatusUnauthorized {
			t.Errorf("with an access token of the same person: got %d", a.Status)
		}
		if a := askGoogle(t, w, googleForm(w, "grant_type", "refresh_token", "refresh_token",
			tokens.Str("refresh_token"))); a.Str("error") != "invalid_grant" {
			t.Errorf("with a refresh token of the same person: got %d %s", a.Status, a.Text)
		}
	}
	if a := googleGet(t, w, "www.googleapis.com", "/drive/v3/about?fields=user",
		other.Str("access_token")); a.Status != http.StatusOK {
		t.Errorf("another person: got %d", a.Status)
	}
	again := googleTokens(t, w, googlePick(t, w, "Lars Holm", "Trade fair contacts")).Str("access_token")
	if a := googleGet(t, w, "sheets.googleapis.com", "/v4/spreadsheets/"+googleLeads,
		again); a.Status != http.StatusNotFound {
		t.Errorf("what was picked before the revoke: got %d, want 404", a.Status)
	}
}

func TestGooglesAnswersToTooManyCalls(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	access := googleTokens(t, w, googlePick(t, w, "Lars Holm", "Leads autumn campaign")).Str("access_token")
	for range callLimit {
		if a := googleGet(t, w, "sheets.googleapis.com", "/v4/spreadsheets/"+googleLeads, access); a.Status != http.StatusOK {
			t.Fatalf("got %d %s", a.Status, a.Text)
		}
	}
	if a := googleGet(t, w, "sheets.googleapis.com", "/v4/spreadsheets/"+googleLeads,
		access); a.Status != http.StatusTooManyRequests || a.Str("error", "status") != "RESOURCE_EXHAUSTED" {
		t.Errorf("one call too many: got %d %s", a.Status, a.Text)
	}
	if err := w.SetFaultFor(platformName, "throttled", "lars-holm", true); err != nil {
		t.Fatal(err)
	}
	if a := googleGet(t, w, "www.googleapis.com", "/drive/v3/about?fields=user",
		access); a.Status != http.StatusForbidden || !strings.Contains(a.Text, "userRateLimitExceeded") {
		t.Errorf("Drive, throttled: got %d %s", a.Status, a.Text)
	}
}

func TestGooglesActionsAreRealAndNamed(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	access := googleTokens(t, w, googlePick(t, w, "Lars Holm", "Price list 2026")).Str("access_token")
	file := func() sandboxtest.Reply {
		return googleGet(t, w, "www.googleapis.com",
			"/drive/v3/files/"+googlePriceList+"?fields=trashed,capabilities(canEdit)", access)
	}
	for _, c := range []struct{ action, person, want string }{
		{"make_editable", "lars-holm", `{"capabilities":{"canEdit":true},"trashed":false}`},
		{"make_read_only", "", `{"capabilities":{"canEdit":false},"trashed":false}`},
		{"trash", "", `{"capabilities":{"canEdit":false},"trashed":true}`},
		{"restore", "", `{"capabilities":{"canEdit":false},"trashed":false}`},
	} {
		if _, err := w.Trigger(sandbox.Action{Platform: platformName, Action: c.action, Asset: googlePriceList,
			Person: c.person}); err != nil {
			t.Fatal(err)
		}
		if a := file(); a.Text != c.want {
			t.Errorf("after %s: got %s", c.action, a.Text)
		}
	}
	if _, err := w.Trigger(sandbox.Action{Platform: platformName, Action: "unshare", Asset: googlePriceList}); err != nil {
		t.Fatal(err)
	}
	if a := file(); a.Status != http.StatusNotFound {
		t.Errorf("after unshare: got %d %s", a.Status, a.Text)
	}
	for _, action := range []string{"trash", "unshare", "delete"} {
		if _, err := w.Trigger(sandbox.Action{Platform: platformName, Action: action, Asset: "nowhere"}); err == nil {
			t.Errorf("%s of a sheet that is not there went well", action)
		}
	}
	view := w.State()[platformName].(View).Grants
	if len(view) != 1 || view[0].Person != "lars-holm" || !view[0].Alive || view[0].RefreshTokens != 1 ||
		!slices.Equal(view[0].Sheets, []string{"Price list 2026"}) {
		t.Errorf("the state: got %+v", view)
	}
}
