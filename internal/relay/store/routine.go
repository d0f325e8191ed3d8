package store

import (
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// What computers do with the credential of an item becomes entries of its request's
// history: a computer's first fetch always, everything else once a day. A platform that
// rotates credentials causes several a day otherwise.

// recordFetched records that a device has a version of an item's credential. isFirst: it had
// none before.
func recordFetched(c *changeTx, device, item string, isFirst bool) error {
	isDue, err := entryIsDue(c, item, "fetched_entry_ms")
	if err != nil || !isDue && !isFirst {
		return err
	}
	var who string
	if err := c.row(`
		SELECT m.name FROM devices d JOIN members m ON m.agency = d.agency AND m.id = d.member
		WHERE  d.id = $1`, device).Scan(&who); err != nil {
		return wrapNotFound(err, "finding the device's member")
	}
	return recordRoutine(c, item, onboarding.EventCredentialFetched, who)
}

// recordPassedOn records that the credentials of items were sealed for a member's new device.
func recordPassedOn(c *changeTx, member string, deliveries []Delivery) error {
	var who string
	if err := c.row(`
		SELECT name FROM members WHERE agency = $1 AND id = $2`, c.agency, member).Scan(&who); err != nil {
		return wrapNotFound(err, "finding the device's member")
	}
	for _, d := range deliveries {
		if !d.IsItem {
			continue
		}
		isDue, err := entryIsDue(c, d.Subject, "passed_on_entry_ms")
		if err != nil {
			return err
		}
		if !isDue {
			continue
		}
		if err := recordRoutine(c, d.Subject, onboarding.EventCredentialPassedOn, who); err != nil {
			return err
		}
	}
	return nil
}

// recordRenewalFailed records that the platform refused to renew, unless the history says so
// or did today.
func recordRenewalFailed(c *changeTx, item string) error {
	var isFailing int
	if err := c.row(`SELECT is_failing FROM credentials WHERE item = $1`, item).Scan(&isFailing); err != nil {
		return wrapNotFound(err, "finding the credential")
	}
	if isFailing != 0 {
		return nil
	}
	isDue, err := entryIsDue(c, item, "failed_entry_ms")
	if err != nil || !isDue {
		return err
	}
	if err := c.exec(`UPDATE credentials SET is_failing = 1 WHERE item = $1`, item); err != nil {
		return err
	}
	return recordRoutine(c, item, onboarding.EventRenewalFailed, "")
}

// recordRenewalWorks records that the platform renews again what it had refused to.
func recordRenewalWorks(c *changeTx, item string) error {
	ended, err := c.texts(`
		UPDATE credentials SET is_failing = 0 WHERE item = $1 AND is_failing = 1 RETURNING item`, item)
	if err != nil || len(ended) == 0 {
		return err
	}
	return recordRoutine(c, item, onboarding.EventRenewalWorks, "")
}

// entryIsDue reports whether the last entry of a kind is a day old, and takes the time if so.
func entryIsDue(c *changeTx, item, column string) (bool, error) {
	due, err := c.texts(`
		UPDATE credentials SET `+column+` = $1 WHERE item = $2 AND `+column+` <= $3 RETURNING item`,
		c.now, item, c.now-day)
	return len(due) > 0, err
}

// recordRoutine records what happened to an item's credential. The agency's own accounts
// have no history.
func recordRoutine(c *changeTx, item string, kind onboarding.EventKind, who string) error {
	i, err := itemByID(c, item)
	if err != nil {
		return fmt.Errorf("finding the item of a credential: %w", err)
	}
	if i.Request == "" {
		return nil
	}
	if err := recordItemEvent(c, i, kind, who); err != nil {
		return err
	}
	return c.bump(kindRequest, i.Request, i.Owner, audienceOwner)
}
