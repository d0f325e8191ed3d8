package catalog

import (
	"slices"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// FailureCode names one thing that can go wrong, or that a person has to
// know. Drivers return it, the relay keeps it with the item, the hub gets it
// over the wire: a code never changes its meaning.
type FailureCode string

// Link and identity.
const (
	LinkPreviewed      FailureCode = "link_previewed"      // F1
	LinkExpired        FailureCode = "link_expired"        // F2
	LinkWithdrawn      FailureCode = "link_withdrawn"      // F3
	LinkCompleted      FailureCode = "link_completed"      // F4
	LinkSuperseded     FailureCode = "link_older"          // F5
	OnAPhone           FailureCode = "on_a_phone"          // F6
	AlsoStarted        FailureCode = "also_started"        // F7
	WrongPerson        FailureCode = "wrong_person"        // F8
	SuspectsFraud      FailureCode = "fears_fraud"         // F9
	EmailUnconfirmed   FailureCode = "email_unconfirmed"   // F10, the agency reads it
	SignInCancelled    FailureCode = "sign_in_cancelled"   // what F13 becomes in one tab
	SignInTooLate      FailureCode = "sign_in_too_late"    // the ten minutes of a sign-in are over, or it was used
	SignInElsewhere    FailureCode = "sign_in_elsewhere"   // it came back to another browser than it left from
	CookiesBlocked     FailureCode = "cookies_blocked"     // the browser has not kept the cookie it was just given
	PermissionUnticked FailureCode = "permission_unticked" // granted scopes are fewer than asked ones
	NotConfigured      FailureCode = "not_configured"      // the relay has no app for the platform
	Unexpected         FailureCode = "unexpected"          // what no other code fits
	RequestPaused      FailureCode = "request_paused"      // the operator has suspended the agency
	SignedOutHere      FailureCode = "signed_out_here"     // the visit's idle hour is over
	SharingInterrupted FailureCode = "sharing_interrupted" // a stop between "sharing" and its result
)

// Facebook.
const (
	NotInBusinessManager FailureCode = "not_in_business_manager" // F14
	NoBusinessManager    FailureCode = "no_business_manager"     // F15
	OtherOwner           FailureCode = "other_owner"             // F16
	PartialAccess        FailureCode = "partial_access"          // F17
	NotBusinessAdmin     FailureCode = "not_business_admin"      // F18
	NewPageAdmin         FailureCode = "new_page_admin"          // F19
	ApproveInBusiness    FailureCode = "approve_in_business"     // F20
	ApprovedElsewhere    FailureCode = "approved_elsewhere"      // F21
	BoxUnticked          FailureCode = "box_unticked"            // F22
	ListCut              FailureCode = "list_cut"                // F23: Facebook stopped before the list's end
	WrongFacebookUser    FailureCode = "wrong_facebook_user"     // F24
	TwoFactorNeeded      FailureCode = "two_factor_needed"       // F25
	AccountRestricted    FailureCode = "account_restricted"      // F26: shared, but no ads run
	AccountClosed        FailureCode = "account_closed"          // F26: it is closed, or about to be
	PaymentOverdue       FailureCode = "payment_overdue"         // F26: ads still run, for a while
	AgencySide           FailureCode = "agency_side"             // F27
	TemporarilyBlocked   FailureCode = "temporarily_blocked"     // F28
	AppNotApproved       FailureCode = "app_not_approved"        // F29
	AlreadyShared        FailureCode = "already_shared"          // F30
	PartlyDone           FailureCode = "partly_done"             // F31
	OnlyAdsAndPages      FailureCode = "only_ads_and_pages"      // F32, the agency reads it
	ManualShare          FailureCode = "share_by_hand"           // Facebook refuses the app, the client shares
	NamedByClient        FailureCode = "named_by_client"         // the client shares it by hand; it was not found yet
	NamedUnclear         FailureCode = "named_unclear"           // something has arrived that may be it: a person tells
)

// What a client says that a platform's own error page said. Nobody else saw it.
const (
	PageSaidUnavailable FailureCode = "page_said_unavailable" // F29: the app is not active or not available
	PageSaidDenied      FailureCode = "page_said_denied"      // this user may not
	PageSaidLater       FailureCode = "page_said_later"       // F48: something went wrong there
	PageSaidOther       FailureCode = "page_said_other"
)

// CRMs.
const (
	MayNotConnect    FailureCode = "not_super_admin"     // F37: the user may not connect apps there
	WhichAccount     FailureCode = "which_portal"        // F38: one sign-in can have several accounts
	AddressOfApp     FailureCode = "address_of_app"      // F44
	AddressNotHTTPS  FailureCode = "address_not_https"   // F44: it would send the key in the open
	AddressUnknown   FailureCode = "address_unknown"     // F44: nothing derivable, or no such account
	KeyRefused       FailureCode = "key_refused"         // F45
	KeyIsPersonal    FailureCode = "key_is_personal"     // F46
	KeySeesNothing   FailureCode = "key_sees_nothing"    // a good key, of a user who may see nothing
	AccountUnpaid    FailureCode = "account_unpaid"      // F45: the account there has ended, or a payment is due
	AccountRefreshed FailureCode = "account_refreshed"   // F47
	PlatformDown     FailureCode = "platform_down"       // F48
	PlatformBusy     FailureCode = "platform_busy"       // too many calls; like F48, shorter
	ProductNotInPlan FailureCode = "product_not_in_plan" // F39: nothing is connected
	FeatureNotGiven  FailureCode = "feature_not_given"   // F39: connected, without what was optional
	RoleTooLow       FailureCode = "role_too_low"        // F40: the user's role there does not reach
)

// Files that are picked on the platform's own page.
const (
	NothingPicked FailureCode = "nothing_picked"  // F36: the person came back without a file
	TooManyPicked FailureCode = "too_many_picked" // more than one sign-in may connect
	LeftOut       FailureCode = "left_out"        // F36: picked, but not connected
	InTrash       FailureCode = "in_trash"        // the file was thrown away, and can still be restored
)

// Where the client's own admin, or the address of a sign-in, is in the way.
const (
	// F41: the app is not installed in the client's organisation
	AdminMustInstall FailureCode = "admin_must_install"
	// F41: it is blocked there, or this user may not sign in to apps
	AdminMustApprove     FailureCode = "admin_must_approve"
	SignInAddressOfApp   FailureCode = "sign_in_address_of_app"  // F42: a page inside the platform, not where one signs in
	SignInAddressUnknown FailureCode = "sign_in_address_unknown" // F42
	NoAPIAccess          FailureCode = "no_api_access"           // F43: the edition has no API, or the user may not use it
)

// Later, found by the agency's own checks.
const (
	SignInEnded       FailureCode = "sign_in_ended"      // F49: a changed password, or no cause is told
	SignInExpired     FailureCode = "sign_in_expired"    // F50
	AppRemoved        FailureCode = "app_removed"        // F55: its person removed the app at the platform
	SecurityCheck     FailureCode = "security_check"     // F49: the account has to pass a check there first
	CredentialRefused FailureCode = "credential_refused" // F51, F56
	UserInactive      FailureCode = "user_inactive"      // F55: the user, or the whole organisation, is switched off
	// an access token ended before its time: whoever calls renews it once
	SessionEnded   FailureCode = "session_ended"
	ShareRemoved   FailureCode = "share_removed"   // F53
	LevelLowered   FailureCode = "level_lowered"   // F54
	AgencyAccepts  FailureCode = "agency_accepts"  // shared; the agency has to accept it in its Business Manager
	NotAssigned    FailureCode = "not_assigned"    // shared, but the agency's user cannot be given it
	SessionLimited FailureCode = "session_limited" // F51: the client's company lets sign-ins end after a while
	CredentialLost FailureCode = "credential_lost" // it was only on a computer of the agency that is gone
	OtherAccount   FailureCode = "other_account"   // a repair link was used with an account that it is not for
)

// What is left when the agency ends an access.
const (
	WithdrawByHand FailureCode = "withdraw_by_hand" // the platform lets an app end nothing: its own users do
	GrantShared    FailureCode = "grant_shared"     // ending it would end another living item too
	NeverArrived   FailureCode = "never_arrived"    // it was only named, and nobody has found it: there was no access
)

// Codes lists every code, in the order of the rows.
func Codes() []FailureCode {
	var codes []FailureCode
	for _, info := range failures() {
		codes = append(codes, info.code)
	}
	return codes
}

// EndsSignIn reports whether a person has to sign in at the platform again.
func (c FailureCode) EndsSignIn() bool {
	return c == SignInEnded || c == SignInExpired || c == AppRemoved || c == SecurityCheck
}

// LacksRights reports whether the agency's own user lacks what an admin of its Business
// Manager gives: the user is signed in, and signing in again changes nothing.
func (c FailureCode) LacksRights() bool { return c == AgencySide || c == NotAssigned }

// IsRepairable reports whether a client repairs a broken access with this failure by
// connecting or sharing the same account again.
func (c FailureCode) IsRepairable() bool {
	return slices.ContainsFunc(failures(), func(f failureInfo) bool { return f.code == c && f.repairs })
}

// Known reports whether the catalog has texts of its own for the code.
func (c FailureCode) Known() bool { return slices.Contains(Codes(), c) }

// Party is who can do something about a failure.
type Party string

// The parties.
const (
	You       Party = "you"       // who reads it in the wizard
	Colleague Party = "colleague" // somebody else at the client
	TheAgency Party = "agency"
	Platform  Party = "platform"
	Nobody    Party = "nobody" // nothing has to be done
)

// RecoveryOption is a way out that is offered beside the texts.
type RecoveryOption string

// The recovery options.
const (
	RecoverRetry    RecoveryOption = "try_again"
	RecoverSkip     RecoveryOption = "skip" // with a reason
	RecoverCopyNote RecoveryOption = "copy_note"
	RecoverContinue RecoveryOption = "go_on"
	// a colleague gets an email and a link to just this
	RecoverHandOver RecoveryOption = "hand_over"
	// at Facebook: without a sign-in, as an admin of their own Business Manager
	RecoverByHand RecoveryOption = "by_hand"
	// of a link that no longer works: the agency is told, and sends a new one
	RecoverAskLink RecoveryOption = "ask_link"
	// of an older link: the newest goes to the address that this one went to
	RecoverSendAgain RecoveryOption = "send_again"
	// the link goes to a computer
	RecoverEmailLink RecoveryOption = "email_link"
	RecoverCopyLink  RecoveryOption = "copy_link"
)

// Severity is how a failure looks: never more alarming than it is.
type Severity string

// The severities, by the state colours of the same meaning.
const (
	SeverityError   Severity = "bad"  // it did not work
	SeverityWarning Severity = "wait" // it will, or it works with a warning
	SeveritySuccess Severity = "good" // nothing is wrong
	SeverityInfo    Severity = "note" // worth knowing
)

// Args fill the texts. Every field may be empty: the text then does without.
type Args struct {
	Agency  string               // the company name that clients read
	Name    string               // a person: the user signed in at the platform, or the colleague who finished
	Asset   string               // the asset or account that is meant
	Other   string               // the business that owns it, or the one in which to approve
	People  []string             // who at the client has full control
	Service onboarding.Service   // the platform that is meant
	When    onboarding.Timestamp // since, until or not before
	Wait    time.Duration        // how long it is until When; 0: not known
	Account string               // the account as the platform names it: "Harbour & Pine AB, portal 26114873"
	Address string               // an email address, or the API URL that was meant
	Reason  string               // why the rest of PartlyDone did not work, a sentence
	Lists   string               // of ListCut: those that the platform refused; empty: not known. Of LeftOut: what
	Feature string               // what a plan lacks
	App     string               // the id that the platform's admins see the app by
	Asked   Asked                // what the request asks for at Facebook
	Install string               // the page where the client's admin installs the app
	Code    string               // the platform's own code; of RoleTooLow: the role
	Done    int                  // of PartlyDone: connected
	Waits   int                  // of PartlyDone: for an approval, or for a step by hand
	Of      int
	Found   bool // a check found it, at an account that was connected
	Repair  bool // the link to repair one account leads to it: it can be forwarded, and nothing is skipped

	// What the agency knows and a client does not need.
	Client   string          // who was asked
	By       string          // the person there who connected it
	Kind     onboarding.Kind // of the item
	Business string          // the agency's Business Manager, with its number
	Own      bool            // the account is the agency's own
}

// Failure is one thing that can go wrong, as people read it.
type Failure struct {
	Code        FailureCode
	Row         string // the row of the failures' table it answers; empty: none
	Severity    Severity
	Title       string // the headline of a page about it
	Short       string // fits in a list's row
	Message     string // what happened
	Explanation string // why that is normal; may be empty
	NextStep    string // what to do; may be empty when nothing is
	FixedBy     Party
	Steps       []string         // the guide, in order; may be empty
	Link        Link             // where the steps are done; may be empty
	Note        string           // a note to copy for somebody else; empty: none
	Recovery    []RecoveryOption // the ways out, the best first
	ForAgency   string           // what the agency reads in the hub
	Blocks      bool             // an asset with this cannot be chosen
}
