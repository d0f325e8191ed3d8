package wizard_test

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

// wizardRow is an address for clients, and who may use it when.
type wizardRow struct {
	route  string // as the table of routes writes it
	at     string // what follows the link or the visit; "{sign}" is a sign-in that is open
	form   url.Values
	door   door
	status int    // for the visit's own browser, while the link works
	to     string // what the address it redirects to ends with
}

// door is whom an address lets in.
type door string

const (
	ofLink   door = "link"     // the link's own pages: on a computer, while the link works
	anywhere door = "anywhere" // of the link, whatever became of it, on phones too
	ofStep   door = "step"     // with the visit's cookie, on a computer, while the link works
	ofVisit  door = "visit"    // with the visit's cookie, whatever became of the link
	ofEnd    door = "finish"   // as a step; the receipt of the one who finished stays
	ofMail   door = "email"    // below an email, for whoever has it
	apart    door = "apart"    // has a test of its own
)

// look is a row for a page, press one for a form.
func look(by door, route, at string, status int, to ...string) wizardRow {
	return wizardRow{route: route, at: at, door: by, status: status, to: strings.Join(to, "")}
}

func press(by door, route, at string, form url.Values, status int, to ...string) wizardRow {
	return wizardRow{route: route, at: at, form: form, door: by, status: status, to: strings.Join(to, "")}
}

var reason = url.Values{"reason": {"We do not use it"}}

