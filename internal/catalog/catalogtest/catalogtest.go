// Package catalogtest makes the catalog of all platforms, for tests. No program
// that is shipped imports it.
package catalogtest

import (
	"sync"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/platform/all"
)

// read is called by hundreds of tests of a package; a Catalog never changes.
var read = sync.OnceValues(all.Catalog)

// New returns the catalog of all platforms, in English.
func New(t testing.TB) *catalog.Catalog {
	t.Helper()
	c, err := read()
	if err != nil {
		t.Fatalf("reading the catalog: %v", err)
	}
	return c
}
