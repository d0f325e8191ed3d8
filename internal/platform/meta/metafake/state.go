package metafake

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

const (
	shortLife = 90 * time.Minute
	longLife  = 5183944 * time.Second // about sixty days, Facebook's exact value

	// dataLife is how long an app may read data after the person's last visit.
	dataLife = 90 * 24 * time.Hour

	// Config and AgencyConfig are the app's configurations of Facebook Login
	// for Business, for clients and for agencies.
	Config       = "2087741105532964"
	AgencyConfig = "2087741105532981"
)

// allScopes are the permissions an app can ask for.
func allScopes() []string {
	return []string{
		"public_profile", "email", "business_management", "ads_management", "ads_read", "pages_show_list",
		"pages_manage_metadata",
		"pages_read_engagement", "pages_manage_ads", "pages_manage_posts", "read_insights", "leads_retrieval",
		"catalog_management", "instagram_basic",
	}
}

// configs are the scopes of the configurations, which are granted all or none.
func configs() map[string][]string {
	client := []string{
		"public_profile", "business_management", "ads_management", "pages_show_list", "pages_read_engagement",
	}
	return map[string][]string{Config: client, AgencyConfig: append(slices.Clone(client), "pages_manage_ads")}
}

// accountTasks and pageTasks are the possible tasks on an asset.
func accountTasks() []string {
	return []string{"MANAGE", "ADVERTISE", "ANALYZE", "DRAFT", "AA_ANALYZE"}
}

func pageTasks() []string {
	return []string{
		"MANAGE", "CREATE_CONTENT", "MODERATE", "MESSAGING", "ADVERTISE", "ANALYZE", "MODERATE_COMMUNITY", "MANAGE_JOBS",
		"MANAGE_LEADS",
		"PAGES_MESSAGING", "PAGES_MESSAGING_SUBSCRIPTIONS", "READ_PAGE_MAILBOXES", "VIEW_MONETIZATION_INSIGHTS",
		"CASHIER_ROLE", "GLOBAL_STRUCTURE_MANAGEMENT",
		"PROFILE_PLUS_FULL_CONTROL", "PROFILE_PLUS_MANAGE", "PROFILE_PLUS_FACEBOOK_ACCESS", "PROFILE_PLUS_CREATE_CONTENT",
		"PROFILE_PLUS_MODERATE",
		"PROFILE_PLUS_MESSAGING", "PROFILE_PLUS_ADVERTISE", "PROFILE_PLUS_ANALYZE", "PROFILE_PLUS_REVENUE",
		"PROFILE_PLUS_MANAGE_LEADS",
		"PROFILE_PLUS_CREATIVE_MANAGEMENT", "PROFILE_PLUS_CREATOR_MANAGEMENT", "PROFILE_PLUS_MODERATE_DELEGATE_COMMUNITY",
		"PROFILE_PLUS_GLOBAL_STRUCTURE_MANAGEMENT",
	}
}

