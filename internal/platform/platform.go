// Package platform says what a driver is: the small abilities that hub and
// relay look for, the steps that signing in has in common everywhere, and the
// guard that every outgoing call passes.
//
// It knows no platform by name. A driver built for a hub never holds an app's
// secret: it is another type, without the abilities that need one.
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

// Driver speaks to one platform. What else it can do is found by asserting one
// of the abilities below.
type Driver interface {
	Platform() onboarding.Platform
}

// Find gives the driver of a platform, or ErrNotOffered.
func Find(drivers []Driver, of onboarding.Platform) (Driver, error) {
	for _, d := range drivers {
		if d.Platform() == of {
			return d, nil
		}
	}
	return nil, onboarding.ErrNotOffered
}

// Setting is what an operator can set for one platform beside its app, as
// LATCHKEY_<PLATFORM>_<NAME>. It is optional and no secret.
type Setting struct {
	Name string // in capitals: "CONFIG_ID"
	Form string // what its value looks like, as a sentence goes on after "is not": "a number"
	// Valid says whether a value can be used.
	Valid func(value string) bool
}

// Versioned is a driver of a platform whose API has dated versions. Hub and
// relay call the same one: an operator raises it without a new build of either.
type Versioned interface {
	// APIVersion is the version that is called, as the platform writes it.
	APIVersion() string
	// UseVersion calls another from now on, also in calls of other goroutines.
	// What is no version of the platform's, or older than the driver was built
	// for, stands for the driver's own.
	UseVersion(version string)
}

// LogTaker is a driver with something to tell whoever runs the program.
type LogTaker interface {
	UseLog(log *slog.Logger)
}

// SignIn sends a person to the platform and exchanges what they come back with.
// Only a relay's driver has it.
type SignIn interface {
	// Address is where the browser goes.
	Address(SignInStart) string
	// Exchange turns the code into a Grant. It fails with a *Failure when the
	// platform refuses, does not answer, or granted less than was asked.
	Exchange(ctx context.Context, back SignInReturn) (Grant, error)
	// UsesPKCE says whether the platform takes a challenge.
	UsesPKCE() bool
}

// SignInStart is what goes to the platform with a person.
type SignInStart struct {
	State     string
	Redirect  string // the one callback address of the platform
	Challenge string // S256 of the verifier; empty where the platform takes none
	Rerequest bool   // offer again what was declined before
	Agency    bool   // an agency's own sign-in, not a client's
	Target    string // as TargetTaker gave it; empty: the platform asks for none
}

// SignInReturn is what came back.
type SignInReturn struct {
	Code     onboarding.Secret
	Redirect string
	Verifier onboarding.Secret
	Agency   bool
	Company  string   // who asks, as clients read it: it names what the driver makes; may be empty
	Target   string   // that of the SignInStart
	Picked   []string // ids of the files that were picked on the platform's own page, as it wrote them
}

// maxPicked is how many picked files are read: one more than a driver may take,
// so that it sees that there were too many.
const maxPicked = 51

// PickedFiles reads from a callback's query which files were picked on the
// platform's own page. The ids are not checked: they come from outside.
// https://developers.google.com/workspace/drive/picker/guides/desktop-mobile-picker
func PickedFiles(query url.Values) []string {
	if len(query["picked_file_ids"]) != 1 || query.Get("picked_file_ids") == "" {
		return nil
	}
	ids := strings.SplitN(query.Get("picked_file_ids"), ",", maxPicked+1)
	return ids[:min(len(ids), maxPicked)]
}

// TargetTaker asks the client something before they leave: where they sign in,
// or what to connect. The options are catalog.Service.Before. Only a relay's
// driver has it.
type TargetTaker interface {
	// Target checks the chosen option with what was typed beside it, and answers
	// the value for SignInStart.Target. It fails with a *Failure that may hold a
	// Suggestion.
	Target(option, typed string) (string, error)
}

// CallbackReader reads the errors that its platform sends people back with and
// that mean something at this platform alone. Only a relay's driver has it.
type CallbackReader interface {
	// ReadCallbackError answers what the callback's query means. nil: the error
	// is none of the platform's own, and is read as OAuth defines it.
	ReadCallbackError(query url.Values) *Failure
}

