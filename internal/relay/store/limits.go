package store

import "github.com/latchkeyhq/latchkey/internal/onboarding"

// checkRequestLimit counts the recipients that a request writes to in a day: the
// earlier ones and these, each once.
func checkRequestLimit(c *changeTx, request string, recipients []string, limits onboarding.Limits) error {
	var before int
	list, args := inClause(recipients, request, EmailInvitation, c.now-day)
	if err := c.row(`
		SELECT count(DISTINCT recipient) FROM emails
		WHERE request = $1 AND kind = $2 AND created_ms > $3 AND NOT recipient `+list, args...).Scan(&before); err != nil {
		return err
	}
	if before+len(recipients) > limits.OrDefault().RequestAddresses {
		return onboarding.ErrRateLimited
	}
	return nil
}

// checkAgencyLimit counts the addresses that the agency wrote to in a day, with
// those of this transaction and those of requests that were deleted.
func checkAgencyLimit(c *changeTx, limits onboarding.Limits) error {
	var addresses int
	if err := c.row(`
		SELECT count(DISTINCT address_hash) FROM send_log
		WHERE agency = $1 AND at_ms > $2 AND kind = $3`, c.agency, c.now-day, EmailInvitation).Scan(&addresses); err != nil {
		return err
	}
	if addresses > limits.OrDefault().AgencyAddressesPerDay {
		return onboarding.ErrRateLimited
	}
	return nil
}

// checkAddressLimits allows an address one email a minute from the whole agency,
// and a number a day: fewer of those that a client with the link asks for.
func checkAddressLimits(c *changeTx, kind EmailKind, hashes [][]byte, limits onboarding.Limits) error {
	limits = limits.OrDefault()
	today, newest := 0, onboarding.Timestamp(0)
	for _, hash := range hashes {
		var n int
		var at onboarding.Timestamp
		if err := c.row(`
			SELECT COALESCE(sum(CASE WHEN kind = $1 THEN 1 ELSE 0 END), 0), COALESCE(max(at_ms), 0) FROM send_log
			WHERE agency = $2 AND at_ms > $3 AND address_hash = $4`,
			kind, c.agency, c.now-day, hash).Scan(&n, &at); err != nil {
			return err
		}
		today, newest = today+n, max(newest, at)
	}
	maxToday := limits.AddressEmails
	if kind == EmailPhoneLink {
		maxToday = limits.LinkEmailsPerDay
	}
	if newest > c.now-minute || today >= maxToday {
		return onboarding.ErrRateLimited
	}
	return nil
}
