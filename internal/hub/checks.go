package hub

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/hub/session"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

const (
	// checkEvery is how often an item is tried when nothing is waited for.
	checkEvery = 6 * time.Hour
	// checkAgain is after a platform or a relay that was not there.
	checkAgain = 5 * time.Minute
	// checksAtOnce spares the platforms, and this computer.
	checksAtOnce = 4
)

// checkPause is how long after its step-th check an item that waits is tried
// again: one, five and fifteen minutes after the first, then every six hours.
func checkPause(step int, waiting bool) time.Duration {
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
	return checkEvery
}

// jittered spreads a pause by a tenth, so that the hubs of an agency do not
// all ask at the same moment.
func jittered(pause time.Duration) time.Duration {
	return pause - pause/20 + rand.N(pause/10)
}

// schedule makes a stored item fall due for its check at once when it is new
// or has come further, and one that somebody has just found to work when that
// is old: a computer that reads everything does not begin by trying all of it.
// What another hub finds later needs no row: a check that falls due takes it
// over.
func (s *storing) schedule(ctx context.Context, before, after onboarding.Item) error {
	if !listed(after) {
		if _, err := s.tx.ExecContext(ctx, `DELETE FROM checks WHERE item = $1`, after.ID); err != nil {
			return fmt.Errorf("scheduling the check of %s: %w", after.ID, err)
		}
		return nil
	}
	if before.ID != "" && before.State == after.State && before.Connected == after.Connected {
		return nil
	}
	when := s.h.now()
	if after.Access.State == onboarding.AccessWorks && after.Access.Checked.Since(when) < checkEvery/2 {
		when = after.Access.Checked.Add(jittered(checkEvery))
	}
	_, err := s.tx.ExecContext(ctx, `INSERT INTO checks (item, due_ms, step) VALUES ($1, $2, 0)
		ON CONFLICT (item) DO UPDATE SET due_ms = excluded.due_ms, step = 0`, after.ID, when)
	if err != nil {
		return fmt.Errorf("scheduling the check of %s: %w", after.ID, err)
	}
	return nil
}

// keepChecking tries the items that fall due, while the relay can be told.
func (h *Hub) keepChecking() {
	defer h.loops.Done()
	ctx := h.ended
	for {
		if h.mayCheck() {
			if err := h.checkDue(ctx); err != nil && ctx.Err() == nil {
				h.log.Info("a round of checks was cut short", "error", err)
			}
		}
		wait := time.Hour
		if h.mayCheck() {
			if next, err := h.nextCheck(ctx); err == nil && next != 0 {
				// Not at once again: what could not be checked has been put off.
				wait = min(wait, max(time.Duration(next-h.now())*time.Millisecond, time.Second))
			}
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-h.kickCheck:
			timer.Stop()
		case <-timer.C:
		}
	}
}

func (h *Hub) mayCheck() bool {
	return h.session.Online()
}

func (h *Hub) nextCheck(ctx context.Context) (onboarding.Moment, error) {
	var next sql.NullInt64
	if err := h.db.QueryRowContext(ctx, `SELECT MIN(due_ms) FROM checks`).Scan(&next); err != nil {
		return 0, fmt.Errorf("reading when the next check is due: %w", err)
	}
	return onboarding.Moment(next.Int64), nil
}

type dueCheck struct {
	item string
	step int
}

func (h *Hub) checkDue(ctx context.Context) error {
	h.checking.Lock()
	defer h.checking.Unlock()
	rows, err := h.db.QueryContext(ctx, `SELECT item, step FROM checks WHERE due_ms <= $1 ORDER BY due_ms LIMIT 200`, h.now())
	if err != nil {
		return fmt.Errorf("reading what is due: %w", err)
	}
	defer func() { _ = rows.Close() }() // its error is rows.Err
	var due []dueCheck
	for rows.Next() {
		var d dueCheck
		if err := rows.Scan(&d.item, &d.step); err != nil {
			return fmt.Errorf("reading what is due: %w", err)
		}
		due = append(due, d)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("reading what is due: %w", err)
	}
	return h.checkAll(ctx, due, false)
}

