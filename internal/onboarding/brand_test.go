package onboarding

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestABrandsColoursFollowFromOne(t *testing.T) {
	for _, brand := range []struct {
		colour      string
		light, dark Palette // Hover and Tint only where the design fixes them
	}{
		{"#7A2672",
			Palette{Fill: "#7a2672", OnFill: white, Hover: "#6a1563", Text: "#7a2672", Tint: "#f6f0f5"},
			Palette{Fill: "#de94d3", OnFill: ink, Text: "#ca82c0", Tint: "#2d2c37"}},
		{"#F5B301",
			Palette{Fill: "#f5b301", OnFill: ink, Text: "#89640c", Border: "#89640c"},
			Palette{Fill: "#e7b85f", OnFill: ink, Text: "#e7b85f"}},
		{"#16A34A",
			Palette{Fill: "#16a34a", OnFill: ink, Text: "#0b7a35"},
			Palette{Fill: "#77c687", OnFill: ink, Text: "#64b375"}},
	} {
		derived, err := DerivePalettes(brand.colour)
		if err != nil {
			t.Errorf("deriving from %s: %v", brand.colour, err)
		}
		for _, theme := range []struct {
			name      string
			got, want Palette
		}{{"light", derived.Light, brand.light}, {"dark", derived.Dark, brand.dark}} {
			if theme.want.Hover == "" {
				theme.got.Hover = ""
			}
			if theme.want.Tint == "" {
				theme.got.Tint = ""
			}
			if theme.got != theme.want {
				t.Errorf("%s, %s: got %+v, want %+v", brand.colour, theme.name, theme.got, theme.want)
			}
		}
	}
}

func TestNoColourMakesAPageIllegible(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	colours := []string{
		"#000000", "#ffffff", "#777777", "#808080", "#ff0000", "#00ff00", "#0000ff", "#ffff00", "#00ffff", "#ff00ff",
	}
	for range 500 {
		colours = append(colours, fmt.Sprintf("#%06x", random.IntN(1<<24)))
	}
	for _, colour := range colours {
		derived, err := DerivePalettes(colour)
		if err != nil {
			t.Fatalf("deriving from %s: %v", colour, err)
		}
		for _, theme := range []struct {
			Palette
			grounds []string
			need    float64
		}{{derived.Light, []string{"#f5f7f7", white}, 5}, {derived.Dark, []string{"#0e1518", "#151e22"}, 6}} {
			if got := contrast(hex(theme.Fill), hex(theme.OnFill)); got < 4.5 {
				t.Errorf("%s: the button %s under %s has %.2f:1", colour, theme.Fill, theme.OnFill, got)
			}
			if got := contrast(hex(theme.Hover), hex(theme.OnFill)); got < 4.5 {
				t.Errorf("%s: the hovered button %s under %s has %.2f:1", colour, theme.Hover, theme.OnFill, got)
			}
			for _, ground := range theme.grounds {
				if got := contrast(hex(theme.Text), hex(ground)); got < theme.need {
					t.Errorf("%s: text %s on %s has %.2f:1, want %.0f", colour, theme.Text, ground, got, theme.need)
				}
			}
			if got := contrast(hex(theme.Text), hex(theme.Tint)); got < 4.5 {
				t.Errorf("%s: text %s on its tint %s has %.2f:1", colour, theme.Text, theme.Tint, got)
			}
			if theme.Border == "" && contrast(hex(theme.Fill), hex(theme.grounds[1])) < 3 {
				t.Errorf("%s: the button %s is lost on %s", colour, theme.Fill, theme.grounds[1])
			}
		}
	}
}

func TestWhatIsNoColourIsRefused(t *testing.T) {
	for _, typed := range []string{"red", "#12345", "#1234567", "#fff", "123456", "#12345g", "#7A2672;}", " #7A2672"} {
		if _, err := DerivePalettes(typed); !errors.Is(err, ErrInvalid) {
			t.Errorf("deriving from %q: got %v, want an InvalidError", typed, err)
		}
	}
}

func TestTheStyleSheetHoldsNothingButColours(t *testing.T) {
	derived, err := DerivePalettes("#F5B301")
	if err != nil {
		t.Fatalf("deriving: %v", err)
	}
	css := string(derived.CSS())
	for _, want := range []string{
		"--b-fill:#f5b301", "--b-on:#14232b", "--b-line:#89640c", "prefers-color-scheme:dark", "--b-fill:#e7b85f",
		"--b-line:transparent",
	} {
		if !strings.Contains(css, want) {
			t.Errorf("the style sheet lacks %q: %s", want, css)
		}
	}
}

func TestNobodyCallsThemselvesLikeAPlatform(t *testing.T) {
	for _, name := range []string{
		"Facebook", "facebook", "FACEBOOK Support", "Faceb00k", "Face book", "F a c e b o o k",
		"Fасebook" /* Cyrillic а, с */, "Meta", "Meta Business",
		"Mailchimp", "Mai1chimp", "Hub Spot", "HubSp0t", "Sales-force", "Google Sheets", "G00gle", "Goоgle", /* Cyrillic о */
		"Activecampaign Team",
		"The Instagram Team", "Ïnstagram", "Sαlesforce", "Face\u200bbook", "MailcHımp",
	} {
		if got, err := ValidateCompany(name, serviceNames()); !errors.Is(err, ErrInvalid) {
			t.Errorf("company %q: got %q, %v, want an InvalidError", name, got, err)
		}
	}
	for _, name := range []string{
		"", "Northlight Media", "Metal Works", "Metaphor Studio", "Acme Media", "Bookface", "Hubert & Spottiswoode",
		"Sales Force One Ltd"[:5], "株式会社ノース", "شركة الشمال",
	} {
		if _, err := ValidateCompany(name, serviceNames()); err != nil {
			t.Errorf("company %q: got %v, want none", name, err)
		}
	}
}

func TestACompanyNameIsOneLine(t *testing.T) {
	for typed, want := range map[string]string{
		" Northlight \r\n Media ":                       "Northlight Media",
		"Acme\r\nBcc: victim@example.com":               "Acme Bcc: victim@example.com",
		"Acme\x00\x07 Media\t":                          "Acme Media",
		"Acme \u202egnp.exe\u2066":                      "Acme gnp.exe",
		"Northlight\u2028Media" /* a line separator */ : "Northlight Media",
	} {
		if got, err := ValidateCompany(typed, serviceNames()); err != nil || got != want {
			t.Errorf("company %q: got %q, %v, want %q", typed, got, err, want)
		}
	}
	if _, err := ValidateCompany(strings.Repeat("x", MaxCompany+1), serviceNames()); !errors.Is(err, ErrInvalid) {
		t.Errorf("a company name of %d characters: got %v, want an InvalidError", MaxCompany+1, err)
	}
}
