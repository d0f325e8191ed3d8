package replica

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// LostItem is a connection or an account of this member that a restored relay
// has lost: it was made after the backup.
type LostItem struct {
	ID      string               `json:"id"` // of the lost Connection or item
	User    bool                 `json:"user"`
	Of      onboarding.Platform  `json:"of"`
	Account string               `json:"account"` // the platform's id
	Name    string               `json:"name"`
	At      onboarding.Timestamp `json:"at"`
}

// recordLost records what only the member can connect again: their platform
// users, and the accounts connected without one. Assets picked from a user
// return with the user.
func (a applier) recordLost(ctx context.Context, items []onboarding.Item) error {
	lost, err := readLost(ctx, a.Tx)
	if err != nil {
		return err
	}
	connections, err := readRows[onboarding.Connection](ctx, a.Tx, `
		SELECT payload FROM connections WHERE generation < $1`, a.generation)
	if err != nil {
		return err
	}
	for _, c := range connections {
		if c.Member == a.Self.Member && c.Ended == 0 {
			lost = append(lost, LostItem{
				ID: c.ID, User: true, Of: c.Platform, Account: c.User.ID, Name: c.User.Name, At: a.Now(),
			})
		}
	}
	for _, i := range items {
		if i.Request == "" && i.Connection == "" && i.Owner == a.Self.Member {
			lost = append(lost, LostItem{ID: i.ID, Of: i.Service.Platform(), Account: i.Account, Name: i.Name, At: a.Now()})
		}
	}
	a.Change.Session = true
	return a.WriteMetadataJSON(ctx, metaLost, lost)
}

func readLost(ctx context.Context, q sqldb.Queryer) ([]LostItem, error) {
	text, err := ReadMetadata(ctx, q, metaLost)
	if err != nil || text == "" {
		return nil, err
	}
	var lost []LostItem
	if err := json.Unmarshal([]byte(text), &lost); err != nil {
		return nil, fmt.Errorf("reading what a restored relay lost: %w", err)
	}
	return lost, nil
}

// LostItems lists what was not connected again yet.
func (r *Replica) LostItems(ctx context.Context) ([]LostItem, error) {
	lost, err := readLost(ctx, r.db)
	if err != nil || len(lost) == 0 {
		return nil, err
	}
	connections, err := readRows[onboarding.Connection](ctx, r.db, `SELECT payload FROM connections`)
	if err != nil {
		return nil, err
	}
	own, err := readRows[onboarding.Item](ctx, r.db, `
		SELECT payload FROM items JOIN item_payloads USING (seq) WHERE request = ''`)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(lost, func(l LostItem) bool {
		if l.User {
			return slices.ContainsFunc(connections, func(c onboarding.Connection) bool {
				return c.Platform == l.Of && c.User.ID == l.Account && c.Ended == 0
			})
		}
		return slices.ContainsFunc(
			own, func(i onboarding.Item) bool { return i.Service.Platform() == l.Of && i.Account == l.Account },
		)
	}), nil
}

// DismissLost removes an entry from the list of lost items. A repeat changes
// nothing.
func (r *Replica) DismissLost(ctx context.Context, id string) error {
	err := r.Update(ctx, func(tx *Tx) error {
		lost, err := readLost(ctx, tx.Tx)
		if err != nil {
			return err
		}
		tx.Change.Session = true
		return tx.WriteMetadataJSON(ctx, metaLost, slices.DeleteFunc(lost, func(l LostItem) bool { return l.ID == id }))
	})
	if err != nil {
		return fmt.Errorf("dismissing what was lost: %w", err)
	}
	return nil
}
