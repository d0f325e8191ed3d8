package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb/sqldbtest"
	"github.com/latchkeyhq/latchkey/internal/version"
)

func TestTheStatusSaysHowMuchThereIs(t *testing.T) {
	sqldbtest.Each(t, func(t *testing.T, source string) {
		p := newPlace(t).with("LATCHKEY_DB", source)
		p.does(t, "agency", "add", "Acme Media", "--new", "--main", "Ana Ruiz <ana@acme.example>")
		out := p.does(t, "status")
		for _, line := range []string{"agencies            1", "emails that wait    0", "last backup         never"} {
			if !strings.Contains(out, line) {
				t.Errorf("the status lacks %q: %s", line, out)
			}
		}
		var status relayStatus
		if err := json.Unmarshal([]byte(p.does(t, "status", "--json")), &status); err != nil || status.Agencies != 1 ||
			status.URL != "http://localhost:8080" || status.Version != version.Full(commit) {
			t.Errorf("as JSON: %+v and %v", status, err)
		}
		p.does(t, "agency", "suspend", "Acme Media")
		var line agencyLine
		if err := json.Unmarshal([]byte(p.does(t, "agency", "list", "--json")), &line); err != nil ||
			line.Name != "Acme Media" || line.State != "suspended" || len(line.Members) != 1 ||
			line.Members[0].Role != onboarding.MainUser {
			t.Errorf("the agency as JSON: %+v and %v", line, err)
		}
	})
}

func TestABackupIsVerifiedAsARestoreReadsIt(t *testing.T) {
	p := founded(t)
	path := filepath.Join(t.TempDir(), "relay.backup")
	p.does(t, "backup", path)
	if out := p.does(t, "backup", "verify", path); !strings.Contains(out, path+" is whole: a backup of ") {
		t.Errorf("of a good one it said %q", out)
	}
	if out := p.does(t, "status"); strings.Contains(out, "last backup         never") {
		t.Errorf("the status does not know of the backup: %s", out)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	cut, changed := filepath.Join(t.TempDir(), "cut"), filepath.Join(t.TempDir(), "changed")
	if err := os.WriteFile(cut, whole[:len(whole)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	// Of the database's first page.
	broken := bytes.Replace(whole, []byte("SQLite format 3"), []byte("SQLite format X"), 1)
	if err := os.WriteFile(changed, broken, 0o600); err != nil {
		t.Fatal(err)
	}
	p.refuses(t, "This is not a backup", "backup", "verify", cut)
	p.refuses(t, "or it is damaged", "backup", "verify", changed)
	if _, _, code := p.runs(t, "backup", "verify", changed); code != exitFailed {
		t.Errorf("a damaged backup ends with %d, as if the relay's own data were damaged", code)
	}
	if left, err := os.ReadDir(filepath.Dir(changed)); err != nil || len(left) != 1 {
		t.Errorf("beside the backup it left %v and %v", left, err)
	}
	p.refuses(t, "There is no file ", "backup", "verify", filepath.Join(t.TempDir(), "none"))
}
