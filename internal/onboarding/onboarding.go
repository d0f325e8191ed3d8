// Package onboarding holds the types that hub and relay share, and their common
// rules: what is valid, when a link ends, who may see what, how an agency's
// brand is shown.
//
// It never accesses a network, a disk or a clock: times are parameters.
package onboarding

import (
	"slices"
	"strings"
	"time"
)

// Timestamp is a point in time in milliseconds since 1970, UTC; zero: never.
// Databases and the wire use it.
type Timestamp int64

// TimestampOf converts t; the zero time is never.
func TimestampOf(t time.Time) Timestamp {
	if t.IsZero() {
		return 0
	}
	return Timestamp(t.UnixMilli())
}

// Time converts to UTC; never is the zero time.
func (m Timestamp) Time() time.Time {
	if m == 0 {
		return time.Time{}
	}
	return time.UnixMilli(int64(m)).UTC()
}

// Service is what a request asks access to.
type Service string

// The ids of the first six services. The list and its order are those of platform/all.
const (
	Facebook       Service = "facebook"
	Mailchimp      Service = "mailchimp"
	Salesforce     Service = "salesforce"
	GoogleSheets   Service = "googlesheets"
	HubSpot        Service = "hubspot"
	ActiveCampaign Service = "activecampaign"
)

// Platform is the operator of a service.
type Platform string

// Meta operates Facebook; every other platform has its service's name.
const Meta Platform = "meta"

// Platform returns the service's platform.
func (s Service) Platform() Platform {
	if s == Facebook {
		return Meta
	}
	return Platform(s)
}

// Service returns the platform's service: every platform has one.
func (p Platform) Service() Service {
	if p == Meta {
		return Facebook
	}
	return Service(p)
}

// Kind is the kind of an item.
type Kind string

// The kinds of items.
const (
	AdAccount  Kind = "ad_account"
	Page       Kind = "page"
	CRMAccount Kind = "crm_account"
	Sheet      Kind = "sheet"

	// Only where a request asks for them.
	Dataset          Kind = "dataset" // users call it the pixel
	InstagramAccount Kind = "instagram_account"
	Catalogue        Kind = "catalogue"
)

// Kinds lists every kind, in the order of lists.
func Kinds() []Kind { return append(FacebookKinds(), CRMAccount, Sheet) }

// IsShared reports whether the client shares such an item with the agency's
// Business Manager. Others have a credential of their own.
func (k Kind) IsShared() bool { return slices.Contains(FacebookKinds(), k) }

// ExtraKinds lists the optional asset kinds at Facebook, in the order of the
// wizard.
func ExtraKinds() []Kind { return []Kind{Dataset, InstagramAccount, Catalogue} }

// FacebookKinds lists all asset kinds at Facebook, in the order of the wizard.
func FacebookKinds() []Kind { return append([]Kind{AdAccount, Page}, ExtraKinds()...) }

// AccessLevel is the access to Facebook assets that a request asks for.
type AccessLevel string

// The levels. The right to advertise includes the right to see results.
const (
	LevelAdvertise AccessLevel = "advertise"
	LevelView      AccessLevel = "view" // see results only
)

// OrDefault replaces an empty level by LevelAdvertise.
func (l AccessLevel) OrDefault() AccessLevel {
	if l == "" {
		return LevelAdvertise
	}
	return l
}

// Role is a member's role in the agency.
type Role string

// Main users manage the agency, its brand and its members; sub-users send requests.
const (
	MainUser Role = "main"
	SubUser  Role = "sub"
)

// Agency is an agency. The operator of the relay sets Name, never the agency.
type Agency struct {
	ID            string `json:"id"`
	Name          string `json:"name"`
	Brand         Brand  `json:"brand"`
	ShareRequests bool   `json:"share_requests"` // every member sees every request
	Suspended     bool   `json:"suspended"`
	// WebhooksOff are the names of the webhooks that the relay switched off: for main users.
	WebhooksOff []string `json:"webhooks_off,omitempty"`
	// DomainLost is the domain of its own at which its links open no more: for main users.
	DomainLost string `json:"domain_lost,omitempty"`
	// OperatorActs are what whoever runs the relay did to the agency, newest first: for main users.
	OperatorActs []OperatorAct `json:"operator_acts,omitempty"`
	// Outages are those of the relay's apps, as hubs of the agency have reported.
	Outages []Outage `json:"outages,omitempty"`
}

