package metafake

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/sandbox"
	"github.com/latchkeyhq/latchkey/internal/sandbox/sandboxtest"
)

const (
	agencyBusiness = "118420903317552"
	pineEU         = "act_44712096118"
	pinePage       = "10482277001"
	sharedTasks    = `["ADVERTISE","ANALYZE"]`
)

// fakeIn returns the fake of a world, for what no call returns.
func fakeIn(w *sandbox.World) *Fake { return w.Platform(platformName).(*Fake) }

func metaAddress(w *sandbox.World) url.Values {
	return url.Values{
		"client_id": {w.ClientID("meta")}, "redirect_uri": {sandboxtest.Callback}, "state": {"s1"}, "response_type": {"code"},
		"scope": {"business_management,ads_management,pages_show_list,pages_read_engagement"},
	}
}

func metaExchange(w *sandbox.World, value string) url.Values {
	return url.Values{
		"client_id": {w.ClientID("meta")}, "client_secret": {w.ClientSecret("meta")}, "redirect_uri": {sandboxtest.Callback},
		"code": {value},
	}
}

func openDialog(t *testing.T, w *sandbox.World, person string, more ...string) *sandboxtest.Browser {
	t.Helper()
	v := sandboxtest.NewBrowser(t)
	v.Open(w.Server(platformName).URL() + "/v27.0/dialog/oauth?" + sandboxtest.With(metaAddress(w), more...).Encode())
	v.Press(person)
	return v
}

func askGraph(t *testing.T, w *sandbox.World, method, token, path string, params ...string) sandboxtest.Reply {
	t.Helper()
	form := sandboxtest.With(nil, params...)
	if method == "POST" {
		return sandboxtest.Call(t, w.Server(platformName), method, "graph.facebook.com", "/v27.0/"+path, form,
			"Authorization", "Bearer "+token)
	}
	return sandboxtest.Call(t, w.Server(platformName), method, "graph.facebook.com", "/v27.0/"+path+"?"+form.Encode(), nil,
		"Authorization", "Bearer "+token)
}

// logIn signs a person in and returns the token.
func logIn(t *testing.T, w *sandbox.World, person string) string {
	t.Helper()
	v := openDialog(t, w, person)
	v.Press("Allow")
	return exchangeMeta(t, w, v.Back.Get("code"))
}

func exchangeMeta(t *testing.T, w *sandbox.World, value string) string {
	t.Helper()
	tokens := sandboxtest.Call(t, w.Server(platformName), "GET", "graph.facebook.com",
		"/v27.0/oauth/access_token?"+metaExchange(w, value).Encode(), nil)
	if tokens.Status != http.StatusOK || tokens.Str("access_token") == "" {
		t.Fatalf("exchanging: got %d %s, want a token", tokens.Status, tokens.Text)
	}
	return tokens.Str("access_token")
}

// readAll follows the cursors of an edge to its end.
func readAll(t *testing.T, w *sandbox.World, token, path string, params ...string) (rows []map[string]any, empty int) {
	t.Helper()
	after := ""
	for range 100 {
		page := askGraph(t, w, "GET", token, path, append(params, "after", after)...)
		if page.Status != http.StatusOK {
			t.Fatalf("listing %s: got %d %s", path, page.Status, page.Text)
		}
		rows = append(rows, page.Rows()...)
		if len(page.Rows()) == 0 && page.Str("paging", "next") != "" {
			empty++
		}
		if page.Str("paging", "next") == "" {
			return rows, empty
		}
		after = page.Str("paging", "cursors", "after")
	}
	t.Fatalf("listing %s: it does not end", path)
	return nil, 0
}

func column(rows []map[string]any, name string) []string {
	var list []string
	for _, row := range rows {
		text, _ := row[name].(string)
		list = append(list, text)
	}
	return list
}

func pageTokenOf(t *testing.T, w *sandbox.World, token, page string) string {
	t.Helper()
	rows, _ := readAll(t, w, token, "me/accounts", "fields", "id,access_token")
	for _, row := range rows {
		if row["id"] == page {
			text, _ := row["access_token"].(string)
			return text
		}
	}
	return ""
}

