package desktop

import (
	"context"

	"github.com/latchkeyhq/latchkey/internal/desktop/bridge"
	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
)

// OffboardingItemParams names an account of an offboarding.
type OffboardingItemParams struct {
	ID   string `json:"id"` // the offboarding
	Item string `json:"item"`
}

// offboardingMethods end all that the agency has of a client.
func offboardingMethods() []bridge.Method[*hub.Hub] {
	return []bridge.Method[*hub.Hub]{
		bridge.Query("planOffboarding", func(
			ctx context.Context, h *hub.Hub, p hub.OffboardingParams,
		) (hub.OffboardingPlan, error) {
			return h.Offboardings.Plan(ctx, p)
		}),
		bridge.Command("startOffboarding", func(
			ctx context.Context, h *hub.Hub, p hub.StartOffboardingParams,
		) (string, error) {
			return h.Offboardings.Start(ctx, p)
		}),
		bridge.Query("offboarding", func(ctx context.Context, h *hub.Hub, p IDParams) (replica.Offboarding, error) {
			return h.Offboardings.Read(ctx, p.ID)
		}),
		bridge.CommandNoResult("retryOffboarding", func(ctx context.Context, h *hub.Hub, p IDParams) error {
			return h.Offboardings.Retry(ctx, p.ID)
		}),
		bridge.CommandNoResult("offboardWithout", func(ctx context.Context, h *hub.Hub, p OffboardingItemParams) error {
			return h.Offboardings.GoOnWithout(ctx, p.ID, p.Item)
		}),
		bridge.CommandNoResult("deleteReport", func(ctx context.Context, h *hub.Hub, p IDParams) error {
			return h.Offboardings.Delete(ctx, p.ID)
		}),
	}
}

// reportMethods take something out of the app: onto paper, into a file or the clipboard.
func reportMethods() []bridge.Method[*App] {
	return []bridge.Method[*App]{
		bridge.Command("exportHistory", func(ctx context.Context, a *App, p IDParams) (string, error) {
			return exportHistory(ctx, a, p.ID)
		}),
		bridge.Command("copyRepairs", func(ctx context.Context, a *App, p CheckParams) (bool, error) {
			return copyRepairs(ctx, a, p)
		}),
		bridge.Command("saveReport", func(ctx context.Context, a *App, p IDParams) (string, error) {
			return saveReport(ctx, a, p.ID)
		}),
		bridge.CommandNoResult("copyDiagnosis", func(ctx context.Context, a *App, _ bridge.None) error {
			return copyDiagnosis(ctx, a)
		}),
		bridge.CommandNoResult("print", func(_ context.Context, a *App, _ bridge.None) error {
			a.window.Print()
			return nil
		}),
	}
}

// saveReport writes the report of an offboarding to a file that the user chooses, and
// returns its path; empty: the user chose none.
func saveReport(ctx context.Context, a *App, id string) (string, error) {
	h, err := a.currentHub(ctx)
	if err != nil {
		return "", err
	}
	text, err := h.Offboardings.Document(ctx, id)
	if err != nil {
		return "", err
	}
	return a.window.SaveAs("latchkey-end-of-access.html", text)
}
