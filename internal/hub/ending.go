package hub

import (
	"context"
	"errors"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/hub/session"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// EndingView is what a member reads before the access to an item is ended. Each
// text is a sentence.
type EndingView struct {
	Ends  []string `json:"ends"`
	Stays []string `json:"stays"` // what is not ended, or not by the agency
	Steps []string `json:"steps"` // how a user at the platform ends it; may be empty
	Open  string   `json:"open"`  // the platform's page for that; may be empty
}

// EndingResult is how ending the access to an item went.
type EndingResult struct {
	Proven   bool   `json:"proven"` // a call has proved that the access is gone
	Title    string `json:"title"`
	Sentence string `json:"sentence"`
	Who      string `json:"who"`  // who ends what is left; empty: nothing is
	Next     string `json:"next"` // what they do
	Note     string `json:"note"` // to copy for them; may be empty
	NoteFor  string `json:"note_for"`
	Queued   bool   `json:"queued"` // the relay is told when it answers again
}

// endable says whether the access to an item can be ended: what has arrived, or
// waits to. An asset of the agency's own Facebook user is the agency's: there is
// nothing to end.
func endable(i onboarding.Item) bool {
	return listed(i) && (i.Request != "" || !i.Kind.IsShared())
}

// PlanEnding says what EndAccess would do. It needs the relay now.
func (h *Hub) PlanEnding(ctx context.Context, item string) (EndingView, error) {
	i, facts, shared, err := h.endingOf(ctx, item)
	if err != nil {
		return EndingView{}, fmt.Errorf("planning the end of an access: %w", err)
	}
	shares := catalog.Of(i.Service).Grant.Shared(shared.Account, shared.Person)
	plan := catalog.PlanEnding(facts, h.withdrawer(i) != nil, shares)
	view := EndingView{Ends: plan.Ends, Stays: []string{}, Steps: []string{}}
	view.Stays = append(view.Stays, plan.Stays...)
	if len(plan.Steps) > 0 {
		view.Steps, view.Open = plan.Steps, plan.Place.URL
	}
	return view, nil
}

// endingOf reads an item whose access can be ended, what the catalog says about
// it, and, from the relay, what else hangs on its grant.
func (h *Hub) endingOf(ctx context.Context, item string) (
	i onboarding.Item, facts catalog.Facts, shared wire.SharedGrantResult, err error) {
	if i, err = readItem(ctx, h.db, item); err != nil {
		return i, facts, shared, err
	}
	if !endable(i) {
		return i, facts, shared, onboarding.ErrConflict
	}
	if facts, err = h.endingFacts(ctx, i); err != nil {
		return i, facts, shared, err
	}
	shared, err = session.Call(ctx, h.session, wire.ReadSharedGrant, wire.ItemQ{ID: i.ID})
	return i, facts, shared, err
}

func (h *Hub) endingFacts(ctx context.Context, i onboarding.Item) (catalog.Facts, error) {
	agency, err := readAgency(ctx, h.db)
	if err != nil {
		return catalog.Facts{}, err
	}
	row, err := itemRow(ctx, h.db, i, agency)
	if err != nil {
		return catalog.Facts{}, err
	}
	return itemFacts(ctx, h.db, i, row, agency)
}

// withdrawer is the driver that can end the access to an item; nil: there is none.
func (h *Hub) withdrawer(i onboarding.Item) platform.Withdrawer {
	driver, err := platform.Find(h.config.Drivers, i.Service.Platform())
	if err != nil {
		return nil
	}
	withdrawer, _ := driver.(platform.Withdrawer)
	return withdrawer
}

// EndAccess ends the agency's access to an item: at the platform, as far as it
// lets an app do that, and on every computer of the agency. What is left for a
// person is in the result. It needs the relay and the platform now; when it
// fails nothing is recorded, and a repeat is harmless. An item that was ended
// before gives how that went. Where this computer lacks what it takes it is
// ErrNoDevice. A relay that is away after the platform has ended the access is
// told when it answers again.
func (h *Hub) EndAccess(ctx context.Context, item string) (EndingResult, error) {
	result, err := h.endAccess(ctx, item)
	if err != nil {
		return EndingResult{}, fmt.Errorf("ending the access to item %s: %w", item, err)
	}
	return result, nil
}

func (h *Hub) endAccess(ctx context.Context, item string) (EndingResult, error) {
	if i, err := readItem(ctx, h.db, item); err == nil && i.State == onboarding.ItemEnded {
		facts, err := h.endingFacts(ctx, i)
		return endingResult(i.EndedProven, catalog.FailureCode(i.Failure), facts), err
	}
	i, facts, shared, err := h.endingOf(ctx, item)
	if err != nil {
		return EndingResult{}, err
	}
	// A check that runs meanwhile would find the access broken, and say so.
	defer h.pauseChecks(i.ID)()
	done, err := h.withdraw(ctx, i, platform.SharedGrant{Account: shared.Account, Person: shared.Person})
	if errors.Is(err, errNotHere) {
		return EndingResult{}, onboarding.ErrNoDevice
	}
	if err != nil {
		return EndingResult{}, h.inWords(ctx, "ending", i.Service, i.Name, err)
	}
	if !done.Ended && done.Remaining == "" {
		return EndingResult{}, fmt.Errorf("the driver neither proved it nor said what is left: %w", onboarding.ErrRefused)
	}
	h.log.Info("an access was ended", "item", i.ID, "proven", done.Ended, "remaining", done.Remaining, "code", done.Code)
	result := endingResult(done.Ended, done.Remaining, facts)
	result.Queued, err = h.reportEnding(ctx, i, wire.EndAccessParams{
		Item:      i.ID,
		Proven:    done.Ended,
		Remaining: string(done.Remaining),
	})
	return result, err
}

// withdraw has the platform end the access. Where its driver cannot, that is
// left to a user there.
func (h *Hub) withdraw(ctx context.Context, i onboarding.Item, shared platform.SharedGrant) (platform.Withdrawal, error) {
	withdrawer := h.withdrawer(i)
	if withdrawer == nil {
		return platform.Withdrawal{Remaining: catalog.WithdrawByHand}, nil
	}
	p := platform.WithdrawParams{Item: i, SharesGrant: shared}
	var err error
	if i.Kind.IsShared() {
		connection, business, _, err := h.sharedWith(ctx, i)
		if err != nil {
			return platform.Withdrawal{}, err
		}
		p.Business = onboarding.Account{ID: business.ID, Name: business.Name}
		if p.Lasting, err = h.connectionCredential(ctx, connection.ID); err != nil {
			return platform.Withdrawal{}, err
		}
		p.Access = p.Lasting.Secret
		return withdrawer.Withdraw(ctx, p)
	}
	// A credential that is no longer renewed may still be revoked: the driver
	// gets it without an access token.
	p.Access, p.Lasting, err = h.use(ctx, i)
	if err != nil && !errors.Is(err, onboarding.ErrRefused) {
		return platform.Withdrawal{}, err
	}
	return withdrawer.Withdraw(ctx, p)
}

// reportEnding tells the relay, and stores what it answers. A relay that is away
// is told later: the platform has ended the access already.
func (h *Hub) reportEnding(ctx context.Context, i onboarding.Item, p wire.EndAccessParams) (queued bool, err error) {
	// The caller may go: what the platform has done must be known.
	ctx = context.WithoutCancel(ctx)
	answer, err := session.Call(ctx, h.session, wire.EndAccess, p)
	switch {
	case err == nil:
		err = h.store(ctx, func(s *storing) error { return s.ended(ctx, answer.Item) })
	case errors.Is(err, onboarding.ErrNotFound): // a colleague has deleted it meanwhile
		err = h.store(ctx, func(s *storing) error { return s.dropItem(ctx, i.ID, h.now()) })
	case errors.Is(err, onboarding.ErrUnavailable):
		queued = true
		err = h.store(ctx, func(s *storing) error {
			subject := i.Request
			if subject == "" {
				subject = subjectItem + i.ID
			}
			return s.enqueue(ctx, subject, EntryEndAccess, i.Name, p)
		})
	}
	if err == nil && !queued {
		if err := h.throwAway(ctx); err != nil {
			h.log.Warn("a credential could not be taken out of the keychain", "error", err)
		}
	}
	wake(h.kick)
	return queued, err
}

// ended stores an item whose access was ended. The agency's own leaves Accounts.
func (s *storing) ended(ctx context.Context, i onboarding.Item) error {
	if i.Request == "" {
		return s.dropItem(ctx, i.ID, s.h.now())
	}
	return s.item(ctx, i)
}

func endingResult(proven bool, remaining catalog.FailureCode, facts catalog.Facts) EndingResult {
	result := EndingResult{Proven: proven}
	if proven {
		result.Title, result.Sentence = catalog.Ended(facts)
	}
	if remaining == "" {
		return result
	}
	words := catalog.SayToAgency(remaining, facts)
	if !proven {
		result.Title, result.Sentence = words.Title, words.Sentence
	}
	result.Who, result.Next, result.Note, result.NoteFor = words.Who, words.Next, words.Note, words.NoteFor
	return result
}

// pauseChecks keeps what a check of an item finds from being reported until the
// returned function is called.
func (h *Hub) pauseChecks(item string) func() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ending[item]++
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if h.ending[item]--; h.ending[item] == 0 {
			delete(h.ending, item)
		}
	}
}

func (h *Hub) isEnding(item string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.ending[item] > 0
}
