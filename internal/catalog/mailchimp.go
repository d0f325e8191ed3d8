package catalog

func mailchimp() Service {
	return Service{
		Short: "Audiences, contacts and campaigns of one account",
		Level: "full access to one account",
		From:  "can use your audiences, contacts and campaigns from now on",
		Lead:  "Sign in with a user who may manage the account.",
		Read: []string{
			"Read and update your audiences and their contacts",
			"Read and prepare campaigns, see their results",
		},
		NotRead: []string{
			"Not see your password; you type it at Mailchimp only",
			"Not reach your payment methods",
		},
		Need:    "You need to be a Manager, Admin or Owner of the account.",
		Role:    "Manager, Admin or Owner",
		Account: "account",
		Host:    "login.mailchimp.com",
		Sign:    "Proceed",
		ByHand:  true,
		Withdraw: []string{
			"In Mailchimp open Profile, then Extras, then Registered apps.",
			"Choose Revoke next to the app’s name.",
		},
		Manage: Link{"Open Mailchimp", "https://login.mailchimp.com/"},
		Advice: WhichAccount,
		Help:   Link{"Mailchimp on user levels", "https://mailchimp.com/help/manage-user-levels-in-your-account/"},
	}
}
