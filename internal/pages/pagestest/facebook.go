package pagestest

import (
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
)

func (g *gallery) facebook() {
	g.facebookStart()
	g.leaving()
	assets := g.assetsPage()
	g.assetChoices(assets)
	g.assetResults(assets)
	g.assetsBarred(assets)
	g.assetsElsewhere(assets)
	g.assetLists(assets)
	g.manualShare()
	addByHand(g)
}

func (g *gallery) facebookStart() {
	start := pages.FacebookStart{
		Frame:    Branded(pages.StepFacebook),
		Client:   client,
		User:     User,
		Business: manager,
		Add:      "/w/x/facebook",
		Back:     "/r/x/you",
		Skip:     "/w/x/skip",
	}
	g.add("facebook-start", "Facebook, before the sign-in", start)
	some := start
	some.Choices = choices()
	some.Next = "/w/x/crm"
	g.add("facebook-start-connected", "Facebook, something is connected already", some)
	skipped := start
	skipped.Skipped, skipped.Next = "Lars looks after Facebook, he is back on Monday.", "/w/x/crm"
	g.add("facebook-start-skipped", "Facebook, skipped with a reason", skipped)
	cancelled := start
	cancelled.Failure = g.failureView(catalog.SignInCancelled, facts())
	cancelled.Failure.Skip = ""
	g.add("facebook-start-cancelled", "Facebook, the sign-in was cancelled", cancelled, "F13")

}

func (g *gallery) leaving() {
	g.add(
		"leaving-facebook",
		"Leaving for Facebook",
		pages.Leaving{
			Frame:   Branded(pages.StepFacebook),
			Service: onboarding.Facebook,
			Client:  client,
			Host:    "www.facebook.com",
			Link:    "https://www.facebook.com/v27.0/dialog/oauth?state=x",
			Back:    "/w/x/facebook",
			Skip:    "/w/x/skip",
			Stopped: "/w/x/facebook/error-page",
		},
		"F29",
	)
	g.add(
		"leaving-crm",
		"Leaving for HubSpot, on a page of its own",
		pages.Leaving{
			Frame:   Branded(pages.StepPlatforms),
			Service: onboarding.HubSpot,
			Client:  client,
			Host:    "app.hubspot.com",
			Link:    "https://app.hubspot.com/oauth/authorize?state=x",
			Back:    "/w/x/crm",
			Skip:    "/w/x/skip",
		},
	)

}

func (g *gallery) assetsPage() pages.FacebookAssets {
	return pages.FacebookAssets{
		Frame:       Branded(pages.StepFacebook),
		User:        User,
		Business:    manager,
		SignedInAs:  person,
		AdAccounts:  pages.AssetList{Assets: g.adAccounts()},
		Pages:       pages.AssetList{Assets: g.pageAssets()},
		Connect:     "/w/x/facebook/connect",
		Search:      "/w/x/facebook",
		ChooseAgain: "/w/x/facebook/again",
		NotYou:      "/w/x/facebook/leave",
		Skip:        "/w/x/skip",
	}
}

func (g *gallery) assetChoices(assets pages.FacebookAssets) {
	g.add("assets", "Choose what to share", assets, "F14", "F16", "F17", "F18", "F22", "F26")

	nothing := assets
	nothing.AdAccounts.Assets, nothing.Pages.Assets = unticked(g.adAccounts()), unticked(g.pageAssets())
	nothing.NothingSelected = true
	g.add("assets-nothing-chosen", "Connect Assets without a choice", nothing)

	unread := assets
	unread.Unread = g.failureView(catalog.ListCut, catalog.Args{
		Agency: company, Service: onboarding.Facebook, Business: "Northlight – Clients, 1184 2090 3317 552",
		Lists: g.catalog.UnreadList(onboarding.Page, "Kontor Werbung", true),
	})
	unread.Unread.Platform, unread.Unread.Skip = "200", ""
	g.add("assets-unread", "One list that Facebook refused", unread, "F23")

	found := assets
	found.AdAccounts.Query, found.Pages.Query = "outlet", "nothing like this"
	found.Pages.Assets = unticked(found.Pages.Assets)
	g.add("assets-searched", "Searched without script", found)

}

