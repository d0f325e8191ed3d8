// Package checks verifies shared access with real calls, on a schedule and on
// demand, and reports the results to the relay. It also creates campaigns and
// ends access. It stores no credential.
package checks

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
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

// Config is what checks need.
type Config struct {
	Replica     *replica.Replica
	Session     *session.Session
	Credentials *credentials.Credentials
	// Drivers are the hub's half of the platforms. A platform without one is
	// not checked.
	Drivers []platform.Driver
	// Catalog has the texts of services and failures.
	Catalog *catalog.Catalog
	// Now is the clock.
	Now func() time.Time
	// Log gets details for support.
	Log *slog.Logger
	// OnQueued is called after a result was reported or an entry was queued. It
	// must not block.
	OnQueued func()
}

// Checks are the checks of one computer. All methods but Run are safe for
// concurrent use.
type Checks struct {
	config Config
	due    chan struct{} // wakes Run

	checking sync.Mutex // serialises rounds

	// Arrivals finds what clients named.
	Arrivals *Arrivals

	mu     sync.Mutex             // guards the fields below
	ending map[string]int         // items whose access is being ended
	grants map[string]*sync.Mutex // serialises the ends of what may hang on one grant
}

// New returns the checks of one computer.
func New(config Config) *Checks {
	c := &Checks{config: config, due: make(chan struct{}, 1), ending: map[string]int{}, grants: map[string]*sync.Mutex{}}
	c.Arrivals = &Arrivals{checks: c, tried: map[replica.Baseline]time.Time{}}
	return c
}

func (c *Checks) now() onboarding.Timestamp { return onboarding.TimestampOf(c.config.Now()) }

// Signal makes Run check what is due.
func (c *Checks) Signal() {
	select {
	case c.due <- struct{}{}:
	default: // a signal is pending
	}
}

const (
	// retryInterval is the pause after an unreachable platform or relay.
	retryInterval = 5 * time.Minute
	// fixInterval is the pause while a person has to fix something first. A new
	// sign-in makes its checks due at once.
	fixInterval = 15 * time.Minute
	// checkConcurrency bounds parallel calls to platforms.
	checkConcurrency = 4
)

// checkInterval is the pause after the given attempt: one, five and fifteen
// minutes for a waiting item, then six hours.
func checkInterval(step int, waiting bool) time.Duration {
	if waiting {
		switch step {
		case 0:
			return time.Minute
		case 1:
			return 4 * time.Minute
		case 2:
			return 10 * time.Minute
		}
	}
	return replica.CheckInterval
}

// Run checks items when they are due, while the relay is reachable.
func (c *Checks) Run(ctx context.Context) {
	for {
		if c.canCheck() {
			if err := c.checkDue(ctx); err != nil && ctx.Err() == nil {
				c.config.Log.Info("a round of checks was cut short", "error", err)
			}
		}
		wait := time.Hour
		if c.canCheck() {
			if next, err := replica.ReadNextCheck(ctx, c.config.Replica.DB()); err == nil && next != 0 {
				// At least a second: items that could not be checked are
				// rescheduled.
				wait = min(wait, max(time.Duration(next-c.now())*time.Millisecond, time.Second))
			}
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-c.due:
			timer.Stop()
		case <-timer.C:
		}
	}
}

func (c *Checks) canCheck() bool {
	return c.config.Session.Online()
}

func (c *Checks) checkDue(ctx context.Context) error {
	c.checking.Lock()
	defer c.checking.Unlock()
	due, err := replica.ReadDueChecks(ctx, c.config.Replica.DB(), c.now())
	if err != nil {
		return err
	}
	return c.checkAll(ctx, due, false)
}

