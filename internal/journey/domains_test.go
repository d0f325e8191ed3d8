package journey_test

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay"
	"github.com/latchkeyhq/latchkey/internal/relay/domains/domainstest"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/webtest"
)

const ownName = "access.northlight.example"

// ownScene is a Scene whose relay asks a name server of the test.
type ownScene struct {
	*relaytest.Scene
	zone *domainstest.Zone
}

func newOwnScene(t *testing.T) *ownScene {
	t.Helper()
	zone := domainstest.New(t)
	zone.Set("localhost", domainstest.Name{A: []string{"127.0.0.1"}})
	config := relaytest.Config{Domains: &relay.DomainsConfig{Resolver: zone.Resolver()}}
	return &ownScene{Scene: relaytest.NewSceneOn(t, config), zone: zone}
}

// setRecords puts the records into the DNS that the hub shows.
func (s *ownScene) setRecords(own hub.OwnDomain) {
	s.zone.Set(own.Records[0].Name, domainstest.Name{CNAME: own.Records[0].Value})
	s.zone.Set(own.Records[1].Name, domainstest.Name{TXT: []string{own.Records[1].Value}})
}

// use has a hub's agency use a domain.
func (s *ownScene) use(t *testing.T, of *hub.Hub, name string) {
	t.Helper()
	own, err := of.Domains.Propose(t.Context(), name)
	if err != nil {
		t.Fatalf("proposing %s: %v", name, err)
	}
	s.setRecords(own)
	if own = s.check(t, of, name); !own.Domain.IsUsed() {
		t.Fatalf("%s is not used: %+v", name, own.Domain)
	}
}

// check has the relay look at the records now.
func (s *ownScene) check(t *testing.T, of *hub.Hub, name string) hub.OwnDomain {
	t.Helper()
	s.Pass(time.Minute) // it was looked at a moment ago
	own, err := of.Domains.Check(t.Context(), name)
	if err != nil {
		t.Fatalf("checking %s: %v", name, err)
	}
	return own
}

// at is an address of the relay at another host.
func (s *ownScene) at(name, address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return err.Error()
	}
	if u.Host == "" {
		own, _ := url.Parse(s.URL) // it was parsed before
		u.Scheme, u.Host = own.Scheme, own.Host
	}
	u.Host = name + ":" + u.Port()
	return u.String()
}

// visitor is a browser for which the DNS has every name.
func (s *ownScene) visitor() *relaytest.Browser {
	v := s.Browser()
	v.Reach("127.0.0.1" + strings.TrimPrefix(s.URL, "http://localhost"))
	return v
}

func (s *ownScene) email(t *testing.T, to string) sandbox.Message {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	email, err := s.World.Mail.Await(ctx, func(m sandbox.Message) bool { return slices.Contains(m.To, to) })
	if err != nil {
		t.Fatal(err)
	}
	return email
}

