//go:build !web

package desktop

import (
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
)

// PlatformAddresses are the platforms' own: nothing around the app people have
// may lead their credentials elsewhere.
func PlatformAddresses() map[onboarding.Platform]platform.Endpoints { return nil }
