package salesforcefake

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/sandbox"
	"github.com/latchkeyhq/latchkey/internal/sandbox/sandboxtest"
)

const harbourDomain = "harbourpine.my.salesforce.com"

func salesforceAddress(w *sandbox.World) url.Values {
	return url.Values{
		"client_id": {w.ClientID("salesforce")}, "redirect_uri": {sandboxtest.Callback}, "state": {"s1"},
		"response_type": {"code"},
		"scope":         {"api refresh_token"}, "code_challenge": {sandboxtest.ChallengeOf(sandboxtest.Verifier)},
		"code_challenge_method": {"S256"},
	}
}

func salesforceExchange(w *sandbox.World, value string) url.Values {
	return url.Values{
		"grant_type": {"authorization_code"}, "client_id": {w.ClientID("salesforce")},
		"client_secret": {w.ClientSecret("salesforce")},
		"redirect_uri":  {sandboxtest.Callback}, "code": {value}, "code_verifier": {sandboxtest.Verifier},
	}
}

func salesforceRefresh(w *sandbox.World, token string) url.Values {
	return url.Values{
		"grant_type": {"refresh_token"}, "client_id": {w.ClientID("salesforce")},
		"client_secret": {w.ClientSecret("salesforce")}, "refresh_token": {token},
	}
}

func openSalesforce(t *testing.T, w *sandbox.World, host string, changes ...string) *sandboxtest.Browser {
	t.Helper()
	v := sandboxtest.NewBrowser(t)
	v.Open(w.Server(platformName).URL() + "/" + host + "/services/oauth2/authorize?" + sandboxtest.With(
		salesforceAddress(w), changes...).Encode())
	return v
}

// salesforceConnect signs a person in and returns the code.
func salesforceConnect(t *testing.T, w *sandbox.World, host, person string) string {
	t.Helper()
	v := openSalesforce(t, w, host)
	v.Press(person)
	v.Press("Allow")
	if v.Back.Get("state") != "s1" || v.Back.Get("code") == "" {
		t.Fatalf("coming back from Salesforce: got %v, want a code and the state", v.Back)
	}
	return v.Back.Get("code")
}

func askSalesforce(t *testing.T, w *sandbox.World, host, path string, form url.Values) sandboxtest.Reply {
	t.Helper()
	return sandboxtest.Call(t, w.Server(platformName), "POST", host, "/services/oauth2/"+path, form)
}

// salesforceTokensOf connects a person at a host and returns the tokens.
func salesforceTokensOf(t *testing.T, w *sandbox.World, host, person string) sandboxtest.Reply {
	t.Helper()
	tokens := askSalesforce(t, w, host, "token", salesforceExchange(w, salesforceConnect(t, w, host, person)))
	if tokens.Status != http.StatusOK {
		t.Fatalf("exchanging as %s: got %d %s, want 200", person, tokens.Status, tokens.Text)
	}
	return tokens
}

func readSalesforce(t *testing.T, w *sandbox.World, host, path, token string) sandboxtest.Reply {
	t.Helper()
	return sandboxtest.Call(t, w.Server(platformName), "GET", host, path, nil, "Authorization", "Bearer "+token)
}

const organisationQuery = "/services/data/v60.0/query?q=SELECT+Id,Name,OrganizationType,IsSandbox+FROM+Organization"

