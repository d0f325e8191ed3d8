package wizard_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay"
	"github.com/latchkeyhq/latchkey/internal/relay/keyset"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/webtest"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// fronted is a relay's handler at a public address of its own: over https,
// where loopback has http.
func fronted(t *testing.T, rl *relaytest.Relay, address string, now func() time.Time) http.Handler {
	t.Helper()
	keys, err := keyset.Open(rl.KeysetFile, now)
	if err != nil {
		t.Fatal(err)
	}
	front, err := relay.New(relay.Config{
		Catalog: catalogtest.New(t), URL: address, DB: rl.DB, Keyset: keys, Operator: "Example Operations", Now: now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return front.Handler()
}

// asked is one call of a handler, with a form or without, and its answer.
func asked(h http.Handler, method, address string, form url.Values, header http.Header) *http.Response {
	r := httptest.NewRequest(method, address, strings.NewReader(form.Encode()))
	r.Header.Set("User-Agent", webtest.DesktopBrowser)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, values := range header {
		r.Header[name] = values
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

// onlyCookie is the one cookie that an answer sets.
func onlyCookie(t *testing.T, answer *http.Response) *http.Cookie {
	t.Helper()
	all := answer.Cookies()
	if len(all) != 1 {
		t.Fatalf("status %d sets %d cookies, want one", answer.StatusCode, len(all))
	}
	return all[0]
}

func TestAVisitsCookieIsForThisSiteAloneAndAsLongAsTheLink(t *testing.T) {
	clock := relaytest.NewClock()
	rl := relaytest.Start(t, relaytest.Config{Now: clock.Now, Idle: true})
	ana := rl.Enrol(t, rl.AddAgency(t, "Acme Media", "Ana Ruiz <ana@acme.example>").Code)
	about := url.Values{"name": {"Marta Lind"}, "email": {"marta@harbourpine.example"}}
	for address, c := range map[string]struct {
		prefix string
		secure bool
	}{
		"https://access.example": {"__Host-visit-", true},
		"http://localhost:4711":  {"visit-", false},
	} {
		t.Run(address, func(t *testing.T) {
			h := fronted(t, rl, address, clock.Now)
			var names []string
			for range 2 {
				request := relaytest.Call(t, ana, wire.SaveRequest, relaytest.HubSpotRequest(store.NewID())).Request
				link := address + "/r/" + request.Link[strings.LastIndex(request.Link, "/")+1:]
				clock.Advance(time.Hour)
				set := onlyCookie(t, asked(h, http.MethodPost, link+"/about", about, nil))
				left := int(time.Duration(request.Expires-onboarding.TimestampOf(clock.Now())) * time.Millisecond / time.Second)
				checkCookie(t, set, c.prefix, c.secure, left)
				if len(set.Value) != 43 {
					t.Errorf("it carries %d emails, want 32 random bytes", len(set.Value))
				}
				names = append(names, set.Name)

				sent := http.Header{"Cookie": {set.Name + "=" + set.Value}}
				gone := onlyCookie(t, asked(h, http.MethodPost, link+"/someone-else", url.Values{}, sent))
				checkCookie(t, gone, c.prefix, c.secure, -1)
				if gone.Name != set.Name || gone.Value != "" {
					t.Errorf("the cookie that is deleted is %s=%q, want %s", gone.Name, gone.Value, set.Name)
				}
			}
			if names[0] == names[1] {
				t.Error("two requests in one browser have one cookie")
			}
		})
	}
}

// checkCookie checks what every cookie that proves something has to be.
func checkCookie(t *testing.T, c *http.Cookie, prefix string, secure bool, age int) {
	t.Helper()
	if !strings.HasPrefix(c.Name, prefix) || c.MaxAge != age || !c.Expires.IsZero() {
		t.Errorf("it is called %s and lasts %d s, until %v; want %s… and %d s", c.Name, c.MaxAge, c.Expires, prefix, age)
	}
	if c.Secure != secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
		t.Errorf("it is set as %q", c.Raw)
	}
}

func TestTheSameVisitGoesOnAndAnotherPersonsEndsIt(t *testing.T) {
	rl := relaytest.Start(t, relaytest.Config{Idle: true})
	ana := rl.Enrol(t, rl.AddAgency(t, "Acme Media", "Ana Ruiz <ana@acme.example>").Code)
	request := relaytest.Call(t, ana, wire.SaveRequest, relaytest.HubSpotRequest(store.NewID())).Request
	h := rl.Relay.Handler()
	enter := func(name, email, cookie string) *http.Response {
		header := http.Header{}
		if cookie != "" {
			header.Set("Cookie", cookie)
		}
		return asked(h, http.MethodPost, request.Link+"/about", url.Values{"name": {name}, "email": {email}}, header)
	}
	// step is where a browser goes on that was just given its cookie.
	step := func(sent string) string {
		started := asked(h, http.MethodGet, request.Link+"/started", nil, http.Header{"Cookie": {sent}})
		return started.Header.Get("Location")
	}
	first := enter("Marta Lind", "marta@harbourpine.example", "")
	cookie := onlyCookie(t, first)
	sent := cookie.Name + "=" + cookie.Value
	page := step(sent)
	again := enter("Marta Lind", "Marta@HarbourPine.example", sent) // a double click
	if len(again.Cookies()) != 0 {
		t.Error("the same person once more begins anew")
	}
	for name, email := range map[string]string{
		"Marta Holm": "marta@harbourpine.example", "Marta Lind": "other@harbourpine.example",
	} {
		fresh := onlyCookie(t, enter(name, email, sent))
		if fresh.Value == cookie.Value || fresh.Name != cookie.Name {
			t.Errorf("%s, %s: the visit of another goes on", name, email)
		}
		old := asked(h, http.MethodGet, rl.URL+page, nil, http.Header{"Cookie": {sent}})
		if old.StatusCode != http.StatusForbidden {
			t.Errorf("%s, %s: the other's visit has status %d, want 403", name, email, old.StatusCode)
		}
		cookie = fresh
		sent = cookie.Name + "=" + cookie.Value
		visits, err := rl.Store.Visits.ListByRequest(t.Context(), request.ID)
		if err != nil || len(visits) != 1 {
			t.Fatalf("%d visits go on, %v", len(visits), err)
		}
		if back := enter("Marta Lind", "marta@harbourpine.example", sent); back.StatusCode != http.StatusSeeOther {
			t.Fatalf("coming back: status %d", back.StatusCode)
		} else {
			cookie = onlyCookie(t, back)
			sent = cookie.Name + "=" + cookie.Value
			page = step(sent)
		}
	}
}

// TestABrowserThatKeepsNoCookiesReadsSoAndHowToAllowThem: it is asked once, and not led in circles.
func TestABrowserThatKeepsNoCookiesReadsSoAndHowToAllowThem(t *testing.T) {
	s := relaytest.NewScene(t)
	link := s.Link(onboarding.HubSpot)
	about := url.Values{"name": {"Marta Lind"}, "email": {"marta@harbourpine.example"}}
	for range 2 {
		answer, _ := relaytest.Do(t, nil, http.MethodPost, link+"/about", about, relaytest.SameOrigin())
		next := answer.Header.Get("Location")
		answer, text := relaytest.Do(t, nil, http.MethodGet, s.URL+next, nil, relaytest.SameOrigin())
		if answer.StatusCode != http.StatusForbidden || answer.Header.Get("Location") != "" {
			t.Errorf("status %d, to %q", answer.StatusCode, answer.Header.Get("Location"))
		}
		for _, want := range []string{
			"This browser keeps no cookies", "Allow cookies for localhost", "Firefox", "Try again",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("the page does not say %q: %s", want, text)
			}
		}
		if strings.Contains(text, "another browser") {
			t.Error("the page blames another browser")
		}
	}
	v := s.Browser() // it allows them
	v.Enter(link, "Marta Lind", "marta@harbourpine.example")
	v.Reads("Add HubSpot")
	v.Open(link + "/started") // once more, from the history
	v.Reads("Add HubSpot")
}

func TestABrowserThatLosesItsCookiesOnTheWayBackGoesOnFromHere(t *testing.T) {
	s := relaytest.NewScene(t)
	id, v, back := onTheWay(t, s)
	crossSite := map[string]string{"Sec-Fetch-Site": "cross-site"}
	answer, text := relaytest.Do(t, nil, http.MethodGet, back.String(), nil, crossSite)
	if answer.StatusCode != http.StatusForbidden || !strings.Contains(text, "allow them for localhost") {
		t.Errorf("status %d: %s", answer.StatusCode, text)
	}
	stripped := s.Browser() // one that sends no cookies when it comes from another site
	stripped.Open(back.String())
	again := stripped.Page.Target("Try again")
	if again != back.RequestURI() {
		t.Fatalf("Try again leads to %q, want %q", again, back.RequestURI())
	}
	v.Open(s.URL + again)
	v.Reads("HubSpot is connected")
	s.HasItems(id, 1)
}

func TestAnAgencysBrowserThatKeepsNoCookiesReadsSo(t *testing.T) {
	s := relaytest.NewScene(t)
	started, err := s.Hub.StartConnection(t.Context(), onboarding.Meta)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Hub.CancelConnection(started.ID) })
	answer, _ := relaytest.Do(t, nil, http.MethodPost, started.Address, url.Values{}, relaytest.SameOrigin())
	_, text := relaytest.Do(t, nil, http.MethodGet, s.URL+answer.Header.Get("Location"), nil, relaytest.SameOrigin())
	if !strings.Contains(text, "This browser keeps no cookies") || !strings.Contains(text, "Allow cookies for localhost") {
		t.Errorf("the page says: %s", text)
	}
}

