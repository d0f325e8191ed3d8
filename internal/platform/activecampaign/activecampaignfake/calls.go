package activecampaignfake

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

// docs is the base of ActiveCampaign's API documentation.
const docs = "https://developers.activecampaign.com/reference/"

// operation is an API operation and its handler.
type operation struct {
	sandbox.Endpoint
	reads  string // the right that the user's group needs; empty: none
	serves func(*Fake, call) sandbox.Response
}

// call is an authorized call.
type call struct {
	account *customer
	key     apiKey
	path    string
	params  url.Values
}

func operations() []operation {
	paged := []sandbox.Param{{Name: "limit", Example: "20"}, {Name: "offset", Example: "0"}}
	get := func(path, page string, params ...sandbox.Param) sandbox.Endpoint {
		return sandbox.Endpoint{Method: http.MethodGet, Path: path, Page: docs + page, Params: params}
	}
	contacts := slices.Clone(paged)
	for _, name := range append(contactFilters(), unserved()...) {
		contacts = append(contacts, sandbox.Param{Name: name, Example: "1"})
	}
	return []operation{
		{Endpoint: get("/api/3/users/me", "get-user-loggedin"), serves: (*Fake).me},
		{
			Endpoint: get("/api/3/lists", "retrieve-all-lists",
				append(slices.Clone(paged), sandbox.Param{Name: "filters[name]", Example: "Newsletter"},
					sandbox.Param{Name: "orders[name]", Example: "asc"})...),
			reads:  "lists",
			serves: (*Fake).lists,
		},
		{Endpoint: get("/api/3/contacts", "list-all-contacts", contacts...), reads: "contacts",
			serves: (*Fake).contacts},
		{
			Endpoint: get("/api/3/accounts", "list-all-accounts",
				append(slices.Clone(paged), sandbox.Param{Name: "search", Example: "Huber"},
					sandbox.Param{Name: "count_deals", Example: "true"})...),
			reads:  "accounts",
			serves: (*Fake).companies,
		},
	}
}

func endpoints() []sandbox.Endpoint {
	var list []sandbox.Endpoint
	for _, c := range operations() {
		list = append(list, c.Endpoint)
	}
	return list
}

// contactFilters are the supported filters of contacts.
func contactFilters() []string { return []string{"email", "email_like", "search"} }

// unserved are documented parameters of contacts that the fake refuses, since
// it cannot serve them correctly.
func unserved() []string {
	return []string{
		"ids", "exclude", "formid", "id_greater", "id_less", "listid", "phone", "organization",
		"segmentid", "seriesid", "status", "tagid", "waitid",
		"filters[created_before]", "filters[created_after]", "filters[updated_before]", "filters[updated_after]",
		"orders[id]", "orders[cdate]", "orders[email]", "orders[first_name]", "orders[last_name]",
		"orders[name]", "orders[score]",
		"in_group_lists", "forceQuery", "sortId",
	}
}

// serveCall finds the account by its host and the user by the key.
func (f *Fake) serveCall(c operation) func(*http.Request) sandbox.Response {
	return func(r *http.Request) sandbox.Response {
		at := slices.IndexFunc(f.state.accounts, func(a *customer) bool { return a.host == r.Host })
		if at < 0 || f.env.IsOn("wrong_host", "") {
			return htmlPage(http.StatusNotFound)
		}
		account := f.state.accounts[at]
		now := f.now()
		account.calls = slices.DeleteFunc(account.calls, func(t time.Time) bool { return now.Sub(t) >= callWindow })
		if len(account.calls) >= callLimit || f.env.IsOn("throttled", "") {
			return account.counted(f.busy())
		}
		account.calls = append(account.calls, now)
		return account.counted(f.answer(c, account, r))
	}
}

// answer serves a counted call. Only the header Api-Token has the key, never a
// Bearer token.
func (f *Fake) answer(c operation, account *customer, r *http.Request) sandbox.Response {
	if account.unpaid || f.env.IsOn("unpaid", "") {
		return f.apiError(http.StatusPaymentRequired,
			map[string]any{"message": "The request could not be processed due to account payment issues."})
	}
	given := r.Header.Get("Api-Token")
	if given == "" {
		// This refusal comes from a proxy in front of the API, and is not JSON.
		return sandbox.Text(http.StatusForbidden,
			`{"errors":[{"status":403,"title":"Forbidden","detail":"The request has no Api-Token."}]}`)
	}
	i := slices.IndexFunc(account.keys, func(k apiKey) bool { return sandbox.SecretsEqual(k.value, given) })
	if i < 0 || account.keys[i].revoked || f.env.IsOn("token_revoked", account.keys[i].person) {
		return f.apiError(http.StatusForbidden,
			map[string]any{"message": "You do not have permission to do this."})
	}
	key := account.keys[i]
	if f.env.IsOn("throttled", key.person) {
		return f.busy()
	}
	if c.reads != "" && !key.reads {
		// As documented for lists: JSON with a text content type.
		return sandbox.Text(http.StatusForbidden,
			`{"errors":[{"status":403,"title":"Forbidden","detail":"You do not have permission to view `+c.reads+`."}]}`)
	}
	q := call{account: account, key: key, path: r.URL.Path}
	if c.Path != "" {
		params, bad := c.Read(r)
		if bad != nil {
			return f.invalid(bad.Name, bad.Error())
		}
		q.params = params
	}
	return c.serves(f, q)
}

