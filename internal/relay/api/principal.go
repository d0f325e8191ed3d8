package api

import (
	"context"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// principalKey is where authenticate leaves who asks.
type principalKey struct{}

// principalFrom is who asks, behind authenticate.
func principalFrom(ctx context.Context) store.Principal {
	c, _ := ctx.Value(principalKey{}).(store.Principal) // wire refuses calls without one
	return c
}

func isMainUser(ctx context.Context) bool {
	return principalFrom(ctx).Member.Role == onboarding.MainUser
}
