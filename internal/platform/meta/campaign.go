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

// objectives are what a campaign can be for.
func objectives() []string {
	return []string{"OUTCOME_AWARENESS", "OUTCOME_TRAFFIC", "OUTCOME_ENGAGEMENT", "OUTCOME_LEADS", "OUTCOME_APP_PROMOTION", "OUTCOME_SALES"}
}

// Campaign makes a paused campaign. A campaign bears no Page, its ads do: so
// the Page is read first, with the same token, and one that cannot be is refused.
// https://developers.facebook.com/docs/marketing-api/reference/ad-campaign-group/
func (h *Hub) Campaign(ctx context.Context, access onboarding.Secret, q platform.CampaignQ) (string, error) {
	if !slices.Contains(objectives(), q.Objective) {
		return "", onboarding.Invalid("objective", "Choose what the campaign should bring.")
	}
	var page struct {
		ID string `json:"id"`
	}
	if err := h.graph.get(ctx, access, q.Page, url.Values{"fields": {"id,name"}}, &page); err != nil {
		return "", unusable(err)
	}
	var made struct {
		ID string `json:"id"`
	}
	err := h.graph.post(ctx, access, q.AdAccount+"/campaigns", url.Values{
		"name": {q.Name}, "objective": {q.Objective}, "status": {"PAUSED"},
		"special_ad_categories": {"[]"}, "is_adset_budget_sharing_enabled": {"false"},
	}, &made)
	if err != nil {
		return "", unusable(err)
	}
	if made.ID == "" {
		return "", platform.Down(errors.New("a campaign was answered without an id"))
	}
	return made.ID, nil
}

// unusable says of an asset that may not be used, or that is hidden, that it
// was not given to this user.
func unusable(err error) error {
	var failure *platform.Failure
	if errors.As(err, &failure) && (hidden(err) || failure.What == catalog.AppNotApproved) {
		failure.What = catalog.NotAssigned
	}
	return err
}