func TestASharedAdAccountAppearsAndDisappears(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	mina, ana := logIn(t, w, "Mina Ito"), logIn(t, w, "Ana Ruiz")
	seen := func() bool {
		rows, _ := readAll(t, w, ana, agencyBusiness+"/client_ad_accounts", "fields", "id,name,permitted_tasks")
		return slices.Contains(column(rows, "id"), pineEU)
	}
	campaign := func() sandboxtest.Reply {
		return askGraph(t, w, "POST", ana, pineEU+"/campaigns", "name", "Winter", "objective", "OUTCOME_TRAFFIC", "status",
			"PAUSED",
			"special_ad_categories", "[]", "is_adset_budget_sharing_enabled", "false")
	}
	if seen() {
		t.Fatal("the account is there before it was shared")
	}
	if a := askGraph(t, w, "POST", mina, pineEU+
		"/agencies", "business", agencyBusiness, "permitted_tasks", sharedTasks); a.Text != `{"success":true}` {
		t.Fatalf("sharing: got %d %s, want success", a.Status, a.Text)
	}
	if !seen() {
		t.Fatal("the account is not there after it was shared")
	}
	if a := askGraph(t, w, "POST", mina, pineEU+
		"/agencies", "business", agencyBusiness, "permitted_tasks", sharedTasks); a.Num("error", "code") != 3944 {
		t.Errorf("sharing again: got %s, want 3944", a.Text)
	}
	if a := campaign(); a.Num("error", "code") != 200 {
		t.Errorf("making a campaign before being assigned: got %d %s, want 200", a.Status, a.Text)
	}
	users, _ := readAll(t, w, ana, "me/business_users", "fields", "id,name,role,business{id,name}")
	user := ""
	for _, row := range users {
		if row["role"] == "ADMIN" {
			user, _ = row["id"].(string)
		}
	}
	if a := askGraph(t, w, "POST", ana, pineEU+"/assigned_users", "user", user, "tasks", `["MANAGE"]`); a.Num("error",
		"code") != 2620 {
		t.Errorf("assigning more than was shared: got %s, want 2620", a.Text)
	}
	if a := askGraph(t, w, "POST", ana, pineEU+
		"/assigned_users", "user", user, "tasks", sharedTasks); a.Text != `{"success":true}` {
		t.Fatalf("assigning: got %s, want success", a.Text)
	}
	made := campaign()
	if made.Status != http.StatusOK || made.Str("id") == "" {
		t.Fatalf("making a campaign: got %d %s, want an id", made.Status, made.Text)
	}
	if a := askGraph(t, w, "GET", ana, made.Str("id"), "fields",
		"name,status,effective_status,objective"); a.Str("status") != "PAUSED" {
		t.Errorf("reading the campaign: got %s, want it paused", a.Text)
	}
	if a := askGraph(t, w, "DELETE", mina, pineEU+"/agencies", "business", agencyBusiness); a.Text != `{"success":true}` {
		t.Fatalf("withdrawing: got %s, want success", a.Text)
	}
	if seen() {
		t.Error("the account is still there after it was withdrawn")
	}
	if a := campaign(); a.Num("error", "code") != 100 || a.Num("error", "error_subcode") != 33 {
		t.Errorf("making a campaign after that: got %s, want 100/33", a.Text)
	}
}

func TestAPageIsSharedWithItsOwnToken(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	mina, ana := logIn(t, w, "Mina Ito"), logIn(t, w, "Ana Ruiz")
	if a := askGraph(t, w, "POST", mina, pinePage+
		"/agencies", "business", agencyBusiness, "permitted_tasks", sharedTasks); a.Num(
		"error", "code") != 190 || a.Num("error", "error_subcode") != 2069032 {
		t.Errorf("sharing with the user's token: got %s, want 190/2069032", a.Text)
	}
	page := pageTokenOf(t, w, mina, pinePage)
	if a := askGraph(t, w, "POST", page, pinePage+
		"/agencies", "business", agencyBusiness, "permitted_tasks", sharedTasks); a.Text != `{"success":true}` {
		t.Fatalf("sharing: got %d %s, want success", a.Status, a.Text)
	}
	rows, _ := readAll(t, w, ana, agencyBusiness+"/client_pages", "fields", "id,permitted_tasks")
	if !slices.Contains(column(rows, "id"), pinePage) {
		t.Errorf("listing client Pages: got %v, want %s among them", rows, pinePage)
	}
	if a := askGraph(t, w, "POST", page, pinePage+
		"/agencies", "business", agencyBusiness, "permitted_tasks", sharedTasks); a.Num("error", "code") != 3989 {
		t.Errorf("sharing again: got %s, want 3989", a.Text)
	}
	if a := askGraph(t, w, "POST", page, "10482277002/agencies", "business", agencyBusiness, "permitted_tasks",
		sharedTasks); a.Status == http.StatusOK {
		t.Error("a Page's token shares another Page")
	}
}

func TestFacebookRefusesToShare(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	mina := logIn(t, w, "Mina Ito")
	validShare := []string{"business", agencyBusiness, "permitted_tasks", sharedTasks}
	for what, c := range map[string]struct {
		person, path string
		params       []string
		code, sub    float64
	}{
		"no business": {path: pineEU, params: []string{"permitted_tasks", sharedTasks}, code: 100},
		"a business there is not": {
			path: pineEU, params: []string{"business", "1", "permitted_tasks", sharedTasks}, code: 100,
		},
		"no tasks": {path: pineEU, params: []string{"business", agencyBusiness}, code: 100},
		"tasks that are no JSON": {
			path: pineEU, params: []string{"business", agencyBusiness, "permitted_tasks", "ADVERTISE"}, code: 100,
		},
		"a task there is not": {
			path: pineEU, params: []string{"business", agencyBusiness, "permitted_tasks", `["BILLING"]`}, code: 100,
		},
		"an unknown parameter":     {path: pineEU, params: append(slices.Clone(validShare), "notify", "1"), code: 100},
		"an account in no BM":      {path: "act_10294410093", params: validShare, code: 200},
		"somebody else's account":  {path: "act_51100412207", params: validShare, code: 100, sub: 33},
		"an account there is not":  {path: "act_1", params: validShare, code: 100, sub: 33},
		"a Page of another owner":  {path: "10482277003", params: validShare, code: 200},
		"partial access to a Page": {path: "10482277005", params: validShare, code: 200},
		"an employee":              {person: "Ed Novak", path: "act_51100412207", params: validShare, code: 200},
		"partial access":           {person: "Pia Berg", path: "act_55500918842", params: validShare, code: 273},
		"no admin of the business": {person: "Tomas Rey", path: "40911700041", params: validShare, code: 200},
		"a Page in no BM":          {person: "Noor Haddad", path: "40911300018", params: validShare, code: 200},
	} {
		token := mina
		if c.person != "" {
			token = logIn(t, w, c.person)
		}
		if !strings.HasPrefix(c.path, "act_") {
			token = pageTokenOf(t, w, token, c.path)
		}
		a := askGraph(t, w, "POST", token, c.path+"/agencies", c.params...)
		if a.Num("error", "code") != c.code || a.Num("error", "error_subcode") != c.sub ||
			a.Str("error", "fbtrace_id") == "" {
			t.Errorf("sharing with %s: got %d %s, want %v/%v", what, a.Status, a.Text, c.code, c.sub)
		}
	}
	if shares := w.State()[platformName].(View).Shares; len(shares) != 0 {
		t.Errorf("after refusals only: got shares %v, want none", shares)
	}
}

