package api

import (
	"context"
	"sync"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// Examine examines the relay from inside.
type Examine func(ctx context.Context) []onboarding.CheckupLine

// How long an examination may take, and for how long its result counts, for all agencies:
// it reads the whole database, and calls the mail server and the platforms.
const (
	checkupTimeout = 12 * time.Second
	checkupGood    = time.Minute
	checkupWrong   = 10 * time.Second // whoever runs it looks whether what they did helped
)

// checkup is how the relay is. It is examined when somebody asks, once for all who do.
type checkup struct {
	*core
	examine Examine // nil: nothing is examined

	mu     sync.Mutex // one examination at a time
	result wire.CheckupResult
}

func (s *checkup) handle(api *wire.Server) {
	wire.Handle(api, wire.ReadCheckup, mapDBErrors(s.read))
}

// read returns the newest examination. A caller that gives up does not end it: others wait
// for it.
func (s *checkup) read(ctx context.Context, _ wire.Empty) (wire.CheckupResult, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.store.Now()
	age := s.result.Checked.Since(now)
	if s.result.Checked != 0 && age >= 0 && age < lifeOf(s.result) {
		return s.result, nil
	}
	result := wire.CheckupResult{Lines: []onboarding.CheckupLine{}, Checked: now}
	if s.examine != nil {
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), checkupTimeout)
		defer cancel()
		result.Lines = s.examine(limited)
	}
	s.result = result
	return result, nil
}

// lifeOf is for how long a result counts.
func lifeOf(result wire.CheckupResult) time.Duration {
	for _, line := range result.Lines {
		if line.State == onboarding.CheckupFailed || line.State == onboarding.CheckupWarning {
			return checkupWrong
		}
	}
	return checkupGood
}
