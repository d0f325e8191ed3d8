// Package i18n reads message files and prints their messages in one language.
//
// It holds no text of a feature, chooses no language and escapes nothing: who
// shows a text does.
package i18n

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"

	"github.com/latchkeyhq/latchkey/internal/bidi"
)

//go:embed messages
var ownMessages embed.FS

// English is the only language that ships.
const English = "en"

// countField is the placeholder of a plural message's number.
const countField = "Count"

// Printer prints the messages of one language. It is safe for concurrent use.
type Printer struct {
	fixed     map[string]string        // messages without placeholders and plural forms, by id
	templates map[string]message       // messages with placeholders, by id
	plurals   map[string]*i18n.Message // messages with plural forms, by id
	localizer *i18n.Localizer          // prints plurals; its look-up costs more than the rest of a message
}

// Values gives a placeholder's value by its name. A name that it does not have
// is an error in the message.
type Values interface {
	Value(name string) (value string, ok bool)
}

// New reads the file messages/<lang>.toml of each file system, and this
// package's own. An id may stand in one file only.
func New(lang string, files ...fs.FS) (*Printer, error) {
	return newFrom(lang, append([]fs.FS{ownMessages}, files...)...)
}

func newFrom(lang string, files ...fs.FS) (*Printer, error) {
	tag, err := language.Parse(lang)
	if err != nil {
		return nil, fmt.Errorf("parsing the language %q: %w", lang, err)
	}
	p := &Printer{
		fixed:     map[string]string{},
		templates: map[string]message{},
		plurals:   map[string]*i18n.Message{},
	}
	for _, file := range files {
		messages, err := read(file, lang)
		if err != nil {
			return nil, err
		}
		for _, message := range messages {
			if err := p.add(message); err != nil {
				return nil, fmt.Errorf("reading the message %s: %w", message.ID, err)
			}
		}
	}
	if len(p.plurals) == 0 {
		return p, nil // the rules of all languages take their time
	}
	bundle := i18n.NewBundle(tag)
	if err := bundle.AddMessages(tag, slices.Collect(maps.Values(p.plurals))...); err != nil {
		return nil, fmt.Errorf("adding plural messages: %w", err)
	}
	p.localizer = i18n.NewLocalizer(bundle, lang)
	return p, nil
}

func read(file fs.FS, lang string) ([]*i18n.Message, error) {
	name := "messages/" + lang + ".toml"
	text, err := fs.ReadFile(file, name)
	if err != nil {
		return nil, fmt.Errorf("reading messages: %w", err)
	}
	messages, err := i18n.ParseMessageBytes(text, toml.Unmarshal)
	if err != nil {
		return nil, fmt.Errorf("reading messages from %s: %w", name, err)
	}
	return messages, nil
}

// add parses every placeholder, so that a mistake in a file is found at the start.
func (p *Printer) add(m *i18n.Message) error {
	if p.Has(m.ID) {
		return errors.New("the id is there twice")
	}
	for _, form := range forms(m) {
		if _, err := parse(form); err != nil {
			return err
		}
	}
	parts, _ := parse(m.Other)
	switch {
	case isPlural(m):
		p.plurals[m.ID] = m
	case len(parts) > 1:
		p.templates[m.ID] = message{parts}
	default:
		p.fixed[m.ID] = m.Other
	}
	return nil
}

func forms(m *i18n.Message) []string {
	return []string{m.Zero, m.One, m.Two, m.Few, m.Many, m.Other}
}

func isPlural(m *i18n.Message) bool { return strings.Join(forms(m), "") != m.Other }

// Has reports whether there is a message with this id.
func (p *Printer) Has(id string) bool {
	_, isFixed := p.fixed[id]
	_, isTemplate := p.templates[id]
	return isFixed || isTemplate || p.plurals[id] != nil
}

// IDs lists the ids of all messages, in no order.
func (p *Printer) IDs() []string {
	ids := slices.Collect(maps.Keys(p.fixed))
	ids = slices.AppendSeq(ids, maps.Keys(p.templates))
	return slices.AppendSeq(ids, maps.Keys(p.plurals))
}

// Placeholders lists the names that a message needs values for. IsPlural reports
// that it has plural forms, and so a Count.
func (p *Printer) Placeholders(id string) (names []string, isPlural bool) {
	parts := p.templates[id].parts
	if m := p.plurals[id]; m != nil {
		isPlural = true
		for _, form := range forms(m) {
			more, _ := parse(form) // New has parsed it
			parts = append(parts, more...)
		}
	}
	for _, part := range parts {
		if part.Name != "" {
			names = append(names, part.Name)
		}
	}
	return names, isPlural
}

