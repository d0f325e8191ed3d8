package internal_test

import (
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// englishFree are the packages that print what clients read from message files.
func englishFree() []string {
	return []string{"internal/catalog", "internal/mail", "internal/onboarding", "internal/pages", "internal/relay/wizard"}
}

// otherEnglish are literals of these packages that no client reads, by package.
func otherEnglish() map[string][]string {
	return map[string][]string{
		"internal/catalog": {"Things", "Enumerated"}, // placeholders of the platforms' messages
		"internal/mail": {
			"Latchkey",                                                           // the product's name
			"naming the sender", "naming the receiver", "handing over the email", // steps, in errors
		},
		"internal/onboarding": {
			"Meta", "Instagram", "WhatsApp", "Google", "Latchkey", // names that no agency may take
			"ads admin business help helpdesk official platforms policy security service services suite ", // what follows them
			"support team verification verified", " care center centre trust",
			"Han", "Hiragana", "Katakana", "Bopomofo", "Hangul", // scripts
			"line break", "no-break space", "soft hyphen", "zero width space", "zero width joiner", "direction mark",
			"word joiner", "byte order mark", // members read these; clients read a message
			":root{%s}\n@media screen and (prefers-color-scheme:dark){:root{%s}}\n",
			"check words of request ",                              // in a digest
			"Enter the client's name.", "Enter the person's name.", // a member reads it
			"Enter the name of your Business Manager.",
		},
		"internal/pages": {`"; Secure"`, `"Enter"`, `"Escape"`, `"input, textarea"`}, // script: a cookie, keys, a selector
		"internal/relay/wizard": {
			"public, max-age=31536000, immutable",
			"@media (hover: none) and (pointer: coarse) { ",
			`body::after { content: ""; position: fixed; width: 1px; height: 1px; `,
			"Macintosh", "Windows NT ", "CrOS ", "Linux x86_64", "Linux i686", "Wayland", "Maemo", // in a user agent
			"chrome os", "chromium os", // in a client hint
			"User-agent: *\n", "Allow: /$\nAllow: ", "\nAllow: ", "Disallow: ", "/\nDisallow: /\n", // robots.txt
			"latchkey visit: ", "look up", "state of ", "verifier of ", "visit of request ", // in a key's derivation
		},
	}
}

func TestWhatClientsReadIsInMessageFiles(t *testing.T) {
	placeholders := placeholderNames(t)
	report := func(file, text string) {
		if !slices.Contains(otherEnglish()[path.Dir(file)], text) {
			t.Errorf("%s has English that belongs in a message file: %q", file, text)
		}
	}
	for file, parsed := range parsed(t) {
		if slices.Contains(englishFree(), path.Dir(file)) && !strings.HasSuffix(file, "_test.go") &&
			!ast.IsGenerated(parsed) {
			for _, text := range readableLiterals(parsed, placeholders) {
				report(file, text)
			}
		}
	}
	for file, text := range texts(t, ".templ") {
		for _, text := range templateTexts(text) {
			report(file, text)
		}
	}
	for file, text := range texts(t, ".js") {
		if strings.HasPrefix(file, "internal/pages/") {
			for _, m := range regexp.MustCompile(`"[^"\n]*"|'[^'\n]*'|`+"`[^`]*`").FindAllString(text, -1) {
				if isEnglish(strings.Trim(m, "\"'`")) && m != `"use strict"` {
					report(file, m)
				}
			}
		}
	}
}

// placeholderNames are the names of the placeholders in all message files.
func placeholderNames(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for _, text := range texts(t, ".toml") {
		for _, m := range regexp.MustCompile(`\{\{\.(\w+)\}\}`).FindAllStringSubmatch(text, -1) {
			names[m[1]] = true
		}
	}
	return names
}

// isEnglish reports whether a text has two words or begins with a capital one.
// Addresses, ids, lists of classes and names of placeholders have none.
func isEnglish(text string) bool {
	text = regexp.MustCompile(`<[^<>]*>|%[-+#0-9.]*[a-z]|\S*-\S*`).ReplaceAllString(text, "")
	return regexp.MustCompile(`\pL[\pL’']*[,.:;]? +“?\pL\pL+|^[^\pL/#]*\p{Lu}\p{Ll}`).MatchString(text)
}

// readableLiterals are the strings of a file that look like English, without
// those of errors, logs, panics, headers and routes, tags and imports, and
// without the message that an InvalidError has for members: clients read its MessageID.
func readableLiterals(file *ast.File, placeholders map[string]bool) []string {
	var found []string
	names := map[ast.Node]bool{} // of placeholders
	name := func(e ast.Expr) {
		if text, is := literalText(e); is && placeholders[text] {
			names[e] = true
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch node := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.Field:
			return node.Tag == nil
		case *ast.FuncDecl:
			return node.Name.Name != "Error"
		case *ast.CompositeLit:
			typed, is := node.Type.(*ast.Ident)
			return !is || typed.Name != "InvalidError"
		case *ast.KeyValueExpr:
			name(node.Key)
		case *ast.CallExpr:
			if isForOperators(node) {
				return false
			}
			for _, arg := range node.Args {
				name(arg)
			}
		case *ast.BasicLit:
			if text, is := literalText(node); is && !names[node] && isEnglish(text) {
				found = append(found, text)
			}
		}
		return true
	})
	return found
}

