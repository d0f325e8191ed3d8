package relay

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/relay/sealing"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// idle is how long an unused Facebook sign-in is kept.
const idle = time.Hour

// signedInAtFacebook keeps the client's short-lived token, under the cookie,
// and goes on to the lists. They are read meanwhile.
func (z *wizard) signedInAtFacebook(w http.ResponseWriter, r *http.Request, v *visitor, grant platform.Grant) error {
	sealed, err := sealing.SealToken(v.pass.key(), v.visit.ID, grant.Access)
	if err != nil {
		return err
	}
	if err := z.store.KeepToken(r.Context(), v.visit.ID, grant.Account, sealed, onboarding.TimestampOf(grant.Expires)); err != nil {
		return err
	}
	v.choices.failed(onboarding.Facebook, trouble{})
	v.choices.Nothing = false
	if err := z.remember(r, v); err != nil {
		return err
	}
	z.lists.forget(v.visit.ID)
	ctx, cancel := lasting(r.Context(), 2*time.Minute)
	go func() {
		defer z.caught(ctx, "reading lists")
		defer cancel()
		if _, err := z.assets(ctx, v, grant.Access); err != nil { // the page reads it again, and says what is wrong
			z.tellWhoCanHelp(ctx, v, onboarding.Facebook, err)
		}
	}()
	return seeOther(w, r, v.path("facebook/assets"))
}

// token opens the visit's Facebook sign-in; false: it is over.
func (z *wizard) token(v *visitor) (onboarding.Secret, bool) {
	now := z.store.Now()
	if len(v.visit.Sealed) == 0 || v.visit.SealedUsed.Since(now) >= idle || v.visit.SealedUntil != 0 && v.visit.SealedUntil <= now {
		return onboarding.Secret{}, false
	}
	token, err := sealing.OpenToken(v.pass.key(), v.visit.ID, v.visit.Sealed)
	return token, err == nil
}

// over says why the visit's sign-in can be used no more; empty: it can, or
// there never was one. Facebook ends one for reasons of its own: the newest
// share of this person then failed with that.
func (z *wizard) over(v *visitor, have progress) catalog.FailureCode {
	if v.visit.User.ID == "" {
		return ""
	}
	if _, signedIn := z.token(v); !signedIn {
		return catalog.SignedOutHere
	}
	for _, item := range have.of(onboarding.Facebook) {
		failure := catalog.FailureCode(item.Failure)
		if item.State == onboarding.ItemFailed && failure.EndsSignIn() &&
			onboarding.SameAddress(item.By.Email, v.visit.Email) && item.Changed >= v.visit.SealedUsed {
			return failure
		}
	}
	return ""
}

// signedOut leads back to the sign-in when the visit has none any more.
func (z *wizard) signedOut(w http.ResponseWriter, r *http.Request, v *visitor, why catalog.FailureCode) error {
	if r.Method != http.MethodPost { // looking changes nothing: the page says it by itself
		return seeOther(w, r, v.path("facebook"))
	}
	v.choices.failed(onboarding.Facebook, trouble{Code: why})
	if err := z.remember(r, v); err != nil {
		return err
	}
	return seeOther(w, r, v.path("facebook"))
}

// assets are the complete lists of what the visitor could share, as Facebook
// shows them to their user. They are kept for some minutes, in memory.
func (z *wizard) assets(ctx context.Context, v *visitor, access onboarding.Secret) (platform.Assets, error) {
	driver, err := platform.Find(z.drivers, onboarding.Meta)
	if err != nil {
		return platform.Assets{}, err
	}
	lister, able := driver.(platform.AssetLister)
	if !able {
		return platform.Assets{}, onboarding.ErrNotOffered
	}
	return z.lists.get(ctx, v.visit.ID, func(ctx context.Context) (platform.Assets, error) {
		return lister.Assets(ctx, access, v.Request.Kinds...)
	})
}

