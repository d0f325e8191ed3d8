package internal_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// What golangci-lint does not see.

const maxMethods = 45

// maxUnkeyed is how many values a composite literal of a struct may have
// without their field names.
const maxUnkeyed = 3

// forbiddenImports are what no code of ours needs: database/sql is the way to
// SQLite, and memory is Go's.
var forbiddenImports = []string{"unsafe", "modernc.org/sqlite/lib", "modernc.org/libc"}

func TestATypeHasAtMost45Methods(t *testing.T) {
	methods := map[string]int{}
	for name, file := range parsed(t) {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		for _, declaration := range file.Decls {
			if f, ok := declaration.(*ast.FuncDecl); ok && f.Recv != nil {
				methods[strings.TrimPrefix(path.Dir(name)+"."+receiver(f.Recv.List[0].Type), "..")]++
			}
		}
	}
	for name, n := range methods {
		if n > maxMethods {
			t.Errorf("%s has %d methods, at most %d are allowed", name, n, maxMethods)
		}
	}
}

func TestALiteralOfMoreThanThreeValuesNamesItsFields(t *testing.T) {
	for name, file := range parsed(t) {
		if ast.IsGenerated(file) {
			continue
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if literal, ok := n.(*ast.CompositeLit); ok {
				inspectLiteral(literal, nil, func(wrong *ast.CompositeLit) {
					t.Errorf("%s: a literal of %d values names no fields", name, len(wrong.Elts))
				})
				return false
			}
			return true
		})
	}
}

func TestNothingLiesBelowDatabaseSQL(t *testing.T) {
	for name, file := range parsed(t) {
		for _, spec := range file.Imports {
			imported, _ := strconv.Unquote(spec.Path.Value) // the parser has accepted it
			if slices.Contains(forbiddenImports, imported) {
				t.Errorf("%s imports %s", name, imported)
			}
		}
	}
}

// inspectLiteral calls report for each struct literal in literal with too many
// values without names. elided is the type of a literal that leaves its own out.
// A named type counts as a struct: lists are written with their brackets.
func inspectLiteral(literal *ast.CompositeLit, elided ast.Expr, report func(*ast.CompositeLit)) {
	kind := literal.Type
	if kind == nil {
		kind = elided
	}
	var element ast.Expr
	isStruct := false
	switch k := kind.(type) {
	case *ast.ArrayType:
		element = k.Elt
	case *ast.MapType:
		element = k.Value
	case *ast.StarExpr, *ast.StructType, *ast.Ident, *ast.SelectorExpr, *ast.IndexExpr, *ast.IndexListExpr:
		isStruct = true
	}
	unkeyed := 0
	for _, value := range literal.Elts {
		if pair, ok := value.(*ast.KeyValueExpr); ok {
			value = pair.Value
			inspectValue(pair.Key, nil, report)
		} else {
			unkeyed++
		}
		inspectValue(value, element, report)
	}
	if isStruct && unkeyed > maxUnkeyed {
		report(literal)
	}
}

func inspectValue(value ast.Expr, elided ast.Expr, report func(*ast.CompositeLit)) {
	ast.Inspect(value, func(n ast.Node) bool {
		literal, ok := n.(*ast.CompositeLit)
		if !ok {
			return true
		}
		if literal == value {
			inspectLiteral(literal, elided, report)
		} else {
			inspectLiteral(literal, nil, report)
		}
		return false
	})
}

func receiver(expression ast.Expr) string {
	switch e := expression.(type) {
	case *ast.StarExpr:
		return receiver(e.X)
	case *ast.IndexExpr:
		return receiver(e.X)
	case *ast.IndexListExpr:
		return receiver(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}

// parsed is every Go file of the programs and their tests, by path.
func parsed(t *testing.T) map[string]*ast.File {
	t.Helper()
	files := map[string]*ast.File{}
	err := filepath.WalkDir("..", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			switch entry.Name() {
			case "node_modules", ".git", "build", "dist":
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		files[strings.TrimPrefix(filepath.ToSlash(name), "../")] = file
		return nil
	})
	if err != nil {
		t.Fatalf("reading the Go files: %v", err)
	}
	if len(files) == 0 {
		t.Fatal("found no Go file: the walk starts in the wrong place")
	}
	return files
}
