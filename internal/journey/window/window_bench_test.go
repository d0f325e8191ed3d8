//go:build window && linux

package window

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/hub/hubtest"
	"github.com/latchkeyhq/latchkey/internal/journey"
	"github.com/latchkeyhq/latchkey/internal/keychain/system"
)

// BenchmarkP9Window measures, in turns with an empty Wails window: from the
// start of the shipped program, with 100,000 requests on the disk, until a
// screen reader sees the lists of its first screen; the proportional set size
// of all its processes; and the size of the program's file.
func BenchmarkP9Window(b *testing.B) {
	const rounds = 7
	for range b.N {
		d := newDesktop(b, small)
		d.keychain(false)
		b.Setenv("DBUS_SESSION_BUS_ADDRESS", d.busAddress()) // hubtest's hub stores its key there
		data := filepath.Join(b.TempDir(), "data")
		hubtest.Fill(b, data, system.New(system.Config{}), 100_000)
		hub, empty := program(b, "latchkey"), emptyWindow(b)

		var ratios, hubs, empties, weights, nothings []float64
		for n := range rounds + 1 {
			nothing, its := d.measure(empty, nil, heading, 1)
			full, ours := d.measure(hub, []string{"LATCHKEY_HUB_DATA=" + data}, listItem, listsOfHome)
			if n == 0 {
				continue // the first round fills the system's cache
			}
			b.Logf("%.0f ms, empty %.0f ms; %.0f MiB, empty %.0f MiB", full, nothing, ours, its)
			ratios, hubs, empties = append(ratios, full/nothing), append(hubs, full), append(empties, nothing)
			weights, nothings = append(weights, ours), append(nothings, its)
		}
		_, demo := d.measure(
			hub, []string{"LATCHKEY_HUB_DATA=" + filepath.Join(b.TempDir(), "demo")}, listItem, listsOfHome, "--demo",
		)
		file, err := os.Stat(hub)
		must(b, err)
		journey.Note(b, journey.Figures{
			"P9 start ÷ empty window": journey.Median(ratios), "P9 start ms": journey.Median(hubs),
			"P9 empty window ms": journey.Median(empties),
			"P9 memory MiB":      journey.Median(weights), "P9 memory of the demo MiB": demo,
			"P9 memory of an empty window MiB": journey.Median(nothings),
			"P9 program MiB":                   float64(file.Size()) / (1 << 20),
		})
	}
}

// listsOfHome is the minimal number of rows in the first screen's lists: five
// todos and the newest events.
const listsOfHome = 13

// emptyWindow builds the empty window with the program's build flags.
func emptyWindow(b *testing.B) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "empty")
	said, err := exec.Command(
		"go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-tags", "desktop,production,webkit2_41", "-o",
		path, "./empty",
	).CombinedOutput()
	if err != nil {
		b.Fatalf("building an empty window: %v\n%s", err, said)
	}
	return path
}

// measure starts a program, waits for a number of objects of a role, then until
// its memory stops growing, and ends it.
func (d *desktop) measure(
	path string, environment []string, is role, many int, arguments ...string,
) (milliseconds, memory float64) {
	d.t.Helper()
	began := time.Now()
	a := d.launch(path, environment, arguments...)
	for a.count(is) < many {
		if a.gone() || time.Since(began) > patience {
			d.t.Fatalf("its screen has %d of %d\n%s\n%s", a.count(is), many, a.all(), &a.log)
		}
		time.Sleep(5 * time.Millisecond)
	}
	milliseconds = float64(time.Since(began).Microseconds()) / 1000
	for steady := 0; steady < 8; time.Sleep(250 * time.Millisecond) {
		now := weight(d.t, a.command.Process.Pid)
		if now-memory < 1 && memory-now < 1 {
			steady++
		} else {
			steady = 0
		}
		memory = now
	}
	must(d.t, a.command.Process.Signal(syscall.SIGTERM))
	_ = a.ends() // the empty window has no clean exit
	return milliseconds, memory
}

// weight is the proportional set size of a process and its descendants, in MiB.
func weight(t testing.TB, pid int) float64 {
	t.Helper()
	folders, err := filepath.Glob("/proc/[0-9]*")
	must(t, err)
	children := map[int][]int{}
	for _, folder := range folders {
		child, err := strconv.Atoi(filepath.Base(folder))
		must(t, err)
		of := parent(uint32(child))
		children[of] = append(children[of], child)
	}
	share := regexp.MustCompile(`(?m)^Pss:\s+(\d+) kB`)
	var sum float64
	for tree := []int{pid}; len(tree) > 0; tree = tree[1:] {
		tree = append(tree, children[tree[0]]...)
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", tree[0]))
		if found := share.FindSubmatch(text); err == nil && found != nil { // otherwise it has ended
			kB, err := strconv.ParseFloat(string(found[1]), 64)
			must(t, err)
			sum += kB / 1024
		}
	}
	return sum
}

// count counts the objects of a role in one call, which blocks the page less
// than a walk.
func (a *app) count(is role) int {
	page, ok := a.page()
	if !ok {
		return 0
	}
	var inside, found []reference
	if a.ask(page, accessible+".GetChildren").Store(&inside) != nil || len(inside) == 0 {
		return 0
	}
	const all, anyOf, inOrder = 1, 2, 1
	roles := make([]int32, 4)
	roles[is/32] = 1 << (is % 32)
	rule := struct {
		States          []int32
		StatesMatch     int32
		Attributes      map[string]string
		AttributesMatch int32
		Roles           []int32
		RolesMatch      int32
		Interfaces      []string
		InterfacesMatch int32
		Invert          bool
	}{
		States:          make([]int32, 2),
		StatesMatch:     all,
		Attributes:      map[string]string{},
		AttributesMatch: all,
		Roles:           roles,
		RolesMatch:      anyOf,
		Interfaces:      []string{},
		InterfacesMatch: all,
	}
	if a.ask(
		inside[0], "org.a11y.atspi.Collection.GetMatches", rule, uint32(inOrder), int32(0), true,
	).Store(&found) != nil {
		return 0
	}
	return len(found)
}
