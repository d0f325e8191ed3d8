package doctor_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/doctor"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

func TestTheDataIsLookedAt(t *testing.T) {
	folder := t.TempDir()
	source, key := filepath.Join(folder, "relay.db"), filepath.Join(folder, "relay.key")
	db, err := sqldb.Open(t.Context(), sqldb.Config{Source: source})
	must(t, err)
	defer func() { must(t, db.Close()) }()
	must(t, os.WriteFile(key, []byte("key"), 0o600))
	now := time.Date(2026, 3, 9, 9, 0, 0, 0, time.UTC)
	of := func(backup time.Time) []doctor.Finding {
		return doctor.Run(t.Context(), doctor.Config{
			DB: db, Source: source, Keys: key, Backup: onboarding.TimestampOf(backup), Now: func() time.Time { return now },
		})
	}
	lines := of(now.Add(-7 * 24 * time.Hour))
	wants(t, lines, "database", doctor.OK, "is sound and has ")
	wants(t, lines, "key file", doctor.OK, "only its owner")
	wants(t, lines, "backup", doctor.OK, "2 March 2026")
	wants(t, of(now.Add(-8*24*time.Hour)), "backup", doctor.Warning, "8 days old")
	wants(t, of(time.Time{}), "backup", doctor.Warning, "no backup yet")
	if runtime.GOOS == "linux" {
		wants(t, lines, "disk", line(lines, "disk").State, "are free at "+folder)
	}
	must(t, os.Chmod(key, 0o640))
	wants(t, of(now), "key file", doctor.Failed, "chmod 600")
	must(t, os.Remove(key))
	wants(t, of(now), "key file", doctor.Failed, "cannot be read")
}

func TestTheWorstLineDecides(t *testing.T) {
	is := func(want doctor.State, states ...doctor.State) {
		t.Helper()
		var lines []doctor.Finding
		for _, state := range states {
			lines = append(lines, doctor.Finding{State: state})
		}
		if got := doctor.Worst(lines); got != want {
			t.Errorf("the worst of %v is %s, want %s", states, got, want)
		}
	}
	is(doctor.OK)
	is(doctor.OK, doctor.OK)
	is(doctor.Warning, doctor.OK, doctor.Unknown)
	is(doctor.Warning, doctor.Warning, doctor.OK)
	is(doctor.Failed, doctor.Warning, doctor.Failed, doctor.OK)
}
