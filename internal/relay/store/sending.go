package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// NewRecipient is an address to write to.
type NewRecipient struct {
	ID, Address string
	Hashes      [][]byte // of the address under each key that verifies, the newest first
}

// Send adds recipients and queues an email to each. An id or an address that the
// request already has is ignored; but who was only asked by a client, for a part of it, is
// invited to all of it. ErrRateLimited: the limits do not allow all of
// them, and none is sent.
func (s *Requests) Send(
	ctx context.Context, agency, id string, recipients []NewRecipient, limits onboarding.Limits,
) (Request, error) {
	return s.requestChange(ctx, agency, id, "sending", func(c *changeTx, request Request) error {
		if err := request.LinkState(c.now); err != nil {
			return err
		}
		present, err := recipientsOf(ctx, c, id)
		if err != nil {
			return err
		}
		added, widened := newRecipients(present, recipients)
		if len(added)+len(widened) == 0 {
			return errUnchanged
		}
		if len(present)+len(added) > maxRecipients {
			return onboarding.Invalid("recipients", "This request has had too many recipients. Make a new one.")
		}
		ids := make([]string, len(added))
		for n, r := range added {
			ids[n] = r.ID
		}
		var taken int64
		list, args := inClause(ids)
		if err := c.row(`SELECT count(*) FROM recipients WHERE id `+list, args...).Scan(&taken); err != nil {
			return err
		}
		if taken > 0 {
			return onboarding.ErrConflict // by another request's recipient
		}
		for _, r := range widened {
			ids = append(ids, r.ID)
		}
		if err := checkRequestLimit(c, id, ids, limits); err != nil {
			return err
		}
		if err := invite(c, id, added, widened, limits); err != nil {
			return err
		}
		if err := clearLinkAsked(c, request); err != nil {
			return err
		}
		return checkAgencyLimit(c.agencyTx, limits)
	})
}

// invite writes to who is new to a request, and to who had only a part of it.
func invite(c *changeTx, id string, added, widened []NewRecipient, limits onboarding.Limits) error {
	for _, r := range widened {
		if err := widen(c, id, r, limits); err != nil {
			return err
		}
	}
	next, err := nextNumber(c, id)
	if err != nil {
		return err
	}
	for n, r := range added {
		until, err := checkAddressLimits(c.reads(), EmailInvitation, r.Hashes, limits)
		if err != nil {
			return err
		}
		if err := addRecipient(c, id, next+n, r, until); err != nil {
			return err
		}
	}
	return nil
}

// maxRecipients bounds those of a request, over all days.
const maxRecipients = 1000

// newRecipients returns the recipients that a request does not have, by id or address, and
// those that a client asked for a part of it: under the ids that they have.
func newRecipients(
	stored []onboarding.Recipient, recipients []NewRecipient,
) (added []NewRecipient, widened []NewRecipient) {
	present, scoped := map[string]bool{}, map[string]string{}
	for _, r := range stored {
		key := onboarding.AddressKey(r.Address)
		present[r.ID], present[key] = true, true
		if r.Scoped {
			scoped[key] = r.ID
		}
	}
	for _, r := range recipients {
		key := onboarding.AddressKey(r.Address)
		if id, asked := scoped[key]; asked {
			r.ID = id
			widened = append(widened, r)
			delete(scoped, key)
			continue
		}
		if present[r.ID] || present[key] {
			continue
		}
		present[r.ID], present[key] = true, true
		added = append(added, r)
	}
	return added, widened
}

