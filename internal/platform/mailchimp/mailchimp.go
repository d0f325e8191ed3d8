// Package mailchimp is the driver for Mailchimp: signing in with an account,
// whose token does not expire, and counting its audiences and contacts.
//
// Mailchimp has no scopes, no PKCE, no refresh tokens, and no call that revokes
// a token: the client does that on a page there. The driver never writes to an
// account.
//
// Documentation:
// https://mailchimp.com/developer/marketing/guides/access-user-data-oauth-2/
package mailchimp

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"golang.org/x/oauth2"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/grapheme"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
)

const (
	loginHost = "login.mailchimp.com"
	apiHost   = ".api.mailchimp.com" // preceded by the data centre
	authorize = "https://" + loginHost + "/oauth2/authorize"
	token     = "https://" + loginHost + "/oauth2/token"
	metadata  = "https://" + loginHost + "/oauth2/metadata"
)

// Hub is the driver without an app secret.
type Hub struct{ client *http.Client }

// NewForHub builds the hub's driver.
func NewForHub(addresses platform.Endpoints) (*Hub, error) {
	client, err := platform.NewGuard(platform.GuardConfig{
		Hosts:    []string{loginHost, apiHost},
		Override: addresses.API,
		Timeout:  addresses.Timeout,
		Route:    addresses.Route,
	})
	if err != nil {
		return nil, fmt.Errorf("building the driver for Mailchimp: %w", err)
	}
	return &Hub{client}, nil
}

// Relay is the driver with the app's secret.
type Relay struct {
	*Hub
	oauth platform.OAuth
}

// NewForRelay builds the relay's driver.
func NewForRelay(app platform.App) (*Relay, error) {
	hub, err := NewForHub(app.Endpoints)
	if err != nil {
		return nil, err
	}
	client, err := platform.NewGuard(platform.GuardConfig{
		Hosts:    []string{loginHost},
		Override: app.Token,
		Timeout:  app.Timeout,
		Route:    app.Route,
	})
	if err != nil {
		return nil, fmt.Errorf("building the driver for Mailchimp: %w", err)
	}
	return &Relay{hub, platform.OAuth{
		App:      app,
		Endpoint: oauth2.Endpoint{AuthURL: authorize, TokenURL: token, AuthStyle: oauth2.AuthStyleInParams},
		Client:   client,
	}}, nil
}

// Platform is Mailchimp.
func (h *Hub) Platform() onboarding.Platform { return onboarding.Mailchimp.Platform() }

// UsesPKCE is false: Mailchimp documents no challenge.
func (r *Relay) UsesPKCE() bool { return false }

// Ping asks whether Mailchimp answers.
func (r *Relay) Ping(ctx context.Context) error { return r.oauth.Ping(ctx) }

// Address is Mailchimp's page for signing in and allowing the app, GET
// /oauth2/authorize. It has no scopes: an app has the rights of its user. Users
// with several accounts choose one there.
// https://mailchimp.com/developer/marketing/guides/access-user-data-oauth-2/
func (r *Relay) Address(start platform.SignInStart) string { return r.oauth.Address(start) }

// Exchange redeems a code for the account's Grant, POST /oauth2/token, and
// reads the account, GET /oauth2/metadata and GET /3.0/. The token does not
// expire (expires_in is 0) and is the credential, with the address of its data
// centre. A used or expired code is SignInTooLate, an error of the app
// AgencySide, the role viewer or author RoleTooLow with the role as
// PlatformCode.
// https://mailchimp.com/developer/marketing/guides/access-user-data-oauth-2/
func (r *Relay) Exchange(ctx context.Context, back platform.SignInReturn) (platform.Grant, error) {
	tokens, err := r.oauth.Exchange(ctx, back)
	if err != nil {
		return platform.Grant{}, tokenRefusal(err)
	}
	access := onboarding.NewSecret(tokens.AccessToken)
	about, err := r.about(ctx, access)
	if err != nil {
		return platform.Grant{}, atSignIn(err)
	}
	if about.mayNot() {
		return platform.Grant{}, &platform.Failure{Code: catalog.RoleTooLow, PlatformCode: about.Role}
	}
	credential := platform.Credential{Kind: platform.Token, Secret: access, Address: about.Address}
	account, err := r.account(ctx, credential)
	if err != nil {
		return platform.Grant{}, atSignIn(err)
	}
	if account == "" {
		account = strconv.FormatInt(about.UserID, 10)
	}
	return platform.Grant{
		Access:     access,
		Credential: credential,
		Account:    onboarding.Account{ID: account, Name: about.name()},
		Detail:     about.detail(),
		User:       about.Login.Email,
	}, nil
}

