package hub

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/latchkeyhq/latchkey/internal/hub/replica"
)

// StopOffboardingAt makes the nth write of an offboarding fail, and all after it, as if
// the computer had stopped. The returned function reports whether it has.
func StopOffboardingAt(h *Hub, n int) (stopped func() bool) {
	var writes atomic.Int64
	store := h.Offboardings.store
	h.Offboardings.store = func(ctx context.Context, r *replica.Replica, ends replica.Offboarding) error {
		if writes.Add(1) > int64(n) {
			return errors.New("the computer has stopped")
		}
		return store(ctx, r, ends)
	}
	return func() bool { return writes.Load() > int64(n) }
}
