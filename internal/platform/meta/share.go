package meta

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
)

// Share adds the agency's Business Manager to an asset, POST /{asset}/agencies
// with the tasks as JSON: an ad account with the person's token, a Page with
// its own. A Page of which Facebook gives no token is shared by hand.
//
// Already shared (3944, 3946, 3989) is success. What an admin has to approve
// (3936, or requires_admin_approval), and what the app may not share (3, 10,
// 200 to 299), is waiting. A temporary block (368), two-factor sign-in (415)
// and an expired token (190) are Failures. A transient error (1, 2) is retried
// once after half a second. A dataset may wait for the agency's acceptance; a
// catalogue is shared by hand, without a call.
// https://developers.facebook.com/docs/graph-api/reference/page/agencies/
// https://developers.facebook.com/docs/business-management-apis/business-asset-management/guides/business-to-business
func (r *Relay) Share(ctx context.Context, access onboarding.Secret, p platform.ShareParams) (platform.Shared, error) {
	by := caller{token: access}
	if edges, extra := extraOf(p.Asset.Kind); extra && edges.byHand {
		return platform.Shared{Waiting: catalog.ManualShare}, nil
	}
	if p.Asset.Kind == onboarding.Page {
		var err error
		if by, err = r.pageToken(ctx, by, p.Asset.ID); errors.Is(err, errNoPageToken) {
			return platform.Shared{Waiting: catalog.ManualShare}, nil
		} else if err != nil {
			return platform.Shared{}, err
		}
	}
	shared, err := r.shareOnce(ctx, by, p)
	var failure *platform.Failure
	if errors.As(err, &failure) && failure.Code == catalog.PlatformDown && failure.PlatformCode != "" {
		select {
		case <-time.After(500 * time.Millisecond):
		case <-ctx.Done():
			return platform.Shared{}, err
		}
		shared, err = r.shareOnce(ctx, by, p)
	}
	return shared, err
}

func (r *Relay) shareOnce(ctx context.Context, by caller, p platform.ShareParams) (platform.Shared, error) {
	var answer struct {
		Success       bool   `json:"success"`
		NeedsApproval bool   `json:"requires_admin_approval"`
		Status        string `json:"access_status"`
		Pending       string `json:"pending_request_id"`
	}
	err := r.graph.post(ctx, by, p.Asset.ID+"/agencies", url.Values{
		"business": {p.With.ID}, "permitted_tasks": {tasksParameter(tasks(p.Level))},
	}, &answer)
	var failure *platform.Failure
	if errors.As(err, &failure) {
		switch failure.Code {
		case catalog.AlreadyShared:
			return platform.Shared{Already: true, Code: failure.PlatformCode}, nil
		case catalog.ApproveInBusiness:
			return platform.Shared{Waiting: catalog.ApproveInBusiness, Code: failure.PlatformCode}, nil
		case catalog.AppNotApproved: // the client shares by hand; the hub checks until it arrives
			return platform.Shared{Waiting: catalog.ManualShare, Code: failure.PlatformCode}, nil
		}
	}
	switch {
	case err != nil:
		return platform.Shared{}, err
	case !answer.Success:
		return platform.Shared{}, &platform.Failure{
			Code: catalog.Unexpected,
			Err:  errors.New("no success in the answer of Facebook"),
		}
	case answer.NeedsApproval:
		return platform.Shared{Waiting: catalog.ApproveInBusiness}, nil
	case answer.Pending != "":
		return platform.Shared{Waiting: catalog.AgencyAccepts}, nil
	case answer.Status == "PENDING":
		return platform.Shared{Waiting: catalog.NewPageAdmin}, nil
	}
	return platform.Shared{}, nil
}

// errNoPageToken is the refusal of a Page whose token Facebook does not give.
var errNoPageToken = errors.New("no token of the Page is given")

// pageToken reads the Page's own token: sharing a Page requires it, and full
// control. GET /me/accounts has it, and where that leaves a Page out that a
// business owns, GET /{page}. errNoPageToken: neither has.
// https://developers.facebook.com/docs/pages-api/manage-pages
func (r *Relay) pageToken(ctx context.Context, by caller, id string) (caller, error) {
	type entry struct {
		ID    string `json:"id"`
		Token string `json:"access_token"`
	}
	pages, err := list[entry](ctx, r.graph, by, "me/accounts", url.Values{"fields": {"id,access_token"}})
	if err != nil && !isOneLists(err) {
		return caller{}, err
	}
	at := slices.IndexFunc(pages, func(p entry) bool { return p.ID == id && p.Token != "" })
	if at >= 0 {
		return caller{token: onboarding.NewSecret(pages[at].Token)}, nil
	}
	var own entry
	err = r.graph.get(ctx, by, id, url.Values{"fields": {"id,access_token"}}, &own)
	switch {
	case err != nil && !isOneLists(err):
		return caller{}, err
	case err != nil || own.Token == "":
		return caller{}, errNoPageToken
	}
	return caller{token: onboarding.NewSecret(own.Token)}, nil
}
