package wizard

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// visitKey is the 32 random bytes in the visit cookie. The relay stores only
// values derived from it (HKDF), each with a purpose of its own, so that none
// reveals another.
type visitKey struct{ secret []byte }

func newVisitKey() visitKey {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // it never fails: crypto/rand stops the program instead
	return visitKey{secret}
}

func parseVisitKey(text string) (visitKey, bool) {
	secret, err := base64.RawURLEncoding.Strict().DecodeString(text)
	return visitKey{secret}, err == nil && len(secret) == 32
}

func (k visitKey) text() string { return base64.RawURLEncoding.EncodeToString(k.secret) }

func (k visitKey) derive(purpose string) []byte {
	derived, err := hkdf.Expand(sha256.New, k.secret, "latchkey visit: "+purpose, 32)
	if err != nil {
		panic("deriving 32 bytes cannot fail: " + err.Error())
	}
	return derived
}

// cookieHash identifies the browser in the database.
func (k visitKey) cookieHash() []byte { return k.derive("look up") }

// key is what the client's Facebook token is sealed under.
func (k visitKey) key() []byte { return k.derive("seal") }

// state is what goes to a platform and comes back. A leaving page can be
// loaded again, on any day, without the state being kept anywhere.
func (k visitKey) state(signInID string) string {
	return base64.RawURLEncoding.EncodeToString(k.derive("state of " + signInID))
}

// verifier is the PKCE verifier of a sign-in.
func (k visitKey) verifier(signInID string) onboarding.Secret {
	return onboarding.NewSecret(base64.RawURLEncoding.EncodeToString(k.derive("verifier of " + signInID)))
}
