package system_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/keychain/system"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// TestASecretOfAnySizeIsKeptInTheCredentialManager: one entry there has 2,560 bytes at most.
func TestASecretOfAnySizeIsKeptInTheCredentialManager(t *testing.T) {
	k := system.New(system.Config{Service: "Latchkey test"})
	ctx := t.Context()
	for _, secret := range []string{"short", strings.Repeat("long ", 4000), "short again"} {
		if err := k.Set(ctx, "device", onboarding.NewSecret(secret)); err != nil {
			t.Fatal(err)
		}
		got, err := k.Get(ctx, "device")
		if err != nil || got.Reveal() != secret {
			t.Errorf("of %d bytes came %d back, and %v", len(secret), len(got.Reveal()), err)
		}
	}
	if err := k.Delete(ctx, "device"); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Get(ctx, "device"); !errors.Is(err, keychain.ErrNotFound) {
		t.Errorf("what was deleted: got %v", err)
	}
	if err := k.Delete(ctx, "device"); !errors.Is(err, keychain.ErrNotFound) {
		t.Errorf("deleted once more: got %v", err)
	}
}
