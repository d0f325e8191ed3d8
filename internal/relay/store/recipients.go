package store

import (
	"context"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

const recipientColumns = `request, id, address, number, email_state, server_reply, sent_ms, sent_count, opened_ms,
	stopped_ms`

type ownedRecipient struct {
	onboarding.Recipient
	request string
}

func scanRecipient(r scanner) (ownedRecipient, error) {
	var o ownedRecipient
	err := r.Scan(
		&o.request, &o.ID, &o.Address, &o.Number, &o.EmailState, &o.ServerReply, &o.Sent, &o.Count, &o.Opened, &o.Stopped,
	)
	return o, err
}

// Recipients lists a request's recipients in their order.
func (s *Requests) Recipients(ctx context.Context, request string) ([]onboarding.Recipient, error) {
	list, err := read(ctx, s.db, `
		SELECT `+recipientColumns+` FROM recipients WHERE request = $1 ORDER BY number`, []any{request},
		func(r scanner) (onboarding.Recipient, error) {
			owned, err := scanRecipient(r)
			return owned.Recipient, err
		})
	if err != nil {
		return nil, fmt.Errorf("listing recipients: %w", err)
	}
	return list, nil
}

// Recipient gives one recipient of a request.
func (s *Requests) Recipient(ctx context.Context, id string) (onboarding.Recipient, error) {
	r, err := scanRecipient(s.db.QueryRowContext(ctx, `SELECT `+recipientColumns+` FROM recipients WHERE id = $1`, id))
	return r.Recipient, wrapNotFound(err, "reading a recipient")
}
