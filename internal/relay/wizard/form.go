package wizard

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// maxForm bounds a form of words; maxChoice one of ticks.
const (
	maxForm   = 64 << 10
	maxChoice = 1 << 20
)

// formTimeout is how long a browser may take to send a form. Who takes longer
// only holds a connection.
const formTimeout = 10 * time.Second

// parseForm reads a form of at most so many bytes.
func parseForm(w http.ResponseWriter, r *http.Request, most int64) error {
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(formTimeout)) // a recorder in a test has none
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

// messageOf is what a form says beside the field; empty for other errors.
func messageOf(err error) string {
	var wrong *onboarding.InvalidError
	if errors.As(err, &wrong) {
		return wrong.Message
	}
	return ""
}
