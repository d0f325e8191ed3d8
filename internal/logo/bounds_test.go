package logo

import (
	"bytes"
	"image/color"
	"runtime"
	"testing"
)

// allocated is how many bytes something allocates, all together.
func allocated(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestAPictureThatIsTooLargeIsRefusedBeforeItIsDecoded(t *testing.T) {
	const want = "The picture is too large. Export the logo as PNG with at most 1,500 pixels on each side."
	scans := jpegHeader(markerSOF2, 900, 900, 0x11)
	for range maxScans + 1 {
		scans = append(scans, "\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x7f"...)
	}
	passes := jpegHeader(markerSOF2, 2600, 2600, 0x11)
	for range maxPasses/(2600*2600) + 1 {
		passes = append(passes, "\xff\xda\x00\x08\x01\x01\x00\x01\x3f\x10\x7f"...)
	}
	pixel := lossless(flat(1, 1, color.White))
	huge := bytes.Clone(pixel)
	copy(huge[9:], []byte{0xff, 0xff, 0xff, 0x0f}) // 16,384 pixels each way
	for name, file := range map[string][]byte{
		"a row of 16,000,000":               pngHeader(16_000_000, 1),
		"a column of 16,000,000":            pngHeader(1, 16_000_000),
		"a side of one more":                pngHeader(maxSide+1, 1),
		"4,000 × 4,000 in 16 bits":          pngHeader(4000, 4000, 16),
		"4,000 × 4,000 with opacity":        pngHeader(4000, 4000),
		"4,000 × 4,001 of a palette":        pngHeader(4000, 4001, 8, 3),
		"2,500 × 2,500, interlaced":         pngHeader(2500, 2500, 8, 2, 0, 0, 1),
		"grey with an empty shade":          withChunk(pngHeader(4000, 4000, 8, 0), "tRNS", []byte{0, 0}),
		"2³¹ − 1 each way":                  pngHeader(1<<31-1, 1<<31-1),
		"2³² − 1 each way":                  pngHeader(1<<32-1, 1<<32-1),
		"a progressive JPEG":                jpegHeader(markerSOF2, 3000, 2000, 0x22, 0x11, 0x11),
		"a JPEG of four inks":               jpegHeader(markerSOF0, 2500, 2500, 0x11, 0x11, 0x11, 0x11),
		"a JPEG without subsampling":        jpegHeader(markerSOF0, 4000, 3500, 0x11, 0x11, 0x11),
		"a JPEG of 65,535 each way":         jpegHeader(markerSOF0, 65535, 65535, 0x11),
		"a JPEG of a hundred scans and one": scans,
		"thirty scans of a large JPEG":      passes,
		"a WebP without loss":               riff(huge),
		"a WebP on a huge canvas":           riff(canvas(0, 1<<24, 1<<24), pixel),
		"a huge animation, one pixel shown": riff(canvas(2, 12_000, 12_000), frame(0, 0, 1, 1, pixel)),
		"a small canvas, a huge frame":      riff(canvas(2, 1, 1), frame(0, 0, 1, 1, huge)),
		"a WebP of 2,600 large codes":       riff(manyCodes(2600)),
		"a WebP of 1,000 large codes":       riff(manyCodes(1000)),
		"an opacity of 2,600 large codes":   riff(canvas(1<<4, 204, 204), opacity(manyCodes(2600)), lossyHeader(204, 204)),
	} {
		var err error
		took := allocated(func() { _, err = NewFitter().Fit(t.Context(), file) })
		if saying(err) != want {
			t.Errorf("%s: got %q (%v)", name, saying(err), err)
		}
		if took > 1<<20 {
			t.Errorf("%s: refusing it allocated %d bytes", name, took)
		}
	}
}

func TestCodesThatNoDecoderReadsAreDamaged(t *testing.T) {
	whole := lossless(flat(8, 8, color.White))
	for name, file := range map[string][]byte{
		"few codes and no pixels":       riff(manyCodes(3)),
		"more groups than a file has":   riff(manyCodes(2601)),
		"cut off within the codes":      riff(webpChunk("VP8L", whole[8:16])),
		"cut off behind the sizes":      riff(webpChunk("VP8L", whole[8:13])),
		"an opacity of no code":         riff(canvas(1<<4, 9, 9), webpChunk("ALPH", []byte{1}), lossyHeader(9, 9)),
		"an opacity of unknown methods": riff(canvas(1<<4, 9, 9), webpChunk("ALPH", []byte{3, 0}), lossyHeader(9, 9)),
	} {
		if _, err := NewFitter().Fit(t.Context(), file); saying(err) != "The WebP is damaged. Export the logo again." {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestALogoTakesAtMost64MiB(t *testing.T) {
	const most = 64 << 20
	zeros := deflated(make([]byte, 64<<20))
	codes := append(manyCodes(500)[chunkHeader:], make([]byte, 400_000)...) // with pixels
	for name, file := range map[string][]byte{
		"3,000 × 3,000 with opacity": asPNG(t, flat(3000, 3000, color.NRGBA{R: 9, A: 200})),
		"a WebP of 500 large codes":  riff(webpChunk("VP8L", codes)),
		"a profile that is a bomb": withChunk(
			asPNG(t, flat(9, 9, color.White)), "iCCP", append([]byte("name\x00\x00"), zeros...)),
		"a text that is a bomb": withChunk(
			asPNG(t, flat(9, 9, color.White)), "zTXt", append([]byte("name\x00\x00"), zeros...)),
	} {
		var err error
		if took := allocated(func() { _, err = NewFitter().Fit(t.Context(), file) }); err != nil || took > most {
			t.Errorf("%s: %v, allocated %d bytes", name, err, took)
		}
	}
}
