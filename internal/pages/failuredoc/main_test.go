package main

import (
	"bytes"
	"cmp"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages/pagestest"
)

func TestThePageOfFailuresIsWhatTheCatalogSays(t *testing.T) {
	var want bytes.Buffer
	if err := run(&want); err != nil {
		t.Fatalf("writing the page: %v", err)
	}
	got, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "failures.md"))
	if err != nil {
		t.Fatalf("reading the page: %v", err)
	}
	if !bytes.Equal(got, want.Bytes()) {
		t.Error("docs/failures.md is not what the catalog says: run make docs")
	}
}

// A row without words is one that cannot happen or is prevented, and says so.
func TestEverySituationIsToldAndShown(t *testing.T) {
	list := rows()
	if len(list) != 57 {
		t.Fatalf("%d situations, want 57", len(list))
	}
	c := catalogtest.New(t)
	page := document{catalog: c, gallery: pagestest.Gallery(c)}
	for i, r := range list {
		if want := "F" + strconv.Itoa(i+1); r.name != want {
			t.Errorf("the %dth situation is %s, want %s", i+1, r.name, want)
		}
		codes, shown := page.codesOf(r), page.galleryOf(r.name)
		if len(codes) == 0 && r.note == "" {
			t.Errorf("%s has no words in the catalog, and no note why", r.name)
		}
		if len(codes) > 0 && len(shown) == 0 {
			t.Errorf("%s has words and no page in the gallery", r.name)
		}
		if len(codes) > 0 && r.signal == "" {
			t.Errorf("%s does not say by what it is recognised", r.name)
		}
	}
}

// What a repair link can be for has a page in the gallery, and its link in the document.
func TestEachRepairIsShown(t *testing.T) {
	c := catalogtest.New(t)
	page := document{catalog: c, gallery: pagestest.Gallery(c)}
	for _, code := range catalog.Codes() {
		if !code.IsRepairable() {
			continue
		}
		shown := func(state pagestest.State) bool { return state.Name == "repair-"+string(code) }
		if !slices.ContainsFunc(page.gallery, shown) {
			t.Errorf("the gallery shows no repair of %s", code)
		}
		if fixes := page.fixes(code, row{service: onboarding.HubSpot}); !slices.Contains(fixes, catalog.FixRepair) {
			t.Errorf("%s: the document offers %v, not the link", code, fixes)
		}
	}
}

// Each way out that a page or the hub offers is taken by a test that exists.
func TestEachWayOutIsTakenByATest(t *testing.T) {
	c, exists := catalogtest.New(t), namedTests(t)
	page := document{catalog: c, gallery: pagestest.Gallery(c)}
	for _, r := range rows() {
		taken := page.waysOf(r)
		if len(taken) == 0 {
			t.Errorf("%s has no way out that a test takes", r.name)
		}
		for _, code := range page.codesOf(r) {
			for _, words := range ways(c.Describe(code, example(r.service))) {
				if !slices.ContainsFunc(taken, func(w way) bool { return w.words == words }) {
					t.Errorf("%s, %s: no test takes %q", r.name, code, words)
				}
			}
		}
		for _, w := range taken {
			if len(w.tests) == 0 {
				t.Errorf("%s: no test takes %q", r.name, w.words)
			}
			for _, name := range w.tests {
				if !exists(name) {
					t.Errorf("%s: %q is taken by %s, which does not exist", r.name, w.words, name)
				}
			}
		}
	}
}

// namedTests reports whether there is a test of a name: a Go function, or "file: name" of
// the screens and of the browsers.
func namedTests(t *testing.T) func(name string) bool {
	t.Helper()
	functions, files := map[string]bool{}, map[string]string{}
	root := filepath.Join("..", "..", "..")
	for _, folder := range []string{"internal", filepath.Join("frontend", "src")} {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() && entry.Name() == "node_modules" {
				return cmp.Or(err, fs.SkipDir)
			}
			goTest := strings.HasSuffix(path, "_test.go")
			if !goTest && !strings.HasSuffix(path, ".test.tsx") && !strings.HasSuffix(path, ".spec.ts") {
				return nil
			}
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			files[entry.Name()] += string(content)
			for _, line := range strings.Split(string(content), "\n") {
				if name, isTest := strings.CutPrefix(line, "func Test"); goTest && isTest {
					functions["Test"+name[:strings.IndexByte(name+"(", '(')]] = true
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return func(name string) bool {
		if file, words, screens := strings.Cut(name, ": "); screens {
			return strings.Contains(files[file], words)
		}
		return functions[name]
	}
}
