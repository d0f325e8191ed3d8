package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// Claim leases the email that is due first until a moment. ErrNotFound:
// none is. One that was in the middle of being sent when its relay stopped is
// due again, once more with the same Message-ID. So is one that this life
// leased and that is not among those in hand: the database went away before
// anybody knew of the lease, or while the email was written.
func (s *Emails) Claim(
	ctx context.Context, life LeaseOwner, inHand []string, until onboarding.Timestamp,
) (Email, error) {
	var l Email
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		now := s.timestamp()
		var err error
		busy, args := inClause(append([]string{""}, inHand...), now, life.Instance, life.Run)
		l, err = scanEmail(tx.QueryRowContext(ctx, `SELECT `+emailColumns+` FROM emails
			WHERE state IN ('queued', 'sending', 'taken') AND not_before_ms <= $1 AND (`+due+
			` OR (lease_instance = $2 AND lease_run = $3 AND NOT id `+busy+`)) ORDER BY not_before_ms, id LIMIT 1`, args...))
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `
			UPDATE emails SET lease_until_ms = $1, lease_instance = $2, lease_run = $3
			WHERE id = $4`, until, life.Instance, life.Run, l.ID)
		return err
	})
	return l, wrapNotFound(err, "claiming an email")
}

// NextDue is when the next email is due; zero: none waits.
func (s *Emails) NextDue(ctx context.Context) (onboarding.Timestamp, error) {
	var next onboarding.Timestamp
	err := s.db.QueryRowContext(ctx, `
		SELECT COALESCE(min(CASE WHEN not_before_ms > lease_until_ms THEN not_before_ms ELSE lease_until_ms END), 0)
		FROM emails WHERE state IN ('queued', 'sending', 'taken')`).Scan(&next)
	if err != nil {
		return 0, fmt.Errorf("looking for the next email: %w", err)
	}
	return next, nil
}

// letterTaken is an email that the mail server has, while its recipient does
// not read so yet. A stop here sends nothing again.
const emailAccepted onboarding.EmailState = "taken"

// IsAccepted says that the mail server has the email and only EndLetter is due.
func (l Email) IsAccepted() bool { return l.State == emailAccepted }

// MarkAccepted commits that the mail server took an email: one row and nothing
// else, so that as little time as can be lies between its word and the disk.
func (s *Emails) MarkAccepted(ctx context.Context, id string) error {
	err := s.db.InTxPriority(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE emails SET state = 'taken' WHERE id = $1 AND state = 'sending'`, id)
		return err
	})
	if err != nil {
		return fmt.Errorf("noting that email %s was taken: %w", id, err)
	}
	return nil
}

// MarkSending commits that the email's content goes out now. ErrConflict:
// the lease is another's by now, or the email was cancelled: do not send.
func (s *Emails) MarkSending(ctx context.Context, id string, life LeaseOwner) error {
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		var sending string
		err := tx.QueryRowContext(ctx, `
			UPDATE emails SET state = 'sending', attempts = attempts + 1
			WHERE id = $1 AND lease_instance = $2 AND lease_run = $3 AND state IN ('queued', 'sending') RETURNING id`,
			id, life.Instance, life.Run).Scan(&sending)
		if errors.Is(err, sql.ErrNoRows) {
			return onboarding.ErrConflict
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("readying email %s: %w", id, err)
	}
	return nil
}

// EmailResult is how an attempt ended.
type EmailResult struct {
	State       onboarding.EmailState // accepted, refused, cancelled, or queued for another attempt
	ServerReply string                // the mail server's
	NotBefore   onboarding.Timestamp  // of the next attempt
}

// Finish keeps how an attempt ended, on the email and, where a client is
// written to, on the recipient.
func (s *Emails) Finish(ctx context.Context, l Email, result EmailResult) error {
	err := s.change(ctx, l.Agency, func(c *changeTx) error {
		ended := c.now
		if result.State == onboarding.EmailQueued {
			ended = 0
		}
		if err := c.exec(`
			UPDATE emails SET state = $1, server_reply = $2, not_before_ms = $3, finished_ms = $4, lease_until_ms = 0,
			lease_instance = '', lease_run = '',
				attempts = CASE WHEN $1 = 'queued' AND state = 'queued' THEN attempts + 1 ELSE attempts END WHERE id = $5`,
			result.State, result.ServerReply, result.NotBefore, ended, l.ID); err != nil {
			return err
		}
		if l.Recipient == "" {
			return nil
		}
		return finishRecipientEmail(c, l, result)
	})
	if err != nil {
		return fmt.Errorf("ending email %s: %w", l.ID, err)
	}
	return nil
}

func finishRecipientEmail(c *changeTx, l Email, result EmailResult) error {
	rows, err := c.QueryContext(c.ctx, `SELECT `+recipientColumns+` FROM recipients WHERE id = $1`, l.Recipient)
	recipients, err := scanAll(rows, err, scanRecipient)
	if err != nil || len(recipients) == 0 {
		return err // deleted meanwhile
	}
	r := recipients[0]
	sent, count := r.Sent, r.Count
	if result.State == onboarding.EmailAccepted {
		sent, count = c.now, count+1
	}
	if err := c.exec(`
		UPDATE recipients SET email_state = $1, server_reply = $2, sent_ms = $3, sent_count = $4
		WHERE id = $5`, result.State, result.ServerReply, sent, count, r.ID); err != nil {
		return err
	}
	switch result.State {
	case onboarding.EmailAccepted:
		err = recordEvent(c, r.request, onboarding.EventSent, "", r.Address)
	case onboarding.EmailRefused:
		err = recordEvent(c, r.request, onboarding.EventEmailRefused, "", r.Address)
	}
	if err != nil {
		return err
	}
	var owner string
	if err := c.row(`SELECT owner FROM requests WHERE id = $1`, r.request).Scan(&owner); err != nil {
		return err
	}
	return c.bump(kindRequest, r.request, owner, audienceOwner)
}

// CancelBefore cancels every email that was written before a moment
// and has not gone out: a restored backup must not write to people again.
func (s *Emails) CancelBefore(ctx context.Context, before onboarding.Timestamp) (int64, error) {
	var cancelled int64
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE recipients SET email_state = $1 WHERE email_state IN ('queued', 'sending')
			AND id IN (SELECT recipient FROM emails WHERE state IN ('queued', 'sending') AND created_ms <= $2)`,
			onboarding.EmailCancelled, before); err != nil {
			return err
		}
		done, err := tx.ExecContext(ctx, `
			UPDATE emails SET state = $1, finished_ms = $2
			WHERE state IN ('queued', 'sending') AND created_ms <= $3`, onboarding.EmailCancelled, s.timestamp(), before)
		if err != nil {
			return err
		}
		cancelled, err = done.RowsAffected()
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("cancelling emails: %w", err)
	}
	return cancelled, nil
}
