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

// rehearsal is how somebody connects an account at one platform.
type rehearsal struct {
	service onboarding.Service
	// before answers what is asked before leaving; nil: nothing is.
	before func(v *relaytest.Browser)
	// presses are the buttons of the platform's pages, the first person's: of
	// those that a page shows, the first one is pressed.
	presses []string
	// other is somebody else there, with an account of their own.
	other []string
	// ticks are boxes to tick where a page shows them.
	ticks []string
	// identities change what the platform says of the account, so that it must
	// not be connected: each call after the token's, in turn.
	identities []change
	// tokens change the token endpoint's result, beside what every platform has.
	tokens []change
	// backs change the callback, beside what every platform has.
	backs []negative
	// refreshes says that a refresh token has to come with the access token.
	refreshes bool
	// optional says that a scope which is not granted is an optional one: the
	// account is connected without it.
	optional bool
	// accounts is how many calls follow the token's during a sign-in.
	accounts int
}

// change is what a field of a JSON object is replaced by; a nil field deletes it.
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

// TestEveryPlatformIsRehearsed fails when a driver joins without its line.
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

// stage is a relay with one platform's request, and a front before the platform.
type stage struct {
	*relaytest.Scene
	rehearsal
	front   *front
	label   string           // what the service is called
	clock   *relaytest.Clock // of the world outside: codes end by it
	request string
	link    string
	person  *relaytest.Browser // the platform's own browser, signed in once
	visit   *relaytest.Browser // the client's browser, in the wizard
	list    string             // the step that visit leaves from
	pkce    bool
	issuer  string
	app     platform.App // as the relay has it
}

// newStage starts a relay that calls its platforms through a front. A call may
// take as long as limit; zero: the drivers' own.
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

// enter is somebody in the wizard before the step that connects the service.
func (st *stage) enter(link string) *relaytest.Browser {
	v := st.Browser()
	v.Enter(link, "Lars Holm", "lars@harbourpine.example")
	return v
}

// leave goes from a step's page to the one before the platform, and gives the
// address there.
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

// walk presses what a platform's pages show until it sends the browser back;
// nil: it sends nobody back.
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

// allow is the callback that somebody who allows everything comes back with.
func (st *stage) allow(t testing.TB, address string) *url.URL {
	t.Helper()
	back := st.walk(t, st.person, address, st.presses)
	if back == nil {
		t.Fatalf("%s sent nobody back: %d %s", st.id(), st.person.Page.Status, st.person.Page.Text())
	}
	return back
}

// counted is what a sign-in that failed must not change.
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

// holdsNo fails for every token of the platform that stands in the clear in the
// relay's database or log.
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

// wayOn says whether a page tells what to do next: a control that does it, or a
// sentence.
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

// parallel runs f for each platform at the same time, as far as the machine can.
func parallel(t *testing.T, f func(t *testing.T, p rehearsal)) {
	for _, p := range rehearsals() {
		t.Run(string(p.id()), func(t *testing.T) {
			t.Parallel()
			f(t, p)
		})
	}
}

// tally counts the cases of each platform and fails below a number.
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

// atLeast fails for every platform of platform/all that has fewer cases.
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

// send makes one request with a browser's cookies, follows no redirect, and
// gives the page.
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