// Parts are the texts and placeholders of a message, in order: for a message that
// a page shows with elements around its values. A plural message has none.
func (p *Printer) Parts(id string) []Part {
	if text, isFixed := p.fixed[id]; isFixed {
		return []Part{{Text: text}}
	}
	return p.templates[id].parts
}

// Text prints a message. Pairs are the names of its placeholders, each followed
// by its value, which turns no direction beyond itself. A message that is missing, or lacks a value, is printed as its
// id: nothing that only concerns a text ends a page.
func (p *Printer) Text(id string, pairs ...string) string {
	if text, ok := p.fixed[id]; ok {
		return text
	}
	template, ok := p.templates[id]
	if !ok {
		return id
	}
	text, err := template.print(pairList(pairs).Value)
	if err != nil {
		return id
	}
	return text
}

// TextOf prints a message with values from v.
func (p *Printer) TextOf(id string, v Values) string {
	if text, ok := p.fixed[id]; ok {
		return text
	}
	template, ok := p.templates[id]
	if !ok {
		return id
	}
	text, err := template.Execute(v)
	if err != nil {
		return id
	}
	return text
}

// Plural prints the form of a message for n things; Count in it is n, in digits.
func (p *Printer) Plural(id string, n int64, pairs ...string) string {
	return p.PluralOf(id, n, pairList(pairs))
}

// PluralOf is Plural with values from v.
func (p *Printer) PluralOf(id string, n int64, v Values) string {
	if p.plurals[id] == nil {
		return p.TextOf(id, v)
	}
	text, err := p.localizer.Localize(&i18n.LocalizeConfig{
		MessageID:      id,
		TemplateData:   counted{Values: v, count: p.Number(n)},
		PluralCount:    n,
		TemplateParser: placeholderParser{},
	})
	if err != nil {
		return id
	}
	return text
}

// List joins names as in a sentence.
func (p *Printer) List(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	var before strings.Builder
	last := len(names) - 1
	for i, name := range names[:last] {
		if i > 0 {
			before.WriteString(p.Text("list.between"))
		}
		before.WriteString(bidi.Isolate(name))
	}
	return p.Text("list.pair", "Names", before.String(), "Last", names[last])
}

// Number writes a number in digits, in groups of three.
func (p *Printer) Number(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for at := len(digits) - 3; at > 0 && digits[at-1] != '-'; at -= 3 {
		digits = digits[:at] + p.fixed["number.thousands"] + digits[at:]
	}
	return digits
}

// Date writes a day, in UTC. The zero time is "".
func (p *Printer) Date(t time.Time) string { return p.date("date.date", t) }

// DateTime writes a timestamp, in UTC. The zero time is "".
func (p *Printer) DateTime(t time.Time) string { return p.date("date.date_time", t) }

// DateTimeAt writes a timestamp in the time zone that is so many minutes east of UTC. The
// zero time is "".
func (p *Printer) DateTimeAt(t time.Time, offset int) string {
	if offset == 0 || t.IsZero() {
		return p.DateTime(t)
	}
	sign, minutes := "+", offset
	if offset < 0 {
		sign, minutes = "−", -offset
	}
	named := sign + strconv.Itoa(minutes/60)
	if minutes%60 != 0 {
		named += fmt.Sprintf(":%02d", minutes%60)
	}
	local := t.In(time.FixedZone("", offset*60))
	return p.Text("date.date_time_offset", append(p.dateArgs(local), "Offset", named)...)
}

// Time writes a time of day, in UTC. The zero time is "".
func (p *Printer) Time(t time.Time) string { return p.date("date.time", t) }

func (p *Printer) date(id string, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return p.Text(id, p.dateArgs(t.UTC())...)
}

func (p *Printer) dateArgs(t time.Time) []string {
	return []string{
		"Weekday", p.fixed["date.weekday."+strings.ToLower(t.Weekday().String())],
		"Day", t.Format("2"),
		"Month", p.fixed["date.month."+strings.ToLower(t.Month().String())],
		"Year", t.Format("2006"),
		"Hour", t.Format("15"),
		"Minute", t.Format("04"),
	}
}
