package sandbox

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

const harbourDomain = "harbourpine.my.salesforce.com"

func salesforceAddress(w *World) url.Values {
	return url.Values{
		"client_id": {w.ClientID("salesforce")}, "redirect_uri": {callback}, "state": {"s1"}, "response_type": {"code"},
		"scope": {"api refresh_token"}, "code_challenge": {challengeOf(verifier)}, "code_challenge_method": {"S256"},
	}
}

func salesforceExchange(w *World, value string) url.Values {
	return url.Values{
		"grant_type": {"authorization_code"}, "client_id": {w.ClientID("salesforce")}, "client_secret": {w.ClientSecret("salesforce")},
		"redirect_uri": {callback}, "code": {value}, "code_verifier": {verifier},
	}
}

func salesforceRefresh(w *World, token string) url.Values {
	return url.Values{
		"grant_type": {"refresh_token"}, "client_id": {w.ClientID("salesforce")}, "client_secret": {w.ClientSecret("salesforce")}, "refresh_token": {token},
	}
}

func openSalesforce(t *testing.T, w *World, host string, changes ...string) *visitor {
	t.Helper()
	v := newVisitor(t)
	v.open(w.Server(platformSalesforce).URL() + "/" + host + "/services/oauth2/authorize?" + with(salesforceAddress(w), changes...).Encode())
	return v
}

// salesforceConnect walks a person through to a code.
func salesforceConnect(t *testing.T, w *World, host, person string) string {
	t.Helper()
	v := openSalesforce(t, w, host)
	v.press(person)
	v.press("Allow")
	if v.back.Get("state") != "s1" || v.back.Get("code") == "" {
		t.Fatalf("coming back from Salesforce: got %v, want a code and the state", v.back)
	}
	return v.back.Get("code")
}

func askSalesforce(t *testing.T, w *World, host, path string, form url.Values) said {
	t.Helper()
	return call(t, w.Server(platformSalesforce), "POST", host, "/services/oauth2/"+path, form)
}

// salesforceTokensOf connects a person at a host and gives the tokens.
func salesforceTokensOf(t *testing.T, w *World, host, person string) said {
	t.Helper()
	tokens := askSalesforce(t, w, host, "token", salesforceExchange(w, salesforceConnect(t, w, host, person)))
	if tokens.status != http.StatusOK {
		t.Fatalf("exchanging as %s: got %d %s, want 200", person, tokens.status, tokens.text)
	}
	return tokens
}

func readSalesforce(t *testing.T, w *World, host, path, token string) said {
	t.Helper()
	return call(t, w.Server(platformSalesforce), "GET", host, path, nil, "Authorization", "Bearer "+token)
}

const organisationQuery = "/services/data/v60.0/query?q=SELECT+Id,Name,OrganizationType,IsSandbox+FROM+Organization"

func TestSalesforceConnectsAtEachKindOfHost(t *testing.T) {
	w, _ := newWorld(t)
	for _, c := range []struct{ host, person, instance, login string }{
		{"login.salesforce.com", "Lars Holm", harbourDomain, "login.salesforce.com"},
		{harbourDomain, "Lars Holm", harbourDomain, "login.salesforce.com"},
		{"test.salesforce.com", "Petra Sund", "harbourpine--uat.sandbox.my.salesforce.com", "test.salesforce.com"},
	} {
		tokens := salesforceTokensOf(t, w, c.host, c.person)
		if tokens.str("instance_url") != "https://"+c.instance || !strings.HasPrefix(tokens.str("id"), "https://"+c.login+"/id/00D") {
			t.Errorf("connecting at %s: got %s", c.host, tokens.text)
		}
		if strings.Contains(tokens.text, "expires_in") || len(tokens.str("issued_at")) != 13 || tokens.str("refresh_token") == "" {
			t.Errorf("connecting at %s: got %s, want a refresh token, issued_at in milliseconds, and no expires_in", c.host, tokens.text)
		}
		about := readSalesforce(t, w, c.instance, organisationQuery, tokens.str("access_token"))
		if about.status != http.StatusOK || !strings.Contains(about.text, `"Name":"Harbour \u0026 Pine AB"`) || about.header.Get("Sforce-Limit-Info") == "" {
			t.Errorf("asking the organisation at %s: got %d %s", c.instance, about.status, about.text)
		}
		id := strings.TrimPrefix(tokens.str("id"), "https://"+c.login)
		if who := readSalesforce(t, w, c.login, id, tokens.str("access_token")); who.status != http.StatusOK || who.str("username") == "" {
			t.Errorf("asking the identity: got %d %s", who.status, who.text)
		}
	}
}

