// Package onboarding holds the nouns that hub and relay share, and the rules
// that are the same on both sides: what is valid, when a link ends, who may
// see what, how an agency's brand looks.
//
// It never talks to a network, a disk or a clock: times are handed in.
package onboarding

import "time"

// Timestamp is a point in time in milliseconds since 1970, UTC. Zero is never.
// It is what the databases keep and what goes over the wire.
type Timestamp int64

// TimestampOf is the moment of t; the zero time is never.
func TimestampOf(t time.Time) Timestamp {
	if t.IsZero() {
		return 0
	}
	return Timestamp(t.UnixMilli())
}

// Time is the moment as a time in UTC; never is the zero time.
func (m Timestamp) Time() time.Time {
	if m == 0 {
		return time.Time{}
	}
	return time.UnixMilli(int64(m)).UTC()
}

// Service is what can be asked for.
type Service string

// The services, in the order in which a client meets them.
const (
	Facebook       Service = "facebook"
	Mailchimp      Service = "mailchimp"
	Salesforce     Service = "salesforce"
	GoogleSheets   Service = "googlesheets"
	HubSpot        Service = "hubspot"
	ActiveCampaign Service = "activecampaign"
)

// Platform is who answers for a service.
type Platform string

// Meta answers for Facebook; every other platform bears its service's name.
const Meta Platform = "meta"

// Platform says who answers for the service.
func (s Service) Platform() Platform {
	if s == Facebook {
		return Meta
	}
	return Platform(s)
}

// Service is what is asked for at the platform: every platform answers for one.
func (p Platform) Service() Service {
	if p == Meta {
		return Facebook
	}
	return Service(p)
}

// Kind is what sort of thing an item is.
type Kind string

// The kinds of items.
const (
	AdAccount  Kind = "ad_account"
	Page       Kind = "page"
	CRMAccount Kind = "crm_account"
	Sheet      Kind = "sheet"

	// Of Facebook, only where a request asks for them.
	Dataset          Kind = "dataset" // which people know as the pixel
	InstagramAccount Kind = "instagram_account"
	Catalogue        Kind = "catalogue"
)

// Kinds lists every kind, in the order in which lists show them.
func Kinds() []Kind {
	return []Kind{AdAccount, Page, Dataset, InstagramAccount, Catalogue, CRMAccount, Sheet}
}

// IsShared says whether a client shares such an item with the agency's Business
// Manager. Any other is connected by a credential of its own.
func (k Kind) IsShared() bool { return k != CRMAccount && k != Sheet }

// ExtraKinds lists what can be asked for at Facebook beside ad accounts and
// Pages, in the order in which a client meets it.
func ExtraKinds() []Kind { return []Kind{Dataset, InstagramAccount, Catalogue} }

// FacebookKinds lists what Facebook's assets can be, in the order in which a
// client meets them.
func FacebookKinds() []Kind { return append([]Kind{AdAccount, Page}, ExtraKinds()...) }

// AccessLevel is what a request asks to be allowed at Facebook.
type AccessLevel string

// The levels. The right to advertise includes the right to see results.
const (
	LevelAdvertise AccessLevel = "advertise"
	LevelView      AccessLevel = "view" // see results, and nothing else
)

// OrDefault is the level itself; nothing asked is LevelAdvertise.
func (l AccessLevel) OrDefault() AccessLevel {
	if l == "" {
		return LevelAdvertise
	}
	return l
}

// Role is what a member may do in the agency.
type Role string

// Main users manage the agency, its brand and its members; sub-users send requests.
const (
	MainUser Role = "main"
	SubUser  Role = "sub"
)

// Agency is who asks. Name is given by the operator of the relay, never by
// the agency itself.
type Agency struct {
	ID            string `json:"id"`
	Name          string `json:"name"`
	Brand         Brand  `json:"brand"`
	ShareRequests bool   `json:"share_requests"` // every member sees every request
	Suspended     bool   `json:"suspended"`
}

