package meta

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/platform/meta/metafake"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

// recorder is a proxy before the fake Facebook that records calls.
type recorder struct {
	mu    sync.Mutex
	calls []recorded
}

type recorded struct {
	method, path string
	params       url.Values // of query and body
}

// record routes both drivers of a scene through a recorder. The settings are
// the operator's.
func (s *scene) record(t *testing.T, settings map[string]string) *recorder {
	t.Helper()
	target, err := url.Parse(s.App.API)
	if err != nil {
		t.Fatal(err)
	}
	rec := &recorder{}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.Host = r.In.Host
	}}
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("reading a call: %v", err)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		form, err := url.ParseQuery(string(body))
		if err != nil {
			t.Errorf("reading a call's form: %v", err)
		}
		for name, values := range r.URL.Query() {
			form[name] = append(form[name], values...)
		}
		rec.mu.Lock()
		rec.calls = append(rec.calls, recorded{r.Method, r.URL.Path, form})
		rec.mu.Unlock()
		proxy.ServeHTTP(rw, r)
	}))
	t.Cleanup(server.Close)
	app := s.App
	app.Settings, app.API, app.Token = settings, server.URL, server.URL
	if s.relay, err = NewForRelay(app); err != nil {
		t.Fatal(err)
	}
	if s.hub, err = NewForHub(app.Endpoints); err != nil {
		t.Fatal(err)
	}
	return rec
}

func (r *recorder) all() []recorded {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.calls)
}

// wholeStory makes every call of the drivers.
func (s *scene) wholeStory(t *testing.T) {
	t.Helper()
	credential, business := s.agency(t)
	partner := onboarding.Account{ID: business.ID, Name: business.Name}
	var items []onboarding.Item
	for kind, name := range map[onboarding.Kind]string{
		onboarding.AdAccount: "Harbour & Pine EU", onboarding.Page: "Harbour & Pine",
	} {
		item, shared, err := s.shared(t, kind, name, business)
		if err != nil || shared.Waiting != "" {
			t.Fatalf("sharing %s: %+v, %v", name, shared, err)
		}
		if err := s.hub.Assign(t.Context(), credential, platform.AssignParams{Item: item, Business: business}); err != nil {
			t.Fatalf("assigning %s: %v", name, err)
		}
		if finding := s.check(t, credential, item, business); finding.State != onboarding.AccessWorks {
			t.Errorf("checking %s: got %+v", name, finding)
		}
		items = append(items, item)
	}
	slices.SortFunc(items, func(a, b onboarding.Item) int { return strings.Compare(string(a.Kind), string(b.Kind)) })
	campaign := platform.CampaignParams{
		AdAccount: items[0].Account,
		Page:      items[1].Account,
		Name:      "First light",
		Objective: "OUTCOME_TRAFFIC",
	}
	if _, err := s.hub.Campaign(t.Context(), credential, campaign); err != nil {
		t.Errorf("making a campaign: %v", err)
	}
	if own, _, err := s.hub.OwnAssets(t.Context(), credential); err != nil || len(own) < 4 {
		t.Errorf("listing the agency's own: got %d, %v", len(own), err)
	}
	for _, item := range items {
		if done := s.withdraw(t, credential, item, business); !done.Ended || done.Remaining != "" {
			t.Errorf("withdrawing %s: got %+v", item.Name, done)
		}
	}
	mina, token := s.assets(t, "Mina Ito")
	account := named(t, mina.AdAccounts, "Harbour & Pine EU")
	if _, err := s.relay.Share(t.Context(), token, platform.ShareParams{Asset: account, With: partner}); err != nil {
		t.Errorf("sharing again: %v", err)
	}
	if done, err := s.relay.unshare(t.Context(), token, account, partner); err != nil || !done.Ended {
		t.Errorf("taking it back: got %+v, %v", done, err)
	}
}

func (s *scene) withdraw(
	t *testing.T, credential platform.Credential, item onboarding.Item, business onboarding.Business,
) platform.Withdrawal {
	t.Helper()
	done, err := s.hub.Withdraw(t.Context(), platform.WithdrawParams{
		Item: item, Business: onboarding.Account{ID: business.ID}, Access: credential.Secret, Credential: credential,
	})
	if err != nil {
		t.Fatalf("withdrawing %s: %v", item.Name, err)
	}
	return done
}

