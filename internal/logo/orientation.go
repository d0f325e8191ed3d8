package logo

import (
	"bytes"
	"encoding/binary"
	"image"
)

// The orientations of EXIF that exchange width and height: see orient.
const firstTurned = 5

// orientationTag is "Orientation" in CIPA DC-008 (Exif 2.32), 4.6.4 A.
const orientationTag = 0x0112

// readOrientation is the orientation in a file's EXIF, which is a TIFF; 1, as it
// is, when there is none.
func readOrientation(exif []byte) int {
	tiff := bytes.TrimPrefix(exif, []byte("Exif\x00\x00"))
	var order binary.ByteOrder = binary.LittleEndian
	switch {
	case bytes.HasPrefix(tiff, []byte("MM\x00*")):
		order = binary.BigEndian
	case !bytes.HasPrefix(tiff, []byte("II*\x00")):
		return 1
	}
	const entry = 12 // tag, type, count and value
	if len(tiff) < 8 || int64(order.Uint32(tiff[4:])) > int64(len(tiff)) {
		return 1
	}
	rest := tiff[order.Uint32(tiff[4:]):]
	if len(rest) < 2 {
		return 1
	}
	count := int(order.Uint16(rest))
	for rest = rest[2:]; count > 0 && len(rest) >= entry; count, rest = count-1, rest[entry:] {
		if order.Uint16(rest) != orientationTag {
			continue
		}
		value := int(order.Uint16(rest[8:]))
		if order.Uint16(rest[2:]) == 4 { // a LONG, where EXIF has a SHORT
			value = int(order.Uint32(rest[8:]))
		}
		if value >= 1 && value <= 8 {
			return value
		}
	}
	return 1
}

// orient turns and mirrors a picture so that it is upright.
func orient(from *image.RGBA64, orientation int) *image.RGBA64 {
	if orientation <= 1 {
		return from
	}
	width, height := from.Bounds().Dx(), from.Bounds().Dy()
	right, bottom := width-1, height-1
	size := image.Rect(0, 0, width, height)
	if orientation >= firstTurned {
		size = image.Rect(0, 0, height, width)
	}
	upright := image.NewRGBA64(size)
	for y := range size.Dy() {
		for x := range size.Dx() {
			// Where each orientation has row 0 and column 0: Exif 2.32, 4.6.4 A.
			at := [...]image.Point{
				2: {X: right - x, Y: y},
				3: {X: right - x, Y: bottom - y},
				4: {X: x, Y: bottom - y},
				5: {X: y, Y: x},
				6: {X: y, Y: bottom - x},
				7: {X: right - y, Y: bottom - x},
				8: {X: right - y, Y: x},
			}[orientation]
			upright.SetRGBA64(x, y, from.RGBA64At(at.X, at.Y))
		}
	}
	return upright
}