func TestSalesforceConnectsAtEachKindOfHost(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	for _, c := range []struct{ host, person, instance, login string }{
		{host: "login.salesforce.com", person: "Lars Holm", instance: harbourDomain, login: "login.salesforce.com"},
		{host: harbourDomain, person: "Lars Holm", instance: harbourDomain, login: "login.salesforce.com"},
		{
			host: "test.salesforce.com", person: "Petra Sund", instance: "harbourpine--uat.sandbox.my.salesforce.com",
			login: "test.salesforce.com",
		},
	} {
		tokens := salesforceTokensOf(t, w, c.host, c.person)
		if tokens.Str("instance_url") != "https://"+c.instance ||
			!strings.HasPrefix(tokens.Str("id"), "https://"+c.login+"/id/00D") {
			t.Errorf("connecting at %s: got %s", c.host, tokens.Text)
		}
		if strings.Contains(tokens.Text, "expires_in") || len(tokens.Str("issued_at")) != 13 ||
			tokens.Str("refresh_token") == "" {
			t.Errorf("connecting at %s: got %s, want a refresh token, issued_at in milliseconds, and no expires_in", c.host,
				tokens.Text)
		}
		about := readSalesforce(t, w, c.instance, organisationQuery, tokens.Str("access_token"))
		if about.Status != http.StatusOK || !strings.Contains(about.Text, `"Name":"Harbour \u0026 Pine AB"`) ||
			about.Header.Get("Sforce-Limit-Info") == "" {
			t.Errorf("asking the organisation at %s: got %d %s", c.instance, about.Status, about.Text)
		}
		id := strings.TrimPrefix(tokens.Str("id"), "https://"+c.login)
		if who := readSalesforce(t, w, c.login, id, tokens.Str("access_token")); who.Status != http.StatusOK ||
			who.Str("username") == "" {
			t.Errorf("asking the identity: got %d %s", who.Status, who.Text)
		}
	}
}

func TestSalesforceTakesAChallengeWithoutMethodAndNoAddressWithoutOne(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	v := openSalesforce(t, w, harbourDomain, "code_challenge_method", "")
	v.Press("Lars Holm")
	v.Press("Allow")
	if a := askSalesforce(t, w, harbourDomain, "token",
		salesforceExchange(w, v.Back.Get("code"))); a.Status != http.StatusOK {
		t.Errorf("exchanging after a challenge without method: got %d %s", a.Status, a.Text)
	}
	for _, wrong := range [][2]string{
		{"code_challenge", ""}, {"code_challenge", "short"}, {"code_challenge_method", "plain"}, {"client_id", "x"},
		{"client_id", ""},
		{"redirect_uri", sandboxtest.Callback + "/"}, {"redirect_uri", ""}, {"response_type", "token"}, {"response_type", ""},
		{"scope", "api everything"}, {"audience", "x"},
	} {
		if v := openSalesforce(t, w, harbourDomain, wrong[0], wrong[1]); v.Status != http.StatusBadRequest || v.Back != nil {
			t.Errorf("opening with %s=%q: got %d, want a page that says no", wrong[0], wrong[1], v.Status)
		}
	}
}

func TestSalesforceKeepsWhoSignsInAtAnotherHost(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	for host, person := range map[string]string{
		"login.salesforce.com": "Petra Sund",
		"test.salesforce.com":  "Lars Holm",
		harbourDomain:          "Ana Ruiz",
	} {
		v := openSalesforce(t, w, host)
		v.Press(person)
		if v.Back != nil || v.Status != http.StatusForbidden ||
			!strings.Contains(sandboxtest.TextOf(v.Page), "check your username") {
			t.Errorf("%s at %s: got %d %q", person, host, v.Status, sandboxtest.TextOf(v.Page))
		}
	}
	for _, host := range []string{"nobody.my.salesforce.com", "harbourpine.lightning.force.com"} {
		if v := openSalesforce(t, w, host); v.Status != http.StatusBadRequest {
			t.Errorf("opening %s: got %d", host, v.Status)
		}
		if a := askSalesforce(t, w, host, "token", salesforceRefresh(w, "x")); a.Status != http.StatusMisdirectedRequest {
			t.Errorf("asking %s for tokens: got %d", host, a.Status)
		}
	}
}

