package logo

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/jpeg"
)

const jpegSignature = "\xff\xd8\xff"

// The markers of a JPEG that are read here (ITU-T T.81, table B.1).
const (
	markerSOF0  = 0xc0
	markerSOF2  = 0xc2 // progressive
	markerSOF15 = 0xcf
	markerDHT   = 0xc4 // these three are among the frames
	markerJPG   = 0xc8
	markerDAC   = 0xcc
	markerSOI   = 0xd8
	markerRST0  = 0xd0
	markerEOI   = 0xd9
	markerSOS   = 0xda
	markerTEM   = 0x01
	markerAPP1  = 0xe1
	markerAPP2  = 0xe2
	markerAPP14 = 0xee
)

// jpegFile is the content of a JPEG's markers.
type jpegFile struct {
	picture
	frame       []byte // the header of the frame
	progressive bool
	adobeRGB    bool
	profile     map[byte][]byte // its parts by number
}

// inspectJPEG reads all markers; whole is false if there is no frame.
func inspectJPEG(file []byte) (picture, bool) {
	markers := jpegFile{picture: picture{format: "JPEG"}, profile: map[byte][]byte{}}
	markers.decode = func() (image.Image, error) { return jpeg.Decode(bytes.NewReader(file)) }
	for rest := file[2:]; ; {
		start := bytes.IndexByte(rest, 0xff) // what is before it are pixels
		if start < 0 || start+1 >= len(rest) {
			break
		}
		marker := rest[start+1]
		if marker == 0xff {
			rest = rest[start+1:]
			continue
		}
		rest = rest[start+2:]
		if marker == markerEOI {
			break
		}
		if marker == 0 || marker == markerTEM || marker >= markerRST0 && marker <= markerSOI {
			continue // these stand alone
		}
		if len(rest) < 2 {
			break
		}
		length := int(binary.BigEndian.Uint16(rest))
		if length < 2 || length > len(rest) {
			break
		}
		markers.read(marker, rest[2:length])
		rest = rest[length:]
	}
	return markers.picture, markers.measure()
}

func (j *jpegFile) read(marker byte, data []byte) {
	const profileHead = "ICC_PROFILE\x00"
	switch {
	case marker == markerDHT, marker == markerJPG, marker == markerDAC:
	case marker >= markerSOF0 && marker <= markerSOF15 && j.frame == nil:
		j.frame, j.progressive = data, marker == markerSOF2
	case marker == markerSOS:
		j.scans++
	case marker == markerAPP1 && bytes.HasPrefix(data, []byte("Exif\x00")) && j.orientation == 0:
		j.orientation = readOrientation(data)
	case marker == markerAPP2 && bytes.HasPrefix(data, []byte(profileHead)) && len(data) > len(profileHead)+2:
		j.profile[data[len(profileHead)]] = data[len(profileHead)+2:]
	case marker == markerAPP14 && len(data) >= 12 && bytes.HasPrefix(data, []byte("Adobe")):
		j.adobeRGB = data[11] == 0
	}
}

// measure reads the frame: how large it is, and what decoding it takes.
func (j *jpegFile) measure() (whole bool) {
	if len(j.frame) < 6 || len(j.frame) < 6+3*int(j.frame[5]) {
		return false
	}
	j.height, j.width = int(binary.BigEndian.Uint16(j.frame[1:])), int(binary.BigEndian.Uint16(j.frame[3:]))
	components := j.frame[6 : 6+3*int(j.frame[5])]
	across, down, samples := 1, 1, 0
	for i := 0; i < len(components); i += 3 {
		h, v := int(components[i+1]>>4), int(components[i+1]&15)
		across, down, samples = max(across, h), max(down, v), samples+h*v
	}
	const block = 8
	blocks := ceil(j.width, block*across) * ceil(j.height, block*down) * samples
	j.samples = blocks * block * block
	j.memory = int64(j.samples)
	if j.progressive {
		j.memory *= 5 // a coefficient has four bytes, beside its sample
	}
	count := len(components) / 3
	if count == 4 || count == 3 && (j.adobeRGB || string([]byte{components[0], components[3], components[6]}) == "RGB") {
		j.memory += 4 * int64(j.width) * int64(j.height) // the samples, put together
	}
	j.colours.grey, j.colours.inks = count == 1, count == 4
	for part := byte(1); ; part++ {
		data, found := j.profile[part]
		if !found {
			break
		}
		j.colours.profile = append(j.colours.profile, data...)
	}
	return true
}

func ceil(n, by int) int { return (n + by - 1) / by }