// CheckNow checks items regardless of the age of their last result, and reports
// to the relay; no ids: all in Accounts. It returns when all are checked. Items
// without a credential on this computer are skipped. Items that could not be
// checked are a NotTriedError.
func (c *Checks) CheckNow(ctx context.Context, items ...string) error {
	if _, err := c.config.Session.Require(ctx); err != nil {
		return err
	}
	c.checking.Lock()
	defer c.checking.Unlock()
	if len(items) == 0 {
		var err error
		if items, err = replica.ReadListedIDs(ctx, c.config.Replica.DB()); err != nil {
			return err
		}
	}
	due := make([]replica.ScheduledCheck, len(items))
	for n, id := range items {
		due[n].Item = id
	}
	err := c.checkAll(ctx, due, true)
	c.config.OnQueued() // the relay's result returns as a change
	return err
}

// checkAll checks items in parallel. A failure of one does not stop the others,
// but a cause that they share does.
func (c *Checks) checkAll(ctx context.Context, due []replica.ScheduledCheck, asked bool) error {
	var group sync.WaitGroup
	places := make(chan struct{}, checkConcurrency)
	errs := make([]error, len(due))
	r := newRound(asked)
	c.Arrivals.readBaselines(ctx, r)
	for n, d := range due {
		places <- struct{}{}
		group.Go(func() {
			defer func() { <-places }()
			errs[n] = c.checkItem(ctx, r, d)
		})
	}
	group.Wait()
	c.reportOutages(ctx, r)
	return firstOf(errs)
}

func (c *Checks) checkItem(ctx context.Context, r *round, scheduled replica.ScheduledCheck) error {
	var err error
	if scheduled.Due, err = replica.ReadCheckDue(ctx, c.config.Replica.DB(), scheduled.Item); err != nil {
		return err
	}
	item, err := replica.ReadItem(ctx, c.config.Replica.DB(), scheduled.Item)
	if errors.Is(err, onboarding.ErrNotFound) {
		return c.reschedule(ctx, scheduled, 0, replica.CheckInterval)
	}
	if err != nil {
		return err
	}
	if item.Withdrawn != 0 && replica.IsEndable(item) {
		return c.endWithdrawn(ctx, scheduled, item)
	}
	pause := checkInterval(scheduled.Attempt, item.IsAwaited())
	age := item.Access.Checked.Since(c.now())
	if !r.asked && isChecked(item) && isRecent(age, pause) {
		if taken, err := c.takeOver(ctx, item); err != nil {
			return err
		} else if taken {
			return c.reschedule(ctx, scheduled, scheduled.Attempt+1, pause-age)
		}
	}
	item, found := c.tryItem(ctx, r, item)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(found.err, credentials.ErrNoCredential), c.isEnding(item.ID):
		if err := c.config.Replica.EndCause(ctx, item.ID); err != nil {
			return err
		}
		return c.reschedule(ctx, scheduled, scheduled.Attempt, replica.CheckInterval)
	case found.err != nil:
		return c.postpone(ctx, scheduled, item, found)
	}
	return c.report(ctx, scheduled, item, found.result)
}

// isRecent reports whether a check is no older than half of its pause. Below zero: this
// computer's clock is slow.
func isRecent(age, pause time.Duration) bool { return age >= 0 && age < pause/2 }

// isChecked reports whether a check has found how an access is. What its client has
// repaired since counts as not checked yet.
func isChecked(item onboarding.Item) bool {
	return item.Access.Checked != 0 && item.Access.State != onboarding.AccessUnknown
}

// takeOver reports whether an item's last result, which is recent, replaces a
// check. It does not if this computer has failed to check the item since: only a
// later result of another hub ends the cause.
func (c *Checks) takeOver(ctx context.Context, item onboarding.Item) (taken bool, err error) {
	_, since, err := replica.ReadCauseTime(ctx, c.config.Replica.DB(), item.ID)
	if err != nil || item.Access.Checked < since {
		return false, err
	}
	return true, c.config.Replica.EndCause(ctx, item.ID)
}