func TestSalesforceLetsInOnlyWhereTheAppIsInstalledAndAllowed(t *testing.T) {
	for _, c := range []struct{ fault, host, person, want, onPage string }{
		{
			host: "lumenoptics.my.salesforce.com", person: "Priya Nair", want: "OAUTH_EC_APP_NOT_FOUND",
			onPage: "app must be installed into org",
		},
		{
			host: harbourDomain, person: "Sync User", want: "OAUTH_APPROVAL_ERROR_GENERIC",
			onPage: "OAUTH_APPROVAL_ERROR_GENERIC",
		},
		{
			fault: "not_approved", host: harbourDomain, person: "Lars Holm", want: "OAUTH_APPROVAL_ERROR_GENERIC",
			onPage: "OAUTH_APPROVAL_ERROR_GENERIC",
		},
		{
			fault: "login_host_refuses", host: "login.salesforce.com", person: "Lars Holm", want: "OAUTH_EC_APP_NOT_FOUND",
			onPage: "app must be installed into org",
		},
	} {
		w, _ := sandboxtest.New(t, New)
		if c.fault != "" {
			if err := w.SetFault("salesforce", c.fault, true); err != nil {
				t.Fatal(err)
			}
		}
		v := openSalesforce(t, w, c.host)
		v.Press(c.person)
		if v.Back.Get("error") != c.want || v.Back.Get("state") != "s1" || v.Back.Get("code") != "" {
			t.Errorf("%s with %q: came back with %v, want %s", c.person, c.fault, v.Back, c.want)
		}
		if err := w.SetFault("salesforce", "refused_on_page", true); err != nil {
			t.Fatal(err)
		}
		v = openSalesforce(t, w, c.host)
		v.Press(c.person)
		if v.Back != nil || v.Status != http.StatusForbidden || !strings.Contains(sandboxtest.TextOf(v.Page), c.onPage) {
			t.Errorf("%s on a page: got %d %q, back with %v", c.person, v.Status, sandboxtest.TextOf(v.Page), v.Back)
		}
	}
}

func TestAnAdminInstallsTheAppOnce(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	link, err := url.Parse(w.Settings(platformName)["INSTALL_URL"])
	if err != nil {
		t.Fatal(err)
	}
	address := w.Server(platformName).URL() + "/" + link.Host + link.RequestURI()
	v := sandboxtest.NewBrowser(t)
	v.Open(address)
	v.Press("Elsa Lind")
	if v.Status != http.StatusForbidden {
		t.Errorf("installing without being an admin: got %d %q", v.Status, sandboxtest.TextOf(v.Page))
	}
	v = sandboxtest.NewBrowser(t)
	v.Open(address)
	v.Press("Priya Nair")
	v.Press("Allow")
	if !strings.Contains(sandboxtest.TextOf(v.Page), "Installation complete") {
		t.Fatalf("installing: got %q", sandboxtest.TextOf(v.Page))
	}
	salesforceTokensOf(t, w, "lumenoptics.my.salesforce.com", "Priya Nair")
	v = sandboxtest.NewBrowser(t)
	v.Open(address + "X")
	if v.Status != http.StatusNotFound {
		t.Errorf("another package: got %d", v.Status)
	}
}

func TestSalesforceRefusesExchangesThatAreNotInOrder(t *testing.T) {
	w, c := sandboxtest.New(t, New)
	refused := func(what string, form url.Values, code, description string) {
		t.Helper()
		a := askSalesforce(t, w, harbourDomain, "token", form)
		if a.Status != http.StatusBadRequest || a.Str("error") != code ||
			!strings.Contains(a.Str("error_description"), description) || a.Str("access_token") != "" {
			t.Errorf("exchanging with %s: got %d %s, want 400 %s", what, a.Status, a.Text, code)
		}
	}
	fresh := func() url.Values { return salesforceExchange(w, salesforceConnect(t, w, harbourDomain, "Lars Holm")) }
	good := fresh()
	refused("no secret", sandboxtest.With(good, "client_secret", ""), "invalid_client", "")
	refused("a wrong secret", sandboxtest.With(good, "client_secret", "x"), "invalid_client", "")
	refused("no client id", sandboxtest.With(good, "client_id", ""), "invalid_request", "client_id")
	refused("another client id", sandboxtest.With(good, "client_id", "x"), "invalid_client_id", "")
	refused("no redirect_uri", sandboxtest.With(good, "redirect_uri", ""), "invalid_request", "")
	refused("another grant type", sandboxtest.With(good, "grant_type", "password"), "unsupported_grant_type", "")
	refused("an unknown parameter", sandboxtest.With(good, "audience", "x"), "invalid_request", "audience")
	refused("an unknown code", sandboxtest.With(good, "code", "x"), "invalid_grant", "invalid authorization code")
	refused("no verifier", sandboxtest.With(good, "code_verifier", ""), "invalid_grant", "verifier")
	refused("a code that was tried without verifier", good, "invalid_grant", "invalid authorization code")
	refused("a wrong verifier", sandboxtest.With(fresh(), "code_verifier", strings.Repeat("x", 50)), "invalid_request",
		"verifier")
	refused("another redirect_uri", sandboxtest.With(fresh(), "redirect_uri", "http://localhost:7420/other"),
		"redirect_uri_mismatch", "")

	late := fresh()
	c.Pass(14 * time.Minute)
	if a := askSalesforce(t, w, harbourDomain, "token", late); a.Status != http.StatusOK {
		t.Errorf("exchanging after 14 minutes: got %d %s, want 200", a.Status, a.Text)
	}
	refused("a used code", late, "invalid_grant", "invalid authorization code")
	late = fresh()
	c.Pass(16 * time.Minute)
	refused("a code of 16 minutes ago", late, "invalid_grant", "expired authorization code")

	other := fresh()
	if a := askSalesforce(t, w, "northlight.my.salesforce.com", "token", other); a.Status != http.StatusBadRequest {
		t.Errorf("exchanging at another organisation: got %d %s", a.Status, a.Text)
	}
	for fault, description := range map[string]string{"ip_restricted": "ip restricted"} {
		if err := w.SetFault("salesforce", fault, true); err != nil {
			t.Fatal(err)
		}
		refused(fault, fresh(), "invalid_grant", description)
		w.AllWell()
	}
	gone := fresh()
	if _, err := w.Trigger(sandbox.Action{Platform: "salesforce", Action: "deactivate", Person: "lars-holm"}); err != nil {
		t.Fatal(err)
	}
	refused("a user who is switched off", gone, "inactive_user", "")
}

