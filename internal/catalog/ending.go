package catalog

import (
	"slices"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// EndingPlan says what ending the agency's access to an item does, before a
// member decides. Each text is a sentence.
type EndingPlan struct {
	Ends  []string // what is ended
	Stays []string // what is not, or not by the agency
	Steps []string // how a user at the platform ends it, in order
	Place Link     // where they do that; may be empty
}

// PlanEnding describes what ending the access to f.Asset does. able says that
// the platform lets an app try; shares, that something else may hang on the same
// grant.
func PlanEnding(f Facts, able, shares bool) EndingPlan {
	f = f.filled()
	service := Of(f.Service)
	plan := EndingPlan{Steps: service.Withdraw, Place: service.Manage}
	if f.Kind.IsShared() && f.Service == onboarding.Facebook {
		plan.Ends = append(plan.Ends, start(f.Asset)+" leaves your Business Manager, and campaigns with it are no longer yours to change.")
	} else {
		plan.Ends = append(plan.Ends, "The credential of "+f.Asset+" is deleted from every computer of your agency.")
	}
	if able && !service.ByHand && !shares {
		plan.Ends = append(plan.Ends, start(f.platform())+" is asked to end the access, and then whether it is gone.")
	}
	if !f.Own {
		plan.Ends = append(plan.Ends, "It leaves Accounts and stays in its request, with the day and your name.")
	} else {
		plan.Ends = append(plan.Ends, "It leaves Accounts.")
	}
	if service.ByHand || !able {
		plan.Stays = append(plan.Stays, start(f.platform())+" lets no app end an access. A user there does it:")
	} else if !shares {
		plan.Steps = nil
	}
	if shares {
		plan.Stays = append(plan.Stays, "Another account may end together with this one, so "+f.platform()+
			" is not asked to end it. The access there ends with the last one, or when a user there ends it.")
	}
	return plan
}

// Ended describes an access that is gone, as a call has proved.
func Ended(f Facts) (title, sentence string) {
	f = f.filled()
	return "Access to " + f.Asset + " has ended", start(f.platform()) + " was asked once more: the access is gone."
}

// endingNote is a note for a user at the platform who ends the access there.
func (f Facts) endingNote() string {
	steps := slices.Clone(Of(f.Service).Withdraw)
	hello := "Hello"
	if name := FirstName(f.By); name != "" {
		hello += " " + name
	}
	note := hello + ", we no longer work with " + f.Asset + ". Please end our access at " + f.platform()
	if len(steps) == 0 {
		return note + ". Thank you."
	}
	return note + ": " + strings.Join(steps, " ") + " Thank you."
}
