package wizard

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/relay/sealing"
)

// facebookSteps are the sign-in at Facebook and the sharing of assets.
type facebookSteps struct {
	*core
	visits   *visits
	failures *failureReporter
	signIns  *signIns
	inFlight *inFlightItems
}

// storeToken keeps the client's short-lived token, under the cookie,
// and goes on to the lists. They are read meanwhile.
func (s *facebookSteps) storeToken(w http.ResponseWriter, r *http.Request, v *visitScope, grant platform.Grant) error {
	sealed, err := sealing.SealToken(v.key.key(), v.visit.ID, grant.Access)
	if err != nil {
		return err
	}
	if err := s.store.Visits.StoreToken(
		r.Context(), v.visit.ID, grant.Account, sealed, onboarding.TimestampOf(grant.Expires),
	); err != nil {
		return err
	}
	v.state.setFailure(onboarding.Facebook, failure{})
	v.state.NothingSelected = false
	if err := s.visits.saveState(r, v); err != nil {
		return err
	}
	s.core.assets.forget(v.visit.ID)
	ctx, cancel := detached(r.Context(), 2*time.Minute)
	go func() {
		defer s.recoverGoroutine(ctx, "reading lists")
		defer cancel()
		if _, err := s.assets(ctx, v, grant.Access); err != nil { // the page reads it again, and shows what is wrong
			s.failures.emailIfAgencySide(ctx, v, onboarding.Facebook, err)
		}
	}()
	return seeOther(w, r, v.path("facebook/assets"))
}

// whySignedOut is why the visit's sign-in can be used no more; empty: it can, or
// there never was one. Facebook ends one for reasons of its own: the newest
// share of this person then failed with that.
func (s *facebookSteps) whySignedOut(v *visitScope, progress requestProgress) catalog.FailureCode {
	if v.visit.HasRemovedApp() {
		return catalog.AppRemoved
	}
	if v.visit.User.ID == "" {
		return ""
	}
	if _, signedIn := s.visits.token(v); !signedIn {
		return catalog.SignedOutHere
	}
	for _, item := range progress.itemsOf(onboarding.Facebook) {
		failure := catalog.FailureCode(item.Failure)
		if item.State == onboarding.ItemFailed && failure.EndsSignIn() &&
			onboarding.SameAddress(item.By.Email, v.visit.Email) && item.Changed >= v.visit.TokenUsed {
			return failure
		}
	}
	return ""
}

// signedOut leads back to the sign-in when the visit has none any more.
func (s *facebookSteps) signedOut(
	w http.ResponseWriter, r *http.Request, v *visitScope, why catalog.FailureCode,
) error {
	if r.Method != http.MethodPost { // reading changes nothing: the page shows it by itself
		return seeOther(w, r, v.path("facebook"))
	}
	v.state.setFailure(onboarding.Facebook, failure{Code: why})
	if err := s.visits.saveState(r, v); err != nil {
		return err
	}
	return seeOther(w, r, v.path("facebook"))
}

// assets are the complete lists of what the visitor could share, as Facebook
// shows them to their user. They are kept for some minutes, in memory.
func (s *facebookSteps) assets(ctx context.Context, v *visitScope, access onboarding.Secret) (platform.Assets, error) {
	driver, err := platform.Find(s.drivers, onboarding.Meta)
	if err != nil {
		return platform.Assets{}, err
	}
	lister, able := driver.(platform.AssetLister)
	if !able {
		return platform.Assets{}, onboarding.ErrNotOffered
	}
	return s.core.assets.get(ctx, v.visit.ID, func(ctx context.Context) (platform.Assets, error) {
		return lister.Assets(ctx, access, v.Request.Kinds...)
	})
}

func (s *facebookSteps) showFacebook(w http.ResponseWriter, r *http.Request, v *visitScope) error {
	progress, done, err := s.visits.enterStep(w, r, v, pages.StepFacebook)
	if done || err != nil {
		return err
	}
	if v.Request.ByHand && v.byHandPath() != "" {
		return seeOther(w, r, v.byHandPath())
	}
	described, why := s.failures.failureView(v, onboarding.Facebook, v.path("facebook/add")), s.whySignedOut(v, progress)
	if _, signedIn := s.visits.token(v); signedIn && described == nil && why == "" {
		return seeOther(w, r, v.path("facebook/assets"))
	}
	if described == nil && why != "" { // it was signed in, and is no longer
		described = &pages.FailureView{
			Failure: s.catalog.Describe(why, v.args(onboarding.Facebook)), Again: v.path("facebook/add"), AgainPost: true,
		}
	}
	if described != nil {
		described.Skip = "" // it stands below
	}
	page := pages.FacebookStart{
		Frame: v.Frame, Client: v.Request.Client, User: v.Request.FacebookUser, Business: v.Request.Business.Name,
		Asked: v.asked(), Choices: choicesOf(v, progress.itemsOf(onboarding.Facebook)), Failure: described,
		Add: v.path("facebook/add"), Skip: v.skipPath("facebook"),
		Next: progress.next(v, pages.StepFacebook), HandOver: v.handOverPath(onboarding.Facebook),
	}
	page.Handed, _ = progress.handedTo(v, onboarding.Facebook)
	if progress.hasConnected(onboarding.Facebook) {
		page.Skip = "" // what is there already is not skipped
	} else {
		page.Skipped = progress.skipped[onboarding.Facebook]
	}
	s.render(w, r, http.StatusOK, page)
	return nil
}

