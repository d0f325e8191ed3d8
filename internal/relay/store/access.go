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
		access := report.Access
		if access.Checked == 0 || access.Checked > c.now {
			access.Checked = c.now // by the relay's clock
		}
		// After a clock was set back, the stored check must not stay the newest for ever.
		if access.Checked < min(old.Access.Checked, c.now) {
			newest = old.Access
			return nil
		}
		access.Since = old.Access.Since
		changed := access.State != old.Access.State || access.Failure != old.Access.Failure
		if changed || access.Since == 0 {
			access.Since = c.now
		}
		if access.State == onboarding.AccessWorks {
			access.Failure, access.Code = "", ""
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
		if old.Request == "" {
			return nil
		}
		return actOnAccess(c, old, access, report.EmailOwner && changed)
	})
	if err != nil {
		return onboarding.Access{}, fmt.Errorf("storing a check of item %s: %w", id, err)
	}
	return newest, nil
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
		       access_checked_ms = @checked, access_capabilities = @capabilities, checks = @checks, tasks = @tasks
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

func actOnAccess(c *changeTx, old onboarding.Item, access onboarding.Access, emailOwner bool) error {
	q, err := scanRequest(c.row(`SELECT `+requestColumns+` FROM requests WHERE id = $1`, old.Request))
	if err != nil {
		return wrapNotFound(err, "finding the item's request")
	}
	if access.State == onboarding.AccessWorks && old.Access.State != onboarding.AccessWorks {
		if err := enqueueAccessWorks(c, q, old.ID); err != nil {
			return err
		}
	}
	switch {
	case access.State == onboarding.AccessWorks && old.State != onboarding.ItemConnected:
		result := old
		result.State, result.Failure, result.Reference = onboarding.ItemConnected, "", ""
		if _, err := applyResult(c, q, old, result); err != nil {
			return err
		}
	case access.State == onboarding.AccessWorks && old.Access.State == onboarding.AccessBroken:
		if err := recordItemEvent(c, old, onboarding.EventAccessWorks, ""); err != nil {
			return err
		}
	case access.State == onboarding.AccessBroken && old.Access.State != onboarding.AccessBroken:
		if err := recordItemEvent(c, old, onboarding.EventAccessBroken, ""); err != nil {
			return err
		}
	case access.State == onboarding.AccessWaiting:
		if err := schedule(c, JobUnchecked, old.ID, c.now+day); err != nil {
			return err
		}
	default:
		return nil
	}
	if emailOwner && access.State == onboarding.AccessBroken {
		if err := enqueue(c, Email{Kind: EmailAgencySideProblem, Request: q.ID, Item: old.ID, Member: q.Owner}); err != nil {
			return err
		}
	}
	return c.bump(kindRequest, q.ID, q.Owner, audienceOwner)
}
