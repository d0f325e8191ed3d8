package store

import (
	"context"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// AccessReport is what a hub's check of an item found.
type AccessReport struct {
	Access     onboarding.Access
	Tasks      []string // empty: as they were
	EmailOwner bool     // the owner gets an email about this failure
}

// ReportAccess stores the newest check of an item and acts on it: an item that
// waited and works is connected, which completes a request that was finished while
// it waited. It returns the newest check, which may be another hub's.
func (s *Items) ReportAccess(
	ctx context.Context, agency, id string, report AccessReport,
) (onboarding.Access, error) {
	var newest onboarding.Access
	err := s.change(ctx, agency, func(c *changeTx) error {
		old, err := itemByID(c, id)
		if err := wrapNotFound(err, "finding the item"); err != nil {
			return err
		}
		if old.State == onboarding.ItemEnded { // by a colleague: this hub has not synced it yet
			return onboarding.ErrConflict
		}
		access, isNewest := newestAccess(old.Access, report.Access, c.now)
		if newest = access; !isNewest {
			return nil
		}
		changed := access.State != old.Access.State || access.Failure != old.Access.Failure
		if changed || access.Since == 0 {
			access.Since = c.now
		}
		tasks := report.Tasks
		if len(tasks) == 0 {
			tasks = old.Tasks
		}
		newest = access
		if err := saveAccess(c, old, access, tasks); err != nil {
			return err
		}
		if err := bumpItem(c, old); err != nil {
			return err
		}
		if err := c.exec(`DELETE FROM jobs WHERE kind = $1 AND subject = $2`, JobUnchecked, id); err != nil {
			return err
		}
		return actOnReport(c, old, access, report.EmailOwner, changed)
	})
	if err != nil {
		return onboarding.Access{}, fmt.Errorf("storing a check of item %s: %w", id, err)
	}
	return newest, nil
}

// actOnReport does what the newest check of an item means. changed: its state or failure is
// another than before.
func actOnReport(c *changeTx, old onboarding.Item, access onboarding.Access, emailOwner, changed bool) error {
	if old.Withdrawn != 0 {
		return nil // its end is near: neither news, nor a reason to complete the request
	}
	if access.State == onboarding.AccessBroken {
		if told, err := isToldOfRepair(c, old); err != nil || told {
			return err
		}
	}
	if err := recordFailure(c, old, access, emailOwner); err != nil {
		return err
	}
	if old.Request == "" {
		return nil
	}
	return actOnAccess(c, old, access, emailOwner && changed)
}

// isToldOfRepair reports whether an item that its client was asked to repair broke again so
// often today that its owner knows: they can have it checked again and again.
func isToldOfRepair(c *changeTx, old onboarding.Item) (bool, error) {
	if open, err := hasOpenRepair(c, old); err != nil || !open || isBroken(old) {
		return false, err
	}
	var told int64
	err := c.row(`SELECT count(*) FROM news WHERE agency = $1 AND item = $2 AND kind = $3 AND created_ms > $4`,
		c.agency, old.ID, onboarding.NewsAttention, c.now-day).Scan(&told)
	return told >= maxToldPerDay, err
}

// recordFailure makes news of an item that worked and does not any more. emailOwner:
// its owner gets an email about this failure anyway, if the item is of a request.
func recordFailure(c *changeTx, item onboarding.Item, access onboarding.Access, emailOwner bool) error {
	if access.State != onboarding.AccessBroken || item.Access.State == onboarding.AccessBroken {
		return nil
	}
	return recordNews(c, News{
		Kind: onboarding.NewsAttention, Request: item.Request, Item: item.ID, Owner: item.Owner, Service: item.Service,
		Failure: access.Failure, Code: access.Code,
		quiet: emailOwner && item.Request != "",
	})
}

// maxReportDelay is more than what lies between a check and its report.
const maxReportDelay = 10 * minute

// newestAccess returns the reported check by the relay's clock, or the stored one if
// that is newer. A time that is far from the relay's is that of a computer whose clock
// is wrong. After a clock was set back the stored one must not stay the newest for ever.
func newestAccess(stored, reported onboarding.Access, now onboarding.Timestamp) (newest onboarding.Access, isNew bool) {
	if reported.Checked == 0 || reported.Checked > now || reported.Checked < now-maxReportDelay {
		reported.Checked = now
	}
	if reported.Checked < min(stored.Checked, now) {
		return stored, false
	}
	reported.Since = stored.Since
	return reported, true
}

// saveAccess stores the newest check of an item, before the older ones.
func saveAccess(c *changeTx, old onboarding.Item, access onboarding.Access, tasks []string) error {
	checks := onboarding.WithCheckRecord(old.Checks, onboarding.CheckRecord{
		Checked:      access.Checked,
		State:        access.State,
		Failure:      access.Failure,
		Code:         access.Code,
		Capabilities: access.Capabilities,
	})
	return c.execNamed(`
		UPDATE items
		SET    access_state = @state, access_failure = @failure, access_code = @code, access_since_ms = @since,
		       access_checked_ms = @checked, access_capabilities = @capabilities, checks = @checks, tasks = @tasks,
		       confirmed_ms = CASE WHEN @state = 'waiting' THEN confirmed_ms ELSE 0 END,
		       confirmed_by = CASE WHEN @state = 'waiting' THEN confirmed_by ELSE '' END
		WHERE  id = @id`, named{
		"id":           old.ID,
		"state":        access.State,
		"failure":      access.Failure,
		"code":         access.Code,
		"since":        access.Since,
		"checked":      access.Checked,
		"capabilities": joinList(access.Capabilities),
		"checks":       joinList(checks),
		"tasks":        joinList(tasks),
	})
}

// actOnAccess does what the newest check of an item means for its request.
func actOnAccess(c *changeTx, old onboarding.Item, access onboarding.Access, emailOwner bool) error {
	r, err := scanRequest(c.row(`SELECT `+requestColumns+` FROM requests WHERE id = $1`, old.Request))
	if err != nil {
		return wrapNotFound(err, "finding the item's request")
	}
	if access.State == onboarding.AccessWorks && old.Access.State != onboarding.AccessWorks {
		if err := enqueueAccessWorks(c, r, old); err != nil {
			return err
		}
	}
	acted, err := applyAccess(c, r, old, access)
	if err != nil {
		return err
	}
	if access.State == onboarding.AccessWorks {
		closed, err := closeWorkingRepair(c, old)
		if err != nil {
			return err
		}
		acted = acted || closed
	}
	if emailOwner && access.State == onboarding.AccessBroken {
		if acted, err = emailAgencySide(c, r, old, acted); err != nil {
			return err
		}
	}
	if !acted {
		return nil
	}
	return c.bump(kindRequest, r.ID, r.Owner, audienceOwner)
}

// emailAgencySide writes to the owner about an item that only the agency can fix: when it
// broke or, while its client was asked to repair something else, when that was found.
func emailAgencySide(c *changeTx, r Request, old onboarding.Item, broke bool) (sent bool, err error) {
	if !broke {
		if asked, err := hasOpenRepair(c, old); err != nil || !asked {
			return false, err
		}
	}
	return true, enqueue(c.agencyTx, Email{
		Kind: EmailAgencySideProblem, Request: r.ID, Item: old.ID, Member: r.Owner,
	})
}

// applyAccess connects an item that waited and works, or records that its access
// works or is broken. acted is false for a check that changes nothing.
func applyAccess(c *changeTx, r Request, old onboarding.Item, access onboarding.Access) (acted bool, err error) {
	before := old.Access.State
	switch {
	case access.State == onboarding.AccessWorks && old.State != onboarding.ItemConnected:
		result := old
		result.State, result.Failure, result.Reference = onboarding.ItemConnected, "", ""
		_, err = applyResult(c, r, old, result)
	case access.State == onboarding.AccessWorks && before == onboarding.AccessBroken:
		err = recordItemEvent(c, old, onboarding.EventAccessWorks, "")
	case access.State == onboarding.AccessBroken && before != onboarding.AccessBroken:
		err = recordItemEvent(c, old, onboarding.EventAccessBroken, "")
	case access.State == onboarding.AccessWaiting:
		err = schedule(c.agencyTx, JobUnchecked, old.ID, c.now+day)
	default:
		return false, nil
	}
	return true, err
}
