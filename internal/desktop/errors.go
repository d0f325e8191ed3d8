package desktop

import (
	"errors"

	"github.com/latchkeyhq/latchkey/internal/desktop/bridge"
	"github.com/latchkeyhq/latchkey/internal/egress"
	"github.com/latchkeyhq/latchkey/internal/grapheme"
	"github.com/latchkeyhq/latchkey/internal/hub/checks"
	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/policy"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// The app's own error codes; all others are the wire's.
const (
	codeKeychain    = "keychain_" // followed by the reason
	codeDemo        = "demo_failed"
	codeUnavailable = "unavailable"
)

// maxReported bounds a text from the screens in the log, in code points.
const maxReported = 8 << 10

// reportError logs an error of a screen and returns its reference.
func (a *App) reportError(p ErrorReport) (string, error) {
	reference := bridge.NewReference()
	a.config.Log.Error("a screen failed", "reference", reference, "route", shorten(p.Route),
		"error", shorten(p.Message), "stack", shorten(p.Stack))
	return reference, nil
}

func shorten(text string) string { return grapheme.Truncate(text, maxReported) }

// toCallError converts err for the screens. Unexpected errors get a log
// reference.
func (a *App) toCallError(method string, err error) bridge.CallError {
	e := bridge.CallError{Code: wire.Code(err)}
	var invalid *onboarding.InvalidError
	var reference *wire.ReferenceError
	var notTried *checks.NotTriedError
	var policyError *policy.Error
	switch {
	case errors.As(err, &invalid):
		e.Field, e.Message = invalid.Field, invalid.Message
	case errors.As(err, &reference):
		e.Reference = reference.Reference
	case errors.As(err, &notTried):
		e.Message = notTried.Message(a.config.Catalog)
	case keychain.ReasonOf(err) != keychain.OK:
		e.Code = codeKeychain + string(keychain.ReasonOf(err))
		a.config.Log.Warn("the keychain does not open", "method", method, "error", err)
	case errors.As(err, &policyError):
		e.Message = policyError.Error()
	case errors.Is(err, errDemo):
		e.Code = codeDemo
	}
	if barrier := egress.BarrierOf(err); barrier != egress.NoBarrier && e.Message == "" {
		e.Code = string(barrier) // it is nothing that the platform said
	}
	if e.Code == codeUnavailable && !errors.Is(err, onboarding.ErrUnavailable) {
		e.Code = bridge.CodeUnexpected
	}
	if e.Reference == "" && (e.Code == bridge.CodeUnexpected || e.Code == codeDemo) {
		e.Reference = bridge.NewReference()
		a.config.Log.Error("a call of the screens failed", "method", method, "reference", e.Reference, "error", err)
	}
	return e
}
