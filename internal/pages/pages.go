// Package pages holds every page a client sees on the relay: one typed struct
// for each, its template, and the style sheet and script of all.
//
// A page reads no request, no database and no HTTP: the caller fills
// the struct, picks the status and sets the headers. Nothing in a page is
// inline style or script, and no page needs script to work. The hub renders
// the same structs for its previews.
package pages

import (
	"github.com/a-h/templ"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// The names of the form fields, as the handlers read them.
const (
	FieldName      = "name"       // AboutYou
	FieldEmail     = "email"      // AboutYou, PhoneRefused, Report
	FieldAdAccount = "ad_account" // FacebookAssets: one value for each ticked ad account
	FieldPage      = "page"       // FacebookAssets: one value for each ticked Page
	FieldSearchAds = "find_ad"    // FacebookAssets, in a GET: what the ad accounts are searched for
	FieldSearchPgs = "find_page"  // FacebookAssets, in a GET: what the Pages are searched for; see FieldSearch
	FieldReason    = "reason"     // Skip
	FieldAPIURL    = "api_url"    // KeyForm
	FieldAPIKey    = "api_key"    // KeyForm
	FieldUseURL    = "use_url"    // KeyForm: the repaired URL, when its button was pressed; it goes before FieldAPIURL
	FieldText      = "text"       // Report
	FieldOption    = "option"     // Choosing: the id of the chosen option
	FieldTyped     = "typed"      // Choosing: what was typed beside it, by the option's id
	FieldUseTyped  = "use_typed"  // Choosing: the corrected text, when its button was pressed
)

// FieldTicked is the field of FacebookAssets with one value for each ticked
// asset of a kind.
func FieldTicked(kind onboarding.Kind) string { return string(kind) }

// FieldSearch is the field of FacebookAssets, in a GET, with what a kind's list
// is searched for.
func FieldSearch(kind onboarding.Kind) string {
	switch kind {
	case onboarding.AdAccount:
		return FieldSearchAds
	case onboarding.Page:
		return FieldSearchPgs
	}
	return "find_" + string(kind)
}

// TouchCookie is the cookie by which script tells that a Macintosh has touch
// points, so that it is a tablet (value "1"). A style sheet tells the same to
// the address Frame.Touch leads to.
const TouchCookie = "touch"

// Page is one page. Only the structs of this package are.
type Page interface {
	// Component is what stands inside the frame.
	Component(r *Renderer) templ.Component
	frame() *Frame
	layout(r *Renderer) layout
}

// Frame is what stands around a page. Each page embeds one. Its zero value is
// a page of the relay itself, without an agency: neutral, in petrol.
type Frame struct {
	Company string // the name clients read in sentences: Agency.CompanyName(); empty: no agency is known
	// white-label is on: Company and Logo stand in the bar; off: "Secure access request", petrol, no mark
	Branded bool
	Logo    string // address of the logo's PNG; empty: the name alone. Not shown unless Branded
	// address of the brand's style sheet (onboarding.Palettes.CSS); empty: petrol. Not used unless Branded
	Style string
	// address of the style sheet that finds tablets, for Macintosh user agents only; empty: none
	Touch   string
	Host    string // the relay's own public host, as the address bar shows it
	Help    string // address of the Help page; empty: no link
	Genuine string // address of the Genuine page; empty: no link
	Report  string // address of the Report page; empty: no link
	// the operator's texts, in the footer
	Documents []DocumentLink
	// the operator's name for the agency, for the footer; empty: it names the operator alone
	Agency   string
	Operator string               // who runs the relay
	Expires  onboarding.Timestamp // when the link ends, in the foot; zero: not shown
	ReplyTo  string               // the address for questions, in the foot and in Help; empty: not shown
	Steps    []Step               // the progress line, from Progress; nil: none
	// somebody else has started too (F7): a notice below the page
	OtherVisitorPresent bool
	OtherVisitor        string // their first name; empty: unknown
	Demo                bool   // striped edge, and a sentence that all people are made up
}

// StepName is a step of the progress line, as the id of its message.
type StepName string

// The steps. Only those exist that the request has services for.
const (
	StepAboutYou  StepName = "step.about_you"
	StepFacebook  StepName = "step.facebook"
	StepPlatforms StepName = "step.platforms"
	StepSummary   StepName = "step.summary"
	StepAllDone   StepName = "" // every step is done
)

// Step is one part of the progress line.
type Step struct {
	Name StepName
	Done bool
	Now  bool
}

// Progress is the progress line of a request for these services.
func Progress(services []onboarding.Service, now StepName) []Step {
	steps := []Step{{Name: StepAboutYou}}
	facebook, others := false, false
	for _, service := range services {
		facebook = facebook || service == onboarding.Facebook
		others = others || service != onboarding.Facebook
	}
	if facebook {
		steps = append(steps, Step{Name: StepFacebook})
	}
	if others {
		steps = append(steps, Step{Name: StepPlatforms})
	}
	steps = append(steps, Step{Name: StepSummary})
	for i := range steps {
		if steps[i].Name == now {
			steps[i].Now = true
			return steps
		}
		steps[i].Done = true
	}
	return steps
}

// FailureView is a failure as a page shows it: the catalog's texts, what the client
// may quote when asking for help, and where the ways out lead.
type FailureView struct {
	catalog.Failure
	Platform  string // the platform's own code, behind "Details": "190/460"; empty: none
	Reference string // the log's reference; empty: none
	Again     string // address for RecoverRetry; empty: not offered
	AgainPost bool   // Again is posted to (it changes something), not opened
	Skip      string // address of the Skip page; empty: not offered
	On        string // address for RecoverContinue; empty: not offered
	HandOver  string // address of the HandOver page; empty: not offered
	ByHand    string // address of the ByHand page; empty: not offered
}

// Landing is what the link opens. Its one main button posts to Post and
// is the first thing that changes anything.
type Landing struct {
	Frame
	Client    string // "For Harbour & Pine"
	Requester string // the requester's name, only when the agency shows it
	Message   string // as written; line breaks are kept; empty: the catalog's DefaultMessage
	Services  []onboarding.Service
	Asked     catalog.Asked // at Facebook
	Post      string        // where Grant Permission Now posts
	Decline   string        // where I cannot do this leads; empty: not offered
	HandedBy  string        // the colleague who asked this client to look after a part, as typed; empty: nobody
}

// ContinueAs is the landing page for a browser that has a visit already.
type ContinueAs struct {
	Frame
	Client      string
	Name        string // as typed
	Email       string // in full: the page masks it
	Started     onboarding.Timestamp
	Progress    []ServiceProgress
	SignedOut   bool   // Facebook's sign-in of this visit has ended: says so
	Continue    string // address to go on at: a link, nothing changes
	SomeoneElse string // where I am someone else posts
}

// Status is how far one service is.
type ServiceProgress struct {
	Service onboarding.Service
	// "2 ad accounts and 2 Pages", an account's name, or what is needed; empty: the service's need
	Detail  string
	State   onboarding.ItemState // of the service as a whole; empty: nothing yet
	Waiting int                  // how many of its items wait
	Skipped bool
	Handed  HandedTo // a colleague who was asked for it, and has not done it
	// a colleague looks after it, and it is not among what this client has
	Colleagues bool
}

// AboutYou asks for name and email. What was typed stays typed.
type AboutYou struct {
	Frame
	Name, Email           string
	NameError, EmailError string // one sentence each, from onboarding's rules; empty: nothing wrong
	Services              []onboarding.Service
	Post                  string // where View request posts
	Declines              bool   // they are about to say that they cannot do it
}

// FacebookStart is the Facebook step before a sign-in, with Add.
type FacebookStart struct {
	Frame
	Client   string
	User     string // the agency's Facebook user who gets access
	Business string // the Business Manager the assets go to
	Asked    catalog.Asked
	Choices  []Choice     // what earlier visits or colleagues connected
	Failure  *FailureView // what the last sign-in ended with: a notice above the card
	Add      string       // where Add posts
	Back     string       // empty: no Back
	Skip     string
	Next     string // empty while nothing is connected, waiting or skipped: Next Step is disabled then
	Skipped  string // the reason, when Facebook was skipped
	HandOver string // address of the HandOver page; empty: not offered
	Handed   HandedTo
}

// Leaving is the page before a platform's own. Its main action is a plain
// link: "Log In" for Facebook, "Proceed" for every other. Before a CRM use
// CRMList with Open set, which shows the same inside the list.
type Leaving struct {
	Frame
	Service onboarding.Service
	Asked   catalog.Asked // at Facebook
	Client  string
	Host    string // where the link leads, as the browser will show it
	Link    string // the platform's sign-in address, state included
	Back    string
	Skip    string
	// address of the ErrorPage for who was stopped by the platform's own error page, from which nobody is sent back;
	// empty: not offered
	Stopped  string
	HandOver string // address of the HandOver page; empty: not offered
}

// FacebookAssets lets the client choose. The lists are complete; the page
// filters them by their Query itself, and keeps what is ticked.
type FacebookAssets struct {
	Frame
	User            string // the agency's Facebook user who gets access
	Business        string // the Business Manager the assets go to
	Asked           catalog.Asked
	SignedInAs      string // the client's Facebook user
	AdAccounts      AssetList
	Pages           AssetList
	More            []AssetList  // of the kinds that are asked for besides, each with its Kind
	Failure         *FailureView // over the lists: the sign-in ended, the list is cut, F31 after sharing
	Unread          *FailureView // over the lists too: which of them Facebook refused; nil: none
	Connect         string       // where Connect Assets posts
	Search          string       // address of this page, for the search as a GET form
	ChooseAgain     string       // where Facebook's choice is opened again (a POST, leads to Leaving)
	NotYou          string       // where Not you? posts
	Skip            string
	HandOver        string // address of the HandOver page; empty: not offered
	Handed          HandedTo
	Next            string // empty: Next Step is disabled, and the text beside it says why
	NothingSelected bool   // Connect Assets was pressed with nothing ticked: says so
	Sharing         bool   // something is being shared at this moment: the page looks again by itself
}

// AssetList is one of the lists.
type AssetList struct {
	Kind   onboarding.Kind // of what is in it; left out for ad accounts and Pages, which have a place of their own
	Assets []Asset
	Query  string // as typed into the search without script
}

// Asset is one row.
type Asset struct {
	ID      string // what its checkbox posts
	Name    string
	Detail  string               // second line: "4471 2096 118 · EUR"
	Chosen  bool                 // ticked
	State   onboarding.ItemState // its result; empty: not tried yet
	Failure *catalog.Failure     // why it cannot be chosen, what to know, or why it waits or failed; nil: nothing
	Guide   string               // address of the Problem page about Failure; empty: no link
}

// ManualShare is what is left to do at Facebook (F19 to F21, and where it refuses
// the app): the agency's id, the steps, the state of each choice. Which steps it shows follows from the
// choices' failures: ManualShare, ApproveInBusiness, NewPageAdmin.
type ManualShare struct {
	Frame
	Business   string // the agency's Business Manager
	BusinessID string // digits; shown in groups of four
	Client     string
	Asked      catalog.Asked
	Choices    []Choice
	StillWaits bool   // Look again was pressed and something still waits (F21)
	DeepLink   string // Business settings of the client; empty: Facebook's address for it
	Recheck    string // where Look again posts
	Back       string
	Next       string
}

// Choice is one thing the client connected or wants to.
type Choice struct {
	Name    string
	Kind    onboarding.Kind
	State   onboarding.ItemState
	Failure catalog.FailureCode // why it waits or failed; empty: neither
	Other   string              // the client's business in which to approve; may be empty
}

// CRMList is the step for all other platforms: a row for each asked CRM.
type CRMList struct {
	Frame
	Rows    []CRMRow
	Open    *CRMOpen     // the row that explains and leads to its platform; nil: none
	Failure *FailureView // over the list
	Back    string
	SkipAll string // address of the Skip page for what has no account yet; empty: nothing is left
	Next    string // empty: Next Step is disabled
}

// CRMRow is one CRM with its accounts.
type CRMRow struct {
	Service  onboarding.Service
	Accounts []CRMAccount
	Add      string // where Add posts; empty: not offered
	Skip     string // address of the Skip page for this one; empty: not offered
	Skipped  string // the reason, when it was skipped
	HandOver string // address of the HandOver page; empty: not offered
	Handed   HandedTo
	Failure  *catalog.Failure // why it cannot be added now (not configured, agency's side); nil: it can
}

// CRMAccount is one connected account.
type CRMAccount struct {
	Name   string
	Detail string // "portal 26114873", "marta@harbourpine.example"
	Kind   onboarding.Kind
	State  onboarding.ItemState
	Note   string // one more sentence about it (F46, F47); empty: none
	Again  bool   // it was connected, and has to be connected again
}

// CRMOpen is the explanation inside a row, with Proceed.
type CRMOpen struct {
	Service onboarding.Service
	Host    string // where Proceed leads, as the browser will show it
	Link    string // the platform's sign-in address
	Cancel  string // address of the list without it
	Stopped string // address of the ErrorPage for who was stopped by the platform's own error page; empty: not offered
	Skip    string
	// address of the HandOver page; empty: not offered
	HandOver string
	Install  *catalog.Failure // what an admin of the client has to install first, with link and note; nil: nothing
}

// CRMResult is the dialog after a connection, as a page: the list lies
// behind it and cannot be used until Close.
type CRMResult struct {
	CRMList
	Service  onboarding.Service
	Account  string            // "Harbour & Pine AB, portal 26114873"
	Also     []string          // what else this sign-in connected
	Kind     onboarding.Kind   // of all of them
	SignedIn string            // "lars.holm@harbourpine.example"; empty: not shown
	Allowed  string            // what was allowed; empty: the service's level
	Less     string            // what to do where that is less than was asked for; empty: it is not
	Notes    []catalog.Failure // F38, F46, F47 and what is missing: said below the facts
	Failed   *FailureView      // the connection failed: the dialog says why instead
	Close    string            // address of the list with the new account
}

// KeyForm takes API URL and key of a platform without a sign-in.
// Neither field is of type password, and both keep what was typed.
type KeyForm struct {
	Frame
	Service  onboarding.Service
	URL      string           // as typed
	Key      string           // as typed; empty when it was refused
	URLError *catalog.Failure // F44; nil: none
	Repair   string           // the URL that was meant, when it can be derived: offered as a button
	KeyError *catalog.Failure // F45; nil: none
	Failure  *FailureView     // over the form: F48, F27
	Accounts []CRMAccount     // connected already
	Post     string           // where Connect posts
	Cancel   string           // address of the list
	Skip     string
	HandOver string // address of the HandOver page; empty: not offered
}

// Choosing is what a client is asked before they leave for a platform, with
// what they chose so far (F42).
type Choosing struct {
	catalog.Before
	Chosen string           // the id of an option; empty: the first one
	Typed  string           // beside it
	Error  *catalog.Failure // what is wrong with Typed; nil: nothing
	Repair string           // the text that was meant, where it can be derived: offered as a button
}

// OptionRow is one option as its template needs it.
type OptionRow struct {
	catalog.Option
	Checked bool
	Typed   string           // only of the chosen one
	Error   *catalog.Failure // only of the chosen one
	Repair  string
}

// Rows are the options.
func (c Choosing) Rows() []OptionRow {
	var rows []OptionRow
	for i, option := range c.Options {
		row := OptionRow{Option: option, Checked: option.ID == c.Chosen || c.Chosen == "" && i == 0}
		if row.Checked {
			row.Typed, row.Error, row.Repair = c.Typed, c.Error, c.Repair
		}
		rows = append(rows, row)
	}
	return rows
}

// BeforeForm asks it, on a page of its own.
type BeforeForm struct {
	Frame
	Choosing
	Service  onboarding.Service
	Accounts []CRMAccount // connected already
	Post     string       // where Continue posts
	Cancel   string       // address of the list
	Skip     string
	HandOver string // address of the HandOver page; empty: not offered
}

// ErrorPage asks what the platform's own error page said, which only the client saw.
type ErrorPage struct {
	Frame
	Service onboarding.Service
	Said    onboarding.PageSaid // what was chosen
	Text    string              // the client's own words
	// one sentence beside the choice or the text; empty: nothing wrong
	Error     string
	TextError string
	Post      string
	Back      string
}

// Skip asks for the reason. An empty one is not taken.
type Skip struct {
	Frame
	Services []onboarding.Service // what is skipped
	Rest     bool                 // something of it is connected, which stays
	Reason   string
	Error    string // one sentence; empty: nothing wrong
	Post     string
	Back     string
	Decline  string // where I cannot do any of it leads; empty: nothing else is open
	HandOver string // address of the HandOver page; empty: not offered
}

// Decline asks why a client cannot do any of a request. An empty reason is not taken.
type Decline struct {
	Frame
	Reason string
	Error  string // one sentence; empty: nothing wrong
	Post   string
	Back   string
}

// Declined says that the agency knows, and that nothing is closed.
type Declined struct {
	Frame
	Reason string // as it was given; empty: by a colleague
	By     string // a colleague's name; empty: this client
	Back   string // to the request, after all
}

// Line is one thing of the summary and of the receipt.
type Line struct {
	Service onboarding.Service
	Title   string // "2 ad accounts", "Page Harbour & Pine", an account's name
	Detail  string // names, level, or why it waits or failed
	State   onboarding.ItemState
	Skipped string // the client's reason: the line is Skipped
	Rest    bool   // it is skipped beside what is connected of it
	Missing bool   // asked for, and neither connected nor skipped
	Handed  HandedTo
	Fix     string // address where it can still be done
}

// Summary shows everything before it is finished.
type Summary struct {
	Frame
	Client string
	Lines  []Line
	Empty  bool   // nothing is connected or waiting: says that the link stays open
	Post   string // where Finish posts
	Back   string
	// colleagues look after these: Finish ends this client's part alone
	Awaited []onboarding.Service
	Part    bool              // this client has a part of the request only
	Rest    []ServiceProgress // what colleagues look after
}

// Done is the receipt on the screen. It prints well, and says for each
// platform how to take access back.
type Done struct {
	Frame
	Name     string // as typed; greeted by the first name
	Email    ReceiptEmail
	Business string // the agency's Business Manager; empty: no Facebook
	At       onboarding.Timestamp
	Lines    []Line
	Waiting  bool   // only waiting items: finished, not complete yet
	Empty    bool   // nothing connected: the link goes on working
	Receipt  string // its number
	Back     string // with Empty or Part: where to go on
	// it is the client's part alone: the link goes on working for the rest
	Part    bool
	Awaited []onboarding.Service // with Part: what is still open
	Rest    []ServiceProgress    // with Part: what colleagues look after
	History HistoryCode
}

// HistoryCode is the end of a request's history: a later one has to have the same entry.
type HistoryCode struct {
	Entry int64
	Code  string // empty: none is shown
}

// HistoryCodeOf is the end of a history.
func HistoryCodeOf(head onboarding.AuditHead) HistoryCode {
	return HistoryCode{Entry: head.Length, Code: onboarding.AuditCode(head.Hash)}
}

// Expired is what an expired link shows (F2), with 410.
type Expired struct {
	Frame
	On    onboarding.Timestamp // when it ended
	Ask   string               // where Ask for a new link posts; empty: there is nothing to ask for
	Asked onboarding.Timestamp // when the agency was told; zero: it was not
	Email ReceiptEmail
}

// Withdrawn is what a deleted request's link shows (F3), with 410.
type Withdrawn struct {
	Frame
	TakeBack string // address of the Help page's part about taking access back; empty: no button
	Email    ReceiptEmail
}

// Completed is what the link shows once somebody has finished (F4), with 410. It names nobody's accounts.
type Completed struct {
	Frame
	By    string // as typed; shown by the first name
	At    onboarding.Timestamp
	Email ReceiptEmail // of this browser's visit
	Show  string       // address of the receipt, for the browser that finished; empty: not offered
}

// OlderLink is what a link shows after a newer one was made (F5), with 410.
type OlderLink struct {
	Frame
	Newer   onboarding.Timestamp // when the newest link was made
	Email   string               // in full: the page masks it; empty: of a copied link, or they want no email
	Send    string               // where Send it again posts; empty: there is nobody to send it to
	Sent    bool                 // it was sent again
	Limited bool                 // it was not: enough went there
	Ask     string               // where Ask for the newest link posts; empty: Send it is
	Asked   onboarding.Timestamp // when the agency was told; zero: it was not
}

// Paused is what a suspended agency's links show, with 410.
type Paused struct{ Frame }

// PhoneRefused is what phones and tablets get (F6). Its answer to an
// address is the same for everybody.
type PhoneRefused struct {
	Frame
	Link  string // the request's link in full, to copy; empty: the address bar's, on a step's page
	Post  string // where Email me the link posts; empty: the request has no recipients
	Email string // as typed
	Error string // one sentence about the address; empty: nothing wrong
	Asked bool   // the neutral answer instead of the form
}

// NotFound is 404. The frame has no agency.
type NotFound struct{ Frame }

// Problem is a page about one failure: a sign-in that failed, or the guide
// behind a greyed asset.
type Problem struct {
	Frame
	Service onboarding.Service // whose tile stands beside the title; empty: none
	Failure FailureView
	Back    string
}

// Genuine explains how to check the page (F9). Host, operator's name and agency's
// name come from the frame.
type Genuine struct {
	Frame
	VerificationWords []string // onboarding.VerificationWords of the request; nil: not known here
	Back              string   // address of the request
}

// Help answers the usual questions and says how to take access back. The
// part about taking back has the id "take-back".
type Help struct {
	Frame
	Services []onboarding.Service // nil: all
	Back     string               // empty: no way back
}

// Report tells the operator that something is wrong.
type Report struct {
	Frame
	Text       string
	Email      string // optional, for an answer
	TextError  string // one sentence each; empty: nothing wrong
	EmailError string
	Post       string
	Sent       bool
	Back       string
}

// Suppress confirms that an address gets no more mail from this agency.
type Suppress struct {
	Frame
	Email string // in full: the page masks it; empty: not known
	Post  string
	Done  bool
}

// TryLater is 503 and 429: the relay itself cannot just now.
type TryLater struct {
	Frame
	TooOften  bool // this was asked too often
	Reference string
	Again     string // empty: the page says to reload
}

// RefusedPost is the sentence for a form that came from another site, or
// without saying where from.
type RefusedPost struct {
	Frame
	Back string
}

// AgencySignIn is where a hub sends its member's browser to connect the
// agency's own user. First with Post, whose answer sets the cookie, then with
// Link, which leads to the platform.
type AgencySignIn struct {
	Frame
	Service onboarding.Service
	Member  string    // who connects
	Post    string    // where Continue posts; empty when Link is set
	Asks    *Choosing // what has to be chosen first; nil: nothing
	Link    string    // the platform's sign-in address
	Host    string    // where it leads
}

// AgencySignInEnd is what the agency's own sign-in ends with in the browser.
type AgencySignInEnd struct {
	Frame
	Service onboarding.Service
	Failure *FailureView // nil: it worked, the hub has it
}
