// Package checks verifies shared access with real calls, on a schedule and on
// demand, and reports the results to the relay. It also creates campaigns and
// ends access. It stores no credential.
package checks

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
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

	mu     sync.Mutex     // guards the fields below
	ending map[string]int // items whose access is being ended
}

// New returns the checks of one computer.
func New(config Config) *Checks {
	return &Checks{config: config, due: make(chan struct{}, 1), ending: map[string]int{}}
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
// without a credential on this computer are skipped. Unreachable platforms are
// a NotTriedError.
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

// NotTriedError names the platforms that could not be reached. Their items keep
// the last result and are retried. It unwraps to the first failure, an
// ErrPlatformDown.
type NotTriedError struct {
	Silent []onboarding.Service // they do not reply
	Busy   []onboarding.Service // they limit the rate
	err    error
}

func (e *NotTriedError) Error() string { return e.err.Error() }

// Unwrap returns the first failure.
func (e *NotTriedError) Unwrap() error { return e.err }

// Message tells the user which platforms failed, what is unaffected, and what
// happens next.
func (e *NotTriedError) Message(texts *catalog.Catalog) string {
	names := func(services []onboarding.Service) string { return texts.List(texts.Names(services)) }
	var said []string
	switch len(e.Silent) {
	case 0:
	case 1:
		said = append(said, names(e.Silent)+" does not answer.")
	default:
		said = append(said, names(e.Silent)+" do not answer.")
	}
	switch len(e.Busy) {
	case 0:
	case 1:
		said = append(said, names(e.Busy)+" is busy and takes no more calls for now.")
	default:
		said = append(said, names(e.Busy)+" are busy and take no more calls for now.")
	}
	return strings.Join(said, " ") + " What is shown of the accounts there is the last known result. " +
		"Latchkey checks them again by itself."
}

// notTried adds the service to a temporary failure.
func notTried(service onboarding.Service, err error) error {
	if !errors.Is(err, onboarding.ErrPlatformDown) {
		return err
	}
	var failure *platform.Failure
	if errors.As(err, &failure) && failure.Code == catalog.PlatformBusy {
		return &NotTriedError{Busy: []onboarding.Service{service}, err: err}
	}
	return &NotTriedError{Silent: []onboarding.Service{service}, err: err}
}

// firstOf combines the errors of a round: the first failure of the agency's
// side, else a NotTriedError with all unreachable platforms.
func firstOf(errs []error) error {
	var all *NotTriedError
	for _, err := range errs {
		var one *NotTriedError
		switch {
		case err == nil:
			continue
		case !errors.As(err, &one):
			return err
		case all == nil:
			all = &NotTriedError{err: err}
		}
		all.Silent = replica.Union(all.Silent, one.Silent)
		all.Busy = replica.Union(all.Busy, one.Busy)
	}
	if all == nil {
		return nil
	}
	all.Busy = slices.DeleteFunc(all.Busy, func(s onboarding.Service) bool { return slices.Contains(all.Silent, s) })
	return all
}

// checkAll checks items in parallel. A failure of one does not stop the others.
func (c *Checks) checkAll(ctx context.Context, due []replica.ScheduledCheck, asked bool) error {
	var group sync.WaitGroup
	places := make(chan struct{}, checkConcurrency)
	errs := make([]error, len(due))
	for n, d := range due {
		places <- struct{}{}
		group.Go(func() {
			defer func() { <-places }()
			errs[n] = c.checkItem(ctx, d, asked)
		})
	}
	group.Wait()
	return firstOf(errs)
}

func (c *Checks) checkItem(ctx context.Context, d replica.ScheduledCheck, asked bool) error {
	var err error
	if d.Due, err = replica.ReadCheckDue(ctx, c.config.Replica.DB(), d.Item); err != nil {
		return err
	}
	item, err := replica.ReadItem(ctx, c.config.Replica.DB(), d.Item)
	if errors.Is(err, onboarding.ErrNotFound) {
		return c.reschedule(ctx, d, 0, replica.CheckInterval)
	}
	if err != nil {
		return err
	}
	pause := checkInterval(d.Attempt, replica.IsWaiting(item))
	if age := item.Access.Checked.Since(c.now()); !asked && item.Access.Checked != 0 && age < pause/2 {
		return c.reschedule(ctx, d, d.Attempt+1, pause-age) // another hub has just checked it
	}
	finding, err := c.checkAccess(ctx, item)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, credentials.ErrNoCredential), c.isEnding(item.ID):
		return c.reschedule(ctx, d, d.Attempt, replica.CheckInterval)
	case err != nil:
		// Without a result there is nothing to report.
		c.config.Log.Info("an item could not be tried", "item", item.ID, "service", item.Service, "error", err)
		if postponed := c.reschedule(ctx, d, d.Attempt, retryInterval); postponed != nil {
			return postponed
		}
		return fmt.Errorf("trying item %s: %w", item.ID, notTried(item.Service, err))
	}
	result, err := session.Call(ctx, c.config.Session, wire.ReportAccess, wire.ReportAccessParams{
		Item: item.ID, Tasks: finding.Tasks, Access: onboarding.Access{
			State:        finding.State,
			Failure:      string(finding.Failure),
			Code:         finding.Code,
			Checked:      c.now(),
			Capabilities: finding.Capabilities,
		}})
	if errors.Is(err, onboarding.ErrNotFound) || errors.Is(err, onboarding.ErrConflict) {
		// deleted or ended meanwhile; the change is not read yet
		return c.reschedule(ctx, d, d.Attempt, replica.CheckInterval)
	}
	if err != nil {
		if postponed := c.reschedule(ctx, d, d.Attempt, retryInterval); postponed != nil {
			return postponed
		}
		return fmt.Errorf("reporting item %s: %w", item.ID, err)
	}
	return c.reschedule(ctx, d, d.Attempt+1, checkInterval(d.Attempt, result.Access.State == onboarding.AccessWaiting))
}

