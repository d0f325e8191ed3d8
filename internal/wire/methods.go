package wire

import "github.com/latchkeyhq/latchkey/internal/onboarding"

// Every method, once. Each names its question and answer below.
var (
	Greet     = Method[Nothing, GreetA]{Path: "/api/v1/greet", By: Anyone}
	Enrol     = Method[EnrolQ, EnrolA]{Path: "/api/v1/enrol", By: Anyone}
	ReadRelay = Method[Nothing, RelayA]{Path: "/api/v1/relay"}

	InviteMember = Method[InviteMemberQ, CodeA]{Path: "/api/v1/invite-member", By: MainUsers}
	ChangeMember = Method[ChangeMemberQ, Nothing]{Path: "/api/v1/change-member", By: MainUsers}
	RemoveMember = Method[RemoveMemberQ, Nothing]{Path: "/api/v1/remove-member", By: MainUsers}
	IssueCode    = Method[IssueCodeQ, CodeA]{Path: "/api/v1/issue-code"} // for another computer of one's own
	ListCodes    = Method[Nothing, CodesA]{Path: "/api/v1/list-codes"}
	WithdrawCode = Method[CodeQ, Nothing]{Path: "/api/v1/withdraw-code"}
	ListDevices  = Method[Nothing, DevicesA]{Path: "/api/v1/list-devices"}
	ReadHoldings = Method[DeviceQ, HoldingsA]{Path: "/api/v1/read-holdings"} // also of a revoked one
	Approve      = Method[DeviceQ, Nothing]{Path: "/api/v1/approve-device"}
	Revoke       = Method[DeviceQ, RevokeA]{Path: "/api/v1/revoke-device"}

	StartConnection  = Method[StartConnectionQ, StartConnectionA]{Path: "/api/v1/start-connection"}
	FinishConnection = Method[FinishConnectionQ, FinishConnectionA]{Path: "/api/v1/finish-connection"}
	EndConnection    = Method[ConnectionQ, Nothing]{Path: "/api/v1/end-connection"}

	PickAssets    = Method[PickAssetsQ, ItemsA]{Path: "/api/v1/pick-assets"}
	PlanAccount   = Method[PlanAccountQ, PlanAccountA]{Path: "/api/v1/plan-account"}
	SaveAccount   = Method[SaveAccountQ, ItemA]{Path: "/api/v1/save-account"}
	RemoveAccount = Method[ItemQ, Nothing]{Path: "/api/v1/remove-account"}

	SaveRequest     = Method[SaveRequestQ, RequestA]{Path: "/api/v1/save-request"}
	EditRequest     = Method[SaveRequestQ, RequestA]{Path: "/api/v1/edit-request"}
	OfferRequest    = Method[OfferRequestQ, RequestA]{Path: "/api/v1/offer-request"}
	SendRequest     = Method[SendRequestQ, RequestA]{Path: "/api/v1/send-request"}
	ResendRequest   = Method[ResendRequestQ, RequestA]{Path: "/api/v1/resend-request"}
	RenewRequest    = Method[NewLinkQ, RequestA]{Path: "/api/v1/renew-request"}
	ReopenRequest   = Method[NewLinkQ, RequestA]{Path: "/api/v1/reopen-request"}
	WithdrawRequest = Method[RequestQ, RequestA]{Path: "/api/v1/withdraw-request"}
	ArchiveRequest  = Method[ArchiveRequestQ, RequestA]{Path: "/api/v1/archive-request"}
	DeleteClient    = Method[RequestQ, Nothing]{Path: "/api/v1/delete-client"}

	ReadChanges = Method[ChangesQ, ChangesA]{Path: "/api/v1/changes"}

	ReadDeliveries  = Method[DeliveriesQ, DeliveriesA]{Path: "/api/v1/deliveries"}
	Acknowledge     = Method[AcknowledgeQ, Nothing]{Path: "/api/v1/acknowledge"}
	SealForDevice   = Method[SealForDeviceQ, Nothing]{Path: "/api/v1/seal-for-device"}
	RenewCredential = Method[RenewCredentialQ, RenewCredentialA]{Path: "/api/v1/renew-credential"}
	ReadSharedGrant = Method[ItemQ, SharedGrantResult]{Path: "/api/v1/read-shared-grant"}
	EndAccess       = Method[EndAccessParams, ItemA]{Path: "/api/v1/end-access"}
	ReportAccess    = Method[ReportAccessQ, ReportAccessA]{Path: "/api/v1/report-access"}

	SaveBrand      = Method[SaveBrandQ, AgencyA]{Path: "/api/v1/save-brand", By: MainUsers}
	SwitchBrand    = Method[SwitchQ, AgencyA]{Path: "/api/v1/switch-brand", By: MainUsers}
	ProposeReplyTo = Method[AddressQ, AgencyA]{Path: "/api/v1/propose-reply-to", By: MainUsers}
	ConfirmReplyTo = Method[ConfirmReplyToQ, AgencyA]{Path: "/api/v1/confirm-reply-to", By: MainUsers}
	ShareRequests  = Method[SwitchQ, AgencyA]{Path: "/api/v1/share-requests", By: MainUsers}
)

