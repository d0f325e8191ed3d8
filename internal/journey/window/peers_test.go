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

// The programs around the hub: who shows notifications, who keeps secrets.

const daemon = "org.freedesktop.Notifications"

// note is a notification as its daemon got it.
type note struct {
	Program string
	Title   string
	Body    string
}

// notes are the notifications that a real daemon shows on this desktop.
type notes struct {
	*desktop
	mu  sync.Mutex
	all []note
}

func (d *desktop) showNotes() *notes {
	d.t.Helper()
	config := filepath.Join(d.home, "dunstrc")
	must(d.t, os.WriteFile(config, []byte("[global]\n    timeout = 0\n    idle_threshold = 0\n"), 0o600))
	d.begin("dunst", "-conf", config)
	d.until("the notification daemon", func() bool {
		var has bool
		return d.bus.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, daemon).Store(&has) == nil && has
	})
	n := &notes{desktop: d}
	ear := d.dial(strings.TrimPrefix(d.environment[slices.IndexFunc(d.environment, func(e string) bool { return strings.HasPrefix(e, "DBUS_SESSION_BUS_ADDRESS=") })], "DBUS_SESSION_BUS_ADDRESS="))
	heard := make(chan *dbus.Message, 100)
	must(d.t, ear.BusObject().Call("org.freedesktop.DBus.Monitoring.BecomeMonitor", 0, []string{"interface='" + daemon + "'"}, uint32(0)).Err)
	ear.Eavesdrop(heard)
	go func() { // until the bus is closed
		for m := range heard {
			n.mu.Lock()
			if member, _ := m.Headers[dbus.FieldMember].Value().(string); member == "Notify" && len(m.Body) == 8 {
				one := note{}
				one.Program, _ = m.Body[0].(string) // of these types by the signature
				one.Title, _ = m.Body[3].(string)
				one.Body, _ = m.Body[4].(string)
				n.all = append(n.all, one)
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

func (n *notes) command(method string, arguments ...any) {
	n.t.Helper()
	must(n.t, n.bus.Object(daemon, "/org/freedesktop/Notifications").Call("org.dunstproject.cmd0."+method, 0, arguments...).Err)
}

// click acts on the newest notification.
func (n *notes) click() { n.t.Helper(); n.command("NotificationAction", uint32(0)) }

// keychain starts a real one; locked, nobody has given it its password yet.
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
		return d.bus.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, "org.freedesktop.secrets").Store(&has) == nil && has
	})
	return command
}