// Brand is how an agency looks to its clients.
type Brand struct {
	On             bool   `json:"on"`
	Company        string `json:"company"` // empty: the agency's name
	Logo           []byte `json:"logo"`    // PNG, as FitLogo makes it; nil: none
	Colour         string `json:"colour"`  // "#rrggbb"; empty: the neutral petrol
	ReplyTo        string `json:"reply_to"`
	PendingReplyTo string `json:"pending_reply_to"` // waits for its mailed code
	ShowRequester  bool   `json:"show_requester"`   // the requester's name is in emails and pages
}

// CompanyName is the name that clients read.
func (a Agency) CompanyName() string {
	if a.Brand.On && a.Brand.Company != "" {
		return a.Brand.Company
	}
	return a.Name
}

// Member is one person of the agency.
type Member struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Email   string    `json:"email"`
	Role    Role      `json:"role"`
	Created Timestamp `json:"created"`
	Removed Timestamp `json:"removed"`
}

// Device is one computer of a member.
type Device struct {
	ID        string    `json:"id"`
	Member    string    `json:"member"`
	Name      string    `json:"name"` // as the computer calls itself
	PublicKey string    `json:"public_key"`
	Created   Timestamp `json:"created"`
	LastSeen  Timestamp `json:"last_seen"` // to the quarter of an hour
	Approved  Timestamp `json:"approved"`  // when older credentials were passed on, or none were needed
	Revoked   Timestamp `json:"revoked"`
}

// Connection is an agency's own user at a platform. Its token is only on devices.
type Connection struct {
	ID         string     `json:"id"`
	Member     string     `json:"member"` // who connected it
	Platform   Platform   `json:"platform"`
	User       Account    `json:"user"`
	Businesses []Business `json:"businesses"`
	Ends       Timestamp  `json:"ends"` // when the platform ends the token; zero: unknown
	Created    Timestamp  `json:"created"`
	Ended      Timestamp  `json:"ended"`
}

// Account names a user or an account at a platform.
type Account struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Business is a Business Manager as a Connection's user sees it.
type Business struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Admin bool   `json:"admin"` // only these can be chosen for a request
	User  string `json:"user"`  // the id of the Connection's user inside this business, for assigned_users
}

// Status is the one word a request's status column shows.
type Status string

// A request is pending until its first finish counts.
const (
	Pending   Status = "pending"
	Connected Status = "connected"
)

// Request is what an agency asks of one client.
type Request struct {
	ID           string    `json:"id"`
	Owner        string    `json:"owner"` // the requester: a member's id
	Client       string    `json:"client"`
	Message      string    `json:"message"` // empty: DefaultMessage
	Services     []Service `json:"services"`
	Connection   string    `json:"connection"` // whose user gets access; only with Facebook
	FacebookUser Account   `json:"facebook_user"`
	Business     Account   `json:"business"` // where the assets go
	// Kinds are what is asked for at Facebook beside ad accounts and Pages.
	Kinds []Kind `json:"kinds,omitempty"`
	// Level is what the agency may do with all of it; empty: LevelAdvertise.
	Level       AccessLevel `json:"level,omitempty"`
	Status      Status      `json:"status"`
	Created     Timestamp   `json:"created"`  // on the hub
	Accepted    Timestamp   `json:"accepted"` // by the relay: the month begins
	Expires     Timestamp   `json:"expires"`
	LinkVersion int         `json:"link_version"`
	Renewed     Timestamp   `json:"renewed"` // when the newest link was made, if it is not the first
	Opened      Timestamp   `json:"opened"`  // Grant Permission Now was pressed
	Withdrawn   Timestamp   `json:"withdrawn"`
	Finished    Timestamp   `json:"finished"` // by a person; the link is dead
	Completed   Timestamp   `json:"completed"`
	CompletedBy Person      `json:"completed_by"`
	Confirmed   bool        `json:"confirmed"` // CompletedBy came by the email to that address
	Archived    Timestamp   `json:"archived"`
	Skipped     []Skip      `json:"skipped"`
	Recipients  []Recipient `json:"recipients"`
	Events      []Event     `json:"events"` // newest last, the last MaxEvents
	Link        string      `json:"link"`   // what Copy link copies; empty while the relay does not know the request
	Proof       string      `json:"proof"`  // the relay's word that it accepted this, for a relay that lost it
}