// OperatorActKind is what an operator did to an agency.
type OperatorActKind string

// The kinds.
const (
	OperatorRenamed       OperatorActKind = "renamed"        // Name is the former name
	OperatorRemovedMember OperatorActKind = "removed_member" // Name is the member's
	OperatorIssuedCode    OperatorActKind = "issued_code"    // Name is the member's whom it adds a computer of
)

// OperatorAct is something that whoever runs the relay did to an agency by a command.
type OperatorAct struct {
	At   Timestamp       `json:"at"`
	Kind OperatorActKind `json:"kind"`
	Name string          `json:"name"`
}

// Brand is the agency's white-label form.
type Brand struct {
	On             bool   `json:"on"`
	Company        string `json:"company"` // empty: the agency's name
	Logo           []byte `json:"logo"`    // PNG, as package logo makes it; nil: none
	Colour         string `json:"colour"`  // "#rrggbb"; empty: the neutral petrol
	ReplyTo        string `json:"reply_to"`
	PendingReplyTo string `json:"pending_reply_to"` // not confirmed by the emailed code yet
	ShowRequester  bool   `json:"show_requester"`   // emails and pages name the requester
}

// CompanyName is the name that clients see.
func (a Agency) CompanyName() string {
	if a.Brand.On && a.Brand.Company != "" {
		return a.Brand.Company
	}
	return a.Name
}

// For returns the agency as a member may read it: webhooks, domains and what the
// operator did are the main users'.
func (a Agency) For(m Member) Agency {
	if m.Role != MainUser {
		a.WebhooksOff, a.DomainLost, a.OperatorActs = nil, "", nil
	}
	return a
}

// Member is a person of the agency.
type Member struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Email   string    `json:"email"`
	Role    Role      `json:"role"`
	Created Timestamp `json:"created"`
	Removed Timestamp `json:"removed"`
}

// Device is a computer of a member.
type Device struct {
	ID        string    `json:"id"`
	Member    string    `json:"member"`
	Name      string    `json:"name"` // the computer's own name
	PublicKey string    `json:"public_key"`
	Created   Timestamp `json:"created"`
	LastSeen  Timestamp `json:"last_seen"` // accurate to a quarter of an hour
	Approved  Timestamp `json:"approved"`  // when older credentials were sealed for it, or none had to be
	Revoked   Timestamp `json:"revoked"`
}

// Connection is a platform user of the agency. Its token is only on devices.
type Connection struct {
	ID         string     `json:"id"`
	Member     string     `json:"member"` // who connected it
	Platform   Platform   `json:"platform"`
	User       Account    `json:"user"`
	Businesses []Business `json:"businesses"`
	Ends       Timestamp  `json:"ends"` // when the token expires; zero: unknown
	Created    Timestamp  `json:"created"`
	Ended      Timestamp  `json:"ended"`
	// Outage is that it does not work, as a hub has reported; nil: it does.
	Outage *Outage `json:"outage,omitempty"`
}

// Account is a user or an account at a platform.
type Account struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Business is a Business Manager that a Connection's user can see.
type Business struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Admin bool   `json:"admin"` // required for choosing it in a request
	User  string `json:"user"`  // the user's id inside this business, for assigned_users
}

// Status is a request's status.
type Status string

// The statuses.
const (
	Pending   Status = "pending"
	Connected Status = "connected"
)

