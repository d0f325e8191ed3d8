package onboarding

import "time"

// TombstoneTTL is how long a hub may be away and still learn from tombstones
// what was deleted. The relay keeps them for longer.
const TombstoneTTL = 90 * 24 * time.Hour

// Limits bound the emails to clients, as set by the relay's operator. In
// addition, an address gets at most one email a minute from an agency.
type Limits struct {
	AgencyAddressesPerDay int `json:"agency_addresses_per_day"` // zero: 300
	RequestAddresses      int `json:"request_addresses"`        // per day; zero: 20
	// to one address: in total per request, and per day per agency; zero: 6
	AddressEmails int `json:"address_emails"`
	// to one address, requested by visitors of the link; zero: 3
	LinkEmailsPerDay int `json:"link_emails_per_day"`
}

// OrDefault replaces zeros by the defaults.
func (l Limits) OrDefault() Limits {
	if l.AgencyAddressesPerDay == 0 {
		l.AgencyAddressesPerDay = 300
	}
	if l.RequestAddresses == 0 {
		l.RequestAddresses = MaxRecipients
	}
	if l.AddressEmails == 0 {
		l.AddressEmails = 6
	}
	if l.LinkEmailsPerDay == 0 {
		l.LinkEmailsPerDay = 3
	}
	return l
}
