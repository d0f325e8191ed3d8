package relay_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
	"github.com/latchkeyhq/latchkey/internal/sqldb/sqldbtest"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// walked is a visitor in the middle of everything: signed in at Facebook, with
// an account connected at HubSpot.
func walked(t *testing.T) (s *relaytest.Scene, v *relaytest.Browser, link, visit string) {
	t.Helper()
	s = relaytest.NewScene(t)
	link = s.Link(onboarding.Facebook, onboarding.HubSpot, onboarding.ActiveCampaign)
	v = s.Browser()
	v.SignInAtFacebook(link, "Mina Ito")
	v.Tick("Harbour & Pine EU")
	v.Press("Connect Assets")
	visit = strings.Split(v.Page.URL.String(), "/facebook")[0]
	v.Follow("Next Step")
	v.Press("Add HubSpot")
	v.Follow("Proceed")
	v.Press("Lars Holm")
	v.Press("Harbour & Pine AB")
	v.Press("Allow")
	return s, v, link, visit
}

// addresses are every page and every form of the wizard for this visitor.
func addresses(link, visit string) (pages, forms []string) {
	for _, page := range []string{"", "/about", "/genuine", "/help", "/report"} {
		pages = append(pages, link+page)
	}
	for _, page := range []string{
		"", "/facebook", "/facebook/assets", "/facebook/assets?find_ad=pine&ad_account=act_44712096118",
		"/facebook/why/act_10294410093", "/facebook/by-hand", "/facebook/leaving/x",
		"/platforms", "/platforms/hubspot/result", "/platforms/hubspot/leaving/x", "/platforms/hubspot/error-page",
		"/platforms/activecampaign/key",
		"/skip/facebook", "/skip/platforms", "/summary", "/done", "/genuine", "/help", "/report"} {
		pages = append(pages, visit+page)
	}
	for _, form := range []string{"", "/about", "/someone-else", "/email-me", "/report"} {
		forms = append(forms, link+form)
	}
	for _, form := range []string{
		"/facebook/add", "/facebook/again", "/facebook/not-you", "/facebook/reload", "/facebook/connect", "/facebook/look",
		"/platforms/hubspot/add", "/platforms/activecampaign/add", "/platforms/activecampaign/key", "/skip/activecampaign",
		"/finish", "/report"} {
		forms = append(forms, visit+form)
	}
	return pages, forms
}

func TestSafeMethodsChangeNothing(t *testing.T) {
	s, v, link, visit := walked(t)
	s.Sync()
	pages, forms := addresses(link, visit)
	outside := []string{
		"/", "/help", "/healthz", "/readyz", "/robots.txt", "/touch", "/touch.css", "/brand/0b6478.css", "/logo/x/y.png",
		"/connect/x", "/data-deletion/meta", "/data-deletion/status/x", "/deauthorize/meta",
		"/privacy", "/terms", "/data-deletion", "/connect/x/leaving", "/l/x/genuine", "/l/x/not-for-me", "/r/x", "/w/x",
	}
	for _, path := range outside {
		pages = append(pages, s.URL+path)
	}
	before := relaytest.SettledDigest(t, s)
	for _, address := range append(pages, forms...) {
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodOptions} {
			for _, header := range []map[string]string{{}, {"Purpose": "prefetch", "Sec-Purpose": "prefetch"}} {
				answer, _ := relaytest.Do(t, v.Jar(), method, address, nil, header)
				if answer.StatusCode >= 500 {
					t.Errorf("%s %s: status %d", method, address, answer.StatusCode)
				}
			}
		}
	}
	// a callback changes state by GET, and by nothing else
	for _, method := range []string{http.MethodHead, http.MethodOptions} {
		answer, _ := relaytest.Do(t, v.Jar(), method, s.URL+"/callback/hubspot?state=x&code=y", nil, nil)
		if answer.StatusCode != http.StatusMethodNotAllowed {
			t.Errorf("%s of a callback: status %d", method, answer.StatusCode)
		}
	}
	if after := relaytest.DatabaseDigest(t, s); after != before {
		t.Error("looking at every page has changed the database")
	}
}

