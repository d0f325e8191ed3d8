package internal_test

import (
	"go/ast"
	"go/token"
	"os"
	"regexp"
	"strings"
	"testing"
)

// The tables of the hub's database belong to hub/replica, whose migration makes
// them. The other packages call what it names.
func TestOnlyTheReplicaQueriesTheHubsDatabase(t *testing.T) {
	migration, err := os.ReadFile("hub/replica/migrations/00001_initial.sql")
	if err != nil {
		t.Fatal(err)
	}
	var tables []string
	for _, match := range regexp.MustCompile(`CREATE (?:VIRTUAL )?TABLE (\w+)`).FindAllSubmatch(migration, -1) {
		tables = append(tables, string(match[1]))
	}
	if len(tables) < 10 {
		t.Fatalf("the migration makes only %v", tables)
	}
	query := regexp.MustCompile(`(?i)\b(FROM|JOIN|INTO|UPDATE)\s+(` + strings.Join(tables, "|") + `)\b`)
	for name, file := range parsed(t) {
		if !strings.HasPrefix(name, "internal/hub/") || strings.HasPrefix(name, "internal/hub/replica/") ||
			strings.HasSuffix(name, "_test.go") {
			continue
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if text, ok := n.(*ast.BasicLit); ok && text.Kind == token.STRING && query.MatchString(text.Value) {
				t.Errorf("%s queries a table of the replica: %s", name, text.Value)
			}
			return true
		})
	}
}
