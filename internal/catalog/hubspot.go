package catalog

func hubSpot() Service {
	return Service{
		Short:   "Read contacts",
		Level:   "read contacts",
		From:    "can read your contacts from now on",
		Lead:    "Sign in with a user who may connect apps.",
		Read:    []string{"Read your contacts and their properties"},
		NotRead: []string{"Not change or delete anything, not send emails"},
		Need:    "You need to be a Super Admin, or may connect apps.",
		Account: "portal",
		Host:    "app.hubspot.com",
		Sign:    "Proceed",
		Withdraw: []string{
			"In HubSpot open Settings, then Integrations, then Connected Apps.",
			"Choose Actions next to the app's name, then Uninstall.",
		},
		Manage: Link{"Open HubSpot", "https://app.hubspot.com/"},
		Advice: WhichAccount,
		Bar: &Bar{
			Short: "Needs a Super Admin.",
			Why:   "Only a Super Admin may, or someone with App Marketplace access.",
			Ask:   "give me App Marketplace access there",
		},
		Help: Link{"HubSpot on connected apps", "https://knowledge.hubspot.com/integrations/manage-connected-apps"},
	}
}
