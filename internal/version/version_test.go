package version_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/version"
)

// file is a file of the project.
func file(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestEveryFileNamesTheVersionOfTheFileVersion(t *testing.T) {
	number := strings.TrimSpace(file(t, "VERSION"))
	if !regexp.MustCompile(`^\d+\.\d+\.\d+$`).MatchString(number) {
		t.Fatalf("VERSION has %q, want three numbers", number)
	}
	var screens struct{ Version string }
	var lock struct {
		Version  string
		Packages map[string]struct{ Version string }
	}
	var wails struct {
		Info struct{ ProductVersion string }
	}
	for name, into := range map[string]any{
		"frontend/package.json": &screens, "frontend/package-lock.json": &lock, "wails.json": &wails,
	} {
		if err := json.Unmarshal([]byte(file(t, name)), into); err != nil {
			t.Fatalf("reading %s: %v", name, err)
		}
	}
	for place, got := range map[string]string{
		"internal/version":                         version.Number,
		"frontend/package.json":                    screens.Version,
		"frontend/package-lock.json":               lock.Version,
		"frontend/package-lock.json, its packages": lock.Packages[""].Version,
		"wails.json":                               wails.Info.ProductVersion,
		"CHANGELOG.md, its newest part":            newestIn(file(t, "CHANGELOG.md")),
	} {
		if got != number {
			t.Errorf("%s has %q, VERSION has %q: `make generate` writes it, but for the changelog", place, got, number)
		}
	}
}

// newestIn is the version of the changelog's first part.
func newestIn(changelog string) string {
	found := regexp.MustCompile(`(?m)^## \[([^\]]+)\]`).FindStringSubmatch(changelog)
	if found == nil {
		return ""
	}
	return found[1]
}

func TestACommitIsBesideTheNumber(t *testing.T) {
	if got, want := version.Full("b37c7a6"), version.Number+" (b37c7a6)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := version.Full(""); !strings.HasPrefix(got, version.Number) {
		t.Errorf("without a commit: got %q", got)
	}
}
