package api

import (
	"context"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// endableItem returns an item whose access the caller may end: one who sees what
// a client shared, and of the agency's own who connected it and the main users.
func (s *credentials) endableItem(ctx context.Context, id string) (onboarding.Item, error) {
	i, err := s.visibleItem(ctx, id)
	if err != nil {
		return onboarding.Item{}, err
	}
	if i.Request == "" && !principalFrom(ctx).Member.MayManage(i.Owner) {
		return onboarding.Item{}, onboarding.ErrForbidden
	}
	return i, nil
}

// readSharedGrant reports what else depends on an item's grant. It searches every
// agency: a platform ends a grant for all of a relay's agencies at once. Nothing
// but the two booleans leaves the relay.
func (s *credentials) readSharedGrant(ctx context.Context, p wire.SharedGrantParams) (wire.SharedGrantResult, error) {
	i, err := s.endableItem(ctx, p.ID)
	if err != nil {
		return wire.SharedGrantResult{}, err
	}
	account, person, err := s.store.Items.SharedGrant(ctx, principalFrom(ctx).Agency.ID, i, p.Besides)
	return wire.SharedGrantResult{Account: account, Person: person}, err
}

// endAccess records that a hub has ended the access to an item.
func (s *credentials) endAccess(ctx context.Context, p wire.EndAccessParams) (wire.ItemResult, error) {
	i, err := s.endableItem(ctx, p.Item)
	if err != nil {
		return wire.ItemResult{}, err
	}
	agency := principalFrom(ctx).Agency.ID
	if p.Withdrawn && !p.Proven && p.Remaining == "" && i.Request != "" {
		kept, err := s.store.Items.WithdrawAgain(ctx, agency, i.ID)
		return wire.ItemResult{Item: kept}, err
	}
	if len(p.Remaining) > 64 || strings.Trim(p.Remaining, "abcdefghijklmnopqrstuvwxyz_") != "" {
		return wire.ItemResult{}, onboarding.Invalid("remaining", "This is not what can be left of an access.")
	}
	if p.Withdrawn || !p.Proven && p.Remaining == "" {
		return wire.ItemResult{}, onboarding.Invalid("proven", "An access that is not proved to be gone has something left.")
	}
	kept, err := s.store.Items.EndAccess(ctx, agency, i.ID, store.Ending{
		By:        principalFrom(ctx).Member.Name,
		Proven:    p.Proven,
		Remaining: p.Remaining,
	})
	return wire.ItemResult{Item: kept}, err
}
