package sandbox

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

const hubspotAll = "crm.objects.contacts.write crm.schemas.contacts.read crm.lists.read"

// hubspotTokenOf connects a person's portal, with optional scopes, and answers the access token.
func hubspotTokenOf(t *testing.T, w *World, person, optional string) string {
	t.Helper()
	v := newVisitor(t)
	v.open(w.Server(platformHubSpot).URL() + "/oauth/authorize?" + with(hubspotAddress(w), "optional_scope",
		optional).Encode())
	v.press(person)
	v.press("Allow")
	return askHubSpot(t, w, hubspotExchange(w, v.back.Get("code"))).str("access_token")
}

// hubspotJSON makes a call with a body in JSON; none: without a body.
func hubspotJSON(t *testing.T, w *World, token, method, path, body string) said {
	t.Helper()
	r, err := http.NewRequest(method, w.Server(platformHubSpot).URL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Host = "api.hubapi.com"
	r.Header.Set("Authorization", "Bearer "+token)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	return do(t, http.DefaultClient, r)
}

func TestHubSpotGivesDefaultOrAskedPropertiesOnly(t *testing.T) {
	w, _ := newWorld(t)
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
		if a.status != http.StatusOK {
			t.Errorf("reading with %q: got %d %s", c.query, a.status, a.text)
		}
		for _, want := range c.has {
			if !strings.Contains(a.text, want) {
				t.Errorf("reading with %q: %s lacks %s", c.query, a.text, want)
			}
		}
		for _, never := range c.hasNo {
			if strings.Contains(a.text, never) {
				t.Errorf("reading with %q: %s has %s", c.query, a.text, never)
			}
		}
	}
}

func TestHubSpotRefusesAPageThatIsNotInOrder(t *testing.T) {
	w, _ := newWorld(t)
	token := hubspotTokenOf(t, w, "Priya Nair", "")
	for _, query := range []string{
		"limit=0", "limit=101", "limit=x", "after=-1", "limit=1&limit=2", "archived=maybe", "associations=dragons",
		"propertiesWithHistory=email&limit=51", "sort=email",
	} {
		a := hubspotJSON(t, w, token, http.MethodGet, "/crm/objects/2026-03/contacts?"+query, "")
		if a.status != http.StatusBadRequest || a.str("category") != "VALIDATION_ERROR" ||
			a.str("correlationId") == "" {
			t.Errorf("reading with %s: got %d %s, want 400 VALIDATION_ERROR", query, a.status, a.text)
		}
	}
}

