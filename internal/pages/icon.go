package pages

import (
	"embed"
	"fmt"
	"html/template"
	"strconv"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// The marks are from simple-icons (CC0); they stay their owners'. A platform
// that is not in that set has a file with its letters.
//
//go:embed icons/*.svg
var marks embed.FS

// icons are Tabler's outlines (MIT), without the square around them, by name
// and size. A name that ends in "+" is filled.
type icons map[drawing]template.HTML

// drawing is what stands where, at which size.
type drawing struct {
	name string
	size int
}

// draw makes every icon in every size once.
func draw() icons {
	drawn := icons{}
	for name, paths := range map[string]string{
		"lock":     `<path d="M5 13a2 2 0 0 1 2-2h10a2 2 0 0 1 2 2v6a2 2 0 0 1-2 2h-10a2 2 0 0 1-2-2v-6M11 16a1 1 0 1 0 2 0a1 1 0 0 0-2 0M8 11v-4a4 4 0 1 1 8 0v4"/>`,
		"users":    `<path d="M5 7a4 4 0 1 0 8 0a4 4 0 1 0-8 0M3 21v-2a4 4 0 0 1 4-4h4a4 4 0 0 1 4 4v2M16 3.13a4 4 0 0 1 0 7.75M21 21v-2a4 4 0 0 0-3-3.85"/>`,
		"check":    `<path d="M5 12l5 5l10-10"/>`,
		"x":        `<path d="M18 6l-12 12M6 6l12 12"/>`,
		"plus":     `<path d="M12 5v14M5 12h14"/>`,
		"minus":    `<path d="M5 12h14"/>`,
		"back":     `<path d="M5 12h14M5 12l6 6M5 12l6-6"/>`,
		"on":       `<path d="M5 12h14M13 18l6-6M13 6l6 6"/>`,
		"clock":    `<path d="M3 12a9 9 0 1 0 18 0a9 9 0 0 0-18 0M12 7v5l3 3"/>`,
		"expired":  `<path d="M20.926 13.15a9 9 0 1 0-7.835 7.784M12 7v5l2 2M22 22l-5-5M17 22l5-5"/>`,
		"pause":    `<path d="M6 6a1 1 0 0 1 1-1h2a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1h-2a1 1 0 0 1-1-1zM14 6a1 1 0 0 1 1-1h2a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1h-2a1 1 0 0 1-1-1z"/>`,
		"info":     `<path d="M3 12a9 9 0 1 0 18 0a9 9 0 0 0-18 0M12 9h.01M11 12h1v4h1"/>`,
		"done":     `<path d="M3 12a9 9 0 1 0 18 0a9 9 0 1 0-18 0M9 12l2 2l4-4"/>`,
		"mail":     `<path d="M3 7a2 2 0 0 1 2-2h14a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2h-14a2 2 0 0 1-2-2zM3 7l9 6l9-6"/>`,
		"undo":     `<path d="M9 14l-4-4l4-4M5 10h11a4 4 0 1 1 0 8h-1"/>`,
		"wait":     `<path d="M6.5 17h11M6 20v-2a6 6 0 1 1 12 0v2a1 1 0 0 1-1 1h-10a1 1 0 0 1-1-1M6 4v2a6 6 0 1 0 12 0v-2a1 1 0 0 0-1-1h-10a1 1 0 0 0-1 1"/>`,
		"print":    `<path d="M17 17h2a2 2 0 0 0 2-2v-4a2 2 0 0 0-2-2h-14a2 2 0 0 0-2 2v4a2 2 0 0 0 2 2h2M17 9v-4a2 2 0 0 0-2-2h-6a2 2 0 0 0-2 2v4M7 15a2 2 0 0 1 2-2h6a2 2 0 0 1 2 2v4a2 2 0 0 1-2 2h-6a2 2 0 0 1-2-2z"/>`,
		"search":   `<path d="M3 10a7 7 0 1 0 14 0a7 7 0 1 0-14 0M21 21l-6-6"/>`,
		"flag":     `<path d="M5 5a5 5 0 0 1 7 0a5 5 0 0 0 7 0v9a5 5 0 0 1-7 0a5 5 0 0 0-7 0zM5 21v-7"/>`,
		"copy":     `<path d="M7 9.667a2.667 2.667 0 0 1 2.667-2.667h8.666a2.667 2.667 0 0 1 2.667 2.667v8.666a2.667 2.667 0 0 1-2.667 2.667h-8.666a2.667 2.667 0 0 1-2.667-2.667zM4.012 16.737a2.005 2.005 0 0 1-1.012-1.737v-10c0-1.1.9-2 2-2h10c.75 0 1.158.385 1.5 1"/>`,
		"shield":   `<path d="M11.46 20.846a12 12 0 0 1-7.96-14.846a12 12 0 0 0 8.5-3a12 12 0 0 0 8.5 3a12 12 0 0 1-.09 7.06M15 19l2 2l4-4"/>`,
		"external": `<path d="M12 6h-6a2 2 0 0 0-2 2v10a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2v-6M11 13l9-9M15 4h5v5"/>`,
		"again":    `<path d="M20 11a8.1 8.1 0 0 0-15.5-2m-.5-4v4h4M4 13a8.1 8.1 0 0 0 15.5 2m.5 4v-4h-4"/>`,
		"bad+":     `<path d="M12 2c5.523 0 10 4.477 10 10a10 10 0 0 1-19.995.324l-.005-.324l.004-.28c.148-5.393 4.566-9.72 9.996-9.72zm.01 13l-.127.007a1 1 0 0 0 0 1.986l.117.007l.127-.007a1 1 0 0 0 0-1.986l-.117-.007zm-.01-8a1 1 0 0 0-.993.883l-.007.117v4l.007.117a1 1 0 0 0 1.986 0l.007-.117v-4l-.007-.117a1 1 0 0 0-.993-.883z"/>`,
		"ok+":      `<path d="M17 3.34a10 10 0 1 1-14.995 8.984l-.005-.324l.005-.324a10 10 0 0 1 14.995-8.336zm-1.293 5.953a1 1 0 0 0-1.32-.083l-.094.083l-3.293 3.292l-1.293-1.292l-.094-.083a1 1 0 0 0-1.403 1.403l.083.094l2 2l.094.083a1 1 0 0 0 1.226 0l.094-.083l4-4l.083-.094a1 1 0 0 0-.083-1.32z"/>`,
	} {
		bare, filled := strings.CutSuffix(name, "+")
		for _, size := range []int{15, 17, 18, 20, 28, 40, 44} {
			drawn[drawing{bare, size}] = template.HTML(svg(paths, size, filled))
		}
	}
	return drawn
}

func svg(paths string, size int, filled bool) string {
	class, side := "i", strconv.Itoa(size)
	if filled {
		class = "i f"
	}
	return `<svg class="` + class + `" width="` + side + `" height="` + side + `" viewBox="0 0 24 24" aria-hidden="true">` + paths + `</svg>`
}

// of gives one icon. Templates and pages are the only callers, so a name or a
// size that is not there is a mistake of ours: the tests see it as an error.
func (i icons) of(name string, size int) (template.HTML, error) {
	found, ok := i[drawing{name, size}]
	if !ok {
		return "", fmt.Errorf("drawing the icon %s at %d: there is none", name, size)
	}
	return found, nil
}

// tiles are the marks of every service in the four sizes that pages use.
type tiles map[drawing]template.HTML

func drawTiles() tiles {
	drawn := tiles{}
	for _, service := range onboarding.Services() {
		for _, size := range []int{24, 26, 34, 44} {
			drawn[drawing{string(service), size}] = tile(service, size)
		}
	}
	return drawn
}

// of gives one tile; a service that a newer relay knows gets a neutral one.
func (t tiles) of(service onboarding.Service, size int) template.HTML {
	if found, ok := t[drawing{string(service), size}]; ok {
		return found
	}
	return tile(service, size)
}

// tile is a service's mark on its colour, or its monogram.
func tile(service onboarding.Service, size int) template.HTML {
	side := strconv.Itoa(size)
	drawn, err := marks.ReadFile("icons/" + string(service) + ".svg")
	if err != nil {
		drawn = []byte("<svg><text>··</text></svg>") // of a newer relay
	}
	_, inside, _ := strings.Cut(string(drawn), ">")
	if _, letters, has := strings.Cut(inside, "<text"); has {
		_, letters, _ = strings.Cut(letters, ">")
		letters, _, _ = strings.Cut(letters, "<")
		return template.HTML(`<span class="pt mono t` + side + `" aria-hidden="true">` + letters + `</span>`)
	}
	return template.HTML(`<svg class="pt" width="` + side + `" height="` + side + `" viewBox="0 0 24 24" aria-hidden="true">` + strings.TrimSpace(inside))
}
