package wire

import "github.com/latchkeyhq/latchkey/internal/onboarding"

// The methods, but for Preflight, ReadCheckup and ReadAudit, which have files of their own. Their params
// and results are declared below.
var (
	Probe     = Method[Empty, ProbeResult]{Path: "/api/v1/probe", Auth: AuthNone, MaxParams: fewParams}
	Enrol     = Method[EnrolParams, EnrolResult]{Path: "/api/v1/enrol", Auth: AuthNone, MaxParams: enrolParams}
	ReadRelay = Method[Empty, RelayResult]{Path: "/api/v1/relay"}

	InviteMember = Method[InviteMemberParams, CodeResult]{Path: "/api/v1/invite-member", Auth: AuthMainUser}
	ChangeMember = Method[ChangeMemberParams, Empty]{Path: "/api/v1/change-member", Auth: AuthMainUser}
	RemoveMember = Method[RemoveMemberParams, Empty]{Path: "/api/v1/remove-member", Auth: AuthMainUser}
	// a member's own further device
	IssueCode    = Method[IssueCodeParams, CodeResult]{Path: "/api/v1/issue-code"}
	ListCodes    = Method[Empty, CodesResult]{Path: "/api/v1/list-codes"}
	WithdrawCode = Method[CodeParams, Empty]{Path: "/api/v1/withdraw-code"}
	ListDevices  = Method[Empty, DevicesResult]{Path: "/api/v1/list-devices"}
	// also for a revoked one
	ReadDeviceCredentials = Method[DeviceParams, DeviceCredentialsResult]{Path: "/api/v1/read-device-credentials"}
	Approve               = Method[DeviceParams, Empty]{Path: "/api/v1/approve-device"}
	Revoke                = Method[DeviceParams, RevokeResult]{Path: "/api/v1/revoke-device"}

	StartConnection  = Method[StartConnectionParams, StartConnectionResult]{Path: "/api/v1/start-connection"}
	FinishConnection = Method[FinishConnectionParams, FinishConnectionResult]{Path: "/api/v1/finish-connection"}
	EndConnection    = Method[ConnectionParams, Empty]{Path: "/api/v1/end-connection"}

	PickAssets    = Method[PickAssetsParams, ItemsResult]{Path: "/api/v1/pick-assets", MaxParams: largestParams}
	PlanAccount   = Method[PlanAccountParams, PlanAccountResult]{Path: "/api/v1/plan-account"}
	SaveAccount   = Method[SaveAccountParams, ItemResult]{Path: "/api/v1/save-account", MaxParams: largestParams}
	RemoveAccount = Method[ItemParams, Empty]{Path: "/api/v1/remove-account"}

	SaveRequest     = Method[SaveRequestParams, RequestResult]{Path: "/api/v1/save-request", MaxParams: textParams}
	EditRequest     = Method[SaveRequestParams, RequestResult]{Path: "/api/v1/edit-request", MaxParams: textParams}
	ResubmitRequest = Method[ResubmitRequestParams, RequestResult]{
		Path: "/api/v1/resubmit-request", MaxParams: largestParams,
	}
	SendRequest     = Method[SendRequestParams, RequestResult]{Path: "/api/v1/send-request", MaxParams: textParams}
	ResendRequest   = Method[ResendRequestParams, RequestResult]{Path: "/api/v1/resend-request", MaxParams: listParams}
	RenewRequest    = Method[NewLinkParams, RequestResult]{Path: "/api/v1/renew-request"}
	ReopenRequest   = Method[NewLinkParams, RequestResult]{Path: "/api/v1/reopen-request"}
	SetReminders    = Method[SetRemindersParams, RequestResult]{Path: "/api/v1/set-reminders"}
	WithdrawRequest = Method[RequestParams, RequestResult]{Path: "/api/v1/withdraw-request"}
	// RecordClientEnd records in a request's history that its client was ended.
	RecordClientEnd = Method[RequestParams, RequestResult]{Path: "/api/v1/record-client-end"}
	ArchiveRequest  = Method[ArchiveRequestParams, RequestResult]{Path: "/api/v1/archive-request"}
	DeleteClient    = Method[RequestParams, Empty]{Path: "/api/v1/delete-client"}

	ReadChanges    = Method[ChangesParams, ChangesResult]{Path: "/api/v1/changes"}
	ConfirmRestore = Method[ConfirmRestoreParams, Empty]{Path: "/api/v1/confirm-restore", Auth: AuthMainUser}

	ReadDeliveries  = Method[DeliveriesParams, DeliveriesResult]{Path: "/api/v1/deliveries"}
	Acknowledge     = Method[AcknowledgeParams, Empty]{Path: "/api/v1/acknowledge", MaxParams: listParams}
	SealForDevice   = Method[SealForDeviceParams, Empty]{Path: "/api/v1/seal-for-device", MaxParams: largestParams}
	RenewCredential = Method[RenewCredentialParams, RenewCredentialResult]{
		Path: "/api/v1/renew-credential", MaxParams: textParams,
	}
	ReadSharedGrant = Method[SharedGrantParams, SharedGrantResult]{
		Path: "/api/v1/read-shared-grant", MaxParams: listParams,
	}
	EndAccess    = Method[EndAccessParams, ItemResult]{Path: "/api/v1/end-access"}
	ReportAccess = Method[ReportAccessParams, ReportAccessResult]{
		Path: "/api/v1/report-access", MaxParams: textParams,
	}

	ReadNews     = Method[Empty, NewsResult]{Path: "/api/v1/read-news"}
	SaveNews     = Method[SaveNewsParams, NewsResult]{Path: "/api/v1/save-news"}
	ReportOutage = Method[ReportOutageParams, Empty]{Path: "/api/v1/report-outage", MaxParams: textParams}

	SaveBrand = Method[SaveBrandParams, AgencyResult]{
		Path: "/api/v1/save-brand", Auth: AuthMainUser, MaxParams: largestParams,
	}
	SwitchBrand    = Method[SwitchParams, AgencyResult]{Path: "/api/v1/switch-brand", Auth: AuthMainUser}
	ProposeReplyTo = Method[AddressParams, AgencyResult]{Path: "/api/v1/propose-reply-to", Auth: AuthMainUser}
	ConfirmReplyTo = Method[ConfirmReplyToParams, AgencyResult]{Path: "/api/v1/confirm-reply-to", Auth: AuthMainUser}
	ShareRequests  = Method[SwitchParams, AgencyResult]{Path: "/api/v1/share-requests", Auth: AuthMainUser}

	ListWebhooks   = Method[Empty, WebhooksResult]{Path: "/api/v1/list-webhooks", Auth: AuthMainUser}
	SaveWebhook    = Method[SaveWebhookParams, WebhooksResult]{Path: "/api/v1/save-webhook", Auth: AuthMainUser}
	DeleteWebhook  = Method[WebhookParams, WebhookLogResult]{Path: "/api/v1/delete-webhook", Auth: AuthMainUser}
	TestWebhook    = Method[WebhookParams, WebhookLogResult]{Path: "/api/v1/test-webhook", Auth: AuthMainUser}
	ReadWebhookLog = Method[WebhookParams, WebhookLogResult]{Path: "/api/v1/read-webhook-log", Auth: AuthMainUser}
	ResendWebhook  = Method[WebhookParams, WebhookLogResult]{Path: "/api/v1/resend-webhook", Auth: AuthMainUser}
)

