package logo

import (
	"encoding/binary"
	"image"
	"image/color"
	"math"
	"slices"
	"strings"
	"testing"
)

// The corners of a picture that is upright: red, green, blue and white.
const upright = "RGBW"

func cornerColour(colour byte) color.NRGBA {
	return map[byte]color.NRGBA{
		'R': nrgba(255, 0, 0, 255), 'G': nrgba(0, 255, 0, 255), 'B': nrgba(0, 0, 255, 255), 'W': nrgba(255, 255, 255, 255),
	}[colour]
}

// cornered has a colour in each corner: top left, top right, bottom left and right.
func cornered(colours string, width, height int) *image.NRGBA {
	made := image.NewNRGBA(image.Rect(0, 0, width, height))
	for i := range width * height {
		x, y := i%width, i/width
		made.SetNRGBA(x, y, cornerColour(colours[x*2/width+2*(y*2/height)]))
	}
	return made
}

// exif is a TIFF with a tag before the orientation.
func exif(order binary.AppendByteOrder, mark string, orientation uint16) []byte {
	tiff := order.AppendUint32(append([]byte(mark), order.AppendUint16(nil, 42)...), 8)
	tiff = order.AppendUint16(tiff, 2)
	for _, tag := range [][2]uint16{{0x0103, 6}, {0x0112, orientation}} {
		tiff = order.AppendUint32(order.AppendUint16(order.AppendUint16(tiff, tag[0]), 3), 1)
		tiff = order.AppendUint16(order.AppendUint16(tiff, tag[1]), 0)
	}
	return order.AppendUint32(tiff, 0)
}

func TestALogoIsUprightHoweverItIsStored(t *testing.T) {
	// What the corners of the stored picture are: Exif 2.32, 4.6.4 A.
	for i, stored := range []string{
		upright, "GRWB", "WBGR", "BWRG", "RBGW", "GWRB", "WGBR", "BRWG",
	} {
		orientation := uint16(i + 1)
		width, height := 64, 32
		if orientation >= 5 {
			width, height = 32, 64
		}
		picture := cornered(stored, width, height)
		little, big := exif(binary.LittleEndian, "II", orientation), exif(binary.BigEndian, "MM", orientation)
		for name, file := range map[string][]byte{
			"JPEG": withSegment(asJPEG(t, picture), markerAPP1, append([]byte("Exif\x00\x00"), big...)),
			"PNG":  withChunk(asPNG(t, picture), "eXIf", little),
			"WebP": riff(canvas(8, width, height), lossless(picture), webpChunk("EXIF", little)),
			"WebP with a prefix": riff(
				canvas(8, width, height), lossless(picture), webpChunk("EXIF", append([]byte("Exif\x00\x00"), big...))),
		} {
			shown := fit(t, file)
			if size := shown.Bounds().Size(); size != image.Pt(64, 32) {
				t.Errorf("%s %d: became %v", name, orientation, size)
				continue
			}
			for corner, at := range []image.Point{{X: 8, Y: 8}, {X: 56, Y: 8}, {X: 8, Y: 24}, {X: 56, Y: 24}} {
				if got := shown.At(at.X, at.Y); !near(got, cornerColour(upright[corner]), 3) {
					t.Errorf("%s %d: corner %d is %v", name, orientation, corner, got)
				}
			}
		}
	}
}

func TestATurnedPhotographIsAsLargeAsOneThatIsNot(t *testing.T) {
	file := withSegment(asJPEG(t, cornered("GWRB", 400, 1200)), markerAPP1,
		append([]byte("Exif\x00\x00"), exif(binary.BigEndian, "MM", 6)...))
	if size := fit(t, file).Bounds().Size(); size != image.Pt(480, 160) {
		t.Errorf("it became %v", size)
	}
}

