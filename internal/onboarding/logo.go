package onboarding

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	_ "image/jpeg" // registers the format with image.Decode
	"image/png"
	"math"

	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp" // registers the format with image.Decode
)

// The limits of an uploaded logo and of the PNG that is made of it.
const (
	MaxLogoUpload = 2 << 20
	MaxLogoPixels = 16_000_000
	MaxLogo       = 40 << 10
	LogoWidth     = 480
	LogoHeight    = 160
)

// FitLogo converts a PNG, JPEG or WebP to a PNG of at most LogoWidth by
// LogoHeight and MaxLogo bytes. It encodes only the pixels, so that no other
// content of the file is passed on, and checks the header before it decodes. An
// unsuitable file is an InvalidError, and so is every SVG, because SVGs can
// contain scripts.
func FitLogo(file []byte) ([]byte, error) {
	if len(file) > MaxLogoUpload {
		return nil, Invalid("logo", "The file is larger than 2 MB. Choose a smaller one.")
	}
	config, format, err := image.DecodeConfig(bytes.NewReader(file))
	if err != nil {
		if isSVG(file) {
			return nil, Invalid("logo", "An SVG file can contain a program, so it cannot be used. Export the logo as PNG.")
		}
		return nil, Invalid("logo", "This is no PNG, JPEG or WebP. Export the logo as PNG.")
	}
	if config.Width < 1 || config.Height < 1 || config.Width > MaxLogoPixels/config.Height {
		return nil, Invalid("logo", "The picture has more than 16 megapixels. Choose a smaller one.")
	}
	picture, _, err := image.Decode(bytes.NewReader(file))
	if err != nil {
		return nil, Invalid("logo", fmt.Sprintf("The %s is damaged. Export the logo again.", format))
	}
	return fit(picture)
}

// fit tries the best quality first: full size, then fewer shades, then smaller.
// Flat colours stay exact; only photographs lose quality.
func fit(picture image.Image) ([]byte, error) {
	bounds := picture.Bounds()
	scale := math.Min(1, math.Min(LogoWidth/float64(bounds.Dx()), LogoHeight/float64(bounds.Dy())))
	for ; ; scale *= 0.85 {
		size := image.Rect(0, 0, atLeastOne(float64(bounds.Dx())*scale), atLeastOne(float64(bounds.Dy())*scale))
		drawn := image.NewNRGBA(size)
		draw.CatmullRom.Scale(drawn, size, picture, bounds, draw.Src, nil)
		for _, shades := range []uint8{0xff, 0xf8, 0xe0} {
			var encoded bytes.Buffer
			if err := (&png.Encoder{
				CompressionLevel: png.BestCompression,
			}).Encode(&encoded, flattened(drawn, shades)); err != nil {
				return nil, fmt.Errorf("encoding the logo: %w", err)
			}
			if encoded.Len() <= MaxLogo {
				return encoded.Bytes(), nil
			}
		}
	}
}

// flattened rounds each channel to the bits of mask; almost transparent and
// almost opaque pixels become fully so.
func flattened(from *image.NRGBA, mask uint8) *image.NRGBA {
	if mask == 0xff {
		return from
	}
	flat := image.NewNRGBA(from.Bounds())
	for i := 0; i < len(from.Pix); i += 4 {
		pixel := color.NRGBA{R: from.Pix[i], G: from.Pix[i+1], B: from.Pix[i+2], A: from.Pix[i+3]}
		if pixel.A < 16 {
			continue
		}
		flat.Pix[i], flat.Pix[i+1], flat.Pix[i+2], flat.Pix[i+
			3] = step(pixel.R, mask), step(pixel.G, mask), step(pixel.B, mask), step(pixel.A, mask)
	}
	return flat
}

// step rounds a value such that 0 stays 0 and 255 stays 255.
func step(value, mask uint8) uint8 {
	kept := int(value & mask)
	return uint8(kept * 255 / int(mask))
}

func atLeastOne(n float64) int { return max(1, int(math.Round(n))) }

func isSVG(file []byte) bool {
	start := bytes.ToLower(file[:min(len(file), 4096)])
	return bytes.Contains(start, []byte("<svg"))
}
