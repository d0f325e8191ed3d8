package store_test

import (
	"testing"
	"time"
)

func TestACheckupsCodeIsKnownForAMinute(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		is := func(code string, want bool) {
			t.Helper()
			if got, err := s.IsCheckup(ctx, code); err != nil || got != want {
				t.Errorf("the code is known: %t, %v; want %t", got, err, want)
			}
		}
		is("", false)
		first, err := s.BeginCheckup(ctx)
		must(t, err)
		is(first, true)
		is(first+"x", false)
		is("", false)
		second, err := s.BeginCheckup(ctx)
		must(t, err)
		is(first, false)
		is(second, true)
		s.advance(time.Minute)
		is(second, false)
	})
}

func TestWhenTheLastBackupWasWrittenIsKnown(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		if at, err := s.LastBackup(ctx); err != nil || at != 0 {
			t.Errorf("before the first: %d, %v", at, err)
		}
		must(t, s.RecordBackup(ctx))
		s.advance(time.Hour)
		must(t, s.RecordBackup(ctx))
		if at, err := s.LastBackup(ctx); err != nil || at != s.Now() {
			t.Errorf("got %d, %v; want %d", at, err, s.Now())
		}
	})
}
