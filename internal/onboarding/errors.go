package onboarding

import "errors"

// What hub and relay can tell each other. wire carries each of them as a code,
// so errors.Is holds across the network. Their texts are for logs; people read
// the sentences of the catalog or of the screens.
var (
	ErrNotFound        = errors.New("not found")
	ErrInvalid         = errors.New("not valid") // wrapped with what is wrong, as a sentence for a person: see Invalid
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
	ErrUnavailable     = errors.New("not available at the moment") // nothing was changed; worth trying again
)

// InvalidError says in one sentence what is wrong with which field, and what
// to do. It is an ErrInvalid.
type InvalidError struct {
	Field   string // the name in JSON or in the form
	Message string // for the person who typed it
}

func (e *InvalidError) Error() string { return e.Field + ": " + e.Message }

// Is makes every InvalidError an ErrInvalid.
func (e *InvalidError) Is(target error) bool { return target == ErrInvalid }

// Invalid is the error for a field that a person has to correct.
func Invalid(field, sentence string) error { return &InvalidError{Field: field, Message: sentence} }
