//go:build browser

package browser

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/journey"
)

// Every seventh of the hundred texts: all ends of them, and three of four
// beginnings.
func TestNoTextThatSomebodyTypesRuns(t *testing.T) { hostile(t, 7) }

func hostile(t *testing.T, every int) {
	hub, _ := journey.StartHub(t, bare(t), "--data", filepath.Join(t.TempDir(), "data"), "--demo")
	check(t, 15*time.Minute, "hostile", staff{URL: hub.URL, Every: every})
}
