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
	case "invalid.characters":
		return s.pages.Text("invalid.characters")
	case "invalid.too_long":
		return s.pages.Text("invalid.too_long", "Limit", invalid.Args["limit"])
	case "invalid.address_missing":
		return s.pages.Text("invalid.address_missing")
	case "invalid.address":
		return s.pages.Text("invalid.address", "Address", invalid.Args["address"])
	}
	return invalid.Message // it was printed here
}
