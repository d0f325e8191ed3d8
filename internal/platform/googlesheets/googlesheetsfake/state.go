package googlesheetsfake

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

const (
	driveScope = "https://www.googleapis.com/auth/drive.file"
	sheetType  = "application/vnd.google-apps.spreadsheet"
	issuer     = "https://accounts.google.com"

	accessLife = 3599 * time.Second

	// An unused refresh token expires after half a year, one of an app in
	// testing after a week, used or not.
	idleLife    = 180 * 24 * time.Hour
	testingLife = 7 * 24 * time.Hour

	// The limit of refresh tokens per person and app; the next one revokes the
	// oldest.
	refreshTokenLimit = 100

	// The Sheets API's calls per minute and person.
	callLimit  = 60
	callWindow = time.Minute
)

// state is the state of the fake Google.
type state struct {
	people  map[string]*account
	files   map[string]*spreadsheet
	grants  map[string]*consentGrant // by person
	access  map[string]*issuedToken
	refresh map[string]*issuedToken
}

type account struct {
	id      string // Drive's permissionId
	email   string
	blocked bool        // the Workspace admin blocks unknown apps
	calls   []time.Time // of the last googleWindow, in real time
}

// spreadsheet is one spreadsheet. Only people in shared see it.
type spreadsheet struct {
	id      string
	title   string
	owner   string          // a person's key; empty: in a shared drive
	shared  map[string]bool // by person's key: whether they may change it
	trashed bool
	tabs    []*sheetTab
}

type sheetTab struct {
	title string
	rows  [][]any // a cell is a string, a number or a bool
}

// consentGrant is what one person has granted to the app. Revoking it revokes
// all of its tokens.
type consentGrant struct {
	person string
	files  map[string]bool // files that the app may open: picked, or created by it
	dead   bool
	live   []*issuedToken // refresh tokens, oldest first
}

type issuedToken struct {
	grant *consentGrant
	ends  time.Time // expiry; zero: none
	used  time.Time // last use of a refresh token
	dead  bool
}

func faults() []sandbox.Fault {
	return slices.Concat(sandbox.TransportFaults(), sandbox.SignInFaults(), []sandbox.Fault{
		{Name: "admin_blocks", Says: "The Workspace’s admin lets this app in no more; nobody comes back", PerPerson: true},
		{Name: "not_a_tester", Says: "The app is in testing and the person is no tester; nobody comes back", PerPerson: true},
		{Name: "testing", Says: "The app is in testing: refresh tokens live for seven days"},
		{Name: "no_refresh_token", Says: "An exchange gives no refresh token", PerPerson: true},
		{Name: "session_rule", Says: "The company lets sign-ins end after a while (invalid_rapt)", PerPerson: true},
		{Name: "client_disabled", Says: "The app was disabled"},
		{Name: "api_disabled", Says: "The operator has not enabled the Drive and Sheets APIs"},
		{Name: "scope_lost", Says: "The access token has lost its scope", PerPerson: true},
		{Name: "slow_revoke", Says: "What is revoked works on for a while"},
	})
}

func people() []sandbox.Person {
	return []sandbox.Person{
		{
			Person: "lars-holm",
			Name:   "Lars Holm",
			Says:   "Workspace: own sheets, one of a shared drive, one that he may only read",
		},
		{Person: "priya-nair", Name: "Priya Nair", Says: "A personal account with two sheets"},
		{Person: "marta-lindqvist", Name: "Marta Lindqvist", Says: "A personal account without any sheet"},
		{Person: "tom-becker", Name: "Tom Becker", Says: "Workspace whose admin blocks the app"},
		{Person: "ana-ruiz", Name: "Ana Ruiz", Says: "The agency’s own account, with one sheet"},
	}
}

func newState() *state {
	s := &state{
		people:  map[string]*account{},
		files:   map[string]*spreadsheet{},
		grants:  map[string]*consentGrant{},
		access:  map[string]*issuedToken{},
		refresh: map[string]*issuedToken{},
	}
	for key, p := range map[string]*account{
		"lars-holm":       {id: "06841273395517204418", email: "lars.holm@harbourpine.example"},
		"priya-nair":      {id: "11290457738120446692", email: "priya.nair@mail.example"},
		"marta-lindqvist": {id: "09917364420058137725", email: "marta.lindqvist@mail.example"},
		"tom-becker":      {id: "14405829917336002841", email: "tom.becker@alpenrose.example", blocked: true},
		"ana-ruiz":        {id: "03366120985541772930", email: "ana@northlight.example"},
	} {
		s.people[key] = p
	}
	for _, file := range []*spreadsheet{
		{id: "1Hp4LeadsAutumnCampaign_x7Qm2VbTnR5wKc8ZsYdJ", title: "Leads autumn campaign", owner: "lars-holm"},
		{id: "1Hp4NewsletterSignups-k3Vq9TmXb2RwLc7ZsYdJ5nE", title: "Newsletter sign-ups", owner: "lars-holm"},
		{
			id: "1Hp4SharedDriveTradeFair_m8Rt3QxVb6WcLk2ZsYd", title: "Trade fair contacts",
			shared: map[string]bool{"lars-holm": true},
		},
		{
			id: "1Kw7OnlyReadPriceList_t5Yb9NcXr3QmVk6ZsWdHpJ", title: "Price list 2026", owner: "ana-ruiz",
			shared: map[string]bool{"lars-holm": false},
		},
		{id: "1Lu2ContactLensWaitingList_b4Tn8RxQm5VcKw7ZsY", title: "Waiting list", owner: "priya-nair"},
		{id: "1Lu2EyeTestBookings-w9Kc3ZsYd6JpHe2TmVxQbRn", title: "Eye test bookings", owner: "priya-nair"},
	} {
		s.keep(file)
	}
	return s
}

