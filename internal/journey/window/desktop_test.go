//go:build window && linux

// Package window uses the shipped desktop program like a user: in its real
// window on a separate display, with mouse and keyboard.
//
// It reads the screen through the accessibility bus, like a screen reader. Each
// test saves pictures in build/window for review.
package window

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// patience bounds a wait on a busy machine.
const patience = 60 * time.Second

// desktop is a separate login: a display, a window manager, a D-Bus session and
// a home, all of which end with the test.
type desktop struct {
	t           testing.TB
	environment []string
	home        string
	bus         *dbus.Conn // the session's
	seen        *dbus.Conn // the accessibility bus
}

// The sizes of a display.
const (
	small = "1280x800"
	large = "1920x1080"
)

func newDesktop(t testing.TB, size string) *desktop {
	t.Helper()
	d := &desktop{t: t, home: t.TempDir()}
	session := t.TempDir()
	must(t, os.Chmod(session, 0o700))
	d.environment = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + d.home, "TMPDIR=" + t.TempDir(), "XDG_RUNTIME_DIR=" + session, "LANG=C.UTF-8",
		"NO_AT_BRIDGE=0",
		"LIBGL_ALWAYS_SOFTWARE=1"}
	d.startDisplay(size)
	d.startBus(session)
	d.begin("openbox", "--sm-disable")
	d.until("the window manager", func() bool {
		said, err := d.run("xprop", "-root", "_NET_SUPPORTING_WM_CHECK")
		return err == nil && strings.Contains(said, "window id")
	})
	return d
}

// startDisplay starts an X server on a free display.
func (d *desktop) startDisplay(size string) {
	d.t.Helper()
	read, write, err := os.Pipe()
	must(d.t, err)
	server := exec.Command(
		"Xvfb", "-displayfd", "3", "-screen", "0", size+"x24", "-nolisten", "tcp", "-noreset", "-dpi", "96",
	)
	server.Env = d.environment
	server.ExtraFiles = []*os.File{write}
	d.start(server)
	_ = write.Close() // the server has a copy
	number, err := bufio.NewReader(read).ReadString('\n')
	_ = read.Close()
	if err != nil {
		d.t.Fatalf("starting a display: %v", err)
	}
	d.environment = append(d.environment, "DISPLAY=:"+strings.TrimSpace(number))
}

// startBus starts a session bus with only the accessibility service. The test
// starts everything else.
func (d *desktop) startBus(folder string) {
	d.t.Helper()
	services := filepath.Join(folder, "services")
	must(d.t, os.Mkdir(services, 0o700))
	reader, err := os.ReadFile("/usr/share/dbus-1/services/org.a11y.Bus.service")
	must(d.t, err)
	must(d.t, os.WriteFile(filepath.Join(services, "org.a11y.Bus.service"), reader, 0o600))
	config := filepath.Join(folder, "bus.conf")
	text := `<busconfig><type>session</type><listen>unix:path=` + filepath.Join(folder, "bus") + `</listen>
		<servicedir>` + services + `</servicedir>
		<policy context="default"><allow send_destination="*"/><allow receive_sender="*"/>
		<allow own="*"/></policy></busconfig>`
	must(d.t, os.WriteFile(config, []byte(text), 0o600))
	d.begin("dbus-daemon", "--config-file="+config, "--nofork")
	address := "unix:path=" + filepath.Join(folder, "bus")
	d.environment = append(d.environment, "DBUS_SESSION_BUS_ADDRESS="+address)
	d.bus = d.dial(address)
	var at string
	d.until("the bus of screen readers", func() bool {
		return d.bus.Object("org.a11y.Bus", "/org/a11y/bus").Call("org.a11y.Bus.GetAddress", 0).Store(&at) == nil
	})
	d.seen = d.dial(at)
}

// busAddress is the address of the session bus.
func (d *desktop) busAddress() string {
	for _, entry := range d.environment {
		if address, found := strings.CutPrefix(entry, "DBUS_SESSION_BUS_ADDRESS="); found {
			return address
		}
	}
	return ""
}

func (d *desktop) dial(address string) *dbus.Conn {
	d.t.Helper()
	var bus *dbus.Conn
	d.until("a bus", func() bool {
		var err error
		bus, err = dbus.Connect(address)
		return err == nil
	})
	d.t.Cleanup(func() { _ = bus.Close() }) // its daemon may have ended
	return bus
}

// start starts a program that is killed with the test.
func (d *desktop) start(command *exec.Cmd) {
	d.t.Helper()
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	ready := make(chan error)
	go func() { // Pdeathsig is tied to the thread, which must stay alive
		runtime.LockOSThread()
		ready <- command.Start()
		_ = command.Wait() // it is killed
	}()
	if err := <-ready; err != nil {
		d.t.Fatalf("starting %s: %v", command.Path, err)
	}
	d.t.Cleanup(func() { _ = command.Process.Kill() }) // it may be gone already
}

