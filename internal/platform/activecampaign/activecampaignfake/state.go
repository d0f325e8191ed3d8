package activecampaignfake

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

// The rate limit of an account, for all of its keys.
const (
	callLimit  = 5
	callWindow = time.Second
)

// state is the state of the fake ActiveCampaign.
type state struct{ accounts []*customer }

type customer struct {
	host     string
	name     string
	says     string
	keys     []apiKey
	lists    []string
	contacts []contact
	calls    []time.Time // of the last callWindow, in real time
	unpaid   bool        // every call is refused with 402
}

// apiKey has the rights of its user.
type apiKey struct {
	value   string
	person  string
	email   string
	first   string
	last    string
	reads   bool // the user's group may see lists and contacts
	revoked bool
}

func faults() []sandbox.Fault {
	return slices.Concat(sandbox.TransportFaults(), []sandbox.Fault{
		{Name: "wrong_host", Says: "Every host answers with an HTML page, as a wrong one does"},
		{Name: "plain_errors", Says: "Errors are sent as text/plain"},
		{Name: "unpaid", Says: "Every account has ended or has a payment due: 402"},
	})
}

func actions() []sandbox.ActionSpec {
	return []sandbox.ActionSpec{
		{Action: "revoke", Says: "A person's key is no longer accepted", Needs: []string{"person"}},
		{Action: "restore", Says: "A person's key is accepted again", Needs: []string{"person"}},
		{Action: "stop_account", Says: "A person's account is stopped until it is paid", Needs: []string{"person"}},
		{Action: "pay_account", Says: "A person's account is active again", Needs: []string{"person"}},
	}
}

// Trigger runs an action.
func (f *Fake) Trigger(a sandbox.Action) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, account := range f.state.accounts {
		for i := range account.keys {
			if account.keys[i].person != a.Person {
				continue
			}
			switch a.Action {
			case "stop_account", "pay_account":
				account.unpaid = a.Action == "stop_account"
			default:
				account.keys[i].revoked = a.Action == "revoke"
			}
		}
	}
	return "Done.", nil
}

func people() []sandbox.Person {
	return []sandbox.Person{
		{Person: "nadia-berger", Name: "Nadia Berger", Says: "Owner of Northwind Outdoor"},
		{Person: "paul-ridley", Name: "Paul Ridley", Says: "Owner of Pacific Roast, at an address of the older kind"},
		{Person: "ines-duarte", Name: "Ines Duarte", Says: "Owner of Pinecrest Studio"},
		{Person: "kim-olsen", Name: "Kim Olsen", Says: "User of Northwind Outdoor whose group may see nothing"},
		{Person: "rosa-vidal", Name: "Rosa Vidal", Says: "Owner of Velora Living, whose account has ended"},
	}
}

// contact is a contact on a customer's lists.
type contact struct {
	email, first, last, phone string
	created                   time.Time
}

// contactsAt are the initial contacts of an account.
func contactsAt(domain string) []contact {
	var list []contact
	for i, name := range []string{
		"Maria Engel", "Jonas Weber", "Aiko Tanaka", "Pedro Costa", "Lena Fuchs", "Omar Aziz",
		"Sofia Rossi", "Nils Berg", "Chloe Martin", "Viktor Hahn", "Emma Sand", "Ravi Menon",
	} {
		first, last, _ := strings.Cut(name, " ")
		list = append(list, contact{
			email:   fmt.Sprintf("%s%d@%s", strings.ToLower(first), i+1, domain),
			first:   first,
			last:    last,
			phone:   fmt.Sprintf("+46 8 5550 %03d", i+1),
			created: time.Date(2026, 3, 2+i, 9, 30, 0, 0, time.UTC),
		})
	}
	return list
}