// keep adds a file, with a first tab if it has none.
func (s *state) keep(file *spreadsheet) {
	if file.shared == nil {
		file.shared = map[string]bool{}
	}
	if file.owner != "" {
		file.shared[file.owner] = true
	}
	if file.tabs == nil {
		file.tabs = []*sheetTab{
			{title: "Sheet1", rows: [][]any{{"Name", "Email"}, {"Maria Engel", "maria@customers.example"}}},
			{title: "Notes"},
		}
	}
	s.files[file.id] = file
}

// visible lists the files that a person sees, by title.
func (s *state) visible(person string) []*spreadsheet {
	var list []*spreadsheet
	for _, file := range s.files {
		if _, sees := file.shared[person]; sees && !file.trashed {
			list = append(list, file)
		}
	}
	slices.SortFunc(list, func(a, b *spreadsheet) int { return strings.Compare(a.title+a.id, b.title+b.id) })
	return list
}

// granted returns a person's grant and creates it at the first consent.
func (s *state) granted(person string) *consentGrant {
	grant := s.grants[person]
	if grant == nil || grant.dead {
		grant = &consentGrant{person: person, files: map[string]bool{}}
		s.grants[person] = grant
	}
	return grant
}

// newRefresh issues another refresh token.
func (s *state) newRefresh(grant *consentGrant, now, ends time.Time) string {
	value := "1//0g" + sandbox.RandomHex(48)
	token := &issuedToken{grant: grant, used: now, ends: ends}
	s.refresh[value] = token
	grant.live = append(slices.DeleteFunc(grant.live, func(t *issuedToken) bool { return t.dead }), token)
	if len(grant.live) > refreshTokenLimit {
		grant.live[0].dead = true
		grant.live = grant.live[1:]
	}
	return value
}

// hosts are the hosts of the API. Each operation has one of them.
func hosts() []string {
	return []string{
		"oauth2.googleapis.com", "openidconnect.googleapis.com", "sheets.googleapis.com", "www.googleapis.com",
	}
}

// Handler serves the API and the pages.
func (f *Fake) Handler() http.Handler {
	calls := http.NewServeMux()
	for _, op := range operations() {
		serve := func(r *http.Request) sandbox.Response { return op.serve(f, op.Endpoint, r) }
		calls.Handle(op.Method+" "+op.host+op.Path, f.serve(serve))
	}
	calls.Handle("POST oauth2.googleapis.com/token", f.serve(f.tokenCall))
	calls.Handle("/", f.serve(func(r *http.Request) sandbox.Response {
		a := sandbox.RawPage(http.StatusNotFound, "Error 404 (Not Found)")
		return a.With("X-Sandbox", "There is nothing at "+r.Method+" "+r.Host+r.URL.Path)
	}))

	pages := http.NewServeMux()
	f.env.SessionPages(pages)
	pages.Handle("GET /o/oauth2/v2/auth", f.serve(f.auth))
	pages.Handle("POST /signin/account", f.serve(f.chooseAccount))
	pages.Handle("GET /signin/consent", f.serve(f.consent))
	pages.Handle("POST /signin/decide", f.serve(f.decide))
	pages.Handle("GET /picker", f.serve(f.picker))
	pages.Handle("POST /picker/done", f.serve(f.picked))

	return f.env.Route(sandbox.HostRouter{

		Hosts:  strings.Join(hosts(), ", "),
		IsHost: func(host string) bool { return slices.Contains(hosts(), host) },
		Calls:  calls,
		Pages:  pages,
	})
}

// operation is one API call and its host.
type operation struct {
	sandbox.Endpoint
	host  string
	serve func(*Fake, sandbox.Endpoint, *http.Request) sandbox.Response
}

func endpoints() []sandbox.Endpoint {
	list := []sandbox.Endpoint{exchangeEndpoint(), refreshEndpoint()}
	for _, op := range operations() {
		list = append(list, op.Endpoint)
	}
	return list
}

// AddClient gives a client's person a sheet for each of its accounts. The ids
// depend on the order of the clients.
func (f *Fake) AddClient(key string, c sandbox.Client) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.state.people[key] = &account{id: fmt.Sprintf("0770%016d", len(f.state.people)), email: c.Email}
	for _, name := range c.Accounts {
		f.state.keep(&spreadsheet{id: fmt.Sprintf("1DmSheetOfAClient_%026d", len(f.state.files)), title: name, owner: key})
	}
}

// Accounts lists the sheets that a person sees, as in the Picker.
func (f *Fake) Accounts(key string) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.state.people[key] == nil {
		return nil
	}
	var names []string
	for _, file := range f.state.visible(key) {
		names = append(names, file.title)
	}
	return names
}

// View lists the grants to the app.
type View struct {
	Grants []GrantView `json:"grants"`
}

// GrantView is one person's grant.
type GrantView struct {
	Person        string   `json:"person"`
	Sheets        []string `json:"sheets"` // titles of the sheets that the app may open
	RefreshTokens int      `json:"refresh_tokens"`
	Alive         bool     `json:"alive"`
}

// View lists the grants. The caller holds the lock.
func (f *Fake) View() any {
	f.mu.Lock()
	defer f.mu.Unlock()
	view := View{Grants: []GrantView{}}
	for _, key := range slices.Sorted(maps.Keys(f.state.grants)) {
		grant := f.state.grants[key]
		one := GrantView{Person: key, Sheets: []string{}, RefreshTokens: len(grant.live), Alive: !grant.dead}
		for id := range grant.files {
			if file := f.state.files[id]; file != nil {
				one.Sheets = append(one.Sheets, file.title)
			}
		}
		slices.Sort(one.Sheets)
		view.Grants = append(view.Grants, one)
	}
	return view
}
