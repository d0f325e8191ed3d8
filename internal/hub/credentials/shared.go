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
	if r.ByHand && r.Connection == "" { // the member has typed the Business Manager
		user, business, err := c.AdminOf(ctx, r.Business.ID)
		return user, business, r.Level.OrDefault(), err
	}
	user, business, err := c.SignedIn(ctx, r.FacebookUser.ID, r.Business.ID)
	return user, business, r.Level.OrDefault(), err
}

// SignedIn finds the Connection of a Facebook user, and a Business Manager if one is
// named. A user who signed in again has several tokens, which may do the same: the
// newest on this computer counts, also for a Business Manager that the user has left
// since. So what Facebook says of that is about the sign-in of today, and an older one
// that ends concerns nobody.
func (c *Credentials) SignedIn(
	ctx context.Context, user, business string,
) (newest onboarding.Connection, in onboarding.Business, err error) {
	users, err := replica.ReadConnections(ctx, c.config.Replica.DB())
	if err != nil {
		return onboarding.Connection{}, onboarding.Business{}, err
	}
	for _, each := range users {
		if each.Ended != 0 || each.User.ID != user {
			continue
		}
		if at := slices.IndexFunc(each.Businesses, isBusiness(business)); at >= 0 && in.ID == "" {
			in = each.Businesses[at]
		}
		if newest.ID != "" {
			continue
		}
		switch _, err := c.ConnectionCredential(ctx, each.ID); {
		case err == nil:
			newest = each
		case !errors.Is(err, ErrNoCredential):
			return onboarding.Connection{}, onboarding.Business{}, err
		}
	}
	if newest.ID == "" || business != "" && in.ID == "" {
		return onboarding.Connection{}, onboarding.Business{}, ErrNoCredential
	}
	return newest, in, nil
}

func isBusiness(id string) func(onboarding.Business) bool {
	return func(b onboarding.Business) bool { return b.ID == id }
}

// AdminOf finds a Connection on this computer whose user is an admin of a Business Manager.
func (c *Credentials) AdminOf(
	ctx context.Context, business string,
) (onboarding.Connection, onboarding.Business, error) {
	admins, err := c.Admins(ctx, business)
	if err != nil {
		return onboarding.Connection{}, onboarding.Business{}, err
	}
	for _, each := range admins {
		connection, in, err := c.SignedIn(ctx, each.User.ID, business)
		if !errors.Is(err, ErrNoCredential) {
			return connection, in, err
		}
	}
	return onboarding.Connection{}, onboarding.Business{}, ErrNoCredential
}

// Admins lists the Connections, of whichever computer, whose users are admins of a Business
// Manager.
func (c *Credentials) Admins(ctx context.Context, business string) ([]onboarding.Connection, error) {
	users, err := replica.ReadConnections(ctx, c.config.Replica.DB())
	if err != nil {
		return nil, err
	}
	isAdmin := func(b onboarding.Business) bool { return b.ID == business && b.Admin }
	return slices.DeleteFunc(users, func(each onboarding.Connection) bool {
		return each.Ended != 0 || each.Platform != onboarding.Meta || !slices.ContainsFunc(each.Businesses, isAdmin)
	}), nil
}

// ErrNoCredential means that this computer lacks the credential for an item.
var ErrNoCredential = errors.New("this computer cannot try it")
