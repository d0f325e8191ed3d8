package onboarding

import "slices"

// serviceNames and known are an example catalog.
func serviceNames() []string {
	return []string{"Facebook", "Mailchimp", "Salesforce", "Google Sheets", "HubSpot", "ActiveCampaign"}
}

func known(service Service) bool {
	return slices.Contains([]Service{Facebook, Mailchimp, Salesforce, GoogleSheets, HubSpot, ActiveCampaign}, service)
}
