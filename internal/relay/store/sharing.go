package store

import (
	"context"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// StartSharing writes items as sharing, before the platform is called for
// them. Those that are connected or waiting stay as they are. It gives every
// item as it is now, in the order asked.
func (s *Items) StartSharing(
	ctx context.Context, agency, request string, items []onboarding.Item,
) ([]onboarding.Item, error) {
	kept := make([]onboarding.Item, len(items))
	err := s.plainChange(ctx, agency, request, "sharing items of", func(c *changeTx, q Request) error {
		if err := q.LinkState(c.now); err != nil {
			return err
		}
		for n, item := range items {
			item.Request, item.Owner, item.State = request, q.Owner, onboarding.ItemSharing
			item.Failure, item.Reference = "", ""
			old, err := itemOfAccount(c, item)
			if err != nil {
				return err
			}
			switch {
			case old.ID == "":
				item.ID, item.Created, item.Changed = NewID(), c.now, c.now
				err = insertItem(c, item)
			case old.State == onboarding.ItemConnected || old.State == onboarding.ItemWaiting:
				kept[n] = old
				continue
			default:
				item.ID = old.ID
				err = c.exec(`
					UPDATE items SET state = $1, failure = '', reference = '', name = $2, detail = $3, connected_by_name = $4,
					connected_by_email = $5, platform_by = $6, changed_ms = $7,
						ended_ms = 0, ended_by = '', ended_proven = 0 WHERE id = $8`,
					item.State, item.Name, item.Detail, item.By.Name, item.By.Email, item.PlatformBy, c.now, old.ID)
			}
			if err != nil {
				return err
			}
			if err := schedule(c, JobSharing, item.ID, c.now+maxSharingTime); err != nil {
				return err
			}
			if kept[n], err = itemByID(c, item.ID); err != nil {
				return err
			}
			if err := bumpItem(c, kept[n]); err != nil {
				return err
			}
		}
		return nil
	})
	return kept, err
}

// EndSharing writes how sharing an item ended. It counts also when the link
// died meanwhile: the platform has done it.
func (s *Items) EndSharing(ctx context.Context, agency string, result onboarding.Item) (onboarding.Item, error) {
	var kept onboarding.Item
	err := s.plainChange(ctx, agency, result.Request, "ending a share of", func(c *changeTx, q Request) error {
		old, err := itemByID(c, result.ID)
		if err := wrapNotFound(err, "finding the item"); err != nil {
			return err
		}
		kept, err = applyResult(c, q, old, result)
		return err
	})
	return kept, err
}
