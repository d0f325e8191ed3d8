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

	"github.com/latchkeyhq/latchkey/internal/jobs"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

const (
	deliveryLease       = time.Minute // longer than one attempt can take
	deliveryConcurrency = 4           // a slow receiver delays the others no longer
	deliveryRetry       = time.Minute // after a fault of the relay's own
)

// Deliverer makes one attempt of a delivery. webhook.Deliverer is one.
type Deliverer interface {
	Deliver(ctx context.Context, d store.WebhookDelivery) (store.DeliveryResult, error)
}

// webhookWorker posts news to webhooks. Several relays may run one on a database.
type webhookWorker struct {
	store     *store.Store
	deliverer Deliverer
	log       *slog.Logger
	owner     store.LeaseOwner
	queue     jobs.Queue[store.WebhookDelivery]

	mu       sync.Mutex
	inFlight map[string]string // the deliveries that this process is at, with their agencies
}

func newWebhookWorker(config Config, clock clock) *webhookWorker {
	s := &webhookWorker{
		store: config.Store, deliverer: config.Deliverer, log: config.Log, owner: config.Owner, inFlight: map[string]string{},
	}
	s.queue = jobs.Queue[store.WebhookDelivery]{
		Loop: jobs.Loop{
			UntilNext:  func(ctx context.Context) time.Duration { return clock.until(s.store.Webhooks.NextDue(ctx)) },
			RetryDelay: retryDelay,
			Failed:     func(err error) { s.log.Error("posting to a webhook", "error", err) },
		},
		Claim:   s.claimNext,
		Work:    s.deliver,
		Workers: deliveryConcurrency,
	}
	return s
}

func (s *webhookWorker) claimNext(ctx context.Context) (store.WebhookDelivery, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, err := s.store.Webhooks.Claim(ctx, s.owner, s.inFlight, s.store.Now().Add(deliveryLease))
	if err != nil {
		return d, noneDue(err)
	}
	s.inFlight[d.ID] = d.Agency
	return d, nil
}

func (s *webhookWorker) release(d store.WebhookDelivery) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.inFlight, d.ID)
}

// deliver makes an attempt. One whose result cannot be stored is left to its lease.
func (s *webhookWorker) deliver(ctx context.Context, d store.WebhookDelivery) error {
	ctx, cancel := withGracePeriod(ctx, shutdownGrace)
	defer cancel()
	result, err := s.attempt(ctx, d)
	switch {
	case ctx.Err() != nil && err != nil:
		return err // the relay that starts next makes this attempt, under the same id
	case err != nil:
		s.log.Error("making a delivery to a webhook", "delivery", d.ID, "error", err)
		result = store.DeliveryResult{
			State: onboarding.DeliveryWaiting, NotBefore: s.store.Now().Add(deliveryRetry), Blameless: true,
		}
		if d.Created.Since(s.store.Now()) > giveUpAfter {
			result.State, result.Error = onboarding.DeliveryFailed, onboarding.DeliveryUnreadable
		}
	}
	if err := s.saveResult(context.WithoutCancel(ctx), d, result); err != nil {
		return err
	}
	s.release(d)
	return nil
}

func (s *webhookWorker) attempt(ctx context.Context, d store.WebhookDelivery) (result store.DeliveryResult, err error) {
	defer func() { // one delivery must not end the relay, again at each start
		if fault := recover(); fault != nil {
			err = fmt.Errorf("recovering: %v, at %s", fault, debug.Stack())
		}
	}()
	return s.deliverer.Deliver(ctx, d)
}

// saveResult retries until the result is stored: a delivery that is not recorded
// would be sent twice.
func (s *webhookWorker) saveResult(ctx context.Context, d store.WebhookDelivery, result store.DeliveryResult) error {
	ctx, cancel := context.WithTimeout(ctx, deliveryLease/2)
	defer cancel()
	save := func() (struct{}, error) {
		err := s.store.Webhooks.Finish(ctx, d, s.owner, result)
		if errors.Is(err, onboarding.ErrNotFound) {
			err = nil // deleted meanwhile
		}
		return struct{}{}, err
	}
	_, err := backoff.Retry(ctx, save, backoff.WithBackOff(backoff.NewConstantBackOff(retryDelay)),
		backoff.WithMaxElapsedTime(0))
	return err
}