func TestAnOrientationThatIsNoneTurnsNothing(t *testing.T) {
	whole := exif(binary.LittleEndian, "II", 6)
	long := exif(binary.BigEndian, "MM", 0)
	binary.BigEndian.PutUint16(long[len(long)-4-10:], 4)
	binary.BigEndian.PutUint32(long[len(long)-4-4:], 8)
	for name, c := range map[string]struct {
		exif []byte
		want int
	}{
		"none":             {nil, 1},
		"zero":             {exif(binary.LittleEndian, "II", 0), 1},
		"nine":             {exif(binary.LittleEndian, "II", 9), 1},
		"another mark":     {exif(binary.LittleEndian, "XX", 6), 1},
		"cut off":          {whole[:20], 1},
		"a header":         {whole[:7], 1},
		"tags elsewhere":   {slices.Concat(whole[:4], []byte{255, 255, 255, 255}), 1},
		"tags at its end":  {slices.Concat(whole[:4], []byte{8, 0, 0, 0}), 1},
		"as a long number": {long, 8},
	} {
		if got := readOrientation(c.exif); got != c.want {
			t.Errorf("%s: got %d, want %d", name, got, c.want)
		}
	}
}

func TestALossyWebPKeepsItsColours(t *testing.T) {
	purple := nrgba(122, 38, 114, 255)
	lossy, pixels := testdata(t, "lossy.webp"), testdata(t, "lossy.webp")[riffHeader:]
	for name, file := range map[string][]byte{
		"alone":                   lossy,
		"in an animation":         riff(canvas(2, 48, 16), webpChunk("ANIM", make([]byte, 6)), frame(0, 0, 48, 16, pixels)),
		"with a size that lies":   append([]byte("RIFF\xff\xff\xff\xffWEBP"), pixels...),
		"opacity said, not given": riff(canvas(0x10, 48, 16), pixels),
	} {
		shown := fit(t, file)
		for x, want := range map[int]color.NRGBA{4: nrgba(255, 255, 255, 255), 24: purple, 44: nrgba(0, 0, 0, 255)} {
			if got := shown.At(x, 8); !near(got, want, 2) {
				t.Errorf("%s: at %d: got %v, want %v", name, x, got, want)
			}
		}
	}
	shown := fit(t, testdata(t, "lossy-alpha.webp"))
	for x, want := range map[int]color.NRGBA{4: nrgba(255, 255, 255, 255), 24: nrgba(122, 38, 114, 127)} {
		if got := shown.At(x, 8); !near(got, want, 2) {
			t.Errorf("with opacity, at %d: got %v, want %v", x, got, want)
		}
	}
}

func TestTheFirstPictureOfAnAnimationIsWhereItIsShown(t *testing.T) {
	red, blue := lossless(flat(10, 6, cornerColour('R'))), lossless(flat(40, 20, cornerColour('B')))
	shown := fit(t, riff(canvas(2, 40, 20), webpChunk("ANIM", make([]byte, 6)),
		frame(20, 8, 10, 6, red), frame(0, 0, 40, 20, blue)))
	if size := shown.Bounds().Size(); size != image.Pt(40, 20) {
		t.Fatalf("it became %v", size)
	}
	for at, want := range map[image.Point]color.NRGBA{
		{X: 20, Y: 8}: cornerColour('R'), {X: 29, Y: 13}: cornerColour('R'), {X: 19, Y: 8}: {}, {X: 30, Y: 13}: {},
		{X: 0, Y: 0}: {}, {X: 39, Y: 19}: {},
	} {
		if got := shown.At(at.X, at.Y); !near(got, want, 0) {
			t.Errorf("at %v: got %v, want %v", at, got, want)
		}
	}
}

// profile is an ICC profile of tags; those with the same content share it.
func profile(space, pcs string, tags ...string) []byte {
	file := make([]byte, profileHeader)
	file[8] = 2
	copy(file[12:], "mntr"+space+pcs)
	copy(file[36:], "acsp")
	for i, v := range []uint32{63190, 65536, 54061} { // D50
		binary.BigEndian.PutUint32(file[68+4*i:], v)
	}
	file = binary.BigEndian.AppendUint32(file, uint32(len(tags)))
	offset := profileHeader + 4 + profileTag*len(tags)
	var contents []byte
	for _, tag := range tags {
		file = append(file, tag[:4]...)
		file = binary.BigEndian.AppendUint32(file, uint32(offset+len(contents)))
		file = binary.BigEndian.AppendUint32(file, uint32(len(tag)-4))
		contents = append(contents, tag[4:]...)
		contents = append(contents, make([]byte, (4-len(contents)%4)%4)...)
	}
	file = append(file, contents...)
	binary.BigEndian.PutUint32(file, uint32(len(file)))
	return file
}

