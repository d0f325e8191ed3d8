package store

import (
	"context"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Resubmit puts back a request that a restored database lost, as the hub
// remembers it. One that is there stays as it is; one that was deleted here is
// ErrNotFound: it does not come back; a link that another request has is
// ErrConflict. unwanted are the keyed hashes of the recipients, by their ids,
// who asked for no more emails.
func (s *Requests) Resubmit(
	ctx context.Context, q Request, items []onboarding.Item, unwanted map[string][]byte,
) (Request, error) {
	var kept Request
	err := s.change(ctx, q.Agency, func(c *changeTx) error {
		var of, owner string
		err := c.row(`SELECT agency, owner FROM requests WHERE id = $1`, q.ID).Scan(&of, &owner)
		switch {
		case err == nil && (of != q.Agency || owner != q.Owner):
			return onboarding.ErrConflict
		case err == nil:
			kept, err = wholeRequest(ctx, c, q.Agency, q.ID)
			return err
		}
		var deleted int64
		if err := c.row(`
			SELECT count(*) FROM changes
			WHERE agency = $1 AND kind = $2 AND id = $3 AND deleted_ms > 0`, q.Agency, kindRequest,
			q.ID).Scan(&deleted); err != nil {
			return err
		}
		if deleted > 0 {
			return onboarding.ErrNotFound
		}
		var linked int64 // somebody who has the link of another request is not its owner
		if err := c.row(`SELECT count(*) FROM requests WHERE link_id = $1`, q.LinkID).Scan(&linked); err != nil {
			return err
		}
		if linked > 0 {
			return onboarding.ErrConflict
		}
		if err := insertRequest(c, q); err != nil {
			return err
		}
		for _, r := range q.Recipients {
			if err := c.exec(`
				INSERT INTO recipients (id, request, address, number, email_state, server_reply, sent_ms, sent_count, opened_ms,
				stopped_ms)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (id) DO NOTHING`,
				r.ID, q.ID, r.Address, r.Number, r.EmailState, r.ServerReply, r.Sent, r.Count, r.Opened, r.Stopped); err != nil {
				return err
			}
			if hash, asked := unwanted[r.ID]; asked {
				if err := c.exec(`
					INSERT INTO suppressions (agency, address_hash, at_ms) VALUES ($1, $2, $3)
					ON CONFLICT (agency, address_hash) DO NOTHING`, q.Agency, hash, c.now); err != nil {
					return err
				}
			}
		}
		for _, skip := range q.Skipped {
			if err := c.exec(`
				INSERT INTO skipped_services (request, service, reason) VALUES ($1, $2, $3)
				ON CONFLICT (request, service) DO NOTHING`, q.ID, skip.Service, skip.Reason); err != nil {
				return err
			}
		}
		for _, e := range q.Events {
			if err := c.exec(`
				INSERT INTO events (id, request, at_ms, seq, kind, who, detail, service) VALUES ($1, $2, $3, 0, $4, $5, $6, $7)
				ON CONFLICT (id) DO NOTHING`,
				e.ID, q.ID, e.At, e.Kind, e.Who, e.Detail, e.Service); err != nil {
				return err
			}
		}
		for _, item := range items {
			var there int64
			if err := c.row(`SELECT count(*) FROM items WHERE id = $1`, item.ID).Scan(&there); err != nil {
				return err
			}
			if there > 0 {
				continue
			}
			item.Request, item.Owner, item.Connection = q.ID, q.Owner, ""
			if err := insertItem(c, item); err != nil {
				return err
			}
			if item.State == onboarding.ItemSharing { // nobody is at it any more
				if err := schedule(c, JobSharing, item.ID, c.now+maxSharingTime); err != nil {
					return err
				}
			}
			if err := bumpItem(c, item); err != nil {
				return err
			}
		}
		if err := scheduleJobs(c, q); err != nil {
			return err
		}
		if err := c.bump(kindRequest, q.ID, q.Owner, audienceOwner); err != nil {
			return err
		}
		kept, err = wholeRequest(ctx, c, q.Agency, q.ID)
		return err
	})
	if err != nil {
		return Request{}, fmt.Errorf("putting request %s back: %w", q.ID, err)
	}
	return kept, nil
}

// scheduleJobs writes the jobs that a request has in its state.
func scheduleJobs(c *changeTx, q Request) error {
	switch {
	case q.Completed != 0:
		return schedule(c, JobForget, q.ID, forgetConnected(q.Completed))
	case q.Withdrawn != 0:
		return schedule(c, JobForget, q.ID, q.Withdrawn+forgetDead)
	case q.Finished != 0:
		return schedule(c, JobForget, q.ID, forgetConnected(q.Finished))
	}
	return schedule(c, JobExpire, q.ID, q.Expires)
}
