package pages

import (
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// LegalDocument is one of the texts that platforms ask an operator for.
type LegalDocument string

// The texts.
const (
	LegalHome     LegalDocument = "home"
	LegalPrivacy  LegalDocument = "privacy"
	LegalTerms    LegalDocument = "terms"
	LegalDeletion LegalDocument = "deletion"
)

// legalMessages are the ids of a text's first messages.
type legalMessages struct{ tab, title, lead string }

func (d LegalDocument) messages() legalMessages {
	switch d {
	case LegalPrivacy:
		return legalMessages{tab: "legal.privacy.tab", title: "legal.privacy.title", lead: "legal.privacy.lead"}
	case LegalTerms:
		return legalMessages{tab: "legal.terms.tab", title: "legal.terms.title", lead: "legal.terms.lead"}
	case LegalDeletion:
		return legalMessages{tab: "legal.deletion.tab", title: "legal.deletion.title", lead: "legal.deletion.lead"}
	}
	return legalMessages{tab: "legal.home.tab", title: "legal.home.title", lead: "legal.home.lead"}
}

// Retention is how long the relay stores what belongs to a client.
type Retention struct {
	CompletedMonths int // a request that was completed
	EndedDays       int // one that expired or was withdrawn
	ReceiptYears    int // a receipt's page
	VisitDays       int // a visit, from the request's end
	EmailDays       int // that an email was sent
	CredentialDays  int // a sealed credential that no computer has fetched
	SignInMinutes   int // an unused sign-in at Facebook
}

// Legal is the relay's first page, or what it says about privacy, terms and deletion.
type Legal struct {
	Frame
	Document LegalDocument
	Own      string // the operator's own text instead of ours: see parseOwn; empty: ours
	Contact  onboarding.Contact
	Services []onboarding.Service // that this relay offers
	Retention
	Deletion string // address of the page about deletion
}

// legalSection is a heading with what stands below it.
type legalSection struct {
	title  templ.Component // nil: none
	blocks []legalBlock
}

// legalBlock is a paragraph, or the items of a list.
type legalBlock struct {
	paragraph templ.Component
	items     []templ.Component
}

func (p Legal) layout(r *Renderer) layout {
	return layout{title: r.Text(p.Document.messages().tab), ends: true, indexed: true}
}

// content is the title, what stands below it, and the sections.
func (p Legal) content(r *Renderer) (title, lead templ.Component, sections []legalSection) {
	ids := p.Document.messages()
	title, lead = r.message(ids.title), r.message(ids.lead, p.values(r)...)
	if p.Own != "" {
		own, sections := parseOwn(p.Own)
		if own != "" {
			title = ownLine(own)
		}
		return title, nil, sections
	}
	switch p.Document {
	case LegalHome:
		sections = p.home(r)
	case LegalPrivacy:
		sections = p.privacy(r)
	case LegalTerms:
		sections = p.terms(r)
	case LegalDeletion:
		sections = p.deletion(r)
	}
	return title, lead, sections
}

// values are what the texts name.
func (p Legal) values(r *Renderer) []value {
	figure := func(n int) string { return strconv.Itoa(n) }
	return []value{
		isolated("Operator", p.Operator), component("Contact", contactLink(p.Contact)),
		component("Deletion", documentLink(r, p.Deletion, "legal.deletion.tab")),
		plain("CompletedMonths", figure(p.CompletedMonths)), plain("EndedDays", figure(p.EndedDays)),
		plain("ReceiptMonths", figure(12*p.ReceiptYears)), plain("VisitHours", figure(24*p.VisitDays)),
		plain("EmailDays", figure(p.EmailDays)), plain("CredentialDays", figure(p.CredentialDays)),
		plain("SignInMinutes", figure(p.SignInMinutes)),
	}
}

func (p Legal) paragraph(r *Renderer, id string) legalBlock {
	return legalBlock{paragraph: r.message(id, p.values(r)...)}
}

func (p Legal) list(r *Renderer, ids ...string) legalBlock {
	var block legalBlock
	for _, id := range ids {
		block.items = append(block.items, r.message(id, p.values(r)...))
	}
	return block
}

func (p Legal) section(r *Renderer, title string, blocks ...legalBlock) legalSection {
	return legalSection{title: r.message(title, p.values(r)...), blocks: blocks}
}

func (p Legal) home(r *Renderer) []legalSection {
	return []legalSection{
		p.section(r, "legal.home.link", p.paragraph(r, "legal.home.link_text")),
		p.section(r, "legal.home.does", p.list(r, "legal.home.sign_in", "legal.home.choose", "legal.home.undo")),
		p.section(r, "legal.home.platforms", p.platforms(r, func(s catalog.Service) string { return s.Short })),
		p.section(r, "legal.home.operator", p.paragraph(r, "legal.home.operator_text")),
	}
}

// platforms lists the offered ones, each with a text.
func (p Legal) platforms(r *Renderer, text func(catalog.Service) string) legalBlock {
	var block legalBlock
	for _, service := range inOrder(r, p.Services) {
		block.items = append(block.items,
			r.message("legal.platform", plain("Service", service.Name), plain("Text", text(service))))
	}
	return block
}

func (p Legal) privacy(r *Renderer) []legalSection {
	gives := func(s catalog.Service) string { return strings.Join(s.Read, "; ") }
	return []legalSection{
		p.section(r, "legal.privacy.who", p.paragraph(r, "legal.privacy.who_agency"),
			p.paragraph(r, "legal.privacy.who_operator")),
		p.section(r, "legal.privacy.stored", p.list(r, "legal.privacy.stored_name", "legal.privacy.stored_choices",
			"legal.privacy.stored_accounts", "legal.privacy.stored_emails"), p.paragraph(r, "legal.privacy.not_stored")),
		p.section(r, "legal.privacy.platforms", p.paragraph(r, "legal.privacy.platforms_text"), p.platforms(r, gives),
			p.paragraph(r, "legal.privacy.platforms_use")),
		p.section(r, "legal.privacy.access", p.list(r, "legal.privacy.access_password", "legal.privacy.access_facebook",
			"legal.privacy.access_lasting")),
		p.section(r, "legal.privacy.long", p.list(r, "legal.privacy.long_completed", "legal.privacy.long_ended",
			"legal.privacy.long_visit", "legal.privacy.long_receipt", "legal.privacy.long_accounts",
			"legal.privacy.long_emails"), p.paragraph(r, "legal.privacy.long_backups")),
		p.section(r, "legal.privacy.shown", p.list(r, "legal.privacy.shown_agency", "legal.privacy.shown_platform",
			"legal.privacy.shown_mail"), p.paragraph(r, "legal.privacy.shown_nobody")),
		p.section(r, "legal.privacy.cookies", p.paragraph(r, "legal.privacy.cookies_text")),
		p.section(r, "legal.privacy.rights", p.paragraph(r, "legal.privacy.rights_text")),
	}
}

func (p Legal) terms(r *Renderer) []legalSection {
	return []legalSection{
		p.section(r, "legal.terms.what", p.paragraph(r, "legal.terms.what_text")),
		p.section(r, "legal.terms.may", p.list(r, "legal.terms.may_share", "legal.terms.may_link",
			"legal.terms.may_name")),
		p.section(r, "legal.terms.permit", p.paragraph(r, "legal.terms.permit_text"),
			p.paragraph(r, "legal.terms.permit_undo")),
		p.section(r, "legal.terms.platforms", p.paragraph(r, "legal.terms.platforms_text")),
		p.section(r, "legal.terms.misuse", p.paragraph(r, "legal.terms.misuse_text")),
		p.section(r, "legal.terms.pause", p.paragraph(r, "legal.terms.pause_text")),
	}
}

func (p Legal) deletion(r *Renderer) []legalSection {
	return []legalSection{
		p.section(r, "legal.deletion.ask", p.askDeletion(r)...),
		p.section(r, "legal.deletion.deleted", p.list(r, "legal.deletion.deleted_name", "legal.deletion.deleted_visits",
			"legal.deletion.deleted_emails")),
		p.section(r, "legal.deletion.stays", p.list(r, "legal.deletion.stays_accounts", "legal.deletion.stays_history",
			"legal.deletion.stays_agency")),
	}
}

// askDeletion is whom to ask. Facebook asks for its users, where it is offered here.
func (p Legal) askDeletion(r *Renderer) []legalBlock {
	blocks := []legalBlock{p.paragraph(r, "legal.deletion.ask_text")}
	if slices.Contains(p.Services, onboarding.Facebook) {
		blocks = append(blocks, p.paragraph(r, "legal.deletion.ask_facebook"))
	}
	return blocks
}

// TakeBack are the services of which the page says how to take access back.
func (p Legal) TakeBack(r *Renderer) []catalog.Service {
	if p.Document != LegalDeletion {
		return nil
	}
	return inOrder(r, p.Services)
}

// parseOwn reads an operator's own text: a line "# Title" begins a section, "- " an item
// of a list, and an empty line ends a paragraph. A first line "# Title" is the page's.
func parseOwn(text string) (title string, sections []legalSection) {
	var p ownText
	for line := range strings.Lines(text) {
		p.add(strings.TrimSpace(line))
	}
	p.endSection()
	return p.title, p.sections
}

// ownText is an operator's text as far as it was read.
type ownText struct {
	title    string
	sections []legalSection
	section  legalSection // that is being read
	lines    []string     // of its paragraph
	items    []string     // of its list
}

func (p *ownText) add(line string) {
	heading, isHeading := strings.CutPrefix(strings.TrimLeft(line, "#"), " ")
	item, isItem := strings.CutPrefix(line, "- ")
	switch {
	case isHeading && strings.HasPrefix(line, "#"):
		p.begin(strings.TrimSpace(heading))
	case line == "":
		p.endBlock()
	case isItem && len(p.lines) > 0:
		p.endBlock()
		p.items = []string{item}
	case isItem:
		p.items = append(p.items, item)
	case len(p.items) > 0: // goes on in another line
		p.items[len(p.items)-1] += " " + line
	default:
		p.lines = append(p.lines, line)
	}
}

func (p *ownText) begin(heading string) {
	p.endSection()
	if p.title == "" && len(p.sections) == 0 {
		p.title = heading
		return
	}
	p.section.title = ownLine(heading)
}

func (p *ownText) endSection() {
	p.endBlock()
	if p.section.title != nil || len(p.section.blocks) > 0 {
		p.sections = append(p.sections, p.section)
	}
	p.section = legalSection{}
}

func (p *ownText) endBlock() {
	var block legalBlock
	if len(p.lines) > 0 {
		block.paragraph = ownLine(strings.Join(p.lines, " "))
	}
	for _, item := range p.items {
		block.items = append(block.items, ownLine(item))
	}
	if block.paragraph != nil || len(block.items) > 0 {
		p.section.blocks = append(p.section.blocks, block)
	}
	p.lines, p.items = nil, nil
}

// Where the relay serves the texts that every page's footer leads to.
const (
	PrivacyPath = "/privacy"
	TermsPath   = "/terms"
)

// Documents are the texts that every page's footer leads to.
func Documents() []DocumentLink {
	return []DocumentLink{{Document: LegalPrivacy, Address: PrivacyPath}, {Document: LegalTerms, Address: TermsPath}}
}

// DocumentLink leads to one of the operator's texts.
type DocumentLink struct {
	Document LegalDocument
	Address  string
}

// title is the message of what the link reads.
func (l DocumentLink) title() string { return l.Document.messages().tab }