func TestAnAgencysSignInHasACookieOfTenMinutesAndLosesIt(t *testing.T) {
	s := relaytest.NewScene(t)
	started, err := s.Hub.StartConnection(t.Context(), onboarding.Meta)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Hub.CancelConnection(started.ID) })
	answer, _ := relaytest.Do(t, nil, http.MethodPost, started.Address, url.Values{}, relaytest.SameOrigin())
	set := onlyCookie(t, answer)
	checkCookie(t, set, "connect", false, 600)
	header := map[string]string{"Cookie": set.Name + "=" + set.Value}
	_, text := relaytest.Do(t, nil, http.MethodGet, s.URL+answer.Header.Get("Location"), nil, header)
	_, state, _ := strings.Cut(text, "state=")
	state = state[:strings.IndexAny(state, `&"`)]
	back, _ := relaytest.Do(t, nil, http.MethodGet, s.URL+"/callback/meta?error=access_denied&state="+state, nil, header)
	gone := onlyCookie(t, back)
	checkCookie(t, gone, "connect", false, -1)
	if gone.Name != set.Name || gone.Value != "" {
		t.Errorf("the cookie that is deleted is %s=%q", gone.Name, gone.Value)
	}
	if to := back.Header.Get("Location"); !strings.HasPrefix(to, "http://127.0.0.1:") || strings.Contains(to, "code=") {
		t.Errorf("a cancelled sign-in leads to %s", to)
	}

	h := fronted(t, s.Relay, "https://access.example", s.Now)
	other, err := s.Hub.StartConnection(t.Context(), onboarding.Meta)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Hub.CancelConnection(other.ID) })
	path := strings.TrimPrefix(other.Address, s.URL)
	page := asked(h, http.MethodGet, "https://access.example"+path, nil, nil)
	if page.StatusCode != http.StatusOK || len(page.Cookies()) != 0 {
		t.Errorf("looking at a start address: status %d, %d cookies", page.StatusCode, len(page.Cookies()))
	}
	taken := asked(h, http.MethodPost, "https://access.example"+path, url.Values{}, nil)
	checkCookie(t, onlyCookie(t, taken), "__Host-connect", true, 600)
}

