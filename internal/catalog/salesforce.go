package catalog

func salesforce() Service {
	return Service{
		Short:   "Leads and contacts, with your user’s rights",
		Level:   "what your user may see and change",
		From:    "can use what your user may see and change from now on",
		Lead:    "Sign in with a user who may see contacts and add leads, and little else.",
		Read:    []string{"Add leads, read contacts and campaign members", "Do all else with records that your user may do", "Read the name of your organisation and your username"},
		NotRead: []string{"Not see your password; you type it at Salesforce only", "Not see or change more than your user may"},
		Need:    "Your Salesforce admin installs the app once, before you sign in.",
		Account: "organisation",
		Host:    "login.salesforce.com",
		Sign:    "Proceed",
		Withdraw: []string{
			"In Salesforce open Settings, then Connections under your personal information.",
			"Choose Revoke next to the app’s name.",
			"An admin can uninstall the app for everybody, in Setup under Installed Packages.",
		},
		Manage: Link{"Open Salesforce", "https://login.salesforce.com/"},
		Help:   Link{"Salesforce on installing an app", "https://help.salesforce.com/s/articleView?id=sf.distribution_installing_packages.htm"},
		Bar: &Bar{
			Short: "An admin installs the app first.",
			Why:   "An admin of your Salesforce installs the app once and decides who may use it.",
			Ask:   "let me use the app",
			Means: AdminMustInstall,
			Likely: "The error page can mean that the app is not installed in your Salesforce yet, that your user may not " +
				"use it, or that the address was mistyped. To enter the address again, choose Look again.",
		},
		Before: &Before{
			Question: "Where do you sign in to Salesforce?",
			Lead:     "The address of your own organisation works best.",
			Options: []Option{
				{
					ID: "domain", Label: "At our own address (My Domain)",
					Hint:  "The one that ends in my.salesforce.com. Setup shows it under My Domain.",
					Input: &Input{Label: "Your Salesforce address", Example: "acme.my.salesforce.com"},
				},
				{ID: "production", Label: "At login.salesforce.com", Hint: "Where most users sign in. Some apps are let in at the own address only."},
				{ID: "sandbox", Label: "At test.salesforce.com", Hint: "For a sandbox, a copy to try things in."},
			},
		},
	}
}
