package wire

import "github.com/latchkeyhq/latchkey/internal/onboarding"

// The methods of a domain of the agency's own. A relay before them answers ErrUpdateNeeded.
var (
	ReadDomain    = Method[Empty, DomainResult]{Path: "/api/v1/read-domain", Auth: AuthMainUser}
	ProposeDomain = Method[DomainParams, DomainResult]{Path: "/api/v1/propose-domain", Auth: AuthMainUser}
	CheckDomain   = Method[DomainParams, DomainResult]{Path: "/api/v1/check-domain", Auth: AuthMainUser}
	RemoveDomain  = Method[DomainParams, DomainResult]{Path: "/api/v1/remove-domain", Auth: AuthMainUser}
)

// DomainParams names a domain.
type DomainParams struct {
	Name string `json:"name"`
}

// DomainResult is the agency's domain, as it is now.
type DomainResult struct {
	Offered   bool                `json:"offered"`          // the relay serves agencies' domains
	RelayHost string              `json:"relay_host"`       // where the domain has to lead
	Domain    *onboarding.Domain  `json:"domain,omitempty"` // nil: the agency has none
	Leaving   []onboarding.Domain `json:"leaving"`          // removed ones at which links still open
}
