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

// LimitParams says how many are wanted.
type LimitParams struct {
	Limit int `json:"limit"`
}

// DaysParams says how many days back.
type DaysParams struct {
	Days int `json:"days"`
}

// SearchParams is what was typed into the search.
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

// ConnectKeyParams are an account's address and its key.
type ConnectKeyParams struct {
	Service onboarding.Service `json:"service"`
	Address string             `json:"address"`
	Key     string             `json:"key"`
}

// AddressParams is an account's address as it was typed.
type AddressParams struct {
	Service onboarding.Service `json:"service"`
	Address string             `json:"address"`
}

// PlatformParams names a platform.
type PlatformParams struct {
	Platform onboarding.Platform `json:"platform"`
}

// PickParams are the accounts of a connected user that stand in Accounts.
type PickParams struct {
	ID       string   `json:"id"`
	Accounts []string `json:"accounts"`
}

// FindRelayParams is a relay's address as it was typed.
type FindRelayParams struct {
	Address string `json:"address"`
}

// EnrolParams join an agency; an empty name means the computer's own.
type EnrolParams struct {
	Address string `json:"address"`
	Code    string `json:"code"`
	Name    string `json:"name"`
}

// ColourParams is a colour as it was typed.
type ColourParams struct {
	Colour string `json:"colour"`
}

// SwitchParams turns something on or off.
type SwitchParams struct {
	On bool `json:"on"`
}

// ReplyToParams is an address for answers.
type ReplyToParams struct {
	Address string `json:"address"`
}

// ConfirmParams is a code that was mailed.
type ConfirmParams struct {
	Code string `json:"code"`
}

// InviteParams describe a new member.
type InviteParams struct {
	Name  string          `json:"name"`
	Email string          `json:"email"`
	Role  onboarding.Role `json:"role"`
}

// MemberParams give a member another name or role.
type MemberParams struct {
	ID   string          `json:"id"`
	Name string          `json:"name"`
	Role onboarding.Role `json:"role"`
}

// RemoveMemberParams name a member and who takes over their requests.
type RemoveMemberParams struct {
	ID        string `json:"id"`
	Successor string `json:"successor"`
}

// IssueCodeParams name a member; empty: the one at this computer.
type IssueCodeParams struct {
	Member string `json:"member"`
}

// ApproveParams are a computer and the number that was compared.
type ApproveParams struct {
	ID     string `json:"id"`
	Number string `json:"number"`
}

// ErrorReport is a screen that failed.
type ErrorReport struct {
	Message string `json:"message"`
	Stack   string `json:"stack"`
	Route   string `json:"route"` // the screen's address
}

// CopyParams is text for the clipboard.
type CopyParams struct {
	Text string `json:"text"`
}

// BrowseParams is an address for the system's browser.
type BrowseParams struct {
	Address string `json:"address"`
}

// PreviewParams ask for what a client would see.
type PreviewParams struct {
	Kind    hub.PreviewKind    `json:"kind"`
	Dark    bool               `json:"dark"`
	Form    outbox.RequestForm `json:"form"`
	Request string             `json:"request"` // an existing one, instead of the form
	Brand   *BrandForm         `json:"brand"`   // not applied yet
	BrandOn bool               `json:"brand_on"`
}
