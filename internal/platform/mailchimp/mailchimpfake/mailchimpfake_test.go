package mailchimpfake

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/sandbox"
	"github.com/latchkeyhq/latchkey/internal/sandbox/sandboxtest"
)

// fakeIn returns the fake of a world, for what no call returns.
func fakeIn(w *sandbox.World) *Fake { return w.Platform(platformName).(*Fake) }

func mailchimpAddress(w *sandbox.World) url.Values {
	return url.Values{
		"response_type": {"code"}, "client_id": {w.ClientID(platformName)}, "redirect_uri": {sandboxtest.Callback},
		"state": {"s1"},
	}
}

func mailchimpExchange(w *sandbox.World, value string) url.Values {
	return url.Values{
		"grant_type": {"authorization_code"}, "client_id": {w.ClientID(platformName)},
		"client_secret": {w.ClientSecret(platformName)}, "redirect_uri": {sandboxtest.Callback}, "code": {value},
	}
}

// mailchimpConnect signs a person in and returns the code.
func mailchimpConnect(t *testing.T, w *sandbox.World, presses ...string) string {
	t.Helper()
	v := sandboxtest.NewBrowser(t)
	v.Open(w.Server(platformName).URL() + "/oauth2/authorize?" + mailchimpAddress(w).Encode())
	for _, words := range append(presses, "Allow") {
		v.Press(words)
	}
	if v.Back.Get("state") != "s1" || v.Back.Get("code") == "" {
		t.Fatalf("coming back from Mailchimp: got %v, want a code and the state", v.Back)
	}
	return v.Back.Get("code")
}

func askMailchimp(t *testing.T, w *sandbox.World, form url.Values) sandboxtest.Reply {
	t.Helper()
	return sandboxtest.Call(t, w.Server(platformName), "POST", loginURL, "/oauth2/token", form)
}

// mailchimpTokenOf signs a person in and returns the token.
func mailchimpTokenOf(t *testing.T, w *sandbox.World, presses ...string) string {
	t.Helper()
	a := askMailchimp(t, w, mailchimpExchange(w, mailchimpConnect(t, w, presses...)))
	if a.Status != http.StatusOK || len(a.Str("access_token")) != 32 {
		t.Fatalf("exchanging: got %d %s, want a token", a.Status, a.Text)
	}
	return a.Str("access_token")
}

func readMailchimp(t *testing.T, w *sandbox.World, dc, path, authorization string) sandboxtest.Reply {
	t.Helper()
	return sandboxtest.Call(t, w.Server(platformName), "GET", dc+apiURL, path, nil, "Authorization", authorization)
}

func mailchimpAbout(t *testing.T, w *sandbox.World, authorization string) sandboxtest.Reply {
	t.Helper()
	return sandboxtest.Call(t, w.Server(platformName), "GET", loginURL, "/oauth2/metadata", nil, "Authorization",
		authorization)
}

func TestMailchimpGivesATokenWithoutEndScopeOrRefreshToken(t *testing.T) {
	w, c := sandboxtest.New(t, New)
	a := askMailchimp(t, w, mailchimpExchange(w, mailchimpConnect(t, w, "Marta Lindqvist")))
	if scope, has := a.JSON["scope"]; !has || scope != nil || a.Num("expires_in") != 0 || a.JSON["refresh_token"] != nil ||
		len(a.JSON) != 3 {
		t.Errorf("exchanging: got %s", a.Text)
	}
	c.Pass(5 * 365 * 24 * time.Hour)
	if a := readMailchimp(t, w, "us6", "/3.0/ping", "Bearer "+a.Str("access_token")); a.Status != http.StatusOK {
		t.Errorf("five years later: got %d %s", a.Status, a.Text)
	}
}

func TestMailchimpTellsWhereAnAccountLivesAndWhatItHas(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	token := mailchimpTokenOf(t, w, "Lars Holm", "Harbour & Pine Outlet")
	for _, kind := range []string{"OAuth ", "Bearer "} {
		about := mailchimpAbout(t, w, kind+token)
		if about.Str("dc") != "us21" || about.Str("api_endpoint") != "https://us21.api.mailchimp.com" ||
			about.Str("role") != "admin" ||
			about.Str("login", "email") != "lars.holm@harbourpine.example" {
			t.Errorf("asking as %q: got %s", kind, about.Text)
		}
		root := readMailchimp(t, w, "us21", "/3.0/?fields=account_id,account_name,contact.company", kind+token)
		if root.Str("account_name") != "Harbour & Pine Outlet" || root.Str("account_id") == "" ||
			root.Str("contact", "company") == "" || len(root.JSON) != 3 {
			t.Errorf("reading the root as %q: got %d %s", kind, root.Status, root.Text)
		}
		lists := readMailchimp(t, w, "us21", "/3.0/lists?count=1000&fields=lists.stats.member_count,total_items", kind+token)
		if lists.Text != `{"lists":[{"stats":{"member_count":5120}}],"total_items":1}` {
			t.Errorf("reading the audiences as %q: got %s", kind, lists.Text)
		}
	}
}

