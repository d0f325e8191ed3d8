package meta

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
)

// How far a signed request's time may be from the relay's: Meta does not document how late
// it repeats a call.
const (
	signedRequestAge   = 7 * 24 * time.Hour
	signedRequestAhead = 5 * time.Minute
)

// ReadSignedRequest reads the signed_request of Meta's deletion and deauthorization
// callbacks: the signature, a dot and the payload, both in base64url. The signature is the
// HMAC-SHA256 of the payload as it was sent, under the app secret.
// https://developers.facebook.com/docs/development/create-an-app/app-dashboard/data-deletion-callback
// https://developers.facebook.com/documentation/facebook-login/guides/advanced/manual-flow#deauth-callback
// The documentation's sample decodes what has padding and what has the usual base64 alphabet
// as well. The end that a payload has is the user's session's, not the call's.
func (r *Relay) ReadSignedRequest(signed onboarding.Secret, now time.Time) (platform.SignedRequest, error) {
	signature, payload, _ := strings.Cut(signed.Reveal(), ".")
	mac, err := decodeSigned(signature)
	expected := hmac.New(sha256.New, []byte(r.graph.appSecret.Reveal()))
	expected.Write([]byte(payload))
	if err != nil || !hmac.Equal(mac, expected.Sum(nil)) {
		return platform.SignedRequest{}, fmt.Errorf("comparing the signature: %w", platform.ErrNotSigned)
	}
	text, err := decodeSigned(payload)
	if err != nil {
		return platform.SignedRequest{}, fmt.Errorf("decoding a signed request: %w", platform.ErrNotSigned)
	}
	var said struct {
		Algorithm string      `json:"algorithm"`
		Issued    int64       `json:"issued_at"`
		User      json.Number `json:"user_id"` // a text, in older calls a number
	}
	if err := json.Unmarshal(text, &said); err != nil {
		return platform.SignedRequest{}, fmt.Errorf("reading a signed request: %w", platform.ErrNotSigned)
	}
	request := platform.SignedRequest{User: said.User.String(), Issued: now}
	if said.Issued != 0 {
		request.Issued = time.Unix(said.Issued, 0).Add(time.Second - time.Millisecond) // the end of that second
	}
	switch {
	case !strings.EqualFold(said.Algorithm, "HMAC-SHA256"):
		return platform.SignedRequest{}, fmt.Errorf("reading the algorithm: %w", platform.ErrNotSigned)
	case !isNumber(request.User) || len(request.User) > 30 || strings.Trim(request.User, "0") == "":
		// Where a Page removes the app, the user is 0: there is nobody.
		return platform.SignedRequest{}, fmt.Errorf("reading the user's number: %w", platform.ErrNotSigned)
	case now.Sub(request.Issued) > signedRequestAge || request.Issued.Sub(now) > signedRequestAhead:
		return platform.SignedRequest{}, fmt.Errorf("reading the time: %w", platform.ErrNotSigned)
	}
	return request, nil
}

// decodeSigned decodes base64 with or without padding, of either alphabet.
func decodeSigned(text string) ([]byte, error) {
	text = strings.NewReplacer("+", "-", "/", "_").Replace(strings.TrimRight(text, "="))
	return base64.RawURLEncoding.Strict().DecodeString(text)
}
