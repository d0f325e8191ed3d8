//go:build !web

package main

import (
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
)

// platformAddresses are the platforms' own: nothing around the app people have
// may lead their credentials elsewhere.
func platformAddresses() map[onboarding.Platform]platform.Addresses { return nil }