func TestSalesforceTakesAChallengeWithoutMethodAndNoAddressWithoutOne(t *testing.T) {
	w, _ := newWorld(t)
	v := openSalesforce(t, w, harbourDomain, "code_challenge_method", "")
	v.press("Lars Holm")
	v.press("Allow")
	if a := askSalesforce(t, w, harbourDomain, "token", salesforceExchange(w, v.back.Get("code"))); a.status != http.StatusOK {
		t.Errorf("exchanging after a challenge without method: got %d %s", a.status, a.text)
	}
	for _, wrong := range [][2]string{
		{"code_challenge", ""}, {"code_challenge", "short"}, {"code_challenge_method", "plain"}, {"client_id", "x"}, {"client_id", ""},
		{"redirect_uri", callback + "/"}, {"redirect_uri", ""}, {"response_type", "token"}, {"response_type", ""}, {"scope", "api everything"}, {"audience", "x"},
	} {
		if v := openSalesforce(t, w, harbourDomain, wrong[0], wrong[1]); v.status != http.StatusBadRequest || v.back != nil {
			t.Errorf("opening with %s=%q: got %d, want a page that says no", wrong[0], wrong[1], v.status)
		}
	}
}

func TestSalesforceKeepsWhoSignsInAtAnotherHost(t *testing.T) {
	w, _ := newWorld(t)
	for host, person := range map[string]string{"login.salesforce.com": "Petra Sund", "test.salesforce.com": "Lars Holm", harbourDomain: "Ana Ruiz"} {
		v := openSalesforce(t, w, host)
		v.press(person)
		if v.back != nil || v.status != http.StatusForbidden || !strings.Contains(textOf(v.page), "check your username") {
			t.Errorf("%s at %s: got %d %q", person, host, v.status, textOf(v.page))
		}
	}
	for _, host := range []string{"nobody.my.salesforce.com", "harbourpine.lightning.force.com"} {
		if v := openSalesforce(t, w, host); v.status != http.StatusBadRequest {
			t.Errorf("opening %s: got %d", host, v.status)
		}
		if a := askSalesforce(t, w, host, "token", salesforceRefresh(w, "x")); a.status != http.StatusMisdirectedRequest {
			t.Errorf("asking %s for tokens: got %d", host, a.status)
		}
	}
}

func TestSalesforceLetsInOnlyWhereTheAppIsInstalledAndAllowed(t *testing.T) {
	for _, c := range []struct{ fault, host, person, want, onPage string }{
		{"", "lumenoptics.my.salesforce.com", "Priya Nair", "OAUTH_EC_APP_NOT_FOUND", "app must be installed into org"},
		{"", harbourDomain, "Sync User", "OAUTH_APPROVAL_ERROR_GENERIC", "OAUTH_APPROVAL_ERROR_GENERIC"},
		{"not_approved", harbourDomain, "Lars Holm", "OAUTH_APPROVAL_ERROR_GENERIC", "OAUTH_APPROVAL_ERROR_GENERIC"},
		{"login_host_refuses", "login.salesforce.com", "Lars Holm", "OAUTH_EC_APP_NOT_FOUND", "app must be installed into org"},
	} {
		w, _ := newWorld(t)
		if c.fault != "" {
			if err := w.SetFault("salesforce", c.fault, true); err != nil {
				t.Fatal(err)
			}
		}
		v := openSalesforce(t, w, c.host)
		v.press(c.person)
		if v.back.Get("error") != c.want || v.back.Get("state") != "s1" || v.back.Get("code") != "" {
			t.Errorf("%s with %q: came back with %v, want %s", c.person, c.fault, v.back, c.want)
		}
		if err := w.SetFault("salesforce", "refused_on_page", true); err != nil {
			t.Fatal(err)
		}
		v = openSalesforce(t, w, c.host)
		v.press(c.person)
		if v.back != nil || v.status != http.StatusForbidden || !strings.Contains(textOf(v.page), c.onPage) {
			t.Errorf("%s on a page: got %d %q, back with %v", c.person, v.status, textOf(v.page), v.back)
		}
	}
}

