package logo

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"iter"

	"golang.org/x/image/webp"
)

// The parts of a WebP (RFC 9649, 2).
const (
	riffHeader  = 12 // "RIFF", size, "WEBP"
	chunkHeader = 8  // name, size
	frameHeader = 16 // of an ANMF chunk
	canvasSize  = 10 // of a VP8X chunk
)

// webpFile is the content of a WebP's chunks.
type webpFile struct {
	picture
	at     image.Point // of the first picture, on the canvas
	inner  image.Point // its size
	alpha  []byte      // its ALPH chunk, whole
	pixels []byte      // its VP8 or VP8L chunk, whole
	lossy  bool
}

// inspectWebP reads the chunks: of an animation those of its first picture. whole
// is false if there is no picture.
func inspectWebP(file []byte) (picture, bool) {
	w := webpFile{picture: picture{format: "WebP"}}
	w.read(file[riffHeader:], false)
	if w.pixels == nil {
		return w.picture, false
	}
	for kind, chunk := range webpChunks(file[riffHeader:]) {
		switch kind {
		case "ICCP":
			w.colours.profile = chunk[chunkHeader:]
		case "EXIF":
			w.orientation = readOrientation(chunk[chunkHeader:])
		}
	}
	if w.width == 0 {
		w.width, w.height = w.inner.X, w.inner.Y
	}
	w.memory = int64(w.inner.X) * int64(w.inner.Y) * w.pixel()
	w.decode = w.decodeFirst
	if w.isTooLarge() { // before its codes are read
		return w.picture, true
	}
	return w.picture, w.addCodes()
}

// addCodes adds the memory of the prefix codes to that of the pixels. It returns false if
// they are damaged.
func (w *webpFile) addCodes() bool {
	stream := w.pixels[chunkHeader:]
	switch {
	case !w.lossy:
		stream = stream[vp8lHeader:]
	case len(w.alpha) > chunkHeader && w.alpha[chunkHeader]&3 == 1: // opacity, compressed without loss
		stream = w.alpha[chunkHeader+1:]
	default:
		return true
	}
	memory, ok := codesMemory(stream, w.inner.X, w.inner.Y)
	w.memory += memory
	return ok
}

// pixel is how many bytes are allocated for a pixel. Without loss: the pixel, three
// tables of a sixteenth, and what indices of colours are unpacked from. With loss: a
// luma, two quarters of chroma, and an opacity that is compressed without loss.
func (w *webpFile) pixel() int64 {
	const lossless, lossy = 7, 2
	switch {
	case !w.lossy:
		return lossless
	case w.alpha != nil:
		return lossy + lossless + 1
	}
	return lossy
}

// read reads the chunks up to the first picture.
func (w *webpFile) read(chunks []byte, inFrame bool) {
	for kind, chunk := range webpChunks(chunks) {
		data := chunk[chunkHeader:]
		switch {
		case kind == "VP8X" && len(data) >= canvasSize:
			w.width, w.height = 1+int24(data[4:]), 1+int24(data[7:])
		case kind == "ALPH":
			w.alpha = chunk
		case kind == "ANMF" && !inFrame && len(data) >= frameHeader:
			w.at = image.Pt(2*int24(data), 2*int24(data[3:]))
			w.read(data[frameHeader:], true)
		case kind == "VP8 " && len(data) >= 10:
			w.pixels, w.lossy = chunk, true
			w.inner = image.Pt(
				int(binary.LittleEndian.Uint16(data[6:])&0x3fff), int(binary.LittleEndian.Uint16(data[8:])&0x3fff))
		case kind == "VP8L" && len(data) >= 5:
			w.pixels = chunk
			bits := binary.LittleEndian.Uint32(data[1:])
			w.inner = image.Pt(int(bits&0x3fff)+1, int(bits>>14&0x3fff)+1)
		}
		if w.pixels != nil {
			return
		}
	}
}

// webpChunks are the chunks of a file or a frame, with their headers. The last one
// may be cut off.
func webpChunks(rest []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for len(rest) >= chunkHeader {
			size := int64(binary.LittleEndian.Uint32(rest[4:]))
			chunk := rest[:min(int64(len(rest)), chunkHeader+size)]
			rest = rest[min(int64(len(rest)), chunkHeader+size+size&1):]
			if !yield(string(chunk[:4]), chunk) {
				return
			}
		}
	}
}

