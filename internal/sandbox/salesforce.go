package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// The hosts where users of any organisation sign in.
const (
	salesforceLogin = "login.salesforce.com"
	salesforceTest  = "test.salesforce.com"
)

const (
	// salesforceSession is the session policy of every organisation here. It is
	// not given to the app.
	salesforceSession = 2 * time.Hour
	// salesforceGrants is how many grants a user can give one app; one more ends
	// the oldest.
	salesforceGrants = 5
	// salesforceCalls is how many calls an organisation has a day.
	salesforceCalls = 5000
	// salesforcePackage is the version of the app's package that admins install.
	salesforcePackage = "04t5e000000LtKyAAK"
)

// salesforceState is everything Salesforce remembers.
type salesforceState struct {
	orgs    []*salesforceOrg
	users   []*salesforceUser
	grants  []*salesforceGrant // the oldest first
	access  map[string]*salesforceToken
	refresh map[string]*salesforceToken
}

// salesforceOrg is an organisation. Its id has 18 characters.
type salesforceOrg struct {
	id        string
	name      string
	edition   string
	domain    string   // its My Domain host, where its API is
	former    []string // My Domain hosts before it was renamed
	sandbox   bool
	noAPI     bool // its edition has none
	installed bool // the app's package
	calls     int  // of the last 24 hours
}

// salesforceUser is a user of one organisation. A person of the sign-in page may
// be several.
type salesforceUser struct {
	person   string
	id       string
	username string
	org      *salesforceOrg
	admin    bool
	inactive bool
	apiOnly  bool // a user for programs: it cannot sign in
	noAPI    bool // it lacks the permission API Enabled
	rights   map[string]salesforceRights
}

// salesforceRights is what a user may do with an object; with none of them it is
// hidden from the user.
type salesforceRights struct{ read, create bool }

func (r salesforceRights) visible() bool { return r.read || r.create }

// salesforceGrant is one consent: its tokens die with it.
type salesforceGrant struct {
	user   *salesforceUser
	scopes []string
	dead   bool
}

type salesforceToken struct {
	grant *salesforceGrant
	ends  time.Time // of an access token
	spent bool      // a refresh token that was rotated away
}

func salesforcePretend() pretend {
	return pretend{
		name: platformSalesforce, title: "Salesforce",
		app:       Credentials{"3MVG9pHRjzOBdkd9vQ2sLm7XcTa4Ry1KfWn8JeUo6GzBhDi5PqAx", "8C21F4A97B0D5E36C8F1A2B49D7E60358FA1C2D4E6B7908153AC7E9D2F4B6081"},
		settings:  map[string]string{"INSTALL_URL": salesforcePackageLink()},
		rules:     OAuthRules{HTTPHosts: []string{"localhost"}, Challenge: ChallengeRequired, CodeLife: 15 * time.Minute},
		endpoints: salesforceEndpoints,
		serves:    (*World).salesforceHandler,
		reset:     func(w *World) { *w.salesforce = *newSalesforceState() },
		people:    salesforcePeople, faults: salesforceFaults, actions: salesforceActions, act: (*World).salesforceAct,
		nameable: (*World).salesforceNameable, settle: (*World).salesforceSettle, accounts: (*World).salesforceAccounts,
	}
}

func salesforceFaults() []Fault {
	return slices.Concat(TransportFaults(), SignInFaults(), []Fault{
		{"refused_on_page", "Who is not let in ends on a page of Salesforce; nobody comes back", true},
		{"not_approved", "The app is blocked, or the user may not use it", true},
		{"login_host_refuses", "At login and test the app is not found; at the My Domain it is", false},
		{"ip_restricted", "The network address that the app calls from is not let in", true},
		{"no_access", "Every object is closed to the user: INSUFFICIENT_ACCESS", true},
	})
}

func salesforcePeople() []Person {
	return []Person{
		{"lars-holm", "Lars Holm", "Admin at Harbour & Pine, harbourpine.my.salesforce.com"},
		{"elsa-lind", "Elsa Lind", "Harbour & Pine, may read contacts and add no leads"},
		{"petra-sund", "Petra Sund", "In a sandbox of Harbour & Pine, harbourpine--uat.sandbox.my.salesforce.com"},
		{"priya-nair", "Priya Nair", "Admin at Lumen Optics, where the app is not installed, lumenoptics.my.salesforce.com"},
		{"tom-becker", "Tom Becker", "Alpenrose Hotels, whose edition has no API, alpenrose.my.salesforce.com"},
		{"kim-olsen", "Kim Olsen", "Harbour & Pine, without the permission API Enabled"},
		{"sync-user", "Sync User", "Harbour & Pine, a user for programs that cannot sign in"},
		{"ida-berg", "Ida Berg", "Harbour & Pine, sees neither leads nor contacts"},
		{"ana-ruiz", "Ana Ruiz", "Admin of the agency's own organisation, northlight.my.salesforce.com"},
	}
}

