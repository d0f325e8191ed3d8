package store

import (
	"context"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

const recipientColumns = `request, id, address, number, added_ms, email_state, server_reply, sent_ms, sent_count, opened_ms,
	stopped_ms, invited_ms, remind_ms`

type ownedRecipient struct {
	onboarding.Recipient
	request string
}

func scanRecipient(row scanner) (ownedRecipient, error) {
	var o ownedRecipient
	err := row.Scan(
		&o.request, &o.ID, &o.Address, &o.Number, &o.Added, &o.EmailState, &o.ServerReply, &o.Sent, &o.Count, &o.Opened,
		&o.Stopped, &o.Invited, &o.Reminds,
	)
	return o, err
}

// Recipients lists a request's recipients by their number.
func (s *Requests) Recipients(ctx context.Context, request string) ([]onboarding.Recipient, error) {
	return recipientsOf(ctx, s.db, request)
}

func recipientsOf(ctx context.Context, q queryer, request string) ([]onboarding.Recipient, error) {
	list, err := read(ctx, q, `
		SELECT `+recipientColumns+` FROM recipients WHERE request = $1 ORDER BY number`, []any{request},
		func(row scanner) (onboarding.Recipient, error) {
			owned, err := scanRecipient(row)
			return owned.Recipient, err
		})
	if err != nil {
		return nil, fmt.Errorf("listing recipients: %w", err)
	}
	return list, nil
}

// Recipient returns one recipient of a request.
func (s *Requests) Recipient(ctx context.Context, id string) (onboarding.Recipient, error) {
	r, err := scanRecipient(s.db.QueryRowContext(ctx, `SELECT `+recipientColumns+` FROM recipients WHERE id = $1`, id))
	return r.Recipient, wrapNotFound(err, "reading a recipient")
}

// insertRecipient writes a recipient of a request, unless its id is taken.
func insertRecipient(c *changeTx, request string, r onboarding.Recipient) error {
	return c.execNamed(`
		INSERT INTO recipients (id, request, address, number, added_ms, email_state, server_reply, sent_ms, sent_count,
			opened_ms, stopped_ms, invited_ms, remind_ms)
		VALUES (@id, @request, @address, @number, @added, @email_state, @server_reply, @sent, @sent_count, @opened,
			@stopped, @invited, @reminds)
		ON CONFLICT (id) DO NOTHING`, named{
		"id":           r.ID,
		"request":      request,
		"address":      r.Address,
		"number":       r.Number,
		"added":        r.Added,
		"email_state":  r.EmailState,
		"server_reply": r.ServerReply,
		"sent":         r.Sent,
		"sent_count":   r.Count,
		"opened":       r.Opened,
		"stopped":      r.Stopped,
		"invited":      r.Invited,
		"reminds":      r.Reminds,
	})
}
