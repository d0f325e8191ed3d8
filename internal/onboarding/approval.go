package onboarding

// Failures of an item that an admin of the client has to approve at its platform. They are
// the catalog's codes.
const (
	approveInBusiness = "approve_in_business"
	approvedElsewhere = "approved_elsewhere"
)

// IsWaiting reports whether the item waits for what makes it connected.
func (i Item) IsWaiting() bool { return i.State == ItemWaiting && i.Withdrawn == 0 }

// IsAwaited reports whether the item is still to come: it waits or, as the last check says, it
// is connected and does not work yet.
func (i Item) IsAwaited() bool {
	return i.IsWaiting() || i.State == ItemConnected && i.Withdrawn == 0 && i.Access.State == AccessWaiting &&
		!i.IsConfirmed()
}

// CountArrived counts what has arrived of items, and what is still awaited. All that a client
// shared or named is there only if nothing is awaited.
func CountArrived(items []Item) (arrived, awaited int) {
	for _, i := range items {
		switch {
		case i.IsAwaited():
			awaited++
		case i.State == ItemConnected && i.Withdrawn == 0:
			arrived++
		}
	}
	return arrived, awaited
}

// WaitsForApproval reports whether the item waits until an admin of the client approves it,
// by the last check or, before the first, by the platform's answer to sharing it.
func (i Item) WaitsForApproval() bool {
	failure := i.Failure
	if i.Access.State != AccessUnknown {
		failure = i.Access.Failure
	}
	return i.IsWaiting() && (failure == approveInBusiness || failure == approvedElsewhere)
}
