package sandbox

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	googleScope     = "https://www.googleapis.com/auth/drive.file"
	googleSheetType = "application/vnd.google-apps.spreadsheet"
	googleIssuer    = "https://accounts.google.com"

	googleAccessLife = 3599 * time.Second

	// An unused refresh token is dead after half a year, one of an app in
	// testing after a week, used or not.
	googleIdleLife    = 180 * 24 * time.Hour
	googleTestingLife = 7 * 24 * time.Hour

	// So many refresh tokens of one person live in one app: the next one ends
	// the oldest.
	googleRefreshTokens = 100

	// The Sheets API takes so many calls in a minute from one person.
	googleCalls  = 60
	googleWindow = time.Minute
)

// googleState is everything Google remembers.
type googleState struct {
	people  map[string]*googlePerson
	files   map[string]*googleFile
	grants  map[string]*googleGrant // by person: what they have given to the app
	access  map[string]*googleToken
	refresh map[string]*googleToken
}

type googlePerson struct {
	id      string // Drive's permissionId
	email   string
	blocked bool        // the admin of their Workspace lets no unknown app in
	calls   []time.Time // of the last googleWindow, in real time
}

// googleFile is one spreadsheet. Who is not in shared does not see it.
type googleFile struct {
	id      string
	title   string
	owner   string          // a person's key; empty: it is in a shared drive
	shared  map[string]bool // by person's key: whether they may change it
	trashed bool
	tabs    []*googleTab
}

type googleTab struct {
	title string
	rows  [][]any // a cell is a string, a number or a bool
}

// googleGrant is what one person has given to the app. Ending it ends every
// token that hangs on it, whoever holds it.
type googleGrant struct {
	person string
	files  map[string]bool // the app may open these: picked, or made by it
	dead   bool
	live   []*googleToken // refresh tokens, the oldest first
}

type googleToken struct {
	grant *googleGrant
	ends  time.Time // zero: none of its own
	used  time.Time // of a refresh token
	dead  bool
}

func googlePretend() pretend {
	return pretend{
		name: platformGoogleSheets, title: "Google",
		app: Credentials{
			"584219307762-k3v9q1m7pd2s5t8w0x4y6z.apps.googleusercontent.com", "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",
		},
		rules:     OAuthRules{HTTPHosts: []string{"localhost"}},
		endpoints: googleEndpoints,
		serves:    (*World).googleHandler,
		reset:     func(w *World) { *w.google = *newGoogleState() },
		people:    googlePeople,
		faults:    googleFaults,
		actions:   googleActions,
		act:       (*World).googleAct,
		nameable:  (*World).googleNameable,
		settle:    (*World).googleSettle,
		accounts:  (*World).googleTitles,
	}
}

func googleFaults() []Fault {
	return slices.Concat(TransportFaults(), SignInFaults(), []Fault{
		{"admin_blocks", "The Workspace’s admin lets this app in no more; nobody comes back", true},
		{"not_a_tester", "The app is in testing and the person is no tester; nobody comes back", true},
		{"testing", "The app is in testing: refresh tokens live for seven days", false},
		{"no_refresh_token", "An exchange gives no refresh token", true},
		{"session_rule", "The company lets sign-ins end after a while (invalid_rapt)", true},
		{"client_disabled", "The app was disabled", false},
		{"api_disabled", "The operator has not enabled the Drive and Sheets APIs", false},
		{"scope_lost", "The access token has lost its scope", true},
		{"slow_revoke", "What is revoked works on for a while", false},
	})
}

func googlePeople() []Person {
	return []Person{
		{"lars-holm", "Lars Holm", "Workspace: own sheets, one of a shared drive, one that he may only read"},
		{"priya-nair", "Priya Nair", "A personal account with two sheets"},
		{"marta-lindqvist", "Marta Lindqvist", "A personal account without any sheet"},
		{"tom-becker", "Tom Becker", "Workspace whose admin blocks the app"},
		{"ana-ruiz", "Ana Ruiz", "The agency’s own account, with one sheet"},
	}
}

func newGoogleState() *googleState {
	s := &googleState{
		people:  map[string]*googlePerson{},
		files:   map[string]*googleFile{},
		grants:  map[string]*googleGrant{},
		access:  map[string]*googleToken{},
		refresh: map[string]*googleToken{},
	}
	for key, p := range map[string]*googlePerson{
		"lars-holm":       {id: "06841273395517204418", email: "lars.holm@harbourpine.example"},
		"priya-nair":      {id: "11290457738120446692", email: "priya.nair@mail.example"},
		"marta-lindqvist": {id: "09917364420058137725", email: "marta.lindqvist@mail.example"},
		"tom-becker":      {id: "14405829917336002841", email: "tom.becker@alpenrose.example", blocked: true},
		"ana-ruiz":        {id: "03366120985541772930", email: "ana@northlight.example"},
	} {
		s.people[key] = p
	}
	for _, f := range []*googleFile{
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
		s.keep(f)
	}
	return s
}

// keep adds a file with a first tab, where it has none.
func (s *googleState) keep(f *googleFile) {
	if f.shared == nil {
		f.shared = map[string]bool{}
	}
	if f.owner != "" {
		f.shared[f.owner] = true
	}
	if f.tabs == nil {
		f.tabs = []*googleTab{
			{title: "Sheet1", rows: [][]any{{"Name", "Email"}, {"Maria Engel", "maria@customers.example"}}},
			{title: "Notes"},
		}
	}
	s.files[f.id] = f
}