func TestEveryFormOfAnotherSiteIsRefused(t *testing.T) {
	s, v, link, visit := walked(t)
	_, forms := addresses(link, visit)
	before := relaytest.SettledDigest(t, s)
	for _, address := range forms {
		for name, header := range map[string]map[string]string{
			"cross-site":       {"Sec-Fetch-Site": "cross-site"},
			"same-site":        {"Sec-Fetch-Site": "same-site"},
			"foreign origin":   {"Origin": "https://evil.example"},
			"null origin":      {"Origin": "null"},
			"a port beside us": {"Origin": "http://localhost:1"},
			"saying nothing":   {},
		} {
			answer, text := relaytest.Do(t, v.Jar(), http.MethodPost, address, url.Values{"reason": {"because"}}, header)
			if answer.StatusCode != http.StatusForbidden || !strings.Contains(text, "<h1") {
				t.Errorf("POST %s, %s: status %d", address, name, answer.StatusCode)
			}
		}
	}
	if after := relaytest.DatabaseDigest(t, s); after != before {
		t.Error("a refused form has changed the database")
	}
	answer, _ := relaytest.Do(
		t, v.Jar(), http.MethodPost, visit+"/facebook/reload", url.Values{}, map[string]string{"Origin": s.URL},
	)
	if answer.StatusCode != http.StatusSeeOther {
		t.Errorf("a form of an older browser, with our origin: status %d", answer.StatusCode)
	}
}

func TestStepsMeanNothingWithoutTheCookie(t *testing.T) {
	s, _, link, visit := walked(t)
	pages, forms := addresses(link, visit)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	before := relaytest.SettledDigest(t, s)
	for _, address := range pages {
		if !strings.HasPrefix(address, visit) {
			continue
		}
		answer, text := relaytest.Do(t, jar, http.MethodGet, address, nil, nil)
		if answer.StatusCode != http.StatusForbidden || strings.Contains(text, "Northlight") {
			t.Errorf("GET %s without the cookie: status %d", address, answer.StatusCode)
		}
	}
	for _, address := range forms {
		if !strings.HasPrefix(address, visit) {
			continue
		}
		if answer, _ := relaytest.Do(
			t, jar, http.MethodPost, address, url.Values{}, relaytest.SameOrigin(),
		); answer.StatusCode != http.StatusForbidden {
			t.Errorf("POST %s without the cookie: status %d", address, answer.StatusCode)
		}
	}
	if after := relaytest.DatabaseDigest(t, s); after != before {
		t.Error("a stranger has changed the database")
	}
}

func TestAStepOutOfOrderLeadsToTheFirstOpenOne(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.Facebook, onboarding.HubSpot)
	v := s.Browser()
	v.Enter(link, "Marta Lind", "marta@harbourpine.example")
	visit := strings.Split(v.Page.URL.String(), "/facebook")[0]
	before := relaytest.SettledDigest(t, s)
	for _, path := range []string{"/platforms", "/summary", "/done"} {
		if answer, _ := relaytest.Do(t, v.Jar(), http.MethodGet, visit+path, nil,
			nil); answer.StatusCode != http.StatusSeeOther {
			t.Errorf("GET %s: status %d, want a redirect", path, answer.StatusCode)
		}
	}
	for _, path := range []string{
		"/platforms/hubspot/add", "/skip/hubspot", "/finish", "/facebook/connect", "/platforms/mailchimp/add",
		"/skip/mailchimp", "/platforms/facebook/add",
	} {
		answer, _ := relaytest.Do(
			t, v.Jar(), http.MethodPost, visit+path, url.Values{"reason": {"because"}, "ad_account": {"act_44712096118"}},
			relaytest.SameOrigin(),
		)
		if answer.StatusCode != http.StatusSeeOther && answer.StatusCode != http.StatusNotFound {
			t.Errorf("POST %s: status %d", path, answer.StatusCode)
		}
	}
	s.Sync()
	if d := s.Details(id); len(d.Items) != 0 || len(d.Skipped) != 0 || d.Status != onboarding.Pending {
		t.Errorf("steps out of order did something: %+v", d)
	}
	_ = before
}

