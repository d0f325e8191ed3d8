package checks

import (
	"context"
	"errors"
	"strings"
	"sync"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/hub/credentials"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
)

// round is one run through the items that are due, or that somebody asked for.
// A cause that stops one item stops the others that share it, without a call.
type round struct {
	asked bool // by the user: regardless of the age of the last result

	mu      sync.Mutex               // guards the fields below
	counts  map[string]int           // how many items a cause has stopped, by its subject
	stopped map[string]outcome       // what all further items of a cause get
	failing map[string]replica.Cause // of sign-ins and apps, by their subject
	working map[string]bool          // the sign-ins and apps with which a check had a result
	lists   map[replica.Baseline]func() error
}

func newRound(asked bool) *round {
	return &round{
		asked: asked, counts: map[string]int{}, stopped: map[string]outcome{}, failing: map[string]replica.Cause{},
		working: map[string]bool{}, lists: map[replica.Baseline]func() error{},
	}
}

// once reads a list at most once in the round: others wait for it, and get its error.
func (r *round) once(of replica.Baseline, read func() error) error {
	r.mu.Lock()
	reading, known := r.lists[of]
	if !known {
		reading = sync.OnceValue(read)
		r.lists[of] = reading
	}
	r.mu.Unlock()
	return reading()
}

// stopsAfter is how many items have to meet a cause before it stops the others.
// A sign-in is the same for all; a platform may fail for one account only.
const stopsAfter = 3