func TestSalesforceRotatesAndAReplayEndsEverything(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	first := salesforceTokensOf(t, w, harbourDomain, "Lars Holm")
	second := askSalesforce(t, w, harbourDomain, "token", salesforceRefresh(w, first.Str("refresh_token")))
	if second.Status != http.StatusOK || second.Str("refresh_token") == first.Str("refresh_token") ||
		second.Str("refresh_token") == "" {
		t.Fatalf("renewing: got %d %s, want another refresh token", second.Status, second.Text)
	}
	if a := readSalesforce(t, w, harbourDomain, organisationQuery, first.Str("access_token")); a.Status != http.StatusOK {
		t.Errorf("the access token of before a renewal: got %d %s, want that it lives on", a.Status, a.Text)
	}
	for _, token := range []string{first.Str("refresh_token"), second.Str("refresh_token")} {
		if a := askSalesforce(t, w, harbourDomain, "token", salesforceRefresh(w, token)); a.Str("error") != "invalid_grant" ||
			a.Str("error_description") != "expired access/refresh token" {
			t.Errorf("renewing after the replay: got %d %s", a.Status, a.Text)
		}
	}
	if a := readSalesforce(t, w, harbourDomain, organisationQuery,
		second.Str("access_token")); a.Status != http.StatusUnauthorized ||
		!strings.Contains(a.Text, "INVALID_SESSION_ID") {
		t.Errorf("reading after the replay: got %d %s", a.Status, a.Text)
	}
}

func TestOfTwoSalesforceRenewalsAtOnceOneWinsAndBothLose(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	tokens := salesforceTokensOf(t, w, harbourDomain, "Lars Holm")
	results := make(chan sandboxtest.Reply, 2)
	for range 2 {
		go func() {
			results <- askSalesforce(t, w, harbourDomain, "token", salesforceRefresh(w, tokens.Str("refresh_token")))
		}()
	}
	won := ""
	for range 2 {
		if a := <-results; a.Status == http.StatusOK {
			won = a.Str("refresh_token")
		}
	}
	if won == "" {
		t.Fatal("neither renewal was let through")
	}
	if a := askSalesforce(t, w, harbourDomain, "token", salesforceRefresh(w, won)); a.Status != http.StatusBadRequest {
		t.Errorf("renewing with what the winner got: got %d %s, want a refusal", a.Status, a.Text)
	}
}

