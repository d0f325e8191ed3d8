package wire

import "github.com/latchkeyhq/latchkey/internal/onboarding"

// Every method, once. Each names its question and answer below.
var (
	Probe     = Method[Empty, ProbeResult]{Path: "/api/v1/probe", Auth: AuthNone}
	Enrol     = Method[EnrolParams, EnrolResult]{Path: "/api/v1/enrol", Auth: AuthNone}
	ReadRelay = Method[Empty, RelayResult]{Path: "/api/v1/relay"}

	InviteMember = Method[InviteMemberParams, CodeResult]{Path: "/api/v1/invite-member", Auth: AuthMainUser}
	ChangeMember = Method[ChangeMemberParams, Empty]{Path: "/api/v1/change-member", Auth: AuthMainUser}
	RemoveMember = Method[RemoveMemberParams, Empty]{Path: "/api/v1/remove-member", Auth: AuthMainUser}
	// for another computer of one's own
	IssueCode    = Method[IssueCodeParams, CodeResult]{Path: "/api/v1/issue-code"}
	ListCodes    = Method[Empty, CodesResult]{Path: "/api/v1/list-codes"}
	WithdrawCode = Method[CodeParams, Empty]{Path: "/api/v1/withdraw-code"}
	ListDevices  = Method[Empty, DevicesResult]{Path: "/api/v1/list-devices"}
	// also of a revoked one
	ReadDeviceCredentials = Method[DeviceParams, DeviceCredentialsResult]{Path: "/api/v1/read-device-credentials"}
	Approve               = Method[DeviceParams, Empty]{Path: "/api/v1/approve-device"}
	Revoke                = Method[DeviceParams, RevokeResult]{Path: "/api/v1/revoke-device"}

	StartConnection  = Method[StartConnectionParams, StartConnectionResult]{Path: "/api/v1/start-connection"}
	FinishConnection = Method[FinishConnectionParams, FinishConnectionResult]{Path: "/api/v1/finish-connection"}
	EndConnection    = Method[ConnectionParams, Empty]{Path: "/api/v1/end-connection"}

	PickAssets    = Method[PickAssetsParams, ItemsResult]{Path: "/api/v1/pick-assets"}
	PlanAccount   = Method[PlanAccountParams, PlanAccountResult]{Path: "/api/v1/plan-account"}
	SaveAccount   = Method[SaveAccountParams, ItemResult]{Path: "/api/v1/save-account"}
	RemoveAccount = Method[ItemParams, Empty]{Path: "/api/v1/remove-account"}

	SaveRequest     = Method[SaveRequestParams, RequestResult]{Path: "/api/v1/save-request"}
	EditRequest     = Method[SaveRequestParams, RequestResult]{Path: "/api/v1/edit-request"}
	ResubmitRequest = Method[ResubmitRequestParams, RequestResult]{Path: "/api/v1/resubmit-request"}
	SendRequest     = Method[SendRequestParams, RequestResult]{Path: "/api/v1/send-request"}
	ResendRequest   = Method[ResendRequestParams, RequestResult]{Path: "/api/v1/resend-request"}
	RenewRequest    = Method[NewLinkParams, RequestResult]{Path: "/api/v1/renew-request"}
	ReopenRequest   = Method[NewLinkParams, RequestResult]{Path: "/api/v1/reopen-request"}
	WithdrawRequest = Method[RequestParams, RequestResult]{Path: "/api/v1/withdraw-request"}
	ArchiveRequest  = Method[ArchiveRequestParams, RequestResult]{Path: "/api/v1/archive-request"}
	DeleteClient    = Method[RequestParams, Empty]{Path: "/api/v1/delete-client"}

	ReadChanges = Method[ChangesParams, ChangesResult]{Path: "/api/v1/changes"}

	ReadDeliveries  = Method[DeliveriesParams, DeliveriesResult]{Path: "/api/v1/deliveries"}
	Acknowledge     = Method[AcknowledgeParams, Empty]{Path: "/api/v1/acknowledge"}
	SealForDevice   = Method[SealForDeviceParams, Empty]{Path: "/api/v1/seal-for-device"}
	RenewCredential = Method[RenewCredentialParams, RenewCredentialResult]{Path: "/api/v1/renew-credential"}
	ReadSharedGrant = Method[ItemParams, SharedGrantResult]{Path: "/api/v1/read-shared-grant"}
	EndAccess       = Method[EndAccessParams, ItemResult]{Path: "/api/v1/end-access"}
	ReportAccess    = Method[ReportAccessParams, ReportAccessResult]{Path: "/api/v1/report-access"}

	SaveBrand      = Method[SaveBrandParams, AgencyResult]{Path: "/api/v1/save-brand", Auth: AuthMainUser}
	SwitchBrand    = Method[SwitchParams, AgencyResult]{Path: "/api/v1/switch-brand", Auth: AuthMainUser}
	ProposeReplyTo = Method[AddressParams, AgencyResult]{Path: "/api/v1/propose-reply-to", Auth: AuthMainUser}
	ConfirmReplyTo = Method[ConfirmReplyToParams, AgencyResult]{Path: "/api/v1/confirm-reply-to", Auth: AuthMainUser}
	ShareRequests  = Method[SwitchParams, AgencyResult]{Path: "/api/v1/share-requests", Auth: AuthMainUser}
)

