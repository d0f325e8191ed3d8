package platform

import (
	"errors"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// ErrNotSigned means that a call is not the platform's own, or too old to act on.
var ErrNotSigned = errors.New("the call is not signed by the platform")

// SignedRequestReader reads what a platform's servers tell the app of one of its users, on
// their own: that the user removed the app, or wants their data deleted. Only a relay's
// driver has it.
type SignedRequestReader interface {
	// ReadSignedRequest returns whom a call is about. What the platform did not sign for
	// this app is ErrNotSigned.
	ReadSignedRequest(signed onboarding.Secret, now time.Time) (SignedRequest, error)
}

// SignedRequest is what such a call says.
type SignedRequest struct {
	User   string    // the number of the user for this app
	Issued time.Time // when the user did it; of a call that does not say so: now
}
