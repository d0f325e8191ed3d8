// Package webhook posts an agency's news to addresses that its main users chose:
// signed by the Standard Webhooks specification, or in the form of Slack or Teams.
//
// It stores nothing; the worker decides when a delivery is due. It connects to no address on
// the relay's own or a private network, unless the operator allows that.
package webhook

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
	"unicode"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/latchkeyhq/latchkey/internal/egress"
	"github.com/latchkeyhq/latchkey/internal/grapheme"
	"github.com/latchkeyhq/latchkey/internal/loopback"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
)

// Networks are where webhooks may lead. The zero value is the public internet.
type Networks string

// The networks.
const (
	PublicNetworks  Networks = ""         // the public internet alone
	PrivateNetworks Networks = "private"  // private networks too, never the relay's own machine
	NoNetworks      Networks = "off"      // nothing is posted, and no webhook can be added
	Loopback        Networks = "loopback" // this computer too, also without TLS: for the demo and tests
)

// The limits of a delivery.
const (
	timeout  = 10 * time.Second
	maxReply = 64 << 10 // bytes that are read of an answer
	// A machine behind a proxy may reach no name server.
	lookUpTimeout = 2 * time.Second
	maxShown      = 300  // characters of it that are shown
	maxAddress    = 2048 // bytes
)

// Target is where a webhook's deliveries go, and what signs them.
type Target struct {
	Address onboarding.Secret // an address of Slack or Teams lets everybody post who has it
	Secret  onboarding.Secret // whsec_…
	// Former are the secrets that were replaced within the last day, the newest first. Until
	// the receiver knows the new one, their signatures go with its.
	Former []FormerSecret
}

// FormerSecret is a secret that was replaced, and signs until a timestamp.
type FormerSecret struct {
	Secret onboarding.Secret
	Until  onboarding.Timestamp
}

// Answer is what came of a delivery.
type Answer struct {
	Status int                      // of HTTP; zero: there was no answer
	Error  onboarding.DeliveryError // why it is no success; empty: it is one
	Reply  string                   // the beginning of the answer, as one line
}

// Sender posts deliveries. It is safe for concurrent use.
type Sender struct {
	networks Networks
	client   *http.Client
	route    *egress.Route
	lookUp   func(ctx context.Context, host string) ([]netip.Addr, error)
}

// NewSender makes a Sender for networks, whose calls leave by a route; nil: directly.
func NewSender(networks Networks, route *egress.Route) *Sender {
	return newSender(networks, route, nil)
}

func newSender(networks Networks, route *egress.Route, trust *tls.Config) *Sender {
	dialer := route.Dialer(func(_ context.Context, _, address string, _ syscall.RawConn) error {
		target, err := netip.ParseAddrPort(address)
		if err != nil || !networks.allows(target.Addr()) {
			return errAddress
		}
		return nil
	})
	// Without a proxy the address that is checked is the one that is called.
	transport := route.Split(&http.Transport{
		DialContext:            dialer.DialContext,
		TLSClientConfig:        trust,
		TLSHandshakeTimeout:    timeout,
		MaxResponseHeaderBytes: maxReply,
		DisableKeepAlives:      true,
		ForceAttemptHTTP2:      true,
	})
	return &Sender{
		networks: networks, route: route,
		client: &http.Client{
			Transport:     transport,
			Timeout:       timeout,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		lookUp: func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		},
	}
}

// checkProxied fails where a call would leave through a proxy for an address that may not be
// called, or for a name that does not exist. Where no name server answers this machine, the
// proxy has to refuse.
func (s *Sender) checkProxied(ctx context.Context, target *url.URL) error {
	proxy, err := s.route.Proxy(target)
	if err != nil {
		return errProxy
	}
	if proxy == nil {
		return nil
	}
	if isOddNumber(target.Hostname()) || s.isKnownPrivate(target.Hostname()) {
		return errAddress
	}
	ctx, cancel := context.WithTimeout(ctx, lookUpTimeout)
	defer cancel()
	found, err := s.lookUp(ctx, target.Hostname())
	if err == nil && slices.ContainsFunc(found, func(ip netip.Addr) bool { return !s.networks.allows(ip) }) {
		return errAddress
	}
	if name := (*net.DNSError)(nil); errors.As(err, &name) && name.IsNotFound {
		return err
	}
	return nil
}

