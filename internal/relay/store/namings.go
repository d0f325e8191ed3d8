package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// readNamings decodes what clients typed for an item, and what it is not.
func readNamings(i *onboarding.Item, namings, not string) error {
	typed, err := splitList[onboarding.Naming](namings)
	if err != nil {
		return fmt.Errorf("reading what was typed for item %s: %w", i.ID, err)
	}
	accounts, err := splitList[string](not)
	if err != nil {
		return fmt.Errorf("reading what item %s is not: %w", i.ID, err)
	}
	if len(typed) > 0 { // the wire omits empty lists
		i.Namings = typed
	}
	if len(accounts) > 0 {
		i.NotAccounts = accounts
	}
	return nil
}

// maxNotAccounts bounds the accounts that an item is not. The oldest go.
const maxNotAccounts = 50

// addNaming adds what a client typed for an account that their request had already. added is
// false for what they had typed before. Where the account has too many it refuses: what was
// typed would be lost.
func addNaming(c *changeTx, item *onboarding.Item, naming onboarding.Naming) (added bool, err error) {
	item.Namings = slices.Clone(item.Namings)
	known := slices.IndexFunc(item.Namings, func(n onboarding.Naming) bool {
		return n.Kind == naming.Kind && onboarding.NamedAccount(n.Name) == onboarding.NamedAccount(naming.Name)
	})
	switch {
	case known >= 0:
		item.Namings[known].Not = alsoNot(item.Namings[known].Not, naming.Not)
		return false, storeNamings(c, *item)
	case len(item.Namings) >= onboarding.MaxNamed && naming.Chosen == "":
		return false, onboarding.ErrConflict // a member is asked
	case len(item.Namings) >= onboarding.MaxNamed:
		return false, onboarding.Invalid("account", fmt.Sprintf(
			"This account already has %d names that the client typed. Undo one of them, then choose it again.",
			onboarding.MaxNamed))
	}
	naming.Joined = true
	item.Namings = append(item.Namings, naming)
	return true, storeNamings(c, *item)
}

// alsoNot is all of what an item is not, the newest last.
func alsoNot(known []string, more ...[]string) []string {
	all := slices.Clone(known)
	for _, account := range slices.Concat(more...) {
		if !slices.Contains(all, account) {
			all = append(all, account)
		}
	}
	return all[max(0, len(all)-maxNotAccounts):]
}

func storeNamings(c *changeTx, item onboarding.Item) error {
	return c.exec(`
		UPDATE items SET namings = $1, not_accounts = $2, changed_ms = $3 WHERE id = $4`,
		joinList(item.Namings), joinList(item.NotAccounts), c.now, item.ID)
}

// recordMatch records what became of what a client had typed.
func recordMatch(c *changeTx, item onboarding.Item, kind onboarding.EventKind, who, typed string) error {
	return recordEventWith(c, item.Request, onboarding.Event{
		Kind: kind, Who: who, Detail: onboarding.MatchDetail(item.Name, typed), Service: item.Service,
	})
}

// Unmatched is what there is once a match was undone.
type Unmatched struct {
	Named onboarding.Item  // waits again
	Kept  *onboarding.Item // of the account, without what was typed; nil: the request has none of it any more
}

// Unmatch undoes that what a client typed is an item's account: it waits again, and is not
// taken for that account again unless a member chooses it. The request keeps the account only
// if it came in another way as well. A repeat changes nothing; what was withdrawn, has ended,
// or was typed by nobody is ErrConflict.
func (s *Items) Unmatch(
	ctx context.Context, agency, id string, typed onboarding.NamedAsset, failure, who string,
) (result Unmatched, err error) {
	err = s.change(ctx, agency, func(c *changeTx) error {
		result = Unmatched{}
		old, err := verifiedItem(c, id)
		if err != nil {
			return err
		}
		n := slices.IndexFunc(old.Namings, func(n onboarding.Naming) bool {
			return n.Kind == typed.Kind && n.Name == typed.Name
		})
		if n < 0 {
			result, err = alreadyUnmatched(c, old, typed)
			return err
		}
		if old.State == onboarding.ItemEnded || old.Withdrawn != 0 || old.State == onboarding.ItemSharing {
			return onboarding.ErrConflict
		}
		naming := old.Namings[n]
		again := namedAgain(old, naming, failure)
		kept := old
		kept.Namings = slices.Delete(slices.Clone(old.Namings), n, n+1)
		if naming.Joined || len(kept.Namings) > 0 {
			if !naming.Joined {
				kept.Namings[0].Joined = false // the account is here because of that now
			}
			result.Kept = &kept
			result.Named, err = splitNamed(c, kept, again)
		} else {
			result.Named, err = turnIntoNamed(c, old, again, who)
		}
		if err != nil {
			return err
		}
		if err := recordMatch(c, old, onboarding.EventMatchUndone, who, naming.Name); err != nil {
			return err
		}
		r, err := scanRequest(c.row(`SELECT `+requestColumns+` FROM requests WHERE id = $1`, old.Request))
		if err != nil {
			return err
		}
		if err := waitIfNothingArrived(c, r); err != nil {
			return err
		}
		return c.bump(kindRequest, r.ID, r.Owner, audienceOwner)
	})
	if err != nil {
		return Unmatched{}, fmt.Errorf("undoing a match of item %s: %w", id, err)
	}
	return result, nil
}

