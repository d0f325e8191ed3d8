package logo

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"math"
	"slices"

	"github.com/kovidgoyal/imaging/prism/meta/icc"
	"github.com/lucasb-eyer/go-colorful"
)

// colours is a file's description of its colours; empty, where they are sRGB's.
type colours struct {
	grey, inks bool     // one channel, or the four of CMYK; else red, green and blue
	codes      [4]byte  // of a cICP chunk
	profile    []byte   // an ICC profile
	standard   bool     // an sRGB chunk
	gamma      float64  // of a gAMA chunk
	primaries  [4]point // of a cHRM chunk: white, red, green and blue
}

// point is a chromaticity of CIE 1931.
type point struct{ x, y float64 }

// conversion turns red, green and blue, or four inks, each from 0 to 1, into sRGB.
type conversion func(channels [4]float64) [3]float64

// toSRGB converts pixels, as pixelsOf reads them. A file's description is ignored where
// it is damaged, or of another kind of picture, as browsers do.
func (c colours) toSRGB(from *image.RGBA64) *image.RGBA64 {
	if converted, err := c.convert(from); err == nil {
		return converted
	}
	if c.inks {
		return apply(from, fromInks, opaque)
	}
	return from
}

var errUnmanaged = errors.New("converting colours: nothing is said of them")

// convert applies the file's description, or fails.
func (c colours) convert(from *image.RGBA64) (converted *image.RGBA64, err error) {
	defer func() { // a library reads the profile, which a stranger may have written
		if fault := recover(); fault != nil {
			err = fmt.Errorf("recovering the conversion of colours: %v", fault)
		}
	}()
	convert, err := c.conversion()
	if err != nil {
		return nil, err
	}
	if c.inks {
		return apply(from, convert, opaque), nil
	}
	return apply(from, convert, unmultiplied), nil
}

// conversion is the first that a PNG names of cICP, iCCP, sRGB, and gAMA with cHRM
// (PNG 3, 4.3). The other formats have a profile only.
func (c colours) conversion() (conversion, error) {
	const sRGBCurve = 13 // ITU-T H.273, table 3
	if primaries, known := codedPrimaries(c.codes[0]); known && c.codes[1] == sRGBCurve && c.codes[2] == 0 {
		return fromPrimaries(primaries, linear)
	}
	switch {
	case len(c.profile) > 0:
		return c.fromProfile()
	case c.standard || c.gamma == 0 && c.primaries == [4]point{}:
		return nil, errUnmanaged
	}
	curve, primaries := linear, c.primaries
	if math.Abs(c.gamma-1/2.2) > 0.01 && c.gamma > 0 { // else it stands for sRGB's curve
		curve = func(v float64) float64 { return math.Pow(v, 1/c.gamma) }
	}
	if primaries == [4]point{} {
		primaries = sRGBPrimaries()
	}
	return fromPrimaries(primaries, curve)
}

// codedPrimaries are those of ITU-T H.273, table 2, that screens have.
func codedPrimaries(code byte) (primaries [4]point, known bool) {
	d65 := point{0.3127, 0.3290}
	switch code {
	case 1:
		return sRGBPrimaries(), true
	case 9: // BT.2020
		return [4]point{d65, {0.708, 0.292}, {0.170, 0.797}, {0.131, 0.046}}, true
	case 12: // Display P3
		return [4]point{d65, {0.680, 0.320}, {0.265, 0.690}, {0.150, 0.060}}, true
	}
	return primaries, false
}

func sRGBPrimaries() [4]point {
	return [4]point{{0.3127, 0.3290}, {0.64, 0.33}, {0.30, 0.60}, {0.15, 0.06}}
}

// linear is how much light a value of sRGB is.
func linear(v float64) float64 {
	light, _, _ := colorful.Color{R: v}.LinearRgb()
	return light
}