func TestFacebookSwitchesRefuseOrDelaySharing(t *testing.T) {
	w, c := sandboxtest.New(t, New)
	mina, ana := logIn(t, w, "Mina Ito"), logIn(t, w, "Ana Ruiz")
	share := func() sandboxtest.Reply {
		return askGraph(t, w, "POST", mina, pineEU+"/agencies", "business", agencyBusiness, "permitted_tasks", sharedTasks)
	}
	seen := func() bool {
		rows, _ := readAll(t, w, ana, agencyBusiness+"/client_ad_accounts", "fields", "id")
		return slices.Contains(column(rows, "id"), pineEU)
	}
	for fault, code := range map[string]float64{
		"limited": 3, "app_not_approved": 10, "blocked": 368, "two_factor_required": 415, "transient": 2, "throttled": 80004,
	} {
		if err := w.SetFaultFor("meta", fault, "mina-ito", true); err != nil {
			t.Fatal(err)
		}
		if a := share(); a.Num("error", "code") != code {
			t.Errorf("sharing with %s on: got %s, want %v", fault, a.Text, code)
		}
		w.AllWell()
	}
	set := func(fault string, on bool) {
		t.Helper()
		if err := w.SetFault("meta", fault, on); err != nil {
			t.Fatal(err)
		}
	}
	set("throttled", true)
	if a := share(); !strings.Contains(a.Header.Get("X-Business-Use-Case-Usage"), `"estimated_time_to_regain_access":19`) {
		t.Errorf("sharing while throttled: got header %q, want the usage", a.Header.Get("X-Business-Use-Case-Usage"))
	}
	set("throttled", false)

	set("requires_admin_approval", true)
	if a := share(); !strings.Contains(a.Text, `"requires_admin_approval":true`) || seen() {
		t.Errorf("sharing with a second admin wanted: got %s, seen %v", a.Text, seen())
	}
	if a := share(); a.Num("error", "code") != 3936 {
		t.Errorf("sharing again while it is pending: got %s, want 3936", a.Text)
	}
	if _, err := w.Trigger(sandbox.Action{Platform: "meta", Action: "approve", Asset: pineEU}); err != nil || !seen() {
		t.Errorf("approving: %v, seen %v", err, seen())
	}
	set("requires_admin_approval", false)

	set("share_withdrawn", true)
	if seen() {
		t.Error("the account is seen while shares are withdrawn")
	}
	set("share_withdrawn", false)
	if _, err := w.Trigger(sandbox.Action{Platform: "meta", Action: "withdraw", Asset: pineEU}); err != nil || seen() {
		t.Errorf("withdrawing: %v, seen %v", err, seen())
	}
	set("delayed", true)
	if share(); seen() {
		t.Error("a delayed share is seen at once")
	}
	c.Pass(11 * time.Minute)
	if !seen() {
		t.Error("a delayed share is not seen after ten minutes")
	}
}

func TestANewPageAdminsShareStaysPending(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	lena := logIn(t, w, "Lena Roth")
	page := pageTokenOf(t, w, lena, "40911800057")
	a := askGraph(t, w, "POST", page, "40911800057/agencies", "business", agencyBusiness, "permitted_tasks", sharedTasks)
	if a.Str("access_status") != "PENDING" {
		t.Errorf("sharing: got %s, want it pending", a.Text)
	}
	list := askGraph(t, w, "GET", page, "40911800057/agencies")
	if rows := list.Rows(); len(rows) != 1 || rows[0]["access_status"] != "PENDING" {
		t.Errorf("listing agencies: got %s, want one that is pending", list.Text)
	}
}

func TestListsAreReadPastAnEmptyPage(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	sam, greta := logIn(t, w, "Sam Xu"), logIn(t, w, "Greta Vogt")
	for _, c := range []struct {
		token, path, limit string
		want               int
	}{
		{token: sam, path: "me/accounts", want: 60}, {
			token: sam, path: "me/adaccounts", limit: "10", want: 40,
		}, {token: sam, path: "330915500417726/owned_pages", limit: "100", want: 60},
		{token: greta, path: "me/adaccounts", limit: "100", want: 500},
		{token: greta, path: "330915577208841/owned_ad_accounts", limit: "500", want: 500},
	} {
		rows, empty := readAll(t, w, c.token, c.path, "fields", "id,name", "limit", c.limit)
		ids := map[string]bool{}
		for _, id := range column(rows, "id") {
			ids[id] = true
		}
		if len(rows) != c.want || len(ids) != c.want || empty != 1 {
			t.Errorf("listing %s by %q: got %d rows, %d ids, %d empty pages; want %d and an empty page", c.path, c.limit,
				len(rows), len(ids), empty, c.want)
		}
	}
	first := askGraph(t, w, "GET", sam, "me/accounts", "summary", "total_count")
	if !strings.HasPrefix(first.Str("paging", "next"), "https://graph.facebook.com/v27.0/me/accounts?") ||
		first.Num("summary", "total_count") != 60 {
		t.Errorf("the first page: got %v, want a next at the platform's own host and the count", first.JSON["paging"])
	}
}

