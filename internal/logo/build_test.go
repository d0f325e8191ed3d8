package logo

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// fit makes a logo of a file, or ends the test.
func fit(t *testing.T, file []byte) image.Image {
	t.Helper()
	made, err := NewFitter().Fit(t.Context(), file)
	if err != nil {
		t.Fatalf("making the logo: %v", err)
	}
	shown, err := png.Decode(bytes.NewReader(made))
	if err != nil {
		t.Fatalf("reading the logo: %v", err)
	}
	return shown
}

// saying is the sentence of an InvalidError of the logo; empty: it is none.
func saying(err error) string {
	var wrong *onboarding.InvalidError
	if !errors.As(err, &wrong) || wrong.Field != "logo" {
		return ""
	}
	return wrong.Message
}

func nrgba(red, green, blue, alpha uint8) color.NRGBA {
	return color.NRGBA{R: red, G: green, B: blue, A: alpha}
}

// flat is a picture of one colour.
func flat(width, height int, colour color.Color) *image.NRGBA {
	made := image.NewNRGBA(image.Rect(0, 0, width, height))
	made.Set(0, 0, colour)
	for done := 4; done < len(made.Pix); done *= 2 {
		copy(made.Pix[done:], made.Pix[:done])
	}
	return made
}

// near reports whether a pixel has a colour, but for rounding.
func near(got color.Color, want color.NRGBA, off int) bool {
	at := color.NRGBAModel.Convert(got).(color.NRGBA)
	for _, pair := range [][2]uint8{{at.R, want.R}, {at.G, want.G}, {at.B, want.B}, {at.A, want.A}} {
		if d := int(pair[0]) - int(pair[1]); d < -off || d > off {
			return false
		}
	}
	return true
}

func asPNG(t *testing.T, picture image.Image) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&file, picture); err != nil {
		t.Fatalf("encoding a PNG: %v", err)
	}
	return file.Bytes()
}

func asJPEG(t *testing.T, picture image.Image) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := jpeg.Encode(&file, picture, &jpeg.Options{Quality: 100}); err != nil {
		t.Fatalf("encoding a JPEG: %v", err)
	}
	return file.Bytes()
}

func testdata(t *testing.T, name string) []byte {
	t.Helper()
	file, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatalf("reading a picture: %v", err)
	}
	return file
}

// pngChunk is a chunk with its length and sum.
func pngChunk(kind string, data []byte) []byte {
	chunk := append(binary.BigEndian.AppendUint32(nil, uint32(len(data))), kind...)
	chunk = append(chunk, data...)
	return binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(chunk[4:]))
}

// pngHeader is a PNG with a size and without pixels.
func pngHeader(width, height uint32, form ...byte) []byte {
	header := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, width), height)
	header = append(header, append(form, []byte{8, 6, 0, 0, 0}[len(form):]...)...)
	return append([]byte(pngSignature), pngChunk("IHDR", header)...)
}

// withChunk puts a chunk behind the header of a PNG.
func withChunk(file []byte, kind string, data []byte) []byte {
	const header = len(pngSignature) + 25
	made := append(bytes.Clone(file[:header]), pngChunk(kind, data)...)
	return append(made, file[header:]...)
}

func deflated(data []byte) []byte {
	var packed bytes.Buffer
	w := zlib.NewWriter(&packed)
	_, _ = w.Write(data) // into memory
	_ = w.Close()
	return packed.Bytes()
}

// withProfile puts an ICC profile into a PNG.
func withProfile(file, profile []byte) []byte {
	return withChunk(file, "iCCP", append([]byte("name\x00\x00"), deflated(profile)...))
}

// withSegment puts a segment behind the start of a JPEG.
func withSegment(file []byte, marker byte, data []byte) []byte {
	made := append(bytes.Clone(file[:2]), 0xff, marker)
	made = binary.BigEndian.AppendUint16(made, uint16(len(data)+2))
	return append(append(made, data...), file[2:]...)
}

// jpegHeader is a JPEG with a frame and without pixels: of components, each with its
// sampling.
func jpegHeader(marker byte, width, height uint16, sampling ...byte) []byte {
	frame := binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16([]byte{8}, height), width)
	frame = append(frame, byte(len(sampling)))
	for i, s := range sampling {
		frame = append(frame, byte(i+1), s, 0)
	}
	return withSegment([]byte(jpegSignature[:2]), marker, frame)
}

// riff is a WebP of chunks.
func riff(chunks ...[]byte) []byte {
	file := append([]byte("RIFF\x00\x00\x00\x00WEBP"), bytes.Join(chunks, nil)...)
	binary.LittleEndian.PutUint32(file[4:], uint32(len(file)-8))
	return file
}

func webpChunk(kind string, data []byte) []byte {
	chunk := append(binary.LittleEndian.AppendUint32([]byte(kind), uint32(len(data))), data...)
	return append(chunk, make([]byte, len(data)&1)...)
}

// canvas is a VP8X chunk.
func canvas(flags byte, width, height int) []byte {
	return webpChunk("VP8X", append([]byte{flags, 0, 0, 0}, sizes(width, height)...))
}