func (d *desktop) begin(name string, arguments ...string) *exec.Cmd {
	d.t.Helper()
	command := exec.Command(name, arguments...)
	command.Env = d.environment
	d.start(command)
	return command
}

// run runs a program to its end and returns its output.
func (d *desktop) run(name string, arguments ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	command := exec.CommandContext(ctx, name, arguments...)
	command.Env = d.environment
	said, err := command.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%s %s: %w: %s", name, strings.Join(arguments, " "), err, said)
	}
	return string(said), err
}

func (d *desktop) until(what string, is func() bool) {
	d.t.Helper()
	soon(d.t, what, is)
}

func soon(t testing.TB, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !is(); time.Sleep(30 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within %s", what, patience)
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// program is the path of a built program.
func program(t testing.TB, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("..", "..", "..", "build", "bin", name))
	must(t, err)
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("%s is not built, `make desktop` does that: %v", name, err)
	}
	return path
}

// app is a running program with a window.
type app struct {
	*desktop
	command *exec.Cmd
	window  string // the X window's id
	log     said
	ended   chan struct{}
	err     error // set after its end
}

type said struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *said) Write(text []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(text)
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// launch starts the program without waiting for a window.
func (d *desktop) launch(path string, environment []string, arguments ...string) *app {
	d.t.Helper()
	a := &app{desktop: d, command: exec.Command(path, arguments...), ended: make(chan struct{})}
	a.command.Env = append(append([]string{}, d.environment...), environment...)
	a.command.Stdout, a.command.Stderr = &a.log, &a.log
	must(d.t, a.command.Start())
	go func() { a.err = a.command.Wait(); close(a.ended) }()
	d.t.Cleanup(func() {
		_ = a.command.Process.Kill() // it may be gone already
		<-a.ended
		if d.t.Failed() {
			d.t.Logf("%s said:\n%s", filepath.Base(path), &a.log)
		}
	})
	return a
}

// open starts the program on a data folder and waits for its window.
func (d *desktop) open(path, data string, arguments ...string) *app {
	d.t.Helper()
	a := d.launch(path, []string{"LATCHKEY_HUB_DATA=" + data}, arguments...)
	a.findWindow()
	return a
}

func (a *app) findWindow() {
	a.t.Helper()
	a.until("the window", func() bool {
		if a.gone() {
			a.t.Fatalf("it ended with %v\n%s", a.err, &a.log)
		}
		said, err := a.run(
			"xdotool", "search", "--onlyvisible", "--pid", strconv.Itoa(a.command.Process.Pid), "--name", "^Latchkey$",
		)
		if err == nil {
			lines := strings.Fields(said)
			a.window = lines[len(lines)-1]
		}
		return err == nil
	})
	_, err := a.run("xdotool", "windowactivate", "--sync", a.window)
	must(a.t, err)
}

func (a *app) gone() bool {
	select {
	case <-a.ended:
		return true
	default:
		return false
	}
}

// ends waits for the end and returns the exit error.
func (a *app) ends() error {
	a.t.Helper()
	select {
	case <-a.ended:
	case <-time.After(patience):
		a.t.Fatalf("it has not ended within %s", patience)
	}
	return a.err
}

// exit is the exit code.
func (a *app) exit() int {
	a.t.Helper()
	var exit *exec.ExitError
	switch err := a.ends(); {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.ExitCode()
	default:
		a.t.Fatal(err)
		return -1
	}
}

// types types into the focused field, and waits until the text appears.
func (a *app) types(field, text string) {
	a.t.Helper()
	_, err := a.run("xdotool", "type", "--delay", "40", "--", text)
	must(a.t, err)
	a.waits(fmt.Sprintf("%q in %s", text, field), func() bool { return a.text(a.find(entry, field)) == text })
}

// keys presses keys in turn.
func (a *app) keys(names ...string) {
	a.t.Helper()
	_, err := a.run("xdotool", append([]string{"key", "--delay", "40"}, names...)...)
	must(a.t, err)
}

// picture saves a screenshot, and returns the number of its colours.
func (a *app) picture(name string) int {
	a.t.Helper()
	folder, err := filepath.Abs(filepath.Join("..", "..", "..", "build", "window"))
	must(a.t, err)
	must(a.t, os.MkdirAll(folder, 0o755))
	path := filepath.Join(folder, name+".png")
	_, err = a.run("import", "-silent", "-window", a.window, path)
	must(a.t, err)
	colours, err := a.run("identify", "-format", "%k", path)
	must(a.t, err)
	n, err := strconv.Atoi(strings.TrimSpace(colours))
	must(a.t, err)
	return n
}
