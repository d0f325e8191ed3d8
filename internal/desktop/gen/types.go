package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/desktop/bridge"
)

// columns is the maximal line length.
const columns = 120

const header = "// Written by internal/desktop/gen from internal/desktop/methods.go. Do not edit.\n\n"

// generator collects the types that methods and events use.
type generator struct {
	spec    bridge.Spec
	sources sources
	names   map[string]reflect.Type // by TypeScript name
	types   map[string]string       // declarations, by name
	enums   map[string]string
	err     error // the first one
}

// generate returns the text of each file.
func generate(root string, spec bridge.Spec) (map[string]string, error) {
	g := &generator{
		spec: spec, sources: sources{root: root, read: map[string]*source{}},
		names: map[string]reflect.Type{}, types: map[string]string{}, enums: map[string]string{},
	}
	client := g.client()
	events := "export interface Events {\n"
	for _, e := range spec.Events {
		events += fmt.Sprintf("  %q: %s;\n", e.Name, g.typeOf(e.Data))
	}
	g.types["Events"] = "/** What the screens are told of, by name. */\n" + events + "}\n"
	limits := header + "/** What may be typed, as the rules of Go have it. */\nexport const limits = {\n"
	for _, l := range spec.Limits {
		limits += fmt.Sprintf("  %s: %d,\n", l.Name, l.Value)
	}
	types := strings.Join(sorted(g.types), "\n")
	return map[string]string{
		"client.ts": client,
		"enums.ts":  header + strings.Join(sorted(g.enums), ""),
		"limits.ts": limits + "} as const;\n",
		"types.ts":  header + imports("./enums", namesIn(types, g.enums)) + "\n" + types,
	}, g.err
}

func sorted(declarations map[string]string) []string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(declarations)) {
		list = append(list, declarations[name])
	}
	return list
}

// namesIn lists the declarations that a text uses, in order.
func namesIn(text string, declarations map[string]string) []string {
	words := strings.FieldsFunc(text, func(r rune) bool {
		return (r|0x20 < 'a' || 'z' < r|0x20) && (r < '0' || '9' < r)
	})
	found := map[string]bool{}
	for _, word := range words {
		if _, declared := declarations[word]; declared {
			found[word] = true
		}
	}
	return slices.SortedFunc(maps.Keys(found), func(a, b string) int {
		return strings.Compare(strings.ToLower(a), strings.ToLower(b))
	})
}

func imports(from string, names []string) string {
	if line := "import type { " + strings.Join(names, ", ") + " } from \"" + from + "\";\n"; len(line) <= columns+1 {
		return line
	}
	return "import type {\n  " + strings.Join(names, ",\n  ") + ",\n} from \"" + from + "\";\n"
}

func (g *generator) client() string {
	list := ""
	for _, m := range g.spec.Methods {
		params, given := "", ""
		if m.Params != reflect.TypeFor[bridge.None]() {
			params, given = "params: "+g.typeOf(m.Params), ", params"
		}
		list += fmt.Sprintf("  %s: (%s) => call<%s>(%q%s),\n", m.Name, params, g.typeOf(m.Result), m.Name, given)
	}
	return header + "import { call } from \"./transport\";\n" + imports("./types", namesIn(list, g.types)) +
		"\n/** Every call to Go. Each throws a CallError when it fails. */\nexport const api = {\n" + list + "};\n"
}

func (g *generator) fail(format string, args ...any) string {
	if g.err == nil {
		g.err = fmt.Errorf(format, args...)
	}
	return "unknown"
}

