package pages_test

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
	"github.com/latchkeyhq/latchkey/internal/pages/pagestest"
)

// A browser's own bubble has its own language and look, and hides with the next
// click: what is wrong with a field stands below it.
func TestWhatIsWrongWithAFieldStandsBelowIt(t *testing.T) {
	set := newRenderer(t)
	wrong := 0
	for _, state := range pagestest.Gallery(catalogtest.New(t)) {
		root, err := html.Parse(strings.NewReader(render(t, set, state)))
		if err != nil {
			t.Fatalf("parsing %s: %v", state.Name, err)
		}
		var invalid, focused []*html.Node
		texts := map[string]string{}
		for node := range root.Descendants() {
			if node.Type != html.ElementNode {
				continue
			}
			if id, has := attributeOf(node, "id"); has {
				texts[id] = strings.TrimSpace(textOf(node))
			}
			if is, _ := attributeOf(node, "aria-invalid"); is == "true" {
				invalid = append(invalid, node)
			}
			if _, has := attributeOf(node, "autofocus"); has {
				focused = append(focused, node)
			}
			if node.Data == "form" && hasField(node) {
				if _, ours := attributeOf(node, "novalidate"); !ours {
					t.Errorf("%s: the browser judges the fields of a form", state.Name)
				}
			}
		}
		for i, field := range invalid {
			wrong++
			id, _ := attributeOf(field, "aria-describedby")
			if texts[id] == "" {
				t.Errorf("%s: nothing below a wrong field says why (%q)", state.Name, id)
			}
			if has := slices.Contains(focused, field); has != (i == 0) {
				t.Errorf("%s: the wrong field %d has the focus: %v, want the first one alone", state.Name, i, has)
			}
		}
	}
	if wrong < 8 {
		t.Errorf("the gallery has %d wrong fields: some forms are missing", wrong)
	}
}

func attributeOf(node *html.Node, key string) (string, bool) {
	for _, attribute := range node.Attr {
		if attribute.Key == key {
			return attribute.Val, true
		}
	}
	return "", false
}

func textOf(node *html.Node) string {
	var text strings.Builder
	for part := range node.Descendants() {
		if part.Type == html.TextNode {
			text.WriteString(part.Data)
		}
	}
	return text.String()
}

// hasField reports whether something is typed or chosen in a form that a browser
// would judge.
func hasField(form *html.Node) bool {
	for node := range form.Descendants() {
		if node.Type != html.ElementNode {
			continue
		}
		_, required := attributeOf(node, "required")
		kind, _ := attributeOf(node, "type")
		if required || kind == "email" {
			return true
		}
	}
	return false
}

// Coming back, a browser ticks by position: what was shared meanwhile has no box
// any more, so it would tick what the client never chose.
func TestABrowserRestoresNoChoice(t *testing.T) {
	set, choices := newRenderer(t), 0
	for _, state := range pagestest.Gallery(catalogtest.New(t)) {
		root, err := html.Parse(strings.NewReader(render(t, set, state)))
		if err != nil {
			t.Fatalf("parsing %s: %v", state.Name, err)
		}
		for form := range root.Descendants() {
			if form.Data != "form" || !slices.ContainsFunc(slices.Collect(form.Descendants()), isChoice) {
				continue
			}
			choices++
			if autocomplete, _ := attributeOf(form, "autocomplete"); autocomplete != "off" {
				t.Errorf("%s: a browser restores the choices of a form", state.Name)
			}
		}
	}
	if choices == 0 {
		t.Error("the gallery has no form with a choice")
	}
}

func isChoice(node *html.Node) bool {
	kind, _ := attributeOf(node, "type")
	return node.Data == "input" && (kind == "checkbox" || kind == "radio")
}
