package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/link"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// EmailKind is what an email is about.
type EmailKind string

// The emails. To a recipient: the request, and its link asked for on a
// telephone. To a person in the wizard: the receipt. To the address itself: the
// code for the reply-to. To the operator: a report. To a member: the rest.
const (
	EmailInvitation         EmailKind = "request"
	EmailPhoneLink          EmailKind = "link"
	EmailReceipt            EmailKind = "receipt"
	EmailReplyTo            EmailKind = "reply_to"
	EmailCompletion         EmailKind = "completed"
	EmailFinishedWaiting    EmailKind = "finished_waiting"
	EmailNothingConnected   EmailKind = "finished_empty"
	EmailNoDevice           EmailKind = "no_device"
	EmailStillWaiting       EmailKind = "unchecked"    // nobody who can check was seen for a day
	EmailCredentialExpiring EmailKind = "idle"         // a credential would die of idleness
	EmailAgencySideProblem  EmailKind = "agency_side"  // a client is stopped by what only the agency can mend
	EmailAccessWorks        EmailKind = "access_works" // to a client: what stopped them on the agency's side is mended
	EmailReport             EmailKind = "report"       // to the operator: somebody pressed Report
)

// Email is an email as a row: ids only. Its link and its words are made when
// it is sent.
type Email struct {
	ID          string
	Agency      string
	Kind        EmailKind
	Request     string
	Recipient   string
	Member      string
	Visit       string
	Item        string
	Service     onboarding.Service // what somebody was stopped at; empty: the item's
	Failure     string             // by what, a code of the catalog; empty: the item's
	About       string             // of a report: what they looked at
	Reference   string             // of a report: the log has it too
	State       onboarding.EmailState
	Attempts    int
	NotBefore   onboarding.Timestamp
	ServerReply string
	MessageID   string // the part before the @: the same at every attempt
	LinkID      []byte // random, in the addresses below the email
	Created     onboarding.Timestamp
}

const emailColumns = `id, agency, kind, request, recipient, member, visit, item, service, failure, about, reference,
	state, attempts, not_before_ms, server_reply, message_id, link_id, created_ms`

func scanEmail(r scanner) (Email, error) {
	var l Email
	err := r.Scan(
		&l.ID, &l.Agency, &l.Kind, &l.Request, &l.Recipient, &l.Member, &l.Visit, &l.Item, &l.Service, &l.Failure, &l.About,
		&l.Reference, &l.State, &l.Attempts, &l.NotBefore, &l.ServerReply, &l.MessageID, &l.LinkID, &l.Created,
	)
	return l, err
}

// enqueue writes an email in the transaction of the change that causes it.
func enqueue(c *changeTx, l Email) error {
	if l.ID == "" {
		l.ID = NewID()
	}
	err := c.exec(`
		INSERT INTO emails (id, agency, kind, request, recipient, member, visit, item, service, failure, about, reference,
		state, attempts, not_before_ms, lease_until_ms, lease_instance, lease_run, server_reply, message_id, link_id,
		created_ms, finished_ms)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $15, $16, $12, $13, $9, 0, $10, 0, '', '', '', $11, $14, $10, 0)`,
		l.ID, c.agency, l.Kind, l.Request, l.Recipient, l.Member, l.Visit, l.Item, onboarding.EmailQueued, c.now, NewID(),
		l.About, l.Reference, link.NewID(), l.Service, l.Failure)
	if err != nil {
		return fmt.Errorf("queueing the email %s: %w", l.Kind, err)
	}
	return nil
}

// GetByLink finds the email of an address below it by its random id.
func (s *Emails) GetByLink(ctx context.Context, linkID []byte) (Email, error) {
	l, err := scanEmail(s.db.QueryRowContext(ctx, `SELECT `+emailColumns+` FROM emails WHERE link_id = $1`, linkID))
	return l, wrapNotFound(err, "finding an email")
}

// Enqueue writes an email that no other change causes, unless one like it (kind,
// request, item) was written since a moment: people are told once.
func (s *Emails) Enqueue(ctx context.Context, l Email, since onboarding.Timestamp) error {
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		c := &changeTx{Tx: tx, ctx: ctx, agency: l.Agency, now: s.timestamp()}
		var told int64
		if err := c.row(`
			SELECT count(*) FROM emails
			WHERE agency = $1 AND kind = $2 AND request = $3 AND item = $4 AND created_ms > $5`, l.Agency, l.Kind, l.Request,
			l.Item, since).Scan(&told); err != nil || told > 0 {
			return err
		}
		return enqueue(c, l)
	})
	if err != nil {
		return fmt.Errorf("queueing an email: %w", err)
	}
	s.onQueued()
	return nil
}