// From the name that a main user types to a client who is back from Facebook.
func TestAnAgencysLinksOpenAtItsOwnDomain(t *testing.T) {
	s := newOwnScene(t)
	id, former := s.Request(onboarding.Facebook, onboarding.HubSpot)
	own, err := s.Hub.Domains.Propose(t.Context(), "https://Access.Northlight.Example/")
	if err != nil {
		t.Fatal(err)
	}
	if d := own.Domain; d.Name != ownName || d.State != onboarding.DomainProposed ||
		d.Problem != onboarding.DomainNoAddress || len(own.Records) != 2 || own.Records[0].Value != "localhost" ||
		own.Records[0].OK {
		t.Fatalf("the hub shows %+v, %+v", own, d)
	}
	s.setRecords(own)
	if own = s.check(t, s.Hub, ownName); !own.Domain.IsUsed() || !own.Records[0].OK || !own.Records[1].OK {
		t.Fatalf("with both records the hub shows %+v, %+v", own, own.Domain)
	}
	s.Sync()
	link := s.LinkOf(id)
	if link != s.at(ownName, former) {
		t.Fatalf("the link is %s, and was %s", link, former)
	}
	if err := s.Hub.Outbox.Send(t.Context(), id, []string{"marta@harbourpine.example"}); err != nil {
		t.Fatal(err)
	}
	s.Sync()
	email := s.email(t, "marta@harbourpine.example")
	if !strings.Contains(email.Text, s.at(ownName, "/r/")) || !strings.Contains(email.Text, s.at(ownName, "/l/")) ||
		strings.Contains(email.Text, s.URL) {
		t.Errorf("the email leads elsewhere: %s", email.Text)
	}

	v := s.visitor()
	v.Enter(link, "Marta Lind", "marta@harbourpine.example")
	v.Press("Add Facebook")
	if at := v.Page.URL; at.Hostname() != "localhost" || at.Path != "/leaving/meta" {
		t.Errorf("the browser leaves from %s", at)
	}
	v.Reads("Northlight Media")
	v.Follow("Log In")
	v.Press("Mina Ito")
	v.Press("Allow")
	if at := v.Page.URL; at.Hostname() != ownName || !strings.HasSuffix(at.Path, "/facebook/assets") {
		t.Fatalf("the browser is back at %s: %.500s", at, v.Page.Text())
	}
	v.Tick("Harbour & Pine EU")
	v.Press("Connect Assets")
	v.Follow("Next Step")
	v.Press("Add HubSpot")
	v.Follow("Proceed")
	v.Press("Lars Holm")
	v.Press("Harbour & Pine AB")
	v.Press("Allow")
	if at := v.Page.URL; at.Hostname() != ownName || !strings.HasSuffix(at.Path, "/platforms/hubspot/result") {
		t.Fatalf("the browser is back at %s: %.500s", at, v.Page.Text())
	}
	s.Sync()
	s.HasItems(id, 2)

	// The relay's own address works on, and so does the domain once it is removed.
	again := s.visitor()
	again.Open(former)
	again.Sees(http.StatusOK)
	if _, err := s.Hub.Domains.Remove(t.Context(), ownName); err != nil {
		t.Fatal(err)
	}
	s.Sync()
	if now := s.LinkOf(id); now != former {
		t.Errorf("without the domain the link is %s", now)
	}
	again.Open(link)
	again.Sees(http.StatusOK)
}

// The hosts times the routes: at an agency's domain nothing exists but pages of its own links.
func TestAnAgencysDomainServesItsOwnLinksAlone(t *testing.T) {
	s := newOwnScene(t)
	_, link := s.Request(onboarding.HubSpot)
	other := s.Hub2(t)
	s.use(t, s.Hub, ownName)
	const foreignName = "links.acme.example"
	s.use(t, other, foreignName)
	relayHost := strings.TrimPrefix(s.URL, "http://")
	path := link[strings.Index(link, "/r/"):]
	wrong := strings.Replace(path, path[3:9], "AAAAAA", 1)
	visit := s.visitor()
	visit.Enter(s.at(ownName, path), "Marta Lind", "marta@harbourpine.example")
	ofVisit := visit.Page.URL.Path
	type answers struct{ relay, own, foreign int }
	for _, c := range []struct {
		what, path string
		want       answers
	}{
		{"the link", path, answers{200, 200, 404}},
		{"its help", path + "/help", answers{200, 200, 404}},
		{"a wrong token", wrong, answers{404, 404, 404}},
		{"a visit of another browser", ofVisit, answers{403, 403, 403}},
		{"an email's page", "/l/x/genuine", answers{404, 404, 404}},
		{"help", "/help", answers{200, 200, 200}},
		{"the style of a colour", "/brand/0b6478.css", answers{200, 200, 200}},
		{"robots.txt", "/robots.txt", answers{200, 200, 200}},
		{"the API", "/api/v1/probe", answers{405, 404, 404}},
		{"an API method", "/api/v1/changes", answers{405, 404, 404}},
		{"the agency's sign-in", "/connect/x", answers{410, 404, 404}},
		{"the way into the hub", "/open/home", answers{200, 404, 404}},
		{"the home page", "/", answers{200, 404, 404}},
		{"privacy", "/privacy", answers{200, 404, 404}},
		{"terms", "/terms", answers{200, 404, 404}},
		{"deletion", "/data-deletion", answers{200, 404, 404}},
		{"health", "/healthz", answers{200, 404, 404}},
		{"a checkup", "/checkup/x", answers{404, 404, 404}},
		{"readiness", "/readyz", answers{200, 404, 404}},
		{"a platform's call", "/deauthorize/meta", answers{404, 404, 404}},
		{"what leaves", "/leaving/meta", answers{404, 404, 404}},
		{"the proxy's question", "/domain-allowed?domain=" + ownName, answers{200, 404, 404}},
		{"another path", "/rx", answers{404, 404, 404}},
		{"a path beside it", "/help/", answers{303, 404, 404}},
		{"a path that is not clean", "/r/../api/v1/probe", answers{307, 307, 307}}, // to one that is
	} {
		for host, want := range map[string]int{
			relayHost: c.want.relay, "127.0.0.1": c.want.relay, "unknown.example": c.want.relay, ownName: c.want.own,
			strings.ToUpper(ownName) + ".:1": c.want.own, foreignName: c.want.foreign,
		} {
			if status, page := s.ask(t, http.MethodGet, host, c.path, nil); status != want {
				t.Errorf("%s at %s: got %d, want %d: %.300s", c.what, host, status, want, page)
			}
		}
	}
	// What the other agency's domain answers is what it answers to a wrong token.
	_, foreign := s.ask(t, http.MethodGet, foreignName, path, nil)
	_, unknown := s.ask(t, http.MethodGet, foreignName, wrong, nil)
	if foreign != unknown || !strings.Contains(unknown, "404") && !strings.Contains(unknown, "found") {
		t.Errorf("a foreign link is told from a wrong one: %s\n%s", foreign, unknown)
	}
}

