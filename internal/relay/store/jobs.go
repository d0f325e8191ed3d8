package store

import (
	"context"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

const (
	minute onboarding.Timestamp = 60_000
	hour                        = 60 * minute
	day                         = 24 * hour
)

// How long things are kept once nobody needs them.
const (
	forgetDead         = 90 * day // an expired or withdrawn request
	emailRetention     = 90 * day
	commitRetention    = 90 * day
	tombstoneRetention = 100 * day // longer than any cursor that may still be read on
	deliveryRetention  = 90 * day
)

// forgetConnected is thirteen months after a completion.
func forgetConnected(completed onboarding.Timestamp) onboarding.Timestamp {
	return onboarding.TimestampOf(completed.Time().AddDate(0, 13, 0))
}

// JobKind is something the relay does at a time, without being asked.
type JobKind string

// The jobs, with what their subject is.
const (
	JobExpire    JobKind = "expire"    // a request: note its end
	JobForget    JobKind = "forget"    // a request: forget its people, or all of it
	JobUnchecked JobKind = "unchecked" // an item: nobody has checked it for a day
	JobIdle      JobKind = "idle"      // an item: its credential would die of idleness
	JobSharing   JobKind = "sharing"   // an item: it stands as sharing and nobody shares it any more
)

// Job is one of them, claimed.
type Job struct {
	Kind    JobKind
	Subject string
	Agency  string
	Due     onboarding.Timestamp
}

// schedule writes a job in the transaction of the change that causes it; one
// there is already gets the new time.
func schedule(c *changeTx, kind JobKind, subject string, at onboarding.Timestamp) error {
	err := c.exec(`
		INSERT INTO jobs (kind, subject, agency, due_ms, lease_until_ms, lease_instance, lease_run)
		VALUES ($1, $2, $3, $4, 0, '', '')
		ON CONFLICT (kind, subject) DO UPDATE SET due_ms = excluded.due_ms, lease_until_ms = 0, lease_instance = '',
		lease_run = ''`, kind, subject, c.agency, at)
	if err != nil {
		return fmt.Errorf("writing the job %s: %w", kind, err)
	}
	return nil
}

// Claim leases the job that is due first. ErrNotFound: none is.
func (s *Jobs) Claim(ctx context.Context, life LeaseOwner, until onboarding.Timestamp) (Job, error) {
	var d Job
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		now := s.timestamp()
		err := tx.QueryRowContext(ctx, `
			SELECT kind, subject, agency, due_ms FROM jobs
			WHERE due_ms <= $1 AND `+due+` ORDER BY due_ms, kind, subject LIMIT 1`,
			now, life.Instance, life.Run).Scan(&d.Kind, &d.Subject, &d.Agency, &d.Due)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `
			UPDATE jobs SET lease_until_ms = $1, lease_instance = $2, lease_run = $3
			WHERE kind = $4 AND subject = $5`, until, life.Instance, life.Run, d.Kind, d.Subject)
		return err
	})
	return d, wrapNotFound(err, "claiming a job")
}

// deleteJob removes a job that is done, unless it got another time meanwhile.
func deleteJob(c *changeTx, d Job) error {
	return c.exec(`DELETE FROM jobs WHERE kind = $1 AND subject = $2 AND due_ms = $3`, d.Kind, d.Subject, d.Due)
}