func choicesOf(v *visitScope, items []onboarding.Item) []pages.Choice {
	var list []pages.Choice
	for _, item := range items {
		choice := pages.Choice{
			Name: item.Name, Kind: item.Kind, State: item.State, Failure: catalog.FailureCode(item.Failure),
		}
		if v.needs(item) {
			choice.State, choice.Failure = onboarding.ItemFailed, whyNeeded(item)
		}
		list = append(list, choice)
	}
	return list
}

func (s *facebookSteps) addFacebook(w http.ResponseWriter, r *http.Request, v *visitScope) error {
	return s.leaveForFacebook(w, r, v, false)
}

// addFacebookAgain opens Facebook's own choice once more, for what was not ticked there.
func (s *facebookSteps) addFacebookAgain(w http.ResponseWriter, r *http.Request, v *visitScope) error {
	return s.leaveForFacebook(w, r, v, true)
}

func (s *facebookSteps) leaveForFacebook(w http.ResponseWriter, r *http.Request, v *visitScope, again bool) error {
	if _, done, err := s.visits.enterStep(w, r, v, pages.StepFacebook); done || err != nil {
		return err
	}
	if t := v.state.Failures[onboarding.Facebook]; t.Code == catalog.PermissionUnticked {
		again = true // Facebook offers what was declined only when it is asked to
	}
	signInID, err := s.signIns.startVisitSignIn(r, v, signInPurpose{Service: onboarding.Facebook, Again: again})
	if errors.Is(err, onboarding.ErrNotOffered) {
		return s.failures.saveFailure(w, r, v, onboarding.Facebook, &platform.Failure{Code: catalog.NotConfigured, Err: err})
	} else if err != nil {
		return err
	}
	return seeOther(w, r, v.path("facebook/leaving/"+signInID))
}

func (s *facebookSteps) showLeavingForFacebook(w http.ResponseWriter, r *http.Request, v *visitScope) error {
	if _, done, err := s.visits.enterStep(w, r, v, pages.StepFacebook); done || err != nil {
		return err
	}
	link, host, err := s.signIns.findSignIn(r, v, onboarding.Facebook)
	if errors.Is(err, onboarding.ErrNotFound) {
		return seeOther(w, r, v.path("facebook"))
	} else if err != nil {
		return err
	}
	if s.at(r).agency != "" { // there is such a page at the relay's own address
		return seeOther(w, r, link)
	}
	s.render(w, r, http.StatusOK, pages.Leaving{
		Frame: v.Frame, Service: onboarding.Facebook, Asked: v.asked(), Client: v.Request.Client, Host: host, Link: link,
		Back: v.path("facebook"), Skip: v.skipPath("facebook"), Stopped: v.path("facebook/error-page"),
		HandOver: v.handOverPath(onboarding.Facebook),
	})
	return nil
}

// askErrorPage, takeErrorPage and showAdvice are for who saw Facebook's own
// error page: it sends nobody back (F29).
func (s *facebookSteps) askErrorPage(w http.ResponseWriter, r *http.Request, v *visitScope) error {
	if _, done, err := s.visits.enterStep(w, r, v, pages.StepFacebook); done || err != nil {
		return err
	}
	return s.failures.askErrorPage(w, r, s.errorPageAt(v))
}

func (s *facebookSteps) takeErrorPage(w http.ResponseWriter, r *http.Request, v *visitScope) error {
	if _, done, err := s.visits.enterStep(w, r, v, pages.StepFacebook); done || err != nil {
		return err
	}
	return s.failures.takeErrorPage(w, r, s.errorPageAt(v))
}

func (s *facebookSteps) showAdvice(w http.ResponseWriter, r *http.Request, v *visitScope) error {
	if _, done, err := s.visits.enterStep(w, r, v, pages.StepFacebook); done || err != nil {
		return err
	}
	return s.failures.showAdvice(w, r, s.errorPageAt(v))
}

func (s *facebookSteps) errorPageAt(v *visitScope) errorPage {
	return errorPage{
		visit: v, service: onboarding.Facebook, step: v.path("facebook"), add: v.path("facebook/add"),
		path: v.path("facebook"),
	}
}

// notThisUser drops the sign-in of the wrong Facebook user.
func (s *facebookSteps) notThisUser(w http.ResponseWriter, r *http.Request, v *visitScope) error {
	name := v.visit.User.Name
	if v.visit.User.ID == "" { // nobody is signed in
		return seeOther(w, r, v.path("facebook"))
	}
	if err := s.store.Visits.DropToken(r.Context(), v.visit.ID); err != nil {
		return err
	}
	s.core.assets.forget(v.visit.ID)
	v.state.setFailure(onboarding.Facebook, failure{Code: catalog.WrongFacebookUser, Name: name})
	if err := s.visits.saveState(r, v); err != nil {
		return err
	}
	return seeOther(w, r, v.path("facebook"))
}