func TestUntickedAssetsAreNotReturned(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	v := openDialog(t, w, "Mina Ito")
	v.Follow("Edit settings")
	v.Press("Allow", pinePage, pineEU, "pages_read_engagement")
	token := exchangeMeta(t, w, v.Back.Get("code"))
	pages, _ := readAll(t, w, token, "me/accounts", "fields", "id")
	owned, _ := readAll(t, w, token, "447120001180233/owned_pages", "fields", "id")
	accounts, _ := readAll(t, w, token, "me/adaccounts", "fields", "id")
	if slices.Contains(column(pages, "id"), pinePage) || slices.Contains(column(owned, "id"), pinePage) ||
		slices.Contains(column(accounts, "id"), pineEU) || len(pages) != 10 || len(accounts) != 8 {
		t.Errorf("listing: got %d Pages and %d accounts, want 10 and 8 without what was unticked", len(pages), len(accounts))
	}
	if a := askGraph(t, w, "GET", token, pineEU, "fields", "name"); a.Num("error", "error_subcode") != 33 {
		t.Errorf("reading an unticked account: got %s, want 100/33", a.Text)
	}
	granted, _ := readAll(t, w, token, "me/permissions")
	declined := func(rows []map[string]any) bool {
		return slices.ContainsFunc(rows, func(r map[string]any) bool {
			return r["permission"] == "pages_read_engagement" && r["status"] == "declined"
		})
	}
	if !declined(granted) {
		t.Errorf("listing permissions: got %v, want one declined", granted)
	}
	debug := sandboxtest.Call(t, w.Server(platformName), "GET", "graph.facebook.com", "/v27.0/debug_token?"+url.Values{
		"input_token": {token}, "access_token": {w.ClientID("meta") + "|" + w.ClientSecret("meta")},
	}.Encode(), nil)
	if !strings.Contains(debug.Text, `"target_ids"`) || !strings.Contains(debug.Text, `"is_valid":true`) {
		t.Errorf("inspecting: got %s, want the ticked ids", debug.Text)
	}

	// Without rerequest the dialog skips what was declined; with it, it shows
	// the checkboxes.
	v.Back = nil
	v.Open(w.Server(platformName).URL() + "/v27.0/dialog/oauth?" + metaAddress(w).Encode())
	v.Press("Allow")
	if rows, _ := readAll(t, w, token, "me/permissions"); !declined(rows) {
		t.Errorf("after Allow alone: got %v, want it still declined", rows)
	}
	v.Open(w.Server(platformName).URL() + "/v27.0/dialog/oauth?" + sandboxtest.With(metaAddress(w), "auth_type",
		"rerequest").Encode())
	if !strings.Contains(sandboxtest.TextOf(v.Page), "Permissions") {
		t.Fatalf("asking again: got %q, want the boxes", sandboxtest.TextOf(v.Page))
	}
	for i := range v.Boxes() {
		v.Boxes()[i].Attr = append(v.Boxes()[i].Attr, sandboxtest.Checked())
	}
	v.Press("Allow")
	if rows, _ := readAll(t, w, token, "me/permissions"); declined(rows) {
		t.Errorf("after ticking: got %v, want all granted", rows)
	}
	if rows, _ := readAll(t, w, token, "me/accounts", "fields", "id"); len(rows) != 11 {
		t.Errorf("after ticking: got %d Pages, want 11", len(rows))
	}
}

func TestFacebookRemembersWhoSignedIn(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	v := openDialog(t, w, "Ed Novak")
	v.Press("Cancel")
	if v.Back.Get("error") != "access_denied" || v.Back.Get("error_reason") != "user_denied" ||
		v.Back.Get("state") != "s1" {
		t.Errorf("cancelling: got %v, want access_denied and the state", v.Back)
	}
	v.Open(w.Server(platformName).URL() + "/dialog/oauth?" + metaAddress(w).Encode())
	if !strings.Contains(sandboxtest.TextOf(v.Page), "Signed in as Ed Novak") {
		t.Errorf("coming again: got %q, want the same person without a question", sandboxtest.TextOf(v.Page))
	}
	v.Press("I am someone else")
	v.Press("Mina Ito")
	v.Press("Allow")
	me := askGraph(t, w, "GET", exchangeMeta(t, w, v.Back.Get("code")), "me", "fields", "id,name")
	if me.Str("name") != "Mina Ito" {
		t.Errorf("asking who it is: got %s, want Mina Ito", me.Text)
	}
}

