package admin

import (
	"context"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Domain is a domain of an agency's own that the relay serves.
type Domain struct {
	onboarding.Domain
	AgencyName string
}

// Domains lists the domains that agencies own, and at which links open.
func (s *Admin) Domains(ctx context.Context) ([]Domain, error) {
	served, err := s.store.Domains.Served(ctx)
	if err != nil {
		return nil, err
	}
	var list []Domain
	for _, d := range served {
		agency, err := s.store.Agencies.Get(ctx, d.Agency)
		if err != nil {
			return nil, err
		}
		list = append(list, Domain{Domain: d.Domain, AgencyName: agency.Name})
	}
	return list, nil
}
