package store

import (
	"fmt"
	"slices"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// planApproval writes when the client of a receipt is reminded next, after now, of what an
// admin of theirs has to approve at its platform: on the days of the request's reminders,
// counted from the receipt. Nobody is once nothing waits any more.
func planApproval(c *changeTx, r Request, v Visit, made onboarding.Timestamp) error {
	items, err := itemsOf(c, r.ID)
	if err != nil || !slices.ContainsFunc(items, onboarding.Item.IsWaiting) {
		return err
	}
	offset, err := ownersOffset(c, r)
	if err != nil {
		return err
	}
	next := onboarding.NextReminder(r.Reminders, made, onboarding.ReceiptEnds(made), c.now, offset)
	if next == 0 {
		return nil
	}
	return schedule(c.agencyTx, JobApproval, v.ID, next)
}

// remindOfApproval queues the reminder of what waits for an approval, to the client of a
// receipt. An address that has a newer one is reminded by that.
func remindOfApproval(c *changeTx, job Job) error {
	v, made, err := receiptOf(c, job.Subject)
	if err != nil || made == 0 {
		return err
	}
	r, exists, err := findRequest(c, v.Request)
	if err != nil || !exists || r.Withdrawn != 0 {
		return err
	}
	offset, err := ownersOffset(c, r)
	if err != nil {
		return err
	}
	if at := onboarding.ReminderTime(c.now, offset); at > c.now {
		return schedule(c.agencyTx, JobApproval, v.ID, at)
	}
	newer, err := c.texts(`
		SELECT x.email FROM receipts q JOIN visits x ON x.id = q.visit
		WHERE  q.request = $1 AND (q.created_ms > $2 OR q.created_ms = $2 AND q.visit > $3)`, r.ID, made, v.ID)
	if err != nil || slices.ContainsFunc(newer, func(a string) bool { return onboarding.SameAddress(a, v.Email) }) {
		return err
	}
	items, err := itemsOf(c, r.ID)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(items, onboarding.Item.WaitsForApproval) {
		email := Email{
			ID:   fmt.Sprintf("approval-%s-%d", v.ID, job.Due), // once
			Kind: EmailApproval, Request: r.ID, Visit: v.ID,
		}
		if err := enqueue(c.agencyTx, email); err != nil {
			return err
		}
	}
	return planApproval(c, r, v, made)
}

// finishApproval records that a mail server took the reminder.
func finishApproval(c *changeTx, email Email, result EmailResult) error {
	if result.State != onboarding.EmailAccepted {
		return nil
	}
	v, _, err := receiptOf(c, email.Visit)
	if err != nil || v.ID == "" { // forgotten meanwhile
		return err
	}
	r, exists, err := findRequest(c, email.Request)
	if err != nil || !exists {
		return err
	}
	if err := recordEvent(c, r.ID, onboarding.EventReminded, "", v.Email); err != nil {
		return err
	}
	return c.bump(kindRequest, r.ID, r.Owner, audienceOwner)
}

// receiptOf reads a visit, and when its receipt was made; zero: it has none.
func receiptOf(c *changeTx, visit string) (v Visit, made onboarding.Timestamp, err error) {
	visits, err := read(c.ctx, c, `SELECT `+visitColumns+` FROM visits WHERE id = $1 AND agency = $2`,
		[]any{visit, c.agency}, scanVisit)
	if err != nil || len(visits) == 0 {
		return Visit{}, 0, err
	}
	err = c.row(`SELECT COALESCE(max(created_ms), 0) FROM receipts WHERE visit = $1`, visit).Scan(&made)
	return visits[0], made, err
}

func itemsOf(c *changeTx, request string) ([]onboarding.Item, error) {
	return read(c.ctx, c, `SELECT `+itemColumns+` FROM items WHERE agency = $1 AND request = $2 ORDER BY created_ms, id`,
		[]any{c.agency, request}, scanItem)
}

// skipMissedApprovals keeps a database that was restored from sending the reminders of
// approvals once more that have gone out since its backup.
func skipMissedApprovals(c *changeTx) error {
	visits, err := c.texts(`
		SELECT subject FROM jobs WHERE agency = $1 AND kind = $2 AND due_ms <= $3`, c.agency, JobApproval, c.now)
	if err != nil {
		return err
	}
	for _, id := range visits {
		if err := c.exec(`DELETE FROM jobs WHERE kind = $1 AND subject = $2`, JobApproval, id); err != nil {
			return err
		}
		v, made, err := receiptOf(c, id)
		if err != nil {
			return err
		}
		r, exists, err := findRequest(c, v.Request)
		if err != nil {
			return err
		}
		if !exists || made == 0 {
			continue
		}
		if err := planApproval(c, r, v, made); err != nil {
			return err
		}
	}
	return nil
}
