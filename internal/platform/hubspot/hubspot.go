// Package hubspot is the driver for HubSpot: signing in with a portal, renewing
// through the relay, checking the granted access, and uninstalling the app.
//
// It never writes to a portal's records.
//
// Documentation:
// https://developers.hubspot.com/docs/apps/legacy-apps/authentication/working-with-oauth
package hubspot

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
)

// version is HubSpot's API version in every path. A dated one appears each
// March and September; it is no setting, since hubs call HubSpot themselves.
// https://developers.hubspot.com/changelog/legacy-apis-and-legacy-apps-whats-going-unsupported-and-when
const version = "2026-03"

const (
	authorize  = "https://app.hubspot.com/oauth/authorize"
	api        = "https://api.hubapi.com"
	token      = api + "/oauth/" + version + "/token"
	introspect = token + "/introspect"
)

// The scopes by HubSpot's names.
const (
	scopeOAuth      = "oauth"
	readContacts    = "crm.objects.contacts.read"
	changeContacts  = "crm.objects.contacts.write"
	readDefinitions = "crm.schemas.contacts.read"
	readLists       = "crm.lists.read"
)

// scopes are the required scopes.
func scopes() []string { return []string{scopeOAuth, readContacts} }

// optional are scopes that HubSpot drops if the plan or the user lacks them.
func optional() []string { return []string{changeContacts, readDefinitions, readLists} }

// Hub is the driver without an app secret.
type Hub struct{ client *http.Client }

// NewForHub builds the hub's driver.
func NewForHub(addresses platform.Endpoints) (*Hub, error) {
	client, err := platform.NewGuard(platform.GuardConfig{
		Hosts:    []string{"api.hubapi.com"},
		Override: addresses.API,
		Timeout:  addresses.Timeout,
		Route:    addresses.Route,
	})
	if err != nil {
		return nil, fmt.Errorf("building the driver for HubSpot: %w", err)
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
		Hosts:    []string{"api.hubapi.com"},
		Override: app.Token,
		Timeout:  app.Timeout,
		Route:    app.Route,
	})
	if err != nil {
		return nil, fmt.Errorf("building the driver for HubSpot: %w", err)
	}
	return &Relay{hub, platform.OAuth{
		App:      app,
		Endpoint: oauth2.Endpoint{AuthURL: authorize, TokenURL: token, AuthStyle: oauth2.AuthStyleInParams},
		Scopes:   scopes(),
		Client:   client,
	}}, nil
}

// Platform is HubSpot.
func (h *Hub) Platform() onboarding.Platform { return onboarding.HubSpot.Platform() }

// UsesPKCE is true: the token endpoint accepts a verifier.
func (r *Relay) UsesPKCE() bool { return true }

// Ping asks whether HubSpot answers.
func (r *Relay) Ping(ctx context.Context) error { return r.oauth.Ping(ctx) }

// Address is HubSpot's page for choosing a portal and installing the app, GET
// /oauth/authorize. Users who may not connect apps, and portals whose plan
// lacks a required scope, end on an error page there, without a callback. A
// missing optional scope is dropped silently.
// https://developers.hubspot.com/docs/apps/legacy-apps/authentication/working-with-oauth
func (r *Relay) Address(start platform.SignInStart) string {
	return r.oauth.Address(start, oauth2.SetAuthURLParam("optional_scope", strings.Join(optional(), " ")))
}

// Exchange redeems a code for the portal's Grant, POST /oauth/2026-03/token,
// and reads the portal. The access token lives for the returned seconds, half
// an hour; the refresh token is the credential. A used or expired code is
// SignInTooLate, an error of the app (BAD_CLIENT_SECRET, redirect_uri_mismatch)
// AgencySide, a scope that the plan lacks ProductNotInPlan.
// https://developers.hubspot.com/docs/apps/legacy-apps/authentication/working-with-oauth
func (r *Relay) Exchange(ctx context.Context, back platform.SignInReturn) (platform.Grant, error) {
	tokens, err := r.oauth.Exchange(ctx, back)
	if err != nil {
		return platform.Grant{}, refusal(err, catalog.SignInTooLate)
	}
	grant, err := r.portal(ctx, tokens)
	if err != nil {
		return platform.Grant{}, err
	}
	if grant.Credential.Empty() {
		return platform.Grant{}, platform.Down(errors.New("the exchange gave no refresh token"))
	}
	return grant, nil
}

// Renew gets an access token, POST /oauth/2026-03/token with refresh_token; it
// lives for the returned seconds. HubSpot usually returns the same refresh
// token; a new one replaces it. A refused one (BAD_REFRESH_TOKEN,
// invalid_grant) is CredentialRefused.
// https://developers.hubspot.com/docs/api-reference/2026-03/authentication/manage-oauth-tokens
func (r *Relay) Renew(ctx context.Context, credential platform.Credential) (platform.Grant, error) {
	tokens, err := r.oauth.Renew(ctx, credential.Secret)
	if err != nil {
		return platform.Grant{}, refusal(err, catalog.CredentialRefused)
	}
	grant := r.granted(tokens)
	if grant.Credential.Empty() || grant.Credential.Secret == credential.Secret {
		grant.Credential = credential
		return grant, nil
	}
	// The next version needs the scopes, too. If HubSpot does not return them,
	// it is stored without: the previous version may be invalid already.
	grant.Credential.Scopes = credential.Scopes
	if info, err := r.introspectToken(ctx, tokens.AccessToken); err == nil && info.Active {
		grant.Credential.Scopes = strings.Join(info.Scopes, " ")
	}
	return grant, nil
}

