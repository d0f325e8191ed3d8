package sandbox

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

func mailchimpAddress(w *World) url.Values {
	return url.Values{
		"response_type": {"code"}, "client_id": {w.ClientID(platformMailchimp)}, "redirect_uri": {callback}, "state": {"s1"},
	}
}

func mailchimpExchange(w *World, value string) url.Values {
	return url.Values{
		"grant_type": {"authorization_code"}, "client_id": {w.ClientID(platformMailchimp)},
		"client_secret": {w.ClientSecret(platformMailchimp)}, "redirect_uri": {callback}, "code": {value},
	}
}

// mailchimpConnect walks a person through to a code.
func mailchimpConnect(t *testing.T, w *World, presses ...string) string {
	t.Helper()
	v := newVisitor(t)
	v.open(w.Server(platformMailchimp).URL() + "/oauth2/authorize?" + mailchimpAddress(w).Encode())
	for _, words := range append(presses, "Allow") {
		v.press(words)
	}
	if v.back.Get("state") != "s1" || v.back.Get("code") == "" {
		t.Fatalf("coming back from Mailchimp: got %v, want a code and the state", v.back)
	}
	return v.back.Get("code")
}

func askMailchimp(t *testing.T, w *World, form url.Values) said {
	t.Helper()
	return call(t, w.Server(platformMailchimp), "POST", mailchimpLogin, "/oauth2/token", form)
}

// mailchimpToken walks a person through to a token.
func mailchimpTokenOf(t *testing.T, w *World, presses ...string) string {
	t.Helper()
	a := askMailchimp(t, w, mailchimpExchange(w, mailchimpConnect(t, w, presses...)))
	if a.status != http.StatusOK || len(a.str("access_token")) != 32 {
		t.Fatalf("exchanging: got %d %s, want a token", a.status, a.text)
	}
	return a.str("access_token")
}

func readMailchimp(t *testing.T, w *World, dc, path, authorization string) said {
	t.Helper()
	return call(t, w.Server(platformMailchimp), "GET", dc+mailchimpAPI, path, nil, "Authorization", authorization)
}

func mailchimpAbout(t *testing.T, w *World, authorization string) said {
	t.Helper()
	return call(t, w.Server(platformMailchimp), "GET", mailchimpLogin, "/oauth2/metadata", nil, "Authorization", authorization)
}

func TestMailchimpGivesATokenWithoutEndScopeOrRefreshToken(t *testing.T) {
	w, c := newWorld(t)
	a := askMailchimp(t, w, mailchimpExchange(w, mailchimpConnect(t, w, "Marta Lindqvist")))
	if scope, has := a.json["scope"]; !has || scope != nil || a.num("expires_in") != 0 || a.json["refresh_token"] != nil || len(a.json) != 3 {
		t.Errorf("exchanging: got %s", a.text)
	}
	c.pass(5 * 365 * 24 * time.Hour)
	if a := readMailchimp(t, w, "us6", "/3.0/ping", "Bearer "+a.str("access_token")); a.status != http.StatusOK {
		t.Errorf("five years later: got %d %s", a.status, a.text)
	}
}

func TestMailchimpTellsWhereAnAccountLivesAndWhatItHas(t *testing.T) {
	w, _ := newWorld(t)
	token := mailchimpTokenOf(t, w, "Lars Holm", "Harbour & Pine Outlet")
	for _, kind := range []string{"OAuth ", "Bearer "} {
		about := mailchimpAbout(t, w, kind+token)
		if about.str("dc") != "us21" || about.str("api_endpoint") != "https://us21.api.mailchimp.com" || about.str("role") != "admin" ||
			about.str("login", "email") != "lars.holm@harbourpine.example" {
			t.Errorf("asking as %q: got %s", kind, about.text)
		}
		root := readMailchimp(t, w, "us21", "/3.0/?fields=account_id,account_name,contact.company", kind+token)
		if root.str("account_name") != "Harbour & Pine Outlet" || root.str("account_id") == "" || root.str("contact", "company") == "" || len(root.json) != 3 {
			t.Errorf("reading the root as %q: got %d %s", kind, root.status, root.text)
		}
		lists := readMailchimp(t, w, "us21", "/3.0/lists?count=1000&fields=lists.stats.member_count,total_items", kind+token)
		if lists.text != `{"lists":[{"stats":{"member_count":5120}}],"total_items":1}` {
			t.Errorf("reading the audiences as %q: got %s", kind, lists.text)
		}
	}
}