func TestFacebookRefusesDialogsThatAreNotInOrder(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	for _, wrong := range [][2]string{
		{"client_id", "1"}, {"redirect_uri", sandboxtest.Callback + "?a=b"}, {"redirect_uri", ""}, {"state", ""},
		{"response_type", ""}, {"response_type", "token"},
		{"scope", "ads_management,everything"}, {"auth_type", "reauthenticate"}, {"config_id", "1"}, {"config_id", Config},
		{"prompt", "consent"}, {"code_challenge", "x"},
	} {
		v := sandboxtest.NewBrowser(t)
		v.Open(w.Server(platformName).URL() + "/v27.0/dialog/oauth?" +
			sandboxtest.With(metaAddress(w), wrong[0], wrong[1]).Encode())
		if v.Status != http.StatusBadRequest || v.Back != nil {
			t.Errorf("opening with %s=%q: got %d, want a page that says no", wrong[0], wrong[1], v.Status)
		}
	}
	if err := w.SetFault("meta", "feature_unavailable", true); err != nil {
		t.Fatal(err)
	}
	v := sandboxtest.NewBrowser(t)
	v.Open(w.Server(platformName).URL() + "/v27.0/dialog/oauth?" + metaAddress(w).Encode())
	if !strings.Contains(sandboxtest.TextOf(v.Page), "Feature unavailable") {
		t.Errorf("opening while it is unavailable: got %q", sandboxtest.TextOf(v.Page))
	}
}

func TestAConfigurationIsAllOrNothing(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	v := openDialog(t, w, "Mina Ito", "scope", "", "config_id", Config)
	v.Follow("Edit settings")
	v.Press("Allow", "ads_management")
	rows, _ := readAll(t, w, exchangeMeta(t, w, v.Back.Get("code")), "me/permissions")
	for _, row := range rows {
		if row["status"] != "granted" {
			t.Errorf("allowing a configuration: got %v, want everything granted", row)
		}
	}
}

func TestFacebookRefusesExchangesThatAreNotInOrder(t *testing.T) {
	w, c := sandboxtest.New(t, New)
	fresh := func() url.Values {
		v := openDialog(t, w, "Mina Ito")
		v.Press("Allow")
		return metaExchange(w, v.Back.Get("code"))
	}
	exchange := func(form url.Values) sandboxtest.Reply {
		return sandboxtest.Call(t, w.Server(platformName), "POST", "graph.facebook.com", "/v27.0/oauth/access_token", form)
	}
	good := fresh()
	for what, c := range map[string]struct {
		form      url.Values
		code, sub float64
	}{
		"no client id":         {sandboxtest.With(good, "client_id", ""), 101, 0},
		"no secret":            {sandboxtest.With(good, "client_secret", ""), 1, 0},
		"a wrong secret":       {sandboxtest.With(good, "client_secret", "x"), 1, 0},
		"no code":              {sandboxtest.With(good, "code", ""), 100, 0},
		"an unknown code":      {sandboxtest.With(good, "code", "x"), 100, 0},
		"no redirect_uri":      {sandboxtest.With(good, "redirect_uri", ""), 100, 0},
		"another redirect_uri": {sandboxtest.With(fresh(), "redirect_uri", "http://localhost:7420/other"), 100, 36008},
		"an unknown parameter": {sandboxtest.With(good, "audience", "x"), 100, 0},
		"a stray verifier":     {sandboxtest.With(fresh(), "code_verifier", sandboxtest.Verifier), 100, 0},
		"another grant type":   {sandboxtest.With(good, "grant_type", "password"), 100, 0},
	} {
		if a := exchange(c.form); a.Num("error", "code") != c.code || a.Num("error", "error_subcode") != c.sub {
			t.Errorf("exchanging with %s: got %s, want %v/%v", what, a.Text, c.code, c.sub)
		}
	}
	if a := exchange(good); a.Status != http.StatusOK {
		t.Errorf("exchanging: got %d %s, want 200", a.Status, a.Text)
	}
	if a := exchange(good); a.Num("error", "error_subcode") != 36009 {
		t.Errorf("exchanging again: got %s, want 36009", a.Text)
	}
	late := fresh()
	c.Pass(2 * time.Minute)
	if a := exchange(late); a.Num("error", "error_subcode") != 36007 {
		t.Errorf("exchanging late: got %s, want 36007", a.Text)
	}
}

func TestTokensDieAndSayWhy(t *testing.T) {
	w, c := sandboxtest.New(t, New)
	short := logIn(t, w, "Mina Ito")
	long := sandboxtest.Call(t, w.Server(platformName), "GET", "graph.facebook.com",
		"/v27.0/oauth/access_token?"+url.Values{
			"grant_type": {"fb_exchange_token"}, "client_id": {w.ClientID("meta")}, "client_secret": {w.ClientSecret("meta")},
			"fb_exchange_token": {short}}.Encode(), nil)
	if long.Num("expires_in") != 5183944 {
		t.Fatalf("lengthening: got %s, want about sixty days", long.Text)
	}
	sub := func(token string) float64 {
		a := askGraph(t, w, "GET", token, "me")
		if a.Status == http.StatusOK {
			return 0
		}
		if a.Num("error", "code") != 190 {
			t.Errorf("calling with a dead token: got %s, want 190", a.Text)
		}
		return a.Num("error", "error_subcode")
	}
	c.Pass(2 * time.Hour)
	if got := sub(short); got != 463 {
		t.Errorf("the short token after two hours: got %v, want 463", got)
	}
	if got := sub(long.Str("access_token")); got != 0 {
		t.Errorf("the long token after two hours: got %v, want it alive", got)
	}
	if err := w.SetFaultFor("meta", "token_revoked", "mina-ito", true); err != nil {
		t.Fatal(err)
	}
	if got := sub(long.Str("access_token")); got != 460 {
		t.Errorf("the long token after a new password: got %v, want 460", got)
	}
	w.AllWell()
	if a := askGraph(t, w, "DELETE", long.Str("access_token"), "me/permissions"); a.Text != `{"success":true}` {
		t.Errorf("removing the app: got %s", a.Text)
	}
	if got := sub(long.Str("access_token")); got != 458 {
		t.Errorf("the long token without the app: got %v, want 458", got)
	}
	logIn(t, w, "Mina Ito")
	if got := sub(long.Str("access_token")); got != 458 {
		t.Errorf("the old token after a new consent: got %v, want it still dead", got)
	}
	c.Pass(61 * 24 * time.Hour)
	if got := sub(logIn(t, w, "Mina Ito")); got != 0 {
		t.Errorf("a new token: got %v, want it alive", got)
	}
}