func faults() []sandbox.Fault {
	return slices.Concat(sandbox.TransportFaults(), sandbox.SignInFaults(), []sandbox.Fault{
		{Name: "share_withdrawn", Says: "Clients have taken back what they shared", PerPerson: true},
		{Name: "limited", Says: "The app's tier is limited: sharing calls are refused (3, 200)", PerPerson: true},
		{Name: "app_not_approved", Says: "The app lacks the permission for sharing calls (10)", PerPerson: true},
		{Name: "requires_admin_approval", Says: "A second admin has to approve what is shared", PerPerson: true},
		{Name: "page_pending", Says: "Shared Pages stay pending, as for a new Page admin", PerPerson: true},
		{Name: "delayed", Says: "What is shared appears on the agency's side later", PerPerson: true},
		{Name: "blocked", Says: "Sharing is blocked for a while (368)", PerPerson: true},
		{Name: "two_factor_required", Says: "The business wants two-factor sign-in first (415)", PerPerson: true},
		{Name: "transient", Says: "Calls fail and would work a moment later (2)", PerPerson: true},
		{Name: "transient_once", Says: "Every other call fails with a transient error (2)", PerPerson: true},
		{Name: "feature_unavailable", Says: "Signing in with this app is unavailable; nobody comes back", PerPerson: true},
		{Name: "app_inactive", Says: "The app is not active: nobody signs in, and error_code comes back without error"},
		{Name: "silent_reconnect", Says: "Who allowed everything before is sent back without a page", PerPerson: true},
		{
			Name:      "promote_pages_empty",
			Says:      "Shared Pages are missing among the promoted ones of an ad account",
			PerPerson: true,
		},
		{Name: "own_lists_empty", Says: "A person's own lists leave out what a business owns", PerPerson: true},
		{Name: "no_page_tokens", Says: "No list and no Page gives a Page's token", PerPerson: true},
		{Name: "client_pages_refused", Says: "One business does not list the Pages that it was given (200)", PerPerson: true},
		{Name: "too_much_data", Says: "More than ten entries at once are too much data (1)", PerPerson: true},
		{Name: "assign_refused", Says: "Nobody is assigned to what was shared (2620)", PerPerson: true},
		{Name: "pixel_request", Says: "A shared dataset waits until the agency accepts it", PerPerson: true},
		{
			Name:      "page_unshare_refused",
			Says:      "A Page's agencies cannot be removed by a call, as the reference has it",
			PerPerson: true,
		},
		{Name: "profile_plus", Says: "Pages are in the new experience: their tasks are PROFILE_PLUS_…", PerPerson: true},
		{Name: "checkpoint", Says: "The account has to pass a security check at Facebook first (190/459)", PerPerson: true},
		{
			Name: "login_for_business",
			Says: "The app is one of Facebook Login for Business: without a configuration it is not available",
		},
		{
			Name: "require_appsecret_proof",
			Says: "Require App Secret is on: calls without a right appsecret_proof are refused",
		},
		{
			Name: "version_ended",
			Says: "Every version has ended for Marketing calls: refused (2635), or served with a warning",
		},
		{Name: "newer_version", Says: "The next version of the Graph API is out"},
	})
}

func people() []sandbox.Person {
	return []sandbox.Person{
		{Person: "mina-ito", Name: "Mina Ito", Says: "Admin, everything in order"},
		{Person: "ed-novak", Name: "Ed Novak", Says: "Employee, not an admin"},
		{Person: "sam-xu", Name: "Sam Xu", Says: "60 Pages and 40 ad accounts"},
		{Person: "greta-vogt", Name: "Greta Vogt", Says: "500 ad accounts"},
		{Person: "noor-haddad", Name: "Noor Haddad", Says: "No Business Manager"},
		{Person: "olga-lind", Name: "Olga Lind", Says: "One Page belongs to somebody else"},
		{Person: "dirk-maas", Name: "Dirk Maas", Says: "One ad account is disabled"},
		{Person: "pia-berg", Name: "Pia Berg", Says: "Can advertise, has no full control"},
		{Person: "tomas-rey", Name: "Tomas Rey", Says: "Full control of the Page, not an admin of the business"},
		{Person: "lena-roth", Name: "Lena Roth", Says: "Page admin since yesterday"},
		{Person: "ana-ruiz", Name: "Ana Ruiz", Says: "The agency's user, Admin of its Business Manager"},
		{Person: "jonas-weber", Name: "Jonas Weber", Says: "Works at the agency, admin nowhere"},
	}
}

// state is the state of the fake Facebook.
type state struct {
	people     map[string]*profile // by key; includes people without a button
	businesses []*business
	assets     []*asset
	extras     []*asset // datasets, Instagram accounts and catalogues; byID has them, too
	byID       map[string]*asset
	tokens     map[string]*issuedToken
	pageTokens map[pageTokenKey]string
	campaigns  []*campaign
	calls      int // counted for transient_once
	ids        int64
}

type profile struct {
	key   string
	id    string
	name  string
	email string
	grant *permissionGrant // nil: the app was never allowed, or was removed

	removedApp bool // it was removed once: Facebook offers to ask for deletion
}

