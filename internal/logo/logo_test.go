package logo

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestALogoFitsTheEmailsAndThePages(t *testing.T) {
	noise := image.NewNRGBA(image.Rect(0, 0, 900, 500))
	random := rand.New(rand.NewPCG(3, 4))
	for i := range noise.Pix {
		noise.Pix[i] = uint8(random.Uint32())
	}
	purple := color.NRGBA{R: 0x7a, G: 0x26, B: 0x72, A: 0xff}
	for name, logo := range map[string]struct {
		file          []byte
		width, height int
	}{
		"wide PNG":         {asPNG(t, flat(960, 160, purple)), 480, 80},
		"tall PNG":         {asPNG(t, flat(1, 3000, purple)), 1, 160},
		"longest PNG":      {asPNG(t, flat(1, maxSide, purple)), 1, 160},
		"widest PNG":       {asPNG(t, flat(maxSide, 3, purple)), 480, 1},
		"small PNG":        {asPNG(t, flat(40, 40, purple)), 40, 40},
		"odd PNG":          {asPNG(t, flat(997, 331, purple)), 480, 159},
		"JPEG of noise":    {asJPEG(t, noise), 0, 0},
		"lossy WebP":       {testdata(t, "lossy.webp"), 48, 16},
		"lossless WebP":    {riff(lossless(flat(30, 20, color.White))), 30, 20},
		"progressive JPEG": {testdata(t, "progressive.jpg"), 48, 16},
	} {
		made, err := NewFitter().Fit(t.Context(), logo.file)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, format, err := image.DecodeConfig(bytes.NewReader(made))
		if err != nil || format != "png" {
			t.Errorf("%s: became %s, %v, want a PNG", name, format, err)
		}
		if len(made) > MaxSize || got.Width > Width || got.Height > Height {
			t.Errorf("%s: became %d×%d of %d bytes", name, got.Width, got.Height, len(made))
		}
		if logo.width != 0 && (got.Width != logo.width || got.Height != logo.height) {
			t.Errorf("%s: became %d×%d, want %d×%d", name, got.Width, got.Height, logo.width, logo.height)
		}
	}
}

func TestAFlatLogoKeepsItsColour(t *testing.T) {
	purple := nrgba(0x7a, 0x26, 0x72, 0xff)
	for _, size := range []int{100, 1000} {
		shown := fit(t, asPNG(t, flat(size, size, purple)))
		if got := shown.At(50, 50); !near(got, purple, 0) {
			t.Errorf("of %d pixels: the colour became %v", size, got)
		}
	}
}

func TestAPictureIsShrunkByTheMeanOfItsPixels(t *testing.T) {
	checked := image.NewNRGBA(image.Rect(5, 7, 5+1920, 7+640))
	for i := range 1920 * 640 {
		x, y := i%1920, i/1920
		if (x+y)%2 == 0 { // the other pixels are empty
			checked.SetNRGBA(5+x, 7+y, nrgba(200, 100, 0, 255))
		}
	}
	small := resample(checked, fitted(1920, 640, 1))
	if size := small.Bounds(); size != image.Rect(0, 0, 480, 160) {
		t.Fatalf("it became %v", size)
	}
	if got := small.At(123, 45); !near(got, nrgba(200, 100, 0, 128), 1) {
		t.Errorf("the mean of a colour and nothing is %v", got)
	}
}

func TestAPixelThatIsCutCountsInParts(t *testing.T) {
	row := image.NewGray(image.Rect(0, 0, 5, 1))
	copy(row.Pix, []byte{0, 0, 100, 200, 200})
	small := resample(row, image.Pt(2, 1)) // 2.5 pixels each
	for x, want := range []uint8{20, 180} {
		if got := small.At(x, 0); !near(got, nrgba(want, want, want, 255), 0) {
			t.Errorf("pixel %d is %v, want %d", x, got, want)
		}
	}
}

