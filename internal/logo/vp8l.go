package logo

import "errors"

// The parts of a picture without loss (RFC 9649, 3).
const (
	vp8lHeader     = 5 // magic number, sizes, version
	literalCodes   = 256
	lengthCodes    = 24
	distanceCodes  = 40
	maxCacheBits   = 11
	treesOfAGroup  = 5
	predictor      = 0
	crossColour    = 1
	colourIndexing = 3
)

// What golang.org/x/image/vp8l allocates and takes.
const (
	maxGroups    = 2600 // no encoder makes more
	bytesOfATree = 540  // without its nodes
	bytesOfANode = 8    // of which there are two for each symbol
)

var errNoCodes = errors.New("the codes of the picture are damaged")

// codesMemory is how many bytes the decoder needs for the prefix codes of a picture
// without loss, which the file says long before its pixels: a small picture can have
// thousands of large codes. ok is false for what no decoder can read.
func codesMemory(stream []byte, width, height int) (bytes int64, ok bool) {
	s := codeScanner{bits: bitReader{rest: stream}, height: height}
	if err := s.transforms(&width); err != nil {
		return 0, false
	}
	err := s.groups(width)
	return s.memory, err == nil
}

// codeScanner reads the stream up to the pixels of the picture itself.
type codeScanner struct {
	bits   bitReader
	height int
	memory int64
}

// transforms reads the transforms with their pictures. width becomes that of what is
// stored.
func (s *codeScanner) transforms(width *int) error {
	seen := map[int]bool{}
	for {
		switch more, err := s.bits.read(1); {
		case err != nil:
			return err
		case more == 0:
			return nil
		}
		kind, err := s.bits.read(2)
		if err != nil {
			return err
		}
		if seen[kind] {
			return errNoCodes
		}
		seen[kind] = true
		switch kind {
		case predictor, crossColour:
			_, _, err = s.tiles(*width)
		case colourIndexing:
			err = s.palette(width)
		}
		if err != nil {
			return err
		}
	}
}

// tiles reads a picture that has a pixel for each tile, and how many bits wide one is.
func (s *codeScanner) tiles(width int) (pixels []uint32, bits int, err error) {
	if bits, err = s.bits.read(3); err != nil {
		return nil, 0, err
	}
	bits += 2
	pixels, err = s.picture(ceil(width, 1<<bits), ceil(s.height, 1<<bits))
	return pixels, bits, err
}

// palette reads the colours; several indices can share a pixel.
func (s *codeScanner) palette(width *int) error {
	colours, err := s.bits.read(8)
	if err != nil {
		return err
	}
	colours++
	if _, err := s.picture(colours, 1); err != nil {
		return err
	}
	switch {
	case colours <= 2:
		*width = ceil(*width, 8)
	case colours <= 4:
		*width = ceil(*width, 4)
	case colours <= 16:
		*width = ceil(*width, 2)
	}
	return nil
}

// groups reads the codes of the picture itself: one group, or one for each number that
// a picture of tiles has.
func (s *codeScanner) groups(width int) error {
	cache, err := s.cacheBits()
	if err != nil {
		return err
	}
	several, err := s.bits.read(1)
	if err != nil {
		return err
	}
	used, last := map[int]bool{0: true}, 0
	if several == 1 {
		tiles, _, err := s.tiles(width)
		if err != nil {
			return err
		}
		clear(used)
		for _, tile := range tiles {
			group := int(tile >> 8 & 0xffff) // red and green
			used[group], last = true, max(last, group)
		}
	}
	if last >= maxGroups {
		return errNoCodes
	}
	for group := range last + 1 {
		if s.memory > maxMemory { // whatever follows
			return nil
		}
		memory, err := s.groupMemory(cache)
		if err != nil {
			return err
		}
		// The decoder keeps those that no tile uses too, where there are few.
		if used[group] || last < 1000 {
			s.memory += memory
		}
	}
	return nil
}

// cacheBits reads how large the cache of colours is; zero: there is none.
func (s *codeScanner) cacheBits() (int, error) {
	if has, err := s.bits.read(1); err != nil || has == 0 {
		return 0, err
	}
	bits, err := s.bits.read(4)
	if err == nil && (bits < 1 || bits > maxCacheBits) {
		err = errNoCodes
	}
	return bits, err
}

// alphabets are how many symbols the five codes of a group have: green with lengths and
// cache, red, blue, alpha and distance.
func alphabets(cacheBits int) [treesOfAGroup]int {
	green := literalCodes + lengthCodes
	if cacheBits > 0 {
		green += 1 << cacheBits
	}
	return [treesOfAGroup]int{green, literalCodes, literalCodes, literalCodes, distanceCodes}
}

