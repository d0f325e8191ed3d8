package domains

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// Preparer makes a domain whose records are right ready to be served, as by fetching its
// certificate. It returns what keeps it from that, and a word about it for people; empty: it
// is ready. It returns onboarding.DomainUnknown where that cannot be told now.
type Preparer func(ctx context.Context, d onboarding.Domain) (problem onboarding.DomainProblem, found string)

// Config is what a Service needs.
type Config struct {
	Store *store.Store
	// Relay is the relay's public address.
	Relay *url.URL
	// Resolver asks the DNS; nil: that of the system.
	Resolver Resolver
	Log      *slog.Logger
}

// Service checks the domains of agencies.
type Service struct {
	*Hosts
	records records
	address url.URL
	prepare atomic.Pointer[Preparer]
	wake    chan struct{}
}

// New makes a Service. It asks nobody before Run.
func New(config Config) *Service {
	if config.Resolver == nil {
		config.Resolver = net.DefaultResolver
	}
	host := HostOf(config.Relay.Host)
	return &Service{
		Hosts:   &Hosts{store: config.Store, relay: host, log: config.Log},
		records: records{resolver: config.Resolver, relay: host},
		address: *config.Relay,
		wake:    make(chan struct{}, 1),
	}
}

// UsePreparer has each domain made ready before its links are given out. Without one, a
// domain is ready once its records are right.
func (s *Service) UsePreparer(prepare Preparer) { s.prepare.Store(&prepare) }

// RelayHost is where a domain has to lead.
func (s *Service) RelayHost() string { return s.records.relay }

// Origin is the address of a domain: as the relay's, with another host.
func (s *Service) Origin(name string) string {
	origin := url.URL{Scheme: s.address.Scheme, Host: name}
	if port := s.address.Port(); port != "" {
		origin.Host = net.JoinHostPort(name, port)
	}
	return origin.String()
}

// BaseFor is the address that new links and emails of an agency have.
func (s *Service) BaseFor(ctx context.Context, agency string) (string, error) {
	if s == nil {
		return "", nil
	}
	name, err := s.store.Domains.ForLinks(ctx, agency)
	if err != nil || name == "" {
		return "", err
	}
	return s.Origin(name), nil
}

// NewToken makes the text that an agency puts into its TXT record.
func NewToken() string { return strings.ToLower(rand.Text()) }

// AgencyAt is the agency whose domain a Host header names; false: it is none's.
func (s *Service) AgencyAt(ctx context.Context, header string) (agency string, found bool) {
	if s == nil {
		return "", false
	}
	return s.Hosts.AgencyAt(ctx, header)
}

// Check checks a domain's records now, and returns it as it is then. Making it ready may
// take longer: Run does it.
func (s *Service) Check(ctx context.Context, d store.Domain) (store.Domain, error) {
	problem, found := s.records.check(ctx, d.Name, d.Token)
	if ctx.Err() != nil {
		return d, ctx.Err()
	}
	checked, err := s.store.Domains.RecordCheck(ctx, d, store.DomainCheck{
		Problem: problem, Found: found, Ready: s.prepare.Load() == nil,
	})
	if err != nil {
		return d, err
	}
	if checked.State != d.State {
		s.log.InfoContext(ctx, "an agency's domain has another state", "domain", checked.Name, "agency", checked.Agency,
			"state", checked.State, "before", d.State, "problem", checked.Problem)
	}
	s.Reload(ctx)
	s.Wake()
	return checked, nil
}

// Wake has what is due done now.
func (s *Service) Wake() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// makeReady makes a verified domain ready. One that is ready is looked at too: its
// certificate may have run out.
func (s *Service) makeReady(ctx context.Context, d store.Domain) error {
	prepare := s.prepare.Load()
	if prepare == nil || d.State != onboarding.DomainVerified || d.Failing != 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, prepareTimeout)
	defer cancel()
	problem, found := (*prepare)(ctx, d.Domain)
	if problem == onboarding.DomainUnknown {
		return nil
	}
	_, err := s.store.Domains.RecordReady(context.WithoutCancel(ctx), d, problem, cut(found))
	return err
}

// prepareTimeout is below the time after which another relay may take the domain.
const prepareTimeout = 2 * time.Minute

// CheckDue checks every domain that is due.
func (s *Service) CheckDue(ctx context.Context) error {
	var failed error
	for ctx.Err() == nil {
		d, err := s.store.Domains.Claim(ctx)
		switch {
		case errors.Is(err, onboarding.ErrNotFound):
			return failed
		case errors.Is(err, store.ErrTampered):
			failed = errors.Join(failed, err)
			continue
		case err != nil:
			return errors.Join(failed, err)
		}
		d, err = s.Check(ctx, d)
		if err == nil {
			err = s.makeReady(ctx, d)
		}
		if err != nil && !errors.Is(err, onboarding.ErrNotFound) {
			failed = errors.Join(failed, err)
		}
	}
	return errors.Join(failed, ctx.Err())
}

// checkInterval is how often it is seen which domains are due.
const checkInterval = 30 * time.Second

// Run checks the domains that are due until ctx ends.
func (s *Service) Run(ctx context.Context) {
	ticker := time.NewTicker(checkInterval)
	defer ticker.Stop()
	for {
		if err := s.CheckDue(ctx); err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "checking the agencies' domains", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-s.wake:
		}
	}
}
