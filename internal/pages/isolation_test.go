package pages_test

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/latchkeyhq/latchkey/internal/bidi/biditest"
	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
	"github.com/latchkeyhq/latchkey/internal/pages/pagestest"
)

// fromOutside are the fields of pages that hold what people or platforms wrote.
func fromOutside() []string {
	return []string{
		"Account", "Agency", "Also", "Business", "By", "Client", "Company", "Detail", "Email", "Key", "Message", "Name",
		"Operator", "Other", "OtherVisitor", "Query", "Reason", "Repair", "ReplyTo", "Requester", "SignedIn", "SignedInAs",
		"Skipped", "Text", "Title", "Typed", "URL", "User",
	}
}

func TestATextFromOutsideNeverTurnsOurWordsRound(t *testing.T) {
	set := newRenderer(t)
	all := 0
	for _, state := range pagestest.Gallery(catalogtest.New(t)) {
		// The sentences of the catalog are ours: it isolates what stands in them.
		page, marked := biditest.Mark(state.Page, fromOutside(), []string{"/catalog"})
		state.Page = page
		all += marked
		root, err := html.Parse(strings.NewReader(render(t, set, state)))
		if err != nil {
			t.Fatalf("parsing %s: %v", state.Name, err)
		}
		for node := range root.Descendants() {
			for _, text := range exposed(node) {
				t.Errorf("%s: nothing isolates %q", state.Name, text)
			}
		}
	}
	if all < 500 {
		t.Errorf("%d texts are from outside: the walk misses some", all)
	}
}

// exposed are the texts of a node from outside that neither an element isolates
// nor characters do. A field's value stands alone.
func exposed(node *html.Node) []string {
	var found []string
	if node.Type == html.TextNode && biditest.IsBare(node.Data) && !isIsolated(node) {
		found = append(found, node.Data)
	}
	for _, attribute := range node.Attr {
		isText := !slices.Contains([]string{"value", "href", "action", "data-value"}, attribute.Key)
		if isText && biditest.IsBare(attribute.Val) {
			found = append(found, attribute.Val)
		}
	}
	return found
}

func isIsolated(node *html.Node) bool {
	for of := range node.Ancestors() {
		if of.Data == "bdi" || slices.Contains(of.Attr, html.Attribute{Key: "dir", Val: "auto"}) {
			return true
		}
	}
	return false
}