func TestAnAdminInstallsTheAppOnce(t *testing.T) {
	w, _ := newWorld(t)
	link, err := url.Parse(w.Settings(platformSalesforce)["INSTALL_URL"])
	if err != nil {
		t.Fatal(err)
	}
	address := w.Server(platformSalesforce).URL() + "/" + link.Host + link.RequestURI()
	v := newVisitor(t)
	v.open(address)
	v.press("Elsa Lind")
	if v.status != http.StatusForbidden {
		t.Errorf("installing without being an admin: got %d %q", v.status, textOf(v.page))
	}
	v = newVisitor(t)
	v.open(address)
	v.press("Priya Nair")
	v.press("Allow")
	if !strings.Contains(textOf(v.page), "Installation complete") {
		t.Fatalf("installing: got %q", textOf(v.page))
	}
	salesforceTokensOf(t, w, "lumenoptics.my.salesforce.com", "Priya Nair")
	v = newVisitor(t)
	v.open(address + "X")
	if v.status != http.StatusNotFound {
		t.Errorf("another package: got %d", v.status)
	}
}

func TestSalesforceRefusesExchangesThatAreNotInOrder(t *testing.T) {
	w, c := newWorld(t)
	refused := func(what string, form url.Values, code, description string) {
		t.Helper()
		a := askSalesforce(t, w, harbourDomain, "token", form)
		if a.status != http.StatusBadRequest || a.str("error") != code || !strings.Contains(a.str("error_description"), description) || a.str("access_token") != "" {
			t.Errorf("exchanging with %s: got %d %s, want 400 %s", what, a.status, a.text, code)
		}
	}
	fresh := func() url.Values { return salesforceExchange(w, salesforceConnect(t, w, harbourDomain, "Lars Holm")) }
	good := fresh()
	refused("no secret", with(good, "client_secret", ""), "invalid_client", "")
	refused("a wrong secret", with(good, "client_secret", "x"), "invalid_client", "")
	refused("no client id", with(good, "client_id", ""), "invalid_request", "client_id")
	refused("another client id", with(good, "client_id", "x"), "invalid_client_id", "")
	refused("no redirect_uri", with(good, "redirect_uri", ""), "invalid_request", "")
	refused("another grant type", with(good, "grant_type", "password"), "unsupported_grant_type", "")
	refused("an unknown parameter", with(good, "audience", "x"), "invalid_request", "audience")
	refused("an unknown code", with(good, "code", "x"), "invalid_grant", "invalid authorization code")
	refused("no verifier", with(good, "code_verifier", ""), "invalid_grant", "verifier")
	refused("a code that was tried without verifier", good, "invalid_grant", "invalid authorization code")
	refused("a wrong verifier", with(fresh(), "code_verifier", strings.Repeat("x", 50)), "invalid_request", "verifier")
	refused("another redirect_uri", with(fresh(), "redirect_uri", "http://localhost:7420/other"), "redirect_uri_mismatch", "")

	late := fresh()
	c.pass(14 * time.Minute)
	if a := askSalesforce(t, w, harbourDomain, "token", late); a.status != http.StatusOK {
		t.Errorf("exchanging after 14 minutes: got %d %s, want 200", a.status, a.text)
	}
	refused("a used code", late, "invalid_grant", "invalid authorization code")
	late = fresh()
	c.pass(16 * time.Minute)
	refused("a code of 16 minutes ago", late, "invalid_grant", "expired authorization code")

	other := fresh()
	if a := askSalesforce(t, w, "northlight.my.salesforce.com", "token", other); a.status != http.StatusBadRequest {
		t.Errorf("exchanging at another organisation: got %d %s", a.status, a.text)
	}
	for fault, description := range map[string]string{"ip_restricted": "ip restricted"} {
		if err := w.SetFault("salesforce", fault, true); err != nil {
			t.Fatal(err)
		}
		refused(fault, fresh(), "invalid_grant", description)
		w.AllWell()
	}
	gone := fresh()
	if _, err := w.Trigger(Action{Platform: "salesforce", Action: "deactivate", Person: "lars-holm"}); err != nil {
		t.Fatal(err)
	}
	refused("a user who is switched off", gone, "inactive_user", "")
}