// permissionGrant is what a person allows the app. Every call of a token reads
// it: a revocation works at once.
type permissionGrant struct {
	status map[string]string // permission → granted, declined
	// The ids that the app may see. Nil: everything, including later additions.
	pages, accounts, businesses map[string]bool
}

func (g *permissionGrant) has(scope string) bool { return g != nil && g.status[scope] == "granted" }

func (g *permissionGrant) sees(a *asset) bool {
	if a.extra != "" { // Facebook's dialog lists only businesses, Pages and ad accounts
		given := func(b *business) bool { return b != nil && g.businesses[b.id] }
		return g.businesses == nil || given(a.owner) || slices.ContainsFunc(slices.Collect(maps.Keys(a.agencies)), given)
	}
	ticked := g.pages
	if a.isAccount() {
		ticked = g.accounts
	}
	return ticked == nil || ticked[a.id]
}

type business struct {
	id       string
	name     string
	verified string
	users    []*businessUser
}

// businessUser is a person in one business, with an id of its own.
type businessUser struct {
	id       string
	person   *profile
	business *business
	role     string // in Facebook's spellings: Admin, ADMIN, Employee, EMPLOYEE
}

func (u *businessUser) admin() bool { return strings.EqualFold(u.role, "admin") }

func (b *business) user(p *profile) *businessUser {
	for _, u := range b.users {
		if u.person == p {
			return u
		}
	}
	return nil
}

func (b *business) admin(p *profile) bool {
	u := b.user(p)
	return u != nil && u.admin()
}

// asset is an ad account, a Page, or of the kind in extra.
type asset struct {
	extra     string // the kind of node of any other asset
	id        string
	name      string
	owner     *business // nil: in no Business Manager
	personal  *profile
	roles     map[*profile][]string      // direct roles, outside of any business
	assigned  map[*businessUser][]string // assigned inside a business
	agencies  map[*business]*share
	newAdmins map[*profile]bool // their shares stay pending for a week

	currency string // of an ad account
	status   int    // of an ad account
	category string // of a Page
	fans     int    // of a Page
}

func (a *asset) isAccount() bool { return strings.HasPrefix(a.id, "act_") }

// share is an asset shared with an agency's business.
type share struct {
	by      *profile // nil: by hand, in Business settings
	tasks   []string
	pending bool
	asked   bool // requested by the agency, unanswered
	since   time.Time
	visible time.Time
}

type issuedToken struct {
	person  *profile
	grant   *permissionGrant // the grant at issue: a newer one does not revive the token
	page    *asset           // of a Page token
	issued  time.Time
	ends    time.Time
	long    bool
	expired bool
}

type pageTokenKey struct {
	token string
	page  string
}

type campaign struct {
	id        string
	account   *asset
	by        *profile
	name      string
	objective string
	status    string
	created   time.Time
}

func (s *state) nextID(prefix string) string {
	s.ids++
	return prefix + strconv.FormatInt(100000000+s.ids*7919, 10)
}

func newState() *state {
	s := &state{
		people:     map[string]*profile{},
		byID:       map[string]*asset{},
		tokens:     map[string]*issuedToken{},
		pageTokens: map[pageTokenKey]string{},
	}
	for i, p := range slices.Concat(people(), []sandbox.Person{
		{Person: "lars-holm", Name: "Lars Holm", Says: ""}, {Person: "karl-berg", Name: "Karl Berg", Says: ""},
		{Person: "eva-novak", Name: "Eva Novak", Says: ""}, {Person: "ines-costa", Name: "Ines Costa", Says: ""},
	}) {
		email := strings.ReplaceAll(p.Person, "-", ".") + "@mail.example"
		s.people[p.Person] = &profile{key: p.Person, id: strconv.Itoa(1016055200000 + i*104729), name: p.Name, email: email}
	}
	s.settleAgency()
	s.settleMina()
	s.settleLargeOnes()
	s.settleTheRest()
	s.settleExtras()
	return s
}

