// Package worker does what the relay does without a call: it sends the emails
// and runs the scheduled jobs.
//
// It holds no key: what it signs or hashes goes through its Config.
package worker

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/latchkeyhq/latchkey/internal/jobs"
	"github.com/latchkeyhq/latchkey/internal/mail"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/link"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// retryDelay is the pause after a database that is away.
const retryDelay = time.Second

// Config is what a Worker needs.
type Config struct {
	Store *store.Store
	DB    *sqldb.DB
	Keys  Keys
	Links link.Links
	// NewCode makes the code that is sent to a proposed reply-to address.
	NewCode func() onboarding.Secret
	// Mailer sends; nil: emails stay queued.
	Mailer   Mailer
	Operator mail.Operator
	// Owner of the leases on emails and jobs.
	Owner store.Life
	// TokenIdle is how long an unused client's token is kept.
	TokenIdle time.Duration
	Now       func() time.Time
	Log       *slog.Logger
}

// Worker sends emails and runs jobs.
type Worker struct {
	emails *emailWorker
	jobs   *jobWorker
}

// New makes a Worker. It does nothing before Run.
func New(config Config) *Worker {
	c := clock{config.Now}
	return &Worker{
		emails: newEmailWorker(config, c),
		jobs: &jobWorker{
			store: config.Store, db: config.DB, log: config.Log, owner: config.Owner, tokenIdle: config.TokenIdle, clock: c,
		},
	}
}

// Run sends emails and runs jobs until ctx ends. Running ones finish; the rest
// is leased again after a restart.
func (w *Worker) Run(ctx context.Context) {
	var parts sync.WaitGroup
	parts.Go(func() { w.jobs.run(ctx) })
	parts.Go(func() { w.emails.run(ctx) })
	parts.Wait()
}

// Wake looks for emails to send now.
func (w *Worker) Wake() { w.emails.queue.Wake() }

// RunDueJobs runs every job that is due and sweeps, once: for the operator and
// for tests with a clock of their own.
func (w *Worker) RunDueJobs(ctx context.Context) error { return w.jobs.runDue(ctx) }

// clock is the relay's.
type clock struct{ now func() time.Time }

// until is how long it is until next; zero: nothing is due. With an error it
// is not long.
func (c clock) until(next onboarding.Timestamp, err error) time.Duration {
	switch {
	case err != nil:
		return retryDelay
	case next == 0:
		return time.Hour // more than a loop sleeps
	}
	return max(0, next.Time().Sub(c.now()))
}

// noneDue is how a loop hears that the store has nothing to do.
func noneDue(err error) error {
	if errors.Is(err, onboarding.ErrNotFound) {
		return jobs.ErrNoneDue
	}
	return err
}