func TestSalesforceRotatesAndAReplayEndsEverything(t *testing.T) {
	w, _ := newWorld(t)
	first := salesforceTokensOf(t, w, harbourDomain, "Lars Holm")
	second := askSalesforce(t, w, harbourDomain, "token", salesforceRefresh(w, first.str("refresh_token")))
	if second.status != http.StatusOK || second.str("refresh_token") == first.str("refresh_token") || second.str("refresh_token") == "" {
		t.Fatalf("renewing: got %d %s, want another refresh token", second.status, second.text)
	}
	if a := readSalesforce(t, w, harbourDomain, organisationQuery, first.str("access_token")); a.status != http.StatusOK {
		t.Errorf("the access token of before a renewal: got %d %s, want that it lives on", a.status, a.text)
	}
	for _, token := range []string{first.str("refresh_token"), second.str("refresh_token")} {
		if a := askSalesforce(t, w, harbourDomain, "token", salesforceRefresh(w, token)); a.str("error") != "invalid_grant" || a.str("error_description") != "expired access/refresh token" {
			t.Errorf("renewing after the replay: got %d %s", a.status, a.text)
		}
	}
	if a := readSalesforce(t, w, harbourDomain, organisationQuery, second.str("access_token")); a.status != http.StatusUnauthorized || !strings.Contains(a.text, "INVALID_SESSION_ID") {
		t.Errorf("reading after the replay: got %d %s", a.status, a.text)
	}
}

func TestOfTwoSalesforceRenewalsAtOnceOneWinsAndBothLose(t *testing.T) {
	w, _ := newWorld(t)
	tokens := salesforceTokensOf(t, w, harbourDomain, "Lars Holm")
	results := make(chan said, 2)
	for range 2 {
		go func() {
			results <- askSalesforce(t, w, harbourDomain, "token", salesforceRefresh(w, tokens.str("refresh_token")))
		}()
	}
	won := ""
	for range 2 {
		if a := <-results; a.status == http.StatusOK {
			won = a.str("refresh_token")
		}
	}
	if won == "" {
		t.Fatal("neither renewal was let through")
	}
	if a := askSalesforce(t, w, harbourDomain, "token", salesforceRefresh(w, won)); a.status != http.StatusBadRequest {
		t.Errorf("renewing with what the winner got: got %d %s, want a refusal", a.status, a.text)
	}
}

func TestASixthSalesforceGrantEndsTheFirst(t *testing.T) {
	w, _ := newWorld(t)
	first := salesforceTokensOf(t, w, harbourDomain, "Lars Holm")
	for range 4 {
		salesforceTokensOf(t, w, harbourDomain, "Lars Holm")
	}
	if a := readSalesforce(t, w, harbourDomain, organisationQuery, first.str("access_token")); a.status != http.StatusOK {
		t.Fatalf("with five grants: got %d %s", a.status, a.text)
	}
	salesforceTokensOf(t, w, harbourDomain, "Lars Holm")
	if a := askSalesforce(t, w, harbourDomain, "token", salesforceRefresh(w, first.str("refresh_token"))); a.status != http.StatusBadRequest {
		t.Errorf("with six grants: got %d %s, want the first one ended", a.status, a.text)
	}
}

