//go:build built

// Package built tests the programs as shipped, without the race detector:
// kills, load, and properties of a whole process. Run `make relay` first.
package built

import (
	"debug/elf"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/journey"
	"github.com/latchkeyhq/latchkey/internal/version"
)

func TestTheRelayIsOneStaticStrippedFileUnder32MB(t *testing.T) {
	info, err := os.Stat(journey.Program(t))
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() >= 32_000_000 {
		t.Errorf("it has %d bytes", info.Size())
	}
	if runtime.GOOS != "linux" {
		return // elsewhere every program links the system's library
	}
	file, err := elf.Open(journey.Program(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }() // it was only read
	for _, part := range file.Progs {
		if part.Type == elf.PT_INTERP || part.Type == elf.PT_DYNAMIC {
			t.Errorf("it is linked dynamically: %s", part.Type)
		}
	}
	if file.Section(".symtab") != nil || file.Section(".debug_info") != nil {
		t.Error("it is not stripped")
	}
}

func TestTheProgramsSayTheirVersion(t *testing.T) {
	for _, c := range []struct{ name, program, asked string }{
		{"latchkey-relay", journey.Program(t), "version"},
		{"latchkey-relay", journey.Program(t), "--version"},
		{"latchkey", journey.HubProgram(t), "--version"},
	} {
		said, err := exec.CommandContext(t.Context(), c.program, c.asked).CombinedOutput()
		line := `^` + c.name + ` ` + regexp.QuoteMeta(version.Number) + `( \([0-9a-f]{7,40}(-dirty)?\))?\n$`
		if err != nil || !regexp.MustCompile(line).Match(said) {
			t.Errorf("%s %s: got %q and %v", c.name, c.asked, said, err)
		}
	}
}
