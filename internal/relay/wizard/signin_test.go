package wizard_test

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// away is a visitor on their way to HubSpot, and the callback they would come
// back to with a code that works.
func away(t *testing.T, s *relaytest.Scene, link string) (v *relaytest.Browser, back *url.URL) {
	t.Helper()
	v = s.Browser()
	v.Enter(link, "Lars Holm", "lars@harbourpine.example")
	v.Press("Add HubSpot")
	return v, grantAtHubSpot(t, s, v.Page.Target("Proceed"))
}

// onTheWay is away for a new request, with its id.
func onTheWay(t *testing.T, s *relaytest.Scene) (id string, v *relaytest.Browser, back *url.URL) {
	t.Helper()
	id, link := s.Request(onboarding.HubSpot)
	v, back = away(t, s, link)
	return id, v, back
}

// grantAtHubSpot allows the app in a browser of its own, and keeps the address
// that the browser is sent back to instead of opening it.
func grantAtHubSpot(t *testing.T, s *relaytest.Scene, address string) *url.URL {
	t.Helper()
	person := s.Browser()
	person.Open(address)
	person.Press("Lars Holm")
	person.Press("Harbour & Pine AB")
	var back *url.URL
	person.OnRedirect(func(to *url.URL) bool {
		if strings.HasPrefix(to.String(), s.URL+"/callback/") {
			back = to
			return false
		}
		return true
	})
	person.Press("Allow")
	if back == nil {
		t.Fatalf("HubSpot sent nobody back: %s", person.Page.Text())
	}
	return back
}

func with(back *url.URL, change func(query url.Values)) string {
	changed := *back
	query := changed.Query()
	change(query)
	changed.RawQuery = query.Encode()
	return changed.String()
}

func TestACallbackThatIsNotWhatWasSentConnectsNothing(t *testing.T) {
	s := relaytest.NewScene(t)
	for name, change := range map[string]func(query url.Values){
		"no state":             func(query url.Values) { query.Del("state") },
		"an empty state":       func(query url.Values) { query.Set("state", "") },
		"two states":           func(query url.Values) { query.Add("state", query.Get("state")) },
		"a state cut off":      func(query url.Values) { query.Set("state", query.Get("state")[1:]) },
		"a state in capitals":  func(query url.Values) { query.Set("state", strings.ToUpper(query.Get("state"))) },
		"no code":              func(query url.Values) { query.Del("code") },
		"an empty code":        func(query url.Values) { query.Set("code", "") },
		"two codes":            func(query url.Values) { query.Add("code", "other") },
		"a made-up code":       func(query url.Values) { query.Set("code", "made-up") },
		"a code too long":      func(query url.Values) { query.Set("code", strings.Repeat("a", 5000)) },
		"a code with NUL":      func(query url.Values) { query.Set("code", "a\x00b") },
		"denied":               func(query url.Values) { query.Del("code"); query.Set("error", "access_denied") },
		"denied with a code":   func(query url.Values) { query.Set("error", "access_denied") },
		"an error of a script": func(query url.Values) { query.Set("error", "<script>alert(1)</script>") },
		"an error too long":    func(query url.Values) { query.Set("error", strings.Repeat("x", 9000)) },
		"the platform is down": func(query url.Values) { query.Set("error", "temporarily_unavailable") },
		"a scope is refused":   func(query url.Values) { query.Set("error", "invalid_scope") },
	} {
		t.Run(name, func(t *testing.T) {
			id, v, back := onTheWay(t, s)
			v.Open(with(back, change))
			v.Sees(http.StatusOK)
			if strings.Contains(v.Page.HTML, "<script>alert") || v.Page.Says("is connected") {
				t.Errorf("the page says: %s", v.Page.Text())
			}
			v.Follow("Close")
			v.Press("Add HubSpot") // the way on is open
			s.HasItems(id, 0)
		})
	}
}

func TestACallbackWorksOnceAndALoadedAgainOneSaysWhatItDid(t *testing.T) {
	s := relaytest.NewScene(t)
	id, v, back := onTheWay(t, s)
	v.Open(back.String())
	v.Reads("HubSpot is connected")
	v.Open(back.String())
	v.Reads("HubSpot is connected")
	s.HasItems(id, 1)
}

func TestACallbackIsTooLateAfterTenMinutes(t *testing.T) {
	s := relaytest.NewScene(t)
	v, back := away(t, s, s.Link(onboarding.HubSpot))
	s.Pass(11 * time.Minute)
	v.Open(back.String())
	v.Reads("This sign-in is no longer open")
}

