package activecampaign

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/platform"
)

// Whatever is entered, an accepted or suggested host is ActiveCampaign's.
func FuzzAddressOfAnAccount(f *testing.F) {
	for _, seed := range []string{"https://northwind.api-us1.com", "northwind.app-us1.com/app",
		"https://a.api-us1.com@evil.example", "https://evil.example#.api-us1.com", "https://[::1].api-us1.com",
		"https://a.api-us1.com:443/api/3", "//a.api-us1.com", "https://a.api-us1.com\\@evil.example",
		"https://%61.api-us1.com", "https://a.api-us1.com%00.evil.example", "javascript:a.api-us1.com"} {
		f.Add(seed)
	}
	driver := &Driver{}
	f.Fuzz(func(t *testing.T, typed string) {
		address, err := driver.NormalizeAddress(typed)
		if err != nil {
			var failure *platform.Failure
			if !errors.As(err, &failure) {
				t.Fatalf("%q: %v", typed, err)
			}
			if address = failure.Suggestion; address == "" {
				return
			}
		}
		u, err := url.Parse(address)
		if err != nil || u.Scheme != "https" || u.User != nil || u.Port() != "" || u.Path != "" || u.RawQuery != "" ||
			u.Fragment != "" || !platform.Allowed(hosts(), u.Hostname()) {
			t.Errorf("%q leads to %q (%v)", typed, address, err)
		}
		if strings.ToLower(address) != address {
			t.Errorf("%q is not in lower case", address)
		}
	})
}