// Installer is a driver whose app somebody at the client has to install before
// anybody there can sign in. Only a relay's driver has it.
type Installer interface {
	// InstallAddress is the page where that is done; empty: the operator has
	// named none.
	InstallAddress() string
}

// AppNamer names the relay's app as the platform's admins see it, for the note
// to who has to allow it. Only a relay's driver has it.
type AppNamer interface {
	// AppID is the app's id there. It is no secret.
	AppID() string
}

// Grant is what a sign-in, a key or a renewal gave.
type Grant struct {
	Access     onboarding.Secret
	Expires    time.Time          // of Access; zero: unknown or never
	Credential Credential         // what a device keeps; empty for a client's Facebook sign-in
	Account    onboarding.Account // what was connected: a portal, an account; for Facebook the user
	Detail     string             // second line of the account: its domain or address
	User       string             // the platform's user who signed in
	// Items are what was connected where one sign-in connects several things at
	// once, as a sheet each. Account is then who signed in. Empty: Account is
	// the one thing that was connected.
	Items []GrantedItem
	// Missing are optional scopes that were asked for and not granted.
	Missing []string
}

// GrantedItem is one of several things that a sign-in connected. They share the
// Grant's credential.
type GrantedItem struct {
	Kind    onboarding.Kind
	Account onboarding.Account
	Detail  string // second line: the owner's address
}

// KeyTaker connects by an address and a key instead of a sign-in.
type KeyTaker interface {
	// NormalizeAddress makes the API's address out of what somebody typed. It fails with
	// a *Failure that may hold a Suggestion.
	NormalizeAddress(typed string) (address string, err error)
	// VerifyKey tries both for real.
	VerifyKey(ctx context.Context, address string, key onboarding.Secret) (Grant, error)
}

// AssetLister lists what a signed-in person could share.
type AssetLister interface {
	// Assets is complete: every page of every list, merged. What cannot be
	// shared is in it with the reason. It reads ad accounts and Pages, and of the
	// other kinds only those that are named.
	Assets(ctx context.Context, access onboarding.Secret, kinds ...onboarding.Kind) (Assets, error)
}

// Assets is what a person could share, in the order to show it.
type Assets struct {
	AdAccounts  []Asset
	Pages       []Asset
	More        []Asset // of the kinds that were asked for besides
	HasBusiness bool    // the person is in at least one Business Manager
}

// All lists everything, ad accounts and Pages first.
func (a Assets) All() []Asset { return slices.Concat(a.AdAccounts, a.Pages, a.More) }

// Of lists what is of one kind, in the order to show it.
func (a Assets) Of(kind onboarding.Kind) []Asset {
	var found []Asset
	for _, asset := range a.All() {
		if asset.Kind == kind {
			found = append(found, asset)
		}
	}
	return found
}

// Asset is one thing that can be shared, as the signed-in person sees it.
type Asset struct {
	Kind     onboarding.Kind
	ID       string
	Name     string
	Detail   string              // second line: "4471 2096 118 · EUR"
	Business onboarding.Account  // the owner; empty: none
	Barrier  catalog.FailureCode // why it cannot be shared; empty: it can
	Warning  catalog.FailureCode // it can be shared, but this should be known
	Holders  []string            // who could share it, where the platform tells
	Shared   bool                // the agency's Business Manager has it already
}

// Sharer gives the agency's Business Manager access to one asset.
type Sharer interface {
	// Share asks for exactly the tasks of the level. What is already shared is
	// success. Waiting is not an error: Shared.Waiting says why.
	Share(ctx context.Context, access onboarding.Secret, p ShareParams) (Shared, error)
}

// ShareParams is what sharing an asset needs.
type ShareParams struct {
	Asset Asset
	With  onboarding.Account // the agency's Business Manager
	Level onboarding.AccessLevel
}

// Shared is how sharing an asset ended when the platform did not refuse it.
type Shared struct {
	Waiting catalog.FailureCode // empty: it is shared; else who must do what
	Code    string              // the platform's own
	Already bool
}

// Businesses reads an agency's own user: the Business Managers and the role in each.
type Businesses interface {
	Businesses(ctx context.Context, access onboarding.Secret) ([]onboarding.Business, error)
}

// Extender makes a sign-in last. Only a relay's driver has it, and only an
// agency's own user is ever extended.
type Extender interface {
	Extend(ctx context.Context, access onboarding.Secret) (Grant, error)
}