func (z *wizard) showFacebook(w http.ResponseWriter, r *http.Request, v *visitor) error {
	have, done, err := z.enterStep(w, r, v, pages.StepFacebook)
	if done || err != nil {
		return err
	}
	said, why := z.said(v, onboarding.Facebook, v.path("facebook/add")), z.over(v, have)
	if _, signedIn := z.token(v); signedIn && said == nil && why == "" {
		return seeOther(w, r, v.path("facebook/assets"))
	}
	if said == nil && why != "" { // it was signed in, and is no longer
		said = &pages.Trouble{Failure: catalog.Say(why, v.facts(onboarding.Facebook)), Again: v.path("facebook/add"), AgainPost: true}
	}
	if said != nil {
		said.Skip = "" // it stands below
	}
	page := pages.FacebookStart{
		Frame: v.Frame, Client: v.Request.Client, User: v.Request.FacebookUser.Name, Business: v.Request.Business.Name,
		Asked: v.asked(), Choices: choicesOf(have.of(onboarding.Facebook)), Trouble: said,
		Add: v.path("facebook/add"), Skip: v.path("skip/facebook"),
		Next: have.next(v, pages.StepFacebook),
	}
	if have.any(onboarding.Facebook) {
		page.Skip = "" // what is there already is not skipped
	} else {
		page.Skipped = have.skipped[onboarding.Facebook]
	}
	z.show(w, r, http.StatusOK, page)
	return nil
}

func choicesOf(items []onboarding.Item) []pages.Choice {
	var list []pages.Choice
	for _, item := range items {
		list = append(list, pages.Choice{Name: item.Name, Kind: item.Kind, State: item.State, Failure: catalog.FailureCode(item.Failure)})
	}
	return list
}

func (z *wizard) addFacebook(w http.ResponseWriter, r *http.Request, v *visitor) error {
	return z.leaveForFacebook(w, r, v, false)
}

// addFacebookAgain opens Facebook's own choice once more, for what was not ticked there.
func (z *wizard) addFacebookAgain(w http.ResponseWriter, r *http.Request, v *visitor) error {
	return z.leaveForFacebook(w, r, v, true)
}

func (z *wizard) leaveForFacebook(w http.ResponseWriter, r *http.Request, v *visitor, again bool) error {
	if _, done, err := z.enterStep(w, r, v, pages.StepFacebook); done || err != nil {
		return err
	}
	if t := v.choices.Trouble[onboarding.Facebook]; t.Code == catalog.PermissionUnticked {
		again = true // Facebook offers what was declined only when it is asked to
	}
	sign, err := z.leave(r, v, errand{Service: onboarding.Facebook, Again: again})
	if errors.Is(err, onboarding.ErrNotOffered) {
		return z.noteTrouble(w, r, v, onboarding.Facebook, &platform.Failure{Code: catalog.NotConfigured, Err: err})
	} else if err != nil {
		return err
	}
	return seeOther(w, r, v.path("facebook/leaving/"+sign))
}

func (z *wizard) showLeavingForFacebook(w http.ResponseWriter, r *http.Request, v *visitor) error {
	if _, done, err := z.enterStep(w, r, v, pages.StepFacebook); done || err != nil {
		return err
	}
	link, host, err := z.leaving(r, v, onboarding.Facebook)
	if errors.Is(err, onboarding.ErrNotFound) {
		return seeOther(w, r, v.path("facebook"))
	} else if err != nil {
		return err
	}
	z.show(w, r, http.StatusOK, pages.Leaving{
		Frame: v.Frame, Service: onboarding.Facebook, Asked: v.asked(), Client: v.Request.Client, Host: host, Link: link,
		Back: v.path("facebook"), Skip: v.path("skip/facebook"), Stopped: v.path("facebook/stopped"),
	})
	return nil
}

// errStopped is what the log has of a page that only the client saw.
var errStopped = errors.New("stopped by Facebook’s own page before the sign-in")

// stoppedAtFacebook is for who saw Facebook's own error page: it offers no sign-in to
// an app that it has not approved, and sends nobody back (F29).
func (z *wizard) stoppedAtFacebook(w http.ResponseWriter, r *http.Request, v *visitor) error {
	if _, done, err := z.enterStep(w, r, v, pages.StepFacebook); done || err != nil {
		return err
	}
	return z.noteTrouble(w, r, v, onboarding.Facebook, &platform.Failure{Code: catalog.AppNotApproved, Err: errStopped})
}