func TestMailchimpListsAThousandAudiencesAtMost(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	token := "Bearer " + mailchimpTokenOf(t, w, "Greta Falk")
	for query, want := range map[string]int{
		"": 10, "?count=1000": 1000, "?count=1000&offset=1000": 204, "?offset=5000": 0,
	} {
		a := readMailchimp(t, w, "us17", "/3.0/lists"+query, token)
		if got, _ := a.JSON["lists"].([]any); len(got) != want || a.Num("total_items") != 1204 {
			t.Errorf("%q: got %d of %v, want %d", query, len(got), a.JSON["total_items"], want)
		}
	}
	for _, query := range []string{"?count=1001", "?count=-1", "?offset=x", "?scope=all", "?count=1&count=2"} {
		if a := readMailchimp(t, w, "us17", "/3.0/lists"+query, token); a.Status != http.StatusBadRequest {
			t.Errorf("%q: got %d", query, a.Status)
		}
	}
}

func TestMailchimpTakesAWayBackOnThisComputerOverPlainHTTP(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	for uri, want := range map[string]int{
		"http://127.0.0.1:7420/callback/mailchimp":      http.StatusOK,
		"https://access.example.com/callback/mailchimp": http.StatusOK,
		"http://access.example.com/callback/mailchimp":  http.StatusBadRequest,
	} {
		w.AllowRedirect(uri)
		v := sandboxtest.NewBrowser(t)
		v.Open(w.Server(platformName).URL() + "/oauth2/authorize?" +
			sandboxtest.With(mailchimpAddress(w), "redirect_uri", uri).Encode())
		if v.Status != want {
			t.Errorf("%s: got %d, want %d", uri, v.Status, want)
		}
	}
}

func TestMailchimpRefusesAddressesThatAreNotInOrder(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	for _, wrong := range [][2]string{
		{"client_id", "another"}, {"client_id", ""}, {"redirect_uri", sandboxtest.Callback + "/"}, {"redirect_uri", ""},
		{"redirect_uri", "http://127.0.0.1:7420/callback"},
		{"response_type", ""}, {"response_type", "token"}, {"scope", "campaigns"},
		{"code_challenge", sandboxtest.ChallengeOf(sandboxtest.Verifier)},
		{"code_challenge_method", "S256"}, {"prompt", "consent"}, {"account", "8f2c"},
	} {
		v := sandboxtest.NewBrowser(t)
		v.Open(w.Server(platformName).URL() + "/oauth2/authorize?" +
			sandboxtest.With(mailchimpAddress(w), wrong[0], wrong[1]).Encode())
		if v.Status != http.StatusBadRequest || v.Back != nil {
			t.Errorf("opening with %s=%q: got %d, want a page that says no", wrong[0], wrong[1], v.Status)
		}
	}
}

