package onboarding

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
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

// Any file yields a small PNG, or an InvalidError.
func FuzzLogo(f *testing.F) {
	picture := image.NewNRGBA(image.Rect(0, 0, 9, 5))
	picture.Set(3, 3, color.NRGBA{R: 200, A: 99})
	var asPNG, asJPEG bytes.Buffer
	if err := errors.Join(png.Encode(&asPNG, picture), jpeg.Encode(&asJPEG, picture, nil)); err != nil {
		f.Fatal(err)
	}
	f.Add(asPNG.Bytes())
	f.Add(asJPEG.Bytes())
	f.Add([]byte("RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00/\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00"))
	f.Add([]byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`))
	f.Add(append(asPNG.Bytes(), "<script>alert(1)</script>"...))
	f.Fuzz(func(t *testing.T, file []byte) {
		logo, err := FitLogo(file)
		if err != nil {
			if !errors.Is(err, ErrInvalid) {
				t.Errorf("%v", err)
			}
			return
		}
		config, format, err := image.DecodeConfig(bytes.NewReader(logo))
		if err != nil || format != "png" || config.Width > LogoWidth || config.Height > LogoHeight || len(logo) > MaxLogo {
			t.Errorf("it became %s of %d×%d in %d bytes, %v", format, config.Width, config.Height, len(logo), err)
		}
		if bytes.Contains(logo, []byte("<script")) {
			t.Error("what stood behind the picture came along")
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
