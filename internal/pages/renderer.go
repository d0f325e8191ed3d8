package pages

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/a-h/templ"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/i18n"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

//go:embed messages
var messages embed.FS

//go:embed style.css
var styleSheet []byte

//go:embed script.js
var script []byte

//go:embed icons/request.svg
var neutralIcon []byte

// Config is what a Renderer is built from.
type Config struct {
	// Catalog has the services' and failures' texts.
	Catalog *catalog.Catalog
	// Base is the address below which the files of Files are served, with a
	// slash at its end. Empty is "/assets/".
	Base string
}

// Renderer renders pages. It is built once and used by every goroutine.
type Renderer struct {
	style    File
	script   File
	icon     File // in the browser's tab, without a brand
	catalog  *catalog.Catalog
	tiles    map[tileOf]rendered
	print    *i18n.Printer
	buffers  sync.Pool
	messages map[string]*htmlMessage // by id
}

// File is one of the few files that pages refer to. Its address carries the
// digest of its body, so it may be cached for ever.
type File struct {
	Address string
	Type    string
	Body    []byte
}

// New returns a Renderer.
func New(c Config) (*Renderer, error) {
	printer, err := i18n.New(i18n.English, messages)
	if err != nil {
		return nil, fmt.Errorf("reading the pages' messages: %w", err)
	}
	inHTML, err := htmlMessages(printer)
	if err != nil {
		return nil, err
	}
	if c.Base == "" {
		c.Base = "/assets/"
	}
	tiles, err := renderTiles(c.Catalog)
	if err != nil {
		return nil, err
	}
	return &Renderer{
		tiles:    tiles,
		print:    printer,
		messages: inHTML,
		style:    file(c.Base, "style", "css", "text/css; charset=utf-8", styleSheet),
		script:   file(c.Base, "script", "js", "text/javascript; charset=utf-8", script),
		icon:     file(c.Base, "request", "svg", "image/svg+xml", neutralIcon),
		catalog:  c.Catalog,
		buffers:  sync.Pool{New: func() any { return new(bytes.Buffer) }},
	}, nil
}

func file(base, name, extension, kind string, body []byte) File {
	digest := sha256.Sum256(body)
	return File{
		Address: base + name + "-" + base64.RawURLEncoding.EncodeToString(digest[:6]) + "." + extension,
		Type:    kind,
		Body:    body,
	}
}

// Files are what the pages of this Renderer refer to: style sheet, script and
// icon. The caller serves these at their addresses.
func (r *Renderer) Files() []File { return []File{r.style, r.script, r.icon} }

// Render writes the whole page in one Write. When it fails before that,
// nothing was written.
func (r *Renderer) Render(w io.Writer, p Page) error {
	page := r.buffers.Get().(*bytes.Buffer)
	defer r.buffers.Put(page)
	page.Reset()
	if err := r.document(p, p.frame(), p.layout(r)).Render(context.Background(), page); err != nil {
		return fmt.Errorf("rendering the page %T: %w", p, err)
	}
	page.WriteByte('\n')
	if _, err := w.Write(page.Bytes()); err != nil {
		return fmt.Errorf("writing the page %T: %w", p, err)
	}
	return nil
}

// RenderFile writes a receipt as one file to keep, as Render does.
func (r *Renderer) RenderFile(w io.Writer, p Receipt) error {
	p.Keep, p.Before, p.After = "", "", ""
	var file bytes.Buffer // larger than a page: none to keep
	if err := p.file(r, p.frame()).Render(context.Background(), &file); err != nil {
		return fmt.Errorf("rendering a receipt's file: %w", err)
	}
	if _, err := w.Write(file.Bytes()); err != nil {
		return fmt.Errorf("writing a receipt's file: %w", err)
	}
	return nil
}

// service describe a service as a request asks for it.
func (r *Renderer) service(asked catalog.Asked, service onboarding.Service) catalog.Service {
	return r.catalog.ServiceFor(asked, service)
}

// tileOf names a tile. The one without a service stands for those that only a
// newer relay has.
type tileOf struct {
	service onboarding.Service
	size    int
}

// tileSizes are the sizes that pages show tiles in.
func tileSizes() []int { return []int{24, 26, 34, 44} }

// renderTiles renders the tiles of all services, in each size.
func renderTiles(c *catalog.Catalog) (map[tileOf]rendered, error) {
	marks := map[onboarding.Service]drawing{"": unknownMark}
	if c != nil {
		for _, service := range c.Services() {
			marks[service.ID] = drawing(c.Icon(service.ID))
		}
	}
	tiles := map[tileOf]rendered{}
	for service, mark := range marks {
		for _, size := range tileSizes() {
			var tile strings.Builder
			if err := markTile(mark, size).Render(context.Background(), &tile); err != nil {
				return nil, fmt.Errorf("rendering the tile of %s: %w", service, err)
			}
			tiles[tileOf{service, size}] = rendered(tile.String())
		}
	}
	return tiles, nil
}

// tile shows a service's mark; size is one of tileSizes.
func (r *Renderer) tile(service onboarding.Service, size int) templ.Component {
	if tile, known := r.tiles[tileOf{service, size}]; known {
		return tile
	}
	return r.tiles[tileOf{"", size}]
}

// tabIcon is the address of the icon in the browser's tab.
func (r *Renderer) tabIcon(f *Frame) string {
	if f.Branded && f.Logo != "" {
		return f.Logo
	}
	return r.icon.Address
}
