package mail

import (
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"strings"
	texttemplate "text/template"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// sheet is a letter's content in its order, before HTML and text are made of
// it. Both are made of the same sheet, so they say the same in the same order.
type sheet struct {
	brand     brand
	subject   string
	replyTo   string
	preheader string   // what a list of mails shows after the subject
	headline  []string // broken here if it has to be
	blocks    []block
	leads     string // the address whose host "The button leads to" names; empty: it is not said
	note      string
	why       string // it came
	help      string // the operator's page for members; empty: none
	automatic bool
}

// block is one part of a letter. One field of it is set.
type block struct {
	Lead    []string // our own words, in paragraphs
	Message []string // a requester's words, in lines
	Button  *button
	Facts   []fact
	Rows    []row
	Code    string
}

// button leads somewhere. A small one is not what the letter is about.
type button struct {
	Label, URL string
	Small      bool
}

type fact struct{ Name, Value string }

// brand is how a letter looks.
type brand struct {
	sender   string // in From
	title    string // beside the logo
	logo     []byte // nil: none
	logoAlt  string
	palettes onboarding.Palettes
	own      bool // Latchkey's
}

// agencyBrand is what a client sees: the agency's own, or the neutral one.
func agencyBrand(agency onboarding.Agency) brand {
	company := line(agency.CompanyName())
	palettes, err := onboarding.DerivePalettes("")
	if !agency.Brand.On {
		return brand{sender: company, title: onboarding.NeutralTitle, palettes: palettes}
	}
	if own, err2 := onboarding.DerivePalettes(agency.Brand.Colour); err == nil && err2 == nil {
		palettes = own // a colour that is none must not hold up a letter: petrol is legible
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
	Host      string // where the button leads; empty: not said
	Note      string
	Agency    string
	Operator  string
	Pages     Pages
	Why       string
	Help      string
	Own       bool
	Light     onboarding.Palette
	Dark      onboarding.Palette
}

type logo struct {
	Source        template.URL // cid: is none of the schemes the template knows
	Alt           string
	Width, Height int
}

func (s sheet) view(head Head, images []Image) (view, error) {
	shown := view{
		Subject: s.subject, Preheader: s.preheader, Title: s.brand.title, Headline: s.headline, Blocks: s.blocks,
		Note: s.note, Agency: line(head.Agency.Name), Operator: line(head.Operator.Name), Pages: head.Pages,
		Why: s.why, Help: s.help, Own: s.brand.own, Light: s.brand.palettes.Light, Dark: s.brand.palettes.Dark,
	}
	for _, page := range []string{head.Pages.Genuine, head.Pages.Report, head.Pages.NotForMe} {
		if _, err := webAddress(page); err != nil {
			return view{}, fmt.Errorf("linking the pages below the letter: %w", err)
		}
	}
	for _, b := range s.blocks {
		if b.Button != nil {
			if _, err := webAddress(b.Button.URL); err != nil {
				return view{}, fmt.Errorf("linking %q: %w", b.Button.Label, err)
			}
		}
	}
	if s.leads != "" {
		host, err := webAddress(s.leads)
		if err != nil {
			return view{}, fmt.Errorf("naming where the button leads: %w", err)
		}
		shown.Host = host
	}
	for _, image := range images {
		width, height, err := logoSize(image.PNG)
		if err != nil {
			return view{}, err
		}
		shown.Logo = &logo{Source: template.URL("cid:" + image.CID), Alt: s.brand.logoAlt, Width: width, Height: height}
	}
	if shown.Agency == "" || shown.Operator == "" {
		return view{}, errors.New("writing the quiet line: the agency or the operator has no name")
	}
	for i, b := range shown.Blocks {
		if more := len(b.Rows) - maxRows; more > 0 {
			shown.Blocks[i].Rows = append(b.Rows[:maxRows:maxRows], row{
				Name: fmt.Sprintf("And %d more", more), Detail: "All of them are on the page", Tone: "rest",
			})
		}
	}
	return shown, nil
}

//go:embed letter.html letter.txt
var templates embed.FS

// render makes both parts.
func render(shown view) (html, text string, err error) {
	functions := map[string]any{
		"outlook": func() template.HTML { return forOutlook },
		"half":    func(code string, second bool) string { return half(code, second) },
	}
	page, err := template.New("letter.html").Funcs(functions).ParseFS(templates, "letter.html")
	if err != nil {
		return "", "", fmt.Errorf("reading the template: %w", err)
	}
	plain, err := texttemplate.New("letter.txt").Funcs(functions).ParseFS(templates, "letter.txt")
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
const forOutlook template.HTML = `<!--[if mso]><xml><o:OfficeDocumentSettings><o:PixelsPerInch>96</o:PixelsPerInch></o:OfficeDocumentSettings></xml><style>body,table,td,h1,a,b,span{font-family:"Segoe UI",Arial,sans-serif!important}</style><![endif]-->`