func (g *gallery) assetResults(assets pages.FacebookAssets) {
	done := assets
	done.AdAccounts.Assets, done.Pages.Assets = afterSharing(g, g.adAccounts()), afterSharing(g, g.pageAssets())
	done.Next = "/w/x/crm"
	done.Failure = g.failureView(
		catalog.PartlyDone,
		catalog.Args{Agency: company, Asset: "Harbour & Pine Outlet", Done: 2, Waits: 1, Of: 4,
			Reason: g.catalog.Describe(catalog.PlatformDown, catalog.Args{Service: onboarding.Facebook}).Message},
	)
	done.Failure.Again, done.Failure.On, done.Failure.Skip = "", "", ""
	g.add("assets-partly-done", "A result in every row", done, "F30", "F31")

	all := assets
	all.AdAccounts.Assets, all.Pages.Assets = allShared(g, g.adAccounts()), allShared(g, g.pageAssets())
	all.Next = "/w/x/facebook/by-hand"
	g.add("assets-connected", "Everything chosen is connected or waits", all)

	failed := assets
	failed.AdAccounts.Assets, failed.Pages.Assets = allFailed(g, g.adAccounts()), allFailed(g, g.pageAssets())
	failed.Failure = g.failureView(catalog.TemporarilyBlocked, catalog.Args{Agency: company, Service: onboarding.Facebook})
	failed.Failure.Again, failed.Failure.Skip = "", ""
	g.add("assets-none-worked", "None of the chosen assets worked", failed, "F28")

}

// assetsBarred shows a user of Facebook who can share nothing.
func (g *gallery) assetsBarred(assets pages.FacebookAssets) {
	barred := assets
	barred.AdAccounts.Assets = []pages.Asset{
		{
			ID:      "1",
			Name:    "Harbour Café Ads",
			Detail:  "4471 2180 554 · SEK",
			Failure: g.failure(catalog.PartialAccess, "Harbour Café Ads"),
			Guide:   "/w/x/why/1",
		},
	}
	barred.Pages.Assets = []pages.Asset{
		{
			ID:      "2",
			Name:    "Harbour Holding",
			Detail:  "Holding · 12 followers",
			Failure: g.failure(catalog.NotBusinessAdmin, "Harbour Holding"),
			Guide:   "/w/x/why/2",
		},
	}
	barred.Failure = g.failureView(catalog.WrongPerson, facts())
	barred.Failure.Skip = ""
	g.add("assets-nothing-to-share", "A Facebook user who may share nothing", barred, "F8", "F17", "F18")

}

// assetsElsewhere shows assets that are in no Business Manager.
func (g *gallery) assetsElsewhere(assets pages.FacebookAssets) {
	homeless := assets
	homeless.AdAccounts.Assets = []pages.Asset{
		{
			ID:      "1",
			Name:    "Marta private",
			Detail:  "1029 4410 093 · EUR",
			Failure: g.failure(catalog.NotInBusinessManager, "Marta private"),
			Guide:   "/w/x/why/1",
		},
	}
	homeless.Pages.Assets = []pages.Asset{
		{
			ID:      "2",
			Name:    "Harbour Bakery",
			Detail:  "Bakery · 812 followers",
			Failure: g.failure(catalog.NotInBusinessManager, "Harbour Bakery"),
			Guide:   "/w/x/why/2",
		},
	}
	homeless.Failure = g.failureView(catalog.NoBusinessManager, facts())
	homeless.Failure.Skip = ""
	g.add("assets-no-business", "A client without a Business Manager", homeless, "F15")

}

func (g *gallery) assetLists(assets pages.FacebookAssets) {
	sharing := assets
	sharing.AdAccounts.Assets, sharing.Pages.Assets = sharingNow(g.adAccounts()), sharingNow(g.pageAssets())
	sharing.Sharing = true
	g.add("assets-sharing", "While Facebook works", sharing)

	many := assets
	many.AdAccounts.Assets = Plenty(g.catalog, "Ad account", 500)
	many.Pages.Assets = Plenty(g.catalog, "Page", 60)
	g.add("assets-many", "60 Pages and 500 ad accounts", many, "F23")

	more := assets
	more.Asked = catalog.Asked{Level: onboarding.LevelView, Kinds: onboarding.ExtraKinds()}
	more.More = []pages.AssetList{
		{
			Kind: onboarding.Dataset,
			Assets: []pages.Asset{
				{ID: "771204418802", Name: "Harbour & Pine website", Detail: "7712 0441 8802", Chosen: true},
			},
		},
		{
			Kind:   onboarding.InstagramAccount,
			Assets: []pages.Asset{{ID: "553017720041", Name: "@harbourandpine", Detail: "5530 1772 0041"}},
		},
		{Kind: onboarding.Catalogue},
	}
	g.add("assets-more-kinds", "Datasets, Instagram accounts and catalogues, to see results only", more, "F32")

	empty := assets
	empty.AdAccounts, empty.Pages = pages.AssetList{}, pages.AssetList{}
	empty.Failure = g.failureView(catalog.WrongFacebookUser, facts())
	empty.Failure.Skip = ""
	g.add("assets-none", "A Facebook user who sees nothing", empty, "F24")

	cut := assets
	cut.Failure = g.failureView(catalog.ListCut, facts())
	cut.Failure.Skip = ""
	g.add("assets-cut", "Facebook stopped before the end of the list", cut, "F23")

	names := assets
	names.Company, names.Business, names.User, names.SignedInAs = longName, longName, longName, longName
	names.AdAccounts.Assets = append(
		[]pages.Asset{
			{ID: "1", Name: longName, Detail: "1029 4410 093 · EUR", Failure: g.failure(catalog.OtherOwner, longName)},
			{ID: "2", Name: arabic, Detail: "3 · SAR", Chosen: true},
		},
		names.AdAccounts.Assets...)
	g.add("assets-long-names", "Choose, with long names and right to left", names)

}