// atSignIn converts a failure of a token that was just issued: its refusal is
// not the client's fault.
func atSignIn(err error) error {
	failure := platform.AsFailure(err)
	if failure.Code == catalog.CredentialRefused {
		failure.Code = catalog.Unexpected
	}
	return failure
}

// aboutToken is Mailchimp's metadata of a token: its user and its account's
// data centre.
type aboutToken struct {
	Error       string `json:"error"`
	DC          string `json:"dc"`
	Role        string `json:"role"`
	AccountName string `json:"accountname"`
	UserID      int64  `json:"user_id"`
	Address     string `json:"api_endpoint"`
	Login       struct {
		Email      string `json:"email"`
		LoginEmail string `json:"login_email"`
	} `json:"login"`
}

// mayNot reports whether the role is too low for audiences and contacts.
func (a aboutToken) mayNot() bool {
	return strings.EqualFold(a.Role, "viewer") || strings.EqualFold(a.Role, "author")
}

func (a aboutToken) name() string {
	if a.AccountName == "" {
		return a.DC + " " + strconv.FormatInt(a.UserID, 10)
	}
	return a.AccountName
}

// detail is the account's second line: the user and the role.
func (a aboutToken) detail() string {
	if a.Role == "" {
		return a.Login.Email
	}
	return a.Login.Email + " · " + grapheme.Capitalize(a.Role)
}

// about reads a token's metadata, GET /oauth2/metadata. A rejected token gets
// status 200 with an error: CredentialRefused. It accepts the API address only
// if it matches the data centre.
// https://mailchimp.com/developer/marketing/guides/access-user-data-oauth-2/
func (h *Hub) about(ctx context.Context, access onboarding.Secret) (aboutToken, error) {
	var about aboutToken
	request, err := platform.Get(ctx, metadata)
	if err != nil {
		return about, err
	}
	request.Header.Set("Authorization", "OAuth "+access.Reveal())
	reply, err := platform.Do(h.client, request)
	if err != nil {
		return about, err
	}
	if reply.Status != http.StatusOK {
		return about, refusal(reply)
	}
	if err := reply.JSON(&about); err != nil {
		return about, err
	}
	if about.Login.Email == "" {
		about.Login.Email = about.Login.LoginEmail
	}
	switch {
	case about.Error == "invalid_token":
		return about, &platform.Failure{Code: catalog.CredentialRefused, PlatformCode: about.Error}
	case about.Error != "":
		return about, platform.Down(errors.New("the metadata is an error"))
	case !isDataCentre(about.DC) || about.Address != "https://"+about.DC+apiHost:
		return about, &platform.Failure{
			Code: catalog.Unexpected,
			Err:  errors.New("the address of the API does not belong to the data centre"),
		}
	}
	return about, nil
}

// isDataCentre reports whether a name has the form of "us6".
func isDataCentre(dc string) bool {
	prefix := strings.TrimRight(dc, "0123456789")
	return prefix != "" && prefix != dc && strings.Trim(prefix, "abcdefghijklmnopqrstuvwxyz") == ""
}

// account reads the account's id, GET /3.0/; empty: Mailchimp returns none.
// https://mailchimp.com/developer/marketing/api/root/
func (h *Hub) account(ctx context.Context, credential platform.Credential) (string, error) {
	var root struct {
		AccountID string `json:"account_id"`
	}
	err := h.read(ctx, credential, "/3.0/?fields=account_id", &root)
	return root.AccountID, err
}

// read calls the account's API with its token and decodes the result into v.
func (h *Hub) read(ctx context.Context, credential platform.Credential, path string, v any) error {
	request, err := platform.Get(ctx, credential.Address+path)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+credential.Secret.Reveal())
	reply, err := platform.Do(h.client, request)
	if err != nil {
		return err
	}
	if reply.Status != http.StatusOK {
		return refusal(reply)
	}
	return reply.JSON(v)
}
