package store

import (
	"context"
	"fmt"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/link"
)

// Emails are the queue of emails, and the addresses that get none.
type Emails struct{ *handle }

// EmailKind is what an email is about.
type EmailKind string

// The emails. To a recipient: the invitation or what a colleague hands over, its reminders,
// and the link that was asked for on a telephone, or where an older one was opened. To the
// address that staff chose: the links to repair accounts. To a client in the wizard: the
// receipt, and what of it waits for an approval. To the address itself: the code for the
// reply-to. To the operator: a report. To a member: the rest.
const (
	EmailInvitation         EmailKind = "invitation"
	EmailPhoneLink          EmailKind = "phone_link"
	EmailLinkAgain          EmailKind = "link_again"
	EmailReminder           EmailKind = "reminder"
	EmailHandOver           EmailKind = "hand_over" // a client asked a colleague
	EmailRepair             EmailKind = "repair"
	EmailReceipt            EmailKind = "receipt"
	EmailApproval           EmailKind = "approval" // what they shared waits for an admin of theirs
	EmailReplyTo            EmailKind = "reply_to"
	EmailCompletion         EmailKind = "completion"
	EmailFinishedWaiting    EmailKind = "finished_waiting"
	EmailNothingConnected   EmailKind = "nothing_connected"
	EmailPartFinished       EmailKind = "part_finished"    // a part is done, and nobody has opened the rest
	EmailSkipped            EmailKind = "skipped"          // a client does not provide services
	EmailDeclined           EmailKind = "declined"         // a client cannot do any of it
	EmailLinkAsked          EmailKind = "link_asked"       // a client with an expired link asks for a new one
	EmailAccessWithdrawn    EmailKind = "access_withdrawn" // a client withdrew what they had shared
	EmailNoDevice           EmailKind = "no_device"
	EmailStillWaiting       EmailKind = "still_waiting"       // no hub that can check was seen for a day
	EmailCredentialExpiring EmailKind = "credential_expiring" // a credential would expire unused
	EmailAgencySideProblem  EmailKind = "agency_side_problem" // only the agency can fix what stops a client
	EmailAccessWorks        EmailKind = "access_works"        // to a client: the agency has fixed it
	EmailNeedsAttention     EmailKind = "needs_attention"     // the access to accounts stopped working
	EmailRequestExpiring    EmailKind = "request_expiring"    // a request's link ends soon, and nobody finished it
	EmailSignInEnds         EmailKind = "sign_in_ends"        // a sign-in of the agency's own ends soon, or has ended
	EmailAppProblem         EmailKind = "app_problem"         // the relay's app at a platform does not work
	EmailWebhooksOff        EmailKind = "webhooks_off"        // the relay switched webhooks off
	EmailDomainLost         EmailKind = "domain_lost"         // the agency's own domain does not work any more
	EmailDomainWorks        EmailKind = "domain_works"        // it works again
	EmailSummary            EmailKind = "summary"             // the news of a day
	EmailReport             EmailKind = "report"              // to the operator: a client pressed Report
)

// Email is a row of the queue. It has ids only: the email is composed when it is
// sent.
type Email struct {
	ID          string
	Agency      string
	Kind        EmailKind
	Request     string
	Recipient   string
	Member      string
	Visit       string
	Item        string
	Connection  string
	Service     onboarding.Service // where the client was stopped; empty: the item's
	Failure     string             // why, a code of the catalog; empty: the item's
	Code        string             // the platform's own; empty: the item's
	About       string             // of a report: the page
	Reference   string             // of a report: as in the log
	State       onboarding.EmailState
	Attempts    int
	NotBefore   onboarding.Timestamp
	ServerReply string
	MessageID   string // the part before the @: the same at every attempt
	LinkID      []byte // random, in the links of the email's footer
	Address     string // that it goes to, or went to, unless a client's row has it; empty: not sent yet
	Created     onboarding.Timestamp
	Held        time.Duration // it was not tried, since its agency was suspended
}

// Age is for how long an email has been tried at a time.
func (email Email) Age(now onboarding.Timestamp) time.Duration {
	return email.Created.Since(now) - email.Held
}

const emailColumns = `id, agency, kind, request, recipient, member, visit, item, connection, service, failure,
	platform_code, about, reference, state, attempts, not_before_ms, server_reply, message_id, link_id, address,
	created_ms, held_ms`

