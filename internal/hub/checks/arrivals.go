package checks

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/hub/credentials"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/hub/session"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// Arrivals finds what clients named among what the agency's Business Managers were given.
type Arrivals struct {
	checks *Checks

	mu    sync.Mutex
	tried map[replica.Baseline]time.Time // when a list was last refused
}

// readBaselines reads the lists that have to be known before clients share by hand. What a
// list's owner or Facebook refuses is tried again later: without it, a person decides.
func (a *Arrivals) readBaselines(ctx context.Context, r *round) {
	err := replica.NoteByHand(ctx, a.checks.config.Replica)
	var missing []replica.Baseline
	if err == nil {
		missing, err = replica.ReadBaselines(ctx, a.checks.config.Replica.DB())
	}
	if err != nil {
		a.checks.config.Log.Warn("the lists before a share by hand are not known", "error", err)
		return
	}
	for _, of := range missing {
		if !a.mayTry(of) {
			continue
		}
		with, err := a.signedInto(ctx, of.Business)
		if err == nil {
			err = a.read(ctx, r, with, of.Kind)
		}
		if err == nil || ctx.Err() != nil {
			continue
		}
		a.refuse(of)
		if !errors.Is(err, credentials.ErrNoCredential) {
			a.checks.config.Log.Info("a list was not read before a share by hand", "kind", of.Kind, "error", err)
		}
	}
}

func (a *Arrivals) mayTry(of replica.Baseline) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.checks.config.Now().Sub(a.tried[of]) >= fixInterval
}

func (a *Arrivals) refuse(of replica.Baseline) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.tried[of] = a.checks.config.Now()
}

// signedInto is the agency's own user who is an admin of a Business Manager.
func (a *Arrivals) signedInto(ctx context.Context, business string) (sharedUser, error) {
	connection, in, err := a.checks.config.Credentials.AdminOf(ctx, business)
	if err != nil {
		return sharedUser{}, err
	}
	credential, err := a.checks.config.Credentials.ConnectionCredential(ctx, connection.ID)
	return sharedUser{connection: connection.ID, business: in, credential: credential}, err
}

// read reads a list once in a round, and stores it.
func (a *Arrivals) read(ctx context.Context, r *round, with sharedUser, kind onboarding.Kind) error {
	return r.once(replica.Baseline{Business: with.business.ID, Kind: kind}, func() error {
		driver, err := platform.Find(a.checks.config.Drivers, onboarding.Meta)
		if err != nil {
			return credentials.ErrNoCredential
		}
		lister, able := driver.(platform.ArrivalLister)
		if !able {
			return credentials.ErrNoCredential
		}
		// What comes while the list is read may be missing in it.
		at, err := replica.ArrivalsTime(ctx, a.checks.config.Replica, with.business.ID)
		if err != nil {
			return err
		}
		list, err := lister.Arrivals(ctx, with.credential, with.business.ID, kind)
		if err != nil {
			return err
		}
		return replica.StoreArrivals(ctx, a.checks.config.Replica, with.business.ID, kind, list, at)
	})
}

// find looks for what a client named. It returns the item with its account if that is
// certain; otherwise the item as it was, and what its check found.
func (a *Arrivals) find(
	ctx context.Context, r *round, item onboarding.Item, with sharedUser,
) (onboarding.Item, platform.CheckResult, error) {
	waits := platform.CheckResult{State: onboarding.AccessWaiting, Failure: catalog.NamedByClient}
	if err := replica.NoteByHand(ctx, a.checks.config.Replica, item.Request); err != nil {
		return item, waits, err
	}
	for _, kind := range onboarding.FacebookKinds() {
		if kind != item.Kind && kind != onboarding.AdAccount && kind != onboarding.Page {
			continue
		}
		if err := a.read(ctx, r, with, kind); err != nil && kind == item.Kind {
			return item, waits, err
		}
	}
	set, err := replica.ReadArrivalSet(ctx, a.checks.config.Replica.DB(), item)
	if err != nil {
		return item, waits, err
	}
	match := onboarding.MatchArrivals(set.Named, set.Arrivals, set.Taken)[item.ID]
	if slices.ContainsFunc(match.Candidates, onboarding.Candidate.IsHint) {
		waits.Failure = catalog.NamedUnclear
	}
	for _, one := range set.Arrivals {
		if match.Account == "" || one.Account != match.Account {
			continue
		}
		found, err := a.take(ctx, item, one, wire.FindItemParams{})
		if errors.Is(err, onboarding.ErrConflict) { // the relay has other requests that this member does not see
			waits.Failure = catalog.NamedUnclear
			return item, waits, nil
		}
		return found, waits, err
	}
	return item, waits, nil
}

// take gives an item that a client named its account. p says who is certain of it.
func (a *Arrivals) take(
	ctx context.Context, item onboarding.Item, one onboarding.Arrival, p wire.FindItemParams,
) (onboarding.Item, error) {
	p.Item, p.Kind, p.Account, p.Name, p.Detail = item.ID, one.Kind, one.Account, one.Name, one.Detail
	result, err := session.Call(ctx, a.checks.config.Session, wire.FindItem, p)
	if err != nil {
		return item, err
	}
	err = a.checks.config.Replica.Update(ctx, func(tx *replica.Tx) error {
		if result.Item.ID != item.ID { // the request had it already
			if err := tx.DropItem(ctx, item.ID, a.checks.now()); err != nil {
				return err
			}
		}
		return tx.StoreItem(ctx, result.Item)
	})
	return result.Item, err
}

