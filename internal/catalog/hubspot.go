package catalog

func hubSpot() Service {
	return Service{
		Short:   "Read and change contacts, read lists",
		Level:   "read contacts; more where your plan and user allow it",
		From:    "can use your contacts from now on",
		Lead:    "Sign in with a user who may connect apps.",
		Read:    []string{"Read your contacts and lists", "Add and change contacts"},
		NotRead: []string{"Not send emails, not change lists or settings"},
		Need:    "You need to be a Super Admin, or may connect apps.",
		Account: "portal",
		Host:    "app.hubspot.com",
		Sign:    "Proceed",
		Grant:   GrantOfAccount,
		Withdraw: []string{
			"In HubSpot open Settings, then Integrations, then Connected Apps.",
			"Choose Actions next to the app’s name, then Uninstall.",
		},
		Manage: Link{"Open HubSpot", "https://app.hubspot.com/"},
		Advice: WhichAccount,
		Optional: []Optional{
			{"crm.objects.contacts.write", "adding and changing contacts"},
			{"crm.schemas.contacts.read", "reading how contact properties are set up"},
			{"crm.lists.read", "reading lists"},
		},
		Bar: &Bar{
			Short: "Needs a Super Admin.",
			Why:   "Only a Super Admin may, or someone with App Marketplace access.",
			Ask:   "give me App Marketplace access there",
		},
		Help: Link{"HubSpot on connected apps", "https://knowledge.hubspot.com/integrations/manage-connected-apps"},
	}
}