func TestNoCallUsesWhatMetaHasClosed(t *testing.T) {
	s := newScene(t)
	rec := s.record(t, nil)
	s.wholeStory(t)
	methods := map[string]bool{}
	for _, c := range rec.all() {
		methods[c.method] = true
		for _, closed := range []string{"ids", "date_format", "method", "callback", "asyncbatch", "batch"} {
			if c.params.Has(closed) {
				t.Errorf("%s %s sends %s", c.method, c.path, closed)
			}
		}
		if strings.Contains(c.params.Get("fields"), ".as(") || c.params.Has("access_token") {
			t.Errorf("%s %s has an alias or a token among its parameters", c.method, c.path)
		}
		if !strings.HasPrefix(c.path, "/v27.0/") {
			t.Errorf("%s is called at another version", c.path)
		}
	}
	if !methods[http.MethodGet] || !methods[http.MethodPost] || !methods[http.MethodDelete] {
		t.Errorf("the calls made use %v alone", methods)
	}
}

func TestBothSidesWorkWhileTheAppSecretIsRequired(t *testing.T) {
	s := newScene(t)
	s.Fault("require_appsecret_proof")
	rec := s.record(t, nil)
	s.wholeStory(t)
	for _, c := range rec.all() {
		if !strings.HasSuffix(c.path, "/oauth/access_token") && c.params.Get("appsecret_proof") == "" {
			t.Errorf("%s %s has no proof", c.method, c.path)
		}
	}
	// A credential without a proof is refused if the app requires proofs.
	credential, _ := s.agency(t)
	credential.AppProof = onboarding.Secret{}
	if _, _, err := s.hub.OwnAssets(t.Context(), credential); err == nil {
		t.Error("a call without a proof was answered")
	}
	credential.AppProof = onboarding.NewSecret(strings.Repeat("0", 64))
	if _, _, err := s.hub.OwnAssets(t.Context(), credential); err == nil {
		t.Error("a call with a wrong proof was answered")
	}
}

func TestEachKindOfSignInAsksForItsOwnPermissions(t *testing.T) {
	s := newScene(t)
	for agency, want := range map[bool]string{
		false: "business_management,ads_management,pages_show_list,pages_read_engagement",
		true:  "business_management,ads_management,pages_show_list,pages_read_engagement,pages_manage_ads",
	} {
		address, err := url.Parse(s.relay.Address(platform.SignInStart{State: "s", Redirect: s.Redirect, Agency: agency}))
		if err != nil {
			t.Fatal(err)
		}
		if got := address.Query(); got.Get("scope") != want || got.Has("config_id") ||
			!strings.HasPrefix(address.Path, "/v27.0/") {
			t.Errorf("agency %v: got %s", agency, address)
		}
	}
}

// The granted scopes are compared with those of the same kind of sign-in.
func TestAnAgencyThatWasGrantedAClientsPermissionsIsRefused(t *testing.T) {
	s := newScene(t)
	s.Visitor(s.relay, "Ana Ruiz", "Allow")
	back := s.Return("")
	back.Agency = true
	_, err := s.relay.Exchange(t.Context(), back)
	var failure *platform.Failure
	if !errors.As(err, &failure) || failure.Code != catalog.PermissionUnticked ||
		!strings.Contains(err.Error(), "pages_manage_ads") {
		t.Errorf("got %v", err)
	}
}

func TestAConfigurationStandsInForThePermissions(t *testing.T) {
	s := newScene(t)
	s.Fault("login_for_business")
	if visitor := s.Visitor(s.relay); visitor.Press("Mina Ito") == nil {
		t.Error("an app of Login for Business signs in without a configuration")
	}
	s.record(t, map[string]string{"CONFIG_ID": metafake.Config, "AGENCY_CONFIG_ID": metafake.AgencyConfig})
	s.mustSignIn(t, "Mina Ito")
	s.agency(t)

	// One configuration for both kinds, without the agency's scopes.
	s.record(t, map[string]string{"CONFIG_ID": metafake.Config})
	address := s.relay.Address(platform.SignInStart{State: "s", Redirect: s.Redirect, Agency: true})
	if !strings.Contains(address, "config_id="+metafake.Config) || strings.Contains(address, "scope=") {
		t.Errorf("got %s", address)
	}
}

