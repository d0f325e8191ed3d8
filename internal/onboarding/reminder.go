package onboarding

import (
	"fmt"
	"slices"
	"time"
)

// DefaultReminders are the days after an invitation on which its recipient is reminded,
// unless the requester chooses others.
func DefaultReminders() []int { return []int{3, 10, 21} }

// The bounds of a request's reminders. A link lives for a month.
const (
	MaxReminders    = 5
	LastReminderDay = 28
)

// ValidateReminders refuses days on which nobody can be reminded. None is valid: nobody is.
func ValidateReminders(days []int) error {
	if len(days) > MaxReminders {
		return Invalid("days", fmt.Sprintf("Choose at most %d days.", MaxReminders))
	}
	for n, day := range days {
		if day < 1 || day > LastReminderDay {
			return Invalid("days", fmt.Sprintf("Choose days from 1 to %d: the link works for a month.", LastReminderDay))
		}
		if n > 0 && day <= days[n-1] {
			return Invalid("days", "Write each day once, the earliest first.")
		}
	}
	return nil
}

// Reminders go out from nine to six by the requester's clock.
const (
	reminderHour     = 9
	lastReminderHour = 18
)

// NextReminder is when a client who was invited at a time is reminded next, after now: at
// nine o'clock, by a clock that is utcOffset minutes east of UTC. Zero: not any more, as
// nobody is reminded once the link has ended.
func NextReminder(days []int, invited, ends, now Timestamp, utcOffset int) Timestamp {
	if invited == 0 {
		return 0
	}
	local := invited.Time().In(time.FixedZone("", utcOffset*60))
	for _, day := range slices.Sorted(slices.Values(days)) {
		due := TimestampOf(time.Date(
			local.Year(), local.Month(), local.Day()+day, reminderHour, 0, 0, 0, local.Location(),
		))
		if due > now && due < ends {
			return due
		}
	}
	return 0
}

// ReminderTime is when a reminder that is due may go out: now, or at nine o'clock if it is
// late: a relay that comes back at night wakes nobody.
func ReminderTime(now Timestamp, utcOffset int) Timestamp {
	local := now.Time().In(time.FixedZone("", utcOffset*60))
	if hour := local.Hour(); hour >= reminderHour && hour < lastReminderHour {
		return now
	}
	day := local.Day()
	if local.Hour() >= lastReminderHour {
		day++
	}
	return TimestampOf(time.Date(local.Year(), local.Month(), day, reminderHour, 0, 0, 0, local.Location()))
}

// IsSameDay reports whether two times are on one day of a clock that is utcOffset minutes
// east of UTC.
func IsSameDay(a, b Timestamp, utcOffset int) bool {
	zone := time.FixedZone("", utcOffset*60)
	return a.Time().In(zone).Format(time.DateOnly) == b.Time().In(zone).Format(time.DateOnly)
}