// namedAgain is what a client typed for an item, as it waited before it was found.
func namedAgain(old onboarding.Item, naming onboarding.Naming, failure string) onboarding.Item {
	return onboarding.Item{
		ID: old.ID, Request: old.Request, Owner: old.Owner, Service: old.Service, Kind: naming.Kind,
		Account: onboarding.NamedAccount(naming.Name), Name: naming.Name, By: naming.By,
		State: onboarding.ItemWaiting, Failure: failure, Created: naming.Created,
		NotAccounts: alsoNot(naming.Not, []string{old.Account}),
	}
}

// alreadyUnmatched is what a repeat of Unmatch returns.
func alreadyUnmatched(c *changeTx, old onboarding.Item, typed onboarding.NamedAsset) (Unmatched, error) {
	key := old
	key.Kind, key.Account = typed.Kind, onboarding.NamedAccount(typed.Name)
	waits, err := itemOfAccount(c, key)
	switch {
	case err != nil:
		return Unmatched{}, err
	case waits.ID == "":
		return Unmatched{}, onboarding.ErrConflict
	case waits.ID == old.ID:
		return Unmatched{Named: waits}, nil
	}
	return Unmatched{Named: waits, Kept: &old}, nil
}

// splitNamed leaves an account what it is, and has what a client typed for it wait on its own.
func splitNamed(c *changeTx, kept, again onboarding.Item) (onboarding.Item, error) {
	if err := storeNamings(c, kept); err != nil {
		return again, err
	}
	if err := bumpItem(c, kept); err != nil {
		return again, err
	}
	waits, err := itemOfAccount(c, again)
	if err != nil {
		return again, err
	}
	if waits.ID == "" {
		again.ID, again.Changed = NewID(), c.now
		if err := insertItem(c, again); err != nil {
			return again, err
		}
		waits = again
	} else {
		waits.NotAccounts = alsoNot(waits.NotAccounts, again.NotAccounts)
		if err := storeNamings(c, waits); err != nil {
			return waits, err
		}
	}
	if err := c.exec(`
		INSERT INTO shares (item, visit, at_ms)
		SELECT $1, s.visit, s.at_ms FROM shares s JOIN visits v ON v.id = s.visit
		WHERE  s.item = $2 AND v.email = $3 ON CONFLICT DO NOTHING`, waits.ID, kept.ID, again.By.Email); err != nil {
		return waits, err
	}
	return waits, bumpItem(c, waits)
}

// turnIntoNamed has an item be what the client typed again. Typed anew meanwhile it waits
// already, and the item goes.
func turnIntoNamed(c *changeTx, old, again onboarding.Item, who string) (onboarding.Item, error) {
	if err := closeRepair(c, old, RepairEnded, who); err != nil {
		return again, err
	}
	waits, err := itemOfAccount(c, again)
	if err != nil {
		return again, err
	}
	if waits.ID != "" {
		waits.NotAccounts = alsoNot(waits.NotAccounts, again.NotAccounts)
		if err := storeNamings(c, waits); err != nil {
			return waits, err
		}
		if err := deleteItem(c, old.ID); err != nil {
			return waits, err
		}
		return waits, bumpItem(c, waits)
	}
	if err := waitAgain(c, again); err != nil {
		return again, err
	}
	if err := c.execNamed(`
		UPDATE items
		SET    kind = @kind, account = @account, failure = @failure, tasks = '[]', checks = '[]', created_ms = @created,
		       namings = '[]', not_accounts = @not_accounts, mac = @mac
		WHERE  id = @id`, named{
		"id":           again.ID,
		"kind":         again.Kind,
		"account":      again.Account,
		"failure":      again.Failure,
		"created":      again.Created,
		"not_accounts": joinList(again.NotAccounts),
		"mac":          c.signer.SignRow("items", itemColumnsSigned(c.agency, again)...),
	}); err != nil {
		return again, err
	}
	kept, err := itemByID(c, again.ID)
	if err != nil {
		return again, err
	}
	return kept, bumpItem(c, kept)
}

// forgetNamings deletes what people typed for accounts of a request, and returns it.
func forgetNamings(c *changeTx, request string, isTheirs func(by onboarding.Person) bool) (typed []string, err error) {
	items, err := read(c.ctx, c, `
		SELECT `+itemColumns+` FROM items WHERE request = $1 AND namings <> '[]'`, []any{request}, scanItem)
	if err != nil {
		return nil, err
	}
	for _, i := range items {
		var others []onboarding.Naming
		for _, n := range i.Namings {
			if isTheirs(n.By) {
				typed = append(typed, n.Name)
			} else {
				others = append(others, n)
			}
		}
		if len(others) == len(i.Namings) {
			continue
		}
		i.Namings = others
		if err := storeNamings(c, i); err != nil {
			return nil, err
		}
	}
	return typed, nil
}

// forgetMatched deletes from items and from the history what people typed for accounts, and
// the texts that are known of it already.
func forgetMatched(c *changeTx, r Request, typed []string, isTheirs func(by onboarding.Person) bool) error {
	matched, err := forgetNamings(c, r.ID, isTheirs)
	if err != nil {
		return err
	}
	return forgetTyped(c, r, append(typed, matched...))
}
