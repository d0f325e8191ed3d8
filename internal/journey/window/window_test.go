//go:build window && linux

package window

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	_ "modernc.org/sqlite" // reads the hub's own database

	"github.com/latchkeyhq/latchkey/internal/journey"
	"github.com/latchkeyhq/latchkey/internal/loopback/loopbacktest"
)

// requestsOf counts the requests for a client in a hub's database.
func requestsOf(t testing.TB, file, client string) int {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+file+"?mode=ro&_pragma=busy_timeout(5000)")
	must(t, err)
	defer func() { _ = db.Close() }() // it was only read
	var n int
	must(t, db.QueryRow(`SELECT COUNT(*) FROM requests WHERE client = $1`, client).Scan(&n))
	return n
}

// temporary is the temporary folder of this desktop's programs.
func (d *desktop) temporary() string {
	for _, entry := range d.environment {
		if folder, found := strings.CutPrefix(entry, "TMPDIR="); found {
			return folder
		}
	}
	return ""
}

// quits presses Ctrl+Q and expects a clean exit.
func (a *app) quits() {
	a.t.Helper()
	_, err := a.run("xdotool", "windowactivate", "--sync", a.window)
	must(a.t, err)
	a.keys("ctrl+q")
	if code := a.exit(); code != 0 {
		a.t.Errorf("Ctrl+Q ended it with %d\n%s", code, &a.log)
	}
}

// place is the position and size of the window's content.
func (a *app) place() string {
	a.t.Helper()
	said, err := a.run("xdotool", "getwindowgeometry", "--shell", a.window)
	must(a.t, err)
	var place []string
	for _, line := range strings.Fields(said) {
		if name, value, _ := strings.Cut(line, "="); slices.Contains([]string{"X", "Y", "WIDTH", "HEIGHT"}, name) {
			place = append(place, value)
		}
	}
	return strings.Join(place, " ")
}

// corner is the position in a place.
func corner(t testing.TB, place string) (x, y int) {
	t.Helper()
	_, err := fmt.Sscan(place, &x, &y)
	must(t, err)
	return x, y
}

// moves rewrites the window's remembered position.
func moves(t testing.TB, file string, x, y int) {
	t.Helper()
	text, err := os.ReadFile(file)
	must(t, err)
	var state map[string]any
	must(t, json.Unmarshal(text, &state))
	bounds := state["bounds"].(map[string]any)
	bounds["X"], bounds["Y"] = x, y
	text, err = json.Marshal(state)
	must(t, err)
	must(t, os.WriteFile(file, text, 0o600))
}

func TestInTheWindowTheDemoIsLivedWithMouseAndKeyboard(t *testing.T) {
	d := newDesktop(t, small)
	news := d.showNotes()
	data := filepath.Join(t.TempDir(), "data")
	a := d.open(program(t, "latchkey"), data)
	a.find(button, "Explore the demo")
	if colours := a.picture("first"); colours < 200 {
		t.Errorf("the first screen has %d colours: it is all but empty", colours)
	}

	// The relay's address has the focus: the demo is three keys away.
	a.keys("Tab", "Tab", "Tab", "Return")
	a.find(heading, "Good ")
	a.picture("home")

	a.keys("ctrl+n")
	a.find(entry, "Client")
	const client = "Window & Sons"
	a.types("Client", client)
	a.clicks(checkBox, "HubSpot")
	a.picture("new-request")
	a.clicks(button, "Save your request")
	a.find(button, "Send Email")
	a.picture("send")
	found, err := filepath.Glob(filepath.Join(d.temporary(), "latchkey-hub-*", "hub.db"))
	must(t, err)
	if len(found) != 1 {
		t.Fatalf("the demo's hub has %d databases", len(found))
	}
	if n := requestsOf(t, found[0], client); n != 1 {
		t.Errorf("the database has %d requests for %s, want 1", n, client)
	}

	a.clicks(button, "Copy link")
	var shared string
	a.waits("the link on the clipboard", func() bool {
		shared, err = a.run("xclip", "-selection", "clipboard", "-o")
		return err == nil && strings.Contains(shared, "/r/")
	})
	a.reads(shared)

	// The client connects, and one notification appears.
	a.clicks(link, "Home")
	a.find(heading, "Good ")
	guest := journey.NewClient("Lars Holm", "lars@harbourpine.example")
	for _, step := range []func() error{
		func() error { return guest.Enter(shared) },
		func() error { return guest.ConnectHubSpot("Lars Holm", "Harbour & Pine AB") },
		guest.NextStep, guest.Finish,
	} {
		must(t, step())
	}
	a.waits("a notification", func() bool { return len(news.shown()) > 0 })
	if got := news.shown(); len(got) != 1 || got[0].Program != "Latchkey" || got[0].Title != client+" is connected" {
		t.Errorf("the daemon was told %+v", got)
	}
	news.open()
	a.find(heading, client)
	a.picture("request")

	a.quits()
	left, err := filepath.Glob(filepath.Join(d.temporary(), "latchkey-*"))
	must(t, err)
	if len(left) != 0 {
		t.Errorf("the demo leaves %v behind", left)
	}
}

