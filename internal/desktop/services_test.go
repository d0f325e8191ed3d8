package desktop

import (
	"encoding/json"
	"io"
	"log/slog"
	"regexp"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
)

// servicesOf returns the services for the screens.
func servicesOf(t *testing.T) []ServiceView {
	t.Helper()
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	a, err := New(Config{Dir: t.TempDir(), Catalog: catalogtest.New(t), Log: log})
	if err != nil {
		t.Fatal(err)
	}
	close(a.windowOpen)
	answer, err := a.Call("services", nil)
	if err != nil {
		t.Fatalf("asking for the services: %v", err)
	}
	text, err := json.Marshal(answer)
	if err != nil {
		t.Fatal(err)
	}
	var list []ServiceView
	if err := json.Unmarshal(text, &list); err != nil {
		t.Fatalf("reading the services: %v", err)
	}
	return list
}

func TestTheScreensGetEveryServiceInTheOrderOfTheCatalog(t *testing.T) {
	list, want := servicesOf(t), catalogtest.New(t).Services()
	if len(list) != len(want) {
		t.Fatalf("the screens get %d services, the catalog has %d", len(list), len(want))
	}
	for i, view := range list {
		if view.ID != want[i].ID || view.Name != want[i].Name || view.Platform != want[i].ID.Platform() {
			t.Errorf("service %d is %s, %q at %s; want %s, %q", i, view.ID, view.Name, view.Platform, want[i].ID, want[i].Name)
		}
		if view.Level == "" {
			t.Errorf("%s has no word for what was given", view.ID)
		}
		byKey := want[i].Key != nil
		if byKey != (view.Key != nil) || byKey && (view.Key.Place == "" || view.Key.Example == "") {
			t.Errorf("%s takes a key: %v; the screens ask for %+v", view.ID, byKey, view.Key)
		}
	}
}

// The screens render a monogram in the colours of their theme.
func TestEveryServiceHasAMarkOrAMonogram(t *testing.T) {
	monogram := regexp.MustCompile(`<text[^>]*>[A-Z][A-Za-z]</text>`)
	for _, view := range servicesOf(t) {
		drawn := regexp.MustCompile(`^<svg[^>]*viewBox="0 0 24 24"`).MatchString(view.Icon)
		mark := regexp.MustCompile(`<path`).MatchString(view.Icon)
		if !drawn || mark == monogram.MatchString(view.Icon) {
			t.Errorf("%s: the icon has neither a mark nor a monogram, or both: %.120s", view.ID, view.Icon)
		}
	}
}
