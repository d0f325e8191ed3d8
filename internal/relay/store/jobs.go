package store

import (
	"context"
	"fmt"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// Jobs are what the relay does later, without a call.
type Jobs struct{ *handle }

// How long rows that are no longer needed are stored; those of clients: see CompletedMonths.
const (
	commitRetention    = 90 * day
	tombstoneRetention = onboarding.Timestamp(onboarding.TombstoneTTL/time.Millisecond) + 10*day
)

// JobKind is what the relay does at a time, without a call.
type JobKind string

// The jobs, with what their subject is.
const (
	JobExpire    JobKind = "expire"    // a request: record its end
	JobForget    JobKind = "forget"    // a request: delete it, or the clients' names in it
	JobUnchecked JobKind = "unchecked" // an item: no hub has checked it for a day
	JobIdle      JobKind = "idle"      // an item: its credential would expire unused
	JobFinish    JobKind = "finish"    // a request: its last part was finished while others were at it
	JobRemind    JobKind = "remind"    // a request: recipients are reminded
	JobExpiring  JobKind = "expiring"  // a request: its link ends soon
	JobSignIn    JobKind = "sign_in"   // a Connection: it ends soon
	JobSummary   JobKind = "summary"   // a member: their daily email is due
	JobSharing   JobKind = "sharing"   // an item: it is stored as sharing, and no relay shares it any more
	JobWithdrawn JobKind = "withdrawn" // an item: its client has withdrawn it, and no hub has ended it
	JobApproval  JobKind = "approval"  // a visit with a receipt: its client is reminded of what waits for an approval
	JobReview    JobKind = "review"    // an agency that exists for a review: delete what is old of it, or all
)

// Job is a leased job.
type Job struct {
	Kind    JobKind
	Subject string
	Agency  string
	Due     onboarding.Timestamp
}

// schedule writes a job in the transaction of the change that causes it. A job of
// the same kind and subject gets the new time.
func schedule(t *agencyTx, kind JobKind, subject string, at onboarding.Timestamp) error {
	err := t.exec(`
		INSERT INTO jobs (kind, subject, agency, due_ms, lease_until_ms, lease_instance, lease_run)
		VALUES ($1, $2, $3, $4, 0, '', '')
		ON CONFLICT (kind, subject) DO UPDATE SET due_ms = excluded.due_ms, lease_until_ms = 0, lease_instance = '',
		lease_run = ''`, kind, subject, t.agency, at)
	if err != nil {
		return fmt.Errorf("scheduling the job %s: %w", kind, err)
	}
	return nil
}

// Claim leases the job that is due first. ErrNotFound: none is due. ErrPutBack: those that
// are due may have been done.
func (s *Jobs) Claim(ctx context.Context, owner LeaseOwner, until onboarding.Timestamp) (Job, error) {
	var job Job
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		now := s.timestamp()
		err := s.verifyEmailsTable(ctx, tx)
		if err != nil {
			return err
		}
		err = tx.QueryRowContext(ctx, `
			SELECT kind, subject, agency, due_ms FROM jobs
			WHERE due_ms <= $1 AND `+due+` ORDER BY due_ms, kind, subject LIMIT 1`,
			now, owner.Instance, owner.Run).Scan(&job.Kind, &job.Subject, &job.Agency, &job.Due)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `
			UPDATE jobs SET lease_until_ms = $1, lease_instance = $2, lease_run = $3
			WHERE kind = $4 AND subject = $5`, until, owner.Instance, owner.Run, job.Kind, job.Subject)
		return err
	})
	return job, wrapNotFound(err, "claiming a job")
}

// Postpone makes a job wait until a timestamp, whoever has its lease. One that was given
// another time in the meantime keeps that.
func (s *Jobs) Postpone(ctx context.Context, job Job, until onboarding.Timestamp) error {
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(ctx, `
			UPDATE jobs SET lease_until_ms = $1, lease_instance = '', lease_run = ''
			WHERE kind = $2 AND subject = $3 AND due_ms = $4`, until, job.Kind, job.Subject, job.Due)
		return err
	})
	if err != nil {
		return fmt.Errorf("postponing the job %s: %w", job.Kind, err)
	}
	return nil
}

// SharingTimeout bounds what a relay shares in one run. What stands as sharing
// for SharingInterruptedAfter was interrupted: the minute is for storing how a
// share ended. Until then another relay may be at it, and sharing it again would
// do it twice.
const (
	SharingTimeout          = 5 * time.Minute
	SharingInterruptedAfter = SharingTimeout + time.Minute
)

// NextDue is when the next job is due; zero: none waits.
func (s *Jobs) NextDue(ctx context.Context) (onboarding.Timestamp, error) {
	var next onboarding.Timestamp
	err := s.db.QueryRowContext(ctx, `
		SELECT COALESCE(min(w.at_ms), 0)
		FROM   (SELECT min(due_ms) AS at_ms FROM jobs WHERE lease_until_ms = 0
		        UNION ALL
		        SELECT min(CASE WHEN due_ms > lease_until_ms THEN due_ms ELSE lease_until_ms END) FROM jobs
		        WHERE  lease_until_ms > 0) AS w`).Scan(&next)
	if err != nil {
		return 0, fmt.Errorf("finding the next job: %w", err)
	}
	return next, nil
}
