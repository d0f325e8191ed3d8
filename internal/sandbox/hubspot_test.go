package sandbox

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

const verifier = "a-verifier-of-forty-three-characters-or-more-0123456789"

func hubspotAddress(w *World) url.Values {
	return url.Values{
		"client_id": {w.ClientID("hubspot")}, "redirect_uri": {callback}, "state": {"s1"}, "response_type": {"code"},
		"scope": {"oauth crm.objects.contacts.read"}, "code_challenge": {challengeOf(verifier)}, "code_challenge_method": {"S256"},
	}
}

func hubspotExchange(w *World, value string) url.Values {
	return url.Values{
		"grant_type": {"authorization_code"}, "client_id": {w.ClientID("hubspot")}, "client_secret": {w.ClientSecret("hubspot")},
		"redirect_uri": {callback}, "code": {value}, "code_verifier": {verifier},
	}
}

func hubspotRefresh(w *World, token string) url.Values {
	return url.Values{"grant_type": {"refresh_token"}, "client_id": {w.ClientID("hubspot")}, "client_secret": {w.ClientSecret("hubspot")}, "refresh_token": {token}}
}

// hubspotConnect walks a person through to a code.
func hubspotConnect(t *testing.T, w *World, person, portal string) string {
	t.Helper()
	v := newVisitor(t)
	v.open(w.Server(platformHubSpot).URL() + "/oauth/authorize?" + hubspotAddress(w).Encode())
	v.press(person)
	if portal != "" {
		v.press(portal)
	}
	v.press("Allow")
	if v.back.Get("state") != "s1" || v.back.Get("code") == "" {
		t.Fatalf("coming back from HubSpot: got %v, want a code and the state", v.back)
	}
	return v.back.Get("code")
}

func askHubSpot(t *testing.T, w *World, form url.Values) said {
	t.Helper()
	return call(t, w.Server(platformHubSpot), "POST", "api.hubapi.com", "/oauth/2026-03/token", form)
}

func readContacts(t *testing.T, w *World, token string) said {
	t.Helper()
	return call(t, w.Server(platformHubSpot), "GET", "api.hubapi.com", "/crm/objects/2026-03/contacts?limit=10", nil, "Authorization", "Bearer "+token)
}

func TestHubSpotConnectsTheChosenPortal(t *testing.T) {
	w, _ := newWorld(t)
	tokens := askHubSpot(t, w, hubspotExchange(w, hubspotConnect(t, w, "Lars Holm", "Harbour & Pine Outlet")))
	if tokens.status != http.StatusOK || tokens.num("hub_id") != 26120447 || len(tokens.str("access_token")) < 300 {
		t.Fatalf("exchanging: got %d %s, want tokens of portal 26120447", tokens.status, tokens.text)
	}
	about := call(t, w.Server(platformHubSpot), "POST", "api.hubapi.com", "/oauth/2026-03/token/introspect", url.Values{
		"client_id": {w.ClientID("hubspot")}, "client_secret": {w.ClientSecret("hubspot")}, "token": {tokens.str("access_token")}})
	if about.str("hub_domain") != "outlet.harbourpine.example" || about.str("user") != "lars.holm@harbourpine.example" {
		t.Errorf("introspecting: got %s, want the portal and the person", about.text)
	}
	contacts := readContacts(t, w, tokens.str("access_token"))
	if contacts.status != http.StatusOK || !strings.Contains(contacts.text, `"after":"10"`) || contacts.header.Get("X-HubSpot-RateLimit-Remaining") == "" {
		t.Errorf("reading contacts: got %d %s, want a first page and the rate header", contacts.status, contacts.text)
	}
}

func TestHubSpotRemembersWhoSignedIn(t *testing.T) {
	w, _ := newWorld(t)
	v := newVisitor(t)
	address := w.Server(platformHubSpot).URL() + "/oauth/authorize?" + hubspotAddress(w).Encode()
	v.open(address)
	v.press("Priya Nair")
	v.press("Cancel")
	if v.back.Get("error") != "access_denied" || v.back.Get("code") != "" {
		t.Errorf("cancelling: got %v, want access_denied and no code", v.back)
	}
	v.open(address)
	if !strings.Contains(textOf(v.page), "Lumen Optics") {
		t.Errorf("opening it again: got %q, want the consent page of the same person", textOf(v.page))
	}
	v.press("I am someone else")
	v.press("Lars Holm")
	v.press("Harbour & Pine AB")
	v.follow("Choose another account")
	if !strings.Contains(textOf(v.page), "Hub ID 26120447") {
		t.Errorf("choosing another account: got %q, want the list with hub ids", textOf(v.page))
	}
}