func int24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }

// decodeFirst decodes the first picture, as a file that has nothing else.
func (w *webpFile) decodeFirst() (image.Image, error) {
	var chunks []byte
	if w.lossy && w.alpha != nil {
		header := [chunkHeader + canvasSize]byte{'V', 'P', '8', 'X', canvasSize, 8: 1 << 4}
		for i := range 3 {
			header[12+i], header[15+i] = byte((w.inner.X-1)>>(8*i)), byte((w.inner.Y-1)>>(8*i))
		}
		chunks = append(append(chunks, header[:]...), padded(w.alpha)...)
	}
	chunks = append(chunks, padded(w.pixels)...)
	file := append([]byte("RIFF\x00\x00\x00\x00WEBP"), chunks...)
	binary.LittleEndian.PutUint32(file[4:], uint32(len(file)-chunkHeader))
	decoded, err := webp.Decode(bytes.NewReader(file))
	if err != nil {
		return nil, err
	}
	switch lossy := decoded.(type) {
	case *image.YCbCr:
		decoded = studio{YCbCr: lossy}
	case *image.NYCbCrA:
		decoded = studio{YCbCr: &lossy.YCbCr, alpha: lossy}
	}
	canvas := image.Rect(0, 0, w.width, w.height)
	if inner := decoded.Bounds(); inner != canvas {
		decoded = framed{pixels: pixelsOf(decoded), inner: inner.Add(w.at), at: w.at, canvas: canvas}
	}
	return decoded, nil
}

func padded(chunk []byte) []byte {
	return append(chunk[:len(chunk):len(chunk)], make([]byte, len(chunk)&1)...)
}

// studio is a lossy WebP: black is 16 and white 235, as in BT.601 (RFC 6386, 9.2),
// where Go's YCbCr has 0 and 255.
type studio struct {
	*image.YCbCr
	alpha *image.NYCbCrA // nil: opaque
}

// ColorModel is that of its pixels.
func (s studio) ColorModel() color.Model { return color.RGBA64Model }

// At returns a pixel.
func (s studio) At(x, y int) color.Color { return s.RGBA64At(x, y) }

// RGBA64At returns a pixel.
func (s studio) RGBA64At(x, y int) color.RGBA64 {
	if !(image.Point{X: x, Y: y}).In(s.Rect) {
		return color.RGBA64{}
	}
	luma, chroma := s.YOffset(x, y), s.COffset(x, y)
	// In 65536ths: luma by 255/219, chroma by BT.601's matrix and 255/224.
	y1 := 76309 * (int32(s.Y[luma]) - 16)
	cb, cr := int32(s.Cb[chroma])-128, int32(s.Cr[chroma])-128
	alpha := uint32(0xffff)
	if s.alpha != nil {
		alpha = 0x101 * uint32(s.alpha.A[s.alpha.AOffset(x, y)])
	}
	return color.RGBA64{
		R: channel(y1+104597*cr, alpha),
		G: channel(y1-25675*cb-53279*cr, alpha),
		B: channel(y1+132201*cb, alpha),
		A: uint16(alpha),
	}
}

// channel is a value of 65536ths, of at most 255, times its opacity.
func channel(value int32, alpha uint32) uint16 {
	eight := uint32(min(max(value+1<<15, 0)>>16, 0xff))
	return uint16(0x101 * eight * alpha / 0xffff)
}

// framed is a picture on a canvas of another size, which is empty around it.
type framed struct {
	pixels        func(x, y int) color.RGBA64
	at            image.Point
	inner, canvas image.Rectangle
}

// ColorModel is that of its pixels.
func (f framed) ColorModel() color.Model { return color.RGBA64Model }

// Bounds are those of the canvas.
func (f framed) Bounds() image.Rectangle { return f.canvas }

// At returns a pixel.
func (f framed) At(x, y int) color.Color { return f.RGBA64At(x, y) }

// RGBA64At returns a pixel.
func (f framed) RGBA64At(x, y int) color.RGBA64 {
	if !(image.Point{X: x, Y: y}).In(f.inner) {
		return color.RGBA64{}
	}
	return f.pixels(x-f.at.X, y-f.at.Y)
}
