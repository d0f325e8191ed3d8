package checks

import (
	"context"
	"errors"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/hub/credentials"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// AskToEnd ends the access to an item at its platform, as one of several that end
// together, and reports nothing yet: see StoreEnded. asked means that the platform may
// have ended it already, by an earlier call whose answer was lost, or together with
// another of them.
func (c *Checks) AskToEnd(
	ctx context.Context, item string, besides []string, asked bool,
) (replica.PlatformAnswer, error) {
	i, _, shared, err := c.endingOf(ctx, item, besides)
	if err != nil {
		return replica.PlatformAnswer{}, fmt.Errorf("ending the access to item %s: %w", item, err)
	}
	done, err := c.askToEnd(ctx, i, shared, asked)
	if err != nil {
		return replica.PlatformAnswer{}, fmt.Errorf("ending the access to item %s: %w", item, err)
	}
	c.config.Log.Info(
		"an access was ended", "item", i.ID, "proven", done.Ended, "remaining", done.Remaining, "code", done.Code,
	)
	return replica.PlatformAnswer{
		At: c.now(), Proven: done.Ended, Remaining: string(done.Remaining), Code: done.Code,
	}, nil
}

// StoreEnded reports an ended access to the relay and erases it on this computer. What
// the relay has stored before stays.
func (c *Checks) StoreEnded(ctx context.Context, item string, answer replica.PlatformAnswer) error {
	i, err := replica.ReadItem(ctx, c.config.Replica.DB(), item)
	if errors.Is(err, onboarding.ErrNotFound) {
		return nil
	}
	if err == nil && i.State != onboarding.ItemEnded {
		// The result must be recorded even if the caller is gone.
		err = c.storeEnding(context.WithoutCancel(ctx), i, wire.EndAccessParams{
			Item: item, Proven: answer.Proven, Remaining: answer.Remaining,
		})
	}
	if err != nil {
		return fmt.Errorf("reporting the end of item %s: %w", item, err)
	}
	c.config.OnQueued()
	return nil
}

// DescribeEnding describes an ended access, and how a user ends what remains of it.
func (c *Checks) DescribeEnding(ctx context.Context, item string) (result EndingResult, view EndingView, err error) {
	i, err := replica.ReadItem(ctx, c.config.Replica.DB(), item)
	if err != nil {
		return result, view, err
	}
	facts, err := c.endingFacts(ctx, i)
	if err != nil {
		return result, view, err
	}
	result = c.endingResult(i.EndedProven, catalog.FailureCode(i.Failure), facts)
	if result.Next != "" {
		service := c.config.Catalog.Service(i.Service)
		view.Steps, view.Open = service.Withdraw, service.Manage.URL
	}
	return result, view, nil
}

// Prepare gets access tokens of items that may share a grant, before the first of them
// ends it: the platform can then be asked for each. What fails is seen when it is ended.
func (c *Checks) Prepare(ctx context.Context, items []string) {
	for _, id := range items {
		i, err := replica.ReadItem(ctx, c.config.Replica.DB(), id)
		if err != nil || i.Kind.IsShared() || c.config.Catalog.Service(i.Service).Grant == catalog.GrantOfItem {
			continue
		}
		_, _, _ = c.config.Credentials.TokenFor(ctx, i) // see above
	}
}

// Pause suppresses the reports of checks of items until the returned function is called:
// what is being ended would be reported as broken.
func (c *Checks) Pause(items []string) (resume func()) {
	var all []func()
	for _, id := range items {
		all = append(all, c.pause(id))
	}
	return func() {
		for _, end := range all {
			end()
		}
	}
}

// CanAsk reports whether this computer can ask an item's platform to end the access: it
// has the credential, or needs none.
func (c *Checks) CanAsk(ctx context.Context, i onboarding.Item) (bool, error) {
	if c.withdrawer(i) == nil {
		return true, nil
	}
	if i.Kind.IsShared() {
		_, _, _, err := c.config.Credentials.SharedWith(ctx, i)
		if errors.Is(err, credentials.ErrNoCredential) {
			return false, nil
		}
		return err == nil, err
	}
	return c.config.Credentials.Has(ctx, replica.SubjectItem+i.ID)
}
