package store

import (
	"context"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// ReportAccess keeps the newest check of an item and acts on it: what waited
// and works is connected, which completes a finished, waiting request. It
// gives the newest that is kept, which may be another hub's. tellOwner says
// whether this failure is one that the owner gets an email about.
func (s *Items) ReportAccess(
	ctx context.Context, agency, id string, found onboarding.Access, tasks []string, tellOwner bool,
) (onboarding.Access, error) {
	var newest onboarding.Access
	err := s.change(ctx, agency, func(c *changeTx) error {
		old, err := itemByID(c, id)
		if err := wrapNotFound(err, "finding the item"); err != nil {
			return err
		}
		if old.State == onboarding.ItemEnded { // by a colleague, and this hub has not read it yet
			return onboarding.ErrConflict
		}
		access := found
		if access.Checked == 0 || access.Checked > c.now {
			access.Checked = c.now // the relay's clock decides
		}
		// A clock that was put back must not make what is kept the newest for ever.
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
		return actOnAccess(c, old, access, tellOwner && changed)
	})
	if err != nil {
		return onboarding.Access{}, fmt.Errorf("keeping what a check of item %s found: %w", id, err)
	}
	return newest, nil
}

// saveAccess stores the newest check of an item and puts it before the older
// results.
func saveAccess(c *changeTx, old onboarding.Item, access onboarding.Access, tasks []string) error {
	checks := onboarding.WithCheckRecord(old.Checks, onboarding.CheckRecord{
		Checked:      access.Checked,
		State:        access.State,
		Failure:      access.Failure,
		Code:         access.Code,
		Capabilities: access.Capabilities,
	})
	return c.exec(`
		UPDATE items
		SET    access_state = $1, access_failure = $2, access_code = $3, access_since_ms = $4, access_checked_ms = $5,
		       access_capabilities = $6, checks = $7, tasks = $8
		WHERE  id = $9`,
		access.State, access.Failure, access.Code, access.Since, access.Checked,
		joinList(access.Capabilities), joinList(checks), joinList(tasks), old.ID)
}

func actOnAccess(c *changeTx, old onboarding.Item, access onboarding.Access, tellOwner bool) error {
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
	if tellOwner && access.State == onboarding.AccessBroken {
		if err := enqueue(c, Email{Kind: EmailAgencySideProblem, Request: q.ID, Item: old.ID, Member: q.Owner}); err != nil {
			return err
		}
	}
	return c.bump(kindRequest, q.ID, q.Owner, audienceOwner)
}