// found creates a business; staff are pairs of a person's key and a role.
func (s *state) found(id, name string, staff ...string) *business {
	b := &business{id: id, name: name, verified: "verified"}
	for i := 0; i+1 < len(staff); i += 2 {
		b.users = append(b.users, &businessUser{
			id:       s.nextID("122"),
			person:   s.people[staff[i]],
			business: b,
			role:     staff[i+1],
		})
	}
	s.businesses = append(s.businesses, b)
	return b
}

func (s *state) account(number, name, currency string, owner *business, status int) *asset {
	a := &asset{id: "act_" + number, name: name, currency: currency, owner: owner, status: status}
	return s.add(a)
}

func (s *state) page(id, name, category string, fans int, owner *business) *asset {
	return s.add(&asset{id: id, name: name, category: category, fans: fans, owner: owner})
}

func (s *state) add(a *asset) *asset {
	a.roles, a.newAdmins = map[*profile][]string{}, map[*profile]bool{}
	a.assigned, a.agencies = map[*businessUser][]string{}, map[*business]*share{}
	s.assets = append(s.assets, a)
	s.byID[a.id] = a
	return a
}

// full is full control of an asset, in Facebook's order.
func (a *asset) full() []string {
	if a.isAccount() {
		return []string{"MANAGE", "ADVERTISE", "ANALYZE", "DRAFT"}
	}
	return []string{"MANAGE", "CREATE_CONTENT", "MODERATE", "MESSAGING", "ADVERTISE", "ANALYZE"}
}

// to gives a person tasks on an asset: inside its business if they are a
// member.
func (a *asset) to(p *profile, tasks ...string) *asset {
	if a.owner != nil {
		if u := a.owner.user(p); u != nil {
			a.assigned[u] = tasks
			return a
		}
	}
	a.roles[p] = tasks
	return a
}

func (a *asset) all(p *profile) *asset { return a.to(p, a.full()...) }

func (s *state) settleAgency() {
	ana := s.people["ana-ruiz"]
	clients := s.found("118420903317552", "Northlight – Clients", "ana-ruiz", "ADMIN", "jonas-weber", "EMPLOYEE")
	s.found("118420905580214", "Northlight – Archive", "ana-ruiz", "EMPLOYEE", "jonas-weber", "EMPLOYEE")
	s.account("33068140772", "Northlight House Ads", "EUR", clients, 1).all(ana)
	s.page("11204478093", "Northlight Media", "Agency", 5108, clients).all(ana)
}

func (s *state) settleMina() {
	mina, lars := s.people["mina-ito"], s.people["lars-holm"]
	pine := s.found("447120001180233", "Harbour & Pine", "mina-ito", "Admin", "lars-holm", "Admin")
	kontor := s.found("229017733405516", "Kontor Werbung")
	for _, a := range []struct {
		number, name, currency string
		status                 int
	}{
		{number: "44712096118", name: "Harbour & Pine EU", currency: "EUR", status: 1},
		{number: "44712096402", name: "Harbour & Pine Nordics", currency: "SEK", status: 1},
		{number: "44712099871", name: "Harbour & Pine UK", currency: "GBP", status: 1},
		{number: "44712101206", name: "Harbour Trade Fair", currency: "EUR", status: 1},
		{number: "44712177030", name: "Pine Kids", currency: "EUR", status: 1},
		{number: "44712180554", name: "Harbour Café Ads", currency: "SEK", status: 1},
		{number: "44712190077", name: "Harbour Workshop Ads", currency: "SEK", status: 9},
		{number: "44820031555", name: "HP Outlet Test", currency: "EUR", status: 2},
	} {
		s.account(a.number, a.name, a.currency, pine, a.status).all(mina)
	}
	private := s.account("10294410093", "Mina private", "EUR", nil, 1).all(mina)
	private.personal = mina
	for _, p := range []struct {
		id, name, category string
		fans               int
	}{
		{id: "10482277001", name: "Harbour & Pine", category: "Furniture", fans: 84210},
		{id: "10482277002", name: "Harbour & Pine Outlet", category: "Outlet", fans: 12904},
		{id: "10482277004", name: "Pine Kids", category: "Children’s furniture", fans: 3118},
		{id: "10482277006", name: "Harbour Workshop", category: "Craft", fans: 1530},
		{id: "10482277007", name: "Harbour & Pine Nordics", category: "Furniture", fans: 22871},
		{id: "10482277008", name: "Harbour & Pine UK", category: "Furniture", fans: 17342},
		{id: "10482277009", name: "Harbour Garden", category: "Garden furniture", fans: 6644},
		{id: "10482277010", name: "Harbour Kitchens", category: "Kitchens", fans: 4820},
		{id: "10482277011", name: "Harbour Trade Fair", category: "Event", fans: 911},
	} {
		s.page(p.id, p.name, p.category, p.fans, pine).all(mina)
	}
	s.page("10482277003", "Harbour & Pine Deutschland", "Furniture", 9377, kontor).all(mina)
	s.page("10482277005", "Harbour Café", "Café", 2046, pine).to(mina, "ADVERTISE", "ANALYZE", "CREATE_CONTENT").all(lars)
}