func TestHubSpotKeepsWhoMayNotConnect(t *testing.T) {
	for person, reason := range map[string]string{"Marta Lindqvist": "Super Admin", "Tom Becker": "does not include it"} {
		w, _ := newWorld(t)
		v := newVisitor(t)
		v.open(w.Server(platformHubSpot).URL() + "/oauth/authorize?" + hubspotAddress(w).Encode())
		v.press(person)
		if v.back != nil || v.status != http.StatusForbidden || !strings.Contains(textOf(v.page), reason) {
			t.Errorf("connecting as %s: got %d %q, back with %v; want an error page that leads nowhere", person, v.status, textOf(v.page), v.back)
		}
	}
}

func TestHubSpotDropsOptionalScopesSilently(t *testing.T) {
	w, _ := newWorld(t)
	v := newVisitor(t)
	v.open(w.Server(platformHubSpot).URL() + "/oauth/authorize?" + with(hubspotAddress(w), "scope", "oauth", "optional_scope", "crm.objects.contacts.read forms").Encode())
	v.press("Tom Becker")
	v.press("Allow")
	tokens := askHubSpot(t, w, hubspotExchange(w, v.back.Get("code")))
	contacts := readContacts(t, w, tokens.str("access_token"))
	if contacts.status != http.StatusForbidden || contacts.str("category") != "MISSING_SCOPES" {
		t.Errorf("reading contacts without the scope: got %d %s, want 403 MISSING_SCOPES", contacts.status, contacts.text)
	}
}

func TestHubSpotRefusesAddressesThatAreNotInOrder(t *testing.T) {
	w, _ := newWorld(t)
	for _, wrong := range [][2]string{
		{"client_id", "another"}, {"client_id", ""}, {"redirect_uri", callback + "/"}, {"redirect_uri", ""}, {"redirect_uri", "http://127.0.0.1:7420/callback"},
		{"scope", ""}, {"scope", "oauth everything"}, {"optional_scope", "nonsense"}, {"response_type", "token"},
		{"code_challenge_method", "plain"}, {"code_challenge", "short"}, {"prompt", "consent"},
	} {
		v := newVisitor(t)
		v.open(w.Server(platformHubSpot).URL() + "/oauth/authorize?" + with(hubspotAddress(w), wrong[0], wrong[1]).Encode())
		if v.status != http.StatusBadRequest || v.back != nil {
			t.Errorf("opening with %s=%q: got %d, want a page that says no", wrong[0], wrong[1], v.status)
		}
	}
}

