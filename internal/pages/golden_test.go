package pages_test

import (
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
	"github.com/latchkeyhq/latchkey/internal/goldentest"
	"github.com/latchkeyhq/latchkey/internal/pages"
	"github.com/latchkeyhq/latchkey/internal/pages/pagestest"
)

// Everything that clients read and use is in testdata/golden, as an outline:
// a change of a template shows there what it changes for them.
func TestEveryStateOfTheGalleryReadsAsItsGolden(t *testing.T) {
	set := newRenderer(t)
	addresses := []string{
		set.Files()[0].Address,
		"STYLE",
		set.Files()[1].Address,
		"SCRIPT",
		set.Files()[2].Address,
		"ICON",
	}
	var order []string
	files := map[string]*strings.Builder{}
	for _, state := range pagestest.Gallery(catalogtest.New(t)) {
		name := goldenFile(state.Name)
		if files[name] == nil {
			files[name] = &strings.Builder{}
			order = append(order, name)
		}
		outline, err := goldentest.Outline(render(t, set, state))
		if err != nil {
			t.Fatalf("%s: %v", state.Name, err)
		}
		files[name].WriteString("=== " + state.Name + "\n" + strings.NewReplacer(addresses...).Replace(outline) + "\n")
	}
	for _, name := range order {
		t.Run(name, func(t *testing.T) { goldentest.Compare(t, name, files[name].String()) })
	}
}

// newRenderer returns a Renderer with the catalog of all platforms.
func newRenderer(t testing.TB) *pages.Renderer {
	t.Helper()
	r, err := pages.New(pages.Config{Catalog: catalogtest.New(t)})
	if err != nil {
		t.Fatalf("making the renderer: %v", err)
	}
	return r
}

// goldenFile puts the long lists and the failures apart from what is read more
// often.
func goldenFile(state string) string {
	for _, group := range []string{"assets", "problem", "landing"} {
		if strings.HasPrefix(state, group) {
			return "golden/" + group + ".txt"
		}
	}
	return "golden/pages.txt"
}