// All lists every method. Handle panics for others.
func All() []MethodInfo {
	return []MethodInfo{
		Probe.info(), Enrol.info(), ReadRelay.info(),
		InviteMember.info(), ChangeMember.info(), RemoveMember.info(), IssueCode.info(), ListCodes.info(),
		WithdrawCode.info(),
		ListDevices.info(), ReadDeviceCredentials.info(), Approve.info(), Revoke.info(),
		StartConnection.info(), FinishConnection.info(), EndConnection.info(),
		PickAssets.info(), PlanAccount.info(), SaveAccount.info(), RemoveAccount.info(),
		SaveRequest.info(), EditRequest.info(), ResubmitRequest.info(), SendRequest.info(), ResendRequest.info(),
		RenewRequest.info(), ReopenRequest.info(), SetReminders.info(), WithdrawRequest.info(), ArchiveRequest.info(),
		RecordClientEnd.info(),
		DeleteClient.info(),
		ReadChanges.info(), ConfirmRestore.info(),
		ReadDeliveries.info(), Acknowledge.info(), SealForDevice.info(), RenewCredential.info(), ReportAccess.info(),
		ReadSharedGrant.info(), EndAccess.info(),
		SaveBrand.info(), SwitchBrand.info(), ProposeReplyTo.info(), ConfirmReplyTo.info(), ShareRequests.info(),
		ListWebhooks.info(), SaveWebhook.info(), DeleteWebhook.info(), TestWebhook.info(), ReadWebhookLog.info(),
		ResendWebhook.info(),
		ReadNews.info(), SaveNews.info(), ReportOutage.info(),
		Preflight.info(), ReadAudit.info(), AcceptHistory.info(), PrepareRepairs.info(), CloseRepair.info(),
		FindItem.info(), ConfirmItem.info(), UnmatchItem.info(), ReadCheckup.info(),
		ReadDomain.info(), ProposeDomain.info(), CheckDomain.info(), RemoveDomain.info(),
	}
}

