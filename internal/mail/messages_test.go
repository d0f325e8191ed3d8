package mail

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/i18n"
)

func ownPrinter(t *testing.T) *i18n.Printer {
	t.Helper()
	printer, err := i18n.New(i18n.English, messages)
	if err != nil {
		t.Fatalf("reading the messages: %v", err)
	}
	return printer
}

// Each id stands in the code as it is, so that both can be compared.
func TestEachMessageIsUsedAndEachUsedOneExists(t *testing.T) {
	printer := ownPrinter(t)
	used := map[string]bool{}
	for _, id := range literals(t, regexp.MustCompile(`^[a-z_]+(\.[a-z0-9_]+)+$`)) {
		used[id] = true
		if !printer.Has(id) {
			t.Errorf("there is no message %s", id)
		}
	}
	for _, id := range printer.IDs() {
		group, _, _ := strings.Cut(id, ".")
		if !used[id] && group != "date" && group != "list" && group != "number" { // i18n's own
			t.Errorf("nothing uses the message %s", id)
		}
	}
}

// literals are the strings of this package's code that look like pattern.
func literals(t *testing.T, pattern *regexp.Regexp) []string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
				value, err := strconv.Unquote(literal.Value)
				isFile := strings.HasSuffix(value, ".png") || strings.HasSuffix(value, ".html") || strings.HasSuffix(value, ".txt")
				if err == nil && pattern.MatchString(value) && !isFile {
					found = append(found, value)
				}
			}
			return true
		})
	}
	return found
}
