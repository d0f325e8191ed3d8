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

// Withdraw ends the grant, POST /revoke, and proves it by asking for the account
// once more: 401. Without an access token the proof is that Google no longer
// knows the grant when it is revoked again. Google ends everything that this
// person has given to the app, so where the same person may have connected
// another item the call is not made, and GrantShared says what is left. A grant
// that was gone before (invalid_token) is success. Google may take a while; until
// then the Failure is PlatformBusy.
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

// stillWorks is the failure of a grant that lives a while after it was revoked.
func stillWorks() error {
	return &platform.Failure{
		Code: catalog.PlatformBusy, RetryAfter: time.Minute, Err: errors.New("a revoked grant still works"),
	}
}

// revoke ends the grant of a token. known: Google knew the token until now.
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

// ended reads the answer to a revoke: 200, or 400 with invalid_token, which a
// token gets that was gone before.
func ended(reply platform.Reply) error {
	if reply.Status == http.StatusOK {
		return nil
	}
	if err := unavailable(reply); err != nil {
		return err
	}
	var said struct {
		Error string `json:"error"`
	}
	_ = json.Unmarshal(reply.Body, &said) // what is no JSON is no invalid_token either
	if reply.Status == http.StatusBadRequest && said.Error == "invalid_token" {
		return nil
	}
	return &platform.Failure{
		Code: catalog.Unexpected, PlatformCode: said.Error, Err: errors.New("the grant was not revoked"),
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
