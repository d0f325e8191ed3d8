package platform

import (
	"errors"
	"fmt"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Failure is a platform's refusal with its meaning. Users read the catalog's
// message for Code; PlatformCode and Err are for the details and the log.
type Failure struct {
	Code         catalog.FailureCode
	PlatformCode string               // the platform's own, like "190/460"
	Asset        string               // the platform's id of the asset, if a call is about several
	RetryAfter   time.Duration        // from the platform; zero: unknown
	Suggestion   string               // a correction to offer
	LeftOut      []onboarding.LeftOut // what was picked, each with its reason, if nothing of it is connected
	// Bare is a refusal without a word of the platform's API, like a mere HTTP
	// status, or a name that is not found: a gateway, a proxy or a network that just
	// changed answers so, too.
	Bare bool
	Err  error
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

// Unwrap returns the cause.
func (f *Failure) Unwrap() error { return f.Err }

// Refusal returns the code of the meaning and the platform's own code, for the
// wire.
func (f *Failure) Refusal() (what, code string) { return string(f.Code), f.PlatformCode }

// Is makes a temporary Failure an ErrPlatformDown, any other an
// ErrPlatformRefused.
func (f *Failure) Is(target error) bool {
	switch f.Code {
	case catalog.PlatformDown, catalog.PlatformBusy:
		return target == onboarding.ErrPlatformDown
	}
	return target == onboarding.ErrPlatformRefused
}

// Broken is the result of a check that the platform refused.
func Broken(f *Failure) CheckResult {
	return CheckResult{State: onboarding.AccessBroken, Failure: f.Code, Code: f.PlatformCode, Bare: f.Bare}
}

// Down is the failure of an unreachable platform.
func Down(err error) error { return &Failure{Code: catalog.PlatformDown, Err: err} }

// AsFailure returns the Failure in err; without one, the platform is down.
func AsFailure(err error) *Failure {
	var f *Failure
	if errors.As(err, &f) {
		return f
	}
	return &Failure{Code: catalog.PlatformDown, Err: fmt.Errorf("calling the platform: %w", err)}
}

// Busy is the failure of a response with status 429.
func Busy(reply Reply) error {
	wait, err := time.ParseDuration(reply.Header.Get("Retry-After") + "s")
	if err != nil || wait < 0 || wait > 24*time.Hour {
		wait = 0
	}
	return &Failure{Code: catalog.PlatformBusy, PlatformCode: "429", RetryAfter: wait}
}
