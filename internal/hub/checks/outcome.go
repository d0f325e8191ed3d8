package checks

import (
	"errors"
	"fmt"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// outcome is what a check of an item showed: a result, or why there is none.
type outcome struct {
	result   platform.CheckResult
	arrived  bool          // without a result: the platform has what was shared all the same
	cause    replica.Cause // of a check without a result; zero: there is one, or err is set
	business string        // the Business Manager in which the agency's user was asked
	wait     time.Duration // until the platform accepts calls again; zero: unknown
	err      error         // why there is no result
}

// classify turns what came back from a check into its outcome. It is the one
// place that decides whose failure it is. connection is the agency's own user
// with whose rights the check was made; empty: it was made with the item's own
// credential.
//
// Only a platform's definite word about the item is a result. Everything else,
// and whatever is unknown to this program, has a cause.
func classify(
	texts *catalog.Catalog, item onboarding.Item, connection string, found platform.CheckResult, err error,
) outcome {
	code, said, wait := meaningOf(err)
	switch {
	case err == nil && found.State != onboarding.AccessBroken:
		return outcome{result: found}
	case err == nil:
		code, said = found.Failure, found.Code
	case keychain.ReasonOf(err) != keychain.OK:
		return outcome{cause: replica.Cause{Subject: replica.SubjectKeychain, Service: item.Service}, err: err}
	case isRelays(err):
		return outcome{cause: replica.Cause{Subject: replica.SubjectRelay, Service: item.Service}, err: err}
	case code == "":
		return outcome{err: err}
	}
	of := replica.Cause{Service: item.Service, Failure: code, Code: said}
	switch catalog.ScopeOf(texts, code, item.Service, said) {
	case catalog.ScopeItem:
		if err != nil {
			found = platform.CheckResult{State: onboarding.AccessBroken, Failure: code, Code: said, Bare: isBare(err)}
		}
		return outcome{result: found}
	case catalog.ScopeSignIn:
		of.Subject = replica.SubjectConnection + connection
		if connection == "" {
			of.Subject = replica.SubjectPlatform + string(item.Service.Platform())
		}
	case catalog.ScopeApp:
		of.Subject = replica.SubjectApp + string(item.Service.Platform())
	default:
		of.Subject = replica.SubjectPlatform + string(item.Service.Platform())
	}
	arrived := err == nil && code == catalog.NotAssigned
	if err == nil {
		err = fmt.Errorf("%w: %w", onboarding.ErrPlatformRefused, &platform.Failure{Code: code, PlatformCode: said})
	}
	return outcome{result: found, arrived: arrived, cause: of, wait: wait, err: err}
}

// meaningOf returns the catalog's code of an error, the platform's own, and when
// the platform accepts calls again; an empty code: it is no platform's error.
func meaningOf(err error) (code catalog.FailureCode, said string, wait time.Duration) {
	var refused *wire.RefusedError // by the platform, which the relay called
	var failure *platform.Failure
	switch {
	case errors.As(err, &refused):
		code, said = catalog.FailureCode(refused.Code), refused.PlatformCode
	case errors.As(err, &failure):
		code, said, wait = failure.Code, failure.PlatformCode, failure.RetryAfter
	case errors.Is(err, onboarding.ErrPlatformDown):
		code = catalog.PlatformDown
	case errors.Is(err, onboarding.ErrNotOffered):
		code = catalog.NotConfigured
	case errors.Is(err, onboarding.ErrPlatformRefused):
		code = catalog.Unexpected
	}
	if code == catalog.SessionEnded { // although it had just been renewed
		code = catalog.CredentialRefused
	}
	return code, said, wait
}

// isBare reports whether a refusal could be a hiccup, as is that of an access
// token that was renewed a moment ago.
func isBare(err error) bool {
	var failure *platform.Failure
	return errors.As(err, &failure) && (failure.Bare || failure.Code == catalog.SessionEnded)
}

// isRelays reports whether a call of the relay failed for a reason that no
// platform has given.
func isRelays(err error) bool {
	for _, relays := range []error{
		onboarding.ErrUnavailable, onboarding.ErrBusy, onboarding.ErrSuspended, onboarding.ErrUpdateNeeded,
		onboarding.ErrUnauthenticated, onboarding.ErrRevoked, onboarding.ErrRateLimited, onboarding.ErrForbidden,
		onboarding.ErrStaleVersion,
	} {
		if errors.Is(err, relays) {
			return !errors.Is(err, onboarding.ErrPlatformDown) && !errors.Is(err, onboarding.ErrPlatformRefused)
		}
	}
	return false
}

// confirmAfter is how long after the first one a second check confirms a refusal
// that could be a hiccup: see platform.Failure.Bare. What a complete list shows,
// and a code of the API, is definite.
const confirmAfter = 10 * time.Minute
