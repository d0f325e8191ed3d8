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

// thing is what a screen reader knows of one thing on the screen.
type thing struct {
	at   reference
	Role role
	Name string
}

// role is the accessibility bus's number of what a thing is.
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
	text, _ := value.Value().(string) // anything else is no name
	return text
}

// walk goes through everything on the screen, from outside in, until visit
// says that it has enough. What goes away meanwhile is passed over.
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

// page is the page in the window, which a process of its own shows. Where its
// tree begins, that process alone knows.
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

// parent is who started a process.
func parent(pid uint32) int {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0 // it is gone
	}
	found := regexp.MustCompile(`PPid:\s+(\d+)`).FindSubmatch(status)
	if found == nil {
		return 0
	}
	of, _ := strconv.Atoi(string(found[1])) // these are digits
	return of
}

// look finds the first thing that is as wanted.
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

// reads waits until a text stands somewhere.
func (a *app) reads(text string) {
	a.t.Helper()
	a.waits(fmt.Sprintf("%q on the screen", text), func() bool {
		_, ok := a.look(func(seen thing) bool {
			return strings.Contains(seen.Name, text) || strings.Contains(a.text(seen), text)
		})
		return ok
	})
}

// waits is until, with all that is on the screen said when it does not come.
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

// all is everything on the screen, a line each.
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

// text is what stands in a thing itself.
func (a *app) text(of thing) string {
	var text string
	if a.ask(of.at, "org.a11y.atspi.Text.GetText", int32(0), int32(-1)).Store(&text) != nil {
		return ""
	}
	return strings.ReplaceAll(text, "\ufffc", "") // where other things stand
}

// find waits for a control by what it is and how its name begins.
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

// leadsTo is the address behind a link.
func (a *app) leadsTo(name string) string {
	a.t.Helper()
	var address string
	must(a.t, a.ask(a.find(link, name).at, "org.a11y.atspi.Hyperlink.GetURI", int32(0)).Store(&address))
	return strings.TrimSuffix(address, "/")
}

// clicks goes there with the mouse and presses it.
func (a *app) clicks(is role, name string) {
	a.t.Helper()
	a.clickOn(a.find(is, name))
}

func (a *app) clickOn(what thing) {
	a.t.Helper()
	// A page may still be moving: a place counts when it is the same twice.
	var before [4]int32
	a.waits("the place of "+what.Name, func() bool {
		x, y, width, height, ok := a.extents(what)
		now := [4]int32{x, y, width, height}
		still := ok && now == before && width > 0
		before = now
		return still
	})
	// As a hand does it: a press that is over before the page knows where the
	// mouse is goes nowhere.
	_, err := a.run("xdotool", "mousemove", strconv.Itoa(
		int(before[0]+before[2]/2),
	), strconv.Itoa(int(before[1]+before[3]/2)),
		"sleep", "0.15", "mousedown", "1", "sleep", "0.08", "mouseup", "1")
	must(a.t, err)
}

// extents are a thing's place on the display.
func (a *app) extents(of thing) (x, y, width, height int32, ok bool) {
	var place struct{ X, Y, Width, Height int32 }
	err := a.ask(of.at, component+".GetExtents", uint32(0)).Store(&place)
	return place.X, place.Y, place.Width, place.Height, err == nil
}
