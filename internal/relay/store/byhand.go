package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// AddNamed stores what a client named to share it by hand, as an item that waits. What is
// named already stays as it is; more than onboarding.MaxNamed are ErrRateLimited.
func (s *Items) AddNamed(ctx context.Context, v Visit, item onboarding.Item) error {
	return s.plainChange(ctx, v.Agency, v.Request, "naming an item of", func(c *changeTx, r Request) error {
		if err := mayWrite(c, r, v.Repair, ""); err != nil {
			return err
		}
		item := readable(item)
		item.Request, item.Owner, item.State, item.Created, item.Changed = r.ID, r.Owner, onboarding.ItemWaiting, c.now, c.now
		old, err := itemOfAccount(c, item)
		switch {
		case err != nil:
			return err
		case old.ID != "" && old.State != onboarding.ItemEnded && old.Withdrawn == 0:
			return errUnchanged
		case old.ID != "":
			item.ID = old.ID
			err = nameAgain(c, item)
		default:
			item.ID = NewID()
			err = insertNamed(c, item)
		}
		if err != nil {
			return err
		}
		if err := recordShare(c, onboarding.Item{}, item, item.State); err != nil {
			return err
		}
		if err := recordItemEvent(c, item, onboarding.EventItemNamed, item.By.Name); err != nil {
			return err
		}
		if err := recordGiven(c, r, onboarding.Item{}, item); err != nil {
			return err
		}
		return bumpItem(c, item)
	})
}

func insertNamed(c *changeTx, item onboarding.Item) error {
	var count int
	if err := c.row(`
		SELECT count(*) FROM items WHERE request = $1 AND account LIKE 'named:%'`, item.Request).Scan(&count); err != nil {
		return err
	}
	if count >= onboarding.MaxNamed {
		return onboarding.ErrRateLimited
	}
	if err := checkItemLimit(c, item.Request); err != nil {
		return err
	}
	return insertItem(c, item)
}

// nameAgain has a named item that was withdrawn, or has ended, wait again: it keeps its
// history. It counts as named now.
func nameAgain(c *changeTx, item onboarding.Item) error {
	if err := waitAgain(c, item); err != nil {
		return err
	}
	return c.exec(`UPDATE items SET created_ms = $1, failure = $2 WHERE id = $3`, c.now, item.Failure, item.ID)
}

// waitAgain restarts an item as one that waits, whatever became of it before.
func waitAgain(c *changeTx, item onboarding.Item) error {
	item.State = onboarding.ItemWaiting
	if err := restartItem(c, item); err != nil {
		return err
	}
	return c.exec(`
		UPDATE items
		SET    access_state = '', access_failure = '', access_code = '', access_since_ms = 0, access_checked_ms = 0,
		       access_capabilities = '[]', connected_ms = 0
		WHERE  id = $1`, item.ID)
}

// RemoveNamed deletes an item that a client named by mistake. One that was found or
// confirmed meanwhile stays.
func (s *Items) RemoveNamed(ctx context.Context, v Visit, id string) error {
	return s.plainChange(ctx, v.Agency, v.Request, "removing a named item of", func(c *changeTx, r Request) error {
		if err := mayWrite(c, r, v.Repair, ""); err != nil {
			return err
		}
		item, exists, err := findItem(c, id)
		if err != nil {
			return err
		}
		if !exists || item.Request != r.ID || !item.IsNamed() || item.State != onboarding.ItemWaiting {
			return errUnchanged
		}
		if err := deleteItem(c, id); err != nil {
			return err
		}
		return recordItemEvent(c, item, onboarding.EventItemUnnamed, v.Name)
	})
}

// FoundItem is what a hub found of what a client named.
type FoundItem struct {
	Kind    onboarding.Kind
	Account string
	Name    string
	Detail  string
	Chosen  string // the name of the member who chose it; empty: the hub was certain
	Same    bool   // the member says so although the request has an item of the account
}

