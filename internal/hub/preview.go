package hub

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/hub/outbox"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/mail"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// PreviewKind is what a preview shows.
type PreviewKind string

// The kinds of previews.
const (
	PreviewEmail   PreviewKind = "email"
	PreviewLanding PreviewKind = "landing"
	PreviewWizard  PreviewKind = "wizard" // the first page behind the landing page
)

// PreviewParams names an existing request, or holds an unsaved form.
type PreviewParams struct {
	Kind    PreviewKind
	Request string
	Form    outbox.RequestForm
	// Brand is an unsaved brand; nil: the agency's current one. On shows it as
	// switched on.
	Brand *wire.SaveBrandParams
	On    bool
}

// Preview is an email or a page as the relay would send or serve it.
type Preview struct {
	HTML    []byte
	From    string // of an email: the displayed sender
	ReplyTo string
	Subject string
	Logo    []byte // of an unsaved brand, as it will be; nil: none was uploaded
}

// Preview renders the same structs as the relay, with the same packages: for a
// stored request the bytes are equal. An invalid unsaved brand is an
// InvalidError.
func (h *Hub) Preview(ctx context.Context, params PreviewParams) (made Preview, err error) {
	p, err := h.previewing(ctx, params)
	if err != nil {
		return Preview{}, fmt.Errorf("preparing a preview: %w", err)
	}
	defer func() { made.Logo = p.uploaded }()
	if p.relay.Operator == "" { // every email and page names the operator
		return Preview{}, fmt.Errorf("preparing a preview: nothing is known of the relay yet: %w", onboarding.ErrUnavailable)
	}
	switch params.Kind {
	case PreviewEmail:
		return p.email()
	case PreviewLanding, PreviewWizard:
		return p.page(params.Kind)
	}
	return Preview{}, fmt.Errorf("preparing a preview of %q: %w", params.Kind, onboarding.ErrInvalid)
}

// previewed holds the data of one preview.
type previewed struct {
	pages     *pages.Renderer
	composer  *mail.Composer
	agency    onboarding.Agency
	requester onboarding.Member
	request   onboarding.Request
	uploaded  []byte // the logo of an unsaved brand
	relay     wire.RelayResult
	base      *url.URL // the relay's public address
	now       onboarding.Timestamp
}

func (h *Hub) previewing(ctx context.Context, params PreviewParams) (previewed, error) {
	preview := previewed{now: h.now(), pages: h.pages, composer: h.composer}
	var err error
	if preview.agency, err = replica.ReadAgency(ctx, h.Replica.DB()); err != nil {
		return preview, err
	}
	if preview.relay, err = h.Replica.Relay(ctx); err != nil {
		return preview, err
	}
	id := h.session.Identity()
	address := preview.relay.Address
	if address == "" {
		address = id.Address
	}
	if preview.base, err = url.Parse(address); err != nil {
		return preview, fmt.Errorf("reading the relay's address: %w", err)
	}
	owner := id.Member
	if params.Request != "" {
		r, err := replica.ReadRequestState(ctx, h.Replica.DB(), params.Request)
		if err != nil {
			return preview, err
		}
		preview.request, owner = r.Request, r.Owner
	} else {
		preview.request = onboarding.Request{
			Client: strings.TrimSpace(params.Form.Client), Message: strings.TrimSpace(params.Form.Message),
			Services: h.Replica.Catalog().Sort(params.Form.Services),
			Kinds:    onboarding.SortKinds(params.Form.Kinds), Level: params.Form.Level, ByHand: params.Form.ByHand}
	}
	if preview.request.Client == "" {
		preview.request.Client = "your client"
	}
	if preview.request.Expires == 0 {
		preview.request.Expires = onboarding.LinkEnds(preview.now)
	}
	if preview.request.Link == "" {
		preview.request.Link = strings.TrimSuffix(preview.base.String(), "/") + "/r/preview"
	}
	if preview.requester, err = replica.ReadMember(ctx, h.Replica.DB(), owner); err != nil &&
		!errors.Is(err, onboarding.ErrNotFound) {
		return preview, err
	}
	if params.Brand != nil {
		if len(params.Brand.Logo) > 0 {
			if preview.uploaded, err = h.logos.Fit(ctx, params.Brand.Logo); err != nil {
				return preview, err
			}
		}
		return preview, preview.applyBrand(*params.Brand, params.On, h.Replica.Catalog().ServiceNames())
	}
	return preview, nil
}

// applyBrand applies an unsaved brand, validated as on the relay.
func (p *previewed) applyBrand(params wire.SaveBrandParams, on bool, services []string) error {
	brand := &p.agency.Brand
	company, err := onboarding.ValidateCompany(params.Company, services)
	if err != nil {
		return err
	}
	if _, err := onboarding.DerivePalettes(params.Colour); err != nil {
		return err
	}
	brand.Company, brand.Colour, brand.ShowRequester = company, params.Colour, params.ShowRequester
	if p.uploaded != nil || !params.KeepLogo {
		brand.Logo = p.uploaded
	}
	brand.On = on && len(brand.Logo) > 0
	return nil
}

