package logo

// bitReader reads bits, the lowest of each byte first.
type bitReader struct {
	rest    []byte
	bits    uint64
	count   int
	lengths [literalCodes + lengthCodes + 1<<maxCacheBits]uint8
}

func (r *bitReader) read(n int) (int, error) {
	for r.count < n {
		if len(r.rest) == 0 {
			return 0, errNoCodes
		}
		r.bits |= uint64(r.rest[0]) << r.count
		r.rest, r.count = r.rest[1:], r.count+8
	}
	value := int(r.bits & (1<<n - 1))
	r.bits, r.count = r.bits>>n, r.count-n
	return value, nil
}

// readValue reads a length or a distance (RFC 9649, 5.2.2): its symbol has been read.
func (r *bitReader) readValue(symbol int) (int, error) {
	if symbol < 4 {
		return symbol + 1, nil
	}
	extra := (symbol - 2) >> 1
	value, err := r.read(extra)
	return (2+symbol&1)<<extra + value + 1, err
}

// maxCodeLength is how many bits a prefix code has.
const maxCodeLength = 15

// prefixCode is a canonical prefix code: how many symbols each length has, and the
// symbols in the order of their codes.
type prefixCode struct {
	counts  [maxCodeLength + 1]int
	symbols []int
}

// newPrefixCode makes the code in which each symbol has a length; zero: it is not used.
func newPrefixCode(lengths []uint8) (prefixCode, error) {
	counts, used, err := countLengths(lengths)
	p := prefixCode{counts: counts, symbols: make([]int, used)}
	if err != nil {
		return p, err
	}
	var next [maxCodeLength + 1]int // where the next symbol of a length goes
	for length := 2; length <= maxCodeLength; length++ {
		next[length] = next[length-1] + counts[length-1]
	}
	for symbol, length := range lengths {
		if length > 0 {
			p.symbols[next[length]] = symbol
			next[length]++
		}
	}
	return p, nil
}

// countLengths counts the symbols of each length, and all. It refuses lengths that leave
// a code without a symbol, or two symbols with one.
func countLengths(lengths []uint8) (counts [maxCodeLength + 1]int, used int, err error) {
	for _, length := range lengths {
		if length > 0 {
			counts[length]++
			used++
		}
	}
	left := 1
	for _, count := range counts[1:] {
		if left = 2*left - count; left < 0 {
			return counts, used, errNoCodes
		}
	}
	if used == 0 || used > 1 && left != 0 {
		err = errNoCodes
	}
	return counts, used, err
}

// next reads a symbol.
func (p *prefixCode) next(r *bitReader) (int, error) {
	if len(p.symbols) == 1 {
		return p.symbols[0], nil
	}
	code, first, index := 0, 0, 0
	for _, count := range p.counts[1:] {
		bit, err := r.read(1)
		if err != nil {
			return 0, err
		}
		code |= bit
		if code-first < count {
			return p.symbols[index+code-first], nil
		}
		index, first, code = index+count, (first+count)<<1, code<<1
	}
	return 0, errNoCodes
}

// readCode reads a prefix code for so many symbols (RFC 9649, 6.2.1).
func (r *bitReader) readCode(symbols int) (prefixCode, error) {
	simple, err := r.read(1)
	if err != nil {
		return prefixCode{}, err
	}
	if simple == 1 {
		return r.readSimpleCode(symbols)
	}
	lengths, err := r.readLengths(symbols)
	if err != nil {
		return prefixCode{}, err
	}
	return newPrefixCode(lengths)
}

// countCode is readCode for how many symbols the code has.
func (r *bitReader) countCode(symbols int) (int, error) {
	simple, err := r.read(1)
	if err != nil {
		return 0, err
	}
	if simple == 1 {
		code, err := r.readSimpleCode(symbols)
		return len(code.symbols), err
	}
	lengths, err := r.readLengths(symbols)
	if err != nil {
		return 0, err
	}
	_, used, err := countLengths(lengths)
	return used, err
}

// readSimpleCode reads a code of one or two symbols, which it names.
func (r *bitReader) readSimpleCode(symbols int) (prefixCode, error) {
	var p prefixCode
	head, err := r.read(2)
	if err != nil {
		return p, err
	}
	for n := range 1 + head&1 {
		bits := 8
		if n == 0 && head&2 == 0 {
			bits = 1
		}
		symbol, err := r.read(bits)
		if err != nil {
			return p, err
		}
		if symbol >= symbols {
			return p, errNoCodes
		}
		p.symbols = append(p.symbols, symbol)
		p.counts[1]++
	}
	return p, nil
}

// readLengths reads how long the code of each symbol is: that is under a code of its own.
// The next call overwrites them.
func (r *bitReader) readLengths(symbols int) ([]uint8, error) {
	order := [...]int{17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}
	count, err := r.read(4)
	if err != nil || 4+count > len(order) {
		return nil, errNoCodes
	}
	ofLengths := make([]uint8, len(order))
	for _, at := range order[:4+count] {
		length, err := r.read(3)
		if err != nil {
			return nil, err
		}
		ofLengths[at] = uint8(length)
	}
	code, err := newPrefixCode(ofLengths)
	if err != nil {
		return nil, err
	}
	limit, err := r.readLimit(symbols)
	if err != nil {
		return nil, err
	}
	lengths := r.lengths[:0:symbols]
	for before := uint8(8); len(lengths) < symbols && limit > 0; limit-- {
		length, err := code.next(r)
		if err != nil {
			return nil, err
		}
		if length <= maxCodeLength {
			lengths = append(lengths, uint8(length))
			if length != 0 {
				before = uint8(length)
			}
			continue
		}
		if lengths, err = r.repeat(lengths, length, before); err != nil {
			return nil, err
		}
	}
	return lengths, nil
}

// readLimit reads how many lengths are stored.
func (r *bitReader) readLimit(symbols int) (int, error) {
	limited, err := r.read(1)
	if err != nil || limited == 0 {
		return symbols, err
	}
	bits, err := r.read(3)
	if err != nil {
		return 0, err
	}
	limit, err := r.read(2 + 2*bits)
	if err == nil && limit+2 > symbols {
		err = errNoCodes
	}
	return limit + 2, err
}

// repeat appends a length several times: 16 the one before, 17 and 18 zero.
func (r *bitReader) repeat(lengths []uint8, kind int, before uint8) ([]uint8, error) {
	bits, least := 2, 3
	switch kind {
	case 17:
		before, bits = 0, 3
	case 18:
		before, bits, least = 0, 7, 11
	}
	more, err := r.read(bits)
	if err != nil || len(lengths)+least+more > cap(lengths) {
		return nil, errNoCodes
	}
	for range least + more {
		lengths = append(lengths, before)
	}
	return lengths, nil
}
