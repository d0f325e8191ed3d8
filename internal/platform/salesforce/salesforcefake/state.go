package salesforcefake

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

// The common sign-in hosts of all organisations.
const (
	login = "login.salesforce.com"
	test  = "test.salesforce.com"
)

const (
	// session is the session policy of every organisation here. Apps cannot
	// read it.
	session = 2 * time.Hour
	// grants is the maximum of a user's grants to one app; another one ends the
	// oldest.
	grants = 5
	// dailyCalls is an organisation's limit of calls a day.
	dailyCalls = 5000
	// packageVersion is the version of the app's package.
	packageVersion = "04t5e000000LtKyAAK"
)

// state is the state of the fake Salesforce.
type state struct {
	orgs    []*organisation
	users   []*orgUser
	grants  []*consentGrant // oldest first
	access  map[string]*issuedToken
	refresh map[string]*issuedToken
}

// organisation is an organisation. Its id has 18 characters.
type organisation struct {
	id        string
	name      string
	edition   string
	domain    string   // its My Domain, the host of its API
	former    []string // earlier My Domains
	sandbox   bool
	noAPI     bool // its edition has no API
	installed bool // the app's package is installed
	calls     int  // in the last 24 hours
}

// orgUser is a user of one organisation. A person may have several.
type orgUser struct {
	person   string
	id       string
	username string
	org      *organisation
	admin    bool
	inactive bool
	apiOnly  bool // an API-only user: it cannot sign in
	noAPI    bool // it lacks the permission API Enabled
	rights   map[string]objectRights
}

// objectRights are a user's rights to an object; without any, it is hidden.
type objectRights struct{ read, create bool }

func (r objectRights) visible() bool { return r.read || r.create }

// consentGrant is one consent: its tokens end with it.
type consentGrant struct {
	user   *orgUser
	scopes []string
	dead   bool
}

type issuedToken struct {
	grant *consentGrant
	ends  time.Time // expiry of an access token
	spent bool      // a rotated refresh token
}

func faults() []sandbox.Fault {
	return slices.Concat(sandbox.TransportFaults(), sandbox.SignInFaults(), []sandbox.Fault{
		{Name: "refused_on_page", Says: "Who is not let in ends on a page of Salesforce; nobody comes back", PerPerson: true},
		{Name: "not_approved", Says: "The app is blocked, or the user may not use it", PerPerson: true},
		{Name: "login_host_refuses", Says: "At login and test the app is not found; at the My Domain it is"},
		{Name: "ip_restricted", Says: "The network address that the app calls from is not let in", PerPerson: true},
		{
			Name: "organisation_hidden", Says: "The user's profile may not read the organisation's name: INSUFFICIENT_ACCESS",
			PerPerson: true,
		},
		{
			Name: "organisation_unsupported", Says: "The user's profile may not read the organisation's name: INVALID_TYPE",
			PerPerson: true,
		},
		{Name: "no_access", Says: "Every object is closed to the user: INSUFFICIENT_ACCESS", PerPerson: true},
	})
}

func people() []sandbox.Person {
	return []sandbox.Person{
		{Person: "lars-holm", Name: "Lars Holm", Says: "Admin at Harbour & Pine, harbourpine.my.salesforce.com"},
		{Person: "elsa-lind", Name: "Elsa Lind", Says: "Harbour & Pine, may read contacts and add no leads"},
		{
			Person: "petra-sund",
			Name:   "Petra Sund",
			Says:   "In a sandbox of Harbour & Pine, harbourpine--uat.sandbox.my.salesforce.com",
		},
		{
			Person: "priya-nair",
			Name:   "Priya Nair",
			Says:   "Admin at Lumen Optics, where the app is not installed, lumenoptics.my.salesforce.com",
		},
		{
			Person: "tom-becker",
			Name:   "Tom Becker",
			Says:   "Alpenrose Hotels, whose edition has no API, alpenrose.my.salesforce.com",
		},
		{Person: "kim-olsen", Name: "Kim Olsen", Says: "Harbour & Pine, without the permission API Enabled"},
		{Person: "sync-user", Name: "Sync User", Says: "Harbour & Pine, a user for programs that cannot sign in"},
		{Person: "ida-berg", Name: "Ida Berg", Says: "Harbour & Pine, sees neither leads nor contacts"},
		{Person: "ana-ruiz", Name: "Ana Ruiz", Says: "Admin of the agency's own organisation, northlight.my.salesforce.com"},
	}
}

