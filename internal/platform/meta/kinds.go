package meta

import (
	"context"
	"net/url"
	"slices"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
)

// extraKind has the Graph API's names for a kind besides ad accounts and Pages.
//
// A dataset, which users call the pixel, is an AdsPixel: its owner's admin
// shares it with POST /{pixel}/agencies, business and permitted_tasks both
// required, with business_management, ads_management and the Pages' two
// permissions. A first share between two businesses may return a
// pending_request_id: then the agency accepts it in its Business Manager.
// https://developers.facebook.com/docs/business-management-apis/business-asset-management/guides/business-pixel-sharing
//
// An Instagram account is an InstagramBusinessAsset: POST /{asset}/agencies,
// with business_management for the business that owns it. The edge
// client_instagram_accounts, which older pages mention, is another one.
// https://developers.facebook.com/docs/graph-api/reference/instagram-business-asset/agencies/
// https://developers.facebook.com/docs/business-management-apis/business-asset-management/guides/instagram-accounts
//
// A catalogue is a ProductCatalog. It has POST /{catalog}/agencies and
// assigned_users, too, but these require catalog_management, which a sign-in
// here does not request, and it has no task for seeing results only. So a
// client shares it by hand, and the agency finds it among
// client_product_catalogs.
// https://developers.facebook.com/documentation/ads-commerce/marketing-api/reference/product-catalog/assigned_users
// https://developers.facebook.com/documentation/ads-commerce/marketing-api/reference/business/client_product_catalogs
//
// Edges and tasks are those of the SDKs' specification, v25.0.
type extraKind struct {
	owned  string // edge of a business: what it owns
	client string // edge of a business: what it was given
	fields string
	byHand bool // the Graph API does not let this app share it
}

// extraOf returns the Graph API's names for a kind; false: it is an ad account,
// a Page or not Facebook's.
func extraOf(kind onboarding.Kind) (extraKind, bool) {
	switch kind {
	case onboarding.Dataset:
		return extraKind{owned: "owned_pixels", client: "client_pixels", fields: "id,name"}, true
	case onboarding.InstagramAccount:
		return extraKind{
			owned: "owned_instagram_assets", client: "client_instagram_assets", fields: "id,ig_user_id,ig_username",
		}, true
	case onboarding.Catalogue:
		return extraKind{
			owned: "owned_product_catalogs", client: "client_product_catalogs", fields: "id,name", byHand: true,
		}, true
	}
	return extraKind{}, false
}

// extraAsset is a dataset, an Instagram account or a catalogue.
type extraAsset struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Username string `json:"ig_username"`
}

// extras lists what the person's businesses own and were given of the named
// kinds, GET /{business}/owned_… and client_…, with a barrier where the person
// is no admin of the owning business. unread are the lists that Facebook refused.
func (h *Hub) extras(
	ctx context.Context, by caller, users []businessUser, kinds []onboarding.Kind,
) (assets []platform.Asset, unread []platform.UnreadList, err error) {
	type lists struct{ owned, given []extraAsset }
	for _, kind := range onboarding.SortKinds(kinds) {
		edges, _ := extraOf(kind)
		of := make([]lists, len(users))
		read := newListReader(ctx, h.graph, by)
		for i, user := range users {
			as, path := platform.UnreadList{Kind: kind, Business: user.Business}, user.Business.ID+"/"
			readList(read, &of[i].owned, as, path+edges.owned, edges.fields, edges.fields)
			as.Given = true
			readList(read, &of[i].given, as, path+edges.client, edges.fields, edges.fields)
		}
		refused, err := read.wait()
		if err != nil && !isOneLists(err) {
			return nil, nil, err
		}
		unread = append(unread, refused...)
		seen := map[string]platform.Asset{}
		for i, user := range users {
			for _, one := range of[i].given {
				if _, known := seen[one.ID]; !known {
					seen[one.ID] = one.asset(kind, onboarding.Account{}, catalog.OtherOwner)
				}
			}
			for _, one := range of[i].owned {
				barrier := catalog.FailureCode("")
				if !user.mayBeAdmin() {
					barrier = catalog.NotBusinessAdmin
				}
				seen[one.ID] = one.asset(kind, user.Business, barrier)
			}
		}
		var sorted []platform.Asset
		for _, asset := range seen {
			sorted = append(sorted, asset)
		}
		sortByName(sorted)
		assets = append(assets, sorted...)
	}
	return assets, unread, nil
}

func (a extraAsset) asset(kind onboarding.Kind, owner onboarding.Account, barrier catalog.FailureCode) platform.Asset {
	asset := platform.Asset{Kind: kind, ID: a.ID, Name: a.Name, Detail: grouped(a.ID), Business: owner, Barrier: barrier}
	if kind == onboarding.InstagramAccount {
		asset.Name = "@" + a.Username
	}
	if asset.Name == "" {
		asset.Name = grouped(a.ID)
	}
	return asset
}

// checkExtra checks whether a dataset, an Instagram account or a catalogue has
// arrived and, except for a catalogue, whether its tasks are assigned to the
// agency's user: GET /{asset}/assigned_users with the agency's business. A
// catalogue is shared by hand, without the app: its arrival is all that can be
// checked.
func (h *Hub) checkExtra(ctx context.Context, p platform.CheckParams, edges extraKind) (platform.CheckResult, error) {
	by := checkCaller(p)
	all, err := list[extraAsset](ctx, h.graph, by, p.Business.ID+"/"+edges.client, url.Values{"fields": {edges.fields}})
	if err != nil {
		return platform.CheckResult{}, notTried(err)
	}
	if !slices.ContainsFunc(all, func(a extraAsset) bool { return a.ID == p.Item.Account }) {
		return h.absent(ctx, p)
	}
	if edges.byHand {
		return platform.CheckResult{State: onboarding.AccessWorks}, nil
	}
	type assigned struct {
		ID        string   `json:"id"`
		Tasks     []string `json:"tasks"`
		Permitted []string `json:"permitted_tasks"`
	}
	users, err := list[assigned](ctx, h.graph, by, p.Item.Account+"/assigned_users",
		url.Values{"business": {p.Business.ID}, "fields": {"id,tasks,permitted_tasks"}})
	if err != nil && !hidden(err) {
		if failure := platform.AsFailure(err); failure.Code == catalog.AppNotApproved {
			return h.forbidden(ctx, p, nil, failure)
		}
		return platform.CheckResult{}, err
	}
	at := slices.IndexFunc(users, func(u assigned) bool { return u.ID == p.User })
	switch {
	case at >= 0 && len(users[at].Permitted) > 0 && !hasAll(users[at].Permitted, tasks(p.Level)):
		return platform.CheckResult{
			State:   onboarding.AccessBroken,
			Failure: catalog.LevelLowered,
			Tasks:   users[at].Permitted,
		}, nil
	case at < 0, !hasAll(users[at].Tasks, tasks(p.Level)):
		return platform.CheckResult{State: onboarding.AccessBroken, Failure: catalog.NotAssigned}, nil
	}
	return platform.CheckResult{
		State: onboarding.AccessWorks, Tasks: users[at].Tasks, Capabilities: capabilities(users[at].Tasks, p.Level),
	}, nil
}
