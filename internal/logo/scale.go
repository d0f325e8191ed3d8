package logo

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
)

// fitted is the size of a picture that fits, scaled further if scale is below 1.
func fitted(width, height int, scale float64) image.Point {
	scale *= min(1, Width/float64(width), Height/float64(height))
	return image.Pt(atLeastOne(float64(width)*scale), atLeastOne(float64(height)*scale))
}

// resample makes a picture smaller: each pixel is the mean of what it covers. It reads
// every pixel once and allocates nothing but its result, of the bounds from (0, 0).
func resample(from image.Image, size image.Point) *image.RGBA64 {
	bounds := from.Bounds()
	small := image.NewRGBA64(image.Rectangle{Max: size})
	at := pixelsOf(from)
	for y := range size.Y {
		down := span{y, size.Y, bounds.Dy()}
		for x := range size.X {
			small.SetRGBA64(x, y, mean(at, bounds.Min, span{x, size.X, bounds.Dx()}, down))
		}
	}
	return small
}

// span is the part of length pixels in a line that one of parts covers.
type span struct{ part, parts, length int }

// ends are its first pixel and the one after its last.
func (s span) ends() (first, end int) {
	return s.part * s.length / s.parts, ceil((s.part+1)*s.length, s.parts)
}

// weight is how much of a pixel it covers, in parts of one.
func (s span) weight(pixel int) uint64 {
	return uint64(min((pixel+1)*s.parts, (s.part+1)*s.length) - max(pixel*s.parts, s.part*s.length))
}

func mean(at func(x, y int) color.RGBA64, origin image.Point, across, down span) color.RGBA64 {
	var r, g, b, a uint64
	left, right := across.ends()
	top, bottom := down.ends()
	for y := top; y < bottom; y++ {
		rows := down.weight(y)
		for x := left; x < right; x++ {
			pixel, weight := at(origin.X+x, origin.Y+y), rows*uint64(across.parts)
			if x == left || x == right-1 { // the others are covered wholly
				weight = rows * across.weight(x)
			}
			r, g, b, a = r+weight*uint64(pixel.R), g+weight*uint64(pixel.G), b+weight*uint64(pixel.B), a+weight*uint64(pixel.A)
		}
	}
	whole := uint64(across.length) * uint64(down.length)
	return color.RGBA64{
		R: uint16((r + whole/2) / whole), G: uint16((g + whole/2) / whole),
		B: uint16((b + whole/2) / whole), A: uint16((a + whole/2) / whole),
	}
}

// pixelsOf reads pixels without allocating one. Those of a CMYK picture are its
// four inks: red is cyan, green magenta, blue yellow and alpha black.
func pixelsOf(from image.Image) func(x, y int) color.RGBA64 {
	switch from := from.(type) {
	case *image.CMYK:
		return (&image.RGBA{Pix: from.Pix, Stride: from.Stride, Rect: from.Rect}).RGBA64At
	case image.RGBA64Image:
		return from.RGBA64At
	}
	return func(x, y int) color.RGBA64 {
		r, g, b, a := from.At(x, y).RGBA()
		return color.RGBA64{R: uint16(r), G: uint16(g), B: uint16(b), A: uint16(a)}
	}
}

// encode tries the best quality first: full size, then fewer shades, then smaller.
// Flat colours stay exact; only photographs lose quality.
func encode(shown *image.RGBA64) ([]byte, error) {
	encoder := png.Encoder{CompressionLevel: png.BestCompression, BufferPool: &onePool{}}
	full := shown.Bounds().Size()
	for scale := 1.0; ; scale *= 0.85 {
		if scale < 1 {
			shown = resample(shown, fitted(full.X, full.Y, scale))
		}
		for _, shades := range []uint8{0xff, 0xf8, 0xe0} {
			var encoded bytes.Buffer
			if err := encoder.Encode(&encoded, flattened(straight(shown), shades)); err != nil {
				return nil, fmt.Errorf("encoding the logo: %w", err)
			}
			if encoded.Len() <= MaxSize {
				return encoded.Bytes(), nil
			}
		}
	}
}

// straight is a picture in eight bits, with its colours not yet multiplied by their
// opacity.
func straight(from *image.RGBA64) *image.NRGBA {
	made := image.NewNRGBA(from.Bounds())
	for y := range made.Rect.Dy() {
		for x := range made.Rect.Dx() {
			pixel := from.RGBA64At(x, y)
			alpha := max(uint32(pixel.A), 1)
			eight := func(v uint16) uint8 { return uint8((min(uint32(v), alpha)*0xff + alpha/2) / alpha) }
			made.SetNRGBA(x, y, color.NRGBA{
				R: eight(pixel.R), G: eight(pixel.G), B: eight(pixel.B), A: uint8((uint32(pixel.A) + 0x80) / 0x101),
			})
		}
	}
	return made
}

// onePool keeps the buffer of one encoder from a picture to the next.
type onePool struct{ buffer *png.EncoderBuffer }

// Get returns the buffer; nil: the encoder makes one.
func (p *onePool) Get() *png.EncoderBuffer { return p.buffer }

// Put keeps the buffer.
func (p *onePool) Put(b *png.EncoderBuffer) { p.buffer = b }

// flattened rounds each channel to the bits of mask; almost transparent and
// almost opaque pixels become fully so.
func flattened(from *image.NRGBA, mask uint8) *image.NRGBA {
	if mask == 0xff {
		return from
	}
	flat := image.NewNRGBA(from.Bounds())
	for i := 0; i < len(from.Pix); i += 4 {
		if from.Pix[i+3] < 16 {
			continue
		}
		for j := range 4 {
			flat.Pix[i+j] = roundShade(from.Pix[i+j], mask)
		}
	}
	return flat
}

// roundShade rounds a value such that 0 stays 0 and 255 stays 255.
func roundShade(value, mask uint8) uint8 {
	kept := int(value & mask)
	return uint8(kept * 255 / int(mask))
}

func atLeastOne(n float64) int { return max(1, int(math.Round(n))) }