func TestWhatIsNoLogoIsRefusedWithASentence(t *testing.T) {
	const (
		svg        = "An SVG file can contain a program, so it cannot be used. Export the logo as PNG."
		foreign    = "This is no PNG, JPEG or WebP. Export the logo as PNG."
		large      = "The file is larger than 2 MB. Choose a smaller one."
		broken     = "The PNG is damaged. Export the logo again."
		brokenJPEG = "The JPEG is damaged. Export the logo again."
		otherJPEG  = "This kind of JPEG cannot be read here. Export the logo as PNG."
	)
	small := asPNG(t, flat(9, 9, color.White))
	padded := func(size int) []byte { return append(slices.Clone(small), make([]byte, size-len(small))...) }
	photo, animation := asJPEG(t, flat(60, 60, color.White)), riff(canvas(2, 9, 9), frame(0, 0, 9, 9))
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"nothing":                 {nil, foreign},
		"a text":                  {[]byte("hello"), foreign},
		"an SVG":                  {[]byte("<?xml version='1.0'?><SVG>"), svg},
		"an SVG with a mark":      {[]byte("\xef\xbb\xbf\n<!-- a logo -->\n<svg><script>alert(1)</script></svg>"), svg},
		"a GIF":                   {[]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"), foreign},
		"a BMP":                   {[]byte("BM\x46\x00\x00\x00"), foreign},
		"an AVIF":                 {[]byte("\x00\x00\x00\x1cftypavif\x00\x00\x00\x00"), foreign},
		"a WAV":                   {[]byte("RIFF\x00\x00\x00\x00WAVEfmt "), foreign},
		"2 MB":                    {padded(MaxUpload), ""},
		"a byte more":             {padded(MaxUpload + 1), large},
		"a PNG without pixels":    {pngHeader(0, 0), broken},
		"a PNG without a header":  {[]byte(pngSignature + "\x00\x00\x00\x00IEND"), broken},
		"a PNG with two headers":  {append(pngHeader(9, 9), pngHeader(9, 9)[len(pngSignature):]...), broken},
		"half a PNG":              {small[:len(small)-20], broken},
		"half a JPEG":             {photo[:len(photo)/2], brokenJPEG},
		"a JPEG without a frame":  {[]byte(jpegSignature + "\xe0\x00\x02\xff\xd9"), brokenJPEG},
		"a JPEG without pixels":   {jpegHeader(markerSOF0, 9, 0, 0x11), brokenJPEG},
		"a WebP without pixels":   {riff(canvas(0, 9, 9)), "The WebP is damaged. Export the logo again."},
		"a frame without pixels":  {animation, "The WebP is damaged. Export the logo again."},
		"half a WebP":             {testdata(t, "lossy.webp")[:60], "The WebP is damaged. Export the logo again."},
		"an arithmetic JPEG":      {jpegHeader(0xc9, 9, 9, 0x11), otherJPEG},
		"a JPEG of twelve bits":   {twelveBits(), otherJPEG},
		"inks without their mark": {withoutAdobe(testdata(t, "inks.jpg")), otherJPEG},
	} {
		if _, err := NewFitter().Fit(t.Context(), c.file); saying(err) != c.want {
			t.Errorf("%s: got %q (%v), want %q", name, saying(err), err, c.want)
		}
	}
}

func twelveBits() []byte {
	file := jpegHeader(markerSOF0, 9, 9, 0x11)
	file[6] = 12
	return file
}

// withoutAdobe leaves out the segment of a JPEG that comes first.
func withoutAdobe(file []byte) []byte {
	return append(bytes.Clone(file[:2]), file[4+int(file[5]):]...)
}

func TestAPhotographLosesShadesAndKeepsWhatIsEmptyEmpty(t *testing.T) {
	from := image.NewNRGBA(image.Rect(0, 0, 4, 1))
	for x, pixel := range []color.NRGBA{
		nrgba(200, 100, 7, 255), nrgba(9, 9, 9, 15), nrgba(9, 9, 9, 16), nrgba(255, 255, 255, 255),
	} {
		from.SetNRGBA(x, 0, pixel)
	}
	if flattened(from, 0xff) != from {
		t.Error("with all its shades a picture is not itself")
	}
	got := flattened(from, 0xf8)
	for x, want := range []color.NRGBA{nrgba(205, 98, 0, 255), {}, nrgba(8, 8, 8, 16), nrgba(255, 255, 255, 255)} {
		if at := got.NRGBAAt(x, 0); at != want {
			t.Errorf("pixel %d: got %v, want %v", x, at, want)
		}
	}
}

func TestALogoWaitsForAnotherNoLongerThanItsCaller(t *testing.T) {
	f := NewFitter()
	f.slot <- struct{}{} // as while another is made
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.Fit(ctx, asPNG(t, flat(9, 9, color.White))); !errors.Is(err, context.Canceled) {
		t.Errorf("while another is made: %v", err)
	}
	<-f.slot
	if _, err := f.Fit(t.Context(), asPNG(t, flat(9, 9, color.White))); err != nil {
		t.Errorf("after it: %v", err)
	}
	if _, err := f.Fit(t.Context(), asPNG(t, flat(9, 9, color.White))); err != nil {
		t.Errorf("after one of its own: %v", err)
	}
}

// Any file yields a small PNG, or an InvalidError.
func FuzzLogo(f *testing.F) {
	picture := image.NewNRGBA(image.Rect(0, 0, 9, 5))
	picture.Set(3, 3, color.NRGBA{R: 200, A: 99})
	var file bytes.Buffer
	if err := png.Encode(&file, picture); err != nil {
		f.Fatal(err)
	}
	f.Add(file.Bytes())
	f.Add(withProfile(file.Bytes(), greyProfile(curve(1))))
	f.Add(withProfile(file.Bytes(), adobeRGB()))
	f.Add(riff(lossless(flat(8, 8, color.White))))
	f.Add(riff(canvas(2, 8, 8), frame(2, 2, 4, 4, lossless(flat(4, 4, color.White)))))
	f.Add([]byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`))
	f.Add(append(file.Bytes(), "<script>alert(1)</script>"...))
	fitter := NewFitter()
	f.Fuzz(func(t *testing.T, file []byte) {
		logo, err := fitter.Fit(t.Context(), file)
		if err != nil {
			if saying(err) == "" {
				t.Errorf("%v", err)
			}
			return
		}
		config, format, err := image.DecodeConfig(bytes.NewReader(logo))
		if err != nil || format != "png" || config.Width > Width || config.Height > Height || len(logo) > MaxSize {
			t.Errorf("it became %s of %d×%d in %d bytes, %v", format, config.Width, config.Height, len(logo), err)
		}
		if bytes.Contains(logo, []byte("<script")) {
			t.Error("what stood behind the picture came along")
		}
	})
}
