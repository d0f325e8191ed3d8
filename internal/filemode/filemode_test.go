package filemode_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/filemode"
)

func TestAModeSaysWhoMayOpenAFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "key")
	is := func(mode os.FileMode, rights os.FileMode, want bool) {
		t.Helper()
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(name, mode); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		// Windows reports 0666 of every file: nothing follows from it.
		if got := filemode.IsOpenTo(info, rights); got != (want && runtime.GOOS != "windows") {
			t.Errorf("a file of mode %o is open to %o: %t", mode, rights, got)
		}
	}
	is(0o600, 0o077, false)
	is(0o640, 0o077, true)
	is(0o640, 0o007, false)
	is(0o644, 0o007, true)
	is(0o620, 0o022, true)
}
