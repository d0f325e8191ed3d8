package wizard

import (
	"net/http"
	"net/url"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// What one link may cause. Each form can write, and whoever has a link can send
// forms without end; a person sends one every few seconds.
const (
	maxFormsOfVisit   = 120 // a minute
	maxFormsOfRequest = 600 // a minute, of all who have its link
	maxReports        = 10  // an hour, of one request: each is a line of the operator's log
)

// How often keys are tried for real in an hour, wherever the client got them
// wrong: the platform sees all tries from the relay's one address.
const (
	maxKeysOfRequest = 30
	maxKeysOfHost    = 60
	maxKeysOfAgency  = 300
)

// bounds count what links cause, in this process.
type bounds struct {
	visitForms   *rateLimiter[string]
	requestForms *rateLimiter[string]
	reports      *rateLimiter[string]
	requestKeys  *rateLimiter[string]
	hostKeys     *rateLimiter[string]
	agencyKeys   *rateLimiter[string]
}

func newBounds(now func() onboarding.Timestamp) *bounds {
	return &bounds{
		visitForms:   newRateLimiter[string](now, maxFormsOfVisit, time.Minute),
		requestForms: newRateLimiter[string](now, maxFormsOfRequest, time.Minute),
		reports:      newRateLimiter[string](now, maxReports, time.Hour),
		requestKeys:  newRateLimiter[string](now, maxKeysOfRequest, time.Hour),
		hostKeys:     newRateLimiter[string](now, maxKeysOfHost, time.Hour),
		agencyKeys:   newRateLimiter[string](now, maxKeysOfAgency, time.Hour),
	}
}

// checkForm counts a form of a request and its visit; no visit: there is none
// yet. ErrRateLimited: it is one too many.
func (b *bounds) checkForm(r *http.Request, request, visit string) error {
	if r.Method != http.MethodPost {
		return nil
	}
	if visit != "" && !b.visitForms.allow(visit) || !b.requestForms.allow(request) {
		return onboarding.ErrRateLimited
	}
	return nil
}

// allowKey counts a key that is tried at an address.
func (b *bounds) allowKey(v *visitScope, address string) bool {
	host := address
	if u, err := url.Parse(address); err == nil {
		host = u.Host
	}
	return b.requestKeys.allow(v.Request.ID) && b.agencyKeys.allow(v.Agency.ID) && b.hostKeys.allow(host)
}
