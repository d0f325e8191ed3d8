package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// An account of ActiveCampaign takes this many calls a second, from all its keys.
const (
	campaignCalls  = 5
	campaignWindow = time.Second
)

// campaignState is everything ActiveCampaign remembers.
type campaignState struct{ accounts []*campaignAccount }

type campaignAccount struct {
	host  string
	name  string
	says  string
	keys  []campaignKey
	lists []string
	calls []time.Time // of the last campaignWindow, in real time
}

// campaignKey belongs to one user and can what that user can.
type campaignKey struct {
	value   string
	person  string
	email   string
	first   string
	last    string
	reads   bool // the user's group may see lists
	revoked bool
}

func campaignPretend() pretend {
	return pretend{
		name: platformActiveCampaign, title: "ActiveCampaign",
		serves: (*World).campaignHandler,
		reset:  func(w *World) { *w.campaign = *newCampaignState() },
		people: campaignPeople, faults: campaignFaults, actions: campaignActions, act: (*World).campaignAct,
		keys: (*World).campaignKeys,
	}
}

func campaignFaults() []fault {
	return slices.Concat(transport(), []fault{
		{"wrong_host", "Every host answers with an HTML page, as a wrong one does", false},
		{"plain_errors", "Errors are sent as text/plain", false},
	})
}

func campaignActions() []Doable {
	return []Doable{
		{"revoke", "A person's key is no longer accepted", []string{"person"}, nil},
		{"restore", "A person's key is accepted again", []string{"person"}, nil},
	}
}

func (w *World) campaignAct(a Action) (string, error) {
	for _, account := range w.campaign.accounts {
		for i := range account.keys {
			if account.keys[i].person == a.Person {
				account.keys[i].revoked = a.Action == "revoke"
			}
		}
	}
	return "Done.", nil
}

func campaignPeople() []Person {
	return []Person{
		{"nadia-berger", "Nadia Berger", "Owner of Northwind Outdoor"},
		{"paul-ridley", "Paul Ridley", "Owner of Pacific Roast, at an address of the older kind"},
		{"ines-duarte", "Ines Duarte", "Owner of Pinecrest Studio"},
		{"kim-olsen", "Kim Olsen", "User of Northwind Outdoor whose group may see nothing"},
		{"rosa-vidal", "Rosa Vidal", "Owner of Velora Living, whose account has ended"},
	}
}

func newCampaignState() *campaignState {
	key := func(person, email, first, last, value string, reads bool) campaignKey {
		return campaignKey{value: value, person: person, email: email, first: first, last: last, reads: reads}
	}
	return &campaignState{accounts: []*campaignAccount{
		{host: "northwind.api-us1.com", name: "Northwind Outdoor", says: "Everything in order", lists: []string{"Newsletter", "Spring launch", "Retailers"}, keys: []campaignKey{
			key("nadia-berger", "nadia@northwind.example", "Nadia", "Berger", "7c1f0a94d2b85e6631c8f40e97ab25d3146b8f0c5e92d7a1b3406f8e2c57d910a64bf3e2", true),
			key("kim-olsen", "kim@northwind.example", "Kim", "Olsen", "3b90e7d41fa258c60b7d1e94f3852ac7d06e19b4f58c23a7e0d9416b8f72c5301ade96b4", false),
		}},
		{host: "pacificroast.activehosted.com", name: "Pacific Roast", says: "An address of the older kind", lists: []string{"Coffee club", "Wholesale"}, keys: []campaignKey{
			key("paul-ridley", "paul@pacificroast.example", "Paul", "Ridley", "e2d85a17c3f04b96a81e7d52f09c63b4178de50a2f96c1b3d4708ea95b62f3c01d74a8e9", true),
		}},
		{host: "pinecrest.api-us1.com", name: "Pinecrest Studio", says: "A second account to connect", lists: []string{"Customers"}, keys: []campaignKey{
			key("ines-duarte", "ines@pinecrest.example", "Ines", "Duarte", "5f08c9b3e7a124d6f9130b8e5c72da46f01b9e83c5d7240a6e9f13b8d05c7e2a49d6f180", true),
		}},
		{host: "velora.api-us1.com", name: "Velora Living", says: "The account has ended: its key is refused", keys: []campaignKey{
			{value: "90ad3c7e15f28b64d0e9375a1c86fb42e7d05913ac8f64b2e1d7093c5a8fb6e4d21c0973", person: "rosa-vidal", email: "rosa@velora.example", first: "Rosa", last: "Vidal", revoked: true},
		}},
	}}
}

