package meta

import (
	"context"
	"errors"
	"net/url"
	"slices"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
)

// unshare is the reverse of Share, from the client's side: DELETE
// /{asset}/agencies, for a Page with its own token, and then GET of the same
// edge to verify. The reference does not list the call for Pages: if Facebook
// refuses it, the client does it by hand, WithdrawByHand. An expired sign-in is
// a Failure.
// https://developers.facebook.com/docs/business-management-apis/business-asset-management/guides/business-to-business
func (r *Relay) unshare(
	ctx context.Context, access onboarding.Secret, asset platform.Asset, with onboarding.Account,
) (platform.Withdrawal, error) {
	by := caller{token: access}
	if asset.Kind == onboarding.Page {
		var err error
		if by, err = r.pageToken(ctx, by, asset.ID); errors.Is(err, errNoPageToken) {
			return platform.Withdrawal{Remaining: catalog.WithdrawByHand}, nil
		} else if err != nil {
			return platform.Withdrawal{}, err
		}
	}
	refused := r.graph.remove(ctx, by, asset.ID+"/agencies", url.Values{"business": {with.ID}})
	agencies, err := list[onboarding.Account](ctx, r.graph, by, asset.ID+"/agencies", url.Values{"fields": {"id,name"}})
	switch {
	case err != nil:
		return platform.Withdrawal{}, err
	case !slices.ContainsFunc(agencies, func(a onboarding.Account) bool { return a.ID == with.ID }):
		return platform.Withdrawal{Ended: true}, nil
	}
	failure := platform.AsFailure(refused)
	if failure.Code == catalog.AppNotApproved || failure.Code == catalog.Unexpected {
		return platform.Withdrawal{Remaining: catalog.WithdrawByHand, Code: failure.PlatformCode}, nil
	}
	return platform.Withdrawal{}, failure
}