func (s *state) settleLargeOnes() {
	sam, greta := s.people["sam-xu"], s.people["greta-vogt"]
	retail := s.found("330915500417726", "Xu Retail Group", "sam-xu", "Admin")
	towns := []string{
		"Aachen", "Bergen", "Bilbao", "Bologna", "Bremen", "Bristol", "Cardiff", "Cork", "Dresden", "Erfurt", "Espoo", "Faro",
		"Gdansk", "Genoa", "Ghent",
		"Graz", "Halle", "Izmir", "Kassel", "Kiel", "Krakow", "Leeds", "Leiden", "Leipzig", "Liège", "Lille", "Linz", "Lodz",
		"Lyon", "Malaga",
		"Malmö", "Mantua", "Metz", "Minden", "Modena", "Murcia", "Nantes", "Nice", "Odense", "Oulu", "Padua", "Parma", "Pécs",
		"Porto", "Poznan",
		"Rennes", "Riga", "Rouen", "Siena", "Split", "Tampere", "Tartu", "Toulon", "Tours", "Trier", "Turku", "Ulm",
		"Utrecht", "Verona", "York",
	}
	for i, town := range towns {
		s.page(strconv.Itoa(20815500100+i), "Xu Home "+town, "Home goods shop", 400+i*137, retail).all(sam)
		if i < 40 {
			s.account(strconv.Itoa(60310077000+i*11), "Xu "+town, "EUR", retail, 1).all(sam)
		}
	}
	trade := s.found("330915577208841", "Vogt Handel", "greta-vogt", "Admin")
	for i := range 500 {
		s.account(strconv.Itoa(71550020000+i*3), fmt.Sprintf("Vogt %s %02d", towns[i%50], i/50+1), "EUR", trade, 1).all(greta)
	}
	s.page("30817700001", "Vogt Handel", "Wholesale", 1209, trade).all(greta)
}