func (g *gallery) manualShare() {
	hand := pages.ManualShare{
		Frame:      Branded(pages.StepFacebook),
		Business:   manager,
		BusinessID: "118420903317552",
		Client:     client,
		Choices:    choices(),
		Recheck:    "/w/x/facebook/look",
		Back:       "/w/x/facebook",
		Next:       "/w/x/crm",
	}
	g.add("by-hand", "One thing to share by hand", hand)
	approve := hand
	approve.Choices = choices()
	approve.Choices[3].Failure, approve.Choices[3].Other = catalog.ApproveInBusiness, "Harbour & Pine AB"
	g.add("approve", "An admin has to approve", approve, "F20")
	approve.StillWaits = true
	g.add("approve-still-waiting", "Looked again, it still waits", approve, "F21")
	mixed := hand
	mixed.Choices = append(
		choices(),
		pages.Choice{
			Name:    "Harbour Trade Fair",
			Kind:    onboarding.AdAccount,
			State:   onboarding.ItemWaiting,
			Failure: catalog.ManualShare,
		},
		pages.Choice{
			Name:    "Pine Kids",
			Kind:    onboarding.Page,
			State:   onboarding.ItemWaiting,
			Failure: catalog.NewPageAdmin,
		},
		pages.Choice{
			Name:    "Harbour Workshop",
			Kind:    onboarding.Page,
			State:   onboarding.ItemWaiting,
			Failure: catalog.ApproveInBusiness,
			Other:   "Harbour & Pine AB",
		},
	)
	g.add("by-hand-mixed", "Several things wait for different reasons", mixed, "F19", "F20")
	week := hand
	week.Choices = choices()
	week.Choices[3].Failure = catalog.NewPageAdmin
	g.add("seven-days", "A new admin of a Page", week, "F19")
	arrived := hand
	arrived.Choices = choices()
	arrived.Choices[3].State, arrived.Choices[3].Failure = onboarding.ItemConnected, ""
	g.add("by-hand-arrived", "Everything has arrived", arrived)
}

func (g *gallery) adAccounts() []pages.Asset {
	return []pages.Asset{
		{ID: "act_44712096118", Name: "Harbour & Pine EU", Detail: "4471 2096 118 · EUR", Chosen: true},
		{ID: "act_44712096402", Name: "Harbour & Pine Nordics", Detail: "4471 2096 402 · SEK", Chosen: true},
		{
			ID:      "act_10294410093",
			Name:    "Marta private",
			Detail:  "1029 4410 093 · EUR",
			Failure: g.failure(catalog.NotInBusinessManager, "Marta private"),
			Guide:   "/w/x/why/1",
		},
		{
			ID:      "act_44820031555",
			Name:    "HP Outlet Test",
			Detail:  "4482 0031 555 · EUR",
			Failure: g.failure(catalog.AccountRestricted, "HP Outlet Test"),
		},
		{ID: "act_44712099871", Name: "Harbour & Pine UK", Detail: "4471 2099 871 · GBP"},
		{ID: "act_44712101206", Name: "Harbour Trade Fair", Detail: "4471 2101 206 · EUR"},
		{ID: "act_44712177030", Name: "Pine Kids", Detail: "4471 2177 030 · EUR"},
		{
			ID:      "act_44712177031",
			Name:    "Harbour Holding",
			Detail:  "4471 2177 031 · EUR",
			Failure: g.failure(catalog.NotBusinessAdmin, "Harbour Holding"),
			Guide:   "/w/x/why/2",
		},
		{ID: "act_44712177032", Name: "Pine Garden", Detail: "4471 2177 032 · EUR"},
	}
}

