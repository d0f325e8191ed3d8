package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/latchkeyhq/latchkey/internal/grapheme"
	"github.com/latchkeyhq/latchkey/internal/jobs"
	"github.com/latchkeyhq/latchkey/internal/mail"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

const (
	emailLease       = 6 * time.Minute // longer than one attempt can take
	emailConcurrency = 4               // a slow server delays the others no longer
	shutdownGrace    = 10 * time.Second
	giveUpAfter      = 3 * 24 * time.Hour
	suspendedPause   = time.Hour // after which a suspended agency's members may get their emails
)

// emailWorker sends what is queued. Several relays may run one on a database.
type emailWorker struct {
	store    *store.Store
	composer *composer
	texts    *mail.Composer
	mailer   Mailer
	log      *slog.Logger
	owner    store.LeaseOwner
	limits   onboarding.Limits
	queue    jobs.Queue[claimedEmail]

	mu       sync.Mutex
	inFlight map[string]string // the emails that this process is sending, with their agencies
}

// claimedEmail is an email that a worker has, until release.
type claimedEmail struct {
	store.Email
	release func()
}

func newEmailWorker(config Config, clock clock) *emailWorker {
	s := &emailWorker{
		store: config.Store,
		texts: config.Composer, mailer: config.Mailer,
		log:      config.Log,
		owner:    config.Owner,
		limits:   config.Limits,
		inFlight: map[string]string{},
		composer: &composer{
			store: config.Store, keys: config.Keys, links: config.Links, makeCode: config.NewCode, operator: config.Operator,
			catalog: config.Catalog, bases: config.Bases,
		},
	}
	s.queue = jobs.Queue[claimedEmail]{
		Loop: jobs.Loop{
			UntilNext:  func(ctx context.Context) time.Duration { return clock.until(s.store.Emails.NextDue(ctx)) },
			RetryDelay: retryDelay,
			Failed:     func(err error) { s.log.Error("sending an email", "error", err) },
		},
		Claim:   s.claimNext,
		Work:    s.send,
		Workers: emailConcurrency,
	}
	return s
}

// run sends until ctx ends.
func (s *emailWorker) run(ctx context.Context) {
	if s.mailer != nil {
		s.queue.Run(ctx)
	}
}

// send sends a claimed email. One whose result cannot be stored is left to its lease:
// released, it would be the next one again.
func (s *emailWorker) send(ctx context.Context, email claimedEmail) error {
	// What was begun is finished, also while the relay stops.
	ctx, cancel := withGracePeriod(ctx, shutdownGrace)
	defer cancel()
	result, err := store.EmailResult{State: onboarding.EmailAccepted}, error(nil)
	if !email.IsAccepted() { // by the mail server, in a run that ended there
		result, err = s.attempt(ctx, email.Email)
	}
	switch {
	case errors.Is(err, onboarding.ErrConflict):
		email.release() // cancelled meanwhile, or another relay's by now: that one stores its result
		return nil
	case ctx.Err() != nil && err != nil:
		return err
	case err != nil:
		s.log.Error("making an email", "email", email.ID, "kind", email.Kind, "attempt", email.Attempts+1, "error", err)
		result = s.retry(email.Email, err)
	}
	if err := s.saveResult(context.WithoutCancel(ctx), email.Email, result); err != nil {
		return err
	}
	email.release()
	return nil
}

// claimNext leases the next due email. Leases that no worker of this process
// owns are orphans of a previous run.
func (s *emailWorker) claimNext(ctx context.Context) (claimedEmail, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	email, err := s.store.Emails.Claim(ctx, s.owner, s.inFlight, s.store.Now().Add(emailLease))
	if err != nil {
		return claimedEmail{}, noneDue(err)
	}
	s.inFlight[email.ID] = email.Agency
	return claimedEmail{Email: email, release: func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.inFlight, email.ID)
	}}, nil
}

// saveResult retries until the result is stored: an accepted email that is not
// recorded would be sent twice.
func (s *emailWorker) saveResult(ctx context.Context, email store.Email, result store.EmailResult) error {
	ctx, cancel := context.WithTimeout(ctx, emailLease/2)
	defer cancel()
	save := func() (struct{}, error) {
		err := s.store.Emails.Finish(ctx, email, result)
		if errors.Is(err, onboarding.ErrNotFound) {
			err = backoff.Permanent(err)
		}
		return struct{}{}, err
	}
	failed := func(err error, _ time.Duration) {
		s.log.Error("storing the result of an email: retrying", "email", email.ID, "error", err)
	}
	_, err := backoff.Retry(ctx, save, backoff.WithBackOff(backoff.NewConstantBackOff(retryDelay)),
		backoff.WithMaxElapsedTime(0), backoff.WithNotify(failed))
	return err
}