// ask asks the relay by a Host header.
func (s *ownScene) ask(t *testing.T, method, host, path string, header map[string]string) (status int, page string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = host
	r.Header.Set("User-Agent", webtest.DesktopBrowser)
	for name, value := range header {
		r.Header.Set(name, value)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }() // it was read
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(body)
}

// Hub2 is the hub of another agency.
func (s *ownScene) Hub2(t *testing.T) *hub.Hub {
	t.Helper()
	h := s.Relay.Hub(t, s.AddAgency(t, "Acme Media", "Bo Lund <bo@acme.example>").Code)
	if err := h.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	return h
}

func TestAFormIsTakenOnlyFromThePagesOfItsOwnHost(t *testing.T) {
	s := newOwnScene(t)
	_, link := s.Request(onboarding.HubSpot)
	s.use(t, s.Hub, ownName)
	path := link[strings.Index(link, "/r/"):]
	own := s.at(ownName, "")
	for _, c := range []struct {
		host, origin, site string
		want               int
	}{
		{host: ownName, origin: own, want: http.StatusSeeOther},
		{host: ownName, origin: own, site: "same-origin", want: http.StatusSeeOther},
		{host: ownName, origin: s.URL, site: "cross-site", want: http.StatusForbidden},
		{host: ownName, origin: s.URL, want: http.StatusForbidden},
		{host: ownName, want: http.StatusForbidden},
		{host: ownName, origin: "https://evil.example", site: "cross-site", want: http.StatusForbidden},
		{host: strings.TrimPrefix(s.URL, "http://"), origin: own, site: "cross-site", want: http.StatusForbidden},
		{host: strings.TrimPrefix(s.URL, "http://"), origin: own, want: http.StatusForbidden},
		{host: strings.TrimPrefix(s.URL, "http://"), origin: s.URL, want: http.StatusSeeOther},
	} {
		header := map[string]string{"Content-Type": "application/x-www-form-urlencoded"}
		if c.origin != "" {
			header["Origin"] = c.origin
		}
		if c.site != "" {
			header["Sec-Fetch-Site"] = c.site
		}
		if status, _ := s.ask(t, http.MethodPost, c.host, path, header); status != c.want {
			t.Errorf("at %s from %q, %q: got %d, want %d", c.host, c.origin, c.site, status, c.want)
		}
	}
}

