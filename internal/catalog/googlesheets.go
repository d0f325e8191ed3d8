package catalog

func googleSheets() Service {
	return Service{
		Short:   "Only the sheets you pick",
		Level:   "the sheets you picked",
		From:    "can read the sheets you picked from now on",
		Lead:    "Sign in with the Google account that can open the sheets.",
		Read:    []string{"Read the sheets you pick", "Read your email address, to show which account it is"},
		NotRead: []string{"Not see your password; you type it at Google only", "Not open other files in your Drive, nor mail or calendar"},
		Need:    "Leave every box on Google's page ticked.",
		Account: "account",
		Host:    "accounts.google.com",
		Sign:    "Proceed",
		Withdraw: []string{
			"Open your Google Account, then Security, then Third-party connections.",
			"Choose the app, then Delete all connections.",
		},
		Manage: Link{"Open Google connections", "https://myaccount.google.com/connections"},
	}
}
