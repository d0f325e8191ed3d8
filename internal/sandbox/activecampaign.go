package sandbox

import (
	"net/http"
	"slices"
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
	host     string
	name     string
	says     string
	keys     []campaignKey
	lists    []string
	contacts []contact
	calls    []time.Time // of the last campaignWindow, in real time
}

// campaignKey belongs to one user and can what that user can.
type campaignKey struct {
	value   string
	person  string
	email   string
	first   string
	last    string
	reads   bool // the user's group may see lists and contacts
	revoked bool
}

func campaignPretend() pretend {
	return pretend{
		name: platformActiveCampaign, title: "ActiveCampaign",
		serves: (*World).campaignHandler, endpoints: campaignEndpoints,
		reset:  func(w *World) { *w.campaign = *newCampaignState() },
		people: campaignPeople, faults: campaignFaults, actions: campaignActions, act: (*World).campaignAct,
		keys: (*World).campaignKeys,
	}
}

func campaignFaults() []Fault {
	return slices.Concat(TransportFaults(), []Fault{
		{"wrong_host", "Every host answers with an HTML page, as a wrong one does", false},
		{"plain_errors", "Errors are sent as text/plain", false},
	})
}

func campaignActions() []ActionSpec {
	return []ActionSpec{
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
		{host: "northwind.api-us1.com", name: "Northwind Outdoor", says: "Everything in order", lists: []string{"Newsletter", "Spring launch", "Retailers"}, contacts: contacts("northwind-guests.example"), keys: []campaignKey{
			key("nadia-berger", "nadia@northwind.example", "Nadia", "Berger", "7c1f0a94d2b85e6631c8f40e97ab25d3146b8f0c5e92d7a1b3406f8e2c57d910a64bf3e2", true),
			key("kim-olsen", "kim@northwind.example", "Kim", "Olsen", "3b90e7d41fa258c60b7d1e94f3852ac7d06e19b4f58c23a7e0d9416b8f72c5301ade96b4", false),
		}},
		{host: "pacificroast.activehosted.com", name: "Pacific Roast", says: "An address of the older kind", lists: []string{"Coffee club", "Wholesale"}, contacts: contacts("roast-lovers.example"), keys: []campaignKey{
			key("paul-ridley", "paul@pacificroast.example", "Paul", "Ridley", "e2d85a17c3f04b96a81e7d52f09c63b4178de50a2f96c1b3d4708ea95b62f3c01d74a8e9", true),
		}},
		{host: "pinecrest.api-us1.com", name: "Pinecrest Studio", says: "A second account to connect", lists: []string{"Customers"}, contacts: contacts("pinecrest-clients.example"), keys: []campaignKey{
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
	for _, c := range campaignCallList() {
		calls.Handle(c.Method+" "+c.Path, w.answering(w.campaignCall(c)))
	}
	calls.Handle("/api/3/", w.answering(w.campaignCall(campaignOperation{serves: func(w *World, q campaignQuestion) Response {
		return w.campaignError(http.StatusNotFound, map[string]any{"message": "No Result found for " + q.path})
	}})))
	calls.HandleFunc("/", func(rw http.ResponseWriter, _ *http.Request) { campaignPage(http.StatusOK).Send(rw) })

	pages := http.NewServeMux()
	pages.HandleFunc("GET /static/{name}", ServeStatic)
	pages.Handle("GET /{$}", w.answering(w.campaignHome))
	pages.Handle("/", w.answering(func(*http.Request) Response {
		return w.refusal(platformActiveCampaign, http.StatusNotFound, "There is no such page", "The pretend ActiveCampaign has one page: its accounts and their keys.")
	}))
	return w.front(s, HostRouter{
		platform: platformActiveCampaign,
		Hosts:    "NAME.api-us1.com and NAME.activehosted.com",
		IsHost:   isCampaignHost,
		Calls:    calls,
		Pages:    pages,
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
func (w *World) campaignHome(*http.Request) Response {
	p := AccountsPage{
		Frame: w.frame(platformActiveCampaign, "Developer"),
		Head:  "Settings, Developer",
		Text:  "Pretend ActiveCampaign has no sign-in for apps. Copy an address and its key from here.",
	}
	for _, a := range w.campaign.accounts {
		for i, k := range a.keys {
			says := a.says
			if i > 0 {
				says = "This user's group may see nothing"
			}
			p.Accounts = append(p.Accounts, AccountRow{Name: a.name, Owner: k.first + " " + k.last, Says: says, URL: "https://" + a.host, Key: k.value})
		}
	}
	return w.page(http.StatusOK, "accounts.html", p)
}

// campaignPage is what a host that is nobody's account, or the app itself, shows.
func campaignPage(status int) Response {
	text := "Account not found"
	if status == http.StatusOK {
		text = "ActiveCampaign: Log in"
	}
	return RawPage(status, text)
}
