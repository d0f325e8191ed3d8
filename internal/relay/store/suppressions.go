package store

import (
	"context"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Suppress stops all emails of the agency to an address: those that are queued to
// it as a recipient of any request, and any later one. hash is the address's
// keyed hash, which outlives the requests. A repeat changes nothing.
func (s *Emails) Suppress(ctx context.Context, agency, address string, hash []byte) error {
	known, err := anySuppressed(ctx, s.db, agency, [][]byte{hash})
	if err != nil {
		return fmt.Errorf("stopping emails to an address: %w", err)
	}
	ids, err := s.recipientsWith(ctx, agency, address)
	if err != nil || known && len(ids) == 0 {
		return err
	}
	err = s.change(ctx, agency, func(c *changeTx) error {
		if err := insertSuppression(c, hash); err != nil {
			return err
		}
		list, args := inClause(ids)
		recipients, err := read(c.ctx, c, `
			SELECT `+recipientColumns+` FROM recipients WHERE stopped_ms = 0 AND id `+list, args, scanRecipient)
		if err != nil {
			return err
		}
		for _, r := range recipients {
			if err := suppressRecipient(c, r); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("stopping emails to an address: %w", err)
	}
	return nil
}

// recipientsWith lists the ids of an agency's recipients that have an address and get
// emails. It reads all of the agency's, so it is never called in a transaction that
// others wait for.
func (s *Emails) recipientsWith(ctx context.Context, agency, address string) ([]string, error) {
	rows, err := s.db.QueryContext(ctx, `
		SELECT `+recipientColumns+` FROM recipients WHERE `+mayMatchAddress("address")+` AND stopped_ms = 0
		AND request IN (SELECT id FROM requests WHERE agency = $2)`, onboarding.AddressKey(address), agency)
	list, err := scanAll(rows, err, scanRecipient)
	if err != nil {
		return nil, fmt.Errorf("looking up an address: %w", err)
	}
	var ids []string
	for _, r := range list {
		if onboarding.SameAddress(r.Address, address) {
			ids = append(ids, r.ID)
		}
	}
	return ids, nil
}

func insertSuppression(c *changeTx, hash []byte) error {
	return c.exec(`
		INSERT INTO suppressions (agency, address_hash, at_ms) VALUES ($1, $2, $3)
		ON CONFLICT (agency, address_hash) DO NOTHING`, c.agency, hash, c.now)
}

// suppressRecipient cancels the emails to one recipient.
func suppressRecipient(c *changeTx, r ownedRecipient) error {
	if err := c.exec(`
		UPDATE emails SET state = $1, finished_ms = $2
		WHERE recipient = $3 AND state = $4`, onboarding.EmailCancelled, c.now, r.ID, onboarding.EmailQueued); err != nil {
		return err
	}
	if r.EmailState == onboarding.EmailQueued {
		r.EmailState = onboarding.EmailCancelled
	}
	if err := c.exec(`
		UPDATE recipients SET stopped_ms = $1, email_state = $2, remind_ms = 0 WHERE id = $3`,
		c.now, r.EmailState, r.ID); err != nil {
		return err
	}
	if err := recordEvent(c, r.request, onboarding.EventSuppressed, "", r.Address); err != nil {
		return err
	}
	var owner string
	if err := c.row(`SELECT owner FROM requests WHERE id = $1`, r.request).Scan(&owner); err != nil {
		return err
	}
	return c.bump(kindRequest, r.request, owner, audienceOwner)
}

// IsSuppressed reports whether an address, by its hashes under each key that
// verifies, asked for no emails of this agency.
func (s *Emails) IsSuppressed(ctx context.Context, agency string, hashes [][]byte) (bool, error) {
	found, err := anySuppressed(ctx, s.db, agency, hashes)
	if err != nil {
		return false, fmt.Errorf("looking up a suppressed address: %w", err)
	}
	return found, nil
}

func isSuppressed(c *changeTx, hashes [][]byte) (bool, error) {
	return anySuppressed(c.ctx, c, c.agency, hashes)
}

func anySuppressed(ctx context.Context, db queryer, agency string, hashes [][]byte) (bool, error) {
	for _, hash := range hashes {
		var n int64
		if err := db.QueryRowContext(ctx, `
			SELECT count(*) FROM suppressions
			WHERE agency = $1 AND address_hash = $2`, agency, hash).Scan(&n); err != nil || n > 0 {
			return n > 0, err
		}
	}
	return false, nil
}