// control is the demo's page for triggering actions.
type control struct {
	t  testing.TB
	at string
}

func (c control) ask(method, path string, question, into any) {
	c.t.Helper()
	text, err := json.Marshal(question)
	must(c.t, err)
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.at+path, bytes.NewReader(text))
	must(c.t, err)
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	must(c.t, err)
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		c.t.Fatalf("%s: %s", path, answer.Status)
	}
	must(c.t, json.NewDecoder(answer.Body).Decode(into))
}

// takesBack has a client unshare its ad account.
func (c control) takesBack(name string) {
	c.t.Helper()
	var state struct {
		Meta struct {
			Shares []struct{ Asset, Name string }
		}
	}
	c.ask(http.MethodGet, "/api/state", nil, &state)
	for _, share := range state.Meta.Shares {
		if share.Name == name && strings.HasPrefix(share.Asset, "act_") {
			c.ask(
				http.MethodPost, "/api/actions", map[string]string{"platform": "meta", "action": "withdraw", "asset": share.Asset},
				&struct{}{},
			)
			return
		}
	}
	c.t.Fatalf("%s shares no ad account", name)
}

func TestABrokenAccountIsToldOnceAndAClickOpensItsRequest(t *testing.T) {
	d := newDesktop(t, small)
	news := d.showNotes()
	a := d.open(program(t, "latchkey"), filepath.Join(t.TempDir(), "data"), "--demo")
	a.find(heading, "Good ")
	world := control{t, a.leadsTo("Make something go wrong")}
	const first, second, third = "Kestrel Outdoor", "Blue Fern Clinic", "Saffron Table"

	a.clicks(link, "Accounts")
	a.find(heading, "Accounts")
	// Checks start only after the office has resealed its credentials.
	check := func(told int) {
		t.Helper()
		a.waits(fmt.Sprintf("%d notifications", told), func() bool {
			a.clicks(button, "Check now")
			a.reads("Checked.")
			return len(news.shown()) >= told
		})
	}
	world.takesBack(first)
	check(1)
	world.takesBack(second)
	check(2)

	// The dismissed first one opens nothing, and none appears twice.
	news.dismiss()
	world.takesBack(third)
	check(3)
	var want []note
	for _, client := range []string{first, second, third} {
		want = append(want, note{"Latchkey", client + " needs attention", "Open the request of " + client + " to see why."})
	}
	if got := news.shown(); !slices.Equal(got, want) {
		t.Errorf("the daemon was told %+v, want %+v", got, want)
	}
	if _, opened := a.look(
		func(seen thing) bool { return seen.Role == heading && strings.HasPrefix(seen.Name, first) },
	); opened {
		t.Errorf("a notification that was dismissed has opened its request\n%s", a.all())
	}

	// A click on the others opens their requests, in front of other windows.
	for _, client := range []string{second, third} {
		other := a.hide()
		news.open()
		a.waits("the window in front", func() bool { return a.front() == a.window })
		a.find(heading, client)
		a.picture("broken-" + strings.ToLower(strings.Fields(client)[0]))
		_ = other.Process.Kill()
	}
	a.quits()
}

