package relay

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// A link's token is the unpadded base64url of
//
//	kind 1 · key number 1 · version 2 · number 3 · random id 16 · HMAC-SHA256 over all before, 16
//
// which is 39 bytes, so 52 letters without a spare bit: one spelling each.
const (
	linkIDSize  = 16
	linkMACSize = 16
	linkHead    = 1 + 1 + 2 + 3
	linkSize    = linkHead + linkIDSize + linkMACSize

	maxLinkVersion = 1<<16 - 1
	maxLinkNumber  = 1<<24 - 1
)

// linkKind is what a link opens.
type linkKind byte

// The kinds of links.
const (
	linkRequest linkKind = 1
	linkReceipt linkKind = 4
	linkLetter  linkKind = 5 // the pages below a letter: it opens no request
)

// link is what a token says once its MAC is right.
type link struct {
	kind    linkKind
	version int
	number  int    // of the recipient; zero: a copied link
	id      []byte // random, given by the relay
}

// newLinkID is a link's random part.
func newLinkID() []byte {
	id := make([]byte, linkIDSize)
	_, _ = rand.Read(id) // it cannot fail
	return id
}

// writeLink signs a link with the newest key.
func (k *KeyFile) writeLink(l link) (onboarding.Secret, error) {
	if len(l.id) != linkIDSize || l.version < 1 || l.version > maxLinkVersion || l.number < 0 || l.number > maxLinkNumber {
		return onboarding.Secret{}, fmt.Errorf("writing a link: version %d or number %d cannot be in one", l.version, l.number)
	}
	key := k.newest()
	token := make([]byte, linkHead, linkSize)
	token[0], token[1] = byte(l.kind), key.number
	binary.BigEndian.PutUint16(token[2:], uint16(l.version))
	token[4], token[5], token[6] = byte(l.number>>16), byte(l.number>>8), byte(l.number)
	token = append(token, l.id...)
	token = append(token, linkMAC(key, token)...)
	return onboarding.NewSecret(base64.RawURLEncoding.EncodeToString(token)), nil
}

func linkMAC(key keySet, over []byte) []byte {
	mac := hmac.New(sha256.New, key.links)
	_, _ = mac.Write(over) // a hash takes everything
	return mac.Sum(nil)[:linkMACSize]
}

// readLink gives what a token says. What is not exactly one of ours is
// ErrNotFound, after one HMAC at most and without the database.
func (k *KeyFile) readLink(token string, now time.Time) (link, error) {
	if len(token) != base64.RawURLEncoding.EncodedLen(linkSize) {
		return link{}, onboarding.ErrNotFound
	}
	raw := make([]byte, linkSize)
	// Strict, and no line breaks inside: the decoder would pass over them.
	n, err := base64.RawURLEncoding.Strict().Decode(raw, []byte(token))
	if err != nil || n != linkSize {
		return link{}, onboarding.ErrNotFound
	}
	key, known := k.numbered(raw[1])
	if !known {
		k.refreshIfChanged(now)
		if key, known = k.numbered(raw[1]); !known {
			return link{}, onboarding.ErrNotFound
		}
	}
	signed, mac := raw[:linkSize-linkMACSize], raw[linkSize-linkMACSize:]
	if !hmac.Equal(mac, linkMAC(key, signed)) {
		return link{}, onboarding.ErrNotFound
	}
	l := link{
		kind:    linkKind(raw[0]),
		version: int(binary.BigEndian.Uint16(raw[2:])),
		number:  int(raw[4])<<16 | int(raw[5])<<8 | int(raw[6]),
		id:      raw[linkHead : linkHead+linkIDSize],
	}
	if l.kind != linkRequest && l.kind != linkReceipt && l.kind != linkLetter || l.version == 0 {
		return link{}, onboarding.ErrNotFound
	}
	return l, nil
}
