// Package googlesheets is the driver for Google Sheets: picking sheets on
// Google's own page or creating one, renewing through the relay, checking each
// sheet, and revoking a grant.
//
// It never requests more than drive.file: only picked and created files can be
// read and changed.
//
// Documentation:
// https://developers.google.com/workspace/drive/picker/guides/desktop-mobile-picker
package googlesheets

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
)

const (
	authorize    = "https://accounts.google.com/o/oauth2/v2/auth"
	token        = "https://oauth2.googleapis.com/token"
	revoke       = "https://oauth2.googleapis.com/revoke"
	drive        = "https://www.googleapis.com/drive/v3"
	spreadsheets = "https://sheets.googleapis.com/v4/spreadsheets"

	// scope is the only scope: the Picker permits no second one.
	scope = "https://www.googleapis.com/auth/drive.file"

	// sheetType is the MIME type of a spreadsheet.
	sheetType = "application/vnd.google-apps.spreadsheet"
)

// The options of catalog.ServiceInfo.Before, and their values of
// SignInStart.Target.
const (
	optionPick = "pick"
	optionNew  = "new"
	targetNew  = "new" // optionPick has the empty target
)

// Hub is the driver without an app secret.
type Hub struct {
	api   *http.Client
	token *http.Client // for revoking a grant, which needs no app secret
}

// NewForHub builds the hub's driver.
func NewForHub(addresses platform.Endpoints) (*Hub, error) {
	api, err := platform.NewGuard(platform.GuardConfig{
		Hosts: []string{"sheets.googleapis.com", "www.googleapis.com"}, Override: addresses.API, Timeout: addresses.Timeout,
		Route: addresses.Route,
	})
	if err != nil {
		return nil, fmt.Errorf("building the driver for Google Sheets: %w", err)
	}
	tokens, err := platform.NewGuard(platform.GuardConfig{
		Hosts: []string{"oauth2.googleapis.com"}, Override: addresses.Token, Timeout: addresses.Timeout,
		Route: addresses.Route,
	})
	if err != nil {
		return nil, fmt.Errorf("building the driver for Google Sheets: %w", err)
	}
	return &Hub{api, tokens}, nil
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
	return &Relay{hub, platform.OAuth{
		App:      app,
		Endpoint: oauth2.Endpoint{AuthURL: authorize, TokenURL: token, AuthStyle: oauth2.AuthStyleInParams},
		Scopes:   []string{scope},
		Client:   hub.token,
	}}, nil
}

// Platform is Google Sheets.
func (h *Hub) Platform() onboarding.Platform { return onboarding.GoogleSheets.Platform() }

// UsesPKCE is true: web clients may send a challenge in addition to their
// secret.
func (r *Relay) UsesPKCE() bool { return true }

// Ping asks whether Google answers.
func (r *Relay) Ping(ctx context.Context) error { return r.oauth.Ping(ctx) }

// Issuer is the value of a callback's iss.
// https://accounts.google.com/.well-known/openid-configuration
func (r *Relay) Issuer() string { return "https://accounts.google.com" }

// Target is "" for picking sheets, the default, and "new" for creating one.
// Neither takes text.
func (r *Relay) Target(option, _ string) (string, error) {
	switch option {
	case "", optionPick:
		return "", nil
	case optionNew:
		return targetNew, nil
	}
	return "", &platform.Failure{Code: catalog.Unexpected, Err: errors.New("there is no such option")}
}

// Address is Google's page for choosing an account and allowing drive.file, GET
// /o/oauth2/v2/auth; with trigger_onepick it continues with the Picker, which
// permits no other scope and requires prompt=consent. select_account always
// shows the account chooser. Users who may not connect apps end on an error
// page there (admin_policy_enforced, org_internal), without a callback.
// https://developers.google.com/workspace/drive/picker/guides/desktop-mobile-picker
// https://developers.google.com/identity/protocols/oauth2/web-server
func (r *Relay) Address(start platform.SignInStart) string {
	options := []oauth2.AuthCodeOption{
		oauth2.AccessTypeOffline,
		oauth2.SetAuthURLParam("prompt", "select_account consent"),
		oauth2.SetAuthURLParam("include_granted_scopes", "false"),
	}
	if start.Target != targetNew {
		options = append(options,
			oauth2.SetAuthURLParam("trigger_onepick", "true"),
			oauth2.SetAuthURLParam("allow_multiple", "true"),
			oauth2.SetAuthURLParam("mimetypes", sheetType))
	}
	return r.oauth.Address(start, options...)
}

// AppID is the client id, by which an admin allows an app.
// https://support.google.com/a/answer/7281227
func (r *Relay) AppID() string { return r.oauth.App.ClientID }

