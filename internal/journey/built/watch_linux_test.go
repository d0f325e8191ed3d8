//go:build built

package built

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/hub/outbox"
	"github.com/latchkeyhq/latchkey/internal/hub/session"
	"github.com/latchkeyhq/latchkey/internal/journey"
	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// watching is a computer without a display, on which watch runs, and a hub of
// the agency that can check nothing: it has no drivers.
type watching struct {
	*site
	first *hub.Hub
	env   []string
	data  string
}

func newWatching(t *testing.T) *watching {
	w := &watching{site: newSite(t, "", ""), env: journey.Session(t), data: filepath.Join(t.TempDir(), "data")}
	w.start()
	for name, at := range w.platforms() {
		w.env = append(w.env, "LATCHKEY_"+strings.ToUpper(name)+"_API_URL="+at)
	}
	var err error
	w.first, err = hub.Open(t.Context(), hub.Config{
		Catalog: catalogtest.New(t), Dir: filepath.Join(t.TempDir(), "hub"), Keychain: keychain.NewMemory(),
	})
	must(t, err)
	t.Cleanup(func() { must(t, w.first.Close()) })
	must(t, w.first.Enrol(t.Context(), w.url, w.addAgency(), "Ana's laptop"))
	must(t, w.first.Sync(t.Context()))
	return w
}

// connect has a client connect a portal, and returns the request.
func (w *watching) connect(t *testing.T, n int) string {
	t.Helper()
	id, link := save(t, w.first, outbox.RequestForm{
		Client: fmt.Sprintf("Client %d", n), Services: []onboarding.Service{onboarding.HubSpot},
	})
	owner := w.owner(n)
	must(t, owner.Enter(link))
	must(t, owner.ConnectHubSpot("", ""))
	must(t, w.first.Sync(t.Context()))
	return id
}

// checked reports whether some hub has checked a request's account: not the
// first one.
func (w *watching) checked(t *testing.T, request string) bool {
	must(t, w.first.Sync(t.Context()))
	d, err := w.first.Replica.Request(t.Context(), request)
	must(t, err)
	return len(d.Items) == 1 && d.Items[0].Access == onboarding.AccessWorks && d.Items[0].Checked != 0
}

func (w *watching) command(t *testing.T, input string, arguments ...string) (*exec.Cmd, *journey.Log) {
	log := &journey.Log{}
	arguments = append([]string{"watch", "--data", w.data}, arguments...)
	program := filepath.Join(journey.Root(t), "build", "bin", "latchkey-web")
	command := exec.CommandContext(t.Context(), program, arguments...)
	command.Env, command.Stdin, command.Stdout, command.Stderr = w.env, strings.NewReader(input), log, log
	return command, log
}

// says runs watch to its end and returns what it prints, and its exit code.
func (w *watching) says(t *testing.T, input string, arguments ...string) (string, int) {
	t.Helper()
	command, log := w.command(t, input, arguments...)
	_ = command.Run() // its exit code says it
	return log.String(), command.ProcessState.ExitCode()
}

// enrol joins the agency and is approved in the first hub.
func (w *watching) enrol(t *testing.T) {
	t.Helper()
	issued, err := w.first.IssueCode(t.Context(), "")
	must(t, err)
	command, log := w.command(t, w.url+"\n"+issued.Code.Secret().Reveal()+"\n", "--enrol")
	must(t, command.Start())
	number := regexp.MustCompile(`(?m)^  ([0-9 ]{25,})$`)
	soon(t, "the number to compare is shown", time.Minute, func() bool { return number.MatchString(log.String()) })
	must(t, w.first.Sync(t.Context()))
	pending, err := w.first.Credentials.PendingDevices(t.Context())
	must(t, err)
	shown := number.FindStringSubmatch(log.String())[1]
	if len(pending) != 1 || pending[0].Fingerprint != shown {
		t.Fatalf("watch shows %q, the other hub %+v", shown, pending)
	}
	must(t, w.first.Credentials.Approve(t.Context(), pending[0].ID, shown))
	must(t, w.first.Sync(t.Context()))
	if err := command.Wait(); err != nil || !strings.Contains(log.String(), "This computer works for Northlight Media") {
		t.Fatalf("approved, it ended with %v and said %s", err, log)
	}
}

