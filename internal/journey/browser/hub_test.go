//go:build browser

package browser

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/journey"
)

// staff is the input of a script at the hub's screens.
type staff struct {
	URL      string `json:"url"`
	Key      string `json:"key,omitempty"` // of several browsers; empty: one opens the printed address
	Mailbox  string `json:"mailbox,omitempty"`
	Control  string `json:"control,omitempty"`
	Relay    string `json:"relay,omitempty"`
	Code     string `json:"code,omitempty"`
	Account  any    `json:"account,omitempty"`
	To       string `json:"to,omitempty"`
	Mass     any    `json:"mass,omitempty"`
	Network  string `json:"network,omitempty"`
	Pictures string `json:"pictures,omitempty"`
	Every    int    `json:"every,omitempty"`
}

// bare is a login without a session bus, and so without a keychain.
func bare(t *testing.T) []string {
	t.Helper()
	return []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "TMPDIR=" + os.TempDir(), "XDG_RUNTIME_DIR="}
}

func TestTheDemoIsExploredWithoutAKeychain(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	hub, _ := journey.StartHub(t, bare(t), "--data", data, "--demo")
	check(t, 15*time.Minute, "hub-explore", staff{
		URL: hub.URL, Key: hub.Key(t), Mailbox: hub.Mailbox, Pictures: pictureFolder("hub-explore"),
	})
	if _, err := os.Stat(data); err == nil {
		t.Error("the demo has touched the data folder")
	}
}

func TestADotSaysWhatToDoAndItsButtonDoesIt(t *testing.T) {
	hub, _ := journey.StartHub(t, bare(t), "--data", filepath.Join(t.TempDir(), "data"), "--demo")
	check(t, 6*time.Minute, "hub-dots", staff{
		URL: hub.URL, Key: hub.Key(t), Control: hub.Control, Pictures: pictureFolder("hub-dots"),
	})
}

func TestAMainUserLooksAfterTheTeam(t *testing.T) {
	hub, _ := journey.StartHub(t, bare(t), "--data", filepath.Join(t.TempDir(), "data"), "--demo")
	check(t, 5*time.Minute, "hub-team", staff{URL: hub.URL, Pictures: pictureFolder("hub-team")})
}

func TestTheFirstScreenLeadsIntoTheDemo(t *testing.T) {
	demo, _ := journey.StartDemo(t)
	hub, _ := journey.StartHub(t, bare(t), "--data", filepath.Join(t.TempDir(), "data"))
	check(t, 5*time.Minute, "hub-first", staff{URL: hub.URL, Relay: demo.Relay, Pictures: pictureFolder("hub-first")})
}
