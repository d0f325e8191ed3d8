package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"

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
)

// emailWorker sends what is queued. Several relays may run one on a database.
type emailWorker struct {
	store    *store.Store
	composer *composer
	texts    *mail.Composer
	mailer   Mailer
	log      *slog.Logger
	owner    store.LeaseOwner
	queue    jobs.Queue[claimedEmail]

	mu       sync.Mutex
	inFlight map[string]bool // the emails that this process is sending
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
		inFlight: map[string]bool{},
		composer: &composer{
			store: config.Store, keys: config.Keys, links: config.Links, makeCode: config.NewCode, operator: config.Operator,
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

// send sends a claimed email.
func (s *emailWorker) send(ctx context.Context, email claimedEmail) error {
	defer email.release()
	// What was begun is finished, also while the relay stops.
	ctx, cancel := withGracePeriod(ctx, shutdownGrace)
	defer cancel()
	if email.IsAccepted() { // by the mail server, in a run that ended there
		accepted := store.EmailResult{State: onboarding.EmailAccepted}
		return s.saveResult(context.WithoutCancel(ctx), email.Email, accepted)
	}
	result, err := s.attempt(ctx, email.Email)
	if errors.Is(err, onboarding.ErrConflict) {
		return nil // cancelled meanwhile, or another relay's by now: that one stores its result
	} else if err != nil {
		return err
	}
	return s.saveResult(context.WithoutCancel(ctx), email.Email, result)
}

// claimNext leases the next due email. Leases that no worker of this process
// owns are orphans of a previous run.
func (s *emailWorker) claimNext(ctx context.Context) (claimedEmail, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	mine := slices.Collect(maps.Keys(s.inFlight))
	email, err := s.store.Emails.Claim(ctx, s.owner, mine, s.store.Now().Add(emailLease))
	if err != nil {
		return claimedEmail{}, noneDue(err)
	}
	s.inFlight[email.ID] = true
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
// this relay's to send.
func (s *emailWorker) attempt(ctx context.Context, email store.Email) (result store.EmailResult, err error) {
	defer func() { // one email that cannot be made must not end the relay, again at each start
		if fault := recover(); fault != nil {
			s.log.Error(
				"recovering an email", "email", email.ID, "kind", email.Kind, "panic", fmt.Sprint(fault),
				"stack", string(debug.Stack()),
			)
			reply := s.texts.DescribeFailure(fmt.Errorf("recovering: %v", fault))
			result, err = store.EmailResult{State: onboarding.EmailRefused, ServerReply: reply}, nil
		}
	}()
	content, err := s.composer.compose(ctx, email)
	switch {
	case errors.Is(err, onboarding.ErrNotFound), errors.Is(err, errSkipEmail):
		return store.EmailResult{State: onboarding.EmailCancelled}, nil // its subject was deleted
	case err != nil:
		return store.EmailResult{}, err
	}
	message, err := s.texts.Compose(content)
	if err != nil {
		s.log.Error("composing an email", "email", email.ID, "kind", email.Kind, "error", err)
		return store.EmailResult{State: onboarding.EmailRefused, ServerReply: s.texts.DescribeFailure(err)}, nil
	}
	if err := s.store.Emails.MarkSending(ctx, email.ID, s.owner); err != nil {
		return store.EmailResult{}, err
	}
	result = s.resultOf(email, s.mailer.Send(ctx, message))
	if result.State == onboarding.EmailAccepted {
		if err := s.store.Emails.MarkAccepted(context.WithoutCancel(ctx), email.ID); err != nil {
			s.log.Warn("recording that an email was accepted", "email", email.ID, "error", err) // saveResult retries
		}
	}
	return result, nil
}

// resultOf maps the sender's error to the result that is stored.
func (s *emailWorker) resultOf(email store.Email, err error) store.EmailResult {
	if err == nil {
		return store.EmailResult{State: onboarding.EmailAccepted}
	}
	reply := truncate(s.texts.DescribeFailure(err))
	if refused := new(mail.RefusedError); errors.As(err, &refused) {
		return store.EmailResult{State: onboarding.EmailRefused, ServerReply: reply}
	}
	s.log.Warn("an email has to wait", "email", email.ID, "kind", email.Kind, "attempt", email.Attempts+1, "error", err)
	now := s.store.Now()
	next := now.Add(backOff(email.Attempts))
	if email.Created.Since(next) > giveUpAfter {
		return store.EmailResult{State: onboarding.EmailRefused, ServerReply: reply}
	}
	return store.EmailResult{State: onboarding.EmailQueued, ServerReply: reply, NotBefore: next}
}

// backOff is how long to wait after so many attempts.
func backOff(attempts int) time.Duration {
	waits := []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour}
	return waits[min(attempts, len(waits)-1)]
}

// truncate bounds the mail server's words.
func truncate(words string) string {
	const most = 500
	if runes := []rune(words); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return words
}