// Who is sent straight to a platform's consent page, or who has another browser's address,
// is not led on to an agency's domain.
func TestACallbackLeadsBackToADomainOnlyInTheBrowserThatLeftForIt(t *testing.T) {
	s := newOwnScene(t)
	_, link := s.Request(onboarding.Facebook)
	s.use(t, s.Hub, ownName)
	s.Sync()
	leave := func() *relaytest.Browser {
		v := s.visitor()
		v.Enter(s.at(ownName, link[strings.Index(link, "/r/"):]), "Marta Lind", "marta@harbourpine.example")
		v.Press("Add Facebook")
		return v
	}
	v := leave()
	left := v.Page.URL.String()
	atFacebook := v.Page.Target("Log In")
	if policy := v.Page.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "form-action 'self';") {
		t.Errorf("the relay's own pages let forms lead elsewhere: %s", policy)
	}

	victim := s.visitor()
	victim.Open(atFacebook)
	victim.Press("Mina Ito")
	victim.Press("Allow")
	victim.Sees(http.StatusForbidden)
	if at := victim.Page.URL; at.Hostname() != "localhost" {
		t.Errorf("another browser was led to %s", at)
	}

	// A made-up page that leaves is none, and neither is a sign-in of another platform.
	for _, address := range []string{
		strings.Replace(left, "state=", "state=x", 1), strings.Replace(left, "/meta", "/hubspot", 1), s.URL + "/leaving/meta",
		left + "&challenge=x",
	} {
		other := s.visitor()
		other.Open(address)
		other.Sees(http.StatusNotFound)
	}

	// A sign-in that Facebook refuses without a state, and one that is too late, end at the
	// domain too, where the visit goes on.
	v.Open(s.URL + "/callback/meta?error_code=1&error_message=x")
	if at := v.Page.URL; at.Hostname() != ownName {
		t.Errorf("a refusal without a state ends at %s: %.300s", at, v.Page.Text())
	}
	late := leave()
	back := s.URL + "/callback/meta?code=x&" + late.Page.URL.RawQuery
	s.Pass(11 * time.Minute)
	late.Open(back)
	if at := late.Page.URL; at.Hostname() != ownName {
		t.Errorf("a sign-in that is too late ends at %s: %.300s", at, late.Page.Text())
	}

	// Once the domain is another's, nobody is led there.
	gone := leave()
	back = s.URL + "/callback/meta?code=x&" + gone.Page.URL.RawQuery
	s.lose(t, s.Hub, ownName)
	gone.Open(back)
	gone.Sees(http.StatusForbidden)
	if at := gone.Page.URL; at.Hostname() != "localhost" {
		t.Errorf("the browser is led to %s, which is nobody's", at)
	}
}

// lose has a domain's records be wrong for so long that it is lost.
func (s *ownScene) lose(t *testing.T, of *hub.Hub, name string) {
	t.Helper()
	s.zone.Set("_latchkey."+name, domainstest.Name{})
	s.check(t, of, name)
	s.Pass(24 * time.Hour)
	if own := s.check(t, of, name); own.Domain.State != onboarding.DomainLost {
		t.Fatalf("after a day without its record it is %+v", own.Domain)
	}
}

func (s *ownScene) read(t *testing.T, of *hub.Hub) onboarding.Domain {
	t.Helper()
	own, err := of.Domains.Read(t.Context())
	if err != nil || own.Domain == nil {
		t.Fatalf("reading the domain: %+v, %v", own, err)
	}
	return *own.Domain
}

// await has the relay check what is due until the domain of the scene's agency is as wanted.
func (s *ownScene) await(t *testing.T, wanted func(d onboarding.Domain) bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if err := s.Relay.Relay.Domains().CheckDue(t.Context()); err != nil {
			t.Fatal(err)
		}
		if d := s.read(t, s.Hub); wanted(d) {
			return
		} else if time.Now().After(deadline) {
			t.Fatalf("it stays %+v", d)
		}
	}
}

// proofs are the TXT records of a domain, as hubs show them.
func (s *ownScene) proofs(t *testing.T, name string, of ...*hub.Hub) {
	t.Helper()
	var texts []string
	for _, h := range of {
		texts = append(texts, onboarding.DomainProofPrefix+s.read(t, h).Token)
	}
	s.zone.Set("_latchkey."+name, domainstest.Name{TXT: texts})
}

