package hub

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/hub/session"
	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

const (
	// offboardingRetry is the pause after a platform did not end an access.
	offboardingRetry = 5 * time.Minute
	// offboardingReconnect is the pause after the relay did not answer.
	offboardingReconnect = 20 * time.Second
	// withdrawAttempts is how often the relay is asked to withdraw a link before the rest
	// ends without it.
	withdrawAttempts = 4
	// offboardingSync bounds how long withdrawn links may take to reach the relay.
	offboardingSync = time.Minute
)

// run goes on with what is unfinished, while the relay is reachable.
func (o *Offboardings) run(ctx context.Context) {
	for {
		wait := time.Hour
		if o.session.Online() {
			wait = o.runDue(ctx)
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-o.due:
			timer.Stop()
		case <-timer.C:
		}
	}
}

// runDue goes on with all that is due, and returns when the next one is.
func (o *Offboardings) runDue(ctx context.Context) (wait time.Duration) {
	wait = time.Hour
	all, err := replica.ReadUnfinishedOffboardings(ctx, o.replica.DB())
	if ctx.Err() != nil { // the hub closes
		return wait
	}
	if err != nil {
		o.log.Warn("what is left to end of clients cannot be read", "error", err)
		return wait
	}
	for _, ends := range all {
		if ends.Next > o.timestamp() {
			wait = min(wait, max(time.Duration(ends.Next-o.timestamp())*time.Millisecond, time.Second))
			continue
		}
		err := o.goOn(ctx, ends.ID)
		if err == nil || ctx.Err() != nil {
			continue
		}
		o.log.Info("the end of a client was cut short", "offboarding", ends.ID, "error", err)
		pause := offboardingRetry
		if errors.Is(err, onboarding.ErrUnavailable) {
			pause = offboardingReconnect
		}
		_, err = o.update(ctx, ends.ID, func(ends *replica.Offboarding) {
			ends.Problem, ends.Next = problemOf(err), o.timestamp().Add(pause)
		})
		if err != nil {
			o.log.Warn("why the end of a client was cut short cannot be stored", "error", err)
		}
		wait = min(wait, pause)
	}
	return wait
}

// problemOf is an error as the screens have it.
func problemOf(err error) replica.Problem {
	if err == nil {
		return replica.Problem{}
	}
	var invalid *onboarding.InvalidError
	switch {
	case errors.As(err, &invalid):
		return replica.Problem{Code: wire.Code(err), Message: invalid.Message}
	case keychain.ReasonOf(err) != keychain.OK:
		return replica.Problem{Code: "keychain_" + string(keychain.ReasonOf(err))}
	}
	return replica.Problem{Code: wire.Code(err)}
}

// goOn takes every step that is left. Each is stored before the next begins.
func (o *Offboardings) goOn(ctx context.Context, id string) error {
	for _, step := range []func(ctx context.Context, id string) error{
		o.withdrawLinks, o.addItems, o.listDevices, o.endItems, o.recordEnd, o.askDevices, o.readHistories,
	} {
		if err := step(ctx, id); err != nil {
			return err
		}
	}
	_, err := o.update(ctx, id, func(ends *replica.Offboarding) {
		ends.Ended, ends.Problem, ends.Next = o.timestamp(), replica.Problem{}, 0
	})
	return err
}

// withdrawLinks withdraws the requests that are open. One that its client has finished
// meanwhile is over.
func (o *Offboardings) withdrawLinks(ctx context.Context, id string) error {
	ends, err := o.Read(ctx, id)
	if err != nil {
		return err
	}
	open := slices.DeleteFunc(slices.Clone(ends.Links), func(link replica.OffboardedLink) bool {
		return link.State != replica.LinkOpen
	})
	if len(open) == 0 {
		return nil
	}
	// One that the relay never had is deleted here by that: nobody ever had its link.
	unsent := map[string]bool{}
	for _, link := range open {
		if r, err := replica.ReadRequestState(ctx, o.replica.DB(), link.Request); err == nil {
			unsent[link.Request] = r.Unsent()
			if r.HasQueued(replica.EntryWithdraw) {
				continue // a new entry would begin its attempts anew
			}
		}
		err := o.outbox.Withdraw(ctx, link.Request)
		if err != nil && !errors.Is(err, onboarding.ErrNotFound) && !errors.Is(err, onboarding.ErrCompleted) {
			return err
		}
	}
	limited, cancel := context.WithTimeout(ctx, offboardingSync)
	defer cancel()
	if err := o.sync(limited); err != nil {
		return err
	}
	states, err := o.linkStates(ctx, open)
	if err != nil {
		return err
	}
	_, err = o.update(ctx, id, func(ends *replica.Offboarding) {
		for n := range ends.Links {
			if state, is := states[ends.Links[n].Request]; is {
				if unsent[ends.Links[n].Request] && state == replica.LinkUnknown {
					state = replica.LinkWithdrawn
				}
				ends.Links[n].State, ends.Links[n].Done = state, o.timestamp()
			}
		}
	})
	return err
}

