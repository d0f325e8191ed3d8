package keyset_test

import (
	"bytes"
	"path/filepath"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/keyset"
)

func TestASealedSecretOpensWithItsKeyFileAndPurposeAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "relay.key")
	open := func(path string) *keyset.Keyset {
		t.Helper()
		keys, err := keyset.Open(path, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		return keys
	}
	sealed, err := open(path).SealSecret("webhook 1", onboarding.NewSecret("canary"))
	if err != nil || bytes.Contains(sealed, []byte("canary")) {
		t.Fatalf("sealed as %q, %v", sealed, err)
	}
	if err := keyset.Rotate(path, time.Now()); err != nil {
		t.Fatal(err)
	}
	rotated := open(path)
	if secret, err := rotated.OpenSecret("webhook 1", sealed); err != nil || secret.Reveal() != "canary" {
		t.Errorf("after a rotation: %v", err)
	}
	if again, err := rotated.SealSecret("webhook 1", onboarding.NewSecret("canary")); err != nil || again[0] == sealed[0] {
		t.Errorf("a rotated key does not seal: %v", err)
	}
	changed := bytes.Clone(sealed)
	changed[len(changed)-1] ^= 1
	for name, open := range map[string]func() (onboarding.Secret, error){
		"another purpose":  func() (onboarding.Secret, error) { return rotated.OpenSecret("webhook 2", sealed) },
		"another key file": func() (onboarding.Secret, error) { return open(path+"2").OpenSecret("webhook 1", sealed) },
		"changed":          func() (onboarding.Secret, error) { return rotated.OpenSecret("webhook 1", changed) },
		"cut":              func() (onboarding.Secret, error) { return rotated.OpenSecret("webhook 1", sealed[:1]) },
		"empty":            func() (onboarding.Secret, error) { return rotated.OpenSecret("webhook 1", nil) },
	} {
		if _, err := open(); err == nil {
			t.Errorf("%s: it opens", name)
		}
	}
}