func TestACallbackInAnotherBrowserConnectsNothing(t *testing.T) {
	s := relaytest.NewScene(t)
	id, v, back := onTheWay(t, s)
	stranger := s.Browser()
	stranger.Open(back.String())
	stranger.Sees(http.StatusForbidden)
	stranger.Reads("This is another browser")
	s.HasItems(id, 0)
	v.Open(back.String()) // the stranger's call has not used it up
	v.Reads("HubSpot is connected")
	s.HasItems(id, 1)
}

// TestALookAtACallbackChangesNothing: link scanners, previews and browsers that load
// ahead ask before the person's own browser does.
func TestALookAtACallbackChangesNothing(t *testing.T) {
	s := relaytest.NewScene(t)
	id, v, back := onTheWay(t, s)
	_, link := s.Request(onboarding.HubSpot)
	other := s.Browser() // of another visit
	other.Enter(link, "Marta Lind", "marta@harbourpine.example")
	before := relaytest.DatabaseDigest(t, s)
	for name, look := range map[string]struct {
		method        string // empty: GET
		jar           http.CookieJar
		header, value string
		status        int
	}{
		"a link scanner":            {method: http.MethodGet, status: http.StatusForbidden},
		"a HEAD":                    {method: http.MethodHead, status: http.StatusMethodNotAllowed},
		"a HEAD of the browser":     {method: http.MethodHead, jar: v.Jar(), status: http.StatusMethodNotAllowed},
		"another browser":           {method: http.MethodGet, jar: other.Jar(), status: http.StatusForbidden},
		"a phone":                   {jar: v.Jar(), header: "Sec-CH-UA-Mobile", value: "?1", status: http.StatusForbidden},
		"a page loaded ahead":       {jar: v.Jar(), header: "Sec-Purpose", value: "prefetch", status: 503},
		"a page prerendered":        {jar: v.Jar(), header: "Sec-Purpose", value: "prefetch;prerender", status: 503},
		"a page that Safari loads":  {jar: v.Jar(), header: "X-Purpose", value: "prefetch", status: 503},
		"a page that Firefox loads": {jar: v.Jar(), header: "X-Moz", value: "prefetch", status: 503},
	} {
		for range 2 {
			header := map[string]string{}
			if look.header != "" {
				header[look.header] = look.value
			}
			answer, _ := relaytest.Do(t, look.jar, look.method, back.String(), nil, header)
			if answer.StatusCode != look.status {
				t.Errorf("%s: status %d, want %d", name, answer.StatusCode, look.status)
			}
		}
	}
	if relaytest.DatabaseDigest(t, s) != before {
		t.Error("looking at a callback has changed something")
	}
	v.Open(back.String())
	v.Reads("HubSpot is connected")
	s.HasItems(id, 1)
}

// TestACallbackFromAnotherSiteChangesNoVisit: every site can lead a client's browser
// to a callback, with the visit's cookie, but has no state.
func TestACallbackFromAnotherSiteChangesNoVisit(t *testing.T) {
	s := relaytest.NewScene(t)
	_, v, back := onTheWay(t, s)
	_, _, attackers := onTheWay(t, s)
	before := relaytest.DatabaseDigest(t, s)
	for _, query := range []string{
		"", "state=x", "state=&code=x", "state=x&code=y", "state=x&error=access_denied", "state=x&state=y&code=z",
		"state=x&error_code=1349126", "error=access_denied", "iss=x&error=y", attackers.RawQuery,
		attackers.RawQuery + "&error=access_denied",
	} {
		for _, platform := range []string{"hubspot", "meta"} {
			v.Open(s.URL + "/callback/" + platform + "?" + query)
			if strings.Contains(v.Page.Text(), "is connected") {
				t.Errorf("%s?%s: the page says: %s", platform, query, v.Page.Text())
			}
		}
	}
	if relaytest.DatabaseDigest(t, s) != before {
		t.Error("a callback from another site has changed something")
	}
	v.Open(back.String())
	v.Reads("HubSpot is connected")
}

func TestTwoReturnsAtOnceConnectOnce(t *testing.T) {
	s := relaytest.NewScene(t)
	id, v, back := onTheWay(t, s)
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			answer, _ := relaytest.Do(t, v.Jar(), http.MethodGet, back.String(), nil, nil)
			if answer.StatusCode != http.StatusSeeOther && answer.StatusCode != http.StatusOK {
				t.Errorf("status %d", answer.StatusCode)
			}
		})
	}
	both.Wait()
	s.HasItems(id, 1)
}