func (r *round) record(found outcome) {
	if found.cause.Subject == "" {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.counts[found.cause.Subject]++
	if isOutage(found.cause) {
		r.failing[found.cause.Subject] = found.cause
	}
	if found.cause.Failure == catalog.NotAssigned {
		return // each asset is assigned by itself
	}
	_, isPlatforms := strings.CutPrefix(found.cause.Subject, replica.SubjectPlatform)
	_, isApps := strings.CutPrefix(found.cause.Subject, replica.SubjectApp)
	if !isPlatforms && !isApps || r.counts[found.cause.Subject] >= stopsAfter {
		subject := found.cause.Subject
		if isSignIns(found.cause) && found.cause.Failure == catalog.AgencySide {
			subject = inBusiness(subject, found.business)
		}
		r.stopped[subject] = found
	}
}

// inBusiness is a sign-in in one Business Manager: its role is given in each.
func inBusiness(subject, business string) string { return subject + " in " + business }

// works notes that a platform answers: only failures in a row stop its items. With a
// sign-in of the agency's own, that works too.
func (r *round) works(of onboarding.Platform, connection string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.working[replica.SubjectApp+string(of)] = true
	if connection != "" {
		r.working[replica.SubjectConnection+connection] = true
	}
	delete(r.counts, replica.SubjectPlatform+string(of))
	delete(r.counts, replica.SubjectApp+string(of))
}

// stops returns the outcome of an item that a cause of this round stops.
func (r *round) stops(of onboarding.Platform, connection, business string) (found outcome, is bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, subject := range []string{
		replica.SubjectConnection + connection, inBusiness(replica.SubjectConnection+connection, business),
		replica.SubjectApp + string(of), replica.SubjectPlatform + string(of), replica.SubjectRelay, replica.SubjectKeychain,
	} {
		if found, is = r.stopped[subject]; is {
			return found, true
		}
	}
	return outcome{}, false
}

// tryItem checks an item with the agency's own user, or with its credential,
// unless a cause of the round stops it. What a client only named is first looked for: the
// item that it returns is the one that was found.
func (c *Checks) tryItem(ctx context.Context, r *round, item onboarding.Item) (onboarding.Item, outcome) {
	driver, err := platform.Find(c.config.Drivers, item.Service.Platform())
	if err != nil {
		return item, outcome{err: credentials.ErrNoCredential}
	}
	checker, able := driver.(platform.Checker)
	if !able {
		return item, outcome{err: credentials.ErrNoCredential}
	}
	var found platform.CheckResult
	var user sharedUser
	if item.Service == onboarding.Facebook {
		user, err = c.sharedWith(ctx, item)
	}
	if stopped, is := r.stops(item.Service.Platform(), user.connection, user.business.ID); is {
		return item, stopped
	}
	if err == nil && item.IsNamed() {
		item, found, err = c.Arrivals.find(ctx, r, item, user)
	}
	switch {
	case err != nil, item.IsNamed():
	case item.Service == onboarding.Facebook:
		found, err = c.checkShared(ctx, driver, checker, item, user)
	default:
		err = c.config.Credentials.WithAccess(ctx, item, func(
			access onboarding.Secret, lasting platform.Credential,
		) (err error) {
			found, err = checker.Check(ctx, platform.CheckParams{Item: item, Access: access, Credential: lasting, Now: c.now()})
			return err
		})
	}
	result := classify(c.config.Catalog, item, user.connection, found, err)
	result.business = user.business.ID
	if result.err == nil {
		r.works(item.Service.Platform(), user.connection)
	}
	r.record(result)
	return item, result
}

// sharedUser is the agency's own user with whose rights an item is checked.
type sharedUser struct {
	connection string
	business   onboarding.Business
	level      onboarding.AccessLevel
	credential platform.Credential
}

func (c *Checks) sharedWith(ctx context.Context, item onboarding.Item) (sharedUser, error) {
	connection, business, level, err := c.config.Credentials.SharedWith(ctx, item)
	if err != nil {
		return sharedUser{}, err
	}
	credential, err := c.config.Credentials.ConnectionCredential(ctx, connection.ID)
	return sharedUser{
		connection: connection.ID,
		business:   business,
		level:      level,
		credential: credential,
	}, err
}

// checkShared checks a Facebook asset. It is first assigned to the request's
// Facebook user: sharing it with the Business Manager alone does not give that
// user access.
func (c *Checks) checkShared(
	ctx context.Context, driver platform.Driver, checker platform.Checker, item onboarding.Item, with sharedUser,
) (platform.CheckResult, error) {
	params := platform.CheckParams{
		Item: item, Business: onboarding.Account{ID: with.business.ID, Name: with.business.Name},
		Access: with.credential.Secret, Credential: with.credential, Level: with.level, User: with.business.User,
	}
	give := platform.AssignParams{Item: item, Business: with.business, Level: with.level}
	assigner, able := driver.(platform.Assigner)
	var refused error
	able = able && item.Request != "" // the hub does not assign the agency's own assets
	if able && item.Access.State != onboarding.AccessWorks {
		refused = assigner.Assign(ctx, with.credential, give)
	}
	finding, err := checker.Check(ctx, params)
	if err != nil {
		return finding, err
	}
	if able && finding.Failure == catalog.NotAssigned && item.Access.State == onboarding.AccessWorks {
		if refused = assigner.Assign(ctx, with.credential, give); refused == nil {
			return checker.Check(ctx, params)
		}
	}
	// An asset that has not arrived cannot be assigned yet: the check's result
	// counts.
	if finding.Failure == catalog.NotAssigned && refused != nil {
		failure := platform.AsFailure(refused)
		if errors.Is(failure, onboarding.ErrPlatformDown) { // it could not be tried
			return platform.CheckResult{}, failure
		}
		finding.Code = failure.PlatformCode
	}
	return finding, nil
}

// NotTriedError is why items could not be checked. They keep the last result and
// are retried. It unwraps to the first failure.
type NotTriedError struct {
	Causes []replica.Cause // one for each subject
	err    error
}

func (e *NotTriedError) Error() string { return e.err.Error() }

// Unwrap returns the first failure.
func (e *NotTriedError) Unwrap() error { return e.err }

// Message tells the user why, what is unaffected, and what happens next.
func (e *NotTriedError) Message(texts *catalog.Catalog) string {
	var silent, busy []onboarding.Service
	var said []string
	for _, cause := range e.Causes {
		switch {
		case cause.Failure == catalog.PlatformDown:
			silent = append(silent, cause.Service)
		case cause.Failure == catalog.PlatformBusy:
			busy = append(busy, cause.Service)
		case catalog.ScopeOf(texts, cause.Failure, cause.Service, cause.Code) == catalog.ScopePlatform:
			said = append(said, texts.Service(cause.Service).Name+" gave an answer that Latchkey does not know.")
		default:
			words := texts.DescribeForAgency(cause.Failure, catalog.Args{Service: cause.Service, Code: cause.Code, Own: true})
			said = append(said, words.Title+". "+words.NextStep)
		}
	}
	names := func(services []onboarding.Service) string { return texts.List(texts.Names(services)) }
	switch len(silent) {
	case 0:
	case 1:
		said = append(said, names(silent)+" does not answer.")
	default:
		said = append(said, names(silent)+" do not answer.")
	}
	switch len(busy) {
	case 0:
	case 1:
		said = append(said, names(busy)+" is busy and takes no more calls for now.")
	default:
		said = append(said, names(busy)+" are busy and take no more calls for now.")
	}
	return strings.Join(said, " ") + " What is shown of the accounts there is the last known result. " +
		"Latchkey checks them again by itself."
}

// notTried adds its cause to the error of an item that could not be checked. The
// relay's and the keychain's are errors of their own.
func notTried(found outcome) error {
	switch found.cause.Subject {
	case "", replica.SubjectRelay, replica.SubjectKeychain:
		return found.err
	}
	return &NotTriedError{Causes: []replica.Cause{found.cause}, err: found.err}
}

// firstOf combines the errors of a round: the first failure of this computer or
// the relay, else a NotTriedError with all causes.
func firstOf(errs []error) error {
	var all *NotTriedError
	seen := map[string]bool{}
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
		for _, cause := range one.Causes {
			if !seen[cause.Subject] {
				seen[cause.Subject] = true
				all.Causes = append(all.Causes, cause)
			}
		}
	}
	if all == nil {
		return nil
	}
	return all
}
