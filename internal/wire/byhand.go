package wire

import "github.com/latchkeyhq/latchkey/internal/onboarding"

// The methods about what clients share at Facebook by hand.
var (
	FindItem    = Method[FindItemParams, ItemResult]{Path: "/api/v1/find-item", MaxParams: textParams}
	ConfirmItem = Method[ConfirmItemParams, ItemResult]{Path: "/api/v1/confirm-item"}
	UnmatchItem = Method[UnmatchItemParams, UnmatchItemResult]{Path: "/api/v1/unmatch-item", MaxParams: textParams}
)

// FindItemParams gives an item that a client named the account that the hub has found. A
// repeat changes nothing. The result is the item that has the account: another one, if the
// request had it already. Unless a person has chosen it, ErrConflict: the account can be of
// another item as well. If one has, ErrConflict: the request has the account, the client has
// typed neither its name nor its id, and the member does not say that it is the same.
type FindItemParams struct {
	Item    string          `json:"item"`
	Kind    onboarding.Kind `json:"kind"`
	Account string          `json:"account"`
	Name    string          `json:"name"`
	Detail  string          `json:"detail"`
	Chosen  bool            `json:"chosen"` // by the member
	// Same is that the member knows that the request has the account.
	Same bool `json:"same,omitempty"`
}

// UnmatchItemParams undoes that what a client typed was found to be an item's account. A
// repeat changes nothing. ErrConflict: it was withdrawn, has ended, or nobody has typed that.
type UnmatchItemParams struct {
	Item string          `json:"item"`
	Kind onboarding.Kind `json:"kind"`
	Name string          `json:"name"` // what the client typed
}

// UnmatchItemResult has what waits again, and what is left of the item.
type UnmatchItemResult struct {
	Item onboarding.Item  `json:"item"`
	Kept *onboarding.Item `json:"kept,omitempty"` // of the account; none: the request has none of it any more
}

// ConfirmItemParams records that the member confirms, without a check, that an item has
// arrived, or takes that back.
type ConfirmItemParams struct {
	Item string `json:"item"`
	On   bool   `json:"on"`
}
