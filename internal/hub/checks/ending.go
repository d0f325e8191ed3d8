package checks

import (
	"context"
	"errors"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/hub/credentials"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/hub/session"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// EndingView is shown before the access to an item is ended. Each text is a
// sentence.
type EndingView struct {
	Ends  []string `json:"ends"`
	Stays []string `json:"stays"` // what remains, or the agency cannot end
	Steps []string `json:"steps"` // how the user ends it at the platform; may be empty
	Open  string   `json:"open"`  // the platform's page for it; may be empty
	// Kept means that something else uses the grant: the platform is not asked.
	Kept bool `json:"kept"`
	// ByHand means that only a user at the platform can end it.
	ByHand bool `json:"by_hand"`
	// Nothing means that a client only named it, and nobody has found it: there is no access.
	Nothing bool `json:"nothing"`
}

// EndingResult is the outcome of EndAccess.
type EndingResult struct {
	Proven  bool   `json:"proven"` // a call verified that the access is gone
	Title   string `json:"title"`
	Message string `json:"message"`
	Who     string `json:"who"`  // who ends what remains; empty: nothing remains
	Next    string `json:"next"` // what they have to do
	Note    string `json:"note"` // a text to send them; may be empty
	NoteFor string `json:"note_for"`
	Queued  bool   `json:"queued"` // the report to the relay is in the outbox
}

// PlanEnding describes what EndAccess would do, where besides are ended together with
// the item. It needs the relay.
func (c *Checks) PlanEnding(ctx context.Context, item string, besides ...string) (EndingView, error) {
	i, facts, shared, err := c.endingOf(ctx, item, besides)
	if err != nil {
		return EndingView{}, fmt.Errorf("planning the end of an access: %w", err)
	}
	if i.HasNotArrived() {
		plan := catalog.PlanUnawaited(c.config.Catalog, facts)
		return EndingView{Ends: plan.Ends, Stays: []string{}, Steps: []string{}, Nothing: true}, nil
	}
	able := c.withdrawer(i) != nil && !i.IsNamed()
	shares := c.config.Catalog.Service(i.Service).Grant.Shared(shared.Account, shared.Person)
	plan := c.config.Catalog.PlanEnding(facts, able, shares)
	if i.IsNamed() {
		plan = catalog.PlanNamed(c.config.Catalog, facts)
	}
	view := EndingView{
		Ends: plan.Ends, Stays: []string{}, Steps: []string{}, Kept: shares,
		ByHand: !able || c.config.Catalog.Service(i.Service).ByHand,
	}
	view.Stays = append(view.Stays, plan.Stays...)
	if len(plan.Steps) > 0 {
		view.Steps, view.Open = plan.Steps, plan.Place.URL
	}
	return view, nil
}

// endingOf reads an item whose access can be ended, the catalog's description,
// and, from the relay, which other items than besides share its grant.
func (c *Checks) endingOf(ctx context.Context, item string, besides []string) (
	i onboarding.Item, facts catalog.Args, shared wire.SharedGrantResult, err error) {
	if i, err = replica.ReadItem(ctx, c.config.Replica.DB(), item); err != nil {
		return i, facts, shared, err
	}
	if !replica.IsEndable(i) {
		return i, facts, shared, onboarding.ErrConflict
	}
	if facts, err = c.endingFacts(ctx, i); err != nil {
		return i, facts, shared, err
	}
	params := wire.SharedGrantParams{ID: i.ID, Besides: besides}
	shared, err = session.Call(ctx, c.config.Session, wire.ReadSharedGrant, params)
	return i, facts, shared, err
}

func (c *Checks) endingFacts(ctx context.Context, i onboarding.Item) (catalog.Args, error) {
	agency, err := replica.ReadAgency(ctx, c.config.Replica.DB())
	if err != nil {
		return catalog.Args{}, err
	}
	row, err := replica.DescribeItem(ctx, c.config.Replica.DB(), c.config.Catalog, i, agency)
	if err != nil {
		return catalog.Args{}, err
	}
	return replica.ItemFacts(ctx, c.config.Replica.DB(), i, row, agency)
}

// withdrawer returns the driver that can end the access to an item; nil: none
// can.
func (c *Checks) withdrawer(i onboarding.Item) platform.Withdrawer {
	driver, err := platform.Find(c.config.Drivers, i.Service.Platform())
	if err != nil {
		return nil
	}
	withdrawer, _ := driver.(platform.Withdrawer)
	return withdrawer
}

// EndAccess ends the agency's access to an item: at the platform, as far as its
// API permits, and on all devices of the agency. The result names what remains
// for the user. It needs the relay and the platform; a failure records nothing,
// and a repeat is harmless. For an ended item it returns the earlier result.
// Without the required credential it is ErrNoDevice. If the relay fails after
// the platform has ended the access, the report is queued.
func (c *Checks) EndAccess(ctx context.Context, item string) (EndingResult, error) {
	result, err := c.endAccess(ctx, item)
	if err != nil {
		return EndingResult{}, fmt.Errorf("ending the access to item %s: %w", item, err)
	}
	return result, nil
}

func (c *Checks) endAccess(ctx context.Context, item string) (EndingResult, error) {
	if i, err := replica.ReadItem(ctx, c.config.Replica.DB(), item); err == nil && i.State == onboarding.ItemEnded {
		facts, err := c.endingFacts(ctx, i)
		return c.endingResult(i.EndedProven, catalog.FailureCode(i.Failure), facts), err
	}
	i, facts, shared, err := c.endingOf(ctx, item, nil)
	if err != nil {
		return EndingResult{}, err
	}
	// A concurrent check would report the access as broken.
	defer c.pause(i.ID)()
	// What the client has withdrawn together ends with the first of it.
	asked, err := replica.HasEndedTogether(ctx, c.config.Replica.DB(), i)
	if err != nil {
		return EndingResult{}, err
	}
	done, err := c.askToEnd(ctx, i, shared, asked)
	if err != nil {
		return EndingResult{}, err
	}
	c.config.Log.Info(
		"an access was ended", "item", i.ID, "proven", done.Ended, "remaining", done.Remaining, "code", done.Code,
	)
	result := c.endingResult(done.Ended, done.Remaining, facts)
	result.Queued, err = c.reportEnding(ctx, i, wire.EndAccessParams{
		Item:      i.ID,
		Proven:    done.Ended,
		Remaining: string(done.Remaining),
	})
	return result, err
}

// askToEnd ends the access at the platform, or returns what remains. Its errors are
// for the user.
func (c *Checks) askToEnd(
	ctx context.Context, i onboarding.Item, shared wire.SharedGrantResult, asked bool,
) (platform.Withdrawal, error) {
	done, err := c.withdraw(ctx, i, platform.SharedGrant{Account: shared.Account, Person: shared.Person}, asked)
	if errors.Is(err, credentials.ErrNoCredential) {
		return done, onboarding.ErrNoDevice
	}
	if err != nil {
		return done, c.config.Credentials.Describe(ctx, "ending", i.Service, i.Name, err)
	}
	if !done.Ended && done.Remaining == "" {
		return done, fmt.Errorf(
			"the driver neither proved it nor said what is left: %w", onboarding.ErrPlatformRefused,
		)
	}
	return done, nil
}

// withdraw ends the access at the platform. Without support in the driver, that
// remains for the user, and so does what another request has in the same Business
// Manager. asked means that the platform may have ended the access already, by an
// earlier call: then it is proved if the platform refuses the credential.
func (c *Checks) withdraw(
	ctx context.Context, i onboarding.Item, shared platform.SharedGrant, asked bool,
) (platform.Withdrawal, error) {
	withdrawer := c.withdrawer(i)
	switch {
	case i.HasNotArrived():
		return platform.Withdrawal{Remaining: catalog.NeverArrived}, nil
	case withdrawer == nil, i.IsNamed(): // which account it is, nobody knows
		return platform.Withdrawal{Remaining: catalog.WithdrawByHand}, nil
	case i.Kind.IsShared() && shared.Account:
		return platform.Withdrawal{Remaining: catalog.GrantShared}, nil
	}
	p := platform.WithdrawParams{Item: i, SharesGrant: shared}
	if i.Kind.IsShared() {
		return withdrawShared(ctx, c.config, withdrawer, p)
	}
	var err error
	// A credential that cannot be renewed may still be revocable: the driver
	// gets it without an access token.
	p.Access, p.Credential, err = c.config.Credentials.TokenFor(ctx, i)
	if err != nil && !errors.Is(err, onboarding.ErrPlatformRefused) {
		return platform.Withdrawal{}, err
	}
	done, failed := withdrawer.Withdraw(ctx, p)
	var refused *wire.RefusedError
	if asked && failed == nil && !done.Ended && errors.As(err, &refused) &&
		catalog.FailureCode(refused.Code) == catalog.CredentialRefused {
		return platform.Withdrawal{Ended: true, Code: refused.PlatformCode}, nil
	}
	return done, failed
}

// withdrawShared ends the access to a Facebook asset with the rights of the agency's user.
func withdrawShared(
	ctx context.Context, config Config, withdrawer platform.Withdrawer, p platform.WithdrawParams,
) (platform.Withdrawal, error) {
	connection, business, _, err := config.Credentials.SharedWith(ctx, p.Item)
	if errors.Is(err, credentials.ErrNoCredential) && isWithoutUser(ctx, config, p.Item) {
		return platform.Withdrawal{Remaining: catalog.WithdrawByHand}, nil
	}
	if err != nil {
		return platform.Withdrawal{}, err
	}
	p.Business = onboarding.Account{ID: business.ID, Name: business.Name}
	if p.Credential, err = config.Credentials.ConnectionCredential(ctx, connection.ID); err != nil {
		return platform.Withdrawal{}, err
	}
	p.Access = p.Credential.Secret
	return withdrawer.Withdraw(ctx, p)
}

// isWithoutUser reports whether a Facebook asset was asked for without a user of the agency,
// and no computer has the sign-in of one who is Admin of its Business Manager.
func isWithoutUser(ctx context.Context, config Config, i onboarding.Item) bool {
	request, err := replica.ReadRequest(ctx, config.Replica.DB(), i.Request)
	if err != nil || !request.ByHand || request.Connection != "" {
		return false
	}
	admins, err := config.Credentials.Admins(ctx, request.Business.ID)
	return err == nil && len(admins) == 0
}

// reportEnding reports to the relay and stores the result. If the relay is
// unreachable, the report is queued: the platform has ended the access already.
func (c *Checks) reportEnding(ctx context.Context, i onboarding.Item, p wire.EndAccessParams) (queued bool, err error) {
	// The result must be recorded even if the caller is gone.
	ctx = context.WithoutCancel(ctx)
	err = c.storeEnding(ctx, i, p)
	if errors.Is(err, onboarding.ErrUnavailable) {
		queued = true
		err = c.config.Replica.Update(ctx, func(tx *replica.Tx) error {
			subject := i.Request
			if subject == "" {
				subject = replica.SubjectItem + i.ID
			}
			return tx.Enqueue(ctx, subject, replica.EntryEndAccess, i.Name, p)
		})
	}
	c.config.OnQueued()
	return queued, err
}

// storeEnding reports an ended access to the relay, and erases it here.
func (c *Checks) storeEnding(ctx context.Context, i onboarding.Item, p wire.EndAccessParams) error {
	result, err := session.Call(ctx, c.config.Session, wire.EndAccess, p)
	switch {
	case err == nil:
		err = c.config.Replica.Update(ctx, func(tx *replica.Tx) error { return tx.StoreEnded(ctx, result.Item) })
	case errors.Is(err, onboarding.ErrNotFound): // another member has deleted it meanwhile
		err = c.config.Replica.Update(ctx, func(tx *replica.Tx) error { return tx.DropItem(ctx, i.ID, c.now()) })
	}
	if err != nil {
		return err
	}
	if err := c.config.Credentials.DeleteDiscarded(ctx); err != nil {
		c.config.Log.Warn("a credential could not be taken out of the keychain", "error", err)
	}
	return nil
}

func (c *Checks) endingResult(proven bool, remaining catalog.FailureCode, facts catalog.Args) EndingResult {
	result := EndingResult{Proven: proven}
	if proven {
		result.Title, result.Message = c.config.Catalog.Ended(facts)
	}
	if remaining == "" {
		return result
	}
	words := c.config.Catalog.DescribeForAgency(remaining, facts)
	if !proven {
		result.Title, result.Message = words.Title, words.Message
	}
	result.Who, result.Next, result.Note, result.NoteFor = words.FixedBy, words.NextStep, words.Note, words.NoteFor
	return result
}

// pause suppresses reports of an item's checks until the returned function is
// called.
func (c *Checks) pause(item string) func() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ending[item]++
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.ending[item]--; c.ending[item] == 0 {
			delete(c.ending, item)
		}
	}
}

func (c *Checks) isEnding(item string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ending[item] > 0
}
