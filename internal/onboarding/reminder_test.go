package onboarding_test

import (
	"cmp"
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
	const saturday = "2026-11-28T15:00:00Z"
	for name, c := range map[string]struct {
		days   []int
		by     string // when they were invited; empty: on Saturday
		now    string // empty: as they were invited
		want   string
		offset int
	}{
		"the first":                    {days: usual, want: "2026-12-01T09:00:00Z"},
		"the next":                     {days: usual, now: "2026-12-01T09:00:00Z", want: "2026-12-08T09:00:00Z"},
		"the last":                     {days: usual, now: "2026-12-18T09:00:00Z", want: "2026-12-19T09:00:00Z"},
		"after the last":               {days: usual, now: "2026-12-19T09:00:00Z"},
		"none are chosen":              {},
		"unsorted":                     {days: []int{21, 3}, want: "2026-12-01T09:00:00Z"},
		"east of UTC":                  {days: []int{3}, want: "2026-12-01T08:00:00Z", offset: 60},
		"a day later in the east":      {days: []int{3}, want: "2026-12-01T23:00:00Z", offset: 600},
		"west of UTC":                  {days: []int{3}, want: "2026-12-01T17:00:00Z", offset: -480},
		"over the end of February":     {days: []int{3}, by: "2027-02-26T10:00:00Z", want: "2027-03-01T09:00:00Z"},
		"the link ends before the day": {days: []int{28}, by: "2026-12-15T15:00:00Z", now: "2026-12-20T09:00:00Z"},
	} {
		by := cmp.Or(c.by, saturday)
		now, ends := stamp(t, cmp.Or(c.now, by)), stamp(t, "2026-12-28T15:00:00Z")
		if c.by > "2027" {
			ends = stamp(t, "2027-03-26T10:00:00Z")
		}
		var want onboarding.Timestamp
		if c.want != "" {
			want = stamp(t, c.want)
		}
		if got := onboarding.NextReminder(c.days, stamp(t, by), ends, now, c.offset); got != want {
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
