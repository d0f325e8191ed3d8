//go:build unix

package sqldb_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/sqldb/sqldbtest"
)

// strangeNames are file names that mean something in a URL, and nothing in a path.
func strangeNames() []string {
	return []string{
		"why?.db", "?", "x.db?mode=memory", "x.db?vfs=none&mode=ro", "a#b.db", "100%.db", "%3f.db", "file:x.db",
		"file:x.db?mode=memory", ":memory:", "a&b=c.db", "sp ace+.db", "quote'\".db", "back\\slash.db", "bücher.db", "-",
	}
}

func TestABackupIsWhereItsNameSaysWhateverIsInIt(t *testing.T) {
	db := open(t, sqldbtest.SQLite(t))
	exec1(t, db, insertCounter, "a", 7, nil)
	for _, name := range strangeNames() {
		folder := filepath.Join(t.TempDir(), "new "+name)
		path := filepath.Join(folder, name)
		if err := db.Backup(t.Context(), path); err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		wantFiles(t, folder, name)
		if n := number(t, open(t, path), `SELECT n FROM counters`); n != 7 {
			t.Errorf("%q: the copy has %d, want 7", name, n)
		}
	}
}

func TestADatabaseIsWhereItsNameSaysWhateverIsInIt(t *testing.T) {
	for _, name := range strangeNames() {
		folder := filepath.Join(t.TempDir(), "new "+name)
		path := filepath.Join(folder, name)
		db := open(t, path)
		exec1(t, db, insertCounter, "a", 7, nil)
		wantFiles(t, folder, name, name+"-shm", name+"-wal")
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		wantFiles(t, folder, name)
		if n := number(t, open(t, path), `SELECT n FROM counters`); n != 7 {
			t.Errorf("%q: read %d back, want 7", name, n)
		}
	}
}

// wantFiles makes sure that a folder has these files and no other, all 0600.
func wantFiles(t *testing.T, folder string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, entry := range entries {
		got[entry.Name()] = true
		if info, err := entry.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%q has mode %v and %v, want 0600", entry.Name(), info.Mode(), err)
		}
	}
	for _, name := range want {
		if !got[name] {
			t.Errorf("%q is not in its folder: there is %v", name, got)
		}
		delete(got, name)
	}
	if len(got) > 0 {
		t.Errorf("there is more than %q: %v", want, got)
	}
}

func TestABackupFollowsNoLinkThatWaitsInItsPlace(t *testing.T) {
	db := open(t, sqldbtest.SQLite(t))
	exec1(t, db, insertCounter, "a", 7, nil)
	folder, victim := t.TempDir(), filepath.Join(t.TempDir(), "victim")
	if err := os.WriteFile(victim, []byte("kept"), 0o600); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "copy.db")
	if err := os.Symlink(victim, path+".part"); err != nil {
		t.Fatal(err)
	}
	if err := db.Backup(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	if content, err := os.ReadFile(victim); err != nil || string(content) != "kept" {
		t.Errorf("the file behind the link has %d bytes and %v", len(content), err)
	}
	wantFiles(t, folder, "copy.db")
}