// typeOf returns a type in TypeScript and declares what it uses.
func (g *generator) typeOf(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[bridge.None]():
		return "null"
	case t.Kind() == reflect.Pointer:
		return g.typeOf(t.Elem()) + " | null"
	case t.Kind() == reflect.Struct && t.Implements(reflect.TypeFor[json.Marshaler]()):
		return g.fail("%s writes its own JSON: give the screens another type", t)
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		return "string"
	case t.Kind() == reflect.Slice:
		return g.typeOf(t.Elem()) + "[]"
	case t.Kind() == reflect.Struct:
		return g.declare(t, func(name, doc string, s *source) { g.types[name] = g.structOf(t, name, doc, s) })
	}
	plain := scalar(t.Kind())
	switch {
	case plain == "":
		return g.fail("%s has no form in TypeScript", t)
	case t.PkgPath() == "":
		return plain
	}
	return g.declare(t, func(name, doc string, s *source) {
		values := slices.Concat(s.values[t.Name()], g.spec.Values[t])
		if len(values) == 0 || g.spec.Open[t] {
			g.types[name] = doc + "export type " + name + " = " + plain + ";\n"
			return
		}
		g.enums[name] = doc + union(name, values)
	})
}

func scalar(kind reflect.Kind) string {
	switch kind {
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "boolean"
	case reflect.Int, reflect.Int64, reflect.Float64:
		return "number"
	}
	return ""
}

func union(name string, values []string) string {
	var quoted []string
	for _, value := range values {
		if literal := fmt.Sprintf("%q", value); !slices.Contains(quoted, literal) {
			quoted = append(quoted, literal)
		}
	}
	if line := "export type " + name + " = " + strings.Join(quoted, " | ") + ";\n"; len(line) <= columns+1 {
		return line
	}
	return "export type " + name + " =\n  | " + strings.Join(quoted, "\n  | ") + ";\n"
}

// declare returns a type's name and writes its declaration once.
func (g *generator) declare(t reflect.Type, write func(name, doc string, s *source)) string {
	name := g.spec.Names[t]
	if name == "" {
		name = t.Name()
	}
	if known := g.names[name]; known == t {
		return name
	} else if known != nil {
		return g.fail("%s and %s have the same name: give one another in Spec.Names", known, t)
	}
	g.names[name] = t
	s, err := g.sources.of(t)
	if err != nil {
		return g.fail("%w", err)
	}
	doc := s.docs[t.Name()]
	if rest, ok := strings.CutPrefix(doc, t.Name()+" "); ok {
		doc = name + " " + rest
	}
	write(name, comment("", doc), s)
	return name
}

func (g *generator) structOf(t reflect.Type, name, doc string, s *source) string {
	var body strings.Builder
	var parents []string
	for _, field := range reflect.VisibleFields(t) {
		if len(field.Index) > 1 || !field.IsExported() {
			continue
		}
		tag, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case tag == "-":
			continue
		case field.Anonymous && tag == "":
			parents = append(parents, g.typeOf(field.Type))
			continue
		case tag == "":
			g.fail("%s.%s has no name in JSON", t, field.Name)
		}
		of := g.typeOf(field.Type)
		if field.Tag.Get("ts") == "empty" {
			of = `"" | ` + of
		}
		if strings.Contains(options, "omitempty") {
			tag, of = tag+"?", strings.TrimSuffix(of, " | null")
		}
		line, note := "  "+tag+": "+of+";", s.docs[t.Name()+"."+field.Name]
		switch {
		case note == "":
		case len(line)+len(note)+4 <= columns:
			line += " // " + note
		default:
			body.WriteString(comment("  ", note))
		}
		body.WriteString(line + "\n")
	}
	if len(parents) > 0 {
		name += " extends " + strings.Join(parents, ", ")
	}
	return doc + "export interface " + name + " {\n" + body.String() + "}\n"
}

func comment(indent, text string) string {
	if text == "" {
		return ""
	}
	if line := indent + "/** " + text + " */\n"; len(line) <= columns+1 {
		return line
	}
	lines, line := indent+"/**\n", indent+" *"
	for word := range strings.FieldsSeq(text) {
		if len(line)+1+len(word) > columns {
			lines, line = lines+line+"\n", indent+" *"
		}
		line += " " + word
	}
	return lines + line + "\n" + indent + " */\n"
}