// linkStates are what has become of withdrawn requests, by their ids. One that is still
// queued is ErrUnavailable. What the relay does not withdraw keeps nothing else from ending.
func (o *Offboardings) linkStates(
	ctx context.Context, open []replica.OffboardedLink,
) (map[string]replica.OffboardedLinkState, error) {
	states := map[string]replica.OffboardedLinkState{}
	for _, link := range open {
		r, err := replica.ReadRequestState(ctx, o.replica.DB(), link.Request)
		switch {
		case errors.Is(err, onboarding.ErrNotFound):
			states[link.Request] = replica.LinkUnknown
		case err == nil && r.Withdrawn != 0:
			states[link.Request] = replica.LinkWithdrawn
		case err != nil:
			return nil, err
		case r.Status == onboarding.Connected:
			states[link.Request] = replica.LinkOver
		case isWithdrawRefused(r):
			states[link.Request] = replica.LinkRefused
		default:
			return nil, onboarding.ErrUnavailable
		}
	}
	return states, nil
}

// isWithdrawRefused reports whether the relay, which answers other calls, did not withdraw
// a request: for good, or again and again. Home has a refusal; else the outbox goes on.
func isWithdrawRefused(r replica.RequestState) bool {
	return slices.ContainsFunc(r.Entries, func(e replica.Entry) bool {
		return e.Kind == replica.EntryWithdraw && (e.Refused != 0 || e.Attempts >= withdrawAttempts)
	})
}

// addItems adds what the client connected after this began: it is ended too. What had
// ended before is added for the report.
func (o *Offboardings) addItems(ctx context.Context, id string) error {
	ends, err := o.Read(ctx, id)
	if err != nil {
		return err
	}
	var requests []replica.RequestState
	for _, link := range ends.Links {
		r, err := replica.ReadRequestState(ctx, o.replica.DB(), link.Request)
		if err != nil && !errors.Is(err, onboarding.ErrNotFound) {
			return err
		}
		if err == nil {
			requests = append(requests, r)
		}
	}
	items, err := o.itemsOf(ctx, requests)
	if err != nil {
		return err
	}
	items = slices.DeleteFunc(append(items, o.endedOf(requests)...), func(item replica.OffboardedItem) bool {
		return slices.ContainsFunc(ends.Items, func(known replica.OffboardedItem) bool { return known.ID == item.ID })
	})
	if len(items) == 0 {
		return nil
	}
	for n := range items {
		items[n].Alone = false // its credential may still be on its way: see GoOnWithout
	}
	_, err = o.update(ctx, id, func(ends *replica.Offboarding) { ends.Items = append(ends.Items, items...) })
	return err
}

// togetherOf are the items that end together.
func togetherOf(ends replica.Offboarding) (ids []string) {
	for _, item := range ends.Items {
		if item.Outcome != replica.OutcomeLeft {
			ids = append(ids, item.ID)
		}
	}
	return ids
}

// listDevices notes which computers have credentials of the client, as far as this
// member sees them, before these are erased.
func (o *Offboardings) listDevices(ctx context.Context, id string) error {
	ends, err := o.Read(ctx, id)
	if err != nil || ends.Listed {
		return err
	}
	all, err := o.credentials.Devices(ctx)
	if err != nil {
		return err
	}
	here := o.session.Identity().Device
	devices := []replica.OffboardedDevice{}
	for _, d := range all {
		if d.Revoked != 0 {
			continue
		}
		holds, err := o.holds(ctx, d.ID, togetherOf(ends))
		if err != nil {
			return err
		}
		if holds {
			member, err := replica.ReadMember(ctx, o.replica.DB(), d.Member)
			if err != nil && !errors.Is(err, onboarding.ErrNotFound) {
				return err
			}
			devices = append(devices, replica.OffboardedDevice{
				ID: d.ID, Name: d.Name, Member: member.Name, Here: d.ID == here, Seen: d.LastSeen,
			})
		}
	}
	_, err = o.update(ctx, id, func(ends *replica.Offboarding) { ends.Devices, ends.Listed = devices, true })
	return err
}

// holds reports whether the relay has a device as a holder of one of the credentials.
func (o *Offboardings) holds(ctx context.Context, device string, items []string) (bool, error) {
	result, err := session.Call(ctx, o.session, wire.ReadDeviceCredentials, wire.DeviceParams{ID: device})
	if errors.Is(err, onboarding.ErrNotFound) {
		return false, nil
	}
	return slices.ContainsFunc(result.Items, func(item string) bool { return slices.Contains(items, item) }), err
}