// TestWhatAPlatformRefusesIsNoCancelling: an error may come without OAuth's
// parameter, and without the state.
func TestWhatAPlatformRefusesIsNoCancelling(t *testing.T) {
	s := relaytest.NewScene(t)
	const cancelled, agencys, unclear = "was cancelled", "has not opened this", "Something did not work"
	for query, want := range map[string]string{
		"error=access_denied&error_code=200&error_reason=user_denied&error_description=Permissions+error": cancelled,
		"error=access_denied&code=x":      cancelled,
		"error=&error_reason=user_denied": cancelled,
		"error=user_cancelled_login":      cancelled,
		"error=ACCESS_DENIED":             cancelled,
		"denied=x":                        cancelled,
		"error=":                          cancelled,
		"error=&code=x":                   cancelled,
		"":                                cancelled,
		"error_code=1349126&error_message=App+not+active": agencys,
		"error_code=1349048&error_message=Cannot+load":    agencys,
		"error_code=1349126&error_message=x&code=y":       agencys,
		"error_code=190&error_message=x":                  unclear,
		"error_message=x":                                 unclear,
		"error_description=x":                             unclear,
		"error_code=made-up":                              unclear,
		"error=unsupported_response_type":                 unclear,
		"error_code=2&error_message=x":                    "does not answer right now",
		"error=server_error":                              "does not answer right now",
	} {
		t.Run(query, func(t *testing.T) {
			id, link := s.Request(onboarding.Facebook)
			v := s.Browser()
			v.Enter(link, "Marta Lind", "marta@harbourpine.example")
			v.Press("Add Facebook")
			login, err := url.Parse(v.Page.Target("Log In"))
			if err != nil {
				t.Fatal(err)
			}
			v.Open(s.URL + "/callback/meta?" + query + "&state=" + url.QueryEscape(login.Query().Get("state")))
			v.Sees(http.StatusOK)
			v.Reads(want)
			told := s.Emails(id, store.EmailAgencySideProblem) > 0
			if told != (want == agencys || want == unclear) {
				t.Errorf("the agency was told: %v", told)
			}
			v.Press("Try again")
			v.Follow("Log In")
		})
	}
}

func TestTheAgencyGetsTheCodeOfAnAppThatFacebookDoesNotServe(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.Facebook)
	v := s.Browser()
	v.Enter(link, "Marta Lind", "marta@harbourpine.example")
	v.Press("Add Facebook")
	s.Fault("meta", "app_inactive", true)
	v.Follow("Log In") // Facebook does not repeat the state
	v.Reads("Facebook has not opened this to Northlight Media yet", "1349126")
	var code string
	if err := s.DB.QueryRowContext(t.Context(), `
		SELECT platform_code FROM emails WHERE request = $1 AND kind = $2`, id, store.EmailAgencySideProblem,
	).Scan(&code); err != nil || code != "1349126" {
		t.Errorf("the agency's email has the code %q, %v", code, err)
	}
	s.Fault("meta", "app_inactive", false)
	v.Press("Try again")
	v.Follow("Log In")
	v.Press("Mina Ito")
	v.Press("Allow")
	v.Reads("Choose what to share")
}

func TestSomebodyElsesAccountCannotBePutIntoAVisit(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.HubSpot)
	_, attackers := away(t, s, s.Link(onboarding.HubSpot))
	victim := s.Browser()
	victim.Enter(link, "Marta Lind", "marta@harbourpine.example")
	victim.Press("Add HubSpot")
	proceed, err := url.Parse(victim.Page.Target("Proceed"))
	if err != nil || proceed.Query().Get("state") == "" {
		t.Fatalf("the victim's sign-in leads to %v (%v), without a state to take", proceed, err)
	}
	victim.Open(attackers.String())
	s.HasItems(id, 0)
	victim.Open(with(attackers, func(query url.Values) { query.Set("state", proceed.Query().Get("state")) }))
	s.HasItems(id, 0)
}

func TestACodeOfAnotherSignInFailsThePKCECheck(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.HubSpot)
	_, attackers := away(t, s, link)
	victim := s.Browser()
	victim.Enter(link, "Marta Lind", "marta@harbourpine.example")
	victim.Press("Add HubSpot")
	proceed, err := url.Parse(victim.Page.Target("Proceed"))
	if err != nil {
		t.Fatal(err)
	}
	victim.Open(with(attackers, func(query url.Values) { query.Set("state", proceed.Query().Get("state")) }))
	if victim.Page.Says("is connected") {
		t.Error("a code that belongs to another verifier was taken")
	}
	s.HasItems(id, 0)
}