func newState() *state {
	s := &state{access: map[string]*issuedToken{}, refresh: map[string]*issuedToken{}}
	harbour := s.found("Harbour & Pine AB", "Enterprise Edition", "harbourpine.my.salesforce.com")
	uat := s.found("Harbour & Pine AB", "Enterprise Edition", "harbourpine--uat.sandbox.my.salesforce.com")
	lumen := s.found("Lumen Optics", "Professional Edition", "lumenoptics.my.salesforce.com")
	alpenrose := s.found("Alpenrose Hotels", "Group Edition", "alpenrose.my.salesforce.com")
	northlight := s.found("Northlight Media", "Unlimited Edition", "northlight.my.salesforce.com")
	uat.sandbox, lumen.installed, alpenrose.noAPI = true, false, true

	s.hire("lars-holm", "lars.holm@harbourpine.example", harbour).admin = true
	s.hire("elsa-lind", "elsa.lind@harbourpine.example", harbour).rights = map[string]objectRights{
		"Lead": {read: true}, "Contact": {read: true}, "CampaignMember": {},
	}
	s.hire("petra-sund", "petra.sund@harbourpine.example.uat", uat).admin = true
	s.hire("priya-nair", "priya.nair@lumenoptics.example", lumen).admin = true
	s.hire("tom-becker", "tom.becker@alpenrose.example", alpenrose).admin = true
	s.hire("kim-olsen", "kim.olsen@harbourpine.example", harbour).noAPI = true
	s.hire("sync-user", "sync@harbourpine.example", harbour).apiOnly = true
	s.hire("ida-berg", "ida.berg@harbourpine.example", harbour).rights = map[string]objectRights{
		"CampaignMember": {read: true},
	}
	s.hire("ana-ruiz", "ana@northlight.example", northlight).admin = true
	return s
}

// found creates an organisation with the app installed.
func (s *state) found(name, edition, domain string) *organisation {
	id := longID(fmt.Sprintf("00D5e00000%05d", 10007+211*len(s.orgs)))
	org := &organisation{id: id, name: name, edition: edition, domain: domain, installed: true}
	s.orgs = append(s.orgs, org)
	return org
}

// hire creates a user with all rights to every object.
func (s *state) hire(person, username string, org *organisation) *orgUser {
	user := &orgUser{
		person: person, username: username, org: org,
		id:     longID(fmt.Sprintf("0055e00000%05d", 31004+97*len(s.users))),
		rights: map[string]objectRights{"Lead": {true, true}, "Contact": {true, true}, "CampaignMember": {true, true}},
	}
	s.users = append(s.users, user)
	return user
}

// longID appends three characters to an id of 15 that encode which ones are
// capitals.
// https://help.salesforce.com/s/articleView?id=000385585
func longID(id string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
	suffix := ""
	for part := range 3 {
		n := 0
		for bit := range 5 {
			if c := id[5*part+bit]; c >= 'A' && c <= 'Z' {
				n |= 1 << bit
			}
		}
		suffix += string(alphabet[n])
	}
	return id + suffix
}

// loginHost is the common sign-in host, without a My Domain.
func (org *organisation) loginHost() string {
	if org.sandbox {
		return test
	}
	return login
}

// signsInAt reports whether its users can sign in at a host.
func (org *organisation) signsInAt(host string) bool {
	return host == org.domain || host == org.loginHost()
}

// tokensAt reports whether a host issues its tokens. An earlier My Domain
// redirects for a while.
func (org *organisation) tokensAt(host string) bool {
	return org.signsInAt(host) || slices.Contains(org.former, host)
}

func (u *orgUser) identity() string {
	return "https://" + u.org.loginHost() + "/id/" + u.org.id + "/" + u.id
}

// host reports whether a host exists at Salesforce.
func (f *Fake) host(host string) bool {
	return host == login || host == test ||
		slices.ContainsFunc(f.state.orgs, func(org *organisation) bool { return org.tokensAt(host) })
}

// usersAt lists a person's users at a host, in the order of creation.
func (f *Fake) usersAt(person, host string) []*orgUser {
	var list []*orgUser
	for _, user := range f.state.users {
		if user.person == person && user.org.signsInAt(host) {
			list = append(list, user)
		}
	}
	return list
}

func (f *Fake) orgByID(id string) *organisation {
	for _, org := range f.state.orgs {
		if org.id == id {
			return org
		}
	}
	return nil
}

// Handler serves the API and the pages.
func (f *Fake) Handler() http.Handler {
	calls := http.NewServeMux()
	for _, op := range operations() {
		calls.Handle(op.endpoint.Method+" "+op.endpoint.Path,
			f.serve(func(r *http.Request) sandbox.Response { return op.answer(f, r, op.endpoint) }))
	}
	calls.Handle("/", f.serve(func(*http.Request) sandbox.Response {
		return apiError(http.StatusNotFound, "NOT_FOUND", "The requested resource does not exist")
	}))

	// Pages have their host as the first path segment: a browser sends no other
	// Host header.
	pages := http.NewServeMux()
	f.env.SessionPages(pages)
	pages.Handle("GET /{host}/services/oauth2/authorize", f.serve(f.authorize))
	pages.Handle("POST /choose", f.serve(f.choose))
	pages.Handle("POST /decide", f.serve(f.decide))
	pages.Handle("GET /{host}/setup/secur/RemoteAccessErrorPage.apexp", f.serve(f.showError))
	pages.Handle("GET /{host}/packaging/installPackage.apexp", f.serve(f.installPage))
	pages.Handle("POST /install", f.serve(f.install))

	return f.env.Route(sandbox.HostRouter{

		Hosts: login + ", " + test + " and the My Domain of every organisation",
		IsHost: func(host string) bool {
			f.mu.Lock()
			defer f.mu.Unlock()
			return f.host(host)
		},
		Calls: calls,
		Pages: pages,
	})
}

// slug converts a name to the form of a My Domain.
func slug(name string) string {
	return strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' {
			return c
		}
		return -1
	}, strings.ToLower(name))
}
