package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

func joinDays(days []int) string {
	text, err := json.Marshal(append([]int{}, days...))
	if err != nil {
		return "[]" // numbers can always be written
	}
	return string(text)
}

func splitDays(text string) (days []int, err error) {
	if err := json.Unmarshal([]byte(text), &days); err != nil {
		return nil, fmt.Errorf("its reminders: %w", err)
	}
	return days, nil
}

// SetReminders changes on which days after their invitation the recipients of a pending
// request are reminded; none: never. A day that has passed is not made up.
func (s *Requests) SetReminders(ctx context.Context, agency, id string, days []int) (Request, error) {
	return s.requestChange(ctx, agency, id, "changing the reminders of", func(c *changeTx, r Request) error {
		switch {
		case r.Withdrawn != 0:
			return onboarding.ErrWithdrawn
		case r.Status == onboarding.Connected, r.Finished != 0:
			return onboarding.ErrCompleted
		}
		if err := c.exec(`UPDATE requests SET reminders = $1 WHERE id = $2`, joinDays(days), id); err != nil {
			return err
		}
		r.Reminders = days
		return planReminders(c, r)
	})
}

// planReminders writes when each recipient of a request is reminded next, after now, and
// the job for the first of them.
func planReminders(c *changeTx, r Request) error {
	offset, err := ownersOffset(c, r)
	if err != nil {
		return err
	}
	recipients, err := recipientsOf(c.ctx, c, r.ID)
	if err != nil {
		return err
	}
	finished, err := finishedVisits(c.ctx, c, r.ID)
	if err != nil {
		return err
	}
	for _, to := range recipients {
		next := onboarding.NextReminder(r.Reminders, to.Invited, r.Expires, c.now, offset)
		if to.Stopped != 0 || r.Declined != 0 || finished.of(to) {
			next = 0
		}
		if next == to.Reminds {
			continue
		}
		if err := c.exec(`UPDATE recipients SET remind_ms = $1 WHERE id = $2`, next, to.ID); err != nil {
			return err
		}
	}
	return scheduleReminders(c, r.ID)
}

// scheduleReminders writes the job for the next reminder of a request.
func scheduleReminders(c *changeTx, request string) error {
	var next onboarding.Timestamp
	if err := c.row(`
		SELECT COALESCE(min(remind_ms), 0) FROM recipients WHERE request = $1 AND remind_ms > 0`,
		request).Scan(&next); err != nil {
		return err
	}
	if next == 0 {
		return c.exec(`DELETE FROM jobs WHERE kind = $1 AND subject = $2`, JobRemind, request)
	}
	return schedule(c.agencyTx, JobRemind, request, next)
}

// ownersOffset is the clock of a request's owner, in minutes east of UTC.
func ownersOffset(c *changeTx, r Request) (int, error) {
	settings, err := newsSettings(c.ctx, c.Tx, r.Owner)
	return settings.UTCOffset, err
}

// markInvited starts the reminders of a recipient whose first email with the current link
// was accepted.
func markInvited(c *changeTx, request, recipient string) error {
	r, exists, err := findRequest(c, request)
	if err != nil || !exists || r.LinkState(c.now) != nil {
		return err
	}
	if err := c.exec(`UPDATE recipients SET invited_ms = $1 WHERE id = $2`, c.now, recipient); err != nil {
		return err
	}
	return planReminders(c, r)
}

// remind queues the reminders of a request that are due. One that was missed is not made
// up when a later one is due, too.
func remind(c *changeTx, job Job) error {
	r, exists, err := findRequest(c, job.Subject)
	if err != nil || !exists || r.LinkState(c.now) != nil {
		return err
	}
	offset, err := ownersOffset(c, r)
	if err != nil {
		return err
	}
	if at := onboarding.ReminderTime(c.now, offset); at > c.now {
		return schedule(c.agencyTx, JobRemind, r.ID, at)
	}
	var suspended int64
	if err := c.row(`SELECT suspended_ms FROM agencies WHERE id = $1`, c.agency).Scan(&suspended); err != nil {
		return err
	}
	if suspended != 0 {
		return schedule(c.agencyTx, JobRemind, r.ID, c.now+day)
	}
	recipients, err := recipientsOf(c.ctx, c, r.ID)
	if err != nil {
		return err
	}
	for _, to := range recipients {
		if to.Reminds == 0 || to.Reminds > c.now || !wantsReminder(to, c.now, offset) {
			continue
		}
		email := Email{
			ID:   fmt.Sprintf("remind-%s-%d-%d", to.ID, r.LinkVersion, to.Reminds), // once
			Kind: EmailReminder, Request: r.ID, Recipient: to.ID,
		}
		if err := enqueue(c.agencyTx, email); err != nil {
			return err
		}
	}
	if err := planReminders(c, r); err != nil {
		return err
	}
	return c.bump(kindRequest, r.ID, r.Owner, audienceOwner)
}

// wantsReminder reports whether a reminder that is due goes to a recipient: on a day on
// which another email went to them it would only disturb.
func wantsReminder(to onboarding.Recipient, now onboarding.Timestamp, utcOffset int) bool {
	return to.Stopped == 0 && to.EmailState != onboarding.EmailRefused && !onboarding.IsSameDay(to.Sent, now, utcOffset)
}

// skipMissedReminders keeps a database that was restored from sending the reminders once
// more that have gone out since its backup.
func skipMissedReminders(c *changeTx) error {
	rows, err := c.QueryContext(c.ctx, `
		SELECT `+requestColumns+` FROM requests WHERE agency = $1 AND id IN (
			SELECT request FROM recipients WHERE remind_ms > 0 AND remind_ms <= $2)`, c.agency, c.now)
	requests, err := scanAll(rows, err, scanRequest)
	if err != nil {
		return err
	}
	for _, r := range requests {
		if err := planReminders(c, r); err != nil {
			return err
		}
	}
	return nil
}
