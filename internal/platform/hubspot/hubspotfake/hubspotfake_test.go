package hubspotfake

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/sandbox"
	"github.com/latchkeyhq/latchkey/internal/sandbox/sandboxtest"
)

func hubspotAddress(w *sandbox.World) url.Values {
	return url.Values{
		"client_id": {w.ClientID("hubspot")}, "redirect_uri": {sandboxtest.Callback}, "state": {"s1"},
		"response_type":  {"code"},
		"scope":          {"oauth crm.objects.contacts.read"},
		"code_challenge": {sandboxtest.ChallengeOf(sandboxtest.Verifier)}, "code_challenge_method": {"S256"},
	}
}

func hubspotExchange(w *sandbox.World, value string) url.Values {
	return url.Values{
		"grant_type": {"authorization_code"}, "client_id": {w.ClientID("hubspot")},
		"client_secret": {w.ClientSecret("hubspot")},
		"redirect_uri":  {sandboxtest.Callback}, "code": {value}, "code_verifier": {sandboxtest.Verifier},
	}
}

func hubspotRefresh(w *sandbox.World, token string) url.Values {
	return url.Values{
		"grant_type": {"refresh_token"}, "client_id": {w.ClientID("hubspot")}, "client_secret": {w.ClientSecret("hubspot")},
		"refresh_token": {token},
	}
}

// hubspotConnect signs a person in and returns the code.
func hubspotConnect(t *testing.T, w *sandbox.World, person, portal string) string {
	t.Helper()
	v := sandboxtest.NewBrowser(t)
	v.Open(w.Server(platformName).URL() + "/oauth/authorize?" + hubspotAddress(w).Encode())
	v.Press(person)
	if portal != "" {
		v.Press(portal)
	}
	v.Press("Allow")
	if v.Back.Get("state") != "s1" || v.Back.Get("code") == "" {
		t.Fatalf("coming back from HubSpot: got %v, want a code and the state", v.Back)
	}
	return v.Back.Get("code")
}

func askHubSpot(t *testing.T, w *sandbox.World, form url.Values) sandboxtest.Reply {
	t.Helper()
	return sandboxtest.Call(t, w.Server(platformName), "POST", "api.hubapi.com", "/oauth/2026-03/token", form)
}

func readContacts(t *testing.T, w *sandbox.World, token string) sandboxtest.Reply {
	t.Helper()
	return sandboxtest.Call(t, w.Server(platformName), "GET", "api.hubapi.com", "/crm/objects/2026-03/contacts?limit=10",
		nil, "Authorization", "Bearer "+token)
}

func TestHubSpotConnectsTheChosenPortal(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	tokens := askHubSpot(t, w, hubspotExchange(w, hubspotConnect(t, w, "Lars Holm", "Harbour & Pine Outlet")))
	if tokens.Status != http.StatusOK || tokens.Num("hub_id") != 26120447 || len(tokens.Str("access_token")) < 300 {
		t.Fatalf("exchanging: got %d %s, want tokens of portal 26120447", tokens.Status, tokens.Text)
	}
	about := sandboxtest.Call(t, w.Server(platformName), "POST", "api.hubapi.com", "/oauth/2026-03/token/introspect",
		url.Values{
			"client_id": {w.ClientID("hubspot")}, "client_secret": {w.ClientSecret("hubspot")},
			"token": {tokens.Str("access_token")}})
	if about.Str("hub_domain") != "outlet.harbourpine.example" || about.Str("user") != "lars.holm@harbourpine.example" {
		t.Errorf("introspecting: got %s, want the portal and the person", about.Text)
	}
	contacts := readContacts(t, w, tokens.Str("access_token"))
	if contacts.Status != http.StatusOK || !strings.Contains(contacts.Text, `"after":"10"`) ||
		contacts.Header.Get("X-HubSpot-RateLimit-Remaining") == "" {
		t.Errorf("reading contacts: got %d %s, want a first page and the rate header", contacts.Status, contacts.Text)
	}
}

