// Package jobs runs work that becomes due, and sleeps until more is.
//
// It keeps nothing: what is due, and who has it, is in its caller's tables.
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

// The usual values of a Loop.
const (
	maxSleep   = 30 * time.Second // another process may have written something due
	retryDelay = time.Second
	minSleep   = 50 * time.Millisecond // so that nothing spins
)

// Loop does one thing after the other while something is due. Its fields are
// set before Run.
type Loop struct {
	// Do does what is due first; ErrNoneDue: nothing is.
	Do func(ctx context.Context) error
	// UntilNext says after ErrNoneDue how long it is until something is due;
	// nil: MaxSleep.
	UntilNext func(ctx context.Context) time.Duration
	// MaxSleep bounds a sleep; zero: 30 seconds.
	MaxSleep time.Duration
	// RetryDelay is about the first sleep after an error of Do; zero: a second.
	// Each further error in a row doubles it, up to MaxRetryDelay.
	RetryDelay time.Duration
	// MaxRetryDelay bounds that; zero: it stays RetryDelay.
	MaxRetryDelay time.Duration
	// Failed gets the errors of Do; nil: nobody does.
	Failed func(err error)

	once   sync.Once
	wakeCh chan struct{}
}

// Wake ends a sleep of the loop, or the next one if it does not sleep.
func (l *Loop) Wake() {
	select {
	case l.wake() <- struct{}{}:
	default: // it is woken already
	}
}

func (l *Loop) wake() chan struct{} {
	l.once.Do(func() { l.wakeCh = make(chan struct{}, 1) })
	return l.wakeCh
}

// Run runs until ctx ends. Several may run one Loop at the same time: a Wake
// wakes one of them.
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

// sleep sleeps for d, until a Wake, or until ctx ends.
func (l *Loop) sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(max(d, minSleep))
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-l.wake():
	}
}

// Queue runs jobs that its caller's table leases, several at once.
type Queue[J any] struct {
	// Loop says when to look for the next job. Queue sets its Do.
	Loop
	// Claim leases the job that is due first; ErrNoneDue: none is.
	Claim func(ctx context.Context) (J, error)
	// Work does a claimed job.
	Work func(ctx context.Context, job J) error
	// Workers is how many run at once; zero: one.
	Workers int
}

// Run runs until ctx ends and every worker has returned.
func (q *Queue[J]) Run(ctx context.Context) {
	q.Do = func(ctx context.Context) error {
		job, err := q.Claim(ctx)
		if err != nil {
			return err
		}
		q.Wake() // there may be more: another worker looks
		return q.Work(ctx, job)
	}
	var workers sync.WaitGroup
	for range max(1, q.Workers) {
		workers.Go(func() { q.Loop.Run(ctx) })
	}
	workers.Wait()
}
