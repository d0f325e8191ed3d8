package catalog

import "github.com/latchkeyhq/latchkey/internal/onboarding"

// EndingPlan describes what ending the agency's access to an item does, before a
// member decides. Each text is a sentence.
type EndingPlan struct {
	Ends  []string // what is ended
	Stays []string // what is not, or not by the agency
	Steps []string // how a user at the platform ends it, in order
	Place Link     // where they do that; may be empty
}

// PlanEnding describes what ending the access to args.Asset does. able means that
// the platform lets an app try; shares, that something else may hang on the same
// grant.
func (c *Catalog) PlanEnding(args Args, able, shares bool) EndingPlan {
	values := c.textsOf(WithdrawByHand, args).values
	text := func(id string) string { return c.print.TextOf("ending."+id, values) }
	service := c.Service(args.Service)
	plan := EndingPlan{Steps: service.Withdraw, Place: service.Manage}
	asset := args.Kind.IsShared() && args.Service == onboarding.Facebook
	switch {
	case asset && !shares:
		plan.Ends = append(plan.Ends, text("leaves_business"))
	case !asset:
		plan.Ends = append(plan.Ends, text("credential_deleted"))
	}
	if able && !service.ByHand && !shares {
		plan.Ends = append(plan.Ends, text("platform_asked"))
	}
	if args.Own {
		plan.Ends = append(plan.Ends, text("leaves_accounts_own"))
	} else {
		plan.Ends = append(plan.Ends, text("leaves_accounts"))
	}
	if service.ByHand || !able {
		plan.Stays = append(plan.Stays, text("by_hand"))
	} else if !shares {
		plan.Steps = nil
	}
	switch {
	case shares && asset:
		plan.Stays = append(plan.Stays, text("asset_shared"))
	case shares:
		plan.Stays = append(plan.Stays, text("shared"))
	}
	return plan
}

// PlanNamed describes what it does to end what a client named and a member has confirmed:
// which account it is, was never found.
func PlanNamed(c *Catalog, args Args) EndingPlan {
	values := c.textsOf(WithdrawByHand, args).values
	service := c.Service(args.Service)
	return EndingPlan{
		Ends:  []string{c.print.TextOf("ending.leaves_accounts", values)},
		Stays: []string{c.print.TextOf("ending.named", values)},
		Steps: service.Withdraw, Place: service.Manage,
	}
}

// PlanUnawaited describes what it does to end what a client only named, and nobody has found.
func PlanUnawaited(c *Catalog, args Args) EndingPlan {
	values := c.textsOf(NeverArrived, args).values
	return EndingPlan{Ends: []string{
		c.print.TextOf("ending.unawaited", values), c.print.TextOf("ending.leaves_accounts", values),
	}}
}

// Ended describes an access that is gone, as a call has proved.
func (c *Catalog) Ended(args Args) (title, message string) {
	values := c.textsOf(WithdrawByHand, args).values
	return c.print.TextOf("ended.title", values), c.print.TextOf("ended.message", values)
}