func TestSecurityHeadersAreOnEveryAnswer(t *testing.T) {
	s, v, link, visit := walked(t)
	pages, _ := addresses(link, visit)
	for _, address := range append(
		pages, s.URL+"/nothing/here", s.URL+"/r/forged", s.URL+"/brand/0b6478.css", s.URL+"/touch",
	) {
		answer, text := relaytest.Do(t, v.Jar(), http.MethodGet, address, nil, nil)
		csp := answer.Header.Get("Content-Security-Policy")
		if !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") ||
			!strings.Contains(csp, "frame-ancestors 'none'") {
			t.Errorf("%s: policy %q", address, csp)
		}
		if answer.Header.Get("X-Content-Type-Options") != "nosniff" || answer.Header.Get("Referrer-Policy") != "same-origin" {
			t.Errorf("%s: headers %v", address, answer.Header)
		}
		if strings.HasPrefix(answer.Header.Get("Content-Type"), "text/html") &&
			answer.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: may be kept: %q", address, answer.Header.Get("Cache-Control"))
		}
		if strings.Contains(text, `type="password"`) || strings.Contains(text, "style=\"") ||
			strings.Contains(text, "onclick") {
			t.Errorf("%s: something inline, or a field for a password", address)
		}
	}
}

func TestWhatIsNoPageCarriesTheHeadersToo(t *testing.T) {
	s := relaytest.NewScene(t)
	for _, path := range []string{
		"/api", "/api/", "/api/nothing", "/api/v1/save-request", "/api/v1/stream", "//r/x", "/r/../x", "/w//x", "/r/x/",
		"/callback/", "/healthz", "/readyz", "/%2e%2e/x",
	} {
		for _, method := range []string{
			http.MethodGet, http.MethodHead, http.MethodPost, http.MethodOptions, http.MethodDelete, "PROPFIND",
		} {
			answer, _ := relaytest.Do(t, nil, method, s.URL+path, nil, relaytest.SameOrigin())
			for name, want := range map[string]string{
				"Content-Security-Policy": "default-src 'none'", "Referrer-Policy": "same-origin", "Cache-Control": "no-store",
				"X-Content-Type-Options": "nosniff",
			} {
				if !strings.HasPrefix(answer.Header.Get(name), want) {
					t.Errorf("%s %s (%d): %s is %q", method, path, answer.StatusCode, name, answer.Header.Get(name))
				}
			}
			if to := answer.Header.Get("Location"); to != "" && (!strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//")) {
				t.Errorf("%s %s leads to %s", method, path, to)
			}
		}
	}
}

func TestWhatIsNoTextIsRefusedOnBothEngines(t *testing.T) {
	sqldbtest.Each(t, func(t *testing.T, source string) {
		rl := relaytest.Start(t, relaytest.Config{Source: source})
		ana := rl.Enrol(t, rl.AddAgency(t, "Acme Media", "Ana Ruiz <ana@acme.example>").Code)
		for _, path := range []string{
			"/w/%00", "/w/%ff/facebook", "/logo/%00/x.png", "/logo/x/%c0%80.png", "/connect/%00", "/l/%00/genuine", "/r/%ff",
			"/callback/%00", "/%00",
		} {
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				if answer, _ := relaytest.Do(t, nil, method, rl.URL+path, nil,
					relaytest.SameOrigin()); answer.StatusCode != http.StatusNotFound {
					t.Errorf("%s %s: status %d", method, path, answer.StatusCode)
				}
			}
		}
		wished := relaytest.HubSpotRequest(store.NewID())
		wished.Request.Message = "a\x00b"
		relaytest.Refused(t, ana, wire.SaveRequest, wished, onboarding.ErrInvalid)
		for _, err := range []error{
			call(t, ana, wire.WithdrawRequest, wire.RequestParams{ID: "a\x00b"}),
			call(t, ana, wire.Revoke, wire.DeviceParams{ID: "a\x00b"}),
		} {
			if !errors.Is(err, onboarding.ErrInvalid) && !errors.Is(err, onboarding.ErrNotFound) {
				t.Errorf("an id that is no text: %v", err)
			}
		}
	})
}

func TestAForgedLinkIsNotFoundAndGuessingEnds(t *testing.T) {
	s := relaytest.NewScene(t)
	link := s.Link(onboarding.HubSpot)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	token := link[strings.LastIndex(link, "/")+1:]
	last := 0
	for i := range 25 {
		changed := []byte(token)
		changed[i] ^= 1
		answer, _ := relaytest.Do(t, jar, http.MethodGet, s.URL+"/r/"+string(changed), nil, nil)
		last = answer.StatusCode
		if i < 18 && last != http.StatusNotFound {
			t.Errorf("forged at email %d: status %d", i, last)
		}
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("after 25 guesses: status %d", last)
	}
	if answer, _ := relaytest.Do(t, jar, http.MethodGet, link, nil, nil); answer.StatusCode != http.StatusOK {
		t.Errorf("the right link after that: status %d", answer.StatusCode)
	}
	s.Pass(time.Minute)
	if answer, _ := relaytest.Do(t, jar, http.MethodGet, s.URL+"/r/forged", nil,
		nil); answer.StatusCode != http.StatusNotFound {
		t.Errorf("a minute later: status %d", answer.StatusCode)
	}
}