func TestWatchChecksWithoutAWindowAndHandsTheFolderToOne(t *testing.T) {
	w := newWatching(t)
	before := w.connect(t, 1)
	if said, code := w.says(t, "", "--status"); code != 1 || !strings.Contains(said, "watch does not run") {
		t.Errorf("before it runs: %d, %s", code, said)
	}
	if said, code := w.says(t, w.url+"\nAAAA-BBBB-CCCC-DDDD-EEEE\n", "--enrol"); code != 1 ||
		!strings.Contains(said, "This code does not work") {
		t.Errorf("with a wrong code: %d, %s", code, said)
	}
	w.enrol(t)

	command, log := w.command(t, "")
	must(t, command.Start())
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	soon(t, "what it was passed is checked", time.Minute, func() bool { return w.checked(t, before) })
	later := w.connect(t, 2)
	soon(t, "what comes later is checked", time.Minute, func() bool { return w.checked(t, later) })
	soon(t, "it says that it works", time.Minute, func() bool {
		said, code := w.says(t, "", "--status")
		return code == 0 && strings.Contains(said, "2 accounts, 0 need attention")
	})
	if said, code := w.says(t, ""); code != 1 || !strings.Contains(said, "Another latchkey watch runs") {
		t.Errorf("a second one: %d, %s", code, said)
	}

	screens, window := journey.RunHub(t, w.env, "--data", w.data)
	var info hub.SessionInfo
	must(t, screens.BridgeClient(t).Call(t.Context(), "session", nil, &info))
	if info.State != session.Enrolled {
		t.Errorf("the window that was opened meanwhile is %s", info.State)
	}
	if said, code := w.says(t, "", "--status"); code != 0 || !strings.Contains(said, "a window of Latchkey has") {
		t.Errorf("beside a window: %d, %s", code, said)
	}
	must(t, window.Stop())
	last := w.connect(t, 3)
	soon(t, "it goes on after the window", time.Minute, func() bool { return w.checked(t, last) })

	must(t, command.Process.Signal(syscall.SIGTERM))
	select {
	case err := <-ended:
		must(t, err)
	case <-time.After(30 * time.Second):
		t.Fatal("SIGTERM did not end it")
	}
	isJSONLines(t, log.String())
	if said, code := w.says(t, "", "--status"); code != 1 || !strings.Contains(said, "watch does not run") {
		t.Errorf("after its end: %d, %s", code, said)
	}
}

func TestWatchWithoutAKeychainSaysWhatToDo(t *testing.T) {
	w := newWatching(t)
	w.env = slices.DeleteFunc(w.env, func(entry string) bool { return strings.HasPrefix(entry, "DBUS_") })
	w.env = append(w.env, "DBUS_SESSION_BUS_ADDRESS=unix:path="+filepath.Join(t.TempDir(), "none"))
	issued, err := w.first.IssueCode(t.Context(), "")
	must(t, err)
	said, code := w.says(t, w.url+"\n"+issued.Code.Secret().Reveal()+"\n", "--enrol")
	if code != 1 || !strings.Contains(said, "No keychain answers") || !strings.Contains(said, "gnome-keyring-daemon") {
		t.Errorf("without a keychain it ended with %d and said %s", code, said)
	}
}

// isJSONLines expects log lines of JSON alone, without a code or a secret in them.
func isJSONLines(t *testing.T, log string) {
	t.Helper()
	for line := range strings.Lines(log) {
		var entry struct{ Time, Level, Msg string }
		decoder := json.NewDecoder(bytes.NewReader([]byte(line)))
		if err := decoder.Decode(&entry); err != nil || entry.Msg == "" || entry.Level == "" {
			t.Errorf("this is no line of the log: %v: %s", err, line)
		}
	}
	for _, words := range []string{
		"watch has opened the hub", "connected", "a window of Latchkey has", "watch has ended",
	} {
		if !strings.Contains(log, words) {
			t.Errorf("the log does not say %q: %s", words, log)
		}
	}
}
