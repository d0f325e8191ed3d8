package mail

import (
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"strings"
	texttemplate "text/template"

	"github.com/latchkeyhq/latchkey/internal/bidi"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// content is what an email shows, in its order. Its HTML and its text are made
// of the same content, so both show the same in the same order.
type content struct {
	brand     brand
	subject   string
	replyTo   string
	preheader string   // what a list of mails shows after the subject
	headline  []string // broken here if it has to be
	blocks    []block
	leads     string // the address whose host "The button leads to" names; empty: it is not shown
	note      []string
	why       string // it came
	help      string // the operator's page for members; empty: none
	automatic bool
}

// block is one part of an email. One field of it is set.
type block struct {
	Lead       []string // our own text, in paragraphs
	Message    []string // a requester's text, in lines
	Button     *button
	Properties []property
	Rows       []row
	More       int    // further rows, which Rows does not have
	Rest       string // where to find what an email does not show; empty: on the page
	Code       string
}

// button leads somewhere. A small one is not what the email is about.
type button struct {
	Label, URL string
	Small      bool
}

type property struct{ Name, Value string }

// brand is how an email looks.
type brand struct {
	sender   string // in From
	title    string // beside the logo
	logo     []byte // nil: none
	logoAlt  string
	palettes onboarding.Palettes
	own      bool // Latchkey's
}

// agencyBrand is what a client sees: the agency's own, or the neutral one.
func (c *Composer) agencyBrand(agency onboarding.Agency) brand {
	company := sanitizeLine(agency.CompanyName())
	palettes, err := onboarding.DerivePalettes("")
	if !agency.Brand.On {
		return brand{sender: company, title: c.catalog.NeutralTitle(), palettes: palettes}
	}
	if own, err2 := onboarding.DerivePalettes(agency.Brand.Colour); err == nil && err2 == nil {
		palettes = own // a colour that is none must not delay an email: petrol is legible
	}
	return brand{sender: company, title: company, logo: agency.Brand.Logo, logoAlt: company, palettes: palettes}
}

// ownBrand is what members see.
func ownBrand() brand {
	palettes, _ := onboarding.DerivePalettes("") // the neutral colour is always right
	return brand{sender: "Latchkey", title: "Latchkey", logo: mark, logoAlt: "Latchkey", palettes: palettes, own: true}
}

// view is what the templates show.
type view struct {
	Subject   string
	Preheader string
	Title     string
	Logo      *logo
	Headline  []string
	Blocks    []block
	LeadsTo   *leadsTo // nil: not shown
	Note      string
	Parties   string // in whose name, and through whom
	Links     []footerLink
	Why       string
	Suppress  footerLink
	Own       bool
	Light     onboarding.Palette
	Dark      onboarding.Palette
}

type logo struct {
	Source        template.URL // html/template accepts no cid:
	Alt           string
	Width, Height int
}

// leadsTo names the host that the button leads to. In HTML the button and the
// host are set in bold.
type leadsTo struct{ Before, Host, After, Text string }

// footerLink is a link below an email; Text is the whole of it where nothing can be clicked.
type footerLink struct{ Label, URL, Text string }

func (c *Composer) view(made content, e Envelope, images []Image) (view, error) {
	shown := view{
		Subject: made.subject, Preheader: made.preheader, Title: made.brand.title, Headline: made.headline,
		Note: sentences(made.note), Why: made.why, Own: made.brand.own,
		Light: made.brand.palettes.Light, Dark: made.brand.palettes.Dark,
	}
	if err := c.addFooter(&shown, made, e); err != nil {
		return view{}, err
	}
	for _, b := range made.blocks {
		if b.Button != nil {
			if _, err := webAddress(b.Button.URL); err != nil {
				return view{}, fmt.Errorf("linking %q: %w", b.Button.Label, err)
			}
		}
		b.Rows = c.firstRows(b)
		shown.Blocks = append(shown.Blocks, b)
	}
	if made.leads != "" {
		host, err := webAddress(made.leads)
		if err != nil {
			return view{}, fmt.Errorf("naming where the button leads: %w", err)
		}
		before, after := c.around("leads_to.button", "Host")
		shown.LeadsTo = &leadsTo{Before: strings.TrimSpace(before), Host: host, After: after,
			Text: c.print.Text("leads_to.link", "Host", host)}
	}
	for _, image := range images {
		width, height, err := logoSize(image.PNG)
		if err != nil {
			return view{}, err
		}
		shown.Logo = &logo{
			Source: template.URL("cid:" + image.CID), Alt: made.brand.logoAlt, Width: width, Height: height,
		}
	}
	return shown, nil
}

// addFooter adds what stands below every email.
func (c *Composer) addFooter(shown *view, made content, e Envelope) error {
	for _, page := range []string{e.Footer.Genuine, e.Footer.Report, e.Footer.Suppress} {
		if _, err := webAddress(page); err != nil {
			return fmt.Errorf("linking the pages below the email: %w", err)
		}
	}
	agency, operator := sanitizeLine(e.Agency.Name), sanitizeLine(e.Operator.Name)
	if agency == "" || operator == "" {
		return errors.New("writing the footer: the agency or the operator has no name")
	}
	shown.Parties = c.print.Text("footer.parties", "Agency", agency, "Operator", operator)
	link := func(label, text, url string) footerLink {
		return footerLink{Label: c.print.Text(label), URL: url, Text: c.print.Text(text, "URL", url)}
	}
	shown.Links = []footerLink{
		link("footer.genuine.label", "footer.genuine.text", e.Footer.Genuine),
		link("footer.report.label", "footer.report.text", e.Footer.Report),
	}
	if made.help != "" {
		shown.Links = append(shown.Links, link("footer.help.label", "footer.help.text", made.help))
	}
	shown.Suppress = link("footer.suppress.label", "footer.suppress.text", e.Footer.Suppress)
	return nil
}

//go:embed email.html email.txt
var templates embed.FS

// render makes both parts.
func render(shown view) (html, text string, err error) {
	functions := map[string]any{
		"outlook": func() template.HTML { return forOutlook }, "half": half, "isolate": bidi.Isolate,
	}
	page, err := template.New("email.html").Funcs(functions).ParseFS(templates, "email.html")
	if err != nil {
		return "", "", fmt.Errorf("reading the template: %w", err)
	}
	plain, err := texttemplate.New("email.txt").Funcs(functions).ParseFS(templates, "email.txt")
	if err != nil {
		return "", "", fmt.Errorf("reading the template of the text: %w", err)
	}
	if html, err = filled(page, shown); err != nil {
		return "", "", err
	}
	if text, err = filled(plain, shown); err != nil {
		return "", "", err
	}
	return html, text, nil
}

func filled(page interface{ Execute(io.Writer, any) error }, shown view) (string, error) {
	var out strings.Builder
	if err := page.Execute(&out, shown); err != nil {
		return "", fmt.Errorf("filling the template: %w", err)
	}
	return out.String(), nil
}

// half cuts a code into the two groups it is shown in, without a space
// between them: who copies it copies the digits.
func half(code string, second bool) string {
	if second {
		return code[len(code)/2:]
	}
	return code[:len(code)/2]
}

// forOutlook is for the Outlook that shows mail with Word: html/template would
// drop it as a comment.
const forOutlook template.HTML = `<!--[if mso]><xml><o:OfficeDocumentSettings><o:PixelsPerInch>96` +
	`</o:PixelsPerInch></o:OfficeDocumentSettings></xml><style>body,table,td,h1,a,b,span` +
	`{font-family:"Segoe UI",Arial,sans-serif!important}</style><![endif]-->`