func s15(value float64) string {
	return string(binary.BigEndian.AppendUint32(nil, uint32(int32(math.Round(value*65536)))))
}

func xyz(x, y, z float64) string { return "XYZ \x00\x00\x00\x00" + s15(x) + s15(y) + s15(z) }

// curve is a power.
func curve(gamma float64) string {
	return "curv\x00\x00\x00\x00\x00\x00\x00\x01" + string(binary.BigEndian.AppendUint16(nil, uint16(gamma*256)))
}

func sRGBCurve() string {
	return "para\x00\x00\x00\x00\x00\x03\x00\x00" +
		s15(2.4) + s15(1/1.055) + s15(0.055/1.055) + s15(1/12.92) + s15(0.04045)
}

func mixed(light string, r, g, b string) []byte {
	return profile("RGB ", "XYZ ", "rXYZ"+r, "gXYZ"+g, "bXYZ"+b, "rTRC"+light, "gTRC"+light, "bTRC"+light)
}

func adobeRGB() []byte {
	return mixed(curve(2.19921875), xyz(0.60974, 0.31111, 0.01947), xyz(0.20528, 0.62567, 0.06087),
		xyz(0.14919, 0.06322, 0.74457))
}

func displayP3() []byte {
	return mixed(sRGBCurve(), xyz(0.51512, 0.2412, -0.00105), xyz(0.29198, 0.69225, 0.04189),
		xyz(0.1571, 0.06657, 0.78407))
}

func sRGBProfile() []byte {
	return mixed(sRGBCurve(), xyz(0.43607, 0.22249, 0.01392), xyz(0.38515, 0.71687, 0.09708),
		xyz(0.14307, 0.06061, 0.7141))
}

func greyProfile(light string) []byte { return profile("GRAY", "XYZ ", "kTRC"+light) }

// inks has #7A2672 for cyan on magenta, and else white, or black where there is black:
// a table of Lab with the two ends of each ink.
func inks() []byte {
	table := "mft2\x00\x00\x00\x00\x04\x03\x02\x00" +
		s15(1) + s15(0) + s15(0) + s15(0) + s15(1) + s15(0) + s15(0) + s15(0) + s15(1) + "\x00\x02\x00\x02"
	table += strings.Repeat("\x00\x00\xff\xff", 4)
	lab := func(l, a, b float64) string {
		var made []byte
		for _, v := range []float64{l * 652.8, (a + 128) * 256, (b + 128) * 256} {
			made = binary.BigEndian.AppendUint16(made, uint16(math.Round(v)))
		}
		return string(made)
	}
	for i := range 16 { // cyan varies least
		switch {
		case i&1 != 0:
			table += lab(0, 0, 0)
		case i == 0b1100:
			table += lab(31.2061, 43.6446, -25.1663)
		default:
			table += lab(100, 0, 0)
		}
	}
	return profile("CMYK", "Lab ", "A2B0"+table+strings.Repeat("\x00\x00\xff\xff", 3))
}

