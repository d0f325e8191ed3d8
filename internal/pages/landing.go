package pages

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// written is a page whose middle is written by hand instead of by a template.
type written interface {
	write(s *Set, b *bytes.Buffer) error
}

// The landing page is written by hand, like the frame: it is the one page that
// every mail program, scanner and preview opens too, so it is opened far more
// often than all others, and a template spends several times as long on it.
// The same rule holds: every value passes through text or address.
func (p Landing) write(s *Set, b *bytes.Buffer) error {
	b.WriteString(`<div class="card g"><div class="ga">`)
	if p.Client != "" {
		put(b, `<p class="for">For <bdi>`, text(p.Client), `</bdi></p>`)
	}
	put(b, `<h1><bdi>`, text(p.Company), `</bdi> asks for access to your accounts</h1><div class="msg" dir="auto">`)
	if long(p.Message) {
		b.WriteString(`<p class="lo" tabindex="0" role="group" aria-label="Message">`)
	} else {
		b.WriteString(`<p>`)
	}
	put(b, text(p.Message), `</p>`)
	if p.Requester != "" {
		put(b, `<b>`, text(p.Requester), `</b>`)
	}
	put(b, `</div><form method="post" action="`, address(p.Post), `"><button class="b p l">Grant Permission Now</button></form>`,
		s.landing.facts, `</div><div class="gz"><h2>You decide what to share</h2><ul class="ask">`)
	for _, service := range p.Services {
		row, known := s.asks[service]
		if !known || !p.Asked.Usual() {
			row = askRow(service, p.Asked)
		}
		b.WriteString(row)
	}
	put(b, `</ul>`, s.landing.nobody, `</div></div>`)
	return nil
}

// landing are the parts of the landing page that are always the same.
type landing struct{ facts, nobody string }

func drawLanding(drawn icons) landing {
	icon := func(name string) string { return string(drawn[drawing{name, 18}]) }
	return landing{
		facts: `<ul class="ft"><li class="row">` + icon("clock") + `About 5 minutes</li><li class="row">` + icon("pause") + `Pause and continue any time</li></ul>`,
		nobody: `<div class="nog"><h2>Nobody gets</h2><ul><li>` + icon("x") + `Your passwords</li><li>` + icon("x") + `Your billing, or ownership of anything</li></ul>` +
			`<p>You can take access back at each platform whenever you like.</p></div>`,
	}
}

// long says whether a message needs a scroll bar of its own, so that the
// button below it stays in sight.
func long(message string) bool {
	return utf8.RuneCountInString(message) > 900 || strings.Count(message, "\n") > 12
}
