// Command failuredoc writes docs/failures.md: every situation of the failures'
// table with what people read, who can do something, and the gallery's page.
//
// The words come from the catalog, the pages from the gallery. It is run by
// `make docs`; a test holds that the file is what it writes.
package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages/pagestest"
	"github.com/latchkeyhq/latchkey/internal/platform/all"
)

func main() {
	if err := run(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "writing the page of failures:", err)
		os.Exit(1)
	}
}

const head = `<!-- Written by "make docs" from internal/catalog and internal/pages. Do not edit. -->
# What can go wrong, and what people read

One section for each situation. *Gallery* names the pages of ` + "`make gallery`" + ` that show it, as
` + "`build/gallery/<name>.png`" + `. Names in the sentences are examples.

*Ways out* are the client's. *Try again* is the button of that name, or what did not work before, where the page has
it: *Connect Assets*, *Connect*, *Use …*, *Look again*, *Add*. *Go on* is *Go on*, *Close*, *Next Step* or *Finish*.
*The agency's way out* is the button at the account in the hub. *Repair link* is there once the account was connected:
it leads its client to that account alone. *Taken by* names the tests that take each way and see what follows; a test
holds that none is missing.
`

func run(w io.Writer) error {
	c, err := all.Catalog()
	if err != nil {
		return err
	}
	return document{catalog: c, gallery: pagestest.Gallery(c)}.write(w)
}

// document is what the page is written from.
type document struct {
	catalog *catalog.Catalog
	gallery []pagestest.State
}

func (d document) write(w io.Writer) error {
	var page strings.Builder
	page.WriteString(head)
	for _, r := range rows() {
		d.writeRow(&page, r)
	}
	if _, err := io.WriteString(w, page.String()); err != nil {
		return fmt.Errorf("writing: %w", err)
	}
	return nil
}

func (d document) writeRow(page *strings.Builder, r row) {
	fmt.Fprintf(page, "\n## %s. %s\n\n", r.name, r.situation)
	if r.signal != "" {
		fmt.Fprintf(page, "Recognised by: %s\n", r.signal)
	}
	if r.note != "" {
		if r.signal != "" {
			page.WriteString("\n")
		}
		page.WriteString(r.note + "\n")
	}
	for _, code := range d.codesOf(r) {
		d.writeCode(page, code, r)
	}
	page.WriteString("\nTaken by:\n\n")
	for _, way := range d.waysOf(r) {
		fmt.Fprintf(page, "- %s\n", way)
	}
	if shown := d.galleryOf(r.name); len(shown) > 0 {
		fmt.Fprintf(page, "\nGallery: %s\n", strings.Join(shown, ", "))
	}
}

func (d document) writeCode(page *strings.Builder, code catalog.FailureCode, r row) {
	if code == catalog.InTrash { // of files alone
		r.service = onboarding.GoogleSheets
	}
	said := d.catalog.Describe(code, example(r.service))
	fmt.Fprintf(page, "\n`%s` — **%s**\n\n", code, said.Title)
	line := func(label string, parts ...string) {
		text := strings.TrimSpace(strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), " "))
		if text != "" {
			fmt.Fprintf(page, "- %s: %s\n", label, text)
		}
	}
	line("The client reads", said.Message, said.Explanation, said.NextStep)
	line("Steps", strings.Join(said.Steps, " "))
	line("The agency reads", said.ForAgency)
	line("Who can do something", who(said.FixedBy))
	line("Ways out", strings.Join(ways(said), ", "))
	for _, fix := range d.fixes(code, r) {
		line("The agency's way out", fixWords()[fix])
	}
}

// codesOf are the catalog's codes of a row.
func (d document) codesOf(r row) []catalog.FailureCode {
	var codes []catalog.FailureCode
	for _, code := range catalog.Codes() {
		if code == r.also || d.catalog.Describe(code, example(r.service)).Row == r.name {
			codes = append(codes, code)
		}
	}
	return codes
}

// galleryOf names the gallery's pages that show a row.
func (d document) galleryOf(name string) []string {
	var shown []string
	for _, state := range d.gallery {
		if slices.Contains(state.Rows, name) {
			shown = append(shown, "`"+state.Name+"`")
		}
	}
	return shown
}

func example(service onboarding.Service) catalog.Args {
	return catalog.Args{
		Agency:  "Northlight Media",
		Asset:   "Harbour & Pine",
		Service: service,
		When:    onboarding.TimestampOf(time.Date(2026, time.December, 5, 14, 32, 0, 0, time.UTC)),
		Account: "Harbour & Pine AB",
		Done:    2,
		Of:      3,
	}
}

func who(who catalog.Party) string {
	switch who {
	case catalog.You:
		return "whoever reads it"
	case catalog.Colleague:
		return "somebody else at the client"
	case catalog.TheAgency:
		return "the agency"
	case catalog.Platform:
		return "the platform; wait until it responds"
	}
	return "nobody has to"
}

func ways(said catalog.Failure) []string {
	var words []string
	for _, way := range said.Recovery {
		switch way {
		case catalog.RecoverRetry:
			words = append(words, "try again")
		case catalog.RecoverSkip:
			words = append(words, "skip with a reason")
		case catalog.RecoverByHand:
			words = append(words, "share it by hand")
		case catalog.RecoverHandOver:
			words = append(words, "hand over to a colleague")
		case catalog.RecoverCopyNote:
			words = append(words, "copy a note for a colleague")
		case catalog.RecoverContinue:
			words = append(words, "go on")
		case catalog.RecoverAskLink:
			words = append(words, "ask for a new link")
		case catalog.RecoverEmailLink:
			words = append(words, "have the link emailed")
		case catalog.RecoverCopyLink:
			words = append(words, "copy the link")
		case catalog.RecoverSendAgain:
			words = append(words, "send the newest link again, to the address that was invited")
		}
	}
	return words
}
