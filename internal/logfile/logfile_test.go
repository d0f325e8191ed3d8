package logfile

import (
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

func TestTheLogIsBoundedAndItsOwnersAlone(t *testing.T) {
	dir := t.TempDir()
	f, other := In(dir), In(dir) // of a second program
	f.max, other.max = 1000, 1000
	line := []byte(strings.Repeat("x", 99) + "\n")
	for range 50 {
		for _, each := range []*File{f, other} {
			if n, err := each.Write(line); n != len(line) || err != nil {
				t.Fatalf("wrote %d, %v", n, err)
			}
		}
	}
	for _, file := range []string{"latchkey.log", "latchkey.log.1"} {
		info, err := os.Stat(filepath.Join(dir, file))
		if err != nil || info.Size() > 1000 || info.Size()%100 != 0 {
			t.Errorf("%s: %+v and %v", file, info, err)
		} else if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%s has the mode %v", file, info.Mode())
		}
	}
	f.Remove()
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left are %v and %v", left, err)
	}
}

func TestTheLogHasNoSecretAndNeedsNoFolder(t *testing.T) {
	dir := t.TempDir()
	log := slog.New(In(dir).Handler(slog.LevelInfo))
	secret := onboarding.NewSecret("canary")
	log.Info("a call", "secret", secret, "within", struct{ Token onboarding.Secret }{secret})
	log.Debug("below the level")
	content, err := os.ReadFile(filepath.Join(dir, "latchkey.log"))
	if err != nil || strings.Contains(string(content), "canary") || strings.Count(string(content), "\n") != 1 {
		t.Errorf("it has %s and %v", content, err)
	}
	missing := filepath.Join(dir, "missing")
	slog.New(In(missing).Handler(slog.LevelInfo)).Error("nobody reads this")
	if _, err := os.Stat(missing); err == nil {
		t.Error("it made the folder")
	}
}
