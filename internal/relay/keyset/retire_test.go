package keyset

import (
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/link"
)

func TestARetiredKeyMakesHashesAndVerifiesNothing(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	path := filepath.Join(t.TempDir(), "relay.key")
	keys, err := Open(path, clock)
	if err != nil {
		t.Fatal(err)
	}
	secret := onboarding.NewSecret("ABCD")
	token := written(t, keys, link.Link{Kind: link.KindRequest, Version: 1, ID: link.NewID()})
	row, code, address := keys.SignRow("t", "a"), keys.HashCode(secret), keys.HashAddress("lena@harbour.example")
	user, refresh := keys.HashUsers(onboarding.Meta, "7")[0], keys.RefreshHash("i", secret)
	proof, version := keys.RequestProof(Request{ID: "r"}), keys.VersionProof("a", "i", 1, secret)
	sealed, err := keys.SealSecret("p", secret)
	if err != nil {
		t.Fatal(err)
	}

	retires := func(number byte, want error) {
		t.Helper()
		if err := Retire(path, number, now); !errors.Is(err, want) {
			t.Errorf("retiring key %d: got %v, want %v", number, err, want)
		}
	}
	retires(1, ErrSigns)
	if err := Rotate(path, now); err != nil {
		t.Fatal(err)
	}
	retires(1, ErrTooFresh)
	now = now.Add(Settled)
	retires(2, ErrSigns)
	retires(3, ErrNoKey)
	if err := keys.RefreshIfChanged(); err != nil {
		t.Fatal(err)
	}
	again, changed, err := keys.Reseal("p", sealed)
	if err != nil || !changed {
		t.Fatalf("sealed again: %v, %v", changed, err)
	}
	if _, changed, err := keys.Reseal("p", again); err != nil || changed {
		t.Errorf("what the newest key sealed is sealed again: %v, %v", changed, err)
	}
	if _, err := keys.VerifyLink(token); err != nil || !keys.VerifyRow(row, "t", "a") {
		t.Fatalf("before it is retired the key does not verify: %v", err)
	}
	retires(1, nil)
	now = now.Add(time.Hour)
	retires(1, nil)
	list, err := List(path)
	if err != nil || list[0].Retired != onboarding.TimestampOf(now.Add(-time.Hour)) || list[1].Retired != 0 {
		t.Errorf("the keys are %+v and %v", list, err)
	}
	if err := keys.RefreshIfChanged(); err != nil { // as a relay that runs
		t.Fatal(err)
	}

	if _, err := keys.VerifyLink(token); !errors.Is(err, onboarding.ErrNotFound) {
		t.Errorf("a link of before: got %v", err)
	}
	if keys.VerifyRow(row, "t", "a") {
		t.Error("a row of before verifies")
	}
	if _, err := keys.OpenSecret("p", sealed); !errors.Is(err, onboarding.ErrUnavailable) {
		t.Errorf("a secret of before: got %v", err)
	}
	if opened, err := keys.OpenSecret("p", again); err != nil || opened.Reveal() != "ABCD" {
		t.Errorf("the secret that was sealed again: %v", err)
	}
	has := func(hashes [][]byte, hash []byte) bool {
		return slices.ContainsFunc(hashes, func(h []byte) bool { return string(h) == string(hash) })
	}
	if has(keys.HashCodes(secret), code) {
		t.Error("a code of before works")
	}
	for what, holds := range map[string]bool{
		"address":  has(keys.HashAddresses("lena@harbour.example"), address),
		"refresh":  keys.VerifyRefreshHash(refresh, "i", secret),
		"user":     has(keys.HashUsers(onboarding.Meta, "7"), user),
		"request":  keys.VerifyRequestProof(Request{ID: "r"}, proof),
		"version":  keys.VerifyVersionProof(version, "a", "i", 1, secret),
		"deletion": has(keys.HashDeletionCodes(secret), code),
	} {
		if !holds {
			t.Errorf("the hash of before is not known any more: %s", what)
		}
	}
}
