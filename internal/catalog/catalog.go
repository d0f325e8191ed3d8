// Package catalog holds what can be asked for and what can go wrong, as data:
// services, failures, and the words for both.
//
// Wizard, letters, receipt and hub take their words from here, so a thing is
// said once. Everything it gives is plain text: whoever shows it escapes it.
// It decides nothing and knows no request.
package catalog

import (
	"slices"
	"strconv"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Service is one service as a client reads about it.
type Service struct {
	ID       onboarding.Service
	Name     string
	Short    string      // what is asked for, one line
	Level    string      // the level in plain words, as the receipt says it
	Purpose  string      // Facebook: what it is asked for, after what is asked: "to run ads and see results"
	From     string      // what the agency can do "from now on", after its name: "can read your contacts from now on"
	Lead     string      // who should sign in, one sentence
	Read     []string    // Facebook: what is read at the sign-in; a CRM: what the agency can do, as verbs
	NotRead  []string    // what is not, or what it cannot
	Need     string      // what the client has to be or to leave as it is, one sentence; empty for a service that is not known here
	Hint     string      // what to do on the platform's page; may be empty
	Account  string      // what the platform calls one account: "portal"
	Host     string      // where the client signs in; empty: they do not
	Sign     string      // the label of the link that leads there: "Log In" or "Proceed"
	Withdraw []string    // how to take access back, in order
	ByHand   bool        // the platform has no call by which an app could end an access
	Grant    GrantScope  // what ends together with an access
	Manage   Link        // where that is done
	Help     Link        // the platform's own help for this step; may be empty
	Advice   FailureCode // what to know about an account that was connected; empty: nothing
	Key      *Key        // what is typed where there is no sign-in; nil: there is one
	Before   *Before     // what the client is asked before they leave; nil: nothing
	Optional []Optional  // what is asked for and not everybody's plan or user includes
	Role     string      // the roles that may connect an account: "Manager, Admin or Owner"; empty: the platform names none
	Bar      *Bar        // who is stopped on a page of the platform from which nobody is sent back; nil: everybody comes back
}

// GrantScope is what a platform ends together with an access that an app ends.
type GrantScope string

// GrantOfItem is the zero value: the access to one item ends alone.
const (
	GrantOfItem    GrantScope = ""
	GrantOfAccount GrantScope = "account" // with it all accesses to the same account
	GrantOfPerson  GrantScope = "person"  // with it all that the same person gave the app
)

// Shared says whether ending an access may end another one too: account, that
// another item of the same account lives; person, one that the same person
// connected.
func (g GrantScope) Shared(account, person bool) bool {
	return g == GrantOfAccount && account || g == GrantOfPerson && person
}

// Before is what a client is asked before they leave for a platform: where they
// sign in, or what they want to connect.
type Before struct {
	Question string // a heading: "Where do you sign in to Salesforce?"
	Lead     string // one sentence below it; may be empty
	Options  []Option
}

// Option is one answer to Before. The first one is chosen to begin with.
type Option struct {
	ID    string // as the driver's Target takes it
	Label string
	Hint  string // one sentence; may be empty
	Input *Input // what is typed beside it; nil: nothing
}

// Input is a field beside an Option.
type Input struct {
	Label   string
	Example string
}

// Key says what is typed in place of a sign-in, and where that is found.
type Key struct {
	Asked   string // what is asked for, beside the name: "lists and contacts"
	Example string // what the address looks like
	Place   string // where address and key stand: "Settings, then Developer"
	Find    []Step // the way there
}

// Optional is a scope that a sign-in also works without.
type Optional struct {
	Scope   string // as the platform names it
	Feature string // what it is for: "reading lists"
}

// Features says in words what is missing without some optional scopes; empty:
// nothing that there are words for.
func (s Service) Features(missing []string) string {
	var list []string
	for _, optional := range s.Optional {
		if slices.Contains(missing, optional.Scope) {
			list = append(list, optional.Feature)
		}
	}
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	last := len(list) - 1
	return strings.Join(list[:last], ", ") + " and " + list[last]
}

// Step is one step on a platform's page. Name is what stands written there.
type Step struct{ Text, Name, Rest string }

// Bar says who may connect apps where not everybody may.
type Bar struct {
	Short string // "Needs a Super Admin."
	Why   string // who may, one sentence
	Ask   string // what somebody who may could do for who may not: "give me …"
	// Means is the failure that the platform's error page stands for; empty:
	// MayNotConnect.
	Means FailureCode
	// Likely is what the page can stand for, and what to do about each; empty:
	// as the failure says it.
	Likely string
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
func Of(id onboarding.Service) Service { return Asked{}.Of(id) }

// Asked is what a request asks for at Facebook: beside ad accounts and Pages,
// and to what end. The zero Asked is neither more nor less than the usual.
type Asked struct {
	Level onboarding.AccessLevel
	Kinds []onboarding.Kind
}

// AskedBy is what a request asks for at Facebook.
func AskedBy(r onboarding.Request) Asked { return Asked{Level: r.Level, Kinds: r.Kinds} }

// Usual says whether it is what every request asks for.
func (a Asked) Usual() bool {
	return a.Level.OrDefault() == onboarding.LevelAdvertise && len(a.Kinds) == 0
}

// All lists the kinds that are asked for, ad accounts and Pages first.
func (a Asked) All() []onboarding.Kind {
	return append([]onboarding.Kind{onboarding.AdAccount, onboarding.Page}, onboarding.SortKinds(a.Kinds)...)
}

// Things names what is asked for: "ad accounts, Pages and datasets".
func (a Asked) Things() string {
	var names []string
	for _, kind := range a.All() {
		_, many := KindWords(kind)
		names = append(names, many)
	}
	return List(names)
}

// Of gives the words for one service as a request asks for it.
func (a Asked) Of(id onboarding.Service) Service {
	said := a.entry(id)
	said.ID, said.Name = id, id.Name()
	return said
}

// entry is what is written about a service, in a file of its own.
func (a Asked) entry(id onboarding.Service) Service {
	switch id {
	case onboarding.Facebook:
		return facebook(a)
	case onboarding.Mailchimp:
		return mailchimp()
	case onboarding.Salesforce:
		return salesforce()
	case onboarding.GoogleSheets:
		return googleSheets()
	case onboarding.HubSpot:
		return hubSpot()
	case onboarding.ActiveCampaign:
		return activeCampaign()
	}
	return Service{Sign: "Proceed", Account: "account"}
}

// Kind names a kind of item, as a client reads it.
func Kind(kind onboarding.Kind) string {
	switch kind {
	case onboarding.AdAccount:
		return "Ad account"
	case onboarding.Page:
		return "Page"
	case onboarding.Dataset:
		return "Dataset"
	case onboarding.InstagramAccount:
		return "Instagram account"
	case onboarding.Catalogue:
		return "Catalogue"
	case onboarding.Sheet:
		return "Sheet"
	}
	return "Account"
}

// CountKind says how many of a kind there are: "2 ad accounts", "1 Page", "no sheets".
func CountKind(n int, kind onboarding.Kind) string {
	one, many := KindWords(kind)
	return Count(n, one, many)
}

// KindWords are what one and several of a kind are called in the middle of a
// sentence: "ad account", "ad accounts".
func KindWords(kind onboarding.Kind) (one, many string) {
	switch kind {
	case onboarding.AdAccount:
		return "ad account", "ad accounts"
	case onboarding.Page:
		return "Page", "Pages"
	case onboarding.Dataset:
		return "dataset", "datasets"
	case onboarding.InstagramAccount:
		return "Instagram account", "Instagram accounts"
	case onboarding.Catalogue:
		return "catalogue", "catalogues"
	case onboarding.Sheet:
		return "sheet", "sheets"
	}
	return "account", "accounts"
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
	case onboarding.ItemEnded:
		return "Ended"
	}
	return "Not yet"
}

// Day is a date as clients read it, in onboarding's form. Never is "".
func Day(m onboarding.Timestamp) string {
	if m == 0 {
		return ""
	}
	return onboarding.Day(m)
}

// DayAndTime is a moment as clients read it, in onboarding's form: with weekday
// and time zone. Never is "".
func DayAndTime(m onboarding.Timestamp) string {
	if m == 0 {
		return ""
	}
	return onboarding.DayAndTime(m)
}

// Clock is a time of day with its zone: "14:32 UTC". Never is "".
func Clock(m onboarding.Timestamp) string {
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