// widen invites somebody to the whole request whom a client asked for a part of it. The link
// to that part goes on working.
func widen(c *changeTx, request string, r NewRecipient, limits onboarding.Limits) error {
	to, err := scanRecipient(c.row(`SELECT `+recipientColumns+` FROM recipients WHERE id = $1`, r.ID))
	if err := wrapNotFound(err, "finding a recipient"); err != nil {
		return err
	}
	if err := to.verify(c.signer); err != nil {
		return err
	}
	to.Scoped = false
	suppressed, err := isSuppressed(c, r.Hashes)
	if err != nil {
		return err
	}
	state := onboarding.EmailQueued
	if suppressed {
		state = onboarding.EmailCancelled
	}
	if err := c.exec(`UPDATE recipients SET scoped = 0, email_state = $1, server_reply = '', mac = $2 WHERE id = $3`,
		state, c.signer.SignRow("recipients", recipientColumnsSigned(request, to.Recipient)...), r.ID); err != nil {
		return err
	}
	if suppressed {
		return recordEvent(c, request, onboarding.EventSuppressed, "", to.Address)
	}
	until, err := checkAddressLimits(c.reads(), EmailInvitation, r.Hashes, limits)
	if err != nil {
		return err
	}
	return enqueueCounted(c, Email{
		Kind: EmailInvitation, Request: request, Recipient: r.ID, NotBefore: until,
	}, r.Hashes)
}

// addRecipient adds a recipient to a request and queues the email until a timestamp,
// unless the address is suppressed.
func addRecipient(c *changeTx, request string, number int, r NewRecipient, until onboarding.Timestamp) error {
	suppressed, err := isSuppressed(c, r.Hashes)
	if err != nil {
		return err
	}
	recipient := onboarding.Recipient{
		ID: r.ID, Address: r.Address, Number: number, Added: c.now, EmailState: onboarding.EmailQueued,
	}
	if suppressed {
		recipient.EmailState, recipient.Stopped = onboarding.EmailCancelled, c.now
	}
	if err := insertRecipient(c, request, recipient); err != nil {
		return err
	}
	if suppressed {
		return recordEvent(c, request, onboarding.EventSuppressed, "", r.Address)
	}
	email := Email{Kind: EmailInvitation, Request: request, Recipient: r.ID, NotBefore: until}
	return enqueueCounted(c, email, r.Hashes)
}

// Resend asks for another email to recipients of a request.
type Resend struct {
	ID         string // the same send again changes nothing
	Recipients []string
	Hashes     func(address string) [][]byte // as in NewRecipient
}

// Resend queues another email to recipients. ErrRateLimited: it may be sent later;
// ErrInvalid: one of them gets no more emails of this request.
func (s *Requests) Resend(
	ctx context.Context, agency, id string, resend Resend, limits onboarding.Limits,
) (Request, error) {
	return s.requestChange(ctx, agency, id, "resending", func(c *changeTx, request Request) error {
		if err := request.LinkState(c.now); err != nil {
			return err
		}
		recipients, err := resendRecipients(c, request, resend, limits)
		if err != nil {
			return err
		}
		if len(recipients) == 0 {
			return errUnchanged
		}
		ids := make([]string, len(recipients))
		for n, r := range recipients {
			ids[n] = r.ID
		}
		if err := checkRequestLimit(c, id, ids, limits); err != nil {
			return err
		}
		for _, r := range recipients {
			hashes := resend.Hashes(r.Address)
			until, err := checkAddressLimits(c.reads(), EmailInvitation, hashes, limits)
			if err != nil {
				return err
			}
			if err := queueAgain(c, id, r, resend.ID, hashes, until); err != nil {
				return err
			}
		}
		if err := clearLinkAsked(c, request); err != nil {
			return err
		}
		return checkAgencyLimit(c.agencyTx, limits)
	})
}

// sendNewLink queues an email with a new link to each recipient of the request who did
// not ask for no more, but to none whose address a client typed and who never opened it.
// How many emails they got with the former links does not count.
func sendNewLink(c *changeTx, r Request, n NewLink) error {
	if n.Send == "" {
		return nil
	}
	recipients, err := recipientsOf(c.ctx, c, r.ID)
	if err != nil {
		return err
	}
	for _, to := range recipients {
		if to.Stopped != 0 || to.IsOnlyTyped() {
			continue
		}
		hashes := n.Hashes(to.Address)
		until, err := checkAddressLimits(c.reads(), EmailInvitation, hashes, n.Limits)
		if err != nil {
			return err
		}
		if err := queueAgain(c, r.ID, to, n.Send, hashes, until); err != nil {
			return err
		}
	}
	return checkAgencyLimit(c.agencyTx, n.Limits)
}

