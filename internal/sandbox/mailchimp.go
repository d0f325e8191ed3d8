package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

const (
	mailchimpLogin = "login.mailchimp.com"
	mailchimpAPI   = ".api.mailchimp.com"

	// mailchimpAtOnce is how many calls of one user are answered at the same time.
	mailchimpAtOnce = 10
)

// mailchimpState is everything Mailchimp remembers.
type mailchimpState struct {
	people   map[string]*mailchimpPerson
	accounts []*mailchimpAccount // in the order in which they were made
	tokens   map[string]*mailchimpToken
	atOnce   map[string]int // calls under way, by person
}

// mailchimpPerson is one login. It can have a role in several accounts.
type mailchimpPerson struct {
	loginID  int64
	email    string
	first    string
	last     string
	disabled bool
	seats    []mailchimpSeat
}

// mailchimpSeat is a person's place in one account.
type mailchimpSeat struct {
	account *mailchimpAccount
	role    string // "owner", "admin", "manager", "author" or "viewer"
}

type mailchimpAccount struct {
	id        string // "8f2c1e07d94ab35612e0c7aa1", as GET /3.0/ names it
	userID    int64  // as the metadata names it
	name      string
	dc        string // the data centre it lives in: "us6"
	closed    bool
	audiences []audience
}

type audience struct {
	id      string
	webID   int
	name    string
	members int
}

// mailchimpToken is what one consent gave. It has no end of its own.
type mailchimpToken struct {
	person  string
	account *mailchimpAccount
	dead    bool // the client disconnected the app
}

func mailchimpPretend() pretend {
	return pretend{
		name: platformMailchimp, title: "Mailchimp",
		app: Credentials{"318204771956", "b41f7c09e6d85a2378ce01f4d9ab6e5270c3f81d94be62a05d"},
		// The guide recommends https and takes both names of this computer.
		rules:     OAuthRules{HTTPHosts: []string{"127.0.0.1", "localhost"}, Challenge: ChallengeNone},
		endpoints: mailchimpEndpoints,
		serves:    (*World).mailchimpHandler,
		reset:     func(w *World) { *w.mailchimp = *newMailchimpState() },
		people:    mailchimpPeople, faults: mailchimpFaults, actions: mailchimpActions, act: (*World).mailchimpAct,
		nameable: (*World).mailchimpNameable, settle: (*World).mailchimpSettle, accounts: (*World).mailchimpAccounts,
	}
}

func mailchimpFaults() []Fault {
	noScopes := slices.DeleteFunc(SignInFaults(), func(f Fault) bool { return f.Name == "scope_unticked" })
	return slices.Concat(TransportFaults(), noScopes, []Fault{
		{"overloaded", "Far too many calls: a bare 403 without JSON, as a machine before the API sends it", true},
		{"user_disabled", "The user is disabled: 403 User Disabled", true},
		{"compliance", "The account is blocked for compliance: 500 Compliance Related", true},
		{"other_address", "The metadata names an API address outside of Mailchimp", true},
	})
}

func mailchimpPeople() []Person {
	return []Person{
		{"marta-lindqvist", "Marta Lindqvist", "Owner of one account with three audiences"},
		{"lars-holm", "Lars Holm", "Admin of two accounts, in two data centres"},
		{"priya-nair", "Priya Nair", "Manager of one account"},
		{"tom-becker", "Tom Becker", "Author: may not use audiences"},
		{"ida-berg", "Ida Berg", "Viewer: may only see reports"},
		{"greta-falk", "Greta Falk", "Owner of an account with 1,204 audiences"},
		{"ana-ruiz", "Ana Ruiz", "Owner of the agency’s own account"},
	}
}

