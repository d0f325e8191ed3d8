package wizard

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// connectAssets shares what is ticked. Each asset is written as sharing before
// Facebook is called and as its result after it; the page comes back when all
// are done, or soon, and then reloads itself.
func (s *facebookSteps) connectAssets(w http.ResponseWriter, r *http.Request, v *visitScope) error {
	progress, done, err := s.visits.enterStep(w, r, v, pages.StepFacebook)
	if done || err != nil {
		return err
	}
	if err := parseForm(w, r, maxChoice); err != nil {
		return err
	}
	token, signedIn := s.visits.token(v)
	if why := s.whySignedOut(v, progress); !signedIn || why != "" {
		return s.signedOut(w, r, v, cmp.Or(why, catalog.SignedOutHere))
	}
	found, err := s.assets(r.Context(), v, token)
	if err != nil {
		return seeOther(w, r, v.path("facebook/assets")) // it shows what is wrong with the list
	}
	wanted, assets := s.wanted(r, v, progress, found)
	v.state.NothingSelected, v.state.RecheckedAt = len(wanted) == 0, 0
	if err := s.visits.saveState(r, v); err != nil {
		return err
	}
	if len(wanted) == 0 {
		return seeOther(w, r, v.path("facebook/assets"))
	}
	if err := s.store.Visits.UseToken(r.Context(), v.visit.ID); err != nil {
		return err
	}
	kept, err := s.store.Items.StartRepair(r.Context(), v.visit, wanted)
	if err != nil {
		return err
	}
	var open []onboarding.Item
	for _, item := range kept {
		if item.State == onboarding.ItemSharing && s.inFlight.claim(item.ID) {
			open = append(open, item)
		}
	}
	s.shareAsync(r, v, token, open, assets)
	return seeOther(w, r, v.path("facebook/assets"))
}

