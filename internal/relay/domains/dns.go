package domains

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Resolver asks the DNS. *net.Resolver is one.
type Resolver interface {
	LookupCNAME(ctx context.Context, host string) (string, error)
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
	LookupTXT(ctx context.Context, name string) ([]string, error)
}

// lookupTimeout is how long the DNS may take for one domain.
const lookupTimeout = 8 * time.Second

// maxFound bounds what is shown of the DNS's answer.
const maxFound = 200

// records checks the two records of a domain: that it leads to the relay's host, and that it
// has the agency's token. Without the second, an agency could take any name that leads here:
// another's, or one that somebody has left.
type records struct {
	resolver Resolver
	relay    string // its host
}

// check returns what is wrong, and what the DNS has instead; empty: nothing.
func (r records) check(ctx context.Context, name, token string) (onboarding.DomainProblem, string) {
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	if problem, found := r.checkAddress(ctx, name); problem != "" {
		return problem, found
	}
	return r.checkProof(ctx, name, token)
}

func (r records) checkAddress(ctx context.Context, name string) (onboarding.DomainProblem, string) {
	addresses, err := r.resolver.LookupNetIP(ctx, "ip", name+".")
	if err != nil {
		return r.problemOf(ctx, err, onboarding.DomainNoAddress), ""
	}
	own, err := r.resolver.LookupNetIP(ctx, "ip", r.relay+".")
	if err != nil {
		return onboarding.DomainUnknown, ""
	}
	foreign := func(a netip.Addr) bool { return !slices.Contains(own, a) }
	if len(addresses) > 0 && !slices.ContainsFunc(addresses, foreign) {
		return "", ""
	}
	// Names that are served from many places have other addresses each time.
	canonical, err := r.resolver.LookupCNAME(ctx, name+".")
	if err == nil {
		target, err := r.resolver.LookupCNAME(ctx, r.relay+".")
		if err == nil && sameName(canonical, target) || sameName(canonical, r.relay) {
			return "", ""
		}
		if !sameName(canonical, name) {
			return onboarding.DomainElsewhere, cut(strings.TrimSuffix(canonical, "."))
		}
	}
	var found []string
	for _, address := range addresses[:min(len(addresses), 3)] {
		found = append(found, address.Unmap().String())
	}
	return onboarding.DomainElsewhere, cut(strings.Join(found, ", "))
}

func (r records) checkProof(ctx context.Context, name, token string) (onboarding.DomainProblem, string) {
	texts, err := r.resolver.LookupTXT(ctx, onboarding.DomainProofName+name+".")
	if err != nil {
		return r.problemOf(ctx, err, onboarding.DomainNoProof), ""
	}
	want, other := onboarding.DomainProofPrefix+token, ""
	for _, text := range texts {
		text = strings.Trim(strings.TrimSpace(text), `"`)
		if text == want {
			return "", ""
		}
		if other == "" {
			other = text
		}
	}
	if other == "" {
		return onboarding.DomainNoProof, ""
	}
	return onboarding.DomainWrongProof, cut(other)
}

// problemOf is what a failed lookup means. Where the relay finds its own host no more, the
// DNS that it asks is to blame, and not the domain's.
func (r records) problemOf(
	ctx context.Context, err error, missing onboarding.DomainProblem,
) onboarding.DomainProblem {
	var failed *net.DNSError
	if errors.As(err, &failed) && failed.IsNotFound {
		return missing
	}
	if _, err := r.resolver.LookupNetIP(ctx, "ip", r.relay+"."); err != nil {
		return onboarding.DomainUnknown
	}
	return onboarding.DomainNoAnswer
}

func sameName(a, b string) bool {
	return strings.EqualFold(strings.TrimSuffix(a, "."), strings.TrimSuffix(b, "."))
}

// cut makes a text of the DNS one that can be shown.
func cut(text string) string {
	text = onboarding.CleanLine(strings.ToValidUTF8(text, ""))
	if len(text) > maxFound {
		text = strings.ToValidUTF8(text[:maxFound], "") + "…"
	}
	return text
}
