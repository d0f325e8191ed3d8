package logo

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"image"
	"image/png"
	"io"
)

const pngSignature = "\x89PNG\r\n\x1a\n"

// The colour types of a PNG (PNG 3, 11.2.1): bits of one number.
const (
	pngPalette = 1
	pngColour  = 2
	pngAlpha   = 4
)

// inspectPNG reads the chunks before the pixels; whole is false if the file is none.
func inspectPNG(file []byte) (p picture, whole bool) {
	p.format = "PNG"
	p.decode = func() (image.Image, error) { return png.Decode(bytes.NewReader(file)) }
	var header []byte
	transparent := false
	for rest := file[len(pngSignature):]; len(rest) >= 12; {
		length := int64(binary.BigEndian.Uint32(rest))
		if length > int64(len(rest)-12) {
			break
		}
		kind, data := string(rest[4:8]), rest[8:8+length]
		rest = rest[12+length:]
		switch kind {
		case "IHDR":
			if header != nil || len(data) != 13 {
				return p, false
			}
			header = data
		case "tRNS":
			transparent = true
		case "eXIf":
			p.orientation = readOrientation(data)
		case "IDAT":
			rest = nil // what follows is not read
		default:
			p.colours.readChunk(kind, data)
		}
	}
	if header == nil {
		return p, false
	}
	p.width, p.height = bound(binary.BigEndian.Uint32(header)), bound(binary.BigEndian.Uint32(header[4:]))
	p.colours.grey = header[9]&(pngColour|pngPalette) == 0
	p.memory = int64(p.width) * int64(p.height) * pngPixel(header[8], header[9], transparent)
	if interlaced := header[12] != 0; interlaced {
		p.memory *= 2 // each of the seven passes is a picture of its own, too
	}
	return p, true
}

// pngPixel is how many bytes a pixel has once it is decoded.
func pngPixel(depth, kind byte, transparent bool) int64 {
	switch grey := kind&(pngColour|pngAlpha) == 0 && !transparent; {
	case kind&pngPalette != 0:
		return 1
	case grey && depth == 16:
		return 2
	case grey:
		return 1
	case depth == 16:
		return 8
	}
	return 4
}

// bound makes a size from outside one whose square is a number.
func bound(n uint32) int { return int(min(n, 1<<30)) }

// readChunk reads a chunk that describes the colours (PNG 3, 11.3.2).
func (c *colours) readChunk(kind string, data []byte) {
	switch {
	case kind == "iCCP":
		c.profile = inflateProfile(data)
	case kind == "cICP" && len(data) == 4:
		c.codes = [4]byte(data)
	case kind == "sRGB":
		c.standard = true
	case kind == "gAMA" && len(data) == 4:
		c.gamma = fixed(data)
	case kind == "cHRM" && len(data) == 32:
		for i := range c.primaries {
			c.primaries[i] = point{x: fixed(data[8*i:]), y: fixed(data[8*i+4:])}
		}
	}
}

// fixed is a number of a gAMA or cHRM chunk.
func fixed(data []byte) float64 { return float64(binary.BigEndian.Uint32(data)) / 100_000 }

// inflateProfile reads an iCCP chunk: a name, a method and the compressed profile.
// One that is too large or damaged is none.
func inflateProfile(data []byte) []byte {
	_, packed, found := bytes.Cut(data, []byte{0})
	if !found || len(packed) < 1 || packed[0] != 0 {
		return nil
	}
	inflater, err := zlib.NewReader(bytes.NewReader(packed[1:]))
	if err != nil {
		return nil
	}
	profile, err := io.ReadAll(io.LimitReader(inflater, maxProfile+1))
	if err != nil || len(profile) > maxProfile {
		return nil
	}
	return profile
}
