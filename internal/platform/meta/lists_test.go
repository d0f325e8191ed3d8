package meta

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
)

func TestPagesThatOnlyABusinessListsCanBeShared(t *testing.T) {
	s := newScene(t)
	_, business := s.agency(t)
	s.Fault("own_lists_empty")
	mina, token := s.assets(t, "Mina Ito")
	if len(mina.AdAccounts) != 9 || len(mina.Pages) != 11 || len(mina.Unread) != 0 {
		t.Errorf("got %d ad accounts, %d Pages, and %v unread", len(mina.AdAccounts), len(mina.Pages), mina.Unread)
	}
	for _, asset := range slices.Concat(mina.AdAccounts, mina.Pages) {
		if asset.Barrier == catalog.BoxUnticked {
			t.Errorf("%s is said not to be ticked", asset.Name)
		}
	}
	for _, asset := range []platform.Asset{
		named(t, mina.Pages, "Harbour & Pine"), named(t, mina.AdAccounts, "Harbour & Pine EU"),
	} {
		shared, err := s.relay.Share(t.Context(), token, platform.ShareParams{
			Asset: asset, With: onboarding.Account{ID: business.ID, Name: business.Name},
		})
		if asset.Barrier != "" || err != nil || shared.Waiting != "" {
			t.Errorf("%s: %q is in the way; sharing: got %+v, %v", asset.Name, asset.Barrier, shared, err)
		}
	}
}

func TestAPageWithoutATokenIsSharedByHand(t *testing.T) {
	s := newScene(t)
	_, business := s.agency(t)
	s.Fault("no_page_tokens")
	mina, token := s.assets(t, "Mina Ito")
	page := named(t, mina.Pages, "Harbour & Pine")
	shared, err := s.relay.Share(t.Context(), token, platform.ShareParams{
		Asset: page, With: onboarding.Account{ID: business.ID, Name: business.Name},
	})
	if page.Barrier != "" || err != nil || shared.Waiting != catalog.ManualShare {
		t.Errorf("%q is in the way; got %+v, %v", page.Barrier, shared, err)
	}
	end, err := s.relay.unshare(t.Context(), token, page, onboarding.Account{ID: business.ID})
	if err != nil || end.Remaining != catalog.WithdrawByHand {
		t.Errorf("taking it back: got %+v, %v", end, err)
	}
}

func TestOneRefusedListIsNamedAndTheOthersAreRead(t *testing.T) {
	s := newScene(t)
	s.Fault("client_pages_refused")
	mina, _ := s.assets(t, "Mina Ito")
	if len(mina.AdAccounts) != 9 || named(t, mina.Pages, "Harbour & Pine").Barrier != "" {
		t.Errorf("got %d ad accounts and the Pages %+v", len(mina.AdAccounts), mina.Pages)
	}
	want := []platform.UnreadList{{
		Kind: onboarding.Page, Business: named(t, mina.Pages, "Harbour & Pine").Business, Given: true, Code: "200",
	}}
	if !slices.Equal(mina.Unread, want) {
		t.Errorf("unread: got %+v, want %+v", mina.Unread, want)
	}
}

func TestTooMuchDataIsAskedForInSmallerParts(t *testing.T) {
	s := newScene(t)
	s.Fault("too_much_data")
	greta, _ := s.assets(t, "Greta Vogt")
	if len(greta.AdAccounts) != 500 || len(greta.Unread) != 0 {
		t.Errorf("got %d ad accounts, and %v unread", len(greta.AdAccounts), greta.Unread)
	}
}

// graphStub is a Graph that answers lists as a test needs it.
type graphStub struct {
	mu    sync.Mutex
	asked []url.Values // of calls that were answered
	reply func(path string, query url.Values) (status int, body string)
}

func (g *graphStub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	_, path, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	status, body := g.reply(path, r.URL.Query())
	if status == http.StatusOK {
		g.asked = append(g.asked, r.URL.Query())
	}
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body)) // the test has ended
}

// stubbed is a driver that calls such a Graph.
func stubbed(t *testing.T, reply func(path string, query url.Values) (status int, body string)) (*Relay, *graphStub) {
	t.Helper()
	stub := &graphStub{reply: reply}
	server := httptest.NewServer(stub)
	t.Cleanup(server.Close)
	relay, err := NewForRelay(platform.App{
		ClientID: "1", ClientSecret: onboarding.NewSecret("secret"), Endpoints: platform.Endpoints{API: server.URL},
	})
	if err != nil {
		t.Fatal(err)
	}
	return relay, stub
}