func newSalesforceState() *salesforceState {
	s := &salesforceState{access: map[string]*salesforceToken{}, refresh: map[string]*salesforceToken{}}
	harbour := s.found("Harbour & Pine AB", "Enterprise Edition", "harbourpine.my.salesforce.com")
	uat := s.found("Harbour & Pine AB", "Enterprise Edition", "harbourpine--uat.sandbox.my.salesforce.com")
	lumen := s.found("Lumen Optics", "Professional Edition", "lumenoptics.my.salesforce.com")
	alpenrose := s.found("Alpenrose Hotels", "Group Edition", "alpenrose.my.salesforce.com")
	northlight := s.found("Northlight Media", "Unlimited Edition", "northlight.my.salesforce.com")
	uat.sandbox, lumen.installed, alpenrose.noAPI = true, false, true

	s.hire("lars-holm", "lars.holm@harbourpine.example", harbour).admin = true
	s.hire("elsa-lind", "elsa.lind@harbourpine.example", harbour).rights = map[string]salesforceRights{
		"Lead": {read: true}, "Contact": {read: true}, "CampaignMember": {},
	}
	s.hire("petra-sund", "petra.sund@harbourpine.example.uat", uat).admin = true
	s.hire("priya-nair", "priya.nair@lumenoptics.example", lumen).admin = true
	s.hire("tom-becker", "tom.becker@alpenrose.example", alpenrose).admin = true
	s.hire("kim-olsen", "kim.olsen@harbourpine.example", harbour).noAPI = true
	s.hire("sync-user", "sync@harbourpine.example", harbour).apiOnly = true
	s.hire("ida-berg", "ida.berg@harbourpine.example", harbour).rights = map[string]salesforceRights{"CampaignMember": {read: true}}
	s.hire("ana-ruiz", "ana@northlight.example", northlight).admin = true
	return s
}

// found makes an organisation with the app installed.
func (s *salesforceState) found(name, edition, domain string) *salesforceOrg {
	id := salesforceID(fmt.Sprintf("00D5e00000%05d", 10007+211*len(s.orgs)))
	org := &salesforceOrg{id: id, name: name, edition: edition, domain: domain, installed: true}
	s.orgs = append(s.orgs, org)
	return org
}

// hire makes a user who may do everything with every object.
func (s *salesforceState) hire(person, username string, org *salesforceOrg) *salesforceUser {
	user := &salesforceUser{
		person: person, username: username, org: org,
		id:     salesforceID(fmt.Sprintf("0055e00000%05d", 31004+97*len(s.users))),
		rights: map[string]salesforceRights{"Lead": {true, true}, "Contact": {true, true}, "CampaignMember": {true, true}},
	}
	s.users = append(s.users, user)
	return user
}

// salesforceID adds to an id of 15 characters the three that repeat which of its
// letters are capitals.
// https://help.salesforce.com/s/articleView?id=000385585
func salesforceID(id string) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
	suffix := ""
	for part := range 3 {
		n := 0
		for bit := range 5 {
			if c := id[5*part+bit]; c >= 'A' && c <= 'Z' {
				n |= 1 << bit
			}
		}
		suffix += string(letters[n])
	}
	return id + suffix
}

// loginHost is where users sign in who do not know their My Domain.
func (org *salesforceOrg) loginHost() string {
	if org.sandbox {
		return salesforceTest
	}
	return salesforceLogin
}

// signsInAt says whether its users sign in at a host.
func (org *salesforceOrg) signsInAt(host string) bool {
	return host == org.domain || host == org.loginHost()
}

// tokensAt says whether its tokens are given at a host. A My Domain that was
// renamed leads on to the new one for a while.
func (org *salesforceOrg) tokensAt(host string) bool {
	return org.signsInAt(host) || slices.Contains(org.former, host)
}

func (u *salesforceUser) identity() string {
	return "https://" + u.org.loginHost() + "/id/" + u.org.id + "/" + u.id
}

// salesforceHost says whether something of Salesforce answers at a host.
func (w *World) salesforceHost(host string) bool {
	return host == salesforceLogin || host == salesforceTest ||
		slices.ContainsFunc(w.salesforce.orgs, func(org *salesforceOrg) bool { return org.tokensAt(host) })
}

// salesforceUsersAt are a person's users at a host, in the order they were made.
func (w *World) salesforceUsersAt(person, host string) []*salesforceUser {
	var list []*salesforceUser
	for _, user := range w.salesforce.users {
		if user.person == person && user.org.signsInAt(host) {
			list = append(list, user)
		}
	}
	return list
}

func (w *World) salesforceOrg(id string) *salesforceOrg {
	for _, org := range w.salesforce.orgs {
		if org.id == id {
			return org
		}
	}
	return nil
}

func (w *World) salesforceHandler(s *Server) http.Handler {
	calls := http.NewServeMux()
	for _, op := range salesforceOperations() {
		calls.Handle(op.endpoint.Method+" "+op.endpoint.Path, w.answering(func(r *http.Request) Response { return op.answer(w, r, op.endpoint) }))
	}
	calls.Handle("/", w.answering(func(*http.Request) Response {
		return salesforceError(http.StatusNotFound, "NOT_FOUND", "The requested resource does not exist")
	}))

	// A page stands below the name of its host: a browser cannot be told another Host.
	pages := http.NewServeMux()
	w.sessionPages(pages, platformSalesforce)
	pages.Handle("GET /{host}/services/oauth2/authorize", w.answering(w.salesforceAuthorize))
	pages.Handle("POST /choose", w.answering(w.salesforceChoose))
	pages.Handle("POST /decide", w.answering(w.salesforceDecide))
	pages.Handle("GET /{host}/setup/secur/RemoteAccessErrorPage.apexp", w.answering(w.salesforceErrorPage))
	pages.Handle("GET /{host}/packaging/installPackage.apexp", w.answering(w.salesforceInstallPage))
	pages.Handle("POST /install", w.answering(w.salesforceInstall))

	return w.front(s, HostRouter{
		platform: platformSalesforce,
		Hosts:    salesforceLogin + ", " + salesforceTest + " and the My Domain of every organisation",
		IsHost: func(host string) bool {
			w.mu.Lock()
			defer w.mu.Unlock()
			return w.salesforceHost(host)
		},
		Calls: calls,
		Pages: pages,
	})
}

// slug is a name as a My Domain has it.
func slug(name string) string {
	return strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' {
			return c
		}
		return -1
	}, strings.ToLower(name))
}
