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
// once more: 401. Google ends everything that this person has given to the app,
// so where another item hangs on that the call is not made, and GrantShared says
// what is left. A grant that was gone before (invalid_token) is success. Google
// may take a while; until then the Failure is PlatformBusy.
// https://developers.google.com/identity/protocols/oauth2/web-server#tokenrevoke
func (h *Hub) Withdraw(ctx context.Context, p platform.WithdrawParams) (platform.Withdrawal, error) {
	if p.SharesGrant.Person || p.SharesGrant.Account {
		return platform.Withdrawal{Remaining: catalog.GrantShared}, nil
	}
	r, err := platform.Form(ctx, revoke, url.Values{"token": {p.Lasting.Secret.Reveal()}})
	if err != nil {
		return platform.Withdrawal{}, err
	}
	reply, err := platform.Do(h.token, r)
	if err != nil {
		return platform.Withdrawal{}, err
	}
	if err := ended(reply); err != nil {
		return platform.Withdrawal{}, err
	}
	if p.Access.Empty() && reply.Status == http.StatusBadRequest {
		return platform.Withdrawal{Ended: true}, nil // Google has just said that it knows no such token
	}
	return h.proveEnded(ctx, p.Access)
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
	return &platform.Failure{What: catalog.Unexpected, Code: said.Error, Err: errors.New("the grant was not revoked")}
}

func (h *Hub) proveEnded(ctx context.Context, access onboarding.Secret) (platform.Withdrawal, error) {
	_, err := h.account(ctx, access)
	switch failure := platform.AsFailure(err); {
	case err == nil:
		return platform.Withdrawal{}, &platform.Failure{
			What: catalog.PlatformBusy, RetryAfter: time.Minute, Err: errors.New("a revoked grant still works"),
		}
	case failure.What == catalog.CredentialRefused:
		return platform.Withdrawal{Ended: true}, nil
	default:
		return platform.Withdrawal{}, failure
	}
}
