package sealing

import (
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/seal"
)

func tokenPurpose(visit string) string { return "facebook token of visit " + visit }

// SealToken closes a client's Facebook token under a key that only the cookie
// of their visit gives.
func SealToken(key []byte, visit string, token onboarding.Secret) ([]byte, error) {
	return seal.SealWithKey(key, tokenPurpose(visit), token)
}

// OpenToken opens what SealToken closed.
func OpenToken(key []byte, visit string, sealed []byte) (onboarding.Secret, error) {
	return seal.OpenWithKey(key, tokenPurpose(visit), sealed)
}