func TestGraphRefusesCallsThatAreNotInOrder(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	mina, ed := logIn(t, w, "Mina Ito"), logIn(t, w, "Ed Novak")
	for what, c := range map[string]struct {
		method, token, path string // of a GET, if the method is empty
		params              []string
		code                float64
	}{
		"no token":         {path: "me", code: 104},
		"a wrong token":    {token: "x", path: "me", code: 190},
		"a wrong proof":    {token: mina, path: "me", params: []string{"appsecret_proof", "x"}, code: 100},
		"an unknown field": {token: mina, path: "me/businesses", params: []string{"fields", "id,permitted_roles"}, code: 100},
		"fields that do not close": {
			token: mina, path: "me/business_users", params: []string{"fields", "id,business{id"}, code: 2500,
		},
		"an unknown parameter":         {token: mina, path: "me/accounts", params: []string{"page", "2"}, code: 100},
		"an unknown edge":              {token: mina, path: "me/friends", code: 100},
		"a wrong cursor":               {token: mina, path: "me/accounts", params: []string{"after", "2"}, code: 100},
		"a wrong limit":                {token: mina, path: "me/accounts", params: []string{"limit", "0"}, code: 100},
		"another's business":           {token: ed, path: "447120001180233/owned_pages", code: 100},
		"an employee's look at agents": {token: ed, path: "440118822093147/agencies", code: 200},
		"somebody to assign": {
			method: "POST", token: mina, path: pineEU + "/assigned_users", code: 100,
			params: []string{"user", "1", "tasks", sharedTasks},
		},
		"a running campaign": {method: "POST", token: mina, path: pineEU + "/campaigns", params: []string{
			"name", "x", "objective", "OUTCOME_SALES", "status", "ACTIVE", "special_ad_categories", "[]",
			"is_adset_budget_sharing_enabled", "false",
		}, code: 100},
		"a campaign without its flag": {
			method: "POST", token: mina, path: pineEU + "/campaigns", code: 100,
			params: []string{"name", "x", "objective", "OUTCOME_SALES", "status", "PAUSED", "special_ad_categories", "[]"},
		},
		"a campaign without category": {
			method: "POST", token: mina, path: pineEU + "/campaigns", code: 100,
			params: []string{
				"name", "x", "objective", "OUTCOME_SALES", "status", "PAUSED", "is_adset_budget_sharing_enabled", "false",
			},
		},
		"a campaign in a disabled one": {method: "POST", token: mina, path: "act_44820031555/campaigns", params: []string{
			"name", "x", "objective", "OUTCOME_SALES", "status", "PAUSED", "special_ad_categories", "[]",
			"is_adset_budget_sharing_enabled", "false",
		}, code: 100},
	} {
		a := askGraph(t, w, cmp.Or(c.method, "GET"), c.token, c.path, c.params...)
		if a.Num("error", "code") != c.code {
			t.Errorf("calling with %s: got %d %s, want %v", what, a.Status, a.Text, c.code)
		}
	}
	for _, path := range []string{"/v99.0/me", "/", "/v27.0"} {
		if a := sandboxtest.Call(t, w.Server(platformName), "GET", "graph.facebook.com", path, nil, "Authorization",
			"Bearer "+mina); a.Num("error", "code") != 2500 {
			t.Errorf("calling %s: got %s, want 2500", path, a.Text)
		}
	}
	for _, host := range []string{"www.facebook.com", "graph.facebook.com:443", "evil.example"} {
		if a := sandboxtest.Call(t, w.Server(platformName), "GET", host, "/v27.0/me", nil, "Authorization", "Bearer "+
			mina); a.Status != http.StatusMisdirectedRequest {
			t.Errorf("calling as %s: got %d, want 421", host, a.Status)
		}
	}
	if err := w.SetFault("meta", "require_appsecret_proof", true); err != nil {
		t.Fatal(err)
	}
	if a := askGraph(t, w, "GET", mina, "me"); a.Num("error", "code") != 100 {
		t.Errorf("calling without a proof when one is required: got %s, want 100", a.Text)
	}
	if a := askGraph(t, w, "GET", mina, "me", "appsecret_proof",
		digest(w.ClientSecret("meta"), mina)); a.Status != http.StatusOK {
		t.Errorf("calling with a proof: got %s, want 200", a.Text)
	}
}

