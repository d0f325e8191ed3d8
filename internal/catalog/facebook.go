package catalog

import "github.com/latchkeyhq/latchkey/internal/onboarding"

func facebook(asked Asked) Service {
	said := Service{
		Short:   "Run ads and see results for the " + asked.Things() + " you pick",
		Level:   "run ads, see results",
		Purpose: "to run ads and see results",
		From:    "can run ads and see results from now on",
		Lead:    "Sign in with the Facebook user who looks after your " + asked.Things() + ".",
		Read:    []string{"The names of your " + asked.read() + " and Business Managers", "Your name, and your role in each of them"},
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
	if asked.Level == onboarding.LevelView {
		said.Short = "See the results of the " + asked.Things() + " you pick, and change nothing"
		said.Level, said.Purpose, said.From = "see results only", "to see results only", "can see results from now on"
	}
	return said
}

// read names what is read at the sign-in, as the beginning of a list.
func (a Asked) read() string {
	names := ""
	for i, kind := range a.All() {
		_, many := KindWords(kind)
		if i > 0 {
			names += ", "
		}
		names += many
		if kind == onboarding.Dataset {
			names += " (pixels)"
		}
	}
	return names
}
