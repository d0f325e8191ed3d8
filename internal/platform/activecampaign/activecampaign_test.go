package activecampaign

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/platform/activecampaign/activecampaignfake"
	"github.com/latchkeyhq/latchkey/internal/platform/platformtest"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

func newScene(t *testing.T) (*Driver, *sandbox.World) {
	t.Helper()
	s := platformtest.New(t, onboarding.ActiveCampaign.Platform(), activecampaignfake.New)
	driver, err := New(s.App.Endpoints)
	if err != nil {
		t.Fatal(err)
	}
	return driver, s.World
}

func TestAnAddressIsTakenOrCorrectedOrExplained(t *testing.T) {
	driver, _ := newScene(t)
	for typed, want := range map[string]string{
		"https://northwind.api-us1.com":         "https://northwind.api-us1.com",
		" https://northwind.api-us1.com/ ":      "https://northwind.api-us1.com",
		"northwind.api-us1.com":                 "https://northwind.api-us1.com",
		"https://Northwind.API-US1.com/api/3":   "https://northwind.api-us1.com",
		"https://northwind.activehosted.com":    "https://northwind.activehosted.com",
		"https://northwind.api-us1.com:443/api": "https://northwind.api-us1.com",
		"https://north wind.api-us1.com":        "https://northwind.api-us1.com",
	} {
		if got, err := driver.NormalizeAddress(typed); err != nil || got != want {
			t.Errorf("%q: got %q and %v, want %q", typed, got, err, want)
		}
	}
	for typed, suggestion := range map[string]string{
		"https://northwind.app-us1.com/app/settings":      "https://northwind.api-us1.com",
		"http://northwind.app-us1.com":                    "https://northwind.api-us1.com",
		"https://northwind.activehosted.com/app/settings": "https://northwind.activehosted.com",
	} {
		var failure *platform.Failure
		if _, err := driver.NormalizeAddress(typed); !errors.As(err, &failure) || failure.Code != catalog.AddressOfApp ||
			failure.Suggestion != suggestion {
			t.Errorf("%q: got %v, want the suggestion %q", typed, err, suggestion)
		}
	}
	for _, typed := range []string{
		"http://northwind.api-us1.com", "HTTP://northwind.api-us1.com/api/3/", "ftp://northwind.api-us1.com",
	} {
		var failure *platform.Failure
		if _, err := driver.NormalizeAddress(typed); !errors.As(err, &failure) || failure.Code != catalog.AddressNotHTTPS ||
			failure.Suggestion != "https://northwind.api-us1.com" {
			t.Errorf("%q: got %v, want that https is needed, with a suggestion", typed, err)
		}
	}
	for _, typed := range []string{"", "northwind", "https://www.activecampaign.com", "https://api-us1.com",
		"https://evil.example/northwind.api-us1.com", "https://northwind.api-us1.com.evil.example",
		"https://northwind.api-us1.com@evil.example", "https://evil.example#.api-us1.com", "https://127.0.0.1",
		"https://[::1]", "https://2130706433", "https://169.254.169.254/latest", "https://a.b.api-us1.com",
		"https://northwind.api-us1.com:8443", "file:///etc/passwd", "javascript:alert(1)", "https://nörthwind.api-us1.com",
		"https://%6eorthwind.api-us1.com%00.evil.example", "https://" + strings.Repeat("a", 300) + ".api-us1.com"} {
		var failure *platform.Failure
		if got, err := driver.NormalizeAddress(typed); !errors.As(err, &failure) || failure.Code != catalog.AddressUnknown ||
			failure.Suggestion != "" {
			t.Errorf("%q: got %q and %v", typed, got, err)
		}
	}
}

func TestAKeyIsTriedForReal(t *testing.T) {
	driver, world := newScene(t)
	account := world.Keys("activecampaign")[0]
	half := len(account.Key) / 2
	grant, err := driver.VerifyKey(t.Context(), account.URL,
		onboarding.NewSecret(" "+account.Key[:half]+"\n "+account.Key[half:]+" "))
	if err != nil || grant.Account.Name != "northwind" || grant.Credential.Secret.Reveal() != account.Key ||
		grant.User == "" {
		t.Fatalf("got %+v and %v", grant.Account, err)
	}
	finding, err := driver.Check(t.Context(), platform.CheckParams{Credential: grant.Credential})
	want := []onboarding.Capability{
		{Name: "contacts", Level: onboarding.CanRead},
		{Name: "contacts", Count: 12},
		{Name: "lists", Level: onboarding.CanRead},
		{Name: "lists", Count: 3},
	}
	if err != nil || finding.State != onboarding.AccessWorks || !slices.Equal(finding.Capabilities, want) {
		t.Errorf("checking: got %+v and %v, want %+v", finding, err, want)
	}
}