// All lists every method. What is missing here is not served: the handler
// refuses to register it.
func All() []MethodInfo {
	return []MethodInfo{
		Probe.info(), Enrol.info(), ReadRelay.info(),
		InviteMember.info(), ChangeMember.info(), RemoveMember.info(), IssueCode.info(), ListCodes.info(),
		WithdrawCode.info(),
		ListDevices.info(), ReadDeviceCredentials.info(), Approve.info(), Revoke.info(),
		StartConnection.info(), FinishConnection.info(), EndConnection.info(),
		PickAssets.info(), PlanAccount.info(), SaveAccount.info(), RemoveAccount.info(),
		SaveRequest.info(), EditRequest.info(), ResubmitRequest.info(), SendRequest.info(), ResendRequest.info(),
		RenewRequest.info(), ReopenRequest.info(), WithdrawRequest.info(), ArchiveRequest.info(), DeleteClient.info(),
		ReadChanges.info(),
		ReadDeliveries.info(), Acknowledge.info(), SealForDevice.info(), RenewCredential.info(), ReportAccess.info(),
		ReadSharedGrant.info(), EndAccess.info(),
		SaveBrand.info(), SwitchBrand.info(), ProposeReplyTo.info(), ConfirmReplyTo.info(), ShareRequests.info(),
	}
}

// ProbeResult says that a relay is here, before anybody joins: who runs it, which
// every page of its says too, and which version of the wire it speaks.
type ProbeResult struct {
	Operator string `json:"operator"`
	Address  string `json:"address"` // its public one: the enrolled address has to be this
	Version  int    `json:"version"`
}

// EnrolParams makes this computer a device of the member whom the code was given to.
// Asked twice with the same code and key it gives the same device a new token,
// as long as the code is valid.
type EnrolParams struct {
	Code      SecretText `json:"code"`
	PublicKey string     `json:"public_key"` // as seal writes it
	Name      string     `json:"name"`       // of the computer
}

// EnrolResult is what the hub keeps: the token in the keychain, the rest in its database.
type EnrolResult struct {
	Token  SecretText        `json:"token"`
	Agency onboarding.Agency `json:"agency"`
	Member onboarding.Member `json:"member"`
	Device onboarding.Device `json:"device"`
	Relay  string            `json:"relay"` // the relay's id, inside every sealed credential
}

