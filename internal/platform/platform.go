// Package platform defines drivers: the small interfaces that hub and relay
// use, the steps that all sign-ins share, and the guard for outgoing calls.
//
// It names no platform but Facebook, which shares assets. A hub's driver never holds an app's secret: it is
// another type, without the methods that need one.
package platform

import (
	"context"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Driver calls one platform. Its other abilities are the interfaces below,
// found by type assertion.
type Driver interface {
	Platform() onboarding.Platform
}

// Find returns the driver of a platform, or ErrNotOffered.
func Find(drivers []Driver, of onboarding.Platform) (Driver, error) {
	for _, d := range drivers {
		if d.Platform() == of {
			return d, nil
		}
	}
	return nil, onboarding.ErrNotOffered
}

// Setting is an optional setting of a platform beside its app, as
// LATCHKEY_<PLATFORM>_<NAME>. It is no secret.
type Setting struct {
	Name string // in upper case: "CONFIG_ID"
	Form string // the form of its value, to follow "is not": "a number"
	// Valid reports whether a value is acceptable.
	Valid func(value string) bool
}

// Versioned is a driver of a platform with dated API versions. The operator
// sets one version for hub and relay without a new build.
type Versioned interface {
	// APIVersion is the version that is called, in the platform's notation.
	APIVersion() string
	// UseVersion sets the version of all further calls; it is safe for
	// concurrent use. An invalid version, or one older than the driver's,
	// selects the driver's own.
	UseVersion(version string)
}

// Pinger is a driver of a platform with one place at which everybody signs in. Only a
// relay's driver has it.
type Pinger interface {
	// Ping fails unless the platform answers at all. It shows no credential.
	Ping(ctx context.Context) error
}

// LogTaker is a driver that logs warnings for the operator.
type LogTaker interface {
	UseLog(log *slog.Logger)
}

// SignIn sends the client to the platform and redeems the returned code. Only a
// relay's driver has it.
type SignIn interface {
	// Address is the authorization URL for the browser.
	Address(SignInStart) string
	// Exchange redeems the code for a Grant. It fails with a *Failure if the
	// platform refuses, is unreachable, or granted less than requested.
	Exchange(ctx context.Context, back SignInReturn) (Grant, error)
	// UsesPKCE reports whether the platform supports a code challenge.
	UsesPKCE() bool
}

// SignInStart has the parameters of an authorization URL.
type SignInStart struct {
	State     string
	Redirect  string // the platform's single callback URL
	Challenge string // S256 of the verifier; empty: unsupported
	Rerequest bool   // ask again for what was declined
	Agency    bool   // a sign-in of the agency itself, not of a client
	Target    string // from TargetTaker; empty: none
}

// SignInReturn has the parameters of a callback.
type SignInReturn struct {
	Code     onboarding.Secret
	Redirect string
	Verifier onboarding.Secret
	Agency   bool
	Company  string   // the agency's name for clients, used to name what the driver creates; may be empty
	Target   string   // as in SignInStart
	Picked   []string // ids of the files picked on the platform's page, not validated
}

// maxPicked bounds the picked files: one more than a driver accepts, so that it
// detects an excess.
const maxPicked = 51

// PickedFiles reads the ids of picked files from a callback's query. It does
// not validate them.
// https://developers.google.com/workspace/drive/picker/guides/desktop-mobile-picker
func PickedFiles(query url.Values) []string {
	if len(query["picked_file_ids"]) != 1 || query.Get("picked_file_ids") == "" {
		return nil
	}
	ids := strings.SplitN(query.Get("picked_file_ids"), ",", maxPicked+1)
	return ids[:min(len(ids), maxPicked)]
}

// TargetTaker asks the client a question before the sign-in: where they sign
// in, or what to connect. The options are catalog.ServiceInfo.Before. Only a
// relay's driver has it.
type TargetTaker interface {
	// Target validates the chosen option and the text entered for it, and
	// returns SignInStart.Target. It fails with a *Failure that may have a
	// Suggestion.
	Target(option, typed string) (string, error)
}

// CallbackReader interprets the platform-specific errors of a callback. Only a
// relay's driver has it.
type CallbackReader interface {
	// ReadCallbackError interprets a callback's query. nil: not
	// platform-specific, use OAuth's meaning.
	ReadCallbackError(query url.Values) *Failure
}

// Installer is a driver whose app an admin of the client must install before
// anyone there can sign in. Only a relay's driver has it.
type Installer interface {
	// InstallAddress is the page for installing; empty: the operator has set
	// none.
	InstallAddress() string
}

// AppNamer identifies the relay's app to the platform's admins, for the note
// that asks them to allow it. Only a relay's driver has it.
type AppNamer interface {
	// AppID is the app's id at the platform. It is no secret.
	AppID() string
}

// Grant is the result of a sign-in, a key or a renewal.
type Grant struct {
	Access     onboarding.Secret
	Expires    time.Time          // of Access; zero: unknown or never
	Credential Credential         // for a device; empty for a client's Facebook sign-in
	Account    onboarding.Account // the connected portal or account; for Facebook the user
	Detail     string             // second line of the account: its domain or address
	User       string             // the platform's user who signed in
	// Items are the connected things if one sign-in connects several, like
	// sheets. Account is then the user. Empty: only Account was connected.
	Items []GrantedItem
	// Missing are optional scopes that were not granted.
	Missing []string
	LeftOut []onboarding.LeftOut // picked, but not among Items
}

// GrantedItem is one of several things that a sign-in connected. They share the
// Grant's credential.
type GrantedItem struct {
	Kind    onboarding.Kind
	Account onboarding.Account
	Detail  string // second line: the owner's address
	// ReadOnly: the person who connected it may not change it.
	ReadOnly bool
}

// KeyTaker connects by an address and a key instead of a sign-in.
type KeyTaker interface {
	// NormalizeAddress returns the API's address for the entered text. It fails
	// with a *Failure that may have a Suggestion.
	NormalizeAddress(typed string) (address string, err error)
	// VerifyKey verifies address and key with a call.
	VerifyKey(ctx context.Context, address string, key onboarding.Secret) (Grant, error)
}

// AssetLister lists what the signed-in user could share.
type AssetLister interface {
	// Assets reads every page of every list and merges them. It includes what
	// cannot be shared, with the reason. It reads ad accounts and Pages, and of
	// other kinds only the named ones. A list that is refused ends it only if
	// all are.
	Assets(ctx context.Context, access onboarding.Secret, kinds ...onboarding.Kind) (Assets, error)
}

// Assets is what a user could share, in display order.
type Assets struct {
	AdAccounts  []Asset
	Pages       []Asset
	More        []Asset // of the other kinds that were named
	HasBusiness bool    // the user is in at least one Business Manager
	Unread      []UnreadList
}

// UnreadList is a list that the platform refused, while others were read: what is
// in it may be missing.
type UnreadList struct {
	Kind     onboarding.Kind
	Business onboarding.Account // whose list; empty: the user's own
	Given    bool               // what others gave to the business, not what it owns
	Code     string             // the platform's own
}

// All lists everything, ad accounts and Pages first.
func (a Assets) All() []Asset { return slices.Concat(a.AdAccounts, a.Pages, a.More) }

// Of lists the assets of one kind, in display order.
func (a Assets) Of(kind onboarding.Kind) []Asset {
	var found []Asset
	for _, asset := range a.All() {
		if asset.Kind == kind {
			found = append(found, asset)
		}
	}
	return found
}

// Only leaves the asset of an account.
func (a Assets) Only(account string) Assets {
	other := func(asset Asset) bool { return asset.ID != account }
	a.AdAccounts = slices.DeleteFunc(slices.Clone(a.AdAccounts), other)
	a.Pages = slices.DeleteFunc(slices.Clone(a.Pages), other)
	a.More = slices.DeleteFunc(slices.Clone(a.More), other)
	return a
}

// Asset is one thing to share, as the signed-in user sees it.
type Asset struct {
	Kind     onboarding.Kind
	ID       string
	Name     string
	Detail   string              // second line: "4471 2096 118 · EUR"
	Business onboarding.Account  // the owning Business Manager; empty: none
	Barrier  catalog.FailureCode // why it cannot be shared; empty: it can
	Warning  catalog.FailureCode // a reservation although it can be shared
	Holders  []string            // who could share it, if the platform reveals that
	Shared   bool                // the agency's Business Manager already has it
}

// Sharer gives the agency's Business Manager access to one asset.
type Sharer interface {
	// Share grants exactly the tasks of the level. Sharing again succeeds.
	// Waiting for an approval is no error: see Shared.Waiting.
	Share(ctx context.Context, access onboarding.Secret, p ShareParams) (Shared, error)
}

// ShareParams has the parameters of Share.
type ShareParams struct {
	Asset Asset
	With  onboarding.Account // the agency's Business Manager
	Level onboarding.AccessLevel
}

// Shared is the result of Share.
type Shared struct {
	Waiting catalog.FailureCode // who must do what; empty: it is shared
	Code    string              // the platform's own
	Already bool
}

// Businesses lists the Business Managers of an agency's own user, with the role
// in each.
type Businesses interface {
	Businesses(ctx context.Context, access onboarding.Secret) ([]onboarding.Business, error)
}

// RoleReader reads the role that an agency's own user has in a Business Manager. A hub's
// driver has it.
type RoleReader interface {
	Role(ctx context.Context, credential Credential, business string) (BusinessRole, error)
}

// BusinessRole is a user's role in a Business Manager.
type BusinessRole string

// The roles.
const (
	RoleAdmin   BusinessRole = "admin"
	RoleOther   BusinessRole = "other"
	RoleNone    BusinessRole = "none"    // the user is not in it
	RoleUnknown BusinessRole = "unknown" // the user is in it, and the platform does not tell more
)

// Extender exchanges a short-lived token for a long-lived one. Only a relay's
// driver has it, and only for the agency's own users.
type Extender interface {
	Extend(ctx context.Context, access onboarding.Secret) (Grant, error)
}

// Renewer gets new access tokens. Only a relay's driver has it.
type Renewer interface {
	// Renew returns a Grant whose Credential replaces the given one; it may be
	// the same.
	Renew(ctx context.Context, credential Credential) (Grant, error)
	// IdleLimit is how long an unused credential stays valid; zero: unlimited
	// or unknown.
	IdleLimit() time.Duration
}

// Assigner assigns an asset to the request's Facebook user inside the agency's
// Business Manager. A repeat is harmless.
type Assigner interface {
	Assign(ctx context.Context, credential Credential, p AssignParams) error
}

// AssignParams has the parameters of Assign.
type AssignParams struct {
	Item     onboarding.Item
	Business onboarding.Business // with the user's id in it
	Level    onboarding.AccessLevel
}

// ArrivalLister lists what an agency's Business Manager was given. A hub's driver has it.
type ArrivalLister interface {
	// Arrivals lists all assets of a kind, as the agency's own user sees them.
	Arrivals(
		ctx context.Context, credential Credential, business string, kind onboarding.Kind,
	) ([]onboarding.Arrival, error)
}

// Checker verifies an item's access with real calls.
type Checker interface {
	// Check returns the result. It fails only if the platform or the network
	// was unavailable, so that nothing is known about the access.
	Check(ctx context.Context, p CheckParams) (CheckResult, error)
}

// CheckParams has the parameters of Check.
type CheckParams struct {
	Item       onboarding.Item
	Business   onboarding.Account     // that has Facebook's assets; zero: the agency's own assets
	Level      onboarding.AccessLevel // the requested level at Facebook; empty: advertise
	User       string                 // the Business Manager's user to whom Facebook's assets are assigned
	Access     onboarding.Secret      // the agency's own token, or the item's access token
	Credential Credential             // for platforms that are called with the lasting secret itself, or with its AppProof
	Now        onboarding.Timestamp   // the hub's time, to report a credential's remaining life; zero: not reported
}

// CheckResult is the result of a check.
type CheckResult struct {
	State   onboarding.AccessState
	Failure catalog.FailureCode // of access that works: what the asset itself lacks, as the platform reports
	Code    string              // the platform's own
	Bare    bool                // as in Failure: a second check has to confirm it
	Tasks   []string            // what the agency may do, if the platform reveals it
	// Capabilities describe the access, from this check.
	Capabilities []onboarding.Capability
}

// Withdrawer ends the agency's access to an item, as far as the platform lets
// an app do so. A hub's driver has it, without an app secret.
type Withdrawer interface {
	// Withdraw ends the access and verifies with a call that it is gone. Access
	// that is already gone is success. What only a user can do at the platform
	// is no error: see Withdrawal.Remaining. Its error is a *Failure: the state
	// of the access is unknown then, and a repeat is harmless.
	Withdraw(ctx context.Context, p WithdrawParams) (Withdrawal, error)
}

// WithdrawParams has the parameters of Withdraw.
type WithdrawParams struct {
	Item     onboarding.Item
	Business onboarding.Account // the agency's Business Manager, for Facebook's assets
	// Access is as in CheckParams; empty: the platform no longer renews
	// Credential, but may still revoke it.
	Access     onboarding.Secret
	Credential Credential // as in CheckParams
	// SharesGrant reports which other active items depend on the same grant.
	SharesGrant SharedGrant
}

// SharedGrant reports what else depends on a grant.
type SharedGrant struct {
	Account bool // another item of the same account
	Person  bool // another item connected by the same platform user
}

// Withdrawal is the result of Withdraw.
type Withdrawal struct {
	Ended     bool                // a call verified that the access is gone
	Remaining catalog.FailureCode // what remains, and for whom; empty: nothing
	Code      string              // the platform's own
}

// OwnAssets lists the ad accounts and Pages of an agency's own user. A hub's
// driver has it: it shares nothing.
type OwnAssets interface {
	// OwnAssets reads all of them, in display order, and names the lists that the
	// platform refused. Assets without the right to advertise are included, with the
	// barrier.
	OwnAssets(ctx context.Context, credential Credential) ([]Asset, []UnreadList, error)
}

// Campaigner creates a campaign with shared assets, to prove that they are
// usable.
type Campaigner interface {
	// Campaign creates a paused campaign without a budget and returns its id.
	// It never retries: a repeat creates a second one.
	Campaign(ctx context.Context, credential Credential, p CampaignParams) (id string, err error)
}

// CampaignParams has the parameters of Campaign.
type CampaignParams struct {
	AdAccount string // in the platform's notation
	Page      string // the Page that advertises; the ad account must be able to use it
	Name      string
	Objective string // in the platform's notation
}