// All lists every method. What is missing here is not served: the handler
// refuses to register it.
func All() []Described {
	return []Described{
		Greet.describe(), Enrol.describe(), ReadRelay.describe(),
		InviteMember.describe(), ChangeMember.describe(), RemoveMember.describe(), IssueCode.describe(), ListCodes.describe(), WithdrawCode.describe(),
		ListDevices.describe(), ReadHoldings.describe(), Approve.describe(), Revoke.describe(),
		StartConnection.describe(), FinishConnection.describe(), EndConnection.describe(),
		PickAssets.describe(), PlanAccount.describe(), SaveAccount.describe(), RemoveAccount.describe(),
		SaveRequest.describe(), EditRequest.describe(), OfferRequest.describe(), SendRequest.describe(), ResendRequest.describe(),
		RenewRequest.describe(), ReopenRequest.describe(), WithdrawRequest.describe(), ArchiveRequest.describe(), DeleteClient.describe(),
		ReadChanges.describe(),
		ReadDeliveries.describe(), Acknowledge.describe(), SealForDevice.describe(), RenewCredential.describe(), ReportAccess.describe(),
		ReadSharedGrant.describe(), EndAccess.describe(),
		SaveBrand.describe(), SwitchBrand.describe(), ProposeReplyTo.describe(), ConfirmReplyTo.describe(), ShareRequests.describe(),
	}
}

// GreetA says that a relay is here, before anybody joins: who runs it, which
// every page of its says too, and which version of the wire it speaks.
type GreetA struct {
	Operator string `json:"operator"`
	Address  string `json:"address"` // its public one: the enrolled address has to be this
	Version  int    `json:"version"`
}

// EnrolQ makes this computer a device of the member whom the code was given to.
// Asked twice with the same code and key it gives the same device a new token,
// as long as the code is valid.
type EnrolQ struct {
	Code      Carried `json:"code"`
	PublicKey string  `json:"public_key"` // as seal writes it
	Name      string  `json:"name"`       // of the computer
}

// EnrolA is what the hub keeps: the token in the keychain, the rest in its database.
type EnrolA struct {
	Token  Carried           `json:"token"`
	Agency onboarding.Agency `json:"agency"`
	Member onboarding.Member `json:"member"`
	Device onboarding.Device `json:"device"`
	Relay  string            `json:"relay"` // the relay's id, inside every sealed credential
}

// RelayA says what this relay can do and who asks.
type RelayA struct {
	Relay     string            `json:"relay"`
	Operator  string            `json:"operator"`
	Contact   string            `json:"contact"`
	Member    onboarding.Member `json:"member"`
	Device    string            `json:"device"`
	Platforms []OfferedPlatform `json:"platforms"`
	MailFrom  string            `json:"mail_from"` // the address letters come from
	Address   string            `json:"address"`   // the public address of the wizard
	Limits    onboarding.Limits `json:"limits"`
}

// OfferedPlatform says whether a platform can be asked for here.
type OfferedPlatform struct {
	Platform onboarding.Platform `json:"platform"`
	Offered  bool                `json:"offered"`
	Why      string              `json:"why"` // a sentence, when it is not
	// Version is that of the platform's API which the operator wants called, where
	// the platform has such. A hub takes it as a version only, never as an address.
	Version string `json:"version,omitempty"`
}

// InviteMemberQ adds a member by an id made by the hub, and gives out a code.
type InviteMemberQ struct {
	ID    string          `json:"id"`
	Name  string          `json:"name"`
	Email string          `json:"email"`
	Role  onboarding.Role `json:"role"`
}

// CodeA is shown once: it is kept nowhere in the clear.
type CodeA struct {
	ID    string            `json:"id"`
	Code  Carried           `json:"code"` // groups of four
	Until onboarding.Moment `json:"until"`
}

