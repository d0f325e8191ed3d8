package activecampaignfake

import (
	"net/http"
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/sandbox"
	"github.com/latchkeyhq/latchkey/internal/sandbox/sandboxtest"
)

// onTestClock is New with a rate limit that follows the test's clock.
func onTestClock(env *sandbox.Env) sandbox.Platform {
	return &Fake{env: env, now: env.Now, state: newState()}
}

func TestActiveCampaignKnowsAKeyAtItsOwnHost(t *testing.T) {
	w, _ := sandboxtest.New(t, onTestClock)
	accounts := w.Keys(platformName)
	if len(accounts) < 3 {
		t.Fatalf("listing accounts: got %d, want at least three", len(accounts))
	}
	for _, a := range accounts {
		if len(a.Key) != 72 {
			t.Errorf("the key of %s has %d characters, want 72", a.Name, len(a.Key))
		}
		host := strings.TrimPrefix(a.URL, "https://")
		me := sandboxtest.Call(t, w.Server(platformName), "GET", host, "/api/3/users/me", nil, "Api-Token", a.Key)
		if me.Status != http.StatusOK || me.Str("user", "id") != "1" || me.Str("user", "email") == "" {
			t.Errorf("asking %s who it is: got %d %s", a.Name, me.Status, me.Text)
		}
		lists := sandboxtest.Call(t, w.Server(platformName), "GET", host, "/api/3/lists?limit=1", nil, "Api-Token", a.Key)
		if lists.Status != http.StatusOK || lists.Str("meta", "total") == "" {
			t.Errorf("listing at %s: got %d %s, want a total in a string", a.Name, lists.Status, lists.Text)
		}
	}
}

func TestActiveCampaignRefuses(t *testing.T) {
	w, clock := sandboxtest.New(t, onTestClock)
	key := w.Keys(platformName)[0].Key
	for what, c := range map[string]struct {
		host, path, key string
		status          int
		kind            string
	}{
		"no key": {host: "northwind.api-us1.com", path: "/api/3/users/me", status: 403, kind: "text/plain"},
		"a key cut off": {
			host: "northwind.api-us1.com", path: "/api/3/users/me", key: key[:60], status: 403, kind: "application/json",
		},
		"a key with a space": {
			host: "northwind.api-us1.com", path: "/api/3/users/me", key: key[:36] + " " + key[36:], status: 403,
			kind: "application/json",
		},
		"another account's key": {
			host: "pinecrest.api-us1.com", path: "/api/3/users/me", key: key, status: 403, kind: "application/json",
		},
		"a key of an ended one": {
			host: "velora.api-us1.com", path: "/api/3/users/me",
			key: "90ad3c7e15f28b64d0e9375a1c86fb42e7d05913ac8f64b2e1d7093c5a8fb6e4d21c0973", status: 403,
			kind: "application/json",
		},
		"a user who sees nothing": {
			host: "northwind.api-us1.com", path: "/api/3/lists",
			key: "3b90e7d41fa258c60b7d1e94f3852ac7d06e19b4f58c23a7e0d9416b8f72c5301ade96b4", status: 403, kind: "text/plain",
		},
		"an account there is not": {
			host: "nobody.api-us1.com", path: "/api/3/users/me", key: key, status: 404, kind: "text/html",
		},
		"the other kind of host": {
			host: "northwind.activehosted.com", path: "/api/3/users/me", key: key, status: 404, kind: "text/html",
		},
		"a page of the app": {host: "northwind.api-us1.com", path: "/app/settings", key: key, status: 200, kind: "text/html"},
		"a path there is not": {
			host: "northwind.api-us1.com", path: "/api/3/nothing", key: key, status: 404, kind: "application/json",
		},
		"an unknown parameter": {
			host: "pacificroast.activehosted.com", path: "/api/3/lists?page=2", key: w.Keys(platformName)[1].Key, status: 422,
			kind: "application/json",
		},
		"a host that is not its": {
			host: "northwind.example", path: "/api/3/users/me", key: key, status: 421, kind: "text/plain",
		},
		"a host below a host": {host: "a.b.api-us1.com", path: "/api/3/users/me", key: key, status: 421, kind: "text/plain"},
	} {
		header := []string{"Api-Token", c.key}
		if c.key == "" {
			header = nil
		}
		a := sandboxtest.Call(t, w.Server(platformName), "GET", c.host, c.path, nil, header...)
		for a.Status == http.StatusTooManyRequests {
			clock.Pass(callWindow)
			a = sandboxtest.Call(t, w.Server(platformName), "GET", c.host, c.path, nil, header...)
		}
		if a.Status != c.status || !strings.HasPrefix(a.Header.Get("Content-Type"), c.kind) {
			t.Errorf("asking with %s: got %d %s, want %d %s", what, a.Status, a.Header.Get("Content-Type"), c.status, c.kind)
		}
	}
}

func TestActiveCampaignTakesFiveCallsASecond(t *testing.T) {
	w, clock := sandboxtest.New(t, onTestClock)
	a := w.Keys(platformName)[0]
	for i := range 6 {
		got := sandboxtest.Call(t, w.Server(platformName), "GET", "northwind.api-us1.com", "/api/3/users/me", nil,
			"Api-Token", a.Key)
		want := http.StatusOK
		if i == 5 {
			want = http.StatusTooManyRequests
		}
		if got.Status != want || got.Header.Get("RateLimit-Limit") != "5" {
			t.Errorf("call %d: got %d and limit %q, want %d and 5", i+1, got.Status, got.Header.Get("RateLimit-Limit"), want)
		}
		if i == 5 && got.Header.Get("Retry-After") != "1" {
			t.Errorf("call 6: got Retry-After %q, want 1", got.Header.Get("Retry-After"))
		}
	}
	other := sandboxtest.Call(t, w.Server(platformName), "GET", "pinecrest.api-us1.com", "/api/3/users/me", nil,
		"Api-Token", w.Keys(platformName)[2].Key)
	if other.Status != http.StatusOK {
		t.Errorf("calling another account meanwhile: got %d, want 200", other.Status)
	}
	clock.Pass(callWindow)
	if got := sandboxtest.Call(t, w.Server(platformName), "GET", "northwind.api-us1.com", "/api/3/users/me", nil,
		"Api-Token", a.Key); got.Status != http.StatusOK {
		t.Errorf("calling a second later: got %d, want 200", got.Status)
	}
}

