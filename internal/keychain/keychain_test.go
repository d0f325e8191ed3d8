package keychain

import (
	"errors"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

func TestMemoryForgetsWhatIsDeleted(t *testing.T) {
	m := NewMemory()
	if err := m.Set(t.Context(), "a", onboarding.NewSecret("x")); err != nil {
		t.Fatal(err)
	}
	if got, err := m.Get(t.Context(), "a"); err != nil || got.Reveal() != "x" {
		t.Errorf("got %v", err)
	}
	if err := m.Delete(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Get(t.Context(), "a"); !errors.Is(err, ErrNotFound) {
		t.Errorf("got %v", err)
	}
	if err := m.Delete(t.Context(), "a"); !errors.Is(err, ErrNotFound) {
		t.Errorf("deleting twice: got %v", err)
	}
}
