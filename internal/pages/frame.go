package pages

import (
	"bytes"
	"html"
	"strconv"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// The frame is written by hand, not by a template: it is the same few values
// on every page, and a template would spend more on them than on all the rest.
// Every value passes through text or address, and stands in text or in a
// quoted attribute, nowhere else.

// text escapes what stands in text or in a quoted attribute.
func text(value string) string { return html.EscapeString(value) }

// escape writes what text would give, without making a string of it first: the
// rows of a list are many.
func escape(b *bytes.Buffer, value string) {
	from := 0
	for i := range len(value) {
		entity := ""
		switch value[i] {
		case '<':
			entity = "&lt;"
		case '>':
			entity = "&gt;"
		case '&':
			entity = "&amp;"
		case '"':
			entity = "&#34;"
		case '\'':
			entity = "&#39;"
		default:
			continue
		}
		b.WriteString(value[from:i])
		b.WriteString(entity)
		from = i + 1
	}
	b.WriteString(value[from:])
}

// address escapes an address for a quoted attribute, and lets only those
// through that lead to a page: nothing that a browser would run.
func address(value string) string {
	for _, begins := range []string{"/", "https://", "http://", "#", "?", "mailto:"} {
		if strings.HasPrefix(value, begins) {
			return html.EscapeString(value)
		}
	}
	return "#"
}

// title is what stands for the agency in the bar and in the browser's tab.
func (f *Frame) title() string {
	if f.Branded && f.Company != "" {
		return f.Company
	}
	return onboarding.NeutralTitle
}

// put writes strings one after the other.
func put(b *bytes.Buffer, parts ...string) {
	for _, part := range parts {
		b.WriteString(part)
	}
}

func (s *Set) top(b *bytes.Buffer, f *Frame, look layout) {
	title := text(f.title())
	put(b, `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex"><title>`,
		text(look.title), " · ", title, "</title>", s.head)
	icon := s.icon
	if f.Branded && f.Logo != "" {
		icon = address(f.Logo)
	}
	put(b, `<link rel="icon" href="`, icon, `">`)
	if f.Branded && f.Style != "" {
		put(b, `<link rel="stylesheet" href="`, address(f.Style), `">`)
	}
	if f.Touch != "" {
		put(b, `<link rel="stylesheet" href="`, address(f.Touch), `">`)
	}
	b.WriteString("</head><body")
	if look.refresh > 0 {
		put(b, ` data-again="`, strconv.Itoa(look.refresh), `"`)
	}
	inert := ""
	if look.inert {
		inert = " inert"
	}
	put(b, `><a class="skip" href="#main"`, inert, `>Skip to main content</a>`)
	if f.Demo {
		b.WriteString(`<aside class="demo" aria-label="Demo">This is a demo. Nobody here is real.</aside>`)
	}
	put(b, `<header class="top"`, inert, ">")
	if f.Branded && f.Logo != "" {
		put(b, `<img src="`, address(f.Logo), `" height="32" alt="">`)
	}
	put(b, `<span class="nm" dir="auto">`, title, `</span><span class="r">`)
	if f.Host != "" {
		put(b, `<span class="row h">`, string(s.icons[drawing{"lock", 15}]), text(f.Host), "</span>")
	}
	if f.Help != "" {
		put(b, `<a href="`, address(f.Help), `">Help</a>`)
	}
	put(b, `</span></header><main id="main" tabindex="-1" class="w`, look.class, `">`)
	if len(f.Steps) > 0 {
		s.progress(b, f.Steps, inert)
	}
}

func (s *Set) progress(b *bytes.Buffer, steps []Step, inert string) {
	put(b, `<ol class="prog" aria-label="Progress"`, inert, ">")
	for _, step := range steps {
		switch {
		case step.Now:
			put(b, `<li class="nw" aria-current="step">`)
		case step.Done:
			put(b, `<li class="dn">`, string(s.icons[drawing{"check", 15}]), `<span class="sr">Done: </span>`)
		default:
			b.WriteString("<li>")
		}
		put(b, text(string(step.Name)), "</li>")
	}
	b.WriteString("</ol>")
}

func (s *Set) bottom(b *bytes.Buffer, f *Frame, look layout) {
	if f.Also != "" || f.AlsoSome {
		s.also(b, f)
	}
	inert := ""
	if look.inert {
		inert = " inert"
	}
	put(b, `</main><footer class="bot"`, inert, ">")
	valid := !look.ends && f.Expires != 0
	if !look.full && (valid || f.ReplyTo != "") {
		b.WriteString(`<p class="fx">`)
		if valid {
			put(b, `<span>Valid until `, text(catalog.DayAndTime(f.Expires)), `</span>`)
		}
		if f.ReplyTo != "" {
			put(b, `<span>Questions? <a href="`, address("mailto:"+f.ReplyTo), `">`, text(f.ReplyTo), `</a></span>`)
		}
		b.WriteString("</p>")
	}
	b.WriteString("<p>")
	switch {
	case f.Agency != "" && f.Operator != "":
		put(b, `For <bdi>`, text(f.Agency), `</bdi>, through <bdi>`, text(f.Operator), `</bdi>. `)
	case f.Operator != "":
		put(b, `Run by <bdi>`, text(f.Operator), `</bdi>. `)
	}
	if f.Genuine != "" {
		put(b, `<a href="`, address(f.Genuine), `">Is this genuine?</a>`)
	}
	if f.Genuine != "" && f.Report != "" {
		b.WriteString(" · ")
	}
	if f.Report != "" {
		put(b, `<a href="`, address(f.Report), `">Report</a>`)
	}
	b.WriteString("</p></footer></body></html>\n")
}

// also is the notice that somebody else has started (F7).
func (s *Set) also(b *bytes.Buffer, f *Frame) {
	said := catalog.Say(catalog.AlsoStarted, catalog.Facts{Agency: f.Company, Name: f.Also})
	put(b, `<p class="nt">`, string(s.icons[drawing{"users", 20}]), `<span><b dir="auto">`, text(said.Sentence), `</b> `, text(said.Why), `</span></p>`)
}
