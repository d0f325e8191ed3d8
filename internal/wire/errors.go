package wire

import (
	"errors"
	"net/http"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// errorBody is how an error looks on the wire. Code carries the meaning, the
// status is for proxies and logs.
type errorBody struct {
	Code      string `json:"code"`
	Field     string `json:"field,omitempty"`
	Message   string `json:"message,omitempty"`
	Reference string `json:"reference,omitempty"`
	// What a platform refused means, and its own code for it; with "platform_refused" alone.
	Refusal  string `json:"refusal,omitempty"`
	Platform string `json:"platform,omitempty"`
}

// RefusedError is a platform's refusal with what it means: the words for it are
// the catalog's.
type RefusedError struct {
	Code         string // a code of the catalog, perhaps one that this program does not know
	PlatformCode string // the platform's own
}

func (e *RefusedError) Error() string { return "the platform refused: " + e.Code }

// Unwrap makes it an ErrPlatformRefused.
func (e *RefusedError) Unwrap() error { return onboarding.ErrPlatformRefused }

// describedRefusal is an error that knows what a platform's refusal means.
type describedRefusal interface {
	error
	Refusal() (what, code string)
}

// ReferenceError is an error whose details are in the relay's log under Reference.
type ReferenceError struct {
	Reference string
	Err       error
}

func (e *ReferenceError) Error() string { return e.Err.Error() + " (reference " + e.Reference + ")" }
func (e *ReferenceError) Unwrap() error { return e.Err }

// ErrNoRelay is beside ErrUnavailable where something answered that is no
// relay: another server, or one that stands between.
var ErrNoRelay = errors.New("something answers that is no relay")

type errorCode struct {
	code   string
	err    error
	status int
}

// errorCodes ties errors to codes, both ways.
func errorCodes() []errorCode {
	return []errorCode{
		{"not_found", onboarding.ErrNotFound, http.StatusNotFound},
		{"invalid", onboarding.ErrInvalid, http.StatusUnprocessableEntity},
		{"unauthenticated", onboarding.ErrUnauthenticated, http.StatusUnauthorized},
		{"revoked", onboarding.ErrRevoked, http.StatusUnauthorized},
		{"forbidden", onboarding.ErrForbidden, http.StatusForbidden},
		{"suspended", onboarding.ErrSuspended, http.StatusForbidden},
		{"expired", onboarding.ErrExpired, http.StatusConflict},
		{"withdrawn", onboarding.ErrWithdrawn, http.StatusConflict},
		{"completed", onboarding.ErrCompleted, http.StatusConflict},
		{"link_superseded", onboarding.ErrLinkSuperseded, http.StatusConflict},
		{"conflict", onboarding.ErrConflict, http.StatusConflict},
		{"rate_limited", onboarding.ErrRateLimited, http.StatusTooManyRequests},
		{"update_needed", onboarding.ErrUpdateNeeded, http.StatusUpgradeRequired},
		{"stale_version", onboarding.ErrStaleVersion, http.StatusConflict},
		{"busy", onboarding.ErrBusy, http.StatusConflict},
		{"no_device", onboarding.ErrNoDevice, http.StatusConflict},
		{"platform_refused", onboarding.ErrPlatformRefused, http.StatusBadGateway},
		{"platform_down", onboarding.ErrPlatformDown, http.StatusBadGateway},
		{"not_offered", onboarding.ErrNotOffered, http.StatusConflict},
		{"unavailable", onboarding.ErrUnavailable, http.StatusServiceUnavailable},
	}
}

// encode gives the wire's form of an error. What the table does not know is
// unavailable, with a reference.
func encode(err error, reference string) (errorBody, int) {
	var wrong *onboarding.InvalidError
	if errors.As(err, &wrong) {
		return errorBody{Code: "invalid", Field: wrong.Field, Message: wrong.Message}, http.StatusUnprocessableEntity
	}
	for _, r := range errorCodes() {
		if errors.Is(err, r.err) {
			f := errorBody{Code: r.code, Reference: reference}
			var refused describedRefusal
			if r.err == onboarding.ErrPlatformRefused && errors.As(err, &refused) {
				f.Refusal, f.Platform = refused.Refusal()
			}
			return f, r.status
		}
	}
	return errorBody{Code: "unavailable", Reference: reference}, http.StatusInternalServerError
}

// Code is the word that stands for an error on the wire, and by which screens
// know it. What the table does not know is "unavailable"; nil is "".
func Code(err error) string {
	if err == nil {
		return ""
	}
	f, _ := encode(err, "")
	return f.Code
}

// decode gives the error back. A code that this program does not know yet is
// ErrUnavailable.
func decode(f errorBody) error {
	if f.Code == "invalid" && f.Message != "" {
		return onboarding.Invalid(f.Field, f.Message)
	}
	err := onboarding.ErrUnavailable
	for _, r := range errorCodes() {
		if r.code == f.Code {
			err = r.err
		}
	}
	if f.Refusal != "" && err == onboarding.ErrPlatformRefused {
		err = &RefusedError{Code: f.Refusal, PlatformCode: f.Platform}
	}
	if f.Reference != "" {
		return &ReferenceError{Reference: f.Reference, Err: err}
	}
	return err
}