func TestAnOperatorsNewerVersionIsCalledByRelayAndHub(t *testing.T) {
	s := newScene(t)
	s.Fault("newer_version")
	rec := s.record(t, map[string]string{"API_VERSION": "v28.0"})
	s.hub.UseVersion(s.relay.APIVersion())
	s.wholeStory(t)
	for _, c := range rec.all() {
		if !strings.HasPrefix(c.path, "/v28.0/") {
			t.Errorf("%s was called", c.path)
		}
	}
	if address := s.relay.Address(platform.SignInStart{
		State:    "s",
		Redirect: s.Redirect,
	}); !strings.Contains(address, "/v28.0/dialog/oauth") {
		t.Errorf("the dialog is at %s", address)
	}
}

func TestAVersionThatIsNoneOrOlderIsNotTaken(t *testing.T) {
	hub, err := NewForHub(platform.Endpoints{})
	if err != nil {
		t.Fatal(err)
	}
	for _, said := range []string{
		"", "v26.0", "v1.0", "v28", "v28.1", "28.0", "v028.0", "v0.0", "v-1.0", "v9999.0", "V28.0", "v28.0/../evil", "v28.0 ",
		"v28.0\n",
		"https://evil.example/v28.0", "evil.example",
	} {
		hub.UseVersion("v30.0")
		hub.UseVersion(said)
		if got := hub.APIVersion(); got != "v27.0" {
			t.Errorf("told %q it calls %s", said, got)
		}
		if base := hub.graph.version.base(); base != "https://graph.facebook.com/v27.0/" {
			t.Errorf("told %q it calls %s", said, base)
		}
		setting := Settings()[2]
		if setting.Name != "API_VERSION" || setting.Valid(said) {
			t.Errorf("an operator can set %q", said)
		}
	}
	for _, said := range []string{"v27.0", "v28.0", "v999.0"} {
		if hub.UseVersion(said); hub.APIVersion() != said || !Settings()[2].Valid(said) {
			t.Errorf("told %q it calls %s", said, hub.APIVersion())
		}
	}
}

func TestAnEndedVersionIsTheAgencysSideAndLogged(t *testing.T) {
	s := newScene(t)
	_, business := s.agency(t)
	mina, token := s.assets(t, "Mina Ito")
	var log bytes.Buffer
	s.relay.UseLog(slog.New(slog.NewTextHandler(&log, nil)))
	s.Fault("version_ended")
	account := named(t, mina.AdAccounts, "Harbour & Pine EU")
	_, err := s.relay.Share(t.Context(), token, platform.ShareParams{
		Asset: account,
		With:  onboarding.Account{ID: business.ID},
	})
	var failure *platform.Failure
	if !errors.As(err, &failure) || failure.Code != catalog.AgencySide || failure.PlatformCode != "2635" {
		t.Errorf("got %v, want the agency's side", err)
	}
	if !strings.Contains(log.String(), "level=ERROR") || !strings.Contains(log.String(), "LATCHKEY_META_API_VERSION") {
		t.Errorf("the log has %q", log.String())
	}
	if strings.Contains(log.String(), token.Reveal()) {
		t.Error("the log has the token")
	}
	// Lists are served nevertheless, with a warning, which is logged once.
	for range 2 {
		if _, err := s.relay.Assets(t.Context(), token); err != nil {
			t.Fatalf("listing: %v", err)
		}
	}
	if n := strings.Count(log.String(), "level=WARN"); n != 1 {
		t.Errorf("the warning is in the log %d times", n)
	}
}

func TestWhyATokenIsDeadIsTold(t *testing.T) {
	s := newScene(t)
	mina := s.mustSignIn(t, "Mina Ito")
	wants := func(what catalog.FailureCode, code string) {
		t.Helper()
		_, err := s.relay.Assets(t.Context(), mina.Access)
		var failure *platform.Failure
		if !errors.As(err, &failure) || failure.Code != what || failure.PlatformCode != code || !failure.Code.EndsSignIn() {
			t.Errorf("got %v, want %s by %s", err, what, code)
		}
	}
	s.Fault("checkpoint")
	wants(catalog.SecurityCheck, "190/459")
	s.World.AllWell()
	s.Fault("token_revoked")
	wants(catalog.SignInEnded, "190/460")
	s.World.AllWell()
	s.Act(sandbox.Action{Action: "expire_tokens", Person: "mina-ito"})
	wants(catalog.SignInExpired, "190/463")
	s.Act(sandbox.Action{Action: "remove_app", Person: "mina-ito"})
	wants(catalog.AppRemoved, "190/458")
	for subcode, want := range map[int]catalog.FailureCode{
		464: catalog.SecurityCheck, 467: catalog.SignInEnded, 492: catalog.PartialAccess, 0: catalog.SignInEnded,
	} {
		if got := deadToken(subcode); got != want {
			t.Errorf("190/%d: got %s, want %s", subcode, got, want)
		}
	}
}