func TestAMemberJoinsByALinkAndTheWindowIsAsItWas(t *testing.T) {
	demo, _ := journey.StartDemo(t)
	d := newDesktop(t, large)
	ring := d.keychain(false)
	data := filepath.Join(t.TempDir(), "data")
	hub := program(t, "latchkey")
	a := d.open(hub, data)
	a.find(button, "Join")
	a.picture("first-1920")

	// Another window is in front when the link is opened.
	other := a.hide()
	second := d.launch(
		hub, []string{"LATCHKEY_HUB_DATA=" + data}, "latchkey://enrol?relay="+demo.Relay+"&code="+demo.EnrolmentCode,
	)
	if code := second.exit(); code != 0 || !strings.Contains(second.log.String(), "open already") {
		t.Errorf("the second start ended with %d and said %q", code, &second.log)
	}
	a.waits("the window in front", func() bool { return a.front() == a.window })
	a.waits("the link's address and code in the form", func() bool {
		relay, code := a.text(a.find(entry, "Relay address")), a.text(a.find(entry, "One-time code"))
		return relay == demo.Relay && code == demo.EnrolmentCode
	})
	a.picture("link")
	a.find(button, "Join") // the link has filled the form, and done nothing else
	_ = other.Process.Kill()

	a.clicks(entry, "One-time code")
	a.keys("Return")
	a.find(heading, "Good ")
	const client = "Real Window Ltd"
	a.keys("n")
	a.find(entry, "Client")
	a.types("Client", client)
	a.clicks(checkBox, "HubSpot")
	a.picture("new-request-1920")
	a.keys("ctrl+s")
	a.find(button, "Send Email")
	a.clicks(link, "Collaboration")
	a.reads(client)
	a.picture("requests-1920")
	if n := requestsOf(t, filepath.Join(data, "hub.db"), client); n != 1 {
		t.Errorf("the database has %d requests for %s, want 1", n, client)
	}
	for name, want := range map[string]os.FileMode{"": 0o700, "hub.db": 0o600} {
		info, err := os.Stat(filepath.Join(data, name))
		must(t, err)
		if info.Mode().Perm() != want {
			t.Errorf("%q has the mode %v, want %v", name, info.Mode().Perm(), want)
		}
	}

	// Size and position survive a restart, with Alt+F4 in between.
	_, err := a.run(
		"xdotool", "windowsize", "--sync", a.window, "1100", "700", "windowmove", "--sync", a.window, "333", "222",
	)
	must(t, err)
	var was string
	for still := 0; still < 10; { // the window manager adjusts the position
		if now := a.place(); now == was {
			still++
		} else {
			was, still = now, 0
		}
	}
	a.keys("alt+F4")
	if code := a.exit(); code != 0 {
		t.Errorf("closing the window ended it with %d", code)
	}
	a = d.open(hub, data)
	a.find(heading, "Good ")
	a.waits("the window where it was: "+was, func() bool { return a.place() == was })
	a.picture("again")

	// A link to a request opens it at the start.
	must(t, a.command.Process.Signal(syscall.SIGTERM))
	if code := a.exit(); code != 0 {
		t.Errorf("SIGTERM ended it with %d", code)
	}
	request := idOf(t, filepath.Join(data, "hub.db"), client)
	moves(t, filepath.Join(data, "ui-state.json"), 2500, -400)
	a = d.open(hub, data, "latchkey://request/"+request)
	a.find(heading, client)
	// It was on a screen that is gone. The window manager's frame is beside what is asked.
	const frame = 4
	a.waits("the window on the screen that is there", func() bool {
		x, y := corner(t, a.place())
		return x >= 0 && x+1100 <= 1920+frame && y >= 0 && y+700 <= 1080+frame
	})
	a.quits()

	// The keychain is locked, then gone: a screen says so.
	must(t, ring.Process.Kill())
	d.until("the keychain gone", func() bool {
		var has bool
		return d.bus.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, "org.freedesktop.secrets").Store(&has) == nil &&
			!has
	})
	closed := func(why, picture string) {
		t.Helper()
		a = d.open(hub, data)
		a.find(heading, "This computer’s keychain does not open")
		a.reads(why)
		if all := a.all(); strings.Contains(all, "org.freedesktop") || strings.Contains(all, "/secrets") {
			t.Errorf("the screen speaks of what is inside the system:\n%s", all)
		}
		a.picture(picture)
		a.quits()
	}
	closed("This computer has no keychain that answers. Install or start one, then choose Try again.", "keychain-away")
	locked := d.keychain(true)
	closed("It is locked. Choose Unlock, and enter your login password when your system asks for it.", "keychain-locked")
	_ = locked.Process.Kill()
}

