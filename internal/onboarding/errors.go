package onboarding

import "errors"

// The errors that hub and relay share. wire transmits each as a code, so that
// errors.Is works across the network. Their texts are for logs; users read
// messages of the catalog or of the screens.
var (
	ErrNotFound        = errors.New("not found")
	ErrInvalid         = errors.New("not valid") // usually an InvalidError
	ErrUnauthenticated = errors.New("no valid device token")
	ErrRevoked         = errors.New("this device was revoked")
	ErrForbidden       = errors.New("this member may not do that")
	ErrSuspended       = errors.New("the agency is suspended")
	ErrExpired         = errors.New("the link has expired")
	ErrWithdrawn       = errors.New("the request was withdrawn")
	ErrCompleted       = errors.New("the request is completed")
	ErrLinkSuperseded  = errors.New("a newer link was made")
	ErrConflict        = errors.New("not possible in this state")
	ErrRateLimited     = errors.New("too often")
	ErrUpdateNeeded    = errors.New("this version is too old")
	ErrStaleVersion    = errors.New("a newer version of the credential exists")
	ErrBusy            = errors.New("somebody else is doing this now")
	ErrNoDevice        = errors.New("no device can receive the credential")
	ErrPlatformRefused = errors.New("the platform refused")
	ErrPlatformDown    = errors.New("the platform does not answer")
	ErrNotOffered      = errors.New("the relay has no app for this platform")
	ErrUnavailable     = errors.New("not available at the moment") // nothing was changed; a retry may succeed
)

// InvalidError names an invalid field and tells the user in one sentence what
// to correct. It is an ErrInvalid.
type InvalidError struct {
	Field   string // the name in JSON or in the form
	Message string // in English, for members and the operator
	// MessageID and its Args name the same sentence for clients, who read it in
	// the wizard's language. Empty: no client meets it.
	MessageID string
	Args      map[string]string
}

func (e *InvalidError) Error() string { return e.Field + ": " + e.Message }

// Is makes every InvalidError an ErrInvalid.
func (e *InvalidError) Is(target error) bool { return target == ErrInvalid }

// Invalid returns an InvalidError.
func Invalid(field, sentence string) error { return &InvalidError{Field: field, Message: sentence} }