// CandidatesView is what an item that a client named can be.
type CandidatesView struct {
	Candidates []onboarding.Candidate `json:"candidates"`
	Read       onboarding.Timestamp   `json:"read"` // when the list was read last; zero: never here
	Able       bool                   `json:"able"` // this computer can read the list
}

// Candidates lists what an item that a client named can be, by the lists that were read
// last on this computer.
func (a *Arrivals) Candidates(ctx context.Context, id string) (CandidatesView, error) {
	view := CandidatesView{Candidates: []onboarding.Candidate{}}
	item, err := replica.ReadItem(ctx, a.checks.config.Replica.DB(), id)
	if err != nil {
		return view, err
	}
	request, err := replica.ReadRequest(ctx, a.checks.config.Replica.DB(), item.Request)
	if err != nil {
		return view, err
	}
	if _, err := a.checks.sharedWith(ctx, item); err == nil {
		view.Able = true
	} else if !errors.Is(err, credentials.ErrNoCredential) {
		return view, err
	}
	if view.Read, err = replica.ReadArrivalsRead(
		ctx, a.checks.config.Replica.DB(), request.Business.ID, item.Kind,
	); err != nil || !item.IsNamed() {
		return view, err
	}
	set, err := replica.ReadArrivalSet(ctx, a.checks.config.Replica.DB(), item)
	if err != nil {
		return view, err
	}
	match := onboarding.MatchArrivals(set.Named, set.Arrivals, set.Taken)[id]
	for _, one := range set.Arrivals {
		if match.Account != "" && one.Account == match.Account { // certain here, but not for the relay
			match.Candidates = append(match.Candidates, onboarding.Candidate{Arrival: one, Why: onboarding.CandidateOther})
		}
	}
	for n, c := range match.Candidates {
		if c.With == "" || c.With == replica.Own {
			continue
		}
		other, err := replica.ReadRequest(ctx, a.checks.config.Replica.DB(), c.With)
		if err != nil {
			return view, err
		}
		match.Candidates[n].Client = other.Client
	}
	view.Candidates = append(view.Candidates, match.Candidates...)
	return view, nil
}

// ChooseParams names the arrival that an item is.
type ChooseParams struct {
	Item    string          `json:"item"`
	Kind    onboarding.Kind `json:"kind"`
	Account string          `json:"account"`
}

// Choose gives an item that a client named the account that a member has chosen, and checks
// it. It needs the relay.
func (a *Arrivals) Choose(ctx context.Context, p ChooseParams) error {
	item, err := replica.ReadItem(ctx, a.checks.config.Replica.DB(), p.Item)
	if err != nil {
		return err
	}
	set, err := replica.ReadArrivalSet(ctx, a.checks.config.Replica.DB(), item)
	if err != nil {
		return err
	}
	for _, one := range set.Arrivals {
		if one.Kind != p.Kind || one.Account != p.Account {
			continue
		}
		found, err := a.take(ctx, item, one, wire.FindItemParams{
			Chosen: true, Same: set.Taken[one.Account] == item.Request,
		})
		if err != nil {
			return err
		}
		a.checks.config.OnQueued()
		return a.checks.CheckNow(ctx, found.ID)
	}
	return onboarding.ErrNotFound
}

// UnmatchParams names what a client typed for an item.
type UnmatchParams struct {
	Item string          `json:"item"`
	Kind onboarding.Kind `json:"kind"`
	Name string          `json:"name"`
}

// Unmatch undoes that what a client typed is an item's account: it waits again. It needs the
// relay.
func (a *Arrivals) Unmatch(ctx context.Context, p UnmatchParams) error {
	result, err := session.Call(ctx, a.checks.config.Session, wire.UnmatchItem, wire.UnmatchItemParams{
		Item: p.Item, Kind: p.Kind, Name: p.Name,
	})
	if err != nil {
		return err
	}
	err = a.checks.config.Replica.Update(ctx, func(tx *replica.Tx) error {
		switch {
		case result.Kept != nil:
			if err := tx.StoreItem(ctx, *result.Kept); err != nil {
				return err
			}
		case result.Item.ID != p.Item: // it had been typed again
			if err := tx.DropItem(ctx, p.Item, a.checks.now()); err != nil {
				return err
			}
		}
		return tx.StoreItem(ctx, result.Item)
	})
	a.checks.config.OnQueued()
	return err
}

// Confirm records that the member confirms, without a check, that an item has arrived, or
// takes that back. It needs the relay.
func (a *Arrivals) Confirm(ctx context.Context, item string, on bool) error {
	result, err := session.Call(ctx, a.checks.config.Session, wire.ConfirmItem, wire.ConfirmItemParams{Item: item, On: on})
	if err != nil {
		return err
	}
	err = a.checks.config.Replica.Update(ctx, func(tx *replica.Tx) error { return tx.StoreItem(ctx, result.Item) })
	a.checks.config.OnQueued()
	return err
}