func TestHubSpotRemembersWhoSignedIn(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	v := sandboxtest.NewBrowser(t)
	address := w.Server(platformName).URL() + "/oauth/authorize?" + hubspotAddress(w).Encode()
	v.Open(address)
	v.Press("Priya Nair")
	v.Press("Cancel")
	if v.Back.Get("error") != "access_denied" || v.Back.Get("code") != "" {
		t.Errorf("cancelling: got %v, want access_denied and no code", v.Back)
	}
	v.Open(address)
	if !strings.Contains(sandboxtest.TextOf(v.Page), "Lumen Optics") {
		t.Errorf("opening it again: got %q, want the consent page of the same person", sandboxtest.TextOf(v.Page))
	}
	v.Press("I am someone else")
	v.Press("Lars Holm")
	v.Press("Harbour & Pine AB")
	v.Follow("Choose another account")
	if !strings.Contains(sandboxtest.TextOf(v.Page), "Hub ID 26120447") {
		t.Errorf("choosing another account: got %q, want the list with hub ids", sandboxtest.TextOf(v.Page))
	}
}

func TestHubSpotKeepsWhoMayNotConnect(t *testing.T) {
	for person, reason := range map[string]string{"Marta Lindqvist": "Super Admin", "Tom Becker": "does not include it"} {
		w, _ := sandboxtest.New(t, New)
		v := sandboxtest.NewBrowser(t)
		v.Open(w.Server(platformName).URL() + "/oauth/authorize?" + hubspotAddress(w).Encode())
		v.Press(person)
		if v.Back != nil || v.Status != http.StatusForbidden || !strings.Contains(sandboxtest.TextOf(v.Page), reason) {
			t.Errorf("connecting as %s: got %d %q, back with %v; want an error page that leads nowhere", person, v.Status,
				sandboxtest.TextOf(v.Page), v.Back)
		}
	}
}

func TestHubSpotDropsOptionalScopesSilently(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	v := sandboxtest.NewBrowser(t)
	v.Open(w.Server(platformName).URL() + "/oauth/authorize?" + sandboxtest.With(hubspotAddress(w), "scope", "oauth",
		"optional_scope", "crm.objects.contacts.read forms").Encode())
	v.Press("Tom Becker")
	v.Press("Allow")
	tokens := askHubSpot(t, w, hubspotExchange(w, v.Back.Get("code")))
	contacts := readContacts(t, w, tokens.Str("access_token"))
	if contacts.Status != http.StatusForbidden || contacts.Str("category") != "MISSING_SCOPES" {
		t.Errorf("reading contacts without the scope: got %d %s, want 403 MISSING_SCOPES", contacts.Status, contacts.Text)
	}
}

func TestHubSpotRefusesAddressesThatAreNotInOrder(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	for _, wrong := range [][2]string{
		{"client_id", "another"}, {"client_id", ""}, {"redirect_uri", sandboxtest.Callback + "/"}, {"redirect_uri", ""},
		{"redirect_uri", "http://127.0.0.1:7420/callback"},
		{"scope", ""}, {"scope", "oauth everything"}, {"optional_scope", "nonsense"}, {"response_type", "token"},
		{"code_challenge_method", "plain"}, {"code_challenge", "short"}, {"prompt", "consent"},
	} {
		v := sandboxtest.NewBrowser(t)
		v.Open(w.Server(platformName).URL() + "/oauth/authorize?" +
			sandboxtest.With(hubspotAddress(w), wrong[0], wrong[1]).Encode())
		if v.Status != http.StatusBadRequest || v.Back != nil {
			t.Errorf("opening with %s=%q: got %d, want a page that says no", wrong[0], wrong[1], v.Status)
		}
	}
}