// queueAgain queues an email of a send to a recipient who has had one before.
func queueAgain(
	c *changeTx, request string, to onboarding.Recipient, send string, hashes [][]byte, until onboarding.Timestamp,
) error {
	email := Email{
		ID: emailIDOfSend(send, to.ID), Kind: EmailInvitation, Request: request, Recipient: to.ID, NotBefore: until,
	}
	if err := enqueueCounted(c, email, hashes); err != nil {
		return err
	}
	return c.exec(`UPDATE recipients SET email_state = $1, server_reply = '' WHERE id = $2`,
		onboarding.EmailQueued, to.ID)
}

// resendRecipients returns the recipients to whom this send has not gone yet. One
// who may get no more emails is an error.
func resendRecipients(
	c *changeTx, request Request, resend Resend, limits onboarding.Limits,
) ([]onboarding.Recipient, error) {
	stored, err := recipientsOf(c.ctx, c, request.ID)
	if err != nil {
		return nil, err
	}
	byID := map[string]onboarding.Recipient{}
	for _, r := range stored {
		byID[r.ID] = r
	}
	var recipients []onboarding.Recipient
	for _, id := range resend.Recipients {
		r, exists := byID[id]
		if !exists {
			return nil, onboarding.ErrNotFound
		}
		if r.Stopped != 0 {
			return nil, onboarding.Invalid(
				"recipients", fmt.Sprintf("%s asked for no more emails. Copy the link instead.", r.Address),
			)
		}
		var sent, total int
		if err := c.row(`
			SELECT COALESCE(sum(CASE WHEN id = $1 THEN 1 ELSE 0 END), 0), count(*)
			FROM   emails WHERE recipient = $2 AND kind = $3`,
			emailIDOfSend(resend.ID, id), id, EmailInvitation).Scan(&sent, &total); err != nil {
			return nil, err
		}
		if sent != 0 {
			continue
		}
		if total >= limits.OrDefault().AddressEmails { // waiting does not help
			return nil, onboarding.Invalid(
				"recipients",
				fmt.Sprintf("%s got as many emails of this request as it may. Copy the link and send it yourself.", r.Address),
			)
		}
		recipients = append(recipients, r)
	}
	return recipients, nil
}

// emailIDOfSend is the same id for a repeat of the same send.
func emailIDOfSend(send, recipient string) string { return send + "-" + recipient }

// enqueueCounted queues an email to a client and counts it under the newest of the
// address's hashes.
func enqueueCounted(c *changeTx, email Email, hashes [][]byte) error {
	if email.ID == "" {
		email.ID = NewID()
	}
	if err := countEmail(c.agencyTx, email, LimitOf(email.Kind), hashes); err != nil {
		return err
	}
	return enqueue(c.agencyTx, email)
}

// SendLink queues an email with the link to one recipient who asked for it on a
// telephone; of to only the address counts. The result does not reveal whether the
// address is one of the request's. What a client typed to hand over gets it once it was
// opened: with a link alone nobody writes to strangers.
func (s *Requests) SendLink(ctx context.Context, agency, id string, to NewRecipient, limits onboarding.Limits) error {
	return s.plainChange(ctx, agency, id, "mailing the link of", func(c *changeTx, request Request) error {
		if err := request.LinkState(c.now); err != nil {
			return err
		}
		recipients, err := recipientsOf(ctx, c, id)
		if err != nil {
			return err
		}
		for _, r := range recipients {
			if !onboarding.SameAddress(r.Address, to.Address) || r.Stopped != 0 || r.IsOnlyTyped() {
				continue
			}
			until, err := checkAddressLimits(c.reads(), EmailPhoneLink, to.Hashes, limits)
			if errors.Is(err, onboarding.ErrRateLimited) {
				return errUnchanged // the same result as without the limit
			} else if err != nil {
				return err
			}
			email := Email{Kind: EmailPhoneLink, Request: id, Recipient: r.ID, NotBefore: until}
			return enqueueCounted(c, email, to.Hashes)
		}
		return errUnchanged
	})
}
