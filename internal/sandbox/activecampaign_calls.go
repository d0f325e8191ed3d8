package sandbox

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// campaignDocs is where ActiveCampaign documents its API.
const campaignDocs = "https://developers.activecampaign.com/reference/"

// campaignOperation is one operation with what serves it.
type campaignOperation struct {
	Endpoint
	reads  string // what the user's group has to allow, in a word; empty: nothing
	serves func(*World, campaignQuestion) Response
}

// campaignQuestion is one call that has been let in.
type campaignQuestion struct {
	account *campaignAccount
	key     campaignKey
	path    string
	params  url.Values
}

func campaignCallList() []campaignOperation {
	paged := []Param{{Name: "limit", Example: "20"}, {Name: "offset", Example: "0"}}
	get := func(path, page string, params ...Param) Endpoint {
		return Endpoint{Method: http.MethodGet, Path: path, Page: campaignDocs + page, Params: params}
	}
	contacts := slices.Clone(paged)
	for _, name := range append(campaignContactFilters(), campaignUnserved()...) {
		contacts = append(contacts, Param{Name: name, Example: "1"})
	}
	return []campaignOperation{
		{Endpoint: get("/api/3/users/me", "get-user-loggedin"), serves: (*World).campaignMe},
		{
			Endpoint: get("/api/3/lists", "retrieve-all-lists",
				append(slices.Clone(paged), Param{Name: "filters[name]", Example: "Newsletter"},
					Param{Name: "orders[name]", Example: "asc"})...),
			reads:  "lists",
			serves: (*World).campaignLists,
		},
		{Endpoint: get("/api/3/contacts", "list-all-contacts", contacts...), reads: "contacts",
			serves: (*World).campaignContacts},
		{
			Endpoint: get("/api/3/accounts", "list-all-accounts",
				append(slices.Clone(paged), Param{Name: "search", Example: "Huber"},
					Param{Name: "count_deals", Example: "true"})...),
			reads:  "accounts",
			serves: (*World).campaignCompanies,
		},
	}
}

func campaignEndpoints() []Endpoint {
	var list []Endpoint
	for _, c := range campaignCallList() {
		list = append(list, c.Endpoint)
	}
	return list
}

// campaignContactFilters are the filters of contacts that the sandbox serves.
func campaignContactFilters() []string { return []string{"email", "email_like", "search"} }

// campaignUnserved are the other documented parameters of contacts: a call with
// one is refused, as the sandbox cannot answer it truly.
func campaignUnserved() []string {
	return []string{
		"ids", "exclude", "formid", "id_greater", "id_less", "listid", "phone", "organization",
		"segmentid", "seriesid", "status", "tagid", "waitid",
		"filters[created_before]", "filters[created_after]", "filters[updated_before]", "filters[updated_after]",
		"orders[id]", "orders[cdate]", "orders[email]", "orders[first_name]", "orders[last_name]",
		"orders[name]", "orders[score]",
		"in_group_lists", "forceQuery", "sortId",
	}
}

// campaignCall finds the account by its host and the user by the key.
func (w *World) campaignCall(c campaignOperation) func(*http.Request) Response {
	return func(r *http.Request) Response {
		at := slices.IndexFunc(w.campaign.accounts, func(a *campaignAccount) bool { return a.host == r.Host })
		if at < 0 || w.isOn(platformActiveCampaign, "wrong_host", "") {
			return campaignPage(http.StatusNotFound)
		}
		account := w.campaign.accounts[at]
		now := time.Now() // a limit on calls is real time: callers wait in it
		account.calls = slices.DeleteFunc(account.calls, func(t time.Time) bool { return now.Sub(t) >= campaignWindow })
		if len(account.calls) >= campaignCalls || w.isOn(platformActiveCampaign, "throttled", "") {
			return account.counted(w.campaignBusy())
		}
		account.calls = append(account.calls, now)
		return account.counted(w.campaignAnswer(c, account, r))
	}
}

// campaignAnswer answers a call that was counted. The key stands in Api-Token
// alone: a Bearer token is no key.
func (w *World) campaignAnswer(c campaignOperation, account *campaignAccount, r *http.Request) Response {
	given := r.Header.Get("Api-Token")
	if given == "" {
		// The gate in front of the API answers this one, and not in JSON.
		return Text(http.StatusForbidden,
			`{"errors":[{"status":403,"title":"Forbidden","detail":"The request has no Api-Token."}]}`)
	}
	i := slices.IndexFunc(account.keys, func(k campaignKey) bool { return SecretsEqual(k.value, given) })
	if i < 0 || account.keys[i].revoked || w.isOn(platformActiveCampaign, "token_revoked", account.keys[i].person) {
		return w.campaignError(http.StatusForbidden,
			map[string]any{"message": "You do not have permission to do this."})
	}
	key := account.keys[i]
	if w.isOn(platformActiveCampaign, "throttled", key.person) {
		return w.campaignBusy()
	}
	if c.reads != "" && !key.reads {
		// As documented for lists: JSON that says it is text.
		return Text(http.StatusForbidden,
			`{"errors":[{"status":403,"title":"Forbidden","detail":"You do not have permission to view `+c.reads+`."}]}`)
	}
	q := campaignQuestion{account: account, key: key, path: r.URL.Path}
	if c.Path != "" {
		params, bad := c.Read(r)
		if bad != nil {
			return w.campaignInvalid(bad.Name, bad.Error())
		}
		q.params = params
	}
	return c.serves(w, q)
}

