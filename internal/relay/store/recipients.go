package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

const recipientColumns = `request, id, address, number, added_ms, email_state, server_reply, sent_ms, sent_count,
	opened_ms, stopped_ms, invited_ms, remind_ms, services, scoped, handed_by_name, handed_by_email, handed_ms, asked,
	mac`

type ownedRecipient struct {
	onboarding.Recipient
	request string
	mac     []byte
}

// verify returns ErrTampered unless the recipient's link opens what the relay wrote.
func (o ownedRecipient) verify(signer Signer) error {
	return verifyRow(signer, o.mac, "recipients", o.ID, recipientColumnsSigned(o.request, o.Recipient))
}

func scanRecipient(row scanner) (ownedRecipient, error) {
	var o ownedRecipient
	var services, asked string
	err := row.Scan(
		&o.request, &o.ID, &o.Address, &o.Number, &o.Added, &o.EmailState, &o.ServerReply, &o.Sent, &o.Count, &o.Opened,
		&o.Stopped, &o.Invited, &o.Reminds, &services, &o.Scoped, &o.HandedBy.Name, &o.HandedBy.Email, &o.Handed, &asked,
		&o.mac,
	)
	if err != nil {
		return o, err
	}
	if o.Services, err = splitList[onboarding.Service](services); err != nil {
		return o, fmt.Errorf("reading recipient %s: %w", o.ID, err)
	}
	if err := json.Unmarshal([]byte(asked), &o.Asked); err != nil {
		return o, fmt.Errorf("reading when recipient %s was asked: %w", o.ID, err)
	}
	return o, nil
}

// joinAsked encodes when a recipient was asked for each service.
func joinAsked(r onboarding.Recipient) string {
	text, _ := json.Marshal(r.Asked) // it cannot fail: it holds texts and times
	return string(text)
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

// Recipient returns one recipient of a request. ErrTampered: what their link opens is not
// as the relay wrote it.
func (s *Requests) Recipient(ctx context.Context, id string) (onboarding.Recipient, error) {
	r, err := scanRecipient(s.db.QueryRowContext(ctx, `SELECT `+recipientColumns+` FROM recipients WHERE id = $1`, id))
	if err := wrapNotFound(err, "reading a recipient"); err != nil {
		return onboarding.Recipient{}, err
	}
	return r.Recipient, r.verify(s.signer)
}

// nextNumber is the number of a request's next recipient. It was nobody's before: an email
// to somebody who was forgotten has theirs.
func nextNumber(c *changeTx, request string) (int, error) {
	var last int
	err := c.row(`SELECT last_number FROM requests WHERE id = $1`, request).Scan(&last)
	return last + 1, err
}

// insertRecipient writes a recipient of a request, unless its id is taken.
func insertRecipient(c *changeTx, request string, r onboarding.Recipient) error {
	if err := c.exec(`UPDATE requests SET last_number = $1 WHERE id = $2 AND last_number < $1`,
		r.Number, request); err != nil {
		return err
	}
	return c.execNamed(`
		INSERT INTO recipients (id, request, address, number, added_ms, email_state, server_reply, sent_ms, sent_count,
			opened_ms, stopped_ms, invited_ms, remind_ms, services, scoped, handed_by_name, handed_by_email, handed_ms,
			asked, mac)
		VALUES (@id, @request, @address, @number, @added, @email_state, @server_reply, @sent, @sent_count, @opened,
			@stopped, @invited, @reminds, @services, @scoped, @handed_by_name, @handed_by_email, @handed,
			@asked, @mac)
		ON CONFLICT (id) DO NOTHING`, named{
		"id":              r.ID,
		"request":         request,
		"address":         r.Address,
		"number":          r.Number,
		"added":           r.Added,
		"email_state":     r.EmailState,
		"server_reply":    r.ServerReply,
		"sent":            r.Sent,
		"sent_count":      r.Count,
		"opened":          r.Opened,
		"stopped":         r.Stopped,
		"invited":         r.Invited,
		"reminds":         r.Reminds,
		"services":        joinList(r.Services),
		"scoped":          boolToInt(r.Scoped),
		"handed_by_name":  r.HandedBy.Name,
		"handed_by_email": r.HandedBy.Email,
		"handed":          r.Handed,
		"asked":           joinAsked(r),
		"mac":             c.signer.SignRow("recipients", recipientColumnsSigned(request, r)...),
	})
}
