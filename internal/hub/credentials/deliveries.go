package credentials

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/hub/session"
	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/seal"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// Fetch opens what is sealed for this computer, keeps it in the
// keychain, and only then acknowledges it.
//
// A delivery that is not what it says (sealed for somebody else, for another
// relay, agency, request, item, account or version) is never acknowledged: it
// is written to the log and shown under Refusals, and stays with the relay,
// where somebody can look at it. Reading goes on behind it.
func (c *Credentials) Fetch(ctx context.Context, client *wire.Client) error {
	c.fetching.Lock()
	defer c.fetching.Unlock()
	after := ""
	for {
		a, err := wire.Call(ctx, client, wire.ReadDeliveries, wire.DeliveriesParams{After: after})
		c.config.Session.RecordOutcome(ctx, err)
		if err != nil {
			return err
		}
		if len(a.Deliveries) == 0 {
			return nil
		}
		done := make([]string, 0, len(a.Deliveries))
		for _, d := range a.Deliveries {
			after = d.ID
			stored, err := c.Accept(ctx, d)
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
		_, err = wire.Call(ctx, client, wire.Acknowledge, wire.AcknowledgeParams{IDs: done})
		c.config.Session.RecordOutcome(ctx, err)
		if err != nil {
			return err // what is in the keychain already is acknowledged next time
		}
	}
}

// Accept keeps one delivery; stored says that it may be acknowledged. An error
// is this computer's own: the delivery comes again.
func (c *Credentials) Accept(ctx context.Context, d wire.Delivery) (stored bool, err error) {
	id := c.config.Session.Identity()
	c.mu.Lock()
	refusedBefore := c.rejected[d.ID]
	c.mu.Unlock()
	if refusedBefore {
		return false, nil
	}
	names, subject, err := c.expectedBinding(ctx, id, d)
	if errors.Is(err, onboarding.ErrNotFound) {
		// Its item was made after the changes were read: they are read again first.
		return false, c.postpone(ctx, d)
	}
	if err != nil {
		return false, err
	}
	key, err := c.secret.key(ctx, id)
	if err != nil {
		c.config.Session.RecordKeychainError(err)
		return false, err
	}
	plain, err := seal.Open(key, names, d.Sealed)
	if err != nil {
		return false, c.reject(ctx, d, err)
	}
	if _, err := platform.ReadCredential(plain); err != nil {
		return false, c.reject(ctx, d, err)
	}
	return c.store(ctx, id, subject, storedCredential{Version: d.Version, Account: names.Account, Plain: string(plain)})
}

// expectedBinding says what has to stand inside a delivery, by this computer's own
// copy and never by what the delivery says of itself.
func (c *Credentials) expectedBinding(
	ctx context.Context, id session.Identity, d wire.Delivery,
) (seal.Binding, string, error) {
	names := seal.Binding{Relay: id.Relay, Agency: id.Agency, Version: d.Version}
	if d.Connection != "" {
		c, err := replica.ReadConnection(ctx, c.config.Replica.DB(), d.Connection)
		if err != nil {
			return names, "", err
		}
		names.Item, names.Account = c.ID, c.User.ID
		return names, replica.SubjectConnection + c.ID, nil
	}
	i, err := replica.ReadItem(ctx, c.config.Replica.DB(), d.Item)
	if err != nil {
		return names, "", err
	}
	names.Request, names.Item, names.Account = i.Request, i.ID, i.Account
	return names, replica.SubjectItem + i.ID, nil
}

// store puts a credential into the keychain, unless a newer one is there. The
// name is written down first, so that a wiping finds whatever was ever stored.
func (c *Credentials) store(
	ctx context.Context, id session.Identity, subject string, k storedCredential,
) (bool, error) {
	name, err := c.nameOf(ctx, id, subject)
	if err != nil {
		return false, err
	}
	before, err := c.secret.credential(ctx, name)
	if err != nil && !errors.Is(err, keychain.ErrNotFound) {
		c.config.Session.RecordKeychainError(err)
		return false, err
	}
	if err == nil && before.Version >= k.Version {
		return true, c.recordVersion(ctx, subject, before.Version, before.Version)
	}
	if err := c.secret.setCredential(ctx, name, k); err != nil {
		c.config.Session.RecordKeychainError(err)
		return false, err
	}
	return true, c.recordVersion(ctx, subject, before.Version, k.Version)
}

func (c *Credentials) nameOf(ctx context.Context, id session.Identity, subject string) (string, error) {
	name := credentialName(id, subject)
	err := c.config.Replica.Update(ctx, func(tx *replica.Tx) error {
		return tx.QueryRowContext(ctx, `
			INSERT INTO credentials (subject, name, version, stored_ms, delete_after_ms) VALUES ($1, $2, 0, $3, 0)
			ON CONFLICT (subject) DO UPDATE SET delete_after_ms = 0 RETURNING name`, subject, name, c.now()).Scan(&name)
	})
	if err != nil {
		return "", fmt.Errorf("noting the credential of %s: %w", subject, err)
	}
	return name, nil
}

// recordVersion notes which version is in the keychain, and has what it opens
// tried for real where it is the first, or may mend what is broken. Every
// renewal makes a version: trying each of them would never end.
func (c *Credentials) recordVersion(ctx context.Context, subject string, before, version int64) error {
	newer := version > before
	err := c.config.Replica.Update(ctx, func(s *replica.Tx) error {
		if _, err := s.Tx.ExecContext(ctx, `
			UPDATE credentials SET version = $1, stored_ms = $2 WHERE subject = $3`, version, c.now(), subject); err != nil {
			return fmt.Errorf("noting the credential of %s: %w", subject, err)
		}
		if !newer {
			return nil
		}
		if item, ok := strings.CutPrefix(subject, replica.SubjectItem); ok {
			s.Change.Items = append(s.Change.Items, item)
			return s.CheckItemSoon(ctx, item, before == 0)
		}
		connection, _ := strings.CutPrefix(subject, replica.SubjectConnection)
		s.Change.Connections = append(s.Change.Connections, connection)
		return s.CheckConnectionSoon(ctx, connection)
	})
	if err == nil && newer {
		if item, ok := strings.CutPrefix(subject, replica.SubjectItem); ok {
			c.tokens.dropOlder(item, version)
		}
		c.config.OnDue()
	}
	return err
}

// maxPostponed is how often a delivery may wait for its item to be read.
const maxPostponed = 5

// postpone lets a delivery wait for the next round. One whose item never comes
// is refused.
func (c *Credentials) postpone(ctx context.Context, d wire.Delivery) error {
	c.mu.Lock()
	c.postponed[d.ID]++
	times := c.postponed[d.ID]
	c.mu.Unlock()
	if times < maxPostponed {
		c.config.OnQueued()
		return nil
	}
	return c.reject(ctx, d, errors.New("nothing is known of its item"))
}

// reject keeps that a delivery was not taken, and why.
func (c *Credentials) reject(ctx context.Context, d wire.Delivery, cause error) error {
	c.mu.Lock()
	c.rejected[d.ID] = true
	c.mu.Unlock()
	c.config.Log.Error(
		"a delivery is not what it says and was refused", "delivery", d.ID, "item", d.Item, "connection", d.Connection,
		"version", d.Version, "error", cause,
	)
	return c.config.Replica.Update(ctx, func(s *replica.Tx) error {
		subject := replica.SubjectItem + d.Item
		if d.Connection != "" {
			subject = replica.SubjectConnection + d.Connection
		}
		_, err := s.Tx.ExecContext(ctx, `
			INSERT INTO rejected_deliveries (delivery, subject, reason, at_ms) VALUES ($1, $2, $3, $4)
			ON CONFLICT (delivery) DO NOTHING`,
			d.ID, subject, cause.Error(), c.now())
		if err != nil {
			return fmt.Errorf("keeping a refusal: %w", err)
		}
		s.Change.Session = true
		return nil
	})
}

// Refusal is a delivery that was not for this computer, or not what it says.
type Refusal struct {
	Delivery string               `json:"delivery"`
	Subject  string               `json:"subject"` // "item:…" or "connection:…"
	Reason   string               `json:"reason"`
	At       onboarding.Timestamp `json:"at"`
}

// Refusals lists the deliveries that this computer refused, newest first.
func (c *Credentials) Refusals(ctx context.Context) ([]Refusal, error) {
	rows, err := c.config.Replica.DB().QueryContext(ctx, `
		SELECT delivery, subject, reason, at_ms FROM rejected_deliveries ORDER BY at_ms DESC LIMIT 100`)
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
