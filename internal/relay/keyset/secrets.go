package keyset

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// HashCode is the keyed hash of a one-time code, under the newest key.
func (k *Keyset) HashCode(code onboarding.Secret) []byte {
	return hmacParts(k.newest().codes, []byte(code.Reveal()))
}

// HashCodes are those under each key that verifies, for codes that live longer
// than a key may be the newest.
func (k *Keyset) HashCodes(code onboarding.Secret) [][]byte {
	var hashes [][]byte
	for _, key := range k.verifying() {
		hashes = append(hashes, hmacParts(key.codes, []byte(code.Reveal())))
	}
	return hashes
}

// HashAddress is the keyed hash of an email address, by which its emails are counted and
// stopped: the same for all addresses of a mailbox.
func (k *Keyset) HashAddress(address string) []byte {
	return hmacParts(k.newest().unwanted, []byte(onboarding.MailboxOf(address)))
}

// HashAddresses are those under each key, retired ones too.
func (k *Keyset) HashAddresses(address string) [][]byte {
	var hashes [][]byte
	for _, key := range k.all() {
		hashes = append(hashes, hmacParts(key.unwanted, []byte(onboarding.MailboxOf(address))))
	}
	return hashes
}

// RefreshHash is the keyed hash of a refresh token, bound to its item.
func (k *Keyset) RefreshHash(item string, token onboarding.Secret) []byte {
	return hmacParts(k.newest().refresh, []byte(item), []byte(token.Reveal()))
}

// VerifyRefreshHash reports whether a stored hash is of this token.
func (k *Keyset) VerifyRefreshHash(stored []byte, item string, token onboarding.Secret) bool {
	for _, key := range k.all() {
		if hmac.Equal(stored, hmacParts(key.refresh, []byte(item), []byte(token.Reveal()))) {
			return true
		}
	}
	return false
}

// Request is what the relay made sure of when it accepted a request: whose it
// is, its link, that its user may use its Business Manager, and what is asked
// for.
type Request struct {
	Agency, ID, Owner string
	Connection        string
	User, Business    onboarding.Account
	Services          []onboarding.Service
	Kinds             []onboarding.Kind
	Level             onboarding.AccessLevel
	ByHand            bool
	LinkID            []byte
}

func requestMAC(key derivedKeys, r Request) []byte {
	parts := []string{
		string(r.LinkID), r.Agency, r.ID, r.Owner, r.Connection, r.User.ID, r.User.Name, r.Business.ID, r.Business.Name,
	}
	for _, service := range slices.Sorted(slices.Values(r.Services)) {
		parts = append(parts, string(service))
	}
	for _, kind := range onboarding.SortKinds(r.Kinds) {
		parts = append(parts, string(kind))
	}
	if level := r.Level.OrDefault(); level != onboarding.LevelAdvertise { // as proofs were before there was a choice
		parts = append(parts, string(level))
	}
	if r.ByHand {
		parts = append(parts, "by hand")
	}
	return hmacParts(key.accepted, parts...)
}

// RequestProof proves that the relay accepted a request as it is. The hub
// stores it, and sends it to a relay that was restored and has lost the request.
func (k *Keyset) RequestProof(r Request) string {
	return base64.RawURLEncoding.EncodeToString(requestMAC(k.newest(), r))
}

// VerifyRequestProof reports whether a relay with these keys gave this proof, under a
// retired key too: hubs have proofs that cannot be given anew.
func (k *Keyset) VerifyRequestProof(r Request, proof string) bool {
	given, err := base64.RawURLEncoding.Strict().DecodeString(proof)
	if err != nil {
		return false
	}
	for _, key := range k.all() {
		if hmac.Equal(given, requestMAC(key, r)) {
			return true
		}
	}
	return false
}

// versionMAC covers one version of an item's refresh token.
func versionMAC(key derivedKeys, agency, item string, version int64, token onboarding.Secret) []byte {
	number := strconv.FormatInt(version, 10)
	return hmacParts(key.accepted,
		[]byte("version"), []byte(agency), []byte(item), []byte(number), []byte(token.Reveal()))
}

// VersionProof goes into the sealed credential: with it a relay that was
// restored takes a version that it has lost.
func (k *Keyset) VersionProof(agency, item string, version int64, token onboarding.Secret) string {
	return base64.RawURLEncoding.EncodeToString(versionMAC(k.newest(), agency, item, version, token))
}

// VerifyVersionProof reports whether a relay with these keys sealed this version, under a
// retired key too.
func (k *Keyset) VerifyVersionProof(
	proof, agency, item string, version int64, token onboarding.Secret,
) bool {
	given, err := base64.RawURLEncoding.Strict().DecodeString(proof)
	if err != nil {
		return false
	}
	for _, key := range k.all() {
		if hmac.Equal(given, versionMAC(key, agency, item, version, token)) {
			return true
		}
	}
	return false
}

