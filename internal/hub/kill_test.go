package hub_test

import (
	"bufio"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
)

const (
	childFolder = "LATCHKEY_TEST_HUB"  // set: this process is a hub that will be killed
	childLife   = "LATCHKEY_TEST_LIFE" // its number
	killsWanted = "LATCHKEY_TEST_KILLS"
)

func TestMain(m *testing.M) {
	if folder := os.Getenv(childFolder); folder != "" {
		if err := liveUntilKilled(folder, os.Getenv(childLife)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// folderKeychain outlives the process that is killed, as a system's keychain
// does. It is for this test alone.
type folderKeychain string

func (f folderKeychain) file(name string) string {
	return filepath.Join(string(f), hex.EncodeToString([]byte(name)))
}

func (f folderKeychain) Get(_ context.Context, name string) (onboarding.Secret, error) {
	text, err := os.ReadFile(f.file(name))
	if errors.Is(err, fs.ErrNotExist) {
		return onboarding.Secret{}, keychain.ErrNotFound
	}
	return onboarding.NewSecret(string(text)), err
}

func (f folderKeychain) Set(_ context.Context, name string, secret onboarding.Secret) error {
	if err := os.WriteFile(f.file(name)+".new", []byte(secret.Reveal()), 0o600); err != nil {
		return err
	}
	return os.Rename(f.file(name)+".new", f.file(name))
}

func (f folderKeychain) Delete(_ context.Context, name string) error {
	err := os.Remove(f.file(name))
	if errors.Is(err, fs.ErrNotExist) {
		return keychain.ErrNotFound
	}
	return err
}

func inFolder(folder string) (hub.Config, error) {
	keys := filepath.Join(folder, "keychain")
	return hub.Config{Dir: filepath.Join(folder, "data"), Keychain: folderKeychain(keys)}, os.MkdirAll(keys, 0o700)
}

// liveUntilKilled makes requests and sends them, and prints what was answered
// with success.
func liveUntilKilled(folder, life string) error {
	config, err := inFolder(folder)
	if err != nil {
		return err
	}
	ctx := context.Background()
	h, err := hub.Open(ctx, config)
	if err != nil {
		return err
	}
	for n := 0; ; n++ {
		client := fmt.Sprintf("client %s.%d", life, n)
		id, err := h.SaveRequest(ctx, hub.RequestForm{Client: client, Services: []onboarding.Service{onboarding.HubSpot}})
		if err != nil {
			return err
		}
		fmt.Println("saved", id)
		if n%3 == 0 {
			if err := h.Send(ctx, id, []string{fmt.Sprintf("p%s.%d@client.example", life, n)}); err != nil {
				return err
			}
			fmt.Println("sent", id)
		}
		if n%3 == 1 && n%5 == 0 {
			fmt.Println("withdrawing", id)
			if err := h.Withdraw(ctx, id); err != nil {
				return err
			}
			fmt.Println("withdrawn", id)
		}
		time.Sleep(time.Millisecond)
	}
}

// lifeOf runs a hub in a process of its own, kills it, and gives what it said.
func lifeOf(t *testing.T, folder string, life int) []string {
	t.Helper()
	self, err := os.Executable()
	must(t, err)
	child := exec.CommandContext(t.Context(), self)
	child.Env = append(os.Environ(), childFolder+"="+folder, childLife+"="+strconv.Itoa(life))
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	must(t, err)
	must(t, child.Start())
	var said []string
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		t.Fatalf("the hub's life %d ended before it said anything: %v", life, child.Wait())
	}
	said = append(said, lines.Text())
	kill := time.AfterFunc(time.Duration(5+rand.IntN(150))*time.Millisecond, func() { _ = child.Process.Kill() })
	defer kill.Stop()
	for lines.Scan() {
		said = append(said, lines.Text())
	}
	_ = child.Wait() // it was killed: that is its error
	return said
}

func TestAHubThatIsKilledAgainAndAgainLosesNothingAndDoesNothingTwice(t *testing.T) {
	kills := 12
	if wanted, err := strconv.Atoi(os.Getenv(killsWanted)); err == nil {
		kills = wanted
	}
	s := relaytest.NewSceneOn(t, relaytest.Config{Limits: onboarding.Limits{AgencyAddressesADay: 1_000_000}})
	must(t, s.World.SetFault("hubspot", "rotates", true))
	_, item := connect(t, s, "Priya Nair")
	code, err := s.Hub.IssueCode(t.Context(), "")
	must(t, err)
	folder := t.TempDir()
	config, err := inFolder(folder)
	must(t, err)
	h, err := hub.Open(t.Context(), config)
	must(t, err)
	must(t, h.Enrol(t.Context(), s.URL, code.Code.Secret(), "Laptop"))
	synced(t, h)
	st, err := h.Standing(t.Context())
	must(t, err)
	closed(t, h)
	s.Sync()
	must(t, s.Hub.Approve(t.Context(), st.Device, st.Comparison))
	s.Sync()

	saved, sent, withdrawing, withdrawn := map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}
	said := map[string]map[string]bool{"saved": saved, "sent": sent, "withdrawing": withdrawing, "withdrawn": withdrawn}
	for life := range kills {
		renewed := make(chan error, 1)
		go func() { renewed <- s.Hub.RenewCredential(t.Context(), item) }() // a newer version for the one that is being killed
		for _, line := range lifeOf(t, folder, life) {
			what, id, _ := strings.Cut(line, " ")
			said[what][id] = true
		}
		must(t, <-renewed)
	}

	h, err = hub.Open(t.Context(), config)
	must(t, err)
	defer closed(t, h)
	until(t, "sending all that waits", func() bool {
		st, err := h.Standing(t.Context())
		return err == nil && st.Waiting == 0 && st.Refused == 0
	})
	synced(t, h)
	clients := map[string]string{}
	var there int
	for after := ""; ; {
		page, err := h.Requests(t.Context(), hub.ListQ{After: after, Limit: 500})
		must(t, err)
		for _, r := range page.Requests {
			there++
			if clients[r.Client] != "" {
				t.Errorf("%s is there twice", r.Client)
			}
			clients[r.Client] = r.ID
			if withdrawn[r.ID] {
				t.Errorf("%s was withdrawn and is there", r.Client)
			}
			if r.MoreRecipients > 0 || sent[r.ID] && r.LinkOnly {
				t.Errorf("%s has %d recipients more and link only is %v", r.Client, r.MoreRecipients, r.LinkOnly)
			}
			delete(saved, r.ID)
		}
		if after = page.Next; after == "" {
			break
		}
	}
	for id := range saved {
		if !withdrawing[id] { // a kill may fall between the deed and its word
			t.Errorf("the request %s was saved and is lost", id)
		}
	}
	until(t, "the letters", func() bool { return len(s.World.Mail.Messages()) >= len(sent) })
	letters := map[string]int{}
	for _, m := range s.World.Mail.Messages() {
		letters[strings.Join(m.To, " ")]++
	}
	for address, n := range letters {
		if n != 1 {
			t.Errorf("%s got %d letters", address, n)
		}
	}
	if _, _, err := h.Credential(t.Context(), item); err != nil {
		t.Errorf("using the credential after all its versions: %v", err)
	}
	if refused, err := h.Refusals(t.Context()); err != nil || len(refused) != 0 {
		t.Errorf("deliveries were refused: %+v, %v", refused, err)
	}
	t.Logf("%d kills, %d requests, %d letters", kills, there, len(letters))
}