// Find gives an item that a client named the account that a hub has found. Without a member
// who chose it ErrConflict: another item of the agency has the account, or it can be what
// another client shares. With one ErrConflict: another item of the request has the account, the
// client has typed neither its name nor its id, and the member does not say that it is the
// same. The same once more changes nothing.
func (s *Items) Find(ctx context.Context, agency, id string, found FoundItem) (onboarding.Item, error) {
	var kept onboarding.Item
	err := s.change(ctx, agency, func(c *changeTx) error {
		old, err := verifiedItem(c, id)
		if err != nil {
			return err
		}
		kept = old
		switch {
		case old.Kind == found.Kind && old.Account == found.Account:
			return errUnchanged
		case !old.IsNamed() || old.State == onboarding.ItemEnded || old.Withdrawn != 0:
			return onboarding.ErrConflict
		}
		if found.Chosen == "" {
			if err := checkCertain(c, old, found); err != nil {
				return err
			}
		}
		var isNew bool
		kept, isNew, err = storeFound(c, old, found)
		if err != nil {
			return err
		}
		if isNew {
			if err := recordMatch(c, kept, onboarding.EventItemFound, found.Chosen, old.Name); err != nil {
				return err
			}
		}
		if err := bumpItem(c, kept); err != nil {
			return err
		}
		return c.bump(kindRequest, kept.Request, kept.Owner, audienceOwner)
	})
	if err != nil {
		return onboarding.Item{}, fmt.Errorf("storing what was found for item %s: %w", id, err)
	}
	return kept, nil
}

// verifiedItem reads an item before its row is signed anew: ErrTampered if it is not as the
// relay wrote it.
func verifiedItem(c *changeTx, id string) (onboarding.Item, error) {
	var mac []byte
	i, err := scanItem(also{c.row(`
		SELECT `+itemColumns+`, mac FROM items WHERE agency = $1 AND id = $2`, c.agency, id), []any{&mac}})
	if err := wrapNotFound(err, "finding the item"); err != nil {
		return i, err
	}
	return i, verifyRow(c.signer, mac, "items", id, itemColumnsSigned(c.agency, i))
}

// storeFound writes the account. Where the request has an item of it already, the named one
// goes, and nothing is new unless the other one waits again or the client had typed something
// else: they can name what is shared as often as they like. That the client named it is no
// reason any more why it waits.
func storeFound(c *changeTx, old onboarding.Item, found FoundItem) (kept onboarding.Item, isNew bool, err error) {
	item := old
	item.Kind, item.Account, item.Name, item.Detail = found.Kind, found.Account, found.Name, found.Detail
	item = readable(item)
	item.Failure, item.Reference = "", ""
	naming := onboarding.Naming{
		Kind: old.Kind, Name: old.Name, By: old.By, Created: old.Created, Found: c.now, Chosen: found.Chosen,
		Not: old.NotAccounts,
	}
	same, err := itemOfAccount(c, item)
	if err != nil {
		return item, false, err
	}
	isGone := same.Withdrawn != 0 || same.State == onboarding.ItemEnded || same.State == onboarding.ItemFailed
	typed := onboarding.NamedAsset{Kind: old.Kind, Name: old.Name}
	if same.ID != "" && found.Chosen != "" && !found.Same && !isGone && !typed.Fits(item.Kind, item.Account, item.Name) {
		return item, false, onboarding.ErrConflict // what the client named would be lost
	}
	if same.ID != "" {
		kept, err := mergeFound(c, item, same)
		if err != nil {
			return kept, false, err
		}
		joined, err := addNaming(c, &kept, naming)
		return kept, joined || kept.State != same.State || kept.Withdrawn != same.Withdrawn, err
	}
	err = c.execNamed(`
		UPDATE items
		SET    kind = @kind, account = @account, name = @name, detail = @detail,
		       failure = '', reference = '', namings = @namings, changed_ms = @now, mac = @mac
		WHERE  id = @id`, named{
		"namings": joinList([]onboarding.Naming{naming}),
		"id":      item.ID,
		"kind":    item.Kind,
		"account": item.Account,
		"name":    item.Name,
		"detail":  item.Detail,
		"now":     c.now,
		"mac":     c.signer.SignRow("items", itemColumnsSigned(c.agency, item)...),
	})
	if err != nil {
		return item, false, err
	}
	kept, err = itemByID(c, item.ID)
	return kept, true, err
}

