// Package hubspot is the driver for HubSpot: signing in with a portal, renewing
// through the relay, trying what was granted, and uninstalling the app.
//
// Facts: https://developers.hubspot.com/docs/apps/legacy-apps/authentication/working-with-oauth
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

// version is HubSpot's version in every path. A dated one comes each March and
// September; it is no setting, since hubs call HubSpot themselves and a relay's
// setting would not reach them.
// https://developers.hubspot.com/changelog/legacy-apis-and-legacy-apps-whats-going-unsupported-and-when
const version = "2026-03"

const (
	authorize  = "https://app.hubspot.com/oauth/authorize"
	api        = "https://api.hubapi.com"
	token      = api + "/oauth/" + version + "/token"
	introspect = token + "/introspect"
)

// The scopes by their names at HubSpot.
const (
	signIn          = "oauth"
	readContacts    = "crm.objects.contacts.read"
	changeContacts  = "crm.objects.contacts.write"
	readDefinitions = "crm.schemas.contacts.read"
	readLists       = "crm.lists.read"
)

// scopes are those without which nothing is connected.
func scopes() []string { return []string{signIn, readContacts} }

// optional are dropped by HubSpot where the plan or the person lacks them.
func optional() []string { return []string{changeContacts, readDefinitions, readLists} }

// Hub is the driver without an app secret.
type Hub struct{ client *http.Client }

