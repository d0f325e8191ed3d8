package desktop

import (
	"context"

	"github.com/latchkeyhq/latchkey/internal/desktop/bridge"
	"github.com/latchkeyhq/latchkey/internal/hub"
)

// repairMethods are for the links by which clients repair what they shared.
func repairMethods() []bridge.Method[*hub.Hub] {
	return []bridge.Method[*hub.Hub]{
		bridge.Query("repairPeople", func(ctx context.Context, h *hub.Hub, p IDParams) ([]hub.RepairPerson, error) {
			return h.Repairs.People(ctx, p.ID)
		}),
		bridge.Command("prepareRepairs", func(
			ctx context.Context, h *hub.Hub, p hub.RepairsInput,
		) (hub.RepairsOutcome, error) {
			return h.Repairs.Prepare(ctx, p)
		}),
		bridge.CommandNoResult("closeRepair", func(ctx context.Context, h *hub.Hub, p IDParams) error {
			return h.Repairs.Close(ctx, p.ID)
		}),
	}
}

// copyRepairs copies the repair links of items; false: there is none.
func copyRepairs(ctx context.Context, a *App, p CheckParams) (bool, error) {
	h, err := a.currentHub(ctx)
	if err != nil {
		return false, err
	}
	links, err := h.Repairs.Links(ctx, p.Items)
	if err != nil || links == "" {
		return false, err
	}
	return true, a.window.Copy(links)
}
