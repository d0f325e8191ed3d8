package onboarding

import "slices"

// serviceNames are of an example catalog.
func serviceNames() []string {
	return []string{"Facebook", "Mailchimp", "Salesforce", "Google Sheets", "HubSpot", "ActiveCampaign"}
}

// known is of the same.
func known(service Service) bool {
	return slices.Contains([]Service{Facebook, Mailchimp, Salesforce, GoogleSheets, HubSpot, ActiveCampaign}, service)
}
