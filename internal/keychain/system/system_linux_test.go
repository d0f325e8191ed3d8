//go:build !quick

package system

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/zalando/go-keyring"

	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// scenes run in a subprocess with a private D-Bus.
func scenes() map[string]func() error {
	return map[string]func() error{
		"open": gnomeScene, "locked": lockedScene, "bare": bareScene, "keepassxc": keepassScene,
	}
}

func TestMain(m *testing.M) {
	if scene := scenes()[os.Getenv("KEYCHAIN_SCENE")]; scene != nil {
		if err := scene(); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// play runs a scene inside dbus-run-session, after the shell commands in
// before.
func play(t *testing.T, scene, before string) {
	t.Helper()
	home, runtimeDir := t.TempDir(), t.TempDir()
	if err := os.Chmod(runtimeDir, 0o700); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	session := []string{"--", "bash", "-c", before + "\n" + `"$0"`, os.Args[0]}
	if scene == "bare" || scene == "keepassxc" { // GNOME Keyring would be started instead
		session = append([]string{"--config-file=" + bareBus(t)}, session...)
	}
	command := exec.CommandContext(ctx, "dbus-run-session", session...)
	// All of it ends with the test, and what a program left behind keeps no pipe open.
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
	command.WaitDelay = 10 * time.Second
	command.Env = []string{
		"PATH=" + os.Getenv("PATH"),
		"HOME=" + home,
		"TMPDIR=" + home, // KeePassXC runs once in each
		"XDG_RUNTIME_DIR=" + runtimeDir,
		"KEYCHAIN_SCENE=" + scene,
		"KEYCHAIN_CALLS=" + os.Getenv("KEYCHAIN_CALLS"),
		"KEYCHAIN_DATABASE=" + os.Getenv("KEYCHAIN_DATABASE"),
	}
	if said, err := command.CombinedOutput(); err != nil {
		t.Errorf("%s: %v\n%s", scene, err, said)
	}
}

// bareBus is a session bus that starts no service.
func bareBus(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "bus.conf")
	const config = `<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen>
		<policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy>
		</busconfig>`
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

const nothing = "true"

const unlock = `eval "$(printf '\n' | gnome-keyring-daemon --unlock --components=secrets 2>/dev/null)"`

func TestASecretOfAnySizeIsKeptInTheRealKeychain(t *testing.T) { play(t, "open", unlock) }

func TestALockedKeychainIsSaidToBeLocked(t *testing.T) {
	play(t, "locked", `eval "$(gnome-keyring-daemon --start --components=secrets 2>/dev/null)"`)
}

func TestASessionWithoutAKeychainIsSaidToHaveNone(t *testing.T) {
	play(t, "bare", nothing)
}

func TestWithoutASessionThereIsNoKeychain(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	if _, err := New(Config{}).Get(t.Context(), "x"); !errors.Is(err, keychain.ErrAbsent) || keychain.Detail(err) == "" {
		t.Errorf("got %v", err)
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
	if _, err := New(Config{}).Get(t.Context(), "x"); !errors.Is(err, keychain.ErrAbsent) {
		t.Errorf("a bus that is not there: got %v", err)
	}
}

func openScene() error {
	ctx, k := context.Background(), New(Config{})
	long := strings.Repeat("länger ", 700)
	for _, value := range []string{
		"short", long, long + "!", "", "short again", strings.Repeat("x", maxPiece), strings.Repeat("y", 3*maxPiece),
	} {
		if err := k.Set(ctx, "relay/agency/item", onboarding.NewSecret(value)); err != nil {
			return fmt.Errorf("setting %d bytes: %w", len(value), err)
		}
		if got, err := k.Get(ctx, "relay/agency/item"); err != nil || got.Reveal() != value {
			return fmt.Errorf("%d bytes came back as %d: %w", len(value), len(got.Reveal()), err)
		}
	}
	if _, err := k.Get(ctx, "relay/agency/other"); !errors.Is(err, keychain.ErrNotFound) {
		return fmt.Errorf("what was never kept: %w", err)
	}
	if err := stopsInTheMiddle(ctx, k); err != nil {
		return err
	}
	// What Set wrote before it was killed: no head names it.
	if err := k.withEntries(ctx, func(e entries) error {
		return errors.Join(e.set("relay/agency/item#a0", "left"), e.set("relay/agency/item#a1", "left"),
			e.set("relay/agency/item#b0", "left"))
	}); err != nil {
		return err
	}
	if err := k.Delete(ctx, "relay/agency/item"); err != nil {
		return fmt.Errorf("deleting: %w", err)
	}
	if err := k.Delete(ctx, "relay/agency/item"); !errors.Is(err, keychain.ErrNotFound) {
		return fmt.Errorf("deleting twice: %w", err)
	}
	for _, part := range []string{"", "#a0", "#a1", "#b0"} {
		left := "relay/agency/item" + part
		if _, err := keyring.Get(Service, left); !errors.Is(err, keyring.ErrNotFound) {
			return fmt.Errorf("%s was left behind: %w", left, err)
		}
	}
	return leavesNothingOpen(ctx, k)
}

func gnomeScene() error {
	if err := openScene(); err != nil {
		return err
	}
	return knowsTheFormerEntries(context.Background(), New(Config{}))
}

// knowsTheFormerEntries reads, replaces and deletes what go-keyring wrote. KeePassXC
// would ask the user before one program replaces what another wrote.
func knowsTheFormerEntries(ctx context.Context, k *System) error {
	const name = "relay/agency/former"
	former := head{sum: sumOf(encoded("former")), text: encoded("former")}
	if err := keyring.Set(Service, name, former.String()); err != nil {
		return err
	}
	if got, err := k.Get(ctx, name); err != nil || got.Reveal() != "former" {
		return fmt.Errorf("what go-keyring wrote is read as %q: %w", got.Reveal(), err)
	}
	if err := k.Set(ctx, name, onboarding.NewSecret("later")); err != nil {
		return err
	}
	later := head{sum: sumOf(encoded("later")), text: encoded("later")}
	if got, err := keyring.Get(Service, name); err != nil || got != later.String() {
		return fmt.Errorf("go-keyring reads %q: %w", got, err)
	}
	var label string
	err := k.withEntries(ctx, func(e entries) error {
		s := e.(*secretService)
		item, err := s.find(name)
		if err != nil {
			return err
		}
		property, err := s.object(item).GetProperty(itemInterface + ".Label")
		label, _ = property.Value().(string)
		return err
	})
	if err != nil || label != "Password for '"+name+"' on 'Latchkey'" {
		return fmt.Errorf("the label is %q: %w", label, err)
	}
	if err := k.Delete(ctx, name); err != nil {
		return err
	}
	if _, err := keyring.Get(Service, name); !errors.Is(err, keyring.ErrNotFound) {
		return fmt.Errorf("go-keyring's entry was left behind: %w", err)
	}
	return nil
}

// leavesNothingOpen calls the keychain many times: a hub runs for months.
func leavesNothingOpen(ctx context.Context, k *System) error {
	calls := 20
	if given, err := strconv.Atoi(os.Getenv("KEYCHAIN_CALLS")); err == nil {
		calls = given
	}
	bus, err := dbus.ConnectSessionBus()
	if err != nil {
		return err
	}
	defer func() { _ = bus.Close() }()
	before, err := openThings(bus)
	if err != nil {
		return err
	}
	for n := range calls {
		if err := k.Set(ctx, "relay/agency/often", onboarding.NewSecret(strconv.Itoa(n))); err != nil {
			return err
		}
		if got, err := k.Get(ctx, "relay/agency/often"); err != nil || got.Reveal() != strconv.Itoa(n) {
			return fmt.Errorf("call %d got %q: %w", n, got.Reveal(), err)
		}
		if err := k.Delete(ctx, "relay/agency/often"); err != nil {
			return err
		}
	}
	var after map[string]int
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if after, err = openThings(bus); err != nil || maps.Equal(before, after) {
			return err
		}
	}
	return fmt.Errorf("%d calls leave %v, and there were %v", calls, after, before)
}

// openThings counts what a call to the keychain could leave behind.
func openThings(bus *dbus.Conn) (map[string]int, error) {
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return nil, err
	}
	var rules map[string][]string
	err = bus.BusObject().Call("org.freedesktop.DBus.Debug.Stats.GetAllMatchRules", 0).Store(&rules)
	if err != nil {
		return nil, err
	}
	counts := map[string]int{"goroutines": runtime.NumGoroutine(), "files": len(files), "connections": len(rules)}
	for _, of := range rules {
		counts["match rules"] += len(of)
	}
	return counts, nil
}

// stopsInTheMiddle leaves the keychain as after a kill between two pieces.
func stopsInTheMiddle(ctx context.Context, k *System) error {
	before, after := strings.Repeat("before ", 1000), strings.Repeat("after ", 1000)
	if err := k.Set(ctx, "relay/agency/item", onboarding.NewSecret(before)); err != nil {
		return err
	}
	err := k.withEntries(ctx, func(e entries) error {
		h, err := readHead(e, "relay/agency/item")
		if err != nil {
			return err
		}
		other := head{set: map[string]string{"a": "b", "b": "a"}[h.set]}
		return e.set(other.pieceName("relay/agency/item", 0), "half of something")
	})
	if err != nil {
		return err
	}
	if got, err := k.Get(ctx, "relay/agency/item"); err != nil || got.Reveal() != before {
		return fmt.Errorf("after a stop between two pieces the older secret is gone: %w", err)
	}
	if err := k.Set(ctx, "relay/agency/item", onboarding.NewSecret(after)); err != nil {
		return err
	}
	if got, err := k.Get(ctx, "relay/agency/item"); err != nil || got.Reveal() != after {
		return fmt.Errorf("after the next try the secret is a mixture: %w", err)
	}
	return nil
}

func lockedScene() error {
	k := New(Config{Timeout: 5 * time.Second})
	err := k.Set(context.Background(), "relay/agency/item", onboarding.NewSecret("x"))
	if !errors.Is(err, keychain.ErrLocked) && !errors.Is(err, keychain.ErrTimeout) {
		return fmt.Errorf("got %w, want keychain.ErrLocked", err)
	}
	return nil
}

func bareScene() error {
	_, err := New(Config{Timeout: 5 * time.Second}).Get(context.Background(), "x")
	if !errors.Is(err, keychain.ErrAbsent) {
		return fmt.Errorf("got %w, want keychain.ErrAbsent", err)
	}
	return nil
}
