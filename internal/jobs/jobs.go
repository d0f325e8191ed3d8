// Package jobs runs due jobs, and sleeps in between.
//
// It stores nothing: jobs and leases are in its caller's tables.
package jobs

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// ErrNoneDue is what Do and Claim return when nothing is due.
var ErrNoneDue = errors.New("no job is due")

// The defaults of a Loop.
const (
	maxSleep   = 30 * time.Second // another process may have added a job
	retryDelay = time.Second
	minSleep   = 50 * time.Millisecond // prevents a busy loop
)

// Loop runs one job after the other while any is due. Set its fields before
// Run.
type Loop struct {
	// Do runs the next due job; ErrNoneDue: there is none.
	Do func(ctx context.Context) error
	// UntilNext returns after ErrNoneDue how long until a job is due; nil:
	// MaxSleep.
	UntilNext func(ctx context.Context) time.Duration
	// MaxSleep bounds a sleep; zero: 30 seconds.
	MaxSleep time.Duration
	// RetryDelay is the back-off after an error of Do, with jitter; zero: a
	// second. It doubles with each further error in a row, up to MaxRetryDelay.
	RetryDelay time.Duration
	// MaxRetryDelay bounds the back-off; zero: it stays at RetryDelay.
	MaxRetryDelay time.Duration
	// Failed is called with the errors of Do; nil: they are dropped.
	Failed func(err error)

	once   sync.Once
	wakeCh chan struct{}
}

// Wake ends a sleep of the loop, or the next one if it does not sleep.
func (l *Loop) Wake() {
	select {
	case l.wake() <- struct{}{}:
	default: // a wake is pending
	}
}

func (l *Loop) wake() chan struct{} {
	l.once.Do(func() { l.wakeCh = make(chan struct{}, 1) })
	return l.wakeCh
}

// Run runs until ctx is done. Several goroutines may run one Loop: Wake wakes
// one of them.
func (l *Loop) Run(ctx context.Context) {
	retry := l.newBackOff()
	for ctx.Err() == nil {
		err := l.Do(ctx)
		switch {
		case err == nil:
			retry.Reset()
		case errors.Is(err, ErrNoneDue):
			retry.Reset()
			l.sleep(ctx, l.untilNext(ctx))
		default:
			if l.Failed != nil && ctx.Err() == nil {
				l.Failed(err)
			}
			l.sleep(ctx, retry.NextBackOff())
		}
	}
}

func (l *Loop) newBackOff() *backoff.ExponentialBackOff {
	delay := l.RetryDelay
	if delay == 0 {
		delay = retryDelay
	}
	b := &backoff.ExponentialBackOff{
		InitialInterval:     delay,
		RandomizationFactor: 0.2,
		Multiplier:          2,
		MaxInterval:         max(delay, l.MaxRetryDelay),
	}
	b.Reset()
	return b
}

func (l *Loop) untilNext(ctx context.Context) time.Duration {
	limit := l.MaxSleep
	if limit == 0 {
		limit = maxSleep
	}
	if l.UntilNext == nil {
		return limit
	}
	return min(limit, l.UntilNext(ctx))
}

// sleep waits for d, for a Wake, or until ctx is done.
func (l *Loop) sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(max(d, minSleep))
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-l.wake():
	}
}

// Queue runs leased jobs concurrently.
type Queue[J any] struct {
	// Loop sets the polling. Queue sets its Do.
	Loop
	// Claim leases the next due job; ErrNoneDue: there is none.
	Claim func(ctx context.Context) (J, error)
	// Work runs a leased job.
	Work func(ctx context.Context, job J) error
	// Workers is the number of concurrent jobs; zero: one.
	Workers int
}

// Run runs until ctx is done and every worker has returned.
func (q *Queue[J]) Run(ctx context.Context) {
	q.Do = func(ctx context.Context) error {
		job, err := q.Claim(ctx)
		if err != nil {
			return err
		}
		q.Wake() // more may be due: another worker checks
		return q.Work(ctx, job)
	}
	var workers sync.WaitGroup
	for range max(1, q.Workers) {
		workers.Go(func() { q.Loop.Run(ctx) })
	}
	workers.Wait()
}
