package store

import (
	"context"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/link"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// Emails are the emails to be sent, and who wants none.
type Emails struct{ *handle }

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
