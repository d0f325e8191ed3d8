package wire

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/latchkeyhq/latchkey/internal/egress"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Obstacle is what kept a call from the relay, or its reply from the caller. Its
// value is also the code of such an error.
type Obstacle string

// The obstacles. Without one, the relay was reached.
const (
	// Nothing answers: no network, no such host, a closed port, a timeout, a
	// broken connection.
	ObstacleSilence Obstacle = "silence"
	// A page instead of the relay, or a redirect to one: a network that wants a
	// sign-in first (captive portal), or a filter's notice.
	ObstaclePage Obstacle = "page"
	// A proxy of this network wants a sign-in (407).
	ObstacleProxy Obstacle = "proxy"
	// Refused by something that is not the relay, usually a firewall (4xx).
	ObstacleFilter Obstacle = "filter"
	// Refused for its size by something that is not the relay (413).
	ObstacleSize Obstacle = "size"
	// Something in front of the relay has no answer of it (408, 429, 5xx).
	ObstacleGateway Obstacle = "gateway"
	// A certificate of an issuer that this computer does not trust: something
	// reads along (TLS inspection).
	ObstacleInspection Obstacle = "inspection"
	// A certificate for another name: a captive portal, or another server.
	ObstacleCertificate Obstacle = "certificate"
	// A certificate that is not valid at this computer's time.
	ObstacleClock Obstacle = "clock"
)

// ObstacleError is ErrUnavailable with its obstacle.
type ObstacleError struct {
	Obstacle Obstacle
	Status   int // of the reply that is not the relay's; zero: there was none
	Err      error
}

func (e *ObstacleError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%s: %v", e.Obstacle, e.Err)
	}
	return fmt.Sprintf("%s: something that is no relay replies with status %d", e.Obstacle, e.Status)
}

// Unwrap makes it ErrUnavailable.
func (e *ObstacleError) Unwrap() []error {
	if e.Err == nil {
		return []error{onboarding.ErrUnavailable}
	}
	return []error{onboarding.ErrUnavailable, e.Err}
}

// ObstacleOf returns what kept a call with this error from the relay; empty: it
// was reached.
func ObstacleOf(err error) Obstacle {
	var found *ObstacleError
	if errors.As(err, &found) {
		return found.Obstacle
	}
	return ""
}

// foreignReply is the error of a reply that is not a relay's.
func foreignReply(status int) error {
	return &ObstacleError{Obstacle: obstacleOfReply(status), Status: status}
}

// obstacleOfReply is the obstacle of a reply that is not a relay's.
func obstacleOfReply(status int) Obstacle {
	switch {
	case status == http.StatusProxyAuthRequired:
		return ObstacleProxy
	case status == http.StatusRequestEntityTooLarge, status == http.StatusRequestURITooLong,
		status == http.StatusRequestHeaderFieldsTooLarge:
		return ObstacleSize
	case status == http.StatusRequestTimeout, status == http.StatusTooManyRequests, status == http.StatusTooEarly:
		return ObstacleGateway
	case status == http.StatusNetworkAuthenticationRequired, status < http.StatusBadRequest:
		return ObstaclePage
	case status < http.StatusInternalServerError:
		return ObstacleFilter
	}
	return ObstacleGateway
}

// transportError is the ObstacleError of a call without a reply.
func transportError(err error) error {
	// The URL of a *url.Error may contain a link or a query.
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	var proxy *egress.ProxyError
	if errors.As(err, &proxy) {
		return foreignReply(proxy.Status)
	}
	return &ObstacleError{Obstacle: obstacleOfTransport(err), Err: err}
}

func obstacleOfTransport(err error) Obstacle {
	var authority x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	var certificate *tls.CertificateVerificationError
	var noTLS tls.RecordHeaderError
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return ObstacleClock
	case errors.As(err, &authority):
		return ObstacleInspection
	case errors.As(err, &certificate):
		return ObstacleCertificate
	case errors.As(err, &noTLS), errors.Is(err, http.ErrSchemeMismatch):
		return ObstaclePage
	}
	return ObstacleSilence
}