// notThisUser drops the sign-in of the wrong Facebook user.
func (z *wizard) notThisUser(w http.ResponseWriter, r *http.Request, v *visitor) error {
	name := v.visit.User.Name
	if err := z.store.DropToken(r.Context(), v.visit.ID); err != nil {
		return err
	}
	z.lists.forget(v.visit.ID)
	v.choices.failed(onboarding.Facebook, trouble{Code: catalog.WrongFacebookUser, Name: name})
	if err := z.remember(r, v); err != nil {
		return err
	}
	return seeOther(w, r, v.path("facebook"))
}

// showAssets is where the client chooses. Looking, searching and loading again
// change nothing.
func (z *wizard) showAssets(w http.ResponseWriter, r *http.Request, v *visitor) error {
	have, done, err := z.enterStep(w, r, v, pages.StepFacebook)
	if done || err != nil {
		return err
	}
	token, signedIn := z.token(v)
	if why := z.over(v, have); !signedIn || why != "" {
		return z.signedOut(w, r, v, cmp.Or(why, catalog.SignedOutHere))
	}
	page := z.assetsPage(r, v, have)
	found, err := z.assets(r.Context(), v, token)
	if err != nil {
		if goneAway(r.Context(), err) {
			return err
		}
		t := z.noted(r, v, onboarding.Facebook, err)
		facts := z.until(v.facts(onboarding.Facebook), t)
		page.Trouble = &pages.Trouble{Failure: catalog.Say(t.Code, facts), Platform: t.Platform, Reference: t.Reference, Again: v.path("facebook/assets")}
		z.show(w, r, http.StatusOK, page)
		return nil
	}
	z.fillAssets(&page, r, v, have, found)
	z.show(w, r, http.StatusOK, page)
	return nil
}

func (z *wizard) assetsPage(r *http.Request, v *visitor, have progress) pages.FacebookAssets {
	page := pages.FacebookAssets{
		Frame: v.Frame, User: v.Request.FacebookUser.Name, Business: v.Request.Business.Name, Asked: v.asked(), SignedInAs: v.visit.User.Name,
		Connect: v.path("facebook/connect"), Search: v.path("facebook/assets"), Again: v.path("facebook/again"),
		NotYou: v.path("facebook/not-you"), Skip: v.path("skip/facebook"), Next: have.next(v, pages.StepFacebook),
		Nothing: v.choices.Nothing,
	}
	query := r.URL.Query()
	page.AdAccounts.Query, page.Pages.Query = query.Get(pages.FieldSearchAds), query.Get(pages.FieldSearchPgs)
	for _, kind := range onboarding.SortKinds(v.Request.Kinds) {
		page.More = append(page.More, pages.AssetList{Kind: kind, Query: query.Get(pages.FieldSearch(kind))})
	}
	for _, item := range have.of(onboarding.Facebook) {
		if item.State == onboarding.ItemWaiting && page.Next != "" {
			page.Next = v.path("facebook/by-hand")
		}
	}
	return page
}

