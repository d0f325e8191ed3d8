package pages

import (
	"strings"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/collation"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Waiting are the choices that the client still has to do something for, or
// Facebook makes wait.
func (p ManualShare) Waiting() []Choice {
	var waiting []Choice
	for _, choice := range p.Choices {
		if choice.State == onboarding.ItemWaiting {
			waiting = append(waiting, choice)
		}
	}
	return waiting
}

// toShare are the choices the client shares by hand.
func (p ManualShare) toShare() []Choice { return p.waitingFor(catalog.ManualShare) }

// toApprove are the choices an admin of the client approves.
func (p ManualShare) toApprove() []Choice {
	return p.waitingFor(catalog.ApproveInBusiness, catalog.ApprovedElsewhere)
}

// toWait are the choices that only time helps.
func (p ManualShare) toWait() []Choice {
	var rest []Choice
	for _, choice := range p.Waiting() {
		switch choice.Failure {
		case catalog.ManualShare, catalog.ApproveInBusiness, catalog.ApprovedElsewhere:
		default:
			rest = append(rest, choice)
		}
	}
	return rest
}

func (p ManualShare) waitingFor(codes ...catalog.FailureCode) []Choice {
	var found []Choice
	for _, choice := range p.Waiting() {
		for _, code := range codes {
			if choice.Failure == code {
				found = append(found, choice)
			}
		}
	}
	return found
}

// matches reports whether an asset is what the client searches for, by name or id,
// folded and without spaces, as in the script.
func (a Asset) matches(query string) bool {
	query = squeezed(query)
	return query == "" || strings.Contains(squeezed(a.Name), query) ||
		strings.Contains(squeezed(a.ID+" "+a.Detail), query)
}

func squeezed(text string) string {
	return strings.Join(strings.Fields(collation.Fold(text)), "")
}

// canBeChosen reports whether the row has a checkbox that works: not what is
// connected already, nor what is on its way, nor what cannot be shared.
func (a Asset) canBeChosen() bool {
	switch a.State {
	case onboarding.ItemConnected, onboarding.ItemWaiting, onboarding.ItemSharing:
		return false
	}
	return a.Failure == nil || !a.Failure.Blocks
}