// CheckNow tries items for real, however young the last result is, and tells
// the relay; none named means all in Accounts. It returns when all are through.
// What this computer cannot try is left out. Platforms that could not be asked
// are a NotTriedError.
func (h *Hub) CheckNow(ctx context.Context, items ...string) error {
	if _, err := h.session.Require(ctx); err != nil {
		return err
	}
	h.checking.Lock()
	defer h.checking.Unlock()
	if len(items) == 0 {
		var err error
		if items, err = readTexts(ctx, h.db, `SELECT id FROM items WHERE listed = 1 ORDER BY rank, checked_ms`); err != nil {
			return err
		}
	}
	due := make([]dueCheck, len(items))
	for n, id := range items {
		due[n].item = id
	}
	err := h.checkAll(ctx, due, true)
	wake(h.kick) // the relay's answer comes back as a change
	return err
}

// NotTriedError says which platforms could not be asked about items: what is
// known of those stays, and they are tried again. It is what the first of them
// failed by, an ErrPlatformDown.
type NotTriedError struct {
	Silent []onboarding.Service // they do not answer
	Busy   []onboarding.Service // they want fewer calls
	err    error
}

func (e *NotTriedError) Error() string { return e.err.Error() }

// Unwrap gives the first failure.
func (e *NotTriedError) Unwrap() error { return e.err }

// Sentence says for people which platforms these are, what is safe, and what
// happens next.
func (e *NotTriedError) Sentence() string {
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

// names lists services as in a sentence: "Facebook, A and B".
func names(services []onboarding.Service) string {
	var all []string
	for _, service := range services {
		all = append(all, service.Name())
	}
	if last := len(all) - 1; last > 0 {
		return strings.Join(all[:last], ", ") + " and " + all[last]
	}
	return strings.Join(all, "")
}

// notTried names the service in a failure that waiting may mend.
func notTried(service onboarding.Service, err error) error {
	if !errors.Is(err, onboarding.ErrPlatformDown) {
		return err
	}
	var failure *platform.Failure
	if errors.As(err, &failure) && failure.What == catalog.PlatformBusy {
		return &NotTriedError{Busy: []onboarding.Service{service}, err: err}
	}
	return &NotTriedError{Silent: []onboarding.Service{service}, err: err}
}

// firstOf is what some checks failed by: the first failure of the agency's own
// side, else all platforms that could not be asked.
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
		all.Silent = union(all.Silent, one.Silent)
		all.Busy = union(all.Busy, one.Busy)
	}
	if all == nil {
		return nil
	}
	all.Busy = slices.DeleteFunc(all.Busy, func(s onboarding.Service) bool { return slices.Contains(all.Silent, s) })
	return all
}

// checkAll tries some items at once. What one fails by stops none of the others.
func (h *Hub) checkAll(ctx context.Context, due []dueCheck, asked bool) error {
	var group sync.WaitGroup
	places := make(chan struct{}, checksAtOnce)
	errs := make([]error, len(due))
	for n, d := range due {
		places <- struct{}{}
		group.Go(func() {
			defer func() { <-places }()
			errs[n] = h.checkItem(ctx, d, asked)
		})
	}
	group.Wait()
	return firstOf(errs)
}

// errNotHere says that this computer lacks what it takes to try an item.
var errNotHere = errors.New("this computer cannot try it")

