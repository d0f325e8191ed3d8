package onboarding

// Limits are how many letters the relay lets out, as its operator set them.
type Limits struct {
	AgencyAddressesADay int `json:"agency_addresses_a_day"` // zero: 300
	RequestAddresses    int `json:"request_addresses"`      // a day; zero: 20
	AddressLetters      int `json:"address_letters"`        // of one request to one address, in all; zero: 6
}

// OrDefault fills in what the operator left open.
func (l Limits) OrDefault() Limits {
	if l.AgencyAddressesADay == 0 {
		l.AgencyAddressesADay = 300
	}
	if l.RequestAddresses == 0 {
		l.RequestAddresses = MaxRecipients
	}
	if l.AddressLetters == 0 {
		l.AddressLetters = 6
	}
	return l
}