func TestHubSpotServesEachVersionUntilItsEnd(t *testing.T) {
	w, c := newWorld(t)
	token := func() string { return hubspotTokenOf(t, w, "Priya Nair", "") }
	status := func(path string) int {
		t.Helper()
		return hubspotJSON(t, w, token(), http.MethodGet, path, "").status
	}
	dated := []string{
		"/crm/objects/2026-03/contacts", "/crm/objects/2026-09/contacts", "/account-info/2026-03/details", "/account-info/2026-09/details",
	}
	undated := []string{"/crm/v3/objects/contacts", "/account-info/v3/details"}
	renew := func(version string) int {
		t.Helper()
		return call(t, w.Server(platformHubSpot), "POST", "api.hubapi.com", "/oauth/"+version+"/token", hubspotRefresh(w,
			"x")).status
	}
	for _, moment := range []struct {
		now              time.Time
		v1, v3, dateless int
	}{
		{time.Date(2027, 2, 15, 12, 0, 0, 0, time.UTC), http.StatusBadRequest, http.StatusBadRequest, http.StatusOK},
		{time.Date(2027, 2, 16, 12, 0, 0, 0, time.UTC), http.StatusGone, http.StatusBadRequest, http.StatusOK},
		{time.Date(2027, 9, 1, 12, 0, 0, 0, time.UTC), http.StatusGone, http.StatusGone, http.StatusGone},
	} {
		c.pass(moment.now.Sub(c.Now()))
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
	w, _ := newWorld(t)
	const path, body = "/crm/objects/2026-03/contacts", `{"properties":{"email":"new@example.com","phone":"1"},"associations":[]}`
	without := hubspotTokenOf(t, w, "Ana Ruiz", "")
	if a := hubspotJSON(t, w, without, http.MethodPost, path, body); a.status != http.StatusForbidden ||
		a.str("category") != "MISSING_SCOPES" || !strings.Contains(a.text,
		`"missingScopes":["crm.objects.contacts.write"]`) {
		t.Errorf("adding without the scope: got %d %s", a.status, a.text)
	}
	token := hubspotTokenOf(t, w, "Ana Ruiz", hubspotAll)
	if a := hubspotJSON(t, w, token, http.MethodPost, path, body); a.status != http.StatusCreated || a.str("id") == "" {
		t.Fatalf("adding: got %d %s, want 201", a.status, a.text)
	}
	found := hubspotJSON(t, w, token, http.MethodPost, path+"/search",
		`{"filterGroups":[{"filters":[{"propertyName":"email","operator":"EQ","value":"new@example.com"}]}],"properties":["phone"],"limit":5}`)
	if found.num("total") != 1 || !strings.Contains(found.text, `"properties":{"phone":"1"}`) {
		t.Errorf("searching for it: got %s", found.text)
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
		if a := hubspotJSON(t, w, token, http.MethodPost, path, bad); a.status < 400 || a.status > 409 {
			t.Errorf("adding with %s: got %d %s", what, a.status, a.text)
		}
	}
	if all := hubspotJSON(t, w, token, http.MethodPost, path+"/search", `{}`); all.num("total") != 13 {
		t.Errorf("after the refusals there are %v contacts, want 13", all.num("total"))
	}
}

func TestASearchOfContactsSaysHowManyThereAre(t *testing.T) {
	w, _ := newWorld(t)
	token := hubspotTokenOf(t, w, "Priya Nair", "")
	const path = "/crm/objects/2026-03/contacts/search"
	for body, want := range map[string]float64{
		`{"filterGroups":[],"sorts":[],"properties":[],"limit":1,"after":"0"}`: 12,
		`{"query":"engel"}`:  1,
		`{"query":"nobody"}`: 0,
		`{"filterGroups":[{"filters":[{"propertyName":"jobtitle","operator":"HAS_PROPERTY"}]}]}`: 0,
	} {
		if a := hubspotJSON(t, w, token, http.MethodPost, path, body); a.status != http.StatusOK ||
			a.num("total") != want {
			t.Errorf("%s: got %d %s, want a total of %v", body, a.status, a.text, want)
		}
	}
	for _, body := range []string{
		`{"limit":201}`, `{"limit":"x"}`, `{"filterGroups":{}}`, `{"sorts":["email"]}`, `{"filters":[]}`,
		`{"filterGroups":[{"filters":[{"propertyName":"email","operator":"GT","value":"a"}]}]}`,
	} {
		if a := hubspotJSON(t, w, token, http.MethodPost, path, body); a.status != http.StatusBadRequest {
			t.Errorf("%s: got %d %s, want 400", body, a.status, a.text)
		}
	}
}

func TestListsAreReadOnlyWithTheScopeForIt(t *testing.T) {
	w, _ := newWorld(t)
	const path = "/crm/lists/2026-03/search"
	for person, optional := range map[string]string{"Priya Nair": "", "Jonas Reuter": hubspotAll} {
		if a := hubspotJSON(t, w, hubspotTokenOf(t, w, person, optional), http.MethodPost, path,
			`{}`); a.status != http.StatusForbidden {
			t.Errorf("lists of %s: got %d %s, want 403", person, a.status, a.text)
		}
	}
	token := hubspotTokenOf(t, w, "Ana Ruiz", hubspotAll)
	body := `{"listIds":[],"offset":0,"processingTypes":[],"additionalProperties":[],"count":1}`
	a := hubspotJSON(t, w, token, http.MethodPost, path, body)
	if a.status != http.StatusOK || a.num("total") != 3 || a.num("offset") != 1 || strings.Count(a.text,
		`"listId"`) != 1 {
		t.Errorf("lists: got %d %s, want one of three", a.status, a.text)
	}
	for _, bad := range []string{`{"count":501}`, `{"offset":-1}`, `{"listIds":"1"}`, `{"name":"x"}`} {
		if a := hubspotJSON(t, w, token, http.MethodPost, path, bad); a.status != http.StatusBadRequest {
			t.Errorf("lists with %s: got %d %s, want 400", bad, a.status, a.text)
		}
	}
}

func TestHubSpotSaysWhatATokenWasSignedFor(t *testing.T) {
	w, _ := newWorld(t)
	token := hubspotTokenOf(t, w, "Jonas Reuter", hubspotAll)
	about := call(t, w.Server(platformHubSpot), "POST", "api.hubapi.com", "/oauth/2026-03/token/introspect", url.Values{
		"client_id": {w.ClientID("hubspot")}, "client_secret": {w.ClientSecret("hubspot")}, "token": {token}})
	if about.num("signed_access_token", "hubId") != 40077120 || about.str("signed_access_token", "hublet") == "" {
		t.Errorf("introspecting: got %s, want signed_access_token as an object", about.text)
	}
	if !strings.Contains(about.text, `"scopes":["oauth","crm.objects.contacts.read","crm.schemas.contacts.read"]`) {
		t.Errorf("introspecting: got %s, want what the plan includes", about.text)
	}
}

func TestEveryAnswerOfHubSpotNamesItsCall(t *testing.T) {
	w, _ := newWorld(t)
	token := hubspotTokenOf(t, w, "Priya Nair", "")
	seen := map[string]bool{}
	for _, a := range []said{
		readContacts(t, w, token), readContacts(t, w, "x"), askHubSpot(t, w, hubspotRefresh(w, "x")),
		hubspotJSON(t, w, token, http.MethodGet, "/crm/objects/2026-03/contacts?limit=0", ""),
	} {
		id := a.header.Get("X-HubSpot-Correlation-Id")
		if id == "" || seen[id] || a.str("correlationId") != "" && a.str("correlationId") != id {
			t.Errorf("%d %s is named %q", a.status, a.text, id)
		}
		seen[id] = true
	}
}

func TestACallTooManyNamesItsPolicy(t *testing.T) {
	w, _ := newWorld(t)
	token := hubspotTokenOf(t, w, "Priya Nair", "")
	for range hubspotCallLimit {
		if a := readContacts(t, w, token); a.status != http.StatusOK {
			t.Fatalf("reading: got %d", a.status)
		}
	}
	a := readContacts(t, w, token)
	if a.status != http.StatusTooManyRequests || a.str("policyName") != "TEN_SECONDLY_ROLLING" ||
		a.header.Get("Retry-After") == "" {
		t.Errorf("one call more: got %d %s", a.status, a.text)
	}
}

func TestAnAppUninstallsItselfFromOnePortal(t *testing.T) {
	w, _ := newWorld(t)
	first, second := hubspotTokenOf(t, w, "Priya Nair", ""), hubspotTokenOf(t, w, "Priya Nair", "")
	other := hubspotTokenOf(t, w, "Ana Ruiz", "")
	const path = "/appinstalls/2026-03/external-install"
	if a := hubspotJSON(t, w, "x", http.MethodDelete, path, ""); a.status != http.StatusUnauthorized {
		t.Errorf("uninstalling with no token: got %d, want 401", a.status)
	}
	if a := hubspotJSON(t, w, first, http.MethodDelete, path+"?portal=1", ""); a.status != http.StatusBadRequest {
		t.Errorf("uninstalling with a parameter: got %d, want 400", a.status)
	}
	if a := readContacts(t, w, first); a.status != http.StatusOK {
		t.Errorf("reading after the refusals: got %d, want 200", a.status)
	}
	if a := hubspotJSON(t, w, first, http.MethodDelete, path, ""); a.status != http.StatusNoContent || a.text != "" {
		t.Fatalf("uninstalling: got %d %s, want 204", a.status, a.text)
	}
	for token, want := range map[string]int{first: http.StatusUnauthorized, second: http.StatusUnauthorized,
		other: http.StatusOK} {
		if a := readContacts(t, w, token); a.status != want {
			t.Errorf("reading afterwards: got %d, want %d", a.status, want)
		}
	}
}
