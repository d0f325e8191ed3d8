package admin

import (
	"context"
	"errors"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/keyset"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// ErrStillSigned: while rows were signed anew, a relay went on signing with an older key.
var ErrStillSigned = errors.New("a relay still signs with an older key: give its key file the newest one, or end it")

// RotateKeys adds a key that signs from now on. recorded is false where the key was added and
// the database could not take the note of it.
func (s *Admin) RotateKeys(ctx context.Context) (recorded bool, err error) {
	if err := keyset.Rotate(s.keys.Path(), s.store.Now().Time()); err != nil {
		return false, err
	}
	keys, err := keyset.List(s.keys.Path())
	if err != nil {
		return false, err
	}
	detail := fmt.Sprintf("key %d", keys[len(keys)-1].Number)
	return s.record(ctx, "keys rotate", "", detail) == nil, nil
}

// Retirement is a key that can be retired, with what ends then.
type Retirement struct {
	Number byte
	Done   onboarding.Timestamp // it is retired since; zero: it is not
	Ends   []store.EndingLinks  // by agency

	until onboarding.Timestamp // no relay signs with the key since
}

// Total sums up what ends in all agencies.
func (r Retirement) Total() (sum store.EndingLinks, reviews int) {
	for _, e := range r.Ends {
		if e.Review {
			reviews++
			continue
		}
		sum.Requests += e.Requests
		sum.Repairs += e.Repairs
		sum.Receipts += e.Receipts
		sum.Codes += e.Codes
	}
	return sum, reviews
}

// PlanRetirement finds out what retiring a key ends. The errors are those of
// keyset.FindRetirable; store.ErrTampered: a row that decides who gets a credential does not
// verify, so that nothing may be signed anew.
func (s *Admin) PlanRetirement(ctx context.Context, number byte) (Retirement, error) {
	key, next, err := keyset.FindRetirable(s.keys.Path(), number, s.store.Now().Time())
	if err != nil {
		return Retirement{}, err
	}
	plan := Retirement{Number: number, Done: key.Retired, until: next.Add(keyset.Settled)}
	if plan.Done != 0 {
		return plan, nil
	}
	_, failed, err := s.VerifyAgencies(ctx, "")
	if err != nil {
		return plan, err
	}
	if len(failed) > 0 {
		return plan, fmt.Errorf("retiring key %d: %w", number, store.ErrTampered)
	}
	plan.Ends, err = s.store.Resigning.Ending(ctx, plan.until)
	return plan, err
}

// resignings is how often rows are signed anew until none is left that an older key signed:
// a relay beside this command may have been writing one with the key of before.
const resignings = 3

// RetireKey signs and seals with the newest key what another one did, tells hubs of their
// links, and ends the key in the file at last: it may be interrupted, and called again.
func (s *Admin) RetireKey(ctx context.Context, plan Retirement) error {
	for n := 0; ; n++ {
		signed, err := s.store.Resigning.Resign(ctx, s.keys, plan.until)
		if err != nil {
			return err
		}
		if signed == 0 {
			break
		}
		if n == resignings {
			return fmt.Errorf("retiring key %d: %w", plan.Number, ErrStillSigned)
		}
	}
	if err := s.store.Resigning.AnnounceLinks(ctx); err != nil {
		return err
	}
	total, _ := plan.Total()
	detail := fmt.Sprintf("key %d, links of %d open requests, %d codes", plan.Number, total.Requests, total.Codes)
	if err := keyset.Retire(s.keys.Path(), plan.Number, s.store.Now().Time()); err != nil {
		return err
	}
	return s.record(ctx, "keys retire", "", detail)
}