func literalText(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(lit.Value)
	return text, err == nil
}

// isForOperators reports whether what a call gets is read in a log, or by a
// program: an error, a log entry, a panic, a header or a route.
func isForOperators(call *ast.CallExpr) bool {
	name := ""
	switch f := call.Fun.(type) {
	case *ast.Ident:
		name = f.Name
	case *ast.SelectorExpr:
		name = f.Sel.Name
		if inner, ok := f.X.(*ast.Ident); ok {
			name = inner.Name + "." + name
		}
		if inner, ok := f.X.(*ast.CallExpr); ok {
			if method, ok := inner.Fun.(*ast.SelectorExpr); ok && method.Sel.Name == "Header" {
				return true // w.Header().Set
			}
		}
	}
	method := name[strings.LastIndex(name, ".")+1:]
	methods := []string{
		"Log", "InfoContext", "WarnContext", "ErrorContext", "Info", "Warn", "Error", "Handle", "HandleFunc",
		"recoverGoroutine", "runBounded", "Get", "Values", "SetGenHeader", "SetGenHeaderPreformatted",
	}
	functions := []string{"fmt.Errorf", "errors.New", "Invalid", "panic", "h.Set", "regexp.MustCompile"}
	return slices.Contains(functions, name) || slices.Contains(methods, method)
}

// templateTexts are the texts and attributes of a template that look like
// English: not what stands in Go expressions, classes or addresses.
func templateTexts(text string) []string {
	var found []string
	begin := max(strings.Index(text, "\ntempl "), 0)
	for line := range strings.Lines(text[begin:]) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "//") || strings.HasPrefix(line, "templ ") {
			continue
		}
		for _, m := range regexp.MustCompile(
			`(?:aria-label|title|alt|placeholder|label|content)="([^"]*)"`).FindAllStringSubmatch(line, -1) {
			if isEnglish(m[1]) && !strings.Contains(m[1], "=") {
				found = append(found, m[1])
			}
		}
		if isTemplateCode(line) {
			continue
		}
		shown := regexp.MustCompile(`\{[^{}]*\}`).ReplaceAllString(line, "")
		shown = regexp.MustCompile(`<[^<>]*>?|^[^<>]*>`).ReplaceAllString(shown, "\n")
		for part := range strings.SplitSeq(shown, "\n") {
			if part = strings.TrimSpace(part); isEnglish(part) {
				found = append(found, part)
			}
		}
	}
	return found
}

// isTemplateCode reports whether a line is Go, or attributes of an element that
// began above.
func isTemplateCode(line string) bool {
	return regexp.MustCompile(`^(@|if |for |switch |case |default:|\} else|\{\{|[a-z-]+[?]?=|")`).MatchString(line)
}
