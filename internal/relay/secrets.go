package relay

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// codeHash is the keyed hash of a one-time code, under the newest key.
func (k *KeyFile) codeHash(code onboarding.Secret) []byte {
	return keyed(k.newest().codes, []byte(code.Reveal()))
}

// codeHashes are those under each key that reads, for codes that live longer
// than a key may be the newest.
func (k *KeyFile) codeHashes(code onboarding.Secret) [][]byte {
	var hashes [][]byte
	for _, key := range k.all() {
		hashes = append(hashes, keyed(key.codes, []byte(code.Reveal())))
	}
	return hashes
}

// addressHash is the keyed hash of an email address that wants no letters.
func (k *KeyFile) addressHash(address string) []byte {
	return keyed(k.newest().unwanted, []byte(strings.ToLower(address)))
}

// addressHashes are those under each key that reads.
func (k *KeyFile) addressHashes(address string) [][]byte {
	var hashes [][]byte
	for _, key := range k.all() {
		hashes = append(hashes, keyed(key.unwanted, []byte(strings.ToLower(address))))
	}
	return hashes
}

// refreshHash is the keyed hash of a refresh token, bound to its item.
func (k *KeyFile) refreshHash(item string, token onboarding.Secret) []byte {
	return keyed(k.newest().refresh, []byte(item), []byte(token.Reveal()))
}

// isRefresh says whether a hash that was kept is of this token.
func (k *KeyFile) isRefresh(kept []byte, item string, token onboarding.Secret) bool {
	for _, key := range k.all() {
		if hmac.Equal(kept, keyed(key.refresh, []byte(item), []byte(token.Reveal()))) {
			return true
		}
	}
	return false
}

// acceptedMAC covers what the relay made sure of when it accepted a request:
// whose it is, its link, that its user may use its Business Manager, and what
// is asked for.
func acceptedMAC(key keySet, q store.Request) []byte {
	parts := []string{q.Agency, q.ID, q.Owner, q.Connection, q.FacebookUser.ID, q.FacebookUser.Name, q.Business.ID, q.Business.Name}
	for _, service := range onboarding.InOrder(q.Services) {
		parts = append(parts, string(service))
	}
	for _, kind := range onboarding.KindsInOrder(q.Kinds) {
		parts = append(parts, string(kind))
	}
	if level := q.Level.OrDefault(); level != onboarding.LevelAdvertise { // as proofs were before there was a choice
		parts = append(parts, string(level))
	}
	over := [][]byte{q.LinkID}
	for _, part := range parts {
		over = append(over, []byte(part))
	}
	return keyed(key.accepted, over...)
}

// proofOf is the relay's word that it accepted a request as it stands. The hub
// keeps it, and shows it to a relay that was restored and has lost the request.
func (k *KeyFile) proofOf(q store.Request) string {
	return base64.RawURLEncoding.EncodeToString(acceptedMAC(k.newest(), q))
}

// isAccepted says whether a relay with these keys gave this proof.
func (k *KeyFile) isAccepted(q store.Request, proof string) bool {
	given, err := base64.RawURLEncoding.Strict().DecodeString(proof)
	if err != nil {
		return false
	}
	for _, key := range k.all() {
		if hmac.Equal(given, acceptedMAC(key, q)) {
			return true
		}
	}
	return false
}

// versionMAC covers one version of an item's refresh token.
func versionMAC(key keySet, agency, item string, version int64, token onboarding.Secret) []byte {
	return keyed(key.accepted, []byte("version"), []byte(agency), []byte(item), []byte(strconv.FormatInt(version, 10)), []byte(token.Reveal()))
}

// versionProof goes into the sealed credential: with it a relay that was
// restored takes a version that it has lost.
func (k *KeyFile) versionProof(agency, item string, version int64, token onboarding.Secret) string {
	return base64.RawURLEncoding.EncodeToString(versionMAC(k.newest(), agency, item, version, token))
}

// isVersion says whether a relay with these keys sealed this version.
func (k *KeyFile) isVersion(proof, agency, item string, version int64, token onboarding.Secret) bool {
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

// deviceMAC covers what the relay trusts in a device's row.
func deviceMAC(key keySet, d store.Device) []byte {
	return keyed(key.devices, []byte(d.ID), []byte(d.Agency), []byte(d.Member), []byte(d.PublicKey), d.TokenHash)
}

// signDevice completes a device's row.
func (k *KeyFile) signDevice(d store.Device) store.Device {
	d.MAC = deviceMAC(k.newest(), d)
	return d
}

// genuine says whether a device's row was written by a relay with these keys.
func (k *KeyFile) genuine(d store.Device) bool {
	for _, key := range k.all() {
		if hmac.Equal(d.MAC, deviceMAC(key, d)) {
			return true
		}
	}
	return false
}

// tokenHash is how a device's token is kept: the token is random enough for a
// plain hash.
func tokenHash(token onboarding.Secret) []byte {
	sum := sha256.Sum256([]byte(token.Reveal()))
	return sum[:]
}

// newToken is a device's token.
func newToken() onboarding.Secret { return onboarding.NewSecret(rand.Text() + rand.Text()) }

const codeBytes = 13 // 104 bits: 100 and what fills the last letter

var codeLetters = base32.NewEncoding("ABCDEFGHJKLMNPQRSTUVWXYZ23456789").WithPadding(base32.NoPadding)

// newCode is a one-time code as people type it: twenty letters and digits in
// groups of four, without those that look alike.
func newCode() onboarding.Secret {
	random := make([]byte, codeBytes)
	_, _ = rand.Read(random) // it cannot fail
	letters := codeLetters.EncodeToString(random)[:20]
	var groups []string
	for ; len(letters) > 0; letters = letters[4:] {
		groups = append(groups, letters[:4])
	}
	return onboarding.NewSecret(strings.Join(groups, "-"))
}

// plainCode is a code without what people add to it or change in it.
func plainCode(typed onboarding.Secret) onboarding.Secret {
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

// newDigits is the code that is mailed to a proposed reply-to: eight digits.
func newDigits() onboarding.Secret {
	for {
		random := make([]byte, 4)
		_, _ = rand.Read(random) // it cannot fail
		n := uint32(random[0])<<24 | uint32(random[1])<<16 | uint32(random[2])<<8 | uint32(random[3])
		if n < 4_200_000_000 { // the multiple of 100,000,000 below 2³²: each code is as likely
			return onboarding.NewSecret(fmt.Sprintf("%08d", n%100_000_000))
		}
	}
}
