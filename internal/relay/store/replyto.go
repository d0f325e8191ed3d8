package store

import (
	"context"
	"crypto/subtle"
	"database/sql"
	"errors"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// maxReplyAttempts is how often a code may be tried.
const maxReplyAttempts = 5

// maxReplyToPerDay bounds the codes that an agency has mailed to addresses of its
// choice.
const maxReplyToPerDay = 10

// ProposeReplyTo stores the address that is to be confirmed, and queues the email
// with the code; the code itself is made when the email is sent. No address: there is
// no reply-to any more. ErrRateLimited: the agency or the address got enough today.
func (s *Agencies) ProposeReplyTo(
	ctx context.Context, agency, member string, to NewRecipient, limits onboarding.Limits,
) (onboarding.Agency, error) {
	var stored onboarding.Agency
	err := s.change(ctx, agency, func(c *changeTx) error {
		var err error
		if stored, err = currentAgency(c); err != nil {
			return err
		}
		if to.Address == "" {
			if stored.Brand.ReplyTo == "" && stored.Brand.PendingReplyTo == "" {
				return errUnchanged
			}
			if err := c.exec(`UPDATE agencies SET reply_to = '', pending_reply_to = '' WHERE id = $1`, agency); err != nil {
				return err
			}
		} else if err := queueReplyTo(c, member, to, limits); err != nil {
			return err
		}
		if err := c.exec(`DELETE FROM reply_to_codes WHERE agency = $1`, agency); err != nil {
			return err
		}
		if err := c.bump(kindAgency, agency, "", audienceAll); err != nil {
			return err
		}
		stored, err = currentAgency(c)
		return err
	})
	if err != nil {
		return onboarding.Agency{}, fmt.Errorf("proposing a reply-to: %w", err)
	}
	return stored, nil
}

// queueReplyTo makes an address the pending one, and queues and counts its email.
func queueReplyTo(c *changeTx, member string, to NewRecipient, limits onboarding.Limits) error {
	var today int
	if err := c.row(`
		SELECT count(*) FROM emails
		WHERE agency = $1 AND kind = $2 AND created_ms > $3`, c.agency, EmailReplyTo, c.now-day).Scan(&today); err != nil {
		return err
	}
	if today >= maxReplyToPerDay {
		return onboarding.ErrRateLimited
	}
	block, until, err := emailBlockOf(c.reads(), EmailReplyTo, Mailbox{Hashes: to.Hashes, Limits: limits})
	switch {
	case err != nil:
		return err
	case block == BlockSuppressed:
		return onboarding.Invalid("address", "This address asked for no emails from your agency. Enter another one.")
	case block != "":
		return onboarding.ErrRateLimited
	}
	if err := c.exec(`UPDATE agencies SET pending_reply_to = $1 WHERE id = $2`, to.Address, c.agency); err != nil {
		return err
	}
	return enqueueCounted(c, Email{Kind: EmailReplyTo, Member: member, NotBefore: until}, to.Hashes)
}

// StoreReplyToCode stores the keyed hash of the code that is sent to the agency's
// pending address. A newer one replaces an older one.
func (s *Agencies) StoreReplyToCode(
	ctx context.Context, agency, address string, hash []byte, until onboarding.Timestamp,
) error {
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO reply_to_codes (agency, address, hash, expires_ms, tries) VALUES ($1, $2, $3, $4, 0)
			ON CONFLICT (agency) DO UPDATE SET address = excluded.address, hash = excluded.hash,
			expires_ms = excluded.expires_ms, tries = 0`, agency, address, hash, until)
		return err
	})
	if err != nil {
		return fmt.Errorf("storing a code for the reply-to: %w", err)
	}
	return nil
}

// ConfirmReplyTo makes the pending address the reply-to if the code's hash is
// right. A wrong one is ErrForbidden and counts; after maxReplyAttempts, or when it
// has expired, the code is ErrNotFound.
func (s *Agencies) ConfirmReplyTo(ctx context.Context, agency string, hash []byte) (onboarding.Agency, error) {
	var stored onboarding.Agency
	var verdict error
	err := s.change(ctx, agency, func(c *changeTx) error {
		verdict = nil
		var address string
		var want []byte
		var tries int
		err := c.row(`
			UPDATE reply_to_codes SET tries = tries + 1 WHERE agency = $1 AND expires_ms > $2
			RETURNING address, hash, tries`, agency, c.now).Scan(&address, &want, &tries)
		switch {
		case errors.Is(err, sql.ErrNoRows), err == nil && tries > maxReplyAttempts:
			verdict = onboarding.ErrNotFound
			return nil
		case err != nil:
			return err
		case subtle.ConstantTimeCompare(want, hash) != 1:
			verdict = onboarding.ErrForbidden
			return nil // commits the attempt
		}
		if err := c.exec(`DELETE FROM reply_to_codes WHERE agency = $1`, agency); err != nil {
			return err
		}
		if err := c.exec(`
			UPDATE agencies SET reply_to = $1, pending_reply_to = ''
			WHERE id = $2 AND pending_reply_to = $1`, address, agency); err != nil {
			return err
		}
		if err := c.bump(kindAgency, agency, "", audienceAll); err != nil {
			return err
		}
		stored, err = currentAgency(c)
		return err
	})
	if err == nil {
		err = verdict
	}
	if err != nil {
		return onboarding.Agency{}, fmt.Errorf("confirming the reply-to: %w", err)
	}
	return stored, nil
}
