package meta

import "github.com/latchkeyhq/latchkey/internal/catalog"

// accountStatus is an ad account's account_status; zero: Facebook does not tell.
// https://developers.facebook.com/docs/marketing-api/reference/ad-account/
type accountStatus int

// failure is what the status keeps the account from; empty: nothing that Facebook
// documents. All of it can be shared.
func (s accountStatus) failure() catalog.FailureCode {
	switch s {
	case 2, 3, 7, 8:
		return catalog.AccountRestricted
	case 9:
		return catalog.PaymentOverdue
	case 100, 101:
		return catalog.AccountClosed
	}
	return ""
}

// code is Facebook's name of a status that has a failure.
func (s accountStatus) code() string {
	return map[accountStatus]string{
		2: "DISABLED", 3: "UNSETTLED", 7: "PENDING_RISK_REVIEW", 8: "PENDING_SETTLEMENT", 9: "IN_GRACE_PERIOD",
		100: "PENDING_CLOSURE", 101: "CLOSED",
	}[s]
}