func TestHubSpotRefusesExchangesThatAreNotInOrder(t *testing.T) {
	w, c := newWorld(t)
	refused := func(what string, form url.Values, name string) {
		t.Helper()
		a := askHubSpot(t, w, form)
		whole := a.str("error") != "" && a.str("message") != "" && a.str("error_description") == a.str("message")
		if a.status != http.StatusBadRequest || a.str("status") != name || !whole || a.str("access_token") != "" {
			t.Errorf("exchanging with %s: got %d %s, want 400 with %q and all four fields", what, a.status, a.text, name)
		}
	}
	value := hubspotConnect(t, w, "Priya Nair", "")
	good := hubspotExchange(w, value)
	refused("no secret", with(good, "client_secret", ""), "BAD_CLIENT_SECRET")
	refused("a wrong secret", with(good, "client_secret", "x"), "BAD_CLIENT_SECRET")
	refused("no client id", with(good, "client_id", ""), "BAD_CLIENT_SECRET")
	refused("an assertion in place of a secret", with(good, "client_assertion", "x"), "BAD_CLIENT_SECRET")
	refused("no redirect_uri", with(good, "redirect_uri", ""), "BAD_REQUEST")
	refused("no code", with(good, "code", ""), "BAD_REQUEST")
	refused("another grant type", with(good, "grant_type", "password"), "BAD_REQUEST")
	refused("an unknown parameter", with(good, "audience", "x"), "BAD_REQUEST")
	refused("an unknown code", with(good, "code", "x"), "BAD_AUTH_CODE")
	refused("another redirect_uri", with(good, "redirect_uri", "http://localhost:7420/other"), "BAD_REDIRECT_URI")
	refused("a code that a wrong redirect has used up", good, "BAD_AUTH_CODE")
	refused("no verifier", with(hubspotExchange(w, hubspotConnect(t, w, "Priya Nair", "")), "code_verifier", ""), "BAD_AUTH_CODE")
	wrong := hubspotExchange(w, hubspotConnect(t, w, "Priya Nair", ""))
	refused("a wrong verifier", with(wrong, "code_verifier", strings.Repeat("x", 50)), "BAD_AUTH_CODE")

	used := hubspotExchange(w, hubspotConnect(t, w, "Priya Nair", ""))
	if a := askHubSpot(t, w, used); a.status != http.StatusOK {
		t.Fatalf("exchanging: got %d %s, want 200", a.status, a.text)
	}
	refused("a used code", used, "BAD_AUTH_CODE")
	late := hubspotExchange(w, hubspotConnect(t, w, "Priya Nair", ""))
	c.pass(2 * time.Minute)
	refused("an old code", late, "BAD_AUTH_CODE")
	if a := call(t, w.Server(platformHubSpot), "POST", "api.hubapi.com", "/oauth/2026-03/token?code=x", late); a.status != http.StatusBadRequest {
		t.Errorf("exchanging with a query: got %d, want 400", a.status)
	}
	if a := call(t, w.Server(platformHubSpot), "GET", "api.hubapi.com", "/oauth/2026-03/token", nil); a.status == http.StatusOK {
		t.Errorf("exchanging by GET: got 200, want a refusal")
	}
}

func TestHubSpotAccessTokensEndAfterHalfAnHour(t *testing.T) {
	w, c := newWorld(t)
	tokens := askHubSpot(t, w, hubspotExchange(w, hubspotConnect(t, w, "Priya Nair", "")))
	c.pass(31 * time.Minute)
	if a := readContacts(t, w, tokens.str("access_token")); a.status != http.StatusUnauthorized || a.str("category") != "EXPIRED_AUTHENTICATION" {
		t.Errorf("reading after 31 minutes: got %d %s, want 401 EXPIRED_AUTHENTICATION", a.status, a.text)
	}
	again := askHubSpot(t, w, hubspotRefresh(w, tokens.str("refresh_token")))
	if again.status != http.StatusOK || again.str("refresh_token") != tokens.str("refresh_token") {
		t.Errorf("renewing: got %d %s, want the same refresh token", again.status, again.text)
	}
	if a := readContacts(t, w, again.str("access_token")); a.status != http.StatusOK {
		t.Errorf("reading with the new token: got %d, want 200", a.status)
	}
}

func TestReplayOfARotatedTokenRevokesEverything(t *testing.T) {
	w, _ := newWorld(t)
	if err := w.SetFault("hubspot", "rotates", true); err != nil {
		t.Fatal(err)
	}
	first := askHubSpot(t, w, hubspotExchange(w, hubspotConnect(t, w, "Priya Nair", "")))
	second := askHubSpot(t, w, hubspotRefresh(w, first.str("refresh_token")))
	if second.str("refresh_token") == "" || second.str("refresh_token") == first.str("refresh_token") {
		t.Fatalf("renewing: got %s, want another refresh token", second.text)
	}
	if a := askHubSpot(t, w, hubspotRefresh(w, first.str("refresh_token"))); a.str("status") != "BAD_REFRESH_TOKEN" {
		t.Errorf("replaying: got %d %s, want BAD_REFRESH_TOKEN", a.status, a.text)
	}
	if a := askHubSpot(t, w, hubspotRefresh(w, second.str("refresh_token"))); a.status != http.StatusBadRequest {
		t.Errorf("renewing with the newest after a replay: got %d, want a refusal", a.status)
	}
	if a := readContacts(t, w, second.str("access_token")); a.status != http.StatusUnauthorized {
		t.Errorf("reading after a replay: got %d, want 401", a.status)
	}
}