func (p previewed) email() (Preview, error) {
	below := strings.TrimSuffix(p.base.String(), "/") + "/l/preview/"
	from := p.relay.MailFrom
	if from == "" {
		from = "requests@" + p.base.Hostname()
	}
	message, err := p.composer.Compose(mail.Invitation{
		Envelope: mail.Envelope{
			ID: "preview", Date: p.now, To: "name@company.example", Agency: p.agency,
			Operator: mail.Operator{Name: p.relay.Operator, From: from},
			Footer:   mail.FooterLinks{Genuine: below + "genuine", Report: below + "report", Suppress: below + "not-for-me"},
		},
		Requester: p.requester, Message: p.request.Message, Services: p.request.Services,
		Asked: catalog.AskedBy(p.request), Expires: p.request.Expires, Link: onboarding.NewSecret(p.request.Link),
	})
	if err != nil {
		return Preview{}, fmt.Errorf("preparing a preview: %w", err)
	}
	return Preview{
		HTML: []byte(message.Standalone()), From: message.From.Name, ReplyTo: message.ReplyTo, Subject: message.Subject,
	}, nil
}

// Paths of the relay's files that pages link.
const (
	assetsPath = "/assets/"
	brandPath  = "/brand/"
	logoPath   = "/logo/"
)

func (p previewed) frame() (pages.Frame, error) {
	link, err := url.Parse(p.request.Link)
	if err != nil {
		return pages.Frame{}, fmt.Errorf("reading the link: %w", err)
	}
	own := link.Path
	f := pages.Frame{
		Host: p.base.Host, Operator: p.relay.Operator, Company: p.agency.CompanyName(), Agency: p.agency.Name,
		Help: own + "/help", Genuine: own + "/genuine", Report: own + "/report", ReplyTo: p.agency.Brand.ReplyTo,
		Documents: pages.Documents(), Expires: p.request.Expires,
	}
	if brand := p.agency.Brand; brand.On {
		f.Branded = true
		if len(brand.Logo) > 0 {
			f.Logo = logoPath + p.agency.ID + "/" + digest(brand.Logo) + ".png"
		}
		if digits, found := strings.CutPrefix(strings.ToLower(brand.Colour), "#"); found {
			f.Style = brandPath + digits + ".css"
		}
	}
	return f, nil
}

func digest(file []byte) string {
	sum := sha256.Sum256(file)
	return hex.EncodeToString(sum[:9])
}

func (p previewed) page(what PreviewKind) (Preview, error) {
	f, err := p.frame()
	if err != nil {
		return Preview{}, err
	}
	own := strings.TrimSuffix(f.Help, "/help")
	var page pages.Page
	if what == PreviewWizard {
		f.Steps = pages.Progress(p.request.Services, pages.StepAboutYou)
		page = pages.AboutYou{Frame: f, Services: p.request.Services, Post: own + "/about"}
	} else {
		landing := pages.Landing{Frame: f, Client: p.request.Client, Message: p.request.Message, Services: p.request.Services,
			Asked: catalog.AskedBy(p.request), Post: own, Decline: own + "/decline"}
		if p.agency.Brand.ShowRequester {
			landing.Requester = p.requester.Name
		}
		page = landing
	}
	var out bytes.Buffer
	if err := p.pages.Render(&out, page); err != nil {
		return Preview{}, fmt.Errorf("preparing a preview: %w", err)
	}
	return Preview{HTML: out.Bytes()}, nil
}

// previewsKept bounds the prepared previews; the oldest are dropped.
const previewsKept = 40

// Previews serves prepared previews below /preview/, for a frame of the screens.
type Previews struct {
	hub   *Hub
	files map[string]pages.File

	mu    sync.Mutex
	kept  map[string][]byte
	order []string
	logos map[string][]byte // by digest, of unsaved brands
}

// NewPreviews serves the previews of one hub.
func NewPreviews(h *Hub) *Previews {
	p := &Previews{hub: h, files: map[string]pages.File{}, kept: map[string][]byte{}, logos: map[string][]byte{}}
	for _, file := range h.pages.Files() {
		p.files[file.Address] = file
	}
	return p
}

// The themes of a preview, independent of the app's own.
const (
	lightTheme = "/light"
	darkTheme  = "/dark"
)