// Renewer gets a new access token. Only a relay's driver has it.
type Renewer interface {
	// Renew answers with the credential that is valid from now on, which may be
	// the old one.
	Renew(ctx context.Context, credential Credential) (Grant, error)
	// IdleLimit is how long an unused credential lives; zero: no limit is known.
	IdleLimit() time.Duration
}

// Assigner gives the request's Facebook user access to an asset inside the
// agency's Business Manager. Doing it twice is harmless.
type Assigner interface {
	Assign(ctx context.Context, credential Credential, p AssignParams) error
}

// AssignParams is what giving an asset to a user needs.
type AssignParams struct {
	Item     onboarding.Item
	Business onboarding.Business // with its user
	Level    onboarding.AccessLevel
}

// Checker tries an item for real.
type Checker interface {
	// Check answers with a Finding; its error is only for what says nothing
	// about the item: the platform or the network was not there.
	Check(ctx context.Context, q CheckParams) (CheckResult, error)
}

// CheckParams is what a check needs.
type CheckParams struct {
	Item       onboarding.Item
	Business   onboarding.Account     // where Facebook's assets went; zero: they are the agency's own
	Level      onboarding.AccessLevel // what was asked for at Facebook; empty: to advertise
	User       string                 // the Business Manager's user whom Facebook's assets were given to
	Access     onboarding.Secret      // the agency's own token, or the item's access token
	Credential Credential             // where the platform is called with the lasting secret itself, or with its AppProof
	Now        onboarding.Timestamp   // of the hub, to say how long a credential lasts; zero: that is not said
}

// CheckResult is what a check saw.
type CheckResult struct {
	State   onboarding.AccessState
	Failure catalog.FailureCode
	Code    string   // the platform's own
	Tasks   []string // what the agency may do, where the platform tells
	// Capabilities are what the item gives, as this call showed it.
	Capabilities []onboarding.Capability
}

// Withdrawer ends the agency's access to an item, as far as the platform lets
// an app do that. A hub's driver has it: it holds no app secret.
type Withdrawer interface {
	// Withdraw ends the access and proves by a call that it is gone. Access that
	// was gone before is success. What the platform leaves to a person is no
	// error: Withdrawal.Remaining names it. Its error is a *Failure: nothing is
	// known of the access then, and a repeat is harmless.
	Withdraw(ctx context.Context, p WithdrawParams) (Withdrawal, error)
}

// WithdrawParams is what ending an access needs.
type WithdrawParams struct {
	Item     onboarding.Item
	Business onboarding.Account // the agency's Business Manager, for Facebook's assets
	// Access is as in CheckParams; empty: the platform no longer renews Lasting, which
	// it may still be able to revoke.
	Access     onboarding.Secret
	Credential Credential // as in CheckParams
	// SharesGrant says that another living item hangs on the same grant: of the
	// same account, or of the same person at the platform.
	SharesGrant SharedGrant
}

// SharedGrant names what else lives on a grant that is to be ended.
type SharedGrant struct {
	Account bool // another item of the same account
	Person  bool // another item that the same person connected
}

// Withdrawal is how ending an access went.
type Withdrawal struct {
	Ended     bool                // a call has proved that the access is gone
	Remaining catalog.FailureCode // what is left, and for whom; empty: nothing
	Code      string              // the platform's own
}

// OwnAssets lists the ad accounts and Pages of an agency's own user. A hub's
// driver has it: nothing is shared by it.
type OwnAssets interface {
	// OwnAssets is complete, in the order to show it. What the user may not
	// advertise with is in it, with the barrier.
	OwnAssets(ctx context.Context, credential Credential) ([]Asset, error)
}

// Campaigner makes a campaign with what was shared, to prove that it can be used.
type Campaigner interface {
	// Campaign makes a paused campaign without a budget and gives its id. It is
	// never repeated by itself: doing it twice makes two.
	Campaign(ctx context.Context, credential Credential, q CampaignParams) (id string, err error)
}

// CampaignParams is what a campaign is made of.
type CampaignParams struct {
	AdAccount string // as the platform writes it
	Page      string // whose name it will be in; it has to be usable by the account
	Name      string
	Objective string // as the platform writes it
}
