//go:build built

package built

import (
	"fmt"
	"os"
	"regexp"
	"testing"
)

// A relay's memory holds credentials for moments: no file may get them when it
// dies, and no other program of the same user reads them.
func TestTheRelaysMemoryIsItsOwn(t *testing.T) {
	s := newSite(t, "", "")
	s.start()
	limits, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", s.running.Process.Pid))
	must(t, err)
	if !regexp.MustCompile(`(?m)^Max core file size +0 +0 `).Match(limits) {
		t.Errorf("it may write a core:\n%s", limits)
	}
	// The files of a process that is closed to others are root's, and a core of
	// it would go nowhere: the system says so by their owner or, to root, not at all.
	if os.Getuid() == 0 {
		return
	}
	if _, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", s.running.Process.Pid)); err == nil {
		t.Error("its environment can be read")
	}
}
