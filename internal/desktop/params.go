package desktop

import (
	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/hub/outbox"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// IDParams names one thing.
type IDParams struct {
	ID string `json:"id"`
}

// LimitParams bounds a list.
type LimitParams struct {
	Limit int `json:"limit"`
}

// DaysParams bounds days.
type DaysParams struct {
	// Bounds are the beginnings of days, oldest first, and the end of the last one.
	Bounds []onboarding.Timestamp `json:"bounds"`
}

// SearchParams has the text of the search.
type SearchParams struct {
	Text string `json:"text"`
}

// SendParams adds addresses to a request.
type SendParams struct {
	ID        string   `json:"id"`
	Addresses []string `json:"addresses"`
}

// ResendParams names recipients of a request; none means all.
type ResendParams struct {
	ID         string   `json:"id"`
	Recipients []string `json:"recipients"`
}

// NewLinkParams makes a new link for a request.
type NewLinkParams struct {
	ID   string `json:"id"`
	Send bool   `json:"send"` // mail it to the people who were invited
}

// RemindersParams chooses when recipients of a request are reminded.
type RemindersParams struct {
	ID   string `json:"id"`
	Days []int  `json:"days"` // after their invitation; none: never
}

// ArchiveParams hides a request, or shows it again.
type ArchiveParams struct {
	ID string `json:"id"`
	On bool   `json:"on"`
}

// EntryParams names an entry of the outbox.
type EntryParams struct {
	Seq int64 `json:"seq"`
}

// CheckParams names accounts; none means all.
type CheckParams struct {
	Items []string `json:"items"`
}

// ConnectKeyParams has an account's address and key.
type ConnectKeyParams struct {
	Service onboarding.Service `json:"service"`
	Address string             `json:"address"`
	Key     string             `json:"key"`
}

// AddressParams has the entered address of an account.
type AddressParams struct {
	Service onboarding.Service `json:"service"`
	Address string             `json:"address"`
}

// PlatformParams names a platform.
type PlatformParams struct {
	Platform onboarding.Platform `json:"platform"`
}

// PickParams has the picked assets of a connected user.
type PickParams struct {
	ID       string   `json:"id"`
	Accounts []string `json:"accounts"`
}

// FindRelayParams has the entered address of a relay.
type FindRelayParams struct {
	Address string `json:"address"`
}

// EnrolParams joins an agency; an empty name is the computer's own.
type EnrolParams struct {
	Address string `json:"address"`
	Code    string `json:"code"`
	Name    string `json:"name"`
}

// ColourParams has an entered colour.
type ColourParams struct {
	Colour string `json:"colour"`
}

// SwitchParams turns something on or off.
type SwitchParams struct {
	On bool `json:"on"`
}

// ReplyToParams has an address for replies.
type ReplyToParams struct {
	Address string `json:"address"`
}

// ConfirmParams has an emailed code.
type ConfirmParams struct {
	Code string `json:"code"`
}

// InviteParams describe a new member.
type InviteParams struct {
	Name  string          `json:"name"`
	Email string          `json:"email"`
	Role  onboarding.Role `json:"role"`
}

// MemberParams changes a member's name or role.
type MemberParams struct {
	ID   string          `json:"id"`
	Name string          `json:"name"`
	Role onboarding.Role `json:"role"`
}

// RemoveMemberParams names a member and the successor for their requests.
type RemoveMemberParams struct {
	ID        string `json:"id"`
	Successor string `json:"successor"`
}

// IssueCodeParams names a member; empty: this computer's.
type IssueCodeParams struct {
	Member string `json:"member"`
}

// ApproveParams has a device and the number that the user compared.
type ApproveParams struct {
	ID     string `json:"id"`
	Number string `json:"number"`
}

// DomainParams names a domain.
type DomainParams struct {
	Name string `json:"name"`
}

// DeliveryParams names a delivery of a webhook.
type DeliveryParams struct {
	ID       string `json:"id"` // the webhook
	Delivery string `json:"delivery"`
}

// ErrorReport is an error of a screen.
type ErrorReport struct {
	Message string `json:"message"`
	Stack   string `json:"stack"`
	Route   string `json:"route"` // the screen's address
}

// CopyParams is text for the clipboard.
type CopyParams struct {
	Text string `json:"text"`
}

// BrowseParams has an address for the system's browser.
type BrowseParams struct {
	Address string `json:"address"`
}

// PreviewParams selects a preview.
type PreviewParams struct {
	Kind    hub.PreviewKind    `json:"kind"`
	Dark    bool               `json:"dark"`
	Form    outbox.RequestForm `json:"form"`
	Request string             `json:"request"` // an existing request, instead of the form
	Brand   *BrandForm         `json:"brand"`   // an unsaved brand
	BrandOn bool               `json:"brand_on"`
}
