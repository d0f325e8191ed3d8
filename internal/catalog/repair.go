package catalog

import "github.com/latchkeyhq/latchkey/internal/onboarding"

// DescribeRepair is why a client is asked to connect or share an item again, for clients:
// what a check found, else that its credential was lost.
func DescribeRepair(c *Catalog, i onboarding.Item, agency string, asked Asked) Failure {
	code := FailureCode(i.Access.Failure)
	if i.Access.State != onboarding.AccessBroken || code == "" {
		code = CredentialLost
	}
	return c.Describe(code, Args{
		Agency: agency, Asset: i.Name, Service: i.Service, Kind: i.Kind, When: i.Access.Since, Name: i.PlatformBy,
		Account: i.Name, Code: i.Access.Code, Asked: asked,
	})
}
