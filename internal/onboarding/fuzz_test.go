package onboarding

import (
	"errors"
	"net/mail"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// A valid address is safe in a header and in SMTP, and validating it again
// changes nothing.
func FuzzAddress(f *testing.F) {
	for _, seed := range []string{
		"lena@harbour.example", "a@b.c\r\nRCPT TO:<x@y.example>", "<a@b.example>", "a@b.example, c@d.example",
		"\"a b\"@c.example", "a@[127.0.0.1]", "a\u202e@b.example",
		"o'hara+tag@xn--b.example", "ä@ö.example", "a@b.example>", "a@b\x00.example", "a b@c.example", "(x)a@b.example",
		"@a.example:b@c.example"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		address, err := ValidateAddress("email", typed)
		if err != nil {
			if !errors.Is(err, ErrInvalid) {
				t.Errorf("%q: %v", typed, err)
			}
			return
		}
		if strings.ContainsAny(address, "\r\n\x00<>,;\" \t") || strings.IndexFunc(address, unicode.IsControl) >= 0 ||
			!utf8.ValidString(address) || len(address) > MaxAddress {
			t.Errorf("%q was taken as %q", typed, address)
		}
		if again, err := ValidateAddress("email", address); err != nil || again != address {
			t.Errorf("%q, read again, is %q, %v", address, again, err)
		}
		if list, err := mail.ParseAddressList(address); err != nil || len(list) != 1 || list[0].Address != address {
			t.Errorf("%q is not one address: %v", address, err)
		}
		_ = MaskAddress(address)
	})
}

func FuzzOneLine(f *testing.F) {
	for _, seed := range []string{
		"Harbour & Pine", "a\nb", "\u2028", "\u202eevil", "\x00", "\xff", strings.Repeat("x", 200), "  ", "\u200b",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		line, err := ValidateLine("name", typed, MaxName, "Enter your name.")
		if err != nil {
			return
		}
		if line == "" || !utf8.ValidString(line) || strings.IndexFunc(line, isForbidden) >= 0 ||
			utf8.RuneCountInString(line) > MaxName || line != strings.TrimSpace(line) {
			t.Errorf("%q was taken as %q", typed, line)
		}
	})
}

func FuzzColour(f *testing.F) {
	for _, seed := range []string{"", "#0b6478", "#ffffff", "#000", "#12345g", "red", "#0b6478;}", "#\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, colour string) {
		palettes, err := DerivePalettes(colour)
		if err != nil {
			return
		}
		if css := string(palettes.CSS()); strings.ContainsAny(css, "<\\\"'") {
			t.Errorf("%q makes %q", colour, css)
		}
	})
}