// fromPrimaries converts colours whose light is mixed of three, such that white
// stays white.
func fromPrimaries(primaries [4]point, curve func(float64) float64) (conversion, error) {
	var xyz [4][3]float64
	for i, p := range primaries {
		if p.x < 0 || p.y <= 0 || p.x+p.y > 1.001 {
			return nil, errors.New("converting colours: the primaries are none")
		}
		xyz[i] = [3]float64{p.x / p.y, 1, (1 - p.x - p.y) / p.y}
	}
	white, r, g, b := xyz[0], xyz[1], xyz[2], xyz[3]
	columns := icc.Matrix3{{r[0], g[0], b[0]}, {r[1], g[1], b[1]}, {r[2], g[2], b[2]}}
	inverse, err := columns.Inverted()
	if err != nil {
		return nil, fmt.Errorf("converting colours: %w", err)
	}
	sr, sg, sb := inverse.Transform(white[0], white[1], white[2])
	return func(in [4]float64) [3]float64 {
		x, y, z := columns.Transform(sr*curve(in[0]), sg*curve(in[1]), sb*curve(in[2]))
		red, green, blue := colorful.XyzToLinearRgb(
			x*colorful.D65[0]/white[0], y*colorful.D65[1]/white[1], z*colorful.D65[2]/white[2])
		shown := colorful.LinearRgb(red, green, blue).Clamped()
		return [3]float64{shown.R, shown.G, shown.B}
	}, nil
}

// maxProfile bounds an ICC profile. The largest that print shops have are near it.
const maxProfile = 2 << 20

// fromProfile converts by an ICC profile, in its perceptual way, which
// browsers show.
func (c colours) fromProfile() (conversion, error) {
	file, space := c.profile, "RGB "
	if len(file) > maxProfile || !plausible(file) {
		return nil, errors.New("reading a profile: it is damaged")
	}
	channels := 3
	if c.inks {
		channels, space = 4, "CMYK"
	}
	if c.grey && string(file[16:20]) == "GRAY" {
		file = greyAsRGB(file)
	}
	if string(file[16:20]) != space {
		return nil, errors.New("reading a profile: it is of another kind of picture")
	}
	profile, err := icc.DecodeProfile(bytes.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("reading a profile: %w", err)
	}
	if profile.IsSRGB() {
		return nil, errUnmanaged
	}
	pipeline, err := profile.CreateTransformerToSRGB(icc.PerceptualRenderingIntent, false, channels, true, false, true)
	if err != nil {
		return nil, fmt.Errorf("using a profile: %w", err)
	}
	return func(in [4]float64) [3]float64 {
		var out [4]float64
		if channels == 4 {
			pipeline.TransformGeneral(out[:], in[:])
		} else {
			out[0], out[1], out[2] = pipeline.Transform(in[0], in[1], in[2])
		}
		return [3]float64(out[:3])
	}, nil
}

// The parts of an ICC profile (ICC.1:2022, 7).
const (
	profileHeader = 128
	profileTag    = 12 // signature, offset, size
	maxTags       = 100
	maxCurve      = 4096
)

// plausible checks the sizes that the library takes as they are written: of the
// table, of curves, which it searches for every point, and of tables of colours.
func plausible(profile []byte) bool {
	if len(profile) < profileHeader+4 {
		return false
	}
	count := int64(binary.BigEndian.Uint32(profile[profileHeader:]))
	start := profileHeader + 4 + profileTag*count
	if count > maxTags || start > int64(len(profile)) {
		return false
	}
	for tag := profileHeader + 4; int64(tag) < start; tag += profileTag {
		offset := int64(binary.BigEndian.Uint32(profile[tag+4:]))
		if offset < start || offset+int64(binary.BigEndian.Uint32(profile[tag+8:])) > int64(len(profile)) {
			return false
		}
	}
	return everyElement(profile, "curv", func(e []byte) bool { return binary.BigEndian.Uint32(e[8:]) <= maxCurve }) &&
		everyElement(profile, "mft1", hasFewChannels) &&
		everyElement(profile, "mft2", func(e []byte) bool {
			return hasFewChannels(e) && binary.BigEndian.Uint16(e[48:]) <= maxCurve &&
				binary.BigEndian.Uint16(e[50:]) <= maxCurve
		})
}