func TestMailchimpListsAThousandAudiencesAtMost(t *testing.T) {
	w, _ := newWorld(t)
	token := "Bearer " + mailchimpTokenOf(t, w, "Greta Falk")
	for query, want := range map[string]int{"": 10, "?count=1000": 1000, "?count=1000&offset=1000": 204, "?offset=5000": 0} {
		a := readMailchimp(t, w, "us17", "/3.0/lists"+query, token)
		if got, _ := a.json["lists"].([]any); len(got) != want || a.num("total_items") != 1204 {
			t.Errorf("%q: got %d of %v, want %d", query, len(got), a.json["total_items"], want)
		}
	}
	for _, query := range []string{"?count=1001", "?count=-1", "?offset=x", "?scope=all", "?count=1&count=2"} {
		if a := readMailchimp(t, w, "us17", "/3.0/lists"+query, token); a.status != http.StatusBadRequest {
			t.Errorf("%q: got %d", query, a.status)
		}
	}
}

func TestMailchimpTakesAWayBackOnThisComputerOverPlainHTTP(t *testing.T) {
	w, _ := newWorld(t)
	for uri, want := range map[string]int{
		"http://127.0.0.1:7420/callback/mailchimp": http.StatusOK, "https://access.example.com/callback/mailchimp": http.StatusOK,
		"http://access.example.com/callback/mailchimp": http.StatusBadRequest,
	} {
		w.AllowRedirect(uri)
		v := newVisitor(t)
		v.open(w.Server(platformMailchimp).URL() + "/oauth2/authorize?" + with(mailchimpAddress(w), "redirect_uri", uri).Encode())
		if v.status != want {
			t.Errorf("%s: got %d, want %d", uri, v.status, want)
		}
	}
}

func TestMailchimpRefusesAddressesThatAreNotInOrder(t *testing.T) {
	w, _ := newWorld(t)
	for _, wrong := range [][2]string{
		{"client_id", "another"}, {"client_id", ""}, {"redirect_uri", callback + "/"}, {"redirect_uri", ""}, {"redirect_uri", "http://127.0.0.1:7420/callback"},
		{"response_type", ""}, {"response_type", "token"}, {"scope", "campaigns"}, {"code_challenge", challengeOf(verifier)},
		{"code_challenge_method", "S256"}, {"prompt", "consent"}, {"account", "8f2c"},
	} {
		v := newVisitor(t)
		v.open(w.Server(platformMailchimp).URL() + "/oauth2/authorize?" + with(mailchimpAddress(w), wrong[0], wrong[1]).Encode())
		if v.status != http.StatusBadRequest || v.back != nil {
			t.Errorf("opening with %s=%q: got %d, want a page that says no", wrong[0], wrong[1], v.status)
		}
	}
}

func TestMailchimpRefusesExchangesThatAreNotInOrder(t *testing.T) {
	w, c := newWorld(t)
	refused := func(what string, form url.Values, name string) {
		t.Helper()
		if a := askMailchimp(t, w, form); a.status != http.StatusBadRequest || a.str("error") != name {
			t.Errorf("exchanging with %s: got %d %s, want 400 %s", what, a.status, a.text, name)
		}
	}
	good := mailchimpExchange(w, mailchimpConnect(t, w, "Priya Nair"))
	for _, required := range []string{"grant_type", "client_id", "client_secret", "redirect_uri", "code"} {
		refused("no "+required, with(good, required, ""), "invalid_request")
	}
	refused("a verifier", with(good, "code_verifier", verifier), "invalid_request")
	refused("a scope", with(good, "scope", "x"), "invalid_request")
	refused("a wrong secret", with(good, "client_secret", "x"), "invalid_client")
	refused("another client", with(good, "client_id", "1"), "invalid_client")
	refused("another grant", with(good, "grant_type", "refresh_token"), "unsupported_grant_type")
	refused("an unknown code", with(good, "code", "x"), "invalid_grant")
	refused("another redirect_uri", with(good, "redirect_uri", "http://127.0.0.1:7420/other"), "redirect_uri_mismatch")
	refused("a code that a wrong redirect has used up", good, "invalid_grant")
	used := mailchimpExchange(w, mailchimpConnect(t, w, "Priya Nair"))
	if a := askMailchimp(t, w, used); a.status != http.StatusOK {
		t.Fatalf("exchanging: got %d %s", a.status, a.text)
	}
	refused("a used code", used, "invalid_grant")
	late := mailchimpExchange(w, mailchimpConnect(t, w, "Priya Nair"))
	c.pass(2 * time.Minute)
	refused("an old code", late, "invalid_grant")
	byGet := call(t, w.Server(platformMailchimp), "GET", mailchimpLogin, "/oauth2/token?"+good.Encode(), nil)
	if byGet.status != http.StatusBadRequest || byGet.str("access_token") != "" {
		t.Errorf("exchanging by GET: got %d %s", byGet.status, byGet.text)
	}
}