func scanEmail(row scanner) (Email, error) {
	var email Email
	var held int64
	err := row.Scan(
		&email.ID, &email.Agency, &email.Kind, &email.Request, &email.Recipient, &email.Member, &email.Visit, &email.Item,
		&email.Connection, &email.Service, &email.Failure, &email.Code, &email.About, &email.Reference, &email.State,
		&email.Attempts, &email.NotBefore, &email.ServerReply, &email.MessageID, &email.LinkID, &email.Address,
		&email.Created, &held,
	)
	email.Held = time.Duration(held) * time.Millisecond
	return email, err
}

// IsToClient reports whether an email goes to a client: to the address of its recipient or
// visit, or to its own, of a repair.
func (email Email) IsToClient() bool {
	return email.Kind == EmailRepair || email.Recipient != "" || email.Visit != "" && email.Member == ""
}

// enqueue writes an email in the transaction of the change that causes it. It is sent
// at once, or when it may be.
func enqueue(t *agencyTx, email Email) error {
	if email.ID == "" {
		email.ID = NewID()
	}
	err := t.execNamed(`
		INSERT INTO emails (id, agency, kind, request, recipient, member, visit, item, connection, service, failure,
			platform_code, about, reference, message_id, link_id, state, not_before_ms, created_ms, attempts,
			lease_until_ms, lease_instance, lease_run, server_reply, address, held_ms, finished_ms)
		VALUES (@id, @agency, @kind, @request, @recipient, @member, @visit, @item, @connection, @service, @failure,
			@code, @about, @reference, @message_id, @link_id, @state, @not_before, @now, 0, 0, '', '', '', @address,
			0, 0)`, named{
		"id":         email.ID,
		"agency":     t.agency,
		"kind":       email.Kind,
		"request":    email.Request,
		"recipient":  email.Recipient,
		"member":     email.Member,
		"visit":      email.Visit,
		"item":       email.Item,
		"connection": email.Connection,
		"address":    email.Address,
		"service":    email.Service,
		"failure":    email.Failure,
		"code":       email.Code,
		"about":      email.About,
		"reference":  email.Reference,
		"message_id": NewID(),
		"link_id":    link.NewID(),
		"state":      onboarding.EmailQueued,
		"not_before": max(t.now, email.NotBefore),
		"now":        t.now,
	})
	if err != nil {
		return fmt.Errorf("queueing the email %s: %w", email.Kind, err)
	}
	return nil
}

// GetByLink returns the email of a link in its footer, by the link's random id.
func (s *Emails) GetByLink(ctx context.Context, linkID []byte) (Email, error) {
	email, err := scanEmail(s.db.QueryRowContext(ctx, `SELECT `+emailColumns+` FROM emails WHERE link_id = $1`, linkID))
	return email, wrapNotFound(err, "finding an email")
}

// Enqueue queues an email that belongs to no other change, unless one of the same
// kind, request, item, service and failure was queued since then and the client has
// not read that the service works again. A missing device is one thing, whatever the
// service.
func (s *Emails) Enqueue(ctx context.Context, email Email, since onboarding.Timestamp) error {
	var queued int64 // before
	err := s.inAgencyTx(ctx, email.Agency, func(t *agencyTx) error {
		if err := t.row(`
			SELECT count(*) FROM emails e
			WHERE  agency = $1 AND kind = $2 AND request = $3 AND item = $4 AND created_ms > $7
			  AND  (service = $5 AND failure = $6 OR kind = 'no_device')
			  AND  NOT EXISTS (
			       SELECT 1 FROM emails w
			       WHERE  w.request = e.request AND w.kind = 'access_works' AND w.service = e.service
			         AND  w.created_ms >= e.created_ms)`,
			email.Agency, email.Kind, email.Request, email.Item, email.Service, email.Failure, since,
		).Scan(&queued); err != nil || queued > 0 {
			return err
		}
		return enqueue(t, email)
	})
	if err != nil {
		return fmt.Errorf("queueing an email: %w", err)
	}
	if queued == 0 {
		s.onQueued()
	}
	return nil
}

// cancelEmails cancels the queued emails to a request's recipients.
func cancelEmails(c *changeTx, request string) error {
	if err := c.exec(`UPDATE recipients SET email_state = $1 WHERE request = $2 AND email_state = $3
			AND id IN (SELECT recipient FROM emails WHERE request = $2 AND state = $3)`, onboarding.EmailCancelled, request,
		onboarding.EmailQueued); err != nil {
		return err
	}
	return c.exec(`
		UPDATE emails SET state = $1, finished_ms = $2
		WHERE  request = $3 AND state = $4 AND kind IN ('invitation', 'hand_over', 'reminder', 'phone_link', 'link_again')`,
		onboarding.EmailCancelled, c.now, request, onboarding.EmailQueued)
}
