package wizard

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// showAssets is where the client chooses. Looking, searching and loading again
// change nothing.
func (s *facebookSteps) showAssets(w http.ResponseWriter, r *http.Request, v *visitScope) error {
	progress, done, err := s.visits.enterStep(w, r, v, pages.StepFacebook)
	if done || err != nil {
		return err
	}
	token, signedIn := s.visits.token(v)
	if why := s.whySignedOut(v, progress); !signedIn || why != "" {
		return s.signedOut(w, r, v, cmp.Or(why, catalog.SignedOutHere))
	}
	page := s.assetsPage(r, v, progress)
	found, err := s.assets(r.Context(), v, token)
	if err != nil {
		if isClientGone(r.Context(), err) {
			return err
		}
		t := s.failures.recordFailure(r, v, onboarding.Facebook, err)
		args := s.failures.until(v.args(onboarding.Facebook), t)
		page.Failure = &pages.FailureView{
			Failure: s.catalog.Describe(t.Code, args), Platform: t.Platform, Reference: t.Reference,
			Again: v.path("facebook/assets"), HandOver: page.HandOver,
		}
		s.render(w, r, http.StatusOK, page)
		return nil
	}
	s.fillAssets(&page, r, v, progress, found)
	s.render(w, r, http.StatusOK, page)
	return nil
}

func (s *facebookSteps) assetsPage(r *http.Request, v *visitScope, progress requestProgress) pages.FacebookAssets {
	page := pages.FacebookAssets{
		Frame: v.Frame, User: v.Request.FacebookUser, Business: v.Request.Business.Name, Asked: v.asked(),
		SignedInAs: v.visit.User.Name,
		Connect:    v.path("facebook/connect"), Search: v.path("facebook/assets"), ChooseAgain: v.path("facebook/again"),
		NotYou: v.path("facebook/not-you"), Skip: v.skipPath("facebook"), Next: progress.next(v, pages.StepFacebook),
		NothingSelected: v.state.NothingSelected, HandOver: v.handOverPath(onboarding.Facebook),
	}
	page.Handed, _ = progress.handedTo(v, onboarding.Facebook)
	query := r.URL.Query()
	page.AdAccounts.Query, page.Pages.Query = query.Get(pages.FieldSearchAds), query.Get(pages.FieldSearchPgs)
	for _, kind := range onboarding.SortKinds(v.Request.Kinds) {
		page.More = append(page.More, pages.AssetList{Kind: kind, Query: query.Get(pages.FieldSearch(kind))})
	}
	for _, item := range progress.itemsOf(onboarding.Facebook) {
		if item.State == onboarding.ItemWaiting && page.Next != "" {
			page.Next = v.path("facebook/by-hand")
		}
	}
	return page
}

// fillAssets puts what Facebook shows and what became of it into the page.
func (s *facebookSteps) fillAssets(
	page *pages.FacebookAssets, r *http.Request, v *visitScope, progress requestProgress, found platform.Assets,
) {
	found = v.onlyRepaired(found)
	items := map[string]onboarding.Item{}
	for _, item := range progress.itemsOf(onboarding.Facebook) {
		items[item.Account] = item
	}
	query := r.URL.Query()
	page.AdAccounts.Assets = s.rows(v, found.AdAccounts, items, query[pages.FieldAdAccount])
	page.Pages.Assets = s.rows(v, found.Pages, items, query[pages.FieldPage])
	for i := range page.More {
		list := &page.More[i]
		list.Assets = s.rows(v, found.Of(list.Kind), items, query[pages.FieldTicked(list.Kind)])
	}
	for _, list := range append([]pages.AssetList{page.AdAccounts, page.Pages}, page.More...) {
		for _, row := range list.Assets {
			page.Sharing = page.Sharing || row.State == onboarding.ItemSharing
		}
	}
	page.Unread = s.unread(v, found.Unread)
	s.addNotices(page, v, progress, found)
}