// withGracePeriod is a context that ends a while after ctx does.
func withGracePeriod(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })
	return longer, func() { stop(); cancel() }
}

// attempt hands one email to the mail server. ErrConflict: it is no longer
// this relay's to send. Any other error: it could not be made.
func (s *emailWorker) attempt(ctx context.Context, email store.Email) (result store.EmailResult, err error) {
	defer func() { // one email that cannot be made must not end the relay, again at each start
		if fault := recover(); fault != nil {
			err = fmt.Errorf("recovering: %v, at %s", fault, debug.Stack())
		}
	}()
	content, err := s.composer.compose(ctx, email)
	switch {
	case errors.Is(err, onboarding.ErrNotFound), errors.Is(err, errSkipEmail):
		return store.EmailResult{State: onboarding.EmailCancelled}, nil // its subject was deleted
	case errors.Is(err, errSuspended):
		next := s.store.Now().Add(suspendedPause)
		return store.EmailResult{State: onboarding.EmailQueued, NotBefore: next, Held: suspendedPause}, nil
	case err != nil:
		return store.EmailResult{}, err
	}
	message, err := s.texts.Compose(content)
	if err != nil {
		return store.EmailResult{}, err
	}
	to := store.NewRecipient{Address: message.To, Hashes: s.composer.keys.HashAddresses(message.To)}
	switch until, err := s.store.Emails.MarkSending(ctx, email, s.owner, to, s.limits); {
	case errors.Is(err, onboarding.ErrRateLimited):
		return s.limited(email), nil
	case err != nil:
		return store.EmailResult{}, err
	case until != 0:
		return store.EmailResult{State: onboarding.EmailQueued, NotBefore: until}, nil
	}
	result = s.resultOf(email, s.mailer.Send(ctx, message))
	if result.State == onboarding.EmailAccepted {
		if err := s.store.Emails.MarkAccepted(context.WithoutCancel(ctx), email.ID); err != nil {
			s.log.Warn("recording that an email was accepted", "email", email.ID, "error", err) // saveResult retries
		}
	}
	return result, nil
}

// limited delays the email that a page promised a client until its address may get it
// again. Any other is not sent: the timeline or the log has its content.
func (s *emailWorker) limited(email store.Email) store.EmailResult {
	next := s.store.Now().Add(time.Hour)
	if email.Kind == store.EmailAccessWorks && email.Created.Since(next) <= giveUpAfter {
		return store.EmailResult{State: onboarding.EmailQueued, NotBefore: next}
	}
	s.log.Info("an email is not sent: its address got enough today", "email", email.ID, "kind", email.Kind)
	return store.EmailResult{State: onboarding.EmailCancelled}
}

// resultOf maps the sender's error to the result that is stored.
func (s *emailWorker) resultOf(email store.Email, err error) store.EmailResult {
	if err == nil {
		return store.EmailResult{State: onboarding.EmailAccepted}
	}
	if refused := new(mail.RefusedError); errors.As(err, &refused) {
		reply := truncate(s.texts.DescribeFailure(err))
		return store.EmailResult{State: onboarding.EmailRefused, ServerReply: reply}
	}
	s.log.Warn("an email has to wait", "email", email.ID, "kind", email.Kind, "attempt", email.Attempts+1, "error", err)
	return s.retry(email, err)
}

// retry waits longer after each attempt, and gives up after three days in which the
// agency was not suspended.
func (s *emailWorker) retry(email store.Email, err error) store.EmailResult {
	reply := truncate(s.texts.DescribeFailure(err))
	now := s.store.Now()
	next := now.Add(backOff(email.Attempts))
	if email.Age(next) > giveUpAfter {
		s.log.Error("an email is given up: the mail server did not take it for three days", "email", email.ID,
			"kind", email.Kind, "attempts", email.Attempts+1, "error", err)
		return store.EmailResult{State: onboarding.EmailRefused, ServerReply: reply}
	}
	return store.EmailResult{State: onboarding.EmailQueued, ServerReply: reply, NotBefore: next}
}

// backOff is how long to wait after so many attempts.
func backOff(attempts int) time.Duration {
	waits := []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour}
	return waits[min(attempts, len(waits)-1)]
}

// truncate bounds the mail server's reply.
func truncate(words string) string { return grapheme.Truncate(words, 500) }
