package catalog

import "github.com/latchkeyhq/latchkey/internal/onboarding"

// DescribeRepair is why a client is asked to connect or share an item again, for clients:
// what a check found, else that its credential was lost.
func DescribeRepair(c *Catalog, i onboarding.Item, agency string, asked Asked) Failure {
	code := FailureCode(i.Access.Failure)
	if i.Access.State != onboarding.AccessBroken || !code.IsRepairable() {
		code = CredentialLost
	}
	return describeItem(c, code, i, agency, asked)
}

// DescribeBroken is what a check of an item found, for clients.
func DescribeBroken(c *Catalog, i onboarding.Item, agency string, asked Asked) Failure {
	return describeItem(c, FailureCode(i.Access.Failure), i, agency, asked)
}

func describeItem(c *Catalog, code FailureCode, i onboarding.Item, agency string, asked Asked) Failure {
	return c.Describe(code, Args{
		Agency: agency, Asset: i.Name, Service: i.Service, Kind: i.Kind, When: i.Access.Since, Name: i.PlatformBy,
		Account: i.Name, Code: i.Access.Code, Asked: asked, Found: true, Repair: true,
	})
}

// IsRepairable reports whether a client repairs a failure, by its code, by connecting or
// sharing the item again.
func IsRepairable(code string) bool { return FailureCode(code).IsRepairable() }