// groupMemory reads a group of codes and returns what the decoder allocates for it.
func (s *codeScanner) groupMemory(cacheBits int) (memory int64, err error) {
	for _, symbols := range alphabets(cacheBits) {
		used, err := s.bits.countCode(symbols)
		if err != nil {
			return 0, err
		}
		memory += bytesOfATree + int64(2*used-1)*bytesOfANode
	}
	return memory, nil
}

// picture reads one of the pictures that describe the real one, in ARGB.
func (s *codeScanner) picture(width, height int) ([]uint32, error) {
	bits, err := s.cacheBits()
	if err != nil {
		return nil, err
	}
	p := describing{
		bits: &s.bits, width: width, pixels: make([]uint32, 0, width*height), cacheBits: bits,
		cache: make([]uint32, 1<<bits),
	}
	for i, symbols := range alphabets(bits) {
		if p.trees[i], err = s.bits.readCode(symbols); err != nil {
			return nil, err
		}
	}
	for len(p.pixels) < width*height {
		if err := p.next(); err != nil {
			return nil, err
		}
	}
	return p.pixels, nil
}

// describing is a picture that is being read, with one group of codes.
type describing struct {
	bits      *bitReader
	trees     [treesOfAGroup]prefixCode
	width     int
	pixels    []uint32 // so far; their capacity is all of them
	cacheBits int
	cache     []uint32
}

func (p *describing) append(pixel uint32) {
	const multiplier = 0x1e35a7bd // RFC 9649, 5.2.3
	p.pixels = append(p.pixels, pixel)
	if p.cacheBits > 0 {
		p.cache[pixel*multiplier>>(32-p.cacheBits)] = pixel
	}
}

// next reads a pixel, or a run of those before.
func (p *describing) next() error {
	symbol, err := p.trees[0].next(p.bits)
	switch {
	case err != nil:
		return err
	case symbol < literalCodes:
		pixel := uint32(symbol) << 8
		for i, shift := range []int{16, 0, 24} { // red, blue, alpha
			value, err := p.trees[1+i].next(p.bits)
			if err != nil {
				return err
			}
			pixel |= uint32(value) << shift
		}
		p.append(pixel)
		return nil
	case symbol >= literalCodes+lengthCodes:
		p.append(p.cache[symbol-literalCodes-lengthCodes])
		return nil
	}
	length, err := p.bits.readValue(symbol - literalCodes)
	if err != nil {
		return err
	}
	if symbol, err = p.trees[4].next(p.bits); err != nil {
		return err
	}
	code, err := p.bits.readValue(symbol)
	if err != nil {
		return err
	}
	back := distance(code, p.width)
	if back > len(p.pixels) || length > cap(p.pixels)-len(p.pixels) {
		return errNoCodes
	}
	for range length {
		p.append(p.pixels[len(p.pixels)-back])
	}
	return nil
}

// distance is how many pixels before a code points to: the first codes are neighbours
// (RFC 9649, 5.2.2), with the row in the upper half and eight minus the column below.
func distance(code, width int) int {
	neighbours := [...]byte{
		0x18, 0x07, 0x17, 0x19, 0x28, 0x06, 0x27, 0x29, 0x16, 0x1a, 0x26, 0x2a, 0x38, 0x05, 0x37, 0x39, 0x15, 0x1b, 0x36,
		0x3a, 0x25, 0x2b, 0x48, 0x04, 0x47, 0x49, 0x14, 0x1c, 0x35, 0x3b, 0x46, 0x4a, 0x24, 0x2c, 0x58, 0x45, 0x4b, 0x34,
		0x3c, 0x03, 0x57, 0x59, 0x13, 0x1d, 0x56, 0x5a, 0x23, 0x2d, 0x44, 0x4c, 0x55, 0x5b, 0x33, 0x3d, 0x68, 0x02, 0x67,
		0x69, 0x12, 0x1e, 0x66, 0x6a, 0x22, 0x2e, 0x54, 0x5c, 0x43, 0x4d, 0x65, 0x6b, 0x32, 0x3e, 0x78, 0x01, 0x77, 0x79,
		0x53, 0x5d, 0x11, 0x1f, 0x64, 0x6c, 0x42, 0x4e, 0x76, 0x7a, 0x21, 0x2f, 0x75, 0x7b, 0x31, 0x3f, 0x63, 0x6d, 0x52,
		0x5e, 0x00, 0x74, 0x7c, 0x41, 0x4f, 0x10, 0x20, 0x62, 0x6e, 0x30, 0x73, 0x7d, 0x51, 0x5f, 0x40, 0x72, 0x7e, 0x61,
		0x6f, 0x50, 0x71, 0x7f, 0x60, 0x70,
	}
	if code > len(neighbours) {
		return code - len(neighbours)
	}
	at := int(neighbours[code-1])
	return max(1, at>>4*width+8-at&15)
}