// fillAssets puts what Facebook shows and what became of it into the page.
func (z *wizard) fillAssets(page *pages.FacebookAssets, r *http.Request, v *visitor, have progress, found platform.Assets) {
	items := map[string]onboarding.Item{}
	for _, item := range have.of(onboarding.Facebook) {
		items[item.Account] = item
	}
	query := r.URL.Query()
	page.AdAccounts.Assets = z.rows(v, found.AdAccounts, items, query[pages.FieldAdAccount])
	page.Pages.Assets = z.rows(v, found.Pages, items, query[pages.FieldPage])
	for i := range page.More {
		list := &page.More[i]
		list.Assets = z.rows(v, found.Of(list.Kind), items, query[pages.FieldTicked(list.Kind)])
	}
	for _, list := range append([]pages.AssetList{page.AdAccounts, page.Pages}, page.More...) {
		for _, row := range list.Assets {
			page.Sharing = page.Sharing || row.State == onboarding.ItemSharing
		}
	}
	facts := v.facts(onboarding.Facebook)
	facts.Name = v.visit.User.Name
	say := func(code catalog.FailureCode, again string) *pages.Trouble {
		return &pages.Trouble{Failure: catalog.Say(code, facts), Again: again, AgainPost: true, On: page.Next} // Skip stands below
	}
	switch {
	case !found.HasBusiness:
		page.Trouble = say(catalog.NoBusinessManager, v.path("facebook/reload"))
	case len(found.All()) == 0:
		page.Trouble = say(catalog.WrongFacebookUser, page.NotYou)
	case !page.Sharing:
		of, done, waits, first := tally(have)
		switch {
		case first.ID != "" && done > 0:
			facts.Done, facts.Waits, facts.Of, facts.Asset = done, waits, of, first.Name
			facts.Reason = catalog.Say(z.failureOf(first), facts).Short
			page.Trouble = say(catalog.PartlyDone, "")
		case first.ID != "": // each row says it too, but may be far down
			facts.Asset = first.Name
			page.Trouble = say(z.failureOf(first), "")
			page.Trouble.Reference = first.Reference
		case of == 0 && nothingToShare(found):
			page.Trouble = say(catalog.WrongPerson, v.path("facebook/reload"))
		}
	}
}

// nothingToShare says whether no asset of the lists can be chosen.
func nothingToShare(found platform.Assets) bool {
	for _, asset := range found.All() {
		if asset.Barrier == "" {
			return false
		}
	}
	return true
}