func TestHubSpotWordsErrorsInThreeOlderShapes(t *testing.T) {
	w, _ := newWorld(t)
	if err := w.SetFault("hubspot", "shifting_errors", true); err != nil {
		t.Fatal(err)
	}
	for _, shape := range [][2]string{{"category", "error_description"}, {"status", "error"}, {"error", "status"}} {
		if a := askHubSpot(t, w, hubspotRefresh(w, "x")); a.str(shape[0]) == "" || a.str(shape[1]) != "" {
			t.Errorf("renewing with nothing: got %s, want the shape with %q and without %q", a.text, shape[0], shape[1])
		}
	}
}

func TestHubSpotEndsV1WhenSwitched(t *testing.T) {
	w, _ := newWorld(t)
	form := hubspotRefresh(w, "x")
	if a := call(t, w.Server(platformHubSpot), "POST", "api.hubapi.com", "/oauth/v1/token", form); a.status != http.StatusBadRequest {
		t.Errorf("asking v1: got %d, want 400", a.status)
	}
	if err := w.SetFault("hubspot", "v1_deprecated", true); err != nil {
		t.Fatal(err)
	}
	if a := call(t, w.Server(platformHubSpot), "POST", "api.hubapi.com", "/oauth/v1/token", form); a.status != http.StatusGone {
		t.Errorf("asking v1 after its end: got %d, want 410", a.status)
	}
}

func TestUninstallingEndsEveryToken(t *testing.T) {
	w, _ := newWorld(t)
	tokens := askHubSpot(t, w, hubspotExchange(w, hubspotConnect(t, w, "Priya Nair", "")))
	if _, err := w.Trigger(Action{Platform: "hubspot", Action: "uninstall", Asset: "39920411"}); err != nil {
		t.Fatal(err)
	}
	if a := readContacts(t, w, tokens.str("access_token")); a.status != http.StatusUnauthorized {
		t.Errorf("reading after the app was removed: got %d, want 401", a.status)
	}
	if a := askHubSpot(t, w, hubspotRefresh(w, tokens.str("refresh_token"))); a.status != http.StatusBadRequest {
		t.Errorf("renewing after the app was removed: got %d, want 400", a.status)
	}
}

func TestRevokingARefreshTokenEndsRenewing(t *testing.T) {
	w, _ := newWorld(t)
	tokens := askHubSpot(t, w, hubspotExchange(w, hubspotConnect(t, w, "Priya Nair", "")))
	form := url.Values{"client_id": {w.ClientID("hubspot")}, "client_secret": {w.ClientSecret("hubspot")}, "token": {tokens.str("refresh_token")}}
	if a := call(t, w.Server(platformHubSpot), "POST", "api.hubapi.com", "/oauth/2026-03/token/revoke", form); a.status != http.StatusNoContent {
		t.Fatalf("revoking: got %d %s, want 204", a.status, a.text)
	}
	if a := askHubSpot(t, w, hubspotRefresh(w, tokens.str("refresh_token"))); a.status != http.StatusBadRequest {
		t.Errorf("renewing with a revoked token: got %d, want 400", a.status)
	}
}

func TestHubSpotFaultsHoldForOnePerson(t *testing.T) {
	w, _ := newWorld(t)
	if err := w.SetFaultFor("hubspot", "not_super_admin", "priya-nair", true); err != nil {
		t.Fatal(err)
	}
	v := newVisitor(t)
	v.open(w.Server(platformHubSpot).URL() + "/oauth/authorize?" + hubspotAddress(w).Encode())
	v.press("Priya Nair")
	if v.status != http.StatusForbidden {
		t.Errorf("connecting as Priya: got %d, want 403", v.status)
	}
	tokens := askHubSpot(t, w, hubspotExchange(w, hubspotConnect(t, w, "Ana Ruiz", "")))
	for fault, status := range map[string]int{"throttled": http.StatusTooManyRequests, "token_revoked": http.StatusUnauthorized} {
		if err := w.SetFaultFor("hubspot", fault, "ana-ruiz", true); err != nil {
			t.Fatal(err)
		}
		if a := readContacts(t, w, tokens.str("access_token")); a.status != status {
			t.Errorf("reading with %s on: got %d, want %d", fault, a.status, status)
		}
		w.AllWell()
	}
	if a := readContacts(t, w, tokens.str("access_token")); a.status != http.StatusOK {
		t.Errorf("reading when all is well: got %d %s, want 200", a.status, a.text)
	}
}
