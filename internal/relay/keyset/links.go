package keyset

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/link"
)

// A link's token is the unpadded base64url of
//
//	kind 1 · key number 1 · version 2 · recipient 3 · random id 16 · HMAC-SHA256 over all before, 16
//
// which is 39 bytes, so 52 characters without a spare bit: one spelling each.
const (
	linkMACSize = 16
	linkHead    = 1 + 1 + 2 + 3
	linkSize    = linkHead + link.IDSize + linkMACSize
)

// SignLink signs a link with the newest key.
func (k *Keyset) SignLink(l link.Link) (onboarding.Secret, error) {
	inRange := l.Version >= 1 && l.Version <= link.MaxVersion && l.Recipient >= 0 && l.Recipient <= link.MaxRecipient
	if len(l.ID) != link.IDSize || !inRange {
		return onboarding.Secret{}, fmt.Errorf(
			"writing a link: version %d or recipient %d cannot be in one", l.Version, l.Recipient,
		)
	}
	key := k.newest()
	token := make([]byte, linkHead, linkSize)
	token[0], token[1] = byte(l.Kind), key.number
	binary.BigEndian.PutUint16(token[2:], uint16(l.Version))
	token[4], token[5], token[6] = byte(l.Recipient>>16), byte(l.Recipient>>8), byte(l.Recipient)
	token = append(token, l.ID...)
	token = append(token, linkMAC(key, token)...)
	return onboarding.NewSecret(base64.RawURLEncoding.EncodeToString(token)), nil
}

func linkMAC(key derivedKeys, over []byte) []byte {
	mac := hmac.New(sha256.New, key.links)
	_, _ = mac.Write(over) // a hash takes everything
	return mac.Sum(nil)[:linkMACSize]
}

// VerifyLink returns the link of a token. What is not exactly one of ours is
// ErrNotFound, after one HMAC at most and without the database. A key that is
// not known, while the key file cannot be read, is that error: it may be ours.
func (k *Keyset) VerifyLink(token string) (link.Link, error) {
	if len(token) != link.TokenSize {
		return link.Link{}, onboarding.ErrNotFound
	}
	raw := make([]byte, linkSize)
	// Strict, and no line breaks inside: the decoder would pass over them.
	n, err := base64.RawURLEncoding.Strict().Decode(raw, []byte(token))
	if err != nil || n != linkSize {
		return link.Link{}, onboarding.ErrNotFound
	}
	key, known := k.byNumber(raw[1])
	if !known {
		if err := k.RefreshIfChanged(); err != nil {
			return link.Link{}, err
		}
		if key, known = k.byNumber(raw[1]); !known {
			return link.Link{}, onboarding.ErrNotFound
		}
	}
	signed, mac := raw[:linkSize-linkMACSize], raw[linkSize-linkMACSize:]
	if !hmac.Equal(mac, linkMAC(key, signed)) {
		return link.Link{}, onboarding.ErrNotFound
	}
	l := link.Link{
		Kind:      link.Kind(raw[0]),
		Version:   int(binary.BigEndian.Uint16(raw[2:])),
		Recipient: int(raw[4])<<16 | int(raw[5])<<8 | int(raw[6]),
		ID:        raw[linkHead : linkHead+link.IDSize],
	}
	if !isKind(l.Kind) || l.Version == 0 {
		return link.Link{}, onboarding.ErrNotFound
	}
	return l, nil
}

func isKind(kind link.Kind) bool {
	switch kind {
	case link.KindRequest, link.KindHandOver, link.KindRepair, link.KindReceipt, link.KindEmail, link.KindReview:
		return true
	}
	return false
}