// Request asks one client for access.
type Request struct {
	ID           string    `json:"id"`
	Owner        string    `json:"owner"` // the requester's member id
	Client       string    `json:"client"`
	Message      string    `json:"message"` // empty: the catalog's DefaultMessage
	Services     []Service `json:"services"`
	Connection   string    `json:"connection"` // the Facebook user who gets access
	FacebookUser Account   `json:"facebook_user"`
	Business     Account   `json:"business"` // the Business Manager for the assets
	// ByHand: at Facebook the client shares by themselves, without a sign-in of ours. Such a
	// request may have no Connection and no FacebookUser.
	ByHand bool `json:"by_hand,omitempty"`
	// Kinds are Facebook asset kinds besides ad accounts and Pages.
	Kinds []Kind `json:"kinds,omitempty"`
	// Level is the requested access at Facebook; empty: LevelAdvertise.
	Level       AccessLevel `json:"level,omitempty"`
	Status      Status      `json:"status"`
	Created     Timestamp   `json:"created"`  // by the hub's clock
	Accepted    Timestamp   `json:"accepted"` // by the relay: the link's month begins
	Expires     Timestamp   `json:"expires"`
	LinkVersion int         `json:"link_version"`
	Renewed     Timestamp   `json:"renewed"` // when the current link was made, if it is not the first
	// LinkAsked is when a client with a link that no longer works asked for a new one;
	// zero: nobody did since the current link was made or sent.
	LinkAsked   Timestamp `json:"link_asked,omitempty"`
	Opened      Timestamp `json:"opened"` // when Grant Permission Now was pressed first
	Withdrawn   Timestamp `json:"withdrawn"`
	Finished    Timestamp `json:"finished"` // by the client; the link is invalid
	Completed   Timestamp `json:"completed"`
	CompletedBy Person    `json:"completed_by"`
	Confirmed   bool      `json:"confirmed"` // CompletedBy used the link from the email to that address
	Archived    Timestamp `json:"archived"`
	// Declined is when a client said that they cannot do any of it; zero: nobody did, or
	// something was connected since. The link goes on working.
	Declined      Timestamp   `json:"declined,omitempty"`
	DeclinedBy    string      `json:"declined_by,omitempty"` // the name, as entered
	DeclineReason string      `json:"decline_reason,omitempty"`
	Skipped       []Skip      `json:"skipped"`
	Recipients    []Recipient `json:"recipients"`
	Events        []Event     `json:"events"`    // oldest first, the last MaxEvents
	Reminders     []int       `json:"reminders"` // days after an invitation; none: nobody is reminded
	Link          string      `json:"link"`      // for Copy link; empty until the relay has stored the request
	Proof         string      `json:"proof"`     // the relay's MAC of the request, for a restore
	// Audit is the head of the hash chain of all events.
	Audit AuditHead `json:"audit,omitzero"`
}

// MaxEvents bounds the events of a request.
const MaxEvents = 200

// Person is a user of the wizard, as entered.
type Person struct {
	Name  string `json:"name"`
	Email string `json:"email"`
}

// Skip is a service that the client skipped, with the client's reason.
type Skip struct {
	Service Service `json:"service"`
	Reason  string  `json:"reason"`
}

// EmailState is the state of an email.
type EmailState string

// An email is queued in the transaction that causes it. Accepted means by the
// mail server; refused is final, with the server's reply.
const (
	EmailQueued    EmailState = "queued"
	EmailSending   EmailState = "sending"
	EmailAccepted  EmailState = "accepted"
	EmailRefused   EmailState = "refused"
	EmailCancelled EmailState = "cancelled"
)

// Recipient is one address of a request.
type Recipient struct {
	ID          string     `json:"id"`
	Address     string     `json:"address"`
	Number      int        `json:"number"`       // in the request, from 1; part of the link
	Added       Timestamp  `json:"added"`        // when they became a recipient; zero: of a relay before this version
	EmailState  EmailState `json:"email_state"`  // of the newest email
	ServerReply string     `json:"server_reply"` // when the mail server refused or deferred the email
	Sent        Timestamp  `json:"sent"`         // when the mail server last accepted an email
	Count       int        `json:"count"`        // accepted emails
	Opened      Timestamp  `json:"opened"`
	Stopped     Timestamp  `json:"stopped"`           // when "This was not meant for me" was pressed
	Invited     Timestamp  `json:"invited,omitempty"` // when the mail server took the first email with the current link
	Reminds     Timestamp  `json:"reminds,omitempty"` // when they are reminded next; zero: not any more
	// Services are what a colleague asked them to look after; none: the agency invited them.
	Services []Service `json:"services,omitempty"`
	Scoped   bool      `json:"scoped,omitempty"`   // their link opens Services alone
	HandedBy Person    `json:"handed_by,omitzero"` // the colleague who asked last, as entered
	Handed   Timestamp `json:"handed,omitempty"`   // when
	// Asked is when for each service; missing: of a relay or hub before this version.
	Asked map[Service]Timestamp `json:"asked,omitempty"`
}

