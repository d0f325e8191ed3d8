package platform

import (
	"errors"
	"fmt"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Failure is what a platform's refusal means. People read the catalog's words
// for What; Code and Err are for the details and the log.
type Failure struct {
	Code         catalog.FailureCode
	PlatformCode string        // the platform's own, as "190/460"
	Asset        string        // the platform's id of what is meant, where a call is about several
	RetryAfter   time.Duration // how long to wait, where the platform says
	Suggestion   string        // a correction that can be offered
	Err          error
}

func (f *Failure) Error() string {
	text := "the platform refused: " + string(f.Code)
	if f.PlatformCode != "" {
		text += " (" + f.PlatformCode + ")"
	}
	if f.Err != nil {
		text += ": " + f.Err.Error()
	}
	return text
}

// Unwrap gives the cause.
func (f *Failure) Unwrap() error { return f.Err }

// Refusal is what the failure means and the platform's own code, for the wire.
func (f *Failure) Refusal() (what, code string) { return string(f.Code), f.PlatformCode }

// Is makes a Failure an ErrPlatformDown when waiting may mend it, else an ErrPlatformRefused.
func (f *Failure) Is(target error) bool {
	switch f.Code {
	case catalog.PlatformDown, catalog.PlatformBusy:
		return target == onboarding.ErrPlatformDown
	}
	return target == onboarding.ErrPlatformRefused
}

// Down is the failure of a platform that does not answer.
func Down(err error) error { return &Failure{Code: catalog.PlatformDown, Err: err} }

// AsFailure gives the Failure in err; anything else is a platform that is down.
func AsFailure(err error) *Failure {
	var f *Failure
	if errors.As(err, &f) {
		return f
	}
	return &Failure{Code: catalog.PlatformDown, Err: fmt.Errorf("calling the platform: %w", err)}
}

// Busy is the failure of a platform that wants fewer calls, read from an
// answer with status 429.
func Busy(reply Reply) error {
	wait, err := time.ParseDuration(reply.Header.Get("Retry-After") + "s")
	if err != nil || wait < 0 || wait > 24*time.Hour {
		wait = 0
	}
	return &Failure{Code: catalog.PlatformBusy, PlatformCode: "429", RetryAfter: wait}
}
