package activecampaign

import (
	"errors"
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/platform/platformtest"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

func newScene(t *testing.T) (*Driver, *sandbox.World) {
	t.Helper()
	s := platformtest.New(t, onboarding.ActiveCampaign.Platform())
	driver, err := New(s.App.Addresses)
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
		if got, err := driver.Correct(typed); err != nil || got != want {
			t.Errorf("%q: got %q and %v, want %q", typed, got, err, want)
		}
	}
	for typed, suggestion := range map[string]string{
		"https://northwind.app-us1.com/app/settings":      "https://northwind.api-us1.com",
		"http://northwind.app-us1.com":                    "https://northwind.api-us1.com",
		"https://northwind.activehosted.com/app/settings": "https://northwind.activehosted.com",
	} {
		var failure *platform.Failure
		if _, err := driver.Correct(typed); !errors.As(err, &failure) || failure.What != catalog.AddressOfApp || failure.Suggestion != suggestion {
			t.Errorf("%q: got %v, want the suggestion %q", typed, err, suggestion)
		}
	}
	for _, typed := range []string{"http://northwind.api-us1.com", "HTTP://northwind.api-us1.com/api/3/", "ftp://northwind.api-us1.com"} {
		var failure *platform.Failure
		if _, err := driver.Correct(typed); !errors.As(err, &failure) || failure.What != catalog.AddressNotHTTPS || failure.Suggestion != "https://northwind.api-us1.com" {
			t.Errorf("%q: got %v, want that https is needed, with a suggestion", typed, err)
		}
	}
	for _, typed := range []string{"", "northwind", "https://www.activecampaign.com", "https://api-us1.com", "https://evil.example/northwind.api-us1.com", "https://northwind.api-us1.com.evil.example",
		"https://northwind.api-us1.com@evil.example", "https://evil.example#.api-us1.com", "https://127.0.0.1", "https://[::1]", "https://2130706433", "https://169.254.169.254/latest", "https://a.b.api-us1.com",
		"https://northwind.api-us1.com:8443", "file:///etc/passwd", "javascript:alert(1)", "https://nörthwind.api-us1.com", "https://%6eorthwind.api-us1.com%00.evil.example", "https://" + strings.Repeat("a", 300) + ".api-us1.com"} {
		var failure *platform.Failure
		if got, err := driver.Correct(typed); !errors.As(err, &failure) || failure.What != catalog.AddressUnknown || failure.Suggestion != "" {
			t.Errorf("%q: got %q and %v", typed, got, err)
		}
	}
}

func TestAKeyIsTriedForReal(t *testing.T) {
	driver, world := newScene(t)
	account := world.Keys("activecampaign")[0]
	half := len(account.Key) / 2
	grant, err := driver.TryKey(t.Context(), account.URL, onboarding.NewSecret(" "+account.Key[:half]+"\n "+account.Key[half:]+" "))
	if err != nil || grant.Account.Name != "northwind" || grant.Lasting.Secret.Reveal() != account.Key || grant.User == "" {
		t.Fatalf("got %+v and %v", grant.Account, err)
	}
	finding, err := driver.Check(t.Context(), platform.CheckQ{Lasting: grant.Lasting})
	if err != nil || finding.State != onboarding.AccessWorks {
		t.Errorf("checking: got %+v and %v", finding, err)
	}
	for what, key := range map[string]string{"cut off": account.Key[:70], "empty": " ", "another account's": world.Keys("activecampaign")[1].Key, "with a line feed inside": "a\r\nX-Evil: 1", "not ASCII": "ключ"} {
		var failure *platform.Failure
		if _, err := driver.TryKey(t.Context(), account.URL, onboarding.NewSecret(key)); !errors.As(err, &failure) || failure.What != catalog.KeyRefused || strings.Contains(err.Error(), account.Key[:20]) {
			t.Errorf("a key that is %s: got %v", what, err)
		}
	}
	var failure *platform.Failure
	if _, err := driver.TryKey(t.Context(), "https://nobody-at-all.api-us1.com", onboarding.NewSecret(account.Key)); !errors.As(err, &failure) || failure.What != catalog.AddressUnknown {
		t.Errorf("an account that does not exist: got %v", err)
	}
}

func TestAnActiveCampaignThatIsNotThereIsDown(t *testing.T) {
	driver, world := newScene(t)
	account := world.Keys("activecampaign")[0]
	for fault, want := range map[string]catalog.FailureCode{"down": catalog.PlatformDown, "reset": catalog.PlatformDown, "throttled": catalog.PlatformBusy, "wrong_host": catalog.AddressUnknown, "token_revoked": catalog.KeyRefused} {
		if err := world.SetFault("activecampaign", fault, true); err != nil {
			t.Fatal(err)
		}
		var failure *platform.Failure
		if _, err := driver.TryKey(t.Context(), account.URL, onboarding.NewSecret(account.Key)); !errors.As(err, &failure) || failure.What != want {
			t.Errorf("%s: got %v, want %s", fault, err, want)
		}
		if err := world.SetFault("activecampaign", fault, false); err != nil {
			t.Fatal(err)
		}
	}
}