func TestSalesforceRevokesAGrantOnceAndSaysItInAForm(t *testing.T) {
	w, _ := newWorld(t)
	tokens := salesforceTokensOf(t, w, harbourDomain, "Lars Holm")
	form := url.Values{"token": {tokens.str("refresh_token")}}
	if a := askSalesforce(t, w, harbourDomain, "revoke", form); a.status != http.StatusOK || a.text != "" {
		t.Errorf("revoking: got %d %q, want 200 and nothing", a.status, a.text)
	}
	if a := askSalesforce(t, w, harbourDomain, "revoke", form); a.status != http.StatusBadRequest || !strings.HasPrefix(a.text, "error=invalid_token") {
		t.Errorf("revoking again: got %d %q", a.status, a.text)
	}
	if a := readSalesforce(t, w, harbourDomain, organisationQuery, tokens.str("access_token")); a.status != http.StatusUnauthorized {
		t.Errorf("reading after it: got %d", a.status)
	}
}

func TestSalesforceAnswersAtTheInstanceAlone(t *testing.T) {
	w, c := newWorld(t)
	tokens := salesforceTokensOf(t, w, "login.salesforce.com", "Lars Holm")
	for _, host := range []string{"login.salesforce.com", "northlight.my.salesforce.com"} {
		if a := readSalesforce(t, w, host, organisationQuery, tokens.str("access_token")); a.status != http.StatusUnauthorized || !strings.HasPrefix(a.text, "[") {
			t.Errorf("reading at %s: got %d %s, want 401 and a list", host, a.status, a.text)
		}
	}
	if _, err := w.Trigger(Action{Platform: "salesforce", Action: "move", Asset: salesforceID("00D5e0000010007")}); err != nil {
		t.Fatal(err)
	}
	if a := readSalesforce(t, w, harbourDomain, organisationQuery, tokens.str("access_token")); a.status != http.StatusUnauthorized {
		t.Errorf("reading at the old My Domain: got %d", a.status)
	}
	moved := askSalesforce(t, w, harbourDomain, "token", salesforceRefresh(w, tokens.str("refresh_token")))
	if moved.str("instance_url") != "https://harbourpine-group.my.salesforce.com" {
		t.Errorf("renewing at the old My Domain: got %s", moved.text)
	}
	if a := readSalesforce(t, w, "harbourpine-group.my.salesforce.com", organisationQuery, moved.str("access_token")); a.status != http.StatusOK {
		t.Errorf("reading at the new one: got %d %s", a.status, a.text)
	}
	about := askSalesforce(t, w, "harbourpine-group.my.salesforce.com", "introspect", url.Values{
		"token": {moved.str("access_token")}, "client_id": {w.ClientID("salesforce")}, "client_secret": {w.ClientSecret("salesforce")},
	})
	if about.num("exp") != float64(c.Now().Add(2*time.Hour).Unix()) || about.str("username") == "" {
		t.Errorf("introspecting: got %s, want the end of the session", about.text)
	}
	c.pass(2 * time.Hour)
	if a := readSalesforce(t, w, "harbourpine-group.my.salesforce.com", organisationQuery, moved.str("access_token")); a.status != http.StatusUnauthorized {
		t.Errorf("reading after the session: got %d", a.status)
	}
}

