package wire

import "github.com/latchkeyhq/latchkey/internal/onboarding"

// The methods about repair links.
var (
	PrepareRepairs = Method[PrepareRepairsParams, RepairsResult]{
		Path: "/api/v1/prepare-repairs", MaxParams: listParams,
	}
	CloseRepair = Method[ItemParams, Empty]{Path: "/api/v1/close-repair"}
)

// MaxRepairs bounds the repairs of one call.
const MaxRepairs = 100

// PrepareRepairsParams opens repairs of items whose access is broken or, with Lost, whose
// credentials were only on a computer that is gone. A repeat changes nothing.
type PrepareRepairsParams struct {
	Repairs []RepairInput `json:"repairs"`
	Lost    bool          `json:"lost"`
	Send    string        `json:"send"` // an id: the same send once more sends nothing
}

// RepairInput is one item to repair.
type RepairInput struct {
	Item    string `json:"item"`
	Address string `json:"address"` // whom the link is emailed to; empty: nobody
}

// RepairsResult has the items with their repairs; one that works has none. Unsent are those
// whose link could not be emailed, and those that get none although they do not work.
type RepairsResult struct {
	Items  []onboarding.Item `json:"items"`
	Unsent []UnsentRepair    `json:"unsent"`
}

// UnsentRepair is a link that has to be copied.
type UnsentRepair struct {
	Item string `json:"item"`
	Why  string `json:"why"` // one of those below
}

// Why a link was not emailed, or not made.
const (
	UnsentLimit      = "limit"      // enough emails went out today
	UnsentSuppressed = "suppressed" // the address asked for no emails
	UnsentNotTheirs  = "not_theirs" // the client cannot repair it: its failure asks for something else
	UnsentEnded      = "ended"      // the access was ended, or withdrawn
)