func TestMailchimpAnswersABadTokenWith200AndAnError(t *testing.T) {
	w, _ := newWorld(t)
	token := mailchimpTokenOf(t, w, "Marta Lindqvist")
	for _, authorization := range []string{"", "OAuth x", "Basic " + token, "Basic " + "YW55OnRva2Vu", token} {
		if a := mailchimpAbout(t, w, authorization); a.status != http.StatusOK || a.text != `{"error":"invalid_token"}` {
			t.Errorf("asking with %.12q: got %d %s", authorization, a.status, a.text)
		}
		if a := readMailchimp(t, w, "us6", "/3.0/ping", authorization); a.status != http.StatusUnauthorized || a.str("title") != "API Key Invalid" {
			t.Errorf("calling with %.12q: got %d %s", authorization, a.status, a.text)
		}
	}
}

func TestMailchimpRefusesWithAProblemDocument(t *testing.T) {
	for name, c := range map[string]struct {
		person, dc, fault string
		act               Action
		status            int
		title             string
	}{
		"another data centre": {person: "Marta Lindqvist", dc: "us7", status: 403, title: "WrongDatacenter"},
		"a viewer":            {person: "Ida Berg", dc: "us6", status: 403, title: "Forbidden"},
		"an author":           {person: "Tom Becker", dc: "us9", status: 403, title: "Forbidden"},
		"a disabled user":     {person: "Marta Lindqvist", dc: "us6", act: Action{Action: "disable_user", Person: "marta-lindqvist"}, status: 403, title: "User Disabled"},
		"user_disabled":       {person: "Marta Lindqvist", dc: "us6", fault: "user_disabled", status: 403, title: "User Disabled"},
		"compliance":          {person: "Marta Lindqvist", dc: "us6", fault: "compliance", status: 500, title: "Compliance Related"},
		"throttled":           {person: "Marta Lindqvist", dc: "us6", fault: "throttled", status: 429, title: "Too Many Requests"},
		"token_revoked":       {person: "Marta Lindqvist", dc: "us6", fault: "token_revoked", status: 401, title: "API Key Invalid"},
		"overloaded":          {person: "Marta Lindqvist", dc: "us6", fault: "overloaded", status: 403},
	} {
		w, _ := newWorld(t)
		token := mailchimpTokenOf(t, w, c.person)
		if c.fault != "" {
			if err := w.SetFault(platformMailchimp, c.fault, true); err != nil {
				t.Fatal(err)
			}
		}
		if c.act.Action != "" {
			c.act.Platform = platformMailchimp
			if _, err := w.Trigger(c.act); err != nil {
				t.Fatal(err)
			}
		}
		a := readMailchimp(t, w, c.dc, "/3.0/lists", "Bearer "+token)
		if a.status != c.status || a.str("title") != c.title || a.header.Get("Retry-After") != "" {
			t.Errorf("%s: got %d %s", name, a.status, a.text)
		}
		problem := strings.HasPrefix(a.header.Get("Content-Type"), "application/problem+json")
		if problem != (c.title != "") {
			t.Errorf("%s: it comes as %s", name, a.header.Get("Content-Type"))
		}
	}
}