func TestNoSecretIsInTheLog(t *testing.T) {
	s, v, link, _ := walked(t)
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	secrets := []string{link[strings.LastIndex(link, "/")+1:]}
	for _, cookie := range v.Jar().Cookies(u) {
		secrets = append(secrets, cookie.Value)
	}
	for _, secret := range secrets {
		if strings.Contains(s.Log.String(), secret) {
			t.Errorf("the log holds %.6s…", secret)
		}
	}
	if strings.Contains(s.Log.String(), "state=") || strings.Contains(s.Log.String(), "code=") {
		t.Error("the log holds a callback's query")
	}
}

func TestALargePageIsSentSmall(t *testing.T) {
	s := relaytest.NewScene(t)
	v := s.AtAssets("Greta Vogt")
	answer, text := relaytest.Do(t, v.Jar(), http.MethodGet, v.Page.URL.String(), nil,
		map[string]string{"Accept-Encoding": "gzip"})
	if answer.Header.Get("Content-Encoding") != "gzip" || len(text) > 30<<10 {
		t.Errorf("500 ad accounts are %d bytes, encoding %q", len(text), answer.Header.Get("Content-Encoding"))
	}
}

func TestASuspendedAgencysLinksRest(t *testing.T) {
	s := relaytest.NewScene(t)
	link := s.Link(onboarding.HubSpot)
	v := s.Browser()
	v.Enter(link, "Marta Lind", "marta@harbourpine.example")
	if _, err := s.Admin.SuspendAgency(t.Context(), s.Agency.ID, true); err != nil {
		t.Fatal(err)
	}
	v.Press("Add HubSpot")
	v.Sees(http.StatusGone)
	v.Open(link)
	v.Sees(http.StatusGone)
	if answer, _ := relaytest.Do(
		t, v.Jar(), http.MethodPost, link+"/email-me", url.Values{"email": {"marta@harbourpine.example"}},
		relaytest.SameOrigin(),
	); answer.StatusCode != http.StatusGone {
		t.Errorf("asking for the link by mail: status %d", answer.StatusCode)
	}
}

func TestTheRightPagesAnswerAWrongMethod(t *testing.T) {
	s := relaytest.NewScene(t)
	link := s.Link(onboarding.HubSpot)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	for address, method := range map[string]string{
		link + "/someone-else": http.MethodGet, link: http.MethodPut, s.URL + "/callback/hubspot": http.MethodPost,
		link + "/genuine": http.MethodPost,
	} {
		answer, text := relaytest.Do(t, jar, method, address, nil, relaytest.SameOrigin())
		if answer.StatusCode != http.StatusMethodNotAllowed || answer.Header.Get("Allow") == "" ||
			!strings.Contains(text, "<h1") {
			t.Errorf("%s %s: status %d, Allow %q", method, address, answer.StatusCode, answer.Header.Get("Allow"))
		}
	}
	long := url.Values{"name": {strings.Repeat("x", 200_000)}, "email": {"a@b.example"}}
	if answer, _ := relaytest.Do(
		t, jar, http.MethodPost, link+"/about", long, relaytest.SameOrigin(),
	); answer.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("a form that is too long: status %d", answer.StatusCode)
	}
	for _, wrong := range []url.Values{
		{}, {"name": {"Marta"}}, {"name": {"Marta"}, "email": {"marta@harbourpine"}},
		{"name": {"Facebook Support"}, "email": {"a@b.example"}}, {"name": {"Latchkey"}, "email": {"a@b.example"}},
		{"name": {"a\r\nBcc: x"}, "email": {"a@b.example"}}, {"name": {"\x00"}, "email": {"a@b.example"}},
		{"name": {"\xff"}, "email": {"a@b.example"}},
	} {
		if answer, _ := relaytest.Do(
			t, jar, http.MethodPost, link+"/about", wrong, relaytest.SameOrigin(),
		); answer.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("a name page with %q: status %d", wrong, answer.StatusCode)
		}
	}
}

