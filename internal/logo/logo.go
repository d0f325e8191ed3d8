// Package logo makes a small PNG in sRGB of the picture that an agency uploads.
//
// It decodes one picture at a time, never one whose size in the header takes
// more than maxMemory, and passes on nothing of a file but its pixels.
package logo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"runtime"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// The limits of an uploaded file and of the PNG that is made of it.
const (
	MaxUpload = 2 << 20
	MaxSize   = 40 << 10
	Width     = 480
	Height    = 160
)

// The limits of a picture: what its decoder allocates, and what takes it long.
const (
	maxMemory = 36 << 20
	maxPixels = 16_000_000
	maxSide   = 10_000
	maxScans  = 100         // of a progressive JPEG
	maxPasses = 200_000_000 // of its scans over all its samples
)

// Fitter makes logos, one at a time: together they need no more memory than one.
// It is safe for concurrent use.
type Fitter struct{ slot chan struct{} }

// NewFitter returns a Fitter. A program has one.
func NewFitter() *Fitter { return &Fitter{slot: make(chan struct{}, 1)} }

// Fit converts a PNG, JPEG or WebP to a PNG in sRGB of at most Width by Height
// and MaxSize bytes: upright, of an animation the first picture. An unsuitable
// file is an InvalidError, and so is every SVG, because SVGs can contain scripts.
// It waits for other pictures no longer than ctx allows.
func (f *Fitter) Fit(ctx context.Context, file []byte) ([]byte, error) {
	if len(file) > MaxUpload {
		return nil, invalid("The file is larger than 2 MB. Choose a smaller one.")
	}
	p, err := inspect(file)
	if err != nil {
		return nil, err
	}
	select {
	case f.slot <- struct{}{}:
		defer func() { <-f.slot }()
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting for another logo: %w", ctx.Err())
	}
	if p.memory > maxMemory/4 {
		defer runtime.GC() // before the next one, so that two are never in memory
	}
	return p.fit()
}

// picture is the header of a file, read before the picture is decoded.
type picture struct {
	format        string
	width, height int
	memory        int64 // bytes that decoding allocates
	scans         int   // of a progressive JPEG
	samples       int   // of all components of a JPEG
	orientation   int   // of EXIF, 1 to 8
	colours       colours
	decode        func() (image.Image, error)
}

// inspect finds out what a file is, and refuses what must not be decoded.
func inspect(file []byte) (picture, error) {
	var p picture
	var whole bool
	switch {
	case bytes.HasPrefix(file, []byte(pngSignature)):
		p, whole = inspectPNG(file)
	case bytes.HasPrefix(file, []byte(jpegSignature)):
		p, whole = inspectJPEG(file)
	case len(file) >= riffHeader && string(file[:4]) == "RIFF" && string(file[8:riffHeader]) == "WEBP":
		p, whole = inspectWebP(file)
	case isSVG(file):
		return p, invalid("An SVG file can contain a program, so it cannot be used. Export the logo as PNG.")
	default:
		return p, invalid("This is no PNG, JPEG or WebP. Export the logo as PNG.")
	}
	switch {
	case !whole || p.width < 1 || p.height < 1:
		return p, damaged(p.format)
	case p.isTooLarge():
		return p, invalid("The picture is too large. Export the logo as PNG with at most 1,500 pixels on each side.")
	}
	return p, nil
}

func (p picture) isTooLarge() bool {
	return p.width > maxSide || p.height > maxSide || p.width*p.height > maxPixels ||
		p.memory > maxMemory || p.scans > maxScans || p.scans > maxPasses/max(1, p.samples)
}

// fit decodes the picture and makes the logo of it.
func (p picture) fit() ([]byte, error) {
	decoded, err := p.decode()
	if err != nil {
		var foreignJPEG jpeg.UnsupportedError
		var foreignPNG png.UnsupportedError
		if errors.As(err, &foreignJPEG) || errors.As(err, &foreignPNG) {
			return nil, invalid("This kind of " + p.format + " cannot be read here. Export the logo as PNG.")
		}
		return nil, damaged(p.format)
	}
	size := fitted(p.width, p.height, 1)
	if p.orientation >= firstTurned {
		turned := fitted(p.height, p.width, 1)
		size = image.Pt(turned.Y, turned.X)
	}
	return encode(orient(p.colours.toSRGB(resample(decoded, size)), p.orientation))
}

func isSVG(file []byte) bool {
	start := bytes.ToLower(file[:min(len(file), 4096)])
	return bytes.Contains(start, []byte("<svg"))
}

func invalid(sentence string) error { return onboarding.Invalid("logo", sentence) }

func damaged(format string) error {
	return invalid("The " + format + " is damaged. Export the logo again.")
}