func TestMailchimpRefusesTheEleventhCallAtOnce(t *testing.T) {
	w, _ := newWorld(t)
	token := mailchimpTokenOf(t, w, "Marta Lindqvist")
	other := mailchimpTokenOf(t, w, "Ana Ruiz")
	if err := w.SetFault(platformMailchimp, "stall", true); err != nil {
		t.Fatal(err)
	}
	var waiting sync.WaitGroup
	for range mailchimpAtOnce {
		waiting.Go(func() {
			r, err := http.NewRequest("GET", w.Server(platformMailchimp).URL()+"/3.0/ping", nil)
			if err != nil {
				t.Error(err)
				return
			}
			r.Host = "us6" + mailchimpAPI
			r.Header.Set("Authorization", "Bearer "+token)
			if answer, err := http.DefaultClient.Do(r); err == nil { // it ends with the world
				_ = answer.Body.Close()
			}
		})
	}
	underWay := func() int {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.mailchimp.atOnce["marta-lindqvist"]
	}
	for deadline := time.Now().Add(10 * time.Second); underWay() < mailchimpAtOnce && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	w.AllWell() // those that wait go on waiting
	if a := readMailchimp(t, w, "us6", "/3.0/ping", "Bearer "+token); a.status != http.StatusTooManyRequests {
		t.Errorf("the eleventh call: got %d %s", a.status, a.text)
	}
	if a := readMailchimp(t, w, "us19", "/3.0/ping", "Bearer "+other); a.status != http.StatusOK {
		t.Errorf("another user's call: got %d %s", a.status, a.text)
	}
	if err := w.Close(); err != nil {
		t.Errorf("ending the world: %v", err)
	}
	waiting.Wait()
	for deadline := time.Now().Add(10 * time.Second); underWay() > 0 && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	if n := underWay(); n != 0 {
		t.Errorf("%d calls are counted that have ended", n)
	}
}

func TestDisconnectingAtMailchimpEndsTheTokensOfOneAccount(t *testing.T) {
	w, _ := newWorld(t)
	pine, outlet := mailchimpTokenOf(t, w, "Lars Holm", "Harbour & Pine"), mailchimpTokenOf(t, w, "Lars Holm", "Harbour & Pine Outlet")
	id := readMailchimp(t, w, "us6", "/3.0/", "Bearer "+pine).str("account_id")
	if _, err := w.Trigger(Action{Platform: platformMailchimp, Action: "disconnect", Asset: id}); err != nil {
		t.Fatal(err)
	}
	if a := readMailchimp(t, w, "us6", "/3.0/ping", "Bearer "+pine); a.status != http.StatusUnauthorized {
		t.Errorf("the account that was disconnected: got %d", a.status)
	}
	if a := readMailchimp(t, w, "us21", "/3.0/ping", "Bearer "+outlet); a.status != http.StatusOK {
		t.Errorf("the other account: got %d", a.status)
	}
	alive := fmt.Sprint(w.State().Mailchimp.Connections)
	if strings.Count(alive, "true") != 1 || strings.Count(alive, "false") != 1 {
		t.Errorf("the connections are %s", alive)
	}
	if _, err := w.Trigger(Action{Platform: platformMailchimp, Action: "disconnect", Asset: "nothing"}); err == nil {
		t.Error("an account that is not there was disconnected")
	}
}

func TestMailchimpKeepsADisabledUser(t *testing.T) {
	w, _ := newWorld(t)
	if _, err := w.Trigger(Action{Platform: platformMailchimp, Action: "disable_user", Person: "priya-nair"}); err != nil {
		t.Fatal(err)
	}
	v := newVisitor(t)
	v.open(w.Server(platformMailchimp).URL() + "/oauth2/authorize?" + mailchimpAddress(w).Encode())
	v.press("Priya Nair")
	if v.status != http.StatusForbidden || v.back != nil {
		t.Errorf("signing in: got %d, back with %v", v.status, v.back)
	}
}

func TestNobodyConnectsAnAccountOfSomebodyElse(t *testing.T) {
	w, _ := newWorld(t)
	v := newVisitor(t)
	v.open(w.Server(platformMailchimp).URL() + "/oauth2/" + w.mailchimp.accounts[1].id + "/authorize?" + mailchimpAddress(w).Encode())
	v.press("Marta Lindqvist")
	if v.status != http.StatusForbidden || v.back != nil {
		t.Errorf("choosing Lars's other account as Marta: got %d, back with %v", v.status, v.back)
	}
}
