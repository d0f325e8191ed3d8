//go:build !quick

package platforms

import (
	"bytes"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/platform/all"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/webtest"
)

// rehearsal describes how to connect an account at one platform.
type rehearsal struct {
	service onboarding.Service
	// before answers the question before the sign-in; nil: there is none.
	before func(v *relaytest.Browser)
	// presses are the buttons on the platform's pages, the first person's: on
	// each page the first that exists is pressed.
	presses []string
	// other is another person, with an account of their own.
	other []string
	// ticks are boxes to tick if a page shows them.
	ticks []string
	// identities change the platform's account responses such that it must not
	// be connected: one per call after the token's.
	identities []change
	// tokens change the token response, besides the common cases.
	tokens []change
	// backs change the callback, besides the common cases.
	backs []negative
	// refreshes: the token response must include a refresh token.
	refreshes bool
	// optional: the missing scope is an optional one, so the account is
	// connected.
	optional bool
	// accounts is the number of calls after the token's during a sign-in.
	accounts int
}

// change replaces a field of a JSON object; nil deletes it.
type change struct {
	name string
	edit func(object map[string]any)
}

func set(field string, value any) func(map[string]any) {
	return func(object map[string]any) {
		if value == nil {
			delete(object, field)
			return
		}
		object[field] = value
	}
}

func rehearsals() []rehearsal {
	return []rehearsal{
		metaRehearsal(), mailchimpRehearsal(), salesforceRehearsal(), googlesheetsRehearsal(), hubspotRehearsal(),
	}
}

func (p rehearsal) id() onboarding.Platform { return p.service.Platform() }

