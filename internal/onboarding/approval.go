package onboarding

// Failures of an item that an admin of the client has to approve at its platform. They are
// the catalog's codes.
const (
	approveInBusiness = "approve_in_business"
	approvedElsewhere = "approved_elsewhere"
)

// IsWaiting reports whether the item waits for what makes it connected.
func (i Item) IsWaiting() bool { return i.State == ItemWaiting && i.Withdrawn == 0 }

// WaitsForApproval reports whether the item waits until an admin of the client approves it,
// by the last check or, before the first, by the platform's answer to sharing it.
func (i Item) WaitsForApproval() bool {
	failure := i.Failure
	if i.Access.State != AccessUnknown {
		failure = i.Access.Failure
	}
	return i.IsWaiting() && (failure == approveInBusiness || failure == approvedElsewhere)
}