func rowMAC(key derivedKeys, table string, columns []string) []byte {
	return hmacParts(key.rows, append([]string{table}, columns...)...)
}

// SignRow makes the MAC of a row of the database: of what it decides.
func (k *Keyset) SignRow(table string, columns ...string) []byte {
	return rowMAC(k.newest(), table, columns)
}

// VerifyRow reports whether a relay with these keys made mac for this row.
func (k *Keyset) VerifyRow(mac []byte, table string, columns ...string) bool {
	for _, key := range k.verifying() {
		if hmac.Equal(mac, rowMAC(key, table, columns)) {
			return true
		}
	}
	return false
}

// SealSecret encrypts a secret that the relay itself uses later, under the newest key:
// the database alone gives nothing. purpose is authenticated.
func (k *Keyset) SealSecret(purpose string, secret onboarding.Secret) ([]byte, error) {
	key := k.newest()
	aead, err := secretAEAD(key)
	if err != nil {
		return nil, err
	}
	return aead.Seal([]byte{key.number}, nil, []byte(secret.Reveal()), []byte(purpose)), nil
}

// OpenSecret is the reverse of SealSecret, with the key that sealed. Without that key it
// returns onboarding.ErrUnavailable: of several relays one may have it before the others.
func (k *Keyset) OpenSecret(purpose string, sealed []byte) (onboarding.Secret, error) {
	if len(sealed) == 0 {
		return onboarding.Secret{}, errNotSealed
	}
	key, known := k.byNumber(sealed[0])
	if !known { // another process may have added it a moment ago
		if err := k.RefreshIfChanged(); err != nil {
			return onboarding.Secret{}, err
		}
		if key, known = k.byNumber(sealed[0]); !known {
			return onboarding.Secret{}, fmt.Errorf("opening a secret: its key is not in this key file: %w",
				onboarding.ErrUnavailable)
		}
	}
	aead, err := secretAEAD(key)
	if err != nil {
		return onboarding.Secret{}, err
	}
	plain, err := aead.Open(nil, nil, sealed[1:], []byte(purpose))
	if err != nil {
		return onboarding.Secret{}, errNotSealed
	}
	return onboarding.NewSecret(string(plain)), nil
}

// Reseal seals what SealSecret sealed under the newest key. changed is false for what is
// under that already.
func (k *Keyset) Reseal(purpose string, sealed []byte) (again []byte, changed bool, err error) {
	if len(sealed) > 0 && sealed[0] == k.newest().number {
		return sealed, false, nil
	}
	secret, err := k.OpenSecret(purpose, sealed)
	if err != nil {
		return nil, false, err
	}
	again, err = k.SealSecret(purpose, secret)
	return again, err == nil, err
}

var errNotSealed = errors.New("opening a secret: it was not sealed with this key file, or for another purpose")

func secretAEAD(key derivedKeys) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key.secrets)
	if err != nil {
		return nil, fmt.Errorf("sealing a secret: %w", err)
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// HashToken is how a device's token is stored: the token is random enough for a
// plain hash.
func HashToken(token onboarding.Secret) []byte {
	sum := sha256.Sum256([]byte(token.Reveal()))
	return sum[:]
}

// NewToken is a device's token.
func NewToken() onboarding.Secret { return onboarding.NewSecret(rand.Text() + rand.Text()) }

const codeBytes = 13 // 104 bits: 100 and what fills the last character

func codeEncoding() *base32.Encoding {
	return base32.NewEncoding("ABCDEFGHJKLMNPQRSTUVWXYZ23456789").WithPadding(base32.NoPadding)
}

// NewCode is a one-time code as people type it: twenty letters and digits in
// groups of four, without those that look alike.
func NewCode() onboarding.Secret {
	random := make([]byte, codeBytes)
	_, _ = rand.Read(random) // it cannot fail
	text := codeEncoding().EncodeToString(random)[:20]
	var groups []string
	for ; len(text) > 0; text = text[4:] {
		groups = append(groups, text[:4])
	}
	return onboarding.NewSecret(strings.Join(groups, "-"))
}

// NormalizeCode is a code without what people add to it or change in it.
func NormalizeCode(typed onboarding.Secret) onboarding.Secret {
	return onboarding.NewSecret(strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		}
		return -1
	}, typed.Reveal()))
}

// NewNumericCode is the code that is mailed to a proposed reply-to: eight digits.
func NewNumericCode() onboarding.Secret {
	for {
		random := make([]byte, 4)
		_, _ = rand.Read(random) // it cannot fail
		n := uint32(random[0])<<24 | uint32(random[1])<<16 | uint32(random[2])<<8 | uint32(random[3])
		if n < 4_200_000_000 { // the multiple of 100,000,000 below 2³²: each code is as likely
			return onboarding.NewSecret(fmt.Sprintf("%08d", n%100_000_000))
		}
	}
}
