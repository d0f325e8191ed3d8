package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
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