func TestTheDesktopOpensALinkInTheHubThatIsOpen(t *testing.T) {
	d := newDesktop(t, small)
	program(t, "latchkey") // fails early if it is not built
	_, err := d.run("sh", filepath.Join("..", "..", "..", "build", "linux", "install.sh"))
	must(t, err)
	menu := filepath.Join(d.home, ".local", "share", "applications", "latchkey.desktop")
	if said, err := d.run("desktop-file-validate", menu); err != nil || said != "" {
		t.Errorf("the entry in the menu is not as desktops want it: %v %s", err, said)
	}
	if said, err := d.run("xdg-mime", "query", "default", "x-scheme-handler/latchkey"); err != nil ||
		strings.TrimSpace(said) != "latchkey.desktop" {
		t.Errorf("latchkey:// links are opened by %q, %v", said, err)
	}

	// The link reaches the open hub, fills the form, and joins nothing.
	a := d.open(filepath.Join(d.home, ".local", "bin", "latchkey"), filepath.Join(t.TempDir(), "data"))
	a.find(button, "Join")
	other := a.hide()
	const relay, code = "https://access.agency.example", "AAAA-BBBB-CCCC-DDDD-EEEE"
	_, err = d.run("gio", "open", "latchkey://enrol?relay="+url.QueryEscape(relay)+"&code="+code)
	must(t, err)
	a.waits("the window in front", func() bool { return a.front() == a.window })
	a.waits("the link's address and code in the form", func() bool {
		return a.text(a.find(entry, "Relay address")) == relay && a.text(a.find(entry, "One-time code")) == code
	})
	a.find(button, "Join")
	_ = other.Process.Kill()
	a.quits()
}

// hide puts another program's window in front.
func (a *app) hide() *exec.Cmd {
	a.t.Helper()
	other := a.begin("xev")
	a.until("another window in front", func() bool {
		said, err := a.run("xdotool", "search", "--onlyvisible", "--name", "^Event Tester$")
		if err == nil {
			_, err = a.run("xdotool", "windowactivate", "--sync", strings.Fields(said)[0])
		}
		return err == nil && a.front() != a.window
	})
	return other
}

func (a *app) front() string {
	said, err := a.run("xdotool", "getactivewindow")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(said)
}

func idOf(t testing.TB, file, client string) (id string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+file+"?mode=ro&_pragma=busy_timeout(5000)")
	must(t, err)
	defer func() { _ = db.Close() }() // it was only read
	must(t, db.QueryRow(`SELECT id FROM requests WHERE client = $1`, client).Scan(&id))
	return id
}

