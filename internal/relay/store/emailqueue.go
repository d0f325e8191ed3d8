package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// Claim leases the due email that waits longest, of an agency without one in flight if
// there is any: an agency's thousand emails delay no other agency. ErrNotFound: none is
// due. inFlight are the emails of this run, with their agencies. An email that was being
// sent when its relay stopped is due again, with the same Message-ID. So is one that
// this run leased and that is not in flight: the database was lost before the lease was
// reported.
func (s *Emails) Claim(
	ctx context.Context, owner LeaseOwner, inFlight map[string]string, until onboarding.Timestamp,
) (Email, error) {
	var email Email
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		now := s.timestamp()
		err := s.verifyEmailsTable(ctx, tx)
		if err != nil {
			return err
		}
		mine, args := inClause(slices.Collect(maps.Keys(inFlight)), now, owner.Instance, owner.Run)
		busy, args := inClause(slices.Collect(maps.Values(inFlight)), args...)
		email, err = scanEmail(tx.QueryRowContext(ctx, `SELECT `+emailColumns+` FROM emails
			WHERE state IN ('queued', 'sending', 'handed_over') AND not_before_ms <= $1 AND (`+due+
			` OR (lease_instance = $2 AND lease_run = $3 AND NOT id `+mine+`))
			ORDER BY CASE WHEN agency `+busy+` THEN 1 ELSE 0 END, not_before_ms, id LIMIT 1`, args...))
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `
			UPDATE emails SET lease_until_ms = $1, lease_instance = $2, lease_run = $3
			WHERE id = $4`, until, owner.Instance, owner.Run, email.ID)
		return err
	})
	return email, wrapNotFound(err, "claiming an email")
}

// NextDue is when the next email is due; zero: none waits.
func (s *Emails) NextDue(ctx context.Context) (onboarding.Timestamp, error) {
	var next onboarding.Timestamp
	err := s.db.QueryRowContext(ctx, `
		SELECT COALESCE(min(CASE WHEN not_before_ms > lease_until_ms THEN not_before_ms ELSE lease_until_ms END), 0)
		FROM emails WHERE state IN ('queued', 'sending', 'handed_over')`).Scan(&next)
	if err != nil {
		return 0, fmt.Errorf("finding the next email: %w", err)
	}
	return next, nil
}

// emailHandedOver: the mail server has the email, and the recipient's row does not
// show it yet. It is not sent again after a stop.
const emailHandedOver onboarding.EmailState = "handed_over"

// IsAccepted reports whether the mail server has the email, so that only Finish is
// due.
func (email Email) IsAccepted() bool { return email.State == emailHandedOver }

// MarkAccepted commits that the mail server accepted an email: one row and nothing
// else, as soon as possible after the server's reply.
func (s *Emails) MarkAccepted(ctx context.Context, id string) error {
	err := s.db.InTxPriority(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE emails SET state = 'handed_over' WHERE id = $1 AND state = 'sending'`, id)
		return err
	})
	if err != nil {
		return fmt.Errorf("recording that email %s was accepted: %w", id, err)
	}
	return nil
}

// MarkSending commits that the email's content is sent now, and counts it. until is when
// its address may get it, if that is later. ErrRateLimited: the address gets no more
// today. ErrConflict: another relay has the lease, or the email was cancelled: do not
// send it.
func (s *Emails) MarkSending(
	ctx context.Context, email Email, owner LeaseOwner, to NewRecipient, limits onboarding.Limits,
) (until onboarding.Timestamp, err error) {
	err = s.inAgencyTx(ctx, email.Agency, func(t *agencyTx) error {
		var err error
		if until, err = countSending(t, email, to, limits); err != nil || until != 0 {
			return err
		}
		address := to.Address
		switch {
		case email.Kind == EmailRepair:
			address = email.Address // its repairs are found by it as it was typed
		case email.IsToClient():
			address = ""
		}
		var sending string
		err = t.row(`
			UPDATE emails SET state = 'sending', attempts = attempts + 1, address = $1
			WHERE id = $2 AND lease_instance = $3 AND lease_run = $4 AND state IN ('queued', 'sending') RETURNING id`,
			address, email.ID, owner.Instance, owner.Run).Scan(&sending)
		if errors.Is(err, sql.ErrNoRows) {
			return onboarding.ErrConflict
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("preparing email %s: %w", email.ID, err)
	}
	return until, nil
}

// EmailResult is the result of an attempt.
type EmailResult struct {
	State       onboarding.EmailState // accepted, refused, cancelled, or queued for another attempt
	ServerReply string                // the mail server's
	NotBefore   onboarding.Timestamp  // of the next attempt
	Held        time.Duration         // until then, since the agency is suspended: this was no attempt
}

// Finish stores the result of an attempt: in the email and, if it has one, in its
// recipient.
func (s *Emails) Finish(ctx context.Context, email Email, result EmailResult) error {
	err := s.change(ctx, email.Agency, func(c *changeTx) error {
		finished := c.now
		if result.State == onboarding.EmailQueued {
			finished = 0
		}
		if err := c.exec(`
			UPDATE emails
			SET    state = $1, server_reply = $2, not_before_ms = $3, finished_ms = $4, held_ms = held_ms + $5,
			       lease_until_ms = 0, lease_instance = '', lease_run = '',
			       attempts = attempts + CASE WHEN $1 = 'queued' AND state = 'queued' AND $5 = 0 THEN 1 ELSE 0 END
			WHERE  id = $6`,
			result.State, result.ServerReply, result.NotBefore, finished, result.Held.Milliseconds(), email.ID); err != nil {
			return err
		}
		if email.Kind == EmailRepair {
			return finishRepairEmail(c, email, result)
		}
		if email.Kind == EmailApproval {
			return finishApproval(c, email, result)
		}
		if email.Recipient == "" {
			return nil
		}
		return finishRecipientEmail(c, email, result)
	})
	if err != nil {
		return fmt.Errorf("finishing email %s: %w", email.ID, err)
	}
	return nil
}

func finishRecipientEmail(c *changeTx, email Email, result EmailResult) error {
	rows, err := c.QueryContext(c.ctx, `SELECT `+recipientColumns+` FROM recipients WHERE id = $1`, email.Recipient)
	recipients, err := scanAll(rows, err, scanRecipient)
	if err != nil || len(recipients) == 0 {
		return err // deleted in the meantime
	}
	r := recipients[0]
	if email.Kind == EmailReminder &&
		(result.State == onboarding.EmailCancelled || result.State == onboarding.EmailQueued) {
		return nil // what they got before is what counts, also while a reminder waits
	}
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
		err = recordAccepted(c, email, r)
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

// recordAccepted records that the mail server took an email to a recipient.
func recordAccepted(c *changeTx, email Email, r ownedRecipient) error {
	if email.Kind == EmailReminder {
		return recordEvent(c, r.request, onboarding.EventReminded, "", r.Address)
	}
	if email.Kind == EmailInvitation && r.Invited == 0 {
		if err := markInvited(c, r.request, r.ID); err != nil {
			return err
		}
	}
	return recordEvent(c, r.request, onboarding.EventSent, "", r.Address)
}

// CancelBefore cancels the emails that were queued before a timestamp and not sent:
// a restored backup must not send them again.
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
