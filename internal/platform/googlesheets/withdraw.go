package googlesheets

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
)

// Withdraw revokes the grant, POST /revoke, and verifies it by reading the
// account: 401. Without an access token it verifies by revoking again, which
// must fail with invalid_token. Google revokes everything that this person has
// granted to the app, so if the same person may have connected another item, it
// makes no call and returns GrantShared. A grant that is already gone
// (invalid_token) is success. The revocation may take a while; until then the
// Failure is PlatformBusy.
// https://developers.google.com/identity/protocols/oauth2/web-server#tokenrevoke
func (h *Hub) Withdraw(ctx context.Context, p platform.WithdrawParams) (platform.Withdrawal, error) {
	if p.SharesGrant.Person {
		return platform.Withdrawal{Remaining: catalog.GrantShared}, nil
	}
	known, err := h.revoke(ctx, p.Credential.Secret)
	if err != nil {
		return platform.Withdrawal{}, err
	}
	if !p.Access.Empty() {
		return h.proveEnded(ctx, p.Access)
	}
	if known {
		known, err = h.revoke(ctx, p.Credential.Secret)
	}
	switch {
	case err != nil:
		return platform.Withdrawal{}, err
	case known:
		return platform.Withdrawal{}, stillWorks()
	}
	return platform.Withdrawal{Ended: true}, nil
}

// stillWorks is the failure of a grant that is revoked but still accepted.
func stillWorks() error {
	return &platform.Failure{
		Code: catalog.PlatformBusy, RetryAfter: time.Minute, Err: errors.New("a revoked grant still works"),
	}
}

// revoke revokes the grant of a token. known reports whether the token was
// valid before.
func (h *Hub) revoke(ctx context.Context, token onboarding.Secret) (known bool, err error) {
	r, err := platform.Form(ctx, revoke, url.Values{"token": {token.Reveal()}})
	if err != nil {
		return false, err
	}
	reply, err := platform.Do(h.token, r)
	if err != nil {
		return false, err
	}
	return reply.Status == http.StatusOK, ended(reply)
}

// ended interprets the response to a revoke: 200, or 400 with invalid_token,
// which means already revoked.
func ended(reply platform.Reply) error {
	if reply.Status == http.StatusOK {
		return nil
	}
	if err := unavailable(reply); err != nil {
		return err
	}
	var body struct {
		Error string `json:"error"`
	}
	_ = json.Unmarshal(reply.Body, &body) // other bodies are not invalid_token
	if reply.Status == http.StatusBadRequest && body.Error == "invalid_token" {
		return nil
	}
	return &platform.Failure{
		Code: catalog.Unexpected, PlatformCode: body.Error, Err: errors.New("the grant was not revoked"),
	}
}

func (h *Hub) proveEnded(ctx context.Context, access onboarding.Secret) (platform.Withdrawal, error) {
	_, err := h.account(ctx, access)
	switch failure := platform.AsFailure(err); {
	case err == nil:
		return platform.Withdrawal{}, stillWorks()
	case failure.Code == catalog.CredentialRefused:
		return platform.Withdrawal{Ended: true}, nil
	default:
		return platform.Withdrawal{}, failure
	}
}