func (s *state) settleTheRest() {
	p := s.people
	tools := s.found("440118822093147", "Novak Tools", "ed-novak", "Employee", "eva-novak", "Admin")
	s.account("51100412207", "Novak Tools", "CZK", tools, 1).all(p["ed-novak"])
	s.account("51100412219", "Novak Rental", "CZK", tools, 1).all(p["ed-novak"])
	s.page("40911200071", "Novak Tools", "Tool shop", 8122, tools).all(p["ed-novak"])

	s.account("52209114405", "Noor Haddad", "EUR", nil, 1).all(p["noor-haddad"]).personal = p["noor-haddad"]
	s.page("40911300018", "Haddad Bakery", "Bakery", 1877, nil).all(p["noor-haddad"])

	ceramics := s.found("440118831550682", "Lind Keramik", "olga-lind", "Admin")
	werft := s.found("229017740018835", "Alte Werft Media")
	s.account("53300228116", "Lind Keramik", "EUR", ceramics, 1).all(p["olga-lind"])
	s.page("40911400013", "Lind Keramik", "Ceramics", 14020, ceramics).all(p["olga-lind"])
	s.page("40911400014", "Lind Werkstatt", "Workshop", 960, ceramics).all(p["olga-lind"])
	s.page("40911400015", "Lind Keramik Outlet", "Outlet", 2210, werft).all(p["olga-lind"])

	bikes := s.found("440118846602790", "Maas Fietsen", "dirk-maas", "Admin")
	s.account("54400870031", "Maas Fietsen", "EUR", bikes, 1).all(p["dirk-maas"])
	s.account("54400870045", "Maas Fietsen Verhuur", "EUR", bikes, 2).all(p["dirk-maas"])
	s.page("40911500022", "Maas Fietsen", "Bicycle shop", 5540, bikes).all(p["dirk-maas"])

	optics := s.found("440118855107393", "Berg Optik", "pia-berg", "Employee", "karl-berg", "Admin")
	s.account("55500918842", "Berg Optik", "EUR", optics, 1).to(p["pia-berg"], "ADVERTISE", "ANALYZE").all(p["karl-berg"])
	s.page("40911600034", "Berg Optik", "Optician", 3305, optics).
		to(p["pia-berg"], "ADVERTISE", "ANALYZE").all(p["karl-berg"])

	hotels := s.found("440118863344501", "Costa Azul Hotels", "tomas-rey", "Employee", "ines-costa", "Admin")
	s.account("56601127750", "Costa Azul", "EUR", hotels, 1).
		to(p["tomas-rey"], "ADVERTISE", "ANALYZE").all(p["ines-costa"])
	s.page("40911700041", "Costa Azul Hotels", "Hotel", 41800, hotels).all(p["tomas-rey"]).all(p["ines-costa"])

	sons := s.found("440118871820966", "Roth & Söhne", "lena-roth", "Admin")
	s.account("57702336610", "Roth & Söhne", "EUR", sons, 1).all(p["lena-roth"])
	s.page("40911800057", "Roth & Söhne", "Carpenter", 2790, sons).all(p["lena-roth"]).newAdmins[p["lena-roth"]] = true
}

func (s *state) campaign(id string) *campaign {
	for _, one := range s.campaigns {
		if one.id == id {
			return one
		}
	}
	return nil
}

func (s *state) business(id string) *business {
	for _, b := range s.businesses {
		if b.id == id {
			return b
		}
	}
	return nil
}

// live reports whether an agency can use a share now.
func (f *Fake) live(s *share) bool {
	if s == nil || s.pending || f.env.Now().Before(s.visible) {
		return false
	}
	person := ""
	if s.by != nil {
		person = s.by.key
	}
	return !f.env.IsOn("share_withdrawn", person)
}

// tasksOf are a person's tasks on an asset, direct and by businesses.
func (f *Fake) tasksOf(p *profile, a *asset) []string {
	has := map[string]bool{}
	for _, task := range a.roles[p] {
		has[task] = true
	}
	for u, tasks := range a.assigned {
		if u.person != p {
			continue
		}
		shared := a.agencies[u.business]
		for _, task := range tasks {
			if u.business == a.owner || f.live(shared) && slices.Contains(shared.tasks, task) {
				has[task] = true
			}
		}
	}
	// Facebook lists tasks in a fixed order, the greatest first.
	order := slices.Concat(a.full(), pageTasks(), accountTasks(), extraTasks(a.extra))
	tasks := slices.AppendSeq([]string{}, maps.Keys(has))
	slices.SortFunc(tasks, func(x, y string) int { return slices.Index(order, x) - slices.Index(order, y) })
	return tasks
}

// reaches reports whether a person can see an asset.
func (f *Fake) reaches(p *profile, a *asset) bool {
	if a.owner != nil && a.owner.admin(p) {
		return true
	}
	for b, shared := range a.agencies {
		if b.admin(p) && f.live(shared) {
			return true
		}
	}
	return len(f.tasksOf(p, a)) > 0
}
