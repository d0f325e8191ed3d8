package keyset

import (
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/link"
)

func newKeys(t testing.TB) *Keyset {
	t.Helper()
	keys, err := Open(filepath.Join(t.TempDir(), "relay.key"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func written(t testing.TB, k *Keyset, l link.Link) string {
	t.Helper()
	token, err := k.SignLink(l)
	if err != nil {
		t.Fatal(err)
	}
	return token.Reveal()
}

func TestALinkIsReadAsItWasWritten(t *testing.T) {
	keys := newKeys(t)
	for _, l := range []link.Link{
		{Kind: link.KindRequest, Version: 1, Recipient: 0, ID: link.NewID()},
		{Kind: link.KindRequest, Version: link.MaxVersion, Recipient: link.MaxRecipient, ID: link.NewID()},
		{Kind: link.KindReceipt, Version: 1, Recipient: 7, ID: link.NewID()},
	} {
		token := written(t, keys, l)
		got, err := keys.VerifyLink(token)
		if err != nil || !reflect.DeepEqual(got, l) {
			t.Errorf("%+v was read as %+v and %v", l, got, err)
		}
		if len(token) != 52 {
			t.Errorf("a token has %d characters, want 52: then each has one spelling", len(token))
		}
	}
}

func TestALinkWithAnyBitChangedIsNotOurs(t *testing.T) {
	keys := newKeys(t)
	token := written(t, keys, link.Link{Kind: link.KindRequest, Version: 1, Recipient: 3, ID: link.NewID()})
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		t.Fatal(err)
	}
	for bit := range len(raw) * 8 {
		forged := append([]byte{}, raw...)
		forged[bit/8] ^= 1 << (bit % 8)
		if _, err := keys.VerifyLink(base64.RawURLEncoding.EncodeToString(forged)); !errors.Is(err, onboarding.ErrNotFound) {
			t.Errorf("bit %d changed: got %v", bit, err)
		}
	}
	for _, other := range []string{
		"", "x", token[:51], token + "A", token + "=", " " + token, strings.ToUpper(token),
		token[:20] + "\n" + token[21:], token[:20] + "+" + token[21:], "%" + token[1:], strings.Repeat("é", 26),
	} {
		if other == token {
			continue
		}
		if _, err := keys.VerifyLink(other); !errors.Is(err, onboarding.ErrNotFound) {
			t.Errorf("%q: got %v", other, err)
		}
	}
	if _, err := newKeys(t).VerifyLink(token); !errors.Is(err, onboarding.ErrNotFound) {
		t.Errorf("another relay's link: got %v", err)
	}
}

func FuzzLinks(f *testing.F) {
	keys := newKeys(f)
	valid := written(f, keys, link.Link{Kind: link.KindRequest, Version: 1, Recipient: 3, ID: link.NewID()})
	f.Add(valid)
	f.Add("")
	f.Add(strings.Repeat("A", 52))
	f.Fuzz(func(t *testing.T, token string) {
		got, err := keys.VerifyLink(token)
		if err == nil && token != valid {
			t.Errorf("%q was taken for a link: %+v", token, got)
		}
	})
}

func TestRotatedKeysReadWhatOlderOnesSigned(t *testing.T) {
	path := filepath.Join(t.TempDir(), "relay.key")
	now := time.Now()
	keys, err := Open(path, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	old := link.Link{Kind: link.KindRequest, Version: 1, ID: link.NewID()}
	oldToken := written(t, keys, old)
	mac := keys.SignRow("devices", "a", "t")
	refresh := keys.RefreshHash("item", onboarding.NewSecret("r"))
	if err := Rotate(path, now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	fresh, err := Open(path, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	newToken := written(t, fresh, old)
	if newToken == oldToken {
		t.Error("the old key signs on")
	}
	now = now.Add(time.Minute)
	// The relay that runs meets a link of a key that it has not read yet.
	if _, err := keys.VerifyLink(newToken); err != nil {
		t.Errorf("the relay that runs did not notice the new key: %v", err)
	}
	for _, k := range []*Keyset{keys, fresh} {
		if _, err := k.VerifyLink(oldToken); err != nil {
			t.Errorf("an older link: %v", err)
		}
		if !k.VerifyRow(mac, "devices", "a", "t") || !k.VerifyRefreshHash(refresh, "item", onboarding.NewSecret("r")) {
			t.Error("what the older key vouched for is not genuine any more")
		}
		if k.VerifyRefreshHash(refresh, "other item", onboarding.NewSecret("r")) ||
			k.VerifyRefreshHash(refresh, "item", onboarding.NewSecret("x")) {
			t.Error("a refresh token passes for another item, or another one for it")
		}
	}
}

func TestANewKeyThatCannotBeReadIsAnErrorAndNoForgedLink(t *testing.T) {
	path := filepath.Join(t.TempDir(), "relay.key")
	now := time.Now()
	keys, err := Open(path, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	if err := Rotate(path, now); err != nil {
		t.Fatal(err)
	}
	fresh, err := Open(path, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	token := written(t, fresh, link.Link{Kind: link.KindRequest, Version: 1, ID: link.NewID()})
	later := time.Now().Add(time.Hour) // as a copy has it
	if err := errors.Join(os.Chmod(path, 0o644), os.Chtimes(path, later, later)); err != nil {
		t.Fatal(err)
	}
	for _, when := range []string{"when the file is read", "until it is read again"} {
		if _, err := keys.VerifyLink(token); err == nil || errors.Is(err, onboarding.ErrNotFound) {
			t.Errorf("%s: got %v, want that the key file cannot be read", when, err)
		}
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	now = now.Add(reloadAt)
	if _, err := keys.VerifyLink(token); err != nil {
		t.Errorf("after the file's mode was mended: %v", err)
	}
	if err := keys.RefreshIfChanged(); err != nil {
		t.Errorf("the mended file: %v", err)
	}
}

func TestAKeyFileThatOthersCanReadIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "relay.key")
	if _, err := Open(path, time.Now); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("made with mode %v and %v", info.Mode(), err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, time.Now); err == nil {
		t.Error("it was opened")
	}
	for _, content := range []string{
		"", "{}", `{"id":"x","keys":[{"number":1,"key":"c2hvcnQ"}]}`, `{"id":"x","keys":[]}`,
	} {
		other := filepath.Join(t.TempDir(), "relay.key")
		if err := os.WriteFile(other, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(other, time.Now); err == nil {
			t.Errorf("%q was taken for a key file", content)
		}
	}
}

func TestARowThatNobodySignedIsNotGenuine(t *testing.T) {
	keys := newKeys(t)
	mac := keys.SignRow("devices", "d", "a", "m", "key", "")
	foreign := newKeys(t).SignRow("devices", "d", "a", "m", "key", "")
	for name, passes := range map[string]bool{
		"another key":            keys.VerifyRow(mac, "devices", "d", "a", "m", "thief", ""),
		"another member":         keys.VerifyRow(mac, "devices", "d", "a", "other", "key", ""),
		"another table":          keys.VerifyRow(mac, "members", "d", "a", "m", "key", ""),
		"exchanged columns":      keys.VerifyRow(mac, "devices", "a", "d", "m", "key", ""),
		"moved characters":       keys.VerifyRow(mac, "devices", "da", "", "m", "key", ""),
		"one column less":        keys.VerifyRow(mac, "devices", "d", "a", "m", "key"),
		"one column more":        keys.VerifyRow(mac, "devices", "d", "a", "m", "key", "", ""),
		"a column in the table":  keys.VerifyRow(mac, "devicesd", "a", "m", "key", ""),
		"no MAC":                 keys.VerifyRow(nil, "devices", "d", "a", "m", "key", ""),
		"an empty MAC":           keys.VerifyRow([]byte{}, "devices", "d", "a", "m", "key", ""),
		"half of the MAC":        keys.VerifyRow(mac[:16], "devices", "d", "a", "m", "key", ""),
		"another relay's MAC":    keys.VerifyRow(foreign, "devices", "d", "a", "m", "key", ""),
		"the hash of an address": keys.VerifyRow(keys.HashAddress("d"), "d"),
	} {
		if passes {
			t.Errorf("%s passes", name)
		}
	}
	if !keys.VerifyRow(mac, "devices", "d", "a", "m", "key", "") {
		t.Error("the row itself does not pass")
	}
}

func TestCodesAreReadAsPeopleTypeThem(t *testing.T) {
	code := NewCode()
	if len(code.Reveal()) != 24 || strings.Count(code.Reveal(), "-") != 4 {
		t.Errorf("a code looks like %s", code.Reveal())
	}
	for _, typed := range []string{
		code.Reveal(), strings.ToLower(code.Reveal()),
		" " + strings.ReplaceAll(code.Reveal(), "-", " ") + "\n", strings.ReplaceAll(code.Reveal(), "-", ""),
	} {
		if NormalizeCode(onboarding.NewSecret(typed)).Reveal() != NormalizeCode(code).Reveal() {
			t.Errorf("typed as %q it is another one", typed)
		}
	}
	seen := map[string]bool{}
	for range 1000 {
		digits := NewNumericCode().Reveal()
		if len(digits) != 8 || strings.Trim(digits, "0123456789") != "" {
			t.Fatalf("digits look like %q", digits)
		}
		seen[digits] = true
	}
	if len(seen) < 990 {
		t.Errorf("of 1000 codes %d differ", len(seen))
	}
}