func TestATabletsCookieIsForItsScriptAndLastsADay(t *testing.T) {
	rl := relaytest.Start(t, relaytest.Config{Idle: true})
	for address, secure := range map[string]bool{"https://access.example": true, "http://localhost:4711": false} {
		h := fronted(t, rl, address, time.Now)
		set := onlyCookie(t, asked(h, http.MethodGet, address+"/touch", nil,
			http.Header{"User-Agent": {relaytest.MacSafari}}))
		if set.Value != "1" || set.MaxAge != 86400 || set.Path != "/" || set.SameSite != http.SameSiteLaxMode ||
			set.Secure != secure || set.HttpOnly {
			t.Errorf("%s: it is set as %q", address, set.Raw)
		}
		none := asked(h, http.MethodGet, address+"/touch", nil, http.Header{"User-Agent": {relaytest.Firefox}})
		if len(none.Cookies()) != 0 {
			t.Errorf("%s: a browser that is no Macintosh gets %q", address, none.Cookies()[0].Raw)
		}
	}
}

func TestEveryPageCarriesTheseHeadersAndNoOthers(t *testing.T) {
	rl := relaytest.Start(t, relaytest.Config{Idle: true})
	want := map[string]string{
		"Content-Security-Policy": "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; " +
			"connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
		"Referrer-Policy":              "same-origin",
		"Cache-Control":                "no-store",
		"X-Content-Type-Options":       "nosniff",
		"X-Frame-Options":              "DENY",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
		"Permissions-Policy":           "camera=(), microphone=(), geolocation=(), payment=()",
		"X-Robots-Tag":                 "noindex, nofollow",
		"Content-Type":                 "text/html; charset=utf-8",
	}
	for address, lasting := range map[string]string{
		"https://access.example": "max-age=31536000", "http://localhost:4711": "",
	} {
		h := fronted(t, rl, address, time.Now)
		want["Strict-Transport-Security"] = lasting
		for path, status := range map[string]int{"/help": 200, "/nothing": 404, "/r/x": 404, "/w/x": 403} {
			answer := asked(h, http.MethodGet, address+path, nil, nil)
			for name, value := range want {
				if got := strings.Join(answer.Header.Values(name), "|"); got != value {
					t.Errorf("%s%s: %s is %q, want %q", address, path, name, got, value)
				}
			}
			if answer.StatusCode != status {
				t.Errorf("%s%s: status %d", address, path, answer.StatusCode)
			}
		}
	}
}
