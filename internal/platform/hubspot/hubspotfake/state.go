package hubspotfake

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

const (
	accessLife = 30 * time.Minute

	// An app's calls to a portal in ten seconds.
	callLimit = 110
	window    = 10 * time.Second
)

// allScopes are the scopes an app can ask for.
func allScopes() []string {
	return []string{
		"oauth", "account-info.security.read", "automation", "content", "crm.lists.read", "crm.lists.write",
		"crm.objects.companies.read", "crm.objects.companies.write", "crm.objects.contacts.read",
		"crm.objects.contacts.write",
		"crm.objects.deals.read", "crm.objects.deals.write", "crm.objects.owners.read", "crm.schemas.contacts.read",
		"crm.schemas.custom.read", "crm.objects.custom.read", "forms", "marketing.campaigns.read", "sales-email-read",
		"tickets", "timeline",
	}
}

// state is the state of the fake HubSpot.
type state struct {
	people  map[string]*portalUser
	portals map[int64]*portal
	access  map[string]*issuedToken
	refresh map[string]*issuedToken
	worded  int // errors written so far, for shifting_errors
}

type portalUser struct {
	userID  int64
	email   string
	admin   bool // Super Admin, or with the right to install apps
	portals []int64
}

type portal struct {
	id       int64
	name     string
	domain   string
	lacks    []string // scopes that its plan lacks
	contacts []contact
	lists    []string    // names
	calls    []time.Time // of the last hubspotWindow, in real time
}

// contact is one record of a portal. Its id is its index from 101 on.
type contact struct {
	properties map[string]string // as entered in the portal
	created    time.Time
}

// install is one consent: one app in one portal by one person. Its tokens end
// with it.
type install struct {
	person string
	portal *portal
	scopes []string
	dead   bool
}

type issuedToken struct {
	install *install
	ends    time.Time // zero for a refresh token: it does not expire
	spent   bool      // a rotated refresh token
	revoked bool
}

func faults() []sandbox.Fault {
	return slices.Concat(sandbox.TransportFaults(), sandbox.SignInFaults(), []sandbox.Fault{
		{Name: "rotates", Says: "Each renewal gives a new refresh token; a replay revokes everything", PerPerson: true},
		{Name: "not_super_admin", Says: "The person may not connect apps; nobody comes back", PerPerson: true},
		{Name: "shifting_errors", Says: "The token endpoint words its errors in an older shape, another one each time"},
		{Name: "v1_deprecated", Says: "The v1 OAuth endpoints are gone before their day"},
	})
}

func people() []sandbox.Person {
	return []sandbox.Person{
		{Person: "lars-holm", Name: "Lars Holm", Says: "Super Admin of two portals"},
		{Person: "priya-nair", Name: "Priya Nair", Says: "Super Admin of one portal"},
		{Person: "marta-lindqvist", Name: "Marta Lindqvist", Says: "Not a Super Admin"},
		{Person: "tom-becker", Name: "Tom Becker", Says: "One portal on a small plan, without contacts access"},
		{
			Person: "jonas-reuter",
			Name:   "Jonas Reuter",
			Says:   "One portal on a small plan: its contacts can be read, and no more",
		},
		{Person: "ana-ruiz", Name: "Ana Ruiz", Says: "Super Admin of the agency's own portal"},
	}
}

func portalUsers() map[string]*portalUser {
	return map[string]*portalUser{
		"lars-holm": {
			userID: 51200881, email: "lars.holm@harbourpine.example", admin: true, portals: []int64{26114873, 26120447},
		},
		"priya-nair": {
			userID: 51344102, email: "priya.nair@lumenoptics.example", admin: true, portals: []int64{39920411},
		},
		"marta-lindqvist": {
			userID: 51200990, email: "marta.lindqvist@harbourpine.example", portals: []int64{26114873},
		},
		"tom-becker": {
			userID: 50871230, email: "tom.becker@alpenrose.example", admin: true, portals: []int64{8123554},
		},
		"jonas-reuter": {
			userID: 50990417, email: "jonas.reuter@kiefertimber.example", admin: true, portals: []int64{40077120},
		},
		"ana-ruiz": {
			userID: 50119907, email: "ana@northlight.example", admin: true, portals: []int64{5580317},
		},
	}
}