func TestALogoHasTheColoursOfItsProfile(t *testing.T) {
	purple := nrgba(122, 38, 114, 255)
	inAdobeRGB, inP3 := flat(16, 16, nrgba(106, 42, 112, 255)), flat(16, 16, nrgba(112, 44, 111, 255))
	halfInP3 := flat(16, 16, nrgba(112, 44, 111, 128))
	grey, linearGrey := image.NewGray(image.Rect(0, 0, 16, 16)), nrgba(128, 128, 128, 255)
	for i := range grey.Pix {
		grey.Pix[i] = 55
	}
	iccSegment := func(file, profile []byte) []byte {
		first, second := profile[:len(profile)/2], profile[len(profile)/2:]
		file = withSegment(file, markerAPP2, append([]byte("ICC_PROFILE\x00\x02\x02"), second...)) // in any order
		return withSegment(file, markerAPP2, append([]byte("ICC_PROFILE\x00\x01\x02"), first...))
	}
	black := lossless(flat(16, 16, cornerColour('R')))
	for name, c := range map[string]struct {
		file []byte
		want color.NRGBA
	}{
		"PNG of Adobe RGB":       {withProfile(asPNG(t, inAdobeRGB), adobeRGB()), purple},
		"JPEG of Adobe RGB":      {iccSegment(asJPEG(t, inAdobeRGB), adobeRGB()), purple},
		"PNG of Display P3":      {withProfile(asPNG(t, inP3), displayP3()), purple},
		"half empty":             {withProfile(asPNG(t, halfInP3), displayP3()), nrgba(122, 38, 114, 128)},
		"PNG of sRGB":            {withProfile(asPNG(t, flat(16, 16, purple)), sRGBProfile()), purple},
		"red of P3, out of sRGB": {riff(canvas(0x20, 16, 16), webpChunk("ICCP", displayP3()), black), cornerColour('R')},
		"grey PNG, linear":       {withProfile(asPNG(t, grey), greyProfile(curve(1))), linearGrey},
		"grey JPEG, linear":      {iccSegment(asJPEG(t, grey), greyProfile(curve(1))), linearGrey},
		"grey of an RGB profile": {withProfile(asPNG(t, grey), mixed(curve(1), xyz(0.43607, 0.22249, 0.01392),
			xyz(0.38515, 0.71687, 0.09708), xyz(0.14307, 0.06061, 0.7141))), linearGrey},
		"a palette": {withProfile(asPNG(t, paletted(nrgba(112, 44, 111, 255))), displayP3()), purple},
	} {
		if got := fit(t, c.file).At(8, 8); !near(got, c.want, 2) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

func paletted(colour color.Color) image.Image {
	return image.NewPaletted(image.Rect(0, 0, 16, 16), color.Palette{colour})
}

// withInks adds a part of a profile to a JPEG; part is its number and how many there are.
func withInks(file []byte, part string, profile []byte) []byte {
	return withSegment(file, markerAPP2, append([]byte("ICC_PROFILE\x00"+part), profile...))
}

func TestInksAreShownAsTheirProfileSays(t *testing.T) {
	file := testdata(t, "inks.jpg") // nothing, cyan on magenta, black
	white, black := nrgba(255, 255, 255, 255), nrgba(0, 0, 0, 255)
	for name, c := range map[string]struct {
		file   []byte
		middle color.NRGBA
	}{
		"with a profile":      {withInks(file, "\x01\x01", inks()), nrgba(122, 38, 114, 255)},
		"without":             {file, nrgba(0, 0, 255, 255)},
		"with another's":      {withInks(file, "\x01\x01", adobeRGB()), nrgba(0, 0, 255, 255)},
		"with a damaged one":  {withInks(file, "\x01\x01", inks()[:300]), nrgba(0, 0, 255, 255)},
		"with a part missing": {withInks(file, "\x02\x02", inks()), nrgba(0, 0, 255, 255)},
	} {
		shown := fit(t, c.file)
		for x, want := range map[int]color.NRGBA{4: white, 24: c.middle, 44: black} {
			if got := shown.At(x, 8); !near(got, want, 3) {
				t.Errorf("%s: at %d: got %v, want %v", name, x, got, want)
			}
		}
	}
}

func TestAPNGHasTheColoursOfItsChunks(t *testing.T) {
	numbers := func(list ...uint32) (data []byte) {
		for _, n := range list {
			data = binary.BigEndian.AppendUint32(data, n)
		}
		return data
	}
	purple := nrgba(122, 38, 114, 255)
	inP3 := asPNG(t, flat(16, 16, nrgba(112, 44, 111, 255)))
	p3 := numbers(31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)
	sRGB := numbers(31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)
	dark := asPNG(t, flat(16, 16, nrgba(100, 100, 100, 255)))
	for name, c := range map[string]struct {
		file []byte
		want color.NRGBA
	}{
		"cICP of Display P3":   {withChunk(inP3, "cICP", []byte{12, 13, 0, 1}), purple},
		"cHRM of Display P3":   {withChunk(withChunk(inP3, "cHRM", p3), "gAMA", numbers(45455)), purple},
		"cHRM alone":           {withChunk(inP3, "cHRM", p3), purple},
		"sRGB before the rest": {withChunk(withChunk(inP3, "cHRM", p3), "sRGB", []byte{0}), nrgba(112, 44, 111, 255)},
		"iCCP before sRGB":     {withChunk(withProfile(inP3, displayP3()), "sRGB", []byte{0}), purple},
		"cICP before iCCP": {
			withChunk(withProfile(inP3, displayP3()), "cICP", []byte{1, 13, 0, 1}), nrgba(112, 44, 111, 255)},
		"gAMA of sRGB":      {withChunk(dark, "gAMA", numbers(45455)), nrgba(100, 100, 100, 255)},
		"cHRM of sRGB":      {withChunk(withChunk(dark, "cHRM", sRGB), "gAMA", numbers(45455)), nrgba(100, 100, 100, 255)},
		"gAMA of light":     {withChunk(dark, "gAMA", numbers(100000)), nrgba(168, 168, 168, 255)},
		"gAMA of old Macs":  {withChunk(dark, "gAMA", numbers(55556)), nrgba(119, 119, 119, 255)},
		"gAMA of nothing":   {withChunk(dark, "gAMA", numbers(0)), nrgba(100, 100, 100, 255)},
		"cHRM of nothing":   {withChunk(dark, "cHRM", numbers(0, 0, 0, 0, 0, 0, 0, 1)), nrgba(100, 100, 100, 255)},
		"cHRM of one point": {withChunk(dark, "cHRM", numbers(1, 1, 1, 1, 1, 1, 1, 1)), nrgba(100, 100, 100, 255)},
		"codes of a film":   {withChunk(dark, "cICP", []byte{9, 16, 0, 1}), nrgba(100, 100, 100, 255)},
	} {
		if got := fit(t, c.file).At(8, 8); !near(got, c.want, 2) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

func TestAProfileThatIsNoneChangesNothing(t *testing.T) {
	purple := nrgba(122, 38, 114, 255)
	file := asPNG(t, flat(16, 16, purple))
	patched := func(profile []byte, at int, with string) []byte {
		copy(profile[at:], with)
		return profile
	}
	endless := strings.Repeat("\x00\x01\xff\xff", 4096) // neither rises nor falls
	for name, damaged := range map[string][]byte{
		"nothing":           {},
		"a header":          adobeRGB()[:profileHeader],
		"cut off":           adobeRGB()[:260],
		"2³² − 1 tags":      patched(adobeRGB(), profileHeader, "\xff\xff\xff\xff"),
		"a tag elsewhere":   patched(adobeRGB(), profileHeader+8, "\xff\xff\xff\xf0"),
		"a tag of 4 GB":     patched(adobeRGB(), profileHeader+12, "\xff\xff\xff\xff"),
		"another's colours": patched(adobeRGB(), 16, "Luv "),
		"of grey":           greyProfile(curve(1)),
		"of inks":           inks(),
		"a curve of a thousand points": mixed("curv\x00\x00\x00\x00\x00\x00\x20\x00"+endless, xyz(1, 0, 0), xyz(0, 1, 0),
			xyz(0, 0, 1)),
		"a colour that is a curve": mixed(curve(1), curve(1), curve(1), curve(1)),
		"no curve":                 profile("RGB ", "XYZ ", "rXYZ"+xyz(1, 0, 0)),
		"a table of 255 channels": profile("RGB ", "Lab ",
			"A2B0mft1\x00\x00\x00\x00\xff\xff\xff\x00"+strings.Repeat("\x00", 90)),
	} {
		if got := fit(t, withProfile(file, damaged)).At(8, 8); !near(got, purple, 0) {
			t.Errorf("%s: got %v, want %v", name, got, purple)
		}
	}
	if got := fit(t, withProfile(asPNG(t, image.NewGray(image.Rect(0, 0, 9, 9))), greyProfile("text"))).At(8, 8); !near(
		got, nrgba(0, 0, 0, 255), 0) {
		t.Errorf("grey without a curve: got %v", got)
	}
}