func TestWithoutADisplayItSaysSo(t *testing.T) {
	d := newDesktop(t, small)
	for name, c := range map[string]struct {
		display string
		says    string
	}{
		"none named":   {"DISPLAY=", "Start Latchkey from a desktop"},
		"a wrong name": {"DISPLAY=:65000", `the display ":65000" cannot be used`},
	} {
		t.Run(name, func(t *testing.T) {
			a := d.launch(program(t, "latchkey"), []string{c.display, "LATCHKEY_HUB_DATA=" + filepath.Join(t.TempDir(), "data")})
			if code := a.exit(); code != 1 || !strings.Contains(a.log.String(), c.says) ||
				strings.Contains(a.log.String(), "goroutine") {
				t.Errorf("it ended with %d and said %q", code, &a.log)
			}
		})
	}
}

func TestADataFolderOfNoUseIsSaidInTheWindow(t *testing.T) {
	d := newDesktop(t, small)
	shared := filepath.Join(t.TempDir(), "data")
	journey.StartHub(t, d.environment, "--data", shared) // in a browser, whose window no second start can raise
	for data, says := range map[string]string{
		"/proc/x": "The data folder /proc/x cannot be used: no such file or directory. Start Latchkey with another one " +
			"(--data).",

		shared: "The data folder " + shared + " is in use by another Latchkey. End that one, or start this one with a " +
			"folder of its own (--data).",
	} {
		a := d.open(program(t, "latchkey"), data)
		a.reads("Latchkey could not open its data")
		a.reads(says)
		a.picture("no-data")
		a.quits()
	}
}

func TestNobodyCanInspectThePage(t *testing.T) {
	d := newDesktop(t, small)
	one, other := loopbacktest.FreeAddress(t), loopbacktest.FreeAddress(t)
	a := d.launch(program(t, "latchkey"), []string{"WEBKIT_INSPECTOR_SERVER=" + one,
		"WEBKIT_INSPECTOR_HTTP_SERVER=" + other, "LATCHKEY_HUB_DATA=" + filepath.Join(t.TempDir(), "data")})
	a.findWindow()
	a.find(button, "Join") // the page is there, and would be open by now
	for _, address := range []string{one, other} {
		if c, err := net.Dial("tcp", address); err == nil {
			_ = c.Close() // it should not have been opened
			t.Errorf("%s is open", address)
		}
	}
	a.quits()
}

// TestHowItLooks saves pictures of the screens in both sizes and themes.
func TestHowItLooks(t *testing.T) {
	for _, size := range []string{small, large} {
		for _, theme := range []string{"light", "dark"} {
			t.Run(size+" "+theme, func(t *testing.T) {
				d := newDesktop(t, size)
				settings := filepath.Join(d.home, ".config", "gtk-3.0")
				must(t, os.MkdirAll(settings, 0o700))
				must(t, os.WriteFile(filepath.Join(settings, "settings.ini"), fmt.Appendf(nil,
					"[Settings]\ngtk-application-prefer-dark-theme=%t\n", theme == "dark"), 0o600))
				a := d.open(program(t, "latchkey"), filepath.Join(t.TempDir(), "data"), "--demo")
				a.find(heading, "Good ")
				width, height, _ := strings.Cut(size, "x")
				_, err := a.run("wmctrl", "-i", "-r", a.window, "-b", "add,maximized_vert,maximized_horz")
				must(t, err)
				a.waits("the whole display", func() bool {
					place := strings.Fields(a.place())
					got, err := strconv.Atoi(place[3])
					want, _ := strconv.Atoi(height)
					return err == nil && place[2] == width && got > want-60
				})
				for screen, title := range map[string]string{"Home": "Good ", "Collaboration": "Collaboration",
					"Accounts": "Accounts", "Campaigns": "New campaign"} {
					a.clicks(link, screen)
					a.find(heading, title)
					if colours := a.picture(fmt.Sprintf("%s-%s-%s", strings.ToLower(screen), width, theme)); colours < 200 {
						t.Errorf("%s has %d colours: it is all but empty", screen, colours)
					}
				}
				a.quits()
			})
		}
	}
}
