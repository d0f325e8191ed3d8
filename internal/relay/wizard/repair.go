package wizard

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/bidi"
	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/relay/link"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// repairTarget is the one item that a link or a visit is for.
type repairTarget struct {
	store.Repair
	item   onboarding.Item
	byHand bool // its request asks for Facebook by hand
}

// loadRepair reads what a repair is about, with its request as its pages show it: asking
// for the item alone, until the repair's link ends.
func (s *core) loadRepair(ctx context.Context, p store.Repair) (*repairTarget, *store.ClientView, error) {
	item, err := s.store.Items.Get(ctx, p.Agency, p.Item)
	if err != nil {
		return nil, nil, err
	}
	shown, err := s.store.Requests.ClientView(ctx, p.Request)
	if err != nil {
		return nil, nil, err
	}
	shown.Request.Services, shown.Request.Kinds = []onboarding.Service{item.Service}, nil
	if slices.Contains(onboarding.ExtraKinds(), item.Kind) {
		shown.Request.Kinds = []onboarding.Kind{item.Kind}
	}
	shown.Request.Expires = p.Expires
	byHand := shown.Request.ByHand && item.Service == onboarding.Facebook
	return &repairTarget{Repair: p, item: item, byHand: byHand}, shown, nil
}

// openRepairLink reads what the link of a repair leads to.
func (s *linkPages) openRepairLink(ctx context.Context, opened link.Link) (*repairTarget, *store.ClientView, error) {
	p, err := s.store.Repairs.GetByLink(ctx, opened.ID)
	if err != nil {
		return nil, nil, err
	}
	return s.loadRepair(ctx, p)
}

// isByHand reports whether the client repairs the item at the platform alone: Facebook lets
// an app raise no level that was lowered, and a request by hand needs no app.
func (p *repairTarget) isByHand() bool {
	return p.byHand || p.item.Service == onboarding.Facebook &&
		catalog.FailureCode(p.item.Access.Failure) == catalog.LevelLowered
}

// isPartnering reports whether the client repairs the item as they shared it: they add the
// agency's Business Manager as a partner. Where only its level is too low, it is one already.
func (p *repairTarget) isPartnering() bool {
	return p.byHand && catalog.FailureCode(p.item.Access.Failure) != catalog.LevelLowered
}

// isOpen reports whether the client still has something to do.
func (p *repairTarget) isOpen() bool { return p.needs(p.item) }

func (p *repairTarget) needs(i onboarding.Item) bool { return p.IsNeeded(i, catalog.IsRepairable) }

// allows reports whether a visit that repairs the item has a page at the rest of an
// address: no other service's, and none that is about the whole request.
func (p *repairTarget) allows(rest string) bool {
	first, after, _ := strings.Cut(strings.TrimPrefix(rest, "/"), "/")
	switch first {
	case "", "genuine", "help", "report", "ask", "receipt":
		return true
	case "facebook":
		return p.item.Service == onboarding.Facebook
	case "platforms":
		service, _, _ := strings.Cut(after, "/")
		return p.item.Service != onboarding.Facebook && (service == "" || service == string(p.item.Service))
	}
	return false
}

// checkAllowed returns ErrNotFound for an address that a visit of a repair does not have.
func (v *visitScope) checkAllowed(r *http.Request) error {
	rest := strings.TrimPrefix(r.URL.Path, v.path(""))
	if v.repair != nil && strings.HasPrefix(r.URL.Path, v.path("")) && !v.repair.allows(rest) {
		return onboarding.ErrNotFound
	}
	return nil
}

// skipPath is the address of the Skip page; empty in a visit that repairs an item.
func (v *visitScope) skipPath(what string) string {
	if v.repair != nil {
		return ""
	}
	return v.path("skip/" + what)
}

// steps is the progress line; a repair has none.
func (v *visitScope) steps(at pages.StepName) []pages.Step {
	if v.repair != nil {
		return nil
	}
	return pages.Progress(v.Request.Services, at)
}

// needs reports whether an item that is connected has to be connected or shared again.
func (v *visitScope) needs(i onboarding.Item) bool {
	if v.repair != nil && v.repair.item.ID == i.ID {
		return v.repair.needs(i)
	}
	return i.State == onboarding.ItemConnected && i.Access.State == onboarding.AccessBroken &&
		catalog.FailureCode(i.Access.Failure).IsRepairable()
}