// IdleLimit is unknown: HubSpot documents no expiry of an unused refresh token.
func (r *Relay) IdleLimit() time.Duration { return 0 }

// granted converts tokens. Their expiry is by the relay's clock, not the
// library's.
func (r *Relay) granted(tokens *oauth2.Token) platform.Grant {
	return platform.Grant{
		Access:     onboarding.NewSecret(tokens.AccessToken),
		Expires:    r.oauth.App.Ends(tokens.ExpiresIn),
		Credential: platform.Credential{Kind: platform.RefreshToken, Secret: onboarding.NewSecret(tokens.RefreshToken)},
	}
}

// tokenInfo is HubSpot's description of an access token. The field
// signed_access_token, an object, is not needed.
type tokenInfo struct {
	Active    bool     `json:"active"`
	HubID     int64    `json:"hub_id"`
	HubDomain string   `json:"hub_domain"`
	User      string   `json:"user"`
	Scopes    []string `json:"scopes"`
}

// introspectToken reads a token's portal, domain, user and scopes, POST
// /oauth/2026-03/token/introspect with the app's secret.
// https://developers.hubspot.com/docs/api-reference/2026-03/authentication/oauth-tokens/token-introspect
func (r *Relay) introspectToken(ctx context.Context, access string) (tokenInfo, error) {
	request, err := platform.Form(ctx, introspect, url.Values{
		"client_id": {r.oauth.App.ClientID}, "client_secret": {r.oauth.App.ClientSecret.Reveal()},
		"token": {access}, "token_type_hint": {"access_token"},
	})
	if err != nil {
		return tokenInfo{}, err
	}
	reply, err := platform.Do(r.oauth.Client, request)
	if err != nil {
		return tokenInfo{}, err
	}
	if reply.Status != http.StatusOK {
		return tokenInfo{}, refused(reply, catalog.Unexpected)
	}
	var info tokenInfo
	return info, reply.JSON(&info)
}

// portal returns the Grant of new tokens, with the missing optional scopes.
func (r *Relay) portal(ctx context.Context, tokens *oauth2.Token) (platform.Grant, error) {
	info, err := r.introspectToken(ctx, tokens.AccessToken)
	if err != nil {
		return platform.Grant{}, err
	}
	if !info.Active || info.HubID == 0 {
		return platform.Grant{}, &platform.Failure{
			Code: catalog.Unexpected,
			Err:  errors.New("the new token is not active"),
		}
	}
	if missing := platform.Missing(scopes(), info.Scopes); len(missing) > 0 {
		return platform.Grant{}, &platform.Failure{
			Code:         catalog.ProductNotInPlan,
			PlatformCode: "MISSING_SCOPES",
			Err:          fmt.Errorf("not granted: %s", strings.Join(missing, " ")),
		}
	}
	id := strconv.FormatInt(info.HubID, 10)
	grant := r.granted(tokens)
	grant.Account = onboarding.Account{ID: id, Name: info.HubDomain}
	if info.HubDomain == "" {
		grant.Account.Name = "Portal " + id
	}
	grant.Detail, grant.User = "Portal "+id, info.User
	grant.Credential.Scopes = strings.Join(info.Scopes, " ")
	grant.Missing = platform.Missing(optional(), info.Scopes)
	return grant, nil
}

// refusal interprets a refusal of the token endpoint: one body with four
// fields, or one of its older shapes.
func refusal(err error, otherwise catalog.FailureCode) error {
	reply, replied := platform.TokenReply(err)
	if !replied {
		return platform.Down(err)
	}
	return refused(reply, otherwise)
}

// refused turns an error response into a Failure; otherwise is the meaning of
// an unspecific refusal. The API has the kind in category, the token endpoint
// in status, and its older shape only in error.
// https://developers.hubspot.com/changelog/new-oauth-v3-api-endpoints-and-standardized-error-responses
func refused(reply platform.Reply, otherwise catalog.FailureCode) error {
	switch {
	case reply.Status == http.StatusTooManyRequests:
		return platform.Busy(reply)
	case reply.Status >= http.StatusInternalServerError || reply.Status < http.StatusBadRequest:
		return platform.Down(fmt.Errorf("status %d", reply.Status))
	}
	var body struct {
		Category string `json:"category"`
		Status   string `json:"status"`
		Error    string `json:"error"`
	}
	if err := reply.JSON(&body); err != nil {
		return err
	}
	code := body.Category
	if code == "" && body.Status != "" && body.Status != "error" {
		code = body.Status
	}
	if code == "" {
		code = body.Error
	}
	failure := &platform.Failure{
		Code: otherwise, PlatformCode: code, Err: fmt.Errorf("status %d", reply.Status), Bare: code == "",
	}
	switch code {
	case "MISSING_SCOPES":
		failure.Code = catalog.ProductNotInPlan
	case "RATE_LIMITS":
		failure.Code = catalog.PlatformBusy
	case "invalid_client", "unauthorized_client", "BAD_CLIENT_SECRET", "BAD_CLIENT_ID",
		"BAD_REDIRECT_URI", "redirect_uri_mismatch":
		failure.Code = catalog.AgencySide
	}
	return failure
}