// The list of promoted Pages is often empty although ads run.
func TestACampaignDoesNotDependOnWhatWasPromotedBefore(t *testing.T) {
	for _, fault := range []string{"promote_pages_empty", "profile_plus"} {
		s := newScene(t)
		s.Fault(fault)
		s.wholeStory(t)
	}
}

func TestWhatCannotBeWithdrawnIsLeftToAPerson(t *testing.T) {
	for fault, code := range map[string]string{"limited": "3", "app_not_approved": "10"} {
		s := newScene(t)
		credential, business := s.agency(t)
		item, _, err := s.shared(t, onboarding.AdAccount, "Harbour & Pine EU", business)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.hub.Assign(t.Context(), credential, platform.AssignParams{Item: item, Business: business}); err != nil {
			t.Fatal(err)
		}
		s.Fault(fault)
		done := s.withdraw(t, credential, item, business)
		if done.Ended || done.Remaining != catalog.WithdrawByHand || done.Code != code {
			t.Errorf("%s: got %+v", fault, done)
		}
		if shares := s.World.State()["meta"].(metafake.View).Shares; len(shares) != 1 || len(shares[0].Assigned) != 0 {
			t.Errorf("%s: got %+v, want it taken from the user at least", fault, shares)
		}
	}
}

func TestAnAccessThatIsGoneIsWithdrawnAndOneOnItsWayIsNamed(t *testing.T) {
	s := newScene(t)
	credential, business := s.agency(t)
	item, _, err := s.shared(t, onboarding.Page, "Harbour & Pine", business)
	if err != nil {
		t.Fatal(err)
	}
	s.Act(sandbox.Action{Action: "withdraw", Asset: item.Account, Business: business.ID})
	for range 2 {
		if done := s.withdraw(t, credential, item, business); !done.Ended || done.Remaining != "" {
			t.Errorf("got %+v", done)
		}
	}
	own, err := s.hub.Withdraw(t.Context(), platform.WithdrawParams{
		Item:       item,
		Access:     credential.Secret,
		Credential: credential,
	})
	if err != nil || own.Ended || own.Remaining != catalog.WithdrawByHand {
		t.Errorf("of the agency's own: got %+v, %v", own, err)
	}
}

// TestARequestThatTheClientHasNotAnsweredIsLeftToThem: the agency has no access
// then, and no call withdraws its request.
func TestARequestThatTheClientHasNotAnsweredIsLeftToThem(t *testing.T) {
	s := newScene(t)
	credential, business := s.agency(t)
	mina, _ := s.assets(t, "Mina Ito")
	account := named(t, mina.AdAccounts, "Harbour & Pine EU")
	claim := url.Values{"adaccount_id": {account.ID}, "permitted_tasks": {`["ADVERTISE","ANALYZE"]`}}
	if err := s.hub.graph.post(t.Context(), callerOf(credential), business.ID+
		"/client_ad_accounts", claim, &struct{}{}); err != nil {
		t.Fatalf("asking for an ad account: %v", err)
	}
	item := onboarding.Item{
		Service: onboarding.Facebook,
		Kind:    onboarding.AdAccount,
		Account: account.ID,
		Name:    account.Name,
	}
	if done := s.withdraw(t, credential, item, business); !done.Ended || done.Remaining != catalog.WithdrawByHand {
		t.Errorf("got %+v, want no access, and the request left to the client", done)
	}
}