// ProbeResult identifies a relay before enrolment: its operator, who is public
// on its pages, and its wire version.
type ProbeResult struct {
	Operator string `json:"operator"`
	Address  string `json:"address"` // its public address, which the client must use
	Version  int    `json:"version"`
}

// EnrolParams makes this computer a device of the member for whom the code was
// issued. A repeat with the same code and key returns the same device with a
// new token, as long as the code is valid.
type EnrolParams struct {
	Code      SecretText `json:"code"`
	PublicKey string     `json:"public_key"` // as encoded by seal
	Name      string     `json:"name"`       // of the computer
}

// EnrolResult identifies the new device. The hub stores the token in the
// keychain.
type EnrolResult struct {
	Token  SecretText        `json:"token"`
	Agency onboarding.Agency `json:"agency"`
	Member onboarding.Member `json:"member"`
	Device onboarding.Device `json:"device"`
	Relay  string            `json:"relay"` // the relay's id, part of every binding
}

// RelayResult describes the relay and the caller.
type RelayResult struct {
	Relay     string            `json:"relay"`
	Operator  string            `json:"operator"`
	Contact   string            `json:"contact"`
	Member    onboarding.Member `json:"member"`
	Device    string            `json:"device"`
	Platforms []OfferedPlatform `json:"platforms"`
	MailFrom  string            `json:"mail_from"` // the sender of emails
	Address   string            `json:"address"`   // the public address of the wizard
	Limits    onboarding.Limits `json:"limits"`
	Checkup   bool              `json:"checkup,omitempty"` // ReadCheckup is answered
	// NewestHub is the newest version of the hub that the operator allows; nil: none is
	// named, and an older relay names none.
	NewestHub *HubRelease `json:"newest_hub,omitempty"`
}

// HubRelease is a version of the hub, and where it is to be had.
type HubRelease struct {
	Version string `json:"version"` // three numbers
	URL     string `json:"url"`     // an https address
}

// OfferedPlatform reports whether requests can include a platform.
type OfferedPlatform struct {
	Platform onboarding.Platform `json:"platform"`
	Offered  bool                `json:"offered"`
	Why      string              `json:"why"` // a sentence, if it is not offered
	// ByHand: clients can share by hand, also where the platform is not offered. ByHandFirst:
	// new requests ask for that, since the relay has no approved app.
	ByHand      bool `json:"by_hand,omitempty"`
	ByHandFirst bool `json:"by_hand_first,omitempty"`
	// Version is the version of the platform's API that the operator
	// configured; empty: the driver's default. The hub validates its form: it
	// must never become part of another host or path.
	Version string `json:"version,omitempty"`
}

// InviteMemberParams adds a member by an id that the hub made, and issues a
// code.
type InviteMemberParams struct {
	ID    string          `json:"id"`
	Name  string          `json:"name"`
	Email string          `json:"email"`
	Role  onboarding.Role `json:"role"`
}

// CodeResult is shown once: the relay stores only a hash.
type CodeResult struct {
	ID    string               `json:"id"`
	Code  SecretText           `json:"code"` // groups of four
	Until onboarding.Timestamp `json:"until"`
}

