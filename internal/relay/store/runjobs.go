package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Run runs a job and deletes it. If its subject was deleted, or needs nothing any
// more, only the job is deleted.
func (s *Jobs) Run(ctx context.Context, job Job) error {
	err := s.change(ctx, job.Agency, func(c *changeTx) error {
		if err := deleteJob(c, job); err != nil {
			return err
		}
		return runJob(c, job)
	})
	if err != nil {
		return fmt.Errorf("running the job %s: %w", job.Kind, err)
	}
	s.onQueued() // most of them write to somebody, and change nothing that hubs have
	return nil
}

func runJob(c *changeTx, job Job) error {
	switch job.Kind {
	case JobExpire:
		return expireRequest(c, job)
	case JobForget:
		return forgetRequest(c, job)
	case JobFinish:
		return finishIdle(c, job)
	case JobUnchecked:
		return reportUnchecked(c, job)
	case JobIdle:
		return reportIdle(c, job)
	case JobRemind:
		return remind(c, job)
	case JobExpiring:
		return reportExpiring(c, job)
	case JobSignIn:
		return reportSignIn(c, job)
	case JobSummary:
		return queueSummary(c, job)
	case JobSharing:
		return endInterrupted(c, job)
	case JobWithdrawn:
		return endLeftWithdrawn(c, job)
	case JobApproval:
		return remindOfApproval(c, job)
	case JobReview:
		return sweepReview(c)
	}
	return nil
}

// deleteJob deletes a job, unless it was given another time in the meantime.
func deleteJob(c *changeTx, job Job) error {
	return c.exec(`DELETE FROM jobs WHERE kind = $1 AND subject = $2 AND due_ms = $3`, job.Kind, job.Subject, job.Due)
}

func findRequest(c *changeTx, id string) (Request, bool, error) {
	rows, err := c.QueryContext(c.ctx, `
		SELECT `+requestColumns+` FROM requests WHERE agency = $1 AND id = $2`, c.agency, id)
	found, err := scanAll(rows, err, scanRequest)
	if err != nil || len(found) == 0 {
		return Request{}, false, err
	}
	return found[0], true, nil
}

func findItem(c *changeTx, id string) (onboarding.Item, bool, error) {
	rows, err := c.QueryContext(c.ctx, `SELECT `+itemColumns+` FROM items WHERE agency = $1 AND id = $2`, c.agency, id)
	found, err := scanAll(rows, err, scanItem)
	if err != nil || len(found) == 0 {
		return onboarding.Item{}, false, err
	}
	return found[0], true, nil
}

func expireRequest(c *changeTx, job Job) error {
	r, exists, err := findRequest(c, job.Subject)
	if err != nil || !exists || r.Status != onboarding.Pending || r.Finished != 0 || r.Withdrawn != 0 {
		return err
	}
	if r.Expires > c.now {
		return schedule(c.agencyTx, JobExpire, r.ID, r.Expires)
	}
	if err := endVisits(c, r.ID); err != nil {
		return err
	}
	if err := cancelEmails(c, r.ID); err != nil {
		return err
	}
	// The link ended at the time on its page, also where the job comes late.
	if err := recordEventWith(c, r.ID, onboarding.Event{Kind: onboarding.EventExpired, At: r.Expires}); err != nil {
		return err
	}
	if err := schedule(c.agencyTx, JobForget, r.ID, r.Expires+EndedRetention); err != nil {
		return err
	}
	if err := giveReceipts(c, r); err != nil {
		return err
	}
	return c.bump(kindRequest, r.ID, r.Owner, audienceOwner)
}

// forgetRequest deletes a request without items, and the clients' names from one
// whose items are in Accounts. Both wait for the year of its receipts.
func forgetRequest(c *changeTx, job Job) error {
	r, exists, err := findRequest(c, job.Subject)
	if err != nil || !exists {
		return err
	}
	if ends, err := receiptsEnd(c, r.ID); err != nil {
		return err
	} else if ends > c.now {
		return schedule(c.agencyTx, JobForget, r.ID, ends)
	}
	connected, waiting, err := countItems(c, r.ID, false)
	if err != nil {
		return err
	}
	if connected+waiting == 0 {
		return deleteRequest(c, r)
	}
	return forgetPeople(c, r)
}