func TestARefusalToWithdrawSaysWhatItIs(t *testing.T) {
	for fault, want := range map[string]catalog.FailureCode{
		"down": catalog.PlatformDown, "transient": catalog.PlatformDown, "throttled": catalog.PlatformBusy,
		"token_revoked": catalog.SignInEnded, "checkpoint": catalog.SecurityCheck, "version_ended": catalog.AgencySide,
	} {
		s := newScene(t)
		credential, business := s.agency(t)
		item, _, err := s.shared(t, onboarding.AdAccount, "Harbour & Pine EU", business)
		if err != nil {
			t.Fatal(err)
		}
		s.Fault(fault)
		_, err = s.hub.Withdraw(t.Context(), platform.WithdrawParams{
			Item: item, Business: onboarding.Account{ID: business.ID}, Access: credential.Secret, Credential: credential,
		})
		var failure *platform.Failure
		if !errors.As(err, &failure) || failure.Code != want {
			t.Errorf("%s: got %v, want %s", fault, err, want)
		}
	}
	s := newScene(t)
	credential, business := s.agency(t)
	item, _, err := s.shared(t, onboarding.AdAccount, "Harbour & Pine EU", business)
	if err != nil {
		t.Fatal(err)
	}
	s.Act(sandbox.Action{Action: "leave_business", Person: "ana-ruiz", Business: business.ID})
	_, err = s.hub.Withdraw(t.Context(), platform.WithdrawParams{
		Item: item, Business: onboarding.Account{ID: business.ID}, Access: credential.Secret, Credential: credential,
	})
	if failure := platform.AsFailure(err); err == nil || failure.Code != catalog.AgencySide {
		t.Errorf("who has left the business: got %v", err)
	}
}

func TestAClientTakesBackWhatTheyShared(t *testing.T) {
	for _, kind := range []onboarding.Kind{onboarding.AdAccount, onboarding.Page} {
		s := newScene(t)
		_, business := s.agency(t)
		name := map[onboarding.Kind]string{onboarding.AdAccount: "Harbour & Pine EU", onboarding.Page: "Harbour & Pine"}[kind]
		if _, _, err := s.shared(t, kind, name, business); err != nil {
			t.Fatal(err)
		}
		mina, token := s.assets(t, "Mina Ito")
		asset := named(t, append(mina.AdAccounts, mina.Pages...), name)
		partner := onboarding.Account{ID: business.ID}
		if kind == onboarding.Page {
			s.Fault("page_unshare_refused")
			if done, err := s.relay.unshare(t.Context(), token, asset, partner); err != nil || done.Ended ||
				done.Remaining != catalog.WithdrawByHand {
				t.Errorf("where Facebook refuses it: got %+v, %v", done, err)
			}
			s.World.AllWell()
		}
		for range 2 {
			if done, err := s.relay.unshare(t.Context(), token, asset, partner); err != nil || !done.Ended {
				t.Errorf("%s: got %+v, %v", kind, done, err)
			}
		}
		if shares := s.World.State()["meta"].(metafake.View).Shares; len(shares) != 0 {
			t.Errorf("%s: got %+v, want nothing shared", kind, shares)
		}
		s.Fault("token_revoked")
		if _, err := s.relay.unshare(t.Context(), token, asset,
			partner); platform.AsFailure(err).Code != catalog.SignInEnded {
			t.Errorf("%s, with a token that has ended: got %v", kind, err)
		}
	}
}

func TestACheckTellsWhatTheAssetGives(t *testing.T) {
	ads := onboarding.Capability{Name: "ads", Level: onboarding.CanChange}
	none := onboarding.Capability{Name: "ads", Level: onboarding.CanNot}
	results := onboarding.Capability{Name: "results", Level: onboarding.CanRead}
	for _, kind := range []onboarding.Kind{onboarding.AdAccount, onboarding.Page} {
		s := newScene(t)
		credential, business := s.agency(t)
		name := map[onboarding.Kind]string{onboarding.AdAccount: "Harbour & Pine EU", onboarding.Page: "Harbour & Pine"}[kind]
		item, _, err := s.shared(t, kind, name, business)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.hub.Assign(t.Context(), credential, platform.AssignParams{Item: item, Business: business}); err != nil {
			t.Fatal(err)
		}
		if finding := s.check(t, credential, item, business); !slices.Equal(finding.Capabilities,
			[]onboarding.Capability{ads, results}) {
			t.Errorf("%s: got %+v", kind, finding)
		}
		s.Act(sandbox.Action{Action: "lower", Asset: item.Account, Business: business.ID})
		finding := s.check(t, credential, item, business)
		if finding.Failure != catalog.LevelLowered ||
			!slices.Equal(finding.Capabilities, []onboarding.Capability{none, results}) {
			t.Errorf("%s, lowered: got %+v", kind, finding)
		}
	}
}