func TestADomainIsOneAgencysUntilItsRecordsWereWrongForADay(t *testing.T) {
	s := newOwnScene(t)
	id, link := s.Request(onboarding.HubSpot)
	path := link[strings.Index(link, "/r/"):]
	other := s.Hub2(t)
	s.use(t, s.Hub, ownName)

	// Another agency cannot have what leads here already, whatever it proposes.
	if _, err := other.Domains.Propose(t.Context(), ownName); err != nil {
		t.Fatal(err)
	}
	if d := s.check(t, other, ownName).Domain; d.State != onboarding.DomainProposed ||
		d.Problem != onboarding.DomainWrongProof {
		t.Errorf("without a record of its own it is %+v", d)
	}
	s.proofs(t, ownName, s.Hub, other)
	if d := s.check(t, other, ownName).Domain; d.State != onboarding.DomainProposed ||
		d.Problem != onboarding.DomainTaken {
		t.Errorf("while another has it, it is %+v", d)
	}

	// Records that are wrong for a while change the links, and nothing else.
	s.proofs(t, ownName, other)
	if d := s.check(t, s.Hub, ownName).Domain; d.State != onboarding.DomainVerified || d.Failing == 0 {
		t.Errorf("with another's record it is %+v", d)
	}
	s.Sync()
	if now := s.LinkOf(id); now != link {
		t.Errorf("the link is %s while the records are wrong", now)
	}
	if status, _ := s.ask(t, http.MethodGet, ownName, path, nil); status != http.StatusOK {
		t.Errorf("a link that is out answers %d", status)
	}
	s.Pass(23 * time.Hour)
	if d := s.check(t, other, ownName).Domain; d.Problem != onboarding.DomainTaken {
		t.Errorf("after 23 hours the other has %+v", d)
	}
	s.proofs(t, ownName, s.Hub)
	if d := s.check(t, s.Hub, ownName).Domain; !d.IsUsed() {
		t.Errorf("with its records again it is %+v", d)
	}

	// What the relay cannot find out is nobody's fault.
	s.zone.Set("localhost", domainstest.Name{Fails: true})
	s.zone.Set(ownName, domainstest.Name{Fails: true})
	s.Pass(48 * time.Hour)
	if d := s.check(t, s.Hub, ownName).Domain; d.State != onboarding.DomainVerified {
		t.Errorf("without DNS it is %+v", d)
	}
	s.zone.Set("localhost", domainstest.Name{A: []string{"127.0.0.1"}})
	s.zone.Set(ownName, domainstest.Name{CNAME: "localhost"})

	// A day without its record, and it is the other's.
	s.lose(t, s.Hub, ownName)
	s.proofs(t, ownName, other)
	if d := s.check(t, other, ownName).Domain; !d.IsUsed() {
		t.Errorf("once it is free, it is %+v", d)
	}
	if status, _ := s.ask(t, http.MethodGet, ownName, path, nil); status != http.StatusNotFound {
		t.Errorf("at the other's domain a link answers %d", status)
	}
	if d := s.check(t, s.Hub, ownName).Domain; d.State != onboarding.DomainLost {
		t.Errorf("for who had it, it is %+v", d)
	}
	s.Sync()
	todos, err := s.Hub.Todos(t.Context(), 0)
	if err != nil || !slices.ContainsFunc(todos, func(todo hub.Todo) bool { return todo.Domain == ownName }) {
		t.Errorf("the hub shows %+v, %v", todos, err)
	}
	s.Pass(11 * time.Minute) // the email waits for ten
	if _, err := s.World.Mail.Await(t.Context(), func(m sandbox.Message) bool {
		return strings.Contains(m.Subject, "links no longer open at "+ownName)
	}); err != nil {
		t.Errorf("no main user reads that the domain is lost: %v", err)
	}
}

func TestADomainThatWasRemovedOpensItsLinksUntilAnotherAgencyHasIt(t *testing.T) {
	s := newOwnScene(t)
	_, link := s.Request(onboarding.HubSpot)
	path := link[strings.Index(link, "/r/"):]
	other := s.Hub2(t)
	s.use(t, s.Hub, ownName)
	if _, err := s.Hub.Domains.Propose(t.Context(), "second.northlight.example"); err == nil ||
		!strings.Contains(err.Error(), "Remove "+ownName+" first") {
		t.Errorf("a second domain: %v", err)
	}
	own, err := s.Hub.Domains.Remove(t.Context(), ownName)
	if err != nil || own.Domain != nil || !slices.Equal(own.Leaving, []string{ownName}) {
		t.Fatalf("removed: %+v, %v", own, err)
	}
	if status, _ := s.ask(t, http.MethodGet, ownName, path, nil); status != http.StatusOK {
		t.Errorf("a link that is out answers %d", status)
	}
	if _, err := other.Domains.Propose(t.Context(), ownName); err != nil {
		t.Fatal(err)
	}
	s.proofs(t, ownName, other)
	if d := s.check(t, other, ownName).Domain; !d.IsUsed() {
		t.Errorf("what the former agency removed is %+v", d)
	}
	if status, _ := s.ask(t, http.MethodGet, ownName, path, nil); status != http.StatusNotFound {
		t.Errorf("the former agency's link answers %d", status)
	}
	// Removed again, it ends after a while even if the records stay.
	if _, err := other.Domains.Remove(t.Context(), ownName); err != nil {
		t.Fatal(err)
	}
	s.Pass(61 * 24 * time.Hour)
	if err := s.Relay.Relay.Domains().CheckDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	if own, err := other.Domains.Read(t.Context()); err != nil || len(own.Leaving) != 0 {
		t.Errorf("after two months it is served: %+v, %v", own, err)
	}
}

