//go:build web

package desktop

import (
	"os"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/platform/all"
)

// PlatformAddresses reads overrides from the environment, with the relay's
// variable names: a sandbox instead of the platforms.
func PlatformAddresses() map[onboarding.Platform]platform.Endpoints {
	found := map[onboarding.Platform]platform.Endpoints{}
	for _, of := range all.Platforms() {
		prefix := "LATCHKEY_" + strings.ToUpper(string(of)) + "_"
		found[of] = platform.Endpoints{Token: os.Getenv(prefix + "TOKEN_URL"), API: os.Getenv(prefix + "API_URL")}
	}
	return found
}
