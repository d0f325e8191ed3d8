package wizard

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/latchkeyhq/latchkey/internal/bidi"
	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/grapheme"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/relay/sealing"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// crmSteps connect accounts of the other platforms.
type crmSteps struct {
	*core
	visits   *visits
	failures *failureReporter
	signIns  *signIns
}

func (s *crmSteps) showPlatforms(w http.ResponseWriter, r *http.Request, v *visitScope) error {
	progress, done, err := s.visits.enterStep(w, r, v, pages.StepPlatforms)
	if done || err != nil {
		return err
	}
	s.render(w, r, http.StatusOK, s.crmList(v, progress))
	return nil
}

func (s *crmSteps) crmList(v *visitScope, progress requestProgress) pages.CRMList {
	page := pages.CRMList{
		Frame: v.Frame, Back: progress.before(v, pages.StepPlatforms), Next: progress.next(v, pages.StepPlatforms),
	}
	for _, service := range progress.services {
		if service == onboarding.Facebook {
			continue
		}
		row := pages.CRMRow{Service: service, Accounts: s.accountsOf(v, progress.itemsOf(service))}
		if driver, err := platform.Find(s.drivers, service.Platform()); err != nil || !connects(driver) {
			described := s.catalog.Describe(catalog.NotConfigured, v.args(service))
			row.Failure = &described
		} else {
			row.Add = v.path("platforms/" + string(service) + "/add")
		}
		row.Handed, _ = progress.handedTo(v, service)
		if !progress.hasConnected(service) && !progress.awaits(service) {
			row.HandOver = v.handOverPath(service)
		}
		if !progress.settled(service) {
			row.Skip = v.skipPath(string(service))
		} else if !progress.hasConnected(service) {
			row.Skipped = progress.skipped[service]
		}
		page.Rows = append(page.Rows, row)
	}
	if open := progress.open(pages.StepPlatforms); len(open) > 0 {
		page.SkipAll = v.skipPath("platforms")
	}
	return page
}

// connects reports whether a driver can connect a client's account at all.
func connects(driver platform.Driver) bool {
	switch driver.(type) {
	case platform.SignIn, platform.KeyTaker:
		return true
	}
	return false
}

func (s *crmSteps) accountsOf(v *visitScope, items []onboarding.Item) []pages.CRMAccount {
	var list []pages.CRMAccount
	for _, item := range items {
		account := pages.CRMAccount{
			Name: item.Name, Detail: s.catalog.Service(item.Service).DetailOf(item), Kind: item.Kind, State: item.State,
		}
		if v.needs(item) {
			account.State, account.Again = onboarding.ItemFailed, true
		}
		list = append(list, account)
	}
	return list
}

// asked is the service of an address, when the request asks for it.
func asked(r *http.Request, v *visitScope) (onboarding.Service, error) {
	service := onboarding.Service(r.PathValue("service"))
	if service == onboarding.Facebook || !slices.Contains(v.Request.Services, service) {
		return "", onboarding.ErrNotFound
	}
	return service, nil
}

// enterPlatform is enterStep for an address of one service.
func (s *crmSteps) enterPlatform(
	w http.ResponseWriter, r *http.Request, v *visitScope,
) (service onboarding.Service, progress requestProgress, done bool, err error) {
	if service, err = asked(r, v); err != nil {
		return "", requestProgress{}, false, err
	}
	progress, done, err = s.visits.enterStep(w, r, v, pages.StepPlatforms)
	return service, progress, done, err
}

func (s *crmSteps) addPlatform(w http.ResponseWriter, r *http.Request, v *visitScope) error {
	service, _, done, err := s.enterPlatform(w, r, v)
	if done || err != nil {
		return err
	}
	if _, takes := s.keyTaker(service); takes {
		err := s.failures.checkEntitledDevice(r.Context(), v, service)
		if err != nil {
			return s.cannotStart(w, r, v, service, err)
		}
		return seeOther(w, r, v.path("platforms/"+string(service)+"/key"))
	}
	if _, takes := s.targetTaker(service); takes {
		return seeOther(w, r, v.path("platforms/"+string(service)+"/before"))
	}
	return s.leaveForPlatform(w, r, v, signInPurpose{Service: service})
}

// leaveForPlatform begins a sign-in and leads to the page before it.
func (s *crmSteps) leaveForPlatform(
	w http.ResponseWriter, r *http.Request, v *visitScope, purpose signInPurpose,
) error {
	service := purpose.Service
	signInID, err := s.signIns.startVisitSignIn(r, v, purpose)
	if err != nil {
		return s.cannotStart(w, r, v, service, err)
	}
	return seeOther(w, r, v.path("platforms/"+string(service)+"/leaving/"+signInID))
}

