package store

import (
	"context"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// StartSharing stores items as sharing, before the platform is called for them.
// Those that wait, or are connected and not broken, stay as they are, unless their client
// withdrew them. It returns every item as it is now, in the order of items.
func (s *Items) StartSharing(
	ctx context.Context, agency, request string, items []onboarding.Item,
) ([]onboarding.Item, error) {
	return s.startSharing(ctx, Visit{Agency: agency, Request: request}, items)
}

// StartRepair is StartSharing in a visit that repairs one item. ErrNotFound: another is
// among items.
func (s *Items) StartRepair(ctx context.Context, v Visit, items []onboarding.Item) ([]onboarding.Item, error) {
	return s.startSharing(ctx, v, items)
}

func (s *Items) startSharing(ctx context.Context, v Visit, items []onboarding.Item) ([]onboarding.Item, error) {
	request := v.Request
	stored := make([]onboarding.Item, len(items))
	err := s.plainChange(ctx, v.Agency, request, "sharing items of", func(c *changeTx, r Request) error {
		if err := mayWrite(c, r, v.Repair, v.Repair); err != nil {
			return err
		}
		begun := false
		for n, item := range items {
			item.Request, item.Owner, item.State = request, r.Owner, onboarding.ItemSharing
			item.Failure, item.Reference = "", ""
			var err error
			if stored[n], err = startSharing(c, item, v.User); err != nil {
				return err
			}
			if v.Repair != "" && stored[n].ID != v.Repair {
				return onboarding.ErrNotFound
			}
			begun = begun || stored[n].State == onboarding.ItemSharing
		}
		if !begun {
			return errUnchanged
		}
		return nil
	})
	return stored, err
}

// startSharing stores that an item is being shared by a user of the platform.
func startSharing(c *changeTx, item onboarding.Item, by onboarding.Account) (onboarding.Item, error) {
	item = readable(item)
	old, err := itemOfAccount(c, item)
	if err != nil {
		return item, err
	}
	switch {
	case old.ID == "":
		if err := checkItemLimit(c, item.Request); err != nil {
			return item, err
		}
		item.ID, item.Created, item.Changed = NewID(), c.now, c.now
		err = insertItem(c, item)
	case old.Withdrawn == 0 &&
		(old.State == onboarding.ItemWaiting || old.State == onboarding.ItemConnected && !isBroken(old)):
		return old, nil
	default:
		item.ID = old.ID
		err = restartItem(c, item)
	}
	if err != nil {
		return item, err
	}
	if err := recordItemUser(c, item.ID, item.Service.Platform(), by.ID); err != nil {
		return item, err
	}
	if err := schedule(c.agencyTx, JobSharing, item.ID, c.now.Add(SharingInterruptedAfter)); err != nil {
		return item, err
	}
	stored, err := itemByID(c, item.ID)
	if err != nil {
		return item, err
	}
	return stored, bumpItem(c, stored)
}

// isBroken reports whether a check found that the access to an item does not work.
func isBroken(i onboarding.Item) bool { return i.Access.State == onboarding.AccessBroken }

// restartItem stores an item that failed before, or whose access is broken or was ended,
// as sharing.
func restartItem(c *changeTx, item onboarding.Item) error {
	if err := setWithdrawn(c, item.ID, 0); err != nil {
		return err
	}
	return c.execNamed(`
		UPDATE items
		SET    state = @state, failure = '', reference = '', name = @name, detail = @detail,
		       connected_by_name = @by_name, connected_by_email = @by_email, platform_by = @platform_by,
		       changed_ms = @now, ended_ms = 0, ended_by = '', ended_proven = 0,
		       confirmed_ms = 0, confirmed_by = '',
		       connected_ms = CASE WHEN state = 'ended' THEN 0 ELSE connected_ms END,
		       access_state = CASE WHEN state = 'ended' THEN '' ELSE access_state END
		WHERE  id = @id`, named{
		"id":          item.ID,
		"state":       item.State,
		"name":        item.Name,
		"detail":      item.Detail,
		"by_name":     item.By.Name,
		"by_email":    item.By.Email,
		"platform_by": item.PlatformBy,
		"now":         c.now,
	})
}

// EndSharing stores the result of sharing an item, also when the link ended in the
// meantime: the platform has done it. What was ended or withdrawn in the meantime stays so.
func (s *Items) EndSharing(ctx context.Context, agency string, result onboarding.Item) (onboarding.Item, error) {
	var kept onboarding.Item
	err := s.plainChange(ctx, agency, result.Request, "ending a share of", func(c *changeTx, r Request) error {
		old, err := itemByID(c, result.ID)
		if err := wrapNotFound(err, "finding the item"); err != nil {
			return err
		}
		if old.State == onboarding.ItemEnded || old.Withdrawn != 0 {
			kept = old
			return errUnchanged
		}
		result.PlatformBy = old.PlatformBy // the platform may have had its user's name deleted meanwhile
		kept, err = applyResult(c, r, old, readable(result))
		return err
	})
	return kept, err
}
