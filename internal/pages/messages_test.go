package pages

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"github.com/latchkeyhq/latchkey/internal/i18n"
)

// users are the files that print messages: the pages, what templ made of their
// templates, and the wizard.
func users(t *testing.T) []*ast.File {
	t.Helper()
	var files []*ast.File
	for _, folder := range []string{".", filepath.Join("..", "relay", "wizard")} {
		names, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil || len(names) == 0 {
			t.Fatalf("found no files in %s: %v", folder, err)
		}
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatalf("parsing: %v", err)
			}
			files = append(files, file)
		}
	}
	return files
}

func literal(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(lit.Value)
	return text, err == nil
}

func ownMessages(t *testing.T) *i18n.Printer {
	t.Helper()
	p, err := i18n.New(i18n.English, messages)
	if err != nil {
		t.Fatalf("reading the messages: %v", err)
	}
	return p
}

func TestEachMessageIsUsedAndEachUsedOneExists(t *testing.T) {
	all := ownMessages(t)
	looksLikeID := regexp.MustCompile(`^[a-z]+(_[a-z]+)*(\.[a-z]+(_[a-z]+)*)+$`)
	used := map[string]bool{}
	for _, file := range users(t) {
		ast.Inspect(file, func(n ast.Node) bool {
			if e, isExpr := n.(ast.Expr); isExpr {
				if text, is := literal(e); is && looksLikeID.MatchString(text) &&
					!strings.HasSuffix(text, ".templ") { // where an error happened
					used[text] = true
				}
			}
			return true
		})
	}
	for id := range used {
		if !all.Has(id) {
			t.Errorf("the message %s is missing", id)
		}
	}
	for _, id := range all.IDs() {
		group, _, _ := strings.Cut(id, ".")
		if !used[id] && !slices.Contains([]string{"date", "list", "number"}, group) { // the Printer's own
			t.Errorf("nothing shows the message %s", id)
		}
	}
}

// printed is a call that prints a message.
type printed struct {
	method string // Text, Plural or message
	id     string
	names  []string // of the placeholders that it has values for
}

// printedBy reads a call whose id and names are written out.
func printedBy(call *ast.CallExpr) (p printed, ok bool) {
	method, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || len(call.Args) == 0 {
		return p, false
	}
	p.method = method.Sel.Name
	if p.id, ok = literal(call.Args[0]); !ok {
		return p, false
	}
	switch p.method {
	case "Text", "Plural":
		values := call.Args[1:]
		if p.method == "Plural" {
			p.names, values = []string{"Count"}, call.Args[2:]
		}
		for i := 0; i < len(values); i += 2 {
			name, _ := literal(values[i])
			p.names = append(p.names, name)
		}
	case "message":
		for _, value := range call.Args[1:] {
			made, isCall := value.(*ast.CallExpr)
			if !isCall {
				return p, false
			}
			name, _ := literal(made.Args[0])
			p.names = append(p.names, name)
		}
	default:
		return p, false
	}
	return p, true
}

func TestEachMessageGetsTheValuesItNeeds(t *testing.T) {
	all, calls := ownMessages(t), 0
	for _, file := range users(t) {
		ast.Inspect(file, func(n ast.Node) bool {
			call, isCall := n.(*ast.CallExpr)
			if !isCall {
				return true
			}
			p, isPrinted := printedBy(call)
			if !isPrinted {
				return true
			}
			calls++
			needed, isPlural := all.Placeholders(p.id)
			if isPlural {
				needed = append(needed, "Count")
			}
			slices.Sort(needed)
			slices.Sort(p.names)
			if needed = slices.Compact(needed); !slices.Equal(needed, p.names) {
				t.Errorf("%s needs %q and gets %q", p.id, needed, p.names)
			}
			if isPlural != (p.method == "Plural") {
				t.Errorf("%s is printed by %s; it has plural forms: %v", p.id, p.method, isPlural)
			}
			return true
		})
	}
	if calls < 200 {
		t.Errorf("read %d calls only: they are no longer found", calls)
	}
}

// Text is for what is no HTML.
func TestAMessageWithElementsIsShownAsHTML(t *testing.T) {
	all := ownMessages(t)
	for _, file := range users(t) {
		ast.Inspect(file, func(n ast.Node) bool {
			if call, isCall := n.(*ast.CallExpr); isCall {
				if p, is := printedBy(call); is && p.method != "message" {
					for _, part := range all.Parts(p.id) {
						if strings.Contains(part.Text, "<") {
							t.Errorf("%s prints %s, which has elements", p.method, p.id)
						}
					}
				}
			}
			return true
		})
	}
}

func TestAMessageWithABadElementIsRefused(t *testing.T) {
	for text, accepted := range map[string]bool{
		"plain & <b>bold</b><br>and <hidden>{name}</hidden>": true,
		"<b>bold":               false,
		"bold</b>":              false,
		"<b><hidden></b>":       false,
		"<i>slanted</i>":        false,
		"a < b":                 false,
		`<b class="x">bold</b>`: false,
	} {
		if err := checkElements(toHTML(text)); (err == nil) != accepted {
			t.Errorf("%q: got %v", text, err)
		}
	}
}

func TestAValueIsEscapedAndAMessageWithoutItIsItsID(t *testing.T) {
	r := testRenderer(t)
	for want, component := range map[string]templ.Component{
		`For <bdi>A &amp; &lt;b&gt;</bdi>`: r.message("landing.client", isolated("Client", "A & <b>")),
		"landing.client":                   r.message("landing.client", plain("Company", "A")),
		"nothing.such":                     r.message("nothing.such"),
	} {
		var b strings.Builder
		if err := component.Render(t.Context(), &b); err != nil || b.String() != want {
			t.Errorf("got %q, %v, want %q", b.String(), err, want)
		}
	}
}
