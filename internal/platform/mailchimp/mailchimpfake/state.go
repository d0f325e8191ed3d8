package mailchimpfake

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

const (
	loginURL = "login.mailchimp.com"
	apiURL   = ".api.mailchimp.com"

	// concurrentCalls is the maximum of a user's concurrent calls.
	concurrentCalls = 10
)

// state is the state of the fake Mailchimp.
type state struct {
	people   map[string]*user
	accounts []*customer // in the order of creation
	tokens   map[string]*issuedToken
	atOnce   map[string]int // concurrent calls, by person
}

// user is one login. It can have a role in several accounts.
type user struct {
	loginID  int64
	email    string
	first    string
	last     string
	disabled bool
	seats    []membership
}

// membership is a person's role in one account.
type membership struct {
	account *customer
	role    string // "owner", "admin", "manager", "author" or "viewer"
}

type customer struct {
	id        string // "8f2c1e07d94ab35612e0c7aa1", as in GET /3.0/
	userID    int64  // as in the metadata
	name      string
	dc        string // the data centre: "us6"
	closed    bool
	audiences []audience
}

type audience struct {
	id      string
	webID   int
	name    string
	members int
}

// issuedToken is the token of one consent. It does not expire.
type issuedToken struct {
	person  string
	account *customer
	dead    bool // the client disconnected the app
}

func faults() []sandbox.Fault {
	noScopes := slices.DeleteFunc(sandbox.SignInFaults(),
		func(fault sandbox.Fault) bool { return fault.Name == "scope_unticked" })
	return slices.Concat(sandbox.TransportFaults(), noScopes, []sandbox.Fault{
		{
			Name:      "overloaded",
			Says:      "Far too many calls: a bare 403 without JSON, as a machine before the API sends it",
			PerPerson: true,
		},
		{Name: "user_disabled", Says: "The user is disabled: 403 User Disabled", PerPerson: true},
		{Name: "compliance", Says: "The account is blocked for compliance: 500 Compliance Related", PerPerson: true},
		{Name: "other_address", Says: "The metadata names an API address outside of Mailchimp", PerPerson: true},
	})
}

func people() []sandbox.Person {
	return []sandbox.Person{
		{Person: "marta-lindqvist", Name: "Marta Lindqvist", Says: "Owner of one account with three audiences"},
		{Person: "lars-holm", Name: "Lars Holm", Says: "Admin of two accounts, in two data centres"},
		{Person: "priya-nair", Name: "Priya Nair", Says: "Manager of one account"},
		{Person: "tom-becker", Name: "Tom Becker", Says: "Author: may not use audiences"},
		{Person: "ida-berg", Name: "Ida Berg", Says: "Viewer: may only see reports"},
		{Person: "greta-falk", Name: "Greta Falk", Says: "Owner of an account with 1,204 audiences"},
		{Person: "ana-ruiz", Name: "Ana Ruiz", Says: "Owner of the agency’s own account"},
	}
}

func newState() *state {
	s := &state{
		people: map[string]*user{},
		tokens: map[string]*issuedToken{},
		atOnce: map[string]int{},
	}
	pine := s.found("Harbour & Pine", "us6", 36912, 3871, 424)
	outlet := s.found("Harbour & Pine Outlet", "us21", 5120)
	lumen := s.found("Lumen Optics", "us14", 12480, 903)
	alpenrose := s.found("Alpenrose Hotels", "us9", 7004)
	many := s.found("Falk Franchise", "us17")
	for i := range 1204 {
		many.add(fmt.Sprintf("Shop %d", i+1), 10)
	}
	own := s.found("Northlight Media", "us19", 1630)

	s.hire("marta-lindqvist", "Marta Lindqvist", "marta.lindqvist@harbourpine.example", membership{pine, "owner"})
	s.hire("lars-holm", "Lars Holm", "lars.holm@harbourpine.example", membership{pine, "admin"},
		membership{outlet, "admin"})
	s.hire("priya-nair", "Priya Nair", "priya.nair@lumenoptics.example", membership{lumen, "manager"})
	s.hire("tom-becker", "Tom Becker", "tom.becker@alpenrose.example", membership{alpenrose, "author"})
	s.hire("ida-berg", "Ida Berg", "ida.berg@harbourpine.example", membership{pine, "viewer"})
	s.hire("greta-falk", "Greta Falk", "greta@falkfranchise.example", membership{many, "owner"})
	s.hire("ana-ruiz", "Ana Ruiz", "ana@northlight.example", membership{own, "owner"})
	return s
}

