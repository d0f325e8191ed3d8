package wire

import "github.com/latchkeyhq/latchkey/internal/onboarding"

// The methods about what clients share at Facebook by hand.
var (
	FindItem    = Method[FindItemParams, ItemResult]{Path: "/api/v1/find-item", MaxParams: textParams}
	ConfirmItem = Method[ConfirmItemParams, ItemResult]{Path: "/api/v1/confirm-item"}
)

// FindItemParams gives an item that a client named the account that the hub has found. A
// repeat changes nothing. The result is the item that has the account: another one, if the
// request had it already. Unless a person has chosen it, ErrConflict: the account can be of
// another item as well. If one has, ErrConflict: the request has the account, and the client
// has typed neither its name nor its id.
type FindItemParams struct {
	Item    string          `json:"item"`
	Kind    onboarding.Kind `json:"kind"`
	Account string          `json:"account"`
	Name    string          `json:"name"`
	Detail  string          `json:"detail"`
	Chosen  bool            `json:"chosen"` // by the member
}

// ConfirmItemParams records that the member confirms, without a check, that an item has
// arrived, or takes that back.
type ConfirmItemParams struct {
	Item string `json:"item"`
	On   bool   `json:"on"`
}