// MaxEvents is how many events travel with a request.
const MaxEvents = 200

// Person is whoever uses the wizard, as typed.
type Person struct {
	Name  string `json:"name"`
	Email string `json:"email"`
}

// Skip is a service that the client did not provide, in the client's words.
type Skip struct {
	Service Service `json:"service"`
	Reason  string  `json:"reason"`
}

// EmailState is how far an email has come.
type EmailState string

// An email is queued with the change that causes it; accepted means by the
// mail server, refused is final, with the server's words.
const (
	EmailQueued    EmailState = "queued"
	EmailSending   EmailState = "sending"
	EmailAccepted  EmailState = "accepted"
	EmailRefused   EmailState = "refused"
	EmailCancelled EmailState = "cancelled"
)

// Recipient is one address a request was sent to.
type Recipient struct {
	ID          string     `json:"id"`
	Address     string     `json:"address"`
	Number      int        `json:"number"`       // in the request, from 1: it is in the link
	EmailState  EmailState `json:"email_state"`  // of the newest email
	ServerReply string     `json:"server_reply"` // the mail server's, when it refused or put off
	Sent        Timestamp  `json:"sent"`         // accepted by the mail server, newest
	Count       int        `json:"count"`        // emails accepted so far
	Opened      Timestamp  `json:"opened"`
	Stopped     Timestamp  `json:"stopped"` // This was not meant for me
}

// ItemState is how far an item has come.
type ItemState string

// An item is written as sharing before the platform is called, and as its
// result after it.
const (
	ItemSharing   ItemState = "sharing"
	ItemConnected ItemState = "connected"
	ItemWaiting   ItemState = "waiting"
	ItemFailed    ItemState = "failed"
	ItemEnded     ItemState = "ended" // by the agency; it stays with its request
)

// Item is one account or asset that a client shares. It never holds a credential.
type Item struct {
	ID         string    `json:"id"`
	Request    string    `json:"request"`    // empty: the agency's own (Managed = Yes)
	Owner      string    `json:"owner"`      // the member who sees it: the request's requester, or who connected it
	Connection string    `json:"connection"` // whose it is, of the agency's own ad accounts and Pages; else empty
	Service    Service   `json:"service"`
	Kind       Kind      `json:"kind"`
	Account    string    `json:"account"` // the platform's id of it
	Name       string    `json:"name"`
	Detail     string    `json:"detail"`      // second line: currency, portal domain, API URL
	By         Person    `json:"by"`          // who connected it, as typed
	PlatformBy string    `json:"platform_by"` // the platform's user who connected it
	State      ItemState `json:"state"`
	Failure    string    `json:"failure"`   // a code of the catalog: why it waits or failed
	Reference  string    `json:"reference"` // the log's reference to the failure
	Tasks      []string  `json:"tasks"`     // confirmed from the agency's side
	Access     Access    `json:"access"`
	// Checks are the results of the last MaxCheckRecords checks, newest first.
	// The first is what Access shows, until a new credential voids that.
	Checks      []CheckRecord `json:"checks,omitempty"`
	Version     int64         `json:"version"` // newest of its credential; zero: it has none
	Created     Timestamp     `json:"created"`
	Changed     Timestamp     `json:"changed"`
	Connected   Timestamp     `json:"connected"`
	Ended       Timestamp     `json:"ended,omitempty"`        // the agency ended its access; Failure is what was left then
	EndedBy     string        `json:"ended_by,omitempty"`     // the member's name
	EndedProven bool          `json:"ended_proven,omitempty"` // a call has proved that the access is gone
}

// TaskAdvertise stands among an item's tasks where the agency may run ads with it.
const TaskAdvertise = "ADVERTISE"

// AccessState is what a check found.
type AccessState string

// AccessUnknown is before the first check.
const (
	AccessUnknown AccessState = ""
	AccessWorks   AccessState = "works"
	AccessWaiting AccessState = "waiting"
	AccessBroken  AccessState = "broken"
)