func TestHubSpotRefusesExchangesThatAreNotInOrder(t *testing.T) {
	w, c := sandboxtest.New(t, New)
	refused := func(what string, form url.Values, name string) {
		t.Helper()
		a := askHubSpot(t, w, form)
		whole := a.Str("error") != "" && a.Str("message") != "" && a.Str("error_description") == a.Str("message")
		if a.Status != http.StatusBadRequest || a.Str("status") != name || !whole || a.Str("access_token") != "" {
			t.Errorf("exchanging with %s: got %d %s, want 400 with %q and all four fields", what, a.Status, a.Text, name)
		}
	}
	value := hubspotConnect(t, w, "Priya Nair", "")
	good := hubspotExchange(w, value)
	refused("no secret", sandboxtest.With(good, "client_secret", ""), "BAD_CLIENT_SECRET")
	refused("a wrong secret", sandboxtest.With(good, "client_secret", "x"), "BAD_CLIENT_SECRET")
	refused("no client id", sandboxtest.With(good, "client_id", ""), "BAD_CLIENT_SECRET")
	refused("an assertion in place of a secret", sandboxtest.With(good, "client_assertion", "x"), "BAD_CLIENT_SECRET")
	refused("no redirect_uri", sandboxtest.With(good, "redirect_uri", ""), "BAD_REQUEST")
	refused("no code", sandboxtest.With(good, "code", ""), "BAD_REQUEST")
	refused("another grant type", sandboxtest.With(good, "grant_type", "password"), "BAD_REQUEST")
	refused("an unknown parameter", sandboxtest.With(good, "audience", "x"), "BAD_REQUEST")
	refused("an unknown code", sandboxtest.With(good, "code", "x"), "BAD_AUTH_CODE")
	refused("another redirect_uri", sandboxtest.With(good, "redirect_uri", "http://localhost:7420/other"),
		"BAD_REDIRECT_URI")
	refused("a code that a wrong redirect has used up", good, "BAD_AUTH_CODE")
	refused("no verifier",
		sandboxtest.With(hubspotExchange(w, hubspotConnect(t, w, "Priya Nair", "")), "code_verifier", ""), "BAD_AUTH_CODE")
	wrong := hubspotExchange(w, hubspotConnect(t, w, "Priya Nair", ""))
	refused("a wrong verifier", sandboxtest.With(wrong, "code_verifier", strings.Repeat("x", 50)), "BAD_AUTH_CODE")

	used := hubspotExchange(w, hubspotConnect(t, w, "Priya Nair", ""))
	if a := askHubSpot(t, w, used); a.Status != http.StatusOK {
		t.Fatalf("exchanging: got %d %s, want 200", a.Status, a.Text)
	}
	refused("a used code", used, "BAD_AUTH_CODE")
	late := hubspotExchange(w, hubspotConnect(t, w, "Priya Nair", ""))
	c.Pass(2 * time.Minute)
	refused("an old code", late, "BAD_AUTH_CODE")
	if a := sandboxtest.Call(t, w.Server(platformName), "POST", "api.hubapi.com", "/oauth/2026-03/token?code=x",
		late); a.Status != http.StatusBadRequest {
		t.Errorf("exchanging with a query: got %d, want 400", a.Status)
	}
	if a := sandboxtest.Call(t, w.Server(platformName), "GET", "api.hubapi.com", "/oauth/2026-03/token",
		nil); a.Status == http.StatusOK {
		t.Errorf("exchanging by GET: got 200, want a refusal")
	}
}

func TestHubSpotAccessTokensEndAfterHalfAnHour(t *testing.T) {
	w, c := sandboxtest.New(t, New)
	tokens := askHubSpot(t, w, hubspotExchange(w, hubspotConnect(t, w, "Priya Nair", "")))
	c.Pass(31 * time.Minute)
	if a := readContacts(t, w, tokens.Str("access_token")); a.Status != http.StatusUnauthorized ||
		a.Str("category") != "EXPIRED_AUTHENTICATION" {
		t.Errorf("reading after 31 minutes: got %d %s, want 401 EXPIRED_AUTHENTICATION", a.Status, a.Text)
	}
	again := askHubSpot(t, w, hubspotRefresh(w, tokens.Str("refresh_token")))
	if again.Status != http.StatusOK || again.Str("refresh_token") != tokens.Str("refresh_token") {
		t.Errorf("renewing: got %d %s, want the same refresh token", again.Status, again.Text)
	}
	if a := readContacts(t, w, again.Str("access_token")); a.Status != http.StatusOK {
		t.Errorf("reading with the new token: got %d, want 200", a.Status)
	}
}

func TestReplayOfARotatedTokenRevokesEverything(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	if err := w.SetFault("hubspot", "rotates", true); err != nil {
		t.Fatal(err)
	}
	first := askHubSpot(t, w, hubspotExchange(w, hubspotConnect(t, w, "Priya Nair", "")))
	second := askHubSpot(t, w, hubspotRefresh(w, first.Str("refresh_token")))
	if second.Str("refresh_token") == "" || second.Str("refresh_token") == first.Str("refresh_token") {
		t.Fatalf("renewing: got %s, want another refresh token", second.Text)
	}
	if a := askHubSpot(t, w, hubspotRefresh(w, first.Str("refresh_token"))); a.Str("status") != "BAD_REFRESH_TOKEN" {
		t.Errorf("replaying: got %d %s, want BAD_REFRESH_TOKEN", a.Status, a.Text)
	}
	if a := askHubSpot(t, w, hubspotRefresh(w, second.Str("refresh_token"))); a.Status != http.StatusBadRequest {
		t.Errorf("renewing with the newest after a replay: got %d, want a refusal", a.Status)
	}
	if a := readContacts(t, w, second.Str("access_token")); a.Status != http.StatusUnauthorized {
		t.Errorf("reading after a replay: got %d, want 401", a.Status)
	}
}

