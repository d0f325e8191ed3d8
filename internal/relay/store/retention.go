package store

import "github.com/latchkeyhq/latchkey/internal/onboarding"

// How long rows are stored that belong to a client. The relay's text about privacy and
// docs/relay.md name these figures.
const (
	CompletedMonths   = 13       // a completed request
	EndedRetention    = 90 * day // an expired or withdrawn request
	VisitRetention    = 1 * day  // a visit without a receipt, from the request's end
	EmailRetention    = 90 * day // that an email was sent
	DeliveryRetention = 90 * day // a sealed credential that no device has fetched
)

// forgetConnected is when a completed request is forgotten.
func forgetConnected(completed onboarding.Timestamp) onboarding.Timestamp {
	return onboarding.TimestampOf(completed.Time().AddDate(0, CompletedMonths, 0))
}
