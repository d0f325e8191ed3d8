//go:build built

package built

import (
	"fmt"
	"os"
	"regexp"
	"testing"
)

// A relay's memory holds credentials briefly: no core dump may contain them,
// and no other program of the same user may read them.
func TestTheRelaysMemoryIsItsOwn(t *testing.T) {
	s := newSite(t, "", "")
	s.start()
	limits, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", s.running.Process.Pid))
	must(t, err)
	if !regexp.MustCompile(`(?m)^Max core file size +0 +0 `).Match(limits) {
		t.Errorf("it may write a core:\n%s", limits)
	}
	// The /proc files of a non-dumpable process belong to root, and its core
	// dump is not written. Root can read them in any case.
	if os.Getuid() == 0 {
		return
	}
	if _, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", s.running.Process.Pid)); err == nil {
		t.Error("its environment can be read")
	}
}