func TestTheLinksBelowAnEmailWorkAndChangeNothingWhenOpened(t *testing.T) {
	s := relaytest.NewScene(t)
	id, _ := s.Request(onboarding.HubSpot)
	if err := s.Hub.Outbox.Send(t.Context(), id, []string{"stranger@elsewhere.example"}); err != nil {
		t.Fatal(err)
	}
	s.Sync()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	email, err := s.World.Mail.Await(
		ctx, func(m sandbox.Message) bool { return slices.Contains(m.To, "stranger@elsewhere.example") },
	)
	if err != nil {
		t.Fatal(err)
	}
	at := strings.Index(email.Text, s.URL+"/l/")
	if at < 0 {
		t.Fatalf("the email has no page below it: %s", email.Text)
	}
	base := email.Text[at:]
	base = base[:strings.LastIndex(base[:strings.IndexAny(base, " \n\r>)")], "/")]
	v := s.Browser()
	v.UserAgent = relaytest.IPhone // emails are read on phones
	v.Open(base + "/genuine")
	v.Reads(onboarding.VerificationWords(id)...)
	v.Open(base + "/not-for-me")
	v.Sees(http.StatusOK)
	s.Sync()
	if d := s.Details(id); len(d.Recipients) != 1 || stopped(t, s, id) {
		t.Fatalf("looking has stopped the emails: %+v", d.Recipients)
	}
	v.Press(v.Page.Buttons()[0])
	s.Sync()
	if d := s.Details(id); !stopped(t, s, id) {
		t.Errorf("the emails go on: %+v", d.Recipients)
	}
	v.Open(base + "/report")
	v.Fill("What seems wrong?", "I do not know these people")
	v.Press("Report")
	v.Sees(http.StatusOK)
	report, err := s.World.Mail.Await(t.Context(), func(m sandbox.Message) bool { return m.To[0] == "help@ops.example" })
	if err != nil {
		t.Fatal(err)
	}
	below := regexp.MustCompile(regexp.QuoteMeta(s.URL)+`/l/[A-Za-z0-9_-]+/[a-z-]+`).FindAllString(report.Text, -1)
	if len(below) != 3 {
		t.Errorf("below the operator's own email: %v", below)
	}
	for _, address := range below {
		v.Open(address)
		v.Sees(http.StatusOK)
	}
}

// stopped reports whether the first recipient wants no more emails.
func stopped(t *testing.T, s *relaytest.Scene, request string) bool {
	t.Helper()
	recipients, err := s.Store.Requests.Recipients(t.Context(), request)
	if err != nil || len(recipients) == 0 {
		t.Fatalf("reading recipients: %v", err)
	}
	return recipients[0].Stopped != 0
}

// Who sends a form by the byte holds a connection, and that not for long.
func TestAFormThatNeverEndsIsNotWaitedFor(t *testing.T) {
	t.Parallel() // it takes as long as the patience does
	s := relaytest.NewScene(t)
	at, err := url.Parse(s.Link(onboarding.HubSpot))
	if err != nil {
		t.Fatal(err)
	}
	line, err := net.Dial("tcp", at.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = line.Close() }() // the relay has closed it
	if _, err := fmt.Fprintf(
		line,

		"POST %s/about HTTP/1.1\r\nHost: %s\r\nSec-Fetch-Site: same-origin\r\nContent-Type: "+
			"application/x-www-form-urlencoded\r\nContent-Length: 5000\r\n\r\nname=Lena",
		at.Path, at.Host,
	); err != nil {
		t.Fatal(err)
	}
	if err := line.SetReadDeadline(time.Now().Add(2 * time.Minute)); err != nil {
		t.Fatal(err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(line), nil)
	if err != nil {
		t.Fatalf("it was waited for: %v", err)
	}
	defer func() { _ = answer.Body.Close() }() // its status is enough
	if answer.StatusCode < 400 || answer.StatusCode >= 500 {
		t.Errorf("status %d", answer.StatusCode)
	}
}

// call is the error of a call.
func call[Q, A any](t *testing.T, d relaytest.Device, m wire.Method[Q, A], p Q) error {
	_, err := wire.Call(t.Context(), d.Client, m, p)
	return err
}