// whyNeeded is why an item that is connected has to be connected or shared again: how the
// last attempt at it ended, else what a check found.
func whyNeeded(i onboarding.Item) catalog.FailureCode {
	for _, code := range []string{i.Failure, i.Access.Failure} {
		if code != "" {
			return catalog.FailureCode(code)
		}
	}
	return ""
}

// checkRepair returns why the link of a repair, of this version, does not work; nil: it does.
func (s *visits) checkRepair(shown *store.ClientView, p *repairTarget, version int) error {
	if shown.Agency.Suspended {
		return onboarding.ErrSuspended
	}
	return p.State(version, s.store.Now())
}

// repairEnd is what stands where a repair's pages were; nil: err is about something else.
func (s *visits) repairEnd(r *http.Request, of clientScope, err error) (pages.Page, error) {
	p := of.repairing()
	page := pages.RepairEnd{
		Frame: of.pageFrame(), Service: p.item.Service, Kind: p.item.Kind, Asset: p.item.Name, At: p.Closed,
	}
	_, page.Email = s.ownEmail(r, of)
	switch {
	case errors.Is(err, onboarding.ErrSuspended):
		return pages.Paused{Frame: page.Frame}, nil
	case errors.Is(err, onboarding.ErrCompleted):
		page.State = pages.RepairWorks
	case errors.Is(err, onboarding.ErrWithdrawn):
		page.State = pages.RepairWithdrawn
	case errors.Is(err, onboarding.ErrLinkSuperseded):
		page.State, page.At = pages.RepairOlder, p.Created
	case errors.Is(err, onboarding.ErrExpired):
		page.State, page.At, page.Ask = pages.RepairExpired, p.Expires, of.path("ask")
		page.Asked, err = s.store.Repairs.Asked(r.Context(), p.item.ID)
		return page, err
	default:
		return nil, nil
	}
	return page, nil
}

// showRepair is what a repair's link opens. It changes nothing.
func (s *linkPages) showRepair(w http.ResponseWriter, r *http.Request, l *linkScope) error {
	page := pages.Repair{
		Frame: l.Frame, Client: l.Request.Client, Service: l.repair.item.Service, Kind: l.repair.item.Kind,
		Asset: l.repair.item.Name, Detail: s.catalog.Service(l.repair.item.Service).DetailOf(l.repair.item),
		Failure: catalog.DescribeRepair(s.catalog, l.repair.item, l.Agency.CompanyName(), askedBy(l.Request)),
		Post:    l.path(""), Requester: l.repair.By,
	}
	if !l.Agency.ShowRequester {
		page.Requester = ""
	}
	if page.ByHand = l.repair.isByHand(); l.repair.item.Access.State == onboarding.AccessBroken {
		page.Since = l.repair.item.Access.Since
	}
	if !l.repair.isOpen() {
		_, email := s.visits.ownEmail(r, l)
		s.render(w, r, http.StatusOK, s.repairedPage(l, email))
		return nil
	}
	var err error
	if page.Partner, err = s.partner(r.Context(), l); err != nil {
		return err
	}
	s.render(w, r, http.StatusOK, page)
	return nil
}

// partner is how the item is shared by hand; nil: it is not.
func (s *linkPages) partner(ctx context.Context, l *linkScope) (*pages.ByHand, error) {
	if !l.repair.isPartnering() {
		return nil, nil
	}
	business, err := s.store.Requests.Business(ctx, l.repair.Agency, l.repair.Request)
	return &pages.ByHand{
		Frame: l.Frame, Business: business.Name, BusinessID: business.ID, Asked: askedBy(l.Request),
		Only: l.repair.item.Kind,
	}, err
}

// repairedPage is shown while the client has nothing to connect or share: they did their
// part, or something else is wrong meanwhile.
func (s *core) repairedPage(of clientScope, email pages.ReceiptEmail) pages.Page {
	p, frame, shown, again := of.repairing(), of.pageFrame(), of.view(), of.path("")
	if p.item.Access.State == onboarding.AccessBroken {
		page := pages.NotRepairable{Frame: frame, Asset: p.item.Name, Again: again, Expires: p.Expires}
		failure := catalog.DescribeBroken(s.catalog, p.item, shown.Agency.CompanyName(), askedBy(shown.Request))
		if failure.FixedBy == catalog.You || failure.FixedBy == catalog.Colleague {
			page.Failure = failure
		}
		return page
	}
	return pages.Repaired{
		Frame: frame, Service: p.item.Service, Kind: p.item.Kind, Asset: p.item.Name, Again: again,
		Waiting: p.item.State == onboarding.ItemWaiting, Email: email,
	}
}

