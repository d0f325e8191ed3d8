package api

import (
	"context"
	"errors"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/domains"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// ownDomains are the domains of agencies' own.
type ownDomains struct{ *core }

// handle lists the addresses of domains.
func (s *ownDomains) handle(api *wire.Server) {
	wire.Handle(api, wire.ReadDomain, mapDBErrors(s.read))
	wire.Handle(api, wire.ProposeDomain, mapDBErrors(s.propose))
	wire.Handle(api, wire.CheckDomain, mapDBErrors(s.check))
	wire.Handle(api, wire.RemoveDomain, mapDBErrors(s.remove))
}

func (s *ownDomains) read(ctx context.Context, _ wire.Empty) (wire.DomainResult, error) {
	result := wire.DomainResult{Offered: s.domains != nil, Leaving: []onboarding.Domain{}}
	if s.domains == nil {
		return result, nil
	}
	agency := principalFrom(ctx).Agency.ID
	result.RelayHost = s.domains.RelayHost()
	d, err := s.store.Domains.Get(ctx, agency)
	switch {
	case err == nil:
		result.Domain = &d.Domain
	case !errors.Is(err, onboarding.ErrNotFound):
		return result, err
	}
	leaving, err := s.store.Domains.Leaving(ctx, agency)
	for _, d := range leaving {
		result.Leaving = append(result.Leaving, d.Domain)
	}
	return result, err
}

// requireOffered refuses what needs domains where the relay has none.
func (s *ownDomains) requireOffered(ctx context.Context) error {
	if s.domains == nil {
		return onboarding.Invalid("domain", "This relay serves no other addresses than its own. "+s.operator.Name+
			", who runs it, can change that.")
	}
	return s.requireSynced(ctx)
}

func (s *ownDomains) propose(ctx context.Context, p wire.DomainParams) (wire.DomainResult, error) {
	if err := s.requireOffered(ctx); err != nil {
		return wire.DomainResult{}, err
	}
	name, err := domains.Normalize(p.Name, s.domains.RelayHost(), s.catalog.ServiceNames())
	if err != nil {
		return wire.DomainResult{}, err
	}
	if _, err := s.store.Domains.Propose(ctx, principalFrom(ctx).Agency.ID, name, domains.NewToken()); err != nil {
		return wire.DomainResult{}, err
	}
	return s.read(ctx, wire.Empty{})
}

// checkInterval is how soon a domain's records are asked for again.
const checkInterval = 5 * time.Second

// check asks the DNS for the records now. The name has to be that of the agency's domain.
func (s *ownDomains) check(ctx context.Context, p wire.DomainParams) (wire.DomainResult, error) {
	if err := s.requireOffered(ctx); err != nil {
		return wire.DomainResult{}, err
	}
	d, err := s.named(ctx, p)
	if err != nil {
		return wire.DomainResult{}, err
	}
	if d.Checked.Since(s.store.Now()) >= checkInterval || d.Checked == 0 {
		if _, err := s.domains.Check(ctx, d); err != nil {
			return wire.DomainResult{}, err
		}
	}
	return s.read(ctx, wire.Empty{})
}

func (s *ownDomains) named(ctx context.Context, p wire.DomainParams) (store.Domain, error) {
	d, err := s.store.Domains.Get(ctx, principalFrom(ctx).Agency.ID)
	if err == nil && d.Name != p.Name {
		err = onboarding.ErrNotFound
	}
	return d, err
}

func (s *ownDomains) remove(ctx context.Context, p wire.DomainParams) (wire.DomainResult, error) {
	if err := s.store.Domains.Remove(ctx, principalFrom(ctx).Agency.ID, p.Name); err != nil {
		return wire.DomainResult{}, err
	}
	if s.domains != nil {
		s.domains.Reload(ctx)
	}
	return s.read(ctx, wire.Empty{})
}