var errProxy = errors.New("the relay's own proxy lets nothing out")

// send posts, and tells a fault of the relay's own proxy from one of the receiver's.
func (s *Sender) send(r *http.Request) (*http.Response, error) {
	var connected atomic.Bool
	trace := &httptrace.ClientTrace{ConnectDone: func(_, _ string, err error) {
		if err == nil {
			connected.Store(true)
		}
	}}
	reply, err := s.client.Do(r.WithContext(httptrace.WithClientTrace(r.Context(), trace)))
	if proxy, _ := s.route.Proxy(r.URL); err != nil && proxy != nil &&
		(!connected.Load() || isProxyFault(err)) {
		return nil, errProxy
	}
	return reply, err
}

// isProxyFault reports whether a proxy that was reached is to blame: it refuses, or reads
// along. With 502, 503 and 504 it says that the receiver does not answer.
func isProxyFault(err error) bool {
	var refusal *egress.ProxyError
	if errors.As(err, &refusal) {
		return refusal.Status < http.StatusBadGateway || refusal.Status > http.StatusGatewayTimeout
	}
	return egress.BarrierOf(err) != egress.NoBarrier
}

var errAddress = errors.New("this address is on the relay's own or a private network")

// allows reports whether an address may be called. It is asked after the look-up of
// the name, with the very address that is dialled.
func (n Networks) allows(ip netip.Addr) bool {
	ip = ip.Unmap()
	switch n {
	case NoNetworks:
		return false
	case Loopback:
		return ip.IsLoopback() || platform.Public(ip)
	case PrivateNetworks:
		shared := netip.MustParsePrefix("100.64.0.0/10") // of carriers, and of some private networks
		return ip.Zone() == "" && (ip.IsPrivate() || shared.Contains(ip)) || platform.Public(ip)
	}
	return platform.Public(ip)
}

// Enabled reports whether the operator allows webhooks.
func (s *Sender) Enabled() bool { return s.networks != NoNetworks }

// Validate returns a typed address, or an InvalidError that says what to do.
func (s *Sender) Validate(typed string) (onboarding.Secret, error) {
	typed, err := onboarding.ValidatePasted("address", typed)
	if err != nil {
		return onboarding.Secret{}, err
	}
	u, err := url.Parse(typed)
	switch {
	case typed == "":
		return onboarding.Secret{}, onboarding.Invalid("address", "Paste the address that news is posted to.")
	case err != nil || u.Hostname() == "" || u.Fragment != "" || len(typed) > maxAddress:
		return onboarding.Secret{}, onboarding.Invalid("address", "Paste the whole address; it begins with https://.")
	case u.User != nil:
		return onboarding.Secret{}, onboarding.Invalid("address",
			"An address with a user name and password is not used. Put the secret behind the host, or check the signature.")
	case u.Scheme != "https" && !s.isOwnComputer(u):
		return onboarding.Secret{}, onboarding.Invalid("address",
			"The address has to begin with https://: news is posted encrypted only.")
	case isOddNumber(u.Hostname()):
		return onboarding.Secret{}, onboarding.Invalid("address",
			"A host that ends in a number is not used. Paste the address with the host's name.")
	case s.isKnownPrivate(u.Hostname()):
		return onboarding.Secret{}, onboarding.Invalid("address",
			"This address is on a private network, which your relay does not post to. Use a public one, or ask whoever runs "+
				"the relay.")
	}
	return onboarding.NewSecret(typed), nil
}

// isOwnComputer reports whether an address is one of the demo's, which needs no
// encryption.
func (s *Sender) isOwnComputer(u *url.URL) bool {
	return u.Scheme == "http" && s.networks == Loopback && loopback.Host(u.Hostname())
}

// isKnownPrivate reports whether a host will be refused whenever it is dialled.
func (s *Sender) isKnownPrivate(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		return !s.networks.allows(ip)
	}
	return loopback.Host(host) && s.networks != Loopback
}