// AskedFor is when a colleague asked them for a service last; zero: nobody did.
func (r Recipient) AskedFor(service Service) Timestamp {
	if !slices.Contains(r.Services, service) {
		return 0
	}
	if at := r.Asked[service]; at != 0 {
		return at
	}
	return r.Handed
}

// Ask notes that a colleague asked them for services.
func (r *Recipient) Ask(services []Service, at Timestamp) {
	asked := map[Service]Timestamp{}
	for _, service := range r.Services {
		asked[service] = r.AskedFor(service)
	}
	for _, service := range services {
		asked[service] = at
		if !slices.Contains(r.Services, service) {
			r.Services = append(r.Services, service)
		}
	}
	r.Asked, r.Handed = asked, at
}

// IsOnlyTyped reports whether a client typed the address and nobody opened its link: it may
// be a stranger's, to whom nothing is sent but what staff send to them by name.
func (r Recipient) IsOnlyTyped() bool { return r.Scoped && r.Opened == 0 }

// Scope lists which of a request's services the recipient's newest link opens.
func (r Recipient) Scope(services []Service) []Service {
	if !r.Scoped {
		return services
	}
	return r.Part(services)
}

// Part lists which of a request's services a colleague asked the recipient for. The link in
// that email opens those alone, also once the agency has invited them to all of it.
func (r Recipient) Part(services []Service) []Service {
	var part []Service
	for _, service := range services {
		if slices.Contains(r.Services, service) {
			part = append(part, service)
		}
	}
	return part
}

// ItemState is the state of an item.
type ItemState string

// An item is stored as sharing before the platform is called, and with the
// result after it.
const (
	ItemSharing   ItemState = "sharing"
	ItemConnected ItemState = "connected"
	ItemWaiting   ItemState = "waiting"
	ItemFailed    ItemState = "failed"
	ItemEnded     ItemState = "ended" // by the agency; the request still lists it
)

// Item is one account or asset that a client shares. It never holds a
// credential.
type Item struct {
	ID         string    `json:"id"`
	Request    string    `json:"request"`    // empty: the agency's own item (Managed = Yes)
	Owner      string    `json:"owner"`      // the member who sees it: the requester, or who connected it
	Connection string    `json:"connection"` // of the agency's own ad accounts and Pages; else empty
	Service    Service   `json:"service"`
	Kind       Kind      `json:"kind"`
	Account    string    `json:"account"` // the platform's id
	Name       string    `json:"name"`
	Detail     string    `json:"detail"`              // second line: currency, portal domain, API URL
	ReadOnly   bool      `json:"read_only,omitempty"` // who connected it may not change it at its platform
	By         Person    `json:"by"`                  // who connected it, as entered
	PlatformBy string    `json:"platform_by"`         // the platform's user who connected it
	State      ItemState `json:"state"`
	Failure    string    `json:"failure"`   // a code of the catalog: why it is waiting or failed
	Reference  string    `json:"reference"` // in the relay's log
	Tasks      []string  `json:"tasks"`     // rights that a check confirmed
	Access     Access    `json:"access"`
	// Checks are the results of the last MaxCheckRecords checks, newest first.
	// Access equals the first, until a new credential resets it.
	Checks      []CheckRecord `json:"checks,omitempty"`
	Version     int64         `json:"version"` // of its newest credential; zero: it has none
	Created     Timestamp     `json:"created"`
	Changed     Timestamp     `json:"changed"`
	Connected   Timestamp     `json:"connected"`
	Ended       Timestamp     `json:"ended,omitempty"`        // the agency ended its access; Failure is what remained
	EndedBy     string        `json:"ended_by,omitempty"`     // the member's name
	EndedProven bool          `json:"ended_proven,omitempty"` // a call verified that the access is gone
	// Withdrawn is when the client withdrew it, from their receipt: the agency's hub ends
	// the access. Zero: nobody did since it was connected.
	Withdrawn Timestamp `json:"withdrawn,omitempty"`
	// Confirmed is when a person of the agency confirmed that it has arrived, without a check;
	// zero: nobody did, or a check has shown since how it is.
	Confirmed   Timestamp `json:"confirmed,omitempty"`
	ConfirmedBy string    `json:"confirmed_by,omitempty"` // the member's name
	// Namings are what clients typed for it before it was found, the first one first.
	Namings []Naming `json:"namings,omitempty"`
	// NotAccounts are accounts that a member has said it is not.
	NotAccounts []string `json:"not_accounts,omitempty"`
	// Repair is the open link by which the client repairs it; nil: there is none.
	Repair *Repair `json:"repair,omitempty"`
}

