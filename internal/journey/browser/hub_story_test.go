//go:build browser && linux

package browser

import (
	"encoding/base64"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/journey"
)

func TestTheStoryFromAnEmptyHubToACampaign(t *testing.T) {
	demo, _ := journey.StartDemo(t)
	environment := journey.Session(t)
	for name, address := range demo.Platforms {
		prefix := "LATCHKEY_" + strings.ToUpper(name) + "_"
		environment = append(environment, prefix+"API_URL="+address, prefix+"TOKEN_URL="+address)
	}
	data := filepath.Join(t.TempDir(), "data")
	hub, running := journey.StartHub(t, environment, "--data", data)
	account := demo.Accounts[0]
	check(t, 8*time.Minute, "hub-story", staff{
		URL: hub.URL, Relay: demo.Relay, Code: demo.EnrolmentCode, Mailbox: demo.Mailbox, Account: account,
		To: "mina.story@harbourpine.example", Pictures: pictureFolder("hub-story"),
	})
	if t.Failed() {
		t.Log(running.Log)
		return
	}

	// The client's key is in the keychain, and neither in the hub's files nor
	// in its output.
	kept := secrets(t, environment)
	if !slices.ContainsFunc(kept, func(secret string) bool { return strings.Contains(secret, account.Key) }) {
		t.Errorf("none of the keychain's %d secrets holds the key", len(kept))
	}
	files := 0
	err := filepath.WalkDir(data, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		files++
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, secret := range append(parts(kept), account.Key, demo.EnrolmentCode) {
			if strings.Contains(string(content), secret) {
				t.Errorf("%s holds a secret", filepath.Base(path))
			}
		}
		return nil
	})
	if err != nil || files == 0 {
		t.Errorf("looked through %d files: %v", files, err)
	}
	for _, secret := range append(parts(kept), account.Key) {
		if strings.Contains(running.Log.String(), secret) {
			t.Error("the hub's log holds a secret")
		}
	}

	// The same folder without a keychain: a screen says so.
	if err := running.Stop(); err != nil {
		t.Errorf("ending the hub: %v", err)
	}
	again, _ := journey.StartHub(t, bare(t), "--data", data)
	check(t, 3*time.Minute, "hub-keychain", staff{URL: again.URL, Pictures: pictureFolder("hub-keychain")})
}

// secrets are Latchkey's entries in the keychain, in the clear.
func secrets(t *testing.T, environment []string) []string {
	t.Helper()
	command := exec.Command("secret-tool", "search", "--all", "--unlock", "service", "Latchkey")
	command.Env = environment
	said, err := command.Output()
	if err != nil {
		t.Fatalf("looking into the keychain: %v", err)
	}
	var found []string
	for _, line := range regexp.MustCompile(`(?m)^secret = (.*)$`).FindAllStringSubmatch(string(said), -1) {
		// A short secret follows its head, as base64; a platform's is JSON in
		// JSON.
		plain, err := base64.RawURLEncoding.DecodeString(line[1][strings.LastIndexByte(line[1], ':')+1:])
		if err != nil {
			continue // a head without text
		}
		found = append(found, strings.ReplaceAll(string(plain), `\"`, `"`))
	}
	if len(found) == 0 {
		t.Fatal("the keychain holds nothing")
	}
	return found
}

// parts are the strings in secrets that are long enough to be secret.
func parts(secrets []string) []string {
	var found []string
	for _, secret := range secrets {
		for _, value := range regexp.MustCompile(
			`"[a-z_]*(?:token|key|secret|private)[a-z_]*":"([^"]{20,})"`,
		).FindAllStringSubmatch(secret, -1) {
			found = append(found, value[1])
		}
	}
	return found
}