// isOddNumber reports whether a host is no address and no name, but some resolvers read it as
// an address: 127.1, 2130706433, 0x7f000001.
func isOddNumber(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		return false
	}
	host = strings.TrimSuffix(host, ".")
	last := strings.ToLower(host[strings.LastIndex(host, ".")+1:])
	return strings.HasPrefix(last, "0x") || last != "" && strings.Trim(last, "0123456789") == ""
}

// Host is what of an address may be shown: it opens nothing.
func Host(address onboarding.Secret) string {
	u, err := url.Parse(address.Reveal())
	if err != nil {
		return ""
	}
	return u.Host
}

// NewSecret makes a secret that signs.
func NewSecret() onboarding.Secret {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // it cannot fail
	return onboarding.NewSecret("whsec_" + base64.StdEncoding.EncodeToString(key))
}

// Post posts a body once. id is the same at every attempt of a delivery.
func (s *Sender) Post(ctx context.Context, to Target, id string, now time.Time, body []byte) Answer {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to.Address.Reveal(), bytes.NewReader(body))
	if err != nil {
		return Answer{Error: onboarding.DeliveryUnreadable}
	}
	var signatures []string
	secrets := []onboarding.Secret{to.Secret}
	for _, former := range to.Former {
		secrets = append(secrets, former.Secret)
	}
	for _, secret := range secrets {
		signature, err := sign(secret, id, now, body)
		if err != nil {
			return Answer{Error: onboarding.DeliveryUnreadable}
		}
		signatures = append(signatures, signature)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "Latchkey-Webhook/1")
	r.Header.Set(standardwebhooks.HeaderWebhookID, id)
	r.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	r.Header.Set(standardwebhooks.HeaderWebhookSignature, strings.Join(signatures, " "))
	if err := s.checkProxied(ctx, r.URL); err != nil {
		return Answer{Error: classify(err)}
	}
	reply, err := s.send(r)
	if err != nil {
		return Answer{Error: classify(err)}
	}
	defer func() { _ = reply.Body.Close() }() // it is only read
	content, err := io.ReadAll(io.LimitReader(reply.Body, maxReply))
	answer := Answer{Status: reply.StatusCode}
	switch {
	case reply.StatusCode >= 300 && reply.StatusCode < 400:
		answer.Error = onboarding.DeliveryRedirect
	case reply.StatusCode == http.StatusGone:
		answer.Error = onboarding.DeliveryGone
	case reply.StatusCode < 200 || reply.StatusCode >= 300:
		answer.Error = onboarding.DeliveryStatus
	case err != nil:
		answer.Error = classify(err) // it may not have the news
	}
	if s.networks != PrivateNetworks { // a main user reads nothing of what is inside there
		answer.Reply = shown(content)
	}
	return answer
}

// sign signs by the specification, version 1.0.0, section "Signature scheme":
// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
func sign(secret onboarding.Secret, id string, now time.Time, body []byte) (string, error) {
	signer, err := standardwebhooks.NewWebhook(secret.Reveal())
	if err != nil {
		return "", errors.New("signing a webhook: its secret cannot be read") // the library's error may quote it
	}
	return signer.Sign(id, now, body)
}

// classify is why there was no answer. The error itself has the address, which is a
// secret.
func classify(err error) onboarding.DeliveryError {
	var name *net.DNSError
	var certificate *tls.CertificateVerificationError
	var header tls.RecordHeaderError
	switch {
	case errors.Is(err, errAddress):
		return onboarding.DeliveryAddress
	case errors.Is(err, errProxy):
		return onboarding.DeliveryProxy
	case errors.Is(err, context.DeadlineExceeded), isTimeout(err):
		return onboarding.DeliveryTimeout
	case errors.As(err, &name):
		return onboarding.DeliveryName
	case errors.As(err, &certificate), errors.As(err, &header):
		return onboarding.DeliveryTLS
	}
	return onboarding.DeliveryConnection
}

func isTimeout(err error) bool {
	var timed interface{ Timeout() bool }
	return errors.As(err, &timed) && timed.Timeout()
}

// shown is the beginning of an answer, as one line without what is not seen.
func shown(content []byte) string {
	text := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(string(content[:min(len(content), 4*maxShown)]), ""))
	return grapheme.Truncate(strings.Join(strings.Fields(text), " "), maxShown)
}
