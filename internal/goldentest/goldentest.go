// Package goldentest compares what a test produced with a golden file, and
// turns HTML into an outline that such a file can hold.
//
// It is for tests alone. Run a test with UPDATE_GOLDEN=1 to write its golden
// files anew, and read the difference before committing it.
package goldentest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Compare fails the test if got differs from the golden file testdata/name of
// the package under test. It names the first line that differs.
func Compare(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatalf("making the folder of %s: %v", path, err)
		}
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatalf("writing %s: %v", path, err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("reading the golden file: %v", err)
	}
	if got == string(want) {
		return
	}
	gotLines, wantLines := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range max(len(gotLines), len(wantLines)) {
		g, w := lineAt(gotLines, i), lineAt(wantLines, i)
		if g != w {
			t.Fatalf("%s differs in line %d:\n got %q\nwant %q\n"+
				"If that is wanted, run the test with UPDATE_GOLDEN=1.", path, i+1, g, w)
		}
	}
}

func lineAt(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(end of file)"
}
