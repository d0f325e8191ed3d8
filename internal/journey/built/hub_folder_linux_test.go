//go:build built

package built

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/hub/session"
	"github.com/latchkeyhq/latchkey/internal/journey"
)

// refuses starts the hub on a data folder and expects a message and a failure.
func refuses(t *testing.T, environment []string, data string, says ...string) {
	t.Helper()
	running := journey.LaunchHub(t, environment, "--data", data)
	soon(t, "the end of a hub without data", time.Minute, running.Ended)
	said := strings.TrimSuffix(running.Log.String(), "\n")
	if running.ProcessState.ExitCode() != 1 || strings.Contains(said, "\n") || !strings.HasPrefix(said, "latchkey: ") {
		t.Errorf("on %s it ended with %d and said %q, want 1 and one sentence", data, running.ProcessState.ExitCode(), said)
	}
	for _, words := range append(says, data) {
		if !strings.Contains(said, words) {
			t.Errorf("on %s it said %q, and not %q", data, said, words)
		}
	}
}

func TestADataFolderOfNoUseIsSaidInOneSentence(t *testing.T) {
	environment, folder := journey.Session(t), t.TempDir()
	file := filepath.Join(folder, "file")
	must(t, os.WriteFile(file, []byte("no folder"), 0o600))
	taken := filepath.Join(folder, "taken")
	must(t, os.MkdirAll(filepath.Join(taken, "hub.db"), 0o700))
	damaged := filepath.Join(folder, "damaged")
	must(t, os.Mkdir(damaged, 0o700))
	must(t, os.WriteFile(filepath.Join(damaged, "hub.db"), []byte(strings.Repeat("this is no database ", 1000)), 0o600))
	for data, says := range map[string]string{
		"/proc/x":                    "cannot be used",
		file:                         "cannot be used: not a directory",
		filepath.Join(file, "below"): "cannot be used: not a directory",
		taken:                        "could not be opened",
		damaged:                      "is damaged. Move the folder away and join your agency again",
	} {
		refuses(t, environment, data, says)
	}
}

func TestTwoHubsDoNotShareADataFolder(t *testing.T) {
	environment, data := journey.Session(t), filepath.Join(t.TempDir(), "data")
	screens, first := journey.RunHub(t, environment, "--data", data)
	caller := screens.BridgeClient(t)
	refuses(t, environment, data, "is in use by another Latchkey. End that one")
	var info hub.SessionInfo
	if err := caller.Call(t.Context(), "session", nil, &info); err != nil || info.State != session.NotEnrolled {
		t.Errorf("the first one is %s, %v", info.State, err)
	}

	// However the first one ends, the folder is unlocked.
	first.Kill()
	_, second := journey.RunHub(t, environment, "--data", data)
	must(t, second.Stop())
	journey.StartHub(t, environment, "--data", data)
}
