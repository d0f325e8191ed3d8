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

const hubspotAll = "crm.objects.contacts.write crm.schemas.contacts.read crm.lists.read"

// hubspotTokenOf connects a person's portal, with optional scopes, and returns
// the access token.
func hubspotTokenOf(t *testing.T, w *sandbox.World, person, optional string) string {
	t.Helper()
	v := sandboxtest.NewBrowser(t)
	v.Open(w.Server(platformName).URL() + "/oauth/authorize?" + sandboxtest.With(hubspotAddress(w), "optional_scope",
		optional).Encode())
	v.Press(person)
	v.Press("Allow")
	return askHubSpot(t, w, hubspotExchange(w, v.Back.Get("code"))).Str("access_token")
}

// hubspotJSON makes a call with a JSON body; empty: without a body.
func hubspotJSON(t *testing.T, w *sandbox.World, token, method, path, body string) sandboxtest.Reply {
	t.Helper()
	r, err := http.NewRequest(method, w.Server(platformName).URL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Host = "api.hubapi.com"
	r.Header.Set("Authorization", "Bearer "+token)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	return sandboxtest.Do(t, http.DefaultClient, r)
}

func TestHubSpotGivesDefaultOrAskedPropertiesOnly(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	token := hubspotTokenOf(t, w, "Priya Nair", "")
	for _, c := range []struct {
		query      string
		has, hasNo []string
	}{
		{"", []string{`"email"`, `"firstname"`, `"hs_object_id"`}, []string{`"phone"`, `"lifecyclestage"`,
			"propertiesWithHistory", "associations"}},
		{"&properties=phone", []string{`"phone"`}, []string{`"email"`, `"firstname"`}},
		{"&properties=phone&properties=email", []string{`"phone"`, `"email"`}, []string{`"firstname"`}},
		{"&properties=phone,email", []string{`"phone"`, `"email"`}, []string{`"firstname"`}},
		{"&properties=website", []string{`"website":null`}, []string{`"email"`}},
		{"&properties=no_such_property", []string{`"properties":{}`}, []string{`"email"`}},
		{"&propertiesWithHistory=email&propertiesWithHistory=phone", []string{`"propertiesWithHistory":{"email":[{`,
			`"sourceType"`}, nil},
		{"&associations=companies,deals&associations=tickets", []string{`"results":[{`}, nil},
		{"&archived=true", []string{`"results":[]`}, nil},
	} {
		a := hubspotJSON(t, w, token, http.MethodGet, "/crm/objects/2026-03/contacts?limit=1"+c.query, "")
		if a.Status != http.StatusOK {
			t.Errorf("reading with %q: got %d %s", c.query, a.Status, a.Text)
		}
		for _, want := range c.has {
			if !strings.Contains(a.Text, want) {
				t.Errorf("reading with %q: %s lacks %s", c.query, a.Text, want)
			}
		}
		for _, never := range c.hasNo {
			if strings.Contains(a.Text, never) {
				t.Errorf("reading with %q: %s has %s", c.query, a.Text, never)
			}
		}
	}
}

func TestHubSpotRefusesAPageThatIsNotInOrder(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	token := hubspotTokenOf(t, w, "Priya Nair", "")
	for _, query := range []string{
		"limit=0", "limit=101", "limit=x", "after=-1", "limit=1&limit=2", "archived=maybe", "associations=dragons",
		"propertiesWithHistory=email&limit=51", "sort=email",
	} {
		a := hubspotJSON(t, w, token, http.MethodGet, "/crm/objects/2026-03/contacts?"+query, "")
		if a.Status != http.StatusBadRequest || a.Str("category") != "VALIDATION_ERROR" ||
			a.Str("correlationId") == "" {
			t.Errorf("reading with %s: got %d %s, want 400 VALIDATION_ERROR", query, a.Status, a.Text)
		}
	}
}

func TestHubSpotServesEachVersionUntilItsEnd(t *testing.T) {
	w, c := sandboxtest.New(t, New)
	token := func() string { return hubspotTokenOf(t, w, "Priya Nair", "") }
	status := func(path string) int {
		t.Helper()
		return hubspotJSON(t, w, token(), http.MethodGet, path, "").Status
	}
	dated := []string{
		"/crm/objects/2026-03/contacts", "/crm/objects/2026-09/contacts", "/account-info/2026-03/details",
		"/account-info/2026-09/details",
	}
	undated := []string{"/crm/v3/objects/contacts", "/account-info/v3/details"}
	renew := func(version string) int {
		t.Helper()
		return sandboxtest.Call(t, w.Server(platformName), "POST", "api.hubapi.com", "/oauth/"+version+"/token",
			hubspotRefresh(w,
				"x")).Status
	}
	for _, moment := range []struct {
		now              time.Time
		v1, v3, dateless int
	}{
		{
			now: time.Date(2027, 2, 15, 12, 0, 0, 0, time.UTC), v1: http.StatusBadRequest, v3: http.StatusBadRequest,
			dateless: http.StatusOK,
		},
		{
			now: time.Date(2027, 2, 16, 12, 0, 0, 0, time.UTC), v1: http.StatusGone, v3: http.StatusBadRequest,
			dateless: http.StatusOK,
		},
		{
			now: time.Date(2027, 9, 1, 12, 0, 0, 0, time.UTC), v1: http.StatusGone, v3: http.StatusGone,
			dateless: http.StatusGone,
		},
	} {
		c.Pass(moment.now.Sub(c.Now()))
		for _, path := range dated {
			if got := status(path); got != http.StatusOK {
				t.Errorf("on %s %s: got %d, want 200", moment.now, path, got)
			}
		}
		for _, path := range undated {
			if got := status(path); got != moment.dateless {
				t.Errorf("on %s %s: got %d, want %d", moment.now, path, got, moment.dateless)
			}
		}
		for version, want := range map[string]int{"v1": moment.v1, "v3": moment.v3, "2026-03": 400, "2026-09": 400} {
			if got := renew(version); got != want {
				t.Errorf("on %s /oauth/%s/token: got %d, want %d", moment.now, version, got, want)
			}
		}
	}
}

func TestAContactIsAddedOnlyWithTheScopeForIt(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	const path = "/crm/objects/2026-03/contacts"
	const body = `{"properties":{"email":"new@example.com","phone":"1"},"associations":[]}`
	without := hubspotTokenOf(t, w, "Ana Ruiz", "")
	if a := hubspotJSON(t, w, without, http.MethodPost, path, body); a.Status != http.StatusForbidden ||
		a.Str("category") != "MISSING_SCOPES" || !strings.Contains(a.Text,
		`"missingScopes":["crm.objects.contacts.write"]`) {
		t.Errorf("adding without the scope: got %d %s", a.Status, a.Text)
	}
	token := hubspotTokenOf(t, w, "Ana Ruiz", hubspotAll)
	if a := hubspotJSON(t, w, token, http.MethodPost, path, body); a.Status != http.StatusCreated || a.Str("id") == "" {
		t.Fatalf("adding: got %d %s, want 201", a.Status, a.Text)
	}
	found := hubspotJSON(t, w, token, http.MethodPost, path+"/search",
		`{"filterGroups":[{"filters":[{"propertyName":"email","operator":"EQ","value":"new@example.com"}]}],`+
			`"properties":["phone"],"limit":5}`)
	if found.Num("total") != 1 || !strings.Contains(found.Text, `"properties":{"phone":"1"}`) {
		t.Errorf("searching for it: got %s", found.Text)
	}
	for what, bad := range map[string]string{
		"the same address again": body,
		"no properties":          `{"associations":[]}`,
		"an unknown property":    `{"properties":{"shoe_size":"43"}}`,
		"a property of its own":  `{"properties":{"hs_object_id":"1"}}`,
		"properties in a list":   `{"properties":["email"]}`,
		"a company of nowhere":   `{"properties":{"email":"b@example.com"},"associations":[{}]}`,
		"an unknown field":       `{"properties":{},"owner":"1"}`,
		"no JSON":                `email=b@example.com`,
	} {
		if a := hubspotJSON(t, w, token, http.MethodPost, path, bad); a.Status < 400 || a.Status > 409 {
			t.Errorf("adding with %s: got %d %s", what, a.Status, a.Text)
		}
	}
	if all := hubspotJSON(t, w, token, http.MethodPost, path+"/search", `{}`); all.Num("total") != 13 {
		t.Errorf("after the refusals there are %v contacts, want 13", all.Num("total"))
	}
}

func TestASearchOfContactsSaysHowManyThereAre(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	token := hubspotTokenOf(t, w, "Priya Nair", "")
	const path = "/crm/objects/2026-03/contacts/search"
	for body, want := range map[string]float64{
		`{"filterGroups":[],"sorts":[],"properties":[],"limit":1,"after":"0"}`: 12,
		`{"query":"engel"}`:  1,
		`{"query":"nobody"}`: 0,
		`{"filterGroups":[{"filters":[{"propertyName":"jobtitle","operator":"HAS_PROPERTY"}]}]}`: 0,
	} {
		if a := hubspotJSON(t, w, token, http.MethodPost, path, body); a.Status != http.StatusOK ||
			a.Num("total") != want {
			t.Errorf("%s: got %d %s, want a total of %v", body, a.Status, a.Text, want)
		}
	}
	for _, body := range []string{
		`{"limit":201}`, `{"limit":"x"}`, `{"filterGroups":{}}`, `{"sorts":["email"]}`, `{"filters":[]}`,
		`{"filterGroups":[{"filters":[{"propertyName":"email","operator":"GT","value":"a"}]}]}`,
	} {
		if a := hubspotJSON(t, w, token, http.MethodPost, path, body); a.Status != http.StatusBadRequest {
			t.Errorf("%s: got %d %s, want 400", body, a.Status, a.Text)
		}
	}
}

func TestListsAreReadOnlyWithTheScopeForIt(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	const path = "/crm/lists/2026-03/search"
	for person, optional := range map[string]string{"Priya Nair": "", "Jonas Reuter": hubspotAll} {
		if a := hubspotJSON(t, w, hubspotTokenOf(t, w, person, optional), http.MethodPost, path,
			`{}`); a.Status != http.StatusForbidden {
			t.Errorf("lists of %s: got %d %s, want 403", person, a.Status, a.Text)
		}
	}
	token := hubspotTokenOf(t, w, "Ana Ruiz", hubspotAll)
	body := `{"listIds":[],"offset":0,"processingTypes":[],"additionalProperties":[],"count":1}`
	a := hubspotJSON(t, w, token, http.MethodPost, path, body)
	if a.Status != http.StatusOK || a.Num("total") != 3 || a.Num("offset") != 1 || strings.Count(a.Text,
		`"listId"`) != 1 {
		t.Errorf("lists: got %d %s, want one of three", a.Status, a.Text)
	}
	for _, bad := range []string{`{"count":501}`, `{"offset":-1}`, `{"listIds":"1"}`, `{"name":"x"}`} {
		if a := hubspotJSON(t, w, token, http.MethodPost, path, bad); a.Status != http.StatusBadRequest {
			t.Errorf("lists with %s: got %d %s, want 400", bad, a.Status, a.Text)
		}
	}
}

func TestHubSpotSaysWhatATokenWasSignedFor(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	token := hubspotTokenOf(t, w, "Jonas Reuter", hubspotAll)
	about := sandboxtest.Call(t, w.Server(platformName), "POST", "api.hubapi.com", "/oauth/2026-03/token/introspect",
		url.Values{
			"client_id": {w.ClientID("hubspot")}, "client_secret": {w.ClientSecret("hubspot")}, "token": {token}})
	if about.Num("signed_access_token", "hubId") != 40077120 || about.Str("signed_access_token", "hublet") == "" {
		t.Errorf("introspecting: got %s, want signed_access_token as an object", about.Text)
	}
	if !strings.Contains(about.Text, `"scopes":["oauth","crm.objects.contacts.read","crm.schemas.contacts.read"]`) {
		t.Errorf("introspecting: got %s, want what the plan includes", about.Text)
	}
}

func TestEveryAnswerOfHubSpotNamesItsCall(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	token := hubspotTokenOf(t, w, "Priya Nair", "")
	seen := map[string]bool{}
	for _, a := range []sandboxtest.Reply{
		readContacts(t, w, token), readContacts(t, w, "x"), askHubSpot(t, w, hubspotRefresh(w, "x")),
		hubspotJSON(t, w, token, http.MethodGet, "/crm/objects/2026-03/contacts?limit=0", ""),
	} {
		id := a.Header.Get("X-HubSpot-Correlation-Id")
		if id == "" || seen[id] || a.Str("correlationId") != "" && a.Str("correlationId") != id {
			t.Errorf("%d %s is named %q", a.Status, a.Text, id)
		}
		seen[id] = true
	}
}

func TestACallTooManyNamesItsPolicy(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	token := hubspotTokenOf(t, w, "Priya Nair", "")
	for range callLimit {
		if a := readContacts(t, w, token); a.Status != http.StatusOK {
			t.Fatalf("reading: got %d", a.Status)
		}
	}
	a := readContacts(t, w, token)
	if a.Status != http.StatusTooManyRequests || a.Str("policyName") != "TEN_SECONDLY_ROLLING" ||
		a.Header.Get("Retry-After") == "" {
		t.Errorf("one call more: got %d %s", a.Status, a.Text)
	}
}

func TestAnAppUninstallsItselfFromOnePortal(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	first, second := hubspotTokenOf(t, w, "Priya Nair", ""), hubspotTokenOf(t, w, "Priya Nair", "")
	other := hubspotTokenOf(t, w, "Ana Ruiz", "")
	const path = "/appinstalls/2026-03/external-install"
	if a := hubspotJSON(t, w, "x", http.MethodDelete, path, ""); a.Status != http.StatusUnauthorized {
		t.Errorf("uninstalling with no token: got %d, want 401", a.Status)
	}
	if a := hubspotJSON(t, w, first, http.MethodDelete, path+"?portal=1", ""); a.Status != http.StatusBadRequest {
		t.Errorf("uninstalling with a parameter: got %d, want 400", a.Status)
	}
	if a := readContacts(t, w, first); a.Status != http.StatusOK {
		t.Errorf("reading after the refusals: got %d, want 200", a.Status)
	}
	if a := hubspotJSON(t, w, first, http.MethodDelete, path, ""); a.Status != http.StatusNoContent || a.Text != "" {
		t.Fatalf("uninstalling: got %d %s, want 204", a.Status, a.Text)
	}
	for token, want := range map[string]int{first: http.StatusUnauthorized, second: http.StatusUnauthorized,
		other: http.StatusOK} {
		if a := readContacts(t, w, token); a.Status != want {
			t.Errorf("reading afterwards: got %d, want %d", a.Status, want)
		}
	}
}
