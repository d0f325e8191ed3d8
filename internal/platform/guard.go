package platform

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/latchkeyhq/latchkey/internal/egress"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// App is the app that the relay's operator registered at a platform, and the
// addresses to connect to.
type App struct {
	ClientID     string
	ClientSecret onboarding.Secret
	Endpoints
	// Settings are the operator's values of the driver's Settings, by name:
	// "CONFIG_ID".
	Settings map[string]string
	// Now is the relay's clock, for expiry times; nil: time.Now.
	Now func() time.Time
}

// Ends is the time of expiry after the given number of seconds; zero or
// negative: the zero time.
func (a App) Ends(seconds int64) time.Time {
	now := a.Now
	if now == nil {
		now = time.Now
	}
	if seconds <= 0 {
		return time.Time{}
	}
	return now().Add(time.Duration(seconds) * time.Second)
}

// Endpoints replace the platform's hosts. They come from the operator's
// settings, never from a visitor. Empty: the platform's own hosts.
type Endpoints struct {
	Auth  string // for the browser
	Token string // for exchanging and renewing tokens
	API   string // for everything else
	// Timeout bounds each call including the response; zero: the guard's
	// default.
	Timeout time.Duration
	// Route is how the calls leave this computer; nil: directly.
	Route *egress.Route
}

// GuardConfig is what a Guard needs.
type GuardConfig struct {
	// Hosts are the allowed hosts. A leading dot allows every name with exactly
	// one label before it.
	Hosts []string
	// Override replaces the host to connect to; the original remains in the
	// Host header. Empty: connect to the host.
	Override string
	// Timeout bounds a call including the response; zero: 20 seconds.
	Timeout time.Duration
	// MaxResponse bounds a response, in bytes; zero: 4 MiB.
	MaxResponse int64
	// Route is how the calls leave this computer; nil: directly.
	Route *egress.Route
}

// NewGuard returns the client for outgoing calls. It uses https on port 443 of
// the allowed hosts, connects only to a public address, and to the very address
// that it checked (no DNS rebinding), follows no redirect, and bounds time and
// size. Through the route's proxy it names the host, whose address is the proxy's
// to find.
func NewGuard(config GuardConfig) (*http.Client, error) {
	if config.Timeout == 0 {
		config.Timeout = 20 * time.Second
	}
	if config.MaxResponse == 0 {
		config.MaxResponse = 4 << 20
	}
	g := &guard{config: config}
	dialer := config.Route.Dialer(publicOnly)
	if config.Override != "" {
		instead, err := url.Parse(config.Override)
		if err != nil || instead.Host == "" || instead.Scheme != "http" && instead.Scheme != "https" {
			return nil, fmt.Errorf("%q is not an address to call a platform at", config.Override)
		}
		g.override = instead
		dialer = config.Route.Dialer(nil)
	}
	g.next = config.Route.Split(&http.Transport{
		DialContext:            dialer.DialContext,
		TLSHandshakeTimeout:    10 * time.Second,
		ResponseHeaderTimeout:  config.Timeout,
		MaxResponseHeaderBytes: 64 << 10,
		MaxIdleConnsPerHost:    8,
		IdleConnTimeout:        30 * time.Second,
		ForceAttemptHTTP2:      true,
	})
	return &http.Client{
		Transport:     g,
		Timeout:       config.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, nil
}

type guard struct {
	config   GuardConfig
	override *url.URL
	next     http.RoundTripper
}

func (g *guard) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != "https" || r.URL.Port() != "" && r.URL.Port() != "443" || r.URL.User != nil ||
		!Allowed(g.config.Hosts, r.URL.Hostname()) {
		return nil, fmt.Errorf("calling %s://%s: this address is not one of the platform's", r.URL.Scheme, r.URL.Host)
	}
	if g.override != nil {
		r = r.Clone(r.Context())
		r.Host = r.URL.Hostname()
		r.URL.Scheme, r.URL.Host = g.override.Scheme, g.override.Host
	}
	answer, err := g.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	answer.Body = &bounded{answer.Body, g.config.MaxResponse}
	return answer, nil
}

// CloseIdleConnections makes http.Client.CloseIdleConnections work.
func (g *guard) CloseIdleConnections() {
	if next, ok := g.next.(interface{ CloseIdleConnections() }); ok {
		next.CloseIdleConnections()
	}
}

// bounded fails at the limit instead of truncating the response.
type bounded struct {
	io.ReadCloser
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, errors.New("the platform's answer is too large")
	}
	return n, err
}

// Allowed reports whether host is one of hosts. Neither
// "evil.example.api-us1.com" nor "api-us1.com" matches ".api-us1.com".
func Allowed(hosts []string, host string) bool {
	host = strings.ToLower(host)
	for _, allowed := range hosts {
		if !strings.HasPrefix(allowed, ".") {
			if host == allowed {
				return true
			}
			continue
		}
		label, under := strings.CutSuffix(host, allowed)
		if under && isLabel(label) {
			return true
		}
	}
	return false
}

func isLabel(label string) bool {
	if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
		return false
	}
	for _, c := range label {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

// publicOnly runs after the DNS lookup, on the address that will be dialled.
func publicOnly(_ context.Context, _, address string, _ syscall.RawConn) error {
	target, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("dialling a platform: %w", err)
	}
	if target.Port() != 443 || !Public(target.Addr()) {
		return errors.New("dialling a platform: its name leads to an address that is not public")
	}
	return nil
}

// Public reports whether an address is on the public internet: not private,
// local or reserved, and no tunnel into such a range.
func Public(ip netip.Addr) bool {
	ip = ip.Unmap()
	if !ip.IsValid() || ip.Zone() != "" || !ip.IsGlobalUnicast() || ip.IsPrivate() {
		return false
	}
	for _, reserved := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24",
		"203.0.113.0/24", "240.0.0.0/4",
		"::/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16",
		"3fff::/20", "5f00::/16", "fec0::/10",
	} {
		if netip.MustParsePrefix(reserved).Contains(ip) {
			return false
		}
	}
	return true
}
