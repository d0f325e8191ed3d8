package wizard_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// asker asks as one browser in one visit.
type asker struct {
	s              *relaytest.Scene
	visit, cookies string
}

func (a asker) ask(t *testing.T, method, at string, form url.Values, agent string) (*http.Response, string) {
	t.Helper()
	header := map[string]string{"Sec-Fetch-Site": "same-origin", "Cookie": a.cookies}
	if agent != "" {
		header["User-Agent"] = agent
	}
	return relaytest.Do(t, nil, method, at, form, header)
}

// leave begins a sign-in by this form, and gives the state it carries and the
// sign of its leaving page.
func (a asker) leave(t *testing.T, form string, values url.Values) (state, sign string) {
	t.Helper()
	answer, _ := a.ask(t, http.MethodPost, a.visit+form, values, "")
	at := answer.Header.Get("Location")
	_, text := a.ask(t, http.MethodGet, a.s.URL+at, nil, "")
	_, after, found := strings.Cut(text, "state=")
	if !found {
		t.Fatalf("%s leads to %s, which leads nowhere: %.300s", form, at, text)
	}
	return after[:strings.IndexAny(after, `&"`)], path.Base(at)
}

// back comes back from a platform, and gives the page that follows.
func (a asker) back(t *testing.T, from, query string) (status int, text string) {
	t.Helper()
	answer, text := a.ask(t, http.MethodGet, a.s.URL+"/callback/"+from+"?"+query, nil, "")
	for answer.StatusCode == http.StatusSeeOther {
		answer, text = a.ask(t, http.MethodGet, a.s.URL+answer.Header.Get("Location"), nil, "")
	}
	return answer.StatusCode, text
}

// entered is somebody in the wizard of a request for these services.
func entered(t *testing.T, s *relaytest.Scene, services ...onboarding.Service) (a asker, id string) {
	t.Helper()
	id, link := s.Request(services...)
	v := s.Browser()
	v.Enter(link, "Lars Holm", "lars@harbourpine.example")
	return asker{s, visitOf(v), cookiesOf(t, s, v)}, id
}

func TestEachThingAPlatformSendsBackIsSaidAsWhatItIs(t *testing.T) {
	s := relaytest.NewScene(t)
	a, id := entered(t, s, onboarding.HubSpot, onboarding.GoogleSheets)
	cancelled, down, plan := "You came back without signing in", "HubSpot does not answer right now",
		"Your plan does not include this"
	side := "This is on the side of Northlight Media, not yours"
	for query, says := range map[string]string{
		"":                                   cancelled,
		"&code=":                             cancelled,
		"&code=x&code=y":                     cancelled,
		"&code=" + strings.Repeat("a", 4097): cancelled,
		"&error=access_denied":               cancelled,
		"&error=access_denied&code=x":        cancelled,
		"&error=consent_required":            cancelled,
		"&error=temporarily_unavailable":     down,
		"&error=server_error":                down,
		"&error=invalid_scope":               plan,
		"&error=insufficient_scope":          plan,
		"&error=unauthorized_client":         side,
		"&error=invalid_client":              side,
		"&error=" + strings.Repeat("x", 61):  strings.Repeat("x", 60),
	} {
		state, _ := a.leave(t, "/platforms/hubspot/add", url.Values{})
		if _, text := a.back(t, "hubspot", "state="+state+query); !strings.Contains(text, says) ||
			strings.Contains(text, strings.Repeat("x", 61)) {
			t.Errorf("%.60s: the page does not say %q: %.1500s", query, says, text)
		}
	}
	const other = "This is another browser"
	for query, elsewhere := range map[string]bool{
		"&code=x&iss=https://evil.example": true,
		"&code=x&iss=":                     true,
		"&code=x&iss=https://accounts.google.com&iss=https://accounts.google.com":    true,
		"&error=access_denied&iss=https://evil.example":                              true,
		"&error=access_denied&iss=" + url.QueryEscape("https://accounts.google.com"): false,
		"&error=access_denied": false,
	} {
		state, _ := a.leave(t, "/platforms/googlesheets/before", url.Values{"option": {"pick"}})
		if _, text := a.back(t, "googlesheets", "state="+state+query); strings.Contains(text, other) != elsewhere {
			t.Errorf("%s: said to be another's answer %v, want %v: %.1500s", query, !elsewhere, elsewhere, text)
		}
	}
	s.HasItems(id, 0)
}

