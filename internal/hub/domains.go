package hub

import (
	"context"

	"github.com/latchkeyhq/latchkey/internal/hub/session"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// Domains are the domain of the agency's own, at which its links open. It is the main
// users', and needs the relay: this computer has no copy.
type Domains struct{ session *session.Session }

// OwnDomain is the agency's domain with what has to be in the DNS.
type OwnDomain struct {
	Offered bool `json:"offered"` // the relay serves agencies' domains
	// Domain is nil without one.
	Domain *onboarding.Domain `json:"domain"`
	// Records are those that the domain needs; empty without one.
	Records []DomainRecord `json:"records"`
	// Leaving are removed ones at which links still open.
	Leaving []string `json:"leaving"`
}

// DomainRecord is a record in the DNS.
type DomainRecord struct {
	Type  string `json:"type"` // CNAME, TXT
	Name  string `json:"name"`
	Value string `json:"value"`
	OK    bool   `json:"ok"` // the last check found it
}

// Read reads the domain.
func (d *Domains) Read(ctx context.Context) (OwnDomain, error) {
	return ownDomain(session.Call(ctx, d.session, wire.ReadDomain, wire.Empty{}))
}

// Propose stores the domain that the agency wants, and checks it.
func (d *Domains) Propose(ctx context.Context, name string) (OwnDomain, error) {
	proposed, err := ownDomain(session.Call(ctx, d.session, wire.ProposeDomain, wire.DomainParams{Name: name}))
	if err != nil || proposed.Domain == nil {
		return proposed, err
	}
	return d.Check(ctx, proposed.Domain.Name)
}

// Check has the relay look at the domain's records now.
func (d *Domains) Check(ctx context.Context, name string) (OwnDomain, error) {
	return ownDomain(session.Call(ctx, d.session, wire.CheckDomain, wire.DomainParams{Name: name}))
}

// Remove ends the use of the domain. Links that are out open there for a while.
func (d *Domains) Remove(ctx context.Context, name string) (OwnDomain, error) {
	return ownDomain(session.Call(ctx, d.session, wire.RemoveDomain, wire.DomainParams{Name: name}))
}

func ownDomain(result wire.DomainResult, err error) (OwnDomain, error) {
	if err != nil {
		return OwnDomain{}, err
	}
	own := OwnDomain{Offered: result.Offered, Domain: result.Domain, Records: []DomainRecord{}, Leaving: []string{}}
	for _, d := range result.Leaving {
		own.Leaving = append(own.Leaving, d.Name)
	}
	if d := result.Domain; d != nil {
		leads, proves := hasRecords(*d)
		own.Records = []DomainRecord{
			{Type: "CNAME", Name: d.Name, Value: result.RelayHost, OK: leads},
			{Type: "TXT", Name: onboarding.DomainProofName + d.Name, Value: onboarding.DomainProofPrefix + d.Token, OK: proves},
		}
	}
	return own, nil
}

// hasRecords reports which of a domain's records the last check found.
func hasRecords(d onboarding.Domain) (leads, proves bool) {
	switch d.Problem {
	case onboarding.DomainNoProof, onboarding.DomainWrongProof:
		return true, false
	case "", onboarding.DomainTaken, onboarding.DomainCertificate, onboarding.DomainUnreachable:
		return d.Checked != 0, d.Checked != 0
	case onboarding.DomainNoAddress, onboarding.DomainElsewhere, onboarding.DomainNoAnswer, onboarding.DomainUnknown:
	}
	return false, false
}