// Repair is a link by which a client repairs one item. It closes when a check of the item
// passes.
type Repair struct {
	Link       string     `json:"link"`
	Address    string     `json:"address"`     // whom it is emailed to; empty: nobody, it is copied
	EmailState EmailState `json:"email_state"` // of that email
	By         string     `json:"by"`          // the name of the member who prepared it last
	Lost       bool       `json:"lost"`        // the credential was only on a computer that is gone
	Created    Timestamp  `json:"created"`
	Expires    Timestamp  `json:"expires"`
	Sent       Timestamp  `json:"sent"`   // when the mail server took the email
	Opened     Timestamp  `json:"opened"` // by a client
	Closed     Timestamp  `json:"closed,omitempty"`
}

// TaskAdvertise is the task with the right to run ads.
const TaskAdvertise = "ADVERTISE"

// AccessState is the result of a check.
type AccessState string

// AccessUnknown means not checked yet.
const (
	AccessUnknown AccessState = ""
	AccessWorks   AccessState = "works"
	AccessWaiting AccessState = "waiting"
	AccessBroken  AccessState = "broken"
)

// Access is the result of the last check.
type Access struct {
	State   AccessState `json:"state"`
	Failure string      `json:"failure"` // a code of the catalog; of access that works: what the asset itself lacks
	Code    string      `json:"code"`    // the platform's own, like "190/460"
	Since   Timestamp   `json:"since"`   // when the state began
	Checked Timestamp   `json:"checked"`
	// Capabilities describe the access, from the last check.
	Capabilities []Capability `json:"capabilities,omitempty"`
}

// LeftOut is a thing that was picked at a platform and is not connected.
type LeftOut struct {
	Name string `json:"name,omitempty"` // empty: the platform does not show it
	Why  string `json:"why"`            // a code of the catalog
}

// MaxCheckRecords bounds the stored results of an item's checks.
const MaxCheckRecords = 3

// CheckRecord is the result of one check of an item.
type CheckRecord struct {
	Checked      Timestamp    `json:"checked"`
	State        AccessState  `json:"state"`
	Failure      string       `json:"failure,omitempty"` // as in Access
	Code         string       `json:"code,omitempty"`    // the platform's own
	Capabilities []Capability `json:"capabilities,omitempty"`
}

// WithCheckRecord prepends a result and keeps the last MaxCheckRecords. A check
// that is reported twice counts once; two checks with the same result count
// both.
func WithCheckRecord(older []CheckRecord, newest CheckRecord) []CheckRecord {
	if len(older) > 0 && older[0].Checked == newest.Checked {
		older = older[1:]
	}
	records := append([]CheckRecord{newest}, older...)
	return records[:min(len(records), MaxCheckRecords)]
}

// Capability is one part of an item's access: a number of things, or what is
// permitted. The catalog has the texts.
type Capability struct {
	Name  CapabilityName  `json:"name"`
	Count int64           `json:"count"` // if Level is empty
	Level CapabilityLevel `json:"level,omitempty"`
}

// CapabilityName is what is counted or permitted.
type CapabilityName string

// The names of capabilities. Hub and relay keep others too: a newer driver may
// report them.
const (
	Ads             CapabilityName = "ads"
	Audiences       CapabilityName = "audiences"
	CampaignMembers CapabilityName = "campaign_members"
	Contacts        CapabilityName = "contacts"
	DaysLeft        CapabilityName = "days_left" // until the access has to be renewed
	Leads           CapabilityName = "leads"
	Lists           CapabilityName = "lists"
	Results         CapabilityName = "results"
	Rows            CapabilityName = "rows"
	SheetTabs       CapabilityName = "sheet_tabs"
)