// everyElement reports whether all elements of a kind, wherever they are, pass.
func everyElement(profile []byte, kind string, passes func(element []byte) bool) bool {
	const longest = 52 // that passes reads
	for rest := profile; ; {
		at := bytes.Index(rest, []byte(kind+"\x00\x00\x00\x00"))
		if at < 0 {
			return true
		}
		if element := append(slices.Clone(rest[at:min(len(rest), at+longest)]), make([]byte, longest)...); !passes(element) {
			return false
		}
		rest = rest[at+4:]
	}
}

func hasFewChannels(table []byte) bool { return table[8] <= 4 && table[9] <= 4 }

// greyAsRGB makes a profile of three channels of one with a curve for grey: the
// three are sRGB's, and each has that curve.
func greyAsRGB(profile []byte) []byte {
	var curve []byte
	for tag := profileHeader + 4; tag+profileTag <= len(profile) && curve == nil; tag += profileTag {
		if string(profile[tag:tag+4]) == "kTRC" {
			offset := binary.BigEndian.Uint32(profile[tag+4:])
			curve = profile[offset : offset+binary.BigEndian.Uint32(profile[tag+8:])]
		}
	}
	names := []string{"rTRC", "gTRC", "bTRC", "rXYZ", "gXYZ", "bXYZ"}
	made := slices.Clone(profile[:profileHeader])
	copy(made[16:], "RGB ")
	made = binary.BigEndian.AppendUint32(made, uint32(len(names)))
	colorants := profileHeader + 4 + profileTag*len(names)
	for i, name := range names {
		offset, size := colorants+3*20, len(curve)
		if i >= 3 {
			offset, size = colorants+(i-3)*20, 20
		}
		made = append(made, name...)
		made = binary.BigEndian.AppendUint32(made, uint32(offset))
		made = binary.BigEndian.AppendUint32(made, uint32(size))
	}
	// sRGB's colorants, adapted to D50, in 65536ths (IEC 61966-2-1 as ICC.1 has it).
	for _, xyz := range [][3]uint32{{28578, 14581, 912}, {25241, 46981, 6362}, {9376, 3972, 46799}} {
		made = append(made, "XYZ \x00\x00\x00\x00"...)
		for _, value := range xyz {
			made = binary.BigEndian.AppendUint32(made, value)
		}
	}
	return append(made, curve...)
}

// fromInks is CMYK without a profile.
func fromInks(in [4]float64) [3]float64 {
	light := 1 - in[3]
	return [3]float64{(1 - in[0]) * light, (1 - in[1]) * light, (1 - in[2]) * light}
}

// reading takes the channels and the opacity of a pixel apart.
type reading func(pixel color.RGBA64) (channels [4]float64, alpha float64)

func opaque(p color.RGBA64) (channels [4]float64, alpha float64) {
	return [4]float64{unit(p.R), unit(p.G), unit(p.B), unit(p.A)}, 1
}

func unmultiplied(p color.RGBA64) (channels [4]float64, alpha float64) {
	if p.A == 0 {
		return channels, 0
	}
	alpha = unit(p.A)
	return [4]float64{
		min(unit(p.R)/alpha, 1), min(unit(p.G)/alpha, 1), min(unit(p.B)/alpha, 1),
	}, alpha
}

func unit(v uint16) float64 { return float64(v) / 0xffff }

// apply converts every pixel. A logo has few colours, and mostly the same one beside
// the other.
func apply(from *image.RGBA64, convert conversion, read reading) *image.RGBA64 {
	converted := image.NewRGBA64(from.Bounds())
	var last, became color.RGBA64
	for y := range from.Bounds().Dy() {
		for x := range from.Bounds().Dx() {
			pixel := from.RGBA64At(x, y)
			if pixel != last || x == 0 && y == 0 {
				channels, alpha := read(pixel)
				made := convert(channels)
				last, became = pixel, color.RGBA64{
					R: share(made[0], alpha), G: share(made[1], alpha), B: share(made[2], alpha), A: share(1, alpha),
				}
			}
			converted.SetRGBA64(x, y, became)
		}
	}
	return converted
}

// share is a channel from 0 to 1, times the opacity.
func share(value, alpha float64) uint16 {
	return uint16(math.Round(min(max(value, 0), 1) * alpha * 0xffff))
}
