//go:build window && linux

package window

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/godbus/dbus/v5"
)

// The programs around the hub: the notification daemon and the keychain.

const daemon = "org.freedesktop.Notifications"

// note is a notification as received by the daemon.
type note struct {
	Program string
	Title   string
	Body    string
}

// notes are the notifications of a real daemon on this desktop, one at a time.
type notes struct {
	*desktop
	mu     sync.Mutex
	all    []note
	closed int // count of closed ones
}

func (d *desktop) showNotes() *notes {
	d.t.Helper()
	config := filepath.Join(d.home, "dunstrc")
	must(d.t, os.WriteFile(config, []byte(`[global]
    timeout = 0
    idle_threshold = 0
    notification_limit = 1
    mouse_left_click = do_action, close_current
    mouse_right_click = close_current
`), 0o600))
	d.begin("dunst", "-conf", config)
	d.until("the notification daemon", func() bool {
		var has bool
		return d.bus.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, daemon).Store(&has) == nil && has
	})
	n := &notes{desktop: d}
	ear := d.dial(d.busAddress())
	heard := make(chan *dbus.Message, 100)
	must(
		d.t,

		ear.BusObject().Call("org.freedesktop.DBus.Monitoring.BecomeMonitor", 0, []string{"interface='" + daemon + "'"},
			uint32(0)).Err,
	)
	ear.Eavesdrop(heard)
	go func() { // until the bus is closed
		for m := range heard {
			n.mu.Lock()
			member, _ := m.Headers[dbus.FieldMember].Value().(string)
			switch {
			case member == "Notify" && len(m.Body) == 8:
				one := note{}
				one.Program, _ = m.Body[0].(string) // the signature has these types
				one.Title, _ = m.Body[3].(string)
				one.Body, _ = m.Body[4].(string)
				n.all = append(n.all, one)
			case member == "NotificationClosed":
				n.closed++
			}
			n.mu.Unlock()
		}
	}()
	return n
}

func (n *notes) shown() []note {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.all)
}

func (n *notes) gone() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.closed
}

// open clicks on the shown notification, dismiss closes it.
func (n *notes) open()    { n.t.Helper(); n.press("1") }
func (n *notes) dismiss() { n.t.Helper(); n.press("3") }

func (n *notes) press(button string) {
	n.t.Helper()
	before := n.gone()
	n.until("the notification gone", func() bool { // the daemon draws the next one later
		if found, err := n.run("xdotool", "search", "--onlyvisible", "--class", "^Dunst$"); err == nil {
			_, _ = n.run("xdotool", "mousemove", "--window", strings.Fields(found)[0], "30", "20", "sleep", "0.15", "click",
				button, "sleep", "0.2") // the window may be gone
		}
		return n.gone() > before
	})
}

// keychain starts a real keychain; locked: without its password.
func (d *desktop) keychain(locked bool) *exec.Cmd {
	d.t.Helper()
	arguments := []string{"--foreground", "--components=secrets"}
	if !locked {
		arguments = append(arguments, "--unlock")
	}
	command := exec.Command("gnome-keyring-daemon", arguments...)
	command.Env, command.Stdin = d.environment, strings.NewReader("\n")
	d.start(command)
	d.until("the keychain", func() bool {
		if !locked {
			store := exec.Command("secret-tool", "store", "--label=It answers", "answers", "yes")
			store.Env, store.Stdin = d.environment, strings.NewReader("yes")
			return store.Run() == nil
		}
		var has bool
		return d.bus.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0,
			"org.freedesktop.secrets").Store(&has) == nil && has
	})
	return command
}
