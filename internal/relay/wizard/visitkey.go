package wizard

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// visitKey is what a browser's cookie carries: 32 random bytes. The relay keeps
// none of it. What it looks up by, what it seals under, and what it sends to a
// platform are derived from it, each for itself, so that none tells another.
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

// cookieHash is what the database knows the browser by.
func (p visitKey) cookieHash() []byte { return p.derive("look up") }

// key is what the client's Facebook token is sealed under.
func (p visitKey) key() []byte { return p.derive("seal") }

// state is what goes to a platform and comes back. A leaving page can be
// loaded again, on any day, without the state being kept anywhere.
func (p visitKey) state(sign string) string {
	return base64.RawURLEncoding.EncodeToString(p.derive("state of " + sign))
}

// verifier is the PKCE verifier of a sign-in.
func (p visitKey) verifier(sign string) onboarding.Secret {
	return onboarding.NewSecret(base64.RawURLEncoding.EncodeToString(p.derive("verifier of " + sign)))
}