func (f *Fake) busy() sandbox.Response {
	return f.apiError(http.StatusTooManyRequests,
		map[string]any{"message": "Too Many Requests"}).With("Retry-After", "1")
}

func (a *customer) counted(said sandbox.Response) sandbox.Response {
	left := max(0, callLimit-len(a.calls))
	return said.With("RateLimit-Limit", strconv.Itoa(callLimit)).With("RateLimit-Remaining", strconv.Itoa(left))
}

func (f *Fake) apiError(status int, body map[string]any) sandbox.Response {
	a := sandbox.JSON(status, body)
	if f.env.IsOn("plain_errors", "") {
		return a.With("Content-Type", "text/plain; charset=utf-8")
	}
	return a
}

func (f *Fake) invalid(name, title string) sandbox.Response {
	return f.apiError(http.StatusUnprocessableEntity, map[string]any{"errors": []map[string]any{{
		"title": title, "detail": "", "code": "field_invalid",
		"source": map[string]string{"pointer": "/data/attributes/" + name},
	}}})
}

func (f *Fake) me(q call) sandbox.Response {
	return sandbox.JSON(http.StatusOK, map[string]any{"user": map[string]any{
		"id": "1", "username": strings.ToLower(q.key.first), "firstName": q.key.first, "lastName": q.key.last,
		"email": q.key.email,
		"phone": "", "signature": nil, "links": map[string]any{},
	}})
}

// lists serves the account's lists; filters[name] matches a whole name.
func (f *Fake) lists(q call) sandbox.Response {
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
		return f.invalid("orders[name]", "The sandbox orders by asc or desc; this is its own limit.")
	}
	return f.pageOf("lists", q.params, lists)
}

// contacts serves the account's contacts.
func (f *Fake) contacts(q call) sandbox.Response {
	for _, name := range unserved() {
		if q.params.Has(name) {
			return f.invalid(name, "The sandbox does not serve "+name+"; this is its own limit.")
		}
	}
	var list []map[string]string
	for i, c := range q.account.contacts {
		address, first, last := c.email, c.first, c.last
		search := strings.ToLower(q.params.Get("search"))
		if only := q.params.Get("email"); only != "" && !strings.EqualFold(only, address) ||
			!strings.Contains(address, strings.ToLower(q.params.Get("email_like"))) ||
			!strings.Contains(strings.ToLower(first+" "+last+" "+address), search) {
			continue
		}
		list = append(list, map[string]string{
			"id": strconv.Itoa(i + 1), "email": address, "firstName": first, "lastName": last, "phone": c.phone,
			"cdate": c.created.Format(time.RFC3339), "udate": c.created.Format(time.RFC3339), "deleted": "0",
		})
	}
	return f.pageOf("contacts", q.params, list)
}

// companies serves the CRM's companies, which the API calls accounts.
func (f *Fake) companies(q call) sandbox.Response {
	var list []map[string]string
	for i, name := range []string{"Bergsport Huber", "Fjell & Sjø"} {
		if strings.Contains(strings.ToLower(name), strings.ToLower(q.params.Get("search"))) {
			list = append(list, map[string]string{"id": strconv.Itoa(i + 1), "name": name, "contactCount": "1",
				"dealCount": "0"})
		}
	}
	return f.pageOf("accounts", q.params, list)
}

// pageOf is one page of a result, with the total as a string.
func (f *Fake) pageOf(name string, params url.Values, found []map[string]string) sandbox.Response {
	limit, offset := 20, 0
	for name, into := range map[string]*int{"limit": &limit, "offset": &offset} {
		if text := params.Get(name); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < 0 {
				return f.invalid(name, fmt.Sprintf("%q is not a valid %s", text, name))
			}
			*into = n
		}
	}
	from, to := min(offset, len(found)), min(offset+min(limit, 100), len(found))
	page := append([]map[string]string{}, found[from:to]...)
	return sandbox.JSON(http.StatusOK, map[string]any{name: page,
		"meta": map[string]string{"total": strconv.Itoa(len(found))}})
}