func TestAPhoneUsesNoSignInUp(t *testing.T) {
	s := relaytest.NewScene(t)
	a, _ := entered(t, s, onboarding.HubSpot)
	state, _ := a.leave(t, "/platforms/hubspot/add", url.Values{})
	at := s.URL + "/callback/hubspot?error=access_denied&state=" + state
	if answer, text := a.ask(t, http.MethodGet, at, nil, relaytest.IPhone); answer.StatusCode != http.StatusForbidden ||
		!strings.Contains(text, onAComputer) {
		t.Errorf("on a phone: status %d", answer.StatusCode)
	}
	if _, text := a.back(t, "hubspot", "error=access_denied&state="+state); !strings.Contains(text,
		"You came back without signing in") {
		t.Errorf("on the computer afterwards: %.800s", text)
	}
	if answer, _ := a.ask(t, http.MethodGet, s.URL+"/callback/nothing?state="+state, nil,
		""); answer.StatusCode != http.StatusNotFound {
		t.Errorf("a platform that is none: status %d", answer.StatusCode)
	}
}

func TestALeavingPageIsOfItsServiceAndItsTime(t *testing.T) {
	s := relaytest.NewScene(t)
	a, _ := entered(t, s, onboarding.HubSpot, onboarding.Salesforce)
	_, sign := a.leave(t, "/platforms/hubspot/add", url.Values{})
	leads := func(at, to string) {
		t.Helper()
		answer, _ := a.ask(t, http.MethodGet, a.visit+at, nil, "")
		if got := answer.Header.Get("Location"); answer.StatusCode != http.StatusSeeOther || a.s.URL+got != a.visit+to {
			t.Errorf("%s: status %d, to %s", at, answer.StatusCode, got)
		}
	}
	leads("/platforms/salesforce/leaving/"+sign, "/platforms")
	leads("/platforms/hubspot/leaving/made-up", "/platforms")
	if answer, _ := a.ask(t, http.MethodGet, a.visit+"/platforms/hubspot/leaving/"+sign, nil,
		""); answer.StatusCode != http.StatusOK {
		t.Errorf("its own: status %d", answer.StatusCode)
	}
	for _, at := range []string{
		"/platforms/activecampaign/key", "/platforms/hubspot/key", "/platforms/hubspot/before", "/platforms/mailchimp/result",
		"/platforms/facebook/result", "/skip/mailchimp",
	} {
		if answer, _ := a.ask(t, http.MethodGet, a.visit+at, nil, ""); answer.StatusCode != http.StatusNotFound {
			t.Errorf("%s, which this request has not: status %d", at, answer.StatusCode)
		}
	}
	s.Pass(10*time.Minute + time.Second)
	leads("/platforms/hubspot/leaving/"+sign, "/platforms")
}