// ChangeMemberParams changes a member's name or role.
type ChangeMemberParams struct {
	ID   string          `json:"id"`
	Name string          `json:"name"`
	Role onboarding.Role `json:"role"`
}

// RemoveMemberParams names the successor for the member's requests and items.
type RemoveMemberParams struct {
	ID        string `json:"id"`
	Successor string `json:"successor"`
}

// IssueCodeParams issues a code for another device of the caller (empty Member,
// valid for 10 minutes), or, for main users, a new one for another member (7
// days).
type IssueCodeParams struct {
	Member string `json:"member"`
}

// CodesResult lists valid codes: the caller's own, for main users everyone's.
type CodesResult struct {
	Codes []OpenCode `json:"codes"`
}

// OpenCode describes an unused code, without the code.
type OpenCode struct {
	ID     string               `json:"id"`
	Member string               `json:"member"` // for whom it is
	Until  onboarding.Timestamp `json:"until"`
}

// CodeParams names a code that the caller could issue. Others are ErrNotFound,
// a used one is an InvalidError.
type CodeParams struct {
	ID string `json:"id"`
}

// DevicesResult lists the caller's devices; for main users everyone's.
type DevicesResult struct {
	Devices []DeviceView `json:"devices"`
}

// DeviceView is a device with the count of its credentials.
type DeviceView struct {
	onboarding.Device
	CredentialCount int `json:"credential_count"` // acknowledged credentials
	Waiting         int `json:"waiting"`          // credentials not sealed for it yet
}

// DeviceParams names a device of the caller or, for main users, of any member.
type DeviceParams struct {
	ID string `json:"id"`
}

// DeviceCredentialsResult lists what a device acknowledged or could have
// fetched: ids of items and Connections. It includes revoked devices.
type DeviceCredentialsResult struct {
	Items       []string `json:"items"`
	Connections []string `json:"connections"`
	// Lost are the items whose credentials no other computer has, of a device that was revoked.
	Lost []string `json:"lost,omitempty"`
}

// RevokeResult lists the items whose credentials the device had.
type RevokeResult struct {
	Credentials []string `json:"credentials"`
}

// StartConnectionParams begins the agency's own sign-in at a platform: it
// creates a Connection at platforms with Business Managers, else an account.
// Challenge is the S256 challenge of FinishConnection's verifier (PKCE);
// Loopback is the redirect address, http://127.0.0.1:port/path. ID comes back
// to it as state, beside code or error: it must not be guessable.
type StartConnectionParams struct {
	ID        string              `json:"id"` // of the sign-in, and of the Connection that it creates
	Platform  onboarding.Platform `json:"platform"`
	Challenge string              `json:"challenge"`
	Loopback  string              `json:"loopback"`
}

// StartConnectionResult is an address for the system browser, valid once, for
// five minutes.
type StartConnectionResult struct {
	Address string               `json:"address"`
	Until   onboarding.Timestamp `json:"until"`
}

// FinishConnectionParams redeems the one-time code of the redirect.
type FinishConnectionParams struct {
	ID       string     `json:"id"`
	Code     SecretText `json:"code"`
	Verifier SecretText `json:"verifier"`
}

// FinishConnectionResult has the token, sealed for the calling device. Other
// entitled devices get theirs as deliveries. If accounts were connected, Items
// and Deliveries have one entry each, and the Connection is empty.
type FinishConnectionResult struct {
	Connection onboarding.Connection `json:"connection"`
	Items      []onboarding.Item     `json:"items,omitempty"`
	LeftOut    []onboarding.LeftOut  `json:"left_out,omitempty"` // picked, but not among Items
	Deliveries []Delivery            `json:"deliveries"`
}

// ConnectionParams names a Connection.
type ConnectionParams struct {
	ID string `json:"id"`
}

// PickAssetsParams puts ad accounts and Pages of a Connection's user into
// Accounts. Existing items stay and get the new name.
type PickAssetsParams struct {
	Connection string        `json:"connection"`
	Assets     []PickedAsset `json:"assets"`
}

