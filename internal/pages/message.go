package pages

import (
	"context"
	"fmt"
	"html"
	"io"
	"strings"

	"github.com/a-h/templ"

	"github.com/latchkeyhq/latchkey/internal/bidi"
	"github.com/latchkeyhq/latchkey/internal/i18n"
)

// Text prints a message of messages/en.toml, for an attribute or another
// message. Pairs are the names of its placeholders, each followed by its value.
func (r *Renderer) Text(id string, pairs ...string) string { return r.print.Text(id, pairs...) }

// message shows a message as the content of an element. A message that is
// missing, or lacks a value, is shown as its id.
func (r *Renderer) message(id string, values ...value) templ.Component {
	m, known := r.messages[id]
	switch {
	case !known:
		return rendered(html.EscapeString(id))
	case len(values) == 0:
		return m.fixed
	}
	return filled{message: m, values: values}
}

// value is what stands for a placeholder of a message.
type value struct {
	name    string
	text    string
	tag     tag             // around the text
	content templ.Component // instead of the text; nil: the text
}

// tag is an element around a value.
type tag int

const (
	tagNone    tag = iota
	tagBDI         // a name: its direction does not change the rest of the sentence
	tagBold        // a name that stands out
	tagNumeric     // figures to read out
)

func plain(name, text string) value    { return value{name: name, text: text} }
func isolated(name, text string) value { return value{name: name, text: text, tag: tagBDI} }
func bold(name, text string) value     { return value{name: name, text: text, tag: tagBold} }
func numeric(name, text string) value  { return value{name: name, text: text, tag: tagNumeric} }

func component(name string, content templ.Component) value {
	return value{name: name, content: content}
}

func (t tag) html() (start, end string) {
	switch t {
	case tagBDI:
		return "<bdi>", "</bdi>"
	case tagBold:
		return `<b dir="auto">`, "</b>"
	case tagNumeric:
		return `<span class="numeric">`, "</span>"
	}
	return "", ""
}

// rendered is HTML that was escaped when the Renderer was made. The generated
// code of a string expression allocates twice; this does not.
type rendered string

// Render implements templ.Component.
func (h rendered) Render(_ context.Context, w io.Writer) error {
	_, err := io.WriteString(w, string(h))
	return err
}

// filled is a message with its values.
type filled struct {
	message *htmlMessage
	values  []value
}

// Render implements templ.Component.
func (f filled) Render(ctx context.Context, w io.Writer) error {
	for _, part := range f.message.parts {
		if part.Name != "" && f.value(part.Name) == nil {
			return f.message.fixed.Render(ctx, w)
		}
	}
	for _, part := range f.message.parts {
		if err := writeStrings(w, part.Text); err != nil {
			return err
		}
		if part.Name == "" {
			continue
		}
		if err := f.value(part.Name).render(ctx, w); err != nil {
			return err
		}
	}
	return nil
}

func (f filled) value(name string) *value {
	for i := range f.values {
		if f.values[i].name == name {
			return &f.values[i]
		}
	}
	return nil
}

func (v *value) render(ctx context.Context, w io.Writer) error {
	if v.content != nil {
		return v.content.Render(ctx, w)
	}
	start, end := v.tag.html()
	text := bidi.Clean(v.text)
	if v.tag == tagNone {
		text = bidi.Isolate(v.text)
	}
	return writeStrings(w, start, html.EscapeString(text), end)
}

func writeStrings(w io.Writer, texts ...string) error {
	for _, text := range texts {
		if text == "" {
			continue
		}
		if _, err := io.WriteString(w, text); err != nil {
			return err
		}
	}
	return nil
}

// htmlMessage is a message as HTML.
type htmlMessage struct {
	fixed templ.Component // of a message without placeholders; of another its id
	parts []i18n.Part     // of every message, the texts as HTML
}

// htmlMessages makes HTML of all messages but those with plural forms.
func htmlMessages(printer *i18n.Printer) (map[string]*htmlMessage, error) {
	messages := map[string]*htmlMessage{}
	for _, id := range printer.IDs() {
		if _, isPlural := printer.Placeholders(id); isPlural {
			continue
		}
		m := &htmlMessage{fixed: rendered(html.EscapeString(id))}
		var whole strings.Builder
		for _, part := range printer.Parts(id) {
			part.Text = toHTML(part.Text)
			whole.WriteString(part.Text)
			m.parts = append(m.parts, part)
		}
		if err := checkElements(whole.String()); err != nil {
			return nil, fmt.Errorf("reading the message %s: %w", id, err)
		}
		if len(m.parts) == 1 {
			m.fixed = rendered(whole.String())
		}
		messages[id] = m
	}
	return messages, nil
}

// elements are the elements that a message may have, and what they are in HTML.
func elements() []string {
	return []string{
		"&lt;b&gt;", "<b>",
		"&lt;/b&gt;", "</b>",
		"&lt;br&gt;", "<br>",
		"&lt;hidden&gt;", `<span class="visually-hidden">`,
		"&lt;/hidden&gt;", "</span>",
	}
}

func toHTML(text string) string {
	return strings.NewReplacer(elements()...).Replace(html.EscapeString(text))
}

// checkElements refuses an element that is none of ours, has no end, or stands
// in another.
func checkElements(text string) error {
	if strings.Contains(text, "&lt;") || strings.Contains(text, "&gt;") {
		return fmt.Errorf("parsing the elements of %q: one is unknown", text)
	}
	open := ""
	for _, tag := range strings.SplitAfter(text, "<")[1:] {
		name, _, _ := strings.Cut(strings.TrimSuffix(tag, "<"), ">")
		name, _, _ = strings.Cut(name, " ")
		switch end, ends := strings.CutPrefix(name, "/"); {
		case name == "br":
		case !ends && open == "":
			open = name
		case ends && end == open:
			open = ""
		default:
			return fmt.Errorf("parsing the elements of %q: <%s> stands in the wrong place", text, name)
		}
	}
	if open != "" {
		return fmt.Errorf("parsing the elements of %q: <%s> has no end", text, open)
	}
	return nil
}
