package replica

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Campaign is a campaign that was created on this computer, paused.
type Campaign struct {
	ID        string               `json:"id"` // at the platform
	Name      string               `json:"name"`
	Objective string               `json:"objective"`
	AdAccount string               `json:"ad_account"`
	Page      string               `json:"page"`
	User      string               `json:"user"` // the platform user who created it
	At        onboarding.Timestamp `json:"at"`
	Open      string               `json:"open"` // the platform's page for it
}

// StoreCampaign adds a campaign to the list. A repeat changes nothing.
func (r *Replica) StoreCampaign(ctx context.Context, c Campaign) error {
	text, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("storing campaign %s: %w", c.ID, err)
	}
	return r.Update(ctx, func(tx *Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO campaigns (id, made_ms, campaign) VALUES ($1, $2, $3)
			ON CONFLICT (id) DO NOTHING`, c.ID, c.At, string(text))
		if err != nil {
			return fmt.Errorf("storing campaign %s: %w", c.ID, err)
		}
		return nil
	})
}

// maxCampaigns bounds the list.
const maxCampaigns = 100

// Campaigns lists the campaigns created on this computer, newest first, at most
// a hundred.
func (r *Replica) Campaigns(ctx context.Context) ([]Campaign, error) {
	campaigns, err := readRows[Campaign](ctx, r.db, `
		SELECT campaign FROM campaigns ORDER BY made_ms DESC, id DESC LIMIT $1`, maxCampaigns)
	if campaigns == nil {
		campaigns = []Campaign{}
	}
	return campaigns, err
}
