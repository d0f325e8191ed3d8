package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// NewRecipient is an address to write to, with the hashes under which it may
// have said that it wants no emails.
type NewRecipient struct {
	ID, Address string
	Hashes      [][]byte // under each key that reads, the newest first
}

// Send adds recipients and queues an email to each. An id, or an
// address, that the request has already changes nothing. What the limits do
// not allow is ErrRateLimited, and nothing is sent then.
func (s *Requests) Send(
	ctx context.Context, agency, id, who string, recipients []NewRecipient, limits onboarding.Limits,
) (Request, error) {
	return s.requestChange(ctx, agency, id, "sending", func(c *changeTx, q Request) error {
		if err := q.LinkState(c.now); err != nil {
			return err
		}
		present := map[string]bool{}
		next := 1
		for _, r := range q.Recipients {
			present[r.ID], present[strings.ToLower(r.Address)] = true, true
			next = max(next, r.Number+1)
		}
		var added []NewRecipient
		for _, r := range recipients {
			if present[r.ID] || present[strings.ToLower(r.Address)] {
				continue
			}
			present[r.ID], present[strings.ToLower(r.Address)] = true, true
			added = append(added, r)
		}
		if len(added) == 0 {
			return nil
		}
		newcomers := make([]string, len(added))
		for n, r := range added {
			newcomers[n] = r.ID
		}
		var elsewhere int64
		list, args := inClause(newcomers)
		if err := c.row(`SELECT count(*) FROM recipients WHERE id `+list, args...).Scan(&elsewhere); err != nil {
			return err
		}
		if elsewhere > 0 {
			return onboarding.ErrConflict // another request's recipient has this id
		}
		if err := checkRequestLimit(c, id, newcomers, limits); err != nil {
			return err
		}
		for _, r := range added {
			if err := checkAddressLimits(c, EmailInvitation, r.Hashes, limits); err != nil {
				return err
			}
			unwanted, err := isSuppressed(c, r.Hashes)
			if err != nil {
				return err
			}
			letter, stopped := onboarding.EmailQueued, onboarding.Timestamp(0)
			if unwanted {
				letter, stopped = onboarding.EmailCancelled, c.now
			}
			if err := c.exec(`
				INSERT INTO recipients (id, request, address, number, email_state, server_reply, sent_ms, sent_count, opened_ms,
				stopped_ms)
				VALUES ($1, $2, $3, $4, $5, '', 0, 0, 0, $6)`, r.ID, id, r.Address, next, letter, stopped); err != nil {
				return err
			}
			next++
			if unwanted {
				if err := recordEvent(c, id, onboarding.EventSuppressed, "", r.Address); err != nil {
					return err
				}
				continue
			}
			if err := enqueueCounted(c, Email{Kind: EmailInvitation, Request: id, Recipient: r.ID}, r.Hashes); err != nil {
				return err
			}
		}
		return checkAgencyLimit(c, limits)
	})
}

// Resend queues another email to recipients. The same send again
// changes nothing. ErrRateLimited: later it may go; ErrInvalid: to one of them no
// more emails of this request go at all. hashes gives the keyed hashes of an address.
func (s *Requests) Resend(
	ctx context.Context, agency, id, send string, recipients []string, hashes func(address string) [][]byte,
	limits onboarding.Limits,
) (Request, error) {
	return s.requestChange(ctx, agency, id, "resending", func(c *changeTx, q Request) error {
		if err := q.LinkState(c.now); err != nil {
			return err
		}
		chosen := map[string]onboarding.Recipient{}
		for _, r := range q.Recipients {
			chosen[r.ID] = r
		}
		var again []string
		for _, rid := range recipients {
			r, there := chosen[rid]
			if !there {
				return onboarding.ErrNotFound
			}
			if r.Stopped != 0 {
				return onboarding.Invalid(
					"recipients", fmt.Sprintf("%s asked for no more emails. Copy the link instead.", r.Address),
				)
			}
			var asked int64
			if err := c.row(`SELECT count(*) FROM emails WHERE id = $1`, emailIDOfSend(send, rid)).Scan(&asked); err != nil {
				return err
			}
			if asked != 0 {
				continue
			}
			var inAll int
			if err := c.row(`
				SELECT count(*) FROM emails WHERE recipient = $1 AND kind = $2`, rid, EmailInvitation).Scan(&inAll); err != nil {
				return err
			}
			if inAll >= limits.OrDefault().AddressEmails { // waiting does not help
				return onboarding.Invalid(
					"recipients",
					fmt.Sprintf("%s got as many emails of this request as it may. Copy the link and send it yourself.", r.Address),
				)
			}
			again = append(again, rid)
		}
		if len(again) == 0 {
			return nil
		}
		if err := checkRequestLimit(c, id, again, limits); err != nil {
			return err
		}
		for _, rid := range again {
			hashed := hashes(chosen[rid].Address)
			if err := checkAddressLimits(c, EmailInvitation, hashed, limits); err != nil {
				return err
			}
			if err := enqueueCounted(
				c, Email{ID: emailIDOfSend(send, rid), Kind: EmailInvitation, Request: id, Recipient: rid}, hashed,
			); err != nil {
				return err
			}
			if err := c.exec(`
				UPDATE recipients SET email_state = $1, server_reply = '' WHERE id = $2`, onboarding.EmailQueued, rid); err != nil {
				return err
			}
		}
		return checkAgencyLimit(c, limits)
	})
}

// emailIDOfSend makes the same send of the same recipient the same email.
func emailIDOfSend(send, recipient string) string { return send + "-" + recipient }

// enqueueCounted queues an email to a client, and counts it under the newest of the
// address's hashes.
func enqueueCounted(c *changeTx, l Email, hashes [][]byte) error {
	if l.ID == "" {
		l.ID = NewID()
	}
	if err := c.exec(`
		INSERT INTO send_log (email, agency, address_hash, kind, at_ms)
		VALUES ($1, $2, $3, $4, $5)`, l.ID, c.agency, hashes[0], l.Kind, c.now); err != nil {
		return fmt.Errorf("counting an email: %w", err)
	}
	return enqueue(c, l)
}

// SendLink queues an email with the link to one recipient who asked for it on
// a telephone; to names the address alone. Nobody learns whether the address is one of the request's.
func (s *Requests) SendLink(ctx context.Context, agency, id string, to NewRecipient, limits onboarding.Limits) error {
	_, err := s.requestChange(ctx, agency, id, "mailing the link of", func(c *changeTx, q Request) error {
		if err := q.LinkState(c.now); err != nil {
			return err
		}
		for _, r := range q.Recipients {
			if !onboarding.SameAddress(r.Address, to.Address) || r.Stopped != 0 {
				continue
			}
			err := checkAddressLimits(c, EmailPhoneLink, to.Hashes, limits)
			if errors.Is(err, onboarding.ErrRateLimited) {
				return nil // the same answer for everybody
			} else if err != nil {
				return err
			}
			return enqueueCounted(c, Email{Kind: EmailPhoneLink, Request: id, Recipient: r.ID}, to.Hashes)
		}
		return nil
	})
	return err
}
