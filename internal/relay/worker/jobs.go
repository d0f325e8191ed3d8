package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/latchkeyhq/latchkey/internal/jobs"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

const (
	jobLease      = time.Minute
	jobRetry      = 15 * time.Minute // of one that failed: the others do not wait for it
	sweepInterval = time.Hour
	dropInterval  = time.Minute // of clients' tokens that were not used for a while
)

// jobWorker runs scheduled jobs, and sweeps. Several relays may run one on a
// database.
type jobWorker struct {
	store     *store.Store
	db        *sqldb.DB
	log       *slog.Logger
	owner     store.LeaseOwner
	tokenIdle time.Duration
	clock     clock

	swept, dropped time.Time
}

// run runs what is due until ctx ends.
func (s *jobWorker) run(ctx context.Context) {
	loop := jobs.Loop{
		Do: func(ctx context.Context) error {
			s.dropIdleTokens(ctx)
			s.sweepIfDue(ctx)
			return s.runNext(ctx)
		},
		UntilNext:  func(ctx context.Context) time.Duration { return s.clock.until(s.store.Jobs.NextDue(ctx)) },
		RetryDelay: retryDelay,
		Failed:     func(err error) { s.log.Error("running a job", "error", err) },
	}
	loop.Run(ctx)
}

func (s *jobWorker) dropIdleTokens(ctx context.Context) {
	now := s.clock.now()
	if now.Sub(s.dropped) < dropInterval && !now.Before(s.dropped) {
		return
	}
	s.dropped = now
	if err := s.store.Visits.DropIdleTokens(ctx, s.store.Now().Add(-s.tokenIdle)); err != nil && ctx.Err() == nil {
		s.log.Error("dropping idle sign-ins", "error", err)
	}
}

func (s *jobWorker) sweepIfDue(ctx context.Context) {
	now := s.clock.now()
	if now.Sub(s.swept) < sweepInterval && !now.Before(s.swept) {
		return
	}
	if err := s.sweep(ctx); err != nil {
		s.log.Error("sweeping", "error", err)
		return
	}
	s.swept = now
}

// runNext runs one job that is due, or puts it off if that fails. jobs.ErrNoneDue: none
// is.
func (s *jobWorker) runNext(ctx context.Context) error {
	job, err := s.store.Jobs.Claim(ctx, s.owner, s.store.Now().Add(jobLease))
	if err != nil {
		return noneDue(err)
	}
	if err = s.runJob(ctx, job); err == nil || ctx.Err() != nil {
		return err
	}
	return errors.Join(err, s.store.Jobs.Postpone(ctx, job, s.store.Now().Add(jobRetry)))
}

func (s *jobWorker) runJob(ctx context.Context, job store.Job) (err error) {
	defer func() { // one job must not end the relay, again at each start
		if fault := recover(); fault != nil {
			err = fmt.Errorf("recovering the job %s: %v, at %s", job.Kind, fault, debug.Stack())
		}
	}()
	return s.store.Jobs.Run(ctx, job)
}

// runDue runs every job that is due and sweeps, once.
func (s *jobWorker) runDue(ctx context.Context) error {
	for {
		err := s.runNext(ctx)
		if errors.Is(err, jobs.ErrNoneDue) {
			return s.sweep(ctx)
		} else if err != nil {
			return err
		}
	}
}

// sweep removes what is old, and the traces of it in SQLite's log.
func (s *jobWorker) sweep(ctx context.Context) error {
	if err := s.store.Sweep(ctx); err != nil {
		return err
	}
	if err := s.db.Checkpoint(ctx); err != nil {
		s.log.Info("emptying the database's log: the next sweep does it", "error", err)
	}
	return nil
}