// forgetPeople deletes the clients' names and addresses from a request.
func forgetPeople(c *changeTx, r Request) error {
	if r.Forgotten != 0 {
		return nil
	}
	typed, err := c.texts(`
		SELECT name FROM items WHERE request = $1 AND account LIKE 'named:%'
		UNION SELECT detail FROM events WHERE request = $1 AND kind = 'item_named'`, r.ID)
	if err != nil {
		return err
	}
	if err := forgetMatched(c, r, typed, func(onboarding.Person) bool { return true }); err != nil {
		return err
	}
	for _, query := range []string{
		`
			UPDATE requests SET completed_by_name = '', completed_by_email = '', declined_by = '',
				declined_visit = '', decline_reason = ''
			WHERE id = $1`,
		`UPDATE items SET connected_by_name = '', connected_by_email = '', platform_by = '' WHERE request = $1`,
		`UPDATE items SET name = '' WHERE request = $1 AND account LIKE 'named:%'`,
		`UPDATE skipped_services SET reason = '' WHERE request = $1`,
		`UPDATE repairs SET address = '', email_state = '' WHERE request = $1`,
		`DELETE FROM recipients WHERE request = $1`,
		`DELETE FROM oauth_states WHERE visit IN (SELECT id FROM visits WHERE request = $1)`,
		`DELETE FROM visits WHERE request = $1`,
		`DELETE FROM receipts WHERE request = $1`,
		`DELETE FROM emails WHERE request = $1`,
		`DELETE FROM news WHERE request = $1`,
	} {
		if err := c.exec(query, r.ID); err != nil {
			return err
		}
	}
	if err := forgetItemUsers(c, r.ID); err != nil {
		return err
	}
	kinds, args := inClause([]string{
		string(onboarding.EventSent), string(onboarding.EventEmailRefused), string(onboarding.EventSuppressed),
		string(onboarding.EventStarted), string(onboarding.EventLinkAsked), string(onboarding.EventLinkSentAgain),
		string(onboarding.EventReminded), string(onboarding.EventHandedOver), string(onboarding.EventHandedMore),
		string(onboarding.EventRepairSent),
		string(onboarding.EventItemNamed), string(onboarding.EventItemUnnamed),
	}, r.ID, []byte{})
	err = c.exec(`
		UPDATE events SET who = '', who_salt = $2, detail = CASE WHEN kind `+kinds+` THEN ''
			WHEN kind = 'error_page' AND detail LIKE 'other %' THEN 'other' ELSE detail END,
			detail_salt = CASE WHEN kind `+kinds+` OR kind = 'error_page' AND detail LIKE 'other %'
			THEN $2 ELSE detail_salt END
		WHERE  request = $1`, args...)
	if err != nil {
		return err
	}
	if err := c.exec(`UPDATE requests SET forgotten_ms = $1 WHERE id = $2`, c.now, r.ID); err != nil {
		return err
	}
	if err := recordEvent(c, r.ID, onboarding.EventPeopleForgotten, "", ""); err != nil {
		return err
	}
	return bumpRequestAndItems(c, r)
}

func bumpRequestAndItems(c *changeTx, r Request) error {
	items, err := c.texts(`SELECT id FROM items WHERE agency = $1 AND request = $2`, c.agency, r.ID)
	if err != nil {
		return err
	}
	for _, id := range items {
		if err := c.bump(kindItem, id, r.Owner, audienceOwner); err != nil {
			return err
		}
	}
	return c.bump(kindRequest, r.ID, r.Owner, audienceOwner)
}

// reportUnchecked writes to the owner that an item waits and that no hub that can
// check it was seen for a day.
func reportUnchecked(c *changeTx, job Job) error {
	i, exists, err := findItem(c, job.Subject)
	if err != nil || !exists || i.State == onboarding.ItemEnded || i.Withdrawn != 0 ||
		i.State != onboarding.ItemWaiting && i.Access.State != onboarding.AccessWaiting {
		return err
	}
	if i.Access.Checked > c.now-day {
		return schedule(c.agencyTx, JobUnchecked, i.ID, i.Access.Checked+day)
	}
	if _, err := reviewOf(c); !errors.Is(err, onboarding.ErrNotFound) {
		return err // no hub will ever check it
	}
	var sent int64 // one email a week for all items of a request
	if err := c.row(`
		SELECT count(*) FROM emails
		WHERE kind = $1 AND request = $2 AND created_ms > $3`, EmailStillWaiting, i.Request,
		c.now-7*day).Scan(&sent); err != nil {
		return err
	}
	if sent == 0 {
		email := Email{Kind: EmailStillWaiting, Request: i.Request, Item: i.ID, Member: i.Owner}
		if err := enqueue(c.agencyTx, email); err != nil {
			return err
		}
	}
	return schedule(c.agencyTx, JobUnchecked, i.ID, c.now+7*day)
}

// reportIdle records that a credential expires unless a hub is opened.
func reportIdle(c *changeTx, job Job) error {
	i, exists, err := findItem(c, job.Subject)
	if err != nil || !exists || i.State == onboarding.ItemEnded || i.Withdrawn != 0 ||
		i.Access.State == onboarding.AccessBroken {
		return err
	}
	return recordNews(c, News{
		Kind: onboarding.NewsExpiring, Request: i.Request, Item: i.ID, Owner: i.Owner, Service: i.Service,
	})
}

// endInterrupted fails an item that a relay began to share and did not finish,
// unless it was begun anew meanwhile. The code is the catalog's.
func endInterrupted(c *changeTx, job Job) error {
	i, exists, err := findItem(c, job.Subject)
	if err != nil || !exists || i.State != onboarding.ItemSharing {
		return err
	}
	if due := i.Changed.Add(SharingInterruptedAfter); due > c.now {
		return schedule(c.agencyTx, JobSharing, i.ID, due)
	}
	r, exists, err := findRequest(c, i.Request)
	if err != nil || !exists {
		return err
	}
	result := i
	result.State, result.Failure = onboarding.ItemFailed, "sharing_interrupted"
	if _, err := applyResult(c, r, i, result); err != nil {
		return err
	}
	return c.bump(kindRequest, r.ID, r.Owner, audienceOwner)
}
