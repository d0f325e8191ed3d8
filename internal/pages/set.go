package pages

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

//go:embed templates/*.html
var templates embed.FS

//go:embed style.css
var styleSheet []byte

//go:embed script.js
var script []byte

//go:embed icons/request.svg
var neutralIcon []byte

// Config says how a Set is built.
type Config struct {
	// Base is the address below which the files of Files are served, with a
	// slash at its end. Empty is "/assets/".
	Base string
}

// Set renders pages. It is built once and used by every goroutine.
type Set struct {
	tmpl    *template.Template
	files   []File
	head    string // what every head has besides title and brand
	icon    string // address of the tab's icon without a brand
	icons   icons
	tiles   tiles
	states  map[onboarding.ItemState]string
	asks    map[onboarding.Service]string
	landing landing
	buffers sync.Pool
}

// File is one of the few files that pages refer to. Its address carries the
// digest of its body, so it may be kept for ever.
type File struct {
	Address string
	Type    string
	Body    []byte
}

// New reads the templates. They are part of the program, so one that does not
// parse is a mistake of ours that the first test finds: New panics then.
func New(c Config) *Set {
	if c.Base == "" {
		c.Base = "/assets/"
	}
	s := &Set{
		icons:   draw(),
		tiles:   drawTiles(),
		states:  map[onboarding.ItemState]string{},
		asks:    map[onboarding.Service]string{},
		buffers: sync.Pool{New: func() any { return new(bytes.Buffer) }},
	}
	for _, state := range []onboarding.ItemState{"", onboarding.ItemSharing, onboarding.ItemConnected, onboarding.ItemWaiting, onboarding.ItemFailed} {
		s.states[state] = string(s.stateWord(state))
	}
	s.landing = drawLanding(s.icons)
	for _, service := range onboarding.Services() {
		s.asks[service] = askRow(service, catalog.Asked{})
	}
	style := file(c.Base, "style", "css", "text/css; charset=utf-8", styleSheet)
	code := file(c.Base, "script", "js", "text/javascript; charset=utf-8", script)
	icon := file(c.Base, "request", "svg", "image/svg+xml", neutralIcon)
	s.files, s.icon = []File{style, code, icon}, icon.Address
	s.head = `<link rel="stylesheet" href="` + style.Address + `"><script src="` + code.Address + `" defer></script>`
	s.tmpl = template.New("").Funcs(s.functions())
	for _, name := range []string{"parts", "start", "facebook", "crm", "finish", "end"} {
		source, err := templates.ReadFile("templates/" + name + ".html")
		if err != nil {
			panic(err) // the file is part of the program
		}
		template.Must(s.tmpl.Parse(s.drawn(string(source))))
	}
	return s
}

// drawn puts every icon whose name is written out in a template into its text,
// once. Called while a page is rendered, each would cost a call by reflection
// and a walk through the escaper for the same bytes every time.
func (s *Set) drawn(source string) string {
	return regexp.MustCompile(`{{(icon|tile) "([a-z]+)" (\d+)}}`).ReplaceAllStringFunc(source, func(call string) string {
		words := strings.Fields(strings.Trim(call, "{}"))
		name := strings.Trim(words[1], `"`)
		size, err := strconv.Atoi(words[2])
		if err != nil {
			panic(err) // the pattern lets digits through only
		}
		if words[0] == "tile" {
			return string(s.tiles.of(onboarding.Service(name), size))
		}
		drawing, err := s.icons.of(name, size)
		if err != nil {
			panic(err)
		}
		return string(drawing)
	})
}

func file(base, name, extension, kind string, body []byte) File {
	digest := sha256.Sum256(body)
	return File{
		Address: base + name + "-" + base64.RawURLEncoding.EncodeToString(digest[:6]) + "." + extension,
		Type:    kind,
		Body:    body,
	}
}

// Files are what the pages of this Set refer to. Whoever serves the pages
// serves these at their addresses.
func (s *Set) Files() []File { return s.files }

// Render writes the whole page in one Write. When it fails before that,
// nothing was written.
func (s *Set) Render(w io.Writer, p Page) error {
	page := s.buffers.Get().(*bytes.Buffer)
	defer s.buffers.Put(page)
	page.Reset()

	frame, look := p.frame(), p.layout()
	s.top(page, frame, look)
	var err error
	if byHand, ok := p.(written); ok {
		err = byHand.write(s, page)
	} else {
		err = s.tmpl.ExecuteTemplate(page, look.template, p)
	}
	if err != nil {
		return fmt.Errorf("rendering the page %T: %w", p, err)
	}
	s.bottom(page, frame, look)
	if _, err := w.Write(page.Bytes()); err != nil {
		return fmt.Errorf("writing the page %T: %w", p, err)
	}
	return nil
}

// functions are what the templates call.
func (s *Set) functions() template.FuncMap {
	return template.FuncMap{
		"icon":       s.icons.of,
		"tile":       s.tiles.of,
		"service":    catalog.Of,
		"state":      func(state onboarding.ItemState) template.HTML { return template.HTML(s.states[state]) },
		"kind":       catalog.Kind,
		"when":       catalog.DayAndTime,
		"count":      catalog.Count,
		"list":       catalog.List,
		"grouped":    catalog.Grouped,
		"first":      catalog.FirstName,
		"mask":       onboarding.MaskAddress,
		"initials":   initials,
		"add":        func(a, b int) int { return a + b },
		"fielderror": func(field, sentence string) fieldError { return fieldError{field, sentence} },
	}
}

// fieldError is what the template below a field needs.
type fieldError struct{ Field, Sentence string }

// initials are the first letters of the first and the last name.
func initials(name string) string {
	words := strings.Fields(name)
	if len(words) == 0 {
		return ""
	}
	first, _ := utf8.DecodeRuneInString(words[0])
	if len(words) == 1 {
		return strings.ToUpper(string(first))
	}
	last, _ := utf8.DecodeRuneInString(words[len(words)-1])
	return strings.ToUpper(string(first) + string(last))
}

// capitalised begins our own words with a capital letter.
func capitalised(words string) string {
	if words == "" {
		return ""
	}
	return strings.ToUpper(words[:1]) + words[1:]
}
