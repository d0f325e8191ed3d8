// Package worker does what the relay does without a call: it sends the emails,
// posts to the webhooks and runs the scheduled jobs.
//
// It holds no key: what it signs or hashes goes through its Config.
package worker

import (
	"context"
	"sync"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Worker sends emails, posts to webhooks and runs jobs.
type Worker struct {
	emails   *emailWorker
	webhooks *webhookWorker
	jobs     *jobWorker
	mail     *mailWatch
}

// New makes a Worker. It does nothing before Run.
func New(config Config) *Worker {
	c := clock{config.Now}
	if config.MailChanged == nil {
		config.MailChanged = func() {}
	}
	return &Worker{
		emails:   newEmailWorker(config, c),
		webhooks: newWebhookWorker(config, c),
		jobs: &jobWorker{
			store: config.Store, db: config.DB, log: config.Log, owner: config.Owner, tokenIdle: config.TokenIdle, clock: c,
		},
		mail: &mailWatch{
			emails: config.Store.Emails, mailer: config.Mailer, log: config.Log, now: config.Store.Now, tell: config.MailChanged,
		},
	}
}

// Run sends emails, posts to webhooks and runs jobs until ctx ends. Running ones finish; the rest
// is leased again after a restart.
func (w *Worker) Run(ctx context.Context) {
	var parts sync.WaitGroup
	parts.Go(func() { w.jobs.run(ctx) })
	parts.Go(func() { w.emails.run(ctx) })
	parts.Go(func() { w.webhooks.queue.Run(ctx) })
	if w.mail.mailer != nil {
		parts.Go(func() { w.mail.run(ctx) })
	}
	parts.Wait()
}

// MailFailsSince is when the oldest email was queued that the mail server does not take,
// while it takes none; zero: mail works.
func (w *Worker) MailFailsSince() onboarding.Timestamp {
	return onboarding.Timestamp(w.mail.since.Load())
}

// Wake makes the worker check for due emails and deliveries now.
func (w *Worker) Wake() {
	w.emails.queue.Wake()
	w.webhooks.queue.Wake()
}

// RunDueJobs runs every job that is due and sweeps, once: for the operator and
// for tests with a clock of their own.
func (w *Worker) RunDueJobs(ctx context.Context) error {
	w.mail.look(ctx)
	return w.jobs.runDue(ctx)
}
