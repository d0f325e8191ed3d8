// Command gen writes what administrators set policies with, from the list of settings:
// the templates of group policies, a configuration profile for macOS and a file for Linux in
// build/policies, and the table in docs/hub.md.
package main

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/latchkeyhq/latchkey/internal/policy"
)

//go:embed *.tmpl
var sources embed.FS

// files are the templates and what they write.
var files = map[string]string{
	"admx.tmpl":         "build/policies/latchkey.admx",
	"adml.tmpl":         "build/policies/en-US/latchkey.adml",
	"mobileconfig.tmpl": "build/policies/latchkey.mobileconfig",
}

const (
	jsonFile = "build/policies/policy.json"
	docsFile = "docs/hub.md"
)

// The table in the documentation stands between these lines.
const (
	tableBegins = "<!-- policies: written by make generate -->\n"
	tableEnds   = "<!-- /policies -->\n"
)

func main() {
	texts, err := generate(".")
	if err == nil {
		err = write(texts)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func write(texts map[string][]byte) error {
	for path, text := range texts {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return fmt.Errorf("making the folder of %s: %w", path, err)
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			return fmt.Errorf("writing %s: %w", path, err)
		}
	}
	return nil
}

// generate returns the content of each file by its path below root.
func generate(root string) (map[string][]byte, error) {
	parsed, err := template.New("").Funcs(template.FuncMap{"plist": plistValue}).ParseFS(sources, "*.tmpl")
	if err != nil {
		return nil, fmt.Errorf("reading the templates: %w", err)
	}
	settings := policy.Settings()
	texts := map[string][]byte{}
	for name, path := range files {
		var out bytes.Buffer
		if err := parsed.ExecuteTemplate(&out, name, settings); err != nil {
			return nil, fmt.Errorf("writing %s: %w", path, err)
		}
		texts[path] = out.Bytes()
	}
	examples := map[string]any{}
	for _, s := range settings {
		examples[s.Name] = s.Example
	}
	text, err := json.MarshalIndent(examples, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing %s: %w", jsonFile, err)
	}
	texts[jsonFile] = append(text, '\n')
	docs, err := os.ReadFile(filepath.Join(root, docsFile))
	if err != nil {
		return nil, fmt.Errorf("reading the documentation: %w", err)
	}
	before, rest, hasBegin := strings.Cut(string(docs), tableBegins)
	_, after, hasEnd := strings.Cut(rest, tableEnds)
	if !hasBegin || !hasEnd {
		return nil, fmt.Errorf("%s has no place for the table of policies", docsFile)
	}
	texts[docsFile] = []byte(before + tableBegins + table(settings) + tableEnds + after)
	return texts, nil
}

var words = map[policy.Kind]string{policy.Text: "text", policy.List: "list of texts", policy.Flag: "true or false"}

func table(settings []policy.Setting) string {
	var out strings.Builder
	out.WriteString("| setting | value | what it does | not set |\n| --- | --- | --- | --- |\n")
	for _, s := range settings {
		value := words[s.Kind]
		if s.Kind == policy.Choice {
			value = "`" + strings.Join(s.Choices, "`, `") + "`"
		}
		fmt.Fprintf(&out, "| `%s` | %s | %s | %s |\n", s.Name, value, s.Explanation, s.Unset)
	}
	return out.String()
}

// plistValue is an example as an element of a property list.
func plistValue(example any) (string, error) {
	switch v := example.(type) {
	case bool:
		return fmt.Sprintf("<%t/>", v), nil
	case string:
		return "<string>" + template.HTMLEscapeString(v) + "</string>", nil
	case []string:
		var out strings.Builder
		out.WriteString("<array>")
		for _, one := range v {
			out.WriteString("<string>" + template.HTMLEscapeString(one) + "</string>")
		}
		out.WriteString("</array>")
		return out.String(), nil
	}
	return "", fmt.Errorf("an example of type %T", example)
}
