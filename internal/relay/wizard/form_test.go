package wizard

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
)

// In English a form shows the rules' own sentences, but from its own message file.
func TestAFieldsMessageIsPrintedInTheWizardsLanguage(t *testing.T) {
	renderer, err := pages.New(pages.Config{Catalog: catalogtest.New(t)})
	if err != nil {
		t.Fatal(err)
	}
	s := &core{pages: renderer}
	line := func(typed string) error {
		_, err := onboarding.ValidateLine("name", typed, 20, "")
		return err
	}
	address := func(typed string) error {
		_, err := onboarding.ValidateTypedAddress("email", typed)
		return err
	}
	name := func(typed string) error {
		_, err := onboarding.ValidateName("name", typed, 20, "")
		return err
	}
	person := func(typed string) error {
		_, err := onboarding.ValidatePersonName(typed, []string{"Facebook"}, "")
		return err
	}
	pasted := func(typed string) error {
		_, err := onboarding.ValidatePasted("key", typed)
		return err
	}
	for what, err := range map[string]error{
		"characters":  line("a\xffb"),
		"mixed":       name("Nоrth"), // a Cyrillic о
		"encoded":     name("=?utf-8?q?North?="),
		"platform":    person("Facebook Support"),
		"hidden":      address("a\u200bna@x.example"),
		"pasted":      pasted("a\u200bb"),
		"too long":    line(strings.Repeat("x", 21)),
		"marks":       line("Z" + strings.Repeat("\u0301", 5)),
		"no address":  address(""),
		"two":         address("ana@x.example, ben@x.example"),
		"half of one": address("ana@"),
		"no domain":   address("ana@localhost"),
	} {
		var invalid *onboarding.InvalidError
		if !errors.As(err, &invalid) || invalid.MessageID == "" {
			t.Errorf("%s: %v has no message id", what, err)
			continue
		}
		want := invalid.Message
		invalid.Message = "not printed"
		if got := s.fieldMessage(invalid); got != want {
			t.Errorf("%s: got %q, want %q", what, got, want)
		}
	}
	if got := s.fieldMessage(onboarding.Invalid("name", "Enter your name.")); got != "Enter your name." {
		t.Errorf("a message that was printed already: got %q", got)
	}
	if got := s.fieldMessage(onboarding.ErrInvalid); got != "" {
		t.Errorf("an error of no field: got %q", got)
	}
}

func TestAFormThatIsTooLongIsNotReadAtAll(t *testing.T) {
	for length, want := range map[int64]bool{1: false, maxForm: false, maxForm + 1: true, 3 << 20: true} {
		r := httptest.NewRequest(http.MethodPost, "/", iotest.ErrReader(errors.New("it is read")))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.ContentLength = length
		if err := parseForm(httptest.NewRecorder(), r, maxForm); err == nil || errors.Is(err, errFormTooLarge) != want {
			t.Errorf("a form of %d bytes: got %v", length, err)
		}
	}
}