// wizardRows are in the order in which one visitor can ask them all.
func wizardRows() []wizardRow {
	about := url.Values{"name": {"Marta Lind"}, "email": {"marta@harbourpine.example"}}
	aSign := "/leaving/{sign}"
	keyForm := "/platforms/activecampaign/key"
	domain := url.Values{"option": {"production"}}
	later := url.Values{"said": {"later"}}
	return []wizardRow{
		look(ofLink, "GET /r/{token}", "", 200),
		press(ofLink, "POST /r/{token}", "", url.Values{}, 303, "/about"),
		look(ofLink, "GET /r/{token}/about", "/about", 200),
		press(ofLink, "POST /r/{token}/about", "/about", about, 303),
		look(ofLink, "GET /r/{token}/decline", "/decline", 303, "/decline"),
		press(ofLink, "POST /r/{token}/decline", "/decline", about, 303, "/decline"),
		look(ofLink, "GET /r/{token}/started", "/started", 303),
		press(anywhere, "POST /r/{token}/email-me", "/email-me", url.Values{"email": {"nobody@elsewhere.example"}}, 200),
		press(anywhere, "POST /r/{token}/ask", "/ask", url.Values{}, 303),
		press(anywhere, "POST /r/{token}/send-again", "/send-again", url.Values{}, 303),
		{route: "GET /r/{token}/keep", door: apart}, // of a receipt: receipt_test.go
		{route: "GET /r/{token}/withdraw/{item}", door: apart},
		{route: "POST /r/{token}/withdraw/{item}", door: apart},
		look(anywhere, "GET /r/{token}/genuine", "/genuine", 200),
		look(anywhere, "GET /r/{token}/help", "/help", 200),
		look(anywhere, "GET /r/{token}/report", "/report", 200),
		press(anywhere, "POST /r/{token}/report", "/report", url.Values{"text": {"odd"}}, 200),

		look(ofMail, "GET /l/{token}/genuine", "/genuine", 200),
		look(ofMail, "GET /l/{token}/report", "/report", 200),
		press(ofMail, "POST /l/{token}/report", "/report", url.Values{"text": {"odd"}}, 200),
		look(ofMail, "GET /l/{token}/not-for-me", "/not-for-me", 200),
		press(ofMail, "POST /l/{token}/not-for-me", "/not-for-me", url.Values{}, 200),

		look(ofStep, "GET /w/{visit}", "", 303, "/summary"),
		look(ofStep, "GET /w/{visit}/facebook", "/facebook", 303, "/facebook/assets"),
		look(ofStep, "GET /w/{visit}/facebook/assets", "/facebook/assets", 200),
		look(ofStep, "GET /w/{visit}/facebook/why/{asset}", "/facebook/why/act_10294410093", 200),
		look(ofStep, "GET /w/{visit}/facebook/by-hand", "/facebook/by-hand", 200),
		press(ofStep, "POST /w/{visit}/facebook/reload", "/facebook/reload", url.Values{}, 303, "/facebook/assets"),
		press(ofStep, "POST /w/{visit}/facebook/connect", "/facebook/connect", url.Values{}, 303, "/facebook/assets"),
		look(ofStep, "GET /w/{visit}/facebook/partner", "/facebook/partner", 200),
		press(ofStep, "POST /w/{visit}/facebook/partner", "/facebook/partner", url.Values{"kind": {"page"}}, 422),
		press(ofStep, "POST /w/{visit}/facebook/partner/{item}/remove", "/facebook/partner/none/remove", url.Values{}, 303,
			"/facebook/partner"),
		press(ofStep, "POST /w/{visit}/facebook/look", "/facebook/look", url.Values{}, 303, "/facebook/by-hand"),
		press(ofStep, "POST /w/{visit}/facebook/add", "/facebook/add", url.Values{}, 303, "/facebook/leaving/{sign}"),
		look(ofStep, "GET /w/{visit}/facebook/leaving/{sign}", "/facebook/leaving/{sign}", 200),
		press(ofStep, "POST /w/{visit}/facebook/again", "/facebook/again", url.Values{}, 303, "/facebook/leaving/{sign}"),
		look(ofStep, "GET /w/{visit}/facebook/error-page", "/facebook/error-page", 200),
		press(ofStep, "POST /w/{visit}/facebook/error-page", "/facebook/error-page", later, 303,
			"/facebook/error-page/later"),
		look(ofStep, "GET /w/{visit}/facebook/error-page/{said}", "/facebook/error-page/later", 200),
		press(ofStep, "POST /w/{visit}/facebook/not-you", "/facebook/not-you", url.Values{}, 303, "/facebook"),
		look(ofStep, "GET /w/{visit}/platforms", "/platforms", 200),
		look(ofStep, "GET /w/{visit}/platforms/{service}/result", "/platforms/hubspot/result", 200),
		press(ofStep, "POST /w/{visit}/platforms/{service}/add", "/platforms/hubspot/add", url.Values{}, 303, aSign),
		look(ofStep, "GET /w/{visit}/platforms/{service}/leaving/{sign}", "/platforms/hubspot/leaving/{sign}", 200),
		look(ofStep, "GET /w/{visit}/platforms/{service}/before", "/platforms/salesforce/before", 200),
		press(ofStep, "POST /w/{visit}/platforms/{service}/before", "/platforms/salesforce/before", domain, 303, aSign),
		look(ofStep, "GET /w/{visit}/platforms/{service}/error-page", "/platforms/salesforce/error-page", 200),
		press(ofStep, "POST /w/{visit}/platforms/{service}/error-page", "/platforms/salesforce/error-page", later, 303,
			"/platforms/salesforce/error-page/later"),
		look(ofStep, "GET /w/{visit}/platforms/{service}/error-page/{said}", "/platforms/salesforce/error-page/denied", 200),
		look(ofStep, "GET /w/{visit}/platforms/{service}/key", keyForm, 200),
		press(ofStep, "POST /w/{visit}/platforms/{service}/key", keyForm, url.Values{}, 422),
		look(ofStep, "GET /w/{visit}/skip/{what}", "/skip/salesforce", 200),
		press(ofStep, "POST /w/{visit}/skip/{what}", "/skip/salesforce", reason, 303, "/summary"),
		look(ofStep, "GET /w/{visit}/hand-over/{what}", "/hand-over/salesforce", 200),
		press(ofStep, "POST /w/{visit}/hand-over/{what}", "/hand-over/salesforce",
			url.Values{"email": {"lars@harbourpine.example"}}, 303, "/sent"),
		look(ofStep, "GET /w/{visit}/hand-over/{what}/sent", "/hand-over/salesforce/sent", 200),
		look(ofStep, "GET /w/{visit}/decline", "/decline", 200),
		press(ofStep, "POST /w/{visit}/decline", "/decline", reason, 303, "/decline"),
		look(ofStep, "GET /w/{visit}/summary", "/summary", 200),
		press(ofVisit, "POST /w/{visit}/ask", "/ask", url.Values{}, 303),
		press(ofVisit, "POST /w/{visit}/send-again", "/send-again", url.Values{}, 303),
		look(ofVisit, "GET /w/{visit}/genuine", "/genuine", 200),
		look(ofVisit, "GET /w/{visit}/help", "/help", 200),
		look(ofVisit, "GET /w/{visit}/report", "/report", 200),
		press(ofVisit, "POST /w/{visit}/report", "/report", url.Values{"text": {"odd"}}, 200),
		press(ofVisit, "POST /w/{visit}/receipt", "/receipt", url.Values{}, 404),
		press(ofEnd, "POST /w/{visit}/finish", "/finish", url.Values{}, 303, "/done"),
		look(ofEnd, "GET /w/{visit}/done", "/done", 200),
		press(ofLink, "POST /r/{token}/someone-else", "/someone-else", url.Values{}, 410), // it is finished by now

		{route: "GET /callback/{platform}", door: apart}, // signin_test.go, and below
		{route: "GET /connect/{code}", door: apart},
		{route: "POST /connect/{code}", door: apart},
		{route: "GET /connect/{code}/leaving", door: apart},
		{route: "GET /open/{route...}", door: apart},
		{route: "GET /help", door: apart}, // what belongs to no link is for everybody: safety_test.go
		{route: "GET …", door: apart},
		{route: "GET /brand/{file}", door: apart},
		{route: "GET /logo/{agency}/{file}", door: apart},
		{route: "GET /touch.css", door: apart},
		{route: "GET /touch", door: apart},
		{route: "GET /robots.txt", door: apart}, // legal_test.go, with the texts
		{route: "GET /{$}", door: apart},
		{route: "GET /checkup/{code}", door: apart},
		{route: "GET /leaving/{platform}", door: apart}, // of an agency's own domain: journey/domains_test.go
		{route: "GET /domain-allowed", door: apart},
		{route: "GET /privacy", door: apart},
		{route: "GET /terms", door: apart},
		{route: "GET /data-deletion", door: apart},
		{route: "GET /data-deletion/status/{code}", door: apart}, // platformcalls_test.go
		{route: "POST /data-deletion/{platform}", door: apart},
		{route: "POST /deauthorize/{platform}", door: apart},
		{route: "GET /healthz", door: apart},
		{route: "GET /readyz", door: apart},
	}
}

