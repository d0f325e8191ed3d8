package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/desktop"
)

// The generated client matches the table of methods.
func TestTheScreensClientIsFresh(t *testing.T) {
	files, err := generate("../../..", desktop.Spec())
	if err != nil {
		t.Fatalf("generating: %v", err)
	}
	if len(files) != 4 {
		t.Errorf("got %d files, want 4", len(files))
	}
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join("../../../frontend/src/api", name))
		if err != nil {
			t.Errorf("reading what is committed: %v", err)
			continue
		}
		if string(got) != want {
			t.Errorf("frontend/src/api/%s is not what the table gives: run `go generate ./internal/desktop`", name)
		}
	}
}