func TestACallbackOfAnotherPlatformConnectsNothing(t *testing.T) {
	s := relaytest.NewScene(t)
	id, v, back := onTheWay(t, s)
	for _, other := range []string{"meta", "activecampaign", "mailchimp", "", "nothing"} {
		answer, _ := relaytest.Do(
			t, v.Jar(), http.MethodGet, strings.Replace(back.String(), "/callback/hubspot", "/callback/"+other, 1), nil, nil,
		)
		if answer.StatusCode < 300 || answer.StatusCode >= 500 {
			t.Errorf("callback of %q: status %d", other, answer.StatusCode)
		}
	}
	s.HasItems(id, 0)
}

func TestACallbackAfterIAmSomeoneElseConnectsNothing(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.HubSpot)
	v, back := away(t, s, link)
	v.Open(link)
	v.Reads("Go on where you stopped?")
	v.Press("I am someone else")
	v.Open(back.String())
	v.Sees(http.StatusForbidden)
	s.HasItems(id, 0)
}

func TestACallbackToADeadLinkConnectsNothingAndSaysWhy(t *testing.T) {
	for name, end := range map[string]struct {
		how  func(t *testing.T, s *relaytest.Scene, id, link string)
		says string
	}{
		"withdrawn": {func(t *testing.T, s *relaytest.Scene, id, _ string) {
			if err := s.Hub.Outbox.Withdraw(t.Context(), id); err != nil {
				t.Fatal(err)
			}
			s.Sync()
		}, "has withdrawn this request"},
		"finished by a colleague": {func(_ *testing.T, s *relaytest.Scene, _, link string) {
			colleague := s.Browser()
			colleague.ConnectHubSpot(link)
			colleague.Follow("Next Step")
			colleague.Press("Finish")
		}, "finished this"},
		"expired": {func(t *testing.T, s *relaytest.Scene, _, _ string) {
			s.Pass(32 * 24 * time.Hour)
			if err := s.Relay.Relay.RunDueJobs(t.Context()); err != nil {
				t.Fatal(err)
			}
		}, "This link has expired"},
	} {
		t.Run(name, func(t *testing.T) {
			s := relaytest.NewScene(t)
			id, link := s.Request(onboarding.HubSpot)
			v, back := away(t, s, link)
			end.how(t, s, id, link)
			s.Sync()
			before := len(s.Details(id).Items)
			v.Open(back.String())
			v.Sees(http.StatusGone)
			v.Reads(end.says)
			s.Sync()
			if after := len(s.Details(id).Items); after != before {
				t.Errorf("%d items, before %d", after, before)
			}
		})
	}
}

func TestALeavingPageCanBeLoadedAgainAndTwoTabsDoNotHarm(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.HubSpot)
	v := s.Browser()
	v.Enter(link, "Lars Holm", "lars@harbourpine.example")
	list := v.Page.URL.String()
	v.Press("Add HubSpot")
	first := v.Page.Target("Proceed")
	v.Reload()
	if again := v.Page.Target("Proceed"); again != first {
		t.Error("loading the page again has started another sign-in")
	}
	v.Open(list) // a second tab
	v.Press("Add HubSpot")
	second := v.Page.Target("Proceed")
	if first == second {
		t.Error("two tabs share one sign-in")
	}
	v.Open(grantAtHubSpot(t, s, second).String())
	v.Reads("HubSpot is connected")
	v.Open(grantAtHubSpot(t, s, first).String())
	v.Reads("HubSpot is connected")
	s.HasItems(id, 1)
}

func TestAnAgencysStartAddressWorksForOneBrowser(t *testing.T) {
	s := relaytest.NewScene(t)
	started, err := s.Hub.StartConnection(t.Context(), onboarding.Meta)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Hub.CancelConnection(started.ID) })
	ana, thief := s.Browser(), s.Browser()
	ana.Open(started.Address)
	ana.Reads("Ana Ruiz", "Northlight Media")
	thief.Open(started.Address)
	ana.Press("Continue")
	login := ana.Page.Target("Log In")
	thief.Press("Continue")
	thief.Sees(http.StatusForbidden)
	thief.Open(started.Address)
	thief.Sees(http.StatusForbidden)
	ana.Reload()
	if ana.Page.Target("Log In") != login {
		t.Error("loading the last page again has started another sign-in")
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(login)
	if err != nil {
		t.Fatal(err)
	}
	answer, text := relaytest.Do(
		t, jar, http.MethodGet, s.URL+"/callback/meta?code=x&state="+url.QueryEscape(u.Query().Get("state")), nil, nil,
	)
	if answer.StatusCode != http.StatusForbidden || strings.Contains(text, "127.0.0.1") {
		t.Errorf("another browser's callback: status %d", answer.StatusCode)
	}
	s.Pass(11 * time.Minute)
	ana.Open(started.Address)
	ana.Sees(http.StatusGone)
}