// addNotices puts what stands above the lists into the page.
func (s *facebookSteps) addNotices(
	page *pages.FacebookAssets, v *visitScope, progress requestProgress, found platform.Assets,
) {
	args := v.args(onboarding.Facebook)
	args.Name = v.visit.User.Name
	say := func(code catalog.FailureCode, again string) *pages.FailureView {
		// Skip and Next Step stand below
		return &pages.FailureView{
			Failure: s.catalog.Describe(code, args), Again: again, AgainPost: true, HandOver: page.HandOver,
		}
	}
	switch {
	case v.repair != nil && found.HasBusiness && len(found.All()) == 0 && page.Unread == nil:
		page.Failure = say(catalog.OtherAccount, page.NotYou)
	case !found.HasBusiness:
		page.Failure = say(catalog.NoBusinessManager, v.path("facebook/reload"))
	case len(found.All()) == 0 && page.Unread == nil:
		page.Failure = say(catalog.WrongFacebookUser, page.NotYou)
	case !page.Sharing:
		of, done, waits, first := tally(progress)
		switch {
		case first.ID != "" && done > 0:
			args.Done, args.Waits, args.Of, args.Asset = done, waits, of, first.Name
			args.Reason = s.catalog.Describe(s.failureOf(first), args).Short
			page.Failure = say(catalog.PartlyDone, "")
		case first.ID != "": // each row has it too, but may be far down
			args.Asset = first.Name
			page.Failure = say(s.failureOf(first), "")
			page.Failure.Reference = first.Reference
		case of == 0 && nothingToShare(found) && page.Unread == nil:
			page.Failure = say(catalog.WrongPerson, v.path("facebook/reload"))
		}
	}
}

// unread names the lists that Facebook refused; nil: none.
func (s *facebookSteps) unread(v *visitScope, refused []platform.UnreadList) *pages.FailureView {
	if len(refused) == 0 {
		return nil
	}
	var names []string
	for _, list := range refused {
		names = append(names, s.catalog.UnreadList(list.Kind, list.Business.Name, list.Given))
	}
	args := v.args(onboarding.Facebook)
	args.Lists, args.Business = s.catalog.List(names), v.partner()
	return &pages.FailureView{
		Failure: s.catalog.Describe(catalog.ListCut, args), Platform: refused[0].Code,
		Again: v.path("facebook/reload"), AgainPost: true,
	}
}

// partner is the agency's Business Manager as a client enters it at Facebook.
func (v *visitScope) partner() string {
	business := v.Request.Business
	if business.ID == "" {
		return business.Name
	}
	return business.Name + ", " + catalog.GroupDigits(business.ID)
}

// nothingToShare reports whether no asset of the lists can be chosen.
func nothingToShare(found platform.Assets) bool {
	for _, asset := range found.All() {
		if asset.Barrier == "" {
			return false
		}
	}
	return true
}

// tally counts what was tried at Facebook, what is connected, and what waits for
// a manual step or an approval. It gives the first that did not work.
func tally(progress requestProgress) (of, done, waits int, first onboarding.Item) {
	for _, item := range progress.itemsOf(onboarding.Facebook) {
		of++
		switch {
		case item.State == onboarding.ItemConnected && !progress.isGiven(item):
		case item.State == onboarding.ItemConnected:
			done++
		case item.State == onboarding.ItemWaiting:
			waits++
		case first.ID == "":
			first = item
		}
	}
	return of, done, waits, first
}

// failureOf is why an item waits or failed. One that stands as sharing while
// nobody shares it was interrupted.
func (s *facebookSteps) failureOf(item onboarding.Item) catalog.FailureCode {
	if item.State == onboarding.ItemSharing && !s.underWay(item) {
		return catalog.SharingInterrupted
	}
	return catalog.FailureCode(item.Failure)
}

// underWay reports whether this relay shares an item, or another one may.
func (s *facebookSteps) underWay(item onboarding.Item) bool {
	return s.inFlight.has(item.ID) ||
		item.Changed.Since(s.store.Now()) < store.SharingInterruptedAfter && !s.inFlight.ended(item.ID)
}

func (s *facebookSteps) rows(
	v *visitScope, found []platform.Asset, items map[string]onboarding.Item, ticked []string,
) []pages.Asset {
	rows := make([]pages.Asset, 0, len(found))
	for _, asset := range found {
		row := pages.Asset{ID: asset.ID, Name: asset.Name, Detail: asset.Detail, Chosen: slices.Contains(ticked, asset.ID)}
		code := cmp.Or(asset.Barrier, asset.Warning)
		if item, tried := items[asset.ID]; tried {
			code = s.describeTried(v, &row, asset, item, code, len(ticked) == 0)
		}
		if code != "" {
			described := s.catalog.Describe(code, assetArgs(v, asset))
			row.Failure = &described
			row.Guide = v.guide(asset.ID, row.State, described)
		}
		rows = append(rows, row)
	}
	return rows
}

