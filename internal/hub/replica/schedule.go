package replica

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// CheckInterval is the time between checks of an item that is not waiting.
const CheckInterval = 6 * time.Hour

// Jitter varies a pause by a tenth, so that an agency's hubs do not call at the
// same moment.
func Jitter(pause time.Duration) time.Duration {
	return pause - pause/20 + rand.N(pause/10)
}

// scheduleCheck makes an item's check due now if the item is new or its state
// changed. If another hub found it working recently, the check is due one
// interval after that: an initial sync must not check everything. Later results
// of other hubs need no update: checkAll takes them into account when a check
// falls due.
func (s *Tx) scheduleCheck(ctx context.Context, before, after onboarding.Item) error {
	if !IsListed(after) {
		if _, err := s.ExecContext(ctx, `DELETE FROM checks WHERE item = $1`, after.ID); err != nil {
			return fmt.Errorf("scheduling the check of %s: %w", after.ID, err)
		}
		return nil
	}
	if before.ID != "" && before.State == after.State && before.Connected == after.Connected {
		return nil
	}
	when := s.Now()
	if after.Access.State == onboarding.AccessWorks && after.Access.Checked.Since(when) < CheckInterval/2 {
		when = after.Access.Checked.Add(Jitter(CheckInterval))
	}
	_, err := s.ExecContext(ctx, `INSERT INTO checks (item, due_ms, attempt) VALUES ($1, $2, 0)
		ON CONFLICT (item) DO UPDATE SET due_ms = excluded.due_ms, attempt = 0`, after.ID, when)
	if err != nil {
		return fmt.Errorf("scheduling the check of %s: %w", after.ID, err)
	}
	return nil
}

// CheckItemSoon makes an item's check due: with its first credential, or with a
// later one if its access is broken.
func (s *Tx) CheckItemSoon(ctx context.Context, item string, first bool) error {
	_, err := s.ExecContext(ctx, `UPDATE checks SET due_ms = $1, attempt = 0 WHERE item = $2
		AND ($3 = 1 OR item IN (SELECT id FROM items WHERE rank = 0))`, s.Now(), item, number(first))
	if err != nil {
		return fmt.Errorf("scheduling the check of %s: %w", item, err)
	}
	return nil
}

// ofSameUser selects the connections of the platform user of connection $2: the
// token of any of them gives access to what the user may use.
const ofSameUser = `
	SELECT c.id FROM connections c JOIN connections this ON this.id = $2
	WHERE c.payload -> 'user' ->> 'id' = this.payload -> 'user' ->> 'id'
		AND c.payload ->> 'platform' = this.payload ->> 'platform'`

// CheckConnectionSoon makes the checks of the Facebook items due to which a
// connection's token gives access.
func (s *Tx) CheckConnectionSoon(ctx context.Context, connection string) error {
	_, err := s.ExecContext(ctx, `UPDATE checks SET due_ms = $1, attempt = 0 WHERE item IN (
		SELECT items.id FROM items
			JOIN requests ON requests.id = items.request JOIN request_payloads ON request_payloads.seq = requests.seq
			WHERE request_payloads.payload ->> 'connection' IN (`+ofSameUser+`)
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
