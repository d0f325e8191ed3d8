package onboarding

import (
	"fmt"
	"math"
	"strings"

	"github.com/lucasb-eyer/go-colorful"
)

// NeutralColour is the colour without white-label: petrol.
const NeutralColour = "#0b6478"

// Palette holds the colours of a brand in one theme, as "#rrggbb".
type Palette struct {
	Fill   string // background of the main button
	OnFill string // text on Fill, contrast at least 4.5:1
	Hover  string // Fill while hovered
	Text   string // links, progress and focus: 5:1 on canvas and surface, 6:1 in the dark theme
	Tint   string // background of a selection
	Border string // of the main button if Fill has too little contrast to the surface; else empty
}

// Palettes holds the colours of a brand in both themes.
type Palettes struct {
	Light, Dark Palette
}

// theme holds the backgrounds of a theme.
type theme struct {
	canvas, surface string
	dark            bool
}

const (
	white = "#ffffff"
	ink   = "#14232b"
)

// DerivePalettes derives all colours of a brand from one, with its hue, such
// that every page is legible. The colour is "#rrggbb"; empty is NeutralColour;
// anything else is an InvalidError.
func DerivePalettes(colour string) (Palettes, error) {
	if colour == "" || strings.EqualFold(colour, NeutralColour) {
		return neutralPalettes(), nil
	}
	base, err := colorful.Hex(colour)
	if err != nil || len(colour) != len(white) {
		return Palettes{}, Invalid("colour", "Enter the colour as # and six digits, like #7A2672.")
	}
	return Palettes{
		Light: derive(base, theme{canvas: "#f5f7f7", surface: white}),
		Dark:  derive(base, theme{canvas: "#0e1518", surface: "#151e22", dark: true}),
	}, nil
}

// neutralPalettes are fixed by the design, not derived.
func neutralPalettes() Palettes {
	return Palettes{
		Light: Palette{Fill: "#0b6478", OnFill: white, Hover: "#08525f", Text: "#0b6478", Tint: "#e6f2f5"},
		Dark:  Palette{Fill: "#5dbccc", OnFill: "#06222a", Hover: "#79cfdd", Text: "#6cc5d4", Tint: "#14303a"},
	}
}

func derive(base colorful.Color, on theme) Palette {
	canvas, surface := hex(on.canvas), hex(on.surface)
	hue := polar(base)

	fill, share, most := hue, 0.07, 0.17
	if on.dark {
		fill.l, fill.c = math.Max(fill.l, 0.76), math.Min(fill.c, 0.12)
		share, most = 0.12, 0.12
	}
	onFill, step := hex(white), -0.05
	if contrast(fill.colour(), onFill) < 4.5 {
		onFill, step = hex(ink), 0.04
	}
	if contrast(fill.colour(), onFill) < 4.5 {
		onFill, step = hex(white), -0.05
		for contrast(fill.colour(), onFill) < 4.5 {
			fill.l -= 0.01
		}
	}
	hover := fill
	hover.l = math.Max(0, math.Min(1, hover.l+step))

	text, need, direction := hue, 5.0, -0.01
	text.c = math.Min(text.c, most)
	if on.dark {
		text.l, need, direction = math.Max(text.l, 0.70), 6, 0.01
	}
	for (contrast(text.colour(), canvas) < need || contrast(text.colour(), surface) < need) && text.l > 0 && text.l < 1 {
		text.l += direction
	}

	shown := fill.colour()
	if fill == hue {
		shown = base // keeps the exact colour that was entered
	}
	palette := Palette{
		Fill:   shown.Hex(),
		OnFill: onFill.Hex(),
		Hover:  hover.colour().Hex(),
		Text:   text.colour().Hex(),
		Tint:   surface.BlendRgb(shown, share).Hex(),
	}
	if contrast(shown, surface) < 3 {
		palette.Border = palette.Text
	}
	return palette
}

type oklch struct{ l, c, h float64 }

func polar(c colorful.Color) oklch {
	l, chroma, h := c.OkLch()
	return oklch{l, chroma, h}
}

// colour returns the nearest colour within sRGB: of the same lightness and hue,
// with the maximal chroma. Clipping the channels would change the hue: amber
// would become brown-red.
func (p oklch) colour() colorful.Color {
	const slack = 0.0005 // an eighth of an 8-bit step: conversions round
	for chroma := p.c; chroma > 0.001; chroma *= 0.95 {
		c := colorful.OkLch(p.l, chroma, p.h)
		if min(c.R, c.G, c.B) >= -slack && max(c.R, c.G, c.B) <= 1+slack {
			return c.Clamped()
		}
	}
	return colorful.OkLch(p.l, 0, p.h).Clamped()
}

// hex parses a constant of this file.
func hex(colour string) colorful.Color {
	c, err := colorful.Hex(colour)
	if err != nil {
		panic(err)
	}
	return c
}

// contrast is the WCAG 2 contrast ratio of the colours, rounded to eight bits.
func contrast(a, b colorful.Color) float64 {
	la, lb := luminance(a), luminance(b)
	return (math.Max(la, lb) + 0.05) / (math.Min(la, lb) + 0.05)
}

func luminance(c colorful.Color) float64 {
	r, g, b := hex(c.Hex()).LinearRgb()
	return 0.2126*r + 0.7152*g + 0.0722*b
}

// CSS returns the style sheet of a brand, served from its own address since
// pages have no inline styles. Print uses the light theme.
func (p Palettes) CSS() []byte {
	return fmt.Appendf(
		nil, ":root{%s}\n@media screen and (prefers-color-scheme:dark){:root{%s}}\n", p.Light.variables(), p.Dark.variables(),
	)
}

func (p Palette) variables() string {
	border := p.Border
	if border == "" {
		border = "transparent"
	}
	return fmt.Sprintf("--b-fill:%s;--b-on:%s;--b-hover:%s;--b-text:%s;--b-tint:%s;--b-line:%s",
		p.Fill, p.OnFill, p.Hover, p.Text, p.Tint, border)
}