func (h *Hub) checkItem(ctx context.Context, d dueCheck, asked bool) error {
	item, err := readItem(ctx, h.db, d.item)
	if errors.Is(err, onboarding.ErrNotFound) {
		return h.putOff(ctx, d, 0, checkEvery)
	}
	if err != nil {
		return err
	}
	pause := checkPause(d.step, waiting(item))
	if age := item.Access.Checked.Since(h.now()); !asked && item.Access.Checked != 0 && age < pause/2 {
		return h.putOff(ctx, d, d.step+1, pause-age) // somebody else has just looked
	}
	finding, err := h.try(ctx, item)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, errNotHere), h.isEnding(item.ID):
		return h.putOff(ctx, d, d.step, checkEvery)
	case err != nil:
		// Nothing is known about the item: nothing is reported.
		h.log.Info("an item could not be tried", "item", item.ID, "service", item.Service, "error", err)
		if postponed := h.putOff(ctx, d, d.step, checkAgain); postponed != nil {
			return postponed
		}
		return fmt.Errorf("trying item %s: %w", item.ID, notTried(item.Service, err))
	}
	a, err := session.Call(ctx, h.session, wire.ReportAccess, wire.ReportAccessQ{Item: item.ID, Tasks: finding.Tasks, Access: onboarding.Access{
		State:        finding.State,
		Failure:      string(finding.Failure),
		Code:         finding.Code,
		Checked:      h.now(),
		Capabilities: finding.Capabilities,
	}})
	if errors.Is(err, onboarding.ErrNotFound) || errors.Is(err, onboarding.ErrConflict) {
		return h.putOff(ctx, d, d.step, checkEvery) // it has just been deleted, or ended; the change is on its way
	}
	if err != nil {
		if postponed := h.putOff(ctx, d, d.step, checkAgain); postponed != nil {
			return postponed
		}
		return fmt.Errorf("reporting item %s: %w", item.ID, err)
	}
	return h.putOff(ctx, d, d.step+1, checkPause(d.step, a.Access.State == onboarding.AccessWaiting))
}

