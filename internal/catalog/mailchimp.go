package catalog

func mailchimp() Service {
	return Service{
		Short:   "Audiences and campaigns of one account",
		Level:   "audiences and campaigns",
		From:    "can use your audiences and campaigns from now on",
		Lead:    "Sign in with a user who may manage the account.",
		Read:    []string{"Read and update your audiences and their contacts", "Read and prepare campaigns, see their results"},
		NotRead: []string{"Not see your password; you type it at Mailchimp only", "Not reach billing or payment methods"},
		Need:    "You need to be a Manager, Admin or Owner of the account.",
		Account: "account",
		Host:    "login.mailchimp.com",
		Sign:    "Proceed",
		Withdraw: []string{
			"In Mailchimp open Profile, then Extras, then Registered apps.",
			"Choose Revoke next to the app's name.",
		},
		Manage: Link{"Open Mailchimp", "https://login.mailchimp.com/"},
	}
}
