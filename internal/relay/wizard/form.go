package wizard

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// maxForm bounds a form of words; maxChoice one of ticks.
const (
	maxForm   = 64 << 10
	maxChoice = 1 << 20
)

// parseForm reads a form of at most so many bytes.
func parseForm(w http.ResponseWriter, r *http.Request, most int64) error {
	if r.ContentLength > most {
		return errFormTooLarge // before it is waited for
	}
	r.Body = http.MaxBytesReader(w, r.Body, most)
	if err := r.ParseForm(); err != nil {
		var long *http.MaxBytesError
		if errors.As(err, &long) {
			return errFormTooLarge
		}
		return fmt.Errorf("reading a form: %w", onboarding.ErrInvalid)
	}
	return nil
}

// fieldMessage is what a form shows beside the field, in the wizard's language;
// empty for errors that are of no field.
func (s *core) fieldMessage(err error) string {
	var invalid *onboarding.InvalidError
	if !errors.As(err, &invalid) {
		return ""
	}
	switch invalid.MessageID {
	case "invalid.named_missing", "invalid.named_kind", "invalid.named_act", "invalid.named_address",
		"invalid.characters", "invalid.address_missing", "invalid.address_one", "invalid.encoded":
		return s.pages.Text(invalid.MessageID)
	case "invalid.named_business":
		return s.pages.Text("invalid.named_business", "Business", invalid.Args["business"])
	case "invalid.marks":
		return s.pages.Text("invalid.marks", "Limit", invalid.Args["limit"])
	case "invalid.too_long":
		return s.pages.Text("invalid.too_long", "Limit", invalid.Args["limit"])
	case "invalid.address":
		return s.pages.Text("invalid.address", "Address", invalid.Args["address"])
	case "invalid.address_invisible":
		return s.pages.Text(
			"invalid.address_invisible", "Address", invalid.Args["address"], "Character", s.characterName(invalid),
		)
	case "invalid.invisible":
		return s.pages.Text("invalid.invisible", "Character", s.characterName(invalid))
	case "invalid.mixed_scripts":
		return s.pages.Text("invalid.mixed_scripts", "Word", invalid.Args["word"])
	case "invalid.platform":
		return s.pages.Text("invalid.platform", "Platform", invalid.Args["platform"])
	}
	return invalid.Message // it was printed here
}

// characterName is the invisible character that an error is about, with its
// number.
func (s *core) characterName(invalid *onboarding.InvalidError) string {
	name := s.pages.Text("character.unnamed")
	for _, id := range []string{
		"character.tab", "character.line_break", "character.no_break_space", "character.soft_hyphen",
		"character.zero_width_space", "character.zero_width_joiner", "character.direction_mark", "character.word_joiner",
		"character.byte_order_mark",
	} {
		if invalid.Args["character"] == id {
			name = s.pages.Text(id)
		}
	}
	return name + " (" + invalid.Args["number"] + ")"
}