// describeTried gives an asset's row what became of the last attempt to share it, and
// returns its failure; otherwise: there is none of the attempt. Unless something was ticked, what
// has to be tried again is.
func (s *facebookSteps) describeTried(
	v *visitScope, row *pages.Asset, asset platform.Asset, item onboarding.Item, otherwise catalog.FailureCode,
	nothingTicked bool,
) catalog.FailureCode {
	row.State = item.State
	why := s.failureOf(item)
	switch {
	case item.State == onboarding.ItemSharing && why == catalog.SharingInterrupted:
		row.State, row.Chosen = "", true
		return why
	case v.needs(item):
		row.State, row.Chosen = "", row.Chosen || nothingTicked && asset.Barrier == ""
		return cmp.Or(asset.Barrier, whyNeeded(item))
	case item.State == onboarding.ItemFailed:
		row.Chosen = row.Chosen || nothingTicked && asset.Barrier == ""
		return why
	case item.State == onboarding.ItemWaiting:
		return why
	case item.State == onboarding.ItemConnected && s.inFlight.wasShared(item.ID):
		return catalog.AlreadyShared
	case item.State == onboarding.ItemConnected:
		return asset.Warning
	}
	return otherwise
}

// guide is the address of more about a row; empty: there is no more.
func (v *visitScope) guide(asset string, state onboarding.ItemState, described catalog.Failure) string {
	switch {
	case state == onboarding.ItemWaiting:
		return v.path("facebook/by-hand")
	case len(described.Steps) > 0, described.Note != "", described.Link.URL != "":
		return v.path("facebook/why/" + asset)
	}
	return ""
}

func assetArgs(v *visitScope, asset platform.Asset) catalog.Args {
	args := v.args(onboarding.Facebook)
	args.Asset, args.Other, args.People, args.Name = asset.Name, asset.Business.Name, asset.Holders, v.visit.User.Name
	args.Business = v.partner()
	return args
}

// showWhy is the guide behind a row that cannot be shared, or did not work.
func (s *facebookSteps) showWhy(w http.ResponseWriter, r *http.Request, v *visitScope) error {
	progress, done, err := s.visits.enterStep(w, r, v, pages.StepFacebook)
	if done || err != nil {
		return err
	}
	token, signedIn := s.visits.token(v)
	if !signedIn {
		return s.signedOut(w, r, v, catalog.SignedOutHere)
	}
	found, err := s.assets(r.Context(), v, token)
	if err != nil {
		return seeOther(w, r, v.path("facebook/assets")) // it shows what is wrong with the list
	}
	id := r.PathValue("asset")
	for _, asset := range found.All() {
		if asset.ID != id {
			continue
		}
		again := v.path("facebook/reload")
		if asset.Barrier == catalog.BoxUnticked {
			again = v.path("facebook/again")
		}
		code, reference := asset.Barrier, ""
		if code == "" {
			code = asset.Warning
		}
		for _, item := range progress.itemsOf(onboarding.Facebook) {
			if item.Account == id && item.State != onboarding.ItemConnected {
				code, reference = s.failureOf(item), item.Reference
			} else if item.Account == id && v.needs(item) {
				code, reference = cmp.Or(code, whyNeeded(item)), item.Reference
			}
		}
		if code == "" {
			break
		}
		s.render(w, r, http.StatusOK, pages.Problem{
			Frame: v.Frame, Service: onboarding.Facebook, Back: v.path("facebook/assets"),
			Failure: pages.FailureView{
				Failure: s.catalog.Describe(code, assetArgs(v, asset)), Reference: reference,
				Again: again, AgainPost: true, Skip: v.skipPath("facebook"), On: v.path("facebook/assets"),
				HandOver: v.handOverPath(onboarding.Facebook),
			},
		})
		return nil
	}
	return seeOther(w, r, v.path("facebook/assets"))
}

// reloadAssets forgets the lists, so that the page shows what Facebook has now.
func (s *facebookSteps) reloadAssets(w http.ResponseWriter, r *http.Request, v *visitScope) error {
	s.core.assets.forget(v.visit.ID)
	return seeOther(w, r, v.path("facebook/assets"))
}