// RelayResult says what this relay can do and who asks.
type RelayResult struct {
	Relay     string            `json:"relay"`
	Operator  string            `json:"operator"`
	Contact   string            `json:"contact"`
	Member    onboarding.Member `json:"member"`
	Device    string            `json:"device"`
	Platforms []OfferedPlatform `json:"platforms"`
	MailFrom  string            `json:"mail_from"` // the address emails come from
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

// InviteMemberParams adds a member by an id made by the hub, and gives out a code.
type InviteMemberParams struct {
	ID    string          `json:"id"`
	Name  string          `json:"name"`
	Email string          `json:"email"`
	Role  onboarding.Role `json:"role"`
}

// CodeResult is shown once: it is kept nowhere in the clear.
type CodeResult struct {
	ID    string               `json:"id"`
	Code  SecretText           `json:"code"` // groups of four
	Until onboarding.Timestamp `json:"until"`
}

// ChangeMemberParams gives a member another name or role.
type ChangeMemberParams struct {
	ID   string          `json:"id"`
	Name string          `json:"name"`
	Role onboarding.Role `json:"role"`
}

// RemoveMemberParams names who takes over the member's requests and items.
type RemoveMemberParams struct {
	ID        string `json:"id"`
	Successor string `json:"successor"`
}

// IssueCodeParams asks for a code for another computer of one's own (Member empty,
// valid for 10 minutes), or, by a main user, a new one for another member (7 days).
type IssueCodeParams struct {
	Member string `json:"member"`
}

// CodesResult lists the codes that still work: one's own, for main users everyone's.
type CodesResult struct {
	Codes []OpenCode `json:"codes"`
}

// OpenCode is a code that nobody has used yet, without the code.
type OpenCode struct {
	ID     string               `json:"id"`
	Member string               `json:"member"` // whom it is for
	Until  onboarding.Timestamp `json:"until"`
}

// CodeParams names a code. Whoever may issue it may ask: of others it says that it
// is not there, of one that was used that it is too late.
type CodeParams struct {
	ID string `json:"id"`
}

// DevicesResult lists one's own devices; for main users everyone's.
type DevicesResult struct {
	Devices []DeviceView `json:"devices"`
}

// DeviceView is a device with what it may hold.
type DeviceView struct {
	onboarding.Device
	CredentialCount int `json:"credential_count"` // credentials it acknowledged
	Waiting         int `json:"waiting"`          // credentials nobody has sealed for it yet
}

// DeviceParams names a device. Only its own member, or a main user, may ask.
type DeviceParams struct {
	ID string `json:"id"`
}

// DeviceCredentialsResult lists what a device acknowledged, or could have fetched: items and
// Connections by their ids. Of a revoked device it is what it held.
type DeviceCredentialsResult struct {
	Items       []string `json:"items"`
	Connections []string `json:"connections"`
}

// RevokeResult lists the items whose credentials the device held.
type RevokeResult struct {
	Credentials []string `json:"credentials"`
}

// StartConnectionParams begins the agency's own sign-in at a platform: what comes of
// it is a Connection where there are Business Managers, else an account.
// Challenge is the
// S256 of the verifier that FinishConnection shows; Loopback is where the
// browser is sent back to, http://127.0.0.1:port/path.
type StartConnectionParams struct {
	ID        string              `json:"id"` // of the sign-in, and of the Connection to be
	Platform  onboarding.Platform `json:"platform"`
	Challenge string              `json:"challenge"`
	Loopback  string              `json:"loopback"`
}

// StartConnectionResult is an address for the system browser: one use, five minutes.
type StartConnectionResult struct {
	Address string               `json:"address"`
	Until   onboarding.Timestamp `json:"until"`
}

// FinishConnectionParams exchanges the one-time code that reached the loopback address.
type FinishConnectionParams struct {
	ID       string     `json:"id"`
	Code     SecretText `json:"code"`
	Verifier SecretText `json:"verifier"`
}

// FinishConnectionResult carries the token, sealed for the asking device. The other
// entitled devices get theirs as deliveries. Where accounts were connected,
// Items are there, each with its delivery, and the Connection is empty.
type FinishConnectionResult struct {
	Connection onboarding.Connection `json:"connection"`
	Items      []onboarding.Item     `json:"items,omitempty"`
	Deliveries []Delivery            `json:"deliveries"`
}

// ConnectionParams names a Connection.
type ConnectionParams struct {
	ID string `json:"id"`
}

// PickAssetsParams puts ad accounts and Pages of a Connection's user into Accounts.
// What is there already stays, with its newer name.
type PickAssetsParams struct {
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

// ItemsResult is what the relay keeps now, in the order asked.
type ItemsResult struct {
	Items []onboarding.Item `json:"items"`
}

// PlanAccountParams asks what an account of the agency itself will be, which the hub
// connects by a key that the relay never sees.
type PlanAccountParams struct {
	Service onboarding.Service `json:"service"`
	Account string             `json:"account"` // the platform's id of it
}

// PlanAccountResult is what stands inside the sealed key, and whom it is for.
type PlanAccountResult struct {
	Item    string      `json:"item"`
	Version int64       `json:"version"`
	Devices []DeviceKey `json:"devices"` // the caller's, and those of the main users
}

// DeviceKey is a device that may have a credential.
type DeviceKey struct {
	ID        string `json:"id"`
	PublicKey string `json:"public_key"`
}

// SaveAccountParams keeps an account as planned, with its key sealed by the hub for
// each of the planned devices. ErrConflict: the plan is no longer right.
type SaveAccountParams struct {
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

// ItemResult is the item as the relay has it now.
type ItemResult struct {
	Item onboarding.Item `json:"item"`
}

// ItemParams names an item.
type ItemParams struct {
	ID string `json:"id"`
}

// SaveRequestParams saves a new request (or edits one that nobody was sent and nobody
// opened). Only what a requester decides is read: id, client, message, services,
// connection, business.
type SaveRequestParams struct {
	Request RequestInput `json:"request"`
}

// RequestInput is what a requester decides.
type RequestInput struct {
	ID         string               `json:"id"`
	Client     string               `json:"client"`
	Message    string               `json:"message"`
	Services   []onboarding.Service `json:"services"`
	Connection string               `json:"connection"`
	Business   string               `json:"business"`
	// Kinds and Level are asked for at Facebook; a hub that knows neither sends none.
	Kinds   []onboarding.Kind      `json:"kinds,omitempty"`
	Level   onboarding.AccessLevel `json:"level,omitempty"`
	Created onboarding.Timestamp   `json:"created"`
}

// RequestResult is the request as the relay has it now.
type RequestResult struct {
	Request onboarding.Request `json:"request"`
}

// ResubmitRequestParams gives a restored relay a request back that it lost, with link
// and proof as they were given out. The relay checks both. A request that it
// has is answered as it is; one that was deleted there is ErrNotFound and stays
// deleted.
type ResubmitRequestParams struct {
	Request onboarding.Request `json:"request"`
	Items   []onboarding.Item  `json:"items"`
}

// NewLinkParams ends a request's link and begins a new one. LinkVersion is the link
// that ends: where a newer one is there already, the request is answered as it
// is, so that asking twice makes one new link.
type NewLinkParams struct {
	ID          string `json:"id"`
	LinkVersion int    `json:"link_version"`
}

// RequestParams names a request.
type RequestParams struct {
	ID string `json:"id"`
}

// SendRequestParams adds recipients (ids made by the hub) and writes to them.
type SendRequestParams struct {
	ID         string         `json:"id"`
	Recipients []NewRecipient `json:"recipients"`
}

// NewRecipient is one address to write to.
type NewRecipient struct {
	ID      string `json:"id"`
	Address string `json:"address"`
}

// ResendRequestParams writes again to recipients. Send is made by the hub: the same
// one asked twice sends once.
type ResendRequestParams struct {
	ID         string   `json:"id"`
	Send       string   `json:"send"`
	Recipients []string `json:"recipients"`
}

// ArchiveRequestParams hides a request that is over, or shows it again.
type ArchiveRequestParams struct {
	ID string `json:"id"`
	On bool   `json:"on"`
}

// Cursor is how far a hub has read. The zero Cursor reads everything.
type Cursor struct {
	Seq        int64  `json:"seq"`
	CommitID   string `json:"commit_id"`
	Visibility int64  `json:"visibility"`
}

// ChangesParams asks for what came after the cursor.
type ChangesParams struct {
	After Cursor `json:"after"`
}

// ChangesResult is a page of changes in their order. With Reset the hub's copy is
// void: it reads from the start (this answer is the first page) and drops, at
// the end, what was not in it; its outbox stays. More says that the next page
// waits.
type ChangesResult struct {
	Reset       bool                    `json:"reset"`
	Agency      *onboarding.Agency      `json:"agency,omitempty"`
	Members     []onboarding.Member     `json:"members,omitempty"`
	Devices     []onboarding.Device     `json:"devices,omitempty"`
	Connections []onboarding.Connection `json:"connections,omitempty"`
	Requests    []onboarding.Request    `json:"requests,omitempty"`
	Items       []onboarding.Item       `json:"items,omitempty"`
	Deleted     []Tombstone             `json:"deleted,omitempty"`
	Next        Cursor                  `json:"next"`
	More        bool                    `json:"more"`
}

// Tombstone names something that no longer exists, or that this member may no longer see.
type Tombstone struct {
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

// DeliveriesParams asks for what waits after a delivery; empty: from the oldest. A
// delivery that a hub refuses stays unacknowledged: After reads past it.
type DeliveriesParams struct {
	After string `json:"after"`
}

// DeliveriesResult is what waits for the asking device, oldest first, at most 100.
type DeliveriesResult struct {
	Deliveries []Delivery `json:"deliveries"`
}

// AcknowledgeParams says that these are in the keychain. The relay forgets them.
type AcknowledgeParams struct {
	IDs []string `json:"ids"`
}

// SealForDeviceParams passes credentials on to another device that a person compared.
type SealForDeviceParams struct {
	Device     string     `json:"device"`
	Deliveries []Delivery `json:"deliveries"`
}

// RenewCredentialParams asks the relay, the only one who renews, for an access token.
// ErrStaleVersion: Version is older than the newest; read the deliveries first.
// What the platform refused is a *RefusedError. Proof came sealed with the
// version: by it a relay that was restored takes a version that it has lost.
type RenewCredentialParams struct {
	Item    string     `json:"item"`
	Version int64      `json:"version"`
	Refresh SecretText `json:"refresh"`
	Proof   string     `json:"proof,omitempty"`
	// Address is the credential's, of the account's API; empty: it has none. It
	// comes from outside: the driver checks it before it calls.
	Address string `json:"address,omitempty"`
}

// RenewCredentialResult is an access token for now. Version is the credential's
// newest; where it rose, the next one lies sealed in the deliveries.
type RenewCredentialResult struct {
	Access  SecretText           `json:"access"`
	Expires onboarding.Timestamp `json:"expires"`
	Version int64                `json:"version"`
}

// ReportAccessParams tells what a check found.
type ReportAccessParams struct {
	Item   string            `json:"item"`
	Access onboarding.Access `json:"access"` // Since is the relay's to say
	Tasks  []string          `json:"tasks"`
}

// ReportAccessResult is the newest check the relay keeps, which may be another hub's.
type ReportAccessResult struct {
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

// SaveBrandParams is the form of Collaboration Settings; it neither switches the
// brand on nor touches the reply-to.
type SaveBrandParams struct {
	Company       string `json:"company"`
	Logo          []byte `json:"logo"` // as uploaded; empty with KeepLogo keeps it, without removes it
	KeepLogo      bool   `json:"keep_logo"`
	Colour        string `json:"colour"`
	ShowRequester bool   `json:"show_requester"`
}

// AgencyResult is the agency after the change.
type AgencyResult struct {
	Agency onboarding.Agency `json:"agency"`
}

// SwitchParams turns something on or off.
type SwitchParams struct {
	On bool `json:"on"`
}

// AddressParams is an address that gets a mailed code. Empty: back to none.
type AddressParams struct {
	Address string `json:"address"`
}

// ConfirmReplyToParams shows the mailed code.
type ConfirmReplyToParams struct {
	Code SecretText `json:"code"`
}
