package relay

import (
	"context"
	"net/url"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/domains"
)

// openDomains readies what checks the agencies' domains.
func (s *Relay) openDomains(config *DomainsConfig, public *url.URL) {
	if config != nil {
		s.domains = domains.New(domains.Config{Store: s.store, Relay: public, Resolver: config.Resolver, Log: s.log})
	}
}

// retireDomains has links of a relay that serves no domains any more be at its own address.
func (s *Relay) retireDomains(ctx context.Context) error {
	if s.domains != nil {
		return nil
	}
	served, err := s.store.Domains.Served(ctx)
	if err != nil {
		return err
	}
	for _, d := range served {
		if d.Ready == 0 {
			continue
		}
		s.log.WarnContext(ctx, "an agency's domain is not served any more: see LATCHKEY_DOMAINS", "domain", d.Name,
			"agency", d.Agency)
		if _, err := s.store.Domains.RecordReady(ctx, d, onboarding.DomainUnreachable, ""); err != nil {
			return err
		}
	}
	return nil
}

// Domains checks the agencies' own domains; nil: the relay serves none.
func (s *Relay) Domains() *domains.Service { return s.domains }
