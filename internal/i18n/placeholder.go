package i18n

import (
	"fmt"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n/template"

	"github.com/latchkeyhq/latchkey/internal/bidi"
)

const (
	openBrace  = "{{"
	closeBrace = "}}"
)

// placeholderParser is go-i18n's template parser with placeholders alone: no
// calls and no conditions in a message. It is a quarter of text/template's cost.
type placeholderParser struct{}

var _ template.Parser = placeholderParser{}

func (placeholderParser) Cacheable() bool { return true }

func (placeholderParser) Parse(text, _, _ string) (template.ParsedTemplate, error) {
	parts, err := parse(text)
	return message{parts}, err
}

// Part is a text, and the name of the placeholder after it; the last has none.
type Part struct{ Text, Name string }

func parse(text string) ([]Part, error) {
	var parts []Part
	for {
		before, rest, found := strings.Cut(text, openBrace)
		if !found {
			return append(parts, Part{Text: text}), nil
		}
		name, after, closed := strings.Cut(rest, closeBrace)
		name, dotted := strings.CutPrefix(strings.TrimSpace(name), ".")
		if !closed || !dotted || name == "" || strings.ContainsAny(name, " .|({") {
			return nil, fmt.Errorf("parsing the placeholder in %q", text)
		}
		parts = append(parts, Part{Text: before, Name: name})
		text = after
	}
}

type message struct{ parts []Part }

// Execute is called by go-i18n; data is a Values.
func (m message) Execute(data any) (string, error) {
	values, ok := data.(Values)
	if !ok {
		return "", fmt.Errorf("printing a message: values are %T", data)
	}
	return m.print(values.Value)
}

func (m message) print(valueOf func(name string) (value string, ok bool)) (string, error) {
	text := make([]byte, 0, 256)
	for _, part := range m.parts {
		text = append(text, part.Text...)
		if part.Name == "" {
			continue
		}
		value, known := valueOf(part.Name)
		if !known {
			return "", fmt.Errorf("printing a message: no value for %s", part.Name)
		}
		text = append(text, bidi.Isolate(value)...)
	}
	return string(text), nil
}

// pairList is names, each followed by its value.
type pairList []string

// Value implements Values.
func (l pairList) Value(name string) (string, bool) {
	for i := 0; i+1 < len(l); i += 2 {
		if l[i] == name {
			return l[i+1], true
		}
	}
	return "", false
}

// counted adds the number of a plural message to its values.
type counted struct {
	Values
	count string
}

// Value implements Values.
func (c counted) Value(name string) (string, bool) {
	if name == countField {
		return c.count, true
	}
	return c.Values.Value(name)
}