// routesOf reads the routes that a package's own code serves, as its calls of
// Handle and HandleFunc write them; "…" stands for what is no constant.
func routesOf(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	named := map[string]ast.Expr{}
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ".go") || strings.HasSuffix(entry.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path.Join(folder, entry.Name()), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
		ast.Inspect(file, func(n ast.Node) bool {
			if value, is := n.(*ast.ValueSpec); is && len(value.Values) == len(value.Names) {
				for i, name := range value.Names {
					named[name.Name] = value.Values[i]
				}
			}
			return true
		})
	}
	var text func(of ast.Expr) string
	text = func(of ast.Expr) string {
		switch x := of.(type) {
		case *ast.BasicLit:
			if plain, err := strconv.Unquote(x.Value); err == nil {
				return plain
			}
		case *ast.BinaryExpr:
			return text(x.X) + text(x.Y)
		case *ast.Ident:
			if value, known := named[x.Name]; known {
				return text(value)
			}
		}
		return "…"
	}
	var routes []string
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			call, is := n.(*ast.CallExpr)
			if !is || len(call.Args) != 2 {
				return true
			}
			if of, is := call.Fun.(*ast.SelectorExpr); is && (of.Sel.Name == "Handle" || of.Sel.Name == "HandleFunc") {
				if route := text(call.Args[0]); strings.HasPrefix(route, "GET ") || strings.HasPrefix(route, "POST ") {
					routes = append(routes, route)
				}
			}
			return true
		})
	}
	return routes
}