// PickedAsset is one ad account or Page by the platform's id.
type PickedAsset struct {
	Kind    onboarding.Kind `json:"kind"`
	Account string          `json:"account"`
	Name    string          `json:"name"`
	Detail  string          `json:"detail"`
}

// ItemsResult has the stored items in the order of the params.
type ItemsResult struct {
	Items []onboarding.Item `json:"items"`
}

// PlanAccountParams prepares an account of the agency that the hub connects by
// a key, which the relay never sees.
type PlanAccountParams struct {
	Service onboarding.Service `json:"service"`
	Account string             `json:"account"` // the platform's id
}

// PlanAccountResult has the binding of the sealed key and its recipients.
type PlanAccountResult struct {
	Item    string      `json:"item"`
	Version int64       `json:"version"`
	Devices []DeviceKey `json:"devices"` // the caller's, and those of the main users
}

// DeviceKey is a device that is entitled to a credential.
type DeviceKey struct {
	ID        string `json:"id"`
	PublicKey string `json:"public_key"`
}

// SaveAccountParams stores a planned account with its key, sealed by the hub
// for each planned device. ErrConflict: the plan is outdated.
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

// ItemResult has the item as stored.
type ItemResult struct {
	Item onboarding.Item `json:"item"`
}

// ItemParams names an item.
type ItemParams struct {
	ID string `json:"id"`
}

// SaveRequestParams saves a new request, or edits one that was neither sent nor
// opened.
type SaveRequestParams struct {
	Request RequestInput `json:"request"`
}

// RequestInput holds the requester's choices.
type RequestInput struct {
	ID         string               `json:"id"`
	Client     string               `json:"client"`
	Message    string               `json:"message"`
	Services   []onboarding.Service `json:"services"`
	Connection string               `json:"connection"`
	Business   string               `json:"business"`
	// Kinds and Level are for Facebook; older hubs send neither.
	Kinds []onboarding.Kind      `json:"kinds,omitempty"`
	Level onboarding.AccessLevel `json:"level,omitempty"`
	// ByHand: the client shares at Facebook without a sign-in. Without a Connection the member
	// has typed Business and BusinessName. Older relays know neither: see OfferedPlatform.
	ByHand       bool                 `json:"by_hand,omitempty"`
	BusinessName string               `json:"business_name,omitempty"`
	Created      onboarding.Timestamp `json:"created"`
}

// RequestResult has the request as stored.
type RequestResult struct {
	Request onboarding.Request `json:"request"`
}

// ResubmitRequestParams restores a request that a restored relay has lost, with
// its original link and proof. The relay verifies both. An existing request is
// returned unchanged, unless it lacks an ending; a deleted one is ErrNotFound and
// stays deleted.
type ResubmitRequestParams struct {
	Request onboarding.Request `json:"request"`
	Items   []onboarding.Item  `json:"items"`
}

// NewLinkParams replaces a request's link. LinkVersion is the link to replace:
// if it was replaced already, the request is returned unchanged, so that a
// repeat makes no second link.
type NewLinkParams struct {
	ID          string `json:"id"`
	LinkVersion int    `json:"link_version"`
	// Send mails the new link to the request's recipients who want emails: the hub's
	// idempotency key, as in ResendRequestParams. Empty: nothing is sent.
	Send string `json:"send,omitempty"`
}

// SetRemindersParams chooses the days after their invitation on which recipients of a
// pending request are reminded; none: never. A new request has
// onboarding.DefaultReminders.
type SetRemindersParams struct {
	ID   string `json:"id"`
	Days []int  `json:"days"`
}

// RequestParams names a request.
type RequestParams struct {
	ID string `json:"id"`
}

// SendRequestParams adds recipients, by ids that the hub made, and emails them.
type SendRequestParams struct {
	ID         string         `json:"id"`
	Recipients []NewRecipient `json:"recipients"`
}

// NewRecipient is one address to email.
type NewRecipient struct {
	ID      string `json:"id"`
	Address string `json:"address"`
}

// ResendRequestParams emails recipients again. Send is the hub's idempotency
// key: a repeat sends nothing.
type ResendRequestParams struct {
	ID         string   `json:"id"`
	Send       string   `json:"send"`
	Recipients []string `json:"recipients"`
}

