package metafake

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/sandbox"
	"github.com/latchkeyhq/latchkey/internal/sandbox/sandboxtest"
)

// sendGraph makes a call with an encoded body, which may include the token.
func sendGraph(t *testing.T, w *sandbox.World, method, token, path, kind, body string) sandboxtest.Reply {
	t.Helper()
	r, err := http.NewRequest(method, w.Server(platformName).URL()+"/v27.0/"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Host = "graph.facebook.com"
	r.Header.Set("Content-Type", kind)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	return sandboxtest.Do(t, http.DefaultClient, r)
}

func TestAShareIsTakenInEachEncodingAndSpelling(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	mina := logIn(t, w, "Mina Ito")
	multi, boundary := sandboxtest.MultipartText(t, [][2]string{
		{"business", agencyBusiness}, {"permitted_tasks", "['ADVERTISE', 'ANALYZE']"}, {"access_token", mina},
	})
	indexed := url.Values{
		"business": {agencyBusiness}, "permitted_tasks[0]": {"ADVERTISE"}, "permitted_tasks[1]": {"ANALYZE"},
	}
	numbered := `{"business":` + agencyBusiness + `,"permitted_tasks":["ADVERTISE","ANALYZE"]`
	for _, c := range []struct{ token, kind, body string }{
		{mina, "application/json", numbered + `,"id":"` + pineEU + `"}`},
		{"", "application/json", numbered + `,"access_token":"` + mina + `"}`},
		{"", boundary, multi},
		{mina, "application/x-www-form-urlencoded", indexed.Encode()},
	} {
		if a := sendGraph(t, w, "POST", c.token, pineEU+"/agencies", c.kind, c.body); a.Text != `{"success":true}` {
			t.Errorf("%s %s: got %s", c.kind, c.body, a.Text)
		}
		shares := w.State()[platformName].(View).Shares
		if len(shares) != 1 || !slices.Equal(shares[0].Tasks, []string{"ADVERTISE", "ANALYZE"}) {
			t.Errorf("%s: got %+v", c.body, shares)
		}
		// Extra parameters that the SDKs add to a DELETE are ignored.
		back := askGraph(t, w, "DELETE", mina, pineEU+"/agencies", "business", agencyBusiness, "id", pineEU)
		if back.Text != `{"success":true}` {
			t.Errorf("taking it back: got %s", back.Text)
		}
	}
	for _, body := range []string{`{"business":`, `[]`, `{"business":"1","permitted_tasks":"ADVERTISE"}`} {
		a := sendGraph(t, w, "POST", mina, pineEU+"/agencies", "application/json", body)
		if a.Num("error", "code") != 100 {
			t.Errorf("%s: got %s, want 100", body, a.Text)
		}
	}
	debug := url.Values{
		"input_token": {mina}, "fields": {"is_valid"}, "access_token": {w.ClientID("meta") + "|" + w.ClientSecret("meta")},
	}
	inspected := sandboxtest.Call(t, w.Server(platformName), "GET", "graph.facebook.com",
		"/v27.0/debug_token?"+debug.Encode(), nil)
	if inspected.Status != http.StatusOK {
		t.Errorf("inspecting with fields: got %s", inspected.Text)
	}
}

func TestListsAreFilteredAndCounted(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	mina, pia, ana := logIn(t, w, "Mina Ito"), logIn(t, w, "Pia Berg"), logIn(t, w, "Ana Ruiz")
	count := func(token, path string, want int, params ...string) {
		t.Helper()
		a := askGraph(t, w, "GET", token, path, append(params, "summary", "true")...)
		if a.Status != http.StatusOK || int(a.Num("summary", "total_count")) != want || len(a.Rows()) != want {
			t.Errorf("%s %v: got %s, want %d", path, params, a.Text, want)
		}
	}
	count(mina, "447120001180233/owned_ad_accounts", 8)
	count(mina, "447120001180233/owned_ad_accounts", 1, "search_query", "nordics")
	count(mina, "447120001180233/owned_ad_accounts", 0, "search_query", "nobody")
	count(pia, "me/accounts", 1, "is_promotable", "true")
	if a := askGraph(t, w, "GET", pia, "me/accounts", "is_promotable", "perhaps"); a.Num("error", "code") != 100 {
		t.Errorf("a filter that is neither: got %s", a.Text)
	}
	askGraph(t, w, "POST", mina, pineEU+"/agencies", "business", agencyBusiness, "permitted_tasks", sharedTasks)
	count(ana, agencyBusiness+"/owned_ad_accounts", 1)
	count(ana, agencyBusiness+"/owned_ad_accounts", 2, "include_shared_ad_accounts", "true")
	count(ana, agencyBusiness+"/client_ad_accounts", 1, "search_query", "pine")
	made := askGraph(t, w, "POST", mina, pineEU+"/campaigns", "name", "Winter", "objective", "OUTCOME_TRAFFIC",
		"status", "PAUSED", "special_ad_categories", "[]", "is_adset_budget_sharing_enabled", "false")
	count(mina, pineEU+"/campaigns", 1, "effective_status", `["PAUSED"]`)
	count(mina, pineEU+"/campaigns", 0, "effective_status", "['ACTIVE']")
	askGraph(t, w, "DELETE", mina, made.Str("id"))
	count(mina, pineEU+"/campaigns", 0)
	count(mina, pineEU+"/campaigns", 1, "effective_status[0]", "DELETED")
}

func TestVersionsEndForAdsBeforeTheyEndForAll(t *testing.T) {
	w, c := sandboxtest.New(t, New) // 23 November 2026
	mina := logIn(t, w, "Mina Ito")
	ask := func(method, version, path string) sandboxtest.Reply {
		at := "/" + version + "/" + path
		return sandboxtest.Call(t, w.Server(platformName), method, "graph.facebook.com", at, nil, "Authorization",
			"Bearer "+mina)
	}
	for version, served := range map[string]bool{
		"v27.0": true, "v26.0": true, "v25.0": true, "v24.0": false, "v21.0": false,
	} {
		if a := ask("GET", version, "me"); a.Status != http.StatusOK || a.Header.Get("Facebook-API-Version") != version {
			t.Errorf("%s: core answers %d as %q", version, a.Status, a.Header.Get("Facebook-API-Version"))
		}
		list := ask("GET", version, "me/adaccounts")
		if warned := list.Header.Get("X-Ad-Api-Version-Warning") != ""; list.Status != http.StatusOK || warned == served {
			t.Errorf("%s: a list of ads answers %d, warned: %v", version, list.Status, warned)
		}
		if a := ask("POST", version, pineEU+"/campaigns"); (a.Num("error", "code") == 2635) == served {
			t.Errorf("%s: a campaign is answered with %s", version, a.Text)
		}
	}
	for _, version := range []string{"v28.0", "v20.0", "v99.0", "v27.1"} {
		if a := ask("GET", version, "me"); a.Num("error", "code") != 2500 {
			t.Errorf("%s: got %s, want 2500", version, a.Text)
		}
	}
	if err := w.SetFault("meta", "newer_version", true); err != nil {
		t.Fatal(err)
	}
	if a := ask("GET", "v28.0", "me"); a.Status != http.StatusOK {
		t.Errorf("v28.0, when it is out: got %s", a.Text)
	}
	w.AllWell()
	c.Pass(100 * 24 * time.Hour) // 3 March 2027
	mina = logIn(t, w, "Mina Ito")
	if a := ask("POST", "v25.0", pineEU+"/campaigns"); a.Num("error", "code") != 2635 {
		t.Errorf("v25.0 in March 2027: got %s, want 2635", a.Text)
	}
	if a := ask("GET", "v21.0", "me"); a.Num("error", "code") != 2500 {
		t.Errorf("v21.0 in March 2027: got %s, want 2500", a.Text)
	}
	sam := logIn(t, w, "Sam Xu")
	page := sandboxtest.Call(t, w.Server(platformName), "GET", "graph.facebook.com",
		"/v26.0/me/accounts?limit=10&is_promotable=true",
		nil, "Authorization", "Bearer "+sam)
	next := page.Str("paging", "next")
	if !strings.HasPrefix(next, "https://graph.facebook.com/v26.0/") || !strings.Contains(next, "is_promotable=true") {
		t.Errorf("the next page is %s", next)
	}
}

func TestMarketingCallsCarryTheirUsage(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	mina := logIn(t, w, "Mina Ito")
	for path, want := range map[string]bool{
		pineEU: true, "me/adaccounts": true, "447120001180233/owned_ad_accounts": true,
		"me": false, "me/accounts": false, "447120001180233/owned_pages": false,
	} {
		got := askGraph(t, w, "GET", mina, path).Header.Get("X-Business-Use-Case-Usage")
		if (got != "") != want {
			t.Errorf("%s: got usage %q", path, got)
		}
	}
}

func TestClosedFeaturesAreRefused(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	mina := logIn(t, w, "Mina Ito")
	for _, c := range [][]string{
		{"ids", pineEU + "," + pinePage}, {"date_format", "U"}, {"method", "DELETE"},
		{"callback", "f"}, {"asyncbatch", "[]"}, {"fields", "name.as(title)"},
	} {
		for _, path := range []string{"", "me", pineEU} {
			a := askGraph(t, w, "GET", mina, path, c...)
			if a.Num("error", "code") != 100 || !strings.Contains(a.Str("error", "message"), "closed") {
				t.Errorf("%s with %v: got %s", path, c, a.Text)
			}
		}
	}
}

func TestPromotedPagesTakeAPermissionAndAreNoListOfAllPages(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	plain := logIn(t, w, "Mina Ito")
	if a := askGraph(t, w, "GET", plain, pineEU+"/promote_pages"); a.Num("error", "code") != 200 {
		t.Errorf("without pages_manage_ads: got %s, want 200", a.Text)
	}
	v := openDialog(t, w, "Mina Ito", "scope", metaAddress(w).Get("scope")+",pages_manage_ads")
	v.Press("Allow")
	mina := exchangeMeta(t, w, v.Back.Get("code"))
	rows, _ := readAll(t, w, mina, pineEU+"/promote_pages")
	if ids := column(rows, "id"); !slices.Contains(ids, pinePage) || slices.Contains(ids, "10482277003") {
		t.Errorf("got %v: a Page of another business is not promoted with this account", ids)
	}
}

func TestOnlyFullControlOfAPageTellsWhoHasIt(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	mina := logIn(t, w, "Mina Ito")
	ask := func(token string, page string) float64 {
		return askGraph(t, w, "GET", token, page+"/assigned_users", "business", "447120001180233").Num("error", "code")
	}
	if got := ask(mina, pinePage); got != 190 {
		t.Errorf("with the user's token: got %v, want 190", got)
	}
	if got := ask(pageTokenOf(t, w, mina, pinePage), pinePage); got != 200 {
		t.Errorf("without pages_manage_metadata: got %v, want 200", got)
	}
	v := openDialog(t, w, "Mina Ito", "scope", metaAddress(w).Get("scope")+",pages_manage_metadata")
	v.Press("Allow")
	mina = exchangeMeta(t, w, v.Back.Get("code"))
	if got := ask(pageTokenOf(t, w, mina, "10482277005"), "10482277005"); got != 200 {
		t.Errorf("with partial access: got %v, want 200", got)
	}
	if got := ask(pageTokenOf(t, w, mina, pinePage), pinePage); got != 0 {
		t.Errorf("with all of it: got %v, want a list", got)
	}
}

func TestAPageOfABusinessIsSharedByBusinessManagement(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	mina := logIn(t, w, "Mina Ito")
	page := pageTokenOf(t, w, mina, pinePage)
	share := func() sandboxtest.Reply {
		return askGraph(t, w, "POST", page, pinePage+"/agencies",
			"business", agencyBusiness, "permitted_tasks", `["PROFILE_PLUS_CREATIVE_MANAGEMENT"]`)
	}
	askGraph(t, w, "DELETE", mina, "me/permissions/business_management")
	if a := share(); a.Num("error", "code") != 200 {
		t.Errorf("without business_management: got %s, want 200", a.Text)
	}
	fakeIn(w).mu.Lock()
	fakeIn(w).state.people["mina-ito"].grant.status["business_management"] = "granted"
	fakeIn(w).mu.Unlock()
	if a := share(); a.Text != `{"success":true}` {
		t.Errorf("with it alone, and a task of v26: got %s", a.Text)
	}
}

func TestAnAgencyAsksForAPageWithAPermissionOfItsOwn(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	ana := logIn(t, w, "Ana Ruiz")
	ask := func(token string) sandboxtest.Reply {
		return askGraph(t, w, "POST", token, agencyBusiness+"/client_pages",
			"page_id", pinePage, "permitted_tasks", sharedTasks)
	}
	if a := ask(ana); a.Num("error", "code") != 200 {
		t.Errorf("without pages_manage_metadata: got %s, want 200", a.Text)
	}
	v := openDialog(t, w, "Ana Ruiz", "scope", metaAddress(w).Get("scope")+",pages_manage_metadata")
	v.Press("Allow")
	if a := ask(exchangeMeta(t, w, v.Back.Get("code"))); a.Str("access_status") != "PENDING" {
		t.Errorf("with it: got %s", a.Text)
	}
}

func TestAnAgencyGivesUpWhatItWasGivenAndNothingElse(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	mina, ana, jonas := logIn(t, w, "Mina Ito"), logIn(t, w, "Ana Ruiz"), logIn(t, w, "Jonas Weber")
	share := func() {
		askGraph(t, w, "POST", mina, pineEU+"/agencies", "business", agencyBusiness, "permitted_tasks", sharedTasks)
	}
	share()
	for what, c := range map[string]struct {
		token, edge, name, value string
		code                     float64
	}{
		"an employee":        {token: jonas, edge: "ad_accounts", name: "adaccount_id", value: pineEU, code: 200},
		"another's business": {token: mina, edge: "ad_accounts", name: "adaccount_id", value: pineEU, code: 100},
		"nothing named":      {token: ana, edge: "ad_accounts", name: "adaccount_id", code: 100},
		"what it owns":       {token: ana, edge: "ad_accounts", name: "adaccount_id", value: "act_33068140772", code: 100},
		"what it was never given": {
			token: ana, edge: "ad_accounts", name: "adaccount_id", value: "act_44712096402", code: 100,
		},
		"an account as a Page": {token: ana, edge: "pages", name: "page_id", value: pineEU, code: 100},
	} {
		a := askGraph(t, w, "DELETE", c.token, agencyBusiness+"/"+c.edge, c.name, c.value)
		if a.Num("error", "code") != c.code {
			t.Errorf("%s: got %s, want %v", what, a.Text, c.code)
		}
	}
	if len(w.State()[platformName].(View).Shares) != 1 {
		t.Fatal("a refusal has ended the share")
	}
	given := askGraph(t, w, "DELETE", ana, agencyBusiness+"/ad_accounts", "adaccount_id", pineEU)
	if given.Text != `{"success":true}` {
		t.Errorf("giving it up: got %s", given.Text)
	}
	share()
	dropped := askGraph(t, w, "DELETE", ana, agencyBusiness+"/clients", "business", "447120001180233")
	if dropped.Text != `{"success":true}` || len(w.State()[platformName].(View).Shares) != 0 {
		t.Errorf("dropping the client: got %s, %v", dropped.Text, w.State()[platformName].(View).Shares)
	}
}

func TestAPagesTokenDiesWithTheRoleOnIt(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	page := pageTokenOf(t, w, logIn(t, w, "Pia Berg"), "40911600034")
	leave := sandbox.Action{Platform: "meta", Action: "leave_business", Person: "pia-berg", Business: "440118855107393"}
	if _, err := w.Trigger(leave); err != nil {
		t.Fatal(err)
	}
	a := askGraph(t, w, "GET", page, "40911600034")
	if a.Num("error", "code") != 190 || a.Num("error", "error_subcode") != 492 {
		t.Errorf("got %s, want 190/492", a.Text)
	}
}

func TestAnAppOfLoginForBusinessNeedsAConfiguration(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	if err := w.SetFault("meta", "login_for_business", true); err != nil {
		t.Fatal(err)
	}
	v := sandboxtest.NewBrowser(t)
	v.Open(w.Server(platformName).URL() + "/v27.0/dialog/oauth?" + metaAddress(w).Encode())
	if v.Back != nil || !strings.Contains(sandboxtest.TextOf(v.Page), "isn't available") {
		t.Errorf("without one: got %q", sandboxtest.TextOf(v.Page))
	}
	for config, agency := range map[string]bool{Config: false, AgencyConfig: true} {
		v := openDialog(t, w, "Mina Ito", "scope", "", "config_id", config)
		v.Press("Allow")
		rows, _ := readAll(t, w, exchangeMeta(t, w, v.Back.Get("code")), "me/permissions")
		names := column(rows, "permission")
		if slices.Contains(names, "pages_manage_metadata") || agency && !slices.Contains(names, "pages_manage_ads") {
			t.Errorf("configuration %s: got %v", config, names)
		}
	}
}

func TestADialogOfAVersionThatIsNoneIsRefused(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	v := sandboxtest.NewBrowser(t)
	v.Open(w.Server(platformName).URL() + "/v99.0/dialog/oauth?" + metaAddress(w).Encode())
	if v.Status != http.StatusBadRequest {
		t.Errorf("got %d", v.Status)
	}
}
