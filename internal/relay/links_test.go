package relay

import (
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

func newKeys(t testing.TB) *KeyFile {
	t.Helper()
	keys, err := OpenKeyFile(filepath.Join(t.TempDir(), "relay.key"), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func written(t testing.TB, k *KeyFile, l link) string {
	t.Helper()
	token, err := k.writeLink(l)
	if err != nil {
		t.Fatal(err)
	}
	return token.Reveal()
}

func TestALinkIsReadAsItWasWritten(t *testing.T) {
	keys := newKeys(t)
	for _, l := range []link{
		{kind: linkRequest, version: 1, number: 0, id: newLinkID()},
		{kind: linkRequest, version: maxLinkVersion, number: maxLinkNumber, id: newLinkID()},
		{kind: linkReceipt, version: 1, number: 7, id: newLinkID()},
	} {
		token := written(t, keys, l)
		got, err := keys.readLink(token, time.Now())
		if err != nil || got.kind != l.kind || got.version != l.version || got.number != l.number || string(got.id) != string(l.id) {
			t.Errorf("%+v was read as %+v and %v", l, got, err)
		}
		if len(token) != 52 {
			t.Errorf("a token has %d letters, want 52: then each has one spelling", len(token))
		}
	}
}

func TestALinkWithAnyBitChangedIsNotOurs(t *testing.T) {
	keys := newKeys(t)
	token := written(t, keys, link{kind: linkRequest, version: 1, number: 3, id: newLinkID()})
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		t.Fatal(err)
	}
	for bit := range len(raw) * 8 {
		forged := append([]byte{}, raw...)
		forged[bit/8] ^= 1 << (bit % 8)
		if _, err := keys.readLink(base64.RawURLEncoding.EncodeToString(forged), time.Now()); !errors.Is(err, onboarding.ErrNotFound) {
			t.Errorf("bit %d changed: got %v", bit, err)
		}
	}
	for _, other := range []string{"", "x", token[:51], token + "A", token + "=", " " + token, strings.ToUpper(token), token[:20] + "\n" + token[21:], token[:20] + "+" + token[21:], "%" + token[1:], strings.Repeat("é", 26)} {
		if other == token {
			continue
		}
		if _, err := keys.readLink(other, time.Now()); !errors.Is(err, onboarding.ErrNotFound) {
			t.Errorf("%q: got %v", other, err)
		}
	}
	if _, err := newKeys(t).readLink(token, time.Now()); !errors.Is(err, onboarding.ErrNotFound) {
		t.Errorf("another relay's link: got %v", err)
	}
}

func FuzzLinks(f *testing.F) {
	keys := newKeys(f)
	valid := written(f, keys, link{kind: linkRequest, version: 1, number: 3, id: newLinkID()})
	f.Add(valid)
	f.Add("")
	f.Add(strings.Repeat("A", 52))
	now := time.Now()
	f.Fuzz(func(t *testing.T, token string) {
		got, err := keys.readLink(token, now)
		if err == nil && token != valid {
			t.Errorf("%q was taken for a link: %+v", token, got)
		}
	})
}

func TestRotatedKeysReadWhatOlderOnesSigned(t *testing.T) {
	path := filepath.Join(t.TempDir(), "relay.key")
	now := time.Now()
	keys, err := OpenKeyFile(path, now)
	if err != nil {
		t.Fatal(err)
	}
	old := link{kind: linkRequest, version: 1, id: newLinkID()}
	oldToken := written(t, keys, old)
	device := keys.signDevice(store.Device{Agency: "a", TokenHash: []byte("t")})
	refresh := keys.refreshHash("item", onboarding.NewSecret("r"))
	if err := RotateKeyFile(path, now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	fresh, err := OpenKeyFile(path, now)
	if err != nil {
		t.Fatal(err)
	}
	newToken := written(t, fresh, old)
	if newToken == oldToken {
		t.Error("the old key signs on")
	}
	// The relay that runs meets a link of a key that it does not know yet.
	if _, err := keys.readLink(newToken, now.Add(time.Minute)); err != nil {
		t.Errorf("the relay that runs did not notice the new key: %v", err)
	}
	for _, k := range []*KeyFile{keys, fresh} {
		if _, err := k.readLink(oldToken, now); err != nil {
			t.Errorf("an older link: %v", err)
		}
		if !k.genuine(device) || !k.isRefresh(refresh, "item", onboarding.NewSecret("r")) {
			t.Error("what the older key vouched for is not genuine any more")
		}
		if k.isRefresh(refresh, "other item", onboarding.NewSecret("r")) || k.isRefresh(refresh, "item", onboarding.NewSecret("x")) {
			t.Error("a refresh token passes for another item, or another one for it")
		}
	}
}

func TestAKeyFileThatOthersCanReadIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "relay.key")
	if _, err := OpenKeyFile(path, time.Now()); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("made with mode %v and %v", info.Mode(), err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenKeyFile(path, time.Now()); err == nil {
		t.Error("it was opened")
	}
	for _, content := range []string{"", "{}", `{"id":"x","keys":[{"number":1,"key":"c2hvcnQ"}]}`, `{"id":"x","keys":[]}`} {
		other := filepath.Join(t.TempDir(), "relay.key")
		if err := os.WriteFile(other, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenKeyFile(other, time.Now()); err == nil {
			t.Errorf("%q was taken for a key file", content)
		}
	}
}

func TestADevicesRowThatNobodySignedIsNotGenuine(t *testing.T) {
	keys := newKeys(t)
	d := keys.signDevice(store.Device{Device: onboarding.Device{ID: "d", Member: "m", PublicKey: "key"}, Agency: "a", TokenHash: []byte("t")})
	for name, spoil := range map[string]func(*store.Device){
		"another key":    func(d *store.Device) { d.PublicKey = "thief" },
		"another member": func(d *store.Device) { d.Member = "other" },
		"another agency": func(d *store.Device) { d.Agency = "other" },
		"another token":  func(d *store.Device) { d.TokenHash = []byte("x") },
		"no MAC":         func(d *store.Device) { d.MAC = nil },
		"moved letters":  func(d *store.Device) { d.ID, d.Agency = "da", "" },
	} {
		spoiled := d
		spoil(&spoiled)
		if keys.genuine(spoiled) {
			t.Errorf("%s passes", name)
		}
	}
	if !keys.genuine(d) {
		t.Error("the row itself does not pass")
	}
}

func TestCodesAreReadAsPeopleTypeThem(t *testing.T) {
	code := newCode()
	if len(code.Reveal()) != 24 || strings.Count(code.Reveal(), "-") != 4 {
		t.Errorf("a code looks like %s", code.Reveal())
	}
	for _, typed := range []string{code.Reveal(), strings.ToLower(code.Reveal()), " " + strings.ReplaceAll(code.Reveal(), "-", " ") + "\n", strings.ReplaceAll(code.Reveal(), "-", "")} {
		if plainCode(onboarding.NewSecret(typed)).Reveal() != plainCode(code).Reveal() {
			t.Errorf("typed as %q it is another one", typed)
		}
	}
	seen := map[string]bool{}
	for range 1000 {
		digits := newDigits().Reveal()
		if len(digits) != 8 || strings.Trim(digits, "0123456789") != "" {
			t.Fatalf("digits look like %q", digits)
		}
		seen[digits] = true
	}
	if len(seen) < 990 {
		t.Errorf("of 1000 codes %d differ", len(seen))
	}
}