func TestEveryRouteForClientsHasARow(t *testing.T) {
	served := append(routesOf(t, ".."), routesOf(t, ".")...)
	if len(served) < 50 {
		t.Fatalf("only %d routes were found: the table of routes is written another way", len(served))
	}
	rows := map[string]bool{}
	for _, row := range wizardRows() {
		if rows[row.route] {
			t.Errorf("%s has two rows", row.route)
		}
		rows[row.route] = true
	}
	for _, route := range served {
		if !rows[route] {
			t.Errorf("%s has no row: say who may open it, and when", route)
		}
	}
	for route := range rows {
		if !slices.Contains(served, route) {
			t.Errorf("%s has a row and is not served", route)
		}
	}
}

// asking is one column of the matrix: who asks, and what their pages have to be.
type asking struct {
	link, visit, email string // what the addresses begin with
	cookies, agent     string
	site               string // Sec-Fetch-Site; empty: same-origin
	sign               string // of a sign-in that is open
	// want is a door's status and a sentence on its page; a door that has none
	// answers with the row's own status.
	want map[door]answered
	post map[door]answered // the same for forms, where it is another
}

// answered is a status and what the page says, or where it leads.
type answered struct {
	status int
	says   string
}

// asks asks every row in one column.
func (a asking) asks(t *testing.T, s *relaytest.Scene, column string) {
	t.Helper()
	a.sign = cmp.Or(a.sign, "x")
	for _, row := range wizardRows() {
		base := a.visit
		switch row.door {
		case apart:
			continue
		case ofLink, anywhere:
			base = a.link
		case ofMail:
			base = a.email
		}
		method, want := http.MethodGet, answered{row.status, row.to}
		if special, has := a.want[row.door]; has {
			want = special
		}
		if row.form != nil {
			method = http.MethodPost
			if special, has := a.post[row.door]; has {
				want = special
			}
		}
		if base == "" || want.status == 0 {
			continue
		}
		header := map[string]string{"Sec-Fetch-Site": a.site, "Cookie": a.cookies}
		if a.site == "" {
			header["Sec-Fetch-Site"] = "same-origin"
		}
		if a.agent != "" {
			header["User-Agent"] = a.agent
		}
		at := base + strings.ReplaceAll(row.at, "{sign}", a.sign)
		answer, text := relaytest.Do(t, nil, method, at, row.form, header)
		to := answer.Header.Get("Location")
		says, known := want.says, strings.Contains(text, want.says)
		if answer.StatusCode == http.StatusSeeOther {
			if strings.HasSuffix(says, "{sign}") {
				a.sign = path.Base(to)
			}
			known = strings.HasSuffix(to, strings.ReplaceAll(says, "{sign}", a.sign))
		}
		if answer.StatusCode != want.status || !known {
			t.Errorf("%s, %s: got status %d, to %q, want %d and %q: %.200s",
				column, row.route, answer.StatusCode, to, want.status, says, text)
		}
	}
}

// cookiesOf are the cookies that a visitor's browser would send.
func cookiesOf(t *testing.T, s *relaytest.Scene, v *relaytest.Browser) string {
	t.Helper()
	at, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, cookie := range v.Jar().Cookies(at) {
		all = append(all, cookie.Name+"="+cookie.Value)
	}
	return strings.Join(all, "; ")
}

// visitOf is the address that a visitor's steps begin with.
func visitOf(v *relaytest.Browser) string {
	return strings.Join(strings.Split(v.Page.URL.String(), "/")[:5], "/")
}

// everywhere is the same answer for these doors.
func everywhere(status int, says string, doors ...door) map[door]answered {
	all := map[door]answered{}
	for _, one := range doors {
		all[one] = answered{status, says}
	}
	return all
}

