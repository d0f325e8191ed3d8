package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	hubspotAccessLife = 30 * time.Minute

	// A portal takes this many calls in ten seconds from an app.
	hubspotCallLimit = 110
	hubspotWindow    = 10 * time.Second
)

// hubspotScopes are the scopes an app can ask for.
func hubspotScopes() []string {
	return []string{
		"oauth", "account-info.security.read", "automation", "content", "crm.lists.read", "crm.lists.write",
		"crm.objects.companies.read", "crm.objects.companies.write", "crm.objects.contacts.read", "crm.objects.contacts.write",
		"crm.objects.deals.read", "crm.objects.deals.write", "crm.objects.owners.read", "crm.schemas.contacts.read",
		"crm.schemas.custom.read", "crm.objects.custom.read", "forms", "marketing.campaigns.read", "sales-email-read", "tickets", "timeline",
	}
}

// hubspotState is everything HubSpot remembers.
type hubspotState struct {
	people  map[string]*hubspotPerson
	portals map[int64]*portal
	access  map[string]*hubspotToken
	refresh map[string]*hubspotToken
	worded  int // errors worded so far, for shifting_errors
}

type hubspotPerson struct {
	userID  int64
	email   string
	admin   bool // Super Admin, or with the right to install apps
	portals []int64
}

type portal struct {
	id       int64
	name     string
	domain   string
	lacks    []string // scopes that are not part of its plan
	contacts []contact
	lists    []string    // names
	calls    []time.Time // of the last hubspotWindow, in real time
}

// contact is one record of a portal. Its number is its place, from 101 on.
type contact struct {
	properties map[string]string // as its portal's people wrote them
	created    time.Time
}

// install is one consent: one app in one portal by one person. Its tokens die with it.
type install struct {
	person string
	portal *portal
	scopes []string
	dead   bool
}

type hubspotToken struct {
	install *install
	ends    time.Time // zero for a refresh token: it has no end of its own
	spent   bool      // a refresh token that was rotated away
	revoked bool
}

func hubspotPretend() pretend {
	return pretend{
		name: platformHubSpot, title: "HubSpot",
		app:       Credentials{"b3f9c7a2-4d18-4e56-9a07-2c61f8d0e945", "71e4a0d8-96b3-4c2f-8e15-d03a7b9f6c24"},
		rules:     OAuthRules{HTTPHosts: []string{"localhost"}},
		endpoints: hubspotEndpoints,
		serves:    (*World).hubspotHandler,
		reset:     func(w *World) { *w.hubspot = *newHubSpotState() },
		people:    hubspotPeople, faults: hubspotFaults, actions: hubspotActions, act: (*World).hubspotAct,
		nameable: (*World).hubspotNameable, settle: (*World).hubspotSettle, accounts: (*World).hubspotPortals,
	}
}

func hubspotFaults() []Fault {
	return slices.Concat(TransportFaults(), SignInFaults(), []Fault{
		{"rotates", "Each renewal gives a new refresh token; a replay revokes everything", true},
		{"not_super_admin", "The person may not connect apps; nobody comes back", true},
		{"shifting_errors", "The token endpoint words its errors in an older shape, another one each time", false},
		{"v1_deprecated", "The v1 OAuth endpoints are gone before their day", false},
	})
}

func hubspotPeople() []Person {
	return []Person{
		{"lars-holm", "Lars Holm", "Super Admin of two portals"},
		{"priya-nair", "Priya Nair", "Super Admin of one portal"},
		{"marta-lindqvist", "Marta Lindqvist", "Not a Super Admin"},
		{"tom-becker", "Tom Becker", "One portal on a small plan, without contacts access"},
		{"jonas-reuter", "Jonas Reuter", "One portal on a small plan: its contacts can be read, and no more"},
		{"ana-ruiz", "Ana Ruiz", "Super Admin of the agency's own portal"},
	}
}

func newHubSpotState() *hubspotState {
	s := &hubspotState{
		people:  map[string]*hubspotPerson{},
		portals: map[int64]*portal{},
		access:  map[string]*hubspotToken{},
		refresh: map[string]*hubspotToken{},
	}
	for _, p := range []*portal{
		{id: 26114873, name: "Harbour & Pine AB", domain: "harbourpine.example", contacts: contacts("harbourpine-customers.example"), lists: contactLists()},
		{id: 26120447, name: "Harbour & Pine Outlet", domain: "outlet.harbourpine.example", contacts: contacts("outlet-customers.example"), lists: contactLists()},
		{id: 39920411, name: "Lumen Optics", domain: "lumenoptics.example", contacts: contacts("lumen-customers.example"), lists: contactLists()},
		{id: 8123554, name: "Alpenrose Hotels", domain: "alpenrose.example", lacks: []string{"crm.objects.contacts.read", "crm.objects.contacts.write", "crm.schemas.custom.read", "crm.objects.custom.read"}},
		{
			id: 40077120, name: "Kiefer Timber", domain: "kiefertimber.example", contacts: contacts("kiefer-customers.example"), lists: contactLists(),
			lacks: []string{"crm.lists.read", "crm.lists.write", "crm.objects.contacts.write"},
		},
		{id: 5580317, name: "Northlight Media", domain: "northlight.example", contacts: contacts("northlight-leads.example"), lists: contactLists()},
	} {
		s.portals[p.id] = p
	}
	s.people["lars-holm"] = &hubspotPerson{51200881, "lars.holm@harbourpine.example", true, []int64{26114873, 26120447}}
	s.people["priya-nair"] = &hubspotPerson{51344102, "priya.nair@lumenoptics.example", true, []int64{39920411}}
	s.people["marta-lindqvist"] = &hubspotPerson{51200990, "marta.lindqvist@harbourpine.example", false, []int64{26114873}}
	s.people["tom-becker"] = &hubspotPerson{50871230, "tom.becker@alpenrose.example", true, []int64{8123554}}
	s.people["jonas-reuter"] = &hubspotPerson{50990417, "jonas.reuter@kiefertimber.example", true, []int64{40077120}}
	s.people["ana-ruiz"] = &hubspotPerson{50119907, "ana@northlight.example", true, []int64{5580317}}
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

// contactLists are the lists that a portal has from the start.
func contactLists() []string { return []string{"Newsletter", "Customers", "Event guests"} }

func (w *World) hubspotHandler(s *Server) http.Handler {
	calls := http.NewServeMux()
	for _, c := range hubspotCalls() {
		calls.Handle(c.Method+" "+c.Path, w.answering(func(r *http.Request) Response { return w.hubspotServe(c, r) }))
	}
	calls.Handle("/", w.answering(func(r *http.Request) Response {
		return hubspotError(http.StatusNotFound, "OBJECT_NOT_FOUND", "There is nothing at "+r.Method+" "+r.URL.Path, nil)
	}))

	pages := http.NewServeMux()
	w.sessionPages(pages, platformHubSpot)
	pages.Handle("GET /oauth/authorize", w.answering(w.hubspotAuthorize))
	pages.Handle("GET /oauth/{hub}/authorize", w.answering(w.hubspotAuthorize))
	pages.Handle("POST /oauth/choose", w.answering(w.hubspotChoose))
	pages.Handle("POST /oauth/decide", w.answering(w.hubspotDecide))

	return w.front(s, HostRouter{
		platform: platformHubSpot,
		Hosts:    "api.hubapi.com",
		IsHost:   func(host string) bool { return host == "api.hubapi.com" },
		Calls:    calls,
		Pages:    pages,
	})
}
