package doctor

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Domain is a domain of an agency's own that the relay serves.
type Domain struct {
	onboarding.Domain
	Agency string // its name
}

// domainsAtOnce bounds how many domains are asked at the same time.
const domainsAtOnce = 8

// checkDomains opens each agency's domain as a client's browser does.
func checkDomains(ctx context.Context, c Config) []Finding {
	lines := make([][]Finding, len(c.Domains))
	var asking errgroup.Group
	asking.SetLimit(domainsAtOnce)
	for n, domain := range c.Domains {
		asking.Go(func() error {
			lines[n] = c.checkDomain(ctx, domain)
			return nil
		})
	}
	_ = asking.Wait() // none returns an error
	var all []Finding
	for _, part := range lines {
		all = append(all, part...)
	}
	return all
}

func (c Config) checkDomain(ctx context.Context, d Domain) []Finding {
	line := Finding{Check: "domain " + d.Name, State: Warning}
	of := " of " + d.Agency
	theirs := fmt.Sprintf("A main user of %s reads in Settings, Own address, which record to mend.", d.Agency)
	switch d.Problem {
	case onboarding.DomainNoAddress, onboarding.DomainElsewhere:
		line.Text, line.Fix = "The name"+of+" does not lead to this relay.", theirs
		return []Finding{line}
	case onboarding.DomainNoProof, onboarding.DomainWrongProof, onboarding.DomainNoAnswer, onboarding.DomainTaken:
		line.Text, line.Fix = "The records"+of+" do not prove that the name is theirs.", theirs
		return []Finding{line}
	}
	if d.Left != 0 {
		line.State = OK
		line.Text = d.Agency + " removed it; links that are out still open there."
		return []Finding{line}
	}
	return c.askDomain(ctx, line, d)
}

// askDomain asks for what only the relay of the domain knows.
func (c Config) askDomain(ctx context.Context, line Finding, d Domain) []Finding {
	answer, err := c.get(ctx, c.originOf(d.Name)+c.DomainProof)
	if err != nil {
		found := unreachable(c.originOf(d.Name), err)
		found.Check = line.Check
		return []Finding{found}
	}
	defer func() { _ = answer.Body.Close() }() // it was read
	text, err := io.ReadAll(io.LimitReader(answer.Body, 1<<10))
	if err != nil || answer.StatusCode != http.StatusOK || strings.TrimSpace(string(text)) != d.Token {
		line.State = Failed
		line.Text = fmt.Sprintf("It answers with status %d, and not as this relay for %s.", answer.StatusCode, d.Agency)
		line.Fix = "See that the name leads to this relay. A proxy before it has to pass the name on, with its Host header."
		return []Finding{line}
	}
	line.State, line.Text = OK, "The links of "+d.Agency+" open there."
	if d.Ready == 0 {
		line.State, line.Text = Warning, "It answers, and the relay has not noticed yet: new links of "+d.Agency+
			" do not have it."
		line.Fix = "The relay looks again within ten minutes."
	}
	lines := []Finding{line}
	for _, found := range certificate(answer.TLS, c.Now()) {
		if found.State != OK {
			found.Check = line.Check
			lines = append(lines, found)
		}
	}
	return lines
}

// originOf is the address of a domain: as the relay's, with another host.
func (c Config) originOf(name string) string {
	relay, err := url.Parse(c.URL)
	if err != nil {
		return "https://" + name
	}
	if port := relay.Port(); port != "" {
		name = net.JoinHostPort(name, port)
	}
	return relay.Scheme + "://" + name
}
