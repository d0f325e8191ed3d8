package catalog

func facebook() Service {
	return Service{
		Short:   "Run ads and see results for the ad accounts and Pages you pick",
		Level:   "run ads, see results",
		From:    "can run ads and see results from now on",
		Lead:    "Sign in with the Facebook user who looks after your ad accounts and Pages.",
		Read:    []string{"The names of your ad accounts, Pages and Business Managers", "Your name, and your role in each of them"},
		NotRead: []string{"Your password; you type it at Facebook only", "Messages, friends, posts and photos", "Payment methods and billing"},
		Need:    "You need full control of what you share, and to be an admin of its Business Manager.",
		Hint:    "Facebook asks which Pages and businesses: tick all that may matter.",
		Account: "account",
		Host:    "www.facebook.com",
		Sign:    "Log In",
		Withdraw: []string{
			"Open Business settings at business.facebook.com.",
			"Choose Users, then Partners, then the agency's business.",
			"Remove single assets, or choose Remove to end all access.",
		},
		Manage: Link{"Open Business settings", "https://business.facebook.com/settings"},
		Help:   Link{"Facebook on partners", "https://www.facebook.com/business/help/708679622611131"},
	}
}