// signIn is the relay's driver of the platform.
func (p rehearsal) signIn(t testing.TB) platform.SignIn {
	t.Helper()
	drivers, err := all.ForRelay(map[onboarding.Platform]platform.App{
		p.id(): {ClientID: "1001", ClientSecret: onboarding.NewSecret("s")},
	}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	driver, err := platform.Find(drivers, p.id())
	if err != nil {
		t.Fatal(err)
	}
	return driver.(platform.SignIn)
}

// TestEveryPlatformIsRehearsed fails for a driver without a rehearsal.
func TestEveryPlatformIsRehearsed(t *testing.T) {
	known := map[onboarding.Platform]bool{}
	for _, p := range rehearsals() {
		known[p.id()] = true
	}
	for _, of := range all.Apps() {
		if !known[of] {
			t.Errorf("%s has no rehearsal", of)
		}
	}
	if len(known) != len(all.Apps()) {
		t.Errorf("%d platforms are rehearsed, want %d", len(known), len(all.Apps()))
	}
}

// stage is a relay with a request for one platform, and a front before the
// platform.
type stage struct {
	*relaytest.Scene
	rehearsal
	front   *front
	label   string           // the service's name
	clock   *relaytest.Clock // of the platforms: codes expire by it
	request string
	link    string
	person  *relaytest.Browser // a browser that is signed in at the platform
	visit   *relaytest.Browser // the client's browser, in the wizard
	list    string             // the step before the sign-in
	pkce    bool
	issuer  string
	app     platform.App // the relay's app
	begun   int          // sign-ins
}

// newStage starts a relay that calls its platforms through a front. limit
// bounds a call; zero: the drivers' default.
func newStage(t *testing.T, p rehearsal, limit time.Duration) *stage {
	t.Helper()
	st := &stage{rehearsal: p, clock: relaytest.NewClock(), label: catalogtest.New(t).Service(p.service).Name}
	st.clock.Advance(time.Since(st.clock.Now()))
	world := relaytest.NewWorld(t, st.clock.Now)
	st.front = newFront(t, world.Server(string(p.id())).URL())
	st.Scene = relaytest.NewSceneOn(t, relaytest.Config{
		World: world, Apps: func(apps map[onboarding.Platform]platform.App) {
			app := apps[p.id()]
			app.Token, app.API, app.Timeout = st.front.URL, st.front.URL, limit
			apps[p.id()], st.app = app, app
		}})
	if catalogtest.New(t).Service(p.service).Key == nil {
		driver := p.signIn(t)
		st.pkce = driver.UsesPKCE()
		if named, has := driver.(interface{ Issuer() string }); has {
			st.issuer = named.Issuer()
		}
	}
	st.request, st.link = st.Request(p.service)
	st.person = st.Browser()
	return st
}

// enter opens a link up to the step of the service.
func (st *stage) enter(link string) *relaytest.Browser {
	v := st.Browser()
	v.Enter(link, "Lars Holm", "lars@harbourpine.example")
	return v
}

// leave goes from a step's page towards the platform, and returns the URL
// there.
func (st *stage) leave(v *relaytest.Browser) string {
	v.Press("Add " + st.label)
	if st.before != nil {
		st.before(v)
	}
	for _, words := range []string{"Proceed", "Log In"} {
		if to := v.Page.Target(words); to != "" {
			return to
		}
	}
	v.Reads("Proceed")
	return ""
}

// walk presses the buttons of a platform's pages until the callback; nil: there
// is none.
func (st *stage) walk(t testing.TB, v *relaytest.Browser, address string, presses []string) *url.URL {
	t.Helper()
	var back *url.URL
	v.OnRedirect(func(to *url.URL) bool {
		if strings.Contains(to.Path, "/callback/") {
			back = to
			return false
		}
		return true
	})
	v.Open(address)
	for range 8 {
		if back != nil {
			return back
		}
		for _, box := range st.ticks {
			for _, shown := range v.Page.Boxes() {
				if strings.HasPrefix(shown, box) {
					v.Tick(shown)
				}
			}
		}
		pressed := false
		for _, words := range presses {
			if v.Page.Has(words) && !pressed {
				pressed = true
				v.Press(words)
			}
		}
		if !pressed {
			return back
		}
	}
	return back
}

// allow is the callback after allowing everything.
func (st *stage) allow(t testing.TB, address string) *url.URL {
	t.Helper()
	back := st.walk(t, st.person, address, st.presses)
	if back == nil {
		t.Fatalf("%s sent nobody back: %d %s", st.id(), st.person.Page.Status, st.person.Page.Text())
	}
	return back
}

// counted counts the rows that a failed sign-in must not change.
func (st *stage) counted(t testing.TB) map[string]int {
	t.Helper()
	var items, credentials, deliveries, connections, tokens int
	err := st.DB.QueryRowContext(t.Context(), `
		SELECT (SELECT count(*) FROM items), (SELECT count(*) FROM credentials), (SELECT count(*) FROM deliveries
		WHERE version = 1),
		       (SELECT count(*) FROM connections), (SELECT count(*) FROM visits WHERE length(sealed_token) > 0)`,
	).Scan(&items, &credentials, &deliveries, &connections, &tokens)
	if err != nil {
		t.Fatalf("counting what is stored: %v", err)
	}
	return map[string]int{
		"items": items, "credentials": credentials, "deliveries": deliveries, "connections": connections, "tokens": tokens,
	}
}

// holdsNo fails for every token that the relay's database or log has in the
// clear.
func (st *stage) holdsNo(t testing.TB, tokens []string) {
	t.Helper()
	if len(tokens) == 0 {
		return
	}
	var texts [][]byte
	for _, suffix := range []string{"", "-wal"} {
		text, err := os.ReadFile(st.Source + suffix)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		texts = append(texts, text)
	}
	texts = append(texts, []byte(st.Log.String()))
	for _, token := range tokens {
		for _, text := range texts {
			if len(token) > 8 && bytes.Contains(text, []byte(token)) {
				t.Errorf("a token stands in the clear in the database or the log")
			}
		}
	}
}

// wayOn reports whether a page offers a next step: a control, or a sentence.
func wayOn(p webtest.Page) bool {
	for _, words := range append(p.Buttons(), p.Links()...) {
		for _, way := range []string{
			"Add ", "Close", "Try again", "Skip", "Proceed", "Log In", "Connect", "Use ", "Look again", "Go on",
			"Grant Permission", "View request", "Next Step",
		} {
			if strings.HasPrefix(words, way) {
				return true
			}
		}
	}
	for _, sentence := range []string{
		"Go back to", "Open the link", "open the link", "Ask ", "ask ", "on a computer", "Please", "reload", "again",
	} {
		if strings.Contains(p.Text(), sentence) {
			return true
		}
	}
	return false
}

// parallel runs f for each platform, as parallel as the machine permits.
func parallel(t *testing.T, f func(t *testing.T, p rehearsal)) {
	for _, p := range rehearsals() {
		t.Run(string(p.id()), func(t *testing.T) {
			t.Parallel()
			f(t, p)
		})
	}
}

// tally counts the cases of each platform.
type tally struct {
	mu    sync.Mutex
	count map[onboarding.Platform]int
}

func (c *tally) add(of onboarding.Platform) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.count == nil {
		c.count = map[onboarding.Platform]int{}
	}
	c.count[of]++
}

// atLeast fails for every platform of platform/all with fewer cases.
func (c *tally) atLeast(t *testing.T, platforms []onboarding.Platform, want int) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, of := range platforms {
		t.Logf("%s: %d cases", of, c.count[of])
		if c.count[of] < want {
			t.Errorf("%s has %d cases, want %d", of, c.count[of], want)
		}
	}
}

// send makes one request with a browser's cookies, without following redirects,
// and returns the page.
func send(t testing.TB, jar http.CookieJar, method, address string, header map[string]string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("User-Agent", webtest.DesktopBrowser)
	for name, value := range header {
		r.Header.Set(name, value)
	}
	client := &http.Client{
		Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close() // only the status counts
	return answer
}
