package internal_test

import (
	"go/ast"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform/all"
)

// platformFiles is where a CRM may be named, with its id for "*": the section "Adding
// a platform" of ARCHITECTURE.md. Whatever else differs between platforms is an
// ability of the driver or a field of the catalog's entry.
var platformFiles = []string{
	"internal/onboarding/onboarding.go",
	"internal/platform/all/all.go",
	"internal/platform/*/",
}

// examples show named platforms: the demo's past, the galleries, and what only
// tests use.
var examples = []string{
	"internal/demo/demo.go", "internal/demo/fixtures.go", "internal/demo/info.go", "internal/demo/seed.go",
	"internal/mail/mailtest/", "internal/pages/pagestest/",
	"internal/hub/hubtest/", "internal/relay/relaytest/", "internal/journey/", "internal/pages/failuredoc/",
	"frontend/src/testing/",
}

// crms are the services that no code outside the platformFiles names.
// Facebook is not among them: the design gives it steps of its own.
func crms(t *testing.T) []catalog.Service {
	t.Helper()
	return slices.DeleteFunc(catalogtest.New(t).Services(), func(s catalog.Service) bool {
		return s.ID == onboarding.Facebook
	})
}

func TestACRMIsNamedOnlyWhereTheRecipeSays(t *testing.T) {
	named := map[onboarding.Service]*regexp.Regexp{}
	for _, service := range crms(t) {
		named[service.ID] = regexp.MustCompile(`(?i)` + string(service.ID) + `|` + regexp.QuoteMeta(service.Name))
	}
	files := 0
	err := filepath.WalkDir("..", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			switch entry.Name() {
			case "node_modules", ".git", "build", "dist", "testdata":
				return filepath.SkipDir
			}
			return nil
		}
		file := strings.TrimPrefix(filepath.ToSlash(name), "../")
		switch path.Ext(file) {
		case ".go", ".templ", ".toml", ".ts", ".tsx", ".html", ".css", ".js", ".mjs":
		default:
			return nil
		}
		if strings.HasSuffix(file, "_test.go") || strings.HasSuffix(file, ".test.ts") ||
			strings.HasSuffix(file, ".test.tsx") || under(file, examples, "") {
			return nil
		}
		files++
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		for service, pattern := range named {
			if found := pattern.Find(text); found != nil && !under(file, platformFiles, string(service)) {
				t.Errorf("%s names %s: make it an ability of the driver or a field of the catalog's entry", file, found)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatalf("reading the repository: %v", err)
	}
	if files == 0 {
		t.Fatal("found no file: the walk starts in the wrong place")
	}
}

// under reports whether a file is one of the places, or below one.
func under(file string, places []string, id string) bool {
	for _, place := range places {
		place = strings.ReplaceAll(place, "*", id)
		if file == place || !strings.HasSuffix(place, ".go") && strings.HasPrefix(file, place) {
			return true
		}
	}
	return false
}

// A driver names what an item gives by a constant of onboarding, and the catalog
// has the words for each. At run time it leaves out a name without words, as a
// newer relay may have more than an older hub.
func TestWhatADriverSaysThatAnItemGivesHasItsWords(t *testing.T) {
	texts, found := catalogtest.New(t), 0
	for file, parsed := range parsed(t) {
		isDriver := strings.HasPrefix(file, "internal/platform/") && !strings.HasSuffix(file, "_test.go")
		ast.Inspect(parsed, func(n ast.Node) bool {
			switch node := n.(type) {
			case *ast.ValueSpec:
				if typed, is := node.Type.(*ast.Ident); is && typed.Name == "CapabilityName" {
					name, _ := literalText(node.Values[0])
					if found++; texts.CapabilityText([]onboarding.Capability{{Name: onboarding.CapabilityName(name)}}) == "" {
						t.Errorf("the catalog has no words for what an item gives: %s", name)
					}
				}
			case *ast.CompositeLit:
				if fields := keyedFields(node); fields["Level"] != nil || fields["Count"] != nil {
					if name, is := literalText(fields["Name"]); is && isDriver {
						t.Errorf("%s says that an item gives %q: take a constant of onboarding", file, name)
					}
				}
			}
			return true
		})
	}
	if found == 0 {
		t.Error("found no name of what an item gives")
	}
}

// keyedFields are the values of a composite literal by their field.
func keyedFields(lit *ast.CompositeLit) map[string]ast.Expr {
	fields := map[string]ast.Expr{}
	for _, element := range lit.Elts {
		if pair, is := element.(*ast.KeyValueExpr); is {
			if key, is := pair.Key.(*ast.Ident); is {
				fields[key.Name] = pair.Value
			}
		}
	}
	return fields
}

func TestEveryServiceHasItsWordsAndItsMark(t *testing.T) {
	for _, service := range catalogtest.New(t).IDs() {
		for _, file := range []string{
			"platform/" + string(service.Platform()) + "/messages/en.toml",
			"platform/" + string(service.Platform()) + "/icon.svg",
		} {
			if _, err := os.Stat(file); err != nil {
				t.Errorf("%s: %v", service, err)
			}
		}
	}
}

func TestTheOperatorsPagesNameEveryApp(t *testing.T) {
	pages := map[string]string{}
	for _, name := range []string{"../docs/relay.md", "../build/relay.env"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatalf("reading what operators read: %v", err)
		}
		pages[name] = string(text)
	}
	for _, of := range all.Apps() {
		setting := "LATCHKEY_" + strings.ToUpper(string(of)) + "_CLIENT_"
		for name, text := range pages {
			if !strings.Contains(text, setting+"ID") || !strings.Contains(text, setting+"SECRET_FILE") {
				t.Errorf("%s does not say how the app at %s is named", name, of)
			}
		}
		if callback := "/callback/" + string(of) + "`"; !strings.Contains(pages["../docs/relay.md"], callback) {
			t.Errorf("docs/relay.md does not have the callback address %s", callback)
		}
	}
}

// ARCHITECTURE.md lists every package of the table of dependencies.
func TestArchitectureListsEveryPackage(t *testing.T) {
	text, err := os.ReadFile("../ARCHITECTURE.md")
	if err != nil {
		t.Fatalf("reading ARCHITECTURE.md: %v", err)
	}
	_, list, _ := strings.Cut(string(text), "| package |")
	list, _, _ = strings.Cut(list, "\n## ")
	for pkg := range dependencies {
		pkg = strings.TrimPrefix(pkg, "internal/")
		switch parent, child := path.Split(pkg); {
		case pkg == "": // main.go
		case parent == "journey/" && strings.Contains(list, "`"+child+"`"):
		case !strings.Contains(list, "`"+pkg+"`") && !strings.Contains(list, "`"+strings.TrimPrefix(pkg, "sqldb/")+"`"):
			t.Errorf("ARCHITECTURE.md does not list the package %s", pkg)
		}
	}
}