func newState() *state {
	s := &state{
		people:  portalUsers(),
		portals: map[int64]*portal{},
		access:  map[string]*issuedToken{},
		refresh: map[string]*issuedToken{},
	}
	for _, p := range []*portal{
		{
			id:       26114873,
			name:     "Harbour & Pine AB",
			domain:   "harbourpine.example",
			contacts: contacts("harbourpine-customers.example"),
			lists:    contactLists(),
		},
		{
			id:       26120447,
			name:     "Harbour & Pine Outlet",
			domain:   "outlet.harbourpine.example",
			contacts: contacts("outlet-customers.example"),
			lists:    contactLists(),
		},
		{
			id:       39920411,
			name:     "Lumen Optics",
			domain:   "lumenoptics.example",
			contacts: contacts("lumen-customers.example"),
			lists:    contactLists(),
		},
		{id: 8123554, name: "Alpenrose Hotels", domain: "alpenrose.example", lacks: []string{
			"crm.objects.contacts.read", "crm.objects.contacts.write", "crm.schemas.custom.read", "crm.objects.custom.read",
		}},
		{
			id: 40077120, name: "Kiefer Timber", domain: "kiefertimber.example", contacts: contacts("kiefer-customers.example"),
			lists: contactLists(),
			lacks: []string{"crm.lists.read", "crm.lists.write", "crm.objects.contacts.write"},
		},
		{
			id:       5580317,
			name:     "Northlight Media",
			domain:   "northlight.example",
			contacts: contacts("northlight-leads.example"),
			lists:    contactLists(),
		},
	} {
		s.portals[p.id] = p
	}
	return s
}

func contacts(domain string) []contact {
	var list []contact
	for i, name := range []string{
		"Maria Engel", "Jonas Weber", "Aiko Tanaka", "Pedro Costa", "Lena Fuchs", "Omar Aziz",
		"Sofia Rossi", "Nils Berg", "Chloe Martin", "Viktor Hahn", "Emma Sand", "Ravi Menon",
	} {
		first, last, _ := strings.Cut(name, " ")
		list = append(list, contact{
			properties: map[string]string{
				"firstname": first, "lastname": last, "email": fmt.Sprintf("%s%d@%s", strings.ToLower(first), i+1, domain),
				"phone": fmt.Sprintf("+46 8 5550 %03d", i+1), "lifecyclestage": "lead",
			},
			created: time.Date(2026, 3, 2+i, 9, 30, 0, 0, time.UTC),
		})
	}
	return list
}

// contactLists are the initial lists of a portal.
func contactLists() []string { return []string{"Newsletter", "Customers", "Event guests"} }

// Handler serves the API and the pages.
func (f *Fake) Handler() http.Handler {
	calls := http.NewServeMux()
	for _, c := range operations() {
		calls.Handle(c.Method+" "+c.Path, f.serve(func(r *http.Request) sandbox.Response { return f.serveCall(c, r) }))
	}
	calls.Handle("/", f.serve(func(r *http.Request) sandbox.Response {
		return errorBody(http.StatusNotFound, "OBJECT_NOT_FOUND", "There is nothing at "+r.Method+" "+r.URL.Path, nil)
	}))

	pages := http.NewServeMux()
	f.env.SessionPages(pages)
	pages.Handle("GET /oauth/authorize", f.serve(f.authorize))
	pages.Handle("GET /oauth/{hub}/authorize", f.serve(f.authorize))
	pages.Handle("POST /oauth/choose", f.serve(f.choose))
	pages.Handle("POST /oauth/decide", f.serve(f.decide))

	return f.env.Route(sandbox.HostRouter{

		Hosts:  "api.hubapi.com",
		IsHost: func(host string) bool { return host == "api.hubapi.com" },
		Calls:  calls,
		Pages:  pages,
	})
}
