package wizard_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
)

// post sends a form to the relay without a connection: some tests send many.
func post(s *relaytest.Scene, address, cookies string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, address, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Cookie", cookies)
	w := httptest.NewRecorder()
	s.Relay.Relay.Handler().ServeHTTP(w, r)
	return w
}

// inOneMinute moves the scene to the beginning of an hour of the clock, so that
// all that follows is in one window.
func inOneMinute(s *relaytest.Scene) {
	now := s.Now()
	s.Pass(now.Truncate(time.Hour).Add(time.Hour).Sub(now))
}

func TestAVisitSendsSoManyFormsAMinuteAndThenNothingIsWritten(t *testing.T) {
	s := relaytest.NewScene(t)
	a, id := entered(t, s, onboarding.HubSpot, onboarding.ActiveCampaign)
	other, _ := entered(t, s, onboarding.HubSpot)
	inOneMinute(s)
	skip := func() int { // with a reason that is refused, so that the limit alone decides
		return post(s, a.visit+"/skip/hubspot", a.cookies, url.Values{"reason": {""}}).Code
	}
	for n := range 120 {
		if status := skip(); status != http.StatusUnprocessableEntity {
			t.Fatalf("form %d: status %d", n+1, status)
		}
	}
	before := relaytest.SettledDigest(t, s)
	for _, form := range []string{
		"/skip/hubspot", "/platforms/hubspot/add", "/platforms/activecampaign/add", "/finish", "/report", "/receipt",
	} {
		w := post(s, a.visit+form, a.cookies, url.Values{"reason": {"Another reason"}, "text": {"Something"}})
		if w.Code != http.StatusTooManyRequests || !strings.Contains(w.Body.String(), "Too many attempts") {
			t.Errorf("%s, one too many: status %d", form, w.Code)
		}
	}
	if after := relaytest.SettledDigest(t, s); after != before {
		t.Error("forms beyond the limit change the database")
	}
	if status := post(s, other.visit+"/skip/hubspot", other.cookies, url.Values{}).Code; status !=
		http.StatusUnprocessableEntity {
		t.Errorf("a visit of another link: status %d", status)
	}
	if answer, _ := a.ask(t, http.MethodGet, a.visit+"/platforms", nil, ""); answer.StatusCode != http.StatusOK {
		t.Errorf("looking goes on: status %d", answer.StatusCode)
	}
	s.Pass(time.Minute)
	if status := skip(); status != http.StatusUnprocessableEntity {
		t.Errorf("a minute later: status %d", status)
	}
	s.HasItems(id, 0)
}

func TestALinkSendsSoManyFormsAMinuteWhoeverHasIt(t *testing.T) {
	s := relaytest.NewScene(t)
	link := s.Link(onboarding.HubSpot)
	other := s.Link(onboarding.HubSpot)
	inOneMinute(s)
	for n := range 600 {
		if status := post(s, link+"/about", "", url.Values{}).Code; status != http.StatusUnprocessableEntity {
			t.Fatalf("form %d: status %d", n+1, status)
		}
	}
	for _, form := range []string{"", "/about", "/someone-else", "/email-me", "/report"} {
		if status := post(s, link+form, "", url.Values{}).Code; status != http.StatusTooManyRequests {
			t.Errorf("%s, one too many: status %d", form, status)
		}
	}
	if status := post(s, other+"/about", "", url.Values{}).Code; status != http.StatusUnprocessableEntity {
		t.Errorf("another link: status %d", status)
	}
	if answer, _ := relaytest.Do(t, nil, http.MethodGet, link, nil, nil); answer.StatusCode != http.StatusOK {
		t.Errorf("looking goes on: status %d", answer.StatusCode)
	}
}

func TestReportsFillNoLog(t *testing.T) {
	s := relaytest.NewScene(t)
	link := s.Link(onboarding.HubSpot)
	a := asker{s: s}
	inOneMinute(s)
	for n := range 20 {
		want := http.StatusOK
		if n >= 10 {
			want = http.StatusTooManyRequests
		}
		answer, _ := a.ask(t, http.MethodPost, link+"/report", url.Values{"text": {"This is fraud"}}, "")
		if answer.StatusCode != want {
			t.Errorf("report %d: status %d, want %d", n+1, answer.StatusCode, want)
		}
	}
	if lines := strings.Count(s.Log.String(), "This is fraud"); lines != 10 {
		t.Errorf("twenty reports are %d lines of the log, want 10", lines)
	}
}

// The platform sees the tries of all clients from one address: the relay's.
func TestKeysAreTriedSoOftenAndWhatIsTypedStays(t *testing.T) {
	s := relaytest.NewScene(t)
	v, account := s.AtKeyForm()
	inOneMinute(s)
	try := func(key string) {
		v.Fill("API URL", account.URL)
		v.Fill("API key", key)
		v.Press("Connect")
	}
	for range 30 {
		try("wrong")
		v.Reads("ActiveCampaign rejected this key")
	}
	s.Pass(30 * time.Minute)
	try(account.Key)
	v.Sees(http.StatusTooManyRequests)
	v.Reads("Keys were tried too often here")
	if !strings.Contains(v.Page.HTML, account.Key) || !strings.Contains(v.Page.HTML, account.URL) {
		t.Errorf("what was typed is lost: %.800s", v.Page.Text())
	}
	s.Pass(30 * time.Minute)
	v.Press("Connect")
	v.Reads("ActiveCampaign is connected")
}

func TestKeysOfOneAccountAreTriedSoOftenByAllLinksTogether(t *testing.T) {
	s := relaytest.NewScene(t)
	inOneMinute(s)
	var last *relaytest.Browser
	for range 2 {
		v, account := s.AtKeyForm()
		for range 30 {
			v.Fill("API URL", account.URL)
			v.Fill("API key", "wrong")
			v.Press("Connect")
			v.Reads("ActiveCampaign rejected this key")
		}
	}
	last, account := s.AtKeyForm()
	last.Fill("API URL", account.URL)
	last.Fill("API key", account.Key)
	last.Press("Connect")
	last.Sees(http.StatusTooManyRequests)
	last.Fill("API URL", s.World.Keys(string(onboarding.ActiveCampaign.Platform()))[1].URL)
	last.Press("Connect")
	last.Sees(http.StatusUnprocessableEntity) // it is tried at another account
}
