package keychain

import (
	"errors"
	"testing"
	"time"

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

func TestACallThatHangsHoldsUpNobodyForEver(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
	s := New(Config{Limit: 20 * time.Millisecond})
	release := make(chan struct{})
	hang := func() error { <-release; return nil }
	if err := s.inTurn(t.Context(), hang); !errors.Is(err, ErrTimeout) || Explain(err) == "" {
		t.Errorf("the call itself: got %v", err)
	}
	if err := s.inTurn(t.Context(), func() error { return nil }); !errors.Is(err, ErrTimeout) {
		t.Errorf("the call behind it: got %v", err)
	}
	close(release)
	deadline := time.Now().Add(5 * time.Second)
	for s.inTurn(t.Context(), func() error { return nil }) != nil {
		if time.Now().After(deadline) {
			t.Fatal("after the answer the keychain is not free again")
		}
	}
}
