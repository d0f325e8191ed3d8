package meta

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
)

// signedAt signs a payload with the app secret.
func signedAt(secret onboarding.Secret, encoding *base64.Encoding, payload string) string {
	sent := encoding.EncodeToString([]byte(payload))
	mac := hmac.New(sha256.New, []byte(secret.Reveal()))
	mac.Write([]byte(sent))
	return encoding.EncodeToString(mac.Sum(nil)) + "." + sent
}

// The secret and the payload are those of the documentation's sample.
func TestASignedRequestIsReadInEachFormThatMetaSends(t *testing.T) {
	driver, secret := &Relay{Hub: &Hub{}}, onboarding.NewSecret("appsecret")
	driver.graph.appSecret = secret
	now := time.Unix(1291836860, 0)
	const said = `{"algorithm":"HMAC-SHA256","expires":1291840400,"issued_at":1291836800,"user_id":"218471","x":"?>~ÿ"}`
	for name, signed := range map[string]string{
		"without padding":  signedAt(secret, base64.RawURLEncoding, said),
		"with padding":     signedAt(secret, base64.URLEncoding, said),
		"the usual base64": signedAt(secret, base64.StdEncoding, said),
		"a number": signedAt(secret, base64.RawURLEncoding,
			`{"algorithm":"hmac-sha256","issued_at":1291836800,"user_id":218471}`),
		"ended": signedAt(secret, base64.RawURLEncoding,
			`{"algorithm":"HMAC-SHA256","expires":0,"issued_at":1291836800,"user_id":"218471","user":{"country":"de"}}`),
	} {
		request, err := driver.ReadSignedRequest(onboarding.NewSecret(signed), now)
		if err != nil || request.User != "218471" || request.Issued.Unix() != 1291836800 {
			t.Errorf("%s: %+v, %v", name, request, err)
		}
	}
	timeless := signedAt(secret, base64.RawURLEncoding, `{"algorithm":"HMAC-SHA256","user_id":"218471"}`)
	if request, err := driver.ReadSignedRequest(onboarding.NewSecret(timeless), now); err != nil || request.Issued != now {
		t.Errorf("without a time: %+v, %v", request, err)
	}
}

func TestWhatMetaDidNotSignIsRefused(t *testing.T) {
	driver, secret := &Relay{Hub: &Hub{}}, onboarding.NewSecret("appsecret")
	driver.graph.appSecret = secret
	now := time.Unix(1291836860, 0)
	sign := func(payload string) string { return signedAt(secret, base64.RawURLEncoding, payload) }
	at := func(issued int64) string {
		return sign(fmt.Sprintf(`{"algorithm":"HMAC-SHA256","issued_at":%d,"user_id":"218471"}`, issued))
	}
	good := at(now.Unix())
	signature, payload, _ := strings.Cut(good, ".")
	refused := map[string]string{
		"nothing": "", "a dot": ".", "no dot": signature + payload, "no signature": "." + payload,
		"no payload": signature + ".", "two dots": good + ".x", "a payload in front": payload + "." + signature,
		"another secret": signedAt(onboarding.NewSecret("other"), base64.RawURLEncoding, `{"user_id":"218471"}`),
		"no secret":      signedAt(onboarding.NewSecret(""), base64.RawURLEncoding, `{"user_id":"218471"}`),
		"no JSON":        sign("218471"), "a list": sign("[]"), "no user": sign(`{"algorithm":"HMAC-SHA256"}`),
		"no algorithm":      sign(`{"user_id":"218471"}`),
		"another algorithm": sign(`{"algorithm":"none","user_id":"218471"}`),
		"nobody":            sign(`{"algorithm":"HMAC-SHA256","user_id":"0","profile_id":"12"}`),
		"a name":            sign(`{"algorithm":"HMAC-SHA256","user_id":"ana"}`),
		"a fraction":        sign(`{"algorithm":"HMAC-SHA256","user_id":1.5}`),
		"too long":          sign(`{"algorithm":"HMAC-SHA256","user_id":"` + strings.Repeat("1", 31) + `"}`),
		"too old":           at(now.Unix() - 7*24*60*60 - 2), "from the future": at(now.Unix() + 5*60 + 1),
	}
	for n := range good { // each bit of what says something
		flipped := []byte(good)
		flipped[n] ^= 4
		refused[fmt.Sprintf("byte %d", n)] = string(flipped)
	}
	for name, signed := range refused {
		request, err := driver.ReadSignedRequest(onboarding.NewSecret(signed), now)
		if !errors.Is(err, platform.ErrNotSigned) || request != (platform.SignedRequest{}) {
			t.Errorf("%s: %+v, %v", name, request, err)
		}
	}
	if _, err := driver.ReadSignedRequest(onboarding.NewSecret(good), now); err != nil {
		t.Errorf("the one that was changed: %v", err)
	}
}