func (w *World) campaignBusy() Response {
	return w.campaignError(http.StatusTooManyRequests,
		map[string]any{"message": "Too Many Requests"}).With("Retry-After", "1")
}

func (a *campaignAccount) counted(said Response) Response {
	left := max(0, campaignCalls-len(a.calls))
	return said.With("RateLimit-Limit", strconv.Itoa(campaignCalls)).With("RateLimit-Remaining", strconv.Itoa(left))
}

func (w *World) campaignError(status int, body map[string]any) Response {
	a := JSON(status, body)
	if w.isOn(platformActiveCampaign, "plain_errors", "") {
		return a.With("Content-Type", "text/plain; charset=utf-8")
	}
	return a
}

func (w *World) campaignInvalid(name, title string) Response {
	return w.campaignError(http.StatusUnprocessableEntity, map[string]any{"errors": []map[string]any{{
		"title": title, "detail": "", "code": "field_invalid", "source": map[string]string{"pointer": "/data/attributes/" + name},
	}}})
}

func (w *World) campaignMe(q campaignQuestion) Response {
	return JSON(http.StatusOK, map[string]any{"user": map[string]any{
		"id": "1", "username": strings.ToLower(q.key.first), "firstName": q.key.first, "lastName": q.key.last,
		"email": q.key.email,
		"phone": "", "signature": nil, "links": map[string]any{},
	}})
}

// campaignLists answers the account's lists; filters[name] is a whole name.
func (w *World) campaignLists(q campaignQuestion) Response {
	var lists []map[string]string
	for i, name := range q.account.lists {
		if only := q.params.Get("filters[name]"); only != "" && only != name {
			continue
		}
		lists = append(lists, map[string]string{
			"id": strconv.Itoa(i + 1), "name": name, "stringid": strings.ReplaceAll(strings.ToLower(name), " ", "-"),
			"cdate": "2026-02-11T08:15:00-06:00", "userid": "1",
		})
	}
	switch order := q.params.Get("orders[name]"); strings.ToLower(order) {
	case "":
	case "asc", "desc":
		slices.SortFunc(lists, func(a, b map[string]string) int { return strings.Compare(a["name"], b["name"]) })
		if strings.EqualFold(order, "desc") {
			slices.Reverse(lists)
		}
	default:
		return w.campaignInvalid("orders[name]", "The sandbox orders by asc or desc; this is its own limit.")
	}
	return w.campaignPageOf("lists", q.params, lists)
}

// campaignContacts answers the account's contacts.
func (w *World) campaignContacts(q campaignQuestion) Response {
	for _, name := range campaignUnserved() {
		if q.params.Has(name) {
			return w.campaignInvalid(name, "The sandbox does not serve "+name+"; this is its own limit.")
		}
	}
	var list []map[string]string
	for i, c := range q.account.contacts {
		address, first, last := c.properties["email"], c.properties["firstname"], c.properties["lastname"]
		search := strings.ToLower(q.params.Get("search"))
		if only := q.params.Get("email"); only != "" && !strings.EqualFold(only, address) ||
			!strings.Contains(address, strings.ToLower(q.params.Get("email_like"))) ||
			!strings.Contains(strings.ToLower(first+" "+last+" "+address), search) {
			continue
		}
		list = append(list, map[string]string{
			"id": strconv.Itoa(i + 1), "email": address, "firstName": first, "lastName": last, "phone": c.properties["phone"],
			"cdate": c.created.Format(time.RFC3339), "udate": c.created.Format(time.RFC3339), "deleted": "0",
		})
	}
	return w.campaignPageOf("contacts", q.params, list)
}

// campaignCompanies are the companies of the CRM, which the API calls accounts.
func (w *World) campaignCompanies(q campaignQuestion) Response {
	var list []map[string]string
	for i, name := range []string{"Bergsport Huber", "Fjell & Sjø"} {
		if strings.Contains(strings.ToLower(name), strings.ToLower(q.params.Get("search"))) {
			list = append(list, map[string]string{"id": strconv.Itoa(i + 1), "name": name, "contactCount": "1",
				"dealCount": "0"})
		}
	}
	return w.campaignPageOf("accounts", q.params, list)
}

// campaignPageOf is one page of what was found, with how many there are in a text.
func (w *World) campaignPageOf(name string, params url.Values, found []map[string]string) Response {
	limit, offset := 20, 0
	for name, into := range map[string]*int{"limit": &limit, "offset": &offset} {
		if text := params.Get(name); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < 0 {
				return w.campaignInvalid(name, fmt.Sprintf("%q is not a valid %s", text, name))
			}
			*into = n
		}
	}
	from, to := min(offset, len(found)), min(offset+min(limit, 100), len(found))
	page := append([]map[string]string{}, found[from:to]...)
	return JSON(http.StatusOK, map[string]any{name: page,
		"meta": map[string]string{"total": strconv.Itoa(len(found))}})
}
