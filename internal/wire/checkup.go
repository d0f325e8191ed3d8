package wire

import "github.com/latchkeyhq/latchkey/internal/onboarding"

// ReadCheckup reads how the relay is, as its operator's doctor sees it from inside. Older
// relays do not have it.
var ReadCheckup = Method[Empty, CheckupResult]{Path: "/api/v1/read-checkup", Auth: AuthMainUser}

// CheckupResult has a line for each check, in the order of lists.
type CheckupResult struct {
	Lines   []onboarding.CheckupLine `json:"lines"`
	Checked onboarding.Timestamp     `json:"checked"` // some minutes ago, at most
}
