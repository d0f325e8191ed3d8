package goldentest

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// Outline lists what a reader, a browser's accessibility tree and a form see of
// an HTML page, in document order: texts, links, forms and fields with their
// attributes, headings, roles and labels. It leaves out classes, styles,
// drawings and white space.
//
// A text of its own direction (bdi, dir) stands in ⟨ ⟩. Neighbouring elements of
// one line are divided by |, whether or not there is white space between them:
// how far apart they stand is a matter of the style sheet.
func Outline(page string) (string, error) {
	root, err := html.ParseWithOptions(strings.NewReader(page), html.ParseOptionEnableScripting(false))
	if err != nil {
		return "", fmt.Errorf("parsing the page: %w", err)
	}
	o := &outline{}
	o.children(root, 0)
	o.flush()
	return o.lines.String(), nil
}

type outline struct {
	lines strings.Builder
	text  strings.Builder // collected, not yet written
	depth int             // of the collected text
}

func (o *outline) children(n *html.Node, depth int) {
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		o.node(child, depth)
	}
}

func (o *outline) node(n *html.Node, depth int) {
	switch n.Type {
	case html.TextNode:
		if o.isEmpty() {
			o.depth = depth
		}
		o.text.WriteString(n.Data)
	case html.ElementNode:
		o.element(n, depth)
	case html.DocumentNode:
		o.children(n, depth)
	}
}

func (o *outline) element(n *html.Node, depth int) {
	attributes := shown(n)
	switch n.Data {
	case "svg", "style":
		return
	case "br":
		if o.isEmpty() {
			o.depth = depth
		}
		o.text.WriteString(" / ")
		return
	case "html", "head", "body", "div", "span", "b", "strong", "bdi", "i", "table", "tbody", "tr", "td":
		if attributes == "" {
			o.transparent(n, depth)
			return
		}
	}
	o.flush()
	var within outline
	within.children(n, depth+1)
	within.flush()
	inside := within.lines.String()
	if text := strings.TrimSpace(inside); strings.HasPrefix(text, "“") && !strings.Contains(text, "\n") {
		o.line(depth, n.Data+attributes+" "+text)
		return
	}
	o.line(depth, n.Data+attributes)
	o.lines.WriteString(inside)
}

// transparent is an element that a reader does not notice.
func (o *outline) transparent(n *html.Node, depth int) {
	block := slices.Contains([]string{"div", "table", "tr", "td", "head", "body"}, n.Data)
	isolated := n.Data == "bdi" || attribute(n, "dir") != ""
	if block {
		o.flush()
	} else if previous := elementBefore(n); previous != nil && isInline(previous) && !o.isEmpty() {
		o.text.WriteString(" | ")
	}
	if isolated {
		if o.isEmpty() {
			o.depth = depth
		}
		o.text.WriteString("⟨")
	}
	o.children(n, depth)
	if isolated {
		o.text.WriteString("⟩")
	}
	if block {
		o.flush()
	}
}

// elementBefore returns the element that stands before n with nothing but white
// space or a drawing between them; nil: there is none.
func elementBefore(n *html.Node) *html.Node {
	for before := n.PrevSibling; before != nil; before = before.PrevSibling {
		switch {
		case before.Type == html.ElementNode && before.Data != "svg":
			return before
		case before.Type == html.TextNode && strings.TrimSpace(before.Data) != "":
			return nil
		}
	}
	return nil
}

func isInline(n *html.Node) bool {
	return slices.Contains([]string{"span", "b", "strong", "bdi", "i"}, n.Data) && shown(n) == ""
}

// isEmpty reports whether no text is collected that can be seen.
func (o *outline) isEmpty() bool { return strings.TrimSpace(o.text.String()) == "" }

func (o *outline) flush() {
	text := strings.Join(strings.Fields(o.text.String()), " ")
	o.text.Reset()
	if text != "" {
		o.line(o.depth, "“"+text+"”")
	}
}

func (o *outline) line(depth int, text string) {
	o.lines.WriteString(strings.Repeat("  ", depth) + text + "\n")
}

// shown writes an element's attributes in the order of their names, without
// those that only style it.
func shown(n *html.Node) string {
	transparent := slices.Contains([]string{"b", "strong", "bdi", "span"}, n.Data)
	var parts []string
	for _, a := range n.Attr {
		switch a.Key {
		case "class", "style", "height", "width", "border", "cellpadding", "cellspacing", "bgcolor", "align", "valign":
			continue
		case "dir":
			if transparent {
				continue // said by ⟨ ⟩
			}
		case "role":
			if a.Val == "presentation" {
				continue
			}
		}
		part := " " + a.Key
		if a.Val != "" {
			part += "=" + strings.Join(strings.Fields(a.Val), " ")
		}
		parts = append(parts, part)
	}
	slices.Sort(parts)
	return strings.Join(parts, "")
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}
