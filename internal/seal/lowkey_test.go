package seal

import (
	"strings"
	"testing"
)

// A key whose half for X25519 is a point of low order parses, and nothing can be sealed
// for it: it would stop the sealing for every other computer of the agency.
func TestAKeyThatNothingCanBeSealedForIsNoKey(t *testing.T) {
	_, public, err := NewKey()
	if err != nil {
		t.Fatal(err)
	}
	for name, point := range map[string]byte{"zero": 0, "one": 1} {
		raw := decodeBech32(t, public)
		clear(raw[len(raw)-32:])
		raw[len(raw)-32] = point
		low := encodeBech32("age1pq", raw)
		if _, err := Seal(Binding{}, []byte("canary"), low); err == nil {
			t.Errorf("%s: it is sealed for", name)
		}
		if err := ValidatePublicKey(low); err == nil {
			t.Errorf("%s: it is taken", name)
		}
	}
	if err := ValidatePublicKey(encodeBech32("age1pq", decodeBech32(t, public))); err != nil {
		t.Errorf("an honest one, written again: %v", err)
	}
}

const bech32Alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"

// decodeBech32 reads the bytes of a key (BIP 173).
func decodeBech32(t *testing.T, text string) []byte {
	t.Helper()
	data := text[strings.LastIndex(text, "1")+1 : len(text)-6]
	var raw []byte
	bits, count := 0, 0
	for _, char := range data {
		bits, count = bits<<5|strings.IndexRune(bech32Alphabet, char), count+5
		if count >= 8 {
			count -= 8
			raw = append(raw, byte(bits>>count))
			bits &= 1<<count - 1
		}
	}
	return raw
}

func encodeBech32(prefix string, raw []byte) string {
	var data []int
	bits, count := 0, 0
	for _, b := range raw {
		bits, count = bits<<8|int(b), count+8
		for count >= 5 {
			count -= 5
			data = append(data, bits>>count)
			bits &= 1<<count - 1
		}
	}
	if count > 0 {
		data = append(data, bits<<(5-count))
	}
	var all []int
	for _, c := range prefix {
		all = append(all, int(c)>>5)
	}
	all = append(all, 0)
	for _, c := range prefix {
		all = append(all, int(c)&31)
	}
	sum := 1
	for _, value := range append(append(all, data...), 0, 0, 0, 0, 0, 0) {
		top := sum >> 25
		sum = sum&0x1ffffff<<5 ^ value
		for i, generator := range []int{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
			if top>>i&1 == 1 {
				sum ^= generator
			}
		}
	}
	sum ^= 1
	for i := range 6 {
		data = append(data, sum>>(5*(5-i))&31)
	}
	text := strings.Builder{}
	text.WriteString(prefix + "1")
	for _, value := range data {
		text.WriteByte(bech32Alphabet[value])
	}
	return text.String()
}
