// Package seal encrypts a secret for exactly one device.
//
// The relay seals and forgets: it never holds a key that opens. The content
// includes a Binding, and opening fails unless the reader expects the same one.
package seal

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strings"

	"filippo.io/age"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// ErrNotRecipient is the error of Open with another device's key.
var ErrNotRecipient = errors.New("not sealed for this device")

// ErrBindingMismatch is the error of Open when the content has another binding:
// it was moved, or is not the newest.
var ErrBindingMismatch = errors.New("sealed for another purpose")

// maxSealed bounds the input of Open, in bytes.
const maxSealed = 64 << 10

// Binding is the context of a sealed secret. It is encrypted with the secret
// and compared on opening.
type Binding struct {
	Relay   string `json:"relay"`
	Agency  string `json:"agency"`
	Request string `json:"request"` // empty: none
	Item    string `json:"item"`    // or Connection
	Account string `json:"account"` // at the platform
	Version int64  `json:"version"`
}

type content struct {
	Binding Binding `json:"names"`
	Secret  []byte  `json:"secret"`
}

// NewKey makes a device's key pair: a hybrid of X25519 and ML-KEM-768, so that
// traffic recorded today resists quantum computers.
func NewKey() (key onboarding.Secret, public string, err error) {
	identity, err := age.GenerateHybridIdentity()
	if err != nil {
		return onboarding.Secret{}, "", fmt.Errorf("making a key: %w", err)
	}
	return onboarding.NewSecret(identity.String()), identity.Recipient().String(), nil
}

// ValidatePublicKey reports whether a text is a device's public key, which something can
// be sealed for: one with a point of low order parses all the same.
func ValidatePublicKey(public string) error {
	_, err := Seal(Binding{}, nil, public)
	return err
}

// Seal encrypts a secret for the device with this public key.
func Seal(names Binding, secret []byte, public string) ([]byte, error) {
	recipient, err := age.ParseHybridRecipient(public)
	if err != nil {
		return nil, fmt.Errorf("reading a device's public key: %w", err)
	}
	plain, err := json.Marshal(content{names, secret})
	if err != nil {
		return nil, fmt.Errorf("sealing: %w", err)
	}
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, recipient)
	if err != nil {
		return nil, fmt.Errorf("sealing: %w", err)
	}
	if _, err := w.Write(plain); err != nil {
		return nil, fmt.Errorf("sealing: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("sealing: %w", err)
	}
	return sealed.Bytes(), nil
}

// Open decrypts a secret if the key and the binding match. Otherwise neither
// the result nor the error contains any of the content.
func Open(key onboarding.Secret, names Binding, sealed []byte) ([]byte, error) {
	identity, err := age.ParseHybridIdentity(key.Reveal())
	if err != nil {
		return nil, errors.New("reading a device's key: it is not one") // age's error quotes the key
	}
	if len(sealed) > maxSealed {
		return nil, fmt.Errorf("opening: larger than %d bytes: %w", maxSealed, ErrNotRecipient)
	}
	r, err := age.Decrypt(bytes.NewReader(sealed), identity)
	if err != nil {
		return nil, fmt.Errorf("opening: %w", ErrNotRecipient)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("opening: it was changed on the way: %w", ErrNotRecipient)
	}
	var inside content
	if err := json.Unmarshal(plain, &inside); err != nil {
		return nil, fmt.Errorf("opening: %w", ErrBindingMismatch) // json's error may quote the content
	}
	if inside.Binding != names {
		return nil, fmt.Errorf("opening: %w", ErrBindingMismatch)
	}
	return inside.Secret, nil
}

// Fingerprint is the number that the user compares on two screens: 25 digits of
// the public key's hash, in five groups.
//
// Who stands between two devices can offer a key of their own, and may search
// for one whose number is the same. Of 10^25 numbers, 83 bits, nobody finds it;
// of twelve digits a few graphics cards did within the hour.
func Fingerprint(public string) (string, error) {
	if err := ValidatePublicKey(public); err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte("latchkey device comparison\n" + public))
	bound := new(big.Int).Exp(big.NewInt(10), big.NewInt(25), nil)
	digits := fmt.Sprintf("%025d", new(big.Int).Mod(new(big.Int).SetBytes(sum[:]), bound))
	return strings.Join([]string{digits[:5], digits[5:10], digits[10:15], digits[15:20], digits[20:]}, " "), nil
}

// SealWithKey encrypts a short-lived secret with a 32-byte key that its owner
// stores elsewhere, in a cookie. purpose is authenticated.
func SealWithKey(key []byte, purpose string, secret onboarding.Secret) ([]byte, error) {
	closer, err := newAEAD(key)
	if err != nil {
		return nil, err
	}
	return closer.Seal(nil, nil, []byte(secret.Reveal()), []byte(purpose)), nil
}

// OpenWithKey is the reverse of SealWithKey, for the same key and purpose.
func OpenWithKey(key []byte, purpose string, sealed []byte) (onboarding.Secret, error) {
	opener, err := newAEAD(key)
	if err != nil {
		return onboarding.Secret{}, err
	}
	plain, err := opener.Open(nil, nil, sealed, []byte(purpose))
	if err != nil {
		return onboarding.Secret{}, fmt.Errorf("opening: %w", ErrNotRecipient)
	}
	return onboarding.NewSecret(string(plain)), nil
}

func newAEAD(key []byte) (cipher.AEAD, error) {
	if len(key) != 32 {
		return nil, errors.New("sealing under a key: it is not 32 bytes")
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("sealing under a key: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("sealing under a key: %w", err)
	}
	return aead, nil
}