// ArchiveRequestParams hides a finished request, or shows it again.
type ArchiveRequestParams struct {
	ID string `json:"id"`
	On bool   `json:"on"`
}

// Cursor is a position in the agency's changes. The zero Cursor reads
// everything.
type Cursor struct {
	Seq        int64  `json:"seq"`
	CommitID   string `json:"commit_id"`
	Visibility int64  `json:"visibility"`
}

// ChangesParams asks for the changes after the cursor.
type ChangesParams struct {
	After Cursor `json:"after"`
}

// ChangesResult is a page of changes in order. With Reset this is the first
// page of a full read: at its end the hub deletes what was not in it, but keeps
// its outbox. More: there is another page.
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
	// Restored is when the relay's backup was restored. Until the hub of the
	// main user whom the operator named confirms it, nothing is sealed for the agency. Zero: it was confirmed.
	Restored onboarding.Timestamp `json:"restored,omitempty"`
	// MailFails is since when an email waits while the relay's mail server takes none. Zero:
	// mail works.
	MailFails onboarding.Timestamp `json:"mail_fails,omitempty"`
}

// ConfirmRestoreParams confirms that a main user's hub has read everything of a
// restored relay, and has ended again what had ended. Restored is as in
// ChangesResult; another one is ErrConflict. A device that was not approved, or of
// another member than the operator named, is ErrForbidden.
type ConfirmRestoreParams struct {
	Restored onboarding.Timestamp `json:"restored"`
}

// Tombstone names something that no longer exists, or that this member may no longer see.
type Tombstone struct {
	Kind string `json:"kind"` // "request", "item", "member", "device", "connection"
	ID   string `json:"id"`
}

// Delivery is one version of a credential, sealed for one device.
type Delivery struct {
	ID         string `json:"id"`
	Item       string `json:"item"`       // the subject is an item
	Connection string `json:"connection"` // or a Connection
	Version    int64  `json:"version"`
	Sealed     []byte `json:"sealed"`
}

// DeliveriesParams asks for the deliveries after one; empty: from the oldest. A
// rejected delivery stays unacknowledged: After skips it.
type DeliveriesParams struct {
	After string `json:"after"`
}

// DeliveriesResult has deliveries for the calling device, oldest first, at most
// 100.
type DeliveriesResult struct {
	Deliveries []Delivery `json:"deliveries"`
}

// AcknowledgeParams confirms that deliveries are in the keychain. The relay
// deletes them.
type AcknowledgeParams struct {
	IDs []string `json:"ids"`
}

// SealForDeviceParams delivers credentials to another device whose number the
// user compared.
type SealForDeviceParams struct {
	Device     string     `json:"device"`
	Deliveries []Delivery `json:"deliveries"`
}

// RenewCredentialParams asks for an access token; only the relay renews.
// ErrStaleVersion: Version is not the newest; fetch deliveries first. A refusal
// by the platform is a *RefusedError. Proof was sealed with the version: it
// lets a restored relay accept a version that it has lost.
type RenewCredentialParams struct {
	Item    string     `json:"item"`
	Version int64      `json:"version"`
	Refresh SecretText `json:"refresh"`
	Proof   string     `json:"proof,omitempty"`
	// Address is the API address of the account in the credential; empty: none.
	// It is untrusted: the driver validates it before it calls.
	Address string `json:"address,omitempty"`
	// Ending is that the access token is for ending the access. What the client has
	// withdrawn is renewed for nothing else.
	Ending bool `json:"ending,omitempty"`
}

// RenewCredentialResult has an access token. Version is the newest of the
// credential; if it rose, the new one is among the deliveries.
type RenewCredentialResult struct {
	Access  SecretText           `json:"access"`
	Expires onboarding.Timestamp `json:"expires"`
	Version int64                `json:"version"`
}

// ReportAccessParams reports a check.
type ReportAccessParams struct {
	Item   string            `json:"item"`
	Access onboarding.Access `json:"access"` // Since is set by the relay
	Tasks  []string          `json:"tasks"`
}

// ReportAccessResult has the newest stored check, perhaps another hub's.
type ReportAccessResult struct {
	Access onboarding.Access `json:"access"`
}

