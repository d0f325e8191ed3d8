// Package catalog holds what can be asked for and what can go wrong, as data:
// services, failures, and the words for both.
//
// Wizard, letters, receipt and hub take their words from here, so a thing is
// said once. Everything it gives is plain text: whoever shows it escapes it.
// It decides nothing and knows no request.
package catalog

import (
	"strconv"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Service is one service as a client reads about it.
type Service struct {
	ID       onboarding.Service
	Name     string
	Short    string   // what is asked for, one line
	Level    string   // the level in plain words, as the receipt says it
	From     string   // what the agency can do "from now on", after its name: "can read your contacts from now on"
	Lead     string   // who should sign in, one sentence
	Read     []string // Facebook: what is read at the sign-in; a CRM: what the agency can do, as verbs
	NotRead  []string // what is not, or what it cannot
	Need     string   // the role that is needed; empty: any
	Hint     string   // what to do on the platform's page; may be empty
	Account  string   // what the platform calls one account: "portal"
	Host     string   // where the client signs in; empty: they do not
	Sign     string   // the label of the link that leads there: "Log In" or "Proceed"
	Withdraw []string // how to take access back, in order
	Manage   Link     // where that is done
	Help     Link     // the platform's own help for this step; may be empty
}

// Link is an address with its label.
type Link struct {
	Label string
	URL   string
}

// Services lists every service in the order in which a client meets them.
func Services() []Service {
	var all []Service
	for _, id := range onboarding.Services() {
		all = append(all, Of(id))
	}
	return all
}

// Of gives the words for one service. An unknown one has its id for a name and
// nothing else: a newer relay may know more than an older hub.
func Of(id onboarding.Service) Service {
	switch id {
	case onboarding.Facebook:
		return Service{
			ID: id, Name: "Facebook",
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
	case onboarding.Mailchimp:
		return Service{
			ID: id, Name: "Mailchimp",
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
	case onboarding.Salesforce:
		return Service{
			ID: id, Name: "Salesforce",
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
	case onboarding.GoogleSheets:
		return Service{
			ID: id, Name: "Google Sheets",
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
	case onboarding.HubSpot:
		return Service{
			ID: id, Name: "HubSpot",
			Short:   "Read contacts",
			Level:   "read contacts",
			From:    "can read your contacts from now on",
			Lead:    "Sign in with a user who may connect apps.",
			Read:    []string{"Read your contacts and their properties"},
			NotRead: []string{"Not change or delete anything, not send emails"},
			Need:    "You need to be a Super Admin, or may connect apps.",
			Account: "portal",
			Host:    "app.hubspot.com",
			Sign:    "Proceed",
			Withdraw: []string{
				"In HubSpot open Settings, then Integrations, then Connected Apps.",
				"Choose Actions next to the app's name, then Uninstall.",
			},
			Manage: Link{"Open HubSpot", "https://app.hubspot.com/"},
			Help:   Link{"HubSpot on connected apps", "https://knowledge.hubspot.com/integrations/manage-connected-apps"},
		}
	case onboarding.ActiveCampaign:
		return Service{
			ID: id, Name: "ActiveCampaign",
			Short:   "Lists and contacts, by a key you can end",
			Level:   "all that the key's user can do",
			From:    "can use your lists and contacts from now on",
			Lead:    "ActiveCampaign has no sign-in for this, so it takes an address and a key.",
			Read:    []string{"Read and update your lists and contacts", "Do all else that the key's user can do"},
			NotRead: []string{"Not see your password"},
			Need:    "You need to see Settings, then Developer.",
			Account: "account",
			Sign:    "Proceed",
			Withdraw: []string{
				"In ActiveCampaign open Settings, then Developer.",
				"Choose Reset API key. A key of its own user ends when you delete that user.",
			},
			Manage: Link{"Open ActiveCampaign", "https://www.activecampaign.com/login"},
			Help:   Link{"Their own guide", "https://help.activecampaign.com/hc/en-us/articles/207317590-Getting-started-with-the-API"},
		}
	}
	return Service{ID: id, Name: string(id), Sign: "Proceed", Account: "account"}
}

// Kind names a kind of item, as a client reads it.
func Kind(kind onboarding.Kind) string {
	switch kind {
	case onboarding.AdAccount:
		return "Ad account"
	case onboarding.Page:
		return "Page"
	}
	return "Account"
}

// State is the one word for an item's state.
func State(state onboarding.ItemState) string {
	switch state {
	case onboarding.ItemSharing:
		return "Sharing"
	case onboarding.ItemConnected:
		return "Connected"
	case onboarding.ItemWaiting:
		return "Waiting"
	case onboarding.ItemFailed:
		return "Not connected"
	}
	return "Not yet"
}

// Day is a date as clients read it, in onboarding's form. Never is "".
func Day(m onboarding.Moment) string {
	if m == 0 {
		return ""
	}
	return onboarding.Day(m)
}

// DayAndTime is a moment as clients read it, in onboarding's form: with weekday
// and time zone. Never is "".
func DayAndTime(m onboarding.Moment) string {
	if m == 0 {
		return ""
	}
	return onboarding.DayAndTime(m)
}

// Clock is a time of day with its zone: "14:32 UTC". Never is "".
func Clock(m onboarding.Moment) string {
	if m == 0 {
		return ""
	}
	return m.Time().Format("15:04") + " UTC"
}

// Count says how many in words a person would use: "1 Page", "2 Pages", "no Pages".
func Count(n int, one, many string) string {
	switch n {
	case 0:
		return "no " + many
	case 1:
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// List joins names as in a sentence: "Mailchimp, HubSpot and Salesforce".
func List(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// Grouped sets a long number in groups of four, so that it can be compared by
// eye: "1184 2090 3317 552". What is not all digits stays as it is.
func Grouped(id string) string {
	if len(id) <= 4 || strings.Trim(id, "0123456789") != "" {
		return id
	}
	var grouped strings.Builder
	for i, digit := range id {
		if i > 0 && i%4 == 0 {
			grouped.WriteByte(' ')
		}
		grouped.WriteRune(digit)
	}
	return grouped.String()
}

// FirstName is how a person is greeted: the first word of what they typed.
func FirstName(name string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(name), " ")
	return first
}