// endItems ends the accesses that are left. One that cannot be ended now does not keep
// the others from it; the first error is returned.
func (o *Offboardings) endItems(ctx context.Context, id string) error {
	ends, err := o.Read(ctx, id)
	if err != nil {
		return err
	}
	together := togetherOf(ends)
	defer o.checks.Pause(together)()
	var fresh []string
	for _, item := range ends.Items {
		if item.Outcome == "" && item.Asked == nil && !item.Alone {
			fresh = append(fresh, item.ID)
		}
	}
	o.checks.Prepare(ctx, fresh)
	var first error
	for _, item := range ends.Items {
		if item.Outcome != "" {
			continue
		}
		err := o.endItem(ctx, id, item.ID, together)
		if ctx.Err() != nil || errors.Is(err, onboarding.ErrUnavailable) && !errors.Is(err, onboarding.ErrPlatformDown) {
			return errors.Join(err, ctx.Err())
		}
		if err == nil {
			continue
		}
		if _, stored := o.updateItem(ctx, id, item.ID, func(item *replica.OffboardedItem) {
			item.Problem = problemOf(err)
		}); stored != nil {
			return stored
		}
		if first == nil {
			first = err
		}
	}
	return first
}

// updateItem changes an item of a stored offboarding, and returns the item.
func (o *Offboardings) updateItem(
	ctx context.Context, id, item string, change func(item *replica.OffboardedItem),
) (replica.OffboardedItem, error) {
	var changed replica.OffboardedItem
	_, err := o.update(ctx, id, func(ends *replica.Offboarding) {
		for n := range ends.Items {
			if ends.Items[n].ID == item {
				change(&ends.Items[n])
				changed = ends.Items[n]
			}
		}
	})
	return changed, err
}

// endItem asks an item's platform to end the access, reports it to the relay, and
// erases the credential. What the platform answered is stored before the report: after a
// stop it is not asked again with a credential that it has ended.
func (o *Offboardings) endItem(ctx context.Context, id, item string, together []string) error {
	i, err := replica.ReadItem(ctx, o.replica.DB(), item)
	gone := errors.Is(err, onboarding.ErrNotFound)
	if err != nil && !gone {
		return err
	}
	ends, err := o.Read(ctx, id)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(ends.Items, func(known replica.OffboardedItem) bool { return known.ID == item })
	ended := ends.Items[at]
	if ended.Asked == nil && (gone || !replica.IsEndable(i)) {
		return o.finishItem(ctx, id, item, func(item *replica.OffboardedItem) {
			item.Outcome, item.Done, item.DoneBy = outcomeBefore(i), cmp.Or(i.Ended, o.timestamp()), i.EndedBy
			item.Withdrawn = i.Withdrawn
			clearHalf(item)
		})
	}
	if ended.Asked == nil {
		answer, err := o.ask(ctx, ends, ended, together)
		if err != nil {
			return err
		}
		if ended, err = o.updateItem(ctx, id, item, func(item *replica.OffboardedItem) { item.Asked = &answer }); err != nil {
			return err
		}
	}
	if err := o.checks.StoreEnded(ctx, item, *ended.Asked); err != nil {
		return err
	}
	var kept []string
	outcome := outcomeOf(*ended.Asked)
	if outcome == replica.OutcomeKept {
		if kept, err = o.keptFor(ctx, item, together); err != nil && !errors.Is(err, onboarding.ErrNotFound) {
			return err
		}
	}
	return o.finishItem(ctx, id, item, func(item *replica.OffboardedItem) {
		item.Outcome, item.Done, item.KeptFor = outcome, o.timestamp(), append([]string{}, kept...)
	})
}

// outcomeOf is what became of an access that was ended.
func outcomeOf(answer replica.PlatformAnswer) replica.OffboardedOutcome {
	switch {
	case answer.Proven:
		return replica.OutcomeProven
	case answer.Remaining == string(catalog.NeverArrived):
		return replica.OutcomeNothing
	case answer.Remaining == string(catalog.GrantShared):
		return replica.OutcomeKept
	}
	return replica.OutcomeRemains
}

// clearHalf deletes the sentences about an item that was shared only half: they are about
// sharing it.
func clearHalf(item *replica.OffboardedItem) {
	if item.Half {
		item.Title, item.Message, item.Who, item.Next, item.Note, item.NoteFor = "", "", "", "", "", ""
		item.Steps, item.Open = []string{}, ""
	}
}