func TestMissingPermissionsAreEnforcedOnEachCall(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	token := logIn(t, w, "Mina Ito")
	for permission, paths := range map[string][]string{
		"business_management":   {"me/businesses", "me/business_users", "447120001180233/owned_pages"},
		"ads_management":        {"me/adaccounts", pineEU, "447120001180233/owned_ad_accounts"},
		"pages_show_list":       {"me/accounts"},
		"pages_read_engagement": {pinePage},
	} {
		for _, path := range paths {
			if a := askGraph(t, w, "GET", token, path); a.Status != http.StatusOK {
				t.Errorf("calling %s with %s: got %s, want 200", path, permission, a.Text)
			}
		}
		if a := askGraph(t, w, "DELETE", token, "me/permissions/"+permission); a.Status != http.StatusOK {
			t.Fatalf("taking %s back: got %s", permission, a.Text)
		}
		for _, path := range paths {
			if a := askGraph(t, w, "GET", token, path); a.Num("error", "code") != 200 {
				t.Errorf("calling %s without %s: got %d %s, want 200", path, permission, a.Status, a.Text)
			}
		}
		fakeIn(w).mu.Lock()
		fakeIn(w).state.people["mina-ito"].grant.status[permission] = "granted"
		fakeIn(w).mu.Unlock()
	}
}

func TestRolesAreAsThePeopleSay(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	for person, want := range map[string]struct {
		businesses, accounts, pages int
	}{
		"Mina Ito": {1, 9, 11}, "Ed Novak": {1, 2, 1}, "Sam Xu": {1, 40, 60}, "Noor Haddad": {0, 1, 1},
		"Olga Lind": {1, 1, 3},
		"Dirk Maas": {1, 2, 1}, "Ana Ruiz": {2, 1, 1}, "Jonas Weber": {2, 0, 0},
	} {
		token := logIn(t, w, person)
		for path, count := range map[string]int{
			"me/business_users": want.businesses, "me/adaccounts": want.accounts, "me/accounts": want.pages,
		} {
			if rows, _ := readAll(t, w, token, path, "limit", "100"); len(rows) != count {
				t.Errorf("%s has %d at %s, want %d", person, len(rows), path, count)
			}
		}
	}
}

func TestSharingByHandAndLosingARole(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	ana := logIn(t, w, "Ana Ruiz")
	act := func(a sandbox.Action) {
		t.Helper()
		a.Platform = "meta"
		if _, err := w.Trigger(a); err != nil {
			t.Fatal(err)
		}
	}
	act(sandbox.Action{Action: "share", Asset: pinePage, Business: agencyBusiness})
	rows, _ := readAll(t, w, ana, agencyBusiness+"/client_pages", "fields", "id")
	if !slices.Contains(column(rows, "id"), pinePage) {
		t.Errorf("sharing by hand: got %v, want the Page on the agency's side", rows)
	}
	act(sandbox.Action{Action: "lower", Asset: pinePage})
	if shares := w.State()[platformName].(View).Shares; len(shares) != 1 ||
		!slices.Equal(shares[0].Tasks, []string{"ANALYZE"}) {
		t.Errorf("lowering: got %+v, want analysing only", shares)
	}
	act(sandbox.Action{Action: "lose_admin", Person: "ana-ruiz"})
	users, _ := readAll(t, w, ana, "me/business_users", "fields", "role")
	for _, row := range users {
		if row["role"] != "EMPLOYEE" {
			t.Errorf("losing the role: got %v", row)
		}
	}
	act(sandbox.Action{Action: "leave_business", Person: "ana-ruiz", Business: agencyBusiness})
	if a := askGraph(t, w, "GET", ana, agencyBusiness+"/client_pages"); a.Num("error", "error_subcode") != 33 {
		t.Errorf("looking into a business one has left: got %s, want 100/33", a.Text)
	}
}

func TestTheWayBackCanBeWrong(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	for _, fault := range []string{"state_changed", "code_spent"} {
		if err := w.SetFault("meta", fault, true); err != nil {
			t.Fatal(err)
		}
	}
	v := openDialog(t, w, "Mina Ito")
	v.Press("Allow")
	if v.Back.Get("state") == "s1" {
		t.Error("the state came back as it was")
	}
	if a := sandboxtest.Call(t, w.Server(platformName), "POST", "graph.facebook.com", "/v27.0/oauth/access_token",
		metaExchange(w, v.Back.Get("code"))); a.Num("error", "error_subcode") != 36009 {
		t.Errorf("exchanging a spent code: got %s, want 36009", a.Text)
	}
	w.AllWell()
	if err := w.SetFault("meta", "scope_unticked", true); err != nil {
		t.Fatal(err)
	}
	token := logIn(t, w, "Mina Ito")
	if a := askGraph(t, w, "GET", token, "me/adaccounts"); a.Num("error", "code") != 200 {
		t.Errorf("listing without the unticked permission: got %s, want 200", a.Text)
	}
}