func TestAKeyThatIsNotRightIsRefused(t *testing.T) {
	driver, world := newScene(t) // an account allows five calls a second
	account := world.Keys("activecampaign")[0]
	for what, key := range map[string]string{
		"cut off": account.Key[:70], "empty": " ", "another account's": world.Keys("activecampaign")[1].Key,
		"with a line feed inside": "a\r\nX-Evil: 1", "not ASCII": "ключ",
	} {
		var failure *platform.Failure
		if _, err := driver.VerifyKey(t.Context(), account.URL, onboarding.NewSecret(key)); !errors.As(err, &failure) ||
			failure.Code != catalog.KeyRefused || strings.Contains(err.Error(), account.Key[:20]) {
			t.Errorf("a key that is %s: got %v", what, err)
		}
	}
	var failure *platform.Failure
	if _, err := driver.VerifyKey(t.Context(), "https://nobody-at-all.api-us1.com",
		onboarding.NewSecret(account.Key)); !errors.As(
		err, &failure) || failure.Code != catalog.AddressUnknown {
		t.Errorf("an account that does not exist: got %v", err)
	}
}

func TestAnActiveCampaignThatIsNotThereIsDown(t *testing.T) {
	driver, world := newScene(t)
	account := world.Keys("activecampaign")[0]
	for fault, want := range map[string]catalog.FailureCode{"down": catalog.PlatformDown, "reset": catalog.PlatformDown,
		"throttled": catalog.PlatformBusy, "wrong_host": catalog.AddressUnknown, "token_revoked": catalog.KeyRefused,
		"unpaid":    catalog.AccountUnpaid,
		"malformed": catalog.PlatformDown, "huge": catalog.PlatformDown} {
		if err := world.SetFault("activecampaign", fault, true); err != nil {
			t.Fatal(err)
		}
		var failure *platform.Failure
		if _, err := driver.VerifyKey(
			t.Context(), account.URL, onboarding.NewSecret(account.Key),
		); !errors.As(err, &failure) ||
			failure.Code != want {
			t.Errorf("%s: got %v, want %s", fault, err, want)
		}
		if err := world.SetFault("activecampaign", fault, false); err != nil {
			t.Fatal(err)
		}
	}
}

// blind is the key of a user without any right.
func blind(world *sandbox.World) platform.Credential {
	return platform.Credential{
		Kind:    platform.Key,
		Secret:  onboarding.NewSecret("3b90e7d41fa258c60b7d1e94f3852ac7d06e19b4f58c23a7e0d9416b8f72c5301ade96b4"),
		Address: world.Keys("activecampaign")[0].URL,
	}
}

func TestAKeyWhoseUserSeesNothingIsNotConnected(t *testing.T) {
	driver, world := newScene(t)
	key := blind(world)
	_, err := driver.VerifyKey(t.Context(), key.Address, key.Secret)
	platformtest.Wants(t, err, catalog.KeySeesNothing, onboarding.ErrPlatformRefused)
}

func TestAKeyWhoseUserSeesNothingAnyMoreIsBroken(t *testing.T) {
	driver, world := newScene(t)
	finding, err := driver.Check(t.Context(), platform.CheckParams{Credential: blind(world)})
	want := []onboarding.Capability{
		{Name: "contacts", Level: onboarding.CanNot}, {Name: "lists", Level: onboarding.CanNot},
	}
	if err != nil || finding.State != onboarding.AccessBroken || finding.Failure != catalog.KeySeesNothing ||
		!slices.Equal(finding.Capabilities, want) {
		t.Errorf("got %+v and %v", finding, err)
	}
}

func TestAnAccountThatIsNotPaidIsBrokenUntilItIs(t *testing.T) {
	driver, world := newScene(t)
	account := world.Keys("activecampaign")[0]
	lasting := platform.Credential{Kind: platform.Key, Secret: onboarding.NewSecret(account.Key), Address: account.URL}
	for _, plain := range []bool{false, true} { // as JSON and as text
		for fault, on := range map[string]bool{"unpaid": true, "plain_errors": plain} {
			if err := world.SetFault("activecampaign", fault, on); err != nil {
				t.Fatal(err)
			}
		}
		finding, err := driver.Check(t.Context(), platform.CheckParams{Credential: lasting})
		if err != nil || finding.State != onboarding.AccessBroken || finding.Failure != catalog.AccountUnpaid ||
			finding.Code != "402" {
			t.Errorf("checking: got %+v and %v", finding, err)
		}
		done, err := driver.Withdraw(t.Context(), platform.WithdrawParams{Credential: lasting})
		if err != nil || done.Ended || done.Remaining != catalog.WithdrawByHand {
			t.Errorf("withdrawing: got %+v and %v, want it left to its user", done, err)
		}
	}
	if err := world.SetFault("activecampaign", "unpaid", false); err != nil {
		t.Fatal(err)
	}
	finding, err := driver.Check(t.Context(), platform.CheckParams{Credential: lasting})
	if err != nil || finding.State != onboarding.AccessWorks {
		t.Errorf("paid, checking: got %+v and %v", finding, err)
	}
}

