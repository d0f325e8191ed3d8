package catalog

func salesforce() Service {
	return Service{
		Short:   "Read and update the records you can see",
		Level:   "records your user can see",
		From:    "can use the records your user can see from now on",
		Lead:    "Sign in with the user whose records are meant.",
		Read:    []string{"Read and update contacts, leads and campaigns that your user can see", "Read the name of your organisation"},
		NotRead: []string{"Not see your password; you type it at Salesforce only", "Not see or change more than your user can"},
		Need:    "Your Salesforce admin may have to approve the app first.",
		Account: "organisation",
		Host:    "login.salesforce.com",
		Sign:    "Proceed",
		Withdraw: []string{
			"In Salesforce open Settings, then Connections under your personal information.",
			"Choose Revoke next to the app's name.",
		},
		Manage: Link{"Open Salesforce", "https://login.salesforce.com/"},
	}
}
