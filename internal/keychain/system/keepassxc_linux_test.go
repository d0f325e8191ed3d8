//go:build !quick

package system

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
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

// password opens the test's KeePassXC database.
const password = "only for this test"

// TestWhatIsDeletedIsNotInTheRecycleBin runs the scenes of a real keychain in
// KeePassXC, which moves what is deleted into its recycle bin, with the values
// that an entry had before.
func TestWhatIsDeletedIsNotInTheRecycleBin(t *testing.T) {
	dir := t.TempDir()
	database, settings := filepath.Join(dir, "secrets.kdbx"), filepath.Join(dir, "keepassxc.ini")
	makeDatabase(t, database)
	// It saves once, when it is locked: version 2.7.4 ends in a fault when entries
	// are deleted while it saves.
	text := "[General]\nAutoSaveAfterEveryChange=false\nAutoSaveOnExit=true\nUpdateCheckMessageShown=true\n" +
		"[FdoSecrets]\nEnabled=true\nConfirmAccessItem=false\nConfirmDeleteItem=false\nShowNotification=false\n" +
		"[GUI]\nCheckForUpdates=false\n[Security]\nLockDatabaseIdle=false\n"
	if err := os.WriteFile(settings, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("KEYCHAIN_DATABASE", database)
	// KeePassXC keeps running after a plain kill, and would ask for the password if it
	// was called before it has read it.
	play(t, "keepassxc", `export QT_QPA_PLATFORM=offscreen
		keepassxc --config `+settings+` --localconfig `+settings+`.local --pw-stdin `+database+
		` >/dev/null 2>&1 <<< "`+password+`" &
		export KEEPASSXC=$!
		trap "kill -9 $KEEPASSXC" EXIT
		until dbus-send --session --print-reply --dest=org.freedesktop.secrets /org/freedesktop/secrets/collection/secrets \
			org.freedesktop.DBus.Properties.Get string:org.freedesktop.Secret.Collection string:Locked 2>/dev/null |
			grep -q "boolean false"; do
			kill -0 $KEEPASSXC 2>/dev/null || { echo "KeePassXC has ended"; exit 1; }
			sleep 0.1
		done`)
}

// makeDatabase makes a KeePassXC database whose entries are a Secret Service.
func makeDatabase(t *testing.T, file string) {
	t.Helper()
	plain := filepath.Join(t.TempDir(), "plain.kdbx")
	if _, err := keepass(password+"\n"+password, "db-create", "-p", plain); err != nil {
		t.Fatal(err)
	}
	text, err := keepass(password, "export", plain)
	if err != nil {
		t.Fatal(err)
	}
	root := regexp.MustCompile(`<Group>\s*<UUID>([^<]+)</UUID>`).FindSubmatch(text)
	if root == nil {
		t.Fatalf("the export has no group: %.500s", text)
	}
	id, err := base64.StdEncoding.DecodeString(string(root[1]))
	if err != nil {
		t.Fatal(err)
	}
	item := fmt.Sprintf("<Item><Key>FDO_SECRETS_EXPOSED_GROUP</Key><Value>{%x-%x-%x-%x-%x}</Value></Item>",
		id[:4], id[4:6], id[6:8], id[8:10], id[10:])
	changed := bytes.Replace(text, []byte("<CustomData>"), []byte("<CustomData>"+item), 1)
	if bytes.Equal(changed, text) {
		changed = bytes.Replace(text, []byte("</Meta>"), []byte("<CustomData>"+item+"</CustomData></Meta>"), 1)
	}
	exported := filepath.Join(t.TempDir(), "exported.xml")
	if err := os.WriteFile(exported, changed, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := keepass(password+"\n"+password, "import", "-p", exported, file); err != nil {
		t.Fatal(err)
	}
}

// keepass runs KeePassXC's command line.
func keepass(input string, arguments ...string) ([]byte, error) {
	command := exec.Command("keepassxc-cli", append([]string{arguments[0], "-q"}, arguments[1:]...)...)
	command.Stdin = strings.NewReader(input + "\n")
	var said bytes.Buffer
	command.Stderr = &said
	text, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("keepassxc-cli %s: %w: %s", arguments[0], err, &said)
	}
	return text, nil
}

// saved locks the database, which saves it, and reads its file once it contains
// a text.
func saved(marker string) (string, error) {
	const window = "org.keepassxc.KeePassXC.MainWindow"
	lock := exec.Command(
		"dbus-send", "--session", "--print-reply", "--dest="+window, "/keepassxc", window+".lockAllDatabases",
	)
	if said, err := lock.CombinedOutput(); err != nil {
		return "", fmt.Errorf("locking the database: %w: %s", err, said)
	}
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		text, err := keepass(password, "export", os.Getenv("KEYCHAIN_DATABASE"))
		if err == nil && strings.Contains(string(text), marker) {
			return string(text), nil
		}
	}
	return "", errors.New("the database was not saved")
}

func keepassScene() error {
	if err := openScene(); err != nil {
		return err
	}
	ctx, k := context.Background(), New(Config{})
	secrets := []string{
		"first secret", "second secret",
		strings.Repeat("a long secret", maxPiece/5), strings.Repeat("another one", maxPiece/5), "the last secret",
	}
	for _, secret := range secrets {
		if err := k.Set(ctx, "relay/agency/item", onboarding.NewSecret(secret)); err != nil {
			return err
		}
	}
	if err := k.Delete(ctx, "relay/agency/item"); err != nil {
		return err
	}
	if _, err := keyring.Get(Service, "relay/agency/item"); !errors.Is(err, keyring.ErrNotFound) {
		return fmt.Errorf("the entry was left behind: %w", err)
	}
	if err := k.Set(ctx, "relay/agency/other", onboarding.NewSecret("still here")); err != nil {
		return err
	}
	content, err := saved(encoded("still here"))
	if err != nil {
		return err
	}
	for _, secret := range secrets {
		text := encoded(secret)
		if strings.Contains(content, text[:min(len(text), 100)]) || strings.Contains(content, text[len(text)-12:]) {
			return fmt.Errorf("the deleted %.20q can still be read", secret)
		}
	}
	return endsAtItsPrompt(ctx, k)
}

// endsAtItsPrompt kills KeePassXC while it asks for the password of its database,
// which is locked.
func endsAtItsPrompt(ctx context.Context, k *System) error {
	bus, err := dbus.ConnectSessionBus()
	if err != nil {
		return err
	}
	defer func() { _ = bus.Close() }()
	before, err := openThings(bus)
	if err != nil {
		return err
	}
	answered := make(chan error, 1)
	go func() {
		_, err := k.Get(ctx, "relay/agency/other")
		answered <- err
	}()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if now, err := openThings(bus); err != nil || time.Now().After(deadline) {
			return fmt.Errorf("there was no prompt: %w", err)
		} else if now["match rules"] == before["match rules"]+2 {
			break
		}
	}
	program, err := strconv.Atoi(os.Getenv("KEEPASSXC"))
	if err != nil {
		return err
	}
	if err := syscall.Kill(program, syscall.SIGKILL); err != nil {
		return err
	}
	if err := <-answered; !errors.Is(err, keychain.ErrAbsent) {
		return fmt.Errorf("a keychain that ends at its prompt: %w", err)
	}
	return nil
}

// encoded is a secret as an entry has it.
func encoded(secret string) string { return base64.RawURLEncoding.EncodeToString([]byte(secret)) }
