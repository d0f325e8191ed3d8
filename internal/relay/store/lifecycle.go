package store

import (
	"context"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// NewLink asks for a new version of a request's link.
type NewLink struct {
	From int    // the version that ends: if there is a newer one, nothing changes
	Who  string // the member's name
	// Send mails the new link to the recipients who did not ask for no more emails. Its
	// id makes their emails' ids. Empty: nothing is sent.
	Send   string
	Hashes func(address string) [][]byte // as in NewRecipient
	Limits onboarding.Limits
}

// Renew starts a new month with a new version of the link, for a request that has
// expired. A request that has not expired is ErrConflict. ErrRateLimited: the limits do
// not allow all the emails now, and nothing changes.
func (s *Requests) Renew(ctx context.Context, agency, id string, n NewLink) (Request, error) {
	return s.requestChange(ctx, agency, id, "renewing", func(c *changeTx, r Request) error {
		switch {
		case r.LinkVersion > n.From:
			return errUnchanged
		case r.Withdrawn != 0:
			return onboarding.ErrWithdrawn
		case r.Status == onboarding.Connected, r.Finished != 0:
			return onboarding.ErrCompleted
		case c.now < r.Expires:
			return onboarding.ErrConflict
		}
		return renewLink(c, r, n, onboarding.EventRenewed)
	})
}

// Reopen makes a finished request pending again, with a new link. Its items stay. A
// request that is not finished is ErrConflict; ErrRateLimited is as for Renew.
func (s *Requests) Reopen(ctx context.Context, agency, id string, n NewLink) (Request, error) {
	return s.requestChange(ctx, agency, id, "reopening", func(c *changeTx, r Request) error {
		switch {
		case r.LinkVersion > n.From:
			return errUnchanged
		case r.Withdrawn != 0:
			return onboarding.ErrWithdrawn
		case r.Status == onboarding.Pending && r.Finished == 0:
			return onboarding.ErrConflict
		}
		return renewLink(c, r, n, onboarding.EventReopened)
	})
}

func renewLink(c *changeTx, r Request, n NewLink, kind onboarding.EventKind) error {
	ends := onboarding.LinkEnds(c.now)
	if err := c.exec(`
		UPDATE requests
		SET    status = 'pending', link_version = link_version + 1, renewed_ms = $1, expires_ms = $2, finished_ms = 0,
		       completed_ms = 0, completed_by_name = '', completed_by_email = '', confirmed = 0, archived_ms = 0,
		       opened_ms = 0, link_asked_ms = 0, declined_ms = 0, declined_by = '',
		       declined_visit = '', decline_reason = ''
		WHERE  id = $3`, c.now, ends, r.ID); err != nil {
		return err
	}
	if err := endVisits(c, r.ID); err != nil {
		return err
	}
	// It is no longer finished, so no receipt is about all of it.
	if err := c.exec(`UPDATE receipts SET is_whole = 0 WHERE request = $1`, r.ID); err != nil {
		return err
	}
	for _, query := range []string{
		`DELETE FROM jobs WHERE subject = $1`,
		`UPDATE recipients SET invited_ms = 0, remind_ms = 0 WHERE request = $1`,
	} {
		if err := c.exec(query, r.ID); err != nil {
			return err
		}
	}
	if err := scheduleEnd(c.agencyTx, r.ID, ends); err != nil {
		return err
	}
	if err := recordEvent(c, r.ID, kind, n.Who, ""); err != nil {
		return err
	}
	return sendNewLink(c, r, n)
}

// Withdraw ends a pending request's link. What was shared stays. A repeat changes
// nothing; a connected request is ErrConflict.
func (s *Requests) Withdraw(ctx context.Context, agency, id, who string) (Request, error) {
	return s.requestChange(ctx, agency, id, "withdrawing", func(c *changeTx, r Request) error {
		switch {
		case r.Withdrawn != 0:
			return errUnchanged
		case r.Status == onboarding.Connected:
			return onboarding.ErrConflict
		}
		if err := c.exec(`UPDATE requests SET withdrawn_ms = $1 WHERE id = $2`, c.now, id); err != nil {
			return err
		}
		if err := endVisits(c, id); err != nil {
			return err
		}
		if err := cancelEmails(c, id); err != nil {
			return err
		}
		if err := c.exec(`DELETE FROM jobs WHERE subject = $1`, id); err != nil {
			return err
		}
		if err := schedule(c.agencyTx, JobForget, id, c.now+EndedRetention); err != nil {
			return err
		}
		if err := recordEvent(c, id, onboarding.EventWithdrawn, who, ""); err != nil {
			return err
		}
		return giveReceipts(c, r)
	})
}

// RecordClientEnd records in a request's history that a member has ended all that the
// agency had of its client. Again within a day it changes nothing.
func (s *Requests) RecordClientEnd(ctx context.Context, agency, id, who string) (Request, error) {
	return s.requestChange(ctx, agency, id, "recording the end of the client of", func(c *changeTx, _ Request) error {
		var known int
		if err := c.row(`SELECT count(*) FROM events WHERE request = $1 AND kind = $2 AND at_ms > $3`,
			id, onboarding.EventClientEnded, c.now-day).Scan(&known); err != nil {
			return err
		}
		if known > 0 {
			return errUnchanged
		}
		return recordEvent(c, id, onboarding.EventClientEnded, who, "")
	})
}

// Archive hides a request whose link has ended, or shows it again. One whose link
// still works is ErrConflict.
func (s *Requests) Archive(ctx context.Context, agency, id string, on bool) (Request, error) {
	return s.requestChange(ctx, agency, id, "archiving", func(c *changeTx, r Request) error {
		if on && r.LinkState(c.now) == nil {
			return onboarding.ErrConflict
		}
		if on == (r.Archived != 0) {
			return errUnchanged
		}
		at := onboarding.Timestamp(0)
		if on {
			at = c.now
		}
		return c.exec(`UPDATE requests SET archived_ms = $1 WHERE id = $2`, at, id)
	})
}

// DeleteClient deletes a request with everything that came by it: items,
// deliveries, emails.
func (s *Requests) DeleteClient(ctx context.Context, agency, id string) error {
	err := s.change(ctx, agency, func(c *changeTx) error {
		r, err := scanRequest(c.row(`SELECT `+requestColumns+` FROM requests WHERE agency = $1 AND id = $2`, agency, id))
		if err := wrapNotFound(err, "finding the request"); err != nil {
			return err
		}
		return deleteRequest(c, r)
	})
	if err != nil {
		return fmt.Errorf("deleting the client of request %s: %w", id, err)
	}
	return nil
}

func deleteRequest(c *changeTx, r Request) error {
	items, err := c.texts(`SELECT id FROM items WHERE agency = $1 AND request = $2`, c.agency, r.ID)
	if err != nil {
		return err
	}
	for _, item := range items {
		if err := deleteItem(c, item); err != nil {
			return err
		}
	}
	for _, query := range []string{
		`DELETE FROM emails WHERE request = $1`,
		`DELETE FROM news WHERE request = $1`,
		`DELETE FROM webhook_deliveries WHERE request = $1`,
		`DELETE FROM jobs WHERE subject = $1`,
		`DELETE FROM oauth_states WHERE visit IN (SELECT id FROM visits WHERE request = $1)`,
		`DELETE FROM requests WHERE id = $1`, // with its recipients, skips, events, visits, receipts
	} {
		if err := c.exec(query, r.ID); err != nil {
			return err
		}
	}
	return c.tombstone(kindRequest, r.ID, r.Owner, audienceOwner)
}
