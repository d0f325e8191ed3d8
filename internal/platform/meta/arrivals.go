package meta

import (
	"context"
	"net/url"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
)

// arrival is an asset that a Business Manager was given, with its owner.
type arrival struct {
	extraAsset

	Business onboarding.Account `json:"business"`       // of an ad account
	Owner    onboarding.Account `json:"owner_business"` // of a Page
}

// Arrivals lists what a Business Manager was given of one kind, GET
// /{business}/client_ad_accounts, client_pages and their likes. Facebook names neither a
// time nor who shared it. It may leave out the owner; a version that does not know the
// field is asked without it. A refusal to read the Business Manager is AgencySide.
// https://developers.facebook.com/documentation/ads-commerce/marketing-api/reference/business/client_ad_accounts
// https://developers.facebook.com/documentation/ads-commerce/marketing-api/reference/business/client_pages
func (h *Hub) Arrivals(
	ctx context.Context, credential platform.Credential, business string, kind onboarding.Kind,
) ([]onboarding.Arrival, error) {
	fields, fewer := "id,name,business{id,name}", "id,name"
	if kind == onboarding.Page {
		fields = "id,name,owner_business{id,name}"
	}
	if extra, ok := extraOf(kind); ok {
		fields, fewer = extra.fields, extra.fields
	}
	all, err := list[arrival](
		ctx, h.graph, callerOf(credential), business+"/"+edgesOf(kind).client, url.Values{"fields": {fields}}, fewer,
	)
	if err != nil {
		return nil, notTried(err)
	}
	var arrivals []onboarding.Arrival
	for _, one := range all {
		asset := one.asset(kind, onboarding.Account{}, "")
		owner := one.Business.Name
		if kind == onboarding.Page {
			owner = one.Owner.Name
		}
		arrivals = append(arrivals, onboarding.Arrival{
			Kind: kind, Account: one.ID, Name: onboarding.ClipName(asset.Name), Owner: onboarding.ClipName(owner),
		})
	}
	return arrivals, nil
}
