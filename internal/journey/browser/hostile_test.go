//go:build browser && faults

package browser

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/journey"
)

func TestNoTextThatSomebodyTypesRuns(t *testing.T) {
	hub, _ := journey.StartHub(t, bare(t), "--data", filepath.Join(t.TempDir(), "data"), "--demo")
	node(t, 8*time.Minute, "hostile.mjs", staff{URL: hub.URL}.text(t))
}
