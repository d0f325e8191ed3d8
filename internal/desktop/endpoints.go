//go:build !web

package desktop

import (
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
)

// PlatformAddresses is empty in releases: no environment variable may redirect
// credentials.
func PlatformAddresses() map[onboarding.Platform]platform.Endpoints { return nil }
