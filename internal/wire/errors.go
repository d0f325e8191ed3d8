package wire

import (
	"errors"
	"net/http"
	"slices"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// errorBody is the JSON form of an error. Code carries the meaning; the HTTP
// status is for proxies and logs.
type errorBody struct {
	Code      string `json:"code"`
	Field     string `json:"field,omitempty"`
	Message   string `json:"message,omitempty"`
	Reference string `json:"reference,omitempty"`
	// The id of Message in the message files and its values, where it has one; with "invalid" alone.
	MessageID string            `json:"message_id,omitempty"`
	Args      map[string]string `json:"args,omitempty"`
	// What a platform refused means, and its own code for it; with "platform_refused" alone.
	Refusal  string `json:"refusal,omitempty"`
	Platform string `json:"platform,omitempty"`
}

// RefusedError is a platform's refusal with its meaning. The catalog has the
// messages.
type RefusedError struct {
	Code         string // of the catalog; a newer relay may send unknown ones
	PlatformCode string // the platform's own
}

func (e *RefusedError) Error() string { return "the platform refused: " + e.Code }

func (e *RefusedError) Unwrap() error { return onboarding.ErrPlatformRefused }

// describedRefusal is an error with the meaning of a platform's refusal.
type describedRefusal interface {
	error
	Refusal() (what, code string)
}

// ReferenceError refers to an entry of the relay's log.
type ReferenceError struct {
	Reference string
	Err       error
}

func (e *ReferenceError) Error() string { return e.Err.Error() + " (reference " + e.Reference + ")" }
func (e *ReferenceError) Unwrap() error { return e.Err }

type errorCode struct {
	code   string
	err    error
	status int
}

// errorCodes maps errors to codes and back.
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

// encode returns the JSON form and the status of an error. Unlisted errors are
// unavailable, with a reference.
func encode(err error, reference string) (errorBody, int) {
	var wrong *onboarding.InvalidError
	if errors.As(err, &wrong) {
		return errorBody{
			Code: "invalid", Field: wrong.Field, Message: wrong.Message, MessageID: wrong.MessageID, Args: wrong.Args,
		}, http.StatusUnprocessableEntity
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

// Code returns the error's code on the wire and for the screens. Unlisted
// errors are "unavailable", unless something on the way to the relay answered;
// nil is "".
func Code(err error) string {
	if err == nil {
		return ""
	}
	if obstacle := ObstacleOf(err); obstacle != "" && obstacle != ObstacleSilence {
		return string(obstacle)
	}
	f, _ := encode(err, "")
	return f.Code
}

// isRelays reports whether a relay may have written it: a newer one's unknown
// code has a reference.
func (f errorBody) isRelays() bool {
	return f.Reference != "" || slices.ContainsFunc(errorCodes(), func(r errorCode) bool { return r.code == f.Code })
}

// decode restores the error. An unknown code is ErrUnavailable.
func decode(f errorBody) error {
	if f.Code == "invalid" && f.Message != "" {
		return &onboarding.InvalidError{Field: f.Field, Message: f.Message, MessageID: f.MessageID, Args: f.Args}
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