func TestMailchimpRefusesExchangesThatAreNotInOrder(t *testing.T) {
	w, c := sandboxtest.New(t, New)
	refused := func(what string, form url.Values, name string) {
		t.Helper()
		if a := askMailchimp(t, w, form); a.Status != http.StatusBadRequest || a.Str("error") != name {
			t.Errorf("exchanging with %s: got %d %s, want 400 %s", what, a.Status, a.Text, name)
		}
	}
	good := mailchimpExchange(w, mailchimpConnect(t, w, "Priya Nair"))
	for _, required := range []string{"grant_type", "client_id", "client_secret", "redirect_uri", "code"} {
		refused("no "+required, sandboxtest.With(good, required, ""), "invalid_request")
	}
	refused("a verifier", sandboxtest.With(good, "code_verifier", sandboxtest.Verifier), "invalid_request")
	refused("a scope", sandboxtest.With(good, "scope", "x"), "invalid_request")
	refused("a wrong secret", sandboxtest.With(good, "client_secret", "x"), "invalid_client")
	refused("another client", sandboxtest.With(good, "client_id", "1"), "invalid_client")
	refused("another grant", sandboxtest.With(good, "grant_type", "refresh_token"), "unsupported_grant_type")
	refused("an unknown code", sandboxtest.With(good, "code", "x"), "invalid_grant")
	refused("another redirect_uri", sandboxtest.With(good, "redirect_uri", "http://127.0.0.1:7420/other"),
		"redirect_uri_mismatch")
	refused("a code that a wrong redirect has used up", good, "invalid_grant")
	used := mailchimpExchange(w, mailchimpConnect(t, w, "Priya Nair"))
	if a := askMailchimp(t, w, used); a.Status != http.StatusOK {
		t.Fatalf("exchanging: got %d %s", a.Status, a.Text)
	}
	refused("a used code", used, "invalid_grant")
	late := mailchimpExchange(w, mailchimpConnect(t, w, "Priya Nair"))
	c.Pass(2 * time.Minute)
	refused("an old code", late, "invalid_grant")
	byGet := sandboxtest.Call(t, w.Server(platformName), "GET", loginURL, "/oauth2/token?"+good.Encode(), nil)
	if byGet.Status != http.StatusBadRequest || byGet.Str("access_token") != "" {
		t.Errorf("exchanging by GET: got %d %s", byGet.Status, byGet.Text)
	}
}

func TestMailchimpAnswersABadTokenWith200AndAnError(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	token := mailchimpTokenOf(t, w, "Marta Lindqvist")
	for _, authorization := range []string{"", "OAuth x", "Basic " + token, "Basic " + "YW55OnRva2Vu", token} {
		if a := mailchimpAbout(t, w, authorization); a.Status != http.StatusOK || a.Text != `{"error":"invalid_token"}` {
			t.Errorf("asking with %.12q: got %d %s", authorization, a.Status, a.Text)
		}
		if a := readMailchimp(t, w, "us6", "/3.0/ping", authorization); a.Status != http.StatusUnauthorized ||
			a.Str("title") != "API Key Invalid" {
			t.Errorf("calling with %.12q: got %d %s", authorization, a.Status, a.Text)
		}
	}
}

func TestMailchimpRefusesWithAProblemDocument(t *testing.T) {
	for name, c := range map[string]struct {
		person, dc, fault string
		act               sandbox.Action
		status            int
		title             string
	}{
		"another data centre": {person: "Marta Lindqvist", dc: "us7", status: 403, title: "WrongDatacenter"},
		"a viewer":            {person: "Ida Berg", dc: "us6", status: 403, title: "Forbidden"},
		"an author":           {person: "Tom Becker", dc: "us9", status: 403, title: "Forbidden"},
		"a disabled user": {
			person: "Marta Lindqvist",
			dc:     "us6",
			act:    sandbox.Action{Action: "disable_user", Person: "marta-lindqvist"},
			status: 403,
			title:  "User Disabled",
		},
		"user_disabled": {person: "Marta Lindqvist", dc: "us6", fault: "user_disabled", status: 403, title: "User Disabled"},
		"compliance": {
			person: "Marta Lindqvist",
			dc:     "us6",
			fault:  "compliance",
			status: 500,
			title:  "Compliance Related",
		},
		"throttled": {person: "Marta Lindqvist", dc: "us6", fault: "throttled", status: 429, title: "Too Many Requests"},
		"token_revoked": {
			person: "Marta Lindqvist",
			dc:     "us6",
			fault:  "token_revoked",
			status: 401,
			title:  "API Key Invalid",
		},
		"overloaded": {person: "Marta Lindqvist", dc: "us6", fault: "overloaded", status: 403},
	} {
		w, _ := sandboxtest.New(t, New)
		token := mailchimpTokenOf(t, w, c.person)
		if c.fault != "" {
			if err := w.SetFault(platformName, c.fault, true); err != nil {
				t.Fatal(err)
			}
		}
		if c.act.Action != "" {
			c.act.Platform = platformName
			if _, err := w.Trigger(c.act); err != nil {
				t.Fatal(err)
			}
		}
		a := readMailchimp(t, w, c.dc, "/3.0/lists", "Bearer "+token)
		if a.Status != c.status || a.Str("title") != c.title || a.Header.Get("Retry-After") != "" {
			t.Errorf("%s: got %d %s", name, a.Status, a.Text)
		}
		problem := strings.HasPrefix(a.Header.Get("Content-Type"), "application/problem+json")
		if problem != (c.title != "") {
			t.Errorf("%s: it comes as %s", name, a.Header.Get("Content-Type"))
		}
	}
}