// Run does a job. What it is about may be gone, or settled: then only the job ends.
func (s *Jobs) Run(ctx context.Context, d Job) error {
	err := s.change(ctx, d.Agency, func(c *changeTx) error {
		if err := deleteJob(c, d); err != nil {
			return err
		}
		switch d.Kind {
		case JobExpire:
			return expireRequest(c, d)
		case JobForget:
			return forgetRequest(c, d)
		case JobUnchecked:
			return reportUnchecked(c, d)
		case JobIdle:
			return reportIdle(c, d)
		case JobSharing:
			return endInterrupted(c, d)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("doing the job %s: %w", d.Kind, err)
	}
	return nil
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

func expireRequest(c *changeTx, d Job) error {
	q, there, err := findRequest(c, d.Subject)
	if err != nil || !there || q.Status != onboarding.Pending || q.Finished != 0 || q.Withdrawn != 0 {
		return err
	}
	if q.Expires > c.now {
		return schedule(c, JobExpire, q.ID, q.Expires)
	}
	if err := endVisits(c, q.ID); err != nil {
		return err
	}
	if err := cancelEmails(c, q.ID); err != nil {
		return err
	}
	if err := recordEvent(c, q.ID, onboarding.EventExpired, "", ""); err != nil {
		return err
	}
	if err := schedule(c, JobForget, q.ID, q.Expires+forgetDead); err != nil {
		return err
	}
	return c.bump(kindRequest, q.ID, q.Owner, audienceOwner)
}

// forgetRequest removes a request that brought nothing, and the people from one whose
// items are in Accounts.
func forgetRequest(c *changeTx, d Job) error {
	q, there, err := findRequest(c, d.Subject)
	if err != nil || !there {
		return err
	}
	connected, waiting, err := countItems(c, q.ID)
	if err != nil {
		return err
	}
	if connected+waiting == 0 {
		return deleteRequest(c, q)
	}
	return forgetPeople(c, q)
}

// forgetPeople takes the names and addresses of people out of a request.
func forgetPeople(c *changeTx, q Request) error {
	if q.Forgotten != 0 {
		return nil
	}
	for _, query := range []string{
		`UPDATE requests SET completed_by_name = '', completed_by_email = '' WHERE id = $1`,
		`UPDATE items SET connected_by_name = '', connected_by_email = '', platform_by = '' WHERE request = $1`,
		`UPDATE skipped_services SET reason = '' WHERE request = $1`,
		`DELETE FROM recipients WHERE request = $1`,
		`DELETE FROM oauth_states WHERE visit IN (SELECT id FROM visits WHERE request = $1)`,
		`DELETE FROM visits WHERE request = $1`,
		`DELETE FROM receipts WHERE request = $1`,
		`DELETE FROM emails WHERE request = $1`,
	} {
		if err := c.exec(query, q.ID); err != nil {
			return err
		}
	}
	const forgetEvents = `
		UPDATE events SET who = '', detail = CASE WHEN kind IN ($1, $2, $3) THEN '' ELSE detail END
		WHERE  request = $4`
	err := c.exec(forgetEvents, onboarding.EventSent, onboarding.EventEmailRefused, onboarding.EventSuppressed, q.ID)
	if err != nil {
		return err
	}
	if err := c.exec(`UPDATE requests SET forgotten_ms = $1 WHERE id = $2`, c.now, q.ID); err != nil {
		return err
	}
	if err := recordEvent(c, q.ID, onboarding.EventPeopleForgotten, "", ""); err != nil {
		return err
	}
	return bumpRequestAndItems(c, q)
}

func bumpRequestAndItems(c *changeTx, q Request) error {
	items, err := c.texts(`SELECT id FROM items WHERE agency = $1 AND request = $2`, c.agency, q.ID)
	if err != nil {
		return err
	}
	for _, id := range items {
		if err := c.bump(kindItem, id, q.Owner, audienceOwner); err != nil {
			return err
		}
	}
	return c.bump(kindRequest, q.ID, q.Owner, audienceOwner)
}

// reportUnchecked tells the owner that something waits and nobody who can check it
// was seen for a day.
func reportUnchecked(c *changeTx, d Job) error {
	i, there, err := findItem(c, d.Subject)
	if err != nil || !there || i.State == onboarding.ItemEnded ||
		i.State != onboarding.ItemWaiting && i.Access.State != onboarding.AccessWaiting {
		return err
	}
	if i.Access.Checked > c.now-day {
		return schedule(c, JobUnchecked, i.ID, i.Access.Checked+day)
	}
	var told int64 // one email a request and week, however many of its items wait
	if err := c.row(`
		SELECT count(*) FROM emails
		WHERE kind = $1 AND request = $2 AND created_ms > $3`, EmailStillWaiting, i.Request,
		c.now-7*day).Scan(&told); err != nil {
		return err
	}
	if told == 0 {
		if err := enqueue(c, Email{Kind: EmailStillWaiting, Request: i.Request, Item: i.ID, Member: i.Owner}); err != nil {
			return err
		}
	}
	return schedule(c, JobUnchecked, i.ID, c.now+7*day)
}

// reportIdle tells the owner that a credential would die unless a hub is opened.
func reportIdle(c *changeTx, d Job) error {
	i, there, err := findItem(c, d.Subject)
	if err != nil || !there || i.State == onboarding.ItemEnded || i.Access.State == onboarding.AccessBroken {
		return err
	}
	return enqueue(c, Email{Kind: EmailCredentialExpiring, Request: i.Request, Item: i.ID, Member: i.Owner})
}

// sharingLasts is longer than any relay shares at one go.
const maxSharingTime = 15 * minute

// endInterrupted ends a share that a relay began and did not end, so that nobody
// waits for it. The code is the catalog's.
func endInterrupted(c *changeTx, d Job) error {
	i, there, err := findItem(c, d.Subject)
	if err != nil || !there || i.State != onboarding.ItemSharing {
		return err
	}
	q, there, err := findRequest(c, i.Request)
	if err != nil || !there {
		return err
	}
	result := i
	result.State, result.Failure = onboarding.ItemFailed, "sharing_interrupted"
	if _, err := applyResult(c, q, i, result); err != nil {
		return err
	}
	return c.bump(kindRequest, q.ID, q.Owner, audienceOwner)
}

// NextDue is when the next job is due; zero: none waits.
func (s *Jobs) NextDue(ctx context.Context) (onboarding.Timestamp, error) {
	var next onboarding.Timestamp
	err := s.db.QueryRowContext(ctx, `
		SELECT COALESCE(min(CASE WHEN due_ms > lease_until_ms THEN due_ms ELSE lease_until_ms END), 0) FROM jobs`).Scan(&next)
	if err != nil {
		return 0, fmt.Errorf("looking for the next job: %w", err)
	}
	return next, nil
}

// Sweep removes what is old for everybody: sign-ins, codes, starts, visits of
// requests that ended, emails, deliveries nobody fetched, commits and deletion
// marks that no cursor needs.
func (s *Store) Sweep(ctx context.Context) error {
	now := s.Now()
	for _, sweep := range []struct {
		query string
		args  []any
	}{
		{`DELETE FROM oauth_states WHERE expires_ms <= $1`, []any{now}},
		{`DELETE FROM codes WHERE expires_ms <= $1`, []any{now}},
		{`DELETE FROM reply_to_codes WHERE expires_ms <= $1`, []any{now}},
		{`DELETE FROM pending_connections WHERE expires_ms <= $1`, []any{now}},
		// The visit that finished stays with its request, which names the same
		// person: its receipt, and what is below the receipt's email, need it.
		{`
			DELETE FROM visits WHERE ended_ms > 0 AND ended_ms <= $1 AND id NOT IN (SELECT visit FROM emails
			WHERE state IN ('queued', 'sending'))
			AND id NOT IN (SELECT visit FROM receipts)`, []any{now - day}},
		{`DELETE FROM emails WHERE finished_ms > 0 AND finished_ms <= $1`, []any{now - emailRetention}},
		{`DELETE FROM send_log WHERE at_ms <= $1`, []any{now - day}},
		{`DELETE FROM deliveries WHERE created_ms <= $1`, []any{now - deliveryRetention}},
		// Requests' marks stay: no hub may offer a deleted one again.
		{`
			DELETE FROM changes
			WHERE deleted_ms > 0 AND deleted_ms <= $1 AND kind <> 'request'`, []any{now - tombstoneRetention}},
		{`
			DELETE FROM commits WHERE created_ms <= $1 AND commit_id NOT IN (SELECT commit_id
			FROM agencies)`, []any{now - commitRetention}},
	} {
		err := s.handle.db.InTx(ctx, func(tx *sqldb.Tx) error {
			_, err := tx.ExecContext(ctx, sweep.query, sweep.args...)
			return err
		})
		if err != nil {
			return fmt.Errorf("sweeping: %w", err)
		}
	}
	return s.Visits.DropIdleTokens(ctx, now-hour)
}