// SharedGrantParams has an item, and those of the agency that are ended together with
// it: they do not count as what else depends on its grant.
type SharedGrantParams struct {
	ID      string   `json:"id"`
	Besides []string `json:"besides,omitempty"`
}

// SharedGrantResult lists what else depends on the grant of an item, in any
// agency of the relay: other active items of the same service with the same
// account, or connected by the same platform user. Of an asset that is shared with
// a Business Manager: other requests of the agency that have it in the same one.
type SharedGrantResult struct {
	Account bool `json:"account"`
	Person  bool `json:"person"`
}

// EndAccessParams reports the end of the access to an item. The first call
// counts; a repeat returns the stored item. ErrConflict: the item is being
// shared, or failed.
type EndAccessParams struct {
	Item      string `json:"item"`
	Proven    bool   `json:"proven"`    // a call verified that the access is gone
	Remaining string `json:"remaining"` // a code of the catalog: what remains; empty, only if Proven: nothing
	// Withdrawn marks the item again as withdrawn by its client, and ends nothing: a relay
	// that was restored from a backup has lost that. Proven and Remaining are empty.
	Withdrawn bool `json:"withdrawn,omitempty"`
}

// SaveBrandParams is the form of Collaboration Settings. It changes neither the
// brand's switch nor the reply-to.
type SaveBrandParams struct {
	Company       string `json:"company"`
	Logo          []byte `json:"logo"` // as uploaded; empty: KeepLogo decides between keeping and removing
	KeepLogo      bool   `json:"keep_logo"`
	Colour        string `json:"colour"`
	ShowRequester bool   `json:"show_requester"`
}

// AgencyResult has the agency as stored.
type AgencyResult struct {
	Agency onboarding.Agency `json:"agency"`
}

// SwitchParams turns something on or off.
type SwitchParams struct {
	On bool `json:"on"`
}

// NewsResult has how the caller gets news by email: a choice for each kind.
type NewsResult struct {
	Settings onboarding.NewsSettings `json:"settings"`
}

// SaveNewsParams stores how the caller gets news by email. Without choices, those of
// before stay, and only the time of the caller's computer is stored.
type SaveNewsParams struct {
	Settings onboarding.NewsSettings `json:"settings"`
}

// ReportOutageParams reports that a sign-in of the agency's own, or the relay's app at a
// platform, does not work, or works again. The members whom it concerns get one email,
// whichever hubs report it. A repeat changes nothing.
type ReportOutageParams struct {
	Outage onboarding.Outage `json:"outage"` // its Since is ignored: the relay's clock decides
	Works  bool              `json:"works"`
}

// AddressParams has an address to confirm by an emailed code. Empty: remove the
// current one.
type AddressParams struct {
	Address string `json:"address"`
}

// ConfirmReplyToParams has the emailed code.
type ConfirmReplyToParams struct {
	Code SecretText `json:"code"`
}

// WebhooksResult lists the agency's webhooks. Secret is that of the one that was
// saved, if it is new: it is given this once.
type WebhooksResult struct {
	Webhooks []onboarding.Webhook `json:"webhooks"`
	Secret   SecretText           `json:"secret,omitempty"`
	Off      bool                 `json:"off,omitempty"` // the operator allows none
}

// SaveWebhookParams adds a webhook, by an id that the hub made, or changes it.
type SaveWebhookParams struct {
	ID        string                 `json:"id"`
	Name      string                 `json:"name"`
	Form      onboarding.WebhookForm `json:"form"`
	Address   SecretText             `json:"address"` // empty: as before
	Kinds     []onboarding.NewsKind  `json:"kinds"`
	On        bool                   `json:"on"`
	NewSecret bool                   `json:"new_secret"` // replace the secret; the former one signs for a day more
}

// WebhookParams names a webhook, and a delivery of its log where one is meant.
type WebhookParams struct {
	ID       string `json:"id"`
	Delivery string `json:"delivery"`
}

// WebhookLogResult has the last deliveries of a webhook, newest first. A test is
// the first of them, with its answer.
type WebhookLogResult struct {
	Deliveries []onboarding.WebhookDelivery `json:"deliveries"`
}
