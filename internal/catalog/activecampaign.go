package catalog

func activeCampaign() Service {
	return Service{
		Short:   "Lists and contacts, by a key you can end",
		Level:   "all that the key's user can do",
		From:    "can use your lists and contacts from now on",
		Lead:    "ActiveCampaign has no sign-in for this, so it takes an address and a key.",
		Read:    []string{"Read and update your lists and contacts", "Do all else that the key's user can do"},
		NotRead: []string{"Not see your password"},
		Need:    "You need to see Settings, then Developer.",
		Account: "account",
		Sign:    "Proceed",
		ByHand:  true,
		Withdraw: []string{
			"In ActiveCampaign open Settings, then Developer.",
			"Choose Reset API key. A key of its own user ends when you delete that user.",
		},
		Manage: Link{"Open ActiveCampaign", "https://www.activecampaign.com/login"},
		Advice: KeyIsPersonal,
		Key: &Key{
			Asked:   "lists and contacts",
			Example: "https://yourname.api-us1.com",
			Place:   "Settings, then Developer",
			Find: []Step{
				{"In ActiveCampaign choose ", "Settings", ", at the lower left."},
				{"Open ", "Developer", "."},
			},
		},
		Help: Link{"Their own guide", "https://help.activecampaign.com/hc/en-us/articles/207317590-Getting-started-with-the-API"},
	}
}
