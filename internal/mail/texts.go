package mail

import (
	"strings"

	"github.com/latchkeyhq/latchkey/internal/i18n"
)

// texts prints the messages of one email: all of them can name its values.
type texts struct {
	print *i18n.Printer
	pairs []string // names of placeholders, each followed by its value
}

func (c *Composer) texts(pairs ...string) texts { return texts{print: c.print, pairs: pairs} }

// text prints a message. Pairs go before the values of the email.
func (t texts) text(id string, pairs ...string) string {
	return t.print.Text(id, append(pairs, t.pairs...)...)
}

func (t texts) plural(id string, n int) string { return t.print.Plural(id, int64(n), t.pairs...) }

// lines are the lines of a message. No value has a line break.
func (t texts) lines(id string) []string { return strings.Split(t.text(id), "\n") }

func (t texts) pluralLines(id string, n int) []string { return strings.Split(t.plural(id, n), "\n") }

// sentences makes one paragraph.
func sentences(list []string) string { return strings.Join(list, " ") }

// enumerate sets names beside each other, without an "and".
func (c *Composer) enumerate(names []string) string {
	return strings.Join(names, c.print.Text("list.between"))
}

// around is the text of a message before and after one of its values, which is
// set in a style of its own.
func (c *Composer) around(id, placeholder string) (before, after string) {
	const gap = "\x00"
	before, after, _ = strings.Cut(c.print.Text(id, placeholder, gap), gap)
	return before, after
}