// postpone stores why an item could not be checked. Nothing is reported, since nothing is
// known about the item, but that it has arrived.
func (c *Checks) postpone(ctx context.Context, d replica.ScheduledCheck, item onboarding.Item, found outcome) error {
	c.config.Log.Info("an item could not be checked", "item", item.ID, "service", item.Service,
		"cause", found.cause.Subject, "error", found.err)
	if found.arrived && item.Access.State != onboarding.AccessWorks {
		if err := reportArrived(ctx, c, &d, item, found.result); err != nil {
			return err
		}
	}
	pause := retryInterval
	if strings.HasPrefix(found.cause.Subject, replica.SubjectConnection) ||
		strings.HasPrefix(found.cause.Subject, replica.SubjectApp) {
		pause = fixInterval
	}
	due := c.now().Add(replica.Jitter(max(pause, found.wait)))
	var err error
	if found.cause.Subject == "" {
		err = c.config.Replica.RescheduleCheck(ctx, d, d.Attempt, due)
	} else {
		err = c.config.Replica.StoreCause(ctx, d, found.cause, due)
	}
	if err != nil {
		return err
	}
	return fmt.Errorf("checking item %s: %w", item.ID, notTried(found))
}

// isUnclear returns when a refusal that could be a hiccup is checked again; zero:
// the result is definite, confirmed, or known.
func (c *Checks) isUnclear(
	ctx context.Context, item onboarding.Item, found platform.CheckResult,
) (onboarding.Timestamp, error) {
	if !found.Bare || item.Access.State == onboarding.AccessBroken {
		return 0, nil
	}
	cause, first, err := replica.ReadCauseTime(ctx, c.config.Replica.DB(), item.ID)
	if err != nil {
		return 0, err
	}
	if cause != replica.SubjectUnclear {
		first = c.now()
	}
	if confirm := first.Add(confirmAfter); confirm > c.now() {
		return confirm, nil
	}
	return 0, nil
}

// report tells the relay a result, unless a second check has to confirm it.
func (c *Checks) report(
	ctx context.Context, scheduled replica.ScheduledCheck, item onboarding.Item, found platform.CheckResult,
) error {
	if confirm, err := c.isUnclear(ctx, item, found); err != nil {
		return err
	} else if confirm != 0 {
		return c.config.Replica.StoreCause(ctx, scheduled, replica.Cause{Subject: replica.SubjectUnclear}, confirm)
	}
	result, err := session.Call(ctx, c.config.Session, wire.ReportAccess, wire.ReportAccessParams{
		Item: item.ID, Tasks: found.Tasks, Access: onboarding.Access{
			State:        found.State,
			Failure:      string(found.Failure),
			Code:         found.Code,
			Checked:      c.now(),
			Capabilities: found.Capabilities,
		}})
	if errors.Is(err, onboarding.ErrNotFound) || errors.Is(err, onboarding.ErrConflict) {
		// deleted or ended meanwhile; the change is not read yet
		return c.reschedule(ctx, scheduled, scheduled.Attempt, replica.CheckInterval)
	}
	if err != nil {
		if postponed := c.reschedule(ctx, scheduled, scheduled.Attempt, retryInterval); postponed != nil {
			return postponed
		}
		return fmt.Errorf("reporting item %s: %w", item.ID, err)
	}
	pause := checkInterval(scheduled.Attempt, result.Access.State == onboarding.AccessWaiting)
	if err := c.reschedule(ctx, scheduled, scheduled.Attempt+1, pause); err != nil {
		return err
	}
	return c.config.Replica.EndCause(ctx, item.ID)
}

// reportArrived reports that the client has shared an item, which the agency's own user
// cannot use yet: of the client nothing more is asked.
func reportArrived(
	ctx context.Context, c *Checks, scheduled *replica.ScheduledCheck, item onboarding.Item, found platform.CheckResult,
) (err error) {
	arrived := platform.CheckResult{State: onboarding.AccessWorks, Tasks: found.Tasks}
	if err := c.report(ctx, *scheduled, item, arrived); err != nil {
		return err
	}
	scheduled.Due, err = replica.ReadCheckDue(ctx, c.config.Replica.DB(), item.ID)
	return err
}

func (c *Checks) reschedule(ctx context.Context, d replica.ScheduledCheck, attempt int, pause time.Duration) error {
	return c.config.Replica.RescheduleCheck(ctx, d, attempt, c.now().Add(replica.Jitter(pause)))
}