func TestBusinessSettingsShareApproveAndTakeBack(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	v := sandboxtest.NewBrowser(t)
	v.Open(w.Server(platformName).URL() + "/settings/partners")
	v.Press("Lena Roth")
	shared := func() []ShareView { return w.State()[platformName].(View).Shares }
	post := func(path string, form url.Values, status int) {
		t.Helper()
		v.Load("POST", path, form)
		if v.Status != status {
			t.Errorf("posting %v to %s: got %d %q, want %d", form, path, v.Status, sandboxtest.TextOf(v.Page), status)
		}
	}
	own := "440118871820966"
	post("/settings/share", url.Values{"business": {own}, "partner": {"1"}, "asset": {"40911800057"}},
		http.StatusBadRequest)
	post("/settings/share", url.Values{"business": {own}, "partner": {agencyBusiness}}, http.StatusBadRequest)
	post("/settings/share", url.Values{"business": {own}, "partner": {agencyBusiness}, "asset": {pinePage}},
		http.StatusForbidden)
	post("/settings/share", url.Values{"business": {"447120001180233"}, "partner": {agencyBusiness}, "asset": {pinePage}},
		http.StatusForbidden)
	post("/settings/decide", url.Values{"asset": {pinePage}, "partner": {agencyBusiness}, "do": {"approve"}},
		http.StatusForbidden)
	if len(shared()) != 0 {
		t.Fatalf("after refusals: got %v, want nothing shared", shared())
	}
	post("/settings/share", url.Values{"business": {own}, "partner": {"1184 2090 3317 552"}, "asset": {"act_57702336610"}},
		http.StatusOK)
	if s := shared(); len(s) != 1 || !s[0].Visible {
		t.Errorf("sharing by hand: got %+v, want one the agency sees", s)
	}
	v.Press("Remove Roth & Söhne")
	if s := shared(); len(s) != 0 {
		t.Errorf("taking it back: got %+v, want nothing", s)
	}

	page := pageTokenOf(t, w, logIn(t, w, "Lena Roth"), "40911800057")
	askGraph(t, w, "POST", page, "40911800057/agencies", "business", agencyBusiness, "permitted_tasks", sharedTasks)
	v.Open(w.Server(platformName).URL() + "/settings/partners")
	v.Press("Approve Roth & Söhne")
	if s := shared(); len(s) != 1 || s[0].Pending || !s[0].Visible {
		t.Errorf("approving: got %+v, want one the agency sees", s)
	}
}

func TestWhoAllowedEverythingMayBeSentBackSilently(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	if err := w.SetFault("meta", "silent_reconnect", true); err != nil {
		t.Fatal(err)
	}
	v := openDialog(t, w, "Mina Ito")
	v.Press("Allow")
	v.Back = nil
	v.Open(w.Server(platformName).URL() + "/v27.0/dialog/oauth?" + metaAddress(w).Encode())
	if v.Back.Get("code") == "" {
		t.Errorf("coming again: got %q, want a code without a page", sandboxtest.TextOf(v.Page))
	}
	v.Back = nil
	v.Open(w.Server(platformName).URL() + "/v27.0/dialog/oauth?" + sandboxtest.With(metaAddress(w), "auth_type",
		"rerequest").Encode())
	if v.Back != nil {
		t.Error("asking again: the dialog was skipped")
	}
}

func TestATransientErrorIsGoneAtTheNextCall(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	token := logIn(t, w, "Mina Ito")
	if err := w.SetFault("meta", "transient_once", true); err != nil {
		t.Fatal(err)
	}
	var codes []float64
	for range 4 {
		codes = append(codes, askGraph(t, w, "GET", token, "me").Num("error", "code"))
	}
	if !slices.Equal(codes, []float64{2, 0, 2, 0}) && !slices.Equal(codes, []float64{0, 2, 0, 2}) {
		t.Errorf("calling four times: got codes %v, want every other one to fail", codes)
	}
}

func TestResettingForgetsEverything(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	token := logIn(t, w, "Mina Ito")
	askGraph(t, w, "POST", token, pineEU+"/agencies", "business", agencyBusiness, "permitted_tasks", sharedTasks)
	w.Reset()
	if shares := w.State()[platformName].(View).Shares; len(shares) != 0 {
		t.Errorf("after a reset: got shares %v, want none", shares)
	}
	if a := askGraph(t, w, "GET", token, "me"); a.Num("error", "code") != 190 {
		t.Errorf("calling with an old token: got %s, want 190", a.Text)
	}
}

func TestPKCEIsCheckedWhereAChallengeWasSent(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	for given, status := range map[string]int{
		sandboxtest.Verifier: http.StatusOK, "": http.StatusBadRequest, strings.Repeat("x", 50): http.StatusBadRequest,
	} {
		v := openDialog(t, w, "Mina Ito", "code_challenge", sandboxtest.ChallengeOf(sandboxtest.Verifier),
			"code_challenge_method", "S256")
		v.Press("Allow")
		form := sandboxtest.With(metaExchange(w, v.Back.Get("code")), "code_verifier", given)
		if a := sandboxtest.Call(t, w.Server(platformName), "POST", "graph.facebook.com", "/v27.0/oauth/access_token",
			form); a.Status != status {
			t.Errorf("exchanging with the verifier %q: got %d %s, want %d", given, a.Status, a.Text, status)
		}
	}
}

func TestCallsFromManySidesAtOnceKeepTheirState(t *testing.T) {
	w, _ := sandboxtest.New(t, New)
	mina, ana := logIn(t, w, "Mina Ito"), logIn(t, w, "Ana Ruiz")
	done := make(chan float64)
	for range 8 {
		go func() {
			done <- askGraph(t, w, "POST", mina, pineEU+
				"/agencies", "business", agencyBusiness, "permitted_tasks", sharedTasks).Num("error", "code")
		}()
		go func() {
			done <- askGraph(t, w, "GET", ana, agencyBusiness+"/client_ad_accounts").Num("error", "code")
			_ = w.Faults()
		}()
	}
	shared := 0
	for range 16 {
		if <-done == 3944 {
			shared++
		}
	}
	if shared != 7 {
		t.Errorf("sharing eight times at once: %d were told it is shared already, want 7", shared)
	}
}
