package hub

import (
	"context"
	"errors"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/hub/session"
	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/seal"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// fetchDeliveries opens what is sealed for this computer, keeps it in the
// keychain, and only then acknowledges it.
//
// A delivery that is not what it says (sealed for somebody else, for another
// relay, agency, request, item, account or version) is never acknowledged: it
// is written to the log and shown under Refusals, and stays with the relay,
// where somebody can look at it. Reading goes on behind it.
func (h *Hub) fetchDeliveries(ctx context.Context, client *wire.Client) error {
	h.fetching.Lock()
	defer h.fetching.Unlock()
	after := ""
	for {
		a, err := wire.Call(ctx, client, wire.ReadDeliveries, wire.DeliveriesQ{After: after})
		h.session.RecordOutcome(ctx, err)
		if err != nil {
			return err
		}
		if len(a.Deliveries) == 0 {
			return nil
		}
		done := make([]string, 0, len(a.Deliveries))
		for _, d := range a.Deliveries {
			after = d.ID
			stored, err := h.take(ctx, d)
			if err != nil {
				return err
			}
			if stored {
				done = append(done, d.ID)
			}
		}
		if len(done) == 0 {
			continue
		}
		_, err = wire.Call(ctx, client, wire.Acknowledge, wire.AcknowledgeQ{IDs: done})
		h.session.RecordOutcome(ctx, err)
		if err != nil {
			return err // what is in the keychain already is acknowledged next time
		}
	}
}

// take keeps one delivery; stored says that it may be acknowledged. An error
// is this computer's own: the delivery comes again.
func (h *Hub) take(ctx context.Context, d wire.Delivery) (stored bool, err error) {
	id := h.session.Identity()
	h.mu.Lock()
	refusedBefore := h.tried[d.ID]
	h.mu.Unlock()
	if refusedBefore {
		return false, nil
	}
	names, subject, err := h.expected(ctx, id, d)
	if errors.Is(err, onboarding.ErrNotFound) {
		// Its item was made after the changes were read: they are read again first.
		return false, h.postpone(ctx, d)
	}
	if err != nil {
		return false, err
	}
	key, err := h.secret.key(ctx, id)
	if err != nil {
		h.session.RecordKeychainError(err)
		return false, err
	}
	plain, err := seal.Open(key, names, d.Sealed)
	if err != nil {
		return false, h.refuse(ctx, d, err)
	}
	if _, err := platform.ReadCredential(plain); err != nil {
		return false, h.refuse(ctx, d, err)
	}
	return h.keep(ctx, id, subject, kept{Version: d.Version, Account: names.Account, Plain: string(plain)})
}

// expected says what has to stand inside a delivery, by this computer's own
// copy and never by what the delivery says of itself.
func (h *Hub) expected(ctx context.Context, id session.Identity, d wire.Delivery) (seal.Names, string, error) {
	names := seal.Names{Relay: id.Relay, Agency: id.Agency, Version: d.Version}
	if d.Connection != "" {
		c, err := readConnection(ctx, h.db, d.Connection)
		if err != nil {
			return names, "", err
		}
		names.Item, names.Account = c.ID, c.User.ID
		return names, subjectConnection + c.ID, nil
	}
	i, err := readItem(ctx, h.db, d.Item)
	if err != nil {
		return names, "", err
	}
	names.Request, names.Item, names.Account = i.Request, i.ID, i.Account
	return names, subjectItem + i.ID, nil
}

// keep puts a credential into the keychain, unless a newer one is there. The
// name is written down first, so that a wiping finds whatever was ever stored.
func (h *Hub) keep(ctx context.Context, id session.Identity, subject string, k kept) (bool, error) {
	name, err := h.nameOf(ctx, id, subject)
	if err != nil {
		return false, err
	}
	before, err := h.secret.credential(ctx, name)
	if err != nil && !errors.Is(err, keychain.ErrNotFound) {
		h.session.RecordKeychainError(err)
		return false, err
	}
	if err == nil && before.Version >= k.Version {
		return true, h.keptVersion(ctx, subject, before.Version, before.Version)
	}
	if err := h.secret.setCredential(ctx, name, k); err != nil {
		h.session.RecordKeychainError(err)
		return false, err
	}
	return true, h.keptVersion(ctx, subject, before.Version, k.Version)
}

func (h *Hub) nameOf(ctx context.Context, id session.Identity, subject string) (string, error) {
	name := credentialName(id, subject)
	err := h.db.InTx(ctx, func(tx *sqldb.Tx) error {
		return tx.QueryRowContext(ctx, `INSERT INTO credentials (subject, name, version, stored_ms, discard_ms) VALUES ($1, $2, 0, $3, 0)
			ON CONFLICT (subject) DO UPDATE SET discard_ms = 0 RETURNING name`, subject, name, h.now()).Scan(&name)
	})
	if err != nil {
		return "", fmt.Errorf("noting the credential of %s: %w", subject, err)
	}
	return name, nil
}

// keptVersion notes which version is in the keychain, and has what it opens
// tried for real where it is the first, or may mend what is broken. Every
// renewal makes a version: trying each of them would never end.
func (h *Hub) keptVersion(ctx context.Context, subject string, before, version int64) error {
	newer := version > before
	err := h.store(ctx, func(s *storing) error {
		if _, err := s.tx.ExecContext(ctx, `UPDATE credentials SET version = $1, stored_ms = $2 WHERE subject = $3`, version, h.now(), subject); err != nil {
			return fmt.Errorf("noting the credential of %s: %w", subject, err)
		}
		if !newer {
			return nil
		}
		if item, ok := cut(subject, subjectItem); ok {
			s.change.Items = append(s.change.Items, item)
			return s.dueWithCredential(ctx, item, before == 0)
		}
		connection, _ := cut(subject, subjectConnection)
		s.change.Connections = append(s.change.Connections, connection)
		return s.dueOfConnection(ctx, connection)
	})
	if err == nil && newer {
		h.forgetAccess(subject, version)
		wake(h.kickCheck)
	}
	return err
}

func cut(subject, prefix string) (string, bool) {
	if len(subject) < len(prefix) || subject[:len(prefix)] != prefix {
		return "", false
	}
	return subject[len(prefix):], true
}

func (s *storing) dueWithCredential(ctx context.Context, item string, first bool) error {
	if _, err := s.tx.ExecContext(ctx, `UPDATE checks SET due_ms = $1, step = 0 WHERE item = $2
		AND ($3 = 1 OR item IN (SELECT id FROM items WHERE rank = 0))`, s.h.now(), item, number(first)); err != nil {
		return fmt.Errorf("scheduling the check of %s: %w", item, err)
	}
	return nil
}

// ofSameUser are the Connections ($2 and others) of one platform's user: the
// token of any of them opens what that user may use.
const ofSameUser = `
	SELECT c.id FROM connections c JOIN connections this ON this.id = $2
	WHERE c.truth -> 'user' ->> 'id' = this.truth -> 'user' ->> 'id' AND c.truth ->> 'platform' = this.truth ->> 'platform'`

// dueOfConnection has the Facebook items tried that a Connection's token opens.
func (s *storing) dueOfConnection(ctx context.Context, connection string) error {
	_, err := s.tx.ExecContext(ctx, `UPDATE checks SET due_ms = $1, step = 0 WHERE item IN (
		SELECT items.id FROM items JOIN requests ON requests.id = items.request JOIN request_truths ON request_truths.seq = requests.seq
		WHERE request_truths.truth ->> 'connection' IN (`+ofSameUser+`)
		UNION ALL SELECT id FROM items JOIN item_truths USING (seq) WHERE request = '' AND truth ->> 'connection' IN (`+ofSameUser+`))`, s.h.now(), connection)
	if err != nil {
		return fmt.Errorf("scheduling the checks of connection %s: %w", connection, err)
	}
	return nil
}

// mostPostponed is how often a delivery may wait for its item to be read.
const mostPostponed = 5

// postpone lets a delivery wait for the next round. One whose item never comes
// is refused.
func (h *Hub) postpone(ctx context.Context, d wire.Delivery) error {
	h.mu.Lock()
	h.postponed[d.ID]++
	times := h.postponed[d.ID]
	h.mu.Unlock()
	if times < mostPostponed {
		wake(h.kick)
		return nil
	}
	return h.refuse(ctx, d, errors.New("nothing is known of its item"))
}

// refuse keeps that a delivery was not taken, and why.
func (h *Hub) refuse(ctx context.Context, d wire.Delivery, cause error) error {
	h.mu.Lock()
	h.tried[d.ID] = true
	h.mu.Unlock()
	h.log.Error("a delivery is not what it says and was refused", "delivery", d.ID, "item", d.Item, "connection", d.Connection, "version", d.Version, "error", cause)
	return h.store(ctx, func(s *storing) error {
		subject := subjectItem + d.Item
		if d.Connection != "" {
			subject = subjectConnection + d.Connection
		}
		_, err := s.tx.ExecContext(ctx, `INSERT INTO refusals (delivery, subject, reason, at_ms) VALUES ($1, $2, $3, $4) ON CONFLICT (delivery) DO NOTHING`,
			d.ID, subject, cause.Error(), h.now())
		if err != nil {
			return fmt.Errorf("keeping a refusal: %w", err)
		}
		s.change.Standing = true
		return nil
	})
}

// Refusal is a delivery that was not for this computer, or not what it says.
type Refusal struct {
	Delivery string            `json:"delivery"`
	Subject  string            `json:"subject"` // "item:…" or "connection:…"
	Reason   string            `json:"reason"`
	At       onboarding.Moment `json:"at"`
}

// Refusals lists the deliveries that this computer refused, newest first.
func (h *Hub) Refusals(ctx context.Context) ([]Refusal, error) {
	rows, err := h.db.QueryContext(ctx, `SELECT delivery, subject, reason, at_ms FROM refusals ORDER BY at_ms DESC LIMIT 100`)
	if err != nil {
		return nil, fmt.Errorf("reading refusals: %w", err)
	}
	defer func() { _ = rows.Close() }() // its error is rows.Err
	var all []Refusal
	for rows.Next() {
		var r Refusal
		if err := rows.Scan(&r.Delivery, &r.Subject, &r.Reason, &r.At); err != nil {
			return nil, fmt.Errorf("reading refusals: %w", err)
		}
		all = append(all, r)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading refusals: %w", err)
	}
	return all, nil
}