func TestSalesforceShowsEachUserTheirOwnObjects(t *testing.T) {
	w, _ := newWorld(t)
	for _, c := range []struct{ person, object, want string }{
		{"Lars Holm", "Lead", `"createable":true`}, {"Elsa Lind", "Lead", `"createable":false`}, {"Elsa Lind", "Contact", `"queryable":true`},
		{"Elsa Lind", "CampaignMember", "NOT_FOUND"}, {"Ida Berg", "Contact", "NOT_FOUND"}, {"Lars Holm", "Opportunity", "NOT_FOUND"},
		{"Kim Olsen", "Lead", "API_DISABLED_FOR_ORG"},
	} {
		token := salesforceTokensOf(t, w, harbourDomain, c.person).str("access_token")
		if a := readSalesforce(t, w, harbourDomain, "/services/data/v60.0/sobjects/"+c.object+"/describe", token); !strings.Contains(a.text, c.want) {
			t.Errorf("%s of %s: got %d %s, want %s", c.object, c.person, a.status, a.text, c.want)
		}
	}
	token := salesforceTokensOf(t, w, harbourDomain, "Ida Berg").str("access_token")
	for q, want := range map[string]string{
		"SELECT Id FROM Lead": "INVALID_TYPE", "SELECT Secret FROM Organization": "INVALID_FIELD", "DELETE FROM Lead": "MALFORMED_QUERY",
		"SELECT Id FROM CampaignMember LIMIT 2": `"totalSize":2`, "": "INVALID_QUERY_PARAMETER",
	} {
		if a := readSalesforce(t, w, harbourDomain, "/services/data/v60.0/query?"+url.Values{"q": {q}}.Encode(), token); !strings.Contains(a.text, want) {
			t.Errorf("asking %q: got %d %s, want %s", q, a.status, a.text, want)
		}
	}
	for path, want := range map[string]string{
		"/services/data/v12.0/limits": "UNSUPPORTED_API_VERSION", "/services/data/v99.0/limits": "NOT_FOUND", "/services/data/v60.0/limits?x=1": "INVALID_QUERY_PARAMETER",
		"/services/data/": `"label":"Summer '26"`, "/services/data/v60.0/": `"identity":"https://login.salesforce.com/id/`, "/services/data/v60.0/limits": "DailyApiRequests",
	} {
		if a := readSalesforce(t, w, harbourDomain, path, token); !strings.Contains(strings.ReplaceAll(a.text, `\u0027`, "'"), want) {
			t.Errorf("asking %s: got %d %s, want %s", path, a.status, a.text, want)
		}
	}
}

func TestSalesforceCountsTheCallsOfADay(t *testing.T) {
	w, _ := newWorld(t)
	token := salesforceTokensOf(t, w, harbourDomain, "Lars Holm").str("access_token")
	act := func(action string) {
		t.Helper()
		if _, err := w.Trigger(Action{Platform: "salesforce", Action: action, Asset: salesforceID("00D5e0000010007")}); err != nil {
			t.Fatal(err)
		}
	}
	if a := readSalesforce(t, w, harbourDomain, organisationQuery, token); a.header.Get("Sforce-Limit-Info") != "api-usage=1/5000" {
		t.Errorf("the first call: got %q", a.header.Get("Sforce-Limit-Info"))
	}
	act("use_up_calls")
	if a := readSalesforce(t, w, harbourDomain, organisationQuery, token); a.status != http.StatusForbidden || !strings.Contains(a.text, "REQUEST_LIMIT_EXCEEDED") {
		t.Errorf("with none left: got %d %s", a.status, a.text)
	}
	act("free_calls")
	if a := readSalesforce(t, w, harbourDomain, organisationQuery, token); a.status != http.StatusOK {
		t.Errorf("with some free again: got %d %s", a.status, a.text)
	}
	act("uninstall")
	if a := readSalesforce(t, w, harbourDomain, organisationQuery, token); a.status != http.StatusUnauthorized {
		t.Errorf("after the app was uninstalled: got %d %s", a.status, a.text)
	}
	v := openSalesforce(t, w, harbourDomain)
	v.press("Lars Holm")
	if v.back.Get("error") != "OAUTH_EC_APP_NOT_FOUND" {
		t.Errorf("signing in after it: came back with %v", v.back)
	}
}
