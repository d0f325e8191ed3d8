package store

import (
	"context"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// PutOwn stores an account that the agency itself connected. ErrConflict: the plan
// is out of date; plan and seal again.
func (s *Items) PutOwn(ctx context.Context, agency string, shared SharedItem) (onboarding.Item, error) {
	var kept onboarding.Item
	err := s.change(ctx, agency, func(c *changeTx) error {
		var err error
		kept, err = upsertOwnItem(c, shared)
		return err
	})
	if err != nil {
		return onboarding.Item{}, fmt.Errorf("storing an own account: %w", err)
	}
	return kept, nil
}

func upsertOwnItem(c *changeTx, shared SharedItem) (onboarding.Item, error) {
	shared.Item.Request = ""
	var taken int64 // the id, by another item
	i := shared.Item
	if err := c.row(`
		SELECT count(*) FROM items
		WHERE id = $1 AND (agency <> $2 OR request <> '' OR owner <> $3 OR service <> $4 OR kind <> $5 OR account <> $6)`,
		i.ID, c.agency, i.Owner, i.Service, i.Kind, i.Account).Scan(&taken); err != nil {
		return i, err
	}
	if taken > 0 {
		return i, onboarding.ErrConflict
	}
	return upsertItem(c, nil, shared)
}

// Pick adds ad accounts and Pages of a Connection's user to Accounts. An asset that
// is picked again gets its newer name and belongs to this Connection. An ended
// Connection is ErrNotFound.
func (s *Items) Pick(
	ctx context.Context, agency, connection string, assets []onboarding.Item,
) ([]onboarding.Item, error) {
	var kept []onboarding.Item
	err := s.change(ctx, agency, func(c *changeTx) error {
		kept = nil
		x, err := scanConnection(c.row(`
			SELECT `+connectionColumns+` FROM connections WHERE agency = $1 AND id = $2 AND ended_ms = 0`, agency, connection))
		if err := wrapNotFound(err, "finding the connection"); err != nil {
			return err
		}
		for _, item := range assets {
			item.Request, item.Owner, item.Connection, item.PlatformBy = "", x.Member, x.ID, x.User.Name
			item.State, item.Version = onboarding.ItemConnected, 0
			item = readable(item) // as it is stored, so that it compares with that
			old, err := itemOfAccount(c, item)
			if err != nil {
				return err
			}
			if isPicked(old, item) {
				kept = append(kept, old)
				continue
			}
			if item.ID = old.ID; item.ID == "" {
				item.ID = NewID()
			}
			item, err = upsertItem(c, nil, SharedItem{Item: item})
			if err == nil {
				err = recordItemUser(c, item.ID, x.Platform, x.User.ID)
			}
			if err != nil {
				return err
			}
			kept = append(kept, item)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("picking assets of connection %s: %w", connection, err)
	}
	return kept, nil
}

// isPicked reports whether an asset is in Accounts as it is picked.
func isPicked(old, item onboarding.Item) bool {
	return old.ID != "" && old.State == item.State && old.Connection == item.Connection && old.Name == item.Name &&
		old.Detail == item.Detail && old.PlatformBy == item.PlatformBy && old.By == item.By
}

// DropOwn removes an account of the agency itself from Accounts, with the
// deliveries of its credential. An item of a request is ErrConflict.
func (s *Items) DropOwn(ctx context.Context, agency, id string) error {
	err := s.change(ctx, agency, func(c *changeTx) error {
		i, err := itemByID(c, id)
		if err := wrapNotFound(err, "finding the item"); err != nil {
			return err
		}
		if i.Request != "" {
			return onboarding.ErrConflict
		}
		return deleteItem(c, id)
	})
	if err != nil {
		return fmt.Errorf("dropping own account %s: %w", id, err)
	}
	return nil
}

// releasePicks moves the assets that were picked of a Connection to another one of
// the same member and platform user, or removes them from Accounts.
func releasePicks(c *changeTx, x onboarding.Connection) error {
	picked, err := c.texts(`SELECT id FROM items WHERE agency = $1 AND connection = $2`, c.agency, x.ID)
	if err != nil || len(picked) == 0 {
		return err
	}
	others, err := c.texts(`
		SELECT id FROM connections
		WHERE agency = $1 AND member = $2 AND platform = $3 AND user_id = $4 AND ended_ms = 0 AND id <> $5
		ORDER BY created_ms DESC, id`,
		c.agency, x.Member, x.Platform, x.User.ID, x.ID)
	if err != nil {
		return err
	}
	for _, id := range picked {
		if len(others) == 0 {
			err = deleteItem(c, id)
		} else if err = c.exec(`
			UPDATE items SET connection = $1, changed_ms = $2 WHERE id = $3`, others[0], c.now, id); err == nil {
			var i onboarding.Item
			if i, err = itemByID(c, id); err == nil {
				err = bumpItem(c, i)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}
