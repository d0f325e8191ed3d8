package onboarding

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"testing"
)

func TestALogoFitsTheLettersAndThePages(t *testing.T) {
	noise := image.NewNRGBA(image.Rect(0, 0, 1500, 900))
	random := rand.New(rand.NewPCG(3, 4))
	for i := range noise.Pix {
		noise.Pix[i] = uint8(random.Uint32())
	}
	flat := image.NewNRGBA(image.Rect(0, 0, 960, 160))
	for x := 100; x < 800; x++ {
		for y := 20; y < 140; y++ {
			flat.SetNRGBA(x, y, color.NRGBA{R: 0x7a, G: 0x26, B: 0x72, A: 0xff})
		}
	}
	tall := image.NewNRGBA(image.Rect(0, 0, 1, 3000))
	small := image.NewNRGBA(image.Rect(0, 0, 40, 40))

	for name, logo := range map[string]struct {
		file          []byte
		width, height int
	}{
		"flat PNG":      {asPNG(t, flat), 480, 80},
		"tall PNG":      {asPNG(t, tall), 1, 160},
		"small PNG":     {asPNG(t, small), 40, 40},
		"JPEG of noise": {asJPEG(t, noise), 0, 0},
		"WebP":          {webp(t), 0, 0},
	} {
		fitted, err := FitLogo(logo.file)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, format, err := image.DecodeConfig(bytes.NewReader(fitted))
		if err != nil || format != "png" {
			t.Errorf("%s: became %s, %v, want a PNG", name, format, err)
		}
		if len(fitted) > MaxLogo || got.Width > LogoWidth || got.Height > LogoHeight {
			t.Errorf("%s: became %d×%d of %d bytes", name, got.Width, got.Height, len(fitted))
		}
		if logo.width != 0 && (got.Width != logo.width || got.Height != logo.height) {
			t.Errorf("%s: became %d×%d, want %d×%d", name, got.Width, got.Height, logo.width, logo.height)
		}
	}
}

func TestAFlatLogoKeepsItsColour(t *testing.T) {
	flat := image.NewNRGBA(image.Rect(0, 0, 100, 100))
	for i := range 100 * 100 {
		flat.SetNRGBA(i%100, i/100, color.NRGBA{R: 0x7a, G: 0x26, B: 0x72, A: 0xff})
	}
	fitted, err := FitLogo(asPNG(t, flat))
	if err != nil {
		t.Fatalf("fitting: %v", err)
	}
	got, err := png.Decode(bytes.NewReader(fitted))
	if err != nil {
		t.Fatalf("decoding: %v", err)
	}
	if r, g, b, _ := got.At(50, 50).RGBA(); r>>8 != 0x7a || g>>8 != 0x26 || b>>8 != 0x72 {
		t.Errorf("the colour became %02x%02x%02x", r>>8, g>>8, b>>8)
	}
}

func TestWhatIsNoLogoIsRefusedWithASentence(t *testing.T) {
	whole := asPNG(t, image.NewNRGBA(image.Rect(0, 0, 60, 60)))
	for name, file := range map[string][]byte{
		"nothing": nil,
		"text":    []byte("not a picture"),

		"SVG": []byte(`<?xml version="1.0"?>
			<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`),
		"GIF":                  []byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"),
		"a damaged PNG":        whole[:len(whole)-20],
		"more than 2 MB":       append(asPNG(t, image.NewNRGBA(image.Rect(0, 0, 9, 9))), make([]byte, MaxLogoUpload)...),
		"a bomb of 20000²":     pngHeader(20000, 20000),
		"a bomb of 2³¹−1":      pngHeader(1<<31-1, 1<<31-1),
		"one pixel too many":   pngHeader(MaxLogoPixels+1, 1),
		"a PNG without pixels": pngHeader(0, 0),
	} {
		var invalid *InvalidError
		if got, err := FitLogo(file); !errors.As(err, &invalid) || invalid.Field != "logo" || invalid.Message == "" {
			t.Errorf("%s: got %d bytes and %v, want an InvalidError", name, len(got), err)
		}
	}
}

func asPNG(t *testing.T, picture image.Image) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := png.Encode(&file, picture); err != nil {
		t.Fatalf("encoding a PNG: %v", err)
	}
	return file.Bytes()
}

func asJPEG(t *testing.T, picture image.Image) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := jpeg.Encode(&file, picture, nil); err != nil {
		t.Fatalf("encoding a JPEG: %v", err)
	}
	return file.Bytes()
}

// webp is the smallest lossy WebP: one pixel.
func webp(t *testing.T) []byte {
	t.Helper()
	file, err := base64.StdEncoding.DecodeString("UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA")
	if err != nil {
		t.Fatalf("reading the WebP: %v", err)
	}
	return file
}

// pngHeader is a PNG with a size and without pixels.
func pngHeader(width, height uint32) []byte {
	chunk := append([]byte("IHDR"), make([]byte, 13)...)
	binary.BigEndian.PutUint32(chunk[4:], width)
	binary.BigEndian.PutUint32(chunk[8:], height)
	copy(chunk[12:], []byte{8, 6, 0, 0, 0})
	file := append([]byte("\x89PNG\r\n\x1a\n"), 0, 0, 0, 13)
	file = append(file, chunk...)
	return binary.BigEndian.AppendUint32(file, crc32.ChecksumIEEE(chunk))
}