const (
	onAComputer = "Please open this on a computer"
	elsewhere   = "This is another browser"
)

// walkedFarther is a visitor to whom every step is open, and the page below
// an email of their request.
func walkedFarther(t *testing.T) (s *relaytest.Scene, v *relaytest.Browser, link, email string) {
	t.Helper()
	s = relaytest.NewScene(t)
	id, link := s.Request(onboarding.Facebook, onboarding.HubSpot, onboarding.ActiveCampaign, onboarding.Salesforce)
	if err := s.Hub.Outbox.Send(t.Context(), id, []string{"stranger@elsewhere.example"}); err != nil {
		t.Fatal(err)
	}
	s.Sync()
	v = s.Browser()
	v.SignInAtFacebook(link, "Mina Ito")
	v.Tick("Harbour & Pine EU")
	v.Press("Connect Assets")
	v.Follow("Next Step")
	v.Press("Add HubSpot")
	v.Follow("Proceed")
	v.Press("Lars Holm")
	v.Press("Harbour & Pine AB")
	v.Press("Allow")
	for _, service := range []string{"activecampaign", "salesforce"} {
		answer, _ := relaytest.Do(t, v.Jar(), http.MethodPost, visitOf(v)+"/skip/"+service, reason, relaytest.SameOrigin())
		if answer.StatusCode != http.StatusSeeOther {
			t.Fatalf("skipping %s: status %d", service, answer.StatusCode)
		}
	}
	mail, err := s.World.Mail.Await(t.Context(), func(m sandbox.Message) bool {
		return slices.Contains(m.To, "stranger@elsewhere.example")
	})
	if err != nil {
		t.Fatal(err)
	}
	_, below, found := strings.Cut(mail.Text, s.URL+"/l/")
	if !found {
		t.Fatalf("the email has no page below it: %s", mail.Text)
	}
	return s, v, link, s.URL + "/l/" + below[:strings.Index(below, "/")]
}

