package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Resubmit stores a request that a restored database lost, as the hub has it. One
// that exists stays as it is, unless it lacks an ending: then the hub's takes its
// place. One that was deleted here is ErrNotFound: it does
// not come back; the link of another request is ErrConflict. suppressed are the
// keyed hashes of the recipients, by their ids, who asked for no more emails.
func (s *Requests) Resubmit(
	ctx context.Context, r Request, items []onboarding.Item, suppressed map[string][]byte,
) (Request, error) {
	err := s.change(ctx, r.Agency, func(c *changeTx) error {
		exists, err := requestExists(c, r.ID, r.Owner)
		if err != nil {
			return err
		}
		if exists {
			stored, err := wholeRequest(ctx, c, r.Agency, r.ID)
			if err != nil {
				return err
			}
			if !r.IsAheadOf(stored.Request) {
				return errUnchanged
			}
			if err := cancelEmails(c, r.ID); err != nil {
				return err
			}
			// With its visits, whose link has ended.
			if err := c.exec(`DELETE FROM requests WHERE id = $1`, r.ID); err != nil {
				return err
			}
		}
		return resubmit(c, r, items, suppressed)
	})
	if err != nil {
		return Request{}, fmt.Errorf("resubmitting request %s: %w", r.ID, err)
	}
	return s.Get(ctx, r.Agency, r.ID)
}

func resubmit(c *changeTx, request Request, items []onboarding.Item, suppressed map[string][]byte) error {
	if err := checkResubmitted(c, request); err != nil {
		return err
	}
	if err := insertRequest(c, request); err != nil {
		return err
	}
	for _, r := range request.Recipients {
		if err := insertRecipient(c, request.ID, r); err != nil {
			return err
		}
		if hash, asked := suppressed[r.ID]; asked {
			if err := insertSuppression(c, hash); err != nil {
				return err
			}
		}
	}
	for _, skip := range request.Skipped {
		if err := c.exec(`
			INSERT INTO skipped_services (request, service, reason) VALUES ($1, $2, $3)
			ON CONFLICT (request, service) DO NOTHING`, request.ID, skip.Service, skip.Reason); err != nil {
			return err
		}
	}
	if err := resubmitEvents(c, request); err != nil {
		return err
	}
	for _, item := range items {
		if err := resubmitItem(c, request, item); err != nil {
			return err
		}
	}
	if err := scheduleJobs(c, request); err != nil {
		return err
	}
	return c.bump(kindRequest, request.ID, request.Owner, audienceOwner)
}

// resubmitEvents begins the history of a resubmitted request anew with what the hub has of
// it, and records that.
func resubmitEvents(c *changeTx, request Request) error {
	ids := make([]string, len(request.Events))
	for n, e := range request.Events {
		ids[n] = e.ID
	}
	list, args := inClause(ids)
	taken, err := c.texts(`SELECT id FROM events WHERE id `+list, args...)
	if err != nil {
		return err
	}
	for n, e := range request.Events {
		if slices.Contains(taken, e.ID) {
			continue
		}
		// Numbered below zero: in their order, and before what happens from now on.
		if err := appendEvent(c, request.ID, e, int64(n-len(request.Events))); err != nil {
			return err
		}
		taken = append(taken, e.ID)
	}
	return recordEvent(c, request.ID, onboarding.EventResubmitted, "", onboarding.AuditCode(request.Audit.Hash))
}

// checkResubmitted refuses a request that was deleted here, and one with the link
// of another: its owner is not the caller.
func checkResubmitted(c *changeTx, r Request) error {
	var deleted, linked int64
	if err := c.row(`
		SELECT count(*) FROM changes WHERE agency = $1 AND kind = $2 AND id = $3 AND deleted_ms > 0`,
		r.Agency, kindRequest, r.ID).Scan(&deleted); err != nil {
		return err
	}
	if deleted > 0 {
		return onboarding.ErrNotFound
	}
	if err := c.row(`SELECT count(*) FROM requests WHERE link_id = $1`, r.LinkID).Scan(&linked); err != nil {
		return err
	}
	if linked > 0 {
		return onboarding.ErrConflict
	}
	return nil
}

// resubmitItem stores an item of a resubmitted request, unless its id is taken.
func resubmitItem(c *changeTx, r Request, item onboarding.Item) error {
	var taken int64
	if err := c.row(`SELECT count(*) FROM items WHERE id = $1`, item.ID).Scan(&taken); err != nil || taken > 0 {
		return err
	}
	item.Request, item.Owner, item.Connection = r.ID, r.Owner, ""
	if err := insertItem(c, readable(item)); err != nil {
		return err
	}
	if item.State == onboarding.ItemSharing { // no relay shares it any more
		if err := schedule(c.agencyTx, JobSharing, item.ID, c.now.Add(SharingInterruptedAfter)); err != nil {
			return err
		}
	}
	return bumpItem(c, item)
}

// scheduleJobs writes the jobs that a request has in its state.
func scheduleJobs(c *changeTx, r Request) error {
	switch {
	case r.Completed != 0:
		return schedule(c.agencyTx, JobForget, r.ID, forgetConnected(r.Completed))
	case r.Withdrawn != 0:
		return schedule(c.agencyTx, JobForget, r.ID, r.Withdrawn+forgetDead)
	case r.Finished != 0:
		return schedule(c.agencyTx, JobForget, r.ID, forgetConnected(r.Finished))
	}
	if err := planReminders(c, r); err != nil {
		return err
	}
	return scheduleEnd(c.agencyTx, r.ID, r.Expires)
}