// mergeFound deletes what was named and found, as the request has an item of the account.
// Who shared it and who confirmed it goes over to that. One that has failed, was withdrawn
// or has ended waits again if the client has named it since.
func mergeFound(c *changeTx, found, same onboarding.Item) (onboarding.Item, error) {
	if err := c.exec(`
		INSERT INTO shares (item, visit, at_ms)
		SELECT $1, visit, at_ms FROM shares WHERE item = $2 ON CONFLICT DO NOTHING`, same.ID, found.ID); err != nil {
		return same, err
	}
	if err := deleteItem(c, found.ID); err != nil {
		return same, err
	}
	if same.Withdrawn != 0 || same.State == onboarding.ItemEnded || same.State == onboarding.ItemFailed {
		if found.Created <= max(same.Withdrawn, same.Ended) {
			return same, nil
		}
		same.Name, same.Detail, same.By = found.Name, found.Detail, found.By
		if err := waitAgain(c, same); err != nil {
			return same, err
		}
		var err error
		if same, err = itemByID(c, same.ID); err != nil {
			return same, err
		}
	}
	if !found.IsConfirmed() || same.State != onboarding.ItemWaiting {
		return same, nil
	}
	result := same
	same.Connected = found.Connected
	result.State, result.Failure, result.Reference = onboarding.ItemConnected, "", ""
	if err := writeResult(c, same, result); err != nil {
		return same, err
	}
	if err := setConfirmed(c, same.ID, found.Confirmed, found.ConfirmedBy); err != nil {
		return same, err
	}
	return itemByID(c, same.ID)
}

// checkCertain returns ErrConflict unless the named item is the only one of the agency that
// the account can be of. A hub cannot tell: its member does not see all requests. While
// another client may share with the same Business Manager, it can be theirs, whatever they
// have shared before: whoever holds a link could name it first. Every request for Facebook
// has the page for by hand, so it is no matter whether theirs begins with it.
func checkCertain(c *changeTx, old onboarding.Item, found FoundItem) error {
	if slices.Contains(old.NotAccounts, found.Account) {
		return onboarding.ErrConflict
	}
	var taken int
	if err := c.row(`
		SELECT count(*) FROM items
		WHERE  agency = $1 AND service = $2 AND kind = $3 AND account = $4 AND state <> 'ended' AND request <> $5`,
		c.agency, old.Service, found.Kind, found.Account, old.Request).Scan(&taken); err != nil {
		return err
	}
	if taken > 0 {
		return onboarding.ErrConflict
	}
	var open int
	if err := c.row(`
		SELECT count(*) FROM requests other JOIN requests own ON own.agency = other.agency AND own.id = $2
		WHERE  other.agency = $1 AND other.id <> own.id AND other.business_id = own.business_id
		  AND  other.status = 'pending' AND other.finished_ms = 0 AND other.withdrawn_ms = 0 AND other.expires_ms > $3`,
		c.agency, old.Request, c.now).Scan(&open); err != nil {
		return err
	}
	if open > 0 {
		return onboarding.ErrConflict
	}
	rows, err := c.QueryContext(c.ctx, `
		SELECT `+itemColumns+` FROM items
		WHERE  agency = $1 AND service = $2 AND account LIKE 'named:%' AND state <> 'ended' AND id <> $3`,
		c.agency, old.Service, old.ID)
	others, err := scanAll(rows, err, scanItem)
	if err != nil {
		return err
	}
	for _, other := range others {
		if (onboarding.NamedAsset{Kind: other.Kind, Name: other.Name}).Fits(found.Kind, found.Account, found.Name) {
			return onboarding.ErrConflict
		}
	}
	return nil
}

