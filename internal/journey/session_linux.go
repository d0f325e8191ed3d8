package journey

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Session returns the environment of a separate login: a private D-Bus with a
// real keychain, unlocked with an empty password. Both outlive a killed
// program, and end with the test.
func Session(t testing.TB) []string {
	t.Helper()
	runtime := t.TempDir()
	if err := os.Chmod(runtime, 0o700); err != nil {
		t.Fatal(err)
	}
	environment := []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "TMPDIR=" + os.TempDir(), "XDG_RUNTIME_DIR=" + runtime,
	}
	// A bus that starts no service: an early call would start a second, locked
	// keychain.
	config := filepath.Join(runtime, "bus.conf")
	text := `<busconfig><type>session</type><listen>unix:path=` + filepath.Join(runtime, "bus") + `</listen>
		<policy context="default"><allow send_destination="*"/><allow receive_sender="*"/>
		<allow own="*"/></policy></busconfig>`
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	bus := exec.Command("dbus-daemon", "--config-file="+config, "--nofork")
	bus.Env = environment
	begin(t, bus)
	environment = append(environment, "DBUS_SESSION_BUS_ADDRESS=unix:path="+filepath.Join(runtime, "bus"))
	keyring := exec.Command("gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets")
	keyring.Env = environment
	keyring.Stdin = strings.NewReader("\n")
	for range 400 { // until the bus listens
		if _, err := os.Stat(filepath.Join(runtime, "bus")); err == nil {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	begin(t, keyring)
	for range 400 { // until the keychain replies
		command := exec.Command("secret-tool", "store", "--label=It answers", "answers", "yes")
		command.Env, command.Stdin = environment, strings.NewReader("yes")
		if err := command.Run(); err == nil {
			return environment
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("the keychain does not answer")
	return nil
}

func begin(t testing.TB, command *exec.Cmd) {
	t.Helper()
	if err := command.Start(); err != nil {
		t.Fatalf("starting %s: %v", command.Path, err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill() // it may be gone already
		_ = command.Wait()         // it was killed
	})
}
