//go:build window && linux

package window

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"
)

// thing is an accessible object on the screen.
type thing struct {
	at   reference
	Role role
	Name string
}

// role is an accessible object's role by number.
type role uint32

const (
	checkBox role = 7
	dialog   role = 16
	listItem role = 32
	button   role = 43
	entry    role = 79
	heading  role = 83
	link     role = 88
	document role = 95
)

type reference struct {
	Bus  string
	Path dbus.ObjectPath
}

const (
	accessible = "org.a11y.atspi.Accessible"
	component  = "org.a11y.atspi.Component"
)

func (a *app) ask(at reference, method string, arguments ...any) *dbus.Call {
	return a.seen.Object(at.Bus, at.Path).Call(method, 0, arguments...)
}

func (a *app) word(at reference, property string) string {
	value, err := a.seen.Object(at.Bus, at.Path).GetProperty(accessible + "." + property)
	if err != nil {
		return ""
	}
	text, _ := value.Value().(string) // anything else is not a name
	return text
}

// walk visits everything on the screen, from outside in, until visit returns
// true. It skips what disappears meanwhile.
func (a *app) walk(from reference, visit func(thing) bool) bool {
	var number uint32
	if a.ask(from, accessible+".GetRole").Store(&number) != nil {
		return false
	}
	if visit(thing{from, role(number), a.word(from, "Name")}) {
		return true
	}
	var inside []reference
	if a.ask(from, accessible+".GetChildren").Store(&inside) != nil {
		return false
	}
	for _, child := range inside {
		if a.walk(child, visit) {
			return true
		}
	}
	return false
}

// page is the page in the window, shown by a separate process: only that
// process has the root of its tree.
func (a *app) page() (reference, bool) {
	var names []string
	if a.seen.BusObject().Call("org.freedesktop.DBus.ListNames", 0).Store(&names) != nil {
		return reference{}, false
	}
	const roots = "/org/a11y/webkit/accessible"
	for _, name := range names {
		var pid uint32
		if strings.HasPrefix(name, ":") ||
			a.seen.BusObject().Call("org.freedesktop.DBus.GetConnectionUnixProcessID", 0, name).Store(&pid) != nil ||
			parent(pid) != a.command.Process.Pid {
			continue
		}
		var text string
		if a.ask(reference{name, roots}, "org.freedesktop.DBus.Introspectable.Introspect").Store(&text) != nil {
			continue
		}
		if found := regexp.MustCompile(`<node name="(\w+)"/>`).FindStringSubmatch(text); found != nil {
			return reference{name, dbus.ObjectPath(roots + "/" + found[1])}, true
		}
	}
	return reference{}, false
}

// parent is the parent of a process.
func parent(pid uint32) int {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0 // it has ended
	}
	found := regexp.MustCompile(`PPid:\s+(\d+)`).FindSubmatch(status)
	if found == nil {
		return 0
	}
	of, _ := strconv.Atoi(string(found[1])) // the pattern matches digits
	return of
}

// look finds the first matching object.
func (a *app) look(is func(thing) bool) (found thing, ok bool) {
	page, ok := a.page()
	if !ok {
		return thing{}, false
	}
	ok = a.walk(page, func(seen thing) bool {
		if is(seen) {
			found = seen
			return true
		}
		return false
	})
	return found, ok
}

// reads waits until a text is on the screen.
func (a *app) reads(text string) {
	a.t.Helper()
	a.waits(fmt.Sprintf("%q on the screen", text), func() bool {
		_, ok := a.look(func(seen thing) bool {
			return strings.Contains(seen.Name, text) || strings.Contains(a.text(seen), text)
		})
		return ok
	})
}

// waits is until, with the whole screen in the failure.
func (a *app) waits(what string, is func() bool) {
	a.t.Helper()
	for deadline := time.Now().Add(patience); !is(); time.Sleep(50 * time.Millisecond) {
		if a.gone() {
			a.t.Fatalf("%s: the program has ended with %v", what, a.err)
		}
		if time.Now().After(deadline) {
			a.picture("missing-" + strings.ReplaceAll(strings.ToLower(a.t.Name()), "/", "-"))
			a.t.Fatalf("%s: not within %s. There is:\n%s", what, patience, a.all())
		}
	}
}

// all is everything on the screen, one line each.
func (a *app) all() string {
	var text strings.Builder
	if page, ok := a.page(); ok {
		a.walk(page, func(seen thing) bool {
			if words := strings.TrimSpace(seen.Name + " " + a.text(seen)); words != "" {
				fmt.Fprintf(&text, "%d: %s\n", seen.Role, words)
			}
			return false
		})
	}
	return text.String()
}

// text is an object's own text.
func (a *app) text(of thing) string {
	var text string
	if a.ask(of.at, "org.a11y.atspi.Text.GetText", int32(0), int32(-1)).Store(&text) != nil {
		return ""
	}
	return strings.ReplaceAll(text, "\ufffc", "") // placeholders of other objects
}

// find waits for a control by its role and the start of its name.
func (a *app) find(is role, name string) thing {
	a.t.Helper()
	var found thing
	a.waits(fmt.Sprintf("a control (%d) called %q", is, name), func() bool {
		var ok bool
		found, ok = a.look(func(seen thing) bool { return seen.Role == is && strings.HasPrefix(seen.Name, name) })
		return ok
	})
	return found
}

// leadsTo is the address of a link.
func (a *app) leadsTo(name string) string {
	a.t.Helper()
	var address string
	must(a.t, a.ask(a.find(link, name).at, "org.a11y.atspi.Hyperlink.GetURI", int32(0)).Store(&address))
	return strings.TrimSuffix(address, "/")
}

// clicks clicks a control with the mouse.
func (a *app) clicks(is role, name string) {
	a.t.Helper()
	a.clickOn(a.find(is, name))
}

func (a *app) clickOn(what thing) {
	a.t.Helper()
	// The page may still move: use a position that is the same twice.
	var before [4]int32
	a.waits("the place of "+what.Name, func() bool {
		x, y, width, height, ok := a.extents(what)
		now := [4]int32{x, y, width, height}
		still := ok && now == before && width > 0
		before = now
		return still
	})
	// Pause like a hand: the page ignores a click before it has seen the mouse.
	_, err := a.run("xdotool", "mousemove", strconv.Itoa(
		int(before[0]+before[2]/2),
	), strconv.Itoa(int(before[1]+before[3]/2)),
		"sleep", "0.15", "mousedown", "1", "sleep", "0.08", "mouseup", "1")
	must(a.t, err)
}

// extents are an object's bounds on the display.
func (a *app) extents(of thing) (x, y, width, height int32, ok bool) {
	var place struct{ X, Y, Width, Height int32 }
	err := a.ask(of.at, component+".GetExtents", uint32(0)).Store(&place)
	return place.X, place.Y, place.Width, place.Height, err == nil
}
