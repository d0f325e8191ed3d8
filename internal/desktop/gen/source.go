package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
)

const module = "github.com/latchkeyhq/latchkey/"

// source is what reflection cannot provide about a package.
type source struct {
	values map[string][]string // of a string type, in the order of the constants
	docs   map[string]string   // of "Type" and "Type.Field"
}

// sources reads packages of this module, each once.
type sources struct {
	root string
	read map[string]*source
}

func (s *sources) of(t reflect.Type) (*source, error) {
	pkg := t.PkgPath()
	if found := s.read[pkg]; found != nil {
		return found, nil
	}
	found := &source{values: map[string][]string{}, docs: map[string]string{}}
	s.read[pkg] = found
	dir := filepath.Join(s.root, filepath.FromSlash(strings.TrimPrefix(pkg, module)))
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("finding the source of %s: %w", t, err)
	}
	for _, entry := range entries {
		if name := entry.Name(); strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") {
			mode := parser.ParseComments | parser.SkipObjectResolution
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, name), nil, mode)
			if err != nil {
				return nil, fmt.Errorf("reading the source of %s: %w", t, err)
			}
			found.add(file)
		}
	}
	return found, nil
}

func (s *source) add(file *ast.File) {
	for _, decl := range file.Decls {
		group, ok := decl.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range group.Specs {
			switch spec := spec.(type) {
			case *ast.ValueSpec:
				s.addValue(group, spec)
			case *ast.TypeSpec:
				s.addType(group, spec)
			}
		}
	}
}

func (s *source) addValue(group *ast.GenDecl, spec *ast.ValueSpec) {
	of, ok := spec.Type.(*ast.Ident)
	if group.Tok != token.CONST || !ok {
		return
	}
	for _, value := range spec.Values {
		if literal, ok := value.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			if text, err := strconv.Unquote(literal.Value); err == nil {
				s.values[of.Name] = append(s.values[of.Name], text)
			}
		}
	}
}

func (s *source) addType(group *ast.GenDecl, spec *ast.TypeSpec) {
	doc := spec.Doc
	if doc == nil {
		doc = group.Doc
	}
	s.docs[spec.Name.Name] = oneLine(doc)
	fields, ok := spec.Type.(*ast.StructType)
	if !ok {
		return
	}
	for _, field := range fields.Fields.List {
		doc := field.Comment
		if doc == nil {
			doc = field.Doc
		}
		for _, name := range field.Names {
			s.docs[spec.Name.Name+"."+name.Name] = oneLine(doc)
		}
	}
}

func oneLine(doc *ast.CommentGroup) string { return strings.Join(strings.Fields(doc.Text()), " ") }