// outcomeBefore is what became of an item that cannot be ended any more. Only what a call
// verified counts as gone.
func outcomeBefore(i onboarding.Item) replica.OffboardedOutcome {
	switch {
	case i.State != onboarding.ItemEnded:
		return replica.OutcomeUnknown
	case i.EndedProven:
		return replica.OutcomeEndedBefore
	case i.Failure == string(catalog.GrantShared):
		return replica.OutcomeKept
	case i.Failure == string(catalog.NeverArrived):
		return replica.OutcomeNothing
	}
	return replica.OutcomeRemains
}

// ask asks the platform of an item to end the access, unless that is to be done without
// it.
func (o *Offboardings) ask(
	ctx context.Context, ends replica.Offboarding, item replica.OffboardedItem, together []string,
) (replica.PlatformAnswer, error) {
	if item.Alone {
		return replica.PlatformAnswer{At: o.timestamp(), Remaining: string(catalog.WithdrawByHand)}, nil
	}
	asked := item.Tried != 0 || slices.ContainsFunc(ends.Items, func(other replica.OffboardedItem) bool {
		return other.Outcome == replica.OutcomeProven && other.Service == item.Service && other.Account == item.Account &&
			other.Kind == item.Kind
	})
	if item.Tried == 0 {
		if _, err := o.updateItem(ctx, ends.ID, item.ID, func(item *replica.OffboardedItem) {
			item.Tried = o.timestamp()
		}); err != nil {
			return replica.PlatformAnswer{}, err
		}
	}
	return o.checks.AskToEnd(ctx, item.ID, together, asked)
}

// finishItem stores what became of an item, with the catalog's sentences about it and
// whether its credential has left this computer.
func (o *Offboardings) finishItem(
	ctx context.Context, id, item string, change func(item *replica.OffboardedItem),
) error {
	result, view, err := o.checks.DescribeEnding(ctx, item)
	if err != nil && !errors.Is(err, onboarding.ErrNotFound) {
		return err
	}
	has, err := o.credentials.Has(ctx, replica.SubjectItem+item)
	if err != nil {
		return err
	}
	_, err = o.updateItem(ctx, id, item, func(item *replica.OffboardedItem) {
		item.Title, item.Message, item.Who, item.Next = result.Title, result.Message, result.Who, result.Next
		item.Note, item.NoteFor, item.Open = result.Note, result.NoteFor, view.Open
		item.Steps, item.Erased, item.Problem = append([]string{}, view.Steps...), !has, replica.Problem{}
		change(item)
	})
	return err
}

// recordEnd has the relay note in each history that the client was ended. A relay that is
// older than this hub does not know the call.
func (o *Offboardings) recordEnd(ctx context.Context, id string) error {
	ends, err := o.Read(ctx, id)
	if err != nil {
		return err
	}
	for _, link := range ends.Links {
		_, err := session.Call(ctx, o.session, wire.RecordClientEnd, wire.RequestParams{ID: link.Request})
		switch obstacle := wire.ObstacleOf(err); {
		case err == nil, errors.Is(err, onboarding.ErrNotFound):
		case obstacle == wire.ObstacleFilter || obstacle == wire.ObstaclePage:
			return nil
		default:
			return err
		}
	}
	return nil
}

// askDevices notes which computers have none of the credentials any more. Another
// computer erases its own when it is next online.
func (o *Offboardings) askDevices(ctx context.Context, id string) error {
	ends, err := o.Read(ctx, id)
	if err != nil {
		return err
	}
	all, err := o.credentials.Devices(ctx)
	if err != nil {
		return err
	}
	for n := range ends.Devices {
		d := &ends.Devices[n]
		if d.Here {
			d.Erased = !slices.ContainsFunc(ends.Items, func(item replica.OffboardedItem) bool {
				return item.Outcome != replica.OutcomeLeft && !item.Erased
			})
			continue
		}
		holds, err := o.holds(ctx, d.ID, togetherOf(ends))
		if err != nil {
			return err
		}
		d.Erased = !holds
		for _, now := range all {
			if now.ID == d.ID {
				d.Seen = now.LastSeen
			}
		}
	}
	_, err = o.update(ctx, id, func(stored *replica.Offboarding) { stored.Devices = ends.Devices })
	return err
}

// readHistories notes the heads of the histories, which show later whether they were
// changed. A request that the relay never had has none.
func (o *Offboardings) readHistories(ctx context.Context, id string) error {
	ends, err := o.Read(ctx, id)
	if err != nil {
		return err
	}
	for n := range ends.Links {
		link := &ends.Links[n]
		view, err := o.audit.Verify(ctx, link.Request)
		if errors.Is(err, onboarding.ErrUnavailable) {
			return err
		}
		if err == nil {
			link.Length, link.Code, link.Whole = view.Length, view.Code, view.Whole
		}
	}
	_, err = o.update(ctx, id, func(stored *replica.Offboarding) { stored.Links = ends.Links })
	return err
}