// tally counts what was tried at Facebook, what is connected, and what waits
// for somebody, which is not done yet. It gives the first that did not work.
func tally(have progress) (of, done, waits int, first onboarding.Item) {
	for _, item := range have.of(onboarding.Facebook) {
		of++
		switch {
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
func (z *wizard) failureOf(item onboarding.Item) catalog.FailureCode {
	if item.State == onboarding.ItemSharing && !z.underWay(item) {
		return catalog.SharingInterrupted
	}
	return catalog.FailureCode(item.Failure)
}

// patience is how long an item may stand as sharing, for another process may
// be at it, before it counts as interrupted.
const patience = 2 * time.Minute

func (z *wizard) underWay(item onboarding.Item) bool {
	return z.runs.has(item.ID) || item.Changed.Since(z.store.Now()) < patience && !z.runs.ended(item.ID)
}

func (z *wizard) rows(v *visitor, found []platform.Asset, items map[string]onboarding.Item, ticked []string) []pages.Asset {
	rows := make([]pages.Asset, 0, len(found))
	for _, asset := range found {
		row := pages.Asset{ID: asset.ID, Name: asset.Name, Detail: asset.Detail, Chosen: slices.Contains(ticked, asset.ID)}
		code := asset.Barrier
		if code == "" {
			code = asset.Warning
		}
		if item, tried := items[asset.ID]; tried {
			row.State = item.State
			why := z.failureOf(item)
			switch {
			case item.State == onboarding.ItemSharing && why == catalog.SharingInterrupted:
				row.State, row.Chosen, code = "", true, why
			case item.State == onboarding.ItemFailed:
				row.Chosen = row.Chosen || len(ticked) == 0 && asset.Barrier == ""
				code = why
			case item.State == onboarding.ItemWaiting:
				code = why
			case item.State == onboarding.ItemConnected && z.runs.wasShared(item.ID):
				code = catalog.AlreadyShared
			case item.State == onboarding.ItemConnected:
				code = asset.Warning
			}
		}
		if code != "" {
			said := catalog.Say(code, assetFacts(v, asset))
			row.Failure = &said
			row.Guide = v.guide(asset.ID, row.State, said)
		}
		rows = append(rows, row)
	}
	return rows
}

// guide is where more is said about a row; empty: the row says it all.
func (v *visitor) guide(asset string, state onboarding.ItemState, said catalog.Failure) string {
	switch {
	case state == onboarding.ItemWaiting:
		return v.path("facebook/by-hand")
	case len(said.Steps) > 0, said.Note != "", said.Link.URL != "":
		return v.path("facebook/why/" + asset)
	}
	return ""
}

func assetFacts(v *visitor, asset platform.Asset) catalog.Facts {
	facts := v.facts(onboarding.Facebook)
	facts.Asset, facts.Other, facts.People, facts.Name = asset.Name, asset.Business.Name, asset.Holders, v.visit.User.Name
	return facts
}

// showWhy is the guide behind a row that cannot be shared, or did not work.
func (z *wizard) showWhy(w http.ResponseWriter, r *http.Request, v *visitor) error {
	have, done, err := z.enterStep(w, r, v, pages.StepFacebook)
	if done || err != nil {
		return err
	}
	token, signedIn := z.token(v)
	if !signedIn {
		return z.signedOut(w, r, v, catalog.SignedOutHere)
	}
	found, err := z.assets(r.Context(), v, token)
	if err != nil {
		return seeOther(w, r, v.path("facebook/assets")) // it says what is wrong with the list
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
		for _, item := range have.of(onboarding.Facebook) {
			if item.Account == id && item.State != onboarding.ItemConnected {
				code, reference = z.failureOf(item), item.Reference
			}
		}
		if code == "" {
			break
		}
		z.show(w, r, http.StatusOK, pages.Problem{
			Frame: v.Frame, Service: onboarding.Facebook, Back: v.path("facebook/assets"),
			Trouble: pages.Trouble{
				Failure: catalog.Say(code, assetFacts(v, asset)), Reference: reference,
				Again: again, AgainPost: true, Skip: v.path("skip/facebook"), On: v.path("facebook/assets"),
			},
		})
		return nil
	}
	return seeOther(w, r, v.path("facebook/assets"))
}

// readAgain forgets the lists, so that the page shows what Facebook has now.
func (z *wizard) readAgain(w http.ResponseWriter, r *http.Request, v *visitor) error {
	z.lists.forget(v.visit.ID)
	return seeOther(w, r, v.path("facebook/assets"))
}

// connectAssets shares what is ticked. Each asset is written as sharing before
// Facebook is called and as its result after it; the page comes back when all
// are done, or soon, and then looks again by itself.
func (z *wizard) connectAssets(w http.ResponseWriter, r *http.Request, v *visitor) error {
	have, done, err := z.enterStep(w, r, v, pages.StepFacebook)
	if done || err != nil {
		return err
	}
	if err := form(w, r, maxChoice); err != nil {
		return err
	}
	token, signedIn := z.token(v)
	if why := z.over(v, have); !signedIn || why != "" {
		return z.signedOut(w, r, v, cmp.Or(why, catalog.SignedOutHere))
	}
	found, err := z.assets(r.Context(), v, token)
	if err != nil {
		return seeOther(w, r, v.path("facebook/assets")) // it says what is wrong with the list
	}
	wanted, assets := z.wanted(r, v, have, found)
	v.choices.Nothing, v.choices.Looked = len(wanted) == 0, 0
	if err := z.remember(r, v); err != nil {
		return err
	}
	if len(wanted) == 0 {
		return seeOther(w, r, v.path("facebook/assets"))
	}
	if err := z.store.UseToken(r.Context(), v.visit.ID); err != nil {
		return err
	}
	kept, err := z.store.StartSharing(r.Context(), v.Agency.ID, v.Request.ID, wanted)
	if err != nil {
		return err
	}
	var open []onboarding.Item
	for _, item := range kept {
		if item.State == onboarding.ItemSharing && z.runs.claim(item.ID) {
			open = append(open, item)
		}
	}
	z.shareSoon(r, v, token, open, assets)
	return seeOther(w, r, v.path("facebook/assets"))
}

// wanted are the ticked assets that can be shared, and those whose sharing was
// interrupted: an interruption goes on where it stopped.
func (z *wizard) wanted(r *http.Request, v *visitor, have progress, found platform.Assets) ([]onboarding.Item, map[string]platform.Asset) {
	ticked := map[string]bool{}
	for _, kind := range v.asked().All() {
		for _, id := range r.PostForm[pages.FieldTicked(kind)] {
			ticked[id] = true
		}
	}
	for _, item := range have.of(onboarding.Facebook) {
		if item.State == onboarding.ItemSharing && z.failureOf(item) == catalog.SharingInterrupted {
			ticked[item.Account] = true
		}
	}
	var items []onboarding.Item
	assets := map[string]platform.Asset{}
	for _, asset := range found.All() {
		if !ticked[asset.ID] || asset.Barrier != "" {
			continue
		}
		assets[asset.ID] = asset
		items = append(items, onboarding.Item{
			Service: onboarding.Facebook, Kind: asset.Kind, Account: asset.ID, Name: asset.Name, Detail: asset.Detail,
			By: onboarding.Person{Name: v.visit.Name, Email: v.visit.Email}, PlatformBy: v.visit.User.Name,
		})
	}
	return items, assets
}

const (
	atOnce  = 4                // calls to Facebook at a time
	forPage = 3 * time.Second  // how long the page waits for them
	forAll  = 10 * time.Minute // how long they may take
)

// shareSoon shares items that were claimed, and returns when they are done or
// the page has waited long enough. What is under way goes on without it.
func (z *wizard) shareSoon(r *http.Request, v *visitor, token onboarding.Secret, items []onboarding.Item, assets map[string]platform.Asset) {
	z.soon(r, "sharing", forAll, items, func(ctx context.Context, item onboarding.Item) {
		z.shareOne(ctx, r, v, token, item, assets[item.Account])
	})
}

// soon does something with each claimed item, a few at once, and releases it.
// It returns when all are done or the page has waited long enough; what is
// under way goes on without it, for so long at most.
func (z *wizard) soon(r *http.Request, doing string, atMost time.Duration, items []onboarding.Item, do func(context.Context, onboarding.Item)) {
	ctx, cancel := lasting(r.Context(), atMost)
	finished := make(chan struct{})
	go func() {
		defer cancel()
		defer close(finished)
		var group errgroup.Group
		group.SetLimit(atOnce)
		for _, item := range items {
			group.Go(func() error {
				defer z.caught(ctx, doing)
				defer z.runs.release(item.ID)
				do(ctx, item)
				return nil
			})
		}
		_ = group.Wait() // nothing in it fails: each item tells by itself
	}()
	select {
	case <-finished:
	case <-time.After(forPage):
	}
}

// shareOne shares one asset and writes how it ended, whatever became of the
// link meanwhile: Facebook has done it.
func (z *wizard) shareOne(ctx context.Context, r *http.Request, v *visitor, token onboarding.Secret, item onboarding.Item, asset platform.Asset) {
	shared, err := z.share(ctx, v, token, asset)
	item.State, item.Failure, item.Reference = onboarding.ItemConnected, "", ""
	switch {
	case err != nil:
		said := z.troubleOf(r.WithContext(ctx), v, onboarding.Facebook, err)
		item.State, item.Failure, item.Reference = onboarding.ItemFailed, string(said.Code), said.Reference
	case shared.Waiting != "":
		item.State, item.Failure = onboarding.ItemWaiting, string(shared.Waiting)
	case shared.Already:
		z.runs.noteShared(item.ID)
	}
	if _, err := z.store.EndSharing(ctx, v.Agency.ID, item); err != nil {
		z.log.ErrorContext(ctx, "keeping how a share ended", "item", item.ID, "state", item.State, logAttr(err))
	}
}

func (z *wizard) share(ctx context.Context, v *visitor, token onboarding.Secret, asset platform.Asset) (platform.Shared, error) {
	driver, err := platform.Find(z.drivers, onboarding.Meta)
	if err != nil {
		return platform.Shared{}, &platform.Failure{Code: catalog.NotConfigured, Err: err}
	}
	sharer, able := driver.(platform.Sharer)
	if !able {
		return platform.Shared{}, &platform.Failure{Code: catalog.NotConfigured, Err: onboarding.ErrNotOffered}
	}
	return sharer.Share(ctx, token, platform.ShareParams{Asset: asset, With: v.Request.Business, Level: v.Request.Level.OrDefault()})
}

// showByHand says what is left to do at Facebook, and for whom.
func (z *wizard) showByHand(w http.ResponseWriter, r *http.Request, v *visitor) error {
	have, done, err := z.enterStep(w, r, v, pages.StepFacebook)
	if done || err != nil {
		return err
	}
	var list []pages.Choice
	waits := false
	for _, choice := range choicesOf(have.of(onboarding.Facebook)) {
		if choice.State == onboarding.ItemConnected || choice.State == onboarding.ItemWaiting {
			list = append(list, choice)
			waits = waits || choice.State == onboarding.ItemWaiting
		}
	}
	if len(list) == 0 {
		return seeOther(w, r, v.path("facebook"))
	}
	if token, signedIn := z.token(v); signedIn {
		z.nameBusinesses(r.Context(), v, token, have, list)
	}
	z.show(w, r, http.StatusOK, pages.ByHand{
		Frame: v.Frame, Business: v.Request.Business.Name, BusinessID: v.Request.Business.ID, Client: v.Request.Client, Asked: v.asked(),
		Choices: list, Stayed: waits && v.choices.Looked != 0,
		Look: v.path("facebook/look"), Back: v.path("facebook"), Next: have.next(v, pages.StepFacebook),
	})
	return nil
}

// nameBusinesses says in which of the client's businesses each choice waits,
// as far as Facebook's lists tell.
func (z *wizard) nameBusinesses(ctx context.Context, v *visitor, token onboarding.Secret, have progress, list []pages.Choice) {
	found, err := z.assets(ctx, v, token)
	if err != nil {
		return // a courtesy: the page is complete without it
	}
	for _, asset := range found.All() {
		for i := range list {
			if list[i].Name == asset.Name && list[i].Kind == asset.Kind {
				list[i].Other = asset.Business.Name
			}
		}
	}
}

// lookAgain asks Facebook once more for what waits: asking again for what was
// approved meanwhile is answered as shared already.
func (z *wizard) lookAgain(w http.ResponseWriter, r *http.Request, v *visitor) error {
	have, done, err := z.enterStep(w, r, v, pages.StepFacebook)
	if done || err != nil {
		return err
	}
	if token, signedIn := z.token(v); signedIn {
		var open []onboarding.Item
		assets := map[string]platform.Asset{}
		for _, item := range have.of(onboarding.Facebook) {
			if item.State == onboarding.ItemWaiting && z.runs.claim(item.ID) {
				open = append(open, item)
				assets[item.Account] = platform.Asset{Kind: item.Kind, ID: item.Account, Name: item.Name, Detail: item.Detail}
			}
		}
		if err := z.store.UseToken(r.Context(), v.visit.ID); err != nil {
			return err
		}
		z.lookSoon(r, v, token, open, assets)
	}
	v.choices.Looked = z.store.Now()
	if err := z.remember(r, v); err != nil {
		return err
	}
	return seeOther(w, r, v.path("facebook/by-hand"))
}

// lookSoon is shareSoon for what waits: it never makes it worse.
func (z *wizard) lookSoon(r *http.Request, v *visitor, token onboarding.Secret, items []onboarding.Item, assets map[string]platform.Asset) {
	z.soon(r, "looking again", time.Minute, items, func(ctx context.Context, item onboarding.Item) {
		shared, err := z.share(ctx, v, token, assets[item.Account])
		if err != nil || shared.Waiting == catalog.FailureCode(item.Failure) {
			return // nothing new: it goes on waiting
		}
		item.State, item.Failure = onboarding.ItemConnected, ""
		if shared.Waiting != "" {
			item.State, item.Failure = onboarding.ItemWaiting, string(shared.Waiting)
		}
		if _, err := z.store.EndSharing(ctx, v.Agency.ID, item); err != nil {
			z.log.ErrorContext(ctx, "keeping what a look found", "item", item.ID, logAttr(err))
		}
	})
}

// receivable says whether a credential would reach a device of somebody who
// may have it; else the agency is told, and the client reads that it is.
func (z *wizard) receivable(ctx context.Context, v *visitor, service onboarding.Service) error {
	err := z.sealer.HasEntitledDevice(ctx, v.Agency.ID, v.Request.Owner, false)
	if errors.Is(err, onboarding.ErrNoDevice) {
		z.tellAgency(ctx, v, store.Letter{Kind: store.LetterNoDevice, Service: service})
	}
	return err
}
