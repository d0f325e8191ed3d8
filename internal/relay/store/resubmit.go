package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Resubmit stores a request that a restored database lost, as the hub of who has it. One
// that exists stays as it is, unless it is of before the restore and lacks an ending: then
// the hub's takes its place, and its history goes on. One that was deleted here is
// ErrNotFound: it does not come back; the link of another request is ErrConflict.
// suppressed are the keyed hashes of the recipients, by their ids, who asked for no more
// emails.
func (s *Requests) Resubmit(
	ctx context.Context, r Request, items []onboarding.Item, suppressed map[string][]byte, who string,
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
			restored, err := readRestored(c)
			if err != nil {
				return err
			}
			if stored.Accepted > restored || !r.IsAheadOf(stored.Request) {
				return errUnchanged
			}
		}
		return resubmit(c, r, items, suppressed, who, exists)
	})
	if err != nil {
		return Request{}, fmt.Errorf("resubmitting request %s: %w", r.ID, err)
	}
	return s.Get(ctx, r.Agency, r.ID)
}

// metadataRestored is when the database was restored last.
const metadataRestored = "restored_ms"

// readRestored reads when the database was restored last; zero: it never was.
func readRestored(c *changeTx) (restored onboarding.Timestamp, err error) {
	err = c.row(`SELECT CAST(value AS BIGINT) FROM metadata WHERE name = $1`, metadataRestored).Scan(&restored)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return restored, err
}

// clearRequest deletes what the hub's copy of a request brings, and the visits, whose link
// has ended. Its history stays.
func clearRequest(c *changeTx, id string) error {
	if err := cancelEmails(c, id); err != nil {
		return err
	}
	for _, table := range []string{"recipients", "skipped_services", "visits", "receipts"} {
		if err := c.exec(`DELETE FROM `+table+` WHERE request = $1`, id); err != nil {
			return err
		}
	}
	return nil
}

func resubmit(
	c *changeTx, request Request, items []onboarding.Item, suppressed map[string][]byte, who string, exists bool,
) error {
	if err := checkResubmitted(c, request); err != nil {
		return err
	}
	write := insertRequest
	if exists {
		if err := clearRequest(c, request.ID); err != nil {
			return err
		}
		write = replaceRequest
	}
	if err := write(c, request); err != nil {
		return err
	}
	if err := resubmitPeople(c, request, suppressed); err != nil {
		return err
	}
	if err := resubmitEvents(c, request, who); err != nil {
		return err
	}
	for _, item := range items {
		if err := resubmitItem(c, request, item); err != nil {
			return err
		}
	}
	for _, p := range request.Repairs {
		if err := resubmitRepair(c, request, p); err != nil {
			return err
		}
	}
	if err := scheduleJobs(c, request); err != nil {
		return err
	}
	return c.bump(kindRequest, request.ID, request.Owner, audienceOwner)
}

// resubmitPeople stores the recipients of a resubmitted request, and what was skipped.
func resubmitPeople(c *changeTx, request Request, suppressed map[string][]byte) error {
	for _, r := range request.Recipients {
		if err := insertRecipient(c, request.ID, handedBefore(request, r)); err != nil {
			return err
		}
		if hash, asked := suppressed[r.ID]; asked {
			if err := insertSuppression(c, hash); err != nil {
				return err
			}
		}
	}
	if err := c.exec(`UPDATE requests SET last_number = last_number + $1 WHERE id = $2`,
		forgotten(request), request.ID); err != nil {
		return err
	}
	for _, skip := range request.Skipped {
		if err := c.exec(`
			INSERT INTO skipped_services (request, service, reason) VALUES ($1, $2, $3)
			ON CONFLICT (request, service) DO NOTHING`, request.ID, skip.Service, skip.Reason); err != nil {
			return err
		}
	}
	return nil
}

// forgotten counts how often somebody of a request was forgotten, whose number the hub does
// not have any more.
func forgotten(request Request) (n int) {
	for _, e := range request.Events {
		if e.Kind == onboarding.EventPeopleForgotten {
			n++
		}
	}
	return n
}

