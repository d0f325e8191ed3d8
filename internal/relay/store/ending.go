package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// SharedGrant reports what else depends on the grant of an item: whether another
// item that still has access to the same service, in any agency, is of the same
// account, or was connected by the same person at the platform. Names compare
// exactly. An item without a name, or of a person who was forgotten, counts as the
// same person's: a grant that was ended by mistake cannot be restored. Of what is
// shared with a Business Manager, account is whether another request of the agency
// has the same in the same one. Items of the agency in besides do not count: they
// are ended together with it, nor does what its client has withdrawn.
func (s *Items) SharedGrant(
	ctx context.Context, agency string, i onboarding.Item, besides []string,
) (account, person bool, err error) {
	const others = `
		SELECT COALESCE(sum(CASE WHEN kind = $1 AND account = $2 THEN 1 ELSE 0 END), 0),
		       COALESCE(sum(CASE WHEN platform_by IN ($3, '') OR $6 = 1 THEN 1 ELSE 0 END), 0)
		FROM   items
		WHERE  service = $4 AND (account = $2 OR platform_by IN ($3, '') OR $6 = 1) AND id <> $5
		AND    state IN ('sharing', 'connected', 'waiting') AND withdrawn_ms = 0
		AND    NOT (agency = $7 AND replace($8, ',' || id || ',', '') <> $8)`
	const sameShare = `
		SELECT count(*), 0
		FROM   items o JOIN requests r ON r.id = o.request
		WHERE  o.service = $4 AND o.account = $2 AND o.kind = $1 AND o.id <> $5 AND o.agency = $6
		AND    o.state IN ('sharing', 'connected', 'waiting') AND o.withdrawn_ms = 0
		AND    r.business_id = (SELECT business_id FROM requests WHERE id = $3)
		AND    replace($7, ',' || o.id || ',', '') = $7`
	// Each id between two commas of its own: see replace.
	list := "," + strings.Join(besides, ",,") + ","
	var sameAccount, samePerson int64
	query, args := others, []any{
		i.Kind, i.Account, i.PlatformBy, i.Service, i.ID, boolToInt(i.PlatformBy == ""), agency, list,
	}
	if i.Kind.IsShared() {
		query, args = sameShare, []any{i.Kind, i.Account, i.Request, i.Service, i.ID, agency, list}
	}
	row := s.db.QueryRowContext(ctx, query, args...)
	if err := row.Scan(&sameAccount, &samePerson); err != nil {
		return false, false, fmt.Errorf("looking up what depends on the grant of item %s: %w", i.ID, err)
	}
	return sameAccount > 0, samePerson > 0, nil
}

// Ending is the result of ending the access to an item.
type Ending struct {
	By        string // the member's name
	Proven    bool   // a call has proved that the access is gone
	Remaining string // what is left at the platform, a code of the catalog; empty: nothing
}

// EndAccess records that the agency has ended its access to an item: its credential
// and the deliveries of it are deleted, and its request's timeline shows who did
// it. An item of the agency's own leaves Accounts. A repeat returns the item as it
// is. An item that is being shared, or failed, is ErrConflict.
func (s *Items) EndAccess(ctx context.Context, agency, id string, ending Ending) (onboarding.Item, error) {
	var ended onboarding.Item
	err := s.change(ctx, agency, func(c *changeTx) error {
		old, err := itemByID(c, id)
		if err := wrapNotFound(err, "finding the item"); err != nil {
			return err
		}
		switch old.State {
		case onboarding.ItemEnded:
			ended = old
			return nil
		case onboarding.ItemConnected, onboarding.ItemWaiting:
		default:
			return onboarding.ErrConflict
		}
		ended, err = endItemAccess(c, old, ending)
		return err
	})
	if err != nil {
		return onboarding.Item{}, fmt.Errorf("ending the access to item %s: %w", id, err)
	}
	return ended, nil
}

// recordEnd records that the access to an item has ended, and because of whom. A withdrawal of
// what nobody has found ended nothing: that it was withdrawn is recorded.
func recordEnd(c *changeTx, i onboarding.Item, by string) error {
	kind := onboarding.EventAccessEnded
	switch {
	case i.Withdrawn != 0 && i.HasNotArrived():
		return nil
	case i.Withdrawn != 0:
		kind = onboarding.EventWithdrawalDone
	case i.HasNotArrived():
		kind = onboarding.EventUnawaited
	}
	return recordItemEvent(c, i, kind, by)
}

func endItemAccess(c *changeTx, old onboarding.Item, ending Ending) (onboarding.Item, error) {
	if err := c.exec(`
		UPDATE items
		SET    state = $1, failure = $2, reference = '', ended_ms = $3, ended_by = $4, ended_proven = $5, changed_ms = $3
		WHERE  id = $6`,
		onboarding.ItemEnded, ending.Remaining, c.now, ending.By, boolToInt(ending.Proven), old.ID); err != nil {
		return old, err
	}
	kept, err := itemByID(c, old.ID)
	if err != nil {
		return old, err
	}
	if old.Request == "" {
		return kept, deleteItem(c, old.ID)
	}
	if err := closeRepair(c, kept, RepairEnded, ending.By); err != nil {
		return kept, err
	}
	for _, query := range []string{
		`DELETE FROM deliveries WHERE subject = $1`,
		`DELETE FROM device_credentials WHERE subject = $1`,
		`DELETE FROM credentials WHERE item = $1`,
		`DELETE FROM jobs WHERE subject = $1`,
	} {
		if err := c.exec(query, old.ID); err != nil {
			return kept, err
		}
	}
	r, err := scanRequest(c.row(`SELECT `+requestColumns+` FROM requests WHERE id = $1`, old.Request))
	if err := wrapNotFound(err, "finding the item's request"); err != nil {
		return kept, err
	}
	if err := recordEnd(c, old, ending.By); err != nil {
		return kept, err
	}
	connected, waiting, err := countItems(c, r.ID, false)
	if err != nil {
		return kept, err
	}
	if r.Forgotten != 0 && connected+waiting == 0 { // only its items in Accounts needed it
		if err := schedule(c.agencyTx, JobForget, r.ID, c.now+EndedRetention); err != nil {
			return kept, err
		}
	}
	if err := endUnneeded(c); err != nil {
		return kept, err
	}
	if err := bumpItem(c, kept); err != nil {
		return kept, err
	}
	return kept, c.bump(kindRequest, r.ID, r.Owner, audienceOwner)
}