func TestMailchimpRefusesTheEleventhCallAtOnce(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	token := mailchimpTokenOf(t, w, "Marta Lindqvist")
	other := mailchimpTokenOf(t, w, "Ana Ruiz")
	if err := w.SetFault(platformName, "stall", true); err != nil {
		t.Fatal(err)
	}
	var waiting sync.WaitGroup
	for range concurrentCalls {
		waiting.Go(func() {
			r, err := http.NewRequest("GET", w.Server(platformName).URL()+"/3.0/ping", nil)
			if err != nil {
				t.Error(err)
				return
			}
			r.Host = "us6" + apiURL
			r.Header.Set("Authorization", "Bearer "+token)
			if answer, err := http.DefaultClient.Do(r); err == nil { // it ends with the world
				_ = answer.Body.Close()
			}
		})
	}
	underWay := func() int {
		fakeIn(w).mu.Lock()
		defer fakeIn(w).mu.Unlock()
		return fakeIn(w).state.atOnce["marta-lindqvist"]
	}
	for deadline := time.Now().Add(10 * time.Second); underWay() < concurrentCalls && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	w.AllWell() // calls in progress stay delayed
	if a := readMailchimp(t, w, "us6", "/3.0/ping", "Bearer "+token); a.Status != http.StatusTooManyRequests {
		t.Errorf("the eleventh call: got %d %s", a.Status, a.Text)
	}
	if a := readMailchimp(t, w, "us19", "/3.0/ping", "Bearer "+other); a.Status != http.StatusOK {
		t.Errorf("another user's call: got %d %s", a.Status, a.Text)
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
	w, _ := sandboxtest.New(t, New)
	pine, outlet := mailchimpTokenOf(t, w, "Lars Holm", "Harbour & Pine"), mailchimpTokenOf(t, w, "Lars Holm",
		"Harbour & Pine Outlet")
	id := readMailchimp(t, w, "us6", "/3.0/", "Bearer "+pine).Str("account_id")
	if _, err := w.Trigger(sandbox.Action{Platform: platformName, Action: "disconnect", Asset: id}); err != nil {
		t.Fatal(err)
	}
	if a := readMailchimp(t, w, "us6", "/3.0/ping", "Bearer "+pine); a.Status != http.StatusUnauthorized {
		t.Errorf("the account that was disconnected: got %d", a.Status)
	}
	if a := readMailchimp(t, w, "us21", "/3.0/ping", "Bearer "+outlet); a.Status != http.StatusOK {
		t.Errorf("the other account: got %d", a.Status)
	}
	alive := fmt.Sprint(w.State()[platformName].(View).Connections)
	if strings.Count(alive, "true") != 1 || strings.Count(alive, "false") != 1 {
		t.Errorf("the connections are %s", alive)
	}
	if _, err := w.Trigger(sandbox.Action{Platform: platformName, Action: "disconnect", Asset: "nothing"}); err == nil {
		t.Error("an account that is not there was disconnected")
	}
}

func TestMailchimpKeepsADisabledUser(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	if _, err := w.Trigger(sandbox.Action{
		Platform: platformName,
		Action:   "disable_user",
		Person:   "priya-nair",
	}); err != nil {
		t.Fatal(err)
	}
	v := sandboxtest.NewBrowser(t)
	v.Open(w.Server(platformName).URL() + "/oauth2/authorize?" + mailchimpAddress(w).Encode())
	v.Press("Priya Nair")
	if v.Status != http.StatusForbidden || v.Back != nil {
		t.Errorf("signing in: got %d, back with %v", v.Status, v.Back)
	}
}

func TestNobodyConnectsAnAccountOfSomebodyElse(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	v := sandboxtest.NewBrowser(t)
	v.Open(w.Server(platformName).URL() + "/oauth2/" + fakeIn(w).state.accounts[1].id + "/authorize?" +
		mailchimpAddress(w).Encode())
	v.Press("Marta Lindqvist")
	if v.Status != http.StatusForbidden || v.Back != nil {
		t.Errorf("choosing Lars's other account as Marta: got %d, back with %v", v.Status, v.Back)
	}
}