// campaignKeys lists what the owners copy from Settings > Developer.
func (w *World) campaignKeys() []Key {
	var list []Key
	for _, a := range w.campaign.accounts {
		if first := a.keys[0]; !first.revoked {
			list = append(list, Key{URL: "https://" + a.host, Key: first.value, Name: a.name})
		}
	}
	return list
}

func (w *World) campaignHandler(s *Server) http.Handler {
	calls := http.NewServeMux()
	calls.Handle("GET /api/3/users/me", w.answering(w.campaignCall(false, (*World).campaignMe)))
	calls.Handle("GET /api/3/lists", w.answering(w.campaignCall(true, (*World).campaignLists)))
	calls.Handle("GET /api/3/accounts", w.answering(w.campaignCall(true, (*World).campaignCompanies)))
	calls.Handle("/api/3/", w.answering(w.campaignCall(false, func(w *World, r *http.Request, _ *campaignAccount, _ campaignKey) answer {
		return w.campaignError(http.StatusNotFound, map[string]any{"message": "No Result found for " + r.URL.Path})
	})))
	calls.HandleFunc("/", func(rw http.ResponseWriter, _ *http.Request) { campaignPage(http.StatusOK).send(rw) })

	pages := http.NewServeMux()
	pages.HandleFunc("GET /static/{name}", showStatic)
	pages.Handle("GET /{$}", w.answering(w.campaignHome))
	pages.Handle("/", w.answering(func(*http.Request) answer {
		return w.refusal(platformActiveCampaign, http.StatusNotFound, "There is no such page", "The pretend ActiveCampaign has one page: its accounts and their keys.")
	}))
	return w.front(s, front{
		platform: platformActiveCampaign,
		hosts:    "NAME.api-us1.com and NAME.activehosted.com",
		isHost:   isCampaignHost,
		calls:    calls,
		pages:    pages,
	})
}

func isCampaignHost(host string) bool {
	for _, suffix := range []string{".api-us1.com", ".activehosted.com"} {
		if label, ok := strings.CutSuffix(host, suffix); ok && label != "" && !strings.Contains(label, ".") {
			return true
		}
	}
	return false
}

// campaignHome is where the owners of the pretend accounts find their keys.
func (w *World) campaignHome(*http.Request) answer {
	p := accountsPage{
		frame: w.frame(platformActiveCampaign, "Developer"),
		Head:  "Settings, Developer",
		Text:  "Pretend ActiveCampaign has no sign-in for apps. Copy an address and its key from here.",
	}
	for _, a := range w.campaign.accounts {
		for i, k := range a.keys {
			says := a.says
			if i > 0 {
				says = "This user's group may see nothing"
			}
			p.Accounts = append(p.Accounts, accountRow{Name: a.name, Owner: k.first + " " + k.last, Says: says, URL: "https://" + a.host, Key: k.value})
		}
	}
	return w.page(http.StatusOK, "accounts.html", p)
}

// campaignPage is what a host that is nobody's account, or the app itself, shows.
func campaignPage(status int) answer {
	text := "Account not found"
	if status == http.StatusOK {
		text = "ActiveCampaign: Log in"
	}
	return rawPage(status, text)
}

// campaignCall finds the account by its host and the user by the key.
func (w *World) campaignCall(reads bool, next func(*World, *http.Request, *campaignAccount, campaignKey) answer) func(*http.Request) answer {
	return func(r *http.Request) answer {
		at := slices.IndexFunc(w.campaign.accounts, func(a *campaignAccount) bool { return a.host == r.Host })
		if at < 0 || w.isOn(platformActiveCampaign, "wrong_host", "") {
			return campaignPage(http.StatusNotFound)
		}
		account := w.campaign.accounts[at]
		now := time.Now() // a limit on calls is real time: callers wait in it
		account.calls = slices.DeleteFunc(account.calls, func(t time.Time) bool { return now.Sub(t) >= campaignWindow })
		if len(account.calls) >= campaignCalls || w.isOn(platformActiveCampaign, "throttled", "") {
			return account.counted(w.campaignError(http.StatusTooManyRequests, map[string]any{"message": "Too Many Requests"}).with("Retry-After", "1"))
		}
		account.calls = append(account.calls, now)

		given := r.Header.Get("Api-Token")
		if given == "" {
			// The gate in front of the API answers this one, and not in JSON.
			return account.counted(textAnswer(http.StatusForbidden, `{"errors":[{"status":403,"title":"Forbidden","detail":"The request has no Api-Token."}]}`))
		}
		i := slices.IndexFunc(account.keys, func(k campaignKey) bool { return same(k.value, given) })
		if i < 0 || account.keys[i].revoked || w.isOn(platformActiveCampaign, "token_revoked", account.keys[i].person) {
			return account.counted(w.campaignError(http.StatusForbidden, map[string]any{"message": "You do not have permission to do this."}))
		}
		key := account.keys[i]
		if w.isOn(platformActiveCampaign, "throttled", key.person) {
			return account.counted(w.campaignError(http.StatusTooManyRequests, map[string]any{"message": "Too Many Requests"}).with("Retry-After", "1"))
		}
		if reads && !key.reads {
			return account.counted(w.campaignError(http.StatusForbidden, map[string]any{"errors": []map[string]any{{"status": 403, "title": "Forbidden", "detail": "The user's group may not do this."}}}))
		}
		return account.counted(next(w, r, account, key))
	}
}