// Confirm records that a member confirms, without a check, that an item that waits at
// Facebook has arrived; the item is connected. A repeat changes nothing; what was connected
// otherwise is ErrConflict.
func (s *Items) Confirm(ctx context.Context, agency, id, who string) (onboarding.Item, error) {
	return s.confirm(ctx, agency, id, func(c *changeTx, r Request, old onboarding.Item) error {
		switch {
		case old.State == onboarding.ItemConnected && old.IsConfirmed():
			return errUnchanged
		case old.State != onboarding.ItemWaiting || old.Withdrawn != 0 || old.Service != onboarding.Facebook:
			return onboarding.ErrConflict
		}
		result := old
		result.State, result.Failure, result.Reference = onboarding.ItemConnected, "", ""
		if err := writeResult(c, old, result); err != nil {
			return err
		}
		if err := setConfirmed(c, id, c.now, who); err != nil {
			return err
		}
		if err := recordItemEvent(c, old, onboarding.EventItemConfirmed, who); err != nil {
			return err
		}
		return completeIfFinished(c, r, onboarding.ItemConnected, who)
	})
}

// Unconfirm takes back what Confirm did: the item waits again, and so does a request that has
// nothing else. A repeat changes nothing; what was not confirmed is ErrConflict.
func (s *Items) Unconfirm(ctx context.Context, agency, id, failure, who string) (onboarding.Item, error) {
	return s.confirm(ctx, agency, id, func(c *changeTx, r Request, old onboarding.Item) error {
		switch {
		case old.State == onboarding.ItemWaiting:
			return errUnchanged
		case old.State != onboarding.ItemConnected || !old.IsConfirmed():
			return onboarding.ErrConflict
		}
		result := old
		result.State, result.Failure = onboarding.ItemWaiting, failure
		if err := writeResult(c, old, result); err != nil {
			return err
		}
		if err := c.exec(`UPDATE items SET connected_ms = 0 WHERE id = $1`, id); err != nil {
			return err
		}
		if err := setConfirmed(c, id, 0, ""); err != nil {
			return err
		}
		if err := recordItemEvent(c, old, onboarding.EventUnconfirmed, who); err != nil {
			return err
		}
		return waitIfNothingArrived(c, r)
	})
}

// waitIfNothingArrived has a completed request wait for its first account again, if none has
// arrived: what completed it was taken back. The next one that arrives completes it anew.
func waitIfNothingArrived(c *changeTx, r Request) error {
	if r.Status != onboarding.Connected {
		return nil
	}
	var arrived int
	if err := c.row(`
		SELECT count(*) FROM items WHERE agency = $1 AND request = $2 AND connected_ms > 0`,
		c.agency, r.ID).Scan(&arrived); err != nil || arrived > 0 {
		return err
	}
	return c.exec(`UPDATE requests SET status = 'pending', completed_ms = 0 WHERE id = $1`, r.ID)
}

func setConfirmed(c *changeTx, id string, when onboarding.Timestamp, who string) error {
	return c.exec(`UPDATE items SET confirmed_ms = $1, confirmed_by = $2 WHERE id = $3`, when, who, id)
}

// confirm runs fn on an item and its request, and returns the item as it is then.
func (s *Items) confirm(
	ctx context.Context, agency, id string, fn func(c *changeTx, r Request, old onboarding.Item) error,
) (onboarding.Item, error) {
	old, err := s.Get(ctx, agency, id)
	if err != nil {
		return onboarding.Item{}, err
	}
	err = s.plainChange(ctx, agency, old.Request, "confirming an item of", func(c *changeTx, r Request) error {
		old, err := itemByID(c, id)
		if err := wrapNotFound(err, "finding the item"); err != nil {
			return err
		}
		if err := fn(c, r, old); err != nil {
			return err
		}
		return bumpItem(c, old)
	})
	if err != nil {
		return onboarding.Item{}, err
	}
	return s.Get(ctx, agency, id)
}
