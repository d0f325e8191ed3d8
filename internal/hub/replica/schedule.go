package replica

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// CheckInterval is the time between checks of an item that is not waiting.
const CheckInterval = 6 * time.Hour

// Jitter varies a pause by a tenth, so that an agency's hubs do not call at the
// same moment.
func Jitter(pause time.Duration) time.Duration {
	return pause - pause/20 + rand.N(pause/10)
}

// scheduleCheck makes an item's check due now if the item is new or its state
// changed, if its client has repaired it, or has withdrawn it: then the check ends the
// access. If another hub found it working recently, the check is due one interval after
// that: an initial sync must not check everything. Later results of other hubs need no
// update: checkAll takes them into account when a check falls due.
func (s *Tx) scheduleCheck(ctx context.Context, before, after onboarding.Item) error {
	if !IsListed(after) {
		if _, err := s.ExecContext(ctx, `DELETE FROM checks WHERE item = $1`, after.ID); err != nil {
			return fmt.Errorf("scheduling the check of %s: %w", after.ID, err)
		}
		return nil
	}
	repaired := before.Access.State == onboarding.AccessBroken && after.Access.State == onboarding.AccessUnknown
	if before.ID != "" && before.State == after.State && before.Connected == after.Connected &&
		before.Withdrawn == after.Withdrawn && !repaired {
		return nil
	}
	when := s.Now()
	if after.Withdrawn == 0 && after.Access.State == onboarding.AccessWorks &&
		after.Access.Checked.Since(when) < CheckInterval/2 {
		when = after.Access.Checked.Add(Jitter(CheckInterval))
	}
	_, err := s.ExecContext(ctx, `INSERT INTO checks (item, due_ms, attempt) VALUES ($1, $2, 0)
		ON CONFLICT (item) DO UPDATE SET due_ms = excluded.due_ms, attempt = 0`, after.ID, when)
	if err != nil {
		return fmt.Errorf("scheduling the check of %s: %w", after.ID, err)
	}
	return nil
}

// checkItemSoon makes an item's check due: with its first credential, or with a
// later one if its access is broken.
func (s *Tx) checkItemSoon(ctx context.Context, item string, first bool) error {
	_, err := s.ExecContext(ctx, `UPDATE checks SET due_ms = $1, attempt = 0 WHERE item = $2
		AND ($3 = 1 OR item IN (SELECT id FROM items WHERE rank = 0))`, s.Now(), item, boolToInt(first))
	if err != nil {
		return fmt.Errorf("scheduling the check of %s: %w", item, err)
	}
	return nil
}

// ScheduledCheck is when an item is checked next, and how often it was checked
// while it waits.
type ScheduledCheck struct {
	Item    string
	Due     onboarding.Timestamp // zero: not scheduled
	Attempt int
}

// maxDueChecks bounds the checks of a round.
const maxDueChecks = 200

// ReadDueChecks lists the checks that are due, the longest overdue first.
func ReadDueChecks(ctx context.Context, q sqldb.Queryer, now onboarding.Timestamp) ([]ScheduledCheck, error) {
	return scanRows(ctx, q, func(rows *sql.Rows, c *ScheduledCheck) error {
		return rows.Scan(&c.Item, &c.Due, &c.Attempt)
	}, `SELECT item, due_ms, attempt FROM checks WHERE due_ms <= $1 ORDER BY due_ms LIMIT $2`, now, maxDueChecks)
}

// ReadNextCheck reads when the next check is due; zero: none is scheduled.
func ReadNextCheck(ctx context.Context, q sqldb.Queryer) (onboarding.Timestamp, error) {
	var next sql.NullInt64
	if err := q.QueryRowContext(ctx, `SELECT MIN(due_ms) FROM checks`).Scan(&next); err != nil {
		return 0, fmt.Errorf("reading when the next check is due: %w", err)
	}
	return onboarding.Timestamp(next.Int64), nil
}

// ReadCheckDue reads when the check of an item is due; zero: it is not
// scheduled.
func ReadCheckDue(ctx context.Context, q sqldb.Queryer, item string) (onboarding.Timestamp, error) {
	var due onboarding.Timestamp
	err := q.QueryRowContext(ctx, `SELECT due_ms FROM checks WHERE item = $1`, item).Scan(&due)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("reading when the check of %s is due: %w", item, err)
	}
	return due, nil
}

// RescheduleCheck sets when the item of a check is checked next. It leaves an
// unscheduled item unscheduled, and one that became due meanwhile due: its
// credential arrived too late for that check.
func (r *Replica) RescheduleCheck(
	ctx context.Context, check ScheduledCheck, attempt int, due onboarding.Timestamp,
) error {
	return r.Update(ctx, func(tx *Tx) error {
		_, err := tx.ExecContext(ctx, `
			UPDATE checks SET due_ms = $1, attempt = $2 WHERE item = $3 AND due_ms = $4`,
			due, attempt, check.Item, check.Due)
		if err != nil {
			return fmt.Errorf("putting off the check of %s: %w", check.Item, err)
		}
		return nil
	})
}

// ofSameUser selects the connections of the platform user of connection $2: the
// token of any of them gives access to what the user may use.
const ofSameUser = `
	SELECT c.id FROM connections c JOIN connections this ON this.id = $2
	WHERE c.payload -> 'user' ->> 'id' = this.payload -> 'user' ->> 'id'
		AND c.payload ->> 'platform' = this.payload ->> 'platform'`

// checkConnectionSoon makes the checks of the Facebook items due to which a
// connection's token gives access.
func (s *Tx) checkConnectionSoon(ctx context.Context, connection string) error {
	_, err := s.ExecContext(ctx, `UPDATE checks SET due_ms = $1, attempt = 0 WHERE item IN (
		SELECT items.id FROM items
			JOIN requests ON requests.id = items.request JOIN request_payloads ON request_payloads.seq = requests.seq
			WHERE request_payloads.payload ->> 'connection' IN (`+ofSameUser+`)
				OR request_payloads.payload ->> 'by_hand' = 1 AND request_payloads.payload ->> 'connection' = ''
		UNION ALL SELECT id FROM items JOIN item_payloads USING (seq)
			WHERE request = '' AND payload ->> 'connection' IN (`+ofSameUser+`))`, s.Now(), connection)
	if err != nil {
		return fmt.Errorf("scheduling the checks of connection %s: %w", connection, err)
	}
	return nil
}

// StoreEnded stores an item whose access was ended. An item of the agency
// leaves Accounts.
func (s *Tx) StoreEnded(ctx context.Context, i onboarding.Item) error {
	if i.Request == "" {
		return s.DropItem(ctx, i.ID, s.Now())
	}
	return s.StoreItem(ctx, i)
}

// IsEndable reports whether the access to an item can be ended: it has arrived,
// or is pending. Access to assets of the agency's own Facebook user cannot be
// ended.
func IsEndable(i onboarding.Item) bool {
	return IsListed(i) && (i.Request != "" || !i.Kind.IsShared())
}