// cannotStart is what keeps a sign-in from starting at all.
func (s *crmSteps) cannotStart(
	w http.ResponseWriter, r *http.Request, v *visitScope, service onboarding.Service, err error,
) error {
	switch {
	case errors.Is(err, onboarding.ErrNotOffered):
		err = &platform.Failure{Code: catalog.NotConfigured, Err: err}
	case errors.Is(err, onboarding.ErrNoDevice):
		err = &platform.Failure{Code: catalog.AgencySide, Err: err}
	default:
		return err
	}
	return s.failures.saveFailure(w, r, v, service, err)
}

func (s *crmSteps) showLeavingForPlatform(w http.ResponseWriter, r *http.Request, v *visitScope) error {
	service, progress, done, err := s.enterPlatform(w, r, v)
	if done || err != nil {
		return err
	}
	link, host, err := s.signIns.findSignIn(r, v, service)
	if errors.Is(err, onboarding.ErrNotFound) {
		return seeOther(w, r, v.path("platforms"))
	} else if err != nil {
		return err
	}
	page := s.crmList(v, progress)
	page.Open = &pages.CRMOpen{
		Service: service, Host: host, Link: link, Cancel: v.path("platforms"), Skip: v.skipPath(string(service)),
		HandOver: v.handOverPath(service),
	}
	if s.catalog.Service(service).RequiredRole != nil {
		page.Open.Stopped = v.path("platforms/" + string(service) + "/error-page")
	}
	if _, installs := s.failures.installer(service); installs {
		described := s.catalog.Describe(catalog.AdminMustInstall, s.failures.args(v, service))
		page.Open.Install = &described
	}
	if s.at(r).agency != "" && page.Open.Install == nil { // the relay's own address has such a page
		return seeOther(w, r, link)
	}
	s.render(w, r, http.StatusOK, page)
	return nil
}

// errorPageOf is for who was stopped on the platform's own error page, from
// which nobody is sent back (F37, F41); ErrNotFound: everybody comes back there.
func (s *crmSteps) errorPageOf(
	w http.ResponseWriter, r *http.Request, v *visitScope,
) (at errorPage, done bool, err error) {
	service, _, done, err := s.enterPlatform(w, r, v)
	if done || err != nil {
		return errorPage{}, done, err
	}
	role := s.catalog.Service(service).RequiredRole
	if role == nil {
		return errorPage{}, false, onboarding.ErrNotFound
	}
	return errorPage{
		visit: v, service: service, step: v.path("platforms"), add: v.path("platforms/" + string(service) + "/add"),
		path: v.path("platforms/" + string(service)), role: role,
	}, false, nil
}

func (s *crmSteps) askErrorPage(w http.ResponseWriter, r *http.Request, v *visitScope) error {
	at, done, err := s.errorPageOf(w, r, v)
	if done || err != nil {
		return err
	}
	return s.failures.askErrorPage(w, r, at)
}

func (s *crmSteps) takeErrorPage(w http.ResponseWriter, r *http.Request, v *visitScope) error {
	at, done, err := s.errorPageOf(w, r, v)
	if done || err != nil {
		return err
	}
	return s.failures.takeErrorPage(w, r, at)
}

func (s *crmSteps) showAdvice(w http.ResponseWriter, r *http.Request, v *visitScope) error {
	at, done, err := s.errorPageOf(w, r, v)
	if done || err != nil {
		return err
	}
	return s.failures.showAdvice(w, r, at)
}

// storeAccount seals and stores an account that was connected just now. The same
// account again is one item with a newer credential.
func (s *crmSteps) storeAccount(
	w http.ResponseWriter, r *http.Request, v *visitScope, service onboarding.Service, grant platform.Grant,
) error {
	ctx, cancel := detached(r.Context(), 30*time.Second)
	defer cancel()
	kept := connectedAccount{Missing: grant.Missing, LeftOut: grant.LeftOut}
	wanted := v.repairedOf(grant)
	if len(wanted) == 0 {
		return s.refuseOther(w, r, v, grant)
	}
	var err error
	for _, granted := range wanted {
		var item onboarding.Item
		if item, kept.Refreshed, err = s.putAccount(ctx, v, service, grant, granted); err != nil {
			break
		}
		if kept.Item == "" {
			kept.Item = item.ID
		} else {
			kept.Also = append(kept.Also, item.ID)
		}
	}
	if errors.Is(err, onboarding.ErrNoDevice) {
		s.failures.emailAgency(ctx, v, store.Email{Kind: store.EmailNoDevice, Service: service})
		return s.cannotStart(w, r, v, service, err)
	} else if err != nil {
		return err
	}
	s.mailRepairReceipt(ctx, v)
	v.state.setConnected(service, kept)
	if err := s.visits.saveState(r.WithContext(ctx), v); err != nil {
		return err
	}
	return seeOther(w, r, v.path("platforms/"+string(service)+"/result"))
}

// maxPlanTries is how often an account is planned anew because another client
// connected the same one at the same time.
const maxPlanTries = 4