// CapabilityLevel is what is permitted; empty: the capability is a count.
type CapabilityLevel string

// The levels. CanChange includes reading; CanWrite does not.
const (
	CanRead   CapabilityLevel = "read"
	CanWrite  CapabilityLevel = "write"  // add, without reading
	CanChange CapabilityLevel = "change" // read and write
	CanNot    CapabilityLevel = "none"   // requested but not granted
	// NotCounted stands where a count failed; nothing can be done by it.
	NotCounted CapabilityLevel = "not_counted"
)

// EventKind is the kind of an event.
type EventKind string

// The events of a request's timeline.
const (
	EventSaved         EventKind = "saved"
	EventEdited        EventKind = "edited"
	EventSent          EventKind = "sent"          // Detail: address
	EventReminded      EventKind = "reminded"      // Detail: address
	EventEmailRefused  EventKind = "email_refused" // Detail: address
	EventOpened        EventKind = "opened"
	EventStarted       EventKind = "started"        // a client gave their name
	EventItemConnected EventKind = "item_connected" // Detail: item's name
	EventItemWaiting   EventKind = "item_waiting"
	EventItemFailed    EventKind = "item_failed"
	EventItemNamed     EventKind = "item_named"   // a client named what they share by hand. Detail: their text
	EventItemUnnamed   EventKind = "item_unnamed" // and took it back. Detail: their text
	// what was named has arrived. Who: a member who chose it; empty: it was certain. Detail: the
	// item's name, and on a second line what the client had typed
	EventItemFound EventKind = "item_found"
	// the member Who said that this was wrong: what was typed waits again. Detail as above
	EventMatchUndone   EventKind = "match_undone"
	EventItemConfirmed EventKind = "item_confirmed" // by the member Who, without a check. Detail: item's name
	EventUnconfirmed   EventKind = "unconfirmed"    // by the member Who. Detail: item's name
	EventSkipped       EventKind = "skipped"        // Detail: service
	EventDeclined      EventKind = "declined"       // a client cannot do any of it
	// a client told what a platform's error page said. Detail: a PageSaid; behind
	// PageSaidOther and a space, the client's own words
	EventErrorPage       EventKind = "error_page"
	EventFinished        EventKind = "finished"
	EventFinishedWaiting EventKind = "finished_waiting"
	EventFinishedEmpty   EventKind = "finished_empty"
	EventFinishedPart    EventKind = "finished_part" // a client did their part; colleagues have the rest
	EventHandedOver      EventKind = "handed_over"   // a client asked a colleague. Detail: a HandedDetail
	EventHandedMore      EventKind = "handed_more"   // for more, who was asked before. Detail as above
	// the first account has arrived. Who: the member who confirmed that without a check; empty:
	// nobody had to
	EventCompleted       EventKind = "completed"
	EventExpired         EventKind = "expired"
	EventRenewed         EventKind = "renewed"
	EventLinkAsked       EventKind = "link_asked"      // Detail: the address of the old link; empty: a copied one
	EventLinkSentAgain   EventKind = "link_sent_again" // a client with an older link had it sent. Detail: address
	EventReopened        EventKind = "reopened"
	EventWithdrawn       EventKind = "withdrawn"
	EventSuppressed      EventKind = "suppressed" // Detail: address
	EventAccessBroken    EventKind = "access_broken"
	EventAccessWorks     EventKind = "access_works"
	EventAccessEnded     EventKind = "access_ended"     // by the member Who; Detail: item's name
	EventClientEnded     EventKind = "client_ended"     // the member Who ended all that the agency had of the client
	EventAccessWithdrawn EventKind = "access_withdrawn" // the client Who withdrew it; Detail: item's name
	// what a client had withdrawn has ended, on a computer of the member Who; empty: without one.
	// Detail: item's name
	EventWithdrawalDone EventKind = "withdrawal_done"
	// the member Who no longer waits for what a client named and nobody has found. Detail: their text
	EventUnawaited       EventKind = "unawaited"
	EventRepairPrepared  EventKind = "repair_prepared"  // by the member Who; Detail: item's name
	EventRepairSent      EventKind = "repair_sent"      // Detail: address
	EventRepairWithdrawn EventKind = "repair_withdrawn" // by the member Who, or with its item. Detail: item's name
	EventRepaired        EventKind = "repaired"         // a check has passed. Detail: item's name
	EventPeopleForgotten EventKind = "people_forgotten"
	EventReported        EventKind = "reported"
	EventResubmitted     EventKind = "resubmitted" // a restored relay had lost it. Detail: the code of the history before
	// the main user Who accepted that a restored relay has lost entries. Detail: the code of the
	// last one that was lost
	EventHistoryAccepted EventKind = "history_accepted"
	// an item's credential is on a computer of the member Who. Detail: item's name
	EventCredentialFetched EventKind = "credential_fetched"
	// a computer of the agency passed it on to a new one of the member Who. Detail: item's name
	EventCredentialPassedOn EventKind = "credential_passed_on"
	EventRenewalFailed      EventKind = "renewal_failed" // the platform refused to renew it. Detail: item's name
	EventRenewalWorks       EventKind = "renewal_works"  // and renews it again. Detail: item's name
)

