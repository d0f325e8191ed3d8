package hub

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// Lost is a user or an account of this member's own that a restored relay no
// longer knows: it was connected after the backup.
type Lost struct {
	ID      string              `json:"id"` // of the Connection or the item that is gone
	User    bool                `json:"user"`
	Of      onboarding.Platform `json:"of"`
	Account string              `json:"account"` // the platform's id of it
	Name    string              `json:"name"`
	At      onboarding.Moment   `json:"at"`
}

// noteLost keeps what goes with a sweep and only a person can bring back: their
// own users, and the accounts that were connected by themselves. What was
// picked of a user comes back with the user.
func (s *storing) noteLost(ctx context.Context, items []onboarding.Item) error {
	lost, err := readLost(ctx, s.tx)
	if err != nil {
		return err
	}
	connections, err := readRows[onboarding.Connection](ctx, s.tx, `SELECT truth FROM connections WHERE seen < $1`, s.seen)
	if err != nil {
		return err
	}
	for _, c := range connections {
		if c.Member == s.me.Member && c.Ended == 0 {
			lost = append(lost, Lost{ID: c.ID, User: true, Of: c.Platform, Account: c.User.ID, Name: c.User.Name, At: s.h.now()})
		}
	}
	for _, i := range items {
		if i.Request == "" && i.Connection == "" && i.Owner == s.me.Member {
			lost = append(lost, Lost{ID: i.ID, Of: i.Service.Platform(), Account: i.Account, Name: i.Name, At: s.h.now()})
		}
	}
	s.change.Standing = true
	return writeJSONFact(ctx, s.tx, factLost, lost)
}

func readLost(ctx context.Context, q sqldb.Queryer) ([]Lost, error) {
	text, err := readFact(ctx, q, factLost)
	if err != nil || text == "" {
		return nil, err
	}
	var lost []Lost
	if err := json.Unmarshal([]byte(text), &lost); err != nil {
		return nil, fmt.Errorf("reading what a restored relay lost: %w", err)
	}
	return lost, nil
}

// lost lists what nobody has connected again yet.
func (h *Hub) lost(ctx context.Context) ([]Lost, error) {
	lost, err := readLost(ctx, h.db)
	if err != nil || len(lost) == 0 {
		return nil, err
	}
	connections, err := readRows[onboarding.Connection](ctx, h.db, `SELECT truth FROM connections`)
	if err != nil {
		return nil, err
	}
	own, err := readRows[onboarding.Item](ctx, h.db, `SELECT truth FROM items JOIN item_truths USING (seq) WHERE request = ''`)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(lost, func(l Lost) bool {
		if l.User {
			return slices.ContainsFunc(connections, func(c onboarding.Connection) bool {
				return c.Platform == l.Of && c.User.ID == l.Account && c.Ended == 0
			})
		}
		return slices.ContainsFunc(own, func(i onboarding.Item) bool { return i.Service.Platform() == l.Of && i.Account == l.Account })
	}), nil
}

// DismissLost takes one thing that a restored relay lost off the list: nobody
// needs it any more. Again changes nothing.
func (h *Hub) DismissLost(ctx context.Context, id string) error {
	err := h.store(ctx, func(s *storing) error {
		lost, err := readLost(ctx, s.tx)
		if err != nil {
			return err
		}
		s.change.Standing = true
		return writeJSONFact(ctx, s.tx, factLost, slices.DeleteFunc(lost, func(l Lost) bool { return l.ID == id }))
	})
	if err != nil {
		return fmt.Errorf("dismissing what was lost: %w", err)
	}
	return nil
}
