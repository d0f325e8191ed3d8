package catalog

import (
	"fmt"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// OnlyRead ends the detail of a sheet that can be read and not written.
const OnlyRead = "can be read, not written"

// LevelOf is the level of items of one service, in plain words: the service's,
// but for sheets that can only be read.
func (s Service) LevelOf(items []onboarding.Item) string {
	reading := 0
	for _, i := range items {
		if strings.HasSuffix(i.Detail, OnlyRead) {
			reading++
		}
	}
	switch {
	case s.ID != onboarding.GoogleSheets || reading == 0:
		return s.Level
	case reading == len(items):
		return "read only"
	}
	return fmt.Sprintf("%s, %d of %d read only", s.Level, reading, len(items))
}

func googleSheets() Service {
	return Service{
		Short:   "Read and change the sheets you pick",
		Level:   "read and change",
		From:    "can open what stands below from now on",
		Lead:    "Sign in with the Google account that can change the sheets.",
		Read:    []string{"Read and change the sheets you pick", "Read your email address, to show which account it is"},
		NotRead: []string{"Not see your password; you type it at Google only", "Not open any other file in your Drive"},
		Need:    "If Google shows permissions to tick, leave them all ticked. If it shows your files, tick the sheets to connect.",
		Hint: "A sheet is picked whole, with all of its tabs. " +
			"If one is missing there, its owner has to share it with you first.",
		Account: "sheet",
		Host:    "accounts.google.com",
		Sign:    "Proceed",
		Grant:   GrantOfPerson,
		Withdraw: []string{
			"Open your Google Account, then Security, then Third-party connections.",
			"Choose the app, then Delete all connections.",
		},
		Manage: Link{"Open Google connections", "https://myaccount.google.com/connections"},
		Help:   Link{"Google on connected apps", "https://support.google.com/accounts/answer/13533235"},
		Before: &Before{
			Question: "Which sheets do you want to connect?",
			Lead:     "Either way, no other file in your Drive can be opened.",
			Options: []Option{
				{ID: "pick", Label: "Pick sheets I have", Hint: "You tick them on a page of Google, after signing in."},
				{ID: "new", Label: "Make a new sheet for the leads", Hint: "An empty one is made in your own Drive."},
			},
		},
		Bar: &Bar{
			Short: "Needs an admin of your Google Workspace.",
			Why:   "Some companies let only apps in that an admin of their Google Workspace has allowed.",
			Ask: "allow the app for us in the Admin console, under API controls; " +
				"it reads and changes only the sheets that we pick",
		},
	}
}
