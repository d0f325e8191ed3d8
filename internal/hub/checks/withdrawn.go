package checks

import (
	"context"
	"errors"

	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// endWithdrawn ends the access to an item that its client has withdrawn, instead of a
// check: nobody has to do anything. A computer without its credential leaves that to
// another one; what the platform or the relay refuses for now is tried again.
func (c *Checks) endWithdrawn(ctx context.Context, scheduled replica.ScheduledCheck, item onboarding.Item) error {
	ended, err := c.EndAccess(ctx, item.ID)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err == nil && !ended.Queued:
		return nil // it is not scheduled any more
	case errors.Is(err, onboarding.ErrNoDevice), errors.Is(err, onboarding.ErrConflict):
		return c.reschedule(ctx, scheduled, scheduled.Attempt, replica.CheckInterval)
	}
	if err != nil {
		c.config.Log.Info("what a client has withdrawn could not be ended yet", "item", item.ID, "error", err)
	}
	return c.reschedule(ctx, scheduled, scheduled.Attempt+1, retryInterval)
}