// found creates an account with an audience for each count of members.
func (s *state) found(name, dc string, members ...int) *customer {
	n := int64(len(s.accounts) + 1)
	account := &customer{
		id:     fmt.Sprintf("8f2c1e07d94ab35612e0c%04x", n*1117),
		userID: 41250000 + n*1117,
		name:   name,
		dc:     dc,
	}
	for i, count := range members {
		account.add([]string{"Newsletter", "Customers", "Press", "Events"}[i%4], count)
	}
	s.accounts = append(s.accounts, account)
	return account
}

func (a *customer) add(name string, members int) {
	n := len(a.audiences) + 1
	a.audiences = append(a.audiences, audience{
		id:      fmt.Sprintf("%010x", (a.userID*7919+int64(n)*104729)%(1<<40)),
		webID:   int(a.userID%100000)*10 + n,
		name:    name,
		members: members,
	})
}

func (s *state) hire(key, name, email string, seats ...membership) {
	first, last, _ := strings.Cut(name, " ")
	s.people[key] = &user{
		loginID: 72100000 + int64(len(s.people)+1)*313,
		email:   email,
		first:   first,
		last:    last,
		seats:   seats,
	}
}

// seatIn returns a person's role in an account; false: none.
func (s *state) seatIn(key string, account *customer) (membership, bool) {
	person := s.people[key]
	if person == nil {
		return membership{}, false
	}
	i := slices.IndexFunc(person.seats, func(seat membership) bool { return seat.account == account })
	if i < 0 {
		return membership{}, false
	}
	return person.seats[i], true
}

// Handler serves the API and the pages.
func (f *Fake) Handler() http.Handler {
	login, api := http.NewServeMux(), http.NewServeMux()
	f.serveCall(login, tokenEndpoint(), f.tokenCall)
	f.serveCall(login, metadataEndpoint(), f.metadata)
	login.Handle("/oauth2/token", f.serve(func(*http.Request) sandbox.Response {
		return tokenError("invalid_request", "The token endpoint is called by POST.")
	}))
	f.serveCall(api, pingEndpoint(), f.call((*Fake).ping))
	f.serveCall(api, rootEndpoint(), f.call((*Fake).root))
	f.serveCall(api, listsEndpoint(), f.call((*Fake).lists))
	for _, mux := range []*http.ServeMux{login, api} {
		mux.Handle("/", f.serve(func(*http.Request) sandbox.Response {
			return problem(http.StatusNotFound, "Resource Not Found", "The requested resource could not be found.")
		}))
	}

	pages := http.NewServeMux()
	f.env.SessionPages(pages)
	pages.Handle("GET /oauth2/authorize", f.serve(f.authorize))
	pages.Handle("GET /oauth2/{account}/authorize", f.serve(f.authorize))
	pages.Handle("POST /oauth2/choose", f.serve(f.choose))
	pages.Handle("POST /oauth2/decide", f.serve(f.decide))

	behind := f.env.Route(sandbox.HostRouter{

		Hosts:  loginURL + " and DC" + apiURL,
		IsHost: func(host string) bool { return host == loginURL || dataCenter(host) != "" },
		Calls: http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if r.Host == loginURL {
				login.ServeHTTP(rw, r)
				return
			}
			api.ServeHTTP(rw, r)
		}),
		Pages: pages,
	})
	return f.limited(behind)
}

// dataCenter is the data centre in an API host; empty: it is no API host.
func dataCenter(host string) string {
	dc, ok := strings.CutSuffix(host, apiURL)
	if !ok || strings.Contains(dc, ".") {
		return ""
	}
	return dc
}

// limited refuses a user's eleventh concurrent call. A call counts from its
// arrival, even while the platform is slow.
// https://mailchimp.com/developer/marketing/docs/fundamentals/
func (f *Fake) limited(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if dataCenter(r.Host) == "" {
			next.ServeHTTP(rw, r)
			return
		}
		f.mu.Lock()
		token := f.state.tokens[credential(r)]
		if token == nil {
			f.mu.Unlock()
			next.ServeHTTP(rw, r)
			return
		}
		person := token.person
		full := f.state.atOnce[person] >= concurrentCalls
		if !full {
			f.state.atOnce[person]++
		}
		f.mu.Unlock()
		if full {
			tooMany().Send(rw)
			return
		}
		defer func() {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.state.atOnce[person] = max(0, f.state.atOnce[person]-1) // a reset may have cleared it
		}()
		next.ServeHTTP(rw, r)
	})
}

// credential is a call's token, as "Bearer" or "OAuth".
func credential(r *http.Request) string {
	kind, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if kind != "Bearer" && kind != "OAuth" {
		return ""
	}
	return token
}
