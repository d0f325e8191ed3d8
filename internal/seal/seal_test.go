package seal

import (
	"bytes"
	"errors"
	"math"
	"regexp"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

func device(t *testing.T) (onboarding.Secret, string) {
	t.Helper()
	key, public, err := NewKey()
	if err != nil {
		t.Fatal(err)
	}
	return key, public
}

func names() Binding {
	return Binding{Relay: "relay", Agency: "agency", Request: "request", Item: "item", Account: "7001", Version: 3}
}

func TestOnlyTheDeviceItWasSealedForOpensIt(t *testing.T) {
	key, public := device(t)
	other, _ := device(t)
	sealed, err := Seal(names(), []byte("canary"), public)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := Open(key, names(), sealed); err != nil || string(got) != "canary" {
		t.Errorf("its own device: got %q and %v", got, err)
	}
	if got, err := Open(other, names(), sealed); !errors.Is(err, ErrNotRecipient) || got != nil {
		t.Errorf("another device: got %q and %v", got, err)
	}
	if identity, err := age.ParseHybridIdentity(key.Reveal()); err != nil || identity.Recipient().String() != public {
		t.Errorf("the public half read back: %v", err)
	}
}

func TestWhatWasMovedIsNotOpened(t *testing.T) {
	key, public := device(t)
	sealed, err := Seal(names(), []byte("canary"), public)
	if err != nil {
		t.Fatal(err)
	}
	for what, move := range map[string]func(*Binding){
		"relay":            func(n *Binding) { n.Relay = "x" },
		"agency":           func(n *Binding) { n.Agency = "x" },
		"request":          func(n *Binding) { n.Request = "" },
		"item":             func(n *Binding) { n.Item = "x" },
		"account":          func(n *Binding) { n.Account = "7002" },
		"an older version": func(n *Binding) { n.Version = 2 },
		"a newer version":  func(n *Binding) { n.Version = 4 },
	} {
		expected := names()
		move(&expected)
		if got, err := Open(key, expected, sealed); !errors.Is(err, ErrBindingMismatch) || got != nil {
			t.Errorf("%s: got %q and %v", what, got, err)
		}
	}
}

func TestEveryFlippedBitIsNoticed(t *testing.T) {
	key, public := device(t)
	sealed, err := Seal(names(), []byte("canary"), public)
	if err != nil {
		t.Fatal(err)
	}
	// Every bit of the header's last line and of the payload; of the long
	// stanza each 16th byte.
	payload := bytes.LastIndex(sealed, []byte("\n--- "))
	for at := range sealed {
		if at < payload && at%16 != 0 {
			continue
		}
		for bit := range 8 {
			changed := bytes.Clone(sealed)
			changed[at] ^= 1 << bit
			if got, err := Open(key, names(), changed); err == nil || got != nil {
				t.Fatalf("byte %d, bit %d: opened as %q", at, bit, got)
			}
		}
	}
	for _, cut := range []int{0, 1, payload, len(sealed) - 1} {
		if _, err := Open(key, names(), sealed[:cut]); !errors.Is(err, ErrNotRecipient) {
			t.Errorf("cut off after %d bytes: got %v", cut, err)
		}
	}
}

func TestErrorsQuoteNeitherKeyNorSecret(t *testing.T) {
	key, public := device(t)
	broken := onboarding.NewSecret(key.Reveal()[:len(key.Reveal())-1] + "x")
	sealed, err := Seal(names(), []byte("canary"), public)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Open(broken, names(), sealed)
	if err == nil || strings.Contains(strings.ToUpper(err.Error()), key.Reveal()[:20]) {
		t.Errorf("got %v", err)
	}
}

func TestTheComparisonIsTwelveDigitsOfTheKey(t *testing.T) {
	_, one := device(t)
	_, two := device(t)
	first, err := Fingerprint(one)
	if err != nil || !regexp.MustCompile(`^\d{5}( \d{5}){4}$`).MatchString(first) {
		t.Errorf("got %q and %v", first, err)
	}
	if bits := float64(len(strings.ReplaceAll(first, " ", ""))) * math.Log2(10); bits < 80 {
		t.Errorf("a key with the same number is found among 2^%.0f", bits)
	}
	if second, err := Fingerprint(two); err != nil || second == first {
		t.Errorf("another key: got %q and %v", second, err)
	}
	for _, wrong := range []string{"", "age1qqq", one[:len(one)-1], "ssh-ed25519 AAAA"} {
		if got, err := Fingerprint(wrong); err == nil {
			t.Errorf("%.20q was compared as %q", wrong, got)
		}
	}
}

func TestUnderAKeyOnlyTheSameKeyAndPurposeOpen(t *testing.T) {
	key, other := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
	sealed, err := SealWithKey(key, "visit 1", onboarding.NewSecret("canary"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := OpenWithKey(key, "visit 1", sealed); err != nil || got.Reveal() != "canary" {
		t.Errorf("got %v", err)
	}
	if bytes.Contains(sealed, []byte("canary")) {
		t.Error("the secret can be read")
	}
	for what, open := range map[string]func() (onboarding.Secret, error){
		"another key":     func() (onboarding.Secret, error) { return OpenWithKey(other, "visit 1", sealed) },
		"another purpose": func() (onboarding.Secret, error) { return OpenWithKey(key, "visit 2", sealed) },
		"cut off":         func() (onboarding.Secret, error) { return OpenWithKey(key, "visit 1", sealed[:10]) },
		"a short key":     func() (onboarding.Secret, error) { return OpenWithKey(key[:16], "visit 1", sealed) },
	} {
		if got, err := open(); err == nil || !got.Empty() {
			t.Errorf("%s opened it", what)
		}
	}
}
