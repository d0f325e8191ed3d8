package replica

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// CheckInterval is how often an item is checked when nothing is waited for.
const CheckInterval = 6 * time.Hour

// Jitter spreads a pause by a tenth, so that the hubs of an agency do not all
// call at the same moment.
func Jitter(pause time.Duration) time.Duration {
	return pause - pause/20 + rand.N(pause/10)
}

// scheduleCheck makes a stored item fall due for its check at once when it is
// new or has come further, and one that was just found to work when that is
// old: a computer that reads everything does not begin by checking all of it.
// What another hub finds later needs no row: a check that falls due takes it
// over.
func (s *Tx) scheduleCheck(ctx context.Context, before, after onboarding.Item) error {
	if !IsListed(after) {
		if _, err := s.Tx.ExecContext(ctx, `DELETE FROM checks WHERE item = $1`, after.ID); err != nil {
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
	_, err := s.Tx.ExecContext(ctx, `INSERT INTO checks (item, due_ms, attempt) VALUES ($1, $2, 0)
		ON CONFLICT (item) DO UPDATE SET due_ms = excluded.due_ms, attempt = 0`, after.ID, when)
	if err != nil {
		return fmt.Errorf("scheduling the check of %s: %w", after.ID, err)
	}
	return nil
}

// CheckItemSoon makes an item due for its check: when its first credential has
// come, and with a later one where its access is broken.
func (s *Tx) CheckItemSoon(ctx context.Context, item string, first bool) error {
	_, err := s.Tx.ExecContext(ctx, `UPDATE checks SET due_ms = $1, attempt = 0 WHERE item = $2
		AND ($3 = 1 OR item IN (SELECT id FROM items WHERE rank = 0))`, s.Now(), item, number(first))
	if err != nil {
		return fmt.Errorf("scheduling the check of %s: %w", item, err)
	}
	return nil
}

// ofSameUser are the connections ($2 and others) of one platform's user: the
// token of any of them opens what that user may use.
const ofSameUser = `
	SELECT c.id FROM connections c JOIN connections this ON this.id = $2
	WHERE c.payload -> 'user' ->> 'id' = this.payload -> 'user' ->> 'id'
		AND c.payload ->> 'platform' = this.payload ->> 'platform'`

// CheckConnectionSoon makes the Facebook items due that a connection's token opens.
func (s *Tx) CheckConnectionSoon(ctx context.Context, connection string) error {
	_, err := s.Tx.ExecContext(ctx, `UPDATE checks SET due_ms = $1, attempt = 0 WHERE item IN (
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

// StoreEnded stores an item whose access was ended. The agency's own leaves Accounts.
func (s *Tx) StoreEnded(ctx context.Context, i onboarding.Item) error {
	if i.Request == "" {
		return s.DropItem(ctx, i.ID, s.Now())
	}
	return s.StoreItem(ctx, i)
}

// IsEndable says whether the access to an item can be ended: what has arrived, or
// waits to. An asset of the agency's own Facebook user is the agency's: there is
// nothing to end.
func IsEndable(i onboarding.Item) bool {
	return IsListed(i) && (i.Request != "" || !i.Kind.IsShared())
}