// putOff sets when an item is tried next; one that is no longer scheduled stays so.
func (h *Hub) putOff(ctx context.Context, d dueCheck, step int, pause time.Duration) error {
	return h.db.InTx(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE checks SET due_ms = $1, step = $2 WHERE item = $3`, h.now().Add(jittered(pause)), step, d.item)
		if err != nil {
			return fmt.Errorf("putting off the check of %s: %w", d.item, err)
		}
		return nil
	})
}

// try tries an item with the agency's own rights, or with its credential. A
// Facebook asset is given to the request's Facebook user first: shared with
// the Business Manager alone it is of no use to them.
func (h *Hub) try(ctx context.Context, item onboarding.Item) (platform.Finding, error) {
	driver, err := platform.Find(h.config.Drivers, item.Service.Platform())
	if err != nil {
		return platform.Finding{}, errNotHere
	}
	checker, able := driver.(platform.Checker)
	if !able {
		return platform.Finding{}, errNotHere
	}
	if item.Service == onboarding.Facebook {
		return h.tryShared(ctx, driver, checker, item)
	}
	var finding platform.Finding
	err = h.withAccess(ctx, item, func(access onboarding.Secret, lasting platform.Credential) (err error) {
		finding, err = checker.Check(ctx, platform.CheckQ{Item: item, Access: access, Lasting: lasting, Now: h.now()})
		return err
	})
	if errors.Is(err, onboarding.ErrRefused) {
		return refusedFinding(err), nil
	}
	return finding, err
}

// refusedFinding is what a platform's refusal says of an item. Without a meaning
// that this program knows, its credential is no longer taken.
func refusedFinding(err error) platform.Finding {
	finding := platform.Finding{State: onboarding.AccessBroken, Failure: catalog.CredentialRefused}
	var refused *wire.RefusedError
	var failure *platform.Failure
	switch {
	case errors.As(err, &refused):
		if what := catalog.FailureCode(refused.What); what.Known() {
			finding.Failure, finding.Code = what, refused.Code
		}
	case errors.As(err, &failure) && failure.What != catalog.SessionEnded:
		finding.Failure, finding.Code = failure.What, failure.Code
	}
	return finding
}

func (h *Hub) tryShared(ctx context.Context, driver platform.Driver, checker platform.Checker, item onboarding.Item) (platform.Finding, error) {
	connection, business, level, err := h.sharedWith(ctx, item)
	if err != nil {
		return platform.Finding{}, err
	}
	credential, err := h.connectionCredential(ctx, connection.ID)
	if err != nil {
		return platform.Finding{}, err
	}
	q := platform.CheckQ{
		Item: item, Business: onboarding.Account{ID: business.ID, Name: business.Name}, Access: credential.Secret, Lasting: credential,
		Level: level, User: business.User,
	}
	give := platform.AssignParams{Item: item, Business: business, Level: level}
	assigner, able := driver.(platform.Assigner)
	var refused error
	able = able && item.Request != "" // what is the agency's own is not for the hub to give
	if able && item.Access.State != onboarding.AccessWorks {
		refused = assigner.Assign(ctx, credential, give)
	}
	finding, err := checker.Check(ctx, q)
	if err != nil {
		return finding, err
	}
	if able && finding.Failure == catalog.NotAssigned && item.Access.State == onboarding.AccessWorks {
		if refused = assigner.Assign(ctx, credential, give); refused == nil {
			return checker.Check(ctx, q)
		}
	}
	// An asset that has not arrived cannot be given to anybody yet: what the
	// check says counts.
	if finding.Failure == catalog.NotAssigned && refused != nil {
		finding.Code = platform.AsFailure(refused).Code
	}
	return finding, nil
}

// sharedWith says to whom a Facebook item was shared, and at which level: the
// request's Facebook user and Business Manager. One of the agency's own belongs
// to the user it was picked of, and its Business Manager does not matter.
func (h *Hub) sharedWith(ctx context.Context, item onboarding.Item) (onboarding.Connection, onboarding.Business, onboarding.AccessLevel, error) {
	none := onboarding.Connection{}
	if item.Request == "" {
		picked, err := readConnection(ctx, h.db, item.Connection)
		if errors.Is(err, onboarding.ErrNotFound) {
			return none, onboarding.Business{}, "", errNotHere
		}
		if err != nil {
			return none, onboarding.Business{}, "", err
		}
		c, business, err := h.signedIn(ctx, picked.User.ID, "")
		return c, business, onboarding.LevelAdvertise, err
	}
	r, err := readRequest(ctx, h.db, item.Request)
	if errors.Is(err, onboarding.ErrNotFound) {
		return none, onboarding.Business{}, "", errNotHere
	}
	if err != nil {
		return none, onboarding.Business{}, "", err
	}
	c, business, err := h.signedIn(ctx, r.FacebookUser.ID, r.Business.ID)
	return c, business, r.Level.OrDefault(), err
}

// signedIn finds the Connection of a Facebook user, and in it a Business
// Manager if one is named. Whoever was connected anew is the same user at
// Facebook, with another token: the newest that this computer holds counts.
func (h *Hub) signedIn(ctx context.Context, user, business string) (onboarding.Connection, onboarding.Business, error) {
	none := onboarding.Connection{}
	users, err := readRows[onboarding.Connection](ctx, h.db, `SELECT truth FROM connections ORDER BY truth ->> 'created' DESC, id`)
	if err != nil {
		return none, onboarding.Business{}, err
	}
	for _, c := range users {
		if c.Ended != 0 || c.User.ID != user {
			continue
		}
		var in onboarding.Business
		if business != "" {
			at := slices.IndexFunc(c.Businesses, func(b onboarding.Business) bool { return b.ID == business })
			if at < 0 {
				continue
			}
			in = c.Businesses[at]
		}
		if _, err := h.connectionCredential(ctx, c.ID); errors.Is(err, errNotHere) {
			continue
		} else if err != nil {
			return none, onboarding.Business{}, err
		}
		return c, in, nil
	}
	return none, onboarding.Business{}, errNotHere
}