func TestASixthSalesforceGrantEndsTheFirst(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	first := salesforceTokensOf(t, w, harbourDomain, "Lars Holm")
	for range 4 {
		salesforceTokensOf(t, w, harbourDomain, "Lars Holm")
	}
	if a := readSalesforce(t, w, harbourDomain, organisationQuery, first.Str("access_token")); a.Status != http.StatusOK {
		t.Fatalf("with five grants: got %d %s", a.Status, a.Text)
	}
	salesforceTokensOf(t, w, harbourDomain, "Lars Holm")
	if a := askSalesforce(t, w, harbourDomain, "token",
		salesforceRefresh(w, first.Str("refresh_token"))); a.Status != http.StatusBadRequest {
		t.Errorf("with six grants: got %d %s, want the first one ended", a.Status, a.Text)
	}
}

func TestSalesforceRevokesAGrantOnceAndSaysItInAForm(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	tokens := salesforceTokensOf(t, w, harbourDomain, "Lars Holm")
	form := url.Values{"token": {tokens.Str("refresh_token")}}
	if a := askSalesforce(t, w, harbourDomain, "revoke", form); a.Status != http.StatusOK || a.Text != "" {
		t.Errorf("revoking: got %d %q, want 200 and nothing", a.Status, a.Text)
	}
	if a := askSalesforce(t, w, harbourDomain, "revoke", form); a.Status != http.StatusBadRequest ||
		!strings.HasPrefix(a.Text, "error=invalid_token") {
		t.Errorf("revoking again: got %d %q", a.Status, a.Text)
	}
	if a := readSalesforce(t, w, harbourDomain, organisationQuery,
		tokens.Str("access_token")); a.Status != http.StatusUnauthorized {
		t.Errorf("reading after it: got %d", a.Status)
	}
}

func TestSalesforceAnswersAtTheInstanceAlone(t *testing.T) {
	w, c := sandboxtest.New(t, New)
	tokens := salesforceTokensOf(t, w, "login.salesforce.com", "Lars Holm")
	for _, host := range []string{"login.salesforce.com", "northlight.my.salesforce.com"} {
		if a := readSalesforce(t, w, host, organisationQuery,
			tokens.Str("access_token")); a.Status != http.StatusUnauthorized ||
			!strings.HasPrefix(a.Text, "[") {
			t.Errorf("reading at %s: got %d %s, want 401 and a list", host, a.Status, a.Text)
		}
	}
	if _, err := w.Trigger(sandbox.Action{
		Platform: "salesforce",
		Action:   "move",
		Asset:    longID("00D5e0000010007"),
	}); err != nil {
		t.Fatal(err)
	}
	if a := readSalesforce(t, w, harbourDomain, organisationQuery,
		tokens.Str("access_token")); a.Status != http.StatusUnauthorized {
		t.Errorf("reading at the old My Domain: got %d", a.Status)
	}
	moved := askSalesforce(t, w, harbourDomain, "token", salesforceRefresh(w, tokens.Str("refresh_token")))
	if moved.Str("instance_url") != "https://harbourpine-group.my.salesforce.com" {
		t.Errorf("renewing at the old My Domain: got %s", moved.Text)
	}
	if a := readSalesforce(t, w, "harbourpine-group.my.salesforce.com", organisationQuery,
		moved.Str("access_token")); a.Status != http.StatusOK {
		t.Errorf("reading at the new one: got %d %s", a.Status, a.Text)
	}
	about := askSalesforce(t, w, "harbourpine-group.my.salesforce.com", "introspect", url.Values{
		"token": {moved.Str("access_token")}, "client_id": {w.ClientID("salesforce")},
		"client_secret": {w.ClientSecret("salesforce")},
	})
	if about.Num("exp") != float64(c.Now().Add(2*time.Hour).Unix()) || about.Str("username") == "" {
		t.Errorf("introspecting: got %s, want the end of the session", about.Text)
	}
	c.Pass(2 * time.Hour)
	if a := readSalesforce(t, w, "harbourpine-group.my.salesforce.com", organisationQuery,
		moved.Str("access_token")); a.Status != http.StatusUnauthorized {
		t.Errorf("reading after the session: got %d", a.Status)
	}
}

