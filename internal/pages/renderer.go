package pages

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"io"
	"sync"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

//go:embed style.css
var styleSheet []byte

//go:embed script.js
var script []byte

//go:embed icons/request.svg
var neutralIcon []byte

// Config says how a Renderer is built.
type Config struct {
	// Base is the address below which the files of Files are served, with a
	// slash at its end. Empty is "/assets/".
	Base string
}

// Renderer renders pages. It is built once and used by every goroutine.
type Renderer struct {
	style   File
	script  File
	icon    File // in the browser's tab, without a brand
	marks   map[onboarding.Service]drawing
	usual   map[onboarding.Service]catalog.Service // as most requests ask for them
	buffers sync.Pool
}

// File is one of the few files that pages refer to. Its address carries the
// digest of its body, so it may be cached for ever.
type File struct {
	Address string
	Type    string
	Body    []byte
}

// New returns a Renderer.
func New(c Config) *Renderer {
	if c.Base == "" {
		c.Base = "/assets/"
	}
	r := &Renderer{
		style:   file(c.Base, "style", "css", "text/css; charset=utf-8", styleSheet),
		script:  file(c.Base, "script", "js", "text/javascript; charset=utf-8", script),
		icon:    file(c.Base, "request", "svg", "image/svg+xml", neutralIcon),
		marks:   map[onboarding.Service]drawing{},
		usual:   map[onboarding.Service]catalog.Service{},
		buffers: sync.Pool{New: func() any { return new(bytes.Buffer) }},
	}
	for _, service := range onboarding.Services() {
		r.marks[service] = readMark(service)
		r.usual[service] = catalog.Of(service)
	}
	return r
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
// icon. Whoever serves the pages serves these at their addresses.
func (r *Renderer) Files() []File { return []File{r.style, r.script, r.icon} }

// Render writes the whole page in one Write. When it fails before that,
// nothing was written.
func (r *Renderer) Render(w io.Writer, p Page) error {
	page := r.buffers.Get().(*bytes.Buffer)
	defer r.buffers.Put(page)
	page.Reset()
	if err := r.document(p, p.frame(), p.layout()).Render(context.Background(), page); err != nil {
		return fmt.Errorf("rendering the page %T: %w", p, err)
	}
	page.WriteByte('\n')
	if _, err := w.Write(page.Bytes()); err != nil {
		return fmt.Errorf("writing the page %T: %w", p, err)
	}
	return nil
}

// words describe a service as a request asks for it.
func (r *Renderer) words(asked catalog.Asked, service onboarding.Service) catalog.Service {
	if words, known := r.usual[service]; known && asked.Usual() {
		return words
	}
	return asked.Of(service)
}

func (r *Renderer) mark(service onboarding.Service) drawing {
	if mark, known := r.marks[service]; known {
		return mark
	}
	return unknownMark
}

// tabIcon is the address of the icon in the browser's tab.
func (r *Renderer) tabIcon(f *Frame) string {
	if f.Branded && f.Logo != "" {
		return f.Logo
	}
	return r.icon.Address
}
