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

func (p visitKey) text() string { return base64.RawURLEncoding.EncodeToString(p.secret) }

func (p visitKey) derive(purpose string) []byte {
	derived, err := hkdf.Expand(sha256.New, p.secret, "latchkey visit: "+purpose, 32)
	if err != nil {
		panic("deriving 32 bytes cannot fail: " + err.Error())
	}
	return derived
}

// cookieHash identifies the browser in the database.
func (p visitKey) cookieHash() []byte { return p.derive("look up") }

// key is what the client's Facebook token is sealed under.
func (p visitKey) key() []byte { return p.derive("seal") }

// state is what goes to a platform and comes back. A leaving page can be
// loaded again, on any day, without the state being kept anywhere.
func (p visitKey) state(signInID string) string {
	return base64.RawURLEncoding.EncodeToString(p.derive("state of " + signInID))
}

// verifier is the PKCE verifier of a sign-in.
func (p visitKey) verifier(signInID string) onboarding.Secret {
	return onboarding.NewSecret(base64.RawURLEncoding.EncodeToString(p.derive("verifier of " + signInID)))
}
