package platform

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// called is a server that counts its calls, and a guard that leads to it.
func called(t *testing.T, hosts ...string) (client *http.Client, calls *[]string) {
	t.Helper()
	calls = new([]string)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*calls = append(*calls, r.Host+r.URL.Path+" "+r.Header.Get("Accept")+" "+r.Header.Get("Content-Type"))
		_, _ = io.WriteString(w, strings.Repeat("x", 1000)) // the test's own server
	}))
	t.Cleanup(server.Close)
	client, err := NewGuard(GuardConfig{Hosts: hosts, Override: server.URL, MaxResponse: 1000})
	if err != nil {
		t.Fatal(err)
	}
	return client, calls
}

// The guard leads to a working server: only the guard itself can refuse.
func TestTheGuardRefusesByItselfWhatIsNotThePlatforms(t *testing.T) {
	client, calls := called(t, "graph.facebook.com", ".api-us1.com")
	for _, address := range []string{
		"http://graph.facebook.com/", "https://graph.facebook.com:80/", "https://graph.facebook.com:8443/",
		"https://user@graph.facebook.com/", "https://:p@graph.facebook.com/", "https://evil.example/",
		"https://a.b.api-us1.com/", "https://127.0.0.1/", "ftp://graph.facebook.com/",
	} {
		answer, err := client.Get(address)
		if err == nil {
			_ = answer.Body.Close() // the test has failed already
		}
		if err == nil || !strings.Contains(err.Error(), "this address is not one of the platform's") {
			t.Errorf("%s: got %v", address, err)
		}
	}
	if len(*calls) != 0 {
		t.Errorf("it has called %v", *calls)
	}
	for _, address := range []string{
		"https://graph.facebook.com/a", "https://graph.facebook.com:443/b", "https://north.api-us1.com/c",
	} {
		r, err := Get(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		if reply, err := Do(client, r); err != nil || len(reply.Body) != 1000 { // exactly the maximum
			t.Errorf("%s: got %d bytes and %v", address, len(reply.Body), err)
		}
		if r.URL.String() != address {
			t.Errorf("the caller's own call was changed to %s", r.URL)
		}
	}
	r, err := Form(t.Context(), "https://graph.facebook.com/form", url.Values{"a": {"b"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Do(client, r); err != nil {
		t.Error(err)
	}
	want := []string{
		"graph.facebook.com/a application/json ", "graph.facebook.com/b application/json ",
		"north.api-us1.com/c application/json ",
		"graph.facebook.com/form application/json application/x-www-form-urlencoded",
	}
	if !slices.Equal(*calls, want) {
		t.Errorf("it has called %q, want %q", *calls, want)
	}
}

func TestAGuardWithoutAnOperatorsAddressDialsTheInternetAlone(t *testing.T) {
	reached := false
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	defer server.Close()
	client, err := NewGuard(GuardConfig{Hosts: []string{"localhost", "127.0.0.1"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{"https://localhost/", "https://127.0.0.1/"} {
		answer, err := client.Get(address)
		if err == nil {
			_ = answer.Body.Close() // the test has failed already
		}
		if err == nil || !strings.Contains(err.Error(), "its name leads to an address that is not public") {
			t.Errorf("%s: got %v", address, err)
		}
	}
	for address, want := range map[string]string{
		"1.1.1.1:443": "", "[2606:4700::1111]:443": "",
		"1.1.1.1:80": "not public", "1.1.1.1:444": "not public", "10.0.0.1:443": "not public",
		"nonsense": "dialling a platform: ",
	} {
		err := publicOnly(context.Background(), "tcp", address, nil)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: got %v, want %q", address, err, want)
		}
	}
	if reached {
		t.Error("a server inside was reached")
	}
}

func TestAGuardIsBoundedWhereNothingIsSet(t *testing.T) {
	client, err := NewGuard(GuardConfig{Hosts: []string{"x.example"}})
	if err != nil {
		t.Fatal(err)
	}
	g := client.Transport.(*guard)
	if client.Timeout != 20*time.Second || g.config.MaxResponse != 4<<20 {
		t.Errorf("the bounds are %s and %d bytes", client.Timeout, g.config.MaxResponse)
	}
	for instead, works := range map[string]bool{
		"http://127.0.0.1:1": true, "https://proxy.example": true,
		"ftp://127.0.0.1": false, "127.0.0.1:1": false, "http://": false, "//host": false, "%": false,
	} {
		if _, err := NewGuard(GuardConfig{Override: instead}); (err == nil) != works {
			t.Errorf("%q: got %v", instead, err)
		}
	}
}

func TestALabelIsAsLongAsItMayBe(t *testing.T) {
	for label, right := range map[string]bool{
		"": false, "a": true, "-": false, "a-": false, "-a": false, "a-b": true, "0": true, "z9": true, "a`": false,
		"a{": false, "a/": false, "a:": false,
		strings.Repeat("a", 63): true, strings.Repeat("a", 64): false,
	} {
		if isLabel(label) != right {
			t.Errorf("%q: got %v", label, !right)
		}
	}
	if Public(netip.Addr{}) || Public(netip.MustParseAddr("2606:4700::1111").WithZone("eth0")) {
		t.Error("no address, or one of a cable, passes as public")
	}
}

func TestABusyPlatformIsWaitedForADayAtMost(t *testing.T) {
	for says, want := range map[string]time.Duration{
		"": 0, "0": 0, "1": time.Second, "86400": 24 * time.Hour, "86401": 0, "-1": 0, "soon": 0,
		"Wed, 21 Oct 2026 07:28:00 GMT": 0,
	} {
		failure := AsFailure(Busy(Reply{Header: http.Header{"Retry-After": {says}}}))
		if failure.Code != catalog.PlatformBusy || failure.PlatformCode != "429" || failure.RetryAfter != want {
			t.Errorf("Retry-After %q: got %+v, want %s", says, failure, want)
		}
	}
	cause := errors.New("cause")
	for failure, want := range map[*Failure]string{
		{Code: "what"}:                                  "the platform refused: what",
		{Code: "what", PlatformCode: "190"}:             "the platform refused: what (190)",
		{Code: "what", Err: cause}:                      "the platform refused: what: cause",
		{Code: "what", PlatformCode: "190", Err: cause}: "the platform refused: what (190): cause",
	} {
		if failure.Error() != want {
			t.Errorf("got %q, want %q", failure.Error(), want)
		}
	}
	if down := AsFailure(cause); down.Code != catalog.PlatformDown || !errors.Is(down, cause) ||
		!errors.Is(down, onboarding.ErrPlatformDown) {
		t.Errorf("any other error: got %+v", down)
	}
	if own := (&Failure{Code: "x"}); AsFailure(own) != own || !errors.Is(own, onboarding.ErrPlatformRefused) {
		t.Error("a Failure is not itself")
	}
}

func TestWhatIsNoCredentialIsNotRead(t *testing.T) {
	for _, text := range []string{"", "null", "{}", `{"kind":"token","secret":""}`, `["x"]`, `{"secret":"na1-canary"`} {
		_, err := ReadCredential([]byte(text))
		if !errors.Is(err, onboarding.ErrInvalid) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%q: got %v", text, err)
		}
	}
}

func TestPickedFilesAreReadOnceAndNotWithoutEnd(t *testing.T) {
	many := strings.TrimSuffix(strings.Repeat("a,", maxPicked), ",")
	for _, c := range []struct {
		query url.Values
		want  int
	}{
		{url.Values{}, 0}, {url.Values{"picked_file_ids": {""}}, 0}, {url.Values{"picked_file_ids": {"a", "b"}}, 0},
		{url.Values{"picked_file_ids": {"a"}}, 1}, {url.Values{"picked_file_ids": {"a,b"}}, 2},
		{url.Values{"picked_file_ids": {many}}, maxPicked}, {url.Values{"picked_file_ids": {many + ",a,a"}}, maxPicked},
	} {
		files := PickedFiles(c.query)
		if len(files) != c.want || slices.ContainsFunc(files, func(id string) bool { return strings.Contains(id, ",") }) {
			t.Errorf("%.40v: got %d files, want %d", c.query, len(files), c.want)
		}
	}
}

func TestASignInsAddressHasItsChallengeAndGoesWhereTheOperatorSays(t *testing.T) {
	o := OAuth{
		App:      App{ClientID: "id", Endpoints: Endpoints{Auth: "http://127.0.0.1:7"}},
		Endpoint: oauth2.Endpoint{AuthURL: "https://login.example/oauth?x=1"},
		Scopes:   []string{"a", "b"},
	}
	for challenge, method := range map[string]string{"": "", "sum": "S256"} {
		u, err := url.Parse(o.Address(SignInStart{State: "state", Redirect: "https://r.example/callback/x",
			Challenge: challenge}))
		if err != nil {
			t.Fatal(err)
		}
		query := u.Query()
		if u.Scheme+"://"+u.Host+u.Path != "http://127.0.0.1:7/oauth" || query.Get("x") != "1" ||
			query.Get("state") != "state" || query.Get("redirect_uri") != "https://r.example/callback/x" ||
			query.Get("scope") != "a b" || query.Get("client_secret") != "" ||
			query.Get("code_challenge") != challenge || query.Get("code_challenge_method") != method {
			t.Errorf("challenge %q: %s", challenge, u)
		}
	}
	for _, c := range [][3]string{
		{"https://a.example/x?y=1", "", "https://a.example/x?y=1"},
		{"https://a.example/x?y=1", "http://b.example:7", "http://b.example:7/x?y=1"},
		{"%", "http://b.example", "%"}, {"https://a.example/", "%", "https://a.example/"},
	} {
		if got := OverrideHost(c[0], c[1]); got != c[2] {
			t.Errorf("%s at %q: got %s, want %s", c[0], c[1], got, c[2])
		}
	}
	for instead, want := range map[string]string{
		"": "https://a.example/login", "http://127.0.0.1:7": "http://127.0.0.1:7/a.example/login",
	} {
		if got := AtHost("https://a.example/login", instead); got != want {
			t.Errorf("at %q: got %s, want %s", instead, got, want)
		}
	}
	if missing := Missing([]string{"a", "b", "c"}, []string{"c", "a", "x"}); !slices.Equal(missing, []string{"b"}) {
		t.Errorf("missing: got %v", missing)
	}
}

func TestACodeIsExchangedWithItsVerifier(t *testing.T) {
	var form url.Values
	status := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm() // the test's own server
		form = r.PostForm
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, `{"access_token":"at","token_type":"bearer"}`)
	}))
	defer server.Close()
	client, err := NewGuard(GuardConfig{Hosts: []string{"token.example"}, Override: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	o := OAuth{App: App{ClientID: "id"}, Endpoint: oauth2.Endpoint{TokenURL: "https://token.example/"}, Client: client}
	for _, verifier := range []string{"", "verifier"} {
		back := SignInReturn{Code: onboarding.NewSecret("code"), Verifier: onboarding.NewSecret(verifier),
			Redirect: "https://r.example/"}
		if _, err := o.Exchange(t.Context(), back); err != nil {
			t.Fatal(err)
		}
		if form.Get("code_verifier") != verifier || form.Has("code_verifier") != (verifier != "") ||
			form.Get("code") != "code" {
			t.Errorf("verifier %q: sent %v", verifier, form)
		}
	}
	status = http.StatusBadRequest
	_, err = o.Exchange(t.Context(), SignInReturn{Code: onboarding.NewSecret("code")})
	if reply, replied := TokenReply(err); !replied || reply.Status != status || len(reply.Body) == 0 {
		t.Errorf("a refusal: got %+v, %v", reply, replied)
	}
	server.Close()
	_, err = o.Exchange(t.Context(), SignInReturn{Code: onboarding.NewSecret("canary")})
	if _, replied := TokenReply(err); replied || err == nil || strings.Contains(err.Error(), "token.example") {
		t.Errorf("no reply: got %v", err)
	}
	if _, replied := TokenReply(&oauth2.RetrieveError{}); replied {
		t.Error("an error without an answer is taken for one")
	}
}

func TestWhatLastsForSoManySecondsEndsByTheRelaysClock(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	app := App{Now: func() time.Time { return now }}
	for seconds, want := range map[int64]time.Time{-1: {}, 0: {}, 1: now.Add(time.Second)} {
		if got := app.Ends(seconds); !got.Equal(want) {
			t.Errorf("%d seconds: got %s, want %s", seconds, got, want)
		}
	}
	if got := (App{}).Ends(60); time.Until(got) > time.Minute || time.Until(got) < 0 {
		t.Errorf("by the system's clock: %s", got)
	}
}
