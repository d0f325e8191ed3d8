package credentials

import (
	"context"
	"errors"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/hub/session"
	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/seal"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// Fetch opens the deliveries for this computer, stores them in the keychain,
// and only then acknowledges them.
//
// A delivery with another binding than expected (device, relay, agency,
// request, item, account or version) is never acknowledged: it is logged and shown
// as something to do, and stays with the relay for examination. It does not block later
// deliveries.
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
			return err // stored deliveries are acknowledged next time
		}
	}
}

// Accept stores one delivery; stored reports whether it may be acknowledged.
// After an error the delivery is fetched again.
func (c *Credentials) Accept(ctx context.Context, delivery wire.Delivery) (stored bool, err error) {
	id := c.config.Session.Identity()
	c.mu.Lock()
	refusedBefore := c.rejected[delivery.ID]
	c.mu.Unlock()
	if refusedBefore {
		return false, nil
	}
	subject := subjectOf(delivery)
	expected, err := readExpectation(ctx, c.config.Replica.DB(), id, subject)
	if errors.Is(err, onboarding.ErrNotFound) {
		// The item was created after the last read of changes: read again
		// first.
		return false, c.postpone(ctx, delivery)
	}
	if err != nil {
		return false, err
	}
	key, err := c.secret.key(ctx, id)
	if err != nil {
		c.config.Session.RecordKeychainError(err)
		return false, err
	}
	expected.binding.Version = delivery.Version
	plain, err := seal.Open(key, expected.binding, delivery.Sealed) // what is expected, never what the delivery claims
	if err != nil {
		return false, c.reject(ctx, delivery, err)
	}
	if _, err := platform.ReadCredential(plain); err != nil {
		return false, c.reject(ctx, delivery, err)
	}
	return c.store(ctx, id, subject, storedCredential{
		Version: delivery.Version, Account: expected.binding.Account, Plain: string(plain),
	})
}

// store puts a credential into the keychain, unless a newer one is there. It
// first records the entry's name, so that a wipe finds it after a crash.
func (c *Credentials) store(
	ctx context.Context, id session.Identity, subject string, k storedCredential,
) (bool, error) {
	name, err := c.config.Replica.NoteCredential(ctx, subject, credentialName(id, subject))
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

// recordVersion stores the version that is in the keychain, and has its item
// checked if that is due now.
func (c *Credentials) recordVersion(ctx context.Context, subject string, before, version int64) error {
	if err := c.config.Replica.RecordCredential(ctx, subject, before, version); err != nil {
		return err
	}
	if version <= before {
		return nil
	}
	if item, ok := strings.CutPrefix(subject, replica.SubjectItem); ok {
		c.tokens.dropOlder(item, version)
	}
	c.config.OnDue()
	return nil
}

// maxPostponed bounds how often a delivery is postponed because its item is
// unknown.
const maxPostponed = 5

// postpone leaves a delivery to the next round, and rejects it after
// maxPostponed rounds.
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

// reject records why a delivery was not accepted.
func (c *Credentials) reject(ctx context.Context, d wire.Delivery, cause error) error {
	c.mu.Lock()
	c.rejected[d.ID] = true
	c.mu.Unlock()
	c.config.Log.Error(
		"a delivery is not what it says and was refused", "delivery", d.ID, "item", d.Item, "connection", d.Connection,
		"version", d.Version, "error", cause,
	)
	return c.config.Replica.RecordRejection(ctx, replica.RejectedDelivery{
		Delivery: d.ID,
		Subject:  subjectOf(d),
		Reason:   cause.Error(),
		At:       c.now(),
	})
}