func graphList(t *testing.T, rows []map[string]any, query url.Values) string {
	t.Helper()
	from, _ := strconv.Atoi(query.Get("after"))
	limit, err := strconv.Atoi(query.Get("limit"))
	if err != nil {
		t.Errorf("limit %q", query.Get("limit"))
	}
	to := min(len(rows), from+limit)
	page := map[string]any{"data": rows[from:to]}
	if to < len(rows) {
		page["paging"] = map[string]any{"cursors": map[string]any{"after": strconv.Itoa(to)}, "next": "https://elsewhere"}
	}
	text, err := json.Marshal(page)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestAListIsHalvedUntilGraphAnswersAndThenHasFewerFields(t *testing.T) {
	rows := make([]map[string]any, 30)
	for i := range rows {
		rows[i] = map[string]any{"id": "act_" + strconv.Itoa(i)}
	}
	for name, c := range map[string]struct {
		status int
		body   string
		most   int // entries in a page that Graph answers
		fields string
	}{
		"500":               {status: 500, body: `{"error":{"code":1}}`, most: 25, fields: "id,name"},
		"500 and transient": {status: 500, body: `{"error":{"code":1,"is_transient":true}}`, most: 7, fields: "id,name"},
		"400":               {status: 400, body: `{"error":{"code":1}}`, most: 50, fields: "id,name"},
		"subcode 99":        {status: 500, body: `{"error":{"code":1,"error_subcode":99}}`, most: 3, fields: "id,name"},
		"another subcode": {
			status: 400, body: `{"error":{"code":1,"error_subcode":1504044}}`, most: 1, fields: "id,name",
		},
		"fewer fields":           {status: 500, body: `{"error":{"code":1}}`, fields: "id"},
		"a field it has not got": {status: 400, body: `{"error":{"code":100}}`, fields: "id"},
	} {
		t.Run(name, func(t *testing.T) {
			relay, stub := stubbed(t, func(_ string, query url.Values) (int, string) {
				limit, _ := strconv.Atoi(query.Get("limit"))
				if query.Get("fields") != "id" && limit > c.most {
					return c.status, c.body
				}
				return http.StatusOK, graphList(t, rows, query)
			})
			got, err := list[adAccount](t.Context(), relay.graph, caller{}, "me/adaccounts",
				url.Values{"fields": {"id,name"}}, "id")
			if err != nil || len(got) != len(rows) {
				t.Fatalf("got %d entries, %v", len(got), err)
			}
			if got := stub.asked[0].Get("fields"); got != c.fields {
				t.Errorf("the answered call asks for %q, want %q", got, c.fields)
			}
		})
	}
}

func TestARateLimitAndAnOutageAreNotAskedForLess(t *testing.T) {
	for body, want := range map[string]catalog.FailureCode{
		`{"error":{"code":4,"is_transient":true}}`:   catalog.PlatformBusy,
		`{"error":{"code":17,"is_transient":true}}`:  catalog.PlatformBusy,
		`{"error":{"code":32}}`:                      catalog.PlatformBusy,
		`{"error":{"code":613}}`:                     catalog.PlatformBusy,
		`{"error":{"code":80004}}`:                   catalog.PlatformBusy,
		`{"error":{"code":2,"is_transient":true}}`:   catalog.PlatformDown,
		`{"error":{"code":190,"error_subcode":463}}`: catalog.SignInExpired,
		`{"error":{"code":200}}`:                     catalog.AppNotApproved,
		`{"error":{"code":100,"error_subcode":33}}`:  catalog.Unexpected,
	} {
		calls := 0
		relay, _ := stubbed(t, func(string, url.Values) (int, string) {
			calls++
			return http.StatusInternalServerError, body
		})
		_, err := list[adAccount](t.Context(), relay.graph, caller{}, "me/adaccounts", nil, "id")
		if got := platform.AsFailure(err).Code; got != want || calls != 1 {
			t.Errorf("%s: got %s after %d calls, want %s after one", body, got, calls, want)
		}
	}
}

func TestAnyListThatIsRefusedLeavesWhatTheOthersHold(t *testing.T) {
	rows := map[string][]map[string]any{
		"me/business_users": {{"id": "u1", "role": "ADMIN", "business": map[string]any{"id": "b1", "name": "Harbour"}}},
		"me/businesses":     {{"id": "b1", "name": "Harbour"}, {"id": "b2", "name": "Kontor"}},
		"me/adaccounts":     {{"id": "act_1", "account_status": 1, "user_tasks": []string{"MANAGE"}}},
		"me/accounts":       {{"id": "p1", "tasks": []string{"MANAGE"}}},
		"b1/owned_ad_accounts": {
			{"id": "act_1", "account_status": 1}, {"id": "act_2", "account_status": 1},
		},
		"b1/owned_pages":  {{"id": "p1"}, {"id": "p2", "access_token": "t"}},
		"b1/client_pages": {{"id": "p3", "owner_business": map[string]any{"id": "b9", "name": "Elsewhere"}}},
	}
	harbour, kontor := onboarding.Account{ID: "b1", Name: "Harbour"}, onboarding.Account{ID: "b2", Name: "Kontor"}
	refused := map[string]platform.UnreadList{
		"me/adaccounts":         {Kind: onboarding.AdAccount, Code: "200"},
		"me/accounts":           {Kind: onboarding.Page, Code: "200"},
		"b1/owned_ad_accounts":  {Kind: onboarding.AdAccount, Business: harbour},
		"b1/owned_pages":        {Kind: onboarding.Page, Business: harbour},
		"b1/client_ad_accounts": {Kind: onboarding.AdAccount, Given: true, Business: harbour},
		"b2/client_pages":       {Kind: onboarding.Page, Given: true, Business: kontor},
		"b2/owned_pixels":       {Kind: onboarding.Dataset, Business: kontor},
	}
	for path, want := range refused {
		for _, body := range []string{
			`{"error":{"code":200}}`, `{"error":{"code":10}}`, `{"error":{"code":2}}`,
			`{"error":{"code":100,"error_subcode":33}}`,
		} {
			relay, _ := stubbed(t, func(asked string, query url.Values) (int, string) {
				switch asked {
				case path:
					return http.StatusForbidden, body
				case "debug_token":
					return http.StatusOK, `{"data":{}}`
				}
				return http.StatusOK, graphList(t, rows[asked], query)
			})
			got, err := relay.Assets(t.Context(), onboarding.NewSecret("token"), onboarding.Dataset)
			if err != nil || len(got.Unread) != 1 || len(got.AdAccounts) == 0 || len(got.Pages) == 0 {
				t.Errorf("%s refused with %s: got %+v, %v", path, body, got, err)
				continue
			}
			want.Code = got.Unread[0].Code
			if got.Unread[0] != want || want.Code == "" {
				t.Errorf("%s: named as %+v, want %+v", path, got.Unread[0], want)
			}
			for _, asset := range got.All() {
				if asset.Barrier != "" && asset.ID != "p3" {
					t.Errorf("%s refused: %s is in the way of %s", path, asset.Barrier, asset.ID)
				}
			}
		}
	}
}

func TestAListThatEndsTheSignInOrTheRateLimitEndsAll(t *testing.T) {
	for body, want := range map[string]catalog.FailureCode{
		`{"error":{"code":190,"error_subcode":460}}`: catalog.SignInEnded,
		`{"error":{"code":17}}`:                      catalog.PlatformBusy,
		`<html>Bad gateway</html>`:                   catalog.PlatformDown,
	} {
		relay, _ := stubbed(t, func(path string, query url.Values) (int, string) {
			if path == "me/accounts" {
				return http.StatusBadGateway, body
			}
			return http.StatusOK, graphList(t, nil, query)
		})
		_, err := relay.Assets(t.Context(), onboarding.NewSecret("token"))
		if got := platform.AsFailure(err).Code; err == nil || got != want {
			t.Errorf("%s: got %s, want %s", body, got, want)
		}
	}
}

func TestWhereEveryListIsRefusedTheRefusalIsTheAnswer(t *testing.T) {
	relay, _ := stubbed(t, func(string, url.Values) (int, string) {
		return http.StatusForbidden, `{"error":{"code":200}}`
	})
	_, err := relay.Assets(t.Context(), onboarding.NewSecret("token"))
	if got := platform.AsFailure(err).Code; got != catalog.AppNotApproved {
		t.Errorf("got %v", err)
	}
}

func TestAPageIsUntickedOnlyWhereTheSignInSaysSo(t *testing.T) {
	rows := map[string][]map[string]any{
		"me/business_users": {{"id": "u1", "role": "Admin", "business": map[string]any{"id": "b1", "name": "Harbour"}}},
		"b1/owned_pages":    {{"id": "p1", "name": "One"}, {"id": "p2", "name": "Two"}},
	}
	for scopes, want := range map[string][2]catalog.FailureCode{
		`[{"scope":"pages_show_list","target_ids":["p2"]}]`:     {catalog.BoxUnticked, ""},
		`[{"scope":"pages_show_list","target_ids":[]}]`:         {catalog.BoxUnticked, catalog.BoxUnticked},
		`[{"scope":"pages_show_list"}]`:                         {},
		`[{"scope":"business_management","target_ids":["b1"]}]`: {},
		`[]`: {},
		``:   {},
	} {
		relay, stub := stubbed(t, func(path string, query url.Values) (int, string) {
			if path == "debug_token" {
				if scopes == "" {
					return http.StatusBadRequest, `{"error":{"code":100}}`
				}
				return http.StatusOK, `{"data":{"granular_scopes":` + scopes + `}}`
			}
			return http.StatusOK, graphList(t, rows[path], query)
		})
		got, err := relay.Assets(t.Context(), onboarding.NewSecret("token"))
		if err != nil || len(got.Pages) != 2 {
			t.Fatalf("%s: got %+v, %v", scopes, got, err)
		}
		if got := [2]catalog.FailureCode{got.Pages[0].Barrier, got.Pages[1].Barrier}; got != want {
			t.Errorf("%s: %v are in the way, want %v", scopes, got, want)
		}
		for _, query := range stub.asked {
			if query.Has("access_token") {
				t.Errorf("a call has its token in the address: %v", query)
			}
		}
	}
}

func TestWhatOneListDoesNotTellAnotherOneDoes(t *testing.T) {
	rows := map[string][]map[string]any{
		"me/business_users":    {{"id": "u1", "role": "EMPLOYEE", "business": map[string]any{"id": "b1", "name": "Harbour"}}},
		"me/adaccounts":        {{"id": "act_1", "account_status": 1}},
		"b1/owned_ad_accounts": {{"id": "act_1", "account_status": 1, "currency": "EUR", "user_tasks": []string{"MANAGE"}}},
		"me/accounts":          {{"id": "p1", "tasks": []string{"MANAGE"}}},
		"b1/owned_pages":       {{"id": "p1", "category": "Café"}},
	}
	relay, _ := stubbed(t, func(path string, query url.Values) (int, string) {
		return http.StatusOK, graphList(t, rows[path], query)
	})
	got, err := relay.Assets(t.Context(), onboarding.NewSecret("token"))
	if err != nil || len(got.AdAccounts) != 1 || len(got.Pages) != 1 {
		t.Fatalf("got %+v, %v", got, err)
	}
	for _, asset := range got.All() {
		if asset.Barrier != catalog.NotBusinessAdmin || asset.Business.ID != "b1" {
			t.Errorf("%s: %q of %q", asset.ID, asset.Barrier, asset.Business.ID)
		}
	}
	if !strings.HasSuffix(got.AdAccounts[0].Detail, "EUR") || got.Pages[0].Detail != "Café" {
		t.Errorf("got %q and %q", got.AdAccounts[0].Detail, got.Pages[0].Detail)
	}
}

func TestAnAgencysOwnPagesAreFoundThroughItsBusiness(t *testing.T) {
	s := newScene(t)
	credential, _ := s.agency(t)
	before, _, err := s.hub.OwnAssets(t.Context(), credential)
	if err != nil {
		t.Fatal(err)
	}
	s.Fault("own_lists_empty")
	after, _, err := s.hub.OwnAssets(t.Context(), credential)
	if err != nil || !slices.EqualFunc(before, after, func(a, b platform.Asset) bool {
		return a.ID == b.ID && a.Barrier == b.Barrier
	}) {
		t.Errorf("got %+v, %v; want %+v", after, err, before)
	}
}

func TestFacebooksOwnRefusalsAreNoCancelling(t *testing.T) {
	relay, _ := stubbed(t, nil)
	for text, want := range map[string]struct {
		code     catalog.FailureCode
		platform string
	}{
		"error_code=1349126&error_message=App+not+active":   {catalog.AppNotApproved, "1349126"},
		"error_code=1349048&error_message=Can%27t+load+URL": {catalog.AppNotApproved, "1349048"},
		"error_code=1349220&error_message=x&error=x":        {catalog.AppNotApproved, "1349220"},
		"error_code=2&error_message=x":                      {catalog.PlatformDown, "2"},
		"error_code=4&error_message=x":                      {catalog.PlatformBusy, "4"},
		"error_code=368&error_message=x":                    {catalog.TemporarilyBlocked, "368"},
		"error_code=190&error_message=x":                    {catalog.Unexpected, "190"},
		"error_code=9000000&error_message=x":                {catalog.Unexpected, "9000000"},
		"error_code=200&error_message=Permissions+error":    {catalog.SignInCancelled, ""},
		"error_code=4201&error_message=User+canceled":       {catalog.SignInCancelled, ""},
		"error_code=1&error_reason=user_denied":             {catalog.SignInCancelled, ""},
	} {
		query, err := url.ParseQuery(text)
		if err != nil {
			t.Fatal(err)
		}
		got := relay.ReadCallbackError(query)
		if got == nil || got.Code != want.code || got.PlatformCode != want.platform {
			t.Errorf("%s: got %v, want %+v", text, got, want)
		}
	}
	for _, text := range []string{
		"error=access_denied&error_code=200&error_reason=user_denied", "error=server_error&error_code=2", "error_message=x",
		"error_code=x", "",
	} {
		query, err := url.ParseQuery(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := relay.ReadCallbackError(query); got != nil {
			t.Errorf("%s: got %v, want OAuth's meaning", text, got)
		}
	}
}