func TestHubSpotWordsErrorsInThreeOlderShapes(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	if err := w.SetFault("hubspot", "shifting_errors", true); err != nil {
		t.Fatal(err)
	}
	for _, shape := range [][2]string{{"category", "error_description"}, {"status", "error"}, {"error", "status"}} {
		if a := askHubSpot(t, w, hubspotRefresh(w, "x")); a.Str(shape[0]) == "" || a.Str(shape[1]) != "" {
			t.Errorf("renewing with nothing: got %s, want the shape with %q and without %q", a.Text, shape[0], shape[1])
		}
	}
}

func TestHubSpotEndsV1WhenSwitched(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	form := hubspotRefresh(w, "x")
	if a := sandboxtest.Call(t, w.Server(platformName), "POST", "api.hubapi.com", "/oauth/v1/token",
		form); a.Status != http.StatusBadRequest {
		t.Errorf("asking v1: got %d, want 400", a.Status)
	}
	if err := w.SetFault("hubspot", "v1_deprecated", true); err != nil {
		t.Fatal(err)
	}
	if a := sandboxtest.Call(t, w.Server(platformName), "POST", "api.hubapi.com", "/oauth/v1/token",
		form); a.Status != http.StatusGone {
		t.Errorf("asking v1 after its end: got %d, want 410", a.Status)
	}
}

func TestUninstallingEndsEveryToken(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	tokens := askHubSpot(t, w, hubspotExchange(w, hubspotConnect(t, w, "Priya Nair", "")))
	if _, err := w.Trigger(sandbox.Action{Platform: "hubspot", Action: "uninstall", Asset: "39920411"}); err != nil {
		t.Fatal(err)
	}
	if a := readContacts(t, w, tokens.Str("access_token")); a.Status != http.StatusUnauthorized {
		t.Errorf("reading after the app was removed: got %d, want 401", a.Status)
	}
	if a := askHubSpot(t, w, hubspotRefresh(w, tokens.Str("refresh_token"))); a.Status != http.StatusBadRequest {
		t.Errorf("renewing after the app was removed: got %d, want 400", a.Status)
	}
}

func TestRevokingARefreshTokenEndsRenewing(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	tokens := askHubSpot(t, w, hubspotExchange(w, hubspotConnect(t, w, "Priya Nair", "")))
	form := url.Values{
		"client_id": {w.ClientID("hubspot")}, "client_secret": {w.ClientSecret("hubspot")},
		"token": {tokens.Str("refresh_token")},
	}
	if a := sandboxtest.Call(t, w.Server(platformName), "POST", "api.hubapi.com", "/oauth/2026-03/token/revoke",
		form); a.Status != http.StatusNoContent {
		t.Fatalf("revoking: got %d %s, want 204", a.Status, a.Text)
	}
	if a := askHubSpot(t, w, hubspotRefresh(w, tokens.Str("refresh_token"))); a.Status != http.StatusBadRequest {
		t.Errorf("renewing with a revoked token: got %d, want 400", a.Status)
	}
}

func TestHubSpotFaultsHoldForOnePerson(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	if err := w.SetFaultFor("hubspot", "not_super_admin", "priya-nair", true); err != nil {
		t.Fatal(err)
	}
	v := sandboxtest.NewBrowser(t)
	v.Open(w.Server(platformName).URL() + "/oauth/authorize?" + hubspotAddress(w).Encode())
	v.Press("Priya Nair")
	if v.Status != http.StatusForbidden {
		t.Errorf("connecting as Priya: got %d, want 403", v.Status)
	}
	tokens := askHubSpot(t, w, hubspotExchange(w, hubspotConnect(t, w, "Ana Ruiz", "")))
	for fault, status := range map[string]int{
		"throttled": http.StatusTooManyRequests, "token_revoked": http.StatusUnauthorized,
	} {
		if err := w.SetFaultFor("hubspot", fault, "ana-ruiz", true); err != nil {
			t.Fatal(err)
		}
		if a := readContacts(t, w, tokens.Str("access_token")); a.Status != status {
			t.Errorf("reading with %s on: got %d, want %d", fault, a.Status, status)
		}
		w.AllWell()
	}
	if a := readContacts(t, w, tokens.Str("access_token")); a.Status != http.StatusOK {
		t.Errorf("reading when all is well: got %d %s, want 200", a.Status, a.Text)
	}
}