// Access is the newest outcome of trying an item for real.
type Access struct {
	State   AccessState `json:"state"`
	Failure string      `json:"failure"` // a code of the catalog, unless it works
	Code    string      `json:"code"`    // the platform's own, as "190/460"
	Since   Timestamp   `json:"since"`   // the state holds
	Checked Timestamp   `json:"checked"`
	// Capabilities are what the item gives, as the check saw it.
	Capabilities []Capability `json:"capabilities,omitempty"`
}

// MaxCheckRecords is how many results of checks are kept with an item.
const MaxCheckRecords = 3

// CheckRecord is the result of one check of an item.
type CheckRecord struct {
	Checked      Timestamp    `json:"checked"`
	State        AccessState  `json:"state"`
	Failure      string       `json:"failure,omitempty"` // a code of the catalog, unless it works
	Code         string       `json:"code,omitempty"`    // the platform's own
	Capabilities []Capability `json:"capabilities,omitempty"`
}

// WithCheckRecord puts a result before the older ones and keeps the last
// MaxCheckRecords. The same check reported twice counts once; two checks that
// found the same count both.
func WithCheckRecord(older []CheckRecord, newest CheckRecord) []CheckRecord {
	if len(older) > 0 && older[0].Checked == newest.Checked {
		older = older[1:]
	}
	records := append([]CheckRecord{newest}, older...)
	return records[:min(len(records), MaxCheckRecords)]
}

// Capability is one thing that an item gives: so many of something, or what can
// be done with it. The catalogue has the words for it.
type Capability struct {
	Name  string          `json:"name"`  // "audiences", "contacts", "leads", "rows"
	Count int64           `json:"count"` // where Level is empty
	Level CapabilityLevel `json:"level,omitempty"`
}

// CapabilityLevel is what can be done with something; empty: it is counted.
type CapabilityLevel string

// The levels. Changing includes reading; writing alone does not.
const (
	CanRead   CapabilityLevel = "read"
	CanWrite  CapabilityLevel = "write"  // add, without reading what is there
	CanChange CapabilityLevel = "change" // read and write
	CanNot    CapabilityLevel = "none"   // asked for, and not given
)

// EventKind is what happened.
type EventKind string

// The events of a request's timeline.
const (
	EventSaved           EventKind = "saved"
	EventEdited          EventKind = "edited"
	EventSent            EventKind = "sent"          // Detail: address
	EventEmailRefused    EventKind = "email_refused" // Detail: address
	EventOpened          EventKind = "opened"
	EventStarted         EventKind = "started"        // a person gave their name
	EventItemConnected   EventKind = "item_connected" // Detail: item's name
	EventItemWaiting     EventKind = "item_waiting"
	EventItemFailed      EventKind = "item_failed"
	EventSkipped         EventKind = "skipped" // Detail: service
	EventFinished        EventKind = "finished"
	EventFinishedWaiting EventKind = "finished_waiting"
	EventFinishedEmpty   EventKind = "finished_empty"
	EventCompleted       EventKind = "completed"
	EventExpired         EventKind = "expired"
	EventRenewed         EventKind = "renewed"
	EventReopened        EventKind = "reopened"
	EventWithdrawn       EventKind = "withdrawn"
	EventSuppressed      EventKind = "suppressed" // Detail: address
	EventAccessBroken    EventKind = "access_broken"
	EventAccessWorks     EventKind = "access_works"
	EventAccessEnded     EventKind = "access_ended" // by the member Who; Detail: item's name
	EventPeopleForgotten EventKind = "people_forgotten"
	EventReported        EventKind = "reported"
)

// Event is one line of a request's history. Who is a person's or member's
// name, empty for the relay itself.
type Event struct {
	ID     string    `json:"id"`
	At     Timestamp `json:"at"`
	Kind   EventKind `json:"kind"`
	Who    string    `json:"who"`
	Detail string    `json:"detail"`
	// Service is that of the item it happened to; empty: it is of no item.
	Service Service `json:"service,omitempty"`
}