func (c *Checks) reschedule(ctx context.Context, d replica.ScheduledCheck, attempt int, pause time.Duration) error {
	return c.config.Replica.RescheduleCheck(ctx, d, attempt, c.now().Add(replica.Jitter(pause)))
}

// checkAccess checks an item with the agency's own user, or with its
// credential. A Facebook asset is first assigned to the request's Facebook
// user: sharing it with the Business Manager alone does not give that user
// access.
func (c *Checks) checkAccess(ctx context.Context, item onboarding.Item) (platform.CheckResult, error) {
	driver, err := platform.Find(c.config.Drivers, item.Service.Platform())
	if err != nil {
		return platform.CheckResult{}, credentials.ErrNoCredential
	}
	checker, able := driver.(platform.Checker)
	if !able {
		return platform.CheckResult{}, credentials.ErrNoCredential
	}
	if item.Service == onboarding.Facebook {
		return c.checkShared(ctx, driver, checker, item)
	}
	var finding platform.CheckResult
	err = c.config.Credentials.WithAccess(ctx, item, func(
		access onboarding.Secret, lasting platform.Credential,
	) (err error) {
		finding, err = checker.Check(ctx, platform.CheckParams{Item: item, Access: access, Credential: lasting, Now: c.now()})
		return err
	})
	if errors.Is(err, onboarding.ErrPlatformRefused) {
		return refusedFinding(err), nil
	}
	return finding, err
}

// refusedFinding maps a platform's refusal to a result. An unknown refusal
// means that the platform no longer accepts the credential.
func refusedFinding(err error) platform.CheckResult {
	finding := platform.CheckResult{State: onboarding.AccessBroken, Failure: catalog.CredentialRefused}
	var refused *wire.RefusedError
	var failure *platform.Failure
	switch {
	case errors.As(err, &refused):
		if what := catalog.FailureCode(refused.Code); what.Known() {
			finding.Failure, finding.Code = what, refused.PlatformCode
		}
	case errors.As(err, &failure) && failure.Code != catalog.SessionEnded:
		finding.Failure, finding.Code = failure.Code, failure.PlatformCode
	}
	return finding
}

func (c *Checks) checkShared(
	ctx context.Context, driver platform.Driver, checker platform.Checker, item onboarding.Item,
) (platform.CheckResult, error) {
	connection, business, level, err := c.config.Credentials.SharedWith(ctx, item)
	if err != nil {
		return platform.CheckResult{}, err
	}
	credential, err := c.config.Credentials.ConnectionCredential(ctx, connection.ID)
	if err != nil {
		return platform.CheckResult{}, err
	}
	params := platform.CheckParams{
		Item: item, Business: onboarding.Account{ID: business.ID, Name: business.Name}, Access: credential.Secret,
		Credential: credential,
		Level:      level, User: business.User,
	}
	give := platform.AssignParams{Item: item, Business: business, Level: level}
	assigner, able := driver.(platform.Assigner)
	var refused error
	able = able && item.Request != "" // the hub does not assign the agency's own assets
	if able && item.Access.State != onboarding.AccessWorks {
		refused = assigner.Assign(ctx, credential, give)
	}
	finding, err := checker.Check(ctx, params)
	if err != nil {
		return finding, err
	}
	if able && finding.Failure == catalog.NotAssigned && item.Access.State == onboarding.AccessWorks {
		if refused = assigner.Assign(ctx, credential, give); refused == nil {
			return checker.Check(ctx, params)
		}
	}
	// An asset that has not arrived cannot be assigned yet: the check's result
	// counts.
	if finding.Failure == catalog.NotAssigned && refused != nil {
		finding.Code = platform.AsFailure(refused).PlatformCode
	}
	return finding, nil
}