// A callback that nobody waits for goes to the newest visit of the browser
// that asks for the platform and can go on.
func TestAStrayCallbackFindsTheNewestVisitThatGoesOn(t *testing.T) {
	s := relaytest.NewScene(t)
	first, _ := entered(t, s, onboarding.HubSpot)
	s.Pass(time.Second)
	newest, id := entered(t, s, onboarding.HubSpot)
	s.Pass(time.Second)
	other, _ := entered(t, s, onboarding.ActiveCampaign)
	stray := func(cookies ...string) (status int, text string) {
		t.Helper()
		header := map[string]string{"Cookie": strings.Join(cookies, "; ")}
		answer, text := relaytest.Do(t, nil, http.MethodGet, s.URL+"/callback/hubspot?code=x&state=stale", nil, header)
		return answer.StatusCode, text
	}
	seen := func(a asker) {
		t.Helper()
		if err := s.Store.Visits.SaveState(t.Context(), path.Base(a.visit), "{}"); err != nil {
			t.Fatal(err)
		}
	}
	expect := func(what string, want asker, cookies ...string) {
		t.Helper()
		status, text := stray(cookies...)
		if again := strings.TrimPrefix(want.visit, s.URL) + "/platforms/hubspot/add"; status != http.StatusOK ||
			!strings.Contains(text, "This sign-in is no longer open") || !strings.Contains(text, again) {
			t.Errorf("%s: status %d: %s", what, status, text)
		}
	}
	expect("its only visit", first, first.cookies)
	seen(first)
	s.Pass(time.Second)
	expect("the one seen last", first, newest.cookies, first.cookies, other.cookies)
	s.Pass(time.Second)
	expect("the newer one", newest, newest.cookies)
	seen(newest)
	expect("the newer one, among others", newest, first.cookies, newest.cookies, other.cookies)
	if status, _ := stray(other.cookies); status != http.StatusForbidden {
		t.Errorf("no visit asks for it: status %d", status)
	}
	if status, _ := stray(); status != http.StatusForbidden {
		t.Errorf("a browser without visits: status %d", status)
	}
	name, _, _ := strings.Cut(other.cookies, "=")
	_, value, _ := strings.Cut(first.cookies, "=")
	if status, _ := stray(name + "=" + value); status != http.StatusForbidden {
		t.Errorf("a cookie by another's name: status %d", status)
	}
	var many []string
	for range 20 {
		many = append(many, name+"="+value)
	}
	if status, _ := stray(append(many, first.cookies)...); status != http.StatusForbidden {
		t.Errorf("behind twenty others: status %d", status)
	}
	expect("behind nineteen", first, append(many[1:], first.cookies)...)
	if err := s.Hub.Outbox.Withdraw(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	s.Sync()
	expect("the newer one is dead", first, first.cookies, newest.cookies)
	expect("the newer one is dead, and asked first", first, newest.cookies, first.cookies)
	if status, _ := stray(newest.cookies); status != http.StatusGone {
		t.Errorf("only a dead one: status %d", status)
	}
}

func TestWhoGuessesIsKeptWaitingAfterTheTwentieth(t *testing.T) {
	clock := relaytest.NewClock()
	rl := relaytest.Start(t, relaytest.Config{Now: clock.Now, Idle: true})
	ana := rl.Enrol(t, rl.AddAgency(t, "Acme Media", "Ana Ruiz <ana@acme.example>").Code)
	link := relaytest.Call(t, ana, wire.SaveRequest, relaytest.HubSpotRequest(store.NewID())).Request.Link
	try := func(from, address string) *http.Response {
		r := httptest.NewRequest(http.MethodGet, address, nil)
		r.RemoteAddr = from
		w := httptest.NewRecorder()
		rl.Relay.Handler().ServeHTTP(w, r)
		return w.Result()
	}
	wrong := []string{rl.URL + "/r/x", rl.URL + "/r/x/help", rl.URL + "/l/x/genuine"}
	for n := 1; n <= 21; n++ {
		want := http.StatusNotFound
		if n == 21 {
			want = http.StatusTooManyRequests
		}
		answer := try("198.51.100.7:1", wrong[n%3])
		if answer.StatusCode != want || (answer.Header.Get("Retry-After") == "30") != (n == 21) {
			t.Errorf("wrong for the %d. time: status %d, Retry-After %q", n, answer.StatusCode, answer.Header.Get("Retry-After"))
		}
	}
	if answer := try("198.51.100.7:1", link); answer.StatusCode != http.StatusOK {
		t.Errorf("the right one of the same address: status %d", answer.StatusCode)
	}
	if answer := try("198.51.100.8:1", wrong[0]); answer.StatusCode != http.StatusNotFound {
		t.Errorf("a neighbour: status %d", answer.StatusCode)
	}
	clock.Advance(time.Minute)
	if answer := try("198.51.100.7:1", wrong[0]); answer.StatusCode != http.StatusNotFound {
		t.Errorf("a minute later: status %d", answer.StatusCode)
	}
}

// TestALinkWithThePunctuationOfItsSentenceOpens: what cannot belong to a token is
// dropped, and is no guess.
func TestALinkWithThePunctuationOfItsSentenceOpens(t *testing.T) {
	rl := relaytest.Start(t, relaytest.Config{Idle: true})
	ana := rl.Enrol(t, rl.AddAgency(t, "Acme Media", "Ana Ruiz <ana@acme.example>").Code)
	link := relaytest.Call(t, ana, wire.SaveRequest, relaytest.HubSpotRequest(store.NewID())).Request.Link
	h := rl.Relay.Handler()
	for _, added := range []string{
		".", ")", ">", ",", "%22", "%E2%80%99", "%3E", "%20", "/", "&amp;utm_source=mail", "%C2%A0", "%C2%AD", "%92", "%00",
		"*", "_", ").", ";", "%0D%0A", "%253E", "?utm_source=mail&fbclid=x", ".?utm_source=mail",
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			answer := asked(h, method, link+added, nil, nil)
			if to := answer.Header.Get("Location"); answer.StatusCode == http.StatusSeeOther {
				if rl.URL+to != link {
					t.Errorf("%s of …%s leads to %s", method, added, to)
				}
			} else if answer.StatusCode != http.StatusOK || !strings.HasPrefix(added, "?") {
				t.Errorf("%s of …%s: status %d", method, added, answer.StatusCode)
			}
		}
	}
	at := len(link) - 20
	for _, within := range []string{"%C2%AD", "%0D%0A", "%20", "%E2%80%8B", "=%0D%0A"} {
		answer := asked(h, http.MethodGet, link[:at]+within+link[at:], nil, nil)
		if to := answer.Header.Get("Location"); answer.StatusCode != http.StatusSeeOther || rl.URL+to != link {
			t.Errorf("with %s inside: status %d, to %s", within, answer.StatusCode, to)
		}
	}
	if answer := asked(h, http.MethodGet, rl.URL+"/r/x", nil, nil); answer.StatusCode != http.StatusNotFound {
		t.Errorf("a guess after them: status %d, want 404", answer.StatusCode)
	}
	if answer := asked(h, http.MethodPost, link+".", url.Values{}, nil); answer.StatusCode != http.StatusNotFound {
		t.Errorf("a form to such an address: status %d", answer.StatusCode)
	}
}