func newMailchimpState() *mailchimpState {
	s := &mailchimpState{
		people: map[string]*mailchimpPerson{},
		tokens: map[string]*mailchimpToken{},
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

	s.hire("marta-lindqvist", "Marta Lindqvist", "marta.lindqvist@harbourpine.example", mailchimpSeat{pine, "owner"})
	s.hire("lars-holm", "Lars Holm", "lars.holm@harbourpine.example", mailchimpSeat{pine, "admin"}, mailchimpSeat{outlet, "admin"})
	s.hire("priya-nair", "Priya Nair", "priya.nair@lumenoptics.example", mailchimpSeat{lumen, "manager"})
	s.hire("tom-becker", "Tom Becker", "tom.becker@alpenrose.example", mailchimpSeat{alpenrose, "author"})
	s.hire("ida-berg", "Ida Berg", "ida.berg@harbourpine.example", mailchimpSeat{pine, "viewer"})
	s.hire("greta-falk", "Greta Falk", "greta@falkfranchise.example", mailchimpSeat{many, "owner"})
	s.hire("ana-ruiz", "Ana Ruiz", "ana@northlight.example", mailchimpSeat{own, "owner"})
	return s
}

// found makes an account with an audience for each count of members.
func (s *mailchimpState) found(name, dc string, members ...int) *mailchimpAccount {
	n := int64(len(s.accounts) + 1)
	account := &mailchimpAccount{
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

func (a *mailchimpAccount) add(name string, members int) {
	n := len(a.audiences) + 1
	a.audiences = append(a.audiences, audience{
		id:      fmt.Sprintf("%010x", (a.userID*7919+int64(n)*104729)%(1<<40)),
		webID:   int(a.userID%100000)*10 + n,
		name:    name,
		members: members,
	})
}

func (s *mailchimpState) hire(key, name, email string, seats ...mailchimpSeat) {
	first, last, _ := strings.Cut(name, " ")
	s.people[key] = &mailchimpPerson{
		loginID: 72100000 + int64(len(s.people)+1)*313,
		email:   email,
		first:   first,
		last:    last,
		seats:   seats,
	}
}

// seatIn is a person's place in an account; false: they have none, or no more.
func (s *mailchimpState) seatIn(key string, account *mailchimpAccount) (mailchimpSeat, bool) {
	person := s.people[key]
	if person == nil {
		return mailchimpSeat{}, false
	}
	i := slices.IndexFunc(person.seats, func(seat mailchimpSeat) bool { return seat.account == account })
	if i < 0 {
		return mailchimpSeat{}, false
	}
	return person.seats[i], true
}

func (w *World) mailchimpHandler(s *Server) http.Handler {
	login, api := http.NewServeMux(), http.NewServeMux()
	w.mailchimpServe(login, mailchimpTokenEndpoint(), w.mailchimpTokenCall)
	w.mailchimpServe(login, mailchimpMetadataEndpoint(), w.mailchimpMetadata)
	login.Handle("/oauth2/token", w.answering(func(*http.Request) Response {
		return mailchimpTokenError("invalid_request", "The token endpoint is called by POST.")
	}))
	w.mailchimpServe(api, mailchimpPingEndpoint(), w.mailchimpCall((*World).mailchimpPing))
	w.mailchimpServe(api, mailchimpRootEndpoint(), w.mailchimpCall((*World).mailchimpRoot))
	w.mailchimpServe(api, mailchimpListsEndpoint(), w.mailchimpCall((*World).mailchimpLists))
	for _, mux := range []*http.ServeMux{login, api} {
		mux.Handle("/", w.answering(func(*http.Request) Response {
			return mailchimpProblem(http.StatusNotFound, "Resource Not Found", "The requested resource could not be found.")
		}))
	}

	pages := http.NewServeMux()
	w.sessionPages(pages, platformMailchimp)
	pages.Handle("GET /oauth2/authorize", w.answering(w.mailchimpAuthorize))
	pages.Handle("GET /oauth2/{account}/authorize", w.answering(w.mailchimpAuthorize))
	pages.Handle("POST /oauth2/choose", w.answering(w.mailchimpChoose))
	pages.Handle("POST /oauth2/decide", w.answering(w.mailchimpDecide))

	behind := w.front(s, HostRouter{
		platform: platformMailchimp,
		Hosts:    mailchimpLogin + " and DC" + mailchimpAPI,
		IsHost:   func(host string) bool { return host == mailchimpLogin || mailchimpDC(host) != "" },
		Calls: http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if r.Host == mailchimpLogin {
				login.ServeHTTP(rw, r)
				return
			}
			api.ServeHTTP(rw, r)
		}),
		Pages: pages,
	})
	return w.mailchimpLimited(behind)
}

// mailchimpDC is the data centre in the name of an API host; empty: it is none.
func mailchimpDC(host string) string {
	dc, ok := strings.CutSuffix(host, mailchimpAPI)
	if !ok || strings.Contains(dc, ".") {
		return ""
	}
	return dc
}

// mailchimpLimited refuses the eleventh call that a user has under way at the
// same time. A call counts from its arrival, also while the platform is slow.
// https://mailchimp.com/developer/marketing/docs/fundamentals/
func (w *World) mailchimpLimited(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if mailchimpDC(r.Host) == "" {
			next.ServeHTTP(rw, r)
			return
		}
		w.mu.Lock()
		token := w.mailchimp.tokens[mailchimpCredential(r)]
		if token == nil {
			w.mu.Unlock()
			next.ServeHTTP(rw, r)
			return
		}
		person := token.person
		full := w.mailchimp.atOnce[person] >= mailchimpAtOnce
		if !full {
			w.mailchimp.atOnce[person]++
		}
		w.mu.Unlock()
		if full {
			mailchimpTooMany().Send(rw)
			return
		}
		defer func() {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.mailchimp.atOnce[person] = max(0, w.mailchimp.atOnce[person]-1) // a reset meanwhile has forgotten it
		}()
		next.ServeHTTP(rw, r)
	})
}

// mailchimpCredential is the token of a call, as "Bearer" or as "OAuth".
func mailchimpCredential(r *http.Request) string {
	kind, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if kind != "Bearer" && kind != "OAuth" {
		return ""
	}
	return token
}