// maxPromised bounds the emails of one promise: whoever has the link types
// what address they like.
const maxAccessWorks = 5

// enqueueAccessWorks writes to the people of a request who were told that the problem
// is on the agency's side and that somebody writes when it is fixed: once for
// each time the agency was told of it, and only while their link works.
func enqueueAccessWorks(c *changeTx, q Request, item string) error {
	if q.LinkState(c.now) != nil {
		return nil
	}
	var told, kept onboarding.Timestamp
	var service onboarding.Service
	err := c.row(`
		SELECT created_ms, service FROM emails WHERE request = $1 AND kind IN ('no_device', 'agency_side')
		ORDER BY created_ms DESC, id LIMIT 1`, q.ID).Scan(&told, &service)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	} else if err != nil {
		return err
	}
	if err := c.row(`
		SELECT COALESCE(max(created_ms), 0) FROM emails
		WHERE request = $1 AND kind = 'access_works'`, q.ID).Scan(&kept); err != nil || kept >= told {
		return err
	}
	rows, err := c.QueryContext(c.ctx, `
		SELECT `+visitColumns+` FROM visits WHERE request = $1 AND ended_ms = 0 ORDER BY created_ms DESC, id`, q.ID)
	visits, err := scanAll(rows, err, scanVisit)
	if err != nil {
		return err
	}
	written := map[string]bool{}
	for _, v := range visits { // of one person's visits the newest
		address := strings.ToLower(v.Email)
		if written[address] || len(written) == maxAccessWorks {
			continue
		}
		written[address] = true
		if err := enqueue(c, Email{
			Kind: EmailAccessWorks, Request: q.ID, Visit: v.ID, Item: item, Service: service,
		}); err != nil {
			return err
		}
	}
	return nil
}

// enqueueDeviceReady writes to the clients who could not go on because no
// computer could receive what they would give.
func enqueueDeviceReady(c *changeTx, member string) error {
	requests, err := c.texts(`
		SELECT DISTINCT q.id FROM emails l JOIN requests q ON q.id = l.request JOIN agencies a ON a.id = q.agency
		WHERE l.agency = $1 AND l.kind = 'no_device' AND (q.owner = $2 OR a.share_requests = 1)`, c.agency, member)
	if err != nil {
		return err
	}
	for _, id := range requests {
		q, there, err := findRequest(c, id)
		if err != nil {
			return err
		}
		if !there {
			continue
		}
		if err := enqueueAccessWorks(c, q, ""); err != nil {
			return err
		}
	}
	return nil
}

// cancelEmails cancels what waits to be sent to a request's recipients.
func cancelEmails(c *changeTx, request string) error {
	if err := c.exec(`UPDATE recipients SET email_state = $1 WHERE request = $2 AND email_state = $3
			AND id IN (SELECT recipient FROM emails WHERE request = $2 AND state = $3)`, onboarding.EmailCancelled, request,
		onboarding.EmailQueued); err != nil {
		return err
	}
	return c.exec(`
		UPDATE emails SET state = $1, finished_ms = $2 WHERE request = $3 AND state = $4 AND kind IN ('request', 'link')`,
		onboarding.EmailCancelled, c.now, request, onboarding.EmailQueued)
}

// LeaseOwner is one run of one relay. Instance is the same after a restart, ID never
// is: a lease of the same instance and another life is nobody's.
type LeaseOwner struct{ Instance, Run string }

// Lease names a lease of a credential that this life holds.
func (l LeaseOwner) Lease(name string) string { return l.Instance + " " + l.Run + " " + name }

// due selects what is due and leased by nobody who lives.
const due = `(lease_until_ms <= $1 OR (lease_instance = $2 AND lease_instance <> '' AND lease_run <> $3))`

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

// ListByRequest lists a request's emails, oldest first.
func (s *Emails) ListByRequest(ctx context.Context, request string) ([]Email, error) {
	rows, err := s.db.QueryContext(ctx, `
		SELECT `+emailColumns+` FROM emails WHERE request = $1 ORDER BY created_ms, id`, request)
	list, err := scanAll(rows, err, scanEmail)
	if err != nil {
		return nil, fmt.Errorf("listing emails: %w", err)
	}
	return list, nil
}

// Recipient gives one recipient of a request.
func (s *Requests) Recipient(ctx context.Context, id string) (onboarding.Recipient, error) {
	r, err := scanRecipient(s.db.QueryRowContext(ctx, `SELECT `+recipientColumns+` FROM recipients WHERE id = $1`, id))
	return r.Recipient, wrapNotFound(err, "reading a recipient")
}