// ChangeMemberQ gives a member another name or role.
type ChangeMemberQ struct {
	ID   string          `json:"id"`
	Name string          `json:"name"`
	Role onboarding.Role `json:"role"`
}

// RemoveMemberQ names who takes over the member's requests and items.
type RemoveMemberQ struct {
	ID   string `json:"id"`
	Heir string `json:"heir"`
}

// IssueCodeQ asks for a code for another computer of one's own (Member empty,
// valid for 10 minutes), or, by a main user, a new one for another member (7 days).
type IssueCodeQ struct {
	Member string `json:"member"`
}

// CodesA lists the codes that still work: one's own, for main users everyone's.
type CodesA struct {
	Codes []OpenCode `json:"codes"`
}

// OpenCode is a code that nobody has used yet, without the code.
type OpenCode struct {
	ID     string            `json:"id"`
	Member string            `json:"member"` // whom it is for
	Until  onboarding.Moment `json:"until"`
}

// CodeQ names a code. Whoever may issue it may ask: of others it says that it
// is not there, of one that was used that it is too late.
type CodeQ struct {
	ID string `json:"id"`
}

// DevicesA lists one's own devices; for main users everyone's.
type DevicesA struct {
	Devices []DeviceView `json:"devices"`
}

// DeviceView is a device with what it may hold.
type DeviceView struct {
	onboarding.Device
	Holds   int `json:"holds"`   // credentials it acknowledged
	Waiting int `json:"waiting"` // credentials nobody has sealed for it yet
}

// DeviceQ names a device. Only its own member, or a main user, may ask.
type DeviceQ struct {
	ID string `json:"id"`
}

// HoldingsA lists what a device acknowledged, or could have fetched: items and
// Connections by their ids. Of a revoked device it is what it held.
type HoldingsA struct {
	Items       []string `json:"items"`
	Connections []string `json:"connections"`
}

// RevokeA lists the items whose credentials the device held.
type RevokeA struct {
	Held []string `json:"held"`
}

// StartConnectionQ begins the agency's own sign-in at a platform: what comes of
// it is a Connection where there are Business Managers, else an account.
// Challenge is the
// S256 of the verifier that FinishConnection shows; Loopback is where the
// browser is sent back to, http://127.0.0.1:port/path.
type StartConnectionQ struct {
	ID        string              `json:"id"` // of the sign-in, and of the Connection to be
	Platform  onboarding.Platform `json:"platform"`
	Challenge string              `json:"challenge"`
	Loopback  string              `json:"loopback"`
}

// StartConnectionA is an address for the system browser: one use, five minutes.
type StartConnectionA struct {
	Address string            `json:"address"`
	Until   onboarding.Moment `json:"until"`
}

// FinishConnectionQ exchanges the one-time code that reached the loopback address.
type FinishConnectionQ struct {
	ID       string  `json:"id"`
	Code     Carried `json:"code"`
	Verifier Carried `json:"verifier"`
}

// FinishConnectionA carries the token, sealed for the asking device. The other
// entitled devices get theirs as deliveries. Where accounts were connected,
// Items are there, each with its delivery, and the Connection is empty.
type FinishConnectionA struct {
	Connection onboarding.Connection `json:"connection"`
	Items      []onboarding.Item     `json:"items,omitempty"`
	Deliveries []Delivery            `json:"deliveries"`
}

// ConnectionQ names a Connection.
type ConnectionQ struct {
	ID string `json:"id"`
}

// PickAssetsQ puts ad accounts and Pages of a Connection's user into Accounts.
// What is there already stays, with its newer name.
type PickAssetsQ struct {
	Connection string        `json:"connection"`
	Assets     []PickedAsset `json:"assets"`
}

// PickedAsset is one ad account or Page, as the platform names it.
type PickedAsset struct {
	Kind    onboarding.Kind `json:"kind"`
	Account string          `json:"account"`
	Name    string          `json:"name"`
	Detail  string          `json:"detail"`
}

// ItemsA is what the relay keeps now, in the order asked.
type ItemsA struct {
	Items []onboarding.Item `json:"items"`
}

// PlanAccountQ asks what an account of the agency itself will be, which the hub
// connects by a key that the relay never sees.
type PlanAccountQ struct {
	Service onboarding.Service `json:"service"`
	Account string             `json:"account"` // the platform's id of it
}

