package onboarding

import "strings"

// DomainState is how far an agency's own domain is.
type DomainState string

// The states of a domain.
const (
	// DomainProposed: its records are not right yet, or were never seen.
	DomainProposed DomainState = "proposed"
	// DomainVerified: its records are right. No other agency can have it.
	DomainVerified DomainState = "verified"
	// DomainLost: its records were wrong for a day, and nothing is served there.
	DomainLost DomainState = "lost"
	// DomainLeaving: the agency removed it. Links that are out still open there.
	DomainLeaving DomainState = "leaving"
)

// DomainProblem is why a domain's records are not right, or why nothing is served there.
type DomainProblem string

// The problems. What the DNS has instead is in Domain.Found.
const (
	DomainNoAddress   DomainProblem = "no_address"  // the name leads nowhere
	DomainElsewhere   DomainProblem = "elsewhere"   // it leads to another machine
	DomainNoProof     DomainProblem = "no_proof"    // the TXT record is missing
	DomainWrongProof  DomainProblem = "wrong_proof" // the TXT record has another text
	DomainNoAnswer    DomainProblem = "no_answer"   // its name server does not answer
	DomainUnknown     DomainProblem = "unknown"     // the relay's own DNS does not answer
	DomainTaken       DomainProblem = "taken"       // another agency of the relay has it
	DomainCertificate DomainProblem = "certificate" // there is no certificate yet
	DomainUnreachable DomainProblem = "unreachable" // the proxy in front does not serve it
)

// Domain is a domain of an agency's own, at which its links open.
type Domain struct {
	// Name is as the DNS has it: lower case, and ASCII.
	Name string `json:"name"`
	// Token is what the TXT record has behind DomainProofPrefix.
	Token    string      `json:"token"`
	State    DomainState `json:"state"`
	Proposed Timestamp   `json:"proposed"`
	Verified Timestamp   `json:"verified"` // when its records were right first; zero: never
	Ready    Timestamp   `json:"ready"`    // since when links open there; zero: not yet
	Failing  Timestamp   `json:"failing"`  // since when its records are wrong; zero: they are right
	Left     Timestamp   `json:"left"`     // when it was removed; zero: it was not
	Checked  Timestamp   `json:"checked"`  // zero: never
	// Problem is what the last check met; empty: nothing.
	Problem DomainProblem `json:"problem" ts:"empty"`
	Found   string        `json:"found"`
}

// Serves reports whether links open at the domain.
func (d Domain) Serves() bool { return d.State == DomainVerified || d.State == DomainLeaving }

// IsUsed reports whether new links and emails have the domain.
func (d Domain) IsUsed() bool { return d.State == DomainVerified && d.Ready != 0 && d.Failing == 0 }

// The TXT record that proves whose a domain is.
const (
	DomainProofName   = "_latchkey." // and the domain
	DomainProofPrefix = "latchkey="  // and the token
)

// ValidateDomainWords refuses a domain that clients would take for a platform's, or ours, or
// that mixes alphabets. name is as people read it.
func ValidateDomainWords(name string, services []string) error {
	words := strings.NewReplacer(".", " ", "-", " ", "_", " ").Replace(name)
	if platform := posesAs(words, nameOwners(services, true)); platform != "" {
		return Invalid("domain", "Clients would take this for "+platform+" itself. Enter a domain with your own name.")
	}
	return validateScripts("domain", words)
}