// grantedItems are the items that a sign-in connected: its one account, or
// each of several. They have one credential, which each keeps for itself.
func grantedItems(grant platform.Grant) []platform.GrantedItem {
	if len(grant.Items) > 0 {
		return grant.Items
	}
	return []platform.GrantedItem{{Kind: onboarding.CRMAccount, Account: grant.Account, Detail: grant.Detail}}
}

func (s *crmSteps) putAccount(
	ctx context.Context, v *visitScope, service onboarding.Service, grant platform.Grant, granted platform.GrantedItem,
) (item onboarding.Item, refreshed bool, err error) {
	driver, err := platform.Find(s.drivers, service.Platform())
	if err != nil {
		return item, false, err
	}
	for try := 0; ; try++ {
		plan, err := s.store.Items.Plan(ctx, v.Agency.ID, store.ItemKey{
			Request: v.Request.ID, Owner: v.Request.Owner,
			Service: service, Kind: granted.Kind, Account: granted.Account.ID,
		})
		if err != nil {
			return item, false, err
		}
		deliveries, refreshHash, err := s.sealer.Seal(ctx, sealing.Target{
			Agency: v.Agency.ID, Of: v.Request.Ownership(), Request: v.Request.ID,
			Subject: plan.ID, OfItem: true, Account: granted.Account.ID, Version: plan.Version,
		}, grant.Credential)
		if err != nil {
			return item, false, err
		}
		shared := store.SharedItem{
			Deliveries: deliveries, RefreshHash: refreshHash, IdleLimit: sealing.IdleLimit(driver), Repair: v.visit.Repair,
			Item: onboarding.Item{
				ID: plan.ID, Request: v.Request.ID, Version: plan.Version, Service: service, Kind: granted.Kind,
				Account: granted.Account.ID, Name: granted.Account.Name, Detail: granted.Detail,
				ReadOnly: granted.ReadOnly, PlatformBy: grant.User,
				By: onboarding.Person{Name: v.visit.Name, Email: v.visit.Email}, State: onboarding.ItemConnected,
			}}
		item, err = s.store.Items.Put(ctx, v.Agency.ID, shared)
		if !errors.Is(err, onboarding.ErrConflict) || try == maxPlanTries {
			return item, plan.Known, err
		}
	}
}

// showResult is what follows each connection: the account, or why it did not work.
func (s *crmSteps) showResult(w http.ResponseWriter, r *http.Request, v *visitScope) error {
	service, progress, done, err := s.enterPlatform(w, r, v)
	if done || err != nil {
		return err
	}
	page := pages.CRMResult{CRMList: s.crmList(v, progress), Service: service, Close: v.path("platforms")}
	if v.repair != nil && !v.repair.isOpen() {
		page.Close = v.path("")
	}
	if page.Failed = s.failures.failureView(v, service, v.path("platforms/"+string(service)+"/add")); page.Failed != nil {
		s.render(w, r, http.StatusOK, page)
		return nil
	}
	result := v.state.Result[service]
	var connected []onboarding.Item
	for _, item := range progress.itemsOf(service) {
		if slices.Contains(result.Also, item.ID) {
			page.Also = append(page.Also, s.withDetail(item))
			connected = append(connected, item)
		}
	}
	for _, item := range progress.itemsOf(service) {
		if item.ID == result.Item {
			page.Account, page.SignedIn, page.Kind = s.withDetail(item), item.PlatformBy, item.Kind
			args := v.args(service)
			args.Account, args.Name = page.Account, item.PlatformBy
			page.Notes = s.notes(service, result, args)
			connected = append(connected, item)
			described := s.catalog.Service(service)
			page.Allowed, page.Less = described.LevelOf(connected), described.ReadOnlyHint(connected)
			s.render(w, r, http.StatusOK, page)
			return nil
		}
	}
	return seeOther(w, r, v.path("platforms"))
}

// withDetail names an item with its second line: "Harbour & Pine AB, portal 26114873".
func (s *crmSteps) withDetail(item onboarding.Item) string {
	detail := s.catalog.Service(item.Service).DetailOf(item)
	if detail == "" || detail == item.Name {
		return item.Name
	}
	return bidi.Isolate(item.Name) + ", " + grapheme.Uncapitalize(detail)
}

// notes is what is worth knowing about a new account.
func (s *crmSteps) notes(service onboarding.Service, result connectedAccount, args catalog.Args) []catalog.Failure {
	var list []catalog.Failure
	if result.Refreshed {
		list = append(list, s.catalog.Describe(catalog.AccountRefreshed, args))
	}
	if len(result.LeftOut) > 0 {
		args.Lists = s.catalog.LeftOut(result.LeftOut)
		list = append(list, s.catalog.Describe(catalog.LeftOut, args))
	}
	described := s.catalog.Service(service)
	if feature := described.Features(result.Missing); feature != "" {
		args.Feature = feature
		list = append(list, s.catalog.Describe(catalog.FeatureNotGiven, args))
	}
	if described.Advice != "" {
		list = append(list, s.catalog.Describe(described.Advice, args))
	}
	return list
}
