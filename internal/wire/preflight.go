package wire

import "github.com/latchkeyhq/latchkey/internal/onboarding"

// Preflight asks the relay what would keep a request from working.
var Preflight = Method[PreflightParams, PreflightResult]{Path: "/api/v1/preflight"}

// PreflightParams names a request by what it asks for. Request may be one that the
// relay does not have yet: it is the caller's then.
type PreflightParams struct {
	Request  string               `json:"request"`
	Services []onboarding.Service `json:"services"`
	ByHand   bool                 `json:"by_hand,omitempty"` // at Facebook: no app is needed there
}

// PreflightResult has the checks that the relay can make, in the order of lists.
type PreflightResult struct {
	Lines []onboarding.PreflightLine `json:"lines"`
}