func newState() *state {
	key := func(person, email, first, last, value string, reads bool) apiKey {
		return apiKey{value: value, person: person, email: email, first: first, last: last, reads: reads}
	}
	return &state{accounts: []*customer{
		{host: "northwind.api-us1.com", name: "Northwind Outdoor", says: "Everything in order", lists: []string{
			"Newsletter", "Spring launch", "Retailers",
		}, contacts: contactsAt("northwind-guests.example"), keys: []apiKey{
			key("nadia-berger", "nadia@northwind.example", "Nadia", "Berger",
				"7c1f0a94d2b85e6631c8f40e97ab25d3146b8f0c5e92d7a1b3406f8e2c57d910a64bf3e2", true),
			key("kim-olsen", "kim@northwind.example", "Kim", "Olsen",
				"3b90e7d41fa258c60b7d1e94f3852ac7d06e19b4f58c23a7e0d9416b8f72c5301ade96b4", false),
		}},
		{host: "pacificroast.activehosted.com", name: "Pacific Roast", says: "An address of the older kind",
			lists: []string{"Coffee club", "Wholesale"}, contacts: contactsAt("roast-lovers.example"), keys: []apiKey{
				key("paul-ridley", "paul@pacificroast.example", "Paul", "Ridley",
					"e2d85a17c3f04b96a81e7d52f09c63b4178de50a2f96c1b3d4708ea95b62f3c01d74a8e9", true),
			}},
		{host: "pinecrest.api-us1.com", name: "Pinecrest Studio", says: "A second account to connect",
			lists: []string{"Customers"}, contacts: contactsAt("pinecrest-clients.example"), keys: []apiKey{
				key("ines-duarte", "ines@pinecrest.example", "Ines", "Duarte",
					"5f08c9b3e7a124d6f9130b8e5c72da46f01b9e83c5d7240a6e9f13b8d05c7e2a49d6f180", true),
			}},
		{host: "velora.api-us1.com", name: "Velora Living", says: "The account has ended: its key is refused", keys: []apiKey{
			{
				value:   "90ad3c7e15f28b64d0e9375a1c86fb42e7d05913ac8f64b2e1d7093c5a8fb6e4d21c0973",
				person:  "rosa-vidal",
				email:   "rosa@velora.example",
				first:   "Rosa",
				last:    "Vidal",
				revoked: true,
			},
		}},
	}}
}

// Keys lists the keys that users copy from Settings > Developer.
func (f *Fake) Keys() []sandbox.Key {
	f.mu.Lock()
	defer f.mu.Unlock()
	var list []sandbox.Key
	for _, a := range f.state.accounts {
		if first := a.keys[0]; !first.revoked {
			list = append(list, sandbox.Key{URL: "https://" + a.host, Key: first.value, Name: a.name})
		}
	}
	return list
}

// Handler serves the API and the pages.
func (f *Fake) Handler() http.Handler {
	calls := http.NewServeMux()
	for _, c := range operations() {
		calls.Handle(c.Method+" "+c.Path, f.serve(f.serveCall(c)))
	}
	calls.Handle("/api/3/", f.serve(f.serveCall(operation{serves: func(f *Fake, q call) sandbox.Response {
		return f.apiError(http.StatusNotFound, map[string]any{"message": "No Result found for " + q.path})
	}})))
	calls.HandleFunc("/", func(rw http.ResponseWriter, _ *http.Request) { htmlPage(http.StatusOK).Send(rw) })

	pages := http.NewServeMux()
	pages.HandleFunc("GET /static/{name}", sandbox.ServeStatic)
	pages.Handle("GET /{$}", f.serve(f.home))
	pages.Handle("/", f.serve(func(*http.Request) sandbox.Response {
		return f.env.Refuse(http.StatusNotFound, "There is no such page",
			"The simulated ActiveCampaign has one page: its accounts and their keys.")
	}))
	return f.env.Route(sandbox.HostRouter{

		Hosts:  "NAME.api-us1.com and NAME.activehosted.com",
		IsHost: isCampaignHost,
		Calls:  calls,
		Pages:  pages,
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

// home lists the simulated accounts and their keys.
func (f *Fake) home(*http.Request) sandbox.Response {
	p := sandbox.AccountsPage{
		Frame: f.env.Frame("Developer"),
		Head:  "Settings, Developer",
		Text:  "Simulated ActiveCampaign has no sign-in for apps. Copy an address and its key from here.",
	}
	for _, a := range f.state.accounts {
		for i, k := range a.keys {
			says := a.says
			if i > 0 {
				says = "This user's group may see nothing"
			}
			p.Accounts = append(p.Accounts, sandbox.AccountRow{
				Name:  a.name,
				Owner: k.first + " " + k.last,
				Says:  says,
				URL:   "https://" + a.host,
				Key:   k.value,
			})
		}
	}
	return f.env.Page(http.StatusOK, "accounts.html", p)
}

// htmlPage is the page of an unused host, or of the app itself.
func htmlPage(status int) sandbox.Response {
	text := "Account not found"
	if status == http.StatusOK {
		text = "ActiveCampaign: Log in"
	}
	return sandbox.RawPage(status, text)
}
