package relay

import (
	"context"
	"errors"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/wizard"
)

// How the loops breathe: work that is due is done at once, the rest of the
// time they sleep until something is due or somebody nudges.
const (
	dutyLease  = time.Minute
	sweepEvery = time.Hour
	dropEvery  = time.Minute      // sign-ins at Facebook that nobody used for an hour
	longestNap = 30 * time.Second // another process may have written something due
	shortPause = time.Second      // after a database that is away
)

// runDuties does what is due, and sweeps, until ctx ends. Several relays may
// run it on one database.
func (s *Relay) runDuties(ctx context.Context) {
	var swept, dropped time.Time
	for ctx.Err() == nil {
		if now := s.now(); now.Sub(dropped) >= dropEvery || now.Before(dropped) {
			if err := s.store.DropIdleTokens(ctx, s.store.Now().Add(-wizard.TokenIdleTimeout)); err != nil && ctx.Err() == nil {
				s.log.Error("dropping idle sign-ins", "error", err)
			}
			dropped = now
		}
		if now := s.now(); now.Sub(swept) >= sweepEvery || now.Before(swept) {
			if err := s.sweep(ctx); err != nil {
				s.log.Error("sweeping", "error", err)
			} else {
				swept = now
			}
		}
		err := s.doDuty(ctx)
		switch {
		case err == nil:
			continue
		case errors.Is(err, onboarding.ErrNotFound):
			s.nap(ctx, s.untilDuty(ctx))
		default:
			if ctx.Err() == nil {
				s.log.Error("doing a duty", "error", err)
			}
			s.nap(ctx, shortPause)
		}
	}
}

// doDuty does one duty that is due. ErrNotFound: none is.
func (s *Relay) doDuty(ctx context.Context) error {
	duty, err := s.store.ClaimDuty(ctx, s.life, s.store.Now().Add(dutyLease))
	if err != nil {
		return err
	}
	return s.store.Do(ctx, duty)
}

func (s *Relay) untilDuty(ctx context.Context) time.Duration {
	next, err := s.store.NextDuty(ctx)
	if err != nil {
		return shortPause
	}
	return s.until(next)
}

// until is how long to sleep for something due at a moment; zero: nothing is.
func (s *Relay) until(next onboarding.Timestamp) time.Duration {
	if next == 0 {
		return longestNap
	}
	return max(0, min(longestNap, next.Time().Sub(s.now())))
}

// nap sleeps for d, a little at least so that nothing spins, or until ctx ends.
func (s *Relay) nap(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(max(d, 50*time.Millisecond))
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// sweep removes what is old, and the traces of it in SQLite's log.
func (s *Relay) sweep(ctx context.Context) error {
	if err := s.store.Sweep(ctx); err != nil {
		return err
	}
	if err := s.db.Checkpoint(ctx); err != nil {
		s.log.Info("emptying the database's log: the next sweep does it", "error", err)
	}
	return nil
}

// Tidy does every duty that is due and sweeps, once: for the operator and for
// tests with a clock of their own.
func (s *Relay) Tidy(ctx context.Context) error {
	for {
		err := s.doDuty(ctx)
		if errors.Is(err, onboarding.ErrNotFound) {
			return s.sweep(ctx)
		} else if err != nil {
			return err
		}
	}
}
