package version_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
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
		"build/darwin/Info.plist, to show":         plist(t)["CFBundleShortVersionString"],
		"build/darwin/Info.plist":                  plist(t)["CFBundleVersion"],
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

// plist is what macOS knows of the hub: its texts by key, and those of its lists under
// the list's own.
func plist(t *testing.T) map[string]string {
	t.Helper()
	read, key, values := xml.NewDecoder(strings.NewReader(file(t, "build/darwin/Info.plist"))), "", map[string]string{}
	for {
		token, err := read.Token()
		if errors.Is(err, io.EOF) {
			return values
		}
		if err != nil {
			t.Fatalf("reading the plist: %v", err)
		}
		start, begins := token.(xml.StartElement)
		if !begins || start.Name.Local != "key" && start.Name.Local != "string" {
			continue
		}
		var text string
		if err := read.DecodeElement(&text, &start); err != nil {
			t.Fatalf("reading the plist: %v", err)
		}
		if start.Name.Local == "key" {
			key = text
		} else {
			values[key] = text
		}
	}
}

func TestMacOSKnowsTheHubAsWailsDoes(t *testing.T) {
	var wails struct {
		OutputFilename string
		Info           struct {
			ProductName, Copyright string
			Protocols              []struct{ Scheme, Role string }
		}
	}
	if err := json.Unmarshal([]byte(file(t, "wails.json")), &wails); err != nil {
		t.Fatalf("reading wails.json: %v", err)
	}
	for key, want := range map[string]string{
		"CFBundleIdentifier":       "com.latchkeyhq.latchkey",
		"CFBundleExecutable":       wails.OutputFilename,
		"CFBundleName":             wails.Info.ProductName,
		"NSHumanReadableCopyright": wails.Info.Copyright,
		"CFBundleURLSchemes":       wails.Info.Protocols[0].Scheme,
		"CFBundleTypeRole":         wails.Info.Protocols[0].Role,
		"LSMinimumSystemVersion":   "12.0",
	} {
		if got := plist(t)[key]; got != want {
			t.Errorf("%s: the plist has %q, want %q", key, got, want)
		}
	}
}

func TestACommitIsBesideTheNumber(t *testing.T) {
	if got, want := version.Full("b37c7a6"), version.Number+" (b37c7a6)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := version.Full(""); !strings.HasPrefix(got, version.Number) {
		t.Errorf("without a commit: got %q", got)
	}
}

func TestAVersionIsNewerByItsNumbers(t *testing.T) {
	for _, c := range []struct {
		text, than string
		newer      bool
	}{
		{"0.2.0", "0.1.9", true},
		{"0.10.0", "0.9.9", true},
		{"1.0.0", "0.99.99", true},
		{"0.1.0", "0.1.0", false},
		{"0.1.0", "0.1.1", false},
		{"0.2", "0.1.0", false},
		{"0.2.0-rc1", "0.1.0", false},
		{"0.02.0", "0.1.0", false},
		{"+1.0.0", "0.1.0", false},
		{"1.0.999999", "0.1.0", false},
		{"", "0.1.0", false},
		{"0.2.0", "development", false},
	} {
		if got := version.Newer(c.text, c.than); got != c.newer {
			t.Errorf("%q, newer than %q: got %v", c.text, c.than, got)
		}
	}
}