// Whoever can write the database cannot lead clients elsewhere.
func TestADomainThatTheRelayDidNotWriteIsServedForNobody(t *testing.T) {
	s := newOwnScene(t)
	id, link := s.Request(onboarding.HubSpot)
	s.use(t, s.Hub, ownName)
	s.Hub2(t)
	for _, change := range []string{
		`UPDATE domains SET name = 'evil.example'`,
		`UPDATE domains SET name = '` + ownName + `', agency = (SELECT id FROM agencies WHERE name = 'Acme Media')`,
	} {
		err := s.DB.InTx(t.Context(), func(tx *sqldb.Tx) error {
			_, err := tx.ExecContext(t.Context(), change)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		s.Relay.Relay.Domains().Reload(t.Context())
		for _, host := range []string{"evil.example", ownName} {
			if agency, found := s.Relay.Relay.Domains().AgencyAt(t.Context(), host); found {
				t.Errorf("%s is served for %s", host, agency)
			}
		}
		s.Sync()
		if now := s.LinkOf(id); strings.Contains(now, "evil.example") {
			t.Errorf("the link leads to %s, and was %s", now, link)
		}
	}
	checks, err := s.Store.Integrity.Check(t.Context(), "")
	if err != nil || !slices.ContainsFunc(checks, func(of store.AgencyCheck) bool {
		return len(of.Rows) == 1 && of.Rows[0].Table == "domains"
	}) {
		t.Errorf("the operator reads %+v, %v", checks, err)
	}
}

func TestAfterARestoreADomainIsCheckedBeforeItIsUsedAgain(t *testing.T) {
	s := newOwnScene(t)
	s.use(t, s.Hub, ownName)
	if _, err := s.Store.Agencies.MarkRestored(t.Context()); err != nil {
		t.Fatal(err)
	}
	if d := s.read(t, s.Hub); d.State != onboarding.DomainProposed || d.IsUsed() {
		t.Errorf("after a restore it is %+v", d)
	}
	s.await(t, func(d onboarding.Domain) bool { return d.IsUsed() })
}

// Behind a proxy links are given out at a domain only once the proxy serves it.
func TestBehindAProxyADomainIsUsedOnceItsPagesComeThrough(t *testing.T) {
	s := newOwnScene(t)
	id, link := s.Request(onboarding.HubSpot)
	served := s.Relay.Relay.Domains()
	var through atomic.Bool
	served.UsePreparer(func(ctx context.Context, d onboarding.Domain) (onboarding.DomainProblem, string) {
		if !through.Load() { // as a proxy that has another page there
			d.Token = "other"
		}
		return served.AskProxy(ctx, d)
	})
	own, err := s.Hub.Domains.Propose(t.Context(), ownName)
	if err != nil {
		t.Fatal(err)
	}
	s.setRecords(own)
	s.check(t, s.Hub, ownName)
	settled := func(problem onboarding.DomainProblem) {
		t.Helper()
		s.await(t, func(d onboarding.Domain) bool {
			return d.State == onboarding.DomainVerified && d.Problem == problem && d.IsUsed() == (problem == "")
		})
		s.Sync()
		if now := s.LinkOf(id); (now != link) != (problem == "") {
			t.Errorf("the link is %s", now)
		}
	}
	settled(onboarding.DomainUnreachable)
	through.Store(true)
	s.Pass(time.Hour)
	settled("")
	through.Store(false) // it serves it no more
	s.Pass(7 * time.Hour)
	settled(onboarding.DomainUnreachable)
}