func TestActiveCampaignRevokesAKey(t *testing.T) {
	w, _ := sandboxtest.New(t, onTestClock)
	a := w.Keys(platformName)[0]
	for _, step := range []struct {
		action string
		status int
	}{{"revoke", http.StatusForbidden}, {"restore", http.StatusOK}} {
		if _, err := w.Trigger(sandbox.Action{
			Platform: "activecampaign",
			Action:   step.action,
			Person:   "nadia-berger",
		}); err != nil {
			t.Fatal(err)
		}
		if got := sandboxtest.Call(t, w.Server(platformName), "GET", "northwind.api-us1.com", "/api/3/users/me", nil,
			"Api-Token", a.Key); got.Status != step.status {
			t.Errorf("calling after %s: got %d, want %d", step.action, got.Status, step.status)
		}
	}
}

func TestActiveCampaignStopsAnAccountUntilItIsPaid(t *testing.T) {
	w, _ := sandboxtest.New(t, onTestClock)
	accounts := w.Keys(platformName)
	for _, step := range []struct {
		action string
		status int
	}{{"stop_account", http.StatusPaymentRequired}, {"pay_account", http.StatusOK}} {
		if _, err := w.Trigger(sandbox.Action{
			Platform: "activecampaign", Action: step.action, Person: "nadia-berger",
		}); err != nil {
			t.Fatal(err)
		}
		for host, want := range map[string]int{
			"northwind.api-us1.com": step.status, "pinecrest.api-us1.com": http.StatusOK,
		} {
			key := accounts[0].Key
			if host == "pinecrest.api-us1.com" {
				key = accounts[2].Key
			}
			if got := sandboxtest.Call(t, w.Server(platformName), "GET", host, "/api/3/users/me", nil, "Api-Token",
				key); got.Status != want {
				t.Errorf("calling %s after %s: got %d, want %d", host, step.action, got.Status, want)
			}
		}
	}
}

func TestActiveCampaignListsWhatWasAskedFor(t *testing.T) {
	w, clock := sandboxtest.New(t, onTestClock)
	key := w.Keys(platformName)[0].Key
	for _, c := range []struct {
		path, total string
		has         string
	}{
		{"/api/3/lists?filters[name]=Retailers", "1", `"name":"Retailers"`},
		{"/api/3/lists?filters%5Bname%5D=Nothing", "0", `"lists":[]`},
		{"/api/3/lists?orders[name]=desc&limit=1", "3", `"name":"Spring launch"`},
		{"/api/3/contacts?limit=1", "12", `"email":"maria1@northwind-guests.example"`},
		{"/api/3/contacts?limit=1&offset=11", "12", `"firstName":"Ravi"`},
		{"/api/3/contacts?search=engel", "1", `"lastName":"Engel"`},
		{"/api/3/contacts?email=nobody@northwind-guests.example", "0", `"contacts":[]`},
	} {
		a := askPatiently(t, w, clock, c.path, "Api-Token", key)
		if a.Status != http.StatusOK || a.Str("meta", "total") != c.total || !strings.Contains(a.Text, c.has) {
			t.Errorf("%s: got %d %s, want %s of %s in all", c.path, a.Status, a.Text, c.has, c.total)
		}
	}
	for _, path := range []string{
		"/api/3/lists?filters[title]=x", "/api/3/lists?limit=x", "/api/3/lists?orders[name]=weight",
		"/api/3/contacts?segmentid=1",
		"/api/3/contacts?page=2", "/api/3/contacts?limit=1&limit=2", "/api/3/users/me?x=1",
	} {
		if a := askPatiently(t, w, clock, path, "Api-Token", key); a.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s: got %d %s, want 422", path, a.Status, a.Text)
		}
	}
}

func TestActiveCampaignTakesAKeyInItsHeaderAlone(t *testing.T) {
	w, clock := sandboxtest.New(t, onTestClock)
	key := w.Keys(platformName)[0].Key
	for _, c := range []struct{ path, header, value string }{
		{"/api/3/users/me", "Authorization", "Bearer " + key},
		{"/api/3/users/me", "Authorization", "Basic " + key},
		{"/api/3/users/me?api_key=" + key, "X-Nothing", "x"},
	} {
		if a := askPatiently(t, w, clock, c.path, c.header, c.value); a.Status != http.StatusForbidden ||
			strings.Contains(a.Text, `"user"`) {
			t.Errorf("%s with %s: got %d %s, want 403", c.path, c.header, a.Status, a.Text)
		}
	}
}

// askPatiently calls Northwind's account, and repeats rate-limited calls.
func askPatiently(
	t *testing.T, w *sandbox.World, clock *sandboxtest.Clock, path, header, value string,
) sandboxtest.Reply {
	t.Helper()
	for {
		a := sandboxtest.Call(t, w.Server(platformName), "GET", "northwind.api-us1.com", path, nil, header, value)
		if a.Status != http.StatusTooManyRequests {
			return a
		}
		if a.Header.Get("Retry-After") != "1" {
			t.Fatalf("a call too many is told to wait %q seconds, want 1", a.Header.Get("Retry-After"))
		}
		clock.Pass(callWindow)
	}
}
