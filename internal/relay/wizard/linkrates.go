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

// rateLimits count what links cause, in this process.
type rateLimits struct {
	visitForms   *rateLimiter[string]
	requestForms *rateLimiter[string]
	reports      *rateLimiter[string]
	requestKeys  *rateLimiter[string]
	hostKeys     *rateLimiter[string]
	agencyKeys   *rateLimiter[string]
}

func newRateLimits(now func() onboarding.Timestamp) *rateLimits {
	return &rateLimits{
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
func (l *rateLimits) checkForm(r *http.Request, request, visit string) error {
	if r.Method != http.MethodPost {
		return nil
	}
	if visit != "" && !l.visitForms.allow(visit) || !l.requestForms.allow(request) {
		return onboarding.ErrRateLimited
	}
	return nil
}

// allowKey counts a key that is tried at an address.
func (l *rateLimits) allowKey(v *visitScope, address string) bool {
	host := address
	if u, err := url.Parse(address); err == nil {
		host = u.Host
	}
	return l.requestKeys.allow(v.Request.ID) && l.agencyKeys.allow(v.Agency.ID) && l.hostKeys.allow(host)
}