// PlanAccountA is what stands inside the sealed key, and whom it is for.
type PlanAccountA struct {
	Item    string      `json:"item"`
	Version int64       `json:"version"`
	Devices []DeviceKey `json:"devices"` // the caller's, and those of the main users
}

// DeviceKey is a device that may have a credential.
type DeviceKey struct {
	ID        string `json:"id"`
	PublicKey string `json:"public_key"`
}

// SaveAccountQ keeps an account as planned, with its key sealed by the hub for
// each of the planned devices. ErrConflict: the plan is no longer right.
type SaveAccountQ struct {
	Item       string             `json:"item"`
	Version    int64              `json:"version"`
	Service    onboarding.Service `json:"service"`
	Account    string             `json:"account"`
	Name       string             `json:"name"`
	Detail     string             `json:"detail"`
	PlatformBy string             `json:"platform_by"`
	Sealed     []SealedFor        `json:"sealed"`
}

// SealedFor is a credential, sealed for one device.
type SealedFor struct {
	Device string `json:"device"`
	Sealed []byte `json:"sealed"`
}

// ItemA is the item as the relay has it now.
type ItemA struct {
	Item onboarding.Item `json:"item"`
}

// ItemQ names an item.
type ItemQ struct {
	ID string `json:"id"`
}

// SaveRequestQ saves a new request (or edits one that nobody was sent and nobody
// opened). Only what a requester decides is read: id, client, message, services,
// connection, business.
type SaveRequestQ struct {
	Request RequestWish `json:"request"`
}

// RequestWish is what a requester decides.
type RequestWish struct {
	ID         string               `json:"id"`
	Client     string               `json:"client"`
	Message    string               `json:"message"`
	Services   []onboarding.Service `json:"services"`
	Connection string               `json:"connection"`
	Business   string               `json:"business"`
	// Kinds and Level are asked for at Facebook; a hub that knows neither sends none.
	Kinds   []onboarding.Kind      `json:"kinds,omitempty"`
	Level   onboarding.AccessLevel `json:"level,omitempty"`
	Created onboarding.Moment      `json:"created"`
}

// RequestA is the request as the relay has it now.
type RequestA struct {
	Request onboarding.Request `json:"request"`
}

// OfferRequestQ gives a restored relay a request back that it lost, with link
// and proof as they were given out. The relay checks both. A request that it
// has is answered as it is; one that was deleted there is ErrNotFound and stays
// deleted.
type OfferRequestQ struct {
	Request onboarding.Request `json:"request"`
	Items   []onboarding.Item  `json:"items"`
}

// NewLinkQ ends a request's link and begins a new one. LinkVersion is the link
// that ends: where a newer one is there already, the request is answered as it
// is, so that asking twice makes one new link.
type NewLinkQ struct {
	ID          string `json:"id"`
	LinkVersion int    `json:"link_version"`
}

// RequestQ names a request.
type RequestQ struct {
	ID string `json:"id"`
}

// SendRequestQ adds recipients (ids made by the hub) and writes to them.
type SendRequestQ struct {
	ID         string         `json:"id"`
	Recipients []NewRecipient `json:"recipients"`
}

// NewRecipient is one address to write to.
type NewRecipient struct {
	ID      string `json:"id"`
	Address string `json:"address"`
}

// ResendRequestQ writes again to recipients. Send is made by the hub: the same
// one asked twice sends once.
type ResendRequestQ struct {
	ID         string   `json:"id"`
	Send       string   `json:"send"`
	Recipients []string `json:"recipients"`
}

// ArchiveRequestQ hides a request that is over, or shows it again.
type ArchiveRequestQ struct {
	ID string `json:"id"`
	On bool   `json:"on"`
}

// Cursor is how far a hub has read. The zero Cursor reads everything.
type Cursor struct {
	N    int64  `json:"n"`
	Mark string `json:"mark"`
	View int64  `json:"view"`
}

// ChangesQ asks for what came after the cursor.
type ChangesQ struct {
	After Cursor `json:"after"`
}

// ChangesA is a page of changes in their order. With Reset the hub's copy is
// void: it reads from the start (this answer is the first page) and drops, at
// the end, what was not in it; its outbox stays. More says that the next page
// waits.
type ChangesA struct {
	Reset       bool                    `json:"reset"`
	Agency      *onboarding.Agency      `json:"agency,omitempty"`
	Members     []onboarding.Member     `json:"members,omitempty"`
	Devices     []onboarding.Device     `json:"devices,omitempty"`
	Connections []onboarding.Connection `json:"connections,omitempty"`
	Requests    []onboarding.Request    `json:"requests,omitempty"`
	Items       []onboarding.Item       `json:"items,omitempty"`
	Gone        []Gone                  `json:"gone,omitempty"`
	Next        Cursor                  `json:"next"`
	More        bool                    `json:"more"`
}