func TestACheckOfAnAccountThatIsNotThereSaysNothing(t *testing.T) {
	driver, world := newScene(t)
	account := world.Keys("activecampaign")[0]
	lasting := platform.Credential{Kind: platform.Key, Secret: onboarding.NewSecret(account.Key), Address: account.URL}
	for _, fault := range []string{"down", "reset", "throttled", "malformed", "huge"} {
		if err := world.SetFault("activecampaign", fault, true); err != nil {
			t.Fatal(err)
		}
		if finding, err := driver.Check(t.Context(), platform.CheckParams{
			Credential: lasting,
		}); !errors.Is(err, onboarding.ErrPlatformDown) {
			t.Errorf("%s: checking gave %+v and %v", fault, finding, err)
		}
		if done, err := driver.Withdraw(t.Context(), platform.WithdrawParams{Credential: lasting}); err == nil ||
			done != (platform.Withdrawal{}) {
			t.Errorf("%s: withdrawing gave %+v and %v", fault, done, err)
		}
		if err := world.SetFault("activecampaign", fault, false); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRefusalsInPlainTextAreUnderstood(t *testing.T) {
	driver, world := newScene(t)
	account := world.Keys("activecampaign")[0]
	if err := world.SetFault("activecampaign", "plain_errors", true); err != nil {
		t.Fatal(err)
	}
	_, err := driver.VerifyKey(t.Context(), account.URL, onboarding.NewSecret(account.Key[:70]))
	platformtest.Wants(t, err, catalog.KeyRefused, onboarding.ErrPlatformRefused)
}

func TestAKeyIsEndedByHandAndThenProvedGone(t *testing.T) {
	driver, world := newScene(t)
	account := world.Keys("activecampaign")[0]
	lasting := platform.Credential{Kind: platform.Key, Secret: onboarding.NewSecret(account.Key), Address: account.URL}
	done, err := driver.Withdraw(t.Context(), platform.WithdrawParams{Credential: lasting})
	if err != nil || done.Ended || done.Remaining != catalog.WithdrawByHand {
		t.Fatalf("withdrawing while the key works: got %+v and %v", done, err)
	}
	if _, err := world.Trigger(sandbox.Action{
		Platform: "activecampaign",
		Action:   "revoke",
		Person:   "nadia-berger",
	}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		done, err = driver.Withdraw(t.Context(), platform.WithdrawParams{Credential: lasting})
		if err != nil || !done.Ended || done.Remaining != "" || done.Code != "403" {
			t.Errorf("withdrawing after it was reset: got %+v and %v", done, err)
		}
	}
}

func TestACountThatFailsIsNamed(t *testing.T) {
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/lists") {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		_, _ = io.WriteString(w, `{"meta":{"total":"12"}}`) // the test sees what is missing
	}))
	defer api.Close()
	driver, err := New(platform.Endpoints{API: api.URL})
	if err != nil {
		t.Fatal(err)
	}
	finding, err := driver.Check(t.Context(), platform.CheckParams{Credential: platform.Credential{
		Kind: platform.Key, Secret: onboarding.NewSecret("key"), Address: "https://northwind.api-us1.com",
	}})
	want := []onboarding.Capability{
		{Name: "contacts", Level: onboarding.CanRead}, {Name: "contacts", Count: 12},
		{Name: "lists", Level: onboarding.NotCounted},
	}
	if err != nil || finding.State != onboarding.AccessWorks || !slices.Equal(finding.Capabilities, want) {
		t.Errorf("got %+v and %v, want %+v", finding, err, want)
	}
}

func TestAnAccountThatDoesNotAnswerProvesNoEnd(t *testing.T) {
	driver, world := newScene(t)
	account := world.Keys("activecampaign")[0]
	lasting := platform.Credential{Kind: platform.Key, Secret: onboarding.NewSecret(account.Key), Address: account.URL}
	if err := world.SetFault("activecampaign", "wrong_host", true); err != nil {
		t.Fatal(err)
	}
	done, err := driver.Withdraw(t.Context(), platform.WithdrawParams{Credential: lasting})
	if err != nil || done.Ended || done.Remaining != catalog.WithdrawByHand {
		t.Errorf("withdrawing: got %+v and %v, want it left to its user", done, err)
	}
}

func TestACallTooManyInASecondWaitsForItsTurn(t *testing.T) {
	driver, world := newScene(t)
	account := world.Keys("activecampaign")[0]
	lasting := platform.Credential{Kind: platform.Key, Secret: onboarding.NewSecret(account.Key), Address: account.URL}
	for range 4 { // eight calls
		finding, err := driver.Check(t.Context(), platform.CheckParams{Credential: lasting})
		if err != nil || finding.State != onboarding.AccessWorks || len(finding.Capabilities) != 4 {
			t.Errorf("got %+v and %v", finding, err)
		}
	}
}
