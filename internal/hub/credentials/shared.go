package credentials

import (
	"context"
	"errors"
	"slices"

	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// SharedWith returns with whom a Facebook item was shared, and at which level:
// the request's Facebook user and Business Manager. An asset of the agency
// belongs to the user from whom it was picked; its Business Manager is
// irrelevant.
func (c *Credentials) SharedWith(
	ctx context.Context, item onboarding.Item,
) (onboarding.Connection, onboarding.Business, onboarding.AccessLevel, error) {
	none := onboarding.Connection{}
	if item.Request == "" {
		picked, err := replica.ReadConnection(ctx, c.config.Replica.DB(), item.Connection)
		if errors.Is(err, onboarding.ErrNotFound) {
			return none, onboarding.Business{}, "", ErrNoCredential
		}
		if err != nil {
			return none, onboarding.Business{}, "", err
		}
		user, business, err := c.SignedIn(ctx, picked.User.ID, "")
		return user, business, onboarding.LevelAdvertise, err
	}
	r, err := replica.ReadRequest(ctx, c.config.Replica.DB(), item.Request)
	if errors.Is(err, onboarding.ErrNotFound) {
		return none, onboarding.Business{}, "", ErrNoCredential
	}
	if err != nil {
		return none, onboarding.Business{}, "", err
	}
	user, business, err := c.SignedIn(ctx, r.FacebookUser.ID, r.Business.ID)
	return user, business, r.Level.OrDefault(), err
}

// SignedIn finds the Connection of a Facebook user, and in it a Business
// Manager if one is named. A reconnected user has several tokens: the newest on
// this computer counts.
func (c *Credentials) SignedIn(
	ctx context.Context, user, business string,
) (onboarding.Connection, onboarding.Business, error) {
	none := onboarding.Connection{}
	users, err := replica.ReadConnections(ctx, c.config.Replica.DB())
	if err != nil {
		return none, onboarding.Business{}, err
	}
	for _, each := range users {
		if each.Ended != 0 || each.User.ID != user {
			continue
		}
		var in onboarding.Business
		if business != "" {
			at := slices.IndexFunc(each.Businesses, func(b onboarding.Business) bool { return b.ID == business })
			if at < 0 {
				continue
			}
			in = each.Businesses[at]
		}
		if _, err := c.ConnectionCredential(ctx, each.ID); errors.Is(err, ErrNoCredential) {
			continue
		} else if err != nil {
			return none, onboarding.Business{}, err
		}
		return each, in, nil
	}
	return none, onboarding.Business{}, ErrNoCredential
}

// ErrNoCredential means that this computer lacks the credential for an item.
var ErrNoCredential = errors.New("this computer cannot try it")
