package replica

import (
	"log/slog"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	at, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestADayBeginsAtMidnightWhereTheUserIs(t *testing.T) {
	for _, c := range []struct {
		zone, now string
		days      int
		want      string
	}{
		{zone: "Europe/Berlin", now: "2026-03-29T15:00:00+02:00", days: 0, want: "2026-03-29T00:00:00+01:00"},
		{zone: "Europe/Berlin", now: "2026-03-30T00:30:00+02:00", days: -1, want: "2026-03-29T00:00:00+01:00"},
		{zone: "Europe/Berlin", now: "2026-10-31T12:00:00+01:00", days: -7, want: "2026-10-24T00:00:00+02:00"},
		{zone: "Europe/Berlin", now: "2026-10-20T12:00:00+02:00", days: 8, want: "2026-10-28T00:00:00+01:00"},
		{zone: "America/Los_Angeles", now: "2026-03-08T23:00:00-07:00", days: 1, want: "2026-03-09T00:00:00-07:00"},
		{zone: "Pacific/Auckland", now: "2026-11-29T08:00:00+13:00", days: 0, want: "2026-11-29T00:00:00+13:00"},
		{zone: "Asia/Kolkata", now: "2026-01-01T02:00:00+05:30", days: -1, want: "2025-12-31T00:00:00+05:30"},
		{zone: "UTC", now: "2028-02-29T12:00:00Z", days: 1, want: "2028-03-01T00:00:00Z"},
	} {
		now, err := time.Parse(time.RFC3339, c.now)
		if err != nil {
			t.Fatal(err)
		}
		got := DayAt(now.In(zone(t, c.zone)), c.days).Time().In(zone(t, c.zone)).Format(time.RFC3339)
		if got != c.want {
			t.Errorf("%s, %s, %+d days: got %s, want %s", c.zone, c.now, c.days, got, c.want)
		}
	}
}

// request is a request in a list.
type request struct{ created, completed, ends time.Time }

// filled is a replica with requests, at a time.
func filled(t *testing.T, now time.Time, requests ...request) *Replica {
	t.Helper()
	r, err := Open(t.Context(), Config{
		Catalog: catalogtest.New(t), Dir: t.TempDir(), Now: func() time.Time { return now },
		Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Errorf("closing the replica: %v", err)
		}
	})
	err = r.Update(t.Context(), func(tx *Tx) error {
		for n, one := range requests {
			status := "connected"
			if one.completed.IsZero() {
				status = "pending"
			}
			created := onboarding.TimestampOf(one.created)
			if _, err := tx.ExecContext(t.Context(), `
				INSERT INTO requests (seq, id, generation, owner, list_state, status, client, client_key, recipient_key,
					created_ms, changed_ms, completed_ms, link_ends_ms, link_asked_ms, attention, awaited, services,
					search_text)
				VALUES ($1, $2, 0, '', 0, $3, '', $7, $7, $4, $4, $5, $6, 0, 0, 0, '', '')`,
				int64(created)*seqStride+int64(n), string(rune('a'+n)), status, created,
				onboarding.TimestampOf(one.completed), onboarding.TimestampOf(one.ends), []byte{}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTheDaysOfTheChartAreTheUsersOwn(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	at := func(day, hour, minute int) time.Time {
		return time.Date(2026, time.October, day, hour, minute, 0, 0, berlin)
	}
	now := at(26, 9, 0)
	r := filled(t, now,
		request{created: at(23, 23, 59)}, // before the first day
		request{created: at(24, 0, 0)},
		request{created: at(24, 23, 59)},                           // the 24th in Berlin, at 21:59 in UTC
		request{created: at(25, 0, 30)},                            // the 25th in Berlin, still the 24th in UTC
		request{created: at(25, 23, 30), completed: at(26, 0, 10)}, // the day has 25 hours
		request{created: at(26, 8, 0)},
		request{created: at(27, 0, 0)}, // after the last one
	)
	bounds := []onboarding.Timestamp{DayAt(now, -2), DayAt(now, -1), DayAt(now, 0), DayAt(now, 1)}
	days, err := r.Days(t.Context(), bounds)
	if err != nil {
		t.Fatal(err)
	}
	want := []Day{{Day: bounds[0], Sent: 2}, {Day: bounds[1], Sent: 2}, {Day: bounds[2], Sent: 1, Connected: 1}}
	if len(days) != len(want) || days[0] != want[0] || days[1] != want[1] || days[2] != want[2] {
		t.Errorf("got %+v, want %+v", days, want)
	}
	for _, wrong := range [][]onboarding.Timestamp{nil, {1}, {2, 1}} {
		if _, err := r.Days(t.Context(), wrong); err == nil {
			t.Errorf("the days of %v: got no error", wrong)
		}
	}
}

func TestAWeekIsSevenDaysOfTheCalendar(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	at := func(day, hour, minute int) time.Time {
		return time.Date(2026, time.October, day, hour, minute, 0, 0, berlin)
	}
	now := at(21, 9, 0) // the 25th has 25 hours
	r := filled(t, now,
		request{created: at(1, 9, 0), ends: at(28, 8, 30)}, // in 168.5 hours
		request{created: at(1, 9, 0), ends: at(28, 23, 59)},
		request{created: at(1, 9, 0), ends: at(29, 0, 0)}, // in eight days
		request{created: at(1, 9, 0), ends: at(21, 8, 59)},
		request{created: at(1, 9, 0), completed: at(14, 0, 0)},
		request{created: at(1, 9, 0), completed: at(13, 23, 59)},
	)
	totals, err := r.Totals(t.Context())
	if err != nil || totals.Expiring != 2 || totals.NewlyDone != 1 {
		t.Errorf("%d expire and %d are newly connected, %v; want 2 and 1", totals.Expiring, totals.NewlyDone, err)
	}
	if n, err := r.CountRequests(t.Context(), ListParams{Filter: ExpiringRequests}); err != nil || n != totals.Expiring {
		t.Errorf("the list of those that expire has %d, %v", n, err)
	}
}
