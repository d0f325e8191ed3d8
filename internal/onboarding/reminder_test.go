package onboarding_test

import (
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

func stamp(t *testing.T, text string) onboarding.Timestamp {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return onboarding.TimestampOf(at)
}

func TestRemindersComeAtNineOnTheirDays(t *testing.T) {
	usual := onboarding.DefaultReminders()
	for name, c := range map[string]struct {
		days               []int
		invited, now, want string
		offset             int
	}{
		"the first":               {usual, "2026-11-28T15:00:00Z", "2026-11-28T15:00:00Z", "2026-12-01T09:00:00Z", 0},
		"the next":                {usual, "2026-11-28T15:00:00Z", "2026-12-01T09:00:00Z", "2026-12-08T09:00:00Z", 0},
		"the last":                {usual, "2026-11-28T15:00:00Z", "2026-12-18T09:00:00Z", "2026-12-19T09:00:00Z", 0},
		"after the last":          {usual, "2026-11-28T15:00:00Z", "2026-12-19T09:00:00Z", "", 0},
		"none are chosen":         {nil, "2026-11-28T15:00:00Z", "2026-11-28T15:00:00Z", "", 0},
		"east of UTC":             {[]int{3}, "2026-11-28T15:00:00Z", "2026-11-28T15:00:00Z", "2026-12-01T08:00:00Z", 60},
		"a day later in the east": {[]int{3}, "2026-11-28T20:00:00Z", "2026-11-28T20:00:00Z", "2026-12-01T23:00:00Z", 600},
		"west of UTC":             {[]int{3}, "2026-11-28T15:00:00Z", "2026-11-28T15:00:00Z", "2026-12-01T17:00:00Z", -480},
		"over the end of February": {
			[]int{3}, "2027-02-26T10:00:00Z", "2027-02-26T10:00:00Z", "2027-03-01T09:00:00Z", 0,
		},
		"unsorted": {
			[]int{21, 3}, "2026-11-28T15:00:00Z", "2026-11-28T15:00:00Z", "2026-12-01T09:00:00Z", 0,
		},
		"the link ends before the day": {[]int{28}, "2026-12-15T15:00:00Z", "2026-12-15T15:00:00Z", "", 0},
	} {
		ends := stamp(t, "2026-12-28T15:00:00Z")
		if c.invited > "2027" {
			ends = stamp(t, "2027-03-26T10:00:00Z")
		}
		got := onboarding.NextReminder(c.days, stamp(t, c.invited), ends, stamp(t, c.now), c.offset)
		var want onboarding.Timestamp
		if c.want != "" {
			want = stamp(t, c.want)
		}
		if got != want {
			t.Errorf("%s: reminds at %v, want %v", name, got.Time(), want.Time())
		}
	}
	if next := onboarding.NextReminder([]int{3}, 0, 1<<50, 0, 0); next != 0 {
		t.Errorf("who was never invited is reminded at %v", next.Time())
	}
}

func TestALateReminderWakesNobody(t *testing.T) {
	for now, want := range map[string]string{
		"2026-12-01T09:00:00Z": "2026-12-01T09:00:00Z",
		"2026-12-01T17:59:00Z": "2026-12-01T17:59:00Z",
		"2026-12-01T18:00:00Z": "2026-12-02T09:00:00Z",
		"2026-12-01T03:00:00Z": "2026-12-01T09:00:00Z",
		"2026-12-31T23:00:00Z": "2027-01-01T09:00:00Z",
	} {
		if got := onboarding.ReminderTime(stamp(t, now), 0); got != stamp(t, want) {
			t.Errorf("at %s it goes out at %v, want %s", now, got.Time(), want)
		}
	}
}

func TestDaysOfRemindersAreBounded(t *testing.T) {
	for name, c := range map[string]struct {
		days  []int
		valid bool
	}{
		"none": {nil, true}, "the usual": {onboarding.DefaultReminders(), true}, "the bounds": {[]int{1, 28}, true},
		"zero": {[]int{0}, false}, "after the link": {[]int{29}, false}, "twice": {[]int{3, 3}, false},
		"falling": {[]int{10, 3}, false}, "too many": {[]int{1, 2, 3, 4, 5, 6}, false},
	} {
		if err := onboarding.ValidateReminders(c.days); (err == nil) != c.valid {
			t.Errorf("%s: %v", name, err)
		}
	}
}