// frame is an ANMF chunk.
func frame(x, y, width, height int, chunks ...[]byte) []byte {
	head := append([]byte{byte(x / 2), 0, 0, byte(y / 2), 0, 0}, sizes(width, height)...)
	return webpChunk("ANMF", append(append(head, 0, 0, 0, 0), bytes.Join(chunks, nil)...))
}

func sizes(width, height int) []byte {
	w, h := width-1, height-1
	return []byte{byte(w), byte(w >> 8), byte(w >> 16), byte(h), byte(h >> 8), byte(h >> 16)}
}

// lossless is the VP8L chunk of a picture whose channels are all 0 or 255, opaque:
// then each has a code of one bit.
func lossless(picture image.Image) []byte {
	var bits bitWriter
	size := picture.Bounds().Size()
	bits.write(0x2f, 8)
	bits.write(uint32(size.X-1), 14)
	bits.write(uint32(size.Y-1), 14)
	bits.write(0, 4)     // no opacity, version 0
	bits.write(0, 1+1+1) // no transform, no cache, one group
	for range 3 {        // green, red, blue: the symbols 0 and 255
		bits.write(1, 1)
		bits.write(1, 1)
		bits.write(0, 1)
		bits.write(0, 1)
		bits.write(255, 8)
	}
	bits.write(0b101, 3) // opacity: one symbol, of eight bits
	bits.write(255, 8)
	bits.write(0b0001, 4) // distance: one symbol, 0
	for i := range size.X * size.Y {
		r, g, b, _ := picture.At(i%size.X, i/size.X).RGBA()
		bits.write(g>>15, 1)
		bits.write(r>>15, 1)
		bits.write(b>>15, 1)
	}
	bits.write(0, 7)
	return webpChunk("VP8L", bits.bytes)
}

type bitWriter struct {
	bytes []byte
	count int
}

func (w *bitWriter) write(value uint32, n int) {
	for i := range n {
		if w.count%8 == 0 {
			w.bytes = append(w.bytes, 0)
		}
		w.bytes[w.count/8] |= byte(value>>i&1) << (w.count % 8)
		w.count++
	}
}

// manyCodes is the VP8L chunk of a picture of 204 × 204 pixels with so many groups of
// codes, each as large as one can be. Its pixels are missing.
func manyCodes(groups int) []byte {
	const side, tile = 204, 4
	var bits bitWriter
	bits.write(0x2f, 8)
	bits.write(side-1, 14)
	bits.write(side-1, 14)
	bits.write(0, 4) // no opacity, version 0
	bits.write(0, 1) // no transform
	bits.write(1, 1) // a cache of the most colours
	bits.write(maxCacheBits, 4)
	bits.write(1, 1) // several groups, of tiles of four pixels
	bits.write(0, 3)
	bits.write(0, 1) // the picture of the tiles has no cache
	bits.allBytes(true)
	bits.allBytes(false)
	for range 3 { // blue, alpha, distance: the symbol 0
		bits.write(0b0001, 4)
	}
	for i := range (side / tile) * (side / tile) {
		group := uint32(min(i, groups-1))
		bits.code(group&0xff, 8)
		bits.code(group>>8, 8)
	}
	for range groups {
		bits.allColours()
		for range 3 {
			bits.allBytes(false)
		}
		bits.write(0b0001, 4)
	}
	return webpChunk("VP8L", bits.bytes)
}

// code writes a prefix code, whose highest bit is read first.
func (w *bitWriter) code(code uint32, n int) {
	for i := range n {
		w.write(code>>(n-1-i), 1)
	}
}

// allBytes is a code of the 256 symbols of a byte, of which each has eight bits; limited:
// there are more symbols, which are not used.
func (w *bitWriter) allBytes(limited bool) {
	w.write(0, 1)
	w.write(12-4, 4) // lengths of the codes of 17, 18, 0 … 8
	w.write(0, 11*3)
	w.write(1, 3)
	if limited {
		w.write(1, 1)
		w.write(3, 3)
		w.write(254, 8)
	} else {
		w.write(0, 1)
	}
}

// allColours is a code of 2,328 symbols: 1,768 of eleven bits, 560 of twelve.
func (w *bitWriter) allColours() {
	w.write(0, 1)
	lengths := map[int]uint32{16: 1, 11: 2, 12: 2}
	order := []int{17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12}
	w.write(uint32(len(order)-4), 4)
	for _, length := range order {
		w.write(lengths[length], 3)
	}
	w.write(0, 1)
	w.run(0b10, 1767)
	w.run(0b11, 559)
}

// run is a length and its repeats.
func (w *bitWriter) run(length uint32, more int) {
	w.code(length, 2)
	for more > 0 {
		again := min(more, 6)
		if again < 3 {
			w.code(length, 2)
			more--
			continue
		}
		w.code(0, 1)
		w.write(uint32(again-3), 2)
		more -= again
	}
}

// opacity is the ALPH chunk that has the codes of a VP8L chunk.
func opacity(vp8l []byte) []byte {
	return webpChunk("ALPH", append([]byte{1}, vp8l[chunkHeader+5:]...))
}

// lossyHeader is a VP8 chunk of a size, without pixels.
func lossyHeader(width, height int) []byte {
	return webpChunk("VP8 ", []byte{
		0x10, 0, 0, 0x9d, 0x01, 0x2a, byte(width), byte(width >> 8), byte(height), byte(height >> 8), 0, 0,
	})
}
