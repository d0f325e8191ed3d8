// Package mailchimp is the driver for Mailchimp: signing in with an account,
// whose token lasts, and counting its audiences and contacts.
//
// Mailchimp knows no scopes, no PKCE and no refresh tokens, and has no call that
// ends a token: the client does that on a page of its own.
//
// Facts: https://mailchimp.com/developer/marketing/guides/access-user-data-oauth-2/
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
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
)

const (
	loginHost = "login.mailchimp.com"
	apiHost   = ".api.mailchimp.com" // with the data centre before it
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

// UsesPKCE is false: no challenge is documented.
func (r *Relay) UsesPKCE() bool { return false }

// Address is Mailchimp's page for signing in and allowing the app, GET
// /oauth2/authorize. It takes no scope: an app can do what its user can. Who can
// sign in to several accounts chooses one there.
// https://mailchimp.com/developer/marketing/guides/access-user-data-oauth-2/
func (r *Relay) Address(start platform.SignInStart) string { return r.oauth.Address(start) }

// Exchange turns a code into the account's Grant, POST /oauth2/token, and asks
// which account it is, GET /oauth2/metadata and GET /3.0/. The token has no end
// (expires_in is 0) and is what lasts, with the address of its data centre. A
// code that was used or is too old is SignInTooLate, what is wrong with the app
// AgencySide, the role viewer or author RoleTooLow with the role as its code.
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

// atSignIn is a failure of a token that was given a moment ago: that it is
// refused is nothing the client can have done.
func atSignIn(err error) error {
	failure := platform.AsFailure(err)
	if failure.Code == catalog.CredentialRefused {
		failure.Code = catalog.Unexpected
	}
	return failure
}

// aboutToken is what Mailchimp tells about a token: whose it is, and where its
// account lives.
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

// mayNot says whether the role is too low for audiences and contacts.
func (a aboutToken) mayNot() bool {
	return strings.EqualFold(a.Role, "viewer") || strings.EqualFold(a.Role, "author")
}

func (a aboutToken) name() string {
	if a.AccountName == "" {
		return a.DC + " " + strconv.FormatInt(a.UserID, 10)
	}
	return a.AccountName
}

// detail is the account's second line: who signed in, and as what.
func (a aboutToken) detail() string {
	if a.Role == "" {
		return a.Login.Email
	}
	return a.Login.Email + " · " + strings.ToUpper(a.Role[:1]) + a.Role[1:]
}

// about asks whose token it is, GET /oauth2/metadata. A token that is not
// accepted is answered with status 200 and an error: CredentialRefused. The
// address is used only when it is the one that belongs to the data centre.
// https://mailchimp.com/developer/marketing/guides/access-user-data-oauth-2/
func (h *Hub) about(ctx context.Context, access onboarding.Secret) (aboutToken, error) {
	var about aboutToken
	question, err := platform.Get(ctx, metadata)
	if err != nil {
		return about, err
	}
	question.Header.Set("Authorization", "OAuth "+access.Reveal())
	reply, err := platform.Do(h.client, question)
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

// isDataCentre reports whether a name is letters and digits, in that order, as "us6".
func isDataCentre(dc string) bool {
	letters := strings.TrimRight(dc, "0123456789")
	return letters != "" && letters != dc && strings.Trim(letters, "abcdefghijklmnopqrstuvwxyz") == ""
}

// account asks for the account's id, GET /3.0/; empty: Mailchimp names none.
// https://mailchimp.com/developer/marketing/api/root/
func (h *Hub) account(ctx context.Context, credential platform.Credential) (string, error) {
	var root struct {
		AccountID string `json:"account_id"`
	}
	err := h.read(ctx, credential, "/3.0/?fields=account_id", &root)
	return root.AccountID, err
}

// read calls the account's API with its token and reads the result into v.
func (h *Hub) read(ctx context.Context, credential platform.Credential, path string, v any) error {
	question, err := platform.Get(ctx, credential.Address+path)
	if err != nil {
		return err
	}
	question.Header.Set("Authorization", "Bearer "+credential.Secret.Reveal())
	reply, err := platform.Do(h.client, question)
	if err != nil {
		return err
	}
	if reply.Status != http.StatusOK {
		return refusal(reply)
	}
	return reply.JSON(v)
}