func (a *campaignAccount) counted(said answer) answer {
	return said.with("RateLimit-Limit", strconv.Itoa(campaignCalls)).with("RateLimit-Remaining", strconv.Itoa(max(0, campaignCalls-len(a.calls))))
}

func (w *World) campaignError(status int, body map[string]any) answer {
	a := jsonAnswer(status, body)
	if w.isOn(platformActiveCampaign, "plain_errors", "") {
		return a.with("Content-Type", "text/plain; charset=utf-8")
	}
	return a
}

func (w *World) campaignMe(r *http.Request, _ *campaignAccount, key campaignKey) answer {
	if name := unknownParam(r.URL.Query(), nil); name != "" {
		return w.campaignUnknown(name)
	}
	return jsonAnswer(http.StatusOK, map[string]any{"user": map[string]any{
		"id": "1", "username": strings.ToLower(key.first), "firstName": key.first, "lastName": key.last, "email": key.email, "phone": "", "signature": nil, "links": map[string]any{},
	}})
}

func (w *World) campaignLists(r *http.Request, account *campaignAccount, _ campaignKey) answer {
	from, to, refused := w.campaignPaging(r, len(account.lists))
	if refused != nil {
		return *refused
	}
	lists := []map[string]string{}
	for i, name := range account.lists[from:to] {
		lists = append(lists, map[string]string{"id": strconv.Itoa(from + i + 1), "name": name, "stringid": strings.ReplaceAll(strings.ToLower(name), " ", "-"), "cdate": "2026-02-11T08:15:00-06:00", "userid": "1"})
	}
	return jsonAnswer(http.StatusOK, map[string]any{"lists": lists, "meta": map[string]string{"total": strconv.Itoa(len(account.lists))}})
}

// campaignCompanies are the companies of the CRM, which the API calls accounts.
func (w *World) campaignCompanies(r *http.Request, _ *campaignAccount, _ campaignKey) answer {
	companies := []string{"Bergsport Huber", "Fjell & Sjø"}
	from, to, refused := w.campaignPaging(r, len(companies))
	if refused != nil {
		return *refused
	}
	list := []map[string]string{}
	for i, name := range companies[from:to] {
		list = append(list, map[string]string{"id": strconv.Itoa(from + i + 1), "name": name, "contactCount": "1", "dealCount": "0"})
	}
	return jsonAnswer(http.StatusOK, map[string]any{"accounts": list, "meta": map[string]string{"total": strconv.Itoa(len(companies))}})
}

func (w *World) campaignPaging(r *http.Request, total int) (from, to int, refused *answer) {
	q := r.URL.Query()
	if name := unknownParam(q, []string{"limit", "offset"}); name != "" {
		a := w.campaignUnknown(name)
		return 0, 0, &a
	}
	limit, offset := 20, 0
	for name, into := range map[string]*int{"limit": &limit, "offset": &offset} {
		if text := q.Get(name); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < 0 {
				a := w.campaignUnknown(name)
				return 0, 0, &a
			}
			*into = n
		}
	}
	limit = min(limit, 100)
	return min(offset, total), min(offset+limit, total), nil
}

func (w *World) campaignUnknown(name string) answer {
	return w.campaignError(http.StatusUnprocessableEntity, map[string]any{"errors": []map[string]any{{
		"title": fmt.Sprintf("The parameter %s cannot be used here", name), "detail": "", "code": "field_invalid", "source": map[string]string{"pointer": "/data/attributes/" + name},
	}}})
}