func TestEveryAddressForClientsKnowsWhoMayOpenIt(t *testing.T) {
	s, v, link, email := walkedFarther(t)
	own, visit := cookiesOf(t, s, v), visitOf(v)

	colleague := s.Browser()
	colleague.Enter(link, "Otto Berg", "otto@harbourpine.example")
	stranger := s.Browser()
	stranger.Enter(s.Link(onboarding.HubSpot), "Eve Moss", "eve@elsewhere.example")
	_, value, _ := strings.Cut(cookiesOf(t, s, stranger), "=")
	name, _, _ := strings.Cut(own, "=")

	steps := []door{ofStep, ofVisit, ofEnd}
	everybody := append([]door{ofLink, anywhere, ofMail}, steps...)
	refused := func(with map[door]answered) map[door]answered {
		all := everywhere(0, "", ofLink, anywhere, ofMail) // they do not ask for a cookie
		maps.Copy(all, with)
		return all
	}
	before := relaytest.SettledDigest(t, s)
	noCookie := refused(everywhere(403, elsewhere, steps...))
	phone := everywhere(200, "", anywhere, ofMail, ofVisit)
	maps.Copy(phone, everywhere(403, onAComputer, ofStep, ofEnd))
	phone[ofLink] = answered{200, onAComputer}
	noEmail := everywhere(410, "This link has expired", ofLink, anywhere) // it opens nothing
	noEmail[ofMail] = answered{404, "There is no page at this address"}
	for column, a := range map[string]asking{
		"a phone": {
			link: link, visit: visit, email: email, cookies: own, agent: relaytest.IPhone, want: phone,
			post: map[door]answered{ofLink: {403, onAComputer}, anywhere: {}, ofMail: {}, ofVisit: {}},
		},
		"no cookie":                     {visit: visit, want: noCookie},
		"the cookie of another request": {visit: visit, cookies: cookiesOf(t, s, stranger), want: noCookie},
		"another request's cookie by this name": {
			visit: visit, cookies: name + "=" + value, want: noCookie,
		},
		"a made-up cookie": {visit: visit, cookies: name + "=" + strings.Repeat("A", 43), want: noCookie},
		"a made-up visit":  {visit: s.URL + "/w/AAAA", cookies: own, want: noCookie},
		"a colleague": {
			visit: visit, cookies: cookiesOf(t, s, colleague),
			want: refused(everywhere(303, strings.TrimPrefix(visitOf(colleague), s.URL), steps...)),
		},
		"another site": {
			link: link, visit: visit, email: email, cookies: own, site: "cross-site",
			want: everywhere(0, "", everybody...),
			post: everywhere(403, "This was not sent from this page", everybody...),
		},
		"a made-up link": {
			link: s.URL + "/r/" + strings.Repeat("A", 52), email: s.URL + "/l/" + strings.Repeat("A", 52),
			want: everywhere(404, "There is no page at this address", ofLink, anywhere, ofMail),
		},
		"a link for an email": {
			link: s.URL + "/r/" + path.Base(email), email: s.URL + "/l/" + path.Base(link), want: noEmail,
		},
	} {
		if column == "a made-up link" || column == "a link for an email" {
			s.Pass(2 * time.Minute) // who guesses has twenty tries a minute
		}
		a.asks(t, s, column)
	}
	if after := relaytest.DatabaseDigest(t, s); after != before {
		t.Error("somebody who was refused has changed the database")
	}

	if _, err := s.Admin.SuspendAgency(t.Context(), s.Agency.ID, true); err != nil {
		t.Fatal(err)
	}
	rests := everywhere(410, "This request is paused", ofLink, ofStep, ofEnd)
	rests[ofVisit], rests[ofMail], rests[anywhere] = answered{}, answered{}, answered{}
	asking{link: link, visit: visit, cookies: own, want: rests}.asks(t, s, "a suspended agency")
	asking{link: link, visit: visit, cookies: own, agent: relaytest.IPhone, want: refused(map[door]answered{
		ofLink: {410, "This request is paused"}, ofStep: {403, onAComputer}, ofEnd: {403, onAComputer}, ofVisit: {},
	})}.asks(t, s, "a phone, of a suspended agency")
	answer, text := relaytest.Do(t, nil, http.MethodPost, link+"/email-me", url.Values{"email": {"a@b.example"}},
		relaytest.SameOrigin())
	if answer.StatusCode != http.StatusGone || !strings.Contains(text, "This request is paused") {
		t.Errorf("a suspended agency's link by email: status %d", answer.StatusCode)
	}
	if _, err := s.Admin.SuspendAgency(t.Context(), s.Agency.ID, false); err != nil {
		t.Fatal(err)
	}

	logged := len(s.Log.String())
	asking{link: link, visit: visit, email: email, cookies: own}.asks(t, s, "their own browser")
	for _, row := range wizardRows() {
		if row.door != apart && !strings.Contains(s.Log.String()[logged:], `route="`+row.route+`"`) {
			t.Errorf("nobody came to %s: its row asks another", row.route)
		}
	}
}

