package onboarding

// Limits are how many emails the relay lets out to clients, as its operator
// set them. Of one agency an address gets no two within a minute.
type Limits struct {
	AgencyAddressesPerDay int `json:"agency_addresses_per_day"` // zero: 300
	RequestAddresses      int `json:"request_addresses"`        // a day; zero: 20
	// to one address: of one request in all, and of one agency a day; zero: 6
	AddressEmails int `json:"address_emails"`
	// to one address, asked for by whoever has the link; zero: 3
	LinkEmailsPerDay int `json:"link_emails_per_day"`
}

// OrDefault fills in what the operator left open.
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
