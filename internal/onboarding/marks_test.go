package onboarding_test

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

func TestACharacterUnderAPileOfMarksIsRefusedWhereItIsTyped(t *testing.T) {
	const acute, below, enclosing = "\u0301", "\u0323", "\u0489"
	for _, typed := range []string{
		"Z" + strings.Repeat(acute, 5),
		"Zalgo " + strings.Repeat("o"+strings.Repeat(acute+below, 20), 2),
		"x" + strings.Repeat(enclosing, 30),
		"\u00e9" + strings.Repeat(below, 4), // five with its own
		strings.Repeat(acute, 5) + "a",
		"ש" + strings.Repeat("\u05b8", 5),
		"ก" + strings.Repeat("\u0e48", 8),
	} {
		for of, validate := range map[string]func() (string, error){
			"line":    func() (string, error) { return onboarding.ValidateLine("line", typed, 200, "") },
			"person":  func() (string, error) { return onboarding.ValidatePersonName(typed, nil, "") },
			"client":  func() (string, error) { return onboarding.ValidateClient(typed) },
			"company": func() (string, error) { return onboarding.ValidateCompany(typed, nil) },
			"message": func() (string, error) {
				return "", onboarding.ValidateRequest(onboarding.Request{
					Client: "Harbour", Message: "Hello,\n\n" + typed + "\n", Services: []onboarding.Service{onboarding.HubSpot},
				}, func(onboarding.Service) bool { return true })
			},
		} {
			var invalid *onboarding.InvalidError
			if got, err := validate(); !errors.As(err, &invalid) || invalid.MessageID != "invalid.marks" {
				t.Errorf("%+q as a %s: got %+q and %v", typed, of, got, err)
			}
		}
	}
}

func TestTheMarksOfALanguageAreTaken(t *testing.T) {
	for _, name := range []string{
		"Nguyễn Thị Ánh Tuyết", "שָּׁלוֹם", "مُحَمَّدٌ", "ที่ปรึกษา น้ำผึ้ง", "हिन्दी कंपनी", "ᾧ Ὀδυσσεύς",
		"ကြွှံ့", "རྐྱེན", "Ǘ ǭ ṩ", "தமிழ் நிறுவனம்",
		"1\ufe0f\u20e3 Studio", "👩🏽‍💻 Studio",
	} {
		for form, typed := range map[string]string{"NFC": norm.NFC.String(name), "NFD": norm.NFD.String(name)} {
			got, err := onboarding.ValidateLine("name", typed, 100, "")
			if want := norm.NFC.String(name); err != nil || got != want {
				t.Errorf("%s in %s: got %q and %v", name, form, got, err)
			}
		}
	}
}

func TestOfAPileOfMarksTheLowestAreShown(t *testing.T) {
	for typed, want := range map[string]string{
		"Z" + strings.Repeat("\u0301", 90) + "algo": norm.NFC.String("Z" + strings.Repeat("\u0301", 4) + "algo"),
		"\u00e9" + strings.Repeat("\u0489", 9):      "\u00e9" + strings.Repeat("\u0489", 3),
		"Café":                                      "Café",
	} {
		if got := onboarding.CleanLine(typed); got != want {
			t.Errorf("%+q: got %+q, want %+q", typed, got, want)
		}
	}
}