func TestAFormIsReadToItsBound(t *testing.T) {
	rl := relaytest.Start(t, relaytest.Config{Idle: true})
	ana := rl.Enrol(t, rl.AddAgency(t, "Acme Media", "Ana Ruiz <ana@acme.example>").Code)
	request := relaytest.Call(t, ana, wire.SaveRequest, relaytest.HubSpotRequest(store.NewID())).Request
	for size, want := range map[int]int{
		64 << 10: http.StatusUnprocessableEntity, 64<<10 + 1: http.StatusRequestEntityTooLarge,
	} {
		form := url.Values{"name": {strings.Repeat("x", size-len("name="))}}
		answer := asked(rl.Relay.Handler(), http.MethodPost, request.Link+"/about", form, nil)
		if answer.StatusCode != want {
			t.Errorf("a form of %d bytes: status %d, want %d", size, answer.StatusCode, want)
		}
	}
	// Of a request without recipients nobody is mailed a link.
	mine := url.Values{"email": {"a@b.example"}}
	if answer := asked(rl.Relay.Handler(), http.MethodPost, request.Link+"/email-me", mine,
		nil); answer.StatusCode != http.StatusNotFound {
		t.Errorf("a link by email without recipients: status %d", answer.StatusCode)
	}
}

func TestAReportTellsTheOperatorOnceADayAndIsCutOff(t *testing.T) {
	s := relaytest.NewSceneOn(t, relaytest.Config{Idle: true})
	id, link := s.Request(onboarding.HubSpot)
	report := func(text, email string, want int) {
		t.Helper()
		form := url.Values{"text": {text}, "email": {email}}
		if answer, _ := relaytest.Do(t, nil, http.MethodPost, link+"/report", form,
			relaytest.SameOrigin()); answer.StatusCode != want {
			t.Errorf("a report of %d emails by %q: status %d, want %d", len(text), email, answer.StatusCode, want)
		}
	}
	mailed := func(want int) {
		t.Helper()
		told := s.Emails(id, store.EmailReport)
		if told != want {
			t.Errorf("the operator gets %d emails, want %d", told, want)
		}
	}
	report("odd", "marta@harbourpine", http.StatusUnprocessableEntity)
	mailed(0)
	report(strings.Repeat("é", 501), "marta@harbourpine.example", http.StatusOK)
	report("again", "", http.StatusOK)
	mailed(1)
	log := s.Log.String()
	if !strings.Contains(log, strings.Repeat("é", 500)) || strings.Contains(log, strings.Repeat("é", 501)) ||
		!strings.Contains(log, "marta@harbourpine.example") || !strings.Contains(log, "again") {
		t.Error("what was typed is not in the log as far as it may")
	}
	s.Pass(23 * time.Hour)
	report("again", "", http.StatusOK)
	mailed(1)
	s.Pass(2 * time.Hour)
	report("again", "", http.StatusOK)
	mailed(2)
}

func TestWhoElseHasStartedIsSomebodyElseAndNotLongAgo(t *testing.T) {
	s := relaytest.NewScene(t)
	link := s.Link(onboarding.HubSpot)
	enter := func(name, email string) *relaytest.Browser {
		v := s.Browser()
		v.Enter(link, name, email)
		return v
	}
	says := func(v *relaytest.Browser, want bool, what string) {
		t.Helper()
		v.Reload()
		if v.Page.Says("Otto") != want {
			t.Errorf("%s: the page names Otto %v, want %v", what, !want, want)
		}
	}
	marta := enter("Marta Lind", "marta@harbourpine.example")
	says(marta, false, "alone")
	again := enter("Otto Berg", "Marta@harbourpine.example")
	says(marta, false, "herself at another browser")
	says(again, false, "herself, at that one")
	otto := enter("Otto Berg", "otto@harbourpine.example")
	says(marta, true, "with a colleague")
	s.Pass(23 * time.Hour)
	says(marta, true, "a day later, almost")
	s.Pass(2 * time.Hour)
	says(marta, false, "more than a day later")
	fresh := enter("Otto Berg", "otto@harbourpine.example")
	says(marta, true, "since he came back")
	fresh.Open(link)
	fresh.Press("I am someone else")
	says(marta, false, "since he has gone")
	_ = otto
}