func TestSalesforceShowsEachUserTheirOwnObjects(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	for _, c := range []struct{ person, object, want string }{
		{"Lars Holm", "Lead", `"createable":true`}, {"Elsa Lind", "Lead", `"createable":false`},
		{"Elsa Lind", "Contact", `"queryable":true`},
		{"Elsa Lind", "CampaignMember", "NOT_FOUND"}, {"Ida Berg", "Contact", "NOT_FOUND"},
		{"Lars Holm", "Opportunity", "NOT_FOUND"},
		{"Kim Olsen", "Lead", "API_DISABLED_FOR_ORG"},
	} {
		token := salesforceTokensOf(t, w, harbourDomain, c.person).Str("access_token")
		if a := readSalesforce(t, w, harbourDomain, "/services/data/v60.0/sobjects/"+c.object+
			"/describe", token); !strings.Contains(a.Text, c.want) {
			t.Errorf("%s of %s: got %d %s, want %s", c.object, c.person, a.Status, a.Text, c.want)
		}
	}
	token := salesforceTokensOf(t, w, harbourDomain, "Ida Berg").Str("access_token")
	for query, want := range map[string]string{
		"SELECT Id FROM Lead": "INVALID_TYPE", "SELECT Secret FROM Organization": "INVALID_FIELD",
		"DELETE FROM Lead":                      "MALFORMED_QUERY",
		"SELECT Id FROM CampaignMember LIMIT 2": `"totalSize":2`, "": "INVALID_QUERY_PARAMETER",
	} {
		if a := readSalesforce(t, w, harbourDomain, "/services/data/v60.0/query?"+url.Values{
			"q": {query},
		}.Encode(), token); !strings.Contains(a.Text, want) {
			t.Errorf("asking %q: got %d %s, want %s", query, a.Status, a.Text, want)
		}
	}
	for path, want := range map[string]string{
		"/services/data/v12.0/limits": "UNSUPPORTED_API_VERSION", "/services/data/v99.0/limits": "NOT_FOUND",
		"/services/data/v60.0/limits?x=1": "INVALID_QUERY_PARAMETER",
		"/services/data/":                 `"label":"Summer '26"`,
		"/services/data/v60.0/":           `"identity":"https://login.salesforce.com/id/`,
		"/services/data/v60.0/limits":     "DailyApiRequests",
	} {
		if a := readSalesforce(t, w, harbourDomain, path, token); !strings.Contains(strings.ReplaceAll(a.Text, `\u0027`, "'"),
			want) {
			t.Errorf("asking %s: got %d %s, want %s", path, a.Status, a.Text, want)
		}
	}
}

func TestSalesforceCountsTheCallsOfADay(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	token := salesforceTokensOf(t, w, harbourDomain, "Lars Holm").Str("access_token")
	act := func(action string) {
		t.Helper()
		if _, err := w.Trigger(sandbox.Action{
			Platform: "salesforce",
			Action:   action,
			Asset:    longID("00D5e0000010007"),
		}); err != nil {
			t.Fatal(err)
		}
	}
	if a := readSalesforce(t, w, harbourDomain, organisationQuery,
		token); a.Header.Get("Sforce-Limit-Info") != "api-usage=1/5000" {
		t.Errorf("the first call: got %q", a.Header.Get("Sforce-Limit-Info"))
	}
	act("use_up_calls")
	if a := readSalesforce(t, w, harbourDomain, organisationQuery, token); a.Status != http.StatusForbidden ||
		!strings.Contains(a.Text, "REQUEST_LIMIT_EXCEEDED") {
		t.Errorf("with none left: got %d %s", a.Status, a.Text)
	}
	act("free_calls")
	if a := readSalesforce(t, w, harbourDomain, organisationQuery, token); a.Status != http.StatusOK {
		t.Errorf("with some free again: got %d %s", a.Status, a.Text)
	}
	act("uninstall")
	if a := readSalesforce(t, w, harbourDomain, organisationQuery, token); a.Status != http.StatusUnauthorized {
		t.Errorf("after the app was uninstalled: got %d %s", a.Status, a.Text)
	}
	v := openSalesforce(t, w, harbourDomain)
	v.Press("Lars Holm")
	if v.Back.Get("error") != "OAUTH_EC_APP_NOT_FOUND" {
		t.Errorf("signing in after it: came back with %v", v.Back)
	}
}