// handedBefore gives a recipient back what a hub before handing over has dropped: its
// history still says whom a client asked, and for what. Without it they would be invited to
// all of the request.
func handedBefore(request Request, to onboarding.Recipient) onboarding.Recipient {
	if to.Handed != 0 || to.Scoped {
		return to
	}
	for _, e := range request.Events {
		address, services := e.HandedTo()
		if e.Kind != onboarding.EventHandedOver && e.Kind != onboarding.EventHandedMore ||
			!onboarding.SameAddress(address, to.Address) {
			continue
		}
		if len(services) == 0 { // they are of the platforms' step
			services = slices.DeleteFunc(slices.Clone(request.Services), func(service onboarding.Service) bool {
				return service == onboarding.Facebook
			})
		}
		to.Ask(services, max(to.Handed, e.At))
		to.Scoped, to.HandedBy.Name = true, e.Who
	}
	return to
}

// resubmitEvents adds what the hub has of a request's history and the relay has not, and
// records who brought it.
func resubmitEvents(c *changeTx, request Request, who string) error {
	ids := make([]string, len(request.Events))
	for n, e := range request.Events {
		ids[n] = e.ID
	}
	list, args := inClause(ids)
	taken, err := c.texts(`SELECT id FROM events WHERE id `+list, args...)
	if err != nil {
		return err
	}
	for _, e := range request.Events {
		if slices.Contains(taken, e.ID) {
			continue
		}
		if err := appendEvent(c, request.ID, e); err != nil {
			return err
		}
		taken = append(taken, e.ID)
	}
	return recordEvent(c, request.ID, onboarding.EventResubmitted, who, onboarding.AuditCode(request.Audit.Hash))
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
	if err := c.row(`SELECT count(*) FROM requests WHERE link_id = $1 AND id <> $2`, r.LinkID, r.ID).
		Scan(&linked); err != nil {
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
	if item.Service == onboarding.Facebook { // without the user's number no deletion would find the name
		item.PlatformBy = ""
	}
	if err := insertItem(c, readable(item)); err != nil {
		return err
	}
	if item.State == onboarding.ItemSharing { // no relay shares it any more
		if err := schedule(c.agencyTx, JobSharing, item.ID, c.now.Add(SharingInterruptedAfter)); err != nil {
			return err
		}
	}
	if item.Withdrawn != 0 && item.State != onboarding.ItemEnded {
		if err := schedule(c.agencyTx, JobWithdrawn, item.ID, c.now+withdrawnEnds); err != nil {
			return err
		}
	}
	return bumpItem(c, item)
}

// resubmitRepair stores the open repair of an item of a resubmitted request, unless it or
// its link is known.
func resubmitRepair(c *changeTx, r Request, p Repair) error {
	var item, known int64
	if err := c.row(`
		SELECT (SELECT count(*) FROM items WHERE id = $1 AND agency = $2 AND request = $3),
		       (SELECT count(*) FROM repairs WHERE item = $1 OR link_id = $4)`,
		p.Item, c.agency, r.ID, p.LinkID).Scan(&item, &known); err != nil || item == 0 || known > 0 {
		return err
	}
	p.Agency, p.Request = c.agency, r.ID
	p.Expires = min(p.Expires, onboarding.LinkEnds(c.now))
	return writeRepair(c, p)
}

// scheduleJobs writes the jobs that a request has in its state.
func scheduleJobs(c *changeTx, r Request) error {
	switch {
	case r.Completed != 0:
		return schedule(c.agencyTx, JobForget, r.ID, forgetConnected(r.Completed))
	case r.Withdrawn != 0:
		return schedule(c.agencyTx, JobForget, r.ID, r.Withdrawn+EndedRetention)
	case r.Finished != 0:
		return schedule(c.agencyTx, JobForget, r.ID, forgetConnected(r.Finished))
	}
	if err := planReminders(c, r); err != nil {
		return err
	}
	return scheduleEnd(c.agencyTx, r.ID, r.Expires)
}