// wanted are the ticked assets that can be shared and that nobody is sharing, and
// those whose sharing was interrupted: an interruption goes on where it stopped.
func (s *facebookSteps) wanted(
	r *http.Request, v *visitScope, progress requestProgress, found platform.Assets,
) ([]onboarding.Item, map[string]platform.Asset) {
	ticked := map[string]bool{}
	for _, kind := range v.asked().All() {
		for _, id := range r.PostForm[pages.FieldTicked(kind)] {
			ticked[id] = true
		}
	}
	for _, item := range progress.itemsOf(onboarding.Facebook) {
		if item.State == onboarding.ItemSharing {
			ticked[item.Account] = !s.underWay(item)
		}
	}
	var items []onboarding.Item
	assets := map[string]platform.Asset{}
	for _, asset := range v.onlyRepaired(found).All() {
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
	shareConcurrency = 4               // calls to Facebook at a time
	pageWait         = 3 * time.Second // how long the page waits for them
)

// shareAsync shares items that were claimed, and returns when they are done or
// the page has waited long enough. What is under way goes on without it.
func (s *facebookSteps) shareAsync(
	r *http.Request, v *visitScope, token onboarding.Secret, items []onboarding.Item, assets map[string]platform.Asset,
) {
	s.runBounded(r, "sharing", store.SharingTimeout, items, func(ctx context.Context, item onboarding.Item) {
		s.shareOne(ctx, r, v, token, item, assets[item.Account])
	})
}

// runBounded does something with each claimed item, a few at once, and releases it.
// It returns when all are done or the page has waited long enough; what is
// under way goes on without it, for so long at most.
func (s *facebookSteps) runBounded(
	r *http.Request, doing string, timeout time.Duration, items []onboarding.Item,
	do func(context.Context, onboarding.Item),
) {
	ctx, cancel := detached(r.Context(), timeout)
	finished := make(chan struct{})
	go func() {
		defer cancel()
		defer close(finished)
		var group errgroup.Group
		group.SetLimit(shareConcurrency)
		for _, item := range items {
			group.Go(func() error {
				defer s.recoverGoroutine(ctx, doing)
				defer s.inFlight.release(item.ID)
				do(ctx, item)
				return nil
			})
		}
		_ = group.Wait() // nothing in it fails: each item tells by itself
	}()
	select {
	case <-finished:
	case <-time.After(pageWait):
	}
}

// shareOne shares one asset and writes how it ended, whatever became of the
// link meanwhile: Facebook has done it.
func (s *facebookSteps) shareOne(
	ctx context.Context, r *http.Request, v *visitScope, token onboarding.Secret, item onboarding.Item,
	asset platform.Asset,
) {
	shared, err := s.share(ctx, v, token, asset)
	ctx, cancel := detached(ctx, 30*time.Second) // the outcome is stored although the run's time is over
	defer cancel()
	item.State, item.Failure, item.Reference = onboarding.ItemConnected, "", ""
	switch {
	case err != nil:
		described := s.failures.reportFailure(r.WithContext(ctx), v, onboarding.Facebook, err)
		item.State, item.Failure, item.Reference = onboarding.ItemFailed, string(described.Code), described.Reference
	case shared.Waiting != "":
		item.State, item.Failure = onboarding.ItemWaiting, string(shared.Waiting)
	case shared.Already:
		s.inFlight.noteShared(item.ID)
	}
	if _, err := s.store.Items.EndSharing(ctx, v.Agency.ID, item); err != nil {
		s.log.ErrorContext(ctx, "keeping how a share ended", "item", item.ID, "state", item.State, logAttr(err))
		return
	}
	if item.State != onboarding.ItemFailed {
		s.mailRepairReceipt(ctx, v)
	}
}

func (s *facebookSteps) share(
	ctx context.Context, v *visitScope, token onboarding.Secret, asset platform.Asset,
) (platform.Shared, error) {
	driver, err := platform.Find(s.drivers, onboarding.Meta)
	if err != nil {
		return platform.Shared{}, &platform.Failure{Code: catalog.NotConfigured, Err: err}
	}
	sharer, able := driver.(platform.Sharer)
	if !able {
		return platform.Shared{}, &platform.Failure{Code: catalog.NotConfigured, Err: onboarding.ErrNotOffered}
	}
	return sharer.Share(ctx, token, platform.ShareParams{
		Asset: asset, With: v.Request.Business, Level: v.Request.Level.OrDefault(),
	})
}

// showManualShare shows what is left to do at Facebook, and for whom.
func (s *facebookSteps) showManualShare(w http.ResponseWriter, r *http.Request, v *visitScope) error {
	progress, done, err := s.visits.enterStep(w, r, v, pages.StepFacebook)
	if done || err != nil {
		return err
	}
	var list []pages.Choice
	waits := false
	for _, choice := range choicesOf(v, signedInItems(progress.itemsOf(onboarding.Facebook))) {
		if choice.State == onboarding.ItemConnected || choice.State == onboarding.ItemWaiting {
			list = append(list, choice)
			waits = waits || choice.State == onboarding.ItemWaiting
		}
	}
	if len(list) == 0 && v.byHandPath() != "" && progress.hasConnected(onboarding.Facebook) {
		return seeOther(w, r, v.byHandPath())
	}
	if len(list) == 0 {
		return seeOther(w, r, v.path("facebook"))
	}
	business, err := s.store.Requests.Business(r.Context(), v.Agency.ID, v.Request.ID)
	if err != nil {
		return err
	}
	if token, signedIn := s.visits.token(v); signedIn {
		s.nameBusinesses(r.Context(), v, token, progress, list)
	}
	next := progress.next(v, pages.StepFacebook)
	if v.repair != nil {
		next = v.path("") + "?after=1" // without it, what waits leads back here
	}
	s.render(w, r, http.StatusOK, pages.ManualShare{
		Frame: v.Frame, Business: business.Name, BusinessID: business.ID, Client: v.Request.Client,
		Asked:   v.asked(),
		Choices: list, StillWaits: waits && v.state.RecheckedAt != 0,
		Recheck: v.path("facebook/look"), Back: v.path("facebook"), Next: next,
	})
	return nil
}

// signedInItems are those that came of a sign-in: what the client only named has a page of
// its own.
func signedInItems(items []onboarding.Item) []onboarding.Item {
	return slices.DeleteFunc(slices.Clone(items), onboarding.Item.IsNamed)
}

// nameBusinesses adds in which of the client's businesses each choice waits,
// as far as Facebook's lists tell.
func (s *facebookSteps) nameBusinesses(
	ctx context.Context, v *visitScope, token onboarding.Secret, progress requestProgress, list []pages.Choice,
) {
	found, err := s.assets(ctx, v, token)
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

// recheck asks Facebook once more for what waits: asking again for what was
// approved meanwhile is answered as shared already.
func (s *facebookSteps) recheck(w http.ResponseWriter, r *http.Request, v *visitScope) error {
	progress, done, err := s.visits.enterStep(w, r, v, pages.StepFacebook)
	if done || err != nil {
		return err
	}
	if token, signedIn := s.visits.token(v); signedIn {
		var open []onboarding.Item
		assets := map[string]platform.Asset{}
		for _, item := range signedInItems(progress.itemsOf(onboarding.Facebook)) {
			if item.State == onboarding.ItemWaiting && s.inFlight.claim(item.ID) {
				open = append(open, item)
				assets[item.Account] = platform.Asset{Kind: item.Kind, ID: item.Account, Name: item.Name, Detail: item.Detail}
			}
		}
		if len(open) > 0 {
			if err := s.store.Visits.UseToken(r.Context(), v.visit.ID); err != nil {
				return err
			}
			s.recheckAsync(r, v, token, open, assets)
		}
	}
	if v.state.RecheckedAt == 0 {
		v.state.RecheckedAt = s.store.Now()
	}
	if err := s.visits.saveState(r, v); err != nil {
		return err
	}
	return seeOther(w, r, v.path("facebook/by-hand"))
}

// recheckAsync is shareAsync for what waits: it never makes it worse.
func (s *facebookSteps) recheckAsync(
	r *http.Request, v *visitScope, token onboarding.Secret, items []onboarding.Item, assets map[string]platform.Asset,
) {
	s.runBounded(r, "looking again", time.Minute, items, func(ctx context.Context, item onboarding.Item) {
		shared, err := s.share(ctx, v, token, assets[item.Account])
		ctx, cancel := detached(ctx, 30*time.Second) // as above
		defer cancel()
		why := catalog.FailureCode(item.Failure)
		if err != nil || shared.Waiting == why || why == catalog.NewPageAdmin && shared.Waiting == catalog.ApproveInBusiness {
			return // nothing new: of what it was asked for already, Facebook no longer says why it waits
		}
		item.State, item.Failure = onboarding.ItemConnected, ""
		if shared.Waiting != "" {
			item.State, item.Failure = onboarding.ItemWaiting, string(shared.Waiting)
		}
		if _, err := s.store.Items.EndSharing(ctx, v.Agency.ID, item); err != nil {
			s.log.ErrorContext(ctx, "keeping what a look found", "item", item.ID, logAttr(err))
		}
	})
}
