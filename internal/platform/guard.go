package platform

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// App is what the relay's operator registered at a platform, and where the
// connections go instead of the platform's own addresses.
type App struct {
	ClientID     string
	ClientSecret onboarding.Secret
	Endpoints
	// Settings are the operator's values for what the driver's line in
	// platform/all names, by that name: "CONFIG_ID".
	Settings map[string]string
	// Now is the relay's clock: it dates the end of what lasts for a time.
	// Zero: time.Now.
	Now func() time.Time
}

// Ends is when something ends that a platform lets last for so many seconds;
// none or fewer: the zero time.
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

// Endpoints are where connections go instead of the platform's own hosts: the
// operator's setting, never a visitor's. Empty: the platform's own.
type Endpoints struct {
	Auth  string // the browser
	Token string // exchanging and renewing
	API   string // everything else
	// Timeout bounds each call with its answer; zero: the guard's own limit.
	Timeout time.Duration
}

// GuardConfig is what a Guard needs.
type GuardConfig struct {
	// Hosts may be called. One with a leading dot stands for every name of
	// exactly one label before it.
	Hosts []string
	// Override is where the connection goes in place of the host, which is then
	// named in Host alone. Empty: to the host itself.
	Override string
	// Timeout bounds a call with its answer; zero: 20 seconds.
	Timeout time.Duration
	// MaxResponse bounds an answer, in bytes; zero: 4 MiB.
	MaxResponse int64
}

// NewGuard gives the client for outgoing calls. It speaks https to port 443 of
// the allowed names, connects only to a public address, to the very one it
// checked, takes no proxy from the environment, follows no redirect, and bounds
// time and size.
func NewGuard(config GuardConfig) (*http.Client, error) {
	if config.Timeout == 0 {
		config.Timeout = 20 * time.Second
	}
	if config.MaxResponse == 0 {
		config.MaxResponse = 4 << 20
	}
	dialer := &net.Dialer{Timeout: 10 * time.Second}
	g := &guard{config: config}
	if config.Override != "" {
		instead, err := url.Parse(config.Override)
		if err != nil || instead.Host == "" || instead.Scheme != "http" && instead.Scheme != "https" {
			return nil, fmt.Errorf("%q is not an address to call a platform at", config.Override)
		}
		g.override = instead
	} else {
		dialer.ControlContext = publicOnly
	}
	g.next = &http.Transport{
		DialContext:            dialer.DialContext,
		TLSHandshakeTimeout:    10 * time.Second,
		ResponseHeaderTimeout:  config.Timeout,
		MaxResponseHeaderBytes: 64 << 10,
		MaxIdleConnsPerHost:    8,
		IdleConnTimeout:        30 * time.Second,
		ForceAttemptHTTP2:      true,
	}
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

// CloseIdleConnections lets http.Client end what is kept open.
func (g *guard) CloseIdleConnections() {
	if next, ok := g.next.(interface{ CloseIdleConnections() }); ok {
		next.CloseIdleConnections()
	}
}

// bounded fails loudly instead of cutting an answer off in the middle.
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

// Allowed says whether host is one of hosts. "evil.example.api-us1.com" is not
// a name under ".api-us1.com", and neither is "api-us1.com" itself.
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

// publicOnly runs after the name was looked up and before the connection is
// made, on the address that will be dialled.
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

// Public says whether an address is one of the internet's: not private, local,
// reserved, or a way around into one of those.
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
