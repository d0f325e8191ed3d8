package hub

import (
	"cmp"
	"context"
	"crypto/rand"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/hub/checks"
	"github.com/latchkeyhq/latchkey/internal/hub/credentials"
	"github.com/latchkeyhq/latchkey/internal/hub/outbox"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/hub/report"
	"github.com/latchkeyhq/latchkey/internal/hub/session"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Offboardings end all that the agency has of a client: open links, accesses and
// credentials. Each is stored after every step, goes on where it stopped, and leaves a
// report.
type Offboardings struct {
	session     *session.Session
	replica     *replica.Replica
	outbox      *outbox.Outbox
	credentials *credentials.Credentials
	checks      *checks.Checks
	audit       *Audit
	now         func() time.Time
	log         *slog.Logger
	sync        func(ctx context.Context) error
	store       func(ctx context.Context, r *replica.Replica, ends replica.Offboarding) error

	due      chan struct{} // wakes run
	updating sync.Mutex    // one change of a stored offboarding at a time
}

// EndingWay is how an access of a client would end.
type EndingWay string

// The ways of ending an access.
const (
	WayAsked   EndingWay = "asked"    // the platform is asked, and then whether it has ended
	WayByHand  EndingWay = "by_hand"  // only a user at the platform can end it
	WayKept    EndingWay = "kept"     // something else uses the grant
	WayNothing EndingWay = "nothing"  // it was only named, and nobody has found it
	WayNotHere EndingWay = "not_here" // another computer can ask the platform, this one cannot
)

// PlannedEnding is an access before anybody decides.
type PlannedEnding struct {
	replica.OffboardedItem
	Way EndingWay `json:"way"`
}

// OffboardingPlan is what ending a client would do.
type OffboardingPlan struct {
	Client  string                   `json:"client"`
	Links   []replica.OffboardedLink `json:"links"`
	Items   []PlannedEnding          `json:"items"`
	Reports []OffboardingSummary     `json:"reports"` // of this client, the newest first
}

// OffboardingSummary is an offboarding in a list.
type OffboardingSummary struct {
	ID      string               `json:"id"`
	Client  string               `json:"client"`
	Started onboarding.Timestamp `json:"started"`
	Ended   onboarding.Timestamp `json:"ended"` // zero: it goes on
	Done    int                  `json:"done"`  // of Total steps
	Total   int                  `json:"total"`
	Problem replica.Problem      `json:"problem"`
}

// OffboardingParams select a client by one of its requests. Without are items that are
// left as they are; First means those that this computer cannot ask its platforms about.
type OffboardingParams struct {
	Request string   `json:"request"`
	First   bool     `json:"first"`
	Without []string `json:"without"`
}

// StartOffboardingParams ends a client. Items are those to end; all others of the client
// are left as they are. Typed is the client's name, as the user typed it.
type StartOffboardingParams struct {
	Request string   `json:"request"`
	Typed   string   `json:"typed"`
	Items   []string `json:"items"`
}

// Plan describes what ending the client of a request would do. It needs the relay.
func (o *Offboardings) Plan(ctx context.Context, p OffboardingParams) (OffboardingPlan, error) {
	client, requests, err := o.client(ctx, p.Request)
	if err != nil {
		return OffboardingPlan{}, err
	}
	plan := OffboardingPlan{
		Client: client, Links: linksOf(requests), Items: []PlannedEnding{}, Reports: []OffboardingSummary{},
	}
	reports, err := replica.ReadOffboardingsOf(ctx, o.replica.DB(), idsOf(requests))
	if err != nil {
		return OffboardingPlan{}, err
	}
	for _, each := range reports {
		plan.Reports = append(plan.Reports, summaryOf(each))
	}
	items, err := o.itemsOf(ctx, requests)
	if err != nil {
		return OffboardingPlan{}, err
	}
	var together []string
	for _, item := range items {
		if isLeft := slices.Contains(p.Without, item.ID) || p.First && item.Alone; !isLeft {
			together = append(together, item.ID)
		}
	}
	plan.Items = make([]PlannedEnding, len(items))
	errs := make([]error, len(items))
	var group sync.WaitGroup
	places := make(chan struct{}, planConcurrency)
	for n, item := range items {
		places <- struct{}{}
		group.Go(func() {
			defer func() { <-places }()
			plan.Items[n], errs[n] = o.planItem(ctx, item, together)
		})
	}
	group.Wait()
	return plan, cmp.Or(errs...)
}

// planConcurrency bounds the calls of a plan.
const planConcurrency = 4

func (o *Offboardings) planItem(
	ctx context.Context, item replica.OffboardedItem, together []string,
) (PlannedEnding, error) {
	planned := PlannedEnding{OffboardedItem: item, Way: WayAsked}
	view, err := o.checks.PlanEnding(ctx, item.ID, together...)
	if err != nil {
		return planned, err
	}
	planned.Steps, planned.Open = view.Steps, view.Open
	switch {
	case view.Nothing:
		planned.Way = WayNothing
	case item.Alone:
		planned.Way = WayNotHere
	case view.ByHand:
		planned.Way = WayByHand
	case view.Kept:
		planned.Way = WayKept
		planned.KeptFor, err = o.keptFor(ctx, item.ID, together)
	}
	return planned, err
}

// client reads the client of a request, and all requests of theirs.
func (o *Offboardings) client(ctx context.Context, request string) (string, []replica.RequestState, error) {
	r, err := replica.ReadRequestState(ctx, o.replica.DB(), request)
	if err != nil {
		return "", nil, err
	}
	requests, err := replica.ReadClient(ctx, o.replica.DB(), r.Client)
	return r.Client, requests, err
}

func idsOf(requests []replica.RequestState) []string {
	ids := make([]string, len(requests))
	for n, r := range requests {
		ids[n] = r.ID
	}
	return ids
}

// linksOf describes the requests of a client. One that has not ended is withdrawn, so
// that nobody can ask for a new link.
func linksOf(requests []replica.RequestState) []replica.OffboardedLink {
	links := []replica.OffboardedLink{}
	for _, r := range requests {
		link := replica.OffboardedLink{Request: r.ID, Created: r.Created, State: replica.LinkOver}
		if r.Status == onboarding.Pending && r.Finished == 0 && r.Withdrawn == 0 {
			link.State = replica.LinkOpen
		}
		links = append(links, link)
	}
	return links
}

// itemsOf lists the accesses of a client that can be ended.
func (o *Offboardings) itemsOf(
	ctx context.Context, requests []replica.RequestState,
) ([]replica.OffboardedItem, error) {
	items := []replica.OffboardedItem{}
	texts := o.replica.Catalog()
	for _, r := range requests {
		for _, i := range r.Items {
			if !replica.IsEndable(i) {
				continue
			}
			can, err := o.checks.CanAsk(ctx, i)
			if err != nil {
				return nil, err
			}
			item := itemOf(texts, i)
			item.Alone = !can && !i.HasNotArrived()
			items = append(items, item)
		}
	}
	return items, nil
}

// endedOf lists the accesses of a client that had ended before, and what was shared only
// half, as the report has them: something may be left of them at the platform.
func (o *Offboardings) endedOf(requests []replica.RequestState) (items []replica.OffboardedItem) {
	for _, r := range requests {
		for _, i := range r.Items {
			if half := isHalfShared(i); half || i.State == onboarding.ItemEnded {
				item := itemOf(o.replica.Catalog(), i)
				item.Half = half
				items = append(items, item)
			}
		}
	}
	return items
}

// isHalfShared reports whether sharing an asset was begun and not finished.
func isHalfShared(i onboarding.Item) bool {
	return i.State == onboarding.ItemSharing ||
		i.State == onboarding.ItemFailed && i.Failure == string(catalog.SharingInterrupted)
}

func itemOf(texts *catalog.Catalog, i onboarding.Item) replica.OffboardedItem {
	return replica.OffboardedItem{
		ID: i.ID, Request: i.Request, Service: i.Service, Platform: i.Service.Platform(), Kind: i.Kind,
		Account: i.Account, Name: i.Name, Detail: texts.Service(i.Service).DetailOf(i), Connected: i.Connected,
		Steps: []string{}, KeptFor: []string{},
	}
}

// keptFor names what else may use the grant of an item, as far as this member sees it.
func (o *Offboardings) keptFor(ctx context.Context, item string, together []string) ([]string, error) {
	names := []string{}
	i, err := replica.ReadItem(ctx, o.replica.DB(), item)
	if err != nil {
		return names, err
	}
	others, err := replica.ReadSameGrant(ctx, o.replica.DB(), i, together)
	if err != nil {
		return names, err
	}
	ids := make([]string, len(others))
	for n, other := range others {
		ids[n] = other.ID
	}
	rows, err := replica.ReadItemRows(ctx, o.replica.DB(), o.replica.Catalog(), ids)
	for _, row := range rows {
		names = append(names, row.Name+", "+row.Client)
	}
	return names, err
}

// Start begins to end the client of a request, and returns the offboarding's id. While
// one of the client goes on, it returns that one's. It needs the relay.
func (o *Offboardings) Start(ctx context.Context, p StartOffboardingParams) (string, error) {
	if _, err := o.session.Require(ctx); err != nil {
		return "", err
	}
	client, requests, err := o.client(ctx, p.Request)
	if err != nil {
		return "", err
	}
	if !replica.IsTyped(p.Typed, client) {
		return "", onboarding.Invalid("typed", "This is not the client’s name. Type it as it stands above.")
	}
	o.updating.Lock()
	defer o.updating.Unlock()
	before, err := replica.ReadOffboardingsOf(ctx, o.replica.DB(), idsOf(requests))
	if err != nil {
		return "", err
	}
	for _, each := range before {
		if each.Ended == 0 {
			return each.ID, nil
		}
	}
	ends := replica.Offboarding{
		ID: rand.Text(), Client: client, Started: o.timestamp(), Links: linksOf(requests),
		Devices: []replica.OffboardedDevice{},
	}
	if ends.Items, err = o.itemsOf(ctx, requests); err != nil {
		return "", err
	}
	for n := range ends.Items {
		if item := &ends.Items[n]; !slices.Contains(p.Items, item.ID) {
			item.Outcome, item.Done, item.Alone = replica.OutcomeLeft, ends.Started, false
		}
	}
	if done, total := progressOf(ends); done == total {
		return "", onboarding.Invalid("items", "There is nothing to end. Choose an account.")
	}
	if err := o.sign(ctx, &ends); err != nil {
		return "", err
	}
	if err := o.store(ctx, o.replica, ends); err != nil {
		return "", err
	}
	signal(o.due)
	return ends.ID, nil
}

// sign notes who ends a client, and for which agency.
func (o *Offboardings) sign(ctx context.Context, ends *replica.Offboarding) error {
	agency, err := replica.ReadAgency(ctx, o.replica.DB())
	if err != nil {
		return err
	}
	member, err := replica.ReadMember(ctx, o.replica.DB(), o.session.Identity().Member)
	ends.Agency, ends.By, ends.OwnDevices = agency.CompanyName(), member.Name, member.Role == onboarding.SubUser
	return err
}

// Read reads an offboarding.
func (o *Offboardings) Read(ctx context.Context, id string) (replica.Offboarding, error) {
	return replica.ReadOffboarding(ctx, o.replica.DB(), id)
}

// Document writes the report of an offboarding as HTML. One that goes on is ErrConflict.
func (o *Offboardings) Document(ctx context.Context, id string) ([]byte, error) {
	ends, err := o.Read(ctx, id)
	if err == nil && ends.Ended == 0 {
		err = onboarding.ErrConflict
	}
	if err != nil {
		return nil, err
	}
	return report.Write(ctx, ends, o.replica.Catalog(), time.Local)
}

// Retry makes an offboarding go on now.
func (o *Offboardings) Retry(ctx context.Context, id string) error {
	_, err := o.update(ctx, id, func(ends *replica.Offboarding) { ends.Next = 0 })
	signal(o.due)
	return err
}

// GoOnWithout makes an offboarding go on without asking the platform of an item: its
// credential is erased, and a user there ends the access.
func (o *Offboardings) GoOnWithout(ctx context.Context, id, item string) error {
	_, err := o.update(ctx, id, func(ends *replica.Offboarding) {
		for n := range ends.Items {
			if i := &ends.Items[n]; i.ID == item && i.Outcome == "" && i.Asked == nil {
				i.Alone, i.Problem = true, replica.Problem{}
			}
		}
		ends.Next = 0
	})
	signal(o.due)
	return err
}

// Delete deletes a report from this computer. One that goes on is ErrConflict.
func (o *Offboardings) Delete(ctx context.Context, id string) error {
	o.updating.Lock()
	defer o.updating.Unlock()
	return replica.DeleteOffboarding(ctx, o.replica, id)
}

// todos lists what goes on, with what keeps it from it.
func (o *Offboardings) todos(ctx context.Context) ([]OffboardingSummary, error) {
	all, err := replica.ReadUnfinishedOffboardings(ctx, o.replica.DB())
	var summaries []OffboardingSummary
	for _, each := range all {
		summaries = append(summaries, summaryOf(each))
	}
	return summaries, err
}

func summaryOf(ends replica.Offboarding) OffboardingSummary {
	summary := OffboardingSummary{
		ID: ends.ID, Client: ends.Client, Started: ends.Started, Ended: ends.Ended, Problem: ends.Problem,
	}
	summary.Done, summary.Total = progressOf(ends)
	return summary
}

// progressOf counts the links and accesses that are ended, of those to be ended.
func progressOf(ends replica.Offboarding) (done, total int) {
	count := func(is bool) {
		total++
		if is {
			done++
		}
	}
	for _, link := range ends.Links {
		if link.State != replica.LinkOver {
			count(link.Done != 0)
		}
	}
	for _, item := range ends.Items {
		if item.Outcome != replica.OutcomeLeft {
			count(item.Outcome != "")
		}
	}
	return done, total
}

func (o *Offboardings) timestamp() onboarding.Timestamp { return onboarding.TimestampOf(o.now()) }

// update changes a stored offboarding, and returns it.
func (o *Offboardings) update(
	ctx context.Context, id string, change func(ends *replica.Offboarding),
) (replica.Offboarding, error) {
	o.updating.Lock()
	defer o.updating.Unlock()
	ends, err := replica.ReadOffboarding(ctx, o.replica.DB(), id)
	if err != nil {
		return ends, err
	}
	change(&ends)
	return ends, o.store(ctx, o.replica, ends)
}