// Prepare renders a preview and returns its address, in light or dark.
func (p *Previews) Prepare(
	ctx context.Context, params PreviewParams, dark bool,
) (address string, made Preview, err error) {
	if made, err = p.hub.Preview(ctx, params); err != nil {
		return "", made, err
	}
	id := rand.Text()
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.order) == previewsKept {
		delete(p.kept, p.order[0])
		p.order = p.order[1:]
	}
	p.kept[id], p.order = made.HTML, append(p.order, id)
	if made.Logo != nil {
		if len(p.logos) == previewsKept {
			p.logos = map[string][]byte{}
		}
		p.logos[digest(made.Logo)] = made.Logo
	}
	if dark {
		return "/preview" + darkTheme + "/" + id, made, nil
	}
	return "/preview" + lightTheme + "/" + id, made, nil
}

// previewPolicy lets a preview load its styles and images and run no script.
// Emails have inline styles and images.
const previewPolicy = "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; " +
	"form-action 'none'; frame-ancestors 'self'"

// ServeHTTP serves everything below /preview/.
func (p *Previews) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Security-Policy", previewPolicy)
	header.Set("X-Content-Type-Options", "nosniff")
	path := strings.TrimPrefix(r.URL.Path, "/preview")
	theme := lightTheme
	if rest, found := strings.CutPrefix(path, darkTheme); found {
		theme, path = darkTheme, rest
	} else {
		path = strings.TrimPrefix(path, lightTheme)
	}
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		http.Error(w, "Previews are only looked at.", http.StatusMethodNotAllowed)
	case strings.HasPrefix(path, assetsPath):
		p.serveFile(w, r, path, theme)
	case strings.HasPrefix(path, brandPath):
		serveBrand(w, r, path, theme)
	case strings.HasPrefix(path, logoPath):
		p.serveLogo(w, r, path)
	default:
		p.mu.Lock()
		page, found := p.kept[strings.TrimPrefix(path, "/")]
		p.mu.Unlock()
		if !found {
			http.NotFound(w, r)
			return
		}
		header.Set("Content-Type", "text/html; charset=utf-8")
		header.Set("Cache-Control", "no-store")
		// Rewrite the relay's file paths: here they are below /preview.
		for _, of := range []string{assetsPath, brandPath, logoPath} {
			page = bytes.ReplaceAll(page, []byte(`="`+of), []byte(`="/preview`+theme+of))
		}
		_, _ = w.Write(inTheme(page, theme)) // the frame may be gone
	}
}

// inTheme replaces prefers-color-scheme queries by the theme that is shown.
func inTheme(text []byte, theme string) []byte {
	yes, no := "(min-width:0)", "(max-width:0)"
	dark, light, name := no, yes, "light"
	if theme == darkTheme {
		dark, light, name = yes, no, "dark"
	}
	for _, space := range []string{"", " "} {
		text = bytes.ReplaceAll(text, []byte("(prefers-color-scheme:"+space+"dark)"), []byte(dark))
		text = bytes.ReplaceAll(text, []byte("(prefers-color-scheme:"+space+"light)"), []byte(light))
		text = bytes.ReplaceAll(text, []byte("color-scheme:"+space+"light dark"), []byte("color-scheme:"+name))
	}
	return bytes.ReplaceAll(text, []byte(`content="light dark"`), []byte(`content="`+name+`"`))
}

func (p *Previews) serveFile(w http.ResponseWriter, r *http.Request, path, theme string) {
	file, found := p.files[path]
	if !found {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", file.Type)
	_, _ = w.Write(inTheme(file.Body, theme)) // the frame may be gone
}

func serveBrand(w http.ResponseWriter, r *http.Request, path, theme string) {
	digits := strings.TrimSuffix(strings.TrimPrefix(path, brandPath), ".css")
	palettes, err := onboarding.DerivePalettes("#" + digits)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	_, _ = w.Write(inTheme(palettes.CSS(), theme)) // the frame may be gone
}

func (p *Previews) serveLogo(w http.ResponseWriter, r *http.Request, path string) {
	name := strings.TrimSuffix(path[strings.LastIndexByte(path, '/')+1:], ".png")
	p.mu.Lock()
	logo, found := p.logos[name]
	p.mu.Unlock()
	if !found {
		agency, err := p.hub.Replica.Agency(r.Context())
		if err != nil || len(agency.Brand.Logo) == 0 || digest(agency.Brand.Logo) != name {
			http.NotFound(w, r)
			return
		}
		logo = agency.Brand.Logo
	}
	w.Header().Set("Content-Type", "image/png")
	_, _ = w.Write(logo) // the frame may be gone
}

// LogoAddress returns the preview address of the agency's logo; empty: it has
// none.
func (p *Previews) LogoAddress(agency onboarding.Agency) string {
	if len(agency.Brand.Logo) == 0 {
		return ""
	}
	return "/preview" + logoPath + agency.ID + "/" + digest(agency.Brand.Logo) + ".png"
}