// NewForHub builds the hub's driver.
func NewForHub(addresses platform.Endpoints) (*Hub, error) {
	client, err := platform.NewGuard(platform.GuardConfig{
		Hosts:    []string{"api.hubapi.com"},
		Override: addresses.API,
		Timeout:  addresses.Timeout,
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

// UsesPKCE is true: the token endpoint takes a verifier.
func (r *Relay) UsesPKCE() bool { return true }

// Address is HubSpot's page for choosing a portal and installing the app, GET
// /oauth/authorize. Who may not connect apps, and a portal whose plan lacks a
// required scope, ends on an error page there: nobody comes back. An optional
// scope that is lacked is dropped in silence.
// https://developers.hubspot.com/docs/apps/legacy-apps/authentication/working-with-oauth
func (r *Relay) Address(start platform.SignInStart) string {
	return r.oauth.Address(start, oauth2.SetAuthURLParam("optional_scope", strings.Join(optional(), " ")))
}

// Exchange turns a code into the portal's Grant, POST /oauth/2026-03/token,
// and asks which portal it is. The access token's life is given in seconds,
// half an hour; the refresh token is what lasts. A code that was used or is too
// old is SignInTooLate, what is wrong with the app (BAD_CLIENT_SECRET,
// redirect_uri_mismatch) AgencySide, a scope the plan lacks ProductNotInPlan.
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
// lives for the seconds that are given. HubSpot mostly gives the same refresh
// token again; where it gives another one, that is the credential from now on.
// A refused one (BAD_REFRESH_TOKEN, invalid_grant) is CredentialRefused.
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
	// The next version has to know its scopes too. It is kept without them when
	// HubSpot does not tell: the one before is worth nothing any more.
	grant.Credential.Scopes = credential.Scopes
	if about, err := r.about(ctx, tokens.AccessToken); err == nil && about.Active {
		grant.Credential.Scopes = strings.Join(about.Scopes, " ")
	}
	return grant, nil
}

// IdleLimit is unknown: HubSpot documents no end of an unused refresh token.
func (r *Relay) IdleLimit() time.Duration { return 0 }

// granted reads tokens. Their end is by the relay's clock, not the library's.
func (r *Relay) granted(tokens *oauth2.Token) platform.Grant {
	return platform.Grant{
		Access:     onboarding.NewSecret(tokens.AccessToken),
		Expires:    r.oauth.App.Ends(tokens.ExpiresIn),
		Credential: platform.Credential{Kind: platform.RefreshToken, Secret: onboarding.NewSecret(tokens.RefreshToken)},
	}
}

// about is what HubSpot tells an app about one of its access tokens. Its field
// signed_access_token, an object, is of no use here.
type about struct {
	Active    bool     `json:"active"`
	HubID     int64    `json:"hub_id"`
	HubDomain string   `json:"hub_domain"`
	User      string   `json:"user"`
	Scopes    []string `json:"scopes"`
}

// about asks HubSpot whose token it is and what it may do, POST
// /oauth/2026-03/token/introspect with the app's secret: the portal's number and
// domain, the user's address, the granted scopes.
// https://developers.hubspot.com/docs/api-reference/2026-03/authentication/oauth-tokens/token-introspect
func (r *Relay) about(ctx context.Context, access string) (about, error) {
	question, err := platform.Form(ctx, introspect, url.Values{
		"client_id": {r.oauth.App.ClientID}, "client_secret": {r.oauth.App.ClientSecret.Reveal()},
		"token": {access}, "token_type_hint": {"access_token"},
	})
	if err != nil {
		return about{}, err
	}
	reply, err := platform.Do(r.oauth.Client, question)
	if err != nil {
		return about{}, err
	}
	if reply.Status != http.StatusOK {
		return about{}, refused(reply, catalog.Unexpected)
	}
	var told about
	return told, reply.JSON(&told)
}

// portal is the Grant of new tokens: of the portal that they are of, with the
// optional scopes that are missing.
func (r *Relay) portal(ctx context.Context, tokens *oauth2.Token) (platform.Grant, error) {
	about, err := r.about(ctx, tokens.AccessToken)
	if err != nil {
		return platform.Grant{}, err
	}
	if !about.Active || about.HubID == 0 {
		return platform.Grant{}, &platform.Failure{
			Code: catalog.Unexpected,
			Err:  errors.New("the new token is not active"),
		}
	}
	if missing := platform.Missing(scopes(), about.Scopes); len(missing) > 0 {
		return platform.Grant{}, &platform.Failure{
			Code:         catalog.ProductNotInPlan,
			PlatformCode: "MISSING_SCOPES",
			Err:          fmt.Errorf("not granted: %s", strings.Join(missing, " ")),
		}
	}
	id := strconv.FormatInt(about.HubID, 10)
	grant := r.granted(tokens)
	grant.Account = onboarding.Account{ID: id, Name: about.HubDomain}
	if about.HubDomain == "" {
		grant.Account.Name = "Portal " + id
	}
	grant.Detail, grant.User = "Portal "+id, about.User
	grant.Credential.Scopes = strings.Join(about.Scopes, " ")
	grant.Missing = platform.Missing(optional(), about.Scopes)
	return grant, nil
}

// refusal reads what the token endpoint refused with: one body with four fields,
// or one of its older shapes.
func refusal(err error, otherwise catalog.FailureCode) error {
	reply, replied := platform.TokenReply(err)
	if !replied {
		return platform.Down(err)
	}
	return refused(reply, otherwise)
}

// refused turns an answer that is no success into a Failure; otherwise is what a
// refusal without a meaning of its own means here. The API says what it is about
// in category, the token endpoint in status, and its older shape in error alone.
// https://developers.hubspot.com/changelog/new-oauth-v3-api-endpoints-and-standardized-error-responses
func refused(reply platform.Reply, otherwise catalog.FailureCode) error {
	switch {
	case reply.Status == http.StatusTooManyRequests:
		return platform.Busy(reply)
	case reply.Status >= http.StatusInternalServerError || reply.Status < http.StatusBadRequest:
		return platform.Down(fmt.Errorf("status %d", reply.Status))
	}
	var said struct {
		Category string `json:"category"`
		Status   string `json:"status"`
		Error    string `json:"error"`
	}
	if err := reply.JSON(&said); err != nil {
		return err
	}
	code := said.Category
	if code == "" && said.Status != "" && said.Status != "error" {
		code = said.Status
	}
	if code == "" {
		code = said.Error
	}
	failure := &platform.Failure{Code: otherwise, PlatformCode: code, Err: fmt.Errorf("status %d", reply.Status)}
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
