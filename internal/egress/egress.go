// Package egress is how calls leave this computer: through which proxy, and whose
// certificates they trust.
//
// It calls nobody by itself, and does not decide whom a caller may call.
package egress

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"syscall"
	"time"

	"github.com/latchkeyhq/latchkey/internal/loopback"
)

// Chooser returns the proxy for an address; nil: it is called directly.
type Chooser func(target *url.URL) (*url.URL, error)

// Control runs before a connection is made, with the address that will be dialled. Its error
// ends the attempt.
type Control func(ctx context.Context, network, address string, c syscall.RawConn) error

// Config is what a Route needs. The zero value: directly, with the system's authorities.
type Config struct {
	Proxy Chooser        // nil: none
	Roots *x509.CertPool // the authorities to trust; nil: the system's
	// Control sees every connection, those to the proxy too; nil: all are made.
	Control Control
}

// Route is how calls leave this computer. A nil Route is the zero Config. It is safe for
// concurrent use.
type Route struct{ config Config }

// New makes a Route.
func New(config Config) *Route { return &Route{config} }

// Fixed chooses one proxy for everything.
func Fixed(proxy *url.URL) Chooser { return func(*url.URL) (*url.URL, error) { return proxy, nil } }

// Proxy is the proxy for an address; nil: it is called directly. This computer itself is
// never called through one.
func (r *Route) Proxy(target *url.URL) (*url.URL, error) {
	if r == nil || r.config.Proxy == nil || loopback.Host(target.Hostname()) {
		return nil, nil
	}
	proxy, err := r.config.Proxy(target)
	if err != nil {
		return nil, errors.New("finding the proxy for " + target.Hostname() + ": the proxy's address cannot be read")
	}
	return proxy, nil
}

// HasProxy reports whether calls may leave through a proxy.
func (r *Route) HasProxy() bool { return r != nil && r.config.Proxy != nil }

// Roots are the authorities to trust; nil: the system's.
func (r *Route) Roots() *x509.CertPool {
	if r == nil {
		return nil
	}
	return r.config.Roots
}

// Dialer connects with a limit of ten seconds, unless one of both controls refuses.
func (r *Route) Dialer(control Control) *net.Dialer {
	own := Control(nil)
	if r != nil {
		own = r.config.Control
	}
	return &net.Dialer{Timeout: 10 * time.Second, ControlContext: func(
		ctx context.Context, network, address string, c syscall.RawConn,
	) error {
		for _, each := range []Control{own, control} {
			if each == nil {
				continue
			}
			if err := each(ctx, network, address, c); err != nil {
				return err
			}
		}
		return nil
	}}
}

// Transport makes the calls of one client.
func (r *Route) Transport() *http.Transport {
	transport := http.DefaultTransport.(*http.Transport).Clone() // net/http documents that it is one
	transport.Proxy = func(call *http.Request) (*url.URL, error) { return r.Proxy(call.URL) }
	transport.DialContext = r.Dialer(nil).DialContext
	r.trust(transport)
	return transport
}

// Split makes the calls of a client that guards which addresses it dials: direct is used as it
// is where there is no proxy. A proxy looks names up by itself, so that of such a call only
// the proxy's own address is dialled.
func (r *Route) Split(direct *http.Transport) http.RoundTripper {
	r.trust(direct)
	proxied := direct.Clone()
	proxied.DialContext = r.Dialer(nil).DialContext
	proxied.Proxy = func(call *http.Request) (*url.URL, error) {
		chosen, isURL := call.Context().Value(proxyKey{}).(*url.URL)
		if !isURL {
			return nil, errors.New("a call through a proxy without a proxy")
		}
		return chosen, nil
	}
	return &split{route: r, direct: direct, proxied: proxied}
}

func (r *Route) trust(transport *http.Transport) {
	transport.OnProxyConnectResponse = refusedByProxy
	if roots := r.Roots(); roots != nil {
		transport.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	}
}

// proxyKey is the key of the chosen proxy in a call's context.
type proxyKey struct{}

type split struct {
	route           *Route
	direct, proxied *http.Transport
}

func (s *split) RoundTrip(call *http.Request) (*http.Response, error) {
	proxy, err := s.route.Proxy(call.URL)
	if err != nil {
		return nil, err
	}
	if proxy == nil {
		return s.direct.RoundTrip(call)
	}
	return s.proxied.RoundTrip(call.WithContext(context.WithValue(call.Context(), proxyKey{}, proxy)))
}

// CloseIdleConnections makes http.Client.CloseIdleConnections work.
func (s *split) CloseIdleConnections() {
	s.direct.CloseIdleConnections()
	s.proxied.CloseIdleConnections()
}

// ProxyError is a proxy that does not connect to what is called.
type ProxyError struct{ Status int }

func (e *ProxyError) Error() string {
	return fmt.Sprintf("the proxy of this network refuses the call with status %d", e.Status)
}

func refusedByProxy(_ context.Context, _ *url.URL, _ *http.Request, reply *http.Response) error {
	if reply.StatusCode == http.StatusOK {
		return nil
	}
	return &ProxyError{reply.StatusCode}
}

// Barrier is what on the way keeps a call from everything outside, rather than the one who is
// called.
type Barrier string

// The barriers.
const (
	NoBarrier   Barrier = ""
	ProxySignIn Barrier = "proxy"      // the proxy wants a sign-in
	Inspection  Barrier = "inspection" // somebody reads along, by an authority that is not trusted
)

// BarrierOf is the barrier that an error of a call comes from.
func BarrierOf(err error) Barrier {
	var proxy *ProxyError
	var authority x509.UnknownAuthorityError
	switch {
	case errors.As(err, &proxy) && proxy.Status == http.StatusProxyAuthRequired:
		return ProxySignIn
	case errors.As(err, &authority):
		return Inspection
	}
	return NoBarrier
}

// Name is a proxy as it may be shown: without the account that signs in there.
func Name(proxy *url.URL) string {
	shown := url.URL{Scheme: proxy.Scheme, Host: proxy.Host}
	return shown.String()
}

// ParseProxy reads the address of a proxy. Its error continues a sentence that begins with
// the setting's name, and does not repeat the address: a password may be in it.
func ParseProxy(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" || u.Hostname() == "" || u.Path != "" && u.Path != "/" || u.RawQuery != "" ||
		u.Fragment != "" {
		return nil, errors.New("is not an address of the form http://proxy.example.com:3128")
	}
	if port, err := strconv.ParseUint(u.Port(), 10, 16); err != nil || port == 0 {
		return nil, errors.New("has no port, as http://proxy.example.com:3128 has")
	}
	u.Path = ""
	return u, nil
}

// ReadRoots are the system's authorities and those of a file in PEM form. Its error continues
// a sentence that begins with the setting's name.
func ReadRoots(path string) (*x509.CertPool, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("names %s, which cannot be read", path)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(content) {
		return nil, fmt.Errorf("names %s, which holds no certificate in PEM form", path)
	}
	return pool, nil
}
