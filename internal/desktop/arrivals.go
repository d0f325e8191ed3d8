package desktop

import (
	"context"

	"github.com/latchkeyhq/latchkey/internal/desktop/bridge"
	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/hub/checks"
)

// ConfirmItemParams confirms an item without a check, or takes that back.
type ConfirmItemParams struct {
	ID string `json:"id"`
	On bool   `json:"on"`
}

// arrivalMethods are for what clients share at Facebook by hand.
func arrivalMethods() []bridge.Method[*hub.Hub] {
	return []bridge.Method[*hub.Hub]{
		bridge.Query("candidates", func(ctx context.Context, h *hub.Hub, p IDParams) (checks.CandidatesView, error) {
			return h.Arrivals.Candidates(ctx, p.ID)
		}),
		bridge.CommandNoResult("chooseCandidate", func(ctx context.Context, h *hub.Hub, p checks.ChooseParams) error {
			return h.Arrivals.Choose(ctx, p)
		}),
		bridge.CommandNoResult("unmatchItem", func(ctx context.Context, h *hub.Hub, p checks.UnmatchParams) error {
			return h.Arrivals.Unmatch(ctx, p)
		}),
		bridge.CommandNoResult("confirmItem", func(ctx context.Context, h *hub.Hub, p ConfirmItemParams) error {
			return h.Arrivals.Confirm(ctx, p.ID, p.On)
		}),
	}
}