func (g *gallery) pageAssets() []pages.Asset {
	return []pages.Asset{
		{ID: "1001", Name: "Harbour & Pine", Detail: "Furniture · 84,210 followers", Chosen: true},
		{ID: "1002", Name: "Harbour & Pine Outlet", Detail: "Outlet · 12,904 followers", Chosen: true},
		{
			ID:      "1003",
			Name:    "Harbour & Pine Deutschland",
			Detail:  "Furniture · 9,377 followers",
			Failure: g.failure(catalog.OtherOwner, "Harbour & Pine Deutschland"),
			Guide:   "/w/x/why/3",
		},
		{ID: "1004", Name: "Pine Kids", Detail: "Children’s furniture · 3,118 followers"},
		{
			ID:      "1005",
			Name:    "Harbour Café",
			Detail:  "Café · 2,046 followers",
			Failure: g.failure(catalog.PartialAccess, "Harbour Café"),
			Guide:   "/w/x/why/4",
		},
		{ID: "1006", Name: "Harbour Workshop", Detail: "Craft · 1,530 followers"},
		{ID: "1007", Name: "Pine Journal", Detail: "Magazine · 988 followers"},
	}
}

func unticked(from []pages.Asset) []pages.Asset {
	assets := append([]pages.Asset(nil), from...)
	for i := range assets {
		assets[i].Chosen = false
	}
	return assets
}

func afterSharing(g *gallery, assets []pages.Asset) []pages.Asset {
	states := []onboarding.ItemState{onboarding.ItemConnected, onboarding.ItemConnected}
	codes := []catalog.FailureCode{"", catalog.AlreadyShared}
	if assets[0].ID == "1001" {
		states, codes = []onboarding.ItemState{
			onboarding.ItemWaiting,
			onboarding.ItemFailed,
		}, []catalog.FailureCode{
			catalog.ManualShare,
			catalog.PlatformDown,
		}
	}
	for i := range states {
		assets[i].State, assets[i].Chosen = states[i], states[i] == onboarding.ItemFailed
		if codes[i] != "" {
			assets[i].Failure = g.failure(codes[i], assets[i].Name)
		}
	}
	return assets
}

func allShared(g *gallery, assets []pages.Asset) []pages.Asset {
	assets = unticked(assets)
	for i := range assets {
		if assets[i].Failure == nil {
			assets[i].State = onboarding.ItemConnected
		}
	}
	assets[1].State, assets[1].Failure, assets[1].Guide = onboarding.ItemWaiting, g.failure(
		catalog.ApproveInBusiness,
		assets[1].Name,
	), "/w/x/facebook/by-hand"
	return assets
}

func allFailed(g *gallery, assets []pages.Asset) []pages.Asset {
	for i := range assets {
		if assets[i].Chosen {
			assets[i].State, assets[i].Failure = onboarding.ItemFailed, g.failureOf(
				catalog.TemporarilyBlocked,
				catalog.Args{Agency: company},
			)
		}
	}
	return assets
}

func sharingNow(assets []pages.Asset) []pages.Asset {
	assets[0].State, assets[1].State = onboarding.ItemConnected, onboarding.ItemSharing
	return unticked(assets)
}

// Plenty is a list of n assets, some of which cannot be chosen.
func Plenty(c *catalog.Catalog, what string, n int) []pages.Asset {
	g := gallery{catalog: c}
	assets := make([]pages.Asset, n)
	for i := range assets {
		assets[i] = pages.Asset{
			ID:     fmt.Sprintf("44710000%d", i),
			Name:   fmt.Sprintf("%s %d of Harbour & Pine", what, i+1),
			Detail: catalog.GroupDigits(fmt.Sprintf("44710000%d", i)) + " · EUR",
			Chosen: i%9 == 0,
		}
		if i%7 == 3 {
			assets[i].Failure, assets[i].Guide = g.failure(catalog.PartialAccess, assets[i].Name), "/w/x/why/5"
		}
	}
	return assets
}

func choices() []pages.Choice {
	return []pages.Choice{
		{Name: "Harbour & Pine EU", Kind: onboarding.AdAccount, State: onboarding.ItemConnected},
		{Name: "Harbour & Pine Nordics", Kind: onboarding.AdAccount, State: onboarding.ItemConnected},
		{Name: "Harbour & Pine", Kind: onboarding.Page, State: onboarding.ItemConnected},
		{
			Name:    "Harbour & Pine Outlet",
			Kind:    onboarding.Page,
			State:   onboarding.ItemWaiting,
			Failure: catalog.ManualShare,
		},
	}
}
