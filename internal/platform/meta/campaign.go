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

// objectives are the valid objectives of a campaign.
func objectives() []string {
	return []string{
		"OUTCOME_AWARENESS", "OUTCOME_TRAFFIC", "OUTCOME_ENGAGEMENT", "OUTCOME_LEADS", "OUTCOME_APP_PROMOTION",
		"OUTCOME_SALES",
	}
}

// Campaign creates a paused campaign without a budget, POST /act_…/campaigns. A
// campaign has no Page, only its ads do: so it first reads the user's Pages,
// GET /me/accounts, and refuses one for which they may not advertise. Whether
// the account has promoted the Page before is irrelevant. An account that is
// not assigned to the user (100/33, 200 to 299) is NotAssigned; an account that
// cannot run ads has no code of its own. Without special_ad_categories, or
// since v24 without is_adset_budget_sharing_enabled, Graph refuses the call
// (100, 100/4834011).
// https://developers.facebook.com/docs/pages-api/manage-pages
// https://developers.facebook.com/docs/marketing-api/reference/ad-campaign-group/
func (h *Hub) Campaign(
	ctx context.Context, credential platform.Credential, params platform.CampaignParams,
) (string, error) {
	if !slices.Contains(objectives(), params.Objective) {
		return "", onboarding.Invalid("objective", "Choose what the campaign should bring.")
	}
	by := callerOf(credential)
	if err := h.mayUsePage(ctx, by, params.Page); err != nil {
		return "", err
	}
	var made struct {
		ID string `json:"id"`
	}
	err := h.graph.post(ctx, by, params.AdAccount+"/campaigns", url.Values{
		"name": {params.Name}, "objective": {params.Objective}, "status": {"PAUSED"},
		"special_ad_categories": {"[]"}, "is_adset_budget_sharing_enabled": {"false"},
	}, &made)
	if err != nil {
		return "", h.refusedCampaign(ctx, by, params, err)
	}
	if made.ID == "" {
		return "", platform.Down(errors.New("a campaign was answered without an id"))
	}
	return made.ID, nil
}

// mayUsePage returns NotAssigned if the user may not advertise for a Page. Where
// GET /me/accounts leaves out a Page that a business owns, it counts whether
// Facebook gives the user a token of it.
func (h *Hub) mayUsePage(ctx context.Context, by caller, id string) error {
	pages, err := list[page](ctx, h.graph, by, "me/accounts", url.Values{"fields": {"id,name,tasks"}})
	if err != nil && !isOneLists(err) {
		return err
	}
	at := slices.IndexFunc(pages, func(p page) bool { return p.ID == id })
	if at >= 0 && mayAdvertise(pages[at].Tasks) {
		return nil
	}
	if at < 0 {
		var own page
		err := h.graph.get(ctx, by, id, url.Values{"fields": {"id,access_token"}}, &own)
		switch {
		case err == nil && bool(own.Token):
			return nil
		case err != nil && !isOneLists(err):
			return err
		}
	}
	return &platform.Failure{
		Code:  catalog.NotAssigned,
		Asset: id,
		Err:   errors.New("the user may not advertise for this Page"),
	}
}

// unusable turns the refusal of a forbidden or hidden ad account into
// NotAssigned.
func unusable(err error, account string) error {
	var failure *platform.Failure
	if errors.As(err, &failure) {
		failure.Asset = account
		if hidden(err) || failure.Code == catalog.AppNotApproved {
			failure.Code = catalog.NotAssigned
		}
	}
	return err
}

// refusedCampaign reads the account's status after an unspecific refusal:
// Facebook has no code for an account that cannot run ads.
func (h *Hub) refusedCampaign(ctx context.Context, by caller, p platform.CampaignParams, refused error) error {
	refused = unusable(refused, p.AdAccount)
	var failure *platform.Failure
	if !errors.As(refused, &failure) || failure.Code != catalog.Unexpected {
		return refused
	}
	var account adAccount
	err := h.graph.get(ctx, by, p.AdAccount, url.Values{"fields": {"id,account_status"}}, &account)
	if why := account.Status.failure(); err == nil && why != "" && why != catalog.PaymentOverdue {
		failure.Code, failure.PlatformCode = why, account.Status.code()
	}
	return refused
}
