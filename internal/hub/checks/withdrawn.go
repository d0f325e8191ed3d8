package checks

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// endWithdrawn ends the access to an item that its client has withdrawn, instead of a
// check: nobody has to do anything. A computer without its credential leaves that to
// another one; what the platform or the relay refuses for now is tried again.
func (c *Checks) endWithdrawn(ctx context.Context, scheduled replica.ScheduledCheck, item onboarding.Item) error {
	grant := c.grantOf(item)
	grant.Lock()
	ended, err := c.EndAccess(ctx, item.ID)
	grant.Unlock()
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

// grantOf is the lock of what may hang on one grant with an item: the same account. The
// second of them is then asked about with the first one's result.
func (c *Checks) grantOf(item onboarding.Item) *sync.Mutex {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := string(item.Service) + " " + string(item.Kind) + " " + item.Account
	if c.grants[key] == nil {
		c.grants[key] = &sync.Mutex{}
	}
	return c.grants[key]
}

// EndWithout ends the access to an item that its client has withdrawn without asking the
// platform: the credential is erased everywhere, and a user at the platform ends the rest.
// ErrConflict: nobody withdrew it.
func (c *Checks) EndWithout(ctx context.Context, item string) (EndingResult, error) {
	i, err := replica.ReadItem(ctx, c.config.Replica.DB(), item)
	if err == nil && (i.Withdrawn == 0 || !replica.IsEndable(i)) {
		err = onboarding.ErrConflict
	}
	if err != nil {
		return EndingResult{}, fmt.Errorf("ending item %s without its platform: %w", item, err)
	}
	facts, err := c.endingFacts(ctx, i)
	if err != nil {
		return EndingResult{}, fmt.Errorf("ending item %s without its platform: %w", item, err)
	}
	defer c.pause(i.ID)()
	result := c.endingResult(false, catalog.WithdrawByHand, facts)
	result.Queued, err = c.reportEnding(ctx, i, wire.EndAccessParams{
		Item: i.ID, Remaining: string(catalog.WithdrawByHand),
	})
	if err != nil {
		return EndingResult{}, fmt.Errorf("ending item %s without its platform: %w", item, err)
	}
	return result, nil
}