// Gone names something that no longer exists, or that this member may no longer see.
type Gone struct {
	Kind string `json:"kind"` // "request", "item", "member", "device", "connection"
	ID   string `json:"id"`
}

// Delivery is one version of a credential, sealed for one device.
type Delivery struct {
	ID         string `json:"id"`
	Item       string `json:"item"`       // or
	Connection string `json:"connection"` // its subject
	Version    int64  `json:"version"`
	Sealed     []byte `json:"sealed"`
}

// DeliveriesQ asks for what waits after a delivery; empty: from the oldest. A
// delivery that a hub refuses stays unacknowledged: After reads past it.
type DeliveriesQ struct {
	After string `json:"after"`
}

// DeliveriesA is what waits for the asking device, oldest first, at most 100.
type DeliveriesA struct {
	Deliveries []Delivery `json:"deliveries"`
}

// AcknowledgeQ says that these are in the keychain. The relay forgets them.
type AcknowledgeQ struct {
	IDs []string `json:"ids"`
}

// SealForDeviceQ passes credentials on to another device that a person compared.
type SealForDeviceQ struct {
	Device     string     `json:"device"`
	Deliveries []Delivery `json:"deliveries"`
}

// RenewCredentialQ asks the relay, the only one who renews, for an access token.
// ErrFetchFirst: Version is older than the newest; read the deliveries first.
// What the platform refused is a *RefusedError. Proof came sealed with the
// version: by it a relay that was restored takes a version that it has lost.
type RenewCredentialQ struct {
	Item    string  `json:"item"`
	Version int64   `json:"version"`
	Refresh Carried `json:"refresh"`
	Proof   string  `json:"proof,omitempty"`
	// Address is the credential's, of the account's API; empty: it has none. It
	// comes from outside: the driver checks it before it calls.
	Address string `json:"address,omitempty"`
}

// RenewCredentialA is an access token for now. Version is the credential's
// newest; where it rose, the next one lies sealed in the deliveries.
type RenewCredentialA struct {
	Access  Carried           `json:"access"`
	Expires onboarding.Moment `json:"expires"`
	Version int64             `json:"version"`
}

// ReportAccessQ tells what a check found.
type ReportAccessQ struct {
	Item   string            `json:"item"`
	Access onboarding.Access `json:"access"` // Since is the relay's to say
	Tasks  []string          `json:"tasks"`
}

// ReportAccessA is the newest check the relay keeps, which may be another hub's.
type ReportAccessA struct {
	Access onboarding.Access `json:"access"`
}

// SharedGrantResult says what else hangs on the grant of an item, in any agency
// of the relay: another living item of the same service that is of the same
// account, or that the same person at the platform connected.
type SharedGrantResult struct {
	Account bool `json:"account"`
	Person  bool `json:"person"`
}

// EndAccessParams tells how ending the access to an item went. The first call
// counts; a repeat answers with the item as it is. ErrConflict: the item is
// being shared, or failed.
type EndAccessParams struct {
	Item      string `json:"item"`
	Proven    bool   `json:"proven"`    // a call has proved that the access is gone
	Remaining string `json:"remaining"` // a code of the catalog: what is left; empty, only where Proven: nothing
}

// SaveBrandQ is the form of Collaboration Settings; it neither switches the
// brand on nor touches the reply-to.
type SaveBrandQ struct {
	Company       string `json:"company"`
	Logo          []byte `json:"logo"` // as uploaded; empty with KeepLogo keeps it, without removes it
	KeepLogo      bool   `json:"keep_logo"`
	Colour        string `json:"colour"`
	ShowRequester bool   `json:"show_requester"`
}

// AgencyA is the agency after the change.
type AgencyA struct {
	Agency onboarding.Agency `json:"agency"`
}

// SwitchQ turns something on or off.
type SwitchQ struct {
	On bool `json:"on"`
}

// AddressQ is an address that gets a mailed code. Empty: back to none.
type AddressQ struct {
	Address string `json:"address"`
}

// ConfirmReplyToQ shows the mailed code.
type ConfirmReplyToQ struct {
	Code Carried `json:"code"`
}