func TestEveryAddressForClientsKnowsADeadLink(t *testing.T) {
	s := relaytest.NewScene(t)
	dead := func(says string) map[door]answered {
		all := everywhere(410, says, ofLink, ofStep, ofEnd)
		all[ofVisit] = answered{}
		return all
	}
	// What stays open stays open, whatever became of the link.
	open := func(a asking, column string) {
		all := []string{a.link + "/genuine", a.link + "/help", a.link + "/report"}
		if a.want[ofStep].status != http.StatusForbidden { // the visit is still there
			all = append(all, a.visit+"/genuine", a.visit+"/help", a.visit+"/report")
		}
		for _, at := range all {
			for _, agent := range []string{relaytest.Firefox, relaytest.IPhone} {
				answer, _ := relaytest.Do(t, nil, http.MethodGet, at, nil, map[string]string{"Cookie": a.cookies,
					"User-Agent": agent})
				if answer.StatusCode != http.StatusOK {
					t.Errorf("%s: %s has status %d", column, at, answer.StatusCode)
				}
			}
		}
	}
	compare := func(a asking, column string) {
		t.Helper()
		// What has become due is done now, not while the database is compared.
		if err := s.Relay.Relay.RunDueJobs(t.Context()); err != nil {
			t.Fatal(err)
		}
		before := relaytest.SettledDigest(t, s)
		a.asks(t, s, column)
		open(a, column)
		if after := relaytest.DatabaseDigest(t, s); after != before {
			t.Errorf("%s: somebody who was refused has changed the database", column)
		}
	}
	check := func(a asking, column, says string) {
		t.Helper()
		a.want = dead(says)
		a.want[anywhere] = answered{}
		compare(a, column)
	}
	// A visit that ended is deleted after a day: nothing is known of it then.
	swept := func(a asking, column, says string) {
		t.Helper()
		a.want = dead(says)
		a.want[anywhere] = answered{}
		a.want[ofStep], a.want[ofEnd] = answered{403, elsewhere}, answered{403, elsewhere}
		compare(a, column)
	}

	id, link := s.Request(onboarding.HubSpot)
	v := s.Browser()
	v.Enter(link, "Marta Lind", "marta@harbourpine.example")
	a := asking{link: link, visit: visitOf(v), cookies: cookiesOf(t, s, v)}

	_, second := s.Request(onboarding.HubSpot)
	gone := s.Browser()
	gone.Enter(second, "Otto Berg", "otto@harbourpine.example")
	ended := asking{visit: visitOf(gone), cookies: cookiesOf(t, s, gone), want: map[door]answered{
		ofStep: {403, elsewhere}, ofEnd: {403, elsewhere}, ofVisit: {}, ofLink: {}, anywhere: {},
	}}
	gone.Open(second)
	gone.Press("I am someone else")
	ended.asks(t, s, "a visit that was ended, by a kept cookie")

	_, theirs := s.Request(onboarding.HubSpot)
	late := s.Browser()
	late.Enter(theirs, "Otto Berg", "otto@harbourpine.example")
	winner := s.Browser()
	winner.ConnectHubSpot(theirs)
	winner.Follow("Next Step")
	winner.Press("Finish")
	lost := asking{link: theirs, visit: visitOf(late), cookies: cookiesOf(t, s, late)}
	check(lost, "finished by a colleague", "Lars has finished this")
	won := asking{visit: visitOf(winner), cookies: cookiesOf(t, s, winner)}
	twice := relaytest.SameOrigin()
	twice["Cookie"] = won.cookies
	answer, _ := relaytest.Do(t, nil, http.MethodPost, won.visit+"/finish", url.Values{}, twice)
	if answer.StatusCode != http.StatusSeeOther {
		t.Errorf("finishing twice: status %d", answer.StatusCode)
	}
	for agent, status := range map[string]int{relaytest.Firefox: http.StatusOK, relaytest.IPhone: http.StatusForbidden} {
		header := map[string]string{"Cookie": won.cookies, "User-Agent": agent}
		answer, _ := relaytest.Do(t, nil, http.MethodGet, won.visit+"/done", nil, header)
		if answer.StatusCode != status {
			t.Errorf("the receipt of the one who finished, by %s: status %d", agent, answer.StatusCode)
		}
	}

	s.Pass(32 * 24 * time.Hour)
	check(a, "expired", "This link has expired")
	if err := s.Hub.Outbox.Renew(t.Context(), id, false); err != nil {
		t.Fatal(err)
	}
	s.Sync()
	check(a, "an older link", "There is a newer link")
	newer := s.Browser()
	newer.Enter(s.LinkOf(id), "Marta Lind", "marta@harbourpine.example")
	check(a, "an older link, while somebody uses the newer", "There is a newer link")
	s.Pass(32 * 24 * time.Hour)
	swept(a, "an older link when the newer has expired too", "This link has expired")
	if err := s.Hub.Outbox.Withdraw(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	s.Sync()
	swept(a, "withdrawn", "has withdrawn this request")
}