// RoutineEvents are the kinds of events about what computers do with credentials. They are
// many, and the first whose texts are deleted.
func RoutineEvents() []EventKind {
	return []EventKind{EventCredentialFetched, EventCredentialPassedOn, EventRenewalFailed, EventRenewalWorks}
}

// ItemEvents are the kinds of events that are about an item: their Detail begins with its name.
func ItemEvents() []EventKind {
	return []EventKind{
		EventItemConnected, EventItemWaiting, EventItemFailed, EventAccessBroken, EventAccessWorks, EventAccessEnded,
		EventAccessWithdrawn, EventWithdrawalDone, EventUnawaited, EventItemNamed, EventItemUnnamed, EventItemFound,
		EventMatchUndone, EventItemConfirmed, EventUnconfirmed, EventRepairPrepared, EventRepairWithdrawn, EventRepaired,
		EventCredentialFetched, EventCredentialPassedOn, EventRenewalFailed, EventRenewalWorks,
	}
}

// IsOfItem reports whether events of a kind are about an item: their Detail is its name.
func (k EventKind) IsOfItem() bool { return slices.Contains(ItemEvents(), k) }

// PageSaid is what a platform's error page said, in a client's choice of words.
type PageSaid string

// The choices.
const (
	PageSaidUnavailable PageSaid = "unavailable" // the app is not active or not available
	PageSaidDenied      PageSaid = "denied"      // no permission
	PageSaidLater       PageSaid = "later"       // something went wrong
	PageSaidOther       PageSaid = "other"
)

// Event is one entry of a request's timeline. Who is a client's or member's
// name; empty: the relay.
type Event struct {
	ID     string    `json:"id"`
	At     Timestamp `json:"at"`
	Kind   EventKind `json:"kind"`
	Who    string    `json:"who"`
	Detail string    `json:"detail"`
	// Service is the service of the item; empty: the event has no item.
	Service Service `json:"service,omitempty"`
}

// MatchDetail is the Detail of an event about what a client had typed for an item.
func MatchDetail(name, typed string) string { return name + "\n" + typed }

// HandedDetail is the Detail of an event that hands services over: who was asked, and for
// what if that is more than the event's Service.
func HandedDetail(address string, services []Service) string {
	if len(services) < 2 {
		return address
	}
	names := make([]string, len(services))
	for n, service := range services {
		names[n] = string(service)
	}
	return address + "\n" + strings.Join(names, " ")
}

// HandedTo is who was asked in an event that hands services over, and for what; no services:
// of a relay before this version, which kept only that it was several.
func (e Event) HandedTo() (address string, services []Service) {
	address, names, _ := strings.Cut(e.Detail, "\n")
	for _, name := range strings.Fields(names) {
		services = append(services, Service(name))
	}
	if e.Service != "" {
		services = []Service{e.Service}
	}
	return address, services
}

// ItemNames are the item's name in an event's Detail, and what a client had typed for it.
func ItemNames(detail string) (name, typed string) {
	name, typed, _ = strings.Cut(detail, "\n")
	return name, typed
}