// visible lists the files that a person sees, by title.
func (s *googleState) visible(person string) []*googleFile {
	var list []*googleFile
	for _, f := range s.files {
		if _, sees := f.shared[person]; sees && !f.trashed {
			list = append(list, f)
		}
	}
	slices.SortFunc(list, func(a, b *googleFile) int { return strings.Compare(a.title+a.id, b.title+b.id) })
	return list
}

// granted is a person's grant; the first consent makes it.
func (s *googleState) granted(person string) *googleGrant {
	grant := s.grants[person]
	if grant == nil || grant.dead {
		grant = &googleGrant{person: person, files: map[string]bool{}}
		s.grants[person] = grant
	}
	return grant
}

// newRefresh gives a person one more refresh token.
func (s *googleState) newRefresh(grant *googleGrant, now, ends time.Time) string {
	value := "1//0g" + RandomHex(48)
	token := &googleToken{grant: grant, used: now, ends: ends}
	s.refresh[value] = token
	grant.live = append(slices.DeleteFunc(grant.live, func(t *googleToken) bool { return t.dead }), token)
	if len(grant.live) > googleRefreshTokens {
		grant.live[0].dead = true
		grant.live = grant.live[1:]
	}
	return value
}

// googleHosts are the names that calls go to. Each operation is at one of them.
func googleHosts() []string {
	return []string{
		"oauth2.googleapis.com", "openidconnect.googleapis.com", "sheets.googleapis.com", "www.googleapis.com",
	}
}

func (w *World) googleHandler(s *Server) http.Handler {
	calls := http.NewServeMux()
	for _, op := range googleOperations() {
		serve := func(r *http.Request) Response { return op.serve(w, op.Endpoint, r) }
		calls.Handle(op.Method+" "+op.host+op.Path, w.answering(serve))
	}
	calls.Handle("POST oauth2.googleapis.com/token", w.answering(w.googleToken))
	calls.Handle("/", w.answering(func(r *http.Request) Response {
		a := RawPage(http.StatusNotFound, "Error 404 (Not Found)")
		return a.With("X-Sandbox", "There is nothing at "+r.Method+" "+r.Host+r.URL.Path)
	}))

	pages := http.NewServeMux()
	w.sessionPages(pages, platformGoogleSheets)
	pages.Handle("GET /o/oauth2/v2/auth", w.answering(w.googleAuth))
	pages.Handle("POST /signin/account", w.answering(w.googleAccount))
	pages.Handle("GET /signin/consent", w.answering(w.googleConsent))
	pages.Handle("POST /signin/decide", w.answering(w.googleDecide))
	pages.Handle("GET /picker", w.answering(w.googlePicker))
	pages.Handle("POST /picker/done", w.answering(w.googlePicked))

	return w.front(s, HostRouter{
		platform: platformGoogleSheets,
		Hosts:    strings.Join(googleHosts(), ", "),
		IsHost:   func(host string) bool { return slices.Contains(googleHosts(), host) },
		Calls:    calls,
		Pages:    pages,
	})
}

// googleOperation is one call of the API, and the host that takes it.
type googleOperation struct {
	Endpoint
	host  string
	serve func(*World, Endpoint, *http.Request) Response
}

func googleEndpoints() []Endpoint {
	list := []Endpoint{googleExchangeEndpoint(), googleRefreshEndpoint()}
	for _, op := range googleOperations() {
		list = append(list, op.Endpoint)
	}
	return list
}

// googleSettle gives a client's person a sheet for each of its accounts. Their
// ids follow from the order in which clients come.
func (w *World) googleSettle(key string, c Client) {
	w.google.people[key] = &googlePerson{id: fmt.Sprintf("0770%016d", len(w.google.people)), email: c.Email}
	for _, name := range c.Accounts {
		w.google.keep(&googleFile{id: fmt.Sprintf("1DmSheetOfAClient_%026d", len(w.google.files)), title: name, owner: key})
	}
}

// googleTitles names the sheets that a person sees, as the Picker shows them.
func (w *World) googleTitles(key string) []string {
	if w.google.people[key] == nil {
		return nil
	}
	var names []string
	for _, f := range w.google.visible(key) {
		names = append(names, f.title)
	}
	return names
}

// GoogleView is what people have given to the app.
type GoogleView struct {
	Grants []GoogleGrantView `json:"grants"`
}

// GoogleGrantView is what one person has given to the app.
type GoogleGrantView struct {
	Person        string   `json:"person"`
	Sheets        []string `json:"sheets"` // titles of those that the app may open
	RefreshTokens int      `json:"refresh_tokens"`
	Alive         bool     `json:"alive"`
}

// googleView lists what people have given; the caller has the lock.
func (w *World) googleView() GoogleView {
	view := GoogleView{Grants: []GoogleGrantView{}}
	for _, key := range slices.Sorted(maps.Keys(w.google.grants)) {
		grant := w.google.grants[key]
		one := GoogleGrantView{Person: key, Sheets: []string{}, RefreshTokens: len(grant.live), Alive: !grant.dead}
		for id := range grant.files {
			if f := w.google.files[id]; f != nil {
				one.Sheets = append(one.Sheets, f.title)
			}
		}
		slices.Sort(one.Sheets)
		view.Grants = append(view.Grants, one)
	}
	return view
}