// ReadCallbackError interprets Google's own callback errors. Google shows most
// errors on a page of its own, without a callback.
// https://developers.google.com/identity/protocols/oauth2/web-server
func (r *Relay) ReadCallbackError(query url.Values) *platform.Failure {
	code := query.Get("error")
	failure := &platform.Failure{PlatformCode: code, Err: errors.New("an error came back from Google")}
	switch code {
	case "admin_policy_enforced", "org_internal":
		failure.Code = catalog.MayNotConnect
	case "deleted_client", "disabled_client", "redirect_uri_mismatch", "invalid_request":
		failure.Code = catalog.AgencySide
	default:
		return nil
	}
	return failure
}

// Exchange redeems a code, POST /token, reads the account, and reads each
// picked sheet, or creates one. The access token lives for the returned
// seconds, an hour; the refresh token is the credential. A used or expired code
// is SignInTooLate, an error of the app (invalid_client, redirect_uri_mismatch)
// AgencySide, a missing scope PermissionUnticked, no picked sheet
// NothingPicked. It revokes nothing then: that would end all other grants of
// the same person.
// https://developers.google.com/identity/protocols/oauth2/web-server
func (r *Relay) Exchange(ctx context.Context, back platform.SignInReturn) (platform.Grant, error) {
	tokens, err := r.oauth.Exchange(ctx, back)
	if err != nil {
		return platform.Grant{}, refusal(err, catalog.SignInTooLate)
	}
	if err := wholeScope(tokens); err != nil {
		return platform.Grant{}, err
	}
	grant := r.granted(tokens)
	if grant.Credential.Empty() {
		return platform.Grant{}, platform.Down(errors.New("the exchange gave no refresh token"))
	}
	ids, err := picked(back)
	if err != nil {
		return platform.Grant{}, err
	}
	who, err := r.account(ctx, grant.Access)
	if err != nil {
		return platform.Grant{}, err
	}
	grant.Account, grant.Detail, grant.User = who, who.Name, who.Name
	if back.Target == targetNew {
		var made platform.GrantedItem
		if made, err = r.create(ctx, grant.Access, title(back.Company)); err == nil {
			made.Detail = who.Name
			grant.Items = []platform.GrantedItem{made}
		}
	} else {
		grant.Items, grant.LeftOut, err = r.sheets(ctx, grant.Access, who, ids)
	}
	if err != nil {
		return platform.Grant{}, err
	}
	return grant, nil
}

// wholeScope reports whether exactly drive.file was granted.
func wholeScope(tokens *oauth2.Token) error {
	text, _ := tokens.Extra("scope").(string)
	granted := strings.Fields(text)
	if len(platform.Missing([]string{scope}, granted)) > 0 {
		return &platform.Failure{Code: catalog.PermissionUnticked, Err: errors.New("drive.file was not granted")}
	}
	if len(granted) > 1 {
		return &platform.Failure{Code: catalog.Unexpected, Err: errors.New("more was granted than was asked for")}
	}
	return nil
}

// Renew gets an access token, POST /token with refresh_token; it lives for the
// returned seconds. The refresh token stays the same. One that was revoked,
// unused for six months, or followed by 100 newer ones (invalid_grant) is
// CredentialRefused; one that a company's session policy ended (invalid_rapt)
// is SessionLimited.
// https://developers.google.com/identity/protocols/oauth2#expiration
func (r *Relay) Renew(ctx context.Context, credential platform.Credential) (platform.Grant, error) {
	tokens, err := r.oauth.Renew(ctx, credential.Secret)
	if err != nil {
		return platform.Grant{}, refusal(err, catalog.CredentialRefused)
	}
	grant := r.granted(tokens)
	if ends := grant.Credential.Ends; credential.Ends == 0 && ends != 0 {
		credential.Ends = ends
	}
	if !grant.Credential.Empty() {
		credential.Secret = grant.Credential.Secret
	}
	grant.Credential = credential
	return grant, nil
}

// IdleLimit is six months: a refresh token that is unused for so long is
// invalid.
// https://developers.google.com/identity/protocols/oauth2#expiration
func (r *Relay) IdleLimit() time.Duration { return 180 * 24 * time.Hour }

// granted converts tokens. Expiry times are by the relay's clock, not the
// library's. An app in testing gets refresh tokens that live for seven days, as
// refresh_token_expires_in reports.
func (r *Relay) granted(tokens *oauth2.Token) platform.Grant {
	grant := platform.Grant{
		Access:  onboarding.NewSecret(tokens.AccessToken),
		Expires: r.oauth.App.Ends(tokens.ExpiresIn),
		Credential: platform.Credential{
			Kind:   platform.RefreshToken,
			Secret: onboarding.NewSecret(tokens.RefreshToken),
		},
	}
	if seconds, known := tokens.Extra("refresh_token_expires_in").(float64); known {
		grant.Credential.Ends = onboarding.TimestampOf(r.oauth.App.Ends(int64(seconds)))
	}
	return grant
}