// startRepair records that the link was opened, and goes on in the browser's visit, if it
// has one.
func (s *linkPages) startRepair(w http.ResponseWriter, r *http.Request, l *linkScope) error {
	if l.repair.isOpen() && l.repair.isByHand() {
		if err := parseForm(w, r, maxForm); err != nil {
			return err
		}
		if r.PostFormValue(pages.FieldDone) == "" { // only who says that it is done has done something
			return seeOther(w, r, l.path(""))
		}
		if err := s.store.Repairs.Recheck(r.Context(), l.repair.Repair); err != nil {
			return err
		}
		return seeOther(w, r, l.path(""))
	}
	if err := s.store.Repairs.MarkOpened(r.Context(), l.repair.Repair); err != nil {
		return err
	}
	if !l.repair.isOpen() {
		return seeOther(w, r, l.path(""))
	}
	v, err := s.currentVisit(r, l)
	if errors.Is(err, onboarding.ErrNotFound) {
		return seeOther(w, r, l.path("about"))
	} else if err != nil {
		return err
	}
	return seeOther(w, r, v.path(""))
}

// showRepairVisit leads to the item's step, or shows what becomes of it.
func (s *visitPages) showRepairVisit(w http.ResponseWriter, r *http.Request, v *visitScope) error {
	item := v.repair.item
	switch {
	case v.repair.isOpen() || item.State == onboarding.ItemSharing:
		return seeOther(w, r, v.path(stepPath(stepOf(item.Service))))
	case item.State == onboarding.ItemWaiting && item.Service == onboarding.Facebook && r.URL.Query().Get("after") == "":
		return seeOther(w, r, v.path("facebook/by-hand"))
	}
	email, err := s.visits.receiptEmail(r, v.visit)
	if err != nil {
		return err
	}
	s.render(w, r, http.StatusOK, s.repairedPage(v, email))
	return nil
}

// repairOnly is a step's progress in a visit that repairs an item: of nothing else.
func (v *visitScope) repairOnly() requestProgress {
	return requestProgress{
		services: v.Request.Services, items: []onboarding.Item{v.repair.item}, skipped: map[onboarding.Service]string{},
		needs: v.needs, repair: true,
	}
}

// onlyRepaired leaves of what Facebook shows the asset that is to be repaired.
func (v *visitScope) onlyRepaired(found platform.Assets) platform.Assets {
	if v.repair == nil {
		return found
	}
	return found.Only(v.repair.item.Account)
}

// refuseOther shows a client who connected another account which one is meant.
func (s *crmSteps) refuseOther(
	w http.ResponseWriter, r *http.Request, v *visitScope, grant platform.Grant,
) error {
	granted := grantedItems(grant)[0]
	name := granted.Account.Name
	item := onboarding.Item{Service: v.repair.item.Service, Kind: granted.Kind, Detail: granted.Detail, Name: name}
	if detail := s.catalog.Service(item.Service).DetailOf(item); detail != "" && detail != name {
		name = bidi.Isolate(name) + " (" + detail + ")"
	}
	service := v.repair.item.Service
	v.state.setFailure(service, failure{Code: catalog.OtherAccount, Name: name})
	delete(v.state.Result, service)
	if err := s.visits.saveState(r, v); err != nil {
		return err
	}
	return seeOther(w, r, v.path("platforms/"+string(service)+"/result"))
}

// repairedOf are the granted items that a visit may store: of a repair the one item that it
// is for.
func (v *visitScope) repairedOf(grant platform.Grant) []platform.GrantedItem {
	granted := grantedItems(grant)
	if v.repair == nil {
		return granted
	}
	for _, one := range granted {
		if one.Account.ID == v.repair.item.Account && one.Kind == v.repair.item.Kind {
			return []platform.GrantedItem{one}
		}
	}
	return nil
}
