//go:build !quick

package system

import (
	"errors"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/keychain"
)

func TestACallThatHangsHoldsUpNobodyForEver(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
	s := New(Config{Timeout: 20 * time.Millisecond})
	release := make(chan struct{})
	hang := func() error { <-release; return nil }
	if err := s.serialize(t.Context(), hang); !errors.Is(err, keychain.ErrTimeout) || keychain.Detail(err) == "" {
		t.Errorf("the call itself: got %v", err)
	}
	if err := s.serialize(t.Context(), func() error { return nil }); !errors.Is(err, keychain.ErrTimeout) {
		t.Errorf("the call behind it: got %v", err)
	}
	close(release)
	deadline := time.Now().Add(5 * time.Second)
	for s.serialize(t.Context(), func() error { return nil }) != nil {
		if time.Now().After(deadline) {
			t.Fatal("after the answer the keychain is not free again")
		}
	}
}
